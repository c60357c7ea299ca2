"""By which keys the rows of a section are found: all rows of a key at once, as bits."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import timedelta

from jfsrules.audit.entries import Record
from jfsrules.audit.rows import EPOCH, PAGE, Column, Section


def marks(section: Section, record: Record) -> Iterator[tuple[tuple[str, ...], int]]:
    """Some keys, and the rows of the section that have them.

    Of the rules of a row only those that fired are known, and of its facts those that are missing:
    the others stand in no row.
    """
    everyone = (1 << section.count) - 1
    yield (f"rulebook:{record['rulebook']['name']}", f"engine:{record['engine']}"), everyone
    for column, (known, values) in zip(section.layout.columns, section.planes, strict=True):
        here = int.from_bytes(known, "little") & everyone
        if column.name == "as_of":
            yield from _days(bytes(values), section.count)
        elif column.name == "partner":
            yield from _partners(column, bytes(values), section.count)
        elif column.side == "answered":
            for value, rows in section.marks(column):
                yield tuple(_keys(column.name, value)), rows & here


def _keys(name: str, value: object) -> Iterator[str]:
    kind, _, subject = name.partition(":")
    match kind:
        case "tier":
            yield f"tier:{value}"
        case "group":
            yield f"group:{subject}"
        case "advice" if value != "no_track":
            yield f"advice:{value}"
            yield f"advice:{subject}={value}"
        case "fired":
            yield f"rule:{value}"
            yield f"fired:{value}"
        case "missing":
            yield f"fact:{value}"
            yield f"undecided@{value}"


def _days(values: bytes, count: int) -> Iterator[tuple[tuple[str, ...], int]]:
    for day, rows in _rows_of(struct.unpack_from(f"<{count}i", values)):
        yield (f"as_of:{EPOCH + timedelta(day)}",), rows


def _partners(column: Column, values: bytes, count: int) -> Iterator[tuple[tuple[str, ...], int]]:
    codes = values[:count] if column.width == PAGE else struct.unpack_from(f"<{count}H", values)
    for code, rows in _rows_of(codes):
        yield (f"partner:{column.values[code]}",), rows


def _rows_of(codes: bytes | tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """The rows of each code, as bits."""
    places: dict[int, list[int]] = {}
    for at, code in enumerate(codes):
        places.setdefault(code, []).append(at)
    for code, rows in places.items():
        found = bytearray(-(-len(codes) // 8))
        for at in rows:
            found[at >> 3] |= 1 << (at & 7)
        yield code, int.from_bytes(found, "little")
