"""The tables of a ledger in PostgreSQL, through psycopg 3. An advisory lock orders the writers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Final

from jfsrules.audit.store import AT_ONCE, SCHEMA, TABLES, Row, Store, newer
from jfsrules.errors import LedgerError, Unavailable

if TYPE_CHECKING:
    import psycopg

LOCK: Final = 0x4A46534C
FIRST: Final = """
CREATE SCHEMA jfsrules;
CREATE TABLE jfsrules.schema (version integer NOT NULL);
INSERT INTO jfsrules.schema VALUES (0);
CREATE TABLE jfsrules.entries (seq bigint PRIMARY KEY, body bytea NOT NULL);
CREATE TABLE jfsrules.records (seq bigint NOT NULL, pos bigint NOT NULL, body bytea NOT NULL,
    PRIMARY KEY (seq, pos));
CREATE TABLE jfsrules.contents (digest bytea PRIMARY KEY, body bytea NOT NULL);
ALTER TABLE jfsrules.contents ALTER body SET STORAGE EXTERNAL;
CREATE FUNCTION jfsrules.refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'a ledger only grows'; END$$
"""
SECOND: Final = """
CREATE TABLE jfsrules.signatures (seq bigint NOT NULL, keyid text NOT NULL,
    signature bytea NOT NULL, PRIMARY KEY (seq, keyid))
"""
MIGRATIONS: Final = (FIRST, SECOND)
GUARD: Final = (
    "CREATE TRIGGER {table}_{act} BEFORE {events} ON jfsrules.{table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION jfsrules.refuse()"
)
EVENTS: Final = {"update": "UPDATE", "delete": "DELETE OR TRUNCATE"}
STANDING: Final = """
SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND p.proname = 'refuse'
AND p.prosrc = 'BEGIN RAISE EXCEPTION ''a ledger only grows''; END'
"""
STRANGERS: Final = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'jfsrules'::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT (c.relkind = 'r' AND c.relname = ANY(?))
UNION SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'jfsrules'::regnamespace AND NOT t.tgisinternal AND t.tgname <> ALL(?)
UNION SELECT rulename FROM pg_rules WHERE schemaname = 'jfsrules'
UNION SELECT policyname FROM pg_policies WHERE schemaname = 'jfsrules'
"""


class Postgres(Store):
    """A ledger's tables in the schema `jfsrules` of a PostgreSQL database."""

    def __init__(self, where: str, *, write: bool = False, create: bool = False) -> None:
        self.name = _without_password(where)
        try:
            import psycopg
        except ImportError as error:
            raise Unavailable(
                "a ledger in PostgreSQL needs psycopg: pip install 'jfsrules[postgres]'"
            ) from error
        self._psycopg = psycopg
        self._cursors = count()
        try:
            self._connection = psycopg.connect(where, autocommit=True, connect_timeout=10)
        except (
            psycopg.ProgrammingError,
            UnicodeError,
            ValueError,
        ) as error:  # it may show all of it
            raise LedgerError(
                f"`{self.name}` has something in it that is not understood"
            ) from error
        except psycopg.Error as error:
            raise LedgerError(f"`{self.name}` cannot be reached: {_first_line(error)}") from error
        try:
            self._ready(write=write or create, create=create)
        except BaseException as error:
            self.close()
            if isinstance(error, psycopg.Error):
                raise self._said(error) from error
            raise

    def _ready(self, *, write: bool, create: bool) -> None:
        version = self._version()
        if version is None and not create:
            raise LedgerError(f"there is no ledger in `{self.name}`")
        if (version or 0) > SCHEMA:
            raise newer(self.name, version or 0)
        if (version or 0) < SCHEMA and not write:
            raise LedgerError(
                f"`{self.name}` has schema {version}: append to it once to migrate it"
            )
        if (version or 0) < SCHEMA:
            self._migrate()
        self._connection.execute("SET search_path = jfsrules")
        setting = "synchronous_commit" if write else "default_transaction_read_only"
        self._connection.execute(f"SET {setting} = on")

    def _version(self) -> int | None:
        made = "SELECT to_regclass('jfsrules.schema') IS NOT NULL"
        if not self._connection.execute(made).fetchall()[0][0]:
            return None
        rows = self._connection.execute("SELECT version FROM jfsrules.schema").fetchall()
        return int(rows[0][0]) if len(rows) == 1 else -1

    def _migrate(self) -> None:
        with self.appending():
            for script in MIGRATIONS[self._version() or 0 :]:
                self._connection.execute(script)
            standing = self.guards()
            for table in TABLES:
                for act, events in EVENTS.items():
                    if f"{table}_{act}" not in standing:
                        self._connection.execute(GUARD.format(table=table, act=act, events=events))
            self._connection.execute("UPDATE jfsrules.schema SET version = %s", (SCHEMA,))

    def run(self, sql: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """Run one statement, and give its rows as they come."""
        within = self._connection.info.transaction_status.name == "INTRANS"
        try:
            with self._long() if within and _is_long(sql) else self._connection.cursor() as cursor:
                cursor.execute(sql.replace("?", "%s"), values, binary=True)
                yield from cursor
        except self._psycopg.Error as error:
            raise self._said(error) from error

    def _long(self) -> psycopg.ServerCursor[Row]:
        """A cursor whose rows stay with the server until they are asked for."""
        cursor = self._connection.cursor(f"rows_{next(self._cursors)}")
        cursor.itersize = 4 * AT_ONCE
        return cursor

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for many rows."""
        try:
            with self._connection.cursor() as cursor:
                cursor.executemany(sql.replace("?", "%s"), rows)
        except self._psycopg.Error as error:
            raise self._said(error) from error

    @contextmanager
    def appending(self) -> Iterator[None]:
        """A transaction that no other writer can come between; all of it is kept, or nothing."""
        try:
            with self._connection.transaction():
                self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
                yield
        except self._psycopg.Error as error:
            raise self._said(error) from error

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A transaction that sees the tables as they stand when it begins."""
        try:
            with self._connection.transaction():
                self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                yield
        except self._psycopg.Error as error:
            raise self._said(error) from error

    def version(self) -> object:
        """Nothing: the server does not tell."""
        return None

    def guards(self) -> set[str]:
        """The names of the triggers that stand as they were made."""
        return {row[0] for row in self.run(STANDING)}

    def strangers(self) -> set[str]:
        """The names of tables, views, triggers and rules that are none of ours."""
        guards = [f"{table}_{act}" for table in TABLES for act in EVENTS]
        return {row[0] for row in self.run(STRANGERS, ([*TABLES, "schema"], guards))}

    def unguard(self, *tables: str) -> None:
        """Take the triggers that refuse a delete away, inside a transaction."""
        for table in tables:
            self._connection.execute(f"DROP TRIGGER {table}_delete ON jfsrules.{table}")

    def guard(self, *tables: str) -> None:
        """Put them back."""
        for table in tables:
            events = EVENTS["delete"]
            self._connection.execute(GUARD.format(table=table, act="delete", events=events))

    def compact(self) -> None:
        """Give back the room of what was deleted: the tables are written anew, without it."""
        self._connection.execute("VACUUM FULL records")
        self._connection.execute("VACUUM FULL contents")

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _said(self, error: psycopg.Error) -> LedgerError:
        """What PostgreSQL said, to a person."""
        if self._connection.closed or isinstance(error, self._psycopg.OperationalError):
            return LedgerError(
                f"`{self.name}` went away: {_first_line(error)}; nothing of this entry was kept, "
                "and what stood before is whole"
            )
        if isinstance(error, self._psycopg.errors.InsufficientPrivilege):
            return LedgerError(f"`{self.name}` cannot be written here: {_first_line(error)}")
        if isinstance(error, self._psycopg.errors.ReadOnlySqlTransaction):
            return LedgerError(f"`{self.name}` cannot be written here: it is read-only")
        return LedgerError(f"`{self.name}` cannot be used: {_first_line(error)}")


def _is_long(sql: str) -> bool:
    return sql.startswith("SELECT") and "ORDER BY" in sql and "LIMIT" not in sql


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


ONE_HOST: Final = r"(?:\[[0-9a-fA-F:.]+\]|[^\s:,@/?#\[\]]*)(?::[0-9]*)?"
ADDRESS: Final = re.compile(
    r"(?P<scheme>postgres(?:ql)?://)"
    r"(?:(?P<user>[^\s:@/?#]*)(?::[^\s@/?#]*)?(?P<at>@))?"
    rf"(?P<hosts>{ONE_HOST}(?:,{ONE_HOST})*)"
    r"(?P<base>/[^\s@/?#]*)?(?:\?.*)?"
)


def _without_password(where: str) -> str:
    """An address that can be shown: `postgresql://ann:secret@host/db` without `secret`.

    Raises LedgerError for what is no address, without showing any of it.

    >>> _without_password("postgresql://ann:secret@host:5432/db?password=x@y")
    'postgresql://ann@host:5432/db'
    """
    found = ADDRESS.fullmatch(where)
    if found is None:
        raise LedgerError(
            "this is no address of PostgreSQL: write postgresql://user@host:5432/database; in a "
            "password, `@` is written %40, `/` %2F, `:` %3A, `?` %3F, `#` %23 and `%` %25"
        )
    return "".join(found[name] or "" for name in ("scheme", "user", "at", "hosts", "base"))
