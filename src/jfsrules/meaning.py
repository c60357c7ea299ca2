"""The law: what a plan finds in a profile, in three values: true, false, unknown (`None`).

Engines and proofs are translations of this file, and tests hold them to it. Strong Kleene
throughout: a leaf on an unknown indicator is unknown; *all*, *any*, *not* as usual.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from jfsrules.condition import All, Any, Conclusion, Condition, Not, Reads, Test
from jfsrules.facts import Profile
from jfsrules.plan import Alternative, Form, Part, Plan, PlannedRule


class Finding(NamedTuple):
    """The value of one condition, and the alternative that makes it so (none for unknown)."""

    value: bool | None
    reason: Alternative | None = None


UNKNOWN = Finding(None)


@dataclass(slots=True)
class Findings:
    """Everything a plan finds in one profile."""

    conditions: dict[tuple[str, Part], Finding] = field(default_factory=dict)
    effective: dict[str, bool | None] = field(default_factory=dict)
    concluded: dict[Conclusion, bool | None] = field(default_factory=dict)


def find(plan: Plan, profile: Profile) -> Findings:
    """Evaluate every rule and conclusion of a plan, stratum by stratum."""
    found = Findings()
    for level, stratum in enumerate(plan.strata):
        for planned in stratum:
            for part, form in planned.forms():
                found.conditions[planned.rule.id, part] = look(form, profile, found.concluded)
            found.effective[planned.rule.id] = effective(planned, found)
        conclude(plan, level, found)
    return found


def holds(
    condition: Condition, profile: Profile, concluded: Mapping[Conclusion, bool | None]
) -> bool | None:
    """The value of a condition."""
    match condition:
        case Test(atom):
            value = profile[atom]
            return None if value is None else condition.passes(value)
        case Reads(conclusion, wanted):
            value = concluded.get(conclusion, False)
            return None if value is None else value is wanted
        case All(parts):
            return every(holds(part, profile, concluded) for part in parts)
        case Any(parts):
            return some(holds(part, profile, concluded) for part in parts)
        case Not(part):
            return opposite(holds(part, profile, concluded))


def look(form: Form, profile: Profile, concluded: Mapping[Conclusion, bool | None]) -> Finding:
    """The value of a condition with its reason: the least alternative that makes it so."""
    value = holds(form.condition, profile, concluded)
    if value is None:
        return UNKNOWN
    for alternative in form.true if value else form.false:
        if all(holds(leaf, profile, concluded) for leaf in alternative.leaves):
            return Finding(value, alternative)
    return Finding(value)


def effective(planned: PlannedRule, found: Findings) -> bool | None:
    """A rule is effective where its condition holds and no effective rule overrides it."""
    value = found.conditions[planned.rule.id, "when"].value
    if not planned.overriders:
        return value
    over = some([found.effective[rule] for rule in planned.overriders])
    return every((value, opposite(over)))


def conclude(plan: Plan, level: int, found: Findings) -> None:
    """Settle each conclusion whose rules have all been evaluated, now that this stratum has."""
    for conclusion in plan.settles[level]:
        rules = plan.concluding[conclusion]
        if conclusion.kind == "requirement":
            all_met = [met(rule, found) for rule in rules]
            found.concluded[conclusion] = every(all_met) if len(rules) > 1 else all_met[0]
        elif len(rules) == 1:
            found.concluded[conclusion] = found.effective[rules[0]]
        else:
            found.concluded[conclusion] = some([found.effective[rule] for rule in rules])


def met(rule: str, found: Findings) -> bool | None:
    """Whether a requirement is met: its rule is not effective, or what it asks for holds."""
    is_effective = found.effective[rule]
    if is_effective is False:
        return True
    asked = found.conditions[rule, "that"].value
    return asked if is_effective or asked else None


def every(values: Iterable[bool | None]) -> bool | None:
    """Strong Kleene *and*.

    >>> every([True, None]), every([None, False]), every([])
    (None, False, True)
    """
    unknown = False
    for value in values:
        if value is None:
            unknown = True
        elif not value:
            return False
    return None if unknown else True


def some(values: Iterable[bool | None]) -> bool | None:
    """Strong Kleene *or*.

    >>> some([False, None]), some([None, True]), some([])
    (None, True, False)
    """
    unknown = False
    for value in values:
        if value is None:
            unknown = True
        elif value:
            return True
    return None if unknown else False


def opposite(value: bool | None) -> bool | None:
    """Strong Kleene *not*."""
    return None if value is None else not value
