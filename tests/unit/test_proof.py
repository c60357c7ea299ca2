"""The decision and its proof: every line stands on steps, every step on others or on facts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import MappingProxyType

from agreement.strategies import some_pairs
from jfsrules.condition import ALWAYS, Any, Conclusion, Reads, Test
from jfsrules.decision import Decision, Step
from jfsrules.facts import (
    CONFIDENCES,
    ClosedList,
    Dossier,
    Fact,
    Lists,
    Profile,
    WrittenDate,
    profile_on,
)
from jfsrules.meaning import find
from jfsrules.plan import plan
from jfsrules.proof import decision, profile_digest
from jfsrules.rulebook import Rule, Rulebook
from jfsrules.vocabulary import FLAG, STATE, Indicator, Instrument, Term, Vocabulary

DAY = date(2014, 6, 27)
FLAGS = ("eu_member", "member_of_a", "member_of_b", "member_of_c", "willing")
WORDS = Vocabulary(
    indicators={
        **{name: Indicator(name, name, FLAG, name, judged=name == "willing") for name in FLAGS},
        "bridge": Indicator("bridge", "bridge", STATE, "bridge"),
    },
    groups={
        name: Term(name, name) for name in ("enlargement", "neighbourhood", "strategic_partner")
    },
    focus_areas={"borders": Term("borders", "Borders")},
    modes={},
    organisations={},
    classes={},
    instruments={"bridge": Instrument("bridge", "Bridge", "class_1", ("borders",))},
)


def rule(name: str, subject: str, when=ALWAYS, *overrides: str, **more) -> Rule:
    kind, _, of = subject.partition(":")
    cites = (f"cite-{name}",)
    return Rule(name, name, Conclusion(kind, of), cites, "text", when, overrides=overrides, **more)


def flag(name: str) -> Test:
    return Test(name, "=", (True,))


GROUP_RULES = (
    rule("a", "group:enlargement", flag("member_of_a")),
    rule("b", "group:neighbourhood", flag("member_of_b")),
    rule("c", "group:strategic_partner", flag("member_of_c")),
)


def decided(*rules: Rule, profile: Profile | None = None, **values) -> Decision:
    rules = rules or GROUP_RULES
    book = Rulebook("small", "1", "Small", rules, frozenset(), WORDS, {}, {}, (), "0" * 64)
    profile = profile or Profile("MD", DAY, {"eu_member": False, "bridge": "not_started", **values})
    made = plan(book)
    return decision(made, profile, find(made, profile), "reference")


def step(made: Decision, name: str) -> Step:
    return {one.id: one for one in made.trace}[name]


def decisions() -> Iterator[Decision]:
    for world, profile in some_pairs(300, first=500_000):
        yield decision(world.plan, profile, find(world.plan, profile), "reference")


# --- the graph --------------------------------------------------------------------------------


def test_every_line_stands_on_steps_that_are_there() -> None:
    """`why` of each line and `from` of each step name steps of the trace."""
    for made in decisions():
        steps = {one.id for one in made.trace}
        named = {name for line in (*made.focus_areas, *made.tracks) for name in line.why}
        named |= {name for one in made.trace for name in one.from_}
        assert named <= steps
        assert all(line.why for line in (*made.focus_areas, *made.tracks))


def test_no_step_stands_on_itself() -> None:
    """Going down from any step ends at facts, statements, absences or what is unknown."""
    for made in decisions():
        under = {one.id: one.from_ for one in made.trace}
        done: set[str] = set()
        while ready := {name for name in under.keys() - done if done.issuperset(under[name])}:
            done |= ready
        assert done == under.keys()


def test_no_step_is_idle() -> None:
    """Each step is reached from the tier or a track, or concludes a group or another line."""
    for made in decisions():
        under = {one.id: one.from_ for one in made.trace}
        lines = ("focus:", "class:", "channel:", "group:")
        reached = {
            one.id
            for one in made.trace
            if one.kind in ("order", "advice")
            or str(one.says.args.get("conclusion")).startswith(lines)
        }
        while more := {name for one in reached for name in under[one]} - reached:
            reached |= more
        assert reached == under.keys()


def test_a_step_is_as_weak_as_what_it_stands_on() -> None:
    """The confidence of a step that stands on others is the weakest of theirs."""
    for made in decisions():
        by_id = {one.id: one for one in made.trace}
        for one in made.trace:
            if one.from_:
                known = [by_id[name].confidence for name in one.from_]
                ranks = [CONFIDENCES.index(c) for c in known if c]
                assert one.confidence == (CONFIDENCES[min(ranks)] if ranks else None)


def test_every_array_stands_in_its_order() -> None:
    """Arrays are sorted by id, groups by who leads, and nothing stands twice."""
    for made in decisions():
        for names in (
            [one.id for one in made.trace],
            [one.instrument for one in made.tracks],
            [one.about for one in made.undetermined],
            [(one.id, one.mode or "") for one in made.focus_areas],
            [(one.id, one.mode or "") for one in made.channels],
            [one.id for one in made.instrument_classes],
            *([line.id for line in one.requires] for one in made.tracks),
            *(list(one.from_) for one in made.trace),
            *(list(one.cites) for one in made.trace),
            *(list(one.missing) for one in made.undetermined),
        ):
            assert names == sorted(set(names))
        order = [g for g in WORDS.groups if g in made.groups]
        assert list(made.groups) == order


def test_whatever_is_undetermined_names_what_is_missing() -> None:
    """Each undetermined tier, possible group and open track has its line, with an indicator."""
    for made in decisions():
        about = {one.about for one in made.undetermined}
        assert ("tier" in about) == (made.tier == "undetermined")
        assert {f"group:{name}" for name in made.possible_groups} <= about
        for track in made.tracks:
            open_ = track.advice in ("undetermined", "possible")
            assert (f"track:{track.instrument}" in about) == open_
        assert all(one.missing for one in made.undetermined)


# --- scope and tier ---------------------------------------------------------------------------


def test_an_eu_member_is_out_of_scope_and_nothing_else_is_said() -> None:
    """Out of scope: no groups, no areas, no tracks, and the reason with its step."""
    made = decided(*GROUP_RULES, rule("t", "track:bridge"), eu_member=True, member_of_a=True)
    assert (made.tier, made.out_of_scope) == ("out_of_scope", "eu_member")
    assert made.groups == made.possible_groups == made.tracks == made.focus_areas == ()
    assert step(made, "order:scope").from_ == ("stated:eu_member",)


def test_an_open_group_before_the_leader_keeps_the_tier_open() -> None:
    """The tier asks for what is open before a group that leads, and no further."""
    made = decided(member_of_b=True)
    assert made.tier == "undetermined"
    assert made.groups == ("neighbourhood",)
    assert made.possible_groups == ("enlargement", "strategic_partner")
    missing = {one.about: one.missing for one in made.undetermined}
    assert missing["tier"] == ("member_of_a",)
    assert missing["group:strategic_partner"] == ("member_of_c",)


def test_an_open_scope_asks_for_scope_and_for_groups_that_are_open() -> None:
    """Where scope is unknown, a group that holds once it is known asks for scope alone."""
    book = (*GROUP_RULES, rule("d", "group:neighbourhood", flag("member_of_c")))
    profile = Profile("MD", DAY, {"member_of_b": True, "member_of_a": False, "bridge": "ended"})
    made = decided(*book, profile=profile)
    missing = {one.about: one.missing for one in made.undetermined}
    assert missing == {
        "scope": ("eu_member",),
        "group:neighbourhood": ("eu_member",),
        "group:strategic_partner": ("eu_member", "member_of_c"),
        "tier": ("eu_member",),
    }


def test_a_day_before_the_page_is_said_to_be_so() -> None:
    """Decisions for earlier days, and partners with a footnote, carry their note."""
    early = Profile("XK", date(2010, 1, 1), {"eu_member": False}, footnote="kosovo")
    assert decided(profile=early).notes == ("advice", "footnote:kosovo", "page_written_later")
    assert decided().notes == ("advice",)


# --- rules ------------------------------------------------------------------------------------


def test_a_rule_that_fires_shows_the_alternative_that_holds() -> None:
    """The reading of the reason alone is shown, not that of the alternatives beside it."""
    when = Any((flag("member_of_a"), flag("member_of_b")))
    made = decided(rule("r", "group:enlargement", when), member_of_a=False, member_of_b=True)
    shown = step(made, "rule:r")
    assert (shown.kind, shown.from_) == ("fired", ("stated:member_of_b",))
    assert [reading.indicator for reading in shown.facts] == ["member_of_b"]
    assert shown.says.args == {"conclusion": "group:enlargement"}


def test_an_overridden_rule_names_who_overrides_it() -> None:
    """And stands on it, with the facts that made it fire."""
    over = rule("o", "repeal:", flag("member_of_b"), "r")
    made = decided(rule("r", "group:enlargement"), over, member_of_b=True)
    shown = step(made, "rule:r")
    assert (shown.kind, shown.says.args["by"]) == ("overridden", ("o",))
    assert shown.from_ == ("rule:o",)
    assert step(made, "rule:o").from_ == ("stated:member_of_b",)
    assert made.groups == ()


def test_a_fact_stands_with_its_dates_citations_and_confidence() -> None:
    """A fact of a dossier is a step of its own: from when, until when, where it is written."""
    since, until = WrittenDate.parse("2010"), WrittenDate.parse("2020-05")
    fact = Fact("MD.a.2010", "member_of_a", True, since, until, ("act-2", "act-1"), "reported")
    absent = ClosedList("members", "eu_member", False, date(2004, 1, 1), DAY, ("list",), "verified")
    lists = Lists(DAY, MappingProxyType({"eu_member": (absent,)}))
    dossier = Dossier("MD", "Moldova", MappingProxyType({"member_of_a": (fact,)}))
    made = decided(profile=profile_on(dossier, DAY, lists, WORDS))
    shown = step(made, "fact:MD.a.2010")
    assert (shown.confidence, shown.cites) == ("reported", ("act-1", "act-2"))
    assert shown.says.args == {
        "indicator": "member_of_a",
        "value": True,
        "fact": "MD.a.2010",
        "from": "2010",
        "until": "2020-05",
    }
    listed = step(made, "absence:eu_member")
    assert (listed.says.key, listed.says.args["list"]) == ("absent_from_list", "members")
    assert step(made, "order:tier").confidence == "reported"


def test_an_unknown_names_the_fact_whose_date_is_not_known() -> None:
    """A month on a day within it leaves the value open, and says which fact to look up."""
    fact = Fact("f", "member_of_a", True, WrittenDate.parse("2014-06"), None, ("act",), "verified")
    dossier = Dossier("MD", "Moldova", MappingProxyType({"member_of_a": (fact,)}))
    profile = profile_on(dossier, DAY, Lists(DAY, MappingProxyType({})), WORDS)
    made = decided(profile=profile.stating({"eu_member": False}))
    shown = step(made, "unknown:member_of_a")
    assert (shown.kind, shown.says.key, shown.confidence) == ("undecided", "date_not_known", None)
    assert (shown.says.args["facts"], shown.says.args["from"]) == (("f",), "2014-06")


# --- tracks -----------------------------------------------------------------------------------

MEANT = rule("meant", "track:bridge", flag("member_of_a"))
JUDGED = rule("judged", "requirement:bridge/willing", judged="willing", says="it is willing")
ROAD = rule("road", "requirement:bridge/road", that=flag("member_of_b"), says="there is a road")


def track(*rules: Rule, **values):
    (found,) = decided(*rules, **values).tracks
    return found


def test_a_track_is_not_listed_where_it_is_neither_meant_nor_begun() -> None:
    """Not meant and not started is no track; possibly meant or begun is one."""
    assert decided(MEANT, member_of_a=False, bridge="not_started").tracks == ()
    assert track(MEANT, member_of_a=False, bridge="in_force").advice == "maintain"
    assert track(MEANT, bridge="not_started").advice == "undetermined"


def test_each_requirement_stands_with_what_is_known_of_it() -> None:
    """Judgements are told from facts; a requirement that does not apply is not listed."""
    made = track(MEANT, JUDGED, ROAD, member_of_a=True, member_of_b=True, bridge="ended")
    assert made.advice == "possible"
    assert [(r.id, r.holds, r.judged) for r in made.requires] == [
        ("road", True, False),
        ("willing", None, True),
    ]
    away = rule("road", "requirement:bridge/road", flag("member_of_c"), that=flag("member_of_b"))
    assert track(MEANT, away, member_of_a=True, member_of_c=False, bridge="ended").requires == ()


def test_only_a_judgement_that_applies_makes_a_track_possible() -> None:
    """A judgement asked for under a condition that is open is a missing fact first."""
    perhaps = rule(
        "judged", "requirement:bridge/willing", flag("member_of_c"), judged="willing", says="x"
    )
    values = {"member_of_a": True, "bridge": "not_started"}
    assert track(MEANT, perhaps, **values).advice == "undetermined"
    assert track(MEANT, perhaps, **values, member_of_c=True).advice == "possible"
    assert track(MEANT, perhaps, **values, member_of_c=True, willing=True).advice == "propose"
    assert track(MEANT, perhaps, **values, member_of_c=True, willing=False).advice == "blocked"


def test_what_a_track_serves_is_what_is_in_focus() -> None:
    """Focus areas an instrument serves are listed where the partner has them."""
    area = rule("area", "focus:borders/", flag("member_of_b"))
    values = {"member_of_a": True, "bridge": "in_force"}
    assert track(MEANT, area, **values, member_of_b=True).serves == ("borders",)
    assert track(MEANT, area, **values, member_of_b=False).serves == ()


def test_an_open_scope_leaves_every_track_open() -> None:
    """What holds only in scope is not known to hold; what is missing is scope."""
    profile = Profile("MD", DAY, {"member_of_a": True, "bridge": "in_force"})
    made = decided(MEANT, profile=profile)
    (line,) = made.tracks
    assert (line.advice, line.meant) == ("undetermined", None)
    missing = {one.about: one.missing for one in made.undetermined}
    assert missing["track:bridge"] == ("eu_member",)


def test_a_reading_of_a_reading_stands_on_both_rules() -> None:
    """Rules that read each other are shown down to the fact."""
    first = rule("first", "derived:near", flag("member_of_a"))
    second = rule("second", "group:enlargement", Reads(Conclusion("derived", "near")))
    made = decided(first, second, member_of_a=True)
    assert step(made, "rule:second").from_ == ("rule:first",)
    assert step(made, "rule:first").from_ == ("stated:member_of_a",)


# --- digests ----------------------------------------------------------------------------------


def test_a_profile_digest_covers_values_and_where_they_come_from() -> None:
    """Values, grounds, partner and day count; names and the order of values do not."""
    one = Profile("MD", DAY, {"a": True, "b": 1})
    assert profile_digest(one) == profile_digest(
        Profile("MD", DAY, {"b": 1, "a": True}, name="Moldova")
    )
    others = (
        Profile("UA", DAY, one.values),
        Profile("MD", date(2014, 6, 28), one.values),
        Profile("MD", DAY, {"a": False, "b": 1}),
        Profile("MD", DAY, {"a": True}),
    )
    assert profile_digest(one) not in map(profile_digest, others)


def test_the_engine_is_no_part_of_the_canonical_bytes() -> None:
    """The same decision under another engine's name has the same digest."""
    made = decided(member_of_a=True)
    other = made.decided_by("rete")
    assert (other.engine, other.digest()) == ("rete", made.digest())
    assert other.to_json() != made.to_json()
