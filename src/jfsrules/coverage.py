"""What is used: passages × rules × cases, facts and indicators. Knows nothing of how it is shown.

Two things are looked at: the scenarios, and the decisions on every partner on a few dates (each
year end and the knowledge date).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from jfsrules.cases import Outcome, Runner, Scenario
from jfsrules.condition import Test, leaves
from jfsrules.decision import Decision, Json, RulebookName, plain
from jfsrules.engines import compiled
from jfsrules.facts import FIRST_DAY, Dossier, Ground, Lists, Profile, profile_on
from jfsrules.meaning import Findings
from jfsrules.plan import plan
from jfsrules.proof import decision
from jfsrules.rulebook import Authority, Rulebook
from jfsrules.tier import SCOPE

SCHEMA: Final = "jfsrules/coverage/1"
ENGINE: Final = "compiled"


@dataclass(frozen=True, slots=True)
class PassageRow:
    """One clause of the page: the rules that cite it, and the scenarios in which one fired."""

    id: str
    rules: tuple[str, ...]
    cases: int
    frame: str | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule: in how many scenarios, and in how many decisions on partners, it fired."""

    id: str
    authority: Authority
    passages: tuple[str, ...]
    cases: int
    decisions: int


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """One rule that requires something: how often it applied and failed, or could not be told."""

    rule: str
    requirement: str
    failed_cases: int
    unknown_cases: int
    failed_decisions: int
    unknown_decisions: int


@dataclass(frozen=True, slots=True)
class OpenTier:
    """A partner whose tier is undetermined on the knowledge date, and what would settle it."""

    partner: str
    name: str
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was looked at, and what was used."""

    schema: str
    rulebook: RulebookName
    scenarios: int
    partners: int
    dates: tuple[str, ...]
    passages: tuple[PassageRow, ...]
    rules: tuple[RuleRow, ...]
    requirements: tuple[RequirementRow, ...]
    rules_never_fired: tuple[str, ...]
    rules_without_case: tuple[str, ...]
    requirements_never_failed: tuple[str, ...]
    requirements_never_unknown: tuple[str, ...]
    facts: int
    facts_never_used: tuple[str, ...]
    never_used_by_indicator: Mapping[str, int]
    indicators_never_read: tuple[str, ...]
    open_tiers: tuple[OpenTier, ...]
    tiers_open_by_list_end: int
    tracks_open_by_list_end: int
    tracks_open_without_list: int

    def to_json(self) -> dict[str, Json]:
        """The coverage as plain JSON values."""
        return plain(self)  # type: ignore[return-value]


def year_ends(lists: Lists) -> tuple[date, ...]:
    """The last day of each full year since the facts begin, and the knowledge date."""
    years = range(FIRST_DAY.year, lists.knowledge_date.year)
    return (*(date(year, 12, 31) for year in years), lists.knowledge_date)


def coverage(
    rulebook: Rulebook,
    scenarios: Sequence[Scenario],
    dossiers: Sequence[Dossier],
    lists: Lists,
    *,
    dates: Sequence[date] | None = None,
    step: Callable[[], None] = lambda: None,
) -> Coverage:
    """What of a rulebook and of the dossiers is used; `step` is called after each dossier.

    A scenario of a rulebook that this one extends counts for the rules that it takes over.
    """
    dates = dates or year_ends(lists)
    counted = _Tally(rulebook)
    runner = Runner("reference", {rulebook.name: rulebook})
    own = [one for one in scenarios if one.rulebook in (rulebook.name, *rulebook.extends)]
    for scenario in own:
        counted.case(runner.run(scenario))
    sweep = _Sweep(rulebook, lists, counted)
    for dossier in dossiers:
        sweep.over(dossier, dates)
        step()
    return counted.coverage(len(own), dossiers, dates, sweep)


@dataclass
class _Tally:
    """How often each rule fired, and each requirement failed or could not be told."""

    rulebook: Rulebook
    fired: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    fired_cases: dict[str, int] = field(default_factory=dict)
    failed_cases: dict[str, int] = field(default_factory=dict)
    unknown_cases: dict[str, int] = field(default_factory=dict)
    passage_cases: dict[str, int] = field(default_factory=dict)

    def case(self, outcome: Outcome) -> None:
        if outcome.found is None:
            return
        self.count(outcome.found, self.fired_cases, self.failed_cases, self.unknown_cases)
        effective = outcome.found.effective
        fired = (rule for rule in self.rulebook.rules if effective.get(rule.id))
        cited = {cite for rule in fired for cite in rule.cites}
        for passage in cited & {*self.rulebook.passages}:
            _add(self.passage_cases, passage)

    def decided(self, found: Findings) -> None:
        self.count(found, self.fired, self.failed, self.unknown)

    def count(
        self,
        found: Findings,
        fired: dict[str, int],
        failed: dict[str, int],
        unknown: dict[str, int],
    ) -> None:
        for rule, effective in found.effective.items():
            if not effective:
                continue
            _add(fired, rule)
            that = found.conditions.get((rule, "that"))
            if that and that.value is False:
                _add(failed, rule)
            elif that and that.value is None:
                _add(unknown, rule)

    def coverage(
        self,
        scenarios: int,
        dossiers: Sequence[Dossier],
        dates: Sequence[date],
        sweep: _Sweep,
    ) -> Coverage:
        book = self.rulebook
        required = [rule for rule in book.rules if rule.conclusion.kind == "requirement"]
        facts = [fact for one in dossiers for row in one.facts.values() for fact in row]
        unused = [fact for fact in facts if fact.id not in sweep.used]
        return Coverage(
            schema=SCHEMA,
            rulebook=RulebookName(book.name, book.version, book.digest),
            scenarios=scenarios,
            partners=len(dossiers),
            dates=tuple(day.isoformat() for day in dates),
            passages=tuple(self.passages()),
            rules=tuple(self.rules()),
            requirements=tuple(self.requirements()),
            rules_never_fired=tuple(
                r.id for r in book.rules if r.id not in self.fired and r.id not in self.fired_cases
            ),
            rules_without_case=tuple(r.id for r in book.rules if r.id not in self.fired_cases),
            requirements_never_failed=tuple(
                r.id for r in required if r.id not in self.failed_cases
            ),
            requirements_never_unknown=tuple(
                r.id for r in required if r.id not in self.unknown_cases
            ),
            facts=len(facts),
            facts_never_used=tuple(sorted(fact.id for fact in unused)),
            never_used_by_indicator=_counted(fact.atom.partition(".")[0] for fact in unused),
            indicators_never_read=tuple(never_read(book)),
            open_tiers=tuple(sweep.open_tiers),
            tiers_open_by_list_end=sweep.tiers_by_list_end,
            tracks_open_by_list_end=sweep.tracks_by_list_end,
            tracks_open_without_list=sweep.tracks_without_list,
        )

    def passages(self) -> Iterator[PassageRow]:
        for passage in self.rulebook.passages.values():
            rules = tuple(rule.id for rule in self.rulebook.rules if passage.id in rule.cites)
            yield PassageRow(
                passage.id, rules, self.passage_cases.get(passage.id, 0), passage.frame
            )

    def rules(self) -> Iterator[RuleRow]:
        for rule in self.rulebook.rules:
            passages = tuple(cite for cite in rule.cites if cite in self.rulebook.passages)
            cases, decisions = self.fired_cases.get(rule.id, 0), self.fired.get(rule.id, 0)
            yield RuleRow(rule.id, rule.authority, passages, cases, decisions)

    def requirements(self) -> Iterator[RequirementRow]:
        for rule in self.rulebook.rules:
            if rule.conclusion.kind == "requirement":
                yield RequirementRow(
                    rule.id,
                    rule.conclusion.subject,
                    self.failed_cases.get(rule.id, 0),
                    self.unknown_cases.get(rule.id, 0),
                    self.failed.get(rule.id, 0),
                    self.unknown.get(rule.id, 0),
                )


def never_read(rulebook: Rulebook) -> Iterator[str]:
    """The indicators that no rule, and no table of scope or advice, reads."""
    read = {leaf.atom for _, leaf in SCOPE if isinstance(leaf, Test)}
    for rule in rulebook.rules:
        read |= {rule.judged} if rule.judged else set()
        for condition in (rule.when, rule.that):
            if condition is not None:
                read |= {leaf.atom for leaf in leaves(condition) if isinstance(leaf, Test)}
    names = {atom.partition(".")[0] for atom in read} | {*rulebook.vocabulary.instruments}
    yield from (name for name in rulebook.vocabulary.indicators if name not in names)


class _Sweep:
    """The decisions on partners on some dates, and what they drew on."""

    def __init__(self, rulebook: Rulebook, lists: Lists, counted: _Tally) -> None:
        self.rulebook = rulebook
        self.plan = plan(rulebook)
        self.engine = compiled.engine(self.plan)
        self.lists = lists
        self.counted = counted
        self.used: set[str] = set()
        self.open_tiers: list[OpenTier] = []
        self.tiers_by_list_end = 0
        self.tracks_by_list_end = 0
        self.tracks_without_list = 0

    def over(self, dossier: Dossier, dates: Iterable[date]) -> None:
        for day in dates:
            profile = profile_on(dossier, day, self.lists, self.rulebook.vocabulary)
            found = self.engine(profile)
            self.counted.decided(found)
            self.look(decision(self.plan, profile, found, ENGINE), profile, day)

    def look(self, decided: Decision, profile: Profile, day: date) -> None:
        for step in decided.trace:
            fact = step.says.args.get("fact")
            if isinstance(fact, str):
                self.used.add(fact)
            facts = step.says.args.get("facts")
            if isinstance(facts, tuple):
                self.used.update(facts)
        for one in decided.undetermined:
            ended = any(self.list_ended(profile.ground(atom), atom, day) for atom in one.missing)
            self.tiers_by_list_end += ended and one.about == "tier"
            self.tracks_by_list_end += ended and one.about.startswith("track:")
            bare = any(self.unlisted(profile.ground(atom), atom) for atom in one.missing)
            self.tracks_without_list += bare and one.about.startswith("track:")
            if one.about == "tier" and day == self.lists.knowledge_date:
                missing = {atom: profile.ground(atom).why for atom in one.missing}
                name = decided.partner.name
                self.open_tiers.append(OpenTier(decided.partner.code, name, missing))

    def unlisted(self, ground: Ground, atom: str) -> bool:
        """Whether an indicator is unknown because there is no list on it at all."""
        judged = self.rulebook.vocabulary.indicator_of(atom).judged
        return ground.why == "no_list" and atom not in self.lists.by_atom and not judged

    def list_ended(self, ground: Ground, atom: str, day: date) -> bool:
        """Whether an indicator is unknown because the lists on it go no further."""
        over = [one.vouched_until < day for one in self.lists.by_atom.get(atom, ())]
        return ground.why in ("no_list", "no_fact_that_day") and bool(over) and all(over)


def _counted(names: Iterable[str]) -> dict[str, int]:
    """How often each name occurs, the most frequent first."""
    counts: dict[str, int] = {}
    for name in names:
        _add(counts, name)
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _add(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1
