"""Dossiers, lists and profiles from files, and the partners they are about."""

from __future__ import annotations

from datetime import date

import pytest

from jfsrules.errors import Refused
from jfsrules.facts import STATED, STATED_UNKNOWN
from jfsrules.loading import (
    dossier_codes,
    knowledge_date,
    load_dossier,
    load_lists,
    load_profile,
    load_vocabulary,
    read_as_of,
    read_stated,
)
from jfsrules.loading.countries import names_by_code, partner_of
from jfsrules.span import NOWHERE

LATEST = date(2026, 11, 23)
DOSSIER = """\
partner: MD
name: Moldova
facts:
  eu_member:
  - {value: false, from: by 2004-01-01, cites: [GEO-0], confidence: verified}
  enp_partner:
  - {from: 2004-05, cites: [{document: A}, {document: B, date: 2004}], confidence: reported, id: enp-1}
  regional_process:
  - {value: prague, from: 2009, cites: [{document: C}], confidence: unverified}
  mobility_partnership:
  - {value: signed, from: 2008-06-05, cites: [{document: D}], confidence: verified}
  - {value: in_force, from: 2009, cites: [{document: D}], confidence: verified}
"""


@pytest.fixture
def dossier(tmp_path):
    path = tmp_path / "dossier.yaml"
    path.write_text(DOSSIER)
    return load_dossier(path)


def codes(call, *words, **more) -> list[str]:
    with pytest.raises(Refused) as caught:
        call(*words, **more)
    return [one.code for one in caught.value.diagnostics]


def test_a_flag_without_a_value_is_true(dossier):
    """`enp_partner` from a day means that it is one."""
    assert dossier.facts["enp_partner"][0].value is True


def test_a_member_of_a_set_is_a_flag_of_its_own(dossier):
    """A fact on a set says which member."""
    (fact,) = dossier.facts["regional_process.prague"]
    assert (fact.value, fact.id) == (True, "MD.regional_process.prague.2009")


def test_a_fact_without_an_id_is_named_after_what_it_says(dossier):
    """Partner, indicator and date make the id; one that is written is kept."""
    ids = [fact.id for facts in dossier.facts.values() for fact in facts]
    assert ids[:2] == ["MD.eu_member.by-2004-01-01", "enp-1"]


def test_a_document_written_out_has_its_facts_id(dossier):
    """What stands with one fact is cited by that fact's id."""
    assert dossier.facts["enp_partner"][0].cites == ("enp-1", "enp-1.2")
    assert dossier.citations["enp-1.2"].date == "2004"


def test_a_state_lasts_until_the_next_begins(dossier):
    """A ladder has no gaps, and its last state is open."""
    first, last = dossier.facts["mobility_partnership"]
    assert (first.until, last.until) == (last.since, None)


def test_every_fact_keeps_its_place(dossier):
    """A diagnostic about a fact can show the line."""
    assert dossier.facts["enp_partner"][0].place.span.line == 7


@pytest.mark.parametrize(
    ("text", "exact"),
    [("2014-06-27", True), ("2014-06", False), ("2014", False), ("by 2014-06-27", False)],
)
def test_each_way_to_write_a_date_is_read(text, exact, tmp_path):
    """Days, months, years, and any day up to one."""
    path = tmp_path / "d.yaml"
    path.write_text(DOSSIER.replace("from: 2004-05,", f"from: {text},"))
    since = load_dossier(path).facts["enp_partner"][0].since
    assert (since.text, since.exact) == (text, exact)


@pytest.mark.parametrize(
    "text", ["2014-13", "2014-6", "14", "by", "by by 2014", "2014-02-30", "0000", "2014- 1", "-2014",
             "by " * 5000 + "2014", "٢٠١٤", "true", "2014.5", "9999-12"]
)  # fmt: skip
def test_nothing_else_is_a_date(text, tmp_path):
    """What is no date of the calendar is refused."""
    path = tmp_path / "d.yaml"
    path.write_text(DOSSIER.replace("from: 2004-05,", f"from: {text},"))
    assert codes(load_dossier, path) == ["not-a-date"]


def test_each_shipped_dossier_is_about_its_partner():
    """The file is named by the code, and each code is one that a partner can have."""
    for code in dossier_codes():
        assert load_dossier(code).partner == code
        assert code in names_by_code()


def test_the_shipped_lists_reach_up_to_the_knowledge_date():
    """No list is vouched for beyond it."""
    lists = load_lists()
    ends = [one.vouched_until for some in lists.by_atom.values() for one in some]
    assert max(ends) <= lists.knowledge_date == knowledge_date()


PROFILE = "partner: MD\nas_of: 2014-06-27\nfacts: {facts}\n"


def profile(facts: str):
    return load_profile(PROFILE.replace("{facts}", facts), latest=LATEST)


def test_a_profile_knows_what_it_states_and_nothing_else():
    """What is not stated is unknown, and so is what is stated to be."""
    loaded = profile("{eu_member: false, visa_regime: unknown}")
    assert dict(loaded.values) == {"eu_member": False}
    assert dict(loaded.grounds) == {"eu_member": STATED, "visa_regime": STATED_UNKNOWN}
    assert (loaded.partner, loaded.as_of) == ("MD", date(2014, 6, 27))


def test_a_set_that_is_stated_is_whole():
    """Members that a list does not name are false; one may be stated alone."""
    members = {
        f"regional_process.{m}"
        for m in load_vocabulary().indicators["regional_process"].type.values
    }
    loaded = profile("{regional_process: [prague]}")
    assert set(loaded.values) == members
    assert {atom for atom, value in loaded.values.items() if value} == {"regional_process.prague"}
    assert dict(profile("{regional_process.prague: true}").values) == {
        "regional_process.prague": True
    }
    assert not profile("{regional_process: unknown}").values


@pytest.mark.parametrize("facts", ["", "{}", "\n  # eu_member: false"])
def test_a_profile_may_state_nothing(facts):
    """A template with every line still a comment is a profile."""
    assert not profile(facts).values


def test_a_profile_is_read_from_wherever_it_stands(tmp_path, monkeypatch):
    """A file, standard input, text, JSON and a mapping give the same profile."""
    import io
    import sys

    text = '{"partner": "MD", "as_of": "2014-06-27", "facts": {"eu_member": false}}'
    path = tmp_path / "p.json"
    path.write_text(text)
    stdin = type("Stdin", (), {"buffer": io.BytesIO(text.encode())})
    monkeypatch.setattr(sys, "stdin", stdin)
    mapping = {"partner": "MD", "as_of": date(2014, 6, 27), "facts": {"eu_member": False}}
    sources = [path, str(path), "-", text, mapping]
    one, *others = [load_profile(source, latest=LATEST) for source in sources]
    assert all(other == one for other in others)


def test_the_day_asked_for_comes_before_the_one_that_is_stated():
    """Asked for, then stated, then the latest."""
    day = date(2020, 1, 1)
    text = "partner: MD\nfacts: {}\nas_of: 2014-06-27\n"
    assert load_profile(text, latest=LATEST, as_of=day).as_of == day
    assert load_profile(text.replace("2014-06-27", ""), latest=LATEST).as_of == LATEST


@pytest.mark.parametrize(
    ("written", "help_"),
    [
        ("2014", "for the last day of it, write `2014-12-31`"),
        ("2024-02", "for the last day of it, write `2024-02-29`"),
        ("2026-11", "for the last day of it, write `2026-11-23`"),
        ("by 2014-06-27", "for the last day of it, write `2014-06-27`"),
        ("2003", "for the last day of it, write `2004-01-01`"),
        ("2027-01-01", "ask for `2026-11-23` or an earlier day"),
    ],
)
def test_a_day_that_cannot_be_asked_for_comes_with_one_that_can(written, help_):
    """The help line names a day that works."""
    with pytest.raises(Refused) as caught:
        read_as_of(written, LATEST)
    assert caught.value.diagnostics[0].help == help_


def test_facts_over_a_profile_are_checked_alike():
    """What a caller states has the same types as what a file states."""
    vocabulary = load_vocabulary()
    assert read_stated({"eu_member": True, "visa_regime": "unknown"}, vocabulary) == {
        "eu_member": True,
        "visa_regime": None,
    }
    assert codes(read_stated, {"eu_member": "true", "tier": "none"}, vocabulary) == [
        "conclusion-as-fact",
        "wrong-type",
    ]


@pytest.mark.parametrize(
    ("written", "code"),
    [("Moldova", "MD"), ("MDA", "MD"), ("md", "MD"), ("UK", "GB"), ("Turkey", "TR"), ("Kosovo", "XK"),
     ("Cote d'Ivoire", "CI"), ("Viet Nam", "VN"), ("Ukrain", "UA"), ("USA", "US")],
)  # fmt: skip
def test_a_name_is_answered_with_its_code(written, code):
    """Whoever writes a country's name is told its code."""
    wrong = []
    assert partner_of(written, NOWHERE, wrong) is None
    assert wrong[0].help.startswith(f"did you mean `{code}`")


@pytest.mark.parametrize(
    "written", ["EU", "the Maghreb", "asean", "CELAC", "Africa", "Central Asia"]
)
def test_a_region_or_organisation_is_no_partner(written):
    """Policy towards a region is carried by its countries."""
    wrong = []
    partner_of(written, NOWHERE, wrong)
    assert wrong[0].code == "not-a-country"


@pytest.mark.parametrize("written", ["ZZ", "", "   ", 5, None, True, [], {}, "x" * 10_000])
def test_nothing_else_is_a_partner(written):
    """What is no code is refused."""
    wrong = []
    assert partner_of(written, NOWHERE, wrong) is None
    assert wrong[0].code == "unknown-partner"
