"""Whether a ledger is whole: chain, trees, documents, signatures, and the head kept elsewhere.

Names the first entry that is broken, and what was changed. Decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from jfsrules.audit import merkle
from jfsrules.audit.checking import Beside, KeysInForce, Raw
from jfsrules.audit.documents import MALFORMED, digest_of, names_in
from jfsrules.audit.entries import BEFORE_ALL, back_of, hash_of, read_entry, read_record
from jfsrules.audit.ledger import OPENING, Head, Ledger
from jfsrules.audit.row_checking import RowCheck
from jfsrules.audit.rows import digests_in
from jfsrules.audit.signing import PublicKey
from jfsrules.audit.store import TABLES, Row, unpack
from jfsrules.audit.tracing import Told, traced
from jfsrules.errors import LedgerError

MOST_FAULTS: Final = 100
FIRST, LAST = -(2**63), 2**63 - 1  # the numbers that the tables can hold at all


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something that is not as it was logged: at which entry, and what was changed."""

    seq: int
    says: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a check of a ledger found. `notes` say what was not checked, and why."""

    head: Head | None
    entries: int
    decisions: int
    documents: int
    signed: int
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is broken."""
        return not self.faults

    def told(self) -> Told:
        """It as a span tells it."""
        names = ("entries", "decisions", "whole")
        return {name: getattr(self, name) for name in names}


@traced("jfsrules.audit.verify", Report.told)
def verify(
    ledger: Ledger,
    keys: Sequence[PublicKey] = (),
    head: Head | None = None,
    *,
    unsigned: bool = False,
) -> Report:
    """Check a ledger from its first entry to its last.

    `keys` are public keys to trust: every entry must be signed by one of them, or by one that an
    entry signed so introduced. Without keys, signatures are not checked, which is a fault unless
    `unsigned` says that this is meant. `head` is one that was kept elsewhere.
    """
    with ledger.store.reading():
        known_keys(ledger, keys)
        return _Check(ledger, keys, head, unsigned).report()


def known_keys(ledger: Ledger, keys: Sequence[PublicKey]) -> None:
    """Raise LedgerError where some keys are given and the ledger knows none of them."""
    stated = stated_keys(ledger)
    if stated and keys and not stated & {key.keyid for key in keys}:
        given = ", ".join(f"`{key.keyid}`" for key in keys)
        known = ", ".join(f"`{keyid}`" for keyid in sorted(stated))
        raise LedgerError(
            f"wrong key: {given} signs nothing here; the keys of the ledger are {known}"
        )


def stated_keys(ledger: Ledger) -> set[str]:
    """The ids of every key that an entry states; none where they cannot be read."""
    found: set[str] = set()
    try:
        entry = ledger.entry(ledger.entry(ledger.head().seq).keys)
        while True:
            found |= set(entry.about["keys"])  # type: ignore[arg-type]
            if entry.seq <= OPENING:
                return found
            before = ledger.entry(ledger.entry(entry.seq - 1).keys)
            if before.seq >= entry.seq:
                return set()
            entry = before
    except (LedgerError, KeyError, TypeError, RecursionError):
        return set()


@dataclass
class _Check:
    ledger: Ledger
    trusted: Sequence[PublicKey]
    head: Head | None
    unsigned: bool
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    named: dict[str, int] = field(default_factory=dict)
    profiles: set[str] = field(default_factory=set)
    emptied: list[int] = field(default_factory=list)
    filled: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=lambda: [0])
    flooded: bool = False
    pruned: int = 0
    entries: int = 0
    decisions: int = 0
    keys: KeysInForce = field(init=False)
    rows: RowCheck = field(init=False)

    def __post_init__(self) -> None:
        self.rows = RowCheck(self.fault, self.ledger.document)
        self.keys = KeysInForce(self.trusted, self.fault)

    def report(self) -> Report:
        """Everything, in one pass over the entries and one over the documents."""
        standing = self.ledger.store.guards()
        for table in TABLES:
            if not {f"{table}_update", f"{table}_delete"} <= standing:
                self.fault(0, f"the triggers that keep `{table}` from being changed are gone")
        for name in sorted(self.ledger.store.strangers()):
            self.fault(0, f"`{name}` was put into the database: a ledger has no such part")
        last = self.chain()
        self.taken_out()
        documents = self.documents()
        self.against_head(last)
        self.signatures_said()
        if self.flooded:
            self.notes.append(f"there are more faults: these are the first {MOST_FAULTS}")
        return Report(
            last,
            self.entries,
            self.decisions,
            documents,
            self.keys.signed,
            tuple(self.first_faults()),
            tuple(self.notes),
        )

    def fault(self, seq: int, says: str) -> None:
        """Note one fault; of a flood, those of the first entries are kept."""
        self.faults.append(Fault(seq, says))
        if len(self.faults) > 2 * MOST_FAULTS:
            self.faults = self.first_faults()
            self.flooded = True

    def first_faults(self) -> list[Fault]:
        """The faults of the first entries, in order, each once; those of no entry go first when
        there are too many, so that what they came of is not hidden by them."""
        kept = sorted(set(self.faults), key=lambda fault: (fault.seq == 0, fault))
        return sorted(kept[:MOST_FAULTS])

    # --- the chain --------------------------------------------------------------------------

    def chain(self) -> Head | None:
        """Every entry with its links, its records and its signatures."""
        store = self.ledger.store
        records, signatures = Beside(store.records(FIRST, LAST)), Beside(store.signatures(FIRST))
        behind: list[tuple[int, str]] = []  # the way back from the last entry, each with its hash
        before: Raw | None = None
        for seq, kept in store.entries(FIRST):
            body = bytes(kept)
            self.entries += 1
            raw = self.read(seq, body)
            if raw is None:
                break
            self.strays(records, signatures, seq)
            prev = behind[-1][1] if behind else BEFORE_ALL
            back = back_of(seq)
            while behind and behind[-1][0] > back:
                behind.pop()
            self.links(raw, seq, before, (prev, behind[-1][1] if behind else BEFORE_ALL))
            self.leaves(raw, seq, records.take(seq))
            self.prunes(raw, seq)
            self.keys.check(raw, seq, body, signatures.take(seq))
            behind.append((seq, hash_of(body)))
            before = raw
        else:
            self.strays(records, signatures, LAST + 1)
        if not self.entries:
            self.fault(0, "the ledger has no entries")
        return Head(*behind[-1]) if behind else None

    def read(self, seq: int, body: bytes) -> Raw | None:
        """An entry; nothing, and a fault, where it is not one."""
        try:
            raw = read_entry(body)
        except ValueError:
            raw = {"seq": None}
        if raw["seq"] != seq:
            self.fault(seq, f"entry {seq} was changed: it is no entry any more")
        elif seq != self.entries:
            self.fault(self.entries, f"entry {self.entries} was taken out")
        else:
            return raw
        return None

    def links(self, raw: Raw, seq: int, before: Raw | None, hashes: tuple[str, str]) -> None:
        """An entry follows the one before it, and the one further back, which have these hashes."""
        prev, back = hashes
        if raw["ledger"] != (before or raw)["ledger"]:
            self.fault(seq, f"entry {seq} belongs to another ledger")
        if before and raw["time"] < before["time"]:
            self.fault(seq, f"entry {seq} is dated before entry {seq - 1}")
        if (seq == OPENING) != (raw["kind"] == "opening"):
            self.fault(seq, f"entry {seq} cannot be `{raw['kind']}`")
        if raw["prev"] != prev:
            self.fault(
                seq - 1,
                f"entry {seq - 1} is not the one that entry {seq} was chained to: "
                "one of the two was changed or replaced",
            )
        if raw["back"] != back:
            self.fault(
                seq,
                f"entry {seq} does not lead back to entry {back_of(seq)}: one of the two was changed",
            )

    def strays(self, records: Beside, signatures: Beside, seq: int) -> None:
        """Records and signatures that stand under no entry."""
        for row in records.before(seq):
            self.fault(row[0], f"the decision {row[0]}.{row[1]} stands under no entry")
        for row in signatures.before(seq):
            self.fault(row[0], f"a signature stands under entry {row[0]}, which there is not")

    def leaves(self, raw: Raw, seq: int, rows: list[Row]) -> None:
        """The records of an entry are those under its root."""
        count = raw["count"]
        if not rows and count:
            self.emptied.append(seq)
            return
        if rows:
            self.filled.append(seq)
        bodies = [bytes(row[2]) for row in rows]
        if len(rows) != count or [row[1] for row in rows] != list(range(count)):
            self.fault(seq, f"entry {seq} has {count:,} decisions, and {len(rows):,} are kept")
        elif merkle.root(map(merkle.leaf, bodies)).hex() != raw["root"]:
            self.fault(seq, f"a decision of entry {seq} was changed{_which(bodies)}")
        if raw["kind"] == "table":
            for record in self.rows.records(seq, bodies):
                self.decisions += record["count"]
                for name in digests_in(record):
                    self.named.setdefault(name, seq)
            return
        self.decisions += len(bodies)
        for body in bodies:
            try:
                record = read_record(body)
            except ValueError:
                self.fault(seq, f"a record of entry {seq} was changed: it is no record any more")
                continue
            names = (record["decision"], record["profile"], record["rulebook"]["digest"])
            self.profiles.add(names[1])
            for name in names:
                self.named.setdefault(name, seq)

    def prunes(self, raw: Raw, seq: int) -> None:
        """An entry that lets others go says up to which, and how many decisions that were."""
        self.totals.append(self.totals[-1] + raw["count"])
        if raw["kind"] != "prune":
            return
        through, gone = raw["about"].get("through"), raw["about"].get("records")
        if type(through) is not int or not self.pruned < through < seq:
            self.fault(seq, f"entry {seq} does not say which decisions it let go")
            return
        if gone != self.totals[through] - self.totals[self.pruned]:
            self.fault(seq, f"entry {seq} does not say how many decisions it let go")
        self.pruned = through

    def taken_out(self) -> None:
        """Entries without their records were pruned, and an entry says so; no other entry is."""
        for seq in self.emptied:
            if seq > self.pruned:
                self.fault(seq, f"the decisions of entry {seq} were taken out")
        for seq in self.filled:
            if seq <= self.pruned:
                self.fault(seq, f"the decisions of entry {seq} were pruned, and stand there again")
        if self.pruned and self.emptied:
            self.notes.append(
                f"pruned: the decisions of {len(self.emptied):,} of the entries up to {self.pruned} "
                "are no longer kept; their chain still is"
            )

    # --- documents --------------------------------------------------------------------------

    def documents(self) -> int:
        """Each document is the one its digest names; each that is named is there; no other is."""
        store = self.ledger.store
        for digest in self.profiles:
            for name in self.names(digest):
                self.named.setdefault(name, self.named[digest])
        wanted, count = dict(self.named), 0
        broken: list[tuple[int, str, str]] = []
        for key, packed in store.contents():
            count += 1
            digest = bytes(key).hex()
            seq = wanted.pop(digest, None)
            if seq is None:
                if digest not in self.named:
                    self.fault(
                        0, f"the document `{digest[:16]}…` stands there, and nothing names it"
                    )
            elif not self.same(packed, digest):
                broken.append((seq, digest, "changed"))
        broken += ((seq, digest, "taken out") for digest, seq in wanted.items())
        self.flooded |= len(broken) > MOST_FAULTS
        for seq, digest, became in sorted(broken)[:MOST_FAULTS]:
            self.fault(seq, f"the {self.kind(digest)} of entry {seq} was {became}")
        return count

    def names(self, digest: str) -> Iterator[str]:
        """The documents that a profile names; none where it is not readable (a fault elsewhere)."""
        try:
            body = self.ledger.store.content(digest)
            named = list(names_in(json.loads(body))) if body else []
            return iter([name for name in named if isinstance(name, str)])
        except MALFORMED:
            return iter(())

    def same(self, packed: bytes, digest: str) -> bool:
        """Whether a kept document is the one its digest names."""
        try:
            body = unpack(packed)
        except ValueError:
            return False
        return digest_of(body) == digest and self.rows.follows(digest, body)

    def kind(self, digest: str) -> str:
        """What a document is, to a person."""
        if digest in self.rows.sections:
            return self.rows.kind(digest)
        seq = self.named[digest]
        for _, _, body in self.ledger.store.records(seq, seq):
            try:
                record = read_record(bytes(body))
                names = {record["rulebook"]["digest"]: f"rulebook `{record['rulebook']['name']}`"}
                about = f"(`{record['partner']}`, {record['as_of']})"
                names |= {record[name]: f"{name} {about}" for name in ("decision", "profile")}
            except ValueError:
                continue
            if digest in names:
                return names[digest]
        return "fact, list or citation"

    # --- head and signatures ----------------------------------------------------------------

    def against_head(self, last: Head | None) -> None:
        """The head kept elsewhere is an entry of this chain."""
        if self.head is None:
            self.notes.append(
                "not checked against a head: entries cut off at the end would not show"
            )
            return
        body = self.ledger.store.entry(self.head.seq)
        if body is None:
            self.fault(
                (last.seq if last else 0) + 1,
                f"the ledger ends at entry {last.seq if last else 0}, and the head is entry "
                f"{self.head.seq}: entries were cut off",
            )
        elif hash_of(bytes(body)) != self.head.hash:
            self.fault(self.head.seq, f"entry {self.head.seq} is not the one that the head names")

    def signatures_said(self) -> None:
        """Say what was not checked about signatures; a fault unless that is meant."""
        if self.trusted:
            return
        words = "signatures not checked: no public key was given"
        if not self.keys.signed:
            words = "the entries are not signed"
        if self.unsigned:
            self.notes.append(words)
        else:
            self.fault(0, words)


def _which(bodies: list[bytes]) -> str:
    """Which decision it must be, where there is only one."""
    if len(bodies) != 1:
        return ""
    try:
        record = read_record(bodies[0])
        return f": it now reads `{record['partner']}`, {record['as_of']}, {record['tier']}"
    except ValueError:
        return ""
