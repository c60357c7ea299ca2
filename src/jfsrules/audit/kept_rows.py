"""Rows of tables as a ledger keeps them: which section a row stands in, and what it says."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from jfsrules.audit.documents import digest_of
from jfsrules.audit.entries import Record
from jfsrules.audit.rows import ROW, Layout, Section, digests_in, read_record
from jfsrules.audit.store import Store
from jfsrules.errors import LedgerError

MOST_ENTRIES: Final = 16
MOST_SECTIONS: Final = 16


class KeptRows:
    """The rows of one ledger. What was read last is remembered: nothing of it ever changes."""

    def __init__(self, store: Store, document: Callable[[str], Any]) -> None:
        self.store = store
        self.records = lru_cache(MOST_ENTRIES)(self._records)
        self.layout = lru_cache(MOST_ENTRIES)(lambda digest: Layout.read(document(digest)))
        self.section = lru_cache(MOST_SECTIONS)(self._section)

    def forget(self) -> None:
        """Remember nothing any more: rows were deleted."""
        for kept in (self.records, self.layout, self.section):
            kept.cache_clear()

    def at(self, seq: int, row: int) -> tuple[int, Record]:
        """The section of an entry that a row stands in: its place in the entry, and its record.

        Raises LedgerError where there is none, or it is no longer kept.
        """
        records = self.records(seq)
        number = bisect_right(records, row, key=lambda one: one["first"]) - 1
        if number < 0 or row >= records[number]["first"] + records[number]["count"]:
            raise LedgerError(f"`{self.store.name}` has no row {seq}.{row}")
        return number, records[number]

    def row(self, seq: int, row: int) -> Record:
        """What was given and answered in a row; raises LedgerError where it is not kept."""
        number, record = self.at(seq, row)
        given, answered = self.section(seq, number).row(row - record["first"])
        told: dict[str, Any] = {
            "schema": ROW,
            "partner": given.pop("partner"),
            "as_of": given.pop("as_of").isoformat(),
            "tier": answered["tier"],
            "engine": record["engine"],
            "version": record["version"],
            "rulebook": record["rulebook"],
            "given": given,
            "answered": answered,
        }
        asked = record.get("asked_by")
        return told if asked is None else {**told, "asked_by": asked}

    def _records(self, seq: int) -> tuple[Record, ...]:
        try:
            return tuple(read_record(bytes(row[2])) for row in self.store.records(seq, seq))
        except ValueError as error:
            raise LedgerError(f"the rows of entry {seq} were changed: {error}") from error

    def _section(self, seq: int, number: int) -> Section:
        """A section of an entry, its bytes those that its record names."""
        record = self.records(seq)[number]
        digest = digests_in(record)[0]
        try:
            body = self.store.content(digest)
            if body is None:
                raise LedgerError(f"the rows `{digest[:16]}…` are not kept in `{self.store.name}`")
            if digest_of(body) != digest:
                raise LedgerError(f"the rows `{digest[:16]}…` were changed")
            return Section.read(self.layout(record["layout"]), record["count"], body)
        except (ValueError, KeyError, TypeError) as error:
            raise LedgerError(f"the rows `{digest[:16]}…` were changed: {error}") from error
