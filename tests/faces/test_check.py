"""`jfsrules check`: what is wrong with rules and facts is said with its place, and ends with 1."""

from __future__ import annotations

import json

import pytest

from conftest import ROOT
from faces.command import run

REFUSED = ROOT / "cases" / "refused"


def test_everything_shipped_is_well_formed():
    """The rules and facts that travel with the package hold nothing wrong."""
    shown = run("check", "--format", "json")
    assert shown.exit_code == 0, shown.stdout
    found = json.loads(shown.stdout)
    assert found["wrong"] == []
    assert found["looked_at"]["dossier"] >= 250
    assert found["looked_at"]["rulebook"] == 2


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("missing-citation", "*.yaml"),
        ("contradictory-facts", "*.yaml"),
        ("ladder-gap", "*.yaml"),
        ("end-before-start", "*.yaml"),
        ("list-without-end", "lists"),
        ("edits-extended-rule", "rulebook"),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_place(code, names):
    """A fact without citation, a gap, an open list, an edit of the page's rules: each is found."""
    places = sorted(str(path) for path in (REFUSED / code).glob(names))
    assert places
    shown = run("check", *places)
    assert shown.exit_code == 1, shown.stdout
    assert f"error[{code}]: " in shown.stdout
    assert f"cases/refused/{code}/" in shown.stdout
    assert "help: " in shown.stdout


def test_a_folder_of_dossiers_is_looked_through():
    """Each file is checked, and counted."""
    shown = run("check", str(ROOT / "cases" / "partners"))
    assert shown.exit_code == 0, shown.stdout
    assert "250 dossiers looked at; nothing wrong" in shown.stdout


def test_a_path_that_is_not_there_is_a_wrong_call():
    """Nothing could be checked, so the exit code is 2."""
    assert run("check", "nowhere").exit_code == 2
