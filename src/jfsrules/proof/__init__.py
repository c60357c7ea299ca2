"""From findings to the decision: the answer, and the graph of steps that proves each line of it.

Shared by every engine: an engine finds, this package only writes down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

from jfsrules.condition import Conclusion
from jfsrules.decision import (
    SCHEMA,
    Channel,
    Decision,
    FocusArea,
    InstrumentClass,
    Partner,
    RulebookName,
    Says,
    Step,
    Track,
    Undetermined,
)
from jfsrules.facts import SET_ASIDE, Profile
from jfsrules.meaning import Findings, every, holds
from jfsrules.plan import Alternative, Plan, PlannedRule, PlannedTrack
from jfsrules.proof.bottoms import Bottoms, profile_digest
from jfsrules.proof.graph import Graph
from jfsrules.proof.kept import Standing, What, kept_of
from jfsrules.proof.missing import NOTHING, Missing
from jfsrules.proof.regions import Region
from jfsrules.proof.tracks import SCOPE_STEP, TrackWriter, authority_of, cites_of, listed
from jfsrules.tier import SCOPE, scope, tier

__all__ = ["decision", "profile_digest"]
Made = TypeVar("Made")
Written = TypeVar("Written")
Write: TypeAlias = Callable[[Conclusion, Sequence[PlannedRule], Graph], Written]

PAGE_WRITTEN: Final = date(2014, 6, 27)
IN_SCOPE: Final = Alternative(tuple(leaf for _, leaf in SCOPE))
OUT_OF_SCOPE: Final = {reason: Alternative((leaf,)) for reason, leaf in SCOPE}


def decision(plan: Plan, profile: Profile, found: Findings, engine: str) -> Decision:
    """The decision that `found` amounts to, with its trace."""
    return _Answer(plan, profile, found).decision(engine)


class Part(NamedTuple, Generic[Made]):
    """A part of the answer, with all the steps that prove it."""

    made: Made
    steps: dict[str, Step]


class Led(NamedTuple):
    """Whether a partner is in scope, its groups and the tier; what is open about them."""

    in_scope: bool | None
    reason: str | None
    groups: tuple[tuple[str, bool | None], ...]
    tier: str
    undetermined: tuple[Undetermined, ...]
    scope: Standing


class Areas(NamedTuple):
    """Focus areas, classes of instruments and channels; `served` are the areas by id."""

    focus_areas: tuple[FocusArea, ...]
    classes: tuple[InstrumentClass, ...]
    channels: tuple[Channel, ...]
    served: frozenset[str]


NO_AREAS: Final = Areas((), (), (), frozenset())


class _Answer:
    """The decision while it is being written down, part by part."""

    def __init__(self, plan: Plan, profile: Profile, found: Findings) -> None:
        self.plan = plan
        self.profile = profile
        self.found = found
        self.kept = kept_of(plan)
        self.regions = self.kept.regions
        self.bottoms = Bottoms(self.kept, profile)
        self.missing = Missing(self.kept, profile, found)
        self.steps: dict[str, Step] = {}

    def decision(self, engine: str) -> Decision:
        rulebook, profile = self.plan.rulebook, self.profile
        led = self.part(self.regions.tier, (), self.led)
        areas = NO_AREAS
        if led.in_scope:
            areas = self.part(self.regions.areas, (), self.areas)
        tracks = [] if led.in_scope is False else list(self.tracks(led, areas))
        undetermined = [*led.undetermined, *[open_ for _, open_ in tracks if open_]]
        return Decision(
            schema=SCHEMA,
            partner=Partner(profile.partner, profile.name or profile.partner),
            as_of=profile.as_of.isoformat(),
            engine=engine,
            notes=self.notes(),
            rulebook=RulebookName(rulebook.name, rulebook.version, rulebook.digest),
            profile_digest=self.bottoms.digest,
            tier=led.tier,
            out_of_scope=led.reason,
            groups=tuple([group for group, holds_ in led.groups if holds_]),
            possible_groups=tuple([group for group, holds_ in led.groups if holds_ is None]),
            undetermined=tuple(sorted(undetermined, key=lambda u: u.about)),
            focus_areas=areas.focus_areas,
            tracks=tuple([track for track, _ in tracks]),
            instrument_classes=areas.classes,
            channels=areas.channels,
            trace=tuple([self.steps[step] for step in sorted(self.steps)]),
        )

    def part(
        self, region: Region, given: tuple[object, ...], write: Callable[[Graph], Made]
    ) -> Made:
        """A part of the answer, written where it is not known what it is. It hangs on a region
        of the plan, and on what was `given` by other parts."""
        key = (region, given, region.seen(self.found, self.bottoms))
        part: Part[Made] | None = self.kept.parts.get(key)
        if part is None:
            graph = Graph(self.bottoms, self.found, self.missing)
            part = Part(write(graph), graph.steps())
            self.kept.keep(self.kept.parts, key, part)
        self.steps.update(part.steps)
        return part.made

    def notes(self) -> tuple[str, ...]:
        notes = ["advice"]
        if self.profile.as_of < PAGE_WRITTEN:
            notes.append("page_written_later")
        if self.profile.footnote:
            notes.append(f"footnote:{self.profile.footnote}")
        notes += [
            f"set_aside:{a}" for a, g in self.profile.grounds.items() if g.why == SET_ASIDE.why
        ]
        return tuple(sorted(notes))

    # --- scope and tier ---------------------------------------------------------------------

    def led(self, graph: Graph) -> Led:
        """Scope, groups and the one that leads."""
        values = {reason: holds(leaf, self.profile, self.found.concluded) for reason, leaf in SCOPE}
        in_scope, reason = scope(values)
        scope_mark = self.scope_step(graph, in_scope, reason)
        groups = [
            (group, every((in_scope, self.found.concluded.get(Conclusion("group", group), False))))
            for group in self.plan.rulebook.vocabulary.groups
        ]
        leading = tier(in_scope, groups)
        self.tier_step(graph, leading, in_scope, reason)
        undetermined = self.undetermined_tier(leading, in_scope, groups)
        return Led(in_scope, reason, tuple(groups), leading, tuple(undetermined), scope_mark)

    def scope_step(self, graph: Graph, in_scope: bool | None, reason: str | None) -> Standing:
        leaves = OUT_OF_SCOPE.get(reason or "", IN_SCOPE)
        graph.add(
            SCOPE_STEP,
            "order",
            Says("scope", {"in_scope": in_scope, "reason": reason}),
            (*leaves.atoms, *leaves.reads),
            graph.readings(leaves.tests),
            cites=("INTRO-1",) if "INTRO-1" in self.plan.rulebook.passages else (),
            authority="text",
        )
        return graph[SCOPE_STEP]

    def tier_step(
        self, graph: Graph, leading: str, in_scope: bool | None, reason: str | None
    ) -> None:
        """The step of the tier, on every group as far as the one that leads; all are proved."""
        beneath: list[What] = [SCOPE_STEP]
        led = False
        for group in self.plan.rulebook.vocabulary.groups if in_scope is not False else ():
            conclusion = Conclusion("group", group)
            graph.why(conclusion)
            beneath += () if led else (conclusion,)
            led = led or group == leading
        says = Says("tier", {"tier": leading, "reason": reason})
        graph.add("order:tier", "order", says, beneath, (), authority="design")

    def undetermined_tier(
        self, leading: str, in_scope: bool | None, groups: Sequence[tuple[str, bool | None]]
    ) -> list[Undetermined]:
        """What is open about scope, each group, and which group leads: the last asks no further
        than a group that leads once the partner is in scope."""
        scope_missing = self.missing.scope() if in_scope is None else NOTHING
        undetermined = []
        if in_scope is None:
            undetermined.append(_open("scope", scope_missing))
        before_leader, led = scope_missing, False
        for group, value in groups:
            conclusion = Conclusion("group", group)
            if value is None:
                missing = scope_missing | self.missing.conclusion(conclusion)
                undetermined.append(_open(f"group:{group}", missing))
                before_leader = before_leader if led else before_leader | missing
            led = led or self.found.concluded.get(conclusion) is True
        if leading == "undetermined":
            undetermined.append(_open("tier", before_leader))
        return undetermined

    # --- tracks -----------------------------------------------------------------------------

    def tracks(self, led: Led, areas: Areas) -> Iterator[tuple[Track, Undetermined | None]]:
        """Every listed track, and what is open about it."""
        scope_missing = self.missing.scope() if led.in_scope is None else NOTHING
        for planned, region in self.regions.tracks:
            if listed(planned, self.profile, self.found):
                serves = areas.served.intersection(planned.instrument.serves)
                given = (led.in_scope, led.scope, scope_missing, serves)
                write = partial(self.track, planned, led, serves)
                yield self.part(region, given, write)

    def track(
        self, planned: PlannedTrack, led: Led, serves: frozenset[str], graph: Graph
    ) -> tuple[Track, Undetermined | None]:
        graph[SCOPE_STEP] = led.scope
        return TrackWriter(planned, graph, led.in_scope, serves).written()

    # --- focus areas, classes, channels -----------------------------------------------------

    def areas(self, graph: Graph) -> Areas:
        """The focus areas, the classes of instruments and the channels."""
        focus_areas = tuple(
            sorted(self.true(graph, "focus", area), key=lambda f: (f.id, f.mode or ""))
        )
        return Areas(
            focus_areas,
            tuple(self.true(graph, "class", class_)),
            tuple(self.true(graph, "channel", channel)),
            frozenset([area.id for area in focus_areas]),
        )

    def true(self, graph: Graph, kind: str, write: Write[Written]) -> Iterator[Written]:
        """The lines of the true conclusions of a kind, written from the rules that conclude them."""
        for conclusion in self.plan.conclusions.get(kind, ()):
            if self.found.concluded[conclusion]:
                rules = self.plan.rules_of[conclusion]
                effective = [one for one in rules if self.found.effective[one.id]]
                graph.why(conclusion)
                yield write(conclusion, effective, graph)


def area(conclusion: Conclusion, rules: Sequence[PlannedRule], graph: Graph) -> FocusArea:
    """The line of a focus area."""
    name, _, mode = conclusion.subject.partition("/")
    return FocusArea(
        id=name,
        mode=mode or None,
        qualified=tuple(sorted({q for one in rules for q in one.rule.qualified})),
        authority=authority_of(rules),
        confidence=graph.confidence(conclusion),
        why=graph.why(conclusion),
        cites=cites_of(rules),
    )


def class_(conclusion: Conclusion, rules: Sequence[PlannedRule], _graph: Graph) -> InstrumentClass:
    """The line of a class of instruments."""
    return InstrumentClass(conclusion.subject, cites_of(rules))


def channel(conclusion: Conclusion, rules: Sequence[PlannedRule], _graph: Graph) -> Channel:
    """The line of a channel."""
    organisation, _, mode = conclusion.subject.partition("/")
    return Channel(organisation, mode or None, cites_of(rules))


def _open(about: str, missing: frozenset[str]) -> Undetermined:
    return Undetermined(about, tuple(sorted(missing)))
