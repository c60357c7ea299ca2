"""Rows set apart: what is wrong with each, where it stands, and the file that keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from jfsrules.errors import Diagnostic
from jfsrules.span import Source, Span

LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Apart:
    """A row that is not answered for.

    `line` is its line in a text file, `row` its place in a table (from 0); `rows` says for how many
    rows of the answer it stands, one for each day asked for. `text` is the line as it was read.
    """

    source: str
    diagnostics: tuple[Diagnostic, ...]
    line: int | None = None
    row: int | None = None
    partner: str | None = None
    day: str | None = None
    rows: int = 1
    text: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """`file:line` or `file, row N`."""
        if self.line is not None:
            return f"{self.source}:{self.line}"
        return self.source if self.row is None else f"{self.source}, row {self.row}"

    def to_json(self) -> dict[str, Any]:
        """One line of the errors file."""
        kept: dict[str, Any] = {
            "source": self.source,
            "line": self.line,
            "row": self.row,
            "partner": self.partner,
            "as_of": self.day,
            "rows": self.rows,
            "errors": [_told(one) for one in self.diagnostics],
            "values": {n: v for n, v in self.values.items() if v not in (None, "")},
        }
        return {name: value for name, value in kept.items() if value not in (None, {})}

    def shown(self) -> Iterable[Diagnostic]:
        """Its diagnostics as a person is shown them, each with its place."""
        for one in self.diagnostics:
            span = one.span or self._span(one)
            where = "" if span else f"{self.place}: "
            yield Diagnostic(one.code, where + one.message, span, one.help)

    def _span(self, one: Diagnostic) -> Span | None:
        if self.line is None or self.text is None:
            return None
        column, width = _field(self.text, one.message)
        text = "\n" * (self.line - 1) + self.text[:LONGEST]
        return Span(Source(self.source, text), self.line, column, self.line, column + width)


def _told(one: Diagnostic) -> dict[str, Any]:
    told = {"code": one.code, "message": one.message, "help": one.help}
    place = one.span.place if one.span else None
    return {name: value for name, value in {**told, "place": place}.items() if value}


def _field(text: str, message: str) -> tuple[int, int]:
    """Where in a line the value stands that a message names second in backticks, or else first."""
    named = message.split("`")[1::2]
    for one in (*named[1:2], *named[:1]):
        at = text.find(one)
        if at >= 0 and one:
            return at + 1, len(one)
    return 1, max(1, min(len(text), LONGEST))


def line_of(one: Apart) -> str:
    """A row set apart as a line of JSON."""
    return json.dumps(one.to_json(), ensure_ascii=False, default=str) + "\n"


def write_apart(path: Path, rows: Iterable[Apart]) -> None:
    """Write rows set apart as JSON Lines."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(map(line_of, rows))
