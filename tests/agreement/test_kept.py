"""What proofs keep from one decision to the next never shows in a decision."""

from __future__ import annotations

import random
from datetime import date

import pytest

from agreement.strategies import some_pairs
from jfsrules.decision import canonical
from jfsrules.facts import Profile, profile_on
from jfsrules.loading import dossier_codes, load_dossier, load_lists, load_rulebook
from jfsrules.meaning import UNKNOWN, Finding, Findings, find
from jfsrules.plan import Plan, plan
from jfsrules.proof import decision, kept

DAYS = (date(2006, 1, 1), date(2014, 6, 27), date(2022, 6, 23))


def bytes_of(made: Plan, profile: Profile, found: Findings) -> bytes:
    return decision(made, profile, found, "reference").canonical()


def afresh(patch: pytest.MonkeyPatch, made: Plan, profile: Profile, found: Findings) -> bytes:
    """The same with nothing kept from before."""
    with patch.context() as without:
        without.setattr(kept, "_kept", {})
        return bytes_of(made, profile, found)


def test_what_was_decided_before_never_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """On random pairs, twice each: bytes are those of a plan that never decided before, and those
    of the JSON without the engine."""
    for world, profile in some_pairs(400, first=610_000):
        found = find(world.plan, profile)
        alone = afresh(monkeypatch, world.plan, profile, found)
        for _ in range(2):
            made = decision(world.plan, profile, found, "reference")
            assert made.canonical() == alone, (world.seed, profile)
        told = {name: part for name, part in made.to_json().items() if name != "engine"}
        assert canonical(told) == alone


@pytest.mark.parametrize("name", ["text-2014", "practice"])
def test_dossiers_in_any_order_are_decided_alike(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Partners and days shuffled: what one leaves behind changes nothing for the next."""
    rulebook = load_rulebook(name)
    made, lists = plan(rulebook), load_lists(rulebook.vocabulary)
    draw = random.Random(7)
    cases = [(code, day) for code in draw.sample(dossier_codes(), 40) for day in DAYS]
    draw.shuffle(cases)
    for code, day in cases:
        dossier = load_dossier(code, rulebook.vocabulary)
        profile = profile_on(dossier, day, lists, rulebook.vocabulary)
        found = find(made, profile)
        assert bytes_of(made, profile, found) == afresh(monkeypatch, made, profile, found), (
            code,
            day,
        )


def test_another_finding_is_another_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an engine finds wrongly is written down as it was found, not as it was kept."""
    draw, differing = random.Random(11), 0
    for world, profile in some_pairs(300, first=620_000):
        found = find(world.plan, profile)
        right = bytes_of(world.plan, profile, found)
        wrong = mistaken(draw, found)
        told = bytes_of(world.plan, profile, wrong)
        assert told == afresh(monkeypatch, world.plan, profile, wrong), (world.seed, profile)
        differing += told != right
    assert differing > 100


def mistaken(draw: random.Random, found: Findings) -> Findings:
    """Findings with one rule found otherwise."""
    wrong = Findings(dict(found.conditions), dict(found.effective), dict(found.concluded))
    rule, part = draw.choice(sorted(wrong.conditions))
    was = wrong.conditions[rule, part]
    wrong.conditions[rule, part] = Finding(True) if was.value is None else UNKNOWN
    if draw.random() < 0.5:
        wrong.effective[rule] = draw.choice([v for v in (True, False) if v is not was.value])
    return wrong


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """All is forgotten when it is much, and nothing of it shows."""
    monkeypatch.setattr(kept, "MOST_KEPT", 100)
    forgotten = 0
    for world, profile in some_pairs(200, first=630_000):
        found, before = find(world.plan, profile), kept.kept_of(world.plan).made
        assert before <= 100
        assert bytes_of(world.plan, profile, found) == afresh(
            monkeypatch, world.plan, profile, found
        )
        forgotten += kept.kept_of(world.plan).made < before
    assert forgotten > 5
    assert len(kept._kept) <= kept.MOST_PLANS
