"""Facts about no single partner, from their files, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jfsrules.citation import Citation
from jfsrules.errors import Diagnostic, Refused, did_you_mean
from jfsrules.facts import Confidence, WrittenDate
from jfsrules.loading.cited import cited
from jfsrules.loading.folders import entries, files
from jfsrules.loading.rulebooks import Words, load_words
from jfsrules.loading.values import date_of
from jfsrules.shapes import EuFactShape
from jfsrules.shipped import shipped
from jfsrules.span import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class EuFact:
    """A sentence about the Union or a group of partners that held for some time."""

    id: str
    says: str
    since: WrittenDate | None
    until: WrittenDate | None
    cites: tuple[str, ...]
    confidence: Confidence
    note: str | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class EuFacts:
    """Every fact about no single partner, and the documents written out with them."""

    facts: tuple[EuFact, ...]
    citations: Mapping[str, Citation]


def load_eu_facts(folder: Path | None = None, *, words: Words | None = None) -> EuFacts:
    """Load the facts about no single partner, shipped or of a folder; raises Refused."""
    words = words or load_words()
    wrong: list[Diagnostic] = []
    citations: dict[str, Citation] = {}
    found: dict[str, EuFact] = {}
    for path in files(folder or shipped("cases", "eu")):
        for _, raw, place in entries(path, (list, EuFactShape), wrong):
            fact = _fact(raw, place, citations, wrong)
            if fact.id in found:
                wrong.append(_twice(fact, found[fact.id]))
            found[fact.id] = fact
            wrong += _uncited(fact, {*words.citations, *words.passages, *citations})
    if wrong:
        raise Refused(wrong)
    return EuFacts(tuple(found.values()), MappingProxyType(citations))


def _fact(
    raw: dict[str, Any], place: Place, citations: dict[str, Citation], wrong: list[Diagnostic]
) -> EuFact:
    since, until = (
        None if raw.get(name) is None else date_of(raw[name], name, place.at(name), wrong)
        for name in ("from", "until")
    )
    if since and until and until.last <= since.first:
        message = f"`{raw['id']}` ends in `{until}`, but begins in `{since}`"
        wrong.append(Diagnostic("end-before-start", message, place.at("until").span))
    cites = cited(raw["cites"], raw["id"], place.at("cites"), citations, wrong)
    return EuFact(
        raw["id"], raw["says"], since, until, cites, raw["confidence"], raw.get("note"), place
    )


def _twice(fact: EuFact, first: EuFact) -> Diagnostic:
    span = first.place.at("id").span
    return Diagnostic(
        "duplicate-id",
        f"two facts are called `{fact.id}`",
        fact.place.at("id").span,
        "give one of them another id",
        (("the first one", span),) if span else (),
    )


def _uncited(fact: EuFact, known: set[str]) -> list[Diagnostic]:
    return [
        Diagnostic(
            "unknown-citation",
            f"there is no citation or passage `{key}`",
            fact.place.at("cites", at).span,
            did_you_mean(key, known) or "add it to `citations.yaml`, or write it out here",
        )
        for at, key in enumerate(fact.cites)
        if key not in known
    ]
