"""JSON Lines: one object a line, each a row. Every cell comes out as text; null is null."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import polars as pl

from jfsrules.batch.apart import Apart
from jfsrules.batch.reading import CHUNK, Chunk
from jfsrules.batch.texts import Lines, Text, not_a_line, shown
from jfsrules.errors import Diagnostic, did_you_mean

ENDINGS: Final = (".jsonl", ".ndjson")


@dataclass(slots=True)
class JsonLines:
    """A file with one JSON object a line. `known` are the names it may use; with `extra`, any."""

    text: Text
    known: Sequence[str]
    extra: bool = False
    at_once: int = CHUNK
    names: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.text.name

    def schema(self) -> dict[str, pl.DataType]:
        """The names of the first line; later lines may use others that are known."""
        if not self.names:
            try:
                self.names = list(read_object(self.text.head()))
            except ValueError:
                self.names = []
        return dict.fromkeys(self.names, pl.String())

    def rows(self) -> None:
        """Nothing in the file says how many rows there are."""

    def chunks(self, skip: int = 0) -> Iterator[Chunk]:
        """The rows from the `skip`-th on."""
        known = None if self.extra else frozenset([*self.schema(), *self.known])
        first = 0
        for lines in self.text.lines(self.at_once):
            if first >= skip:
                yield self._chunk(lines, first, known)
            first += len(lines)

    def _chunk(self, lines: Lines, first: int, known: frozenset[str] | None) -> Chunk:
        rows: list[dict[str, Any]] = []
        places, numbers, texts, apart = [], [], [], []
        for place, (number, line) in enumerate(lines, first):
            row = read_row(line, known)
            if isinstance(row, Diagnostic):
                apart.append(Apart(self.name, (row,), number, text=shown(line)))
            else:
                rows.append(row)
                places.append(place)
                numbers.append(number)
                texts.append(line)
        names = dict.fromkeys([*self.names, *(name for row in rows for name in row)])
        columns = {name: [cell(row.get(name)) for row in rows] for name in names}
        frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String()))
        done = self.text.done()
        return Chunk(frame, first, len(lines), places, numbers, texts, tuple(apart), done)


def read_row(line: bytes, known: frozenset[str] | None) -> dict[str, Any] | Diagnostic:
    """A line as a row, or what is wrong with it; `known` are the names it may use (None: any)."""
    wrong = not_a_line(line)
    if wrong:
        return wrong
    try:
        row = read_object(line)
    except (ValueError, RecursionError) as error:
        return Diagnostic("json-syntax", f"this line is no row: {_first_words(error)}")
    unknown = None if known is None else next((name for name in row if name not in known), None)
    if unknown is None:
        return row
    near = did_you_mean(unknown, known or ())
    return Diagnostic(
        "unknown-column", f"there is no indicator `{unknown}` for this row", None, near
    )


def read_object(line: bytes) -> dict[str, Any]:
    """A JSON object with each name once; ValueError where a line is none."""
    found = json.loads(line, object_pairs_hook=_once, parse_constant=_no_number)
    if not isinstance(found, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - as json raises
    return found


def cell(value: object) -> str | None:
    """A value of JSON as the text that a table would have.

    >>> cell(None), cell(True), cell(1.5), cell("a"), cell(["a", "b"])
    (None, 'true', '1.5', 'a', '["a", "b"]')
    """
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"`{twice}` is given twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"`{text}` is no number of JSON")


def _first_words(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    said = str(error)
    return said if isinstance(error, json.JSONDecodeError) is False else said[:1].lower() + said[1:]
