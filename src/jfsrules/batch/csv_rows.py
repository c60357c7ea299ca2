"""CSV and TSV with a header: each row with its line. Every cell comes out as text; empty is null.

Lines without quotes, which are most, are read at once; those with quotes one by one, so that a
wrong one is set apart by itself.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import polars as pl

from jfsrules.batch.apart import Apart
from jfsrules.batch.reading import CHUNK, Chunk
from jfsrules.batch.texts import LONGEST, Lines, Text, not_a_line, ragged, shown, sorted_out
from jfsrules.errors import Diagnostic, refuse

MOST_LINES: Final = 1_000
Record: TypeAlias = tuple[int, bytes, list[str] | Diagnostic]
csv.field_size_limit(LONGEST)  # lines are as long at most; the library's own limit is lower


@dataclass(slots=True)
class Csv:
    """A file with a header, and cells between commas or tabs."""

    text: Text
    at_once: int = CHUNK
    names: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.text.name

    @property
    def separator(self) -> str:
        """What stands between two cells: a comma, or a tab where the name ends in `.tsv`."""
        return "\t" if self.name.lower().endswith(".tsv") else ","

    def schema(self) -> dict[str, pl.DataType]:
        """The columns of the header. Raises Refused."""
        if not self.names:
            self.names = self._names(self.text.head().decode("utf-8"))
        return dict.fromkeys(self.names, pl.String())

    def rows(self) -> None:
        """Nothing in the file says how many rows there are."""

    def chunks(self, skip: int = 0) -> Iterator[Chunk]:
        """The rows from the `skip`-th on, which is the first of a chunk."""
        self.schema()
        carried: list[tuple[int, bytes]] = []
        first, header = 0, True
        for part in self._parts():
            while header and part:
                header = not part.pop(0)[1].strip()
            lines = [*carried, *part]
            if not any(b'"' in line for _, line in lines):
                carried, lines = [], [one for one in lines if one[1].strip(b"\r\n")]
                if first >= skip and lines:
                    yield self._plain(lines, first)
                first += len(lines)
            else:
                records, carried = self._records(lines, last=not part)
                if first >= skip and records:
                    yield self._quoted(records, first)
                first += len(records)

    def _parts(self) -> Iterator[list[tuple[int, bytes]]]:
        """Lines some at a time, and an empty end, before which what is carried must be settled.

        Blank lines are among them, as they may stand within quotes.
        """
        for lines in self.text.lines(self.at_once, blank=True):
            yield list(lines)
        yield []

    # --- without quotes -------------------------------------------------------------------------

    def _plain(self, lines: Lines, first: int) -> Chunk:
        comma, wanted = self.separator.encode(), len(self.names) - 1
        places: Sequence[int] = range(first, first + len(lines))
        apart: tuple[Apart, ...] = ()
        numbers = [number for number, _ in lines]
        good = [line for _, line in lines]
        text = b"".join(good)
        if not _is_text(text) or any(
            line.count(comma) != wanted or len(line) > LONGEST for line in good
        ):
            kept, apart = sorted_out(self.name, lines, first, self._ragged)
            places = [place for place, _, _ in kept]
            numbers = [number for _, number, _ in kept]
            good = [line for _, _, line in kept]
            text = b"".join(good)
        frame = self._frame(text) if good else pl.DataFrame(schema=self.schema())
        done = self.text.done()
        return Chunk(frame, first, len(lines), places, numbers, good, apart, done)

    def _ragged(self, line: bytes) -> Diagnostic | None:
        found = line.count(self.separator.encode()) + 1
        return None if found == len(self.names) else ragged(found, len(self.names))

    def _frame(self, text: bytes) -> pl.DataFrame:
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return pl.read_csv(
            text,
            has_header=False,
            new_columns=self.names,
            separator=self.separator,
            quote_char=None,
            infer_schema=False,
        )

    # --- with quotes ----------------------------------------------------------------------------

    def _records(
        self, lines: list[tuple[int, bytes]], *, last: bool
    ) -> tuple[list[Record], list[tuple[int, bytes]]]:
        """The rows that lines hold, and the last lines, where a row may go on after them.

        A quote that is opened and not closed costs the line it is in, and not those after it.
        """
        records: list[Record] = []
        at = 0
        while at < len(lines):
            if not lines[at][1].strip(b"\r\n"):
                at += 1
                continue
            end = self._end(lines, at)
            if end is None and not last and len(lines) - at < MOST_LINES:
                return records, lines[at:]
            number = lines[at][0]
            text = b"".join(line for _, line in lines[at : end or at + 1])
            cells = self._cells(text)
            if isinstance(cells, Diagnostic) and end and end > at + 1:
                text, end = lines[at][1], at + 1
                cells = self._cells(text)
            records.append((number, text, cells))
            at = end or at + 1
        return records, []

    def _end(self, lines: Lines, at: int) -> int | None:
        """Where the row ends that begins at a line: after as many lines as close every quote."""
        open_ = False
        for end in range(at, min(len(lines), at + MOST_LINES)):
            open_ ^= bool(lines[end][1].count(b'"') & 1)
            if not open_:
                return end + 1
        return None

    def _cells(self, text: bytes) -> list[str] | Diagnostic:
        wrong = not_a_line(text)
        if wrong:
            return wrong
        line = text.decode("utf-8").rstrip("\r\n")
        try:
            cells = next(csv.reader([line], delimiter=self.separator, strict=True))
        except csv.Error:
            return BROKEN
        return cells if len(cells) == len(self.names) else ragged(len(cells), len(self.names))

    def _quoted(self, records: list[Record], first: int) -> Chunk:
        places, numbers, texts, good, apart = [], [], [], [], []
        for place, (number, text, cells) in enumerate(records, first):
            if isinstance(cells, Diagnostic):
                apart.append(Apart(self.name, (cells,), number, text=shown(text)))
            else:
                places.append(place)
                numbers.append(number)
                texts.append(text)
                good.append([cell or None for cell in cells])
        frame = pl.DataFrame(good, schema=self.schema(), orient="row")
        done = self.text.done()
        return Chunk(frame, first, len(records), places, numbers, texts, tuple(apart), done)

    # --- header ---------------------------------------------------------------------------------

    def _names(self, head: str) -> list[str]:
        found = [name.strip() for name in next(csv.reader([head], delimiter=self.separator), [])]
        if not any(found):
            raise refuse("empty-file", f"`{self.name}` has no header with the names of its columns")
        other = next((one for one in (";", "\t", "|") if len(found) == 1 and one in head), None)
        if other:
            between = "tabs" if other == "\t" else f"`{other}`"
            said = f"the columns of `{self.name}` seem to be separated by {between}"
            how = "separate them by commas, or name the file `.tsv` where they are tabs"
            raise refuse("wrong-separator", said, None, how)
        twice = sorted({name for name in found if found.count(name) > 1})
        if twice:
            listed = ", ".join(f"`{name}`" for name in twice)
            raise refuse("column-twice", f"`{self.name}` has more than one column called {listed}")
        return found


def _is_text(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


BROKEN: Final = Diagnostic(
    "broken-quotes",
    "a cell of this line opens a quote that is not closed where the cell ends",
    None,
    'put the cell in quotes, and write a quote inside it twice: `"5"" pipe"`',
)
