"""The links of the chain: entries, and the records of single decisions under them.

An entry carries the hash of the one before it, and of one further back, so that the way from any
entry back to any other takes few links. Knows nothing of databases.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, Literal, TypeAlias

from jfsrules.audit.documents import Case
from jfsrules.decision import Json, canonical

ENTRY: Final = "jfsrules/ledger-entry/1"
RECORD: Final = "jfsrules/record/1"
BEFORE_ALL: Final = "0" * 64
PAYLOAD_TYPE: Final = "application/vnd.jfsrules.ledger-entry+json"

EntryKind: TypeAlias = Literal["opening", "decisions", "table", "keys", "prune"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of a ledger's chain: `count` records under one Merkle root.

    `keys` is the entry that says which keys sign from then on (an entry of kind `opening` or `keys`
    names itself). `about` says what an entry without records does, or what its records share.
    """

    ledger: str
    seq: int
    prev: str
    back: str
    time: str
    kind: EntryKind
    keys: int
    count: int
    root: str
    about: Mapping[str, Json]

    def body(self) -> bytes:
        """The canonical bytes: what is hashed, and what is signed."""
        parts: dict[str, Json] = {name: getattr(self, name) for name in _PARTS}
        return canonical({"schema": ENTRY, **parts})

    @classmethod
    def read(cls, body: bytes) -> Entry:
        """An entry from its bytes; ValueError where they are none."""
        raw = read_entry(body)
        return cls(**{name: raw[name] for name in _PARTS})


_PARTS: Final = {
    "ledger": str,
    "seq": int,
    "prev": str,
    "back": str,
    "time": str,
    "kind": str,
    "keys": int,
    "count": int,
    "root": str,
    "about": dict,
}
_NAMES: Final = frozenset(["schema", *_PARTS])
_KINDS: Final = tuple(_PARTS.values())
_parts: Final = itemgetter(*_PARTS)
_decode: Final = json.JSONDecoder().raw_decode


def _read(body: bytes) -> Any:
    """JSON from its bytes, with nothing after it."""
    text = body.decode()
    found, end = _decode(text)
    if end != len(text):
        raise ValueError("there is more than JSON")
    return found


def read_entry(body: bytes) -> dict[str, Any]:
    """The parts of an entry, from its bytes; ValueError where they are none."""
    try:
        raw = _read(body)
    except (UnicodeError, RecursionError) as error:
        raise ValueError("this is not JSON") from error
    if not isinstance(raw, dict) or raw.keys() != _NAMES or raw["schema"] != ENTRY:
        raise ValueError("this is no entry")
    if tuple(map(type, _parts(raw))) != _KINDS:
        raise ValueError("this is no entry")
    return raw


def hash_of(body: bytes) -> str:
    """The hash by which the next entries, and an exported head, know an entry."""
    return hashlib.sha256(body).hexdigest()


@lru_cache(8)
def back_of(seq: int) -> int:
    """The entry that `back` points to: the number less the last term of its skew-binary form, in
    which every term is the largest 2ⁿ − 1 that still fits.

    >>> [back_of(n) for n in range(1, 8)]
    [0, 1, 0, 3, 4, 3, 0]
    """
    rest, term = seq, 0
    while rest:
        term = (1 << ((rest + 1).bit_length() - 1)) - 1
        rest -= term
    return seq - term


def way(head: int, seq: int) -> Iterator[int]:
    """The entries on the short way back from `head` to `seq`, both included.

    >>> list(way(1000, 700))
    [1000, 997, 994, 987, 956, 893, 766, 765, 764, 701, 700]
    """
    yield head
    while head > seq:
        head = back_of(head) if back_of(head) >= seq else head - 1
        yield head


def record(case: Case, profile: str, digest: str) -> bytes:
    """The canonical bytes of the record of one decision: what a leaf of the tree is made of.

    `profile` and `digest` are those of the profile's document and of the decision. The salt makes
    each record one of its kind, and its hash tell nothing once it is pruned. Who asked is kept only
    where it was given.
    """
    decision = case.decision
    body: dict[str, Json] = {
        "schema": RECORD,
        "partner": decision.partner.code,
        "as_of": decision.as_of,
        "tier": decision.tier,
        "engine": decision.engine,
        "version": version(),
        "rulebook": {
            "name": decision.rulebook.name,
            "version": decision.rulebook.version,
            "digest": decision.rulebook.digest,
        },
        "profile": profile,
        "decision": digest,
        "salt": secrets.token_hex(16),
    }
    if case.asked_by is not None:
        body["asked_by"] = case.asked_by
    return canonical(body)


def version() -> str:
    """The version of this package, as records name it."""
    import jfsrules

    return jfsrules.__version__


Record: TypeAlias = Mapping[str, Any]
_texts: Final = itemgetter("partner", "as_of", "tier", "engine", "version", "profile", "decision")
_of_book: Final = itemgetter("name", "version", "digest")
_WIDTH: Final = 32


def read_record(body: bytes) -> Record:
    """A record from its bytes; ValueError where they are none."""
    try:
        raw = _read(body)
        book = raw["rulebook"]
        texts = (*_texts(raw), *_of_book(book))
        digests = raw["profile"] + raw["decision"] + book["digest"]
        if raw["schema"] != RECORD or set(map(type, texts)) != {str}:
            raise ValueError("this is no record")
        if not len(raw["profile"]) == len(raw["decision"]) == len(book["digest"]) == 2 * _WIDTH:
            raise ValueError("this is no digest")
        if len(bytes.fromhex(digests)) != 3 * _WIDTH:
            raise ValueError("this is no digest")
    except (UnicodeError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no record") from error
    found: Record = raw
    return found
