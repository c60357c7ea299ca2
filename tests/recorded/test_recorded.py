"""What people read, word for word: recorded, and looked at as a diff when it changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from faces.command import run
from jfsrules import decide, load_dossier, load_rulebook
from jfsrules.facts import profile_on
from jfsrules.loading import load_lists
from jfsrules.render.page import Page, page
from jfsrules.render.screen import Screen
from jfsrules.render.text import text
from jfsrules.render.words import Wording

HERE = Path(__file__).parent
PROFILES = sorted(path.stem for path in (HERE / "profiles").glob("*.yaml"))
ANSWERS = {
    "moldova-2014-06-27": ("MD", "2014-06-27", True),
    "ukraine-2022-06-22": ("UA", "2022-06-22", False),
    "ukraine-2022-06-23": ("UA", "2022-06-23", False),
    "russia": ("RU", "2024-12-31", False),
    "algeria-2014-06-27": ("DZ", "2014-06-27", False),
    "kosovo": ("XK", "2024-12-31", False),
}


def laid_out(partner: str, day: str, trace: bool) -> Page:
    """The page's answer on a dossier and lists of this folder, which no new fact can change."""
    book, dossier = load_rulebook("text-2014"), load_dossier(HERE / "dossiers" / f"{partner}.yaml")
    lists = load_lists(book.vocabulary, HERE / "lists")
    profile = profile_on(dossier, date.fromisoformat(day), lists, book.vocabulary)
    answer = decide(profile, rulebook=book, engine="reference")
    return page(answer, Wording.of(book, dossier, lists), trace=trace)


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("form", ["text", "md", "json"])
def test_a_profile_is_answered_as_recorded(name, form, recorded, monkeypatch):
    """The same facts give the same page, with its proof, in every format."""
    monkeypatch.chdir(HERE)
    more = ["--trace"] if form != "json" else ["--engine", "reference"]
    call = ["decide", f"profiles/{name}.yaml", "--rulebook", "text-2014", "--format", form, *more]
    shown = run(*call, COLUMNS="80")
    ending = {"text": "txt"}.get(form, form)
    # The rulebook's fingerprint changes with every rule; what is recorded here is the answer.
    words = shown.stdout.replace(load_rulebook("text-2014").digest, "0" * 64)
    recorded(HERE / "profiles" / f"{name}.{ending}", words)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_partner_is_answered_as_recorded(name, recorded):
    """The answers on partners that the hard cases turn on, from facts kept beside the answers."""
    shown = text(laid_out(*ANSWERS[name]), Screen(100))
    recorded(HERE / "partners" / f"{name}.txt", shown)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_terminal_shows_it_as_recorded(width, recorded):
    """With signs and without colour, at the widths people have."""
    shown = text(laid_out("RU", "2014-06-27", True), Screen(width, signs=True))
    recorded(HERE / "terminal" / f"russia-{width}.txt", shown)


@pytest.mark.parametrize(
    "words",
    [
        ("rules", "geo-e1-candidates"),
        ("rules", "geo-n2-visa-facilitation-agreement-where-appropriate"),
        ("cite", "GEO-N3"),
        ("new", "profile"),
    ],
    ids="-".join,
)
def test_looking_around_is_answered_as_recorded(words, recorded, monkeypatch):
    """Rules, sources, dossiers and templates, as they are shown."""
    monkeypatch.chdir(HERE.parents[1])
    shown = run(*words, COLUMNS="80")
    assert shown.exit_code == 0, shown.stderr
    recorded(HERE / "browse" / f"{'-'.join(words)}.txt", shown.stdout)
