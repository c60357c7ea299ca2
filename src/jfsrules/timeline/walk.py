"""From boundary to boundary: a decision on each, and what is otherwise than on the one before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from jfsrules.compare import Difference, differences
from jfsrules.engines import compiled
from jfsrules.facts import Confidence, Dossier, Lists, profile_on
from jfsrules.plan import plan
from jfsrules.proof import decision
from jfsrules.rulebook import Rulebook
from jfsrules.timeline.boundaries import Act, acts
from jfsrules.timeline.causes import Causes, Stop, unmoved
from jfsrules.timeline.told import SCHEMA, Change, Timeline, standing

ENGINE: Final = "compiled"
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "scope": ("reason",),
    "tier": ("tier",),
    "group": ("holds",),
    "track": ("advice", "state", "meant"),
}

_last: list[tuple[Rulebook, compiled.Compiled]] = []


def engine_of(rulebook: Rulebook) -> compiled.Compiled:
    """A rulebook as a function, with its plan; the last one is kept."""
    if not _last or _last[0][0] is not rulebook:
        _last[:] = [(rulebook, compiled.engine(plan(rulebook)))]
    return _last[0][1]


class Walk:
    """One partner under one rulebook, from boundary to boundary."""

    def __init__(
        self, engine: compiled.Compiled, dossier: Dossier, lists: Lists, trust: Confidence
    ) -> None:
        self.engine = engine
        self.plan = engine.plan
        self.dossier = dossier
        self.lists = lists
        self.trust = trust
        self.causes = Causes(engine)
        self.acts: dict[date, list[Act]] = {}
        for day, act in acts(dossier, lists, self.plan.rulebook):
            self.acts.setdefault(day, []).append(act)

    def timeline(self, first: date, last: date, only: Collection[str]) -> Timeline:
        stop = begin = self.stop(first)
        changes: list[Change] = []
        for day in sorted(day for day in self.acts if first < day <= last):
            before, stop = stop, self.stop(day, stop)
            if stop is not before:
                changes += self.changes(day, before, stop, only)
        return Timeline(
            SCHEMA,
            stop.decision.partner,
            stop.decision.rulebook,
            tuple(sorted({*begin.decision.notes, *stop.decision.notes})),
            standing(begin.decision, first),
            tuple(changes),
            standing(stop.decision, last),
        )

    def stop(self, day: date, before: Stop | None = None) -> Stop:
        """The decision of a day; the one before stands where nothing it is made of is otherwise."""
        words = self.plan.rulebook.vocabulary
        profile = profile_on(self.dossier, day, self.lists, words, self.trust)
        found = self.engine(profile)
        if before and profile.values == before.profile.values and found == before.found:
            return before
        return Stop(decision(self.plan, profile, found, ENGINE), profile, found)

    def changes(
        self, day: date, before: Stop, after: Stop, only: Collection[str]
    ) -> Iterator[Change]:
        """What is otherwise on a day, one change for each thing it is about."""
        told: dict[str, list[Difference]] = {}
        same = unmoved(before, after)
        for one in differences(before.decision, after.decision, same):
            kind = one.about.partition(":")[0]
            wanted = not only or kind in only or one.about in only
            if wanted and one.field in FIELDS.get(kind, ()):
                told.setdefault(one.about, []).append(one)
        for about, ones in told.items():
            yield Change(
                day.isoformat(),
                about,
                MappingProxyType({one.field: one.values[0] for one in ones}),
                MappingProxyType({one.field: one.values[1] for one in ones}),
                self.causes.of(ones, before, after, self.acts[day]),
            )
