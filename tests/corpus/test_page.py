"""The page, passage by passage: each one carries a line of some answer, or is a frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from jfsrules.decision import Decision, Json
from jfsrules.loading import load_profile, load_rulebook
from jfsrules.loading.reading import read_file
from jfsrules.meaning import find
from jfsrules.plan import Plan, plan
from jfsrules.proof import decision
from jfsrules.rulebook import Rulebook

MOST_FRAMES = 12
LATEST = date(2026, 11, 23)


@dataclass(frozen=True)
class Pair:
    """Two profiles that differ in one fact, and the line that cites the passage for the first."""

    passage: str
    promise: str
    line: str
    appears: dict[str, Any]
    absent: dict[str, Any]


@cache
def page() -> tuple[Pair, ...]:
    """Every pair of `page.yaml`."""
    written = read_file(Path(__file__).with_name("page.yaml")).value
    return tuple(
        Pair(
            raw["passage"],
            raw["promise"],
            raw["line"],
            profile(written["starts"][raw["start"]], raw, raw["appears"]),
            profile(written["starts"][raw["start"]], raw, raw["absent"]),
        )
        for raw in written["pairs"]
    )


def profile(start: dict[str, Any], pair: dict[str, Any], fact: dict[str, Any]) -> dict[str, Any]:
    """A profile as its start has it, for the partner of the pair, with one fact set."""
    ((name, value),) = fact.items()
    made = {**start, "partner": pair.get("partner", start["partner"])}
    if name in ("partner", "as_of"):
        return {**made, name: value}
    return {**made, "facts": {**made["facts"], name: value}}


def decided(made: Plan, written: dict[str, Any]) -> Decision:
    """The decision on a written profile, by the law itself."""
    read = load_profile(
        written, made.rulebook.vocabulary, latest=LATEST, impossible=made.rulebook.impossible
    )
    return decision(made, read, find(made, read), "reference")


def lines(answer: Decision) -> dict[str, tuple[str, ...]]:
    """Each line of an answer, and what it cites."""
    cited: dict[str, tuple[str, ...]] = {
        f"focus:{area.id}/{area.mode or ''}": area.cites for area in answer.focus_areas
    }
    cited |= {f"track:{t.instrument}": t.cites for t in answer.tracks}
    cited |= {f"class:{one.id}": one.cites for one in answer.instrument_classes}
    cited |= {f"channel:{one.id}/{one.mode or ''}": one.cites for one in answer.channels}
    stated = {f"group:{group}" for group in answer.groups} | {f"derived:{answer.out_of_scope}"}
    stated |= {f"requirement:{t.instrument}/{r.id}" for t in answer.tracks for r in t.requires}
    for step in answer.trace:
        conclusion = str(step.says.args.get("conclusion"))
        if conclusion in stated and step.kind != "blocked":
            cited[conclusion] = (*cited.get(conclusion, ()), *step.cites)
    return cited


def answered(answer: Decision) -> dict[str, Json]:
    """What a decision says, without its trace and the name of the rulebook."""
    said = answer.to_json()
    return {key: said[key] for key in said if key not in ("trace", "rulebook", "profile_digest")}


@cache
def made() -> Plan:
    """The plan of the page's rulebook."""
    return plan(load_rulebook("text-2014"))


def named(pair: Pair) -> str:
    return f"{pair.passage} {pair.promise}"


@pytest.mark.parametrize("pair", page(), ids=named)
def test_one_fact_decides_whether_a_passage_speaks(pair: Pair) -> None:
    """The line that cites a passage appears for one profile and not for its neighbour."""
    appears, absent = (lines(decided(made(), one)) for one in (pair.appears, pair.absent))
    assert pair.passage in appears[pair.line]
    assert not any(pair.passage in cites for cites in absent.values())


def test_each_passage_is_a_frame_or_has_a_pair() -> None:
    """No passage is left out, none is both, and few are frames."""
    passages = load_rulebook("text-2014").passages
    frames = {one.id for one in passages.values() if one.frame}
    paired = {pair.passage for pair in page()}
    assert len(passages) == 42
    assert frames | paired == set(passages)
    assert not frames & paired
    assert len(frames) <= MOST_FRAMES


def test_rules_of_the_page_cite_passages_only() -> None:
    """What the page does not say stands in no rule of text-2014, and no frame founds one."""
    rulebook = load_rulebook("text-2014")
    assert rulebook.own == set(rulebook.rules_by_id)
    for rule in rulebook.rules:
        cited = [rulebook.passages[cite] for cite in rule.cites]
        assert cited
        assert not any(passage.frame for passage in cited)


def test_rule_ids_begin_with_their_passage() -> None:
    """A rule's id says which passage it stands on."""
    for rule in load_rulebook("text-2014").rules:
        assert any(rule.id.startswith(f"{cite.lower()}-") for cite in rule.cites), rule.id


def test_no_rule_of_the_page_can_be_spared() -> None:
    """Taking any one rule away changes the answer on some profile of the pairs."""
    rulebook = load_rulebook("text-2014")
    profiles = [one for pair in page() for one in (pair.appears, pair.absent)]
    whole = [decided(made(), one) for one in profiles]
    spared = [
        rule.id
        for rule in rulebook.rules
        if not missed(without(rulebook, rule.id), profiles, whole)
    ]
    assert spared == []


def without(rulebook: Rulebook, rule_id: str) -> Plan:
    """The plan of a rulebook that lacks one rule."""
    return plan(replace(rulebook, rules=tuple(r for r in rulebook.rules if r.id != rule_id)))


def missed(poorer: Plan, profiles: list[dict[str, Any]], whole: list[Decision]) -> bool:
    """Whether some answer differs from the one under the whole rulebook."""
    gone = (made().rules.keys() - poorer.rules.keys()).pop()
    stood = [(p, w) for p, w in zip(profiles, whole, strict=True) if fired(w, gone)]
    return any(answered(decided(poorer, one)) != answered(answer) for one, answer in stood)


def fired(answer: Decision, rule_id: str) -> bool:
    """Whether a rule stands in the trace of an answer."""
    return any(step.rule == rule_id for step in answer.trace)


@pytest.mark.parametrize(
    ("judgement", "advice"), [(None, "possible"), (True, "propose"), (False, "blocked")]
)
@pytest.mark.parametrize(
    "instrument",
    ["mobility_partnership", "visa_facilitation_agreement", "visa_liberalisation_dialogue"],
)
def test_where_appropriate_is_judged_and_never_silently_true(
    instrument: str, judgement: bool | None, advice: str
) -> None:
    """However much is known of a neighbour, its mobility is proposed only where a person says so."""
    facts: dict[str, Any] = {"eu_member": False, "accession_status": "none", "enp_partner": True}
    facts |= {"strategic_partner": False, "visa_regime": "visa_required", instrument: "not_started"}
    if judgement is not None:
        facts["mobility_support_appropriate"] = judgement
    answer = decided(made(), {"partner": "EG", "as_of": "2014-06-27", "facts": facts})
    (track,) = (one for one in answer.tracks if one.instrument == instrument)
    assert track.advice == advice
    waiting = {u.about: u.missing for u in answer.undetermined}
    if judgement is None:
        assert waiting[f"track:{instrument}"] == ("mobility_support_appropriate",)
