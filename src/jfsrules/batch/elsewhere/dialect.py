"""Columns as they were read, made into columns of their types, in the SQL of another engine.

The same cells fit as in `batch.typed`, and the same do not. Knows no engine but by its dialect.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol

import polars as pl

from jfsrules.batch.typed import FALSE, MEMBER, TEXTS, TRUE
from jfsrules.condition import All, Any, Condition, Not, Test
from jfsrules.engines.columns import column_type
from jfsrules.facts import FIRST_DAY
from jfsrules.vocabulary import AS_OF, DECIMALS, LARGEST, PARTNER, Type, Value, Vocabulary

NUMBER: Final = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
FORMULA: Final = "(?s)[=+@\t\r-].*"
SET: Final = "_set_"
COMPARED: Final = {"=": "=", "≠": "<>", "<": "<", "≤": "<=", ">": ">", "≥": ">="}
LISTED: Final = {"in": "IN", "not in": "NOT IN"}
SQL_TYPES: Final = {"flag": "BOOLEAN", "number": "DOUBLE", "date": "DATE"}


class Dialect(Protocol):
    """What engines write in different ways."""

    def name(self, column: str) -> str:
        """A column, in its quotes."""

    def text(self, value: str) -> str:
        """A text, in its quotes."""

    def matches(self, term: str, pattern: str) -> str:
        """Whether a text is what a pattern describes, from its first character to its last."""

    def joined(self, term: str) -> str:
        """A list of texts as one text, with `;` between them and nothing for a null."""

    def each(self, terms: Sequence[str], split: tuple[str, str] | None = None) -> str:
        """One row for each of some terms; with `split`, one more for each part of a text that is
        joined by `;`, each after the same words."""

    def row(self, columns: Sequence[str]) -> str:
        """Some columns as one text in JSON."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The typed columns that one column gives, and where a cell of it does not fit; over the
    columns as they were read, and those made `before`."""

    columns: Mapping[str, str]
    wrong: str
    before: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Typist:
    """Writes the columns of a table as typed ones."""

    dialect: Dialect
    vocabulary: Vocabulary
    partners: Collection[str]
    latest: date

    def typed(self, schema: Mapping[str, pl.DataType]) -> list[Typed]:
        """What columns of these names and types give; those that no indicator knows give nothing."""
        found = ((name, column_type(name, self.vocabulary)) for name in schema)
        return [
            self._typed(name, wanted, schema[name])
            for name, wanted in found
            if wanted is not None and schema[name] != pl.Null
        ]

    def _typed(self, name: str, wanted: Type, type_: pl.DataType) -> Typed:
        raw = self.dialect.name(name)
        if wanted.kind == "set_of":
            return self._set(name, wanted, self._set_as_text(raw, type_))
        text = isinstance(type_, TEXTS)
        made = self._read(raw, wanted) if text else self._native(raw, wanted)
        wrong = [f"{raw} <> '' AND {made} IS NULL"] if text else []
        if name in (PARTNER, AS_OF):
            wrong = [f"{made} IS NULL"]
        if name == AS_OF:
            wrong += [f"{made} < {day(FIRST_DAY)}", f"{made} > {day(self.latest)}"]
        if wanted.kind == "number":
            wrong += [f"isnan({made})", f"abs({made}) > {LARGEST}"]
            wrong += [f"round({made}, {DECIMALS}) <> {made}"]
        return Typed({name: made}, any_of(wrong))

    def _native(self, raw: str, wanted: Type) -> str:
        return f"CAST({raw} AS DOUBLE)" if wanted.kind == "number" else raw

    def _read(self, raw: str, wanted: Type) -> str:
        """A text as its type; null where it does not fit."""
        match wanted.kind:
            case "flag":
                yes, no = self._among(raw, TRUE), self._among(raw, FALSE)
                return f"CASE WHEN {yes} THEN TRUE WHEN {no} THEN FALSE END"
            case "number" | "date":
                fits = self.dialect.matches(raw, NUMBER if wanted.kind == "number" else DAY)
                sql = SQL_TYPES[wanted.kind]
                return f"CASE WHEN {fits} THEN TRY_CAST({raw} AS {sql}) END"
            case _:
                values = sorted(self.partners) if wanted.kind == "code" else wanted.values
                return f"CASE WHEN {self._among(raw, values)} THEN {raw} END"

    def _set_as_text(self, raw: str, type_: pl.DataType) -> str:
        if isinstance(type_, TEXTS):
            return raw
        joined = self.dialect.joined(raw)
        return f"CASE WHEN {joined} = '' THEN ';' ELSE {joined} END"

    def _set(self, name: str, wanted: Type, text: str) -> Typed:
        """A set as one flag for each member, from `a;b`, a lone `;`, or `["a", "b"]`."""
        one = "(" + "|".join(wanted.values) + ")"
        plain = self.dialect.matches(text, f";|{one}(;{one})*")
        listed = self.dialect.matches(text, rf'\[ *("{one}" *(, *"{one}" *)*)?\]')
        members = (
            f"CASE WHEN {plain} THEN concat(';', {text}, ';')"
            f" WHEN {listed} THEN translate({text}, '[],\" ', ';;;') END"
        )
        between = self.dialect.name(SET + name)
        columns = {
            f"{name}{MEMBER}{member}": f"contains({between}, ';{member};')"
            for member in wanted.values
        }
        wrong = f"COALESCE({text} <> '' AND {between} IS NULL, FALSE)"
        return Typed(columns, wrong, {SET + name: members})

    def _among(self, raw: str, values: Iterable[str]) -> str:
        return f"{raw} IN ({', '.join(map(self.dialect.text, values))})"

    def value(self, atom: str, value: Value | None) -> str:
        """A stated value as a constant of its type; unknown is null."""
        wanted = self.vocabulary.atoms[atom]
        sql = SQL_TYPES.get(wanted.kind, "STRING")
        if value is None:
            return f"CAST(NULL AS {sql})"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, date):
            return day(value)
        return self.dialect.text(value) if isinstance(value, str) else f"CAST({value} AS {sql})"

    def holds(self, condition: Condition, columns: Collection[str]) -> str:
        """Whether a condition on facts holds; null where that is unknown."""
        match condition:
            case Test(atom, op, values):
                column = atom.replace(".", MEMBER, 1)
                if column not in columns:
                    return "CAST(NULL AS BOOLEAN)"
                term, listed = self.dialect.name(column), [self.value(atom, v) for v in values]
                if op in LISTED:
                    return f"{term} {LISTED[op]} ({', '.join(listed)})"
                return f"{term} {COMPARED[op]} {listed[0]}"
            case All(parts):
                return _tree("AND", [self.holds(part, columns) for part in parts], "TRUE")
            case Any(parts):
                return _tree("OR", [self.holds(part, columns) for part in parts], "FALSE")
            case Not(part):
                return f"NOT ({self.holds(part, columns)})"
            case _:
                raise ValueError(condition)

    def harmless(self, column: str) -> str:
        """A text for a CSV file: one that a spreadsheet would run as a formula gets a quote."""
        term = self.dialect.name(column)
        found = self.dialect.matches(term, FORMULA)
        return f"CASE WHEN {found} THEN concat('''', {term}) ELSE {term} END"


def _tree(joined: str, terms: Sequence[str], alone: str) -> str:
    return "(" + f" {joined} ".join(terms) + ")" if terms else alone


def any_of(terms: Iterable[str]) -> str:
    """Whether any of some terms is true; false where none is, or is known to be."""
    some = " OR ".join(f"({term})" for term in terms)
    return f"COALESCE({some}, FALSE)" if some else "FALSE"


def day(value: date) -> str:
    """A day as a constant."""
    return f"DATE '{value.isoformat()}'"
