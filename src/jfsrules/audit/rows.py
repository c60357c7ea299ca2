"""Rows of a table as they are logged: 64 to a page, 8,192 to a section, a Merkle tree over each.

A section holds its columns one after the other, so that it packs well. A page is what a proof shows
of it: 64 rows of each column. Reads and writes bytes, and knows neither ledgers nor dataframes.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

from jfsrules.audit import merkle
from jfsrules.decision import Json, canonical

LAYOUT: Final = "jfsrules/layout/1"
ROWS: Final = "jfsrules/rows/1"
ROW: Final = "jfsrules/row/1"
PAGE: Final = 64
SECTION: Final = 8_192
KNOWN: Final = PAGE // 8
SEED: Final = 32
SALT: Final = 16
DIGEST: Final = 32
EPOCH: Final = date(1970, 1, 1)
WIDTHS: Final = {"flag": PAGE // 8, "day": PAGE * 4, "number": PAGE * 8, "bits": PAGE * 8}

Side: TypeAlias = Literal["given", "answered"]
Kind: TypeAlias = Literal["flag", "name", "day", "number", "bits"]
Raw: TypeAlias = Mapping[str, Any]
Plane: TypeAlias = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a page: which of its rows have a value (a bit each), and the values.

    `flag` values are a bit each, `name` values a place among `values`, in one byte or two; `day` values
    days since 1970 in four bytes; `number` values doubles; `bits` values eight bytes with a bit for
    each of `values`, the least first. All are little-endian.
    """

    side: Side
    name: str
    kind: Kind
    values: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """The bytes of its values in a page."""
        if self.kind == "name":
            return PAGE * (1 if len(self.values) <= 256 else 2)
        return WIDTHS[self.kind]

    def value(self, known: Plane, values: Plane, at: int) -> Any:
        """The value of the row at a place, from the bytes of a page or of a section."""
        if not known[at >> 3] >> (at & 7) & 1:
            return None
        match self.kind:
            case "flag":
                return bool(values[at >> 3] >> (at & 7) & 1)
            case "name":
                width = self.width // PAGE
                return self.values[int.from_bytes(values[at * width :][:width], "little")]
            case "day":
                return EPOCH + timedelta(struct.unpack_from("<i", values, at * 4)[0])
            case "number":
                return struct.unpack_from("<d", values, at * 8)[0]
            case "bits":
                word = struct.unpack_from("<Q", values, at * 8)[0]
                return [name for bit, name in enumerate(self.values) if word >> bit & 1]


@dataclass(frozen=True)
class Layout:
    """The columns of a page, in order."""

    columns: tuple[Column, ...]

    def document(self) -> Json:
        """The layout as it is kept."""
        columns: list[Json] = [
            {"side": one.side, "name": one.name, "kind": one.kind, "values": list(one.values)}
            for one in self.columns
        ]
        return {"schema": LAYOUT, "rows": PAGE, "columns": columns}

    @classmethod
    def read(cls, document: Raw) -> Layout:
        """A layout from its document."""
        return cls(
            tuple(
                Column(raw["side"], raw["name"], raw["kind"], tuple(raw["values"]))
                for raw in document["columns"]
            )
        )

    @cached_property
    def width(self) -> int:
        """The bytes of a page."""
        return sum(KNOWN + one.width for one in self.columns)


@dataclass(frozen=True)
class Section:
    """Some rows that follow each other, and the seed of the salts of their pages."""

    layout: Layout
    count: int
    seed: bytes
    planes: tuple[tuple[Plane, Plane], ...]

    @property
    def pages(self) -> int:
        """How many pages there are; the last may not be full."""
        return -(-self.count // PAGE)

    def body(self) -> bytes:
        """The bytes that are kept."""
        return self.seed + b"".join(part for plane in self.planes for part in plane)

    @classmethod
    def read(cls, layout: Layout, count: int, body: bytes) -> Section:
        """A section from its bytes; ValueError where they are too few or too many."""
        pages = -(-count // PAGE)
        if len(body) != SEED + pages * layout.width:
            raise ValueError("the rows are not as many as they are said to be")
        planes, at = [], SEED
        for column in layout.columns:
            middle = at + KNOWN * pages
            end = middle + column.width * pages
            planes.append((body[at:middle], body[middle:end]))
            at = end
        return cls(layout, count, body[:SEED], tuple(planes))

    def page(self, number: int) -> bytes:
        """The bytes of one page."""
        return b"".join(part[number * w : number * w + w] for part, w in self._cuts)

    def salt(self, number: int) -> bytes:
        """The salt of a page: without the seed, nothing tells it."""
        return self._salts[number * SALT :][:SALT]

    def leaves(self) -> list[bytes]:
        """The hashes of the pages."""
        pages, size, begin = self._pages(), self.layout.width, hashlib.sha256
        found = []
        for number in range(self.pages):
            made = begin(merkle.LEAF + self._salts[number * SALT : number * SALT + SALT])
            made.update(pages[number * size : number * size + size])
            found.append(made.digest())
        return found

    def _pages(self) -> memoryview:
        """The pages one after the other: every eight bytes of each column to their place."""
        whole = bytearray(self.pages * self.layout.width)
        eights, step, to = memoryview(whole).cast("Q"), self.layout.width // 8, 0
        for part, width in self._cuts:
            wide, many = memoryview(part).cast("Q"), width // 8
            for at in range(many):
                eights[to + at :: step] = wide[at::many]
            to += many
        return memoryview(whole)

    @cached_property
    def _salts(self) -> bytes:
        return hashlib.shake_128(self.seed).digest(self.pages * SALT)

    @cached_property
    def _cuts(self) -> list[tuple[Plane, int]]:
        columns = zip(self.layout.columns, self.planes, strict=True)
        return [
            cut for c, (known, values) in columns for cut in ((known, KNOWN), (values, c.width))
        ]

    def row(self, at: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """What was given and what was answered in one row; what is unknown is left out of the
        first, and is None in the second."""
        given: dict[str, Any] = {}
        answered: dict[str, Any] = {}
        for column, plane in zip(self.layout.columns, self.planes, strict=True):
            value = column.value(*plane, at)
            if column.kind == "bits":
                answered[column.name] = sorted([*answered.get(column.name, []), *(value or ())])
            elif column.side == "answered":
                answered[column.name] = value
            elif value is not None:
                given[column.name] = value
        return given, answered

    def marks(self, column: Column) -> Iterator[tuple[Any, int]]:
        """For each value of a column (and each name of its bits) the rows that have it, as bits."""
        known, values = map(bytes, self.planes[self.layout.columns.index(column)])
        here = int.from_bytes(known, "little") & (1 << self.count) - 1
        match column.kind:
            case "flag":
                yield True, int.from_bytes(values, "little") & here
            case "name" if column.width == PAGE:
                for code in sorted(set(values[: self.count])):
                    yield column.values[code], _where(values, code) & here
            case "bits":
                for bit, name in enumerate(column.values):
                    yield name, _lit(values[bit >> 3 :: 8], bit & 7) & here
            case _:
                raise ValueError(f"the values of `{column.name}` are too many to mark")

    def column(self, name: str) -> list[Any]:
        """The values of one column, in the order of the rows."""
        at, column = next((n, c) for n, c in enumerate(self.layout.columns) if c.name == name)
        return [column.value(*self.planes[at], row) for row in range(self.count)]


def _where(codes: bytes, code: int) -> int:
    """The places that hold a code, as bits."""
    table = bytearray(b"0" * 256)
    table[code] = ord("1")
    return int(codes.translate(table)[::-1], 2)


def _lit(values: bytes, bit: int) -> int:
    """The places whose byte has a bit, as bits."""
    return int(values.translate(_LIT[bit])[::-1], 2)


_LIT: Final = [
    bytes(ord("1") if code >> bit & 1 else ord("0") for code in range(256)) for bit in range(8)
]


@dataclass(frozen=True, slots=True)
class Shared:
    """What the records of a batch share: by which rulebook and engine, in which layout, and who
    asked if that was given."""

    rulebook: Mapping[str, str]
    layout: str
    engine: str
    version: str
    asked_by: str | None = None


def record_of(section: Section, body: bytes, first: int, shared: Shared) -> bytes:
    """The canonical bytes of the record of a section whose first row is the `first`-th."""
    told: dict[str, Json] = {
        "schema": ROWS,
        "first": first,
        "count": section.count,
        "root": merkle.root(section.leaves()).hex(),
        "rows": hashlib.sha256(body).hexdigest(),
        "layout": shared.layout,
        "engine": shared.engine,
        "version": shared.version,
        "rulebook": dict(shared.rulebook),
    }
    if shared.asked_by is not None:
        told["asked_by"] = shared.asked_by
    return canonical(told)


_TEXTS: Final = ("root", "rows", "layout", "engine", "version")
_OF_BOOK: Final = ("name", "version", "digest")


def read_record(body: bytes) -> Raw:
    """The record of a section from its bytes; ValueError where they are none."""
    try:
        raw = json.loads(body)
        texts = [*(raw[name] for name in _TEXTS), *(raw["rulebook"][name] for name in _OF_BOOK)]
        numbers = (raw["first"], raw["count"])
        if raw["schema"] != ROWS or any(type(text) is not str for text in texts):
            raise ValueError("this is no record of rows")
        if any(type(one) is not int for one in numbers) or not 0 < raw["count"] <= SECTION:
            raise ValueError("this is no record of rows")
        digests = (raw["root"], raw["rows"], raw["layout"], raw["rulebook"]["digest"])
        if raw["first"] < 0 or any(len(bytes.fromhex(one)) != DIGEST for one in digests):
            raise ValueError("this is no record of rows")
    except (UnicodeError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no record of rows") from error
    found: Raw = raw
    return found


def digests_in(record: Raw) -> tuple[str, str, str]:
    """The documents that the record of a section names: its rows, their layout, the rulebook."""
    return record["rows"], record["layout"], record["rulebook"]["digest"]
