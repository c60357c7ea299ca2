"""`jfsrules coverage`: what of the page, the rules and the facts is used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from jfsrules.cli import shared


@click.command(
    cls=shared.Verb,
    short_help="Show what of page, rules and facts is used.",
    examples=(
        ("jfsrules coverage", "what is never used, and how many tiers are open"),
        ("jfsrules coverage --full --rulebook text-2014", "each passage, rule and requirement"),
        ("jfsrules coverage --format json", "for a program"),
    ),
)
@click.argument("paths", nargs=-1, metavar="[SCENARIOS]...")
@click.option("--full", is_flag=True, help="Name everything, and show each passage and rule.")
@shared.as_rulebook
@shared.as_format("text", "json", "md")
def coverage(paths: tuple[str, ...], full: bool, rulebook: str, form: str) -> None:
    """Show passages × rules × cases: rules never fired, requirements never failed, facts never used.

    Every scenario is run, and every partner decided on at each year end since 2004 and on the
    knowledge date, so this takes some seconds. Undetermined tiers are listed with what would
    settle them.
    """
    from jfsrules import cases, loading
    from jfsrules import coverage as covering

    book = loading.load_rulebook(rulebook)
    lists = loading.load_lists(book.vocabulary)
    scenarios = cases.load_scenarios(map(Path, paths), {book.name: book})
    dossiers = [loading.load_dossier(code, book.vocabulary) for code in loading.dossier_codes()]
    with _bar(len(dossiers)) as step:
        told = covering.coverage(book, scenarios, dossiers, lists, step=step)
    if form == "json":
        shared.say_json(told.to_json())
        return
    from jfsrules.render.covering import coverage_markdown, coverage_text
    from jfsrules.render.words import Wording

    wording = Wording.of(book)
    if form == "md":
        shared.say(coverage_markdown(told, wording))
    else:
        shared.say(coverage_text(told, wording, shared.screen(), full))


@contextmanager
def _bar(length: int) -> Iterator[Callable[[], None]]:
    """A progress bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=length, label="deciding", file=sys.stderr) as bar:
        yield lambda: bar.update(1)
