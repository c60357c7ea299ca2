"""`jfsrules audit log`: which decisions there are, by what stands in them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import IO, Any, Final

import click

from jfsrules.cli import shared
from jfsrules.cli.audit import common

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@click.command(
    cls=shared.Verb,
    short_help="List decisions, by what stands in them.",
    examples=(
        ("jfsrules audit log decisions.db", "the last ones"),
        (
            "jfsrules audit log decisions.db --partner MD --as-of 2014..",
            "one partner, from a day on",
        ),
        ("jfsrules audit log decisions.db --where 'kind=blocked fact=visa_regime'", "by a step"),
        ("jfsrules audit log decisions.db --format csv --limit 0 -o all.csv", "all, for a table"),
    ),
)
@common.a_ledger
@common.asking
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(0),
    default=50,
    show_default=True,
    help="At most so many; 0 for all.",
)
@click.option("--oldest", is_flag=True, help="The oldest first.")
@shared.as_format("text", "jsonl", "csv", "parquet")
@click.option("-o", "--output", metavar="FILE", help="Write to a file.")
def log(ledger: str, limit: int, oldest: bool, form: str, output: str | None, **asked: Any) -> None:
    """List the decisions of LEDGER that fit every option, the newest first."""
    from jfsrules.audit.questions import ask

    with common.indexed(ledger) as (found, index):
        answer = ask(found, index, common.question(asked), newest=not oldest)
        rows = answer.lines if limit == 0 else islice(answer.lines, limit)
        if form == "text":
            _text(list(rows), answer.count)
        elif form == "parquet":
            _parquet(rows, output)
        else:
            write = _csv if form == "csv" else _json_lines
            _written(output, lambda place: write(rows, place))


def _text(rows: list[dict[str, Any]], count: int) -> None:
    from jfsrules.render.card import table

    screen = shared.screen()
    cells = [
        (
            row["at"],
            row["logged"][:19].replace("T", " "),
            row["partner"],
            row["as_of"],
            f"{row['rulebook']} {row['version']}",
            row["tier"] + (f" (for {row['asked_by']})" if row["asked_by"] else ""),
        )
        for row in rows
    ]
    shown = table(("at", "logged (UTC)", "of", "as of", "rulebook", "tier"), cells, screen)
    told = (
        f"{len(rows):,} of {common.counted(count)}\n"
        if len(rows) < count
        else f"{common.counted(count)}\n"
    )
    shared.say(screen.render([told, shown] if rows else [told]))


def _written(output: str | None, write: Any) -> None:
    if output is None:
        write(sys.stdout)
        return
    try:
        with open(output, "w", encoding="utf-8", newline="") as opened:  # noqa: PTH123 (as typed)
            write(opened)
    except OSError as error:
        raise _unwritable(output, error) from None


def _unwritable(output: str, error: OSError) -> Exception:
    from jfsrules.errors import LedgerError

    return LedgerError(f"`{output}` cannot be written: {(error.strerror or '').lower()}")


def _json_lines(rows: Iterable[Mapping[str, Any]], place: IO[str]) -> None:
    import json

    for row in rows:
        place.write(json.dumps(row, ensure_ascii=False) + "\n")


def _csv(rows: Iterable[Mapping[str, Any]], place: IO[str]) -> None:
    import csv

    from jfsrules.audit.questions import COLUMNS

    writer = csv.writer(place, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(_cells, rows))


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    """The cells of a row; one that a spreadsheet would run as a formula is kept a text."""
    for value in row.values():
        text = "" if value is None else str(value)
        yield f"'{text}" if text.startswith(FORMULA) else text


def _parquet(rows: Iterable[Mapping[str, Any]], output: str | None) -> None:
    from jfsrules.audit.tables import table

    if output is None:
        raise click.UsageError("parquet is written to a file: name it with `-o FILE`")
    try:
        table(rows).write_parquet(output)
    except OSError as error:
        raise _unwritable(output, error) from None
