"""What is written, part by part, so that an interrupted run loses no row and writes none twice.

Beside OUT stands a folder `OUT.parts`: a file of answers and a file of rows set apart for each
chunk, and a journal with one line for each chunk that is written in full. A part without its line
counts for nothing. At the end the parts are joined and the folder goes.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Final

import polars as pl

from jfsrules.batch import joining
from jfsrules.batch.apart import Apart, write_apart
from jfsrules.batch.sources import METADATA, PARTS
from jfsrules.errors import Refused, refuse

FORMATS: Final = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
LEVEL: Final = 1
FORMULA: Final = r"^[=+\-@\t\r]"
NUMBER: Final = r"^[+-]?\d+(\.\d+)?$"
OURS: Final = re.compile(
    r"(\d{6}\.(parquet|csv|jsonl|apart\.jsonl|logged)|journal\.(jsonl|new)|whole|apart)"
)
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Written:
    """One chunk that is written in full: from which source, up to which row, its counts, and the
    sizes of its two files in bytes."""

    source: int
    next: int
    rows_in: int
    rows_out: int
    apart: int
    passed: int = 0
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    sizes: Sequence[int] = ()


class Parts:
    """The folder beside an output, while the output is being written."""

    def __init__(
        self,
        out: Path,
        asked: Mapping[str, Any],
        metadata: Mapping[str, Any],
        errors: Path | None = None,
        log: Callable[[Path], None] | None = None,
    ) -> None:
        self.out = out
        self.log = log
        self.errors = errors
        self.asked: dict[str, Any] = json.loads(json.dumps(asked))
        self.metadata = metadata
        self.format = format_of(out)
        self.folder = out.with_name(out.name + PARTS)
        self.journal = self.folder / "journal.jsonl"
        self.written: list[Written] = []
        self._lines: IO[bytes] | None = None

    # --- beginning and going on -------------------------------------------------------------

    def begin(self, *, force: bool, resume: bool) -> None:
        """Begin anew, or go on where a run was interrupted. Raises Refused."""
        try:
            self._begin(force=force, resume=resume)
        except Refused:
            self.close()
            raise

    def _begin(self, *, force: bool, resume: bool) -> None:
        with told_when_full(self):
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            lines = self._found()
            if not lines and not force:
                refuse_standing(self.out, self.errors)
            if lines and not resume and not force:
                raise refuse(
                    "interrupted-run",
                    f"an interrupted run stands in `{self.folder}`",
                    None,
                    "go on with `--resume`, or begin anew with `--force`",
                )
            self._hold()
            if lines and resume:
                self.written = self._resumed(lines)
            self._clear(keep=len(self.written))
            self._rewrite()

    def _found(self) -> list[dict[str, Any]]:
        """The lines of a journal. The last may have been cut off; those of a run that came to its
        end count for nothing."""
        if not self.folder.exists():
            return []
        strange = [one.name for one in self.folder.iterdir() if not OURS.fullmatch(one.name)]
        if strange:
            said = f"`{self.folder}` is no interrupted run: it holds `{min(strange)}`"
            raise refuse("output-exists", said, None, "give another name, or move that folder")
        lines: list[dict[str, Any]] = []
        if self.journal.exists():
            for line in self.journal.read_bytes().splitlines(keepends=True):
                with suppress(ValueError):
                    if line.endswith(b"\n"):
                        lines.append(json.loads(line))
                        continue
                break
        return [] if lines and lines[-1] == DONE else lines

    def _hold(self) -> None:
        """Take the folder for this run; no other can write to it until this process ends."""
        self.folder.mkdir(exist_ok=True)
        self._lines = self.journal.open("ab", buffering=0)
        if not _locked(self._lines):
            said = f"another run is writing to `{self.folder}`"
            raise refuse("output-in-use", said, None, "wait for it to end, or give another name")

    def _resumed(self, lines: list[dict[str, Any]]) -> list[Written]:
        """The chunks that stand written; up to the first whose files are not whole."""
        names = sorted(n for n, value in self.asked.items() if lines[0].get(n) != value)
        if names:
            listed = ", ".join(f"`{name}`" for name in names)
            raise refuse(
                "cannot-resume",
                f"the interrupted run in `{self.folder}` asked for something else: {listed}",
                None,
                "ask for the same again, or begin anew with `--force`",
            )
        written: list[Written] = []
        for number, line in enumerate(lines[1:]):
            one = Written(**line)
            if [_size(path) for path in self._files(number)] != list(one.sizes):
                break
            written.append(one)
        return written

    def _clear(self, keep: int) -> None:
        """Delete all that this run does not go on from."""
        kept = {path for number in range(keep) for path in self._files(number)} | {self.journal}
        for path in self.folder.iterdir():
            if path not in kept:
                path.unlink()

    def _rewrite(self) -> None:
        """Write the journal as it stands, so that a line that was cut off is gone."""
        assert self._lines is not None
        self._lines.truncate(0)
        for line in (self.asked, *(asdict(one) for one in self.written)):
            self._note(line)

    # --- one chunk ----------------------------------------------------------------------------

    def write(self, answer: pl.DataFrame | None, apart: list[Apart], written: Written) -> None:
        """Write a chunk in full, and then say so in the journal."""
        answers, errors, *logged = files = self._files(len(self.written))
        try:
            with told_when_full(self):
                self._write_answer(answer, answers)
                write_apart(errors, apart)
                for path in logged:
                    self.log(path)  # type: ignore[misc]
                sizes = [_settle(path) for path in files]
                written = replace(written, sizes=sizes)
                self._note(asdict(written))
        except Refused:
            for path in files:
                path.unlink(missing_ok=True)
            raise
        self.written.append(written)

    def _files(self, number: int) -> list[Path]:
        endings = (self.format, "apart.jsonl", *(["logged"] if self.log else []))
        return [self.folder / f"{number:06}.{ending}" for ending in endings]

    def logged(self) -> list[Path]:
        """The files with what is to be logged, in order."""
        return [path for at in range(len(self.written)) for path in self._files(at)[2:]]

    def _write_answer(self, answer: pl.DataFrame | None, path: Path) -> None:
        """Write a part. It is made in memory first: only then does the system say what is wrong
        with a write, which Polars does not pass on."""
        made = io.BytesIO()
        if answer is None:
            pass
        elif self.format == "parquet":
            about = {"jfsrules": json.dumps(self.metadata)}
            # No statistics: a seventh of the time to write, and rows in no order of their values
            # leave a reader nothing to skip.
            answer.write_parquet(
                made,
                compression_level=LEVEL,
                statistics=False,
                row_group_size=2**20,
                metadata=about,
            )
        elif self.format == "csv":
            harmless(answer).write_csv(made, include_header=False)
        else:
            answer.write_ndjson(made)
        path.write_bytes(made.getbuffer())

    def _note(self, line: Mapping[str, Any]) -> None:
        assert self._lines is not None
        raw = json.dumps(line).encode() + b"\n"
        if self._lines.write(raw) != len(raw):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(self._lines.fileno())

    # --- the end ------------------------------------------------------------------------------

    def finish(self, empty: pl.DataFrame) -> None:
        """Join the parts into the output, and the rows set apart into the errors file."""
        files = [self._files(number) for number in range(len(self.written))]
        with told_when_full(self):
            whole, apart = self.folder / "whole", self.folder / "apart"
            self._join([answers for answers, *_ in files], empty, whole)
            if self.errors:
                _concatenate([errors for _, errors, *_ in files], apart, b"")
                self.errors.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(apart, self.errors)
            if self.format != "parquet":
                beside(self.out).write_text(json.dumps(self.metadata) + "\n", "utf-8")
            _settle(whole)
            whole.replace(self.out)
            self._note(DONE)
        self._clear(keep=0)
        self.close()
        self.journal.unlink()
        self.folder.rmdir()

    def _join(self, parts: list[Path], empty: pl.DataFrame, whole: Path) -> None:
        if self.format == "csv":
            _concatenate(parts, whole, header(empty))
        elif self.format == "jsonl":
            _concatenate(parts, whole, b"")
        else:
            full = [part for part, one in zip(parts, self.written, strict=True) if one.rows_out]
            if full:
                joining.join(full, whole)
            else:
                self._write_answer(empty.clear(), whole)
            if joining.rows_in(whole) != sum(one.rows_out for one in self.written):
                raise AssertionError("rows written and rows joined differ")

    def close(self) -> None:
        """Let go of the folder; what is in it stays."""
        if self._lines is not None:
            self._lines.close()
            self._lines = None


DONE: Final = {"done": True}


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


def refuse_standing(*paths: Path | None) -> None:
    """Raise Refused where a file stands already: it is never replaced unasked."""
    for path in paths:
        if path is not None and path.exists():
            help_ = "give another name, or `--force` to replace it"
            raise refuse("output-exists", f"`{path}` exists already", None, help_)


def beside(out: Path) -> Path:
    """Where the metadata of an output stands that has no room for it inside."""
    return out.with_name(out.name + METADATA)


def header(empty: pl.DataFrame) -> bytes:
    """The header of a CSV file, no name of which is a formula."""
    names = {name: f"'{name}" for name in empty.columns if re.match(FORMULA, name)}
    return empty.clear().rename(names).write_csv().encode()


def harmless(answer: pl.DataFrame) -> pl.DataFrame:
    """A table for a CSV file: a text that a spreadsheet would run as a formula gets a quote."""
    texts = [name for name, type_ in answer.schema.items() if type_ == pl.String]
    cells = (
        pl.when(pl.col(name).str.contains(FORMULA) & ~pl.col(name).str.contains(NUMBER))
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
    except OSError as error:
        number = error.errno
        if number in FULL:
            rows = sum(one.rows_out for one in parts.written)
            said = (
                f"the disk is full: {rows:,} rows are written and can be read in `{parts.folder}`"
            )
            raise refuse("disk-full", said, None, "make room and go on with `--resume`") from None
        reason = os.strerror(number).lower() if number else str(error).partition("\n")[0]
        raise refuse("cannot-write", f"`{parts.out}` cannot be written: {reason}") from None


def _locked(file: IO[bytes]) -> bool:
    """Take a file for this process alone; false where another has it."""
    if os.name != "posix":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def _concatenate(parts: list[Path], whole: Path, head: bytes) -> None:
    with whole.open("wb") as file:
        file.write(head)
        for part in parts:
            with part.open("rb") as read:
                shutil.copyfileobj(read, file, 2**20)


def _settle(path: Path) -> int:
    """Wait until a file is on the disk; its size in bytes."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return os.fstat(file.fileno()).st_size


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.exists() else None
