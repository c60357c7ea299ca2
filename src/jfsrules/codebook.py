"""The codebook: each name with its definition, its coding, its sources, and what is ambiguous.

Gathers from vocabulary, rules, dossiers and lists; knows nothing of how it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jfsrules.citation import Citation
from jfsrules.condition import Test, leaves
from jfsrules.coverage import year_ends
from jfsrules.deciding import ready
from jfsrules.facts import ClosedList, Dossier, Fact, Lists, profile_on
from jfsrules.rulebook import Rulebook
from jfsrules.tier import SCOPE
from jfsrules.vocabulary import Indicator, Vocabulary


@dataclass(frozen=True, slots=True)
class Sources:
    """How many facts there are on how many partners, from how many documents, and the newest."""

    facts: int
    partners: int
    documents: int
    newest: Citation | None


@dataclass(frozen=True, slots=True)
class Vouched:
    """Up to which day lists vouch for an indicator: by a source, and by our own research."""

    atom: str
    absent: str
    since: date
    by_source: date | None
    until: date


@dataclass(frozen=True, slots=True)
class Unknown:
    """On how many of some partners and dates an indicator is unknown, by reason."""

    looked_at: int
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A fact on which sources disagree: the reading taken, and the others."""

    partner: str
    reading: Fact
    disputed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IndicatorEntry:
    """One indicator, or the state of one instrument."""

    indicator: Indicator
    sources: Sources
    vouched: tuple[Vouched, ...]
    unknown: Unknown
    ambiguous: tuple[Ambiguity, ...]
    read_by: tuple[str, ...]
    read_by_scope: bool


@dataclass(frozen=True, slots=True)
class TermEntry:
    """One group or focus area: the rules of each rulebook that conclude it, and for a group the
    partners in it on the knowledge date."""

    id: str
    title: str
    definition: str | None
    rules: Mapping[str, tuple[str, ...]]
    partners: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Codebook:
    """Every name, in the order of the vocabulary."""

    knowledge_date: date
    dates: int
    rulebooks: tuple[str, ...]
    groups: tuple[TermEntry, ...]
    focus_areas: tuple[TermEntry, ...]
    indicators: tuple[IndicatorEntry, ...]
    instruments: tuple[IndicatorEntry, ...]


def codebook(rulebooks: Sequence[Rulebook], dossiers: Sequence[Dossier], lists: Lists) -> Codebook:
    """Everything one may state or conclude, with what it rests on."""
    return _Gatherer(rulebooks, dossiers, lists).codebook()


class _Gatherer:
    def __init__(
        self, rulebooks: Sequence[Rulebook], dossiers: Sequence[Dossier], lists: Lists
    ) -> None:
        self.rulebooks = rulebooks
        self.dossiers = dossiers
        self.lists = lists
        self.words: Vocabulary = rulebooks[0].vocabulary
        self.dates = year_ends(lists)
        self.citations = dict(lists.citations)
        for book in rulebooks:
            self.citations |= book.citations
        for dossier in dossiers:
            self.citations |= dossier.citations
        self.reasons = self.look()

    def codebook(self) -> Codebook:
        words = self.words
        entries = [self.indicator(one) for one in words.indicators.values()]
        instruments = [one for one in entries if one.indicator.id in words.instruments]
        return Codebook(
            self.lists.knowledge_date,
            len(self.dates),
            tuple(book.name for book in self.rulebooks),
            tuple(self.groups()),
            tuple(self.focus_areas()),
            tuple(one for one in entries if one.indicator.id not in words.instruments),
            tuple(instruments),
        )

    # --- groups and focus areas -------------------------------------------------------------

    def groups(self) -> Iterator[TermEntry]:
        members = {book.name: self.members(book) for book in self.rulebooks}
        for group in self.words.groups.values():
            rules = self.concluding(f"group:{group.id}")
            partners = {name: tuple(found.get(group.id, ())) for name, found in members.items()}
            yield TermEntry(group.id, group.title, group.definition, rules, partners)

    def focus_areas(self) -> Iterator[TermEntry]:
        for area in self.words.focus_areas.values():
            rules = self.concluding(f"focus:{area.id}/")
            yield TermEntry(area.id, area.title, area.definition, rules, {})

    def concluding(self, prefix: str) -> dict[str, tuple[str, ...]]:
        """The rules each rulebook adds that conclude something beginning so."""
        return {
            book.name: tuple(
                rule.id
                for rule in book.rules
                if rule.id in book.own and str(rule.conclusion).startswith(prefix)
            )
            for book in self.rulebooks
        }

    def members(self, book: Rulebook) -> dict[str, list[str]]:
        """Who is in which group on the knowledge date."""
        decider = ready(book, "reference")
        found: dict[str, list[str]] = {}
        for dossier in self.dossiers:
            profile = profile_on(dossier, self.lists.knowledge_date, self.lists, self.words)
            for group in decider.decide(profile).groups:
                found.setdefault(group, []).append(dossier.partner)
        return found

    # --- indicators -------------------------------------------------------------------------

    def indicator(self, indicator: Indicator) -> IndicatorEntry:
        facts = list(self.facts(indicator))
        return IndicatorEntry(
            indicator,
            self.sources(facts),
            tuple(self.vouched(indicator)),
            Unknown(
                len(self.dossiers) * len(self.dates) * len(self.atoms(indicator)),
                self.reasons.get(indicator.id, {}),
            ),
            tuple(Ambiguity(p, fact, fact.disputed) for p, fact in facts if fact.disputed),
            tuple(self.readers(indicator)),
            any(isinstance(leaf, Test) and leaf.atom == indicator.id for _, leaf in SCOPE),
        )

    def atoms(self, indicator: Indicator) -> tuple[str, ...]:
        if indicator.type.kind == "set_of":
            return tuple(f"{indicator.id}.{member}" for member in indicator.type.values)
        return (indicator.id,)

    def facts(self, indicator: Indicator) -> Iterator[tuple[str, Fact]]:
        for dossier in self.dossiers:
            for atom in self.atoms(indicator):
                yield from ((dossier.partner, fact) for fact in dossier.facts.get(atom, ()))

    def sources(self, facts: Iterable[tuple[str, Fact]]) -> Sources:
        pairs = list(facts)
        keys = {cite for _, fact in pairs for cite in fact.cites}
        dated = [self.citations[key] for key in keys if key in self.citations]
        newest = max(
            (one for one in dated if one.date),
            key=lambda one: (one.date or "", one.id),
            default=None,
        )
        return Sources(len(pairs), len({partner for partner, _ in pairs}), len(keys), newest)

    def vouched(self, indicator: Indicator) -> Iterator[Vouched]:
        for atom in self.atoms(indicator):
            ones: tuple[ClosedList, ...] = self.lists.by_atom.get(atom, ())
            if ones:
                sure = [one.vouched_until for one in ones if one.confidence != "unverified"]
                yield Vouched(
                    atom,
                    str(ones[0].absent).lower(),
                    min(one.complete_from for one in ones),
                    max(sure, default=None),
                    max(one.vouched_until for one in ones),
                )

    def readers(self, indicator: Indicator) -> Iterator[str]:
        """The rules that read an indicator, by the rulebook that adds them."""
        atoms = {*self.atoms(indicator)}
        for book in self.rulebooks:
            for rule in book.rules:
                read = {rule.judged} if rule.judged else set()
                for condition in (rule.when, rule.that):
                    for leaf in leaves(condition) if condition else ():
                        read |= {leaf.atom} if isinstance(leaf, Test) else set()
                if rule.id in book.own and read & atoms:
                    yield rule.id

    def look(self) -> dict[str, dict[str, int]]:
        """How often each indicator is unknown, and why, over all partners and dates."""
        reasons: dict[str, dict[str, int]] = {}
        for dossier in self.dossiers:
            for day in self.dates:
                profile = profile_on(dossier, day, self.lists, self.words)
                for atom, ground in profile.grounds.items():
                    if ground.kind == "unknown":
                        counts = reasons.setdefault(atom.partition(".")[0], {})
                        why = self.why(ground.why, atom, day)
                        counts[why] = counts.get(why, 0) + 1
        return reasons

    def why(self, reason: str, atom: str, day: date) -> str:
        """Why an indicator is unknown: `list_ended` where a list on it goes no further."""
        ones = self.lists.by_atom.get(atom, ())
        if reason in ("no_list", "no_fact_that_day") and ones:
            return "list_ended" if all(one.vouched_until < day for one in ones) else "before_list"
        return reason
