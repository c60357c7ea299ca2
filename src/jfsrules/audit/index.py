"""What is said in which decision: bitmaps beside a ledger, made from it and made again at will.

No evidence: each key (`partner:MD`, `fired:RULE`, …) has one bit for each decision, in the order of
the ledger, in chunks. A question is the meeting of some keys.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from jfsrules.audit.bundles import At
from jfsrules.audit.documents import as_written
from jfsrules.audit.entries import read_record
from jfsrules.audit.ledger import Ledger
from jfsrules.audit.row_keys import marks
from jfsrules.errors import LedgerError

CHUNK: Final = 2**16
FORM: Final = 1
TABLES: Final = """
CREATE TABLE IF NOT EXISTS about (form INTEGER, ledger TEXT, seq INTEGER, hash TEXT, count INTEGER);
CREATE TABLE IF NOT EXISTS entries (first INTEGER PRIMARY KEY, seq INTEGER, time TEXT);
CREATE INDEX IF NOT EXISTS by_time ON entries (time, first);
CREATE TABLE IF NOT EXISTS bits (key TEXT, chunk INTEGER, bits BLOB, PRIMARY KEY (key, chunk))
    WITHOUT ROWID;
"""

EMPTY: Final = "DELETE FROM about; DELETE FROM entries; DELETE FROM bits"

Key: TypeAlias = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The decisions that answer a question: how many, and where they stand, as they are asked for."""

    count: int
    places: Iterator[At]


class Index:
    """The bitmaps of one ledger, brought up to date when it is opened."""

    def __init__(self, ledger: Ledger, where: Path | None = None) -> None:
        self.ledger = ledger
        self._connection = _connect(where)
        self._connection.executescript(TABLES)
        with ledger.store.reading():
            self._update()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    # --- asking -----------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many decisions there are."""
        return int(self._one("SELECT count FROM about")[0])

    def keys(self, prefix: str) -> list[str]:
        """The keys that begin so: found one after the other, without reading their bits."""
        found: list[str] = []
        sql = "SELECT key FROM bits WHERE key > ? AND key < ? ORDER BY key LIMIT 1"
        last, end = prefix, prefix + "\U0010ffff"
        while row := self._one(sql, last, end):
            last = row[0]
            found.append(last)
        return found

    def has(self, key: str) -> bool:
        """Whether some decision has a key."""
        return self._one("SELECT 1 FROM bits WHERE key = ? LIMIT 1", key) is not None

    def find(
        self,
        wanted: Iterable[Iterable[Key]],
        between: tuple[str | None, str | None] = (None, None),
        newest: bool = True,
    ) -> Found:
        """The decisions with one key at least of each group, logged between two times.

        A key that is a tuple stands for all of its members together.
        """
        groups = [tuple(keys) for keys in wanted]
        first, last = self._between(*between)
        chunks: list[tuple[int, int]] = []
        for chunk in range(first // CHUNK, (max(last, 1) - 1) // CHUNK + 1):
            found = self._range(chunk, first, last)
            for keys in groups:
                if not found:
                    break
                found &= self._any(keys, chunk)
            chunks.append((chunk, found))
        count = sum(found.bit_count() for _, found in chunks)
        ordered = reversed(chunks) if newest else chunks
        places = (
            self._at(chunk * CHUNK + bit)
            for chunk, found in ordered
            for bit in _bits(found, newest=newest)
        )
        return Found(count, places)

    def counts(self, keys: Iterable[str], between: tuple[str | None, str | None]) -> dict[str, int]:
        """How many decisions have each of some keys, among those logged between two times."""
        return {key: self.find([[key]], between).count for key in keys}

    def times(self) -> tuple[str, str] | None:
        """When the first and the last decision were logged."""
        first, last = self._one("SELECT min(time), max(time) FROM entries")
        return None if first is None else (str(first), str(last))

    def _between(self, since: str | None, until: str | None) -> tuple[int, int]:
        """The numbers of the decisions logged from one time on, and before another."""
        return (0 if since is None else self._from(since)), (
            self.count if until is None else self._from(until)
        )

    def _from(self, time: str) -> int:
        sql = "SELECT first FROM entries WHERE time >= ? ORDER BY time, first LIMIT 1"
        row = self._one(sql, time)
        return self.count if row is None else int(row[0])

    def _range(self, chunk: int, first: int, last: int) -> int:
        low, high = max(first - chunk * CHUNK, 0), min(last - chunk * CHUNK, CHUNK)
        return ((1 << high) - 1) & ~((1 << low) - 1) if high > low else 0

    def _any(self, keys: Iterable[Key], chunk: int) -> int:
        found = 0
        for key in keys:
            members = (key,) if isinstance(key, str) else key
            both = self.bits(members[0], chunk)
            for other in members[1:]:
                both &= self.bits(other, chunk)
            found |= both
        return found

    def bits(self, key: str, chunk: int) -> int:
        """The bits of a key in one chunk, the first decision the least."""
        row = self._one("SELECT bits FROM bits WHERE key = ? AND chunk = ?", key, chunk)
        return int.from_bytes(zlib.decompress(row[0]), "little") if row else 0

    def _at(self, number: int) -> At:
        sql = "SELECT first, seq FROM entries WHERE first <= ? ORDER BY first DESC LIMIT 1"
        first, seq = self._one(sql, number)
        return At(seq, number - first)

    def _one(self, sql: str, *values: object) -> Any:
        return self._connection.execute(sql, values).fetchone()

    # --- making -----------------------------------------------------------------------------

    def _update(self) -> None:
        head = self.ledger.head()
        row = self._connection.execute(
            "SELECT form, ledger, seq, hash, count FROM about"
        ).fetchone()
        name = self.ledger.entry(1).ledger
        if row is None or row[:2] != (FORM, name) or not self._follows(row[2], row[3]):
            self._connection.executescript(
                "DELETE FROM about; DELETE FROM entries; DELETE FROM bits"
            )
            row = (FORM, name, 0, "", 0)
        if row[2] == head.seq:
            return
        if row[2] and self._pruned_since(row[2] + 1):
            self._connection.executescript(EMPTY)
            row = (FORM, name, 0, "", 0)
        with self._connection:
            count = self._add(row[2] + 1, row[4])
            self._connection.execute("DELETE FROM about")
            self._connection.execute(
                "INSERT INTO about VALUES (?, ?, ?, ?, ?)", (FORM, name, head.seq, head.hash, count)
            )

    def _follows(self, seq: int, digest: str) -> bool:
        """Whether the ledger still holds the entry up to which the index was made."""
        from jfsrules.audit.entries import hash_of

        body = self.ledger.store.entry(seq)
        return body is not None and hash_of(body) == digest

    def _pruned_since(self, seq: int) -> bool:
        return any(
            json.loads(bytes(body))["kind"] == "prune" for _, body in self.ledger.store.entries(seq)
        )

    def _add(self, seq: int, count: int) -> int:
        """Take in the decisions of the entries from one on; gives how many there are now."""
        writer = _Writer(self._connection, self)
        keys_of = lru_cache(4096)(self._keys)
        for number, body in self.ledger.store.entries(seq):
            entry = json.loads(body)
            records = list(self.ledger.store.records(number, number)) if entry["count"] else []
            if not records:
                continue
            self._connection.execute(
                "INSERT INTO entries VALUES (?, ?, ?)", (count, number, entry["time"])
            )
            if entry["kind"] == "table":
                count += self._add_rows(writer, number, count)
                continue
            for _, pos, kept in records:
                try:
                    record = read_record(bytes(kept))
                except ValueError:  # found by no question: `verify` says what became of it
                    continue
                writer.set(count + pos, record_keys(record))
                writer.set(count + pos, keys_of(record["decision"]))
            count += entry["count"]
        writer.flush()
        return count

    def _add_rows(self, writer: _Writer, seq: int, count: int) -> int:
        """Take in the rows of an entry; gives how many there are."""
        total = 0
        try:
            for number, record in enumerate(self.ledger.rows.records(seq)):
                total = record["first"] + record["count"]
                section = self.ledger.rows.section(seq, number)
                marked = list(marks(section, record))
                chunk, bit = divmod(count + record["first"], CHUNK)
                for keys, rows in marked:
                    writer.set_all(chunk, keys, rows << bit & (1 << CHUNK) - 1)
                if bit + section.count > CHUNK:
                    for keys, rows in marked:
                        writer.set_all(chunk + 1, keys, rows >> CHUNK - bit)
        except LedgerError:  # found by no question: `verify` says what became of them
            pass
        return total

    def _keys(self, digest: str) -> tuple[str, ...]:
        try:
            with as_written("the decision"):
                return tuple(decision_keys(self.ledger.document(digest)))
        except LedgerError:
            return ()


class _Writer:
    """The bits of one chunk at a time, gathered before they are written."""

    def __init__(self, connection: sqlite3.Connection, index: Index) -> None:
        self._connection = connection
        self._index = index
        self._chunk = -1
        self._bits: dict[str, bytearray] = {}

    def set(self, number: int, keys: Iterable[str]) -> None:
        """Set the bit of one decision for some keys."""
        chunk, bit = divmod(number, CHUNK)
        if chunk != self._chunk:
            self.flush()
            self._chunk = chunk
        byte, mask = bit >> 3, 1 << (bit & 7)
        for key in keys:
            bits = self._bits.get(key)
            if bits is None:
                bits = self._bits[key] = bytearray(CHUNK // 8)
            bits[byte] |= mask

    def set_all(self, chunk: int, keys: Iterable[str], rows: int) -> None:
        """Set the bits of many decisions of one chunk for some keys."""
        if chunk != self._chunk:
            self.flush()
            self._chunk = chunk
        for key in keys if rows else ():
            whole = int.from_bytes(self._bits.get(key, b""), "little") | rows
            self._bits[key] = bytearray(whole.to_bytes(CHUNK // 8, "little"))

    def flush(self) -> None:
        """Write what was gathered, over what stood there."""
        rows = []
        for key, bits in self._bits.items():
            whole = int.from_bytes(bits, "little") | self._index.bits(key, self._chunk)
            rows.append((key, self._chunk, zlib.compress(whole.to_bytes(CHUNK // 8, "little"), 1)))
        self._connection.executemany("INSERT OR REPLACE INTO bits VALUES (?, ?, ?)", rows)
        self._bits.clear()


def record_keys(record: Mapping[str, Any]) -> Iterator[str]:
    """The keys of a record."""
    yield f"partner:{record['partner']}"
    yield f"as_of:{record['as_of']}"
    yield f"tier:{record['tier']}"
    yield f"rulebook:{record['rulebook']['name']}"
    yield f"engine:{record['engine']}"


def decision_keys(decision: Mapping[str, Any]) -> Iterator[str]:
    """The keys of a decision: its groups and advice; each rule by what became of it, and by the
    facts it read; each fact that anything rests on."""
    for group in decision["groups"]:
        yield f"group:{group}"
    for track in decision["tracks"]:
        yield f"advice:{track['advice']}"
        yield f"advice:{track['instrument']}={track['advice']}"
    for step in decision["trace"]:
        rule, kind = step["rule"], step["kind"]
        if rule is None:
            indicator = step["says"]["args"].get("indicator")
            if indicator:
                yield f"fact:{indicator}"
                yield f"{kind}@{indicator}"
            continue
        yield f"rule:{rule}"
        yield f"{kind}:{rule}"
        for read in step["facts"]:
            yield f"reads:{rule}:{read['indicator']}"


def beside(where: str, ledger: str) -> Path:
    """Where the index of a ledger is kept: beside its file, or in the user's cache."""
    if "://" not in where:
        return Path(f"{where}.index")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "jfsrules" / f"{ledger}.index"


def _connect(where: Path | None) -> sqlite3.Connection:
    """The file of an index; one in memory where none can be written."""
    if where is not None:
        try:
            where.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(where, timeout=60)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript("CREATE TABLE IF NOT EXISTS probe (x); DROP TABLE probe")
        except (sqlite3.Error, OSError):
            return sqlite3.connect(":memory:")
        return connection
    return sqlite3.connect(":memory:")


def _bits(found: int, *, newest: bool) -> Iterator[int]:
    """The numbers of the bits that are set."""
    body = found.to_bytes(CHUNK // 8, "little")
    places = range(len(body) - 1, -1, -1) if newest else range(len(body))
    order = range(7, -1, -1) if newest else range(8)
    for at in places:
        if body[at]:
            for bit in order:
                if body[at] >> bit & 1:
                    yield at * 8 + bit
