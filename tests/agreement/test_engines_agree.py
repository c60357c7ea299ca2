"""Every engine decides alike, to the byte, on random rulebooks and profiles and on the shipped ones."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given, settings

from agreement.strategies import World, pairs, some_pairs
from jfsrules.advice import ADVICE
from jfsrules.decision import Decision
from jfsrules.engines import rete
from jfsrules.facts import Profile, profile_on
from jfsrules.loading import dossier_codes, load_dossier, load_lists, load_rulebook
from jfsrules.meaning import find
from jfsrules.plan import plan
from jfsrules.proof import decision
from jfsrules.tier import TIERS

PAIRS = 2_400
STEPS = (
    "fact",
    "stated",
    "absence",
    "fired",
    "overridden",
    "blocked",
    "undecided",
    "order",
    "advice",
)


def both(world: World, engine: rete.Engine, profile: Profile) -> tuple[Decision, Decision]:
    """The decision of each engine."""
    law = find(world.plan, profile)
    return (
        decision(world.plan, profile, engine(profile), "rete"),
        decision(world.plan, profile, law, "reference"),
    )


def contents(made: Decision) -> Iterator[str]:
    """What a pair counts for: its tier, each advice and each kind of step it contains."""
    yield f"tier {made.tier}"
    yield from (f"advice {track.advice}" for track in made.tracks)
    yield from (f"step {step.kind}" for step in made.trace)


def test_engines_agree_to_the_byte_on_random_pairs(capsys: pytest.CaptureFixture[str]) -> None:
    """Canonical bytes are equal on 2,400 random pairs, in which each tier, advice and kind of
    step is met in one of a hundred at least."""
    met: Counter[str] = Counter()
    last, engine = None, None
    for world, profile in some_pairs(PAIRS):
        if world is not last:
            last, engine = world, rete.engine(world.plan)
        ours, law = both(world, engine, profile)
        assert ours.canonical() == law.canonical(), f"world {world.seed}, {profile}"
        met.update(set(contents(ours)))
    wanted = [f"tier {t}" for t in TIERS] + [f"advice {a}" for a in ADVICE]
    wanted += [f"step {kind}" for kind in STEPS]
    shares = "\n".join(f"  {name:24}{met[name] / PAIRS:7.1%}" for name in wanted)
    with capsys.disabled():
        sys.stdout.write(f"\n{PAIRS} random pairs, and the share of them that contains\n{shares}\n")
    assert set(met) <= set(wanted)
    assert [name for name in wanted if met[name] < PAIRS / 100] == []


@given(pairs())
@settings(max_examples=60, deadline=None)
def test_engines_agree_on_whatever_hypothesis_draws(drawn: tuple[World, Profile]) -> None:
    """Seeds that nobody chose give equal bytes too."""
    world, profile = drawn
    ours, law = both(world, rete.engine(world.plan), profile)
    assert ours.canonical() == law.canonical()


@pytest.mark.parametrize("trust", ["unverified", "verified"])
def test_engines_agree_on_every_dossier(trust: str) -> None:
    """Each shipped dossier, on the day of the page and on the knowledge date, is decided alike."""
    rulebook = load_rulebook("text-2014")
    made = plan(rulebook)
    engine, lists = rete.engine(made), load_lists(rulebook.vocabulary)
    for code in dossier_codes():
        dossier = load_dossier(code, rulebook.vocabulary)
        for day in (date(2014, 6, 27), lists.knowledge_date):
            profile = profile_on(dossier, day, lists, rulebook.vocabulary, trust)
            law = decision(made, profile, find(made, profile), "reference")
            ours = decision(made, profile, engine(profile), "rete")
            assert ours.canonical() == law.canonical(), (code, day)
