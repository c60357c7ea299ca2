"""What a decision was made of, as documents that are kept once, by digest; and back again.

A fact, a closed list and a citation are a document each; a profile names those it rests on by
digest. Knows nothing of ledgers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeVar

from jfsrules.citation import Citation
from jfsrules.condition import scalar
from jfsrules.decision import Decision, Json, canonical
from jfsrules.errors import LedgerError
from jfsrules.facts import (
    NOT_STATED,
    ClosedList,
    Fact,
    Ground,
    Profile,
    WrittenDate,
)
from jfsrules.rulebook import Rulebook
from jfsrules.vocabulary import Type, Value, Vocabulary

PROFILE: Final = "jfsrules/profile/1"
FACT: Final = "jfsrules/fact/1"
LIST: Final = "jfsrules/list/1"
CITATION: Final = "jfsrules/citation/1"
MALFORMED: Final = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    OverflowError,
)
MOST_REMEMBERED: Final = 50_000

Raw: TypeAlias = Mapping[str, Any]
Loads: TypeAlias = Callable[[str], Raw]
Source = TypeVar("Source", Fact, ClosedList, Citation)

NO_CITATIONS: Final[Mapping[str, Citation]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Case:
    """One decision, with what it was made of, and who asked for it if that was given.

    `citations` are the documents that facts and lists carry with them; others that they cite are
    among those of the rulebook.
    """

    decision: Decision
    profile: Profile
    rulebook: Rulebook
    citations: Mapping[str, Citation] = field(default_factory=lambda: NO_CITATIONS)
    asked_by: str | None = None


def digest_of(body: bytes) -> str:
    """The SHA-256 of a document's bytes, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


class Documents:
    """Writes documents, and remembers those of facts, lists and citations it met before."""

    def __init__(self) -> None:
        self._met: dict[int, tuple[object, str, bytes]] = {}

    def profile(self, case: Case) -> dict[str, bytes]:
        """The document of a case's profile (first) and those it names, each by its digest."""
        profile, named = case.profile, dict[str, bytes]()
        grounds: dict[str, Json] = {}
        keys: set[str] = set()
        for atom, ground in profile.grounds.items():
            if ground.facts or ground.closed_list:
                grounds[atom] = self._ground(ground, named, keys)
            elif ground.kind == "unknown" and ground.why != NOT_STATED.why:
                grounds[atom] = ground.why
        cited: dict[str, Json] = {}
        for key in sorted(keys):
            source = case.citations.get(key) or case.rulebook.citations.get(key)
            if source:
                cited[key] = self._name(source, _citation, named)
        whole = canonical(
            {
                "schema": PROFILE,
                "partner": profile.partner,
                "as_of": profile.as_of.isoformat(),
                "name": profile.name,
                "footnote": profile.footnote,
                "values": {atom: scalar(value) for atom, value in profile.values.items()},
                "grounds": grounds,
                "citations": cited,
            }
        )
        return {digest_of(whole): whole, **named}

    def _ground(self, ground: Ground, named: dict[str, bytes], keys: set[str]) -> Json:
        body: dict[str, Json] = {"kind": ground.kind, "why": ground.why}
        if ground.facts:
            body["facts"] = [self._name(fact, _fact, named) for fact in ground.facts]
            for fact in ground.facts:
                keys.update(fact.cites)
        if ground.closed_list:
            body["list"] = self._name(ground.closed_list, _list, named)
            keys.update(ground.closed_list.cites)
        return body

    def _name(
        self, source: Source, write: Callable[[Source], Json], named: dict[str, bytes]
    ) -> str:
        """The digest of a document, which is written where it was not met before."""
        met = self._met.get(id(source))
        if met is None:
            body = canonical(write(source))
            met = (source, digest_of(body), body)
            if len(self._met) >= MOST_REMEMBERED:
                self._met.clear()
            self._met[id(source)] = met
        named[met[1]] = met[2]
        return met[1]


def _fact(fact: Fact) -> Json:
    return {
        "schema": FACT,
        "id": fact.id,
        "atom": fact.atom,
        "value": scalar(fact.value),
        "since": str(fact.since),
        "until": str(fact.until) if fact.until else None,
        "cites": list(fact.cites),
        "confidence": fact.confidence,
        "note": fact.note,
        "disputed": list(fact.disputed),
    }


def _list(one: ClosedList) -> Json:
    return {
        "schema": LIST,
        "id": one.id,
        "atom": one.atom,
        "absent": scalar(one.absent),
        "complete_from": one.complete_from.isoformat(),
        "vouched_until": one.vouched_until.isoformat(),
        "cites": list(one.cites),
        "confidence": one.confidence,
        "note": one.note,
    }


def _citation(one: Citation) -> Json:
    texts = ("id", "document", "publisher", "date", "locator", "address", "note")
    return {"schema": CITATION} | {name: getattr(one, name) for name in texts}


@contextmanager
def as_written(what: str) -> Iterator[None]:
    """Raise LedgerError where something that is kept turns out not to be made as it should be.

    A ledger may come from anybody: whatever its documents hold, each wrong one gets a sentence.
    """
    try:
        yield
    except MALFORMED as error:
        more = "`jfsrules audit verify` and `replay` say more"
        raise LedgerError(f"{what} is not made as jfsrules makes it: {more}") from error


def names_in(profile: Raw) -> Iterator[str]:
    """The digests that a profile's document names."""
    for ground in profile["grounds"].values():
        if not isinstance(ground, str):
            yield from ground.get("facts", ())
            if "list" in ground:
                yield ground["list"]
    yield from profile["citations"].values()


def profile_from(document: Raw, loads: Loads, vocabulary: Vocabulary) -> Profile:
    """A profile made again; `loads` gives the document of a digest."""
    atoms = vocabulary.atoms
    return Profile(
        document["partner"],
        date.fromisoformat(document["as_of"]),
        {atom: _value(raw, atoms[atom]) for atom, raw in document["values"].items()},
        {atom: _ground(raw, loads, atoms) for atom, raw in document["grounds"].items()},
        document["name"],
        document["footnote"],
    )


def _value(raw: Any, type_: Type) -> Value:
    return date.fromisoformat(raw) if type_.kind == "date" else raw


def _ground(raw: Any, loads: Loads, atoms: Mapping[str, Type]) -> Ground:
    if isinstance(raw, str):
        return Ground("unknown", raw)
    facts = tuple(_fact_from(loads(digest), atoms) for digest in raw.get("facts", ()))
    listed = _list_from(loads(raw["list"]), atoms) if "list" in raw else None
    return Ground(raw["kind"], raw["why"], facts, listed)


def _fact_from(raw: Raw, atoms: Mapping[str, Type]) -> Fact:
    return Fact(
        raw["id"],
        raw["atom"],
        _value(raw["value"], atoms[raw["atom"]]),
        WrittenDate.parse(raw["since"]),
        WrittenDate.parse(raw["until"]) if raw["until"] else None,
        tuple(raw["cites"]),
        raw["confidence"],
        raw["note"],
        tuple(raw["disputed"]),
    )


def _list_from(raw: Raw, atoms: Mapping[str, Type]) -> ClosedList:
    return ClosedList(
        raw["id"],
        raw["atom"],
        _value(raw["absent"], atoms[raw["atom"]]),
        date.fromisoformat(raw["complete_from"]),
        date.fromisoformat(raw["vouched_until"]),
        tuple(raw["cites"]),
        raw["confidence"],
        note=raw["note"],
    )


def citation_from(raw: Raw) -> Citation:
    """A citation made again."""
    return Citation(**{name: value for name, value in raw.items() if name != "schema"})
