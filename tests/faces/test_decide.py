"""`jfsrules decide`, as people and programs call it."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from conftest import ROOT
from faces.command import run
from jfsrules import decide
from jfsrules.render.contract import decision_schema
from jfsrules.render.text import Screen

PROFILE = """\
partner: MD
as_of: 2014-06-27
facts:
  eu_member: false
  accession_status: none
  enp_partner: true
  mobility_partnership: not_started
"""


@pytest.fixture
def profile(tmp_path):
    path = tmp_path / "moldova.yaml"
    path.write_text(PROFILE, "utf-8")
    return str(path)


def answer(*words, **more):
    """The decision that the command writes as JSON."""
    shown = run("decide", *words, "--format", "json", **more)
    assert shown.exit_code == 0, shown.stderr
    return json.loads(shown.stdout)


def test_the_schema_of_a_decision_is_current(recorded):
    """The published contract is the one that the classes give."""
    words = json.dumps(decision_schema(), indent=2, ensure_ascii=False) + "\n"
    recorded(ROOT / "rules" / "schema" / "decision.json", words)


@pytest.mark.parametrize("code", ["MD", "UA", "RU", "DZ", "HR", "US", "XK", "TR", "BY", "AQ"])
def test_json_is_the_contract_and_stands_alone(code):
    """With `--format json` standard output is one decision that fits its schema, and no word more."""
    validator = Draft202012Validator(decision_schema())
    shown = run("decide", code, "--format", "json")
    assert (shown.exit_code, shown.stderr) == (0, "")
    found = json.loads(shown.stdout)
    assert not list(validator.iter_errors(found))
    assert found == decide(code).to_json()


def test_the_day_is_the_knowledge_date_unless_one_is_given():
    """The day the facts are vouched for is printed before anything else."""
    first = run("decide", "MD").stdout.splitlines()[0]
    assert "23 November 2026 (the knowledge date)" in first
    other = run("decide", "MD", "--as-of", "2014-06-27").stdout
    assert "Moldova (MD) on 27 June 2014" in other


def test_a_profile_is_read_from_a_file_or_standard_input(profile):
    """YAML and JSON, by path and by `-`, give the same decision."""
    as_json = json.dumps(
        {
            "partner": "MD",
            "as_of": "2014-06-27",
            "facts": {
                "eu_member": False,
                "accession_status": "none",
                "enp_partner": True,
                "mobility_partnership": "not_started",
            },
        }
    )
    answers = [
        answer(profile),
        answer("-", standard_input=PROFILE),
        answer("-", standard_input=as_json),
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["tier"] == "neighbourhood"


def test_a_profile_says_that_it_stands_alone(profile):
    """What a profile does not state is unknown, and the answer says so first."""
    assert "what it does not state is unknown" in " ".join(run("decide", profile).stdout.split())


@pytest.mark.parametrize(
    ("setting", "atom", "value"),
    [
        ("accession_status=candidate", "accession_status", "candidate"),
        ("membership_application=false", "membership_application", False),
        ("regional_process.rabat=true", "regional_process.rabat", True),
        ("mobility_partnership=ended", "mobility_partnership", "ended"),
        (" enp_partner = true ", "enp_partner", True),
    ],
)
def test_a_fact_is_set_over_what_is_known(setting, atom, value):
    """`--set` states a fact of the type its indicator has."""
    assert answer("DZ", "--set", setting) == decide("DZ", stated={atom: value}).to_json()


def test_members_of_a_set_stand_behind_commas():
    """`--set` takes the members of a set together; none is an empty set."""
    several = answer("DZ", "--set", "regional_process=rabat,prague")
    assert several == decide("DZ", stated={"regional_process": ["rabat", "prague"]}).to_json()
    none = answer("DZ", "--set", "regional_process=")
    assert none == decide("DZ", stated={"regional_process": []}).to_json()


def test_several_facts_can_be_set_and_one_taken_away():
    """`--set` repeats, `unknown` takes a fact away, and the answer names what was stated."""
    settings = ("--set", "enp_partner=unknown", "--set", "strategic_partner=true")
    found = answer("DZ", *settings)
    assert (found["groups"], found["possible_groups"]) == (["strategic_partner"], ["neighbourhood"])
    shown = " ".join(run("decide", "DZ", *settings).stdout.split())
    assert "Stated for this answer: enp_partner=unknown, strategic_partner=true." in shown


def test_trust_and_engine_are_chosen_by_option():
    """Each option reaches the decision, and the answer says what was asked."""
    assert answer("XK", "--trust", "verified") == decide("XK", trust="verified").to_json()
    assert answer("MD", "--engine", "reference")["engine"] == "reference"
    shown = " ".join(run("decide", "XK", "--trust", "verified").stdout.split())
    assert "Facts that are not verified count as unknown." in shown


def test_a_rulebook_is_named_or_a_folder():
    """`--rulebook` takes a shipped name or the path of a folder."""
    folder = str(ROOT / "rules" / "text-2014")
    assert answer("MD", "--rulebook", folder) == answer("MD", "--rulebook", "text-2014")


@pytest.mark.parametrize("form", ["text", "md"])
def test_every_line_of_the_answer_is_shown(form):
    """What JSON says of a partner, people can read: tier, areas with modes, tracks with advice."""
    found = decide("UA", "2022-06-23", rulebook="text-2014")
    call = ["decide", "UA", "--as-of", "2022-06-23", "--rulebook", "text-2014", "--format", form]
    shown = " ".join(run(*call).stdout.split())
    for words in ("Enlargement countries", "The EU's neighbourhood", "helping", "supporting"):
        assert words in shown
    for track in found.tracks:
        if track.state is not None:
            assert track.advice.replace("_", " ") in shown
    for area in found.focus_areas:
        assert all(cite in shown for cite in area.cites)


def test_the_trace_leads_down_to_cited_facts():
    """With `--trace` each document that a shown line rests on is named."""
    shown = " ".join(run("decide", "UA", "--as-of", "2022-06-23", "--trace").stdout.split())
    assert "its accession status is candidate (since 23 June 2022)" in shown
    assert "EUCO 24/22" in shown
    assert "[design]" in shown


def test_what_is_not_verified_is_marked():
    """A stated fact, and one that was not verified, carry a mark wherever they are used."""
    stated = run("decide", "DZ", "--set", "accession_status=candidate").stdout
    assert "Enlargement countries [stated]" in stated
    found = decide("RU")
    weak = {t.confidence for t in found.tracks} - {None, "verified"}
    shown = run("decide", "RU").stdout
    assert weak and all(f"[{mark}]" in shown for mark in weak)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("XK", "UNSCR 1244/1999"),
        ("PS", "shall not be construed as recognition"),
        ("TW", "not recognised as a State"),
    ],
)
def test_status_is_worded_neutrally(code, words):
    """Names whose status is disputed carry a star and its footnote, once, in every format."""
    for form in ("text", "md"):
        shown = " ".join(run("decide", code, "--format", form).stdout.split())
        assert shown.count(words) == 1
        assert f"* ({code}) on" in shown


def test_a_day_before_the_page_is_noted():
    """For a day before the page was written the answer says so."""
    assert "written after" in run("decide", "MD", "--as-of", "2010-01-01").stdout
    assert "written after" not in run("decide", "MD", "--as-of", "2014-06-27").stdout


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_page(width):
    """Text keeps to the width it is given, and leaves no blanks at the ends of lines."""
    lines = run("decide", "RU", "--trace", COLUMNS=str(width)).stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line != line.rstrip()]
    if width == 200:
        tops = lines[: lines.index("Proof: tier and groups")]
        assert max(map(len, tops)) <= Screen(width).room


def test_a_judgement_is_explained_once():
    """Requirements that wait for a person are marked, and what the mark means is said once."""
    shown = run("decide", "DZ", "--as-of", "2014-06-27").stdout
    assert shown.count("which only a person can state") == 1
    assert shown.count("judge:") > 2


def test_what_to_find_out_is_short(tmp_path):
    """The facts on which most hangs come first, with the tier before tracks; the others are counted."""
    path = tmp_path / "nothing.yaml"
    path.write_text("partner: DZ\nfacts: {}\n", "utf-8")
    shown = run("decide", str(path)).stdout.partition("To find out\n")[2]
    assert shown.count("try --set ") == 5
    assert "the tier" in shown.partition("try --set ")[0]
    assert "more (`--format json` names them)" in shown


def test_a_mark_stands_by_what_it_is_about():
    """A state keeps its own confidence; what was stated marks the advice, and nothing unknown is marked."""
    call = ("decide", "DZ", "--as-of", "2014-06-27", "--rulebook", "text-2014")
    shown = run(*call, "--set", "mobility_support_appropriate=true").stdout
    assert "not started [stated]" not in shown
    assert "[stated]" in shown
    unknown = run(*call, "--set", "enp_partner=unknown", "--trace").stdout
    assert "Undetermined [" not in unknown and "Undetermined\n" in unknown


def test_both_readings_say_what_was_asked():
    """Side by side too, the answer begins with the day of the facts and what was stated."""
    shown = run("decide", "MD", "--rulebook", "both", "--set", "visa_regime=visa_required").stdout
    assert shown.startswith("Facts are vouched up to")
    assert "visa_regime=visa_required" in shown.partition("Differences")[0]


def test_a_moot_track_shows_no_requirement():
    """Where nothing is left to do, what it would require is not held against the partner."""
    call = ("decide", "TR", "--set", "visa_facilitation_agreement=not_started")
    rows = run(*call, "--set", "accession_status=candidate", COLUMNS="120").stdout.splitlines()
    at = next(n for n, row in enumerate(rows) if row.startswith("  Visa facilitation agreement"))
    assert " moot " in rows[at]
    assert rows[at + 1].split(":")[0].strip() not in ("fails", "open", "judge", "holds")
