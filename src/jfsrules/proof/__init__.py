"""From findings to the decision: the answer, and the graph of steps that proves each line of it.

Shared by every engine: an engine finds, this package only writes down.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from jfsrules.condition import Conclusion, scalar
from jfsrules.decision import (
    SCHEMA,
    Channel,
    Decision,
    FocusArea,
    InstrumentClass,
    Json,
    Partner,
    RulebookName,
    Says,
    Track,
    Undetermined,
    canonical,
)
from jfsrules.facts import SET_ASIDE, Profile
from jfsrules.meaning import Findings, every, holds
from jfsrules.plan import Alternative, Plan, PlannedRule
from jfsrules.proof.graph import Graph
from jfsrules.proof.missing import NOTHING, Missing
from jfsrules.proof.tracks import Tracks, authority_of, cites_of
from jfsrules.tier import SCOPE, scope, tier

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
        self.missing = Missing(plan, profile, found)
        self.graph = Graph(plan, profile, found, self.missing)

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
            profile_digest=profile_digest(profile),
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
            "order:scope",
            "order",
            Says("scope", {"in_scope": in_scope, "reason": reason}),
            self.graph.under(leaves),
            self.graph.readings(leaves.tests),
            cites=("INTRO-1",) if "INTRO-1" in self.plan.rulebook.passages else (),
            authority="text",
        )
        return in_scope, reason

    def tier_step(self, leading: str, in_scope: bool | None, reason: str | None) -> None:
        from_ = ["order:scope"]
        led = False
        for group in self.plan.rulebook.vocabulary.groups if in_scope is not False else ():
            steps = self.graph.conclusion(Conclusion("group", group))
            from_ += () if led else steps
            led = led or group == leading
        says = Says("tier", {"tier": leading, "reason": reason})
        self.graph.add("order:tier", "order", says, from_, authority="design")

    def undetermined_tier(
        self, leading: str, in_scope: bool | None, groups: Sequence[tuple[str, bool | None]]
    ) -> list[Undetermined]:
        """What is open about scope, each group, and which group leads: the last asks no further
        than a group that leads once the partner is in scope."""
        scope_missing = self.missing.scope() if in_scope is None else NOTHING
        undetermined = []
        if in_scope is None:
            undetermined.append(Undetermined("scope", tuple(sorted(scope_missing))))
        before_leader, led = scope_missing, False
        for group, value in groups:
            conclusion = Conclusion("group", group)
            if value is None:
                missing = scope_missing | self.missing.conclusion(conclusion)
                undetermined.append(Undetermined(f"group:{group}", tuple(sorted(missing))))
                before_leader = before_leader if led else before_leader | missing
            led = led or self.found.concluded.get(conclusion) is True
        if leading == "undetermined":
            undetermined.append(Undetermined("tier", tuple(sorted(before_leader))))
        return undetermined

    # --- focus areas, classes, channels -----------------------------------------------------

    def focus_areas(self) -> tuple[FocusArea, ...]:
        lines = []
        for conclusion, rules in self.true_rules("focus"):
            area, _, mode = conclusion.subject.partition("/")
            why = tuple(self.graph.conclusion(conclusion))
            lines.append(
                FocusArea(
                    id=area,
                    mode=mode or None,
                    qualified=tuple(sorted({q for one in rules for q in one.rule.qualified})),
                    authority=authority_of(rules),
                    confidence=self.graph.confidence(why),
                    why=why,
                    cites=cites_of(rules),
                )
            )
        return tuple(sorted(lines, key=lambda f: (f.id, f.mode or "")))

    def classes(self) -> tuple[InstrumentClass, ...]:
        return tuple(
            InstrumentClass(conclusion.subject, cites_of(rules))
            for conclusion, rules in self.true_rules("class")
            if self.graph.conclusion(conclusion)
        )

    def channels(self) -> tuple[Channel, ...]:
        return tuple(
            Channel(
                conclusion.subject.partition("/")[0],
                conclusion.subject.partition("/")[2] or None,
                cites_of(rules),
            )
            for conclusion, rules in self.true_rules("channel")
            if self.graph.conclusion(conclusion)
        )

    def true_rules(self, kind: str) -> Iterable[tuple[Conclusion, list[PlannedRule]]]:
        """The true conclusions of a kind, each with the rules that conclude it."""
        plan, found = self.plan, self.found
        for conclusion in plan.conclusions.get(kind, ()):
            if found.concluded[conclusion]:
                rules = plan.rules_of[conclusion]
                yield conclusion, [one for one in rules if found.effective[one.id]]


def profile_digest(profile: Profile) -> str:
    """The SHA-256 of a profile: its values, where each comes from, and the facts' ids."""
    rows: dict[str, Json] = {}
    for atom, value in profile.values.items():
        ground = profile.ground(atom)
        names: list[Json] = [fact.id for fact in ground.facts]
        if ground.closed_list:
            names.append(ground.closed_list.id)
        rows[atom] = [scalar(value), ground.kind, names]
    body: Json = {
        "partner": profile.partner,
        "as_of": profile.as_of.isoformat(),
        "facts": rows,
    }
    return hashlib.sha256(canonical(body)).hexdigest()
