"""What can be wrong with a rulebook, a dossier, the lists or a profile that reads well.

Each check is one small function that yields diagnostics; each code has a page in `docs/checks/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from jfsrules.checks import closed_lists, dossiers, impossible, rules
from jfsrules.citation import Citation, Passage
from jfsrules.errors import Diagnostic
from jfsrules.facts import Dossier, Lists, Profile
from jfsrules.rulebook import Authority, Impossible, Rulebook
from jfsrules.span import Place
from jfsrules.vocabulary import Vocabulary

Sources: TypeAlias = Mapping[str, Citation] | Mapping[str, Passage]

RULEBOOK: Final[tuple[Callable[[Rulebook], Iterator[Diagnostic]], ...]] = (
    rules.known_citations,
    rules.repeals_something,
    rules.days_in_force,
    rules.impossible_tests_facts_only,
)
TOGETHER: Final[tuple[Callable[[Rulebook], Iterator[Diagnostic]], ...]] = (
    rules.known_overrides,
    rules.same_conclusion_overridden,
    rules.known_derived_names,
    rules.can_be_planned,
)
DOSSIER: Final[tuple[Callable[[Dossier, Vocabulary], Iterator[Diagnostic]], ...]] = (
    dossiers.different_ids,
    dossiers.ends_after_start,
    dossiers.ladders_without_gaps,
    dossiers.no_contradiction,
)
LISTS: Final[tuple[Callable[[Lists], Iterator[Diagnostic]], ...]] = (
    closed_lists.different_ids,
    closed_lists.ends_after_start,
    closed_lists.ends_by_knowledge_date,
    closed_lists.no_contradiction,
)


def rulebook_faults(
    rulebook: Rulebook, authority: Authority, *, whole: bool = True
) -> list[Diagnostic]:
    """Everything wrong with a rulebook; `authority` is what its own rules may speak for.

    Where it is not whole, because some rule could not be read, its rules are only looked at singly.
    """
    wanted = (*RULEBOOK, *TOGETHER) if whole else RULEBOOK
    found = [fault for check in wanted for fault in check(rulebook)]
    found += rules.speaks_for_itself(rulebook, authority)
    if authority == "text":
        found += rules.text_cites_passages(rulebook)
    return found


def dossier_faults(
    dossier: Dossier,
    vocabulary: Vocabulary,
    citations: Mapping[str, Citation],
    passages: Mapping[str, Passage],
    impossibles: Iterable[Impossible],
) -> list[Diagnostic]:
    """Everything wrong with a dossier."""
    found = [fault for check in DOSSIER for fault in check(dossier, vocabulary)]
    found += dossiers.known_citations(dossier, {*citations, *passages})
    if not found:
        found += impossible.on_any_day(dossier, vocabulary, impossibles)
    return found


def list_faults(
    lists: Lists, citations: Mapping[str, Citation], passages: Mapping[str, Passage]
) -> list[Diagnostic]:
    """Everything wrong with the closed lists."""
    found = [fault for check in LISTS for fault in check(lists)]
    return [*found, *closed_lists.known_citations(lists, {*citations, *passages})]


def count_faults(lists: Lists, dossiers: Iterable[Dossier]) -> list[Diagnostic]:
    """Lists whose count on a day is not what the dossiers, taken together, say."""
    return list(closed_lists.counts_agree(lists, tuple(dossiers)))


def without_excluded(profile: Profile, impossibles: Iterable[Impossible]) -> Profile:
    """A profile without what its stated facts exclude."""
    return impossible.set_aside(profile, impossibles)


def profile_faults(
    profile: Profile, impossibles: Iterable[Impossible], place: Place
) -> list[Diagnostic]:
    """Everything wrong with a profile."""
    return list(impossible.in_profile(profile, impossibles, place))
