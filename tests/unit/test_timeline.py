"""What changed when, and which act changed it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from types import MappingProxyType

import pytest
from jsonschema import Draft202012Validator

from agreement import strategies
from conftest import ROOT
from jfsrules import meaning
from jfsrules.condition import Conclusion, Test
from jfsrules.errors import Refused
from jfsrules.facts import ClosedList, Dossier, Fact, Lists, WrittenDate, profile_on
from jfsrules.loading import load_dossier, load_lists, load_rulebook
from jfsrules.plan import plan
from jfsrules.proof import decision
from jfsrules.render.contract import timeline_schema
from jfsrules.render.history import history, history_markdown, history_text
from jfsrules.render.screen import Screen
from jfsrules.render.words import Wording
from jfsrules.rulebook import Rule
from jfsrules.timeline import Timeline, check_only, standing, timeline

GROUP, TRACK = strategies.GROUPS[0], strategies.TRACKS[0]
FIRST, LAST = strategies.FIRST, strategies.LAST


def drawn(seed: int):
    world = strategies.world(seed)
    draw = strategies.Draw(seed)
    return world, draw.dossier(world.vocabulary), draw.lists(world.vocabulary)


def walked(seed: int) -> tuple[strategies.World, Dossier, Lists, Timeline]:
    world, dossier, lists = drawn(seed)
    told = timeline(dossier, since=FIRST, until=LAST, rulebook=world.rulebook, lists=lists)
    return world, dossier, lists, told


def test_the_changes_lead_from_the_first_standing_to_that_of_any_day() -> None:
    """Between two changes nothing changes: replaying them gives the standing of every day."""
    for seed in range(24):
        try:
            world, dossier, lists, told = walked(seed)
        except Refused:  # two facts drawn at random that contradict each other
            continue
        random = Random(seed)
        for _ in range(6):
            day = FIRST + timedelta(days=random.randrange((LAST - FIRST).days))
            profile = profile_on(dossier, day, lists, world.vocabulary)
            found = meaning.find(world.plan, profile)
            there = standing(decision(world.plan, profile, found, "reference"), day)
            assert replayed(told, day) == (there.tier, dict(there.tracks), set(there.groups))


def replayed(told: Timeline, day: date):
    tier, tracks, groups = told.first.tier, dict(told.first.tracks), set(told.first.groups)
    for change in told.changes:
        if change.day > day.isoformat():
            break
        kind, _, name = change.about.partition(":")
        if kind == "tier":
            tier = change.after["tier"]
        elif kind == "group":
            (groups.add if change.after["holds"] is True else groups.discard)(name)
        elif "advice" in change.after:
            tracks[name] = change.after["advice"]
    return tier, {n: a for n, a in tracks.items() if a != "no_track"}, groups


def test_every_change_has_an_act_of_its_day() -> None:
    """No change is left without the act that caused it."""
    changes = 0
    for seed in range(24):
        try:
            told = walked(seed)[-1]
        except Refused:
            continue
        for change in told.changes:
            changes += 1
            assert change.acts, change
    assert changes > 100


@pytest.fixture
def world() -> strategies.World:
    """A world of two rules: AA leads a group, and one instrument is meant for it."""
    drawn = strategies.world(3)
    group, track = GROUP, TRACK
    rules = tuple(
        Rule(
            f"r-{kind}",
            "rule",
            Conclusion(kind, name),
            ("P-0",),
            "text",
            Test("partner", "=", ("AA",)),
        )
        for kind, name in (("group", group), ("track", track))
    )
    book = replace(drawn.rulebook, rules=rules, own=frozenset(r.id for r in rules))
    return replace(drawn, rulebook=book, plan=plan(book))


def one_track(*facts: Fact) -> Dossier:
    return Dossier("AA", "Land AA", MappingProxyType({facts[0].atom: facts}))


def fact(atom: str, value: object, since: str, until: str | None = None, name: str = "f") -> Fact:
    end = WrittenDate.parse(until) if until else None
    return Fact(name, atom, value, WrittenDate.parse(since), end, ("doc-0",), "verified")


def lists_of(*closed: ClosedList) -> Lists:
    return Lists(LAST, MappingProxyType({one.atom: (one,) for one in closed}))


def closed(atom: str, absent: object, until: date = LAST) -> ClosedList:
    return ClosedList(f"list-{atom}", atom, absent, FIRST, until, ("doc-1",), "verified")


def test_a_month_not_known_to_the_day_is_a_time_of_doubt(world: strategies.World) -> None:
    """From the first day of a partial date the tier is open; on its last day it is settled."""
    dossier = one_track(fact("eu_member", True, "2012-03"))
    told = timeline(
        dossier,
        since=FIRST,
        until=LAST,
        rulebook=world.rulebook,
        lists=lists_of(),
        only=("scope", "tier"),
    )
    tiers = [(c.day, c.after["tier"], c.acts[0].turn) for c in told.changes if c.about == "tier"]
    assert tiers[-1] == ("2012-03-31", "out_of_scope", "begins")
    assert all(tier == "undetermined" for _, tier, _ in tiers[:-1])
    assert [c.acts[0].date for c in told.changes] == ["2012-03"] * len(told.changes)


def test_the_end_of_a_list_is_an_act(world: strategies.World) -> None:
    """Where a list is no longer vouched for, what it settled is open from the day after."""
    gone = closed("eu_member", False, date(2013, 5, 31))
    told = timeline(
        Dossier("AA", "Land AA", MappingProxyType({})),
        since=FIRST,
        until=LAST,
        rulebook=world.rulebook,
        lists=lists_of(gone),
        only=["tier"],
    )
    ended = [c for c in told.changes if c.day == "2013-06-01"]
    assert [a.turn for a in ended[0].acts] == ["ends"]
    assert ended[0].acts[0].id == "list-eu_member"


def test_a_step_of_a_ladder_is_one_act(world: strategies.World) -> None:
    """One state ends where the next begins: the act named is the beginning."""
    track = TRACK
    dossier = one_track(
        fact(track, "in_talks", "2011-01-01", "2012-06-05", "talks"),
        fact(track, "in_force", "2012-06-05", None, "force"),
    )
    told = timeline(
        dossier,
        since=FIRST,
        until=LAST,
        rulebook=world.rulebook,
        only=[f"track:{track}"],
        lists=lists_of(closed("eu_member", False)),
    )
    step = next(c for c in told.changes if c.day == "2012-06-05")
    assert (step.before["state"], step.after["state"]) == ("in_talks", "in_force")
    assert [act.id for act in step.acts] == ["force"]


def test_days_in_the_wrong_order_are_refused(world: strategies.World) -> None:
    """An interval that ends before it begins is no interval."""
    dossier = one_track(fact("eu_member", True, "2012"))
    with pytest.raises(Refused, match="lies after"):
        timeline(dossier, since=LAST, until=FIRST, rulebook=world.rulebook, lists=lists_of())


def test_a_line_that_is_none_is_refused_with_the_nearest(world: strategies.World) -> None:
    """`only` takes the names of lines."""
    with pytest.raises(Refused) as refused:
        check_only(["tears"], world.rulebook)
    assert refused.value.diagnostics[0].code == "unknown-line"


def test_a_history_is_told_with_its_acts(world: strategies.World) -> None:
    """Text and Markdown name the day, what turned, and the act with its date as it was written."""
    dossier = one_track(fact("eu_member", True, "2012-03"))
    told = timeline(dossier, since=FIRST, until=LAST, rulebook=world.rulebook, lists=lists_of())
    shown = history(told, Wording.of(world.rulebook, dossier, lists_of()))
    for words in (history_text(shown, Screen(100)), history_markdown(shown)):
        assert "31 March 2012" in words and "in March 2012 at the latest" in words
    for width in (44, 70, 120):
        assert max(map(len, history_text(shown, Screen(width)).split("\n"))) <= width


def test_the_published_contract_is_the_one_the_classes_give(recorded) -> None:
    """rules/schema/timeline.json is generated, and current."""
    words = json.dumps(timeline_schema(), indent=2, ensure_ascii=False) + "\n"
    recorded(ROOT / "rules" / "schema" / "timeline.json", words)


@pytest.mark.parametrize("partner", ["MD", "RU", "XK", "HR"])
def test_a_timeline_of_a_partner_fits_its_contract_and_names_its_acts(partner: str) -> None:
    """Every change of a shipped partner has an act with a citation that can be looked up."""
    told = timeline(partner)
    assert not list(Draft202012Validator(timeline_schema()).iter_errors(told.to_json()))
    dossier = load_dossier(partner)
    book = load_rulebook()
    known = {*book.citations, *book.passages, *load_lists().citations, *dossier.citations}
    for change in told.changes:
        assert change.acts
        assert all({*act.cites} <= known and act.cites for act in change.acts)


def test_the_acts_that_made_moldova_what_it_is() -> None:
    """The tier of Moldova changed twice, by the strategy paper and by the European Council."""
    told = timeline("MD", only=("tier",))
    tiers = [(change.day, change.after["tier"]) for change in told.changes]
    assert tiers == [("2004-05-12", "neighbourhood"), ("2022-06-23", "enlargement")]
    assert [change.acts[0].indicator for change in told.changes] == [
        "enp_partner",
        "accession_status",
    ]


def test_a_rule_that_begins_is_an_act() -> None:
    """Practice takes Russia out of its group by a rule, on the day of the statement it cites."""
    told = timeline("RU", rulebook="practice", only=("tier",))
    left = next(change for change in told.changes if change.day == "2014-03-06")
    assert (left.before["tier"], left.after["tier"]) == ("strategic_partner", "none")
    assert [(act.kind, act.id) for act in left.acts] == [("rule", "group-russia-left-out")]
    assert "hosg-2014-03-06" in left.acts[0].cites


def test_of_several_acts_of_a_day_those_are_told_that_were_enough() -> None:
    """Visa facilitation with Belarus went into talks by its own talks, not by those on readmission."""
    told = timeline("BY", rulebook="practice", only=("track:visa_facilitation_agreement",))
    acts = {change.day: [act.id for act in change.acts] for change in told.changes}
    for day in ("2014-01-30", "2020-01-08", "2020-07-01", "2021-11-12"):
        assert len(acts[day]) == 1
    assert acts["2005-12-20"] == ["vfa-goes-with-readmission"]
