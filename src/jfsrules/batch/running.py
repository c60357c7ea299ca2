"""A batch from its paths to its answers: each row is answered for or set apart, and none is lost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from jfsrules.batch.answers import Answers
from jfsrules.batch.apart import Apart
from jfsrules.batch.cases import Cases, Reader, frame_of
from jfsrules.batch.counting import Closing, counts
from jfsrules.batch.parts import Parts, Written
from jfsrules.batch.reading import Chunk, Parquet
from jfsrules.batch.sources import CaseFiles, CaseLines, Source, sources
from jfsrules.batch.tracing import Tracer
from jfsrules.batch.typed import Fault, Typing
from jfsrules.classifying import columns_of
from jfsrules.engines.columns import columns_in
from jfsrules.errors import Diagnostic, Refused, refuse
from jfsrules.facts import Confidence, Profile
from jfsrules.loading import knowledge_date
from jfsrules.loading.countries import names_by_code
from jfsrules.rulebook import Rulebook
from jfsrules.vocabulary import AS_OF, PARTNER, Value

ROW: Final = "row of the chunk"
CASE: Final = "case"
SHOWN: Final = 10
Progress = Callable[[str, float, Closing], None]
Taker = Callable[[pl.DataFrame], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked of a batch."""

    paths: tuple[str, ...]
    rulebook: Rulebook
    days: tuple[date, ...] = ()
    partners: tuple[str, ...] = ()
    stated: Mapping[str, Value | None] = field(default_factory=dict)
    trust: Confidence = "unverified"
    keep: tuple[str, ...] = ()
    ignore_extra: bool = False
    trace: bool = False


@dataclass(slots=True)
class Ready:
    """Some typed rows, each with where it comes from, and what was set apart before."""

    frame: pl.DataFrame
    origin: Callable[[int], Apart]
    apart: list[Apart]
    next: int
    done: float
    profiles: Sequence[Profile] = ()


class Batch:
    """A job made ready: its sources, the columns they have together, the expressions for them."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.latest = knowledge_date()
        self.words = job.rulebook.vocabulary
        self.typing = Typing(self.words, tuple(sorted(names_by_code())), self.latest)
        self.sources = sources(job.paths, columns_in(self.words))
        self.reader = Reader(
            job.rulebook, job.days, frozenset(job.partners), job.trust, self.latest
        )
        self.kept = self._kept()
        self.schema = self._schema()
        carried = [*self.kept, ROW]
        full = {**self.schema, **self.kept, ROW: pl.UInt32()}
        self.answers = Answers(columns_of(job.rulebook), full, carried)
        self.tracer = Tracer(self.answers.columns.plan) if job.trace else None

    # --- columns --------------------------------------------------------------------------------

    def _kept(self) -> dict[str, pl.DataType]:
        """The columns to be carried through, with their types; `case` says where a row comes from."""
        kept: dict[str, pl.DataType] = {}
        tables = [one for one in self.sources if not isinstance(one, CaseFiles | CaseLines)]
        for name in self.job.keep:
            types = [schema[name] for table in tables if name in (schema := table.schema())]
            if name == CASE and not types:
                kept[name] = pl.String()
                continue
            if not types:
                raise refuse("missing-column", f"no table has a column `{name}` to keep")
            kept[name] = types[0] if len(set(types)) == 1 else pl.String()
        return kept

    def _schema(self) -> dict[str, pl.DataType]:
        """The typed columns that the sources have together, and those that are stated."""
        names: set[str] = set()
        spared = frozenset(self.job.keep)
        for one in self.sources:
            if isinstance(one, CaseFiles | CaseLines):
                names |= set(self.words.indicators)
                continue
            schema = one.schema()
            extra = frozenset(schema) if self.job.ignore_extra else spared
            self.typing.check(one.name, schema, extra)
            names |= set(schema) - spared
            if not isinstance(one, Parquet) and one.name.endswith(("jsonl", "ndjson")):
                names |= set(self.words.indicators)
        names |= {atom.partition(".")[0] for atom in self.job.stated}
        return self.typing.schema(sorted(names))

    # --- rows -----------------------------------------------------------------------------------

    def ready(self, source: Source, skip: int) -> Iterator[Ready]:
        """The rows of a source from the `skip`-th on, typed and made ready."""
        if isinstance(source, CaseFiles | CaseLines):
            for cases in self.reader.read(source, skip):
                yield self._cases(cases)
        else:
            for chunk in source.chunks(skip):
                yield self._rows(source.name, chunk)

    def _cases(self, cases: Cases) -> Ready:
        profiles = [profile.stating(self.job.stated) for profile in cases.profiles]
        frame = frame_of(profiles, self.schema, self.words)
        places = cases.places
        if CASE in self.kept:
            told = [f"{name}:{line}" if line else name for name, line in places]
            frame = frame.with_columns(pl.Series(CASE, told, dtype=pl.String))
        frame = frame.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW))

        def origin(at: int) -> Apart:
            name, line = places[at]
            told = profiles[at]
            return Apart(name, (), line, None, told.partner, told.as_of.isoformat())

        return Ready(self._whole(frame), origin, cases.apart, cases.next, cases.done, profiles)

    def _rows(self, name: str, chunk: Chunk) -> Ready:
        raw = chunk.frame
        days = self.job.days
        given = [c for c in raw.columns if c not in self.kept and not (days and c == AS_OF)]
        typed, faults = self.typing.typed(raw.select(given))
        kept = (
            pl.Series(c, _case_of(name, chunk), dtype=pl.String)
            if c == CASE and c not in raw.columns
            else raw[c].cast(type_)
            if c in raw.columns
            else pl.Series(c, [None] * raw.height, dtype=type_)
            for c, type_ in self.kept.items()
        )
        typed = typed.with_columns(*kept)
        if typed.is_empty() and not typed.width:
            typed = pl.DataFrame(schema={PARTNER: self.schema[PARTNER]})
        typed = typed.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW))

        def origin(at: int) -> Apart:
            return _origin(name, chunk, at)

        apart = [replace(one, rows=len(days) or 1) for one in chunk.apart]
        typed, wrong = self._without(typed, faults, origin)
        typed = self._stated(self._dated(typed))
        if self.job.partners:
            typed = typed.filter(pl.col(PARTNER).cast(pl.String).is_in(self.job.partners))
        done = chunk.first + chunk.count
        return Ready(self._whole(typed), origin, [*apart, *wrong], done, chunk.done)

    def _without(
        self, typed: pl.DataFrame, faults: list[Fault], origin: Callable[[int], Apart]
    ) -> tuple[pl.DataFrame, list[Apart]]:
        """The rows without fault, and the others set apart with all their faults."""
        if not faults:
            return typed, []
        by_row: dict[int, list[Diagnostic]] = {}
        for fault in faults:
            by_row.setdefault(fault.at, []).append(fault.diagnostic)
        wanted = set(self.job.partners)
        apart = []
        for at, told in sorted(by_row.items()):
            partner = typed[PARTNER][at]
            if not wanted or partner is None or partner in wanted:
                rows = len(self.job.days) or 1
                apart.append(replace(origin(at), diagnostics=tuple(told), rows=rows))
        return typed.filter(~pl.col(ROW).is_in(list(by_row))), apart

    def _dated(self, typed: pl.DataFrame) -> pl.DataFrame:
        """The rows on each day asked for; on their own day, or the knowledge date, if on none."""
        if self.job.days:
            days = pl.DataFrame({AS_OF: pl.Series(self.job.days, dtype=pl.Date)})
            return typed.drop(AS_OF, strict=False).join(
                days, how="cross", maintain_order="left_right"
            )
        if AS_OF not in typed.columns:
            return typed.with_columns(pl.lit(self.latest, dtype=pl.Date).alias(AS_OF))
        return typed

    def _stated(self, typed: pl.DataFrame) -> pl.DataFrame:
        """The rows with what is stated over them."""
        stated = (
            pl.lit(value, dtype=self.schema[name]).alias(name)
            for atom, value in self.job.stated.items()
            if (name := atom.replace(".", "__", 1)) in self.schema
        )
        return typed.with_columns(*stated)

    def _whole(self, typed: pl.DataFrame) -> pl.DataFrame:
        """The rows with every column that some source has."""
        wanted = {**self.schema, **self.kept, ROW: pl.UInt32()}
        missing = (
            pl.lit(None, dtype=type_).alias(name)
            for name, type_ in wanted.items()
            if name not in typed.columns
        )
        return typed.with_columns(*missing).select(
            pl.col(name).cast(type_) if typed.schema.get(name, type_) != type_ else pl.col(name)
            for name, type_ in wanted.items()
        )

    # --- answers --------------------------------------------------------------------------------

    def answer(self, ready: Ready) -> tuple[pl.DataFrame, list[Apart], Counter[str]]:
        """The answers to some rows, those set apart, and how often each indicator is missing."""
        answer, refused = self.answers.answer(ready.frame)
        apart = list(ready.apart)
        told: dict[int, list[Diagnostic]] = {}
        for at, diagnostic in refused:
            told.setdefault(at, []).append(diagnostic)
        for at, diagnostics in told.items():
            row = ready.frame.row(at, named=True)
            one = ready.origin(row[ROW])
            day = row[AS_OF].isoformat()
            apart.append(
                replace(one, diagnostics=tuple(diagnostics), partner=row[PARTNER], day=day)
            )
        named, missing = self.answers.named(answer)
        if self.tracer:
            kept = ready.frame
            if told:
                gone = pl.Series(range(kept.height)).is_in(list(told))
                kept = kept.filter(~gone)
            named = named.with_columns(self.tracer.decisions(kept, ready.profiles, ROW))
        return named.drop(ROW), apart, missing

    def empty(self) -> pl.DataFrame:
        """An answer with no rows."""
        nothing = Ready(pl.DataFrame(schema={}), lambda at: Apart(str(at), ()), [], 0, 1.0)
        nothing.frame = self._whole(pl.DataFrame(schema=self.schema))
        return self.answer(nothing)[0]

    def metadata(self) -> dict[str, Any]:
        """What a reader of the answers must know."""
        return self.answers.metadata()

    def asked(self) -> dict[str, Any]:
        """What was asked, so that only the same is ever resumed."""
        job = self.job
        return {
            "rulebook": job.rulebook.digest,
            "sources": [_fingerprint(one) for one in self.sources],
            "days": [day.isoformat() for day in job.days],
            "latest": self.latest.isoformat(),
            "partners": sorted(job.partners),
            "stated": {atom: str(value) for atom, value in sorted(job.stated.items())},
            "trust": job.trust,
            "keep": list(job.keep),
            "ignore_extra": job.ignore_extra,
            "trace": job.trace,
        }


def run(
    batch: Batch,
    *,
    parts: Parts | None = None,
    take: Taker | None = None,
    progress: Progress | None = None,
    errors: Path | None = None,
) -> Closing:
    """Answer for every row: into parts beside an output, or to whoever takes the answers."""
    begun = time.monotonic()
    closing = Closing(out=parts.out if parts else None, errors_file=errors)
    source, skip = _begin(parts, closing)
    outputs = batch.answers.columns.outputs
    for number in range(source, len(batch.sources)):
        one = batch.sources[number]
        try:
            for ready in batch.ready(one, skip):
                answer, apart, missing = batch.answer(ready)
                rows_apart = sum(row.rows for row in apart)
                counted = counts(answer, outputs, missing, apart)
                rows_in = answer.height + rows_apart
                closing.add(rows_in, answer.height, rows_apart, counted)
                closing.shown += apart[: SHOWN - len(closing.shown)]
                if parts:
                    written = Written(
                        number, ready.next, rows_in, answer.height, rows_apart, counted
                    )
                    parts.write(answer, apart, written)
                if take:
                    take(answer)
                if progress:
                    progress(one.name, (number + ready.done) / len(batch.sources), closing)
        except Refused as refused:
            if {d.code for d in refused.diagnostics} & _STOPS:
                raise
            _broken(one, refused, closing, parts, number)
        skip = 0
    closing.seconds = time.monotonic() - begun
    return closing


_STOPS: Final = frozenset({"disk-full", "cannot-write"})


def _begin(parts: Parts | None, closing: Closing) -> tuple[int, int]:
    """Where to begin: at the start, or after what an interrupted run has written."""
    if parts is None or not parts.written:
        return 0, 0
    for one in parts.written:
        closing.add(one.rows_in, one.rows_out, one.apart, one.counts)
    closing.resumed = closing.rows_in
    last = parts.written[-1]
    return last.source, last.next


def _broken(
    source: Source, refused: Refused, closing: Closing, parts: Parts | None, number: int
) -> None:
    """Set a file apart that breaks off; the others go on."""
    apart = Apart(source.name, refused.diagnostics)
    counted = {"errors": {apart.diagnostics[0].code: 1}}
    closing.add(1, 0, 1, counted)
    closing.shown += [apart][: SHOWN - len(closing.shown)]
    if parts:
        parts.set_apart(apart, Written(number + 1, 0, 1, 0, 1, counted))


def _origin(name: str, chunk: Chunk, at: int) -> Apart:
    line = chunk.lines[at] if chunk.lines else None
    text = chunk.texts[at].decode("utf-8", "replace").rstrip("\r\n") if chunk.texts else None
    values = chunk.frame.row(at, named=True)
    partner, day = values.get(PARTNER), values.get(AS_OF)
    place = None if line else chunk.places[at]
    return Apart(name, (), line, place, partner, str(day) if day else None, 1, text, values)


def _case_of(name: str, chunk: Chunk) -> list[str]:
    if chunk.lines:
        return [f"{name}:{line}" for line in chunk.lines]
    return [f"{name}, row {place}" for place in chunk.places]


def _fingerprint(source: Source) -> list[Any]:
    files: Sequence[Any]
    if isinstance(source, CaseFiles):
        files = source.files
    elif isinstance(source, Parquet):
        files = [source.path]
    else:
        files = [source.text.path]  # type: ignore[union-attr]
    found: list[list[str | int]] = []
    for file in files:
        if not isinstance(file, Path):
            found.append(["standard input"])
            continue
        about = file.stat()
        found.append([str(file), about.st_size, about.st_mtime_ns])
    return found
