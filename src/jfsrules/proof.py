"""From findings to the decision: the answer, and the graph of steps that proves each line of it.

Shared by every engine: an engine finds, this module only writes down. A step is built when
something of the answer stands on it, and once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Final

from jfsrules.advice import NO_TRACK, Requires, Row, advise, worst
from jfsrules.condition import All, Any, Conclusion, Condition, Not, Reads, Test
from jfsrules.decision import (
    SCHEMA,
    Channel,
    Decision,
    FocusArea,
    InstrumentClass,
    Json,
    Partner,
    Reading,
    Requirement,
    RulebookName,
    Says,
    Scalar,
    Step,
    StepKind,
    Track,
    Undetermined,
    canonical,
)
from jfsrules.facts import Confidence, Fact, Profile, weakest
from jfsrules.meaning import Finding, Findings, every, holds, met
from jfsrules.plan import Alternative, Form, Plan
from jfsrules.rulebook import AUTHORITIES, Authority, Rule
from jfsrules.tier import SCOPE, scope, tier
from jfsrules.vocabulary import AS_OF, PARTNER, Value

PAGE_WRITTEN: Final = date(2014, 6, 27)
GIVEN: Final = (PARTNER, AS_OF)


def decision(plan: Plan, profile: Profile, found: Findings, engine: str) -> Decision:
    """The decision that `found` amounts to, with its trace."""
    return _Proof(plan, profile, found).decision(engine)


class _Proof:
    """The decision while it is being written down."""

    def __init__(self, plan: Plan, profile: Profile, found: Findings) -> None:
        self.plan = plan
        self.profile = profile
        self.found = found
        self.steps: dict[str, Step] = {}
        self.unknown: dict[Conclusion | str, frozenset[str]] = {}

    # --- the answer -------------------------------------------------------------------------

    def decision(self, engine: str) -> Decision:
        rulebook, profile = self.plan.rulebook, self.profile
        in_scope, reason = self.scope()
        groups = [
            (group, every((in_scope, self.value(Conclusion("group", group)))))
            for group in rulebook.vocabulary.groups
        ]
        leading = tier(in_scope, groups)
        self.tier_step(leading, in_scope, reason)
        undetermined = self.undetermined_tier(leading, in_scope, groups)
        tracks: list[Track] = []
        if in_scope is not False:
            for instrument in sorted(rulebook.vocabulary.instruments):
                self.track(instrument, in_scope, tracks, undetermined)
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
            groups=tuple(group for group, holds_ in groups if holds_),
            possible_groups=tuple(group for group, holds_ in groups if holds_ is None),
            undetermined=tuple(sorted(undetermined, key=lambda u: u.about)),
            focus_areas=self.focus_areas() if in_scope else (),
            tracks=tuple(tracks),
            instrument_classes=self.classes() if in_scope else (),
            channels=self.channels() if in_scope else (),
            trace=tuple(self.steps[step] for step in sorted(self.steps)),
        )

    def notes(self) -> tuple[str, ...]:
        notes = ["advice"]
        if self.profile.as_of < PAGE_WRITTEN:
            notes.append("page_written_later")
        if self.profile.footnote:
            notes.append(f"footnote:{self.profile.footnote}")
        return tuple(sorted(notes))

    def scope(self) -> tuple[bool | None, str | None]:
        values = {reason: holds(leaf, self.profile, self.found.concluded) for reason, leaf in SCOPE}
        in_scope, reason = scope(values)
        leaves = [leaf for name, leaf in SCOPE if in_scope is not False or name == reason]
        from_, readings = self.leaves(leaves)
        self.step(
            "order:scope",
            "order",
            says=Says("scope", {"in_scope": in_scope, "reason": reason}),
            from_=from_,
            facts=readings,
            cites=("INTRO-1",) if "INTRO-1" in self.plan.rulebook.passages else (),
            authority="text",
        )
        return in_scope, reason

    def tier_step(self, leading: str, in_scope: bool | None, reason: str | None) -> None:
        from_ = ["order:scope"]
        if in_scope is not False:
            for group in self.plan.rulebook.vocabulary.groups:
                from_ += self.conclusion(Conclusion("group", group))
        self.step(
            "order:tier",
            "order",
            says=Says("tier", {"tier": leading, "reason": reason}),
            from_=from_,
            authority="design",
        )

    def undetermined_tier(
        self, leading: str, in_scope: bool | None, groups: list[tuple[str, bool | None]]
    ) -> list[Undetermined]:
        scope_missing = frozenset[str]()
        undetermined = []
        if in_scope is None:
            scope_missing = self.missing(Any(tuple(leaf for _, leaf in SCOPE)))
            undetermined.append(Undetermined("scope", tuple(sorted(scope_missing))))
        before_leader = scope_missing
        for group, value in groups:
            if value is None:
                missing = scope_missing | self.unread(Conclusion("group", group))
                undetermined.append(Undetermined(f"group:{group}", tuple(sorted(missing))))
                before_leader |= missing
        if leading == "undetermined":
            undetermined.append(Undetermined("tier", tuple(sorted(before_leader))))
        return undetermined

    def focus_areas(self) -> tuple[FocusArea, ...]:
        lines = []
        for conclusion, rules in self.true_rules("focus"):
            area, _, mode = conclusion.subject.partition("/")
            qualified = sorted({q for rule in rules for q in rule.qualified})
            why = self.conclusion(conclusion)
            lines.append(
                FocusArea(
                    area,
                    mode or None,
                    tuple(qualified),
                    _authority(rules),
                    self.confidence(why),
                    why,
                    _cites(rules),
                )
            )
        return tuple(sorted(lines, key=lambda f: (f.id, f.mode or "")))

    def classes(self) -> tuple[InstrumentClass, ...]:
        return tuple(
            InstrumentClass(conclusion.subject, _cites(rules))
            for conclusion, rules in self.true_rules("class")
            if self.conclusion(conclusion)
        )

    def channels(self) -> tuple[Channel, ...]:
        return tuple(
            Channel(
                conclusion.subject.partition("/")[0],
                conclusion.subject.partition("/")[2] or None,
                _cites(rules),
            )
            for conclusion, rules in self.true_rules("channel")
            if self.conclusion(conclusion)
        )

    def track(
        self,
        instrument: str,
        in_scope: bool | None,
        tracks: list[Track],
        undetermined: list[Undetermined],
    ) -> None:
        vocabulary = self.plan.rulebook.vocabulary
        meant = Conclusion("track", instrument)
        moot = Conclusion("moot", instrument)
        state = self.profile[instrument]
        requirements = self.requirements(instrument)
        row = advise(
            state if isinstance(state, str) else None,
            self.value(meant),
            self.value(moot),
            worst(kind for _, kind, _ in requirements),
        )
        if row.advice == NO_TRACK:
            return
        advice = row.advice if in_scope else "undetermined"
        why = (self.advice_step(instrument, advice, row, requirements, in_scope),)
        rules = self.effective_rules(meant) + self.effective_rules(moot)
        lines = [line for _, _, line in requirements if line]
        served = {c.subject.partition("/")[0] for c, _ in self.true_rules("focus")}
        planned = vocabulary.instruments[instrument]
        tracks.append(
            Track(
                instrument=instrument,
                class_=planned.instrument_class,
                meant=every((in_scope, self.value(meant))),
                state=state if isinstance(state, str) else None,
                advice=advice,
                requires=tuple(sorted(lines, key=lambda line: line.id)),
                serves=tuple(sorted(served & set(planned.serves))) if in_scope else (),
                authority=_authority(rules),
                confidence=self.confidence(why),
                why=why,
                cites=_cites(rules),
            )
        )
        if advice in ("undetermined", "possible"):
            about = self.advice_missing(instrument, row, requirements, in_scope)
            undetermined.append(Undetermined(f"track:{instrument}", tuple(sorted(about))))

    def requirements(
        self, instrument: str
    ) -> list[tuple[Conclusion, Requires, Requirement | None]]:
        """Each requirement of an instrument: what it amounts to, and its line if it applies."""
        listed = []
        for conclusion in self.plan.requirements.get(instrument, ()):
            rules = [self.plan.rules[rule].rule for rule in self.plan.concluding[conclusion]]
            applying = [rule for rule in rules if self.found.effective[rule.id] is not False]
            value = self.found.concluded[conclusion]
            judged = value is None and all(
                rule.judged and self.found.effective[rule.id]
                for rule in applying
                if self.unmet(rule) is None
            )
            kind: Requires = (
                "true"
                if value
                else "false"
                if value is False
                else "judged_unknown"
                if judged
                else "fact_unknown"
            )
            line = None
            if applying:
                line = Requirement(
                    conclusion.subject.partition("/")[2],
                    value,
                    any(rule.judged for rule in applying),
                    "; ".join(dict.fromkeys(rule.says or rule.title for rule in applying)),
                )
            listed.append((conclusion, kind, line))
        return listed

    def unmet(self, rule: Rule) -> bool | None:
        """Whether one rule of a requirement is met: None where that is not known."""
        return met(rule.id, self.found)

    def advice_step(
        self,
        instrument: str,
        advice: str,
        row: Row,
        requirements: list[tuple[Conclusion, Requires, Requirement | None]],
        in_scope: bool | None,
    ) -> str:
        from_ = [] if in_scope else ["order:scope"]
        if row.number not in (5, 6, 7, 8, 9, 10):
            from_ += self.conclusion(Conclusion("track", instrument))
        else:
            from_ += [
                self.rule(r.id) for r in self.effective_rules(Conclusion("track", instrument))
            ]
        if row.number != 5:
            from_ += self.conclusion(Conclusion("moot", instrument))
        for conclusion, _, _ in requirements:
            from_ += self.conclusion(conclusion)
        return self.step(
            f"advice:{instrument}",
            "advice",
            says=Says(
                "advice",
                {"instrument": instrument, "advice": advice, "row": row.number},
            ),
            from_=[*from_, self.ground(instrument)],
            facts=[self.reading(Test(instrument, "=", ()))],
            authority="design",
        )

    def advice_missing(
        self,
        instrument: str,
        row: Row,
        requirements: list[tuple[Conclusion, Requires, Requirement | None]],
        in_scope: bool | None,
    ) -> frozenset[str]:
        found: frozenset[str] = frozenset()
        if in_scope is None:
            found |= self.missing(Any(tuple(leaf for _, leaf in SCOPE)))
        if self.profile[instrument] is None:
            found |= {instrument}
        if row.number in (3, 4):
            found |= self.missing(Reads(Conclusion("track", instrument)))
        if row.number in (3, 7):
            found |= self.missing(Reads(Conclusion("moot", instrument)))
        if row.number in (12, 13):
            for conclusion, _, _ in requirements:
                found |= self.missing(Reads(conclusion))
        return found

    # --- what conclusions stand on ----------------------------------------------------------

    def value(self, conclusion: Conclusion) -> bool | None:
        return self.found.concluded.get(conclusion, False)

    def true_rules(self, kind: str) -> list[tuple[Conclusion, list[Rule]]]:
        return [
            (conclusion, self.effective_rules(conclusion))
            for conclusion in sorted(self.plan.concluding)
            if conclusion.kind == kind and self.found.concluded[conclusion]
        ]

    def effective_rules(self, conclusion: Conclusion) -> list[Rule]:
        return [
            self.plan.rules[rule].rule
            for rule in self.plan.concluding.get(conclusion, ())
            if self.found.effective[rule]
        ]

    def conclusion(self, conclusion: Conclusion) -> tuple[str, ...]:
        """The steps a conclusion stands on: its effective rules where it is true, else every
        rule that could have concluded it."""
        rules = self.plan.concluding.get(conclusion, ())
        if conclusion.kind != "requirement" and self.value(conclusion):
            rules = tuple(rule for rule in rules if self.found.effective[rule])
        return tuple(self.rule(rule) for rule in rules)

    def rule(self, rule_id: str) -> str:
        """The step of one rule."""
        name = f"rule:{rule_id}"
        if name in self.steps:
            return name
        planned = self.plan.rules[rule_id]
        rule = planned.rule
        effective = self.found.effective[rule_id]
        when = self.found.conditions[rule_id, "when"]
        kind: StepKind
        over = [r for r in planned.overriders if self.found.effective[r]]
        args: dict[str, Scalar | tuple[str, ...]] = {}
        if effective:
            kind = "fired"
            from_, facts = self.alternative(when.reason)
            from_ += [self.rule(r) for r in planned.overriders]
        elif when.value is False:
            kind = "blocked"
            from_, facts = self.alternative(when.reason)
        elif effective is False:
            kind = "overridden"
            from_, facts = [self.rule(r) for r in over], []
            args["by"] = tuple(over)
        else:
            kind = "undecided"
            from_, facts = self.unsettled(planned.when.condition)
            from_ += [self.rule(r) for r in planned.overriders]
        if planned.that and effective is not False:
            that = self.found.conditions[rule_id, "that"]
            args["holds"] = that.value
            more, read = self.satisfied(planned.that, that)
            from_, facts = from_ + more, facts + read
            if effective and that.value is not True:
                kind = "undecided" if that.value is None else "blocked"
        return self.step(
            name,
            kind,
            rule=rule_id,
            says=Says(kind, {"conclusion": str(rule.conclusion), **args}),
            from_=from_,
            facts=facts,
            cites=rule.cites,
            authority=rule.authority,
        )

    def satisfied(self, form: Form, finding: Finding) -> tuple[list[str], list[Reading]]:
        if finding.value is None:
            return self.unsettled(form.condition)
        return self.alternative(finding.reason)

    def alternative(self, alternative: Alternative | None) -> tuple[list[str], list[Reading]]:
        return self.leaves(alternative.leaves if alternative else ())

    def leaves(self, leaves: Iterable[Test | Reads]) -> tuple[list[str], list[Reading]]:
        from_: list[str] = []
        readings: list[Reading] = []
        for leaf in leaves:
            if isinstance(leaf, Reads):
                from_ += self.conclusion(leaf.conclusion)
            else:
                readings.append(self.reading(leaf))
                if leaf.atom not in GIVEN:
                    from_.append(self.ground(leaf.atom))
        return from_, readings

    def unsettled(self, condition: Condition) -> tuple[list[str], list[Reading]]:
        return self.leaves(_unknown_leaves(condition, self.profile, self.found))

    def reading(self, test: Test) -> Reading:
        return Reading(
            test.atom,
            test.op,
            tuple(_scalar(value) for value in test.values),
            _scalar(self.profile[test.atom]),
        )

    def ground(self, atom: str) -> str:
        """The step of one indicator: the fact, statement or absence its value rests on."""
        ground = self.profile.ground(atom)
        value = _scalar(self.profile[atom])
        args: dict[str, Scalar | tuple[str, ...]] = {"indicator": atom, "value": value}
        kind: StepKind
        match ground.kind:
            case "fact":
                fact = ground.facts[0]
                kind, name = "fact", f"fact:{fact.id}"
                args |= _period(fact)
            case "stated":
                kind, name = "stated", f"stated:{atom}"
            case "absence":
                kind, name = "absence", f"absence:{atom}"
                if ground.closed_list:
                    args["list"] = ground.closed_list.id
                else:
                    args |= _period(ground.facts[0])
            case "unknown":
                kind, name = "undecided", f"unknown:{atom}"
                args["facts"] = tuple(fact.id for fact in ground.facts)
                for fact in ground.facts[:1]:
                    args |= _period(fact)
        cites = {cite for fact in ground.facts for cite in fact.cites}
        if ground.closed_list:
            cites |= set(ground.closed_list.cites)
        return self.step(
            name,
            kind,
            says=Says(ground.why, args),
            cites=cites,
            confidence=ground.confidence if ground.kind != "unknown" else None,
        )

    def step(
        self,
        name: str,
        kind: StepKind,
        *,
        says: Says,
        rule: str | None = None,
        from_: Iterable[str] = (),
        facts: Iterable[Reading] = (),
        cites: Iterable[str] = (),
        authority: Authority | None = None,
        confidence: Confidence | None = None,
    ) -> str:
        if name not in self.steps:
            under = tuple(sorted(set(from_)))
            self.steps[name] = Step(
                id=name,
                kind=kind,
                rule=rule,
                authority=authority,
                confidence=weakest([confidence, self.confidence(under)]),
                says=says,
                from_=under,
                facts=tuple(sorted(set(facts), key=_reading_order)),
                cites=tuple(sorted(cites)),
            )
        return name

    def confidence(self, steps: Iterable[str]) -> Confidence | None:
        return weakest(self.steps[step].confidence for step in steps)

    # --- what is missing --------------------------------------------------------------------

    def missing(self, condition: Condition) -> frozenset[str]:
        """The unknown indicators that keep a condition from being decided."""
        found: frozenset[str] = frozenset()
        for leaf in _unknown_leaves(condition, self.profile, self.found):
            found |= (
                frozenset([leaf.atom]) if isinstance(leaf, Test) else self.unread(leaf.conclusion)
            )
        return found

    def unread(self, conclusion: Conclusion) -> frozenset[str]:
        if conclusion not in self.unknown:
            rules = self.plan.concluding.get(conclusion, ())
            requirement = conclusion.kind == "requirement"
            self.unknown[conclusion] = frozenset[str]().union(
                *(self.unruled(rule, requirement) for rule in rules)
            )
        return self.unknown[conclusion]

    def unruled(self, rule_id: str, requirement: bool = False) -> frozenset[str]:
        planned = self.plan.rules[rule_id]
        missing: frozenset[str] = frozenset()
        if requirement and planned.that and self.unmet(planned.rule) is None:
            missing = self.missing(planned.that.condition)
        if self.found.effective[rule_id] is None:
            missing |= self.missing(planned.when.condition)
            missing = missing.union(*(self.unruled(rule) for rule in planned.overriders))
        return missing


def profile_digest(profile: Profile) -> str:
    """The SHA-256 of a profile: its values, where each comes from, and the facts' ids."""
    rows: dict[str, Json] = {}
    for atom in sorted(profile.values):
        ground = profile.ground(atom)
        names: list[Json] = [fact.id for fact in ground.facts]
        if ground.closed_list:
            names.append(ground.closed_list.id)
        rows[atom] = [_scalar(profile.values[atom]), ground.kind, names]
    body: Json = {
        "partner": profile.partner,
        "as_of": profile.as_of.isoformat(),
        "facts": rows,
    }
    return hashlib.sha256(canonical(body)).hexdigest()


def _unknown_leaves(
    condition: Condition, profile: Profile, found: Findings
) -> Iterable[Test | Reads]:
    if holds(condition, profile, found.concluded) is not None:
        return
    match condition:
        case Test() | Reads():
            yield condition
        case All(parts) | Any(parts):
            for part in parts:
                yield from _unknown_leaves(part, profile, found)
        case Not(part):
            yield from _unknown_leaves(part, profile, found)


def _period(fact: Fact) -> dict[str, Scalar | tuple[str, ...]]:
    return {
        "fact": fact.id,
        "from": str(fact.since),
        "until": str(fact.until) if fact.until else None,
    }


def _scalar(value: Value | None) -> Scalar:
    return value.isoformat() if isinstance(value, date) else value


def _reading_order(reading: Reading) -> tuple[str, str, str]:
    return (reading.indicator, reading.op, str(reading.wanted))


def _authority(rules: Iterable[Rule]) -> Authority:
    said = {rule.authority for rule in rules}
    return next((a for a in AUTHORITIES if a in said), "design")


def _cites(rules: Iterable[Rule]) -> tuple[str, ...]:
    return tuple(sorted({cite for rule in rules for cite in rule.cites}))
