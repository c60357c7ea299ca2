"""A batch on another engine, from its paths to its answers; each row answered for or set apart."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Final

import polars as pl

from jfsrules.batch.answers import metadata
from jfsrules.batch.apart import Apart, write_apart
from jfsrules.batch.cases import Reader, frame_of
from jfsrules.batch.counting import Closing
from jfsrules.batch.elsewhere.asking import asked, inputs_of, whole_address
from jfsrules.batch.elsewhere.dialect import Typist, any_of, day
from jfsrules.batch.elsewhere.engine import (
    FILE,
    LINE,
    PLACE,
    UNREAD,
    Engine,
    Files,
    Given,
    Native,
)
from jfsrules.batch.elsewhere.faults import ORIGIN, RAW, Teller, excluded
from jfsrules.batch.parts import format_of, refuse_standing
from jfsrules.batch.running import CASE, Job
from jfsrules.batch.sources import CaseFiles, CaseLines
from jfsrules.batch.typed import MEMBER, TEXTS, Typing
from jfsrules.checks import without_excluded
from jfsrules.classifying import columns_of
from jfsrules.engines.columns import REFUSED, column_type, columns_in
from jfsrules.errors import EngineError, Unavailable, refuse
from jfsrules.facts import Profile
from jfsrules.loading import knowledge_date
from jfsrules.loading.countries import names_by_code
from jfsrules.vocabulary import AS_OF, PARTNER

WRONG: Final = "_wrong"
TYPED: Final = "_typed_"
SHOWN: Final = 10
Progress = Callable[[str, float, Closing], None]
ENGINES: Final = ("duckdb", "spark")


def answer_elsewhere(
    job: Job,
    out: str,
    engine: str,
    *,
    master: str | None = None,
    errors: Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Closing:
    """Answer for every row of a job on another engine, and write the answers to `out`.

    `out` is a file for DuckDB, a folder for Spark; `errors` a file on this machine. Raises Refused
    where columns do not fit or `out` exists, Unavailable where the engine is not installed,
    EngineError where it gives up.
    """
    if job.trace:
        raise ValueError("an engine elsewhere writes no traces")
    out = whole_address(out)
    format = format_of(Path(out.rstrip("/")))
    opened = _engine(engine, master)
    try:
        if opened.stands(out) and not force:
            help_ = "give another name, or `--force` to replace it"
            raise refuse("output-exists", f"`{out}` exists already", None, help_)
        if not force:
            refuse_standing(errors)
        made = Elsewhere(job, opened, progress)
        _refuse_inputs(out, errors, inputs_of(made.asked))
        return made.run(out, format, errors)
    finally:
        opened.close()


def _refuse_inputs(out: str, errors: Path | None, inputs: Iterable[str]) -> None:
    """Raise Refused where what is written would take the place of what is read."""
    taken = {one: Path(one).resolve() for one in inputs}
    for path in (out, *([str(errors)] if errors else [])):
        place = Path(path).resolve()
        if path in taken or any(place == one or place in one.parents for one in taken.values()):
            said = f"`{path}` is read by this run, and cannot be written by it"
            raise refuse("output-is-input", said, None, "give the output another name")


def _engine(name: str, master: str | None) -> Engine:
    if name == "spark":
        from jfsrules.batch.elsewhere.spark import Spark

        return Spark(master)
    try:
        from jfsrules.batch.elsewhere.duck import Duck
    except ModuleNotFoundError as error:
        how = "pip install 'jfsrules[duckdb]'"
        raise Unavailable(f"`duckdb` needs `{error.name}`: {how}") from None
    return Duck()


@dataclass(frozen=True, slots=True)
class Marked:
    """A table with its columns as they were read, those of their types, and a mark on each row
    that does not fit."""

    files: Files
    given: Given
    frame: Native
    typed: Mapping[str, str]


class Elsewhere:
    """A job and the engine it runs on."""

    def __init__(self, job: Job, engine: Engine, progress: Progress | None = None) -> None:
        self.job = job
        self.engine = engine
        self.progress = progress
        self.latest = knowledge_date()
        self.words = job.rulebook.vocabulary
        partners = tuple(sorted(names_by_code()))
        self.typing = Typing(self.words, partners, self.latest)
        self.typist = Typist(engine.dialect, self.words, partners, self.latest)
        self.known = (*columns_in(self.words), *job.keep)
        self.asked = asked(job.paths, self.known, engine, extra=job.ignore_extra)
        self.columns = columns_of(job.rulebook)
        self.kept = self._kept()
        self.marks = {f"{REFUSED}__{one.id}": excluded(one) for one in job.rulebook.impossible}
        self.teller = Teller(engine, self.typing, (*self.kept, *((AS_OF,) if job.days else ())))
        self.closing = Closing()
        self.cases_apart: list[Apart] = []

    def run(self, out: str, format: str, errors: Path | None) -> Closing:
        """Read, answer, write, and count what was written."""
        begun = time.monotonic()
        closing = self.closing
        closing.out, closing.errors_file = Path(out), errors
        marked = [self._marked(one) for one in self.asked if isinstance(one, Files)]
        frames = [self._ready(one) for one in marked]
        frames += [self._cases(one) for one in self.asked if not isinstance(one, Files)]
        ready = self._whole(self.engine.together(frames))
        self._say("rows that come in", 0.0)
        self._rows_in(marked)
        self._say("rows that do not fit", 0.1)
        self._set_apart(marked, ready, errors)
        self._say("answers", 0.3)
        answers = self._answers(ready, format)
        self.engine.write(answers, out, format, json.dumps(metadata(self.columns)))
        self._say("what was written", 0.9)
        self._count(out, format)
        closing.seconds = time.monotonic() - begun
        if not closing.balanced:
            raise EngineError(
                f"{closing.rows_in:,} rows came in, and {closing.rows_out:,} were written and"
                f" {closing.rows_apart:,} set apart: `{out}` cannot be relied on"
            )
        return closing

    def _say(self, name: str, share: float) -> None:
        if self.progress:
            self.progress(name, share, self.closing)

    # --- in -------------------------------------------------------------------------------------

    def _kept(self) -> tuple[str, ...]:
        """The columns to be carried through. Raises Refused for one that no table has."""
        tables = [one.schema for one in self.asked if isinstance(one, Files)]
        for name in self.job.keep:
            if column_type(name, self.words):
                said = f"`{name}` is read, and cannot be carried through as well"
                raise refuse("kept-indicator", said, None, "copy it to a column of another name")
            if name != CASE and not any(name in schema for schema in tables):
                raise refuse("missing-column", f"no table has a column `{name}` to keep")
        return self.job.keep

    def _marked(self, files: Files) -> Marked:
        """A table read and typed, and each row that does not fit marked. Raises Refused."""
        spared = frozenset(files.schema if self.job.ignore_extra else self.job.keep)
        self.typing.check(files.name, files.head, spared)
        given = self.engine.read(files)
        inner = {n: t for n, t in files.schema.items() if n not in self.kept}
        if self.job.days:
            inner.pop(AS_OF, None)
        columns: dict[str, str] = {}
        before: dict[str, str] = {}
        faults = [f"{UNREAD} IS NOT NULL"]
        for one in self.typist.typed(inner):
            for name, term in one.columns.items():
                other = columns.get(name)
                columns[name] = f"COALESCE({other}, {term})" if other else term
            before |= one.before
            faults.append(one.wrong)
        quoted = self.engine.dialect.name
        raw = {n: quoted(n) for n in (*files.schema, *ORIGIN, UNREAD)}
        terms = {**raw, **{TYPED + n: term for n, term in columns.items()}, WRONG: any_of(faults)}
        frame = self.engine.select(self.engine.select(given.frame, raw | before), terms)
        frame = self._of_partners(frame)
        return Marked(files, given, frame, {n: quoted(TYPED + n) for n in columns})

    def _of_partners(self, frame: Native) -> Native:
        """The rows on the partners asked for, and those of which the partner cannot be read."""
        if not self.job.partners:
            return frame
        partner = self.engine.dialect.name(TYPED + PARTNER)
        wanted = ", ".join(map(self.engine.dialect.text, self.job.partners))
        return self.engine.where(frame, f"{partner} IS NULL OR {partner} IN ({wanted})")

    def _ready(self, one: Marked) -> Native:
        """The rows of a table that fit, with typed columns, one for each day asked for."""
        dialect = self.engine.dialect
        terms = dict(one.typed)
        if self.job.days:
            terms[AS_OF] = dialect.each([day(asked) for asked in self.job.days])
        elif AS_OF not in terms:
            terms[AS_OF] = day(self.latest)
        terms |= {n: dialect.name(n) for n in self.kept if n in one.files.schema}
        if CASE in self.kept and CASE not in terms:
            place = f"CASE WHEN {PLACE} IS NULL THEN '' ELSE concat(', row ', {PLACE}) END"
            place = f"CASE WHEN {LINE} IS NULL THEN {place} ELSE concat(':', {LINE}) END"
            terms[CASE] = f"concat({FILE}, {place})"
        terms |= {n: n for n in ORIGIN} | {RAW: dialect.row(tuple(one.files.schema))}
        return self.engine.select(self.engine.where(one.frame, f"NOT {WRONG}"), terms)

    def _cases(self, source: CaseFiles | CaseLines) -> Native:
        """Files of cases, read here and handed over."""
        job = self.job
        reader = Reader(job.rulebook, job.days, frozenset(job.partners), job.trust, self.latest)
        schema = self.typing.schema(self.words.indicators)
        frames = [pl.DataFrame(schema=schema)]
        places: list[str] = []
        for cases in reader.read(source):
            profiles = [self._stated(one) for one in cases.profiles]
            frames.append(frame_of(profiles, schema, self.words).select(*schema))
            self.closing.rows_in += cases.read
            self.closing.passed += cases.passed
            places += [f"{name}:{line}" if line else name for name, line in cases.places]
            self.cases_apart += cases.apart
        frame = pl.concat(frames).with_columns(
            pl.Series(FILE, places, dtype=pl.String),
            pl.lit(None, dtype=pl.Int64).alias(PLACE),
            pl.lit(None, dtype=pl.Int64).alias(LINE),
            pl.lit(None, dtype=pl.String).alias(RAW),
        )
        if CASE in self.kept:
            frame = frame.with_columns(pl.col(FILE).alias(CASE))
        return self.engine.handed(frame)

    def _stated(self, profile: Profile) -> Profile:
        if not self.job.stated:
            return profile
        return without_excluded(profile.stating(self.job.stated), self.job.rulebook.impossible)

    def _rows_in(self, marked: Sequence[Marked]) -> None:
        """Count the rows that come in, each on each day asked for, and those passed by."""
        days = len(self.job.days) or 1
        for one in marked:
            rows = self.engine.count(one.given.frame)
            self.closing.rows_in += (rows + len(one.given.apart)) * days
            if self.job.partners:
                self.closing.passed += (rows - self.engine.count(one.frame)) * days

    # --- between --------------------------------------------------------------------------------

    def _whole(self, ready: Native) -> Native:
        """The rows with what is stated over them, and a mark for each impossible profile."""
        name = self.engine.dialect.name
        columns = {n: name(n) for n in ready.columns}
        stated = self.job.stated.items()
        if stated:
            over = {a.replace(".", MEMBER, 1): self.typist.value(a, v) for a, v in stated}
            ready = self.engine.select(ready, columns | over)
            columns = {n: name(n) for n in columns | over}
        marks = {
            f"{REFUSED}__{one.id}": f"COALESCE({self.typist.holds(one.when, columns)}, FALSE)"
            for one in self.job.rulebook.impossible
        }
        return self.engine.select(ready, columns | marks)

    def _is_refused(self) -> str:
        return any_of(map(self.engine.dialect.name, self.marks))

    def _answers(self, ready: Native, format: str) -> Native:
        """The answer to each row that fits, as it is written."""
        name = self.engine.dialect.name
        plain = {n: name(n) for n in ready.columns if n not in (*ORIGIN, RAW, *self.marks)}
        fit = self.engine.select(self.engine.where(ready, f"NOT {self._is_refused()}"), plain)
        answers = self.columns.apply(fit, keep=self.kept)
        texts = [n for n in self.kept if self._is_text(n)]
        if format == "csv" and texts:
            terms = {n: name(n) for n in answers.columns}
            terms |= {n: self.typist.harmless(n) for n in texts}
            answers = self.engine.select(answers, terms)
        return answers

    def _is_text(self, kept: str) -> bool:
        schemas = (one.schema for one in self.asked if isinstance(one, Files))
        types = [schema[kept] for schema in schemas if kept in schema]
        return all(isinstance(one, TEXTS) for one in types)

    # --- apart ----------------------------------------------------------------------------------

    def _set_apart(self, marked: Sequence[Marked], ready: Native, errors: Path | None) -> None:
        """Write down every row that is not answered for, and count it."""
        found = self._counted(self._all_apart(marked, ready))
        first = next(found, None)
        if errors is None:
            deque(found, maxlen=0)
        elif first is None:
            errors.unlink(missing_ok=True)
        else:
            errors.parent.mkdir(parents=True, exist_ok=True)
            write_apart(errors, chain((first,), found))

    def _all_apart(self, marked: Sequence[Marked], ready: Native) -> Iterator[Apart]:
        days = len(self.job.days) or 1
        yield from self.cases_apart
        for one in marked:
            yield from (replace(line, rows=days) for line in one.given.apart)
            wrong = self.engine.where(one.frame, WRONG)
            yield from (replace(row, rows=days) for row in self.teller.wrong(wrong, one.files))
        if self.marks:
            refused = self.engine.where(ready, self._is_refused())
            yield from self.teller.impossible(refused, self.marks)

    def _counted(self, apart: Iterable[Apart]) -> Iterator[Apart]:
        closing = self.closing
        for one in apart:
            closing.rows_apart += one.rows
            closing.errors[one.diagnostics[0].code] += one.rows
            if len(closing.shown) < SHOWN:
                closing.shown.append(one)
            yield one

    # --- the end --------------------------------------------------------------------------------

    def _count(self, out: str, format: str) -> None:
        """Count what was written: rows, tiers, advice, and what is missing, in one pass."""
        dialect = self.engine.dialect
        name = dialect.name
        advice = [o.column for o in self.columns.outputs if o.column.endswith("__advice")]
        told = ["'rows'", f"concat('tiers:', {name('tier')})"]
        told += [f"concat('advice:', {name(column)})" for column in advice]
        each = dialect.each(told, ("missing:", "COALESCE(missing, '')"))
        written = self.engine.written(out, format, ["tier", *advice, "missing"])
        for what, many in self.engine.tally(written, each).items():
            kind, _, value = what.partition(":")
            if kind == "rows":
                self.closing.rows_out = many
            elif value not in ("", "no_track"):
                getattr(self.closing, kind)[value] += many
