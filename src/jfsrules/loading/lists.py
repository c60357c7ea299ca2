"""The closed lists and the knowledge date from their files, checked."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jfsrules.checks import list_faults
from jfsrules.citation import Citation
from jfsrules.errors import Diagnostic, Refused, did_you_mean
from jfsrules.facts import ClosedList, Lists
from jfsrules.loading.cited import cited
from jfsrules.loading.folders import document_of, entries, files
from jfsrules.loading.rulebooks import Words, load_words
from jfsrules.loading.stated import unknown_indicator
from jfsrules.loading.values import day_of, value_of
from jfsrules.shapes import KnowledgeDateShape, ListShape
from jfsrules.shipped import shipped
from jfsrules.span import Place
from jfsrules.vocabulary import AS_OF, PARTNER, Value, Vocabulary

KNOWLEDGE_DATE = "knowledge-date.yaml"


def load_lists(
    vocabulary: Vocabulary | None = None,
    folder: Path | None = None,
    *,
    words: Words | None = None,
) -> Lists:
    """Load the closed lists and the knowledge date, shipped or of a folder; raises Refused."""
    words = words or load_words()
    shipped_ones = folder is None and words is load_words()
    if shipped_ones and (vocabulary is None or vocabulary is words.vocabulary):
        return _kept(shipped("cases", "lists"))
    return _read(folder or shipped("cases", "lists"), vocabulary or words.vocabulary, words)


def knowledge_date() -> date:
    """The day up to which the shipped facts are vouched."""
    return load_lists().knowledge_date


@lru_cache(maxsize=4)
def _kept(folder: Path) -> Lists:
    words = load_words()
    return _read(folder, words.vocabulary, words)


def _read(folder: Path, vocabulary: Vocabulary, words: Words) -> Lists:
    wrong: list[Diagnostic] = []
    day = _knowledge_date(folder / KNOWLEDGE_DATE, wrong)
    citations: dict[str, Citation] = {}
    found: list[ClosedList] = []
    for path in files(folder):
        if path.name == KNOWLEDGE_DATE:
            continue
        for _, raw, place in entries(path, (list, ListShape), wrong):
            one = _list(raw, place, vocabulary, citations, wrong)
            if one is not None:
                found.append(one)
    by_atom: dict[str, tuple[ClosedList, ...]] = {}
    for one in sorted(found, key=lambda o: (o.complete_from, o.id)):
        by_atom[one.atom] = (*by_atom.get(one.atom, ()), one)
    lists = Lists(day or date.max, MappingProxyType(by_atom), MappingProxyType(citations))
    wrong += list_faults(lists, words.citations, words.passages)
    if wrong:
        raise Refused(wrong)
    return lists


def _knowledge_date(path: Path, wrong: list[Diagnostic]) -> date | None:
    document = document_of(path, KnowledgeDateShape, wrong)
    if document is None:
        return None
    name = "knowledge_date"
    return day_of(document.value[name], name, document.place.at(name), wrong)


def _list(
    raw: dict[str, Any],
    place: Place,
    vocabulary: Vocabulary,
    citations: dict[str, Citation],
    wrong: list[Diagnostic],
) -> ClosedList | None:
    atom = raw["indicator"]
    type_ = vocabulary.atoms.get(atom)
    if type_ is None or atom in (PARTNER, AS_OF):
        wrong.append(_no_atom(atom, vocabulary, place))
        return None
    if vocabulary.indicator_of(atom).judged:
        wrong.append(
            Diagnostic(
                "judged-as-fact",
                f"`{atom}` is a judgement that only a person can state",
                place.at("indicator").span,
                "no list can say what is judged: take it out",
            )
        )
        return None
    start, end = (
        day_of(raw[name], name, place.at(name), wrong)
        for name in ("complete_from", "vouched_until")
    )
    absent: Value | None = value_of(raw["absent"], type_, atom, place.at("absent"), wrong)
    cites = cited(raw["cites"], raw["id"], place.at("cites"), citations, wrong)
    counts = [
        (day_of(one["on"], "on", place.at("counts", at, "on"), wrong), one["is"])
        for at, one in enumerate(raw.get("counts", ()))
    ]
    if start is None or end is None or absent is None:
        return None
    return ClosedList(
        raw["id"],
        atom,
        absent,
        start,
        end,
        cites,
        raw["confidence"],
        tuple((day, number) for day, number in counts if day),
        raw.get("note"),
        place,
    )


def _no_atom(atom: str, vocabulary: Vocabulary, place: Place) -> Diagnostic:
    here = place.at("indicator")
    indicator = vocabulary.indicators.get(atom)
    if indicator is not None:
        member = indicator.type.values[0]
        return Diagnostic(
            "wrong-type",
            f"`{atom}` has members, and a list closes one of them",
            here.span,
            f"write `{atom}.{member}`, and a list for each member",
        )
    known = unknown_indicator(atom, vocabulary, place)
    return Diagnostic(
        known.code, known.message, here.span, known.help or did_you_mean(atom, vocabulary.atoms)
    )
