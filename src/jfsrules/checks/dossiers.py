"""Checks of a dossier: ids, dates, ladders, contradictions, citations."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from itertools import pairwise

from jfsrules.condition import written
from jfsrules.errors import Diagnostic, did_you_mean
from jfsrules.facts import Dossier, Fact
from jfsrules.span import Span
from jfsrules.vocabulary import Value, Vocabulary


def _facts(dossier: Dossier) -> Iterator[Fact]:
    for facts in dossier.facts.values():
        yield from facts


def _other(words: str, fact: Fact) -> tuple[tuple[str, Span], ...]:
    span = fact.place.span
    return ((words, span),) if span else ()


def different_ids(dossier: Dossier, _: Vocabulary) -> Iterator[Diagnostic]:
    """No two facts have the same id."""
    seen: dict[str, Fact] = {}
    for fact in _facts(dossier):
        if fact.id in seen:
            yield Diagnostic(
                "duplicate-id",
                f"two facts are called `{fact.id}`",
                fact.place.span,
                "give one of them an `id:` of its own",
                _other("the first one", seen[fact.id]),
            )
        seen[fact.id] = fact


def ends_after_start(dossier: Dossier, vocabulary: Vocabulary) -> Iterator[Diagnostic]:
    """A fact ends after it begins."""
    for fact in _facts(dossier):
        ladder = fact.atom in vocabulary.instruments and not _states_end(fact)
        if fact.until and not ladder and fact.until.last <= fact.since.first:
            yield Diagnostic(
                "end-before-start",
                f"`{fact.atom}` ends in `{fact.until}`, but begins in `{fact.since}`",
                fact.place.at("until").span,
                "the end is the first day on which it no longer holds",
            )


def _states_end(fact: Fact) -> bool:
    return (*fact.place.path, "until") in fact.place.spans


def ladders_without_gaps(dossier: Dossier, vocabulary: Vocabulary) -> Iterator[Diagnostic]:
    """The states of an instrument stand in time order, each until the next begins."""
    for atom in vocabulary.instruments:
        facts = dossier.facts.get(atom, ())
        for one, after in pairwise(facts):
            if _comes_before(after, one):
                yield Diagnostic(
                    "ladder-order",
                    f"`{atom}` is `{after.value}` from `{after.since}`, and `{one.value}`, which "
                    f"stands before it, from `{one.since}`",
                    after.place.at("from").span,
                    "put the states in the order of their dates",
                    _other("the state before it", one),
                )
            elif one.until and (one.until.first, one.until.last) != (
                after.since.first,
                after.since.last,
            ):
                yield _gap(atom, one, after)
        if facts and facts[-1].until:
            yield Diagnostic(
                "ladder-gap",
                f"nothing says what `{atom}` is from `{facts[-1].until}` on",
                facts[-1].place.at("until").span,
                "add the state that follows, such as `ended`",
            )


def _comes_before(after: Fact, one: Fact) -> bool:
    same_day = after.since.exact and one.since.exact and after.since.first == one.since.first
    return same_day or after.since.last < one.since.first


def _gap(atom: str, one: Fact, after: Fact) -> Diagnostic:
    assert one.until is not None
    gap = one.until.last < after.since.first
    words = "leaves a gap" if gap else "overlaps"
    return Diagnostic(
        "ladder-gap" if gap else "ladder-overlap",
        f"`{atom}` {words}: `{one.value}` until `{one.until}`, then `{after.value}` from `{after.since}`",
        one.place.at("until").span,
        "leave `until:` out: each state lasts until the next begins",
        _other("the next state", after),
    )


def no_contradiction(dossier: Dossier, vocabulary: Vocabulary) -> Iterator[Diagnostic]:
    """No two facts that certainly hold on the same day give different values."""
    for atom, facts in dossier.facts.items():
        if atom in vocabulary.instruments:
            continue  # what overlaps there is a fault of the ladder
        lasting: dict[Value, Fact] = {}
        for fact in sorted(facts, key=lambda f: f.since.last):
            start = fact.since.last
            lasting = {v: f for v, f in lasting.items() if _certain_end(f) > start}
            other = next((f for v, f in lasting.items() if v != fact.value), None)
            if other and _certain_end(fact) > start:
                yield _both(atom, other, fact)
            before = lasting.get(fact.value)
            if before is None or _certain_end(fact) > _certain_end(before):
                lasting[fact.value] = fact


def _certain_end(fact: Fact) -> date:
    return fact.until.first if fact.until else date.max


def _both(atom: str, one: Fact, other: Fact) -> Diagnostic:
    values = f"`{written(one.value)}` and `{written(other.value)}`"
    return Diagnostic(
        "contradictory-facts",
        f"`{atom}` is both {values} on {other.since.last}",
        other.place.span,
        "close one of the two with `until:`, or put the one not adopted under `disputed:`",
        _other("the other fact", one),
    )


def known_citations(dossier: Dossier, known: Collection[str]) -> Iterator[Diagnostic]:
    """Each thing cited is written out in the dossier, or in the citations."""
    for fact in _facts(dossier):
        for at, key in enumerate(fact.cites):
            if key not in known and key not in dossier.citations:
                yield Diagnostic(
                    "unknown-citation",
                    f"there is no citation or passage `{key}`",
                    fact.place.at("cites", at).span,
                    did_you_mean(key, known) or "add it to `citations.yaml`, or write it out here",
                )
