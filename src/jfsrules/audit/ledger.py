"""The ledger of decisions: an append-only chain of entries, each over one or many decisions.

Knows no SQL, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from jfsrules.audit import merkle
from jfsrules.audit.documents import Case, Documents, digest_of
from jfsrules.audit.entries import (
    BEFORE_ALL,
    Entry,
    EntryKind,
    back_of,
    hash_of,
    read_record,
    record,
    version,
)
from jfsrules.audit.head import Head, Receipt, as_told
from jfsrules.audit.kept_rows import KeptRows
from jfsrules.audit.signing import PublicKey, Signer
from jfsrules.audit.spool import Spool
from jfsrules.audit.store import Store, open_store, pack
from jfsrules.audit.tracing import traced
from jfsrules.decision import Json, canonical
from jfsrules.errors import LedgerError

if TYPE_CHECKING:
    from jfsrules.rulebook import Rulebook

__all__ = ["OPENING", "Head", "Ledger", "Receipt", "append", "append_many"]

OPENING: Final = 1
MOST_KEPT: Final = 100_000


class Ledger:
    """An open ledger. Use it with `with`, or close it."""

    def __init__(
        self,
        store: Store,
        signer: Signer | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.store = store
        self.signer = signer
        self._clock = clock
        self._documents = Documents()
        self._kept: set[str] = set()
        self._kept_at: object = None
        self.rows = KeptRows(store, self.document)

    @classmethod
    def open(
        cls, where: str, *, write: bool = False, create: bool = False, signer: Signer | None = None
    ) -> Self:
        """Open the ledger in a file or at a `postgresql://…` address; raises LedgerError.

        `create` begins one where there is none; its first entry says by which key it is signed.
        """
        ledger = cls(open_store(where, write=write, create=create), signer)
        if create and ledger.store.last() is None:
            ledger.begin()
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file or connection."""
        self.store.close()

    # --- reading ----------------------------------------------------------------------------

    def head(self) -> Head:
        """Where the ledger stands; raises LedgerError where it has no entry."""
        body = self.store.last()
        if body is None:
            raise LedgerError(f"the ledger `{self.store.name}` is empty")
        return Head(self._read(body).seq, hash_of(body))

    def entry(self, seq: int) -> Entry:
        """One entry; raises LedgerError where there is none."""
        body = self.store.entry(seq)
        if body is None:
            raise LedgerError(f"`{self.store.name}` has no entry {seq}")
        return self._read(body)

    def record(self, seq: int, pos: int = 0) -> Mapping[str, Any]:
        """The record of one decision; of a row of a table what was given and answered. Raises
        LedgerError where there is none."""
        if self.entry(seq).kind == "table":
            return self.rows.row(seq, pos)
        body = self.store.record(seq, pos)
        if body is None:
            raise LedgerError(
                f"`{self.store.name}` has no decision {seq}.{pos}{self._why_none(seq)}"
            )
        try:
            return read_record(body)
        except ValueError as error:
            raise LedgerError(f"the record of decision {seq}.{pos} was changed: {error}") from error

    def _why_none(self, seq: int) -> str:
        """What to add where there is no decision: what the entry is, or which one let it go."""
        kept = self.entry(seq)
        if not kept.count:
            return f": entry {seq} is no decision, but `{kept.kind}`"
        for number, body in self.store.entries(seq + 1):
            entry = self._read(bytes(body))
            through = entry.about.get("through")
            if entry.kind == "prune" and isinstance(through, int) and through >= seq:
                return f": it was pruned by entry {number}"
        return ""

    def document(self, digest: str) -> Any:
        """A document by its digest; raises LedgerError where it is not kept, or not whole."""
        import json

        try:
            body = self.store.content(digest)
        except ValueError as error:
            raise LedgerError(f"the document `{digest[:16]}…` was changed: {error}") from error
        if body is None:
            raise LedgerError(f"the document `{digest[:16]}…` is not kept in `{self.store.name}`")
        if digest_of(body) != digest:
            raise LedgerError(f"the document `{digest[:16]}…` was changed")
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise LedgerError(f"the document `{digest[:16]}…` is none that jfsrules wrote")
        return found

    def keys(self) -> Mapping[str, str]:
        """The public keys that may sign the next entry, by their ids; none for a ledger that is
        not signed."""
        return self._keys_at(self._last().keys)

    def _keys_at(self, seq: int) -> Mapping[str, str]:
        keys = self.entry(seq).about.get("keys")
        if not isinstance(keys, dict):
            raise LedgerError(f"entry {seq} of `{self.store.name}` states no keys")
        return keys  # type: ignore[return-value]

    def _read(self, body: bytes) -> Entry:
        try:
            return Entry.read(body)
        except ValueError as error:
            message = f"an entry of `{self.store.name}` was changed: {error}"
            raise LedgerError(f"{message}; `jfsrules audit verify` says which") from error

    def _last(self) -> Entry:
        return self.entry(self.head().seq)

    # --- appending --------------------------------------------------------------------------

    @traced("jfsrules.ledger.append", as_told)
    def append(self, case: Case) -> Receipt:
        """Append one decision, as one entry. All of it is kept, or nothing."""
        documents = self._documents.profile(case)
        whole = case.decision.canonical()
        digest = digest_of(whole)
        body = record(case, next(iter(documents)), digest)
        documents[digest] = whole
        with self.appending():
            self._add_documents(documents, case.rulebook)
            return self.link("decisions", [merkle.leaf(body)], [body])

    @traced("jfsrules.ledger.append", as_told)
    def append_many(
        self, cases: Iterable[Case], about: Mapping[str, Json] | None = None
    ) -> Receipt:
        """Append many decisions as one entry, a Merkle tree over all of them.

        They are gathered aside, so that others can append meanwhile, and kept in one transaction.
        """
        with Spool() as spool:
            books: dict[str, Rulebook] = {}
            for case in cases:
                books[case.rulebook.digest] = case.rulebook
                documents = self._documents.profile(case)
                whole = case.decision.canonical()
                digest = digest_of(whole)
                body = record(case, next(iter(documents)), digest)
                spool.record(body, merkle.leaf(body))
                spool.documents(documents)
                spool.document(digest, whole)
            with self.appending():
                self.keep(books.values())
                self.store.add_contents(spool.packed())
                return self.link("decisions", spool.leaves, spool.records(), about)

    @contextmanager
    def appending(self) -> Iterator[None]:
        """A transaction; where it fails, nothing is known to be kept any more."""
        try:
            with self.store.appending():
                yield
        except BaseException:
            self.forget()
            raise

    def keep(self, books: Iterable[Rulebook]) -> None:
        """Keep the content of rulebooks, inside `appending`."""
        for book in books:
            self._add_documents({}, book)

    def _add_documents(self, documents: Mapping[str, bytes], book: Rulebook) -> None:
        """Keep documents that are not kept yet, and the content of the rulebook."""
        unsure = {*documents, book.digest} - self._surely_kept()
        missing = self.store.missing(unsure)
        new = {digest: documents[digest] for digest in missing if digest != book.digest}
        if book.digest in missing:
            from jfsrules.loading.fingerprint import content

            new[book.digest] = canonical(content(book))
        self.store.add_contents((digest, pack(body)) for digest, body in new.items())
        self._kept |= unsure

    def forget(self) -> None:
        """Hold nothing for kept any more: documents were deleted."""
        self._kept_at = None
        self.rows.forget()

    def _surely_kept(self) -> set[str]:
        """Documents that this ledger saw kept, while nobody else wrote (and so none was pruned)."""
        version = self.store.version()
        if version is None or version != self._kept_at or len(self._kept) > MOST_KEPT:
            self._kept, self._kept_at = set(), version
        return self._kept

    def begin(self) -> None:
        """Write the first entry of an empty ledger, which says by which key it is signed."""
        import secrets

        with self.store.appending():
            if self.store.last() is not None:
                return
            keys: dict[str, Json] = {}
            if self.signer:
                keys[self.signer.public.keyid] = self.signer.public.text()
            about: dict[str, Json] = {"by": version(), "keys": keys}
            ledger, time = secrets.token_hex(16), self._now("")
            nothing = merkle.EMPTY.hex()
            self._add(
                Entry(
                    ledger,
                    OPENING,
                    BEFORE_ALL,
                    BEFORE_ALL,
                    time,
                    "opening",
                    OPENING,
                    0,
                    nothing,
                    about,
                )
            )

    def change_keys(self, keys: Iterable[PublicKey]) -> Receipt:
        """State which public keys sign from now on; signed by one of those that sign until now.

        A ledger that was not signed becomes so, by one of the new keys.
        """
        stated: dict[str, Json] = {key.keyid: key.text() for key in keys}
        with self.store.appending():
            last = self._last()
            now = self._keys_at(last.keys)
            if now and not stated:
                raise LedgerError("a ledger that is signed cannot go on without a key")
            if not now and self.signer and self.signer.public.keyid not in stated:
                raise LedgerError("the first key of a ledger must sign its own entry")
            return self.link("keys", [], [], {"keys": stated})

    def link(
        self,
        kind: EntryKind,
        leaves: Iterable[bytes],
        records: Iterable[bytes],
        about: Mapping[str, Json] | None = None,
    ) -> Receipt:
        """Add the next link of the chain, inside a transaction."""
        before = self.store.last()
        if before is None:
            raise LedgerError(f"the ledger `{self.store.name}` is empty")
        last = self._read(before)
        seq, hashes = last.seq + 1, list(leaves)
        entry = Entry(
            ledger=last.ledger,
            seq=seq,
            prev=hash_of(before),
            back=self._hash(back_of(seq), last.seq, before),
            time=self._now(last.time),
            kind=kind,
            keys=seq if kind == "keys" else last.keys,
            count=len(hashes),
            root=merkle.root(hashes).hex(),
            about=about or {},
        )
        self.store.add_records((seq, pos, body) for pos, body in enumerate(records))
        return self._add(entry, last.keys)

    def _add(self, entry: Entry, keys: int | None = None) -> Receipt:
        body = entry.body()
        self.store.add_entry(entry.seq, body)
        required = self._keys_at(entry.keys if keys is None else keys)
        if not required and entry.kind == "keys":
            required = entry.about["keys"]  # type: ignore[assignment]
        if required:
            signer = self._signer(required)
            self.store.add_signatures([(entry.seq, signer.public.keyid, signer.sign(body))])
        return Receipt(self.store.name, entry.seq, entry.count, Head(entry.seq, hash_of(body)))

    def refuse_unsigned(self) -> None:
        """Raise LedgerError where the next entry could not be signed as it must be."""
        required = self.keys()
        if required:
            self._signer(required)

    def _signer(self, required: Mapping[str, Json]) -> Signer:
        if self.signer is None:
            raise LedgerError(
                f"the entries of `{self.store.name}` are signed: name the key with `--sign-with`, "
                "or in JFSRULES_SIGNING_KEY"
            )
        keyid = self.signer.public.keyid
        if keyid not in required:
            raise LedgerError(f"`{self.store.name}` does not take entries signed by key `{keyid}`")
        return self.signer

    def _hash(self, seq: int, last: int, before: bytes) -> str:
        if seq == 0:
            return BEFORE_ALL
        body = before if seq == last else self.store.entry(seq)
        if body is None:
            raise LedgerError(f"entry {seq} of `{self.store.name}` is gone")
        return hash_of(body)

    def _now(self, last: str) -> str:
        """The time, never before that of the last entry, whatever the clock says."""
        now = self._clock().astimezone(UTC).isoformat(timespec="microseconds")
        return max(now.replace("+00:00", "Z"), last)


def append(where: str, cases: Iterable[Case], *, sign_with: str | None = None) -> Receipt:
    """Append some decisions to a ledger, as one entry; it is made where there is none.

    Signs with the private key in a file, or with that of the environment. Raises LedgerError.
    """
    from jfsrules.audit.signing import load_signer

    with Ledger.open(where, create=True, signer=load_signer(sign_with)) as ledger:
        return ledger.append_many(cases)


append_many = append
