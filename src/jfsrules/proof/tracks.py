"""The tracks of a decision: each instrument's state, advice and requirements, and what they rest on.

Knows the advice table by looking it up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from jfsrules.advice import NO_TRACK, Requires, Row, advise, worst
from jfsrules.condition import Conclusion
from jfsrules.decision import Reading, Requirement, Says, Step, Track, Undetermined
from jfsrules.facts import Profile
from jfsrules.meaning import Findings, every, met
from jfsrules.plan import PlannedRequirement, PlannedRule, PlannedTrack
from jfsrules.proof.graph import Graph
from jfsrules.proof.kept import What
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


def listed(planned: PlannedTrack, profile: Profile, found: Findings) -> bool:
    """Whether a track has a line: not where it is neither meant nor started."""
    concluded = found.concluded.get
    meant, moot = concluded(planned.meant, False), concluded(planned.moot, False)
    return advise(state_of(planned, profile), meant, moot, "true").advice != NO_TRACK


def state_of(planned: PlannedTrack, profile: Profile) -> str | None:
    """The state of an instrument, where it is known."""
    value = profile.values.get(planned.instrument.id)
    return value if isinstance(value, str) else None


class TrackWriter:
    """One listed track, while it is being written down."""

    def __init__(
        self, planned: PlannedTrack, graph: Graph, in_scope: bool | None, serves: Iterable[str]
    ) -> None:
        self.planned = planned
        self.graph = graph
        self.found = graph.found
        self.profile = graph.bottoms.profile
        self.in_scope = in_scope
        self.serves = serves

    def written(self) -> tuple[Track, Undetermined | None]:
        """The line of the track, and what is open about it."""
        planned, concluded = self.planned, self.found.concluded
        name, state = planned.instrument.id, state_of(planned, self.profile)
        meant = concluded.get(planned.meant, False)
        moot = concluded.get(planned.moot, False)
        asked = [self.asked(requirement) for requirement in planned.requirements]
        row = advise(state, meant, moot, worst([one.amounts_to for one in asked]))
        advice = row.advice if self.in_scope else "undetermined"
        open_ = None
        if advice in ("undetermined", "possible"):
            open_ = Undetermined(f"track:{name}", tuple(sorted(self.missing(row))))
        step = self.step(state, advice, row)
        rules = self.effective(planned.meant) if meant else []
        rules += self.effective(planned.moot) if moot else ()
        line = Track(
            name,
            planned.instrument.instrument_class,
            meant if self.in_scope else every((self.in_scope, meant)),
            state,
            advice,
            tuple([one.line for one in asked if one.line]),
            tuple(sorted(self.serves)),
            authority_of(rules),
            step.confidence,
            (step.id,),
            cites_of(rules),
        )
        return line, open_

    def step(self, state: str | None, advice: str, row: Row) -> Step:
        """The step of the advice: on the state, the rules that decide, and every requirement."""
        graph, planned = self.graph, self.planned
        name = planned.instrument.id
        beneath: list[What] = [name, *([] if self.in_scope else [SCOPE_STEP])]
        if row.number in MEANT_OR_NOT:
            beneath.append(planned.meant)
        else:
            beneath += [one.step for one in self.effective(planned.meant)]
        if row.number != SUPERSEDED:
            beneath.append(planned.moot)
        beneath += [one.conclusion for one in planned.requirements]
        says = Says("advice", {"instrument": name, "advice": advice, "row": row.number})
        reading = Reading(name, "=", (), state)
        return graph.add(f"advice:{name}", "advice", says, beneath, (reading,), authority="design")

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
        rules = self.graph.kept.plan.rules_of.get(conclusion, ())
        return [one for one in rules if effective[one.id]]

    def missing(self, row: Row) -> frozenset[str]:
        """The unknown indicators that keep the advice open."""
        missing, planned = self.graph.missing, self.planned
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
