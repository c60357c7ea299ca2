"""Columns as they were read, made into columns of their types; what does not fit is set apart.

A value is only ever read as its own type, and never converted: a cell that does not fit names its
row, its column and what would fit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final

import polars as pl

from jfsrules.engines.columns import column_type, mistyped, unknown_column, without_partner
from jfsrules.errors import Diagnostic, Refused, did_you_mean
from jfsrules.facts import FIRST_DAY
from jfsrules.loading.countries import partner_of
from jfsrules.span import NOWHERE
from jfsrules.vocabulary import AS_OF, DECIMALS, LARGEST, PARTNER, Type, Vocabulary

MEMBER: Final = "__"
TRUE: Final = ("true", "True", "TRUE")
FALSE: Final = ("false", "False", "FALSE")
TEXTS: Final = (pl.String, pl.Categorical, pl.Enum)
_MARK: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class Fault:
    """One value that does not fit, by the place of its row in a frame."""

    at: int
    diagnostic: Diagnostic


@dataclass(frozen=True, slots=True)
class Typing:
    """How the columns of a batch are typed: one column for each atom that some table gives."""

    vocabulary: Vocabulary
    partners: tuple[str, ...]
    latest: date
    atoms: Mapping[str, pl.DataType] = field(default_factory=dict)

    def schema(self, names: Iterable[str]) -> dict[str, pl.DataType]:
        """The typed columns that columns of these names give."""
        found: dict[str, pl.DataType] = {PARTNER: pl.Enum(self.partners), AS_OF: pl.Date()}
        for name in names:
            wanted = column_type(name, self.vocabulary)
            if wanted is not None:
                found |= typed_columns(name, wanted, self.partners)
        return found

    def check(self, name: str, schema: Mapping[str, pl.DataType], spared: frozenset[str]) -> None:
        """Raise Refused where a table has columns that no indicator knows, or of a wrong type."""
        faults = []
        for column, type_ in schema.items():
            wanted = column_type(column, self.vocabulary)
            if wanted is None:
                if column not in spared:
                    faults.append(unknown_column(column, self.vocabulary))
            elif not _readable(wanted, type_):
                faults.append(mistyped(column, wanted, str(type_)))
        faults += _twice(schema, self.vocabulary)
        if PARTNER not in schema:
            faults.append(without_partner(schema))
        if faults:
            raise Refused(
                Diagnostic(f.code, f"`{name}`: {f.message}", f.span, f.help) for f in faults
            )

    def typed(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Fault]]:
        """The typed columns of a frame, and every value that does not fit."""
        found: dict[str, pl.Series] = {}
        faults: list[Fault] = []
        for name in frame.columns:
            wanted = column_type(name, self.vocabulary)
            if wanted is not None:
                made, wrong = self._column(frame[name], wanted)
                faults += wrong
                for column, cells in made.items():
                    first = found.get(column)
                    if first is None:
                        found[column] = cells
                    else:
                        faults += _given_twice(column, first, cells)
                        found[column] = first.zip_with(first.is_not_null(), cells)
        return pl.DataFrame(found), faults

    def _column(self, raw: pl.Series, wanted: Type) -> tuple[dict[str, pl.Series], list[Fault]]:
        name = raw.name
        if raw.dtype == pl.Null:
            raw = raw.cast(pl.String)
        if wanted.kind == "set_of":
            return _members(raw, wanted)
        made = _read(raw, wanted, self.partners).alias(name)
        faults = _unread(raw, made, wanted)
        if name in (PARTNER, AS_OF):
            faults += [Fault(at, _empty(name)) for at in _where(_blank(raw))]
        if name == AS_OF:
            faults += self._days(made)
        if wanted.kind == "number":
            faults += _numbers(raw, made, wanted)
        return {name: made}, faults

    def _days(self, days: pl.Series) -> list[Fault]:
        early = [
            Fault(at, _too_early(days[at]))
            for at in _where((days < FIRST_DAY).fill_null(value=False))
        ]
        late = (days > self.latest).fill_null(value=False)
        return early + [Fault(at, _too_late(days[at], self.latest)) for at in _where(late)]


def _twice(schema: Iterable[str], vocabulary: Vocabulary) -> Iterator[Diagnostic]:
    names = set(schema)
    for name in sorted(names):
        whole = name.partition(MEMBER)[0]
        if whole != name and whole in names and column_type(name, vocabulary):
            said = f"`{name}` is given by two columns"
            how = f"give either `{whole}` or one column of flags for each member"
            yield Diagnostic("column-twice", said, None, how)


def _given_twice(name: str, one: pl.Series, other: pl.Series) -> Iterator[Fault]:
    said = f"`{name}` is given by two columns"
    for at in _where(one.is_not_null() & other.is_not_null()):
        yield Fault(at, Diagnostic("column-twice", said, None, "leave one of them empty"))


def typed_columns(name: str, wanted: Type, partners: Sequence[str]) -> dict[str, pl.DataType]:
    """The typed columns that one column gives."""
    match wanted.kind:
        case "set_of":
            return {f"{name}{MEMBER}{member}": pl.Boolean() for member in wanted.values}
        case "flag":
            return {name: pl.Boolean()}
        case "one_of":
            return {name: pl.Enum(wanted.values)}
        case "number":
            return {name: pl.Float64()}
        case "date":
            return {name: pl.Date()}
        case "code":
            return {name: pl.Enum(partners)}


def _readable(wanted: Type, type_: pl.DataType) -> bool:
    if type_ == pl.Null or isinstance(type_, TEXTS):
        return True
    match wanted.kind:
        case "flag":
            return type_ == pl.Boolean
        case "number":
            return type_.is_numeric()
        case "date":
            return type_ == pl.Date
        case "set_of":
            return type_ == pl.List(pl.String)
        case _:
            return False


def _read(raw: pl.Series, wanted: Type, partners: Sequence[str]) -> pl.Series:
    """A column as its type; null where a value does not fit."""
    text = isinstance(raw.dtype, TEXTS)
    match wanted.kind:
        case "flag":
            return _flags(raw.cast(pl.String)) if text else raw
        case "one_of" | "code":
            enum = pl.Enum(partners if wanted.kind == "code" else wanted.values)
            return raw if raw.dtype == enum else raw.cast(pl.String).cast(enum, strict=False)
        case "number":
            return raw.cast(pl.Float64, strict=False)
        case _:
            return raw.cast(pl.String).str.to_date("%Y-%m-%d", strict=False) if text else raw


def _flags(raw: pl.Series) -> pl.Series:
    cell = pl.col(raw.name)
    yes, no = cell == TRUE[0], cell == FALSE[0]
    read = pl.when(yes).then(True).when(no).then(False)
    made = raw.to_frame().select(read).to_series()
    if made.null_count() == raw.null_count():
        return made
    yes, no = cell.is_in(TRUE), cell.is_in(FALSE)
    read = pl.when(yes).then(True).when(no).then(False)
    return raw.to_frame().select(read).to_series()


def _unread(raw: pl.Series, made: pl.Series, wanted: Type) -> list[Fault]:
    """The cells that hold something, of which nothing could be made."""
    if made.null_count() == raw.null_count():
        return []
    return [
        Fault(at, _outside(raw.name, raw[at], wanted))
        for at in _where(made.is_null() & ~_blank(raw))
    ]


def _blank(raw: pl.Series) -> pl.Series:
    empty = raw.is_null()
    return (
        empty | (raw.cast(pl.String) == "").fill_null(value=False)
        if isinstance(raw.dtype, TEXTS)
        else empty
    )


def _numbers(raw: pl.Series, made: pl.Series, wanted: Type) -> list[Fault]:
    fits = made.is_finite() & (made.abs() <= LARGEST) & (made.round(DECIMALS) == made)
    return [
        Fault(at, _outside(raw.name, raw[at], wanted)) for at in _where(~fits.fill_null(value=True))
    ]


def _members(raw: pl.Series, wanted: Type) -> tuple[dict[str, pl.Series], list[Fault]]:
    """A set as one flag for each member: each text that occurs is read once."""
    if raw.dtype == pl.List(pl.String):
        raw = (
            raw.list.eval(pl.element().fill_null(""))
            .list.join(";")
            .replace("", ";")
            .alias(raw.name)
        )
    raw = raw.cast(pl.String)
    texts = [text for text in raw.unique().to_list() if text is not None]
    read = [members_of(text, wanted.values) for text in texts]
    index = raw.cast(pl.Enum(texts)).to_physical()
    made = {
        f"{raw.name}{MEMBER}{member}": pl.Series(
            [
                None if held is None or one is None else member in one
                for held, one in zip(texts, read, strict=True)
            ],
            dtype=pl.Boolean,
        ).gather(index)
        if texts
        else pl.Series([None] * len(raw), dtype=pl.Boolean)
        for member in wanted.values
    }
    bad = [text for text, one in zip(texts, read, strict=True) if one is None and text]
    wrong = _where(raw.is_in(bad)) if bad else []
    return made, [Fault(at, _outside(raw.name, raw[at], wanted)) for at in wrong]


@lru_cache(maxsize=4096)
def members_of(text: str, members: tuple[str, ...]) -> frozenset[str] | None:
    """The members that a text names; none for one that does not fit, or is empty.

    >>> sorted(members_of("b;a", ("a", "b")) or ()), members_of(";", ("a",)), members_of("x", ("a",))
    (['a', 'b'], frozenset(), None)
    """
    if not text:
        return None
    named = _listed(text) if text.startswith("[") else [] if text == ";" else text.split(";")
    found = None if named is None else frozenset(named)
    return found if found is not None and found <= set(members) else None


def _listed(text: str) -> list[str] | None:
    """A JSON list of texts, as JSON Lines give a set."""
    try:
        found: Any = json.loads(text)
    except ValueError:
        return None
    return found if all(isinstance(one, str) for one in found) else None


def _where(mask: pl.Series) -> list[int]:
    return mask.arg_true().to_list() if mask.any() else []


def _outside(name: str, value: object, wanted: Type) -> Diagnostic:
    if wanted.kind == "code":
        wrong: list[Diagnostic] = []
        partner_of(str(value), NOWHERE, wrong)
        return wrong[0]
    help_ = None
    if wanted.kind == "set_of":
        help_ = "join members by `;`, and write a lone `;` for the empty set"
    elif wanted.kind == "flag":
        help_ = "write `true` or `false`, or leave the cell empty for unknown"
    elif wanted.values:
        help_ = did_you_mean(str(value), wanted.values)
    shown = f"`{name}` cannot be `{value}`: it takes {wanted}"
    return Diagnostic("wrong-type", shown, None, help_)


def _empty(name: str) -> Diagnostic:
    return Diagnostic("wrong-type", f"`{name}` cannot be empty")


def _too_early(day: date) -> Diagnostic:
    said = f"`{day}` lies before {FIRST_DAY}, when the facts begin"
    return Diagnostic("as-of-too-early", said, None, f"ask for `{FIRST_DAY}` or a later day")


def _too_late(day: date, latest: date) -> Diagnostic:
    said = f"`{day}` lies after {latest}, up to which the facts are vouched"
    return Diagnostic("as-of-too-late", said, None, f"ask for `{latest}` or an earlier day")
