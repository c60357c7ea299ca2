"""A table of cases as dataframe expressions, compiled once: the same on Polars, DuckDB and Spark.

Unknown is null throughout. Inside are booleans and small integers; names appear at the edge. Knows
nothing of files, nor of where a table comes from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any, Final, Literal, NoReturn

import narwhals as nw

from jfsrules.engines.columns.faults import faults
from jfsrules.engines.columns.inputs import (
    Backend,
    Inputs,
    column_type,
    columns_in,
    mistyped,
    read,
    unknown_column,
    without_blanks,
    without_partner,
)
from jfsrules.engines.columns.outputs import Output, outputs
from jfsrules.engines.columns.table import REFUSED, Limits, Shape, Table, table
from jfsrules.engines.columns.translated import Translated, translate
from jfsrules.errors import Refused, refuse
from jfsrules.plan import Plan
from jfsrules.vocabulary import AS_OF

__all__ = [
    "REFUSED",
    "Columns",
    "Limits",
    "Output",
    "column_type",
    "columns_in",
    "mistyped",
    "unknown_column",
    "without_partner",
]

BACKENDS: Final[dict[str, Backend]] = {"polars": "polars", "duckdb": "duckdb", "pyspark": "pyspark"}
MOST_KEPT: Final = 16


class Columns:
    """A plan as expressions over a table with one case in each row.

    The expressions are made for each shape of table (its columns and their types) on first use.
    """

    def __init__(self, plan: Plan, limits: Limits | None = None) -> None:
        self.plan = plan
        self.limits = limits or Limits()
        self.outputs: tuple[Output, ...] = tuple(outputs(plan))
        """The columns of the answer, in order, after `partner`, `as_of` and those carried through."""
        self._tables: dict[Shape, Table] = {}
        self._spare: dict[str, Translated] = {}

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The names of all that can be missing, in the order of their bits."""
        made = translate(self.plan, self.plan.rulebook.vocabulary.atoms)
        self._spare["all atoms"] = made  # for one table that has them all
        return tuple(made.missing)

    def outputs_with(self, missing: Literal["names", "bits"]) -> tuple[Output, ...]:
        """The columns of the answer where what is missing comes as a text, or as bit sets."""
        return tuple(outputs(self.plan, self.missing if missing == "bits" else None))

    def apply(
        self,
        frame: Any,
        *,
        as_of: date | None = None,
        codes: bool = False,
        keep: Sequence[str] = (),
        ignore_extra: bool = False,
        refused: Literal["no", "any", "each"] = "no",
        missing: Literal["names", "bits"] = "names",
    ) -> Any:
        """The answer for each row of a dataframe, as a dataframe of the same kind.

        `as_of` stands in for a column of that name. `codes` gives small integers (the place among
        an output's `names`) instead of names. `keep` carries columns through. With `refused`
        "any" a column of that name is true where a row gives something that `decide` would
        refuse; "each" gives a column `refused__ID` for each impossible profile. `missing` may
        come as bit sets, as what fired does: `missing_N`. Raises Refused where the columns do not
        fit; what their values are is for `refused` to say.
        """
        given, shape = self._shape(frame, as_of, keep, ignore_extra)
        missing_names = self.missing if missing == "bits" else None
        shape = replace(shape, codes=codes, refused=refused, missing=missing_names)
        return self._table(shape).over(given).to_native()

    def answer(
        self,
        frame: Any,
        *,
        as_of: date | None = None,
        codes: bool = False,
        keep: Sequence[str] = (),
        ignore_extra: bool = False,
    ) -> Any:
        """As `apply`, where every value is checked first: raises Refused with the rows and values
        that do not fit. A table that is not at hand (lazy, or in a database) is read once more
        for that."""
        how: dict[str, Any] = {"as_of": as_of, "codes": codes, "keep": keep}
        given, shape = self._shape(frame, as_of, keep, ignore_extra)
        if isinstance(given, nw.DataFrame):
            answer = self._at_hand(given, ignore_extra, how)
            if answer is not None:
                return answer.drop(REFUSED).to_native()
        found = tuple(faults(given, self.plan, shape, self.limits))
        if found:
            raise Refused(found)
        return self.apply(without_blanks(given).to_native(), ignore_extra=ignore_extra, **how)

    def _at_hand(self, given: Any, ignore_extra: bool, how: Mapping[str, Any]) -> Any:
        """The answer for a table in memory; nothing where some row is refused."""
        try:
            native = self.apply(given.to_native(), ignore_extra=ignore_extra, refused="any", **how)
        except (nw.exceptions.NarwhalsError, nw.get_native_namespace(given).exceptions.PolarsError):
            return None
        answer = nw.from_native(native)
        return None if answer[REFUSED].any() else answer

    def _shape(
        self, frame: Any, as_of: date | None, keep: Sequence[str], ignore_extra: bool
    ) -> tuple[Any, Shape]:
        given = nw.from_native(frame, pass_through=True)
        if not isinstance(given, nw.DataFrame | nw.LazyFrame):
            refuse_kind(frame)
        inputs, backend = self.inputs(given, as_of, keep, ignore_extra)
        if inputs.faults:
            raise Refused(inputs.faults)
        return given, Shape(inputs.inputs, inputs.signature, backend, keep=tuple(keep), as_of=as_of)

    def has_day(self, frame: Any, keep: Sequence[str] = ()) -> bool:
        """Whether a table says in a column which day each row is about."""
        given = nw.from_native(frame, pass_through=True)
        if not isinstance(given, nw.DataFrame | nw.LazyFrame):
            refuse_kind(frame)
        return AS_OF in given.collect_schema() and AS_OF not in keep

    def inputs(
        self, given: Any, as_of: date | None, keep: Sequence[str], ignore_extra: bool
    ) -> tuple[Inputs, Backend]:
        """What the columns of a narwhals frame give, and which backend it is on."""
        backend = BACKENDS.get(str(given.implementation))
        if backend is None:
            refuse_kind(given.to_native())
        vocabulary = self.plan.rulebook.vocabulary
        schema = given.collect_schema()
        native = _native_types(given.to_native(), schema)
        extra = {name for name in schema if column_type(name, vocabulary) is None}
        spared = {*keep, *(extra if ignore_extra else ()), *([AS_OF] if as_of else ())}
        partners = tuple(sorted(self.limits.partners or ()))
        passed = frozenset(spared)
        found = read(schema, native, vocabulary, backend, spared=passed, partners=partners)
        return found, backend

    def _table(self, shape: Shape) -> Table:
        if shape not in self._tables:
            while len(self._tables) >= MOST_KEPT:
                del self._tables[next(iter(self._tables))]
            atoms = {atom for one in shape.inputs for atom in one.typed}
            whole = {*atoms, AS_OF} == set(self.plan.rulebook.vocabulary.atoms)
            made = self._spare.pop("all atoms", None) if whole else None
            self._tables[shape] = table(self.plan, shape, self.limits, made)
        return self._tables[shape]


def _native_types(frame: Any, schema: Any) -> dict[str, str]:
    """How the backend itself calls the type of each column."""
    types = getattr(frame, "types", None)
    if types is None:
        types = [field.dataType for field in frame.schema] if hasattr(frame, "rdd") else None
    if types is None:
        collected = getattr(frame, "collect_schema", None)
        types = (collected() if collected else frame.schema).values()
    return {name: str(type_) for name, type_ in zip(schema, types, strict=True)}


def refuse_kind(frame: Any) -> NoReturn:
    """Raise Refused for a dataframe of a kind that is not, or cannot be, answered for."""
    name = type(frame).__module__.partition(".")[0]
    raise refuse(
        "unsupported-frame",
        f"a table of `{name}` cannot be classified",
        None,
        _HELP.get(name, "give a table of Polars, DuckDB or PySpark"),
    )


_HELP: Final = {
    "pandas": "its unknown values are not kept apart; give `polars.from_pandas(frame)`",
    "modin": "its unknown values are not kept apart; give a table of Polars, DuckDB or PySpark",
    "dask": "it answers wrongly where values are unknown; give a table of Polars, DuckDB or PySpark",
    "pyarrow": "give `polars.from_arrow(table)`, which copies nothing",
}
