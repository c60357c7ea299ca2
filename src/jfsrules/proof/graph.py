"""The graph of steps that proves a decision. A step is built when something stands on it, and once.

Knows nothing of tiers and tracks: it goes from a conclusion over rules down to facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from jfsrules.condition import Conclusion, Scalar, Test, scalar
from jfsrules.decision import Reading, Says, Step, StepKind
from jfsrules.facts import CONFIDENCES, Confidence, Fact, Ground, Profile
from jfsrules.meaning import Finding, Findings
from jfsrules.plan import Alternative, Part, Plan, PlannedRule
from jfsrules.proof.missing import Missing
from jfsrules.rulebook import Authority
from jfsrules.vocabulary import AS_OF, PARTNER

RANKS: Final[dict[Confidence | None, int]] = {c: n for n, c in enumerate((*CONFIDENCES, None))}
BY_RANK: Final = tuple(RANKS)
SURE: Final = RANKS[None]
ALWAYS: Final = Alternative(())

Args: TypeAlias = dict[str, Scalar | tuple[str, ...]]


class Graph:
    """The steps built so far for one profile, by id."""

    def __init__(self, plan: Plan, profile: Profile, found: Findings, missing: Missing) -> None:
        self.plan = plan
        self.profile = profile
        self.found = found
        self.missing = missing
        self.steps: dict[str, Step] = {}
        self._rules_of = plan.rules_of
        self._ranks: dict[str, int] = {}
        self._conclusions: dict[Conclusion, list[str]] = {}
        self._grounds: dict[str, str] = {}
        self._values = {atom: scalar(value) for atom, value in profile.values.items()}
        self._values |= {PARTNER: profile.partner, AS_OF: profile.as_of.isoformat()}

    def trace(self) -> tuple[Step, ...]:
        """Every step, by id."""
        return tuple([self.steps[step] for step in sorted(self.steps)])

    def confidence(self, steps: Iterable[str]) -> Confidence | None:
        """The weakest confidence of some steps."""
        return BY_RANK[min([self._ranks[step] for step in steps], default=SURE)]

    def conclusion(self, conclusion: Conclusion) -> list[str]:
        """The steps a conclusion stands on: its effective rules where it is true (all of them for
        a requirement), else every rule that could have concluded it."""
        steps = self._conclusions.get(conclusion)
        if steps is None:
            rules = self._rules_of.get(conclusion, ())
            if conclusion.kind != "requirement" and self.found.concluded.get(conclusion):
                effective = self.found.effective
                rules = tuple([planned for planned in rules if effective[planned.id]])
            steps = self._conclusions[conclusion] = [self.rule(planned) for planned in rules]
        return steps

    def rule(self, planned: PlannedRule) -> str:
        """The step of one rule."""
        name = planned.step
        if name in self.steps:
            return name
        found = self.found
        effective = found.effective[planned.id]
        args: Args = {"conclusion": planned.concludes}
        kind, leaves, over = self._why(planned, effective)
        if kind == "overridden":
            args["by"] = over
        from_ = self.under(leaves)
        tests = leaves.tests
        if planned.that and effective is not False:
            that = found.conditions[planned.keys[1]]
            args["holds"] = that.value
            if effective and that.value is not True:
                kind = "undecided" if that.value is None else "blocked"
            leaves = self._leaves(planned, "that", that)
            from_ += self.under(leaves)
            tests = _joined(tests, leaves.tests)
        if over:
            from_ += [self.rule(self.plan.rules[one]) for one in over]
        return self.add(
            name,
            kind,
            Says(kind, args),
            from_,
            self.readings(tests) if tests else (),
            cites=planned.cites,
            authority=planned.rule.authority,
            rule=planned.id,
        )

    def _why(
        self, planned: PlannedRule, effective: bool | None
    ) -> tuple[StepKind, Alternative, tuple[str, ...]]:
        """Why a rule is effective, or is not, or why that is open: leaves, and other rules."""
        when = self.found.conditions[planned.keys[0]]
        if effective:
            return "fired", when.reason or ALWAYS, planned.overriders
        if when.value is False:
            return "blocked", when.reason or ALWAYS, ()
        if effective is False:
            over = tuple([rule for rule in planned.overriders if self.found.effective[rule]])
            return "overridden", ALWAYS, over
        leaves = ALWAYS if when.value else self._leaves(planned, "when", when)
        return "undecided", leaves, planned.overriders

    def _leaves(self, planned: PlannedRule, part: Part, finding: Finding) -> Alternative:
        """The leaves that decide a condition, or that keep it open."""
        if finding.value is None:
            return Alternative(tuple(self.missing.leaves(planned.id, part)))
        return finding.reason or ALWAYS

    def under(self, leaves: Alternative) -> list[str]:
        """The steps that leaves stand on."""
        known = self._grounds.get
        from_ = [known(atom) or self.ground(atom) for atom in leaves.atoms]
        for conclusion in leaves.reads:
            from_ += self._conclusions.get(conclusion) or self.conclusion(conclusion)
        return from_

    def ground(self, atom: str) -> str:
        """The step of one indicator: the fact, statement or absence its value rests on."""
        if atom not in self._grounds:
            self._grounds[atom] = self._ground(atom, self.profile.ground(atom))
        return self._grounds[atom]

    def _ground(self, atom: str, ground: Ground) -> str:
        kind = ground.kind
        value = self._values.get(atom)
        if kind == "stated" or (kind == "unknown" and not (ground.facts or ground.closed_list)):
            step = _bare(atom, kind, ground.why, value)
            self.steps[step.id] = step
            self._ranks[step.id] = RANKS[step.confidence]
            return step.id
        args: Args = {"indicator": atom, "value": value}
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
        """What tests read."""
        if not tests:
            return ()
        value = self._values.get
        return tuple([Reading(t.atom, t.op, t.scalars, value(t.atom)) for t in tests])


@lru_cache(maxsize=4096, typed=True)
def _bare(atom: str, kind: Literal["stated", "unknown"], why: str, value: Scalar) -> Step:
    """A step on an indicator that rests on no fact and no list: the same in every decision."""
    args: Args = {"indicator": atom, "value": value}
    if kind == "stated":
        return Step(f"stated:{atom}", kind, None, None, kind, Says(why, args), (), (), ())
    args["facts"] = ()
    return Step(f"unknown:{atom}", "undecided", None, None, None, Says(why, args), (), (), ())


def _joined(tests: tuple[Test, ...], others: tuple[Test, ...]) -> tuple[Test, ...]:
    if not tests or not others:
        return tests or others
    by_order = {test.order: test for test in (*tests, *others)}
    return tuple([by_order[order] for order in sorted(by_order)])


def _cites(ground: Ground) -> tuple[str, ...]:
    if len(ground.facts) == 1 and not ground.closed_list:
        cited = ground.facts[0].cites
        return tuple(sorted(set(cited))) if len(cited) > 1 else cited
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
