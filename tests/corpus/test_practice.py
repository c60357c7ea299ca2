"""Practice beside the page: dated, cited, and what a desk officer would expect on real partners."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jfsrules import decide
from jfsrules.condition import Test, leaves
from jfsrules.decision import Decision
from jfsrules.loading import load_rulebook
from jfsrules.plan import is_requirement, plan
from jfsrules.rulebook import Rule, Rulebook
from jfsrules.shipped import shipped

KINDS_WITH_EXAMPLES = ("requirement", "moot")
STATEMENT = "hosg-2014-03-06"


@pytest.fixture(scope="module")
def practice() -> Rulebook:
    """The rulebook of practice."""
    return load_rulebook("practice")


@pytest.fixture(scope="module")
def own(practice: Rulebook) -> tuple[Rule, ...]:
    """The rules that practice adds to the page's."""
    return tuple(rule for rule in practice.rules if rule.id in practice.own)


def advice(decision: Decision, instrument: str) -> str | None:
    """What is advised on a track; nothing where there is none."""
    return next((t.advice for t in decision.tracks if t.instrument == instrument), None)


def failing(decision: Decision, instrument: str) -> set[str]:
    """The requirements of a track that fail."""
    track = next(t for t in decision.tracks if t.instrument == instrument)
    return {requirement.id for requirement in track.requires if requirement.holds is False}


# --- the rules ----------------------------------------------------------------------------------


def test_requirements_and_moot_rules_carry_all_three_examples(own: tuple[Rule, ...]) -> None:
    """Each requirement and each rule on what is moot shows when it holds, fails, is unknown."""
    lacking = [
        rule.id
        for rule in own
        if rule.conclusion.kind in KINDS_WITH_EXAMPLES
        and set(rule.examples) != {"holds", "fails", "unknown"}
    ]
    assert lacking == []


def test_practice_stands_on_more_than_the_page(practice: Rulebook, own: tuple[Rule, ...]) -> None:
    """Every rule of practice cites a document that is no passage of the page, and all exist."""
    for rule in own:
        assert set(rule.cites) <= {*practice.citations, *practice.passages}, rule.id
        assert set(rule.cites) - set(practice.passages), rule.id


def test_practice_never_speaks_for_the_page(own: tuple[Rule, ...]) -> None:
    """A rule of practice is practice, or our design; never text."""
    assert {rule.authority for rule in own} == {"practice", "design"}


def test_practice_edits_nothing_of_the_page(practice: Rulebook) -> None:
    """The page's rules are all there, unchanged, under their ids."""
    page = load_rulebook("text-2014")
    assert all(practice.rules_by_id[rule.id] == rule for rule in page.rules)


def test_the_page_does_not_know_of_practice(tmp_path: Path) -> None:
    """The fingerprint of text-2014 is the same with and without the rulebook of practice."""
    rules = tmp_path / "rules"
    shutil.copytree(shipped("rules"), rules, ignore=shutil.ignore_patterns("practice"))
    assert load_rulebook(rules / "text-2014").digest == load_rulebook("text-2014").digest


def test_restrictive_measures_end_no_instrument(own: tuple[Rule, ...]) -> None:
    """No rule on a track, on a requirement or on what is moot reads restrictive measures."""
    reading = {
        rule.id
        for rule in own
        for condition in (rule.when, rule.that)
        if condition is not None
        for leaf in leaves(condition)
        if isinstance(leaf, Test) and leaf.atom == "restrictive_measures"
    }
    assert reading == {"safe-country-presumed"}


def test_a_readmission_agreement_is_no_idea_of_the_page(own: tuple[Rule, ...]) -> None:
    """Instruments the page does not name are meant by rules that do not cite it for them."""
    for rule in own:
        if rule.conclusion.kind == "track" and rule.conclusion.subject == "readmission_agreement":
            assert not any(cite.startswith(("GEO", "TH", "INS")) for cite in rule.cites)


def test_conditions_of_practice_stay_small(practice: Rulebook) -> None:
    """No condition has more than a dozen alternatives, so that a reason reads as a sentence."""
    made = plan(practice)
    for rule_id in practice.own:
        for _, form in made.rules[rule_id].forms():
            assert max(len(form.true), len(form.false)) <= 12, rule_id


def test_every_instrument_has_a_rule_of_its_own(practice: Rulebook) -> None:
    """Page and practice say of each instrument for whom it is meant."""
    meant = {r.conclusion.subject for r in practice.rules if r.conclusion.kind == "track"}
    assert meant == set(practice.vocabulary.instruments)


def test_judgements_are_asked_before_an_instrument_begins(own: tuple[Rule, ...]) -> None:
    """A judged requirement of practice speaks only while the instrument has not begun."""
    for rule in own:
        if is_requirement(rule) and rule.judged:
            instrument = rule.conclusion.subject.partition("/")[0]
            tests = [leaf for leaf in leaves(rule.when) if isinstance(leaf, Test)]
            (state,) = [leaf for leaf in tests if leaf.atom == instrument]
            assert "not_started" in state.values and "in_force" not in state.values, rule.id


# --- Russia -------------------------------------------------------------------------------------


def test_russia_leaves_the_group_on_the_day_of_the_statement() -> None:
    """The day before it is a strategic partner, that day it is none, and the trace says why."""
    before = decide("RU", "2014-03-05", rulebook="practice", engine="reference")
    after = decide("RU", "2014-03-06", rulebook="practice", engine="reference")
    assert (before.tier, after.tier) == ("strategic_partner", "none")
    assert "common_space_fsj" in {area.id for area in before.focus_areas}
    assert "common_space_fsj" not in {area.id for area in after.focus_areas}
    named = {step.rule: step for step in after.trace if step.rule}
    assert STATEMENT in named["group-russia-left-out"].cites
    assert "geo-s2-russia" in named


def test_the_page_keeps_russia() -> None:
    """Under the page alone Russia stays where the page has it, whatever the day."""
    page = decide("RU", "2022-06-01", rulebook="text-2014", engine="reference")
    assert page.tier == "strategic_partner"


def test_a_suspended_common_space_is_not_implemented_on_any_day() -> None:
    """Where a profile states the suspension, the focus goes even on an earlier day."""
    facts = {"eu_member": False, "accession_status": "none", "enp_partner": False}
    stated = {**facts, "common_space_fsj": "suspended"}
    profile = {"partner": "RU", "as_of": "2010-01-01", "facts": stated}
    decision = decide(profile, rulebook="practice", engine="reference")
    assert decision.tier == "strategic_partner"
    assert "common_space_fsj" not in {area.id for area in decision.focus_areas}


# --- what a desk officer would expect -----------------------------------------------------------

EXPECTED = """
MD 2009-01-01 visa_facilitation_agreement   maintain
MD 2009-01-01 mobility_partnership          maintain
MD 2026-11-23 visa_facilitation_agreement   moot
MD 2026-11-23 visa_liberalisation_dialogue  moot
MD 2026-11-23 mobility_partnership          maintain
MD 2026-11-23 frontex_status_agreement      maintain
MD 2026-11-23 pre_accession_assistance      moot
MD 2026-11-23 neighbourhood_assistance      maintain
UA 2005-06-01 visa_liberalisation_dialogue  blocked
UA 2017-06-10 visa_facilitation_agreement   maintain
UA 2017-06-11 visa_facilitation_agreement   moot
UA 2026-11-23 mobility_partnership          moot
UA 2026-11-23 readmission_agreement         maintain
UA 2026-11-23 partnership_priorities        moot
GE 2026-11-23 visa_facilitation_agreement   on_hold
GE 2026-11-23 mobility_partnership          maintain
TR 2012-12-01 visa_facilitation_agreement   possible
TR 2018-01-01 readmission_agreement         maintain
TR 2026-11-23 readmission_agreement         on_hold
TR 2026-11-23 visa_facilitation_agreement   moot
TR 2026-11-23 visa_liberalisation_dialogue  continue
TR 2026-11-23 neighbourhood_assistance      -
XK 2010-06-01 visa_liberalisation_dialogue  possible
XK 2015-01-01 visa_liberalisation_dialogue  continue
XK 2026-11-23 visa_liberalisation_dialogue  moot
XK 2026-11-23 pnr_agreement                 -
AL 2007-06-01 visa_facilitation_agreement   continue
AL 2026-11-23 frontex_status_agreement      maintain
AL 2026-11-23 mobility_partnership          -
RS 2026-11-23 europol_strategic_agreement   moot
BY 2018-01-01 partnership_priorities        possible
BY 2026-11-23 visa_facilitation_agreement   on_hold
BY 2026-11-23 readmission_agreement         on_hold
BY 2026-11-23 mobility_partnership          on_hold
BY 2026-11-23 visa_liberalisation_dialogue  blocked
AM 2015-01-01 visa_liberalisation_dialogue  possible
AM 2026-11-23 visa_liberalisation_dialogue  continue
AZ 2026-11-23 visa_liberalisation_dialogue  possible
MA 2026-11-23 mobility_partnership          maintain
MA 2026-11-23 readmission_agreement         continue
MA 2026-11-23 visa_liberalisation_dialogue  blocked
TN 2013-06-01 mobility_partnership          possible
EG 2026-11-23 visa_facilitation_agreement   blocked
EG 2026-11-23 comprehensive_partnership     maintain
JO 2013-06-01 mobility_partnership          possible
DZ 2026-11-23 visa_liberalisation_dialogue  blocked
DZ 2008-01-01 enp_action_plan               possible
LY 2008-01-01 enp_action_plan               blocked
IL 2026-11-23 mobility_partnership          moot
IL 2026-11-23 visa_facilitation_agreement   moot
IL 2026-11-23 visa_liberalisation_dialogue  moot
IL 2026-11-23 readmission_agreement         -
NG 2014-06-27 common_agenda_on_migration_and_mobility possible
NG 2026-11-23 common_agenda_on_migration_and_mobility maintain
NG 2026-11-23 readmission_agreement         continue
NG 2026-11-23 mobility_partnership          -
ET 2026-11-23 readmission_arrangement       maintain
SN 2008-09-01 mobility_partnership          possible
SN 2026-11-23 readmission_arrangement       possible
SN 2026-11-23 common_agenda_on_migration_and_mobility -
CV 2026-11-23 mobility_partnership          maintain
CV 2015-01-01 common_agenda_on_migration_and_mobility moot
IN 2026-11-23 common_agenda_on_migration_and_mobility maintain
IN 2026-11-23 visa_facilitation_agreement   -
US 2026-11-23 pnr_agreement                 maintain
US 2026-11-23 tftp_agreement                maintain
BR 2026-11-23 europol_international_agreement continue
CN 2026-11-23 readmission_agreement         continue
RU 2012-01-01 visa_facilitation_agreement   maintain
RU 2026-11-23 visa_facilitation_agreement   on_hold
RU 2026-11-23 common_agenda_on_migration_and_mobility -
KZ 2026-11-23 visa_facilitation_agreement   continue
KZ 2026-11-23 readmission_arrangement       -
AF 2020-01-01 readmission_arrangement       maintain
AF 2026-11-23 readmission_arrangement       on_hold
PK 2026-11-23 readmission_agreement         maintain
PK 2026-11-23 readmission_arrangement       -
CH 2026-11-23 visa_facilitation_agreement   -
CH 2026-11-23 readmission_agreement         -
NO 2026-11-23 pnr_agreement                 continue
GB 2026-11-23 pnr_agreement                 maintain
GB 2026-11-23 europol_operational_agreement -
IS 2012-01-01 frontex_working_arrangement   -
IS 2012-01-01 visa_facilitation_agreement   -
NR 2026-11-23 visa_waiver_agreement         propose
VU 2024-01-01 visa_waiver_agreement         on_hold
VU 2026-01-01 visa_waiver_agreement         moot
"""


@pytest.mark.parametrize("line", EXPECTED.strip().splitlines())
def test_advice_is_what_a_desk_officer_would_expect(line: str) -> None:
    """On real partners and days, each track gets the advice that policy practice knows."""
    partner, day, instrument, expected = line.split()
    decision = decide(partner, day, rulebook="practice", engine="reference")
    assert (advice(decision, instrument) or "-") == expected


def test_warnings_stand_beside_what_goes_on() -> None:
    """A halt of accession, a suspended exemption and visa measures show, and end nothing."""
    halted = decide("TR", "2026-11-23", rulebook="practice", engine="reference")
    assert advice(halted, "pre_accession_assistance") == "maintain"
    assert failing(halted, "pre_accession_assistance") == {"accession_under_way"}
    suspended = decide("GE", "2026-11-23", rulebook="practice", engine="reference")
    assert "exemption_applies" in failing(suspended, "visa_suspension_report")
    measures = decide("ET", "2026-11-23", rulebook="practice", engine="reference")
    assert failing(measures, "readmission_arrangement") == {"no_visa_measures"}


def test_labels_and_annexes_give_no_status() -> None:
    """A comprehensive partnership is no strategic partner, and an annex of IPA no candidate."""
    egypt = decide("EG", "2026-11-23", rulebook="practice", engine="reference")
    assert egypt.groups == ("neighbourhood",)
    iceland = decide("IS", "2020-01-01", rulebook="practice", engine="reference")
    assert iceland.tier == "none"
    assert advice(iceland, "enlargement_report") not in ("propose", "possible")


def test_practice_proposes_hardly_anything() -> None:
    """Where practice names a judgement, nothing is proposed before somebody has made it."""
    for partner in ("MD", "UA", "TR", "XK", "MA", "DZ", "SY", "NG", "SN", "IN", "CN", "CH"):
        decision = decide(partner, "2026-11-23", rulebook="practice", engine="reference")
        assert not [t.instrument for t in decision.tracks if t.advice == "propose"], partner


def test_a_judgement_turns_possible_into_a_proposal() -> None:
    """With the judgements stated, a possible track is proposed, and blocked where one fails."""
    yes = {"visa_and_readmission_well_implemented": True, "mobility_support_appropriate": True}
    no = {**yes, "visa_and_readmission_well_implemented": False}
    for stated, expected in ((yes, "propose"), (no, "blocked")):
        decision = decide(
            "AZ", "2026-11-23", rulebook="practice", engine="reference", stated=stated
        )
        assert advice(decision, "visa_liberalisation_dialogue") == expected
