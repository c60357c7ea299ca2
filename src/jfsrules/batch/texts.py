"""CSV and JSON Lines, read in blocks of whole lines so that each row keeps its line.

A line that cannot be read is set apart, and the others go on. Every cell comes out as text; an
empty one is null.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import polars as pl

from jfsrules.batch.apart import Apart
from jfsrules.batch.reading import CHUNK, Chunk
from jfsrules.errors import Diagnostic, did_you_mean, refuse

BLOCK: Final = 8 * 2**20
BOM: Final = b"\xef\xbb\xbf"
Lines = Sequence[tuple[int, bytes]]


@dataclass(slots=True)
class Text:
    """A file of lines, or a stream of them."""

    name: str
    path: Path | None = None
    stream: IO[bytes] | None = None
    _file: IO[bytes] | None = field(default=None, repr=False)

    def head(self) -> bytes:
        """The first line that is not blank; the rest is read from there on."""
        line = self.file.readline().removeprefix(BOM)
        if b"\0" in line or line[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise refuse(
                "not-utf-8",
                f"`{self.name}` is not text in UTF-8",
                None,
                "save the file with the encoding UTF-8",
            )
        return line

    @property
    def file(self) -> IO[bytes]:
        """The open file."""
        if self._file is None:
            if self.stream is None:
                assert self.path is not None
                self._file = self.path.open("rb")
            else:
                self._file = self.stream
        return self._file

    def done(self) -> float:
        """The share of the file that was read."""
        size = self.path.stat().st_size if self.path else 0
        return min(1.0, self.file.tell() / size) if size else 0.0

    def parts(self, line: int, before: bytes = b"") -> Iterator[Lines]:
        """The lines that are not blank, with their numbers, some at a time."""
        rest, kept = before, []
        while True:
            block = self.file.read(BLOCK)
            end = block.rfind(b"\n") + 1 if block else 0
            whole, rest = (rest + block[:end], block[end:]) if block else (rest, b"")
            if block and not end:
                rest = whole + rest
                continue
            for one in whole.splitlines(keepends=True):
                if one.strip():
                    kept.append((line, one))
                line += 1
            while len(kept) >= CHUNK or (kept and not block):
                yield kept[:CHUNK]
                kept = kept[CHUNK:]
            if not block:
                return


def chunks(
    text: Text, parts: Iterator[Lines], skip: int, read: Callable[[Lines, int], Chunk]
) -> Iterator[Chunk]:
    """Chunks of the rows from the `skip`-th on, each line of `parts` a row."""
    row = 0
    for lines in parts:
        row += len(lines)
        if row > skip:
            new = lines[max(0, len(lines) - (row - skip)) :]
            chunk = read(new, row - len(new))
            yield Chunk(
                chunk.frame,
                chunk.first,
                chunk.count,
                chunk.places,
                chunk.lines,
                chunk.texts,
                chunk.apart,
                text.done(),
            )


def sorted_out(
    name: str, lines: Lines, first: int, fault: Callable[[bytes], Diagnostic | None]
) -> tuple[list[tuple[int, int, bytes]], tuple[Apart, ...]]:
    """The lines that can be read, each with its place and number, and those set apart."""
    good, apart = [], []
    for place, (number, line) in enumerate(lines, first):
        wrong = fault(line)
        if wrong is None:
            good.append((place, number, line))
        else:
            shown = line.decode("utf-8", "replace").rstrip("\r\n")
            apart.append(Apart(name, (wrong,), number, text=shown))
    return good, tuple(apart)


def not_text(line: bytes) -> Diagnostic | None:
    """What is wrong with a line that is not UTF-8."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        said = f"this line is not text in UTF-8: the byte {line[error.start]:#04x} has no meaning"
        return Diagnostic("not-utf-8", said, None, "save the file with the encoding UTF-8")
    return None


def is_text(lines: Lines) -> bool:
    """Whether lines are UTF-8, all of them."""
    try:
        b"".join(line for _, line in lines).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@dataclass(slots=True)
class Csv:
    """A CSV file with a header."""

    text: Text
    names: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.text.name

    @property
    def separator(self) -> str:
        """What stands between two cells: a comma, or a tab where the name ends in `.tsv`."""
        return "\t" if self.name.endswith(".tsv") else ","

    def schema(self) -> dict[str, pl.DataType]:
        """The columns of the header."""
        if not self.names:
            head = self.text.head().decode("utf-8", "replace").rstrip("\r\n")
            self.names = self._names(head)
        return {name: pl.String() for name in self.names}

    def rows(self) -> None:
        """Nothing in the file says how many rows there are."""

    def chunks(self, skip: int = 0) -> Iterator[Chunk]:
        """The rows from the `skip`-th on."""
        self.schema()
        parts = self.text.parts(2)
        row = 0
        for lines in parts:
            if any(b'"' in line for _, line in lines):
                rest = (one for some in ([lines], parts) for part in some for one in part)
                yield from self._quoted(rest, row, skip)
                return
            yield from chunks(self.text, iter([lines]), skip - row, self._plain_from(row))
            row += len(lines)

    def _plain_from(self, row: int) -> Callable[[Lines, int], Chunk]:
        return lambda lines, first: self._plain(lines, row + first)

    def _plain(self, lines: Lines, first: int) -> Chunk:
        """Lines without quotes, each a row."""
        comma, wanted = self.separator.encode(), len(self.names) - 1
        places: Sequence[int] = range(first, first + len(lines))
        apart: tuple[Apart, ...] = ()
        numbers: list[int] = [number for number, _ in lines]
        good: list[bytes] = [line for _, line in lines]
        if not is_text(lines) or any(line.count(comma) != wanted for line in good):
            kept, apart = sorted_out(
                self.name, lines, first, lambda line: not_text(line) or self._ragged(line)
            )
            places, numbers, good = [[one[n] for one in kept] for n in range(3)]  # type: ignore[assignment]
        frame = self._frame(b"".join(good)) if good else self._empty()
        return Chunk(frame, first, len(lines), places, numbers, good, apart)

    def _ragged(self, line: bytes) -> Diagnostic | None:
        found = line.count(self.separator.encode()) + 1
        return None if found == len(self.names) else ragged(found, len(self.names))

    def _empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=dict.fromkeys(self.names, pl.String()))

    def _frame(self, text: bytes) -> pl.DataFrame:
        return pl.read_csv(
            text,
            has_header=False,
            new_columns=self.names,
            separator=self.separator,
            quote_char=None,
            infer_schema=False,
        )

    def _quoted(self, lines: Iterator[tuple[int, bytes]], row: int, skip: int) -> Iterator[Chunk]:
        """Rows whose cells may stand in quotes and hold commas and line ends."""
        numbers: list[int] = []

        def fed() -> Iterator[str]:
            for number, line in lines:
                numbers.append(number)
                yield line.decode("utf-8", "replace")

        cells: list[list[str]] = []
        starts: list[int] = []
        for record in csv.reader(fed(), delimiter=self.separator):
            start, numbers[:] = numbers[0], []
            cells.append(record)
            starts.append(start)
            if len(cells) == CHUNK:
                yield from self._records(cells, starts, row, skip)
                row, cells, starts = row + len(cells), [], []
        if cells:
            yield from self._records(cells, starts, row, skip)

    def _records(
        self, cells: list[list[str]], starts: list[int], row: int, skip: int
    ) -> Iterator[Chunk]:
        drop = max(0, skip - row)
        if drop >= len(cells):
            return
        places, good, numbers, apart = [], [], [], []
        for at in range(drop, len(cells)):
            record, number = cells[at], starts[at]
            wrong = None
            if len(record) != len(self.names):
                wrong = ragged(len(record), len(self.names))
            elif any("\ufffd" in cell for cell in record):
                said = "this line is not text in UTF-8"
                wrong = Diagnostic("not-utf-8", said, None, "save the file with the encoding UTF-8")
            shown = self.separator.join(record)
            if wrong:
                apart.append(Apart(self.name, (wrong,), number, text=shown))
            else:
                places.append(row + at)
                good.append(record)
                numbers.append(number)
        columns = zip(*good, strict=True) if good else [() for _ in self.names]
        frame = pl.DataFrame(
            {n: pl.Series(c, dtype=pl.String) for n, c in zip(self.names, columns, strict=True)}
        )
        blanks = (pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in self.names)
        texts = [self.separator.join(record).encode() for record in good]
        yield Chunk(
            frame.with_columns(blanks),
            row + drop,
            len(cells) - drop,
            places,
            numbers,
            texts,
            tuple(apart),
            self.text.done(),
        )

    def _names(self, head: str) -> list[str]:
        found = [name.strip() for name in next(csv.reader([head], delimiter=self.separator), [])]
        if not any(found):
            raise refuse("empty-file", f"`{self.name}` has no header with the names of its columns")
        other = next((one for one in (";", "\t", "|") if len(found) == 1 and one in head), None)
        if other:
            shown = "tabs" if other == "\t" else f"`{other}`"
            raise refuse(
                "wrong-separator",
                f"the columns of `{self.name}` seem to be separated by {shown}",
                None,
                "separate them by commas, or name the file `.tsv` where they are tabs",
            )
        twice = sorted({name for name in found if found.count(name) > 1})
        if twice:
            listed = ", ".join(f"`{name}`" for name in twice)
            raise refuse("column-twice", f"`{self.name}` has more than one column called {listed}")
        return found


def ragged(found: int, wanted: int) -> Diagnostic:
    """The diagnostic for a line with too many or too few cells."""
    said = f"this line has {found} cells, and the header has {wanted}"
    help_ = "put a cell that holds a comma in quotes" if found > wanted else "write each comma"
    return Diagnostic("ragged-line", said, None, help_)


@dataclass(slots=True)
class JsonLines:
    """A file with one JSON object a line, each a row. `known` are the names it may use."""

    text: Text
    known: tuple[str, ...]
    first: bytes = b""
    names: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.text.name

    def schema(self) -> dict[str, pl.DataType]:
        """The names of the first line; later lines may use others that are known."""
        if not self.names:
            self.first = self.text.head()
            try:
                found = json.loads(self.first or b"{}")
            except ValueError:
                found = {}
            self.names = list(found) if isinstance(found, dict) else []
        return {name: pl.String() for name in self.names}

    def rows(self) -> None:
        """Nothing in the file says how many rows there are."""

    def chunks(self, skip: int = 0) -> Iterator[Chunk]:
        """The rows from the `skip`-th on."""
        self.schema()
        yield from chunks(self.text, self.text.parts(1, self.first), skip, self._read)

    def _read(self, lines: Lines, first: int) -> Chunk:
        names = list(dict.fromkeys([*self.names, *self.known]))
        known = frozenset(names)
        kept, apart = sorted_out(self.name, lines, first, lambda line: _object(line, known))
        places, numbers, good = [[one[n] for one in kept] for n in range(3)]
        schema = dict.fromkeys(names, pl.String())
        joined = b"".join(good)  # type: ignore[arg-type]
        frame = (
            pl.read_ndjson(io.BytesIO(joined), schema=schema)
            if good
            else pl.DataFrame(schema=schema)
        )
        return Chunk(frame, first, len(lines), places, numbers, good, apart)  # type: ignore[arg-type]


def _object(line: bytes, known: frozenset[str]) -> Diagnostic | None:
    """What is wrong with a line of JSON."""
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        return not_text(line) or Diagnostic(
            "json-syntax", f"this line is not JSON: {error}".lower()
        )
    if not isinstance(found, dict):
        return Diagnostic("wrong-shape", "this line is no JSON object with a row")
    if found.keys() <= known:
        return None
    name = next(name for name in found if name not in known)
    return Diagnostic(
        "unknown-column", f"there is no indicator `{name}`", None, did_you_mean(name, known)
    )
