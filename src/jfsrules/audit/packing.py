"""Dataframes into sections of rows, for the ledger: the buffers of columns as they lie in memory."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from jfsrules.audit.rows import KNOWN, PAGE, SECTION, SEED, Column, Layout, Plane, Section
from jfsrules.condition import Conclusion
from jfsrules.engines.columns import Output
from jfsrules.vocabulary import Type

TAKEN: Final = ("tier", "out_of_scope", "fired", "missing")


def layout_of(
    schema: Mapping[str, pl.DataType], atoms: Mapping[str, Type], outputs: Sequence[Output]
) -> Layout:
    """The layout of rows with these typed columns, and of their answers.

    Of the answers those are kept that say most: tier, reason, groups, the advice on each track,
    which rules fired and what is missing. The others follow from these by the rulebook.
    """
    names = {atom.replace(".", "__", 1): atom for atom in atoms}
    given = [_given(names[name], type_) for name, type_ in schema.items() if name in names]
    answered = [_answered(one) for one in outputs if _name(one)]
    return Layout((*given, *answered))


def _given(atom: str, type_: pl.DataType) -> Column:
    if isinstance(type_, pl.Enum):
        return Column("given", atom, "name", tuple(type_.categories))
    kind = {pl.Boolean: "flag", pl.Date: "day", pl.Float64: "number"}[type_.base_type()]
    return Column("given", atom, kind)  # type: ignore[arg-type]


def _answered(output: Output) -> Column:
    return Column("answered", _name(output), output.kind, output.names)  # type: ignore[arg-type]


def _name(output: Output) -> str:
    """What an answer is called in the ledger; nothing where it is not kept."""
    about = output.about
    if isinstance(about, str):
        return about if about in TAKEN and output.kind != "text" else ""
    if isinstance(about, Conclusion):
        return str(about) if about.kind == "group" else ""
    return f"advice:{about[1]}" if about[0] == "advice" else ""


class Packer:
    """Makes sections of typed rows and their answers, of one shape."""

    def __init__(
        self,
        schema: Mapping[str, pl.DataType],
        atoms: Mapping[str, Type],
        outputs: Sequence[Output],
    ) -> None:
        self.layout = layout_of(schema, atoms, outputs)
        names = {atom.replace(".", "__", 1) for atom in atoms}
        self._given = [name for name in schema if name in names]
        self._answered = [one.column for one in outputs if _name(one)]

    def sections(self, frame: pl.DataFrame, answer: pl.DataFrame) -> Iterator[Section]:
        """The rows of a frame with their answers, in the same order, some at a time."""
        columns = [*(frame[name] for name in self._given), *(answer[n] for n in self._answered)]
        many = list(zip(self.layout.columns, map(_planes, columns), strict=True))
        for first in range(0, frame.height, SECTION):
            count = min(SECTION, frame.height - first)
            page, pages = first // PAGE, -(-count // PAGE)
            planes = tuple(
                (_cut(known, KNOWN, page, pages), _cut(values, column.width, page, pages))
                for column, (known, values) in many
            )
            yield Section(self.layout, count, os.urandom(SEED), planes)


def _cut(plane: bytes, width: int, page: int, pages: int) -> Plane:
    """Some pages of a plane; the last is filled up with zeros."""
    begin, end = page * width, (page + pages) * width
    if end <= len(plane):
        return memoryview(plane)[begin:end]
    return plane[begin:].ljust(end - begin, b"\0")


def _planes(column: pl.Series) -> tuple[bytes, bytes]:
    """Which rows have a value, a bit each, and the values as they lie in memory."""
    if isinstance(column.dtype, pl.Enum):
        narrow = pl.UInt8 if len(column.dtype.categories) <= 256 else pl.UInt16
        column = column.to_physical()
        column = column if column.dtype == narrow else column.cast(narrow)
    width = 0 if column.dtype == pl.Boolean else _BYTES[column.dtype.base_type()]
    count = len(column)
    known, values = _buffers(column, width)
    if known is None:
        known = b"\xff" * (count // 8) + bytes([(1 << count % 8) - 1] if count % 8 else [])
    return known, values


_BYTES: Final = {pl.UInt8: 1, pl.UInt16: 2, pl.Date: 4, pl.Float64: 8, pl.Int64: 8}


# --- Arrow's C interface: a column is lent as two addresses ----------------------------------------


class _Array(ctypes.Structure):
    pass


class _Stream(ctypes.Structure):
    pass


_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.c_void_p),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))),
    ("private", ctypes.c_void_p),
]
_Stream._fields_ = [
    ("get_schema", ctypes.c_void_p),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Array))),
    ("get_last_error", ctypes.c_void_p),
    ("release", ctypes.c_void_p),
    ("private", ctypes.c_void_p),
]
_address = ctypes.pythonapi.PyCapsule_GetPointer
_address.restype = ctypes.c_void_p
_address.argtypes = [ctypes.py_object, ctypes.c_char_p]


def _buffers(column: pl.Series, width: int) -> tuple[bytes | None, bytes]:
    """The bits of the rows that have a value (None: all have), and the values; of `width` 0, bits."""
    capsule = column.rechunk().__arrow_c_stream__()
    stream: Any = _Stream.from_address(_address(capsule, b"arrow_array_stream"))
    array: Any = _Array()
    if stream.get_next(ctypes.byref(stream), ctypes.byref(array)) or not array.release:
        return None, b""
    try:
        at, count = array.offset, array.length
        known = _bits(array.buffers[0], at, count) if array.buffers[0] else None
        if not width:
            return known, _bits(array.buffers[1], at, count)
        return known, ctypes.string_at(array.buffers[1] + at * width, count * width)
    finally:
        array.release(ctypes.byref(array))


def _bits(address: int, at: int, count: int) -> bytes:
    """Some bits from the `at`-th on, moved to the beginning of a byte."""
    size = -(-(at % 8 + count) // 8)
    found = ctypes.string_at(address + at // 8, size)
    if at % 8 == 0:
        return found
    moved = int.from_bytes(found, "little") >> at % 8 & (1 << count) - 1
    return moved.to_bytes(-(-count // 8), "little")
