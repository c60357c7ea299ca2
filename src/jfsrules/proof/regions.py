"""Which part of a plan a part of the answer hangs on.

A region is all that some conclusions can ever ask: rules over rules, down to indicators. Where the
same was found of it, and the same holds there, its part of the answer is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from jfsrules.condition import Conclusion, Reads, Test, leaves
from jfsrules.meaning import Findings
from jfsrules.plan import Plan, PlannedTrack
from jfsrules.tier import SCOPE


class Region:
    """The rules, conclusions and indicators beneath some conclusions."""

    __slots__ = ("_atoms", "_concluded", "_conditions", "_effective")

    def __init__(self, plan: Plan, conclusions: Iterable[Conclusion], atoms: Iterable[str]) -> None:
        rules, asked, tested = _beneath(plan, conclusions)
        planned = [plan.rules[rule] for rule in rules]
        self._conditions = _all_of(key for p in planned for key in p.keys[: len(p.forms())])
        self._effective = _all_of(rules)
        self._concluded = _all_of(one for one in asked if one in plan.concluding)
        self._atoms = _all_of({**dict.fromkeys(atoms), **tested})

    def seen(self, found: Findings, bottoms: Mapping[str, object]) -> tuple[object, ...]:
        """All that was found of it, and all that holds there."""
        return (
            self._conditions(found.conditions),
            self._effective(found.effective),
            self._concluded(found.concluded),
            self._atoms(bottoms),
        )


class Regions:
    """The regions of a plan: of its tier, of its focus areas, classes and channels, of each track."""

    def __init__(self, plan: Plan) -> None:
        leaves_ = [leaf for _, leaf in SCOPE]
        groups = [Conclusion("group", group) for group in plan.rulebook.vocabulary.groups]
        self.tier = Region(
            plan,
            [*groups, *[leaf.conclusion for leaf in leaves_ if isinstance(leaf, Reads)]],
            [leaf.atom for leaf in leaves_ if isinstance(leaf, Test)],
        )
        kinds = ("focus", "class", "channel")
        lines = [one for kind in kinds for one in plan.conclusions.get(kind, ())]
        self.areas = Region(plan, lines, ())
        self.tracks = tuple((track, _of_track(plan, track)) for track in plan.tracks)


def _of_track(plan: Plan, track: PlannedTrack) -> Region:
    required = [one.conclusion for one in track.requirements]
    return Region(plan, [track.meant, track.moot, *required], [track.instrument.id])


def _beneath(
    plan: Plan, conclusions: Iterable[Conclusion]
) -> tuple[dict[str, None], dict[Conclusion, None], dict[str, None]]:
    """The rules, conclusions and indicators beneath some conclusions, these included."""
    rules: dict[str, None] = {}
    asked: dict[Conclusion, None] = {}
    tested: dict[str, None] = {}
    waiting: list[str | Conclusion] = list(conclusions)
    while waiting:
        one = waiting.pop()
        if isinstance(one, Conclusion) and one not in asked:
            asked[one] = None
            waiting += plan.concluding.get(one, ())
        elif isinstance(one, str) and one not in rules:
            rules[one] = None
            waiting += plan.rules[one].overriders
            read = [leaf for _, f in plan.rules[one].forms() for leaf in leaves(f.condition)]
            waiting += [leaf.conclusion for leaf in read if isinstance(leaf, Reads)]
            tested |= dict.fromkeys([leaf.atom for leaf in read if isinstance(leaf, Test)])
    return rules, asked, tested


def _all_of(keys: Iterable[Any]) -> Callable[[Any], object]:
    """What picks the values of all these keys from a mapping."""
    asked = tuple(keys)
    return itemgetter(*asked) if asked else lambda _: ()
