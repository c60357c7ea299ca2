"""Rulebooks from their folders, with what they extend, checked."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jfsrules.checks import rulebook_faults
from jfsrules.citation import Citation, Passage
from jfsrules.errors import Diagnostic, Refused, refuse
from jfsrules.loading.cited import read_citations, read_passages
from jfsrules.loading.fingerprint import fingerprint
from jfsrules.loading.folders import document_of, entries, files
from jfsrules.loading.names import read_vocabulary
from jfsrules.loading.rules import RuleReader
from jfsrules.loading.shaping import choice
from jfsrules.rulebook import Impossible, Rule, Rulebook
from jfsrules.shapes import ImpossibleShape, RulebookShape, RuleShape
from jfsrules.shipped import shipped
from jfsrules.span import Place
from jfsrules.vocabulary import Vocabulary

ABOUT = "rulebook.yaml"
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Words:
    """What rulebooks share: vocabulary, citations, passages, impossible profiles."""

    vocabulary: Vocabulary
    citations: MappingProxyType[str, Citation]
    passages: MappingProxyType[str, Passage]
    impossible: tuple[Impossible, ...]


def load_rulebook(name: str | Path = "practice") -> Rulebook:
    """Load a rulebook by its name, or from a folder, and check it; raises Refused.

    One that is shipped is read once and kept.
    """
    if isinstance(name, str) and name in rulebook_names():
        return _kept(shipped("rules", name))
    if not os.path.isdir(name):  # noqa: PTH112 - no name whatever makes it raise
        help_ = choice(str(name), rulebook_names())
        raise refuse("unknown-rulebook", f"there is no rulebook `{name}`", None, help_)
    return _read(Path(name))


def rulebook_names() -> tuple[str, ...]:
    """The names of the rulebooks that are shipped."""
    return tuple(sorted(path.parent.name for path in shipped("rules").glob(f"*/{ABOUT}")))


def load_vocabulary() -> Vocabulary:
    """The vocabulary that is shipped; read once and kept."""
    return load_words().vocabulary


def load_words() -> Words:
    """Vocabulary, citations, passages and impossible profiles as shipped; read once and kept."""
    return _words(shipped("rules", "vocabulary"), shipped("rules"), shipped("rules"))


@lru_cache(maxsize=16)
def _kept(folder: Path) -> Rulebook:
    return _read(folder)


@lru_cache(maxsize=4)
def _words(vocabulary_in: Path, citations_in: Path, passages_in: Path) -> Words:
    return _read_words(vocabulary_in, citations_in, passages_in)


def _read_words(vocabulary_in: Path, citations_in: Path, passages_in: Path) -> Words:
    wrong: list[Diagnostic] = []
    vocabulary = read_vocabulary(vocabulary_in, wrong)
    citations = read_citations(citations_in / "citations.yaml", wrong)
    passages = read_passages(passages_in / "passages.yaml", wrong)
    reader = RuleReader(vocabulary, wrong)
    path = vocabulary_in / "impossible.yaml"
    impossible = [
        reader.impossible(id_, raw, place)
        for id_, raw, place in entries(path, (dict, ImpossibleShape), wrong)
    ]
    if wrong:
        raise Refused(wrong)
    return Words(
        vocabulary,
        MappingProxyType(citations),
        MappingProxyType(passages),
        tuple(sorted(impossible, key=lambda one: one.id)),
    )


def words_for(folder: Path) -> Words:
    """The words a rulebook folder uses: its own, inside it or beside it, or else those shipped."""
    places = [
        next((f for f in (folder, folder.parent) if (f / name).exists()), shipped("rules"))
        for name in ("vocabulary", "citations.yaml", "passages.yaml")
    ]
    if all(place == shipped("rules") for place in places):
        return load_words()
    return _read_words(places[0] / "vocabulary", places[1], places[2])


def _read(folder: Path, below: tuple[Path, ...] = ()) -> Rulebook:
    wrong: list[Diagnostic] = []
    about = document_of(folder / ABOUT, RulebookShape, wrong)
    if about is None:
        raise Refused(wrong)
    words = words_for(folder)
    extended = [
        _extended(name, folder, (*below, folder.resolve()), about.place.at("extends", at))
        for at, name in enumerate(about.value.get("extends", ()))
    ]
    own, dropped = _rules(folder, about.value, words, wrong)
    rules, faults = _joined(extended, words.vocabulary, about.place.at("extends"))
    wrong += [*faults, *_edits(own, rules)]
    rules |= {rule.id: rule for rule in own if rule.id not in rules}
    citations = {key: one for other in extended for key, one in other.citations.items()}
    book = Rulebook(
        about.value["name"],
        about.value["version"],
        about.value["title"],
        tuple(sorted(rules.values(), key=lambda rule: rule.id)),
        frozenset(rule.id for rule in own if rules[rule.id] is rule),
        words.vocabulary,
        MappingProxyType(citations | dict(words.citations)),
        words.passages,
        words.impossible,
        "",
        tuple(one.name for one in extended),
        about.place,
    )
    whole = not dropped and not faults
    wrong += rulebook_faults(book, about.value["authority"], whole=whole)
    if wrong:
        raise Refused(wrong)
    return replace(book, digest=fingerprint(book))


def _extended(name: str, folder: Path, below: tuple[Path, ...], place: Place) -> Rulebook:
    """The rulebook of a name that another extends: beside it, or shipped."""
    if _NAME.fullmatch(name):
        beside = folder.parent / name
        if beside.resolve() in below:
            path = " → ".join(f"`{one.name}`" for one in (*below, beside))
            raise refuse("cycle", f"rulebooks extend each other in a circle: {path}", place.span)
        if beside != shipped("rules", name) and (beside / ABOUT).is_file():
            return _read(beside, below)
        if name in rulebook_names():
            return _kept(shipped("rules", name))
    known = rulebook_names()
    raise refuse(
        "unknown-rulebook", f"there is no rulebook `{name}`", place.span, choice(name, known)
    )


def _joined(
    extended: list[Rulebook], vocabulary: Vocabulary, place: Place
) -> tuple[dict[str, Rule], list[Diagnostic]]:
    """The rules of what is extended, and what keeps them from being read together."""
    rules: dict[str, Rule] = {}
    faults: list[Diagnostic] = []
    for at, book in enumerate(extended):
        here = place.at(at).span
        for rule in book.rules:
            if rules.setdefault(rule.id, rule) != rule:
                message = f"two of the rulebooks have different rules called `{rule.id}`"
                faults.append(Diagnostic("duplicate-id", message, here, "extend one of the two"))
        strange = sorted(set(book.vocabulary.atoms) - set(vocabulary.atoms))
        if strange:
            message = f"`{book.name}` knows `{strange[0]}`, and the vocabulary of this one does not"
            help_ = "use the vocabulary of the rulebook that is extended, or add to a copy of it"
            faults.append(Diagnostic("unknown-indicator", message, here, help_))
    return rules, faults


def _rules(
    folder: Path, about: dict[str, Any], words: Words, wrong: list[Diagnostic]
) -> tuple[list[Rule], bool]:
    """The rules a folder adds, and whether some could not be read."""
    reader = RuleReader(words.vocabulary, wrong)
    rules: dict[str, Rule] = {}
    dropped = False
    for path in files(folder):
        inside = path.relative_to(folder).parts
        if inside[0] in (ABOUT, "vocabulary", "citations.yaml", "passages.yaml", "schema"):
            continue
        before = len(wrong)
        for _, raw, place in entries(path, (list, RuleShape), wrong):
            rule = reader.rule(raw, about["authority"], place)
            if rule is None:
                dropped = True
            elif rule.id in rules:
                first = rules[rule.id].place.at("id").span
                wrong.append(
                    Diagnostic(
                        "duplicate-id",
                        f"two rules are called `{rule.id}`",
                        place.at("id").span,
                        "give one of them another id",
                        (("the first one", first),) if first else (),
                    )
                )
            else:
                rules[rule.id] = rule
        dropped = dropped or any(d.code in _SHAPELESS for d in wrong[before:])
    return sorted(rules.values(), key=lambda rule: rule.id), dropped


_SHAPELESS = ("unknown-key", "missing-key", "wrong-shape", "missing-citation", "yaml-syntax")


def _edits(own: list[Rule], extended: dict[str, Rule]) -> list[Diagnostic]:
    return [
        Diagnostic(
            "edits-extended-rule",
            f"`{rule.id}` is a rule of the rulebook this one extends",
            rule.place.at("id").span,
            f"give it an id of its own, and `overrides: [{rule.id}]`",
            (("the rule it would edit", span),) if (span := extended[rule.id].place.span) else (),
        )
        for rule in own
        if rule.id in extended
    ]
