"""What a batch logs, in files beside its output until all of it is appended to the ledger.

A piece holds the records and documents of one chunk of the batch. Knows no dataframes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from jfsrules.audit.entries import Entry, EntryKind
from jfsrules.audit.ledger import Ledger, Receipt
from jfsrules.audit.merkle import leaf, root
from jfsrules.decision import Json
from jfsrules.rulebook import Rulebook

FRAME: Final = struct.Struct(">c32sI")
DOCUMENT: Final = b"d"
MARKS: Final[Mapping[EntryKind, bytes]] = {"table": b"t", "decisions": b"c"}
NO_DIGEST: Final = bytes(32)

Part: TypeAlias = tuple[bytes, bytes, bytes]


def document(digest: str, packed: bytes) -> Part:
    """A document of a piece."""
    return DOCUMENT, bytes.fromhex(digest), packed


def record(kind: EntryKind, body: bytes) -> Part:
    """A record of a piece."""
    return MARKS[kind], NO_DIGEST, body


def write(path: Path, parts: Iterable[Part]) -> None:
    """Write a piece."""
    with path.open("wb") as file:
        for mark, digest, body in parts:
            file.write(FRAME.pack(mark, digest, len(body)))
            file.write(body)


def read(path: Path, *marks: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The parts of a piece that have one of these marks: digest and body."""
    with path.open("rb") as file:
        while head := file.read(FRAME.size):
            mark, digest, size = FRAME.unpack(head)
            if mark in marks:
                yield digest, file.read(size)
            else:
                file.seek(size, 1)


def rows_in(paths: Iterable[Path]) -> int:
    """How many rows of tables the pieces hold."""
    bodies = (body for path in paths for _, body in read(path, MARKS["table"]))
    return sum(json.loads(body)["count"] for body in bodies)


def append(
    ledger: Ledger,
    paths: Sequence[Path],
    books: Iterable[Rulebook],
    about: Mapping[str, Json] | None = None,
    *,
    again: bool = False,
) -> list[Receipt]:
    """Append all pieces of a batch in one transaction: an entry for the rows of tables, one for
    whole decisions. With `again`, what an interrupted run appended already is found, and not
    appended twice."""
    hashes = {kind: [leaf(body) for body in _records(paths, kind)] for kind in MARKS}
    with ledger.appending():
        if again:
            found = list(_appended(ledger, {root(h).hex() for h in hashes.values() if h}))
            if found:
                return found
        ledger.keep(books)
        packed = (part for path in paths for part in read(path, DOCUMENT))
        ledger.store.add_contents((digest.hex(), body) for digest, body in packed)
        return [
            ledger.link(kind, leaves, _records(paths, kind), about)
            for kind, leaves in hashes.items()
            if leaves
        ]


def _records(paths: Iterable[Path], kind: EntryKind) -> Iterator[bytes]:
    return (body for path in paths for _, body in read(path, MARKS[kind]))


def _appended(ledger: Ledger, roots: set[str]) -> Iterator[Receipt]:
    """The entries over some roots. Every section has a seed of its own, and every record a salt:
    equal roots are the same batch."""
    from jfsrules.audit.entries import hash_of
    from jfsrules.audit.ledger import Head

    for seq, kept in ledger.store.entries():
        body = bytes(kept)
        if any(one.encode() in body for one in roots):
            entry = Entry.read(body)
            if entry.root in roots:
                yield Receipt(ledger.store.name, seq, entry.count, Head(seq, hash_of(body)))
