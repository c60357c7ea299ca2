"""What of page, rules and facts is used."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from jfsrules.cases import load_scenarios
from jfsrules.coverage import Coverage, coverage, never_read, year_ends
from jfsrules.loading import load_dossier, load_lists, load_rulebook
from jfsrules.render.covering import coverage_markdown, coverage_text
from jfsrules.render.screen import Screen
from jfsrules.render.words import Wording

DATES = (date(2014, 6, 27), date(2026, 11, 23))


@pytest.fixture(scope="module")
def scenarios():
    return load_scenarios()


@pytest.fixture(scope="module")
def text_2014(scenarios) -> Coverage:
    dossiers = [load_dossier(code) for code in ("MD", "UA", "RU")]
    return coverage(load_rulebook("text-2014"), scenarios, dossiers, load_lists(), dates=DATES)


@pytest.fixture(scope="module")
def practice(scenarios) -> Coverage:
    return coverage(load_rulebook("practice"), scenarios, [], load_lists(), dates=DATES)


def test_the_dates_are_each_year_end_and_the_knowledge_date() -> None:
    """Twenty-three dates: 31 December 2004 to 2025, and the knowledge date."""
    dates = year_ends(load_lists())
    assert (len(dates), dates[0], dates[-1]) == (23, date(2004, 12, 31), date(2026, 11, 23))


def test_each_rule_is_fired_by_a_case(text_2014: Coverage, practice: Coverage) -> None:
    """No rule of either rulebook is without a scenario in which it is effective."""
    assert not text_2014.rules_without_case
    assert not practice.rules_without_case


def test_each_requirement_fails_and_is_unknown_in_a_case(
    text_2014: Coverage, practice: Coverage
) -> None:
    """For each requirement a scenario shows it failing, and another shows it unknown."""
    for told in (text_2014, practice):
        assert not told.requirements_never_failed
        assert not told.requirements_never_unknown


def test_each_passage_is_carried_or_a_frame(text_2014: Coverage) -> None:
    """A clause of the page that no case reaches says why no rule can carry it."""
    for passage in text_2014.passages:
        assert passage.frame or (passage.rules and passage.cases), passage.id


def test_what_is_never_used_is_named(text_2014: Coverage, scenarios) -> None:
    """A fact no decision draws on, and an indicator no rule reads, are named."""
    names = text_2014.facts_never_used
    assert "visa_list-0886" in names
    assert "accession-0034" not in names
    assert sum(text_2014.never_used_by_indicator.values()) == len(names)
    assert "visa_regime" in text_2014.indicators_never_read
    assert "visa_regime" not in set(never_read(load_rulebook("practice")))
    none = coverage(load_rulebook("text-2014"), scenarios[:1], [], load_lists(), dates=DATES)
    assert "geo-s2-russia" in none.rules_without_case


def test_an_end_of_a_list_is_counted() -> None:
    """A tier that is open because a list goes no further is counted, with what would settle it."""
    from dataclasses import replace
    from types import MappingProxyType

    lists = load_lists()
    cut = {
        atom: tuple(one for one in ones if one.vouched_until < date(2025, 1, 1))
        for atom, ones in lists.by_atom.items()
    }
    short = replace(lists, by_atom=MappingProxyType(cut))
    told = coverage(load_rulebook("text-2014"), [], [load_dossier("FJ")], short, dates=DATES)
    assert told.tiers_open_by_list_end == 1
    assert told.open_tiers[0].partner == "FJ"
    assert "enp_partner" in told.open_tiers[0].missing
    wording = Wording.of(load_rulebook("text-2014"))
    assert "Fiji" in coverage_text(told, wording, Screen(100))


def test_text_markdown_and_json_say_the_same(text_2014: Coverage) -> None:
    """Each form names the rulebook, the counts and what is never used."""
    wording = Wording.of(load_rulebook("text-2014"))
    for words in (
        coverage_text(text_2014, wording, Screen(80)),
        coverage_markdown(text_2014, wording),
    ):
        assert "text-2014" in words and "Facts never used" in words
    lines = coverage_text(text_2014, wording, Screen(60), full=True).split("\n")
    assert max(map(len, lines)) <= 60
    assert json.loads(json.dumps(text_2014.to_json()))["schema"] == "jfsrules/coverage/1"


def test_no_tier_is_open_on_the_knowledge_date() -> None:
    """`jfsrules coverage` prints the number of undetermined tiers: at most five, each with a way out."""
    from jfsrules.cli import cli

    ran = CliRunner().invoke(cli, ["coverage", "--rulebook", "text-2014", "--format", "json"])
    told = json.loads(ran.output)
    assert ran.exit_code == 0
    assert len(told["open_tiers"]) <= 5
    assert all(one["missing"] for one in told["open_tiers"])
