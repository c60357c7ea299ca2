"""From findings to the decision: the answer, and the graph of steps that proves each line of it.

Shared by every engine: an engine finds, this package only writes down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Final, TypeVar

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
    Track,
    Undetermined,
)
from jfsrules.facts import SET_ASIDE, Profile
from jfsrules.meaning import Findings, every, holds
from jfsrules.plan import Alternative, Plan, PlannedRule
from jfsrules.proof.bottoms import profile_digest
from jfsrules.proof.graph import Graph
from jfsrules.proof.kept import kept_of
from jfsrules.proof.missing import NOTHING, Missing
from jfsrules.proof.tracks import SCOPE_STEP, Tracks, authority_of, cites_of
from jfsrules.tier import SCOPE, scope, tier

__all__ = ["decision", "profile_digest"]
Written = TypeVar("Written")

PAGE_WRITTEN: Final = date(2014, 6, 27)
IN_SCOPE: Final = Alternative(tuple(leaf for _, leaf in SCOPE))
OUT_OF_SCOPE: Final = {reason: Alternative((leaf,)) for reason, leaf in SCOPE}


def decision(plan: Plan, profile: Profile, found: Findings, engine: str) -> Decision:
    """The decision that `found` amounts to, with its trace."""
    return _Answer(plan, profile, found).decision(engine)


class _Answer:
    """The decision while it is being written down."""

    def __init__(self, plan: Plan, profile: Profile, found: Findings) -> None:
        self.plan = plan
        self.profile = profile
        self.found = found
        self.kept = kept_of(plan)
        self.missing = Missing(self.kept, profile, found)
        self.graph = Graph(self.kept, profile, found, self.missing)

    def decision(self, engine: str) -> Decision:
        rulebook, profile = self.plan.rulebook, self.profile
        in_scope, reason = self.scope()
        groups = [
            (group, every((in_scope, self.found.concluded.get(Conclusion("group", group), False))))
            for group in rulebook.vocabulary.groups
        ]
        leading = tier(in_scope, groups)
        self.tier_step(leading, in_scope, reason)
        undetermined = self.undetermined_tier(leading, in_scope, groups)
        focus_areas = self.focus_areas() if in_scope else ()
        tracks: list[Track] = []
        if in_scope is not False:
            served = frozenset([area.id for area in focus_areas])
            more = Tracks(self.graph, in_scope, served)
            tracks = [track for track in map(more.track, self.plan.tracks) if track]
            undetermined += more.undetermined
        return Decision(
            schema=SCHEMA,
            partner=Partner(profile.partner, profile.name or profile.partner),
            as_of=profile.as_of.isoformat(),
            engine=engine,
            notes=self.notes(),
            rulebook=RulebookName(rulebook.name, rulebook.version, rulebook.digest),
            profile_digest=self.graph.profile_digest,
            tier=leading,
            out_of_scope=reason,
            groups=tuple([group for group, holds_ in groups if holds_]),
            possible_groups=tuple([group for group, holds_ in groups if holds_ is None]),
            undetermined=tuple(sorted(undetermined, key=lambda u: u.about)),
            focus_areas=focus_areas,
            tracks=tuple(tracks),
            instrument_classes=self.classes() if in_scope else (),
            channels=self.channels() if in_scope else (),
            trace=self.graph.trace(),
        )

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

    def scope(self) -> tuple[bool | None, str | None]:
        values = {reason: holds(leaf, self.profile, self.found.concluded) for reason, leaf in SCOPE}
        in_scope, reason = scope(values)
        leaves = OUT_OF_SCOPE.get(reason or "", IN_SCOPE)
        self.graph.add(
            SCOPE_STEP,
            Says("scope", {"in_scope": in_scope, "reason": reason}),
            (*leaves.atoms, *leaves.reads),
            leaves.tests,
            cites=("INTRO-1",) if "INTRO-1" in self.plan.rulebook.passages else (),
            authority="text",
        )
        return in_scope, reason

    def tier_step(self, leading: str, in_scope: bool | None, reason: str | None) -> None:
        """The step of the tier, on every group as far as the one that leads; all are proved."""
        groups = self.plan.rulebook.vocabulary.groups if in_scope is not False else ()
        concluded = [Conclusion("group", group) for group in groups]
        for conclusion in concluded:
            self.graph.why(conclusion)
        led = [group == leading for group in groups]
        as_far = concluded[: led.index(True) + 1] if True in led else concluded
        says = Says("tier", {"tier": leading, "reason": reason})
        self.graph.add("order:tier", says, (SCOPE_STEP, *as_far), authority="design")

    def undetermined_tier(
        self, leading: str, in_scope: bool | None, groups: Sequence[tuple[str, bool | None]]
    ) -> list[Undetermined]:
        """What is open about scope, each group, and which group leads: the last asks no further
        than a group that leads once the partner is in scope."""
        scope_missing = self.missing.scope() if in_scope is None else NOTHING
        undetermined = []
        if in_scope is None:
            undetermined.append(self.kept.undetermined("scope", scope_missing))
        before_leader, led = scope_missing, False
        for group, value in groups:
            conclusion = Conclusion("group", group)
            if value is None:
                missing = scope_missing | self.missing.conclusion(conclusion)
                undetermined.append(self.kept.undetermined(f"group:{group}", missing))
                before_leader = before_leader if led else before_leader | missing
            led = led or self.found.concluded.get(conclusion) is True
        if leading == "undetermined":
            undetermined.append(self.kept.undetermined("tier", before_leader))
        return undetermined

    # --- focus areas, classes, channels -----------------------------------------------------

    def focus_areas(self) -> tuple[FocusArea, ...]:
        return tuple(sorted(self.true("focus", self.area), key=lambda f: (f.id, f.mode or "")))

    def classes(self) -> tuple[InstrumentClass, ...]:
        return tuple(self.true("class", self.class_))

    def channels(self) -> tuple[Channel, ...]:
        return tuple(self.true("channel", self.channel))

    def true(
        self, kind: str, write: Callable[[Conclusion, list[PlannedRule]], Written]
    ) -> list[Written]:
        """The lines of the true conclusions of a kind, written from the rules that conclude them."""
        lines = []
        for conclusion in self.plan.conclusions.get(kind, ()):
            if self.found.concluded[conclusion]:
                key = (conclusion, self.graph[conclusion])
                lines.append(self.kept.once(key, partial(self.line, conclusion, write)))
        return lines

    def line(
        self, conclusion: Conclusion, write: Callable[[Conclusion, list[PlannedRule]], Written]
    ) -> Written:
        rules = self.plan.rules_of[conclusion]
        return write(conclusion, [one for one in rules if self.found.effective[one.id]])

    def area(self, conclusion: Conclusion, rules: list[PlannedRule]) -> FocusArea:
        area, _, mode = conclusion.subject.partition("/")
        return FocusArea(
            id=area,
            mode=mode or None,
            qualified=tuple(sorted({q for one in rules for q in one.rule.qualified})),
            authority=authority_of(rules),
            confidence=self.graph.confidence(conclusion),
            why=self.graph.why(conclusion),
            cites=cites_of(rules),
        )

    def class_(self, conclusion: Conclusion, rules: list[PlannedRule]) -> InstrumentClass:
        return InstrumentClass(conclusion.subject, cites_of(rules))

    def channel(self, conclusion: Conclusion, rules: list[PlannedRule]) -> Channel:
        organisation, _, mode = conclusion.subject.partition("/")
        return Channel(organisation, mode or None, cites_of(rules))
