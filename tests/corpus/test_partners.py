"""Counts and names that come out of the dossiers, and every partner on every date."""

from __future__ import annotations

from datetime import date

import pytest

from jfsrules.coverage import year_ends
from jfsrules.engines import compiled
from jfsrules.facts import Dossier, profile_on
from jfsrules.loading import dossier_codes, load_dossier, load_lists, load_rulebook
from jfsrules.plan import plan
from jfsrules.proof import decision

NEIGHBOURS = set("AM AZ BY DZ EG GE IL JO LB LY MA MD PS SY TN UA".split())
EASTERN_PARTNERSHIP = set("AM AZ BY GE MD UA".split())
ACCEDING = {
    2005: set("BG RO".split()),
    2006: set("BG RO".split()),
    2011: {"HR"},
    2012: {"HR"},
}
CANDIDATES = {
    2004: "BG HR RO TR",
    2005: "HR MK TR",
    2006: "HR MK TR",
    2007: "HR MK TR",
    2008: "HR MK TR",
    2009: "HR MK TR",
    2010: "HR IS ME MK TR",
    2011: "IS ME MK TR",
    2012: "IS ME MK RS TR",
    2013: "IS ME MK RS TR",
    2014: "AL IS ME MK RS TR",
    **dict.fromkeys(range(2015, 2022), "AL ME MK RS TR"),
    2022: "AL BA MD ME MK RS TR UA",
    **dict.fromkeys((2023, 2024, 2025), "AL BA GE MD ME MK RS TR UA"),
}
POTENTIAL_CANDIDATES = {
    2004: "AL BA MK",
    2005: "AL BA",
    2006: "AL BA ME RS",
    2007: "AL BA ME RS",
    **dict.fromkeys((2008, 2009), "AL BA ME RS XK"),
    **dict.fromkeys((2010, 2011), "AL BA RS XK"),
    **dict.fromkeys((2012, 2013), "AL BA XK"),
    **dict.fromkeys(range(2014, 2022), "BA XK"),
    2022: "GE XK",
    **dict.fromkeys((2023, 2024, 2025), "XK"),
}


@pytest.fixture(scope="module")
def dossiers() -> list[Dossier]:
    return [load_dossier(code) for code in dossier_codes()]


def having(dossiers: list[Dossier], day: date, indicator: str, value: object) -> set[str]:
    """The partners whose dossier gives an indicator a value on a day."""
    words, lists = load_rulebook("text-2014").vocabulary, load_lists()
    return {d.partner for d in dossiers if profile_on(d, day, lists, words)[indicator] == value}


def separate(codes: set[str], day: date) -> set[str]:
    """Without those that are no partner of their own on the day."""
    not_yet = {"ME": date(2006, 6, 3), "RS": date(2006, 6, 3), "XK": date(2008, 2, 17)}
    return {code for code in codes if code not in not_yet or day >= not_yet[code]}


def test_members_are_counted(dossiers) -> None:
    """28 members on 1 July 2014, and 27 on the knowledge date."""
    assert len(having(dossiers, date(2014, 7, 1), "eu_member", True)) == 28
    assert len(having(dossiers, load_lists().knowledge_date, "eu_member", True)) == 27


def test_neighbours_are_the_sixteen(dossiers) -> None:
    """The partners of the neighbourhood policy, by name, from 2004 to the knowledge date."""
    for day in year_ends(load_lists()):
        assert having(dossiers, day, "enp_partner", True) == NEIGHBOURS


def test_the_eastern_partnership_has_six(dossiers) -> None:
    """By name; Belarus suspended itself in 2021."""
    latest = load_lists().knowledge_date
    assert (
        having(dossiers, date(2014, 6, 27), "eastern_partnership", "member") == EASTERN_PARTNERSHIP
    )
    members = having(dossiers, latest, "eastern_partnership", "member")
    assert (
        members | having(dossiers, latest, "eastern_partnership", "self_suspended")
        == EASTERN_PARTNERSHIP
    )


@pytest.mark.parametrize("year", range(2004, 2026))
def test_candidates_and_potential_candidates_at_the_end_of_a_year(dossiers, year: int) -> None:
    """By name, for each year since 2004."""
    day = date(year, 12, 31)
    for value, expected in (
        ("candidate", set(CANDIDATES[year].split())),
        ("potential_candidate", set(POTENTIAL_CANDIDATES[year].split())),
        ("acceding", ACCEDING.get(year, set())),
    ):
        found = separate(having(dossiers, day, "accession_status", value), day)
        assert found == expected, value


@pytest.mark.parametrize("rulebook", ["text-2014", "practice"])
def test_every_partner_is_decided_on_every_date(dossiers, rulebook: str) -> None:
    """250 partners on 23 dates, no diagnostic; an open tier names what would settle it."""
    lists, book = load_lists(), load_rulebook(rulebook)
    made = plan(book)
    engine = compiled.engine(made)
    open_tiers = []
    for dossier in dossiers:
        for day in year_ends(lists):
            profile = profile_on(dossier, day, lists, book.vocabulary)
            decided = decision(made, profile, engine(profile), "compiled")
            if decided.tier == "undetermined":
                (tier,) = [one for one in decided.undetermined if one.about == "tier"]
                assert tier.missing
                open_tiers.append((dossier.partner, day))
            if decided.tier == "none":
                proof = {step.id: step for step in decided.trace}
                assert proof["order:tier"].from_
    assert len([one for one in open_tiers if one[1] == lists.knowledge_date]) <= 5
