"""The graph of steps that proves a decision. A step is built when something stands on it, and once.

Knows nothing of tiers and tracks: it goes from a conclusion over rules down to facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from jfsrules.condition import Conclusion, Leaf, Reads, Scalar, Test, scalar
from jfsrules.decision import Reading, Says, Step, StepKind
from jfsrules.facts import CONFIDENCES, Confidence, Fact, Ground, Profile
from jfsrules.meaning import Finding, Findings
from jfsrules.plan import Part, Plan, PlannedRule
from jfsrules.proof.missing import Missing
from jfsrules.rulebook import Authority
from jfsrules.vocabulary import AS_OF, PARTNER

GIVEN: Final = (PARTNER, AS_OF)
RANKS: Final[dict[Confidence | None, int]] = {c: n for n, c in enumerate((*CONFIDENCES, None))}
BY_RANK: Final = tuple(RANKS)
SURE: Final = RANKS[None]

Args: TypeAlias = dict[str, Scalar | tuple[str, ...]]


class Graph:
    """The steps built so far for one profile, by id."""

    def __init__(self, plan: Plan, profile: Profile, found: Findings, missing: Missing) -> None:
        self.plan = plan
        self.profile = profile
        self.found = found
        self.missing = missing
        self.steps: dict[str, Step] = {}
        self._ranks: dict[str, int] = {}
        self._conclusions: dict[Conclusion, list[str]] = {}
        self._grounds: dict[str, str] = {}

    def trace(self) -> tuple[Step, ...]:
        """Every step, by id."""
        return tuple([self.steps[step] for step in sorted(self.steps)])

    def confidence(self, steps: Iterable[str]) -> Confidence | None:
        """The weakest confidence of some steps."""
        return BY_RANK[min([self._ranks[step] for step in steps], default=SURE)]

    def conclusion(self, conclusion: Conclusion) -> list[str]:
        """The steps a conclusion stands on: its effective rules where it is true (all of them for
        a requirement), else every rule that could have concluded it."""
        if conclusion not in self.plan.concluding:
            return []
        steps = self._conclusions.get(conclusion)
        if steps is None:
            rules = self.plan.concluding[conclusion]
            if conclusion.kind != "requirement" and self.found.concluded.get(conclusion):
                rules = tuple([rule for rule in rules if self.found.effective[rule]])
            steps = self._conclusions[conclusion] = [self.rule(rule) for rule in rules]
        return steps

    def rule(self, rule_id: str) -> str:
        """The step of one rule."""
        name = f"rule:{rule_id}"
        if name in self.steps:
            return name
        planned = self.plan.rules[rule_id]
        effective = self.found.effective[rule_id]
        args: Args = {"conclusion": planned.concludes}
        kind, leaves, over = self._why(planned, effective)
        if kind == "overridden":
            args["by"] = over
        if planned.that and effective is not False:
            that = self.found.conditions[rule_id, "that"]
            args["holds"] = that.value
            leaves = (*leaves, *self._leaves(rule_id, "that", that))
            if effective and that.value is not True:
                kind = "undecided" if that.value is None else "blocked"
        from_, tests = self.leaves(leaves)
        from_ += [self.rule(one) for one in over]
        return self.add(
            name,
            kind,
            Says(kind, args),
            from_,
            self.readings(tests) if tests else (),
            cites=planned.cites,
            authority=planned.rule.authority,
            rule=rule_id,
        )

    def _why(
        self, planned: PlannedRule, effective: bool | None
    ) -> tuple[StepKind, Sequence[Leaf], tuple[str, ...]]:
        """Why a rule is effective, or is not, or why that is open: leaves, and other rules."""
        rule_id = planned.rule.id
        when = self.found.conditions[rule_id, "when"]
        if effective:
            return "fired", self._leaves(rule_id, "when", when), planned.overriders
        if when.value is False:
            return "blocked", self._leaves(rule_id, "when", when), ()
        if effective is False:
            over = tuple([rule for rule in planned.overriders if self.found.effective[rule]])
            return "overridden", (), over
        leaves = () if when.value else self._leaves(rule_id, "when", when)
        return "undecided", leaves, planned.overriders

    def _leaves(self, rule_id: str, part: Part, finding: Finding) -> Sequence[Leaf]:
        if finding.value is None:
            return self.missing.leaves(rule_id, part)
        return finding.reason.leaves if finding.reason else ()

    def leaves(self, leaves: Iterable[Leaf]) -> tuple[list[str], list[Test]]:
        """The steps that leaves stand on, and the tests among them."""
        from_: list[str] = []
        tests: list[Test] = []
        for leaf in leaves:
            if isinstance(leaf, Reads):
                from_ += self.conclusion(leaf.conclusion)
            else:
                tests.append(leaf)
                if leaf.atom not in GIVEN:
                    from_.append(self.ground(leaf.atom))
        return from_, tests

    def ground(self, atom: str) -> str:
        """The step of one indicator: the fact, statement or absence its value rests on."""
        if atom not in self._grounds:
            self._grounds[atom] = self._ground(atom, self.profile.ground(atom))
        return self._grounds[atom]

    def _ground(self, atom: str, ground: Ground) -> str:
        kind = ground.kind
        value = self.profile.values.get(atom)
        if kind == "stated" or (kind == "unknown" and not (ground.facts or ground.closed_list)):
            step = _bare(atom, kind, ground.why, scalar(value))
            self.steps[step.id] = step
            self._ranks[step.id] = RANKS[step.confidence]
            return step.id
        args: Args = {"indicator": atom, "value": scalar(value)}
        if kind == "unknown":
            args["facts"] = tuple([fact.id for fact in ground.facts])
        if ground.closed_list and kind == "absence":
            args["list"] = ground.closed_list.id
        elif ground.facts:
            args |= _period(ground.facts[0])
        return self.add(
            f"fact:{ground.facts[0].id}" if kind == "fact" else f"{kind}:{atom}",
            "undecided" if kind == "unknown" else kind,
            Says(ground.why, args),
            (),
            cites=_cites(ground),
            rank=SURE if kind == "unknown" else RANKS[ground.confidence],
        )

    def add(
        self,
        name: str,
        kind: StepKind,
        says: Says,
        from_: Sequence[str],
        readings: tuple[Reading, ...] = (),
        *,
        cites: tuple[str, ...] = (),
        authority: Authority | None = None,
        rule: str | None = None,
        rank: int = SURE,
    ) -> str:
        """Add a step on top of others; it is as weak as the weakest of them, or as `rank`."""
        under = tuple(sorted(set(from_)) if len(from_) > 1 else from_)
        ranks = self._ranks
        for one in under:
            if ranks[one] < rank:  # noqa: PLR1730 - a call of `min` for each would be felt
                rank = ranks[one]
        ranks[name] = rank
        self.steps[name] = Step(
            name, kind, rule, authority, BY_RANK[rank], says, under, readings, cites
        )
        return name

    def readings(self, tests: Sequence[Test]) -> tuple[Reading, ...]:
        """What tests read, each once, in their order."""
        if len(tests) > 1:
            by_order = {test.order: test for test in tests}
            tests = [by_order[order] for order in sorted(by_order)]
        profile = self.profile
        return tuple([Reading(t.atom, t.op, t.scalars, scalar(profile[t.atom])) for t in tests])


@lru_cache(maxsize=4096, typed=True)
def _bare(atom: str, kind: Literal["stated", "unknown"], why: str, value: Scalar) -> Step:
    """A step on an indicator that rests on no fact and no list: the same in every decision."""
    args: Args = {"indicator": atom, "value": value}
    if kind == "stated":
        return Step(f"stated:{atom}", kind, None, None, kind, Says(why, args), (), (), ())
    args["facts"] = ()
    return Step(f"unknown:{atom}", "undecided", None, None, None, Says(why, args), (), (), ())


def _cites(ground: Ground) -> tuple[str, ...]:
    cites = {cite for fact in ground.facts for cite in fact.cites}
    if ground.closed_list:
        cites |= set(ground.closed_list.cites)
    return tuple(sorted(cites))


def _period(fact: Fact) -> Args:
    return {
        "fact": fact.id,
        "from": fact.since.text,
        "until": fact.until.text if fact.until else None,
    }
