"""Decisions taken out of a ledger with all it takes to verify them: links, proofs, documents.

A bundle is one canonical JSON document; beside it goes the verifier, which needs nothing of ours.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from jfsrules.audit import merkle
from jfsrules.audit.documents import as_written, names_in
from jfsrules.audit.entries import way
from jfsrules.audit.ledger import OPENING, Head, Ledger
from jfsrules.audit.rows import PAGE, digests_in
from jfsrules.decision import Json, canonical
from jfsrules.errors import LedgerError

FORM: Final = "jfsrules/bundle/1"
VERIFIER: Final = "verify_bundle.py"
BUNDLE: Final = "bundle.json"


class At(NamedTuple):
    """Where a decision stands in a ledger: its entry, and its place in it. Written `12.3`."""

    seq: int
    pos: int = 0

    def __str__(self) -> str:
        return f"{self.seq}.{self.pos}"

    @classmethod
    def read(cls, text: str) -> At:
        """A place as it is written, `12.3`, `12:3` or `12`; raises LedgerError."""
        seq, _, pos = text.replace(":", ".", 1).partition(".")
        if all(part.isascii() and part.isdigit() and len(part) < 19 for part in (seq, pos or "0")):
            return cls(int(seq), int(pos or "0"))
        raise LedgerError(f"`{text}` names no decision: write `12`, or `12.3` for one of several")


def bundle(ledger: Ledger, places: Iterable[At]) -> bytes:
    """The bundle of some decisions, up to the head; raises LedgerError where one is not kept."""
    with ledger.store.reading():
        return canonical(_bundle(ledger, sorted(set(places))))


def write(folder: Path, body: bytes) -> None:
    """Write a bundle into a folder, with its verifier."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / BUNDLE).write_bytes(body)
        (folder / VERIFIER).write_text(verifier(), "utf-8")
    except OSError as error:
        raise LedgerError(
            f"`{folder}` cannot be written: {(error.strerror or '').lower()}"
        ) from None


def write_text(path: Path, words: str) -> None:
    """Write a text into a file; raises LedgerError."""
    try:
        path.write_text(words, "utf-8")
    except OSError as error:
        raise LedgerError(f"`{path}` cannot be written: {(error.strerror or '').lower()}") from None


def verifier() -> str:
    """The text of the stand-alone verifier."""
    return files("jfsrules.audit.standalone").joinpath(VERIFIER).read_text("utf-8")


def _bundle(ledger: Ledger, places: list[At]) -> Json:
    if not places:
        raise LedgerError("there is no decision to export")
    head = ledger.head()
    contents: dict[str, Json] = {}
    decisions: list[Json] = []
    for seq in dict.fromkeys(place.seq for place in places):
        wanted = [place.pos for place in places if place.seq == seq]
        decisions += _decisions(ledger, seq, wanted, contents)
    return {
        "schema": FORM,
        "head": {"seq": head.seq, "hash": head.hash},
        "links": _links(ledger, head, {place.seq for place in places}),
        "decisions": decisions,
        "contents": contents,
    }


def _decisions(
    ledger: Ledger, seq: int, wanted: list[int], contents: dict[str, Json]
) -> Iterator[Json]:
    entry = ledger.entry(seq)
    bodies = [bytes(body) for _, _, body in ledger.store.records(seq, seq)]
    leaves = [merkle.leaf(body) for body in bodies]
    if merkle.root(leaves).hex() != entry.root:
        raise LedgerError(f"the decisions of entry {seq} were changed, or are no longer kept")
    if entry.kind == "table":
        yield from _rows(ledger, seq, wanted, leaves, contents)
        return
    for pos in wanted:
        if pos >= len(bodies):
            raise LedgerError(f"there is no decision {seq}.{pos}: entry {seq} has {len(bodies):,}")
        record = ledger.record(seq, pos)
        with as_written(f"the profile of decision {seq}.{pos}"):
            _add_contents(ledger, record, contents)
        proof: list[Json] = [one.hex() for one in merkle.path(leaves, pos)]
        yield {"seq": seq, "pos": pos, "record": dict(record), "proof": proof}


def _rows(
    ledger: Ledger, seq: int, wanted: list[int], leaves: list[bytes], contents: dict[str, Json]
) -> Iterator[Json]:
    """Rows of a table, each with the page it stands on."""
    for row in wanted:
        number, record = ledger.rows.at(seq, row)
        section = ledger.rows.section(seq, number)
        page = (row - record["first"]) // PAGE
        for digest in digests_in(record)[1:]:
            if digest not in contents:
                contents[digest] = ledger.document(digest)
        yield {
            "seq": seq,
            "pos": row,
            "section": number,
            "record": dict(record),
            "proof": [one.hex() for one in merkle.path(leaves, number)],
            "page": {
                "salt": section.salt(page).hex(),
                "body": base64.b64encode(section.page(page)).decode(),
                "proof": [one.hex() for one in merkle.path(section.leaves(), page)],
            },
        }


def _add_contents(ledger: Ledger, record: Mapping[str, Any], contents: dict[str, Json]) -> None:
    def add(digest: str) -> Any:
        if digest not in contents:
            contents[digest] = ledger.document(digest)
        return contents[digest]

    add(record["decision"])
    add(record["rulebook"]["digest"])
    for digest in names_in(add(record["profile"])):
        add(digest)


def _links(ledger: Ledger, head: Head, entries: set[int]) -> list[Json]:
    """The entries on the short way from the head down to each of some, to those that name their
    keys, and to the first."""
    stops = {head.seq, *entries, OPENING}
    keys = ledger.entry(head.seq).keys
    while keys > OPENING:
        stops.add(keys)
        before = ledger.entry(keys - 1).keys
        if before >= keys:
            raise LedgerError(f"entry {keys - 1} does not say by which keys it is signed")
        keys = before
    downward = sorted(stops, reverse=True)
    links = {head.seq}.union(*(way(above, below) for above, below in pairwise(downward)))
    return [_link(ledger, seq) for seq in sorted(links)]


def _link(ledger: Ledger, seq: int) -> Json:
    signatures: list[Json] = [
        {"keyid": keyid, "sig": base64.b64encode(bytes(made)).decode()}
        for _, keyid, made in ledger.store.signatures_of(seq)
    ]
    return {"entry": json.loads(ledger.entry(seq).body()), "signatures": signatures}
