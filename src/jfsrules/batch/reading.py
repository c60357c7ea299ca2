"""Tables in files as chunks of rows: what every kind of file gives. Knows no indicator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Protocol, TypeAlias

import polars as pl

from jfsrules.batch.apart import Apart
from jfsrules.errors import Refused, refuse

Kind: TypeAlias = Literal["csv", "jsonl", "parquet"]
CHUNK: Final = 100_000
SUFFIXES: Final[dict[str, Kind]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a table, in order.

    `first` is the place of the first among all rows of the table, `count` how many were read, those
    set apart included; `places` are the places of the rows in `frame`. `lines` and `texts` say
    where each of these stands in a text file. `done` is the share of the file read so far.
    """

    frame: pl.DataFrame
    first: int
    count: int
    places: Sequence[int]
    lines: Sequence[int] | None = None
    texts: Sequence[bytes] | None = None
    apart: tuple[Apart, ...] = ()
    done: float = 0.0


class Table(Protocol):
    """A file with a table: its name, its columns, and its rows in chunks."""

    @property
    def name(self) -> str:
        """What the file is called."""

    def schema(self) -> dict[str, pl.DataType]:
        """The columns with their types, from the head of the file. Raises Refused."""

    def chunks(self, skip: int = 0) -> Iterator[Chunk]:
        """The rows from the `skip`-th on. Raises Refused where the file breaks off."""

    def rows(self) -> int | None:
        """How many rows there are, where the file says so."""


@dataclass(slots=True)
class Parquet:
    """A Parquet file, read a stretch of rows at a time."""

    name: str
    path: Path
    at_once: int = CHUNK
    _schema: dict[str, pl.DataType] = field(default_factory=dict, repr=False)

    def schema(self) -> dict[str, pl.DataType]:
        """The columns with their types."""
        if not self._schema:
            try:
                self._schema = dict(pl.scan_parquet(self.path).collect_schema())
            except (pl.exceptions.PolarsError, OSError) as error:
                raise self._broken(error) from None
        return self._schema

    def rows(self) -> int:
        """The number of rows."""
        return int(pl.scan_parquet(self.path).select(pl.len()).collect().item())

    def chunks(self, skip: int = 0) -> Iterator[Chunk]:
        """The rows from the `skip`-th on, as they are typed."""
        scan, total = pl.scan_parquet(self.path), self.rows()
        for first in range(skip, total, self.at_once):
            # No name is given to a chunk here: it would still be held while the next is read.
            yield self._stretch(scan, first, total)

    def _stretch(self, scan: pl.LazyFrame, first: int, total: int) -> Chunk:
        try:
            frame = scan.slice(first, self.at_once).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._broken(error) from None
        places = range(first, first + frame.height)
        return Chunk(frame, first, frame.height, places, done=places.stop / total)

    def _broken(self, error: Exception) -> Refused:
        reason = str(error).partition("\n")[0]
        return refuse(
            "broken-parquet",
            f"`{self.name}` is no whole Parquet file: {reason}",
            None,
            "write it once more: a file that was cut off cannot be read",
        )
