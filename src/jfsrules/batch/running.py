"""A batch from its paths to its answers: each row is answered for or set apart, and none is lost."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final, Protocol

import polars as pl

from jfsrules.batch.answers import Answers, metadata
from jfsrules.batch.apart import Apart, line_of
from jfsrules.batch.counting import Closing, counts
from jfsrules.batch.parts import Parts, Written
from jfsrules.batch.rows import CASE, ROW, Job, Ready, Rows
from jfsrules.batch.sources import CaseFiles, CaseLines, Source, paths_of
from jfsrules.batch.stamps import changed, stamps, stamps_in
from jfsrules.batch.tracing import Tracer, written
from jfsrules.citation import Citation
from jfsrules.classifying import columns_of
from jfsrules.decision import Decision
from jfsrules.engines.columns import Output
from jfsrules.errors import Diagnostic, Refused, refuse
from jfsrules.facts import Profile
from jfsrules.loading.reading import STDIN_NAME
from jfsrules.shipped import shipped
from jfsrules.vocabulary import AS_OF, PARTNER

__all__ = ["CASE", "Answered", "Batch", "Job", "Progress", "run"]

SHOWN: Final = 10
STOPS: Final = frozenset({"disk-full", "cannot-write"})
Progress = Callable[[str, float, Closing], None]
Taker = Callable[[pl.DataFrame], None]


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers to some rows (none where a file broke off), the rows set apart, how often each
    indicator is missing, and how many rows came in, `passed` of them of other partners."""

    answer: pl.DataFrame | None
    apart: list[Apart]
    missing: Counter[str]
    rows_in: int
    passed: int

    @property
    def rows_apart(self) -> int:
        """How many rows are set apart."""
        return sum(one.rows for one in self.apart)


class Log(Protocol):
    """Who keeps what is decided."""

    def rows(self, frame: pl.DataFrame, answer: pl.DataFrame) -> None:
        """Take typed rows with their answers, in the same order."""

    def decided(
        self, profile: Profile, decision: Decision, citations: Mapping[str, Citation]
    ) -> None:
        """Take a decision made in full."""


class Batch:
    """A job made ready: its rows, and the expressions that answer for them."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.log: Log | None = None
        self.rows = Rows(job)
        self.sources = self.rows.sources
        carried = [*self.rows.kept, ROW]
        self.answers = Answers(columns_of(job.rulebook), self.rows.full, carried)
        self.tracer = Tracer(self.answers.columns.plan, job.stated) if job.trace else None
        self.inputs = stamps(self._paths())
        self.rules = stamps_in(self._rules())

    def answer(self, ready: Ready) -> Answered:
        """Answer for some rows; those that no partner can be like are set apart."""
        answer, refused = self.answers.answer(ready.frame)
        told: dict[int, list[Diagnostic]] = {}
        for at, diagnostic in refused:
            told.setdefault(at, []).append(diagnostic)
        apart = [*ready.apart]
        for at, diagnostics in told.items():
            row = ready.frame.row(at, named=True)
            day = row[AS_OF].isoformat()
            one = replace(ready.origin(row[ROW]), partner=row[PARTNER], day=day)
            apart.append(replace(one, diagnostics=tuple(diagnostics)))
        apart.sort(key=lambda one: one.line or one.row or 0)
        named, missing = self.answers.named(answer)
        if self.tracer or self.log:
            gone = pl.Series(range(ready.frame.height), dtype=pl.Int64).is_in(list(told))
            kept = ready.frame.filter(~gone) if told else ready.frame
            named = self._in_full(ready, kept, answer, named)
        named = named.drop(ROW)
        made = Answered(named, apart, missing, ready.read, ready.passed)
        # INVARIANT (no row is lost): rows in = rows out + rows set apart + rows passed by.
        if made.rows_in != named.height + made.rows_apart + made.passed:
            counted = (made.rows_in, named.height, made.rows_apart, made.passed)
            raise AssertionError(f"rows in, out, apart, passed by: {counted}")
        return made

    def _in_full(
        self, ready: Ready, kept: pl.DataFrame, answer: pl.DataFrame, named: pl.DataFrame
    ) -> pl.DataFrame:
        """The answers with their whole decisions, where these are asked for; and log them: cases
        and what is traced in full, rows of tables as rows."""
        if self.log and not ready.profiles and not self.job.trace:
            if kept.height:
                self.log.rows(kept, answer)
            return named
        if self.tracer is None:
            self.tracer = Tracer(self.answers.columns.plan, self.job.stated)
        made = self.tracer.decided(kept, ready.profiles, ROW)
        if self.log:
            for at, (profile, decision) in zip(kept[ROW], made, strict=True):
                self.log.decided(profile, decision, ready.cited[at] if ready.cited else {})
        return named.with_columns(written(made)) if self.job.trace else named

    def empty(self) -> pl.DataFrame:
        """An answer with no rows."""
        nothing = Ready(self.rows.empty(), lambda _: Apart("", ()), [], 0, 1.0, 0, 0)
        answer = self.answer(nothing).answer
        assert answer is not None
        return answer

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The columns of the answers, after those carried through."""
        return self.answers.columns.outputs

    def metadata(self) -> dict[str, Any]:
        """What a reader of the answers must know."""
        return metadata(self.answers.columns)

    def asked(self) -> dict[str, Any]:
        """What was asked, so that only the same is ever resumed."""
        job = self.job
        return {
            "rulebook": job.rulebook.digest,
            "lists": _digest(shipped("cases", "lists")) if self._reads_dossiers() else None,
            "inputs": self.inputs,
            "days": [day.isoformat() for day in job.days],
            "latest": self.rows.latest.isoformat(),
            "partners": sorted(job.partners),
            "stated": {atom: str(value) for atom, value in sorted(job.stated.items())},
            "trust": job.trust,
            "keep": list(job.keep),
            "ignore_extra": job.ignore_extra,
            "trace": job.trace,
            "at_once": job.at_once,
        }

    def refuse_outputs(self, *outputs: Path | None) -> None:
        """Raise Refused where an output cannot be written, or is one of the inputs, or another
        output: before hours of work, and not after."""
        taken = {path.resolve() for path in self._paths()}
        for path in outputs:
            if path is None:
                continue
            refuse_unwritable(path)
            if path.resolve() in taken:
                said = f"`{path}` is read by this run, and cannot be written by it"
                raise refuse("output-is-input", said, None, "give the output another name")
            taken.add(path.resolve())

    @property
    def reads_stdin(self) -> bool:
        """Whether something comes from standard input, which cannot be read twice."""
        return any(one.name == STDIN_NAME for one in self.sources)

    def refuse_changes(self) -> None:
        """Raise Refused where a file that was read is no longer what it was at the beginning."""
        names = changed(self.inputs, stamps(self._paths()))
        if names:
            more = f" and {len(names) - 1:,} more files" if len(names) > 1 else ""
            said = f"`{names[0]}`{more} changed while it was read"
            how = "begin anew with `--force` once nobody writes to it"
            raise refuse("input-changed", said, None, how)

    def notes(self) -> Iterator[str]:
        """What a reader of the closing must know besides."""
        if changed(self.rules, stamps_in(self._rules())):
            yield (
                "The rules changed on disk during the run; every answer is by the rulebook as it"
                f" was at the beginning ({self.job.rulebook.digest[:12]})."
            )

    def _paths(self) -> Iterator[Path]:
        return paths_of(self.sources)

    def _rules(self) -> list[Path]:
        lists = [shipped("cases", "lists")] if self._reads_dossiers() else []
        return [shipped("rules"), *self.job.watched, *lists]

    def _reads_dossiers(self) -> bool:
        return any(isinstance(one, CaseFiles | CaseLines) for one in self.sources)


def run(
    batch: Batch,
    *,
    parts: Parts | None = None,
    take: Taker | None = None,
    progress: Progress | None = None,
    errors: Path | None = None,
) -> Closing:
    """Answer for every row: into parts beside an output, or to whoever takes the answers.

    `errors` takes the rows set apart where there are no parts, which keep them themselves. Raises
    Refused where nothing can be written any more, or an input changed.
    """
    begun = time.monotonic()
    closing = Closing(out=parts.out if parts else None, errors_file=errors)
    with ExitStack() as open_files:
        wrong = None
        if errors and not parts:
            wrong = open_files.enter_context(errors.open("w", encoding="utf-8", newline="\n"))
        one_run = _Run(batch, closing, parts, take, progress, wrong)
        first, skip = one_run.begin()
        for number in range(first, len(batch.sources)):
            one_run.source(number, skip)
            skip = 0
    batch.refuse_changes()
    closing.notes += batch.notes()
    closing.seconds = time.monotonic() - begun
    return closing


@dataclass(frozen=True, slots=True)
class _Run:
    """A batch under way, and where its answers go."""

    batch: Batch
    closing: Closing
    parts: Parts | None
    take: Taker | None
    progress: Progress | None
    wrong: IO[str] | None

    def begin(self) -> tuple[int, int]:
        """The source and row to begin with: the first, or those after what is written."""
        if self.parts is None or not self.parts.written:
            return 0, 0
        for one in self.parts.written:
            self.closing.add(one.rows_in, one.rows_out, one.apart, one.counts, one.passed)
        self.closing.resumed = self.closing.rows_in
        last = self.parts.written[-1]
        return last.source, last.next

    def source(self, number: int, skip: int) -> None:
        """Answer for the rows of one source. The rest of one that breaks off is set apart."""
        source, read = self.batch.sources[number], skip
        try:
            for ready in self.batch.rows.ready(source, skip):
                self._answer(self.batch.answer(ready), number, ready.next)
                read = ready.next
                if self.progress:
                    share = (number + ready.done) / len(self.batch.sources)
                    self.progress(source.name, share, self.closing)
                del ready  # let go of these rows before the next are read
        except Refused as refused:
            if STOPS & {one.code for one in refused.diagnostics}:
                raise
            rows = max(1, _rows(source) - read) * (len(self.batch.job.days) or 1)
            apart = [Apart(source.name, refused.diagnostics, rows=rows)]
            self._answer(Answered(None, apart, Counter(), rows, 0), number + 1, 0)

    def _answer(self, made: Answered, source: int, after: int) -> None:
        """Write, count and pass on; `source` and `after` say where the next row is."""
        counted = counts(made.answer, self.batch.outputs, made.missing, made.apart)
        rows_out = 0 if made.answer is None else made.answer.height
        many = (made.rows_in, rows_out, made.rows_apart)
        if self.parts:
            written = Written(source, after, *many, made.passed, counted)
            self.parts.write(made.answer, made.apart, written)
        elif self.wrong:
            self.wrong.writelines(map(line_of, made.apart))
        self.closing.add(*many, counted, made.passed)
        self.closing.shown += made.apart[: SHOWN - len(self.closing.shown)]
        if self.take and made.answer is not None:
            self.take(made.answer)


def refuse_unwritable(path: Path) -> None:
    """Raise Refused where no file can stand: in the place of a folder, or in none one may write to."""
    if path.is_dir():
        raise refuse("cannot-write", f"`{path}` is a folder: name a file in it")
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not above.is_dir():
        raise refuse("cannot-write", f"`{path}` cannot be written: `{above.name}` is no folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise refuse("cannot-write", f"`{path}` cannot be written: permission denied")


def _rows(source: Source) -> int:
    """How many rows a table says it has; none where it cannot say."""
    if not isinstance(source, CaseFiles | CaseLines):
        with suppress(OSError, pl.exceptions.PolarsError):
            return source.rows() or 0
    return 0


def _digest(folder: Path) -> str:
    """A digest of the files in a folder."""
    found = sha256()
    for path in sorted(folder.rglob("*.yaml")):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()
