"""The tracks of a decision: each instrument's state, advice and requirements, and what they rest on.

Knows the advice table by looking it up.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from jfsrules.advice import NO_TRACK, Requires, Row, advise, worst
from jfsrules.condition import Conclusion, scalar
from jfsrules.decision import Reading, Requirement, Says, Track, Undetermined
from jfsrules.facts import Profile
from jfsrules.meaning import Findings, every, met
from jfsrules.plan import Plan, PlannedTrack
from jfsrules.proof.graph import Graph
from jfsrules.proof.missing import NOTHING
from jfsrules.rulebook import AUTHORITIES, Authority, Rule

# Rows of the advice table that ask whether a track is meant; the others go by its state alone.
MEANT_OR_NOT: Final = frozenset({1, 2, 3, 4, 11, 12, 13, 14})
# The row that asks nothing but the state, not even whether the track is moot.
SUPERSEDED: Final = 5


class Asked(NamedTuple):
    """One requirement of a track: what it amounts to, and its line if some rule of it applies."""

    amounts_to: Requires
    line: Requirement | None


class Tracks:
    """The tracks of one partner, while they are being written down."""

    def __init__(
        self,
        plan: Plan,
        profile: Profile,
        found: Findings,
        graph: Graph,
        in_scope: bool | None,
        served: frozenset[str],
    ) -> None:
        self.plan = plan
        self.profile = profile
        self.found = found
        self.graph = graph
        self.in_scope = in_scope
        self.served = served
        self.undetermined: list[Undetermined] = []

    def track(self, planned: PlannedTrack) -> Track | None:
        """The line of one instrument; none where it is neither meant nor started."""
        concluded = self.found.concluded
        name = planned.instrument.id
        value = self.profile[name]
        state = value if isinstance(value, str) else None
        meant = concluded.get(planned.meant, False)
        asked = [self.asked(conclusion) for conclusion in planned.requirements]
        requires = worst([one.amounts_to for one in asked])
        row = advise(state, meant, concluded.get(planned.moot, False), requires)
        if row.advice == NO_TRACK:
            return None
        advice = row.advice if self.in_scope else "undetermined"
        if advice in ("undetermined", "possible"):
            missing = self.missing(planned, row)
            self.undetermined.append(Undetermined(f"track:{name}", tuple(sorted(missing))))
        why = (self.step(planned, advice, row),)
        rules = self.effective(planned.meant) + self.effective(planned.moot)
        lines = [one.line for one in asked if one.line]
        return Track(
            instrument=name,
            class_=planned.instrument.instrument_class,
            meant=every((self.in_scope, meant)),
            state=state,
            advice=advice,
            requires=tuple(sorted(lines, key=lambda line: line.id)),
            serves=tuple(sorted(self.served.intersection(planned.instrument.serves))),
            authority=authority_of(rules),
            confidence=self.graph.confidence(why),
            why=why,
            cites=cites_of(rules),
        )

    def asked(self, conclusion: Conclusion) -> Asked:
        """One requirement, as its rules have it."""
        effective = self.found.effective
        rules = [self.plan.rules[rule].rule for rule in self.plan.concluding[conclusion]]
        applying = [rule for rule in rules if effective[rule.id] is not False]
        value = self.found.concluded[conclusion]
        line = None
        if applying:
            line = Requirement(
                conclusion.subject.partition("/")[2],
                value,
                any(rule.judged for rule in applying),
                "; ".join(dict.fromkeys([rule.says or rule.title for rule in applying])),
            )
        if value is not None:
            return Asked("true" if value else "false", line)
        judged = all(
            rule.judged and effective[rule.id]
            for rule in applying
            if met(rule.id, self.found) is None
        )
        return Asked("judged_unknown" if judged else "fact_unknown", line)

    def effective(self, conclusion: Conclusion) -> list[Rule]:
        """The effective rules of a conclusion."""
        rules = self.plan.concluding.get(conclusion, ())
        return [self.plan.rules[rule].rule for rule in rules if self.found.effective[rule]]

    def step(self, planned: PlannedTrack, advice: str, row: Row) -> str:
        """The step of the advice: on the state, the rules that decide, and every requirement."""
        graph, name = self.graph, planned.instrument.id
        from_ = [graph.ground(name)]
        if not self.in_scope:
            from_.append("order:scope")
        if row.number in MEANT_OR_NOT:
            from_ += graph.conclusion(planned.meant)
        else:
            from_ += [graph.rule(rule.id) for rule in self.effective(planned.meant)]
        if row.number != SUPERSEDED:
            from_ += graph.conclusion(planned.moot)
        for conclusion in planned.requirements:
            from_ += graph.conclusion(conclusion)
        says = Says("advice", {"instrument": name, "advice": advice, "row": row.number})
        reading = Reading(name, "=", (), scalar(self.profile[name]))
        return graph.add(f"advice:{name}", "advice", says, from_, (reading,), authority="design")

    def missing(self, planned: PlannedTrack, row: Row) -> frozenset[str]:
        """The unknown indicators that keep the advice open."""
        missing = self.graph.missing
        found = missing.scope() if self.in_scope is None else NOTHING
        if self.profile[planned.instrument.id] is None:
            found |= {planned.instrument.id}
        if row.number in (3, 4):
            found |= missing.conclusion(planned.meant)
        if row.number in (3, 7):
            found |= missing.conclusion(planned.moot)
        if row.number in (12, 13):
            found = found.union(*[missing.conclusion(one) for one in planned.requirements])
        return found


def authority_of(rules: Iterable[Rule]) -> Authority:
    """The first authority among some rules: the text's, then practice's, then our own design."""
    said = {rule.authority for rule in rules}
    return next((a for a in AUTHORITIES if a in said), "design")


def cites_of(rules: Iterable[Rule]) -> tuple[str, ...]:
    """What some rules cite, each once."""
    return tuple(sorted({cite for rule in rules for cite in rule.cites}))
