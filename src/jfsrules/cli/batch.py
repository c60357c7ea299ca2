"""`jfsrules batch`: many cases at once, from files of cases and tables to one table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jfsrules.cli import shared

if TYPE_CHECKING:
    from jfsrules.batch.counting import Closing
    from jfsrules.batch.parts import Parts
    from jfsrules.batch.running import Batch

SET_APART: Final = 1


@click.command(
    cls=shared.Verb,
    short_help="Decide on many cases at once.",
    examples=(
        ("jfsrules batch cases/partners --as-of 2004..2026 -o all.parquet", "everyone, each year"),
        ("jfsrules batch cases.csv -o answers.csv --errors wrong.jsonl", "a table of your own"),
        ("jfsrules batch 'cases/*.yaml' --set visa_regime=visa_required", "what if, for many"),
        ("jfsrules batch - < cases.jsonl > answers.csv", "from a program, for a program"),
        ("jfsrules batch large.parquet -o out.parquet --resume", "go on after an interruption"),
    ),
)
@click.argument("paths", metavar="PATHS...", nargs=-1, required=True)
@click.option(
    "-o",
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to write: .parquet, .csv or .jsonl; without it a table, or CSV in a pipe.",
)
@click.option(
    "--as-of",
    metavar="DAYS",
    help="A day, days behind commas, or years as 2004..2026, each its last day.",
)
@click.option("--partners", metavar="CODES", help="Only these, as MD,UA.")
@click.option(
    "--set",
    "settings",
    metavar="INDICATOR=VALUE",
    multiple=True,
    help="State a fact over what is known; `unknown` takes one away. Repeatable.",
)
@shared.as_rulebook
@click.option(
    "--trust",
    type=click.Choice(("verified", "reported", "unverified")),
    default="unverified",
    show_default=True,
    help="The least that facts of dossiers must be; weaker ones count as unknown.",
)
@click.option(
    "--errors",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to write the rows set apart, each with its place and what is wrong, as JSON Lines.",
)
@click.option("--keep", metavar="COLUMN", multiple=True, help="Carry a column through. Repeatable.")
@click.option("--ignore-extra", is_flag=True, help="Pass by columns that are no indicators.")
@click.option("--trace", is_flag=True, help="Add the whole decision of each row, as JSON.")
@click.option(
    "--at-once",
    metavar="ROWS",
    type=click.IntRange(min=1),
    default=131_072,
    show_default=True,
    help="How many rows are read and written at a time.",
)
@click.option("--resume", is_flag=True, help="Go on where an interrupted run was.")
@click.option("--force", is_flag=True, help="Replace FILE, and begin anew.")
def batch(
    paths: tuple[str, ...],
    out: Path | None,
    as_of: str | None,
    partners: str | None,
    settings: tuple[str, ...],
    rulebook: str,
    trust: Any,
    errors: Path | None,
    keep: tuple[str, ...],
    ignore_extra: bool,
    trace: bool,
    at_once: int,
    resume: bool,
    force: bool,
) -> int:
    """Answer for every case in PATHS: files, folders, patterns, or - for standard input.

    Profiles and dossiers are YAML or JSON; tables are CSV, TSV, JSON Lines or Parquet, with a
    column `partner`, perhaps `as_of`, and one for each indicator. A row that cannot be answered
    for is set apart with what is wrong, and the others go on; the exit code is 1 then.
    """
    from jfsrules import loading
    from jfsrules.batch.asked import days_asked, partners_asked
    from jfsrules.batch.parts import Parts
    from jfsrules.batch.running import Batch, Job

    book = loading.load_rulebook(rulebook)
    job = Job(
        paths,
        book,
        days_asked(as_of, loading.knowledge_date()) if as_of else (),
        partners_asked(partners) if partners else (),
        shared.stated(settings, book.vocabulary)[0],
        trust,
        keep,
        ignore_extra,
        trace,
        at_once,
    )
    made = Batch(job)
    made.refuse_outputs(out, errors)
    parts = Parts(out, made.asked(), made.metadata(), errors) if out else None
    if parts:
        if resume and made.reads_stdin:
            raise click.UsageError("standard input cannot be read again: `--resume` needs files")
        parts.begin(force=force, resume=resume)
    closing = _run(made, parts, errors, force)
    sys.stderr.write(_words(closing))
    return SET_APART if closing.rows_apart else 0


def _run(made: Batch, parts: Parts | None, errors: Path | None, force: bool) -> Closing:
    from jfsrules.batch.running import run

    if parts is None:
        return _shown(made, errors, force)
    try:
        closing = run(made, parts=parts, errors=errors)
        parts.finish(made.empty())
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted: the same call with `--resume` goes on from here\n")
        raise
    finally:
        parts.close()
    return closing


def _shown(made: Batch, errors: Path | None, force: bool) -> Closing:
    """Write the answers to standard output, as CSV."""
    from jfsrules.batch.apart import write_apart
    from jfsrules.batch.parts import harmless, header, refuse_standing
    from jfsrules.batch.running import run

    if not force:
        refuse_standing(errors)
    sys.stdout.write(header(made.empty()).decode())

    def say(answer: Any) -> None:
        sys.stdout.write(harmless(answer).write_csv(include_header=False))

    closing = run(made, take=say, errors=errors)
    sys.stdout.flush()
    if errors:
        write_apart(errors, closing.apart)
    return closing


def _words(closing: Closing) -> str:
    passed = f" + {closing.passed:,} of other partners" if closing.passed else ""
    return (
        f"{closing.rows_in:,} rows in = {closing.rows_out:,} rows out"
        f" + {closing.rows_apart:,} set apart{passed}\n"
    )
