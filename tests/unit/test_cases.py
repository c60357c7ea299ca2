"""Scenarios: read, checked, chosen, run and reported."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from jfsrules.cases import Runner, chooser, load_scenarios
from jfsrules.errors import Refused
from jfsrules.loading import load_rulebook
from jfsrules.render.outcomes import junit, outcomes_text
from jfsrules.render.screen import Screen
from jfsrules.render.words import Wording

NEIGHBOUR = (
    "{eu_member: false, accession_status: none, enp_partner: true, strategic_partner: false}"
)
GOOD = f"""
- id: neighbour
  says: A partner of the neighbourhood policy is a neighbour.
  profile: {{partner: FJ, as_of: 2014-06-27, facts: {NEIGHBOUR}}}
  expect:
    tier: neighbourhood
    groups: [neighbourhood]
    focus: [security_sector_reform/focusing, human_rights]
    no_focus: [acquis_alignment/helping]
    tracks:
      mobility_partnership: {{advice: undetermined, state: unknown, meant: true, requires: {{where_appropriate: unknown}}}}
    missing: {{"track:mobility_partnership": [mobility_partnership]}}
    fired: [geo-n1-neighbours]
    not_fired: [geo-e1-candidates]
    notes: [advice]
  source: GEO-N1
  by: hand
"""


@pytest.fixture
def written(tmp_path: Path):
    """Writes scenarios to a file."""

    def write(text: str) -> Path:
        path = tmp_path / "cases.yaml"
        path.write_text(dedent(text), "utf-8")
        return path

    return write


def outcome(path: Path):
    (scenario,) = load_scenarios([path])
    return Runner("reference").run(scenario)


def test_what_is_expected_and_found_passes(written) -> None:
    """A scenario all of whose expectations hold passes."""
    assert outcome(written(GOOD)).passed


@pytest.mark.parametrize(
    ("was", "now", "about"),
    [
        ("tier: neighbourhood", "tier: none", "tier"),
        ("groups: [neighbourhood]", "groups: []", "groups"),
        (
            "focus: [security",
            "focus: [corruption/focusing, drugs/focusing, acquis_alignment/helping, security",
            "focus",
        ),
        ("no_focus: [acquis_alignment/helping]", "no_focus: [human_rights]", "focus"),
        (
            "focus: [security_sector_reform/focusing, human_rights]",
            "focus_exactly: [human_rights]",
            "focus",
        ),
        ("advice: undetermined", "advice: maintain", "track mobility_partnership, advice"),
        ("state: unknown", "state: in_force", "track mobility_partnership, state"),
        ("meant: true", "meant: unknown", "track mobility_partnership, meant"),
        (
            "where_appropriate: unknown",
            "where_appropriate: false",
            "track mobility_partnership, requirement where_appropriate",
        ),
        ("[mobility_partnership]}", "[enp_partner]}", "missing for track:mobility_partnership"),
        ("fired: [geo-n1-neighbours]", "fired: [geo-e1-candidates]", "rule geo-e1-candidates"),
        (
            "not_fired: [geo-e1-candidates]",
            "not_fired: [geo-n1-neighbours]",
            "rule geo-n1-neighbours",
        ),
        ("notes: [advice]", "notes: [page_written_later]", "notes"),
        ("fired: [geo-n1-neighbours]", "overridden: [geo-n1-neighbours]", "rule geo-n1-neighbours"),
        (
            "fired: [geo-n1-neighbours]",
            "no_tracks: [mobility_partnership]",
            "track mobility_partnership",
        ),
        ("fired: [geo-n1-neighbours]", "possible_groups: [enlargement]", "possible_groups"),
        ("fired: [geo-n1-neighbours]", "out_of_scope: eu_member", "out_of_scope"),
    ],
)
def test_each_kind_of_expectation_can_fail(written, was: str, now: str, about: str) -> None:
    """Whatever one may expect is looked at: changing it makes the scenario fail, and only there."""
    assert was in GOOD
    found = outcome(written(GOOD.replace(was, now, 1)))
    assert {one.about for one in found.mismatches} == {about}


@pytest.mark.parametrize(
    ("was", "now", "code", "near"),
    [
        ("tier: neighbourhood", "tier: neighborhood", "unknown-name", "neighbourhood"),
        ("groups: [neighbourhood]", "groups: [neighbours]", "unknown-name", "neighbourhood"),
        ("geo-n1-neighbours]", "geo-n1-neighbour]", "unknown-rule", "geo-n1-neighbours"),
        (
            "mobility_partnership: {",
            "mobility_partnerships: {",
            "unknown-name",
            "mobility_partnership",
        ),
        ("advice: undetermined", "advice: unknown", "unknown-name", None),
        (
            "where_appropriate: unknown",
            "where_apropriate: unknown",
            "unknown-name",
            "where_appropriate",
        ),
        (
            "acquis_alignment/helping",
            "acquis_alignment/help",
            "unknown-name",
            "acquis_alignment/helping",
        ),
        ("partner: FJ", "partner: XX", "unknown-partner", None),
        ("as_of: 2014-06-27", "as_of: 1999-01-01", "as-of-too-early", None),
        ("enp_partner: true", "enp_patner: true", "unknown-indicator", "enp_partner"),
        ("eu_member: false", "eu_member: true", "impossible-profile", None),
        ("source: GEO-N1", "source: GEO-N99", "unknown-citation", None),
        ("by: hand", "by: me", "wrong-shape", None),
        ("  says:", "  rulebook: txt-2014\n  says:", "unknown-rulebook", "text-2014"),
        ("  says:", "  partner: MD\n  says:", "wrong-shape", None),
        ('"track:mobility_partnership": [', '"tracks": [', "unknown-name", None),
    ],
)
def test_a_name_that_is_none_is_refused_at_its_place(written, was, now, code, near) -> None:
    """A scenario that names what does not exist is refused with the place, and the nearest name."""
    assert was in GOOD
    with pytest.raises(Refused) as refused:
        load_scenarios([written(GOOD.replace(was, now, 1))])
    found = {one.code: one for one in refused.value.diagnostics}
    assert code in found, found
    assert found[code].span is not None
    assert near is None or f"`{near}`" in (found[code].help or "")


def test_two_scenarios_of_one_name_are_refused(written) -> None:
    """An id is the name of one scenario, across files."""
    with pytest.raises(Refused, match="two scenarios are called `neighbour`"):
        load_scenarios([written(GOOD + GOOD)])


def test_words_choose_scenarios() -> None:
    """`-k` joins words by and, or, not and brackets."""
    assert chooser("md and not (2014 or 2015)")("MD 2016")
    assert not chooser("md and not (2014 or 2015)")("MD 2015")
    for wrong in ("", "and", "a or", "(a", "a b", "not"):
        with pytest.raises(Refused):
            chooser(wrong)


def test_a_failure_names_what_was_expected_and_found_and_why(written) -> None:
    """Text and JUnit both say it; the last line counts."""
    found = [outcome(written(GOOD.replace("tier: neighbourhood", "tier: none")))]
    wordings = {"text-2014": Wording.of(load_rulebook("text-2014"))}
    told = outcomes_text(found, wordings, Screen(100))
    assert "tier: expected none, found neighbourhood" in told
    assert "since Tier: The EU's neighbourhood" in told
    assert told.endswith("0 passed, 1 failed\n")
    case = ET.fromstring(junit(found, wordings)).find(".//testcase")
    assert case is not None and case.get("name") == "neighbour"
    assert "expected none" in case.find("failure").get("message")


@pytest.mark.parametrize(
    ("text", "asked", "code", "last"),
    [
        (GOOD, (), 0, "1 passed, 0 failed"),
        (GOOD.replace("tier: neighbourhood", "tier: none"), (), 1, "0 passed, 1 failed"),
        (GOOD, ("-k", "absent"), 2, "error: no scenario to run"),
        ("[]", (), 2, "error: no scenario to run"),
        ("- id: x", (), 2, None),
    ],
)
def test_the_command_ends_with_the_count_and_its_exit_code(
    written, text: str, asked: tuple[str, ...], code: int, last: str | None
) -> None:
    """0 where all passed, 1 where one failed, 2 where nothing could run."""
    from jfsrules.cli import cli

    path = written(text)
    ran = CliRunner().invoke(cli, ["test", str(path), "--engine", "reference", *asked])
    assert ran.exit_code == code
    assert last is None or ran.output.strip().split("\n")[-1] == last
