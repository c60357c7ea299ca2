"""Dossiers from their files, checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jfsrules.checks import dossier_faults
from jfsrules.citation import Citation
from jfsrules.errors import Diagnostic, Refused, refuse
from jfsrules.facts import Dossier, Fact
from jfsrules.loading.cited import cited
from jfsrules.loading.countries import names_by_code, partner_of
from jfsrules.loading.folders import document_of
from jfsrules.loading.rulebooks import Words, load_words
from jfsrules.loading.shaping import shaped
from jfsrules.loading.stated import unknown_indicator
from jfsrules.loading.tree import Document
from jfsrules.loading.values import date_of, value_of
from jfsrules.shapes import DossierShape
from jfsrules.shipped import shipped
from jfsrules.span import NOWHERE, Place
from jfsrules.vocabulary import Indicator, Type, Value, Vocabulary


def dossier_codes() -> tuple[str, ...]:
    """The codes of the partners that have a dossier."""
    return tuple(sorted(path.stem for path in shipped("cases", "partners").glob("*.yaml")))


def is_dossier(document: Document) -> bool:
    """Whether a file read already means to be a dossier, and not a profile: its facts have dates.

    One without any fact is a dossier if it names the partner and no day.
    """
    raw = document.value
    if not isinstance(raw, dict) or "as_of" in raw or not isinstance(raw.get("facts"), dict):
        return False
    entries = [one for some in raw["facts"].values() if isinstance(some, list) for one in some]
    return any(isinstance(one, dict) for one in entries) or (not raw["facts"] and "name" in raw)


def load_dossier(
    partner: str | Path,
    vocabulary: Vocabulary | None = None,
    *,
    words: Words | None = None,
    document: Document | None = None,
) -> Dossier:
    """Load a partner's dossier by its code, or from a file, and check it; raises Refused.

    `document` is what the file holds where that was read already.
    """
    words = words or load_words()
    vocabulary = vocabulary or words.vocabulary
    wrong: list[Diagnostic] = []
    path = _path(partner)
    if document is None:
        document = document_of(path, DossierShape, wrong)
    elif not shaped(document.value, DossierShape, document.place, wrong):
        document = None
    if document is None:
        raise Refused(wrong)
    reader = _Reader(vocabulary, wrong)
    dossier = reader.dossier(document.value, document.place)
    wrong += _misnamed(path, dossier)
    wrong += dossier_faults(dossier, vocabulary, words.citations, words.passages, words.impossible)
    if wrong:
        raise Refused(wrong)
    return dossier


def _path(partner: str | Path) -> Path:
    if isinstance(partner, Path) or "/" in partner or partner.endswith((".yaml", ".yml", ".json")):
        return Path(partner)
    wrong: list[Diagnostic] = []
    if partner_of(partner, NOWHERE, wrong) is None:
        raise Refused(wrong)
    path = shipped("cases", "partners", f"{partner}.yaml")
    if not path.exists():
        raise refuse(
            "no-dossier",
            f"there is no dossier on `{partner}`",
            None,
            "state the facts in a profile: `jfsrules new profile` writes a template",
        )
    return path


def _misnamed(path: Path, dossier: Dossier) -> list[Diagnostic]:
    """A file named by one partner's code holds that partner's dossier."""
    if path.stem == dossier.partner or path.stem not in names_by_code():
        return []
    message = f"`{path.name}` holds the dossier of `{dossier.partner}`"
    span = dossier.place.at("partner").span
    return [Diagnostic("other-partner", message, span, f"write `partner: {path.stem}`")]


class _Reader:
    def __init__(self, vocabulary: Vocabulary, wrong: list[Diagnostic]) -> None:
        self.vocabulary = vocabulary
        self.wrong = wrong
        self.citations: dict[str, Citation] = {}

    def dossier(self, raw: dict[str, Any], place: Place) -> Dossier:
        partner = partner_of(raw["partner"], place.at("partner"), self.wrong) or raw["partner"]
        found: dict[str, list[Fact]] = {}
        for name, entries in raw["facts"].items():
            indicator = self.vocabulary.indicators.get(name)
            if indicator is None:
                self.wrong.append(unknown_indicator(name, self.vocabulary, place.at("facts")))
                continue
            if indicator.judged:
                self.wrong.append(_judged(name, place.at("facts")))
                continue
            for at, entry in enumerate(entries):
                fact = self.fact(partner, indicator, entry, place.at("facts", name, at))
                if fact is not None:
                    found.setdefault(fact.atom, []).append(fact)
        facts = {atom: self._ladder(atom, tuple(one)) for atom, one in found.items()}
        return Dossier(
            partner,
            raw["name"],
            MappingProxyType(facts),
            raw.get("footnote"),
            MappingProxyType(self.citations),
            place,
        )

    def fact(
        self, partner: str, indicator: Indicator, raw: dict[str, Any], place: Place
    ) -> Fact | None:
        value = self._value(indicator, raw, place)
        since = date_of(raw["from"], "from", place.at("from"), self.wrong)
        until = None
        if raw.get("until") is not None:
            until = date_of(raw["until"], "until", place.at("until"), self.wrong)
        if since is None or value is None:
            return None
        atom = indicator.id
        if indicator.type.kind == "set_of":
            atom, value = f"{atom}.{value}", True
        id_ = raw.get("id") or f"{partner}.{atom}.{str(since).replace(' ', '-')}"
        cites = cited(raw["cites"], id_, place.at("cites"), self.citations, self.wrong)
        return Fact(
            id_,
            atom,
            value,
            since,
            until,
            cites,
            raw["confidence"],
            raw.get("note"),
            tuple(raw.get("disputed", ())),
            place,
        )

    def _value(self, indicator: Indicator, raw: dict[str, Any], place: Place) -> Value | None:
        kind = indicator.type.kind
        if "value" not in raw:
            if kind == "flag":
                return True
            self.wrong.append(
                Diagnostic(
                    "missing-key",
                    f"a fact on `{indicator.id}` must say its value",
                    place.span,
                    f"add `value:` with {indicator.type}",
                )
            )
            return None
        type_ = Type("one_of", indicator.type.values) if kind == "set_of" else indicator.type
        return value_of(raw["value"], type_, indicator.id, place.at("value"), self.wrong)

    def _ladder(self, atom: str, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        """Close each state of an instrument where the next one begins."""
        if atom not in self.vocabulary.instruments:
            return facts
        nexts = [fact.since for fact in facts[1:]]
        closed = [
            replace(fact, until=until) if fact.until is None else fact
            for fact, until in zip(facts[:-1], nexts, strict=True)
        ]
        return (*closed, facts[-1])


def _judged(name: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "judged-as-fact",
        f"`{name}` is a judgement that only a person can state",
        place.key(name),
        "state it in a profile, or with `--set`",
    )
