"""The base by hand in NumPy, bit-sliced: 64 cases in each machine word, a plane for each test.

Tests become planes of bits, block by block so that they stay in the cache; *and*, *or*, *not* are
one operation on 64 cases. Unknown has a plane of its own, used where the cases have unknowns.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from benchmarks.bases import Answer, Base, Table, folded

BLOCK = 1 << 18


class Planes(NamedTuple):
    """Where something is certainly true, and certainly false."""

    true: np.ndarray
    false: np.ndarray


class Out(NamedTuple):
    tier: np.ndarray
    conclusions: np.ndarray
    fired: np.ndarray | None
    rows: int


class Sliced:
    """The answer has a code for the tier, and a plane for each conclusion and rule."""

    three_valued = True

    def __init__(self, base: Base) -> None:
        self.base = base
        self.names = [name for name, _ in base.tier] + [base.otherwise, "undetermined"]
        self.strata = base.strata
        self.shown = [c for c in base.conclusions if not c.startswith("derived:")]
        self.order = [rule["id"] for stratum in base.strata for rule in stratum]

    def prepare(self, table: Table) -> Table:
        """Days as numbers of 32 bits."""
        columns = {
            name: values.astype(np.int32) if self.base.fields[name] == "day" else values
            for name, values in table.columns.items()
        }
        return Table(self.base, columns, table.unknown)

    def answer(self, table: Table) -> Out:
        return self.run(table, with_fired=False)

    def fired(self, table: Table) -> Out:
        return self.run(table, with_fired=True)

    def run(self, table: Table, with_fired: bool) -> Out:
        rows = len(table)
        bytes_ = -(-rows // 8)
        out = Out(
            np.empty(rows, dtype=np.uint8),
            np.empty((len(self.shown), bytes_), dtype=np.uint8),
            np.empty((len(self.order), bytes_), dtype=np.uint8) if with_fired else None,
            rows,
        )
        block = _Known(self) if table.unknown else _Certain(self)
        for at in range(0, rows, BLOCK):
            block.run(table, at, min(at + BLOCK, rows), out)
        return out

    def tell(self, out: Out) -> list[Answer]:
        fired = np.unpackbits(out.fired, axis=1, count=out.rows, bitorder="little").astype(bool)
        ids = np.array(self.order)
        return [
            Answer(self.names[out.tier[row]], frozenset(ids[fired[:, row]].tolist()))
            for row in range(out.rows)
        ]


class _Certain:
    """A block in which everything is known: one plane each."""

    def __init__(self, made: Sliced) -> None:
        self.made = made

    def run(self, table: Table, begin: int, end: int, out: Out) -> None:
        made, self.table, self.rows = self.made, table, slice(begin, end)
        self.planes: dict[Any, Any] = {}
        self.concluded: dict[str, Any] = {}
        at, places = 0, slice(begin // 8, -(-end // 8))
        for stratum in made.strata:
            settled: dict[str, list[Any]] = {}
            for rule in stratum:
                plane = self.written(rule["when"])
                settled.setdefault(rule["concludes"], []).append(plane)
                if out.fired is not None:
                    out.fired[at, places] = self.certain(plane)[: places.stop - places.start]
                at += 1
            self.concluded |= {name: self.some(many) for name, many in settled.items()}
        scope = self.opposite(self.written(made.base.tier[0][1]))
        for number, name in enumerate(made.shown):
            plane = self.every([scope, self.concluded[name]])
            out.conclusions[number, places] = self.certain(plane)[: places.stop - places.start]
        self.tier(out.tier[begin:end])

    def tier(self, out: np.ndarray) -> None:
        """The code of the first case that holds, from planes of its three bits."""
        before, bits = None, [None, None, None]
        for code, plane in self.tiers():
            first = plane if before is None else plane & ~before
            before = plane if before is None else before | plane
            for bit in range(3):
                if code >> bit & 1:
                    bits[bit] = first if bits[bit] is None else bits[bit] | first
        out[:] = self.numbers(bits[0], len(out))
        for bit in (1, 2):
            out |= self.numbers(bits[bit], len(out)) << np.uint8(bit)

    def tiers(self) -> Iterator[tuple[int, np.ndarray]]:
        cases = self.made.base.tier
        for code, (_, condition) in enumerate(cases):
            yield code, self.written(condition)
        yield len(cases), ~np.zeros_like(self.written(cases[0][1]))

    def numbers(self, plane: np.ndarray, count: int) -> np.ndarray:
        return np.unpackbits(plane.view(np.uint8), count=count, bitorder="little")

    def certain(self, plane: Any) -> np.ndarray:
        return plane.view(np.uint8)

    def written(self, condition: dict[str, Any]) -> Any:
        fold = (self.leaf, self.concluded.__getitem__, self.every, self.some, self.opposite)
        return folded(condition, *fold)

    def every(self, planes: list[Any]) -> Any:
        return reduce(np.bitwise_and, planes)

    def some(self, planes: list[Any]) -> Any:
        return reduce(np.bitwise_or, planes)

    def opposite(self, plane: Any) -> Any:
        return ~plane

    def leaf(self, field: str, op: str, value: Any) -> Any:
        key = (field, str(value) if op in ("eq", "ne", "in") else f"{op}{value}")
        if key not in self.planes:
            self.planes[key] = self.plane(field, op if op != "ne" else "eq", value)
        return self.opposite(self.planes[key]) if op == "ne" else self.planes[key]

    def plane(self, field: str, op: str, value: Any) -> Any:
        return packed(self.passing(field, op, value))

    def passing(self, field: str, op: str, value: Any) -> np.ndarray:
        column, kind = self.table.columns[field][self.rows], self.made.base.fields[field]
        if kind == "flag":
            return column if value else ~column
        if kind == "day":
            day = int(np.datetime64(value).astype(int))
            return column <= day if op == "le" else column > day
        if op == "in":
            return reduce(np.bitwise_or, [column == kind.index(one) for one in value])
        return column == kind.index(value)


class _Known(_Certain):
    """A block in which some is unknown: a plane for true and one for false."""

    def plane(self, field: str, op: str, value: Any) -> Planes:
        true = super().plane(field, op, value)
        known = ~packed(self.table.unknown[field][self.rows])
        return Planes(true & known, ~true & known)

    def certain(self, plane: Planes) -> np.ndarray:
        return plane.true.view(np.uint8)

    def every(self, planes: list[Planes]) -> Planes:
        return Planes(
            reduce(np.bitwise_and, [one.true for one in planes]),
            reduce(np.bitwise_or, [one.false for one in planes]),
        )

    def some(self, planes: list[Planes]) -> Planes:
        return Planes(
            reduce(np.bitwise_or, [one.true for one in planes]),
            reduce(np.bitwise_and, [one.false for one in planes]),
        )

    def opposite(self, plane: Planes) -> Planes:
        return Planes(plane.false, plane.true)

    def tiers(self) -> Iterator[tuple[int, np.ndarray]]:
        cases = self.made.base.tier
        for code, (_, condition) in enumerate(cases):
            plane = self.written(condition)
            yield code, plane.true
            yield len(cases) + 1, ~(plane.true | plane.false)
        yield len(cases), ~np.zeros_like(plane.true)


def packed(flags: np.ndarray) -> np.ndarray:
    """Flags as 64-bit words, filled up with zeros."""
    bits = np.packbits(flags, bitorder="little")
    if len(bits) % 8:
        bits = np.concatenate([bits, np.zeros(-len(bits) % 8, dtype=np.uint8)])
    return bits.view(np.uint64)
