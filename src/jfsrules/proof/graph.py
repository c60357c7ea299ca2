"""The graph of steps that proves a decision. A step is proved when something stands on it, and once.

Knows nothing of tiers and tracks: it goes from a conclusion over rules down to facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from jfsrules.condition import Conclusion, Test
from jfsrules.decision import Reading, Says, Step, StepKind
from jfsrules.facts import Confidence
from jfsrules.meaning import Findings
from jfsrules.plan import Alternative, PlannedRule
from jfsrules.proof.bottoms import Args, Bottoms
from jfsrules.proof.kept import (
    BY_RANK,
    SURE,
    Beneath,
    Bottom,
    Mark,
    Proved,
    Standing,
    Way,
    What,
    marks_in,
)
from jfsrules.proof.missing import Missing
from jfsrules.rulebook import Authority

ALWAYS: Final = Alternative(())


class Graph(dict[What, Standing]):
    """How things stand in one profile: an indicator on its fact, a conclusion on its rules, and a
    rule (by the id of its step) on both. What is asked for is proved."""

    def __init__(self, bottoms: Bottoms, found: Findings, missing: Missing) -> None:
        super().__init__(bottoms)  # type: ignore[arg-type]
        self.bottoms = bottoms
        self.kept = bottoms.kept
        self.found = found
        self.missing = missing
        self.proved: list[Proved] = []
        self._rules_of = self.kept.plan.rules_of

    def __missing__(self, what: What) -> Standing:
        standing: Standing
        if isinstance(what, Conclusion):
            standing = self._conclusion(what)
        elif what in self.kept.rules:
            standing = self._rule(self.kept.rules[what])
        else:
            standing = self.bottoms[what]
        self[what] = standing
        return standing

    def add(
        self,
        name: str,
        kind: StepKind,
        says: Says,
        beneath: Iterable[What],
        readings: tuple[Reading, ...],
        *,
        cites: tuple[str, ...] = (),
        authority: Authority,
    ) -> Step:
        """Add a step that no rule makes, on top of others; they and what it says tell what it read."""
        standing = tuple([self[what] for what in beneath])
        key = (name, *says.args.values(), standing)
        proved = self.kept.steps.get(key)
        if proved is None:
            step, bottoms = prove(
                name, kind, says, standing, readings, cites=cites, authority=authority
            )
            made = Proved(step, self.kept.mark(step), bottoms)
            proved = self.kept.keep(self.kept.steps, key, made)
        self.proved.append(proved)
        self[name] = proved.mark
        return proved.step

    def steps(self) -> dict[str, Step]:
        """Every step that was proved, by id."""
        bottoms = {bottom for one in self.proved for bottom in one.bottoms}
        steps = {one.id: one.step for one in bottoms if one.step}
        return steps | {one.mark.id: one.step for one in self.proved}

    def _conclusion(self, conclusion: Conclusion) -> tuple[Mark, ...]:
        """The steps a conclusion stands on: its effective rules where it is true (all of them for
        a requirement), else every rule that could have concluded it."""
        rules = self._rules_of.get(conclusion, ())
        if conclusion.kind != "requirement" and self.found.concluded.get(conclusion):
            effective = self.found.effective
            rules = tuple([planned for planned in rules if effective[planned.id]])
        return tuple([self[planned.step] for planned in rules])  # type: ignore[misc]

    def _rule(self, planned: PlannedRule) -> Mark:
        way = self._way(planned)
        beneath = way.beneath(self)
        proved = way.kept.get(beneath)
        if proved is None:
            proved = self.kept.keep(way.kept, beneath, self._prove_rule(planned, way, beneath))
        self.proved.append(proved)
        return proved.mark

    def _prove_rule(self, planned: PlannedRule, way: Way, beneath: Beneath) -> Proved:
        step, bottoms = prove(
            planned.step,
            way.kind,
            way.says,
            beneath,
            self.readings(way.tests),
            cites=planned.cites,
            authority=planned.rule.authority,
            rule=planned.id,
        )
        return Proved(step, self.kept.mark(step), bottoms)

    def confidence(self, conclusion: Conclusion) -> Confidence | None:
        """The weakest confidence of the steps that a conclusion stands on."""
        return BY_RANK[min([mark.rank for mark in marks_in(self[conclusion])], default=SURE)]

    def why(self, conclusion: Conclusion) -> tuple[str, ...]:
        """The steps that a conclusion stands on."""
        return tuple([mark.id for mark in marks_in(self[conclusion])])

    def readings(self, tests: Sequence[Test]) -> tuple[Reading, ...]:
        """What tests read."""
        return tuple([Reading(t.atom, t.op, t.scalars, self[t.atom].value) for t in tests])  # type: ignore[union-attr]

    # --- how a rule came out ----------------------------------------------------------------

    def _way(self, planned: PlannedRule) -> Way:
        """The way in which a rule came out: the same whenever the same was found of it."""
        found = self.found
        effective = found.effective[planned.id]
        when = found.conditions[planned.keys[0]]
        why: Alternative | None = when.reason
        if effective is None and when.value is None:
            why = self.missing.open(planned, "when")
        asked: tuple[Alternative | None, bool | None] | None = None
        if planned.that and effective is not False:
            that = found.conditions[planned.keys[1]]
            open_ = that.value is None
            asked = (self.missing.open(planned, "that") if open_ else that.reason, that.value)
        over = found.effective
        others = tuple([over[one] for one in planned.overriders]) if planned.overriders else ()
        key = (planned.id, effective, why, when.value, asked, others)
        way = self.kept.ways.get(key)
        if way is None:
            way = self._new_way(planned, effective, when.value, why or ALWAYS, asked)
            self.kept.keep(self.kept.ways, key, way)
        return way

    def _new_way(
        self,
        planned: PlannedRule,
        effective: bool | None,
        when: bool | None,
        why: Alternative,
        asked: tuple[Alternative | None, bool | None] | None,
    ) -> Way:
        """Why a rule is effective, or is not, or why that is open: leaves, and other rules."""
        args: Args = {"conclusion": planned.concludes}
        kind: StepKind = "undecided"
        over: tuple[str, ...] = planned.overriders
        if effective:
            kind = "fired"
        elif when is False:
            kind, over = "blocked", ()
        elif effective is False:
            kind, why = "overridden", ALWAYS
            over = tuple([rule for rule in over if self.found.effective[rule]])
            args["by"] = over
        elif when:
            why = ALWAYS
        reasons = [why]
        if asked:
            that, args["holds"] = asked
            if effective and args["holds"] is not True:
                kind = "undecided" if args["holds"] is None else "blocked"
            reasons.append(that or ALWAYS)
        steps = [self.kept.plan.rules[one].step for one in over]
        return Way(kind, Says(kind, args), reasons, steps)


def prove(
    name: str,
    kind: StepKind,
    says: Says,
    beneath: Beneath,
    readings: tuple[Reading, ...] = (),
    *,
    cites: tuple[str, ...] = (),
    authority: Authority | None = None,
    rule: str | None = None,
) -> tuple[Step, tuple[Bottom, ...]]:
    """A step on top of others, and those of them where proofs end; it is as weak as the weakest."""
    marks = marks_in(beneath)
    rank = min([mark.rank for mark in marks], default=SURE)
    from_ = tuple(sorted({mark.id for mark in marks if mark.id}))
    step = Step(name, kind, rule, authority, BY_RANK[rank], says, from_, readings, cites)
    bottoms = {mark for mark in marks if isinstance(mark, Bottom) and mark.step}
    return step, tuple(bottoms)
