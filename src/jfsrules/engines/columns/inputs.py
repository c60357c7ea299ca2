"""The columns of a table as atoms: which it has, of what type, and which values do not fit.

Columns in are `partner`, `as_of`, and one for each indicator; a column that is not there is
unknown in every row. A *set of* indicator is one text column with its members joined by `;` (a
lone `;` is the empty set), a column of lists, or a column of flags for each member, named
`indicator__member`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

import narwhals as nw
from narwhals.dtypes import DType

from jfsrules.engines.columns.expressions import SEPARATOR, balanced
from jfsrules.errors import Diagnostic, did_you_mean
from jfsrules.vocabulary import AS_OF, DECIMALS, LARGEST, PARTNER, Type, Vocabulary

Backend: TypeAlias = Literal["polars", "duckdb", "pyspark"]
NULLS: Final = ("Null", '"NULL"', "NULL", "void", "NullType()")
MEMBER: Final = "__"
_TYPED: Final = {
    "flag": "flags (boolean)",
    "one_of": "text",
    "set_of": "text with its members joined by `;`, or a list of texts",
    "number": "numbers",
    "date": "days (date)",
    "code": "text",
}


@dataclass(frozen=True, slots=True)
class Input:
    """One column of a table: the typed columns made of it, and where its value does not fit.

    `typed` has an entry for each atom, over the columns of the table and those `prepared` first;
    `tested` is what tests read where that is another. `wrong` is true in rows whose value is outside the type;
    it is None where the type of the column leaves no room for that, and need not be asked (`asks`)
    where the backend refuses such a value by itself.
    """

    name: str
    type: Type
    typed: Mapping[str, nw.Expr]
    wrong: nw.Expr | None
    asks: bool = True
    prepared: Mapping[str, nw.Expr] = field(default_factory=dict)
    tested: nw.Expr | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a table gives, and what is wrong with its columns."""

    inputs: tuple[Input, ...]
    faults: tuple[Diagnostic, ...]
    signature: tuple[tuple[str, str], ...] = ()

    @property
    def atoms(self) -> tuple[str, ...]:
        """The atoms the table has."""
        return tuple(atom for one in self.inputs for atom in one.typed)


def read(
    schema: Mapping[str, DType],
    native: Mapping[str, str],
    vocabulary: Vocabulary,
    backend: Backend,
    *,
    spared: frozenset[str],
    partners: tuple[str, ...] = (),
) -> Inputs:
    """What the columns of a table give.

    `native` names the native types; `spared` columns are passed by; `partners` are all there are.
    """
    inputs: list[Input] = []
    faults: list[Diagnostic] = []
    for name, type_ in schema.items():
        if name in spared:
            continue
        wanted = column_type(name, vocabulary)
        if wanted is None:
            faults.append(unknown_column(name, vocabulary))
        elif native[name] not in NULLS:
            coded = partners if backend == "polars" else ()
            one = _input(name, wanted, type_, backend, coded)
            if one:
                inputs.append(one)
            else:
                faults.append(mistyped(name, wanted, native[name]))
    given = [atom for one in inputs for atom in one.typed]
    faults += [_twice(atom) for atom in sorted({a for a in given if given.count(a) > 1})]
    if PARTNER not in given and not faults:
        faults.append(without_partner(schema))
    if AS_OF not in given and AS_OF not in spared and not faults:
        faults.append(_without_day())
    signature = tuple((one.name, native[one.name]) for one in inputs)
    return Inputs(tuple(inputs), tuple(faults), signature)


def column_type(name: str, vocabulary: Vocabulary) -> Type | None:
    """The type a column of that name must have."""
    atom = _atom(name)
    if atom in vocabulary.atoms:
        return vocabulary.atoms[atom]
    indicator = vocabulary.indicators.get(name)
    return indicator.type if indicator else None


def columns_in(vocabulary: Vocabulary) -> Iterator[str]:
    """The names a column may have."""
    yield from (PARTNER, AS_OF, *vocabulary.indicators)
    yield from (atom.replace(".", MEMBER) for atom in vocabulary.atoms if "." in atom)


def without_blanks(given: Any) -> Any:
    """A narwhals frame in which an empty text is null."""
    texts = [name for name, type_ in given.collect_schema().items() if type_ == nw.String]
    if not texts:
        return given
    return given.with_columns(*(nw.when(nw.col(n) != "").then(nw.col(n)).alias(n) for n in texts))


def _atom(column: str) -> str:
    return column.replace(MEMBER, ".", 1)


def _input(
    name: str, wanted: Type, type_: DType, backend: Backend, partners: tuple[str, ...]
) -> Input | None:
    column = nw.col(name)
    text = isinstance(type_, nw.String | nw.Enum | nw.Categorical)
    match wanted.kind:
        case "flag" if isinstance(type_, nw.Boolean):
            return Input(name, wanted, {_atom(name): column}, None)
        case "date" if isinstance(type_, nw.Date):
            return Input(name, wanted, {name: column}, _no_day(name, column))
        case "code" if text:
            return _partner(name, wanted, type_, partners)
        case "number" if type_.is_numeric():
            return Input(name, wanted, {name: column.cast(nw.Float64())}, _no_number(column, type_))
        case "one_of" if text:
            return _one_of(name, wanted, type_, backend)
        case "set_of" if isinstance(type_, nw.String):
            return _joined(name, wanted)
        case "set_of" if isinstance(type_, nw.List) and isinstance(type_.inner, nw.String):
            return _listed(name, wanted)
    return None


def _partner(name: str, wanted: Type, type_: DType, partners: tuple[str, ...]) -> Input:
    """Where all partners are known and the backend has Enums, tests read one of those."""
    column, enum = nw.col(name), nw.Enum(partners)
    if partners and type_ == enum:
        return Input(name, wanted, {name: column}, column.is_null())
    plain = column.cast(nw.String())
    wrong = plain.is_null() | (plain == "")
    if not partners:
        return Input(name, wanted, {name: plain}, wrong)
    coded = plain.replace_strict(partners, partners, default=None, return_dtype=enum)
    return Input(name, wanted, {name: plain}, wrong, tested=coded)


def _no_day(name: str, column: nw.Expr) -> nw.Expr | None:
    return column.is_null() if name == AS_OF else None


def _no_number(column: nw.Expr, type_: DType) -> nw.Expr:
    large = (column > LARGEST) | (column < -LARGEST)
    if type_.is_integer():
        return large
    wide = column.cast(nw.Float64())
    return large | wide.is_nan() | (wide.round(DECIMALS) != wide)


def _one_of(name: str, wanted: Type, type_: DType, backend: Backend) -> Input:
    """On Polars a text becomes an Enum, whose values are small integers inside."""
    column = nw.col(name)
    enum = nw.Enum(wanted.values)
    plain = column if isinstance(type_, nw.String) else column.cast(nw.String())
    wrong = (plain != "") & ~plain.is_in(wanted.values)
    if backend != "polars":
        return Input(name, wanted, {name: nw.when(plain != "").then(plain)}, wrong)
    if type_ == enum:
        return Input(name, wanted, {name: column}, None)
    return Input(name, wanted, {name: column.cast(enum)}, wrong, asks=False)


def _joined(name: str, wanted: Type) -> Input:
    column, framed = nw.col(name), f"s__{name}"
    filled = nw.when(column != "").then(column)
    between = nw.concat_str(nw.lit(SEPARATOR), filled, nw.lit(SEPARATOR))
    member = "|".join(re.escape(one) for one in wanted.values)
    fits = column.str.contains(f"^(;|({member})(;({member}))*)$")
    typed = {
        f"{name}.{one}": nw.col(framed).str.contains(f";{one};", literal=True)
        for one in wanted.values
    }
    return Input(name, wanted, typed, (column != "") & ~fits, prepared={framed: between})


def _listed(name: str, wanted: Type) -> Input:
    column = nw.col(name)
    typed = {f"{name}.{one}": column.list.contains(one) for one in wanted.values}
    known = balanced(operator.add, [has.cast(nw.Int32()) for has in typed.values()])
    return Input(name, wanted, typed, column.list.unique().list.len().cast(nw.Int32()) != known)


def unknown_column(name: str, vocabulary: Vocabulary) -> Diagnostic:
    """What is said of a column that no indicator knows."""
    near = did_you_mean(name, columns_in(vocabulary))
    how = "leave it out, or ask to keep it or to ignore it"
    return Diagnostic(
        "unknown-column", f"there is no indicator `{name}` for this column", None, near or how
    )


def mistyped(name: str, wanted: Type, native: str) -> Diagnostic:
    """What is said of a column whose type does not fit."""
    return Diagnostic(
        "wrong-column-type",
        f"the column `{name}` is of type `{native}`: it takes {_TYPED[wanted.kind]}",
        None,
        f"its values are {wanted}" if wanted.kind != "code" else "its values are partners' codes",
    )


def _twice(atom: str) -> Diagnostic:
    name = atom.partition(".")[0]
    return Diagnostic(
        "column-twice",
        f"`{atom}` is given by two columns",
        None,
        f"give either `{name}` or one column of flags for each member",
    )


def without_partner(schema: Iterable[str]) -> Diagnostic:
    """What is said of a table that does not say which partner a row is about."""
    alike = [one for one in schema if one != PARTNER and one.strip().lower() in _PARTNERS]
    how = f"rename `{alike[0]}` to `partner`" if alike else "add a column `partner` with codes"
    return Diagnostic(
        "missing-column", "there is no column `partner` with a code for each row", None, how
    )


def _without_day() -> Diagnostic:
    message = "there is no column `as_of` with a day for each row"
    return Diagnostic("missing-column", message, None, "add it, or ask for one day for all rows")


_PARTNERS: Final = ("partner", "country", "code", "iso", "iso2", "iso_code", "country_code")
