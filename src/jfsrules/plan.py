"""The plan: a rulebook made ready, for all dates. Knows nothing of YAML, profiles or engines.

Each condition gets two positive forms: *certainly true* and *certainly false*, each an "or" of
alternatives, and each alternative an "and" of leaves that are known and pass. Negation is gone:
it was pushed down to the leaves. Rules stand in strata, so that what a rule reads, and what
overrides it, is decided before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from jfsrules.condition import All, Any, Conclusion, Condition, Leaf, Not, Reads, Test, leaves
from jfsrules.errors import Diagnostic, Refused, refuse
from jfsrules.rulebook import Rule, Rulebook
from jfsrules.vocabulary import AS_OF, PARTNER, Instrument

MOST_ALTERNATIVES: Final = 64
MOST_LEAVES: Final = 240
LONGEST_CHAIN: Final = 100
MOST_KEPT: Final = 4
Part: TypeAlias = Literal["when", "that"]
READ_BOTH_WAYS: Final = ("group", "track", "moot", "requirement", "derived", "repeal")


@dataclass(frozen=True, eq=False)
class Alternative:
    """Leaves that together make a condition certainly true, or certainly false. Each is itself
    alone: engines and proofs know the alternatives of a plan by what they are, not by content."""

    leaves: tuple[Leaf, ...]

    @cached_property
    def tests(self) -> tuple[Test, ...]:
        """The tests of indicators among the leaves, each once, in order."""
        by_order = {leaf.order: leaf for leaf in self.leaves if isinstance(leaf, Test)}
        return tuple(by_order[order] for order in sorted(by_order))

    @cached_property
    def atoms(self) -> tuple[str, ...]:
        """The indicators that are tested and may be unknown."""
        return tuple({t.atom: None for t in self.tests if t.atom not in (PARTNER, AS_OF)})

    @cached_property
    def reads(self) -> tuple[Conclusion, ...]:
        """The conclusions that are read."""
        return tuple(leaf.conclusion for leaf in self.leaves if isinstance(leaf, Reads))

    def order(self) -> tuple[int, str]:
        """What alternatives are sorted by: the reason of a rule is the least true one."""
        return (len(self.leaves), str(self))

    def __str__(self) -> str:
        return " and ".join(str(leaf) for leaf in self.leaves) or "always"


@dataclass(frozen=True, slots=True)
class Form:
    """A condition made ready. `false` is empty and `two_sided` false where nothing asks whether
    the condition is certainly false."""

    condition: Condition
    true: tuple[Alternative, ...]
    false: tuple[Alternative, ...]
    two_sided: bool


@dataclass(frozen=True)
class PlannedRule:
    """A rule with its conditions made ready, and the rules that override it."""

    rule: Rule
    when: Form
    that: Form | None
    overriders: tuple[str, ...]

    @cached_property
    def id(self) -> str:
        """The rule's id."""
        return self.rule.id

    @cached_property
    def step(self) -> str:
        """The step that proves the rule."""
        return f"rule:{self.rule.id}"

    @cached_property
    def keys(self) -> tuple[tuple[str, Part], tuple[str, Part]]:
        """The keys under which what is found of its two conditions stands."""
        return (self.rule.id, "when"), (self.rule.id, "that")

    @cached_property
    def concludes(self) -> str:
        """The conclusion, as a step names it."""
        return str(self.rule.conclusion)

    @cached_property
    def cites(self) -> tuple[str, ...]:
        """What the rule cites, in order."""
        return tuple(sorted(set(self.rule.cites)))

    def forms(self) -> tuple[tuple[Part, Form], ...]:
        """The forms of this rule, by part."""
        return (("when", self.when), ("that", self.that)) if self.that else (("when", self.when),)


@dataclass(frozen=True, slots=True)
class PlannedRequirement:
    """A requirement of a track: its id, and the rules that conclude it."""

    id: str
    conclusion: Conclusion
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class PlannedTrack:
    """An instrument, and the conclusions that its advice looks up."""

    instrument: Instrument
    meant: Conclusion
    moot: Conclusion
    requirements: tuple[PlannedRequirement, ...]


@dataclass(frozen=True)
class Plan:
    """A rulebook made ready: strata of rules, and which rules conclude what.

    `settles` are the conclusions that are settled once a stratum is: one entry for each stratum.
    """

    rulebook: Rulebook
    strata: tuple[tuple[PlannedRule, ...], ...]
    settles: tuple[tuple[Conclusion, ...], ...]
    rules: Mapping[str, PlannedRule]
    concluding: Mapping[Conclusion, tuple[str, ...]]
    requirements: Mapping[str, tuple[Conclusion, ...]]

    @cached_property
    def rules_of(self) -> dict[Conclusion, tuple[PlannedRule, ...]]:
        """The rules of each conclusion, by id."""
        return {
            conclusion: tuple(self.rules[rule] for rule in rules)
            for conclusion, rules in self.concluding.items()
        }

    @cached_property
    def conclusions(self) -> Mapping[str, tuple[Conclusion, ...]]:
        """The conclusions of each kind, by subject."""
        kinds: dict[str, list[Conclusion]] = {}
        for conclusion in sorted(self.concluding):
            kinds.setdefault(conclusion.kind, []).append(conclusion)
        return MappingProxyType({kind: tuple(many) for kind, many in kinds.items()})

    @cached_property
    def tracks(self) -> tuple[PlannedTrack, ...]:
        """The instruments of the vocabulary, by id."""
        return tuple(
            PlannedTrack(
                instrument,
                Conclusion("track", name),
                Conclusion("moot", name),
                tuple(map(self._requirement, self.requirements.get(name, ()))),
            )
            for name, instrument in sorted(self.rulebook.vocabulary.instruments.items())
        )

    def _requirement(self, conclusion: Conclusion) -> PlannedRequirement:
        rules = tuple(self.rules[rule].rule for rule in self.concluding[conclusion])
        return PlannedRequirement(conclusion.subject.partition("/")[2], conclusion, rules)


_kept: dict[int, Plan] = {}


def plan(rulebook: Rulebook) -> Plan:
    """Make a rulebook ready. Raises Refused for a cycle, or a condition with too many forms.

    The last few plans are kept, so that checking a rulebook and deciding by it plan it once.
    """
    kept = _kept.get(id(rulebook))
    if kept is not None and kept.rulebook is rulebook:
        return kept
    made = _plan(rulebook)
    while len(_kept) >= MOST_KEPT:
        _kept.pop(next(iter(_kept)), None)
    _kept[id(rulebook)] = made
    return made


def _plan(rulebook: Rulebook) -> Plan:
    rules = {rule.id: rule for rule in sorted(rulebook.rules, key=lambda r: r.id)}
    overriders: dict[str, list[str]] = {rule_id: [] for rule_id in rules}
    concluding: dict[Conclusion, list[str]] = {}
    for rule in rules.values():
        for overridden in rule.overrides:
            overriders[overridden].append(rule.id)
        if rule.conclusion.kind != "repeal":
            concluding.setdefault(rule.conclusion, []).append(rule.id)
    wrong: list[Diagnostic] = []
    planned: dict[str, PlannedRule] = {}
    for rule in rules.values():
        both = rule.conclusion.kind in READ_BOTH_WAYS or bool(rule.overrides)
        try:
            when = form(in_force(rule), both, rule, "when")
            that = form(required(rule), True, rule, "that") if is_requirement(rule) else None
        except Refused as refused:
            wrong += refused.diagnostics
            continue
        planned[rule.id] = PlannedRule(rule, when, that, tuple(overriders[rule.id]))
    if wrong:
        raise Refused(wrong)
    requirements: dict[str, list[Conclusion]] = {}
    for conclusion in sorted(concluding):
        if conclusion.kind == "requirement":
            instrument = conclusion.subject.partition("/")[0]
            requirements.setdefault(instrument, []).append(conclusion)
    strata = _strata(planned, concluding)
    return Plan(
        rulebook,
        strata,
        _settles(strata, concluding),
        MappingProxyType(planned),
        MappingProxyType({c: tuple(ids) for c, ids in concluding.items()}),
        MappingProxyType({i: tuple(cs) for i, cs in requirements.items()}),
    )


def is_requirement(rule: Rule) -> bool:
    """Whether a rule concludes a requirement."""
    return rule.conclusion.kind == "requirement"


def in_force(rule: Rule) -> Condition:
    """The condition of a rule together with the days on which it is in force."""
    parts: list[Condition] = [rule.when]
    if rule.since:
        parts.append(Test(AS_OF, "≥", (rule.since,)))
    if rule.until:
        parts.append(Test(AS_OF, "<", (rule.until,)))
    return All(tuple(parts)) if len(parts) > 1 else rule.when


def required(rule: Rule) -> Condition:
    """What must hold for a requirement: its condition, or the judgement it names."""
    if rule.judged:
        return Test(rule.judged, "=", (True,))
    assert rule.that is not None
    return rule.that


def form(condition: Condition, two_sided: bool, rule: Rule, part: Part = "when") -> Form:
    """Both positive forms of a condition."""
    true = _alternatives(condition, True, rule, part)
    false = _alternatives(condition, False, rule, part) if two_sided else ()
    return Form(condition, true, false, two_sided)


def _alternatives(
    condition: Condition, wanted: bool, rule: Rule, part: Part
) -> tuple[Alternative, ...]:
    found = _disjuncts(condition, wanted, rule, part)
    if any(len(leaves_) > MOST_LEAVES for leaves_ in found):
        raise refuse(
            "too-many-leaves",
            f"the condition of `{rule.id}` makes more than {MOST_LEAVES} tests together",
            rule.place.key(part),
            "name a part of it as a `derived` conclusion of its own",
        )
    ordered = (Alternative(tuple(sorted(leaves_, key=str))) for leaves_ in found)
    return tuple(sorted(ordered, key=Alternative.order))


def _disjuncts(
    condition: Condition, wanted: bool, rule: Rule, part: Part
) -> frozenset[frozenset[Leaf]]:
    match condition:
        case Test() | Reads():
            return frozenset([frozenset([condition if wanted else condition.opposite()])])
        case Not(inner):
            return _disjuncts(inner, not wanted, rule, part)
        case All(parts) | Any(parts):
            forms = [_disjuncts(p, wanted, rule, part) for p in parts]
            if isinstance(condition, Any) == wanted:
                united = frozenset[frozenset[Leaf]]().union(*forms)
                return _few_enough(united, rule, part)
            product = frozenset([frozenset[Leaf]()])
            for one in forms:
                crossed = frozenset(a | b for a in product for b in one if not _opposed(a, b))
                product = _few_enough(crossed, rule, part)
            return product


def _opposed(one: frozenset[Leaf], other: frozenset[Leaf]) -> bool:
    return any(leaf.opposite() in one for leaf in other)


def _few_enough(
    found: frozenset[frozenset[Leaf]], rule: Rule, part: Part
) -> frozenset[frozenset[Leaf]]:
    wild = len(found) > MOST_ALTERNATIVES**2 // 4
    least = found if wild else frozenset(a for a in found if not any(b < a for b in found))
    if len(least) > MOST_ALTERNATIVES:
        raise refuse(
            "too-many-alternatives",
            f"the condition of `{rule.id}` has more than {MOST_ALTERNATIVES} alternatives",
            rule.place.key(part),
            "split the rule, or name a part of it as a `derived` conclusion of its own",
        )
    return least


def reads(rule: Rule) -> Iterable[Conclusion]:
    """The conclusions a rule reads."""
    for condition in (rule.when, rule.that):
        if condition is not None:
            yield from (x.conclusion for x in leaves(condition) if isinstance(x, Reads))


def _strata(
    planned: Mapping[str, PlannedRule], concluding: Mapping[Conclusion, Sequence[str]]
) -> tuple[tuple[PlannedRule, ...], ...]:
    before = {
        rule_id: sorted({*(r for c in reads(p.rule) for r in concluding.get(c, ())), *p.overriders})
        for rule_id, p in planned.items()
    }
    try:
        ordered = tuple(TopologicalSorter(before).static_order())
    except CycleError as error:
        raise _cycle(error.args[1], planned) from None
    _short_enough(ordered, before, planned)
    level: dict[str, int] = {}
    for rule_id in ordered:
        read = [level[r] + 1 for c in reads(planned[rule_id].rule) for r in concluding.get(c, ())]
        over = [level[r] for r in planned[rule_id].overriders]
        level[rule_id] = max([0, *read, *over])
    strata: list[list[PlannedRule]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for rule_id in ordered:
        strata[level[rule_id]].append(planned[rule_id])
    return tuple(tuple(stratum) for stratum in strata)


def _short_enough(
    ordered: Sequence[str],
    before: Mapping[str, Sequence[str]],
    planned: Mapping[str, PlannedRule],
) -> None:
    length: dict[str, int] = {}
    for rule_id in ordered:
        length[rule_id] = 1 + max([length[other] for other in before[rule_id]], default=0)
        if length[rule_id] > LONGEST_CHAIN:
            raise refuse(
                "long-chain",
                f"`{rule_id}` stands on a chain of more than {LONGEST_CHAIN} rules that read or"
                " override each other",
                planned[rule_id].rule.place.key("id"),
                "read facts instead of conclusions, or override the first rule of the chain",
            )


def _settles(
    strata: Sequence[Sequence[PlannedRule]], concluding: Mapping[Conclusion, Sequence[str]]
) -> tuple[tuple[Conclusion, ...], ...]:
    level = {p.rule.id: number for number, stratum in enumerate(strata) for p in stratum}
    settled: list[list[Conclusion]] = [[] for _ in strata]
    for conclusion in sorted(concluding):
        settled[max(level[rule] for rule in concluding[conclusion])].append(conclusion)
    return tuple(tuple(conclusions) for conclusions in settled)


def _cycle(path: Sequence[str], planned: Mapping[str, PlannedRule]) -> Refused:
    least = min(range(len(path) - 1), key=lambda i: path[i])
    around = [*path[least:-1], *path[:least], path[least]]
    rule = planned[around[0]].rule
    related = tuple(
        (f"`{rule_id}` stands here", span)
        for rule_id in around[1:-1]
        if (span := planned[rule_id].rule.place.span)
    )
    return Refused(
        [
            Diagnostic(
                "cycle",
                "rules decide each other in a circle: " + " → ".join(f"`{r}`" for r in around),
                rule.place.span,
                "take one reading, `not` or override out of the circle",
                related,
            )
        ]
    )
