"""Deciding in one call, as Python programs do it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

import jfsrules
from jfsrules import Refused, Unavailable, decide, load_dossier, load_profile, load_rulebook
from jfsrules.deciding import MOST_KEPT, is_file, ready
from jfsrules.engines import rete
from jfsrules.facts import profile_on
from jfsrules.loading import knowledge_date, load_lists

NEIGHBOUR = {"partner": "MD", "as_of": "2014-06-27", "facts": {"enp_partner": True}}


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [one.code for one in refused.value.diagnostics]


def test_a_partner_is_decided_on_by_its_code_and_day():
    """One call with a code and a day gives the decision."""
    decision = decide("MD", "2014-06-27")
    assert (decision.partner.code, decision.as_of) == ("MD", "2014-06-27")
    assert decision.tier == "neighbourhood"


def test_without_a_day_the_knowledge_date_decides():
    """What is asked without a day is asked of the last day the facts are vouched for."""
    assert decide("MD").as_of == knowledge_date().isoformat()


def test_a_dossier_is_decided_on_like_its_code():
    """A dossier at hand and the code it is shipped under give the same answer."""
    assert decide(load_dossier("MD"), date(2014, 6, 27)) == decide("MD", "2014-06-27")


@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_a_profile_is_decided_on_from_its_file_or_its_values(tmp_path, ending):
    """A profile means the same as a path, as a text path, as values and as a loaded profile."""
    path = tmp_path / f"profile.{ending}"
    path.write_text(json.dumps(NEIGHBOUR), "utf-8")
    answers = [decide(path), decide(str(path)), decide(NEIGHBOUR)]
    assert len({answer.canonical() for answer in answers}) == 1
    loaded = decide(load_profile(path))
    assert loaded.focus_areas == answers[0].focus_areas


def test_a_profile_stands_alone():
    """What a profile does not state is unknown, even where a dossier knows it."""
    decision = decide(NEIGHBOUR)
    assert decision.groups == ()
    assert "neighbourhood" in decision.possible_groups
    assert {"eu_member"} == {
        atom for one in decision.undetermined if one.about == "scope" for atom in one.missing
    }


def test_another_day_takes_the_place_of_a_profile_s_own():
    """`as_of` asks a profile of another day than it states."""
    assert decide(NEIGHBOUR, "2015-01-01").as_of == "2015-01-01"
    assert decide(load_profile(NEIGHBOUR), date(2015, 1, 1)).as_of == "2015-01-01"


@pytest.mark.parametrize("code", ["XK", "PS", "TW"])
def test_a_profile_is_shown_with_the_name_and_footnote_of_its_partner(code):
    """Neutral wording on status does not depend on where the facts come from."""
    own, shipped = decide({"partner": code, "facts": {}}), decide(code)
    assert own.partner == shipped.partner
    assert own.notes == shipped.notes
    assert any(note.startswith("footnote:") for note in own.notes)


def test_stated_facts_stand_over_the_dossier():
    """A stated fact replaces what is known; None and "unknown" take it away."""
    assert (
        decide("DZ", "2014-06-27", stated={"accession_status": "candidate"}).tier == "enlargement"
    )
    for unknown in (None, "unknown"):
        decision = decide("DZ", "2014-06-27", stated={"enp_partner": unknown})
        assert decision.possible_groups == ("neighbourhood",)


@pytest.mark.parametrize("members", [["rabat"], ("rabat",), {"rabat"}, frozenset(["rabat"])])
def test_the_members_of_a_set_are_stated_as_any_collection(members):
    """Lists, tuples and sets of members mean the same."""
    profile = {**NEIGHBOUR, "facts": {"regional_process": ["rabat"]}}
    base = {**NEIGHBOUR, "facts": {}}
    assert decide(base, stated={"regional_process": members}) == decide(profile)


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({"visa_regme": "visa_required"}, "unknown-indicator"),
        ({"visa_regime": "open"}, "wrong-type"),
        ({"enp_partner": 1}, "wrong-type"),
        ({"enp_partner": "true"}, "wrong-type"),
        ({"tier": "enlargement"}, "conclusion-as-fact"),
        ({"partner": "UA"}, "given-as-fact"),
        ({"as_of": "2014-06-27"}, "given-as-fact"),
        ({"eu_member": True, "enp_partner": True}, "impossible-profile"),
    ],
)
def test_what_cannot_be_stated_is_refused(stated, code):
    """Stated facts are checked like those of a file."""
    with pytest.raises(Refused) as refused:
        decide("DZ", stated=stated)
    assert code in codes(refused)


@pytest.mark.parametrize(
    ("subject", "day", "code"),
    [
        ("ZZ", None, "unknown-partner"),
        ("Africa", None, "not-a-country"),
        ("MD", "2003-12-31", "as-of-too-early"),
        ("MD", "2030-01-01", "as-of-too-late"),
        ("MD", "2014-06", "as-of-partial"),
        ("MD", "soon", "not-a-date"),
        ("nowhere/profile.yaml", None, "no-such-file"),
    ],
)
def test_a_wrong_question_is_refused(subject, day, code):
    """A partner, file or day that cannot be asked for is refused with its code."""
    with pytest.raises(Refused) as refused:
        decide(subject, day)
    assert codes(refused) == [code]


def test_weaker_facts_count_as_unknown_where_more_trust_is_asked():
    """Asking for verified facts alone never decides more than taking all."""
    strict = decide("XK", "2014-06-27", trust="verified")
    lax = decide("XK", "2014-06-27")
    assert set(strict.groups) <= set(lax.groups)
    assert {f.confidence for f in strict.focus_areas} <= {None, "verified"}


def test_engines_agree_and_are_named():
    """Both engines give the same bytes, and the decision says which one ran."""
    pytest.importorskip("durable_rules_engine")
    ran = {name: decide("MD", engine=name) for name in ("rete", "reference")}
    assert {name: d.engine for name, d in ran.items()} == {"rete": "rete", "reference": "reference"}
    assert ran["rete"].canonical() == ran["reference"].canonical()


def test_without_durable_rules_the_reference_decides(monkeypatch):
    """`auto` falls back and says so; `rete` says what is missing."""

    def absent(plan):
        raise Unavailable("the rete engine needs durable-rules")

    monkeypatch.setattr(rete, "engine", absent)
    monkeypatch.setattr(jfsrules.deciding, "_kept", {})
    assert decide("MD").engine == "reference"
    with pytest.raises(Unavailable, match="durable-rules"):
        decide("MD", engine="rete")


@pytest.mark.parametrize("wrong", [{"engine": "fast"}, {"trust": "blind"}])
def test_an_engine_or_trust_that_does_not_exist_is_a_programmer_s_mistake(wrong):
    """Arguments outside their type are named with what they take."""
    with pytest.raises(ValueError, match="it takes"):
        decide("MD", **wrong)


def test_a_rulebook_is_made_ready_once(monkeypatch):
    """The plan and the engine of a rulebook are kept, and only the last few."""
    kept = {}
    monkeypatch.setattr(jfsrules.deciding, "_kept", kept)
    book = load_rulebook()
    assert ready(book) is ready(book)
    for number in range(MOST_KEPT + 2):
        ready(replace(book, digest=str(number)), "reference")
    assert len(kept) == MOST_KEPT


def test_a_text_names_a_file_or_a_partner():
    """Codes are partners; whatever looks like a path is a file."""
    assert not any(map(is_file, ["MD", "Moldova", "United States"]))
    assert all(map(is_file, ["-", "./MD", "md.yaml", "C:\\md", "a/b"]))


def test_the_same_profile_built_by_hand_gives_the_same_answer():
    """`decide` adds nothing to what `facts.profile_on` makes known."""
    book = load_rulebook()
    lists = load_lists(book.vocabulary)
    profile = profile_on(load_dossier("UA"), date(2022, 6, 23), lists, book.vocabulary)
    assert decide(profile) == decide("UA", "2022-06-23")


def test_the_package_names_load_on_first_use():
    """Every name of the package can be had, and no other."""
    for name in jfsrules.__all__:
        assert getattr(jfsrules, name) is not None
    assert set(dir(jfsrules)) == set(jfsrules.__all__)
    with pytest.raises(AttributeError, match="no attribute `guess`"):
        _ = jfsrules.guess


def test_a_stated_fact_sets_aside_what_it_excludes() -> None:
    """A what-if is answered: what the dossier says against it becomes unknown, and is named."""
    decided = decide("DZ", "2014-06-27", stated={"enp_partner": False})
    assert decided.tier == "none"
    assert "set_aside:enp_region" in decided.notes


def test_facts_that_exclude_each_other_and_are_all_stated_are_refused() -> None:
    """Nobody can be an EU member and a candidate."""
    with pytest.raises(Refused, match="EU member"):
        decide("DZ", stated={"eu_member": True, "accession_status": "candidate"})
