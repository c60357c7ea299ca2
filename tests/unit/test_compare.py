"""Two decisions side by side."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from agreement import strategies
from conftest import ROOT
from jfsrules import meaning
from jfsrules.compare import SCHEMA, compare, lines
from jfsrules.condition import Conclusion, Test
from jfsrules.decision import Decision
from jfsrules.facts import Profile
from jfsrules.plan import plan
from jfsrules.proof import decision
from jfsrules.render.comparison import comparison_markdown, comparison_text, sheet
from jfsrules.render.contract import comparison_schema
from jfsrules.render.screen import Screen
from jfsrules.render.words import Wording
from jfsrules.rulebook import Rule, Rulebook


def decided(rulebook: Rulebook, profile: Profile) -> Decision:
    made = plan(rulebook)
    return decision(made, profile, meaning.find(made, profile), "reference")


PAIRS = list(strategies.some_pairs(60))


@pytest.fixture
def page_and_practice() -> tuple[Rulebook, Rulebook]:
    """A rulebook whose page names AA as a strategic partner, and a practice that takes it out."""
    vocabulary = strategies.world(1).rulebook.vocabulary
    group = Conclusion("group", min(vocabulary.groups))
    named = Rule("geo-aa", "AA is in", group, ("P-0",), "text", Test("partner", "=", ("AA",)))
    out = replace(
        named,
        id="aa-leaves",
        overrides=("geo-aa",),
        when=Test("partner", "=", ("AA",)),
        since=date(2014, 3, 6),
        authority="practice",
    )
    page = replace(strategies.world(1).rulebook, rules=(named,), own=frozenset({"geo-aa"}))
    never = replace(out, conclusion=Conclusion("repeal", "rules"))
    return page, replace(page, name="practice", rules=(never, named))


def test_a_decision_does_not_differ_from_itself() -> None:
    """Comparing a decision with itself gives no difference."""
    for world, profile in PAIRS:
        one = decided(world.rulebook, profile)
        assert compare(one, one).differences == ()


def test_each_line_that_differs_is_told_once_and_no_other() -> None:
    """The differences are exactly the lines with two values, and a line has one value a reading."""
    for (world, profile), (_, other) in itertools.pairwise(PAIRS):
        if {*other.values} - {*world.rulebook.vocabulary.atoms}:
            continue
        one, two = decided(world.rulebook, profile), decided(world.rulebook, other)
        told = compare(one, two).differences
        keys = [(d.about, d.field) for d in told]
        assert len(keys) == len(set(keys))
        first = {(x.about, x.field): x.value for x in lines(one)}
        second = {(x.about, x.field): x.value for x in lines(two)}
        differing = {k for k in first.keys() & second.keys() if first[k] != second[k]}
        assert differing <= set(keys)
        assert all(d.values[0] != d.values[1] for d in told)


def test_the_rule_that_makes_a_difference_is_named(
    page_and_practice: tuple[Rulebook, Rulebook],
) -> None:
    """Where practice overrides the page, the difference names both rules, and only on its day."""
    values = {"eu_member": False}
    late, early = (Profile("AA", day, values) for day in (date(2014, 3, 6), date(2014, 3, 5)))
    text, practice = page_and_practice
    told = {d.about: d for d in compare(decided(text, late), decided(practice, late)).differences}
    group = min(text.vocabulary.groups)
    assert told["tier"].values == (group, "none")
    assert told[f"group:{group}"].values == (True, False)
    assert told["tier"].because == (("rule:geo-aa",), ("rule:aa-leaves",))
    assert told["tier"].rules == ("aa-leaves", "geo-aa")
    assert not compare(decided(text, early), decided(practice, early)).differences


def test_a_stated_fact_that_makes_a_difference_is_named(
    page_and_practice: tuple[Rulebook, Rulebook],
) -> None:
    """Between two profiles, the steps at which they part are facts."""
    text, _ = page_and_practice
    outside = Profile("AA", date(2014, 1, 1), {"eu_member": False})
    member = outside.stating({"eu_member": True})
    told = {d.about: d for d in compare(decided(text, outside), decided(text, member)).differences}
    assert told["tier"].values[1] == "out_of_scope"
    assert told["scope"].because == (("stated:eu_member",), ("stated:eu_member",))


def test_the_json_holds_both_readings_whole(page_and_practice: tuple[Rulebook, Rulebook]) -> None:
    """The contract: a schema, the two decisions, and what differs."""
    profile = Profile("AA", date(2020, 1, 1), {"eu_member": False})
    one, other = (decided(book, profile) for book in page_and_practice)
    body = compare(one, other).to_json()
    assert body["schema"] == SCHEMA
    assert body["readings"] == [one.to_json(), other.to_json()]
    assert {"about", "field", "values", "because", "rules"} == set(body["differences"][0])


def test_a_sheet_tells_the_differences_before_all_else(
    page_and_practice: tuple[Rulebook, Rulebook],
) -> None:
    """Text and Markdown begin with what differs, say by which rule, and fit the screen."""
    profile = Profile("AA", date(2020, 1, 1), {"eu_member": False})
    one, other = (decided(book, profile) for book in page_and_practice)
    wordings = tuple(Wording.of(book) for book in page_and_practice)
    shown = sheet(compare(one, other), wordings)
    for told in (comparison_text(shown, Screen(100)), comparison_markdown(shown)):
        assert told.index("Differences") < told.index("aa-leaves") < told.index("Side by side")
    for width in (44, 70, 120):
        lines_ = comparison_text(shown, Screen(width)).split("\n")
        assert max(map(len, lines_)) <= width


def test_the_published_contract_is_the_one_the_classes_give(recorded) -> None:
    """rules/schema/comparison.json is generated, and current."""
    words = json.dumps(comparison_schema(), indent=2, ensure_ascii=False) + "\n"
    recorded(ROOT / "rules" / "schema" / "comparison.json", words)


def test_a_comparison_fits_its_contract(page_and_practice: tuple[Rulebook, Rulebook]) -> None:
    """What `to_json` gives is what the schema describes."""
    profile = Profile("AA", date(2020, 1, 1), {"eu_member": False})
    one, other = (decided(book, profile) for book in page_and_practice)
    validator = Draft202012Validator(comparison_schema())
    assert not list(validator.iter_errors(compare(one, other).to_json()))


@pytest.mark.parametrize(
    ("partner", "day", "about", "values", "rule"),
    [
        ("RU", "2014-03-06", "tier", ["strategic_partner", "none"], "group-russia-left-out"),
        ("RU", "2022-02-24", "tier", ["strategic_partner", "none"], "group-russia-left-out"),
        (
            "NG",
            "2016-06-07",
            "track:common_agenda_on_migration_and_mobility",
            [False, True],
            "camm-origin-and-transit",
        ),
        ("CV", "2014-12-01", "track:mobility_partnership", [False, True], "mp-goes-on"),
        (
            "IL",
            "2014-06-27",
            "track:mobility_partnership",
            ["possible", "moot"],
            "mp-moot-visa-free",
        ),
    ],
)
def test_the_command_sets_the_page_against_practice(partner, day, about, values, rule) -> None:
    """`decide --rulebook both` names the line, both values, and the rule that makes the difference."""
    from jfsrules.cli import cli

    call = ["decide", partner, "--as-of", day, "--rulebook", "both"]
    ran = CliRunner().invoke(cli, [*call, "--format", "json"])
    assert ran.exit_code == 0
    told = json.loads(ran.output)
    assert [one["rulebook"]["name"] for one in told["readings"]] == ["text-2014", "practice"]
    found = [
        one for one in told["differences"] if one["about"] == about and one["values"] == values
    ]
    assert rule in found[0]["rules"]
    for form in ("text", "md"):
        assert rule in CliRunner().invoke(cli, [*call, "--format", form]).output or values == [
            False,
            True,
        ]
