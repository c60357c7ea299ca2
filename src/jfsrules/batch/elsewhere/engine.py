"""What an engine that holds tables elsewhere must be able to do. Knows neither DuckDB nor Spark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import polars as pl

from jfsrules.batch.apart import Apart
from jfsrules.batch.elsewhere.dialect import Dialect
from jfsrules.batch.reading import Kind

FILE: Final = "_file"
PLACE: Final = "_place"
LINE: Final = "_line"
UNREAD: Final = "_unread"
Native = Any


@dataclass(frozen=True, slots=True)
class Files:
    """Tables of one kind with the same columns, to be read as one; `extra` where lines of JSON may
    have others, which are passed by; `head` are the columns that are there for certain."""

    kind: Kind
    paths: tuple[str, ...]
    schema: Mapping[str, pl.DataType]
    separator: str = ","
    extra: bool = False
    head: Mapping[str, pl.DataType] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What they are called together."""
        more = f" and {len(self.paths) - 1:,} more" if len(self.paths) > 1 else ""
        return self.paths[0] + more


@dataclass(frozen=True, slots=True)
class Given:
    """Files as the engine reads them: their columns, then the file of each row, its place there
    (from 0) and its line (from 1), null where they are not known, and the text of a line that
    cannot be read as a row. `apart` are lines that the engine passed by, each a row set apart."""

    frame: Native
    schema: Mapping[str, pl.DataType]
    apart: tuple[Apart, ...] = ()


class Engine(Protocol):
    """An engine that reads, filters and writes tables; frames are its own."""

    name: str

    @property
    def dialect(self) -> Dialect:
        """How it writes SQL."""

    def schema(self, path: str) -> Mapping[str, pl.DataType]:
        """The columns of a table that this machine cannot read by itself. Raises Refused."""

    def read(self, files: Files) -> Given:
        """The rows of some files. Raises Refused."""

    def handed(self, frame: pl.DataFrame) -> Native:
        """A table of Polars, handed over."""

    def select(self, frame: Native, terms: Mapping[str, str]) -> Native:
        """A frame with a column for each term."""

    def where(self, frame: Native, term: str) -> Native:
        """The rows of which a term is true."""

    def together(self, frames: Sequence[Native]) -> Native:
        """The rows of all frames, by the names of their columns; null where one has none."""

    def rows(self, frame: Native) -> Iterator[dict[str, Any]]:
        """The rows of a frame, one after the other."""

    def count(self, frame: Native) -> int:
        """How many rows a frame has."""

    def stands(self, out: str) -> bool:
        """Whether there is something at a path already."""

    def write(self, frame: Native, out: str, format: str, metadata: str) -> None:
        """Write a frame, and what its readers must know, in place of what stands there."""

    def written(self, out: str, format: str, names: Sequence[str]) -> Native:
        """Columns of texts of what was written, read again."""

    def tally(self, frame: Native, each: str) -> Mapping[str, int]:
        """How often each text comes up that a term gives, any number to a row."""

    def close(self) -> None:
        """End what was begun."""
