"""The tables behind a ledger, alike in SQLite and PostgreSQL. Knows SQL, and nothing of hashes.

Four tables are evidence: entries, records, contents, signatures. Nothing else is kept, and each row
is covered by the chain. Triggers refuse update and delete.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache
from itertools import islice
from typing import Any, Final, TypeAlias, TypeVar

from jfsrules.errors import LedgerError

Row: TypeAlias = tuple[Any, ...]
Thing = TypeVar("Thing")

SCHEMA: Final = 2
TABLES: Final = ("entries", "records", "contents", "signatures")
PLAIN: Final = b"="
PACKED: Final = b"z"
SUM: Final = 4
SMALLEST_PACKED: Final = 300
LARGEST: Final = 2**28
AT_ONCE: Final = 500


class Store(ABC):
    """The four tables: rows go in and come out in order, and never change."""

    name: str
    mark = "?"

    @abstractmethod
    def run(self, sql: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """Run one statement, and give its rows as they come."""

    @abstractmethod
    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for many rows."""

    @abstractmethod
    def appending(self) -> AbstractContextManager[None]:
        """A transaction that no other writer can come between; all of it is kept, or nothing."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[None]:
        """A transaction that sees the tables as they stand when it begins."""

    @abstractmethod
    def version(self) -> object:
        """What changes whenever somebody else writes; None where that cannot be known."""

    @abstractmethod
    def guards(self) -> set[str]:
        """The names of the triggers that stand."""

    @abstractmethod
    def strangers(self) -> set[str]:
        """The names of tables, views, triggers and rules that are none of ours, or not as made."""

    @abstractmethod
    def unguard(self, *tables: str) -> None:
        """Take the triggers that refuse a delete away, inside a transaction."""

    @abstractmethod
    def guard(self, *tables: str) -> None:
        """Put them back."""

    @abstractmethod
    def compact(self) -> None:
        """Give back the room of what was deleted, and overwrite it."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""

    # --- reading ----------------------------------------------------------------------------

    def last(self) -> bytes | None:
        """The last entry."""
        return self._one("SELECT body FROM entries ORDER BY seq DESC LIMIT 1")

    def entry(self, seq: int) -> bytes | None:
        """One entry."""
        return self._one("SELECT body FROM entries WHERE seq = ?", seq)

    def entries(self, first: int = 0) -> Iterator[Row]:
        """Number and body of each entry from one on."""
        return self.run("SELECT seq, body FROM entries WHERE seq >= ? ORDER BY seq", (first,))

    def records(self, first: int, last: int) -> Iterator[Row]:
        """Entry, place and body of each record from one entry to another, both included."""
        return self.run(
            "SELECT seq, pos, body FROM records WHERE seq BETWEEN ? AND ? ORDER BY seq, pos",
            (first, last),
        )

    def record(self, seq: int, pos: int) -> bytes | None:
        """One record."""
        return self._one("SELECT body FROM records WHERE seq = ? AND pos = ?", seq, pos)

    def content(self, digest: str) -> bytes | None:
        """The document of a digest."""
        packed = self._one("SELECT body FROM contents WHERE digest = ?", bytes.fromhex(digest))
        return None if packed is None else unpack(packed)

    def contents(self) -> Iterator[Row]:
        """Digest and packed body of every document."""
        return self.run("SELECT digest, body FROM contents ORDER BY digest")

    def signatures(self, first: int = 0) -> Iterator[Row]:
        """Entry, key and signature, from one entry on."""
        return self.run(
            "SELECT seq, keyid, signature FROM signatures WHERE seq >= ? ORDER BY seq, keyid",
            (first,),
        )

    def signatures_of(self, seq: int) -> Iterator[Row]:
        """Entry, key and signature of one entry."""
        sql = "SELECT seq, keyid, signature FROM signatures WHERE seq = ? ORDER BY keyid"
        return self.run(sql, (seq,))

    def missing(self, digests: Iterable[str]) -> set[str]:
        """Those of some digests that have no document here."""
        asked = set(digests)
        found: set[str] = set()
        for some in _some(sorted(asked), AT_ONCE):
            marks = ", ".join("?" * len(some))
            sql = f"SELECT digest FROM contents WHERE digest IN ({marks})"  # noqa: S608
            found |= {
                bytes(row[0]).hex() for row in self.run(sql, [bytes.fromhex(d) for d in some])
            }
        return asked - found

    def _one(self, sql: str, *values: object) -> bytes | None:
        row = next(self.run(sql, values), None)
        return None if row is None else bytes(row[0])

    # --- writing, inside `appending` --------------------------------------------------------

    def add_entry(self, seq: int, body: bytes) -> None:
        """Add one entry."""
        self.run_many("INSERT INTO entries (seq, body) VALUES (?, ?)", [(seq, body)])

    def add_records(self, rows: Iterable[tuple[int, int, bytes]]) -> None:
        """Add records: entry, place, body."""
        self.run_many("INSERT INTO records (seq, pos, body) VALUES (?, ?, ?)", rows)

    def add_contents(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Add documents that may be there already: digest and packed body."""
        self.run_many(
            "INSERT INTO contents (digest, body) VALUES (?, ?) ON CONFLICT DO NOTHING",
            ((bytes.fromhex(digest), body) for digest, body in rows),
        )

    def add_signatures(self, rows: Iterable[tuple[int, str, bytes]]) -> None:
        """Add signatures: entry, key, signature."""
        sql = "INSERT INTO signatures (seq, keyid, signature) VALUES (?, ?, ?)"
        self.run_many(sql, rows)

    # --- letting go, inside `appending` and with the guards away ----------------------------

    def delete_records(self, through: int) -> None:
        """Delete the records of the entries up to one, included."""
        self.run_many("DELETE FROM records WHERE seq <= ?", [(through,)])

    def delete_contents(self, kept: Container[str]) -> None:
        """Delete every document but some."""
        digests = [bytes(row[0]) for row in self.run("SELECT digest FROM contents")]
        doomed = [(digest,) for digest in digests if digest.hex() not in kept]
        self.run_many("DELETE FROM contents WHERE digest = ?", doomed)


def pack(body: bytes) -> bytes:
    """A document as it is kept: compressed where that is worth it.

    A stream has bits that mean nothing: its own sum stands before it, so that none can be changed.
    """
    if len(body) < SMALLEST_PACKED:
        return PLAIN + body
    return pack_stream(_compress()(body, 1))


@cache
def _compress() -> Callable[[bytes, int], bytes]:
    """What compresses. ISA-L writes what zlib reads, in a fifth of the time; where it is not
    installed, zlib does."""
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.compress
    return isal_zlib.compress


def pack_stream(stream: bytes) -> bytes:
    """A document that is compressed already, as it is kept."""
    return PACKED + zlib.crc32(stream).to_bytes(SUM, "big") + stream


def unpack(packed: bytes) -> bytes:
    """A document as it was; ValueError where it cannot be read any more."""
    packed = bytes(packed)
    if packed[:1] == PLAIN:
        return packed[1:]
    if packed[:1] != PACKED:
        raise ValueError("the document is kept in no known way")
    stream = memoryview(packed)[1 + SUM :]
    if zlib.crc32(stream) != int.from_bytes(packed[1 : 1 + SUM], "big"):
        raise ValueError("the document was changed where it is kept")
    opened = zlib.decompressobj()
    try:
        body = opened.decompress(stream, LARGEST)
    except zlib.error as error:
        raise ValueError("the document cannot be unpacked") from error
    if not opened.eof or opened.unused_data:
        raise ValueError("the document cannot be unpacked whole")
    return body


def _some(things: Sequence[Thing], size: int) -> Iterator[list[Thing]]:
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some


def newer(name: str, version: int) -> LedgerError:
    """What to say of a ledger that a later version wrote."""
    return LedgerError(
        f"`{name}` has schema {version}, and this version of jfsrules knows up to {SCHEMA}: "
        "use a later version"
    )


def open_store(where: str, *, write: bool = False, create: bool = False) -> Store:
    """Open the tables at a file, or at a `postgresql://…` address. Raises LedgerError."""
    if where.startswith(("postgresql:", "postgres:")) or "password=" in where:
        from jfsrules.audit.postgres import Postgres

        return Postgres(where, write=write, create=create)
    from jfsrules.audit.sqlite import SQLite

    return SQLite(where, write=write, create=create)
