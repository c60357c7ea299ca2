"""Parquet files of one schema joined into one, by copying their bytes: nothing is decoded.

A Parquet file is pages, and then a footer that says where they lie. Joined, the pages stand one
after the other, and the footers become one, with every place moved to where its page now is. The
footer is Thrift's compact protocol, of which only what a footer uses is read here.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

MAGIC: Final = b"PAR1"
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
# Fields of parquet.thrift: of the footer, of a row group, of a column chunk, of its metadata.
ROWS, GROUPS = 3, 4
COLUMNS, GROUP_OFFSET, ORDINAL = 1, 5, 7
CHUNK_OFFSET, CHUNK_METADATA, OFFSET_INDEX, COLUMN_INDEX = 2, 3, 4, 6
PAGE_OFFSETS: Final = (9, 10, 11, 14)


class Field(NamedTuple):
    """One field of a struct: its number, its type, its value."""

    number: int
    type: int
    value: Any


@dataclass(frozen=True, slots=True)
class Footer:
    """The footer of one file, and how many bytes come before it."""

    fields: list[Field]
    start: int


def join(parts: Sequence[Path], whole: Path) -> None:
    """Write the rows of all parts, in order, as one file. The parts have the same columns."""
    groups: list[bytes] = []
    rows, first = 0, None
    with whole.open("wb") as file:
        file.write(MAGIC)
        for part in parts:
            footer, moved = read_footer(part), file.tell() - len(MAGIC)
            with part.open("rb") as pages:
                pages.seek(len(MAGIC))
                _copy(pages, file, footer.start - len(MAGIC))
            # Kept as bytes: of a thousand parts, the fields would take more room than all else.
            for group in _of(footer.fields, GROUPS).value[1]:
                groups.append(_struct(_moved_group(group, moved, len(groups))))
            rows += _of(footer.fields, ROWS).value
            first = first or footer.fields
        if first is None:
            raise ValueError("no parts")
        footer_bytes = _struct(_set(_set(first, ROWS, rows), GROUPS, (STRUCT, groups)))
        file.write(footer_bytes + len(footer_bytes).to_bytes(4, "little") + MAGIC)


def read_footer(path: Path, upto: int | None = None) -> Footer:
    """The footer of a Parquet file, or its fields up to one; ValueError where there is none."""
    with path.open("rb") as file:
        end = file.seek(0, io.SEEK_END)
        file.seek(max(0, end - 8))
        tail = file.read(8)
        if tail[4:] != MAGIC:
            raise ValueError(path)
        length = int.from_bytes(tail[:4], "little")
        start = end - 8 - length
        file.seek(start)
        return Footer(_read_struct(io.BytesIO(file.read(length)), upto), start)


def rows_in(path: Path) -> int:
    """The number of rows a Parquet file says it has; ValueError where it is not whole."""
    return int(_of(read_footer(path, ROWS).fields, ROWS).value)


def _copy(pages: IO[bytes], file: IO[bytes], length: int) -> None:
    while length:
        block = pages.read(min(length, 2**20))
        if not block:
            raise ValueError(pages.name)
        file.write(block)
        length -= len(block)


def _moved_group(group: list[Field], by: int, number: int) -> list[Field]:
    kind, columns = _of(group, COLUMNS).value
    group = _set(group, COLUMNS, (kind, [_moved_column(column, by) for column in columns]))
    group = _shift(group, (GROUP_OFFSET,), by)
    return [f._replace(value=number) if f.number == ORDINAL else f for f in group]


def _moved_column(column: list[Field], by: int) -> list[Field]:
    metadata = _shift(_of(column, CHUNK_METADATA).value, PAGE_OFFSETS, by)
    column = _set(column, CHUNK_METADATA, metadata)
    return _shift(column, (CHUNK_OFFSET, OFFSET_INDEX, COLUMN_INDEX), by)


def _shift(fields: list[Field], numbers: Sequence[int], by: int) -> list[Field]:
    return [
        f._replace(value=f.value + by) if f.number in numbers and f.value else f for f in fields
    ]


def _of(fields: list[Field], number: int) -> Field:
    return next(field for field in fields if field.number == number)


def _set(fields: list[Field], number: int, value: Any) -> list[Field]:
    return [f._replace(value=value) if f.number == number else f for f in fields]


# --- Thrift's compact protocol ----------------------------------------------------------------


def _read_struct(file: IO[bytes], upto: int | None = None) -> list[Field]:
    fields: list[Field] = []
    number = 0
    while head := file.read(1)[0]:
        step, type_ = head >> 4, head & 15
        number = number + step if step else _unzigzag(_read_int(file))
        value = type_ == TRUE if type_ in (TRUE, FALSE) else _read(file, type_)
        fields.append(Field(number, type_, value))
        if number == upto:
            break
    return fields


def _read(file: IO[bytes], type_: int) -> Any:
    match type_:
        case 1 | 2 | 3:
            return file.read(1)
        case 4 | 5 | 6:
            return _unzigzag(_read_int(file))
        case 7:
            return file.read(8)
        case 8:
            return file.read(_read_int(file))
        case 9 | 10:
            head = file.read(1)[0]
            count = head >> 4 if head >> 4 < 15 else _read_int(file)
            return head & 15, [_read(file, head & 15) for _ in range(count)]
        case 12:
            return _read_struct(file)
    raise ValueError(type_)


def _read_int(file: IO[bytes]) -> int:
    value = shift = 0
    while True:
        byte = file.read(1)[0]
        value |= (byte & 127) << shift
        if byte < 128:
            return value
        shift += 7


def _struct(fields: Sequence[Field]) -> bytes:
    written = io.BytesIO()
    _write_struct(written, fields)
    return written.getvalue()


def _write_struct(file: IO[bytes], fields: Sequence[Field]) -> None:
    last = 0
    for number, type_, value in fields:
        kind = (TRUE if value else FALSE) if type_ in (TRUE, FALSE) else type_
        step = number - last
        if 0 < step < 16:
            file.write(bytes([step << 4 | kind]))
        else:
            file.write(bytes([kind]) + _int(_zigzag(number)))
        if type_ not in (TRUE, FALSE):
            _write(file, type_, value)
        last = number
    file.write(b"\0")


def _write(file: IO[bytes], type_: int, value: Any) -> None:
    match type_:
        case 1 | 2 | 3 | 7:
            file.write(value)
        case 4 | 5 | 6:
            file.write(_int(_zigzag(value)))
        case 8:
            file.write(_int(len(value)) + value)
        case 9 | 10:
            kind, many = value
            short = len(many) < 15
            file.write(
                bytes([len(many) << 4 | kind]) if short else bytes([0xF0 | kind]) + _int(len(many))
            )
            for one in many:
                _write(file, kind, one)
        case 12 if isinstance(value, bytes):
            file.write(value)
        case 12:
            _write_struct(file, value)
        case _:
            raise ValueError(type_)


def _int(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _unzigzag(value: int) -> int:
    return value >> 1 if not value & 1 else -(value + 1 >> 1)
