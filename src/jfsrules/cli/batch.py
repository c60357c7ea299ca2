"""`jfsrules batch`: many cases at once, from files of cases and tables to one table."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jfsrules.cli import shared

if TYPE_CHECKING:
    from jfsrules.audit.batches import BatchLog
    from jfsrules.batch.counting import Closing
    from jfsrules.batch.parts import Parts
    from jfsrules.batch.running import Batch, Job
    from jfsrules.batch.tallying import Tally
    from jfsrules.render.charts import Wanted
    from jfsrules.render.meter import Meter
    from jfsrules.render.words import Wording

SET_APART: Final = 1


@click.command(
    cls=shared.Verb,
    short_help="Decide on many cases at once.",
    examples=(
        ("jfsrules batch cases/partners --as-of 2004..2026 -o all.parquet", "everyone, each year"),
        ("jfsrules batch cases.csv -o answers.csv --errors wrong.jsonl", "a table of your own"),
        ("jfsrules batch 'cases/*.yaml' --set visa_regime=visa_required", "what if, for many"),
        ("jfsrules batch - < cases.jsonl > answers.csv", "from a program, for a program"),
        ("jfsrules batch cases/partners --as-of 2004..2026 --chart years.svg", "tiers over time"),
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
@shared.as_settings
@shared.as_rulebook
@shared.as_trust
@click.option(
    "--errors",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to write the rows set apart, each with its place and what is wrong, as JSON Lines.",
)
@click.option(
    "--chart",
    "charts",
    metavar="[KIND=]FILE",
    multiple=True,
    help="Draw a picture, .svg or .png: tiers over time (tiers=FILE), or advice by partner and"
    " instrument on the last day (advice=FILE). Repeatable.",
)
@click.option("--keep", metavar="COLUMN", multiple=True, help="Carry a column through. Repeatable.")
@click.option("--ignore-extra", is_flag=True, help="Pass by columns that are no indicators.")
@click.option("--trace", is_flag=True, help="Add the whole decision of each row, as JSON.")
@click.option(
    "--at-once",
    metavar="ROWS",
    type=click.IntRange(min=1),
    default=100_000,
    show_default=True,
    help="How many rows are read and written at a time.",
)
@click.option(
    "--engine",
    type=click.Choice(("polars", "duckdb", "spark")),
    default="polars",
    show_default=True,
    help="What reads, answers and writes: duckdb for more rows than fit in memory, spark for more"
    " than one machine.",
)
@click.option(
    "--master", metavar="URL", help="Where Spark runs, as local[4], spark://host:7077 or yarn."
)
@shared.as_log
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
    charts: tuple[str, ...],
    keep: tuple[str, ...],
    ignore_extra: bool,
    trace: bool,
    at_once: int,
    engine: str,
    master: str | None,
    ledger: str | None,
    asked_by: str | None,
    signing: str | None,
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
    from jfsrules.batch.parts import Parts, refuse_standing
    from jfsrules.batch.running import Batch, Job
    from jfsrules.render.batch import closing_text
    from jfsrules.render.words import Wording

    pictures = _pictures(charts)
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
        (Path(rulebook),) if Path(rulebook).is_dir() else (),
    )
    if engine != "polars" or master:
        _refuse_elsewhere(engine, master, out, bool(charts), trace, resume, ledger)
        return _elsewhere(job, engine, master, out, errors, force)
    made = Batch(job)
    made.refuse_outputs(out, errors, *(one.file for one in pictures))
    if not force:
        refuse_standing(*(one.file for one in pictures))
    if ledger and not out:
        raise click.UsageError("what is logged is written to a file first: name it with `-o FILE`")
    log = _log(made, ledger, asked_by, signing) if ledger else None
    asked = {**made.asked(), "log": ledger, "asked_by": asked_by}
    write = log.write if log else None
    parts = Parts(out, asked, made.metadata(), errors, write) if out else None
    if parts:
        if resume and made.reads_stdin:
            raise click.UsageError("standard input cannot be read again: `--resume` needs files")
        parts.begin(force=force, resume=resume)
        if log:
            log.go_on(parts.logged())
            made.log = log
    wording = Wording.of(book)
    begun = time.monotonic()
    drawn: list[str] = []
    with _meter() as meter:
        if parts:
            append = partial(_appended, made, parts, ledger, signing, resume) if ledger else None
            closing, tally = _written(made, parts, errors, meter, bool(pictures), append)
        else:
            closing, tally = _shown(made, errors, force, meter, wording, bool(pictures))
        try:
            drawn += _drawn(pictures, tally, wording, meter, closing)
        finally:
            meter.stop()
            closing.seconds = time.monotonic() - begun
            said = closing_text(closing, wording, shared.screen(sys.stderr), drawn)
            sys.stderr.write(said)
    return SET_APART if closing.rows_apart or not closing.balanced else 0


def _refuse_elsewhere(
    engine: str,
    master: str | None,
    out: Path | None,
    charts: bool,
    trace: bool,
    resume: bool,
    ledger: str | None,
) -> None:
    """Raise UsageError for what another engine cannot do, with what to do instead."""
    from jfsrules.batch.elsewhere.session import is_master

    if master and engine != "spark":
        raise click.UsageError("`--master` says where Spark runs: add `--engine spark`")
    if master and not is_master(master):
        help_ = "write `local[4]`, `spark://host:7077`, `yarn` or `k8s://host:port`"
        raise click.UsageError(f"`{master}` is no address of Spark: {help_}")
    if not out:
        raise click.UsageError(f"`--engine {engine}` writes to a file: name it with `-o FILE`")
    instead = {
        "--resume": (resume, "begin anew with `--force`"),
        "--trace": (trace, "explain single rows with `decide`, or use the engine `polars`"),
        "--log": (bool(ledger), "use the engine `polars`"),
        "--chart": (charts, "use the engine `polars`"),
    }
    for option, (asked, how) in instead.items():
        if asked:
            raise click.UsageError(f"`--engine {engine}` cannot `{option}`: {how}")


def _elsewhere(
    job: Job, engine: str, master: str | None, out: Path | None, errors: Path | None, force: bool
) -> int:
    """Answer on another engine, and say what it came to."""
    from jfsrules.batch.elsewhere import answer_elsewhere
    from jfsrules.render.batch import closing_text
    from jfsrules.render.words import Wording

    with _meter() as meter:
        closing = answer_elsewhere(
            job, str(out), engine, master=master, errors=errors, force=force, progress=meter
        )
        meter.stop()
    wording = Wording.of(job.rulebook)
    sys.stderr.write(closing_text(closing, wording, shared.screen(sys.stderr)))
    return SET_APART if closing.rows_apart else 0


def _log(made: Batch, ledger: str, asked_by: str | None, signing: str | None) -> BatchLog:
    """What gathers what is decided, once the ledger is seen to be ready for it."""
    from jfsrules.audit.batches import BatchLog, make_ready

    make_ready(ledger, signing)
    outputs = made.answers.columns.outputs_with("bits")
    return BatchLog(made.job.rulebook, made.rows.schema, outputs, asked_by)


def _appended(made: Batch, parts: Parts, ledger: str, signing: str | None, resume: bool) -> None:
    """Log before the answers are put in place: an answer that is not logged is not given."""
    from jfsrules.audit.batches import append
    from jfsrules.errors import LedgerError

    try:
        receipts = append(ledger, signing, parts.logged(), made.job.rulebook, again=resume)
    except LedgerError as error:
        raise LedgerError(
            f"{error}; the answers stand in `{parts.folder}`, and the same call with `--resume` "
            "logs them"
        ) from error
    for one in receipts:
        sys.stderr.write(f"logged as {one.seq} in {one.ledger}, head {one.head}\n")


def _written(
    made: Batch,
    parts: Parts,
    errors: Path | None,
    meter: Meter,
    counted: bool,
    append: Callable[[], None] | None,
) -> tuple[Closing, Tally | None]:
    """Write the answers, part by part; with what a chart needs, if one is asked for."""
    from jfsrules.batch.running import run
    from jfsrules.batch.tallying import tally_of

    try:
        closing = run(made, parts=parts, errors=errors, progress=meter)
        if append:
            meter.doing("logging")
            append()
        meter.doing("joining the parts")
        parts.finish(made.empty())
    except KeyboardInterrupt:
        meter.stop()
        sys.stderr.write("\ninterrupted: the same call with `--resume` goes on from here\n")
        raise
    finally:
        parts.close()
    return closing, tally_of(parts.out) if counted else None


def _shown(
    made: Batch, errors: Path | None, force: bool, meter: Meter, wording: Wording, counted: bool
) -> tuple[Closing, Tally | None]:
    """Write the answers to standard output: the first as a table on a terminal, all as CSV in a pipe."""
    from jfsrules.batch.glance import Glance
    from jfsrules.batch.parts import harmless, header, refuse_standing
    from jfsrules.batch.running import run
    from jfsrules.batch.tallying import Tally
    from jfsrules.loading.countries import names_by_code
    from jfsrules.render.batch import glance_text

    if not force:
        refuse_standing(errors)
    tally = Tally() if counted else None
    glance = Glance(made.job.keep) if sys.stdout.isatty() else None
    if glance is None:
        sys.stdout.write(header(made.empty()).decode())

    def take(answer: Any) -> None:
        if tally:
            tally.add(answer)
        if glance:
            glance.take(answer)
        else:
            sys.stdout.write(harmless(answer).write_csv(include_header=False))

    closing = run(made, take=take, errors=errors, progress=meter)
    meter.stop()
    if glance:
        shared.say(glance_text(glance, wording, names_by_code(), shared.screen()) + "\n")
    sys.stdout.flush()
    return closing, tally


def _meter() -> Meter:
    """What shows how far it is: on a terminal alone."""
    from jfsrules.render.meter import Meter

    shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return Meter(sys.stderr, shown, shared.coloured(sys.stderr))


def _pictures(written: tuple[str, ...]) -> list[Wanted]:
    """The pictures that are asked for; refused at once where they cannot be drawn."""
    from jfsrules.render import charts

    pictures = [charts.wanted(one) for one in written]
    if pictures:
        charts.ready()
    return pictures


def _drawn(
    pictures: list[Wanted], tally: Tally | None, wording: Wording, meter: Meter, closing: Closing
) -> Iterator[str]:
    """Draw the pictures, and tell of each where it is."""
    from jfsrules.loading.countries import names_by_code
    from jfsrules.render.charts import chart

    if tally is None:
        return
    if not tally.cases:
        closing.notes.append("no chart is drawn: there is no answer to show in it")
        return
    for one in pictures:
        meter.doing("drawing")
        yield str(chart(one, tally, wording, names_by_code()))
