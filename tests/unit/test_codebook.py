"""The codebook: what each name means and what it rests on."""

from __future__ import annotations

import pytest

from conftest import ROOT
from jfsrules.codebook import Codebook, codebook
from jfsrules.loading import dossier_codes, load_dossier, load_lists, load_rulebook
from jfsrules.render.codebook import codebook_markdown

RULEBOOKS = ("text-2014", "practice")


@pytest.fixture(scope="module")
def book() -> Codebook:
    dossiers = [load_dossier(code) for code in dossier_codes()]
    return codebook([load_rulebook(name) for name in RULEBOOKS], dossiers, load_lists())


def test_the_page_is_current(book: Codebook, recorded) -> None:
    """docs/codebook.md says what vocabulary, rules, dossiers and lists say now."""
    recorded(ROOT / "docs" / "codebook.md", codebook_markdown(book, len(dossier_codes())))


def test_every_name_stands_in_it(book: Codebook) -> None:
    """Each indicator, instrument, group and focus area has an entry."""
    words = load_rulebook("text-2014").vocabulary
    ids = {e.indicator.id for e in (*book.indicators, *book.instruments)}
    assert ids == set(words.indicators)
    assert [group.id for group in book.groups] == list(words.groups)
    assert [area.id for area in book.focus_areas] == list(words.focus_areas)


def test_a_group_names_its_partners_under_each_rulebook(book: Codebook) -> None:
    """Russia is a strategic partner by the page, and not by practice."""
    strategic = next(group for group in book.groups if group.id == "strategic_partner")
    text, practice = (set(strategic.partners[name]) for name in RULEBOOKS)
    assert text - practice == {"RU"}
    neighbours = next(group for group in book.groups if group.id == "neighbourhood")
    assert len(neighbours.partners["text-2014"]) == 16


def test_what_is_vouched_is_told_by_source_and_by_our_own_search(book: Codebook) -> None:
    """The lists that decide the tier reach to the knowledge date."""
    entries = {e.indicator.id: e for e in (*book.indicators, *book.instruments)}
    for name in ("eu_member", "accession_status", "enp_partner", "strategic_partner"):
        (vouched,) = entries[name].vouched
        assert vouched.until == book.knowledge_date
        assert vouched.by_source and vouched.by_source <= vouched.until
        assert "list_ended" not in entries[name].unknown.reasons


def test_a_disputed_fact_is_listed_with_the_reading_taken(book: Codebook) -> None:
    """That Georgia was a potential candidate in 2022 is a reading, and said to be one."""
    entry = next(e for e in book.indicators if e.indicator.id == "accession_status")
    georgia = next(a for a in entry.ambiguous if a.partner == "GE")
    assert georgia.reading.value == "potential_candidate"
    assert georgia.disputed
