"""`jfsrules test`: the scenarios, run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jfsrules.cli import shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jfsrules.cases import Outcome, Scenario
    from jfsrules.render.words import Wording
    from jfsrules.rulebook import Rulebook

NOTHING_RAN = 2


@click.command(
    cls=shared.Verb,
    short_help="Run the scenarios.",
    examples=(
        ("jfsrules test", "every scenario of the project"),
        ("jfsrules test -k 'ukraine and not 2022'", "some of them"),
        ("jfsrules test my-cases.yaml --rulebook my-rules/", "your cases by your rules"),
        ("jfsrules test --junit report.xml", "and a report for machines"),
    ),
)
@click.argument("paths", nargs=-1, metavar="[FILE|FOLDER]...")
@click.option(
    "-k", "expression", metavar="EXPR", help="Only those whose file, id, partner or rulebook match."
)
@click.option("--junit", metavar="FILE", help="Write the outcomes as JUnit XML too.")
@click.option(
    "--rulebook",
    metavar="NAME|FOLDER",
    help="Only the scenarios of that rulebook; a folder stands in for the shipped one of its name.",
)
@click.option(
    "--engine",
    type=click.Choice(("auto", "rete", "reference")),
    default="auto",
    show_default=True,
    help="Which engine decides.",
)
@shared.as_format("text", "json")
def test(
    paths: tuple[str, ...],
    expression: str | None,
    junit: str | None,
    rulebook: str | None,
    engine: Any,
    form: str,
) -> None:
    """Run scenarios and say which decisions are not as expected.

    The last line is `N passed, M failed`. Exit code 1 where one failed, 2 where none could run.
    """
    from jfsrules import cases, loading

    own = loading.load_rulebook(rulebook) if rulebook else None
    books = {own.name: own} if own else {}
    chosen = _chosen(cases.load_scenarios(map(Path, paths), books), expression, own)
    if not chosen:
        click.echo("error: no scenario to run", err=True)
        click.get_current_context().exit(NOTHING_RAN)
    runner = cases.Runner(engine, books)
    outcomes = [runner.run(one) for one in chosen]
    if junit:
        from jfsrules.render.outcomes import junit as as_junit

        Path(junit).write_text(as_junit(outcomes, _wordings(outcomes, books)), "utf-8")
    _show(outcomes, books, form)
    if not all(one.passed for one in outcomes):
        click.get_current_context().exit(1)


def _chosen(
    scenarios: Sequence[Scenario], expression: str | None, own: Rulebook | None
) -> list[Scenario]:
    from jfsrules.cases import chooser

    wanted = chooser(expression) if expression else lambda _: True
    return [
        one for one in scenarios if (own is None or one.rulebook == own.name) and wanted(_name(one))
    ]


def _name(scenario: Scenario) -> str:
    span = scenario.place.span
    file = Path(span.source.name).stem if span else ""
    return f"{file} {scenario.id} {scenario.partner} {scenario.rulebook}"


def _wordings(outcomes: Sequence[Outcome], books: dict[str, Rulebook]) -> dict[str, Wording]:
    from jfsrules.loading import load_lists, load_rulebook
    from jfsrules.render.words import Wording

    names = {one.scenario.rulebook for one in outcomes}
    chosen = {name: books.get(name) or load_rulebook(name) for name in names}
    return {
        name: Wording.of(book, None, load_lists(book.vocabulary)) for name, book in chosen.items()
    }


def _show(outcomes: Sequence[Outcome], books: dict[str, Rulebook], form: str) -> None:
    if form == "json":
        failed = [one for one in outcomes if not one.passed]
        rows = [_row(one) for one in outcomes]
        shared.say_json(
            {"passed": len(outcomes) - len(failed), "failed": len(failed), "scenarios": rows}
        )
        return
    from jfsrules.render.outcomes import outcomes_text

    shared.say(outcomes_text(outcomes, _wordings(outcomes, books), shared.screen()))


def _row(one: Outcome) -> dict[str, Any]:
    span = one.scenario.place.span
    return {
        "id": one.scenario.id,
        "place": span.place if span else None,
        "passed": one.passed,
        "mismatches": shared.plainly(one.mismatches),
        "refused": [diagnostic.message for diagnostic in one.refused],
    }
