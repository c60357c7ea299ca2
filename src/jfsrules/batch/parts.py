"""What is written, part by part, so that an interrupted run loses no row and writes none twice.

Beside OUT stands a folder `OUT.parts`: a file of answers and a file of rows set apart for each
chunk, and a journal with one line for each chunk that is written in full. A part without its line
counts for nothing. At the end the parts are joined and the folder goes.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from jfsrules.batch import joining
from jfsrules.batch.apart import Apart, write_apart
from jfsrules.errors import refuse

FORMATS: Final = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
LEVEL: Final = 1
FORMULA: Final = r"^[=+\-@\t\r]"


@dataclass(frozen=True, slots=True)
class Written:
    """One chunk that is written in full: from which source, up to which row, and its counts."""

    source: int
    next: int
    rows_in: int
    rows_out: int
    apart: int
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Parts:
    """The folder beside an output, while the output is being written."""

    def __init__(self, out: Path, asked: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        self.out = out
        self.asked = dict(asked)
        self.metadata = metadata
        self.format = format_of(out)
        self.folder = out.with_name(out.name + ".parts")
        self.journal = self.folder / "journal.jsonl"
        self.written: list[Written] = []

    # --- beginning and going on -------------------------------------------------------------

    def begin(self, *, force: bool, resume: bool) -> None:
        """Begin anew, or go on where a run was interrupted. Raises Refused."""
        found = self._found()
        if resume and found is not None:
            self.written = self._resumed(found)
            return
        if not force:
            self._refuse_what_stands(found is not None)
        shutil.rmtree(self.folder, ignore_errors=True)
        with told_when_full(self):
            self.folder.mkdir(parents=True)
            self._note(self.asked)

    def _refuse_what_stands(self, begun: bool) -> None:
        if begun:
            raise refuse(
                "interrupted-run",
                f"an interrupted run stands in `{self.folder}`",
                None,
                "go on with `--resume`, or begin anew with `--force`",
            )
        if self.out.exists():
            help_ = "give another name, or `--force` to replace it"
            raise refuse("output-exists", f"`{self.out}` exists already", None, help_)

    def _found(self) -> list[dict[str, Any]] | None:
        """The lines of a journal; the last may have been cut off, and counts for nothing then."""
        if not self.journal.exists():
            return None
        lines = []
        for line in self.journal.read_text("utf-8").splitlines(keepends=True):
            if not line.endswith("\n"):
                break
            lines.append(json.loads(line))
        return lines

    def _resumed(self, lines: list[dict[str, Any]]) -> list[Written]:
        if not lines or lines[0] != json.loads(json.dumps(self.asked)):
            changed = sorted(
                name
                for name, value in self.asked.items()
                if not lines or lines[0].get(name) != json.loads(json.dumps(value))
            )
            raise refuse(
                "cannot-resume",
                f"the interrupted run in `{self.folder}` asked for something else: "
                + ", ".join(f"`{name}`" for name in changed),
                None,
                "ask for the same again, or begin anew with `--force`",
            )
        written = [Written(**line) for line in lines[1:]]
        known = {path for number in range(len(written)) for path in self._files(number)}
        for path in self.folder.iterdir():
            if path not in known and path != self.journal:
                path.unlink()
        self._rewrite_journal(written)
        return written

    def _rewrite_journal(self, written: list[Written]) -> None:
        """Drop a line that was cut off."""
        lines = [self.asked, *(asdict(one) for one in written)]
        fresh = self.journal.with_suffix(".new")
        fresh.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        fresh.replace(self.journal)

    # --- one chunk ----------------------------------------------------------------------------

    def write(self, answer: pl.DataFrame, apart: list[Apart], written: Written) -> None:
        """Write a chunk in full, and then say so in the journal."""
        answers, errors = self._files(len(self.written))
        with told_when_full(self):
            self._write_answer(answer, answers)
            write_apart(errors, apart)
            for path in (answers, errors):
                _settle(path)
            self._note(asdict(written))
        self.written.append(written)

    def set_apart(self, apart: Apart, written: Written) -> None:
        """Write down a source that broke off, as one row set apart."""
        self.write(pl.DataFrame(), [apart], written)

    def _files(self, number: int) -> tuple[Path, Path]:
        return (
            self.folder / f"{number:06}.{self.format}",
            self.folder / f"{number:06}.apart.jsonl",
        )

    def _write_answer(self, answer: pl.DataFrame, path: Path) -> None:
        match self.format:
            case _ if not answer.width:
                path.touch()
            case "parquet":
                about = {"jfsrules": json.dumps(self.metadata)}
                answer.write_parquet(
                    path, compression_level=LEVEL, row_group_size=2**20, metadata=about
                )
            case "csv":
                harmless(answer).write_csv(path, include_header=False)
            case _:
                answer.write_ndjson(path)

    def _note(self, line: Mapping[str, Any]) -> None:
        with self.journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    # --- the end ------------------------------------------------------------------------------

    def finish(self, empty: pl.DataFrame, errors: Path | None) -> None:
        """Join the parts into the output, and the rows set apart into the errors file."""
        files = [self._files(number) for number in range(len(self.written))]
        with told_when_full(self):
            whole = self.folder / "whole"
            self._join([answers for answers, _ in files], empty, whole)
            apart = self.folder / "apart"
            _concatenate([errors for _, errors in files], apart, b"")
            if errors and apart.stat().st_size:
                errors.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(apart, errors)
            if self.format != "parquet":
                beside(self.out).write_text(json.dumps(self.metadata) + "\n", "utf-8")
            whole.replace(self.out)
        self.journal.unlink()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _join(self, parts: list[Path], empty: pl.DataFrame, whole: Path) -> None:
        if self.format == "csv":
            header = empty.clear().write_csv().encode()
            _concatenate(parts, whole, header)
        elif self.format == "jsonl":
            _concatenate(parts, whole, b"")
        else:
            full = [part for part in parts if part.stat().st_size and joining.rows_in(part)]
            if not full:
                self._write_answer(empty.clear(), whole)
            elif len(full) == 1:
                shutil.copyfile(full[0], whole)
            else:
                joining.join(full, whole)

    def apart(self) -> Iterator[dict[str, Any]]:
        """The rows set apart so far, as the errors file has them."""
        for number in range(len(self.written)):
            _, errors = self._files(number)
            with errors.open(encoding="utf-8") as file:
                yield from map(json.loads, file)


def format_of(out: Path) -> str:
    """The format that the ending of a name asks for. Raises Refused."""
    found = FORMATS.get(out.suffix.lower())
    if found is None:
        raise refuse(
            "unknown-format",
            f"what `{out}` should hold cannot be told from its name",
            None,
            "end it in `.parquet`, `.csv` or `.jsonl`",
        )
    return found


def beside(out: Path) -> Path:
    """Where the metadata of an output stands that has no room for it inside."""
    return out.with_name(out.name + ".meta.json")


def harmless(answer: pl.DataFrame) -> pl.DataFrame:
    """A table for a CSV file: a text that a spreadsheet would run as a formula gets a quote."""
    texts = [name for name, type_ in answer.schema.items() if type_ == pl.String]
    cells = (
        pl.when(pl.col(name).str.contains(FORMULA))
        .then("'" + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    )
    return answer.with_columns(cells)


@contextmanager
def told_when_full(parts: Parts) -> Iterator[None]:
    """Say what is to be done where the disk is full or may not be written to."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        number = getattr(error, "errno", None)
        if number == errno.ENOSPC or "No space left" in str(error):
            rows = sum(one.rows_out for one in parts.written)
            raise refuse(
                "disk-full",
                f"the disk is full: {rows:,} rows are written and can be read in `{parts.folder}`",
                None,
                "make room and go on with `--resume`",
            ) from None
        reason = os.strerror(number).lower() if number else str(error).partition("\n")[0]
        raise refuse("cannot-write", f"`{parts.out}` cannot be written: {reason}") from None


def _concatenate(parts: list[Path], whole: Path, head: bytes) -> None:
    with whole.open("wb") as file:
        file.write(head)
        for part in parts:
            with part.open("rb") as read:
                shutil.copyfileobj(read, file, 2**20)


def _settle(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
