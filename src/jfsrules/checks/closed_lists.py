"""Checks of the closed lists: ids, dates, contradictions, citations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import combinations

from jfsrules.errors import Diagnostic, did_you_mean
from jfsrules.facts import ClosedList, Dossier, Lists


def _lists(lists: Lists) -> Iterator[ClosedList]:
    for some in lists.by_atom.values():
        yield from some


def different_ids(lists: Lists) -> Iterator[Diagnostic]:
    """No two lists have the same id."""
    seen: dict[str, ClosedList] = {}
    for one in _lists(lists):
        if one.id in seen:
            first = seen[one.id].place.at("id").span
            yield Diagnostic(
                "duplicate-id",
                f"two lists are called `{one.id}`",
                one.place.at("id").span,
                "give one of them another id",
                (("the first one", first),) if first else (),
            )
        seen[one.id] = one


def ends_after_start(lists: Lists) -> Iterator[Diagnostic]:
    """A list is vouched for at least on the day from which it is complete."""
    for one in _lists(lists):
        if one.vouched_until < one.complete_from:
            yield Diagnostic(
                "end-before-start",
                f"`{one.id}` is vouched for until {one.vouched_until}, before it is complete",
                one.place.at("vouched_until").span,
                f"write {one.complete_from} or a later day",
            )


def ends_by_knowledge_date(lists: Lists) -> Iterator[Diagnostic]:
    """No list is vouched for beyond the day up to which anything is known."""
    for one in _lists(lists):
        if one.vouched_until > lists.knowledge_date:
            yield Diagnostic(
                "list-beyond-knowledge",
                f"`{one.id}` is vouched for after {lists.knowledge_date}, the knowledge date",
                one.place.at("vouched_until").span,
                f"write {lists.knowledge_date} or an earlier day",
            )


def no_contradiction(lists: Lists) -> Iterator[Diagnostic]:
    """No two lists give one indicator different absent values on the same day."""
    for some in lists.by_atom.values():
        for one, other in combinations(some, 2):
            both = other.complete_from <= one.vouched_until
            if both and one.absent != other.absent:
                span = one.place.at("absent").span
                yield Diagnostic(
                    "contradictory-lists",
                    f"`{one.id}` and `{other.id}` say differently what absence means",
                    other.place.at("absent").span,
                    "let one end before the other begins",
                    (("the other list", span),) if span else (),
                )


def known_citations(lists: Lists, known: Collection[str]) -> Iterator[Diagnostic]:
    """Each thing cited is written out with the list, or in the citations."""
    for one in _lists(lists):
        for at, key in enumerate(one.cites):
            if key not in known and key not in lists.citations:
                yield Diagnostic(
                    "unknown-citation",
                    f"there is no citation or passage `{key}`",
                    one.place.at("cites", at).span,
                    did_you_mean(key, known) or "add it to `citations.yaml`, or write it out here",
                )


def counts_agree(lists: Lists, dossiers: Sequence[Dossier]) -> Iterator[Diagnostic]:
    """As many partners have another value than the absent one as the list counts."""
    for one in _lists(lists):
        for at, (day, number) in enumerate(one.counts):
            certain = {d.partner for d in dossiers if _listed(one, d, day) is True}
            possible = {d.partner for d in dossiers if _listed(one, d, day) is None}
            if not len(certain) <= number <= len(certain) + len(possible):
                yield Diagnostic(
                    "wrong-count",
                    f"`{one.id}` counts {number} on {day}, and the dossiers {_range(certain, possible)}",
                    one.place.at("counts", at).span,
                    "these are in the dossiers: " + ", ".join(sorted(certain)),
                )


def _listed(one: ClosedList, dossier: Dossier, day: date) -> bool | None:
    """Whether a partner has another value than the absent one."""
    holding = [f.holds_on(day) for f in dossier.facts.get(one.atom, ()) if f.value != one.absent]
    return True if True in holding else None if None in holding else False


def _range(certain: Collection[str], possible: Collection[str]) -> str:
    return f"{len(certain)} to {len(certain) + len(possible)}" if possible else f"{len(certain)}"
