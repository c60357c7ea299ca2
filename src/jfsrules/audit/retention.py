"""Letting old decisions go: their records and documents are deleted, their chain stays.

The entry that says so is the checkpoint: it is chained and, where the ledger is, signed. Entries are
never deleted, so a head kept elsewhere stays good.
"""

from __future__ import annotations

from jfsrules.audit import rows
from jfsrules.audit.bundles import At
from jfsrules.audit.documents import as_written, names_in
from jfsrules.audit.entries import read_entry, read_record
from jfsrules.audit.ledger import Ledger, Receipt
from jfsrules.decision import Json
from jfsrules.errors import LedgerError


def prune(ledger: Ledger, before: str) -> Receipt:
    """Delete what was decided in entries dated before a day; raises LedgerError where there is
    nothing to delete."""
    store = ledger.store
    with store.appending():
        through = _last_before(ledger, before)
        records, decisions = _counted(ledger, through)
        if not records:
            raise LedgerError(f"no decision of `{store.name}` was logged before {before}")
        about: dict[str, Json] = {
            "before": before,
            "through": through,
            "records": records,
            "decisions": decisions,
        }
        receipt = ledger.link("prune", [], [], about)
        kept = _named(ledger, through + 1, receipt.seq)
        store.unguard("records", "contents")
        store.delete_records(through)
        store.delete_contents(kept)
        store.guard("records", "contents")
    ledger.forget()
    store.compact()
    return receipt


def pruned_places(ledger: Ledger, before: str) -> list[At]:
    """Where the decisions stand that were logged before a day."""
    through = _last_before(ledger, before)
    places = [At(seq, pos) for seq, pos, _ in ledger.store.records(0, through)]
    for seq in dict.fromkeys(place.seq for place in places):
        if ledger.entry(seq).kind == "table":
            raise LedgerError(
                f"entry {seq} holds the rows of a table, which are too many for one bundle: keep a "
                "copy of the ledger, and prune without `--archive`"
            )
    return places


def _counted(ledger: Ledger, through: int) -> tuple[int, int]:
    """How many records stand under the entries up to one, and how many decisions those are: a
    record of a table stands for many rows."""
    records = decisions = 0
    kinds: dict[int, str] = {}
    for seq, _, body in ledger.store.records(0, through):
        if seq not in kinds:
            kinds = {seq: ledger.entry(seq).kind}
        records += 1
        decisions += rows.read_record(bytes(body))["count"] if kinds[seq] == "table" else 1
    return records, decisions


def _last_before(ledger: Ledger, before: str) -> int:
    last = 0
    for seq, body in ledger.store.entries():
        if read_entry(bytes(body))["time"] >= before:
            break
        last = seq
    return last


def _named(ledger: Ledger, first: int, last: int) -> set[str]:
    """The documents that the records from one entry to another name."""
    found: set[str] = set()
    profiles: set[str] = set()
    kinds = {seq: ledger.entry(seq).kind for seq in range(first, last + 1)}
    for seq, _, body in ledger.store.records(first, last):
        if kinds[seq] == "table":
            found |= set(rows.digests_in(rows.read_record(bytes(body))))
            continue
        record = read_record(bytes(body))
        found |= {record["decision"], record["rulebook"]["digest"]}
        profiles.add(record["profile"])
    return found.union(profiles, *(_named_by_profile(ledger, digest) for digest in profiles))


def _named_by_profile(ledger: Ledger, digest: str) -> set[str]:
    document = ledger.document(digest)
    with as_written(f"the document `{digest[:16]}…`"):
        return set(names_in(document)) if "grounds" in document else set()
