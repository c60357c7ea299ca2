"""The tables of a ledger in one SQLite file: WAL, synchronous FULL, one writer at a time."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from jfsrules.audit.store import SCHEMA, TABLES, Row, Store, newer
from jfsrules.errors import LedgerError

APPLICATION: Final = 0x4A46534C  # "JFSL"
PATIENCE: Final = 60.0
FIRST: Final = """
CREATE TABLE entries (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE records (seq INTEGER NOT NULL, pos INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (seq, pos)) STRICT, WITHOUT ROWID;
CREATE TABLE contents (digest BLOB PRIMARY KEY, body BLOB NOT NULL) STRICT;
"""
SECOND: Final = """
CREATE TABLE signatures (seq INTEGER NOT NULL, keyid TEXT NOT NULL, signature BLOB NOT NULL,
    PRIMARY KEY (seq, keyid)) STRICT, WITHOUT ROWID;
"""
MIGRATIONS: Final = (FIRST, SECOND)
GUARD: Final = (
    "CREATE TRIGGER {table}_{act} BEFORE {act} ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'a ledger only grows'); END"
)
ACTS: Final = ("update", "delete")
PARTS: Final = (  # of a database, but for what SQLite counts to plan its questions
    "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'"
)


class SQLite(Store):
    """A ledger's tables in a file."""

    def __init__(self, where: str, *, write: bool = False, create: bool = False) -> None:
        self.name = where
        path = Path(where)
        if path.is_dir():
            raise LedgerError(f"`{where}` is a folder, and no ledger")
        if not path.is_file() and not create:
            raise LedgerError(f"there is no ledger `{where}`")
        if not path.absolute().parent.is_dir():
            raise LedgerError(f"there is no folder `{path.parent}` to keep a ledger in")
        try:
            self._connection = _connect(path, write=write or create)
        except sqlite3.Error as error:
            if _waits(path) and not (write or create):
                raise LedgerError(
                    f"the last entries of `{where}` stand in `{where}-wal`, which takes a folder "
                    "that can be written: copy both into one"
                ) from error
            raise self._said(error) from error
        try:
            self._ready(write=write or create, create=create)
        except BaseException:
            self.close()
            raise

    def _ready(self, *, write: bool, create: bool) -> None:
        """Check that this is a ledger this version can use; make or migrate its tables."""
        empty = next(self.run("SELECT count(*) FROM sqlite_master"))[0] == 0
        application = next(self.run("PRAGMA application_id"))[0]
        if application != APPLICATION and not (empty and create):
            raise LedgerError(f"`{self.name}` is not a ledger")
        version = 0 if empty else next(self.run("PRAGMA user_version"))[0]
        if version > SCHEMA:
            raise newer(self.name, version)
        if write:
            for _ in self.run("PRAGMA journal_mode = WAL"):
                pass
            list(self.run("PRAGMA synchronous = FULL"))
        if version < SCHEMA and write:
            self._migrate()
        elif version < SCHEMA:
            raise LedgerError(
                f"`{self.name}` has schema {version}: append to it once to migrate it"
            )

    def _migrate(self) -> None:
        with self.appending():
            version = next(self.run("PRAGMA user_version"))[0]
            for script in MIGRATIONS[version:]:
                for statement in filter(str.strip, script.split(";")):
                    list(self.run(statement))
            for table in TABLES:
                for act in ACTS:
                    if f"{table}_{act}" not in self.guards():
                        list(self.run(GUARD.format(table=table, act=act)))
            list(self.run(f"PRAGMA application_id = {APPLICATION}"))
            list(self.run(f"PRAGMA user_version = {SCHEMA}"))

    def run(self, sql: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """Run one statement, and give its rows as they come."""
        try:
            yield from self._connection.execute(sql, values)
        except sqlite3.Error as error:
            raise self._said(error) from error
        except OverflowError:
            return  # a number too large for any row

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for many rows."""
        try:
            self._connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise self._said(error) from error

    @contextmanager
    def appending(self) -> Iterator[None]:
        """A transaction that no other writer can come between; all of it is kept, or nothing."""
        self._begin()
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise self._said(error) from error
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A transaction that sees the tables as they stand when it begins."""
        list(self.run("BEGIN"))
        try:
            yield
        finally:
            list(self.run("ROLLBACK"))

    def _begin(self) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode not in BUSY or time.monotonic() > until:
                    raise self._said(error) from error
                time.sleep(random.uniform(0.0002, 0.004))  # noqa: S311 (no secret)
            else:
                return

    def version(self) -> object:
        """What changes whenever another connection writes."""
        return next(self.run("PRAGMA data_version"))[0]

    def guards(self) -> set[str]:
        """The names of the triggers that stand as they were made."""
        rows = self.run("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {
            name
            for name, table, sql in rows
            if sql == GUARD.format(table=table, act=name.removeprefix(f"{table}_"))
        }

    def strangers(self) -> set[str]:
        """The names of tables, views, triggers and indexes that are none of ours, or not as made."""
        guards = {f"{table}_{act}" for table in TABLES for act in ACTS}
        return {row[1] for row in set(self.run(PARTS)) - _own_parts()} - guards

    def unguard(self, *tables: str) -> None:
        """Take the triggers that refuse a delete away, inside a transaction."""
        for table in tables:
            list(self.run(f"DROP TRIGGER IF EXISTS {table}_delete"))

    def guard(self, *tables: str) -> None:
        """Put them back."""
        for table in tables:
            list(self.run(GUARD.format(table=table, act="delete")))

    def compact(self) -> None:
        """Give back the room of what was deleted: the file is written anew, without it."""
        list(self.run("VACUUM"))
        list(self.run("PRAGMA wal_checkpoint(TRUNCATE)"))

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _said(self, error: sqlite3.Error) -> LedgerError:
        """What SQLite said, to a person."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        match code:
            case sqlite3.SQLITE_NOTADB:
                return LedgerError(f"`{self.name}` is not a ledger")
            case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
                return LedgerError(
                    f"`{self.name}` cannot grow: the disk is full or failing; nothing of this "
                    "entry was kept, and what stood before is whole"
                )
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
                return LedgerError(f"`{self.name}` cannot be written here: it is read-only")
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return LedgerError(f"`{self.name}` was kept locked by another program too long")
            case sqlite3.SQLITE_CORRUPT:
                return LedgerError(f"the file of `{self.name}` is damaged: {error}")
        return LedgerError(f"`{self.name}` cannot be used: {error}")


@cache
def _own_parts() -> frozenset[Row]:
    """The parts that a new ledger has, its triggers aside."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript("".join(MIGRATIONS))
        return frozenset(connection.execute(PARTS))


BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, 517)


def _waits(path: Path) -> bool:
    """Whether entries stand beside a file that are not in it yet."""
    beside = Path(f"{path}-wal")
    return beside.is_file() and beside.stat().st_size > 0


def _connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """Open a file; one that lies where nothing can be written is read as it is."""
    name = path.absolute().as_uri()
    reading = ("mode=ro",) if _waits(path) else ("mode=ro", "immutable=1")
    ways = ("mode=rwc",) if write else reading
    for number, how in enumerate(ways):
        connection = sqlite3.connect(
            f"{name}?{how}", uri=True, isolation_level=None, timeout=PATIENCE
        )
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if number + 1 == len(ways):
                raise
        else:
            return connection
    raise AssertionError
