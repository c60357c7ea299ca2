"""The tracks of a decision: each instrument's state, advice and requirements, and what they rest on.

Knows the advice table by looking it up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from jfsrules.advice import NO_TRACK, Requires, Row, advise, worst
from jfsrules.condition import Conclusion
from jfsrules.decision import Reading, Requirement, Says, Track, Undetermined
from jfsrules.meaning import every, met
from jfsrules.plan import PlannedRequirement, PlannedRule, PlannedTrack
from jfsrules.proof.graph import Graph, prove
from jfsrules.proof.kept import Beneath, Proved, picking
from jfsrules.proof.missing import NOTHING
from jfsrules.rulebook import AUTHORITIES, Authority

# Rows of the advice table that ask whether a track is meant; the others go by its state alone.
MEANT_OR_NOT: Final = frozenset({1, 2, 3, 4, 11, 12, 13, 14})
# The row that asks nothing but the state, not even whether the track is moot.
SUPERSEDED: Final = 5
SCOPE_STEP: Final = "order:scope"


class Asked(NamedTuple):
    """One requirement of a track: what it amounts to, and its line if some rule of it applies."""

    amounts_to: Requires
    line: Requirement | None


NOT_ASKED: Final = Asked("true", None)


class Lined(NamedTuple):
    """The line of a track, the row of the table that it follows, and its step."""

    line: Track
    row: Row
    proved: Proved


class Tracks:
    """The tracks of one partner, while they are being written down."""

    def __init__(self, graph: Graph, in_scope: bool | None, served: frozenset[str]) -> None:
        self.graph = graph
        self.kept = graph.kept
        self.profile = graph.profile
        self.found = graph.found
        self.in_scope = in_scope
        self.served = served
        self.undetermined: list[Undetermined] = []

    def track(self, planned: PlannedTrack) -> Track | None:
        """The line of one instrument; none where it is neither meant nor started."""
        concluded = self.found.concluded
        name = planned.instrument.id
        value = self.profile.values.get(name)
        state = value if isinstance(value, str) else None
        meant = concluded.get(planned.meant, False)
        moot = concluded.get(planned.moot, False)
        # What is required tells apart only rows that stand on the same.
        row = advise(state, meant, moot, "true")
        if row.advice == NO_TRACK:
            return None
        beneath = self.beneath(planned, row, meant)(self.graph)
        moot_rules = self.effective(planned.moot) if moot else []
        key = (
            name,
            self.in_scope,
            meant,
            moot,
            beneath,
            self.served.intersection(planned.instrument.serves),
            tuple([concluded[one.conclusion] for one in planned.requirements]),
            tuple([one.id for one in moot_rules]),
        )
        lined = self.kept.once(key, lambda: self.line(planned, state, meant, moot, beneath))
        self.graph.proved.append(lined.proved)
        if lined.line.advice in ("undetermined", "possible"):
            missing = self.missing(planned, lined.row)
            self.undetermined.append(self.kept.undetermined(f"track:{name}", missing))
        return lined.line

    def beneath(
        self, planned: PlannedTrack, row: Row, meant: bool | None
    ) -> Callable[[Graph], Beneath]:
        """What the advice stands on: the state, the rules that decide, and every requirement."""
        asks_meant, asks_moot = meant or row.number in MEANT_OR_NOT, row.number != SUPERSEDED
        key = (planned.instrument.id, self.in_scope, asks_meant, asks_moot)
        return self.kept.once(
            key,
            lambda: picking(
                (
                    planned.instrument.id,
                    *(() if self.in_scope else (SCOPE_STEP,)),
                    *((planned.meant,) if asks_meant else ()),
                    *((planned.moot,) if asks_moot else ()),
                    *[one.conclusion for one in planned.requirements],
                )
            ),
        )

    def line(
        self,
        planned: PlannedTrack,
        state: str | None,
        meant: bool | None,
        moot: bool | None,
        beneath: Beneath,
    ) -> Lined:
        """The line of a track that is listed, with the step of its advice."""
        name = planned.instrument.id
        asked = [self.asked(requirement) for requirement in planned.requirements]
        row = advise(state, meant, moot, worst([one.amounts_to for one in asked]))
        advice = row.advice if self.in_scope else "undetermined"
        says = Says("advice", {"instrument": name, "advice": advice, "row": row.number})
        reading = Reading(name, "=", (), state)
        step = f"advice:{name}"
        proved = prove(step, "advice", says, beneath, (reading,), authority="design")
        rules = self.effective(planned.meant) if meant else []
        rules += self.effective(planned.moot) if moot else ()
        line = Track(
            name,
            planned.instrument.instrument_class,
            meant if self.in_scope else every((self.in_scope, meant)),
            state,
            advice,
            tuple([one.line for one in asked if one.line]),
            tuple(sorted(self.served.intersection(planned.instrument.serves))),
            authority_of(rules),
            proved.step.confidence,
            (step,),
            cites_of(rules),
        )
        return Lined(line, row, proved)

    def asked(self, requirement: PlannedRequirement) -> Asked:
        """One requirement, as its rules have it."""
        effective = self.found.effective
        applying = [rule for rule in requirement.rules if effective[rule.id] is not False]
        if not applying:
            return NOT_ASKED
        value = self.found.concluded[requirement.conclusion]
        line = Requirement(
            requirement.id,
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

    def effective(self, conclusion: Conclusion) -> list[PlannedRule]:
        """The effective rules of a conclusion."""
        effective = self.found.effective
        rules = self.kept.plan.rules_of.get(conclusion, ())
        return [one for one in rules if effective[one.id]]

    def missing(self, planned: PlannedTrack, row: Row) -> frozenset[str]:
        """The unknown indicators that keep the advice open."""
        missing = self.graph.missing
        found = missing.scope() if self.in_scope is None else NOTHING
        if planned.instrument.id not in self.profile.values:
            found |= {planned.instrument.id}
        if row.number in (3, 4):
            found |= missing.conclusion(planned.meant)
        if row.number in (3, 7):
            found |= missing.conclusion(planned.moot)
        if row.number in (12, 13):
            found = found.union(
                *[missing.conclusion(one.conclusion) for one in planned.requirements]
            )
        return found


def authority_of(rules: Sequence[PlannedRule]) -> Authority:
    """The first authority among some rules: the text's, then practice's, then our own design."""
    if len(rules) == 1:
        return rules[0].rule.authority
    said = {planned.rule.authority for planned in rules}
    return min(said, key=AUTHORITIES.index, default="design")


def cites_of(rules: Sequence[PlannedRule]) -> tuple[str, ...]:
    """What some rules cite, each once."""
    if len(rules) == 1:
        return rules[0].cites
    return tuple(sorted({cite for planned in rules for cite in planned.cites}))
