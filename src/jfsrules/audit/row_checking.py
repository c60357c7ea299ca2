"""Whether the rows of tables are as they were logged: their order, their layout, their trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from jfsrules.audit import merkle
from jfsrules.audit.entries import Record
from jfsrules.audit.rows import Layout, Section, digests_in, read_record
from jfsrules.errors import LedgerError

MALFORMED = (LedgerError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass
class RowCheck:
    """The sections of a ledger, gathered from its entries and then compared with what is kept."""

    fault: Callable[[int, str], None]
    document: Callable[[str], object]
    sections: dict[str, tuple[int, Record]] = field(default_factory=dict)
    _layouts: dict[str, Layout] = field(default_factory=dict)

    def records(self, seq: int, bodies: list[bytes]) -> Iterator[Record]:
        """The records of an entry; a fault for what is none, or does not follow the one before."""
        following = 0
        for body in bodies:
            try:
                record = read_record(body)
            except ValueError:
                self.fault(seq, f"a record of entry {seq} was changed: it is no record any more")
                continue
            if record["first"] != following:
                self.fault(seq, f"the rows of entry {seq} do not follow each other")
            following = record["first"] + record["count"]
            self.sections[digests_in(record)[0]] = (seq, record)
            yield record

    def follows(self, digest: str, body: bytes) -> bool:
        """Whether bytes that are a section are the rows under the root of its record."""
        if digest not in self.sections:
            return True
        record = self.sections[digest][1]
        try:
            layout = self._layout(record["layout"])
            section = Section.read(layout, record["count"], body)
            return bool(merkle.root(section.leaves()).hex() == record["root"])
        except MALFORMED:
            return False

    def kind(self, digest: str) -> str:
        """Which rows a section holds, to a person."""
        record = self.sections[digest][1]
        return f"section of rows {record['first']:,} to {record['first'] + record['count'] - 1:,}"

    def _layout(self, digest: str) -> Layout:
        if digest not in self._layouts:
            self._layouts[digest] = Layout.read(self.document(digest))  # type: ignore[arg-type]
        return self._layouts[digest]
