"""The base as a person would write it in Polars: a column for each rule, stratum by stratum.

Polars is three-valued by itself: null is unknown. Which rules fired is a flag for each rule.
"""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

import polars as pl
from benchmarks.bases import Answer, Base, Table, folded


def framed(table: Table) -> pl.DataFrame:
    """The cases as Polars has them: Enums, booleans and days."""
    series = []
    for name, values in table.columns.items():
        kind = table.base.fields[name]
        one = pl.Series(name, values)
        if isinstance(kind, list):
            one = one.cat.to(pl.Enum(kind))
        if name in table.unknown:
            one = pl.select(pl.when(~pl.Series(table.unknown[name])).then(one).alias(name))[name]
        series.append(one)
    return pl.DataFrame(series)


class Polars:
    """The answer has the tier and a flag for each group and focus area."""

    three_valued = True

    def __init__(self, base: Base) -> None:
        self.base = base
        self.ids = [rule["id"] for rule in base.rules]
        self.stages: list[list[pl.Expr]] = []
        for stratum in base.strata:
            rules = [self.written(rule["when"]).alias(rule["id"]) for rule in stratum]
            here = {rule["id"] for rule in stratum}
            conclusions = [
                reduce(or_, map(pl.col, ids)).alias(name)
                for name, ids in base.conclusions.items()
                if ids[0] in here
            ]
            self.stages += [rules, conclusions]
        names = [*(name for name, _ in base.tier), base.otherwise, "undetermined"]
        enum = pl.Enum(names)
        cases = []
        for name, condition in base.tier:
            holds = self.written(condition)
            cases.append(pl.when(holds).then(pl.lit(name, dtype=enum)))
            cases.append(pl.when(holds.is_null()).then(pl.lit("undetermined", dtype=enum)))
        tier = pl.coalesce(*cases, pl.lit(base.otherwise, dtype=enum)).alias("tier")
        self.conclusions = [name for name in base.conclusions if not name.startswith("derived:")]
        in_scope = ~self.written(base.tier[0][1])
        self.outputs = [tier, *(pl.col(name) & in_scope for name in self.conclusions)]

    def prepare(self, table: Table) -> pl.DataFrame:
        return framed(table)

    def staged(self, frame: pl.DataFrame) -> pl.LazyFrame:
        lazy = frame.lazy()
        for stage in self.stages:
            lazy = lazy.with_columns(stage)
        return lazy

    def answer(self, frame: pl.DataFrame) -> pl.DataFrame:
        return self.staged(frame).select(self.outputs).collect()

    def fired(self, frame: pl.DataFrame) -> pl.DataFrame:
        return self.staged(frame).select(*self.outputs, *self.ids).collect()

    def packed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Which rules fired as bits of wide integers, as our columns have it."""
        words = [self.ids[at : at + 56] for at in range(0, len(self.ids), 56)]
        sums = [
            pl.sum_horizontal(
                pl.when(pl.col(one)).then(pl.lit(1 << bit, dtype=pl.Int64)).otherwise(0)
                for bit, one in enumerate(many)
            ).alias(f"fired_{n}")
            for n, many in enumerate(words)
        ]
        return self.staged(frame).select(*self.outputs, *sums).collect()

    def tell(self, out: pl.DataFrame) -> list[Answer]:
        return [
            Answer(row["tier"], frozenset(one for one in self.ids if row[one]))
            for row in out.iter_rows(named=True)
        ]

    def written(self, condition: dict[str, Any]) -> pl.Expr:
        return folded(
            condition,
            self.leaf,
            pl.col,
            lambda parts: reduce(and_, parts),
            lambda parts: reduce(or_, parts),
            lambda part: ~part,
        )

    def leaf(self, field: str, op: str, value: Any) -> pl.Expr:
        column, kind = pl.col(field), self.base.fields[field]
        if kind == "flag":
            return column if (op == "eq") is value else ~column
        if kind == "day":
            day = date.fromisoformat(value)
            return column <= day if op == "le" else column > day
        if op == "in":
            return column.is_in(pl.Series(value, dtype=pl.Enum(kind)))
        return column == value if op == "eq" else column != value
