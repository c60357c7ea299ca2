"""What is wrong with rows that an engine elsewhere found not to fit: said here, as on Polars."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import polars as pl

from jfsrules.batch.apart import Apart
from jfsrules.batch.csv_rows import BROKEN
from jfsrules.batch.elsewhere.engine import FILE, LINE, PLACE, UNREAD, Engine, Files, Native
from jfsrules.batch.json_lines import read_row
from jfsrules.batch.texts import ragged
from jfsrules.batch.typed import Typing
from jfsrules.condition import Test, leaves
from jfsrules.errors import Diagnostic
from jfsrules.rulebook import Impossible
from jfsrules.vocabulary import AS_OF, PARTNER

RAW: Final = "_raw"
ORIGIN: Final = (FILE, PLACE, LINE)
AT_ONCE: Final = 4096


@dataclass(frozen=True, slots=True)
class Teller:
    """Reads the rows an engine has set apart, and says what is wrong with each. Columns that are
    `spared` are not looked at."""

    engine: Engine
    typing: Typing
    spared: Collection[str]

    def wrong(self, frame: Native, files: Files) -> Iterator[Apart]:
        """Rows of a table with cells that do not fit, or that could not be read as rows."""
        name = self.engine.dialect.name
        terms = {n: name(n) for n in (*files.schema, *ORIGIN, UNREAD)}
        rows = self.engine.rows(self.engine.select(frame, terms))
        while some := list(islice(rows, AT_ONCE)):
            yield from self._told(some, files)

    def impossible(self, frame: Native, marks: Mapping[str, Diagnostic]) -> Iterator[Apart]:
        """Rows that no partner can be like, each on the day on which it cannot."""
        name = self.engine.dialect.name
        terms = {n: name(n) for n in (PARTNER, AS_OF, *ORIGIN, RAW, *marks)}
        for row in self.engine.rows(self.engine.select(frame, terms)):
            told = tuple(says for mark, says in marks.items() if row[mark])
            values = json.loads(row[RAW]) if row[RAW] else {}
            of, day = row[PARTNER], row[AS_OF].isoformat()
            yield Apart(row[FILE], told, row[LINE], row[PLACE], of, day, values=values)

    def _told(self, rows: list[dict[str, Any]], files: Files) -> Iterator[Apart]:
        faults = self._faults(rows, files)
        for at, row in enumerate(rows):
            values = {name: row[name] for name in files.schema}
            place = (row[LINE], row[PLACE])
            unread = row[UNREAD]
            if unread is not None:
                yield Apart(row[FILE], (self._unread(unread, files),), *place, text=unread)
                continue
            told = tuple(faults.get(at, ())) or (self._otherwise(),)
            partner, day = values.get(PARTNER), values.get(AS_OF)
            shown = str(day) if day else None
            yield Apart(row[FILE], told, *place, partner, shown, values=values)

    def _faults(self, rows: list[dict[str, Any]], files: Files) -> dict[int, list[Diagnostic]]:
        columns = {
            name: pl.Series(name, [row[name] for row in rows], dtype=type_, strict=False)
            for name, type_ in files.schema.items()
            if name not in self.spared
        }
        found: dict[int, list[Diagnostic]] = {}
        for fault in self.typing.typed(pl.DataFrame(columns))[1]:
            found.setdefault(fault.at, []).append(fault.diagnostic)
        return found

    def _unread(self, line: str, files: Files) -> Diagnostic:
        """What is wrong with a line that cannot be read as a row."""
        if files.kind != "csv":
            told = read_row(line.encode(), None if files.extra else frozenset(files.schema))
            return told if isinstance(told, Diagnostic) else self._otherwise()
        try:
            (cells,) = csv.reader([line], delimiter=files.separator, strict=True)
        except (csv.Error, ValueError):
            return BROKEN
        return ragged(len(cells), len(files.schema))

    def _otherwise(self) -> Diagnostic:
        said = f"this row is written in a way that `{self.engine.name}` cannot read"
        how = "write days as `2014-06-27`, numbers as `1.5`, and flags as `true` or `false`"
        return Diagnostic("wrong-type", said, None, how)


def excluded(one: Impossible) -> Diagnostic:
    """What is said of a row that no partner can be like."""
    atoms = sorted({leaf.atom for leaf in leaves(one.when) if isinstance(leaf, Test)})
    help_ = "take one of these facts out: " + ", ".join(f"`{atom}`" for atom in atoms)
    return Diagnostic("impossible-profile", f"no partner is like this: {one.says}", None, help_)
