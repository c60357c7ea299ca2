"""What is not settled, and the unknown indicators that keep it so. Knows nothing of steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from jfsrules.condition import All, Any, Conclusion, Condition, Leaf, Not, Reads, Test
from jfsrules.facts import Profile
from jfsrules.meaning import Findings, met, opposite
from jfsrules.plan import Alternative, Part, PlannedRule
from jfsrules.proof.kept import Kept
from jfsrules.tier import SCOPE

NOTHING: Final[frozenset[str]] = frozenset()
IN_SCOPE: Final = Any(tuple(leaf for _, leaf in SCOPE))


class Missing:
    """The unknown indicators behind each condition, rule and conclusion of one profile."""

    def __init__(self, kept: Kept, profile: Profile, found: Findings) -> None:
        self.kept = kept
        self.plan = kept.plan
        self.profile = profile
        self.found = found
        self._missing: dict[Conclusion, frozenset[str]] = {}

    def scope(self) -> frozenset[str]:
        """What keeps it open whether the partner is in scope."""
        _, leaves = unsettled(IN_SCOPE, self.profile, self.found.concluded)
        return self._of_leaves(leaves)

    def conclusion(self, conclusion: Conclusion) -> frozenset[str]:
        """What keeps a conclusion unknown; nothing where it is known."""
        if self.found.concluded.get(conclusion, False) is not None:
            return NOTHING
        if conclusion not in self._missing:
            rules = self.plan.concluding[conclusion]
            missing = [self._rule(rule) for rule in rules]
            if conclusion.kind == "requirement":
                missing += [
                    self._of_leaves(self.open(self.plan.rules[rule], "that").leaves)
                    for rule in rules
                    if met(rule, self.found) is None
                ]
            self._missing[conclusion] = NOTHING.union(*missing)
        return self._missing[conclusion]

    def open(self, planned: PlannedRule, part: Part) -> Alternative:
        """The unknown leaves that keep a rule's condition unknown; none where it is known."""
        open_ = self.kept.open_of(planned, part)
        profile, concluded = self.profile, self.found.concluded
        known = (
            *[profile[atom] for atom in open_.atoms],
            *[concluded.get(conclusion, False) for conclusion in open_.conclusions],
        )
        leaves = open_.kept.get(known)
        if leaves is None:
            _, unknown = unsettled(open_.condition, profile, concluded)
            leaves = self.kept.keep(open_.kept, known, Alternative(tuple(unknown)))
        return leaves

    def _rule(self, rule: str) -> frozenset[str]:
        if self.found.effective[rule] is not None:
            return NOTHING
        planned = self.plan.rules[rule]
        own = self._of_leaves(self.open(planned, "when").leaves)
        return own.union(*[self._rule(overrider) for overrider in planned.overriders])

    def _of_leaves(self, leaves: Iterable[Leaf]) -> frozenset[str]:
        return NOTHING.union(
            *[
                {leaf.atom} if isinstance(leaf, Test) else self.conclusion(leaf.conclusion)
                for leaf in leaves
            ]
        )


def unsettled(
    condition: Condition, profile: Profile, concluded: Mapping[Conclusion, bool | None]
) -> tuple[bool | None, list[Leaf]]:
    """The value of a condition and, where it is unknown, the unknown leaves that keep it so."""
    match condition:
        case Test(atom):
            value = profile[atom]
            return (None, [condition]) if value is None else (condition.passes(value), [])
        case Reads(conclusion, wanted):
            settled = concluded.get(conclusion, False)
            return (None, [condition]) if settled is None else (settled is wanted, [])
        case Not(part):
            inner, leaves = unsettled(part, profile, concluded)
            return opposite(inner), leaves
        case All(parts) | Any(parts):
            decides = isinstance(condition, Any)
            open_: list[Leaf] = []
            for part in parts:
                inner, leaves = unsettled(part, profile, concluded)
                if inner is decides:
                    return decides, []
                open_ += leaves
            return (None, open_) if open_ else (not decides, [])
