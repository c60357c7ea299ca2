"""What changed for a partner between two days, and which act changed it. Decides nothing itself.

A decision can change only on a *boundary*: a day on which a fact or a closed list begins or ends,
or a rule looks at the calendar. So a decision is made on each boundary, neighbours are compared,
and a change is put down to the boundaries of that day under which the two proofs part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from jfsrules.compare import Answer, Difference, Same, differences
from jfsrules.condition import Conclusion, Reads, Test, leaves
from jfsrules.decision import Decision, Json, Partner, RulebookName, Scalar, plain
from jfsrules.engines import compiled
from jfsrules.errors import did_you_mean, refuse
from jfsrules.facts import (
    FIRST_DAY,
    ClosedList,
    Confidence,
    Dossier,
    Fact,
    Lists,
    Profile,
    WrittenDate,
    profile_on,
)
from jfsrules.loading import load_dossier, load_lists, load_rulebook
from jfsrules.meaning import Findings
from jfsrules.plan import plan
from jfsrules.proof import decision
from jfsrules.rulebook import Rule, Rulebook
from jfsrules.vocabulary import AS_OF, Value

SCHEMA: Final = "jfsrules/timeline/1"
ENGINE: Final = "compiled"
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "scope": ("reason",),
    "tier": ("tier",),
    "group": ("holds",),
    "track": ("advice", "state", "meant"),
}
ONE_DAY: Final = timedelta(days=1)

Turn: TypeAlias = Literal["begins", "may_begin", "ends", "may_end"]
BEGINS: Final[Turn] = "begins"
MAY_BEGIN: Final[Turn] = "may_begin"
ENDS: Final[Turn] = "ends"
MAY_END: Final[Turn] = "may_end"


@dataclass(frozen=True, slots=True)
class Act:
    """Why something changed on a day: a fact, a closed list or a rule that begins or ends.

    `turn` is `may_begin` or `may_end` on the first day of a date that is not known to the day.
    `date` is the date as it was written, `value` what an indicator is from then on (or was).
    """

    kind: Literal["fact", "list", "rule"]
    turn: Turn
    id: str
    indicator: str | None
    value: Scalar
    date: str
    confidence: Confidence | None
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise from a day on, by field, and the acts that made it so."""

    day: str
    about: str
    before: Mapping[str, Answer]
    after: Mapping[str, Answer]
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a partner stands on one day: tier, groups, and the advice on each track."""

    day: str
    tier: str
    out_of_scope: str | None
    groups: tuple[str, ...]
    possible_groups: tuple[str, ...]
    tracks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Where a partner stood on the first day, every change since, where it stands on the last."""

    schema: str
    partner: Partner
    rulebook: RulebookName
    notes: tuple[str, ...]
    first: Standing
    changes: tuple[Change, ...]
    last: Standing

    def to_json(self) -> dict[str, Json]:
        """The timeline as the JSON contract has it, ready for `json.dumps`."""
        return plain(self)  # type: ignore[return-value]


def timeline(
    subject: str | Path | Dossier,
    *,
    since: date | None = None,
    until: date | None = None,
    rulebook: str | Path | Rulebook = "practice",
    only: Collection[str] = (),
    trust: Confidence = "unverified",
    lists: Lists | None = None,
) -> Timeline:
    """Every change of scope, tier, groups and tracks from the day after `since` to `until`.

    `since` defaults to the first day of all facts, `until` to the knowledge date. `only` keeps
    some: `scope`, `tier`, `group`, `track`, or one of them by name (`track:mobility_partnership`).
    Raises Refused for what cannot be loaded, and for a name in `only` that is none.
    """
    book = rulebook if isinstance(rulebook, Rulebook) else load_rulebook(rulebook)
    dossier = subject if isinstance(subject, Dossier) else load_dossier(subject)
    lists = lists or load_lists()
    first, last = since or FIRST_DAY, until or lists.knowledge_date
    if first > last:
        raise refuse(
            "no-interval", f"{first} lies after {last}", None, "give the earlier day first"
        )
    check_only(only, book)
    return _Walk(_engine(book), dossier, lists, trust).timeline(first, last, only)


def check_only(only: Iterable[str], rulebook: Rulebook) -> None:
    """Raise Refused for a name that no change can be about."""
    words = rulebook.vocabulary
    named = {"group": words.groups, "track": words.instruments}
    known = [*FIELDS, *(f"{kind}:{name}" for kind, names in named.items() for name in names)]
    for name in only:
        if name not in known:
            near = did_you_mean(name, known) or "there are " + ", ".join(f"`{k}`" for k in FIELDS)
            raise refuse("unknown-line", f"no line of a timeline is called `{name}`", None, near)


@dataclass(frozen=True, slots=True)
class _Stop:
    """The decision of one day, with what it was made of."""

    decision: Decision
    profile: Profile
    found: Findings


_last: list[tuple[Rulebook, compiled.Compiled]] = []


def _engine(rulebook: Rulebook) -> compiled.Compiled:
    """A rulebook as a function, with its plan; the last one is kept."""
    if not _last or _last[0][0] is not rulebook:
        _last[:] = [(rulebook, compiled.engine(plan(rulebook)))]
    return _last[0][1]


class _Walk:
    """One partner under one rulebook, from boundary to boundary."""

    def __init__(
        self, engine: compiled.Compiled, dossier: Dossier, lists: Lists, trust: Confidence
    ) -> None:
        self.engine = engine
        self.plan = engine.plan
        self.dossier = dossier
        self.lists = lists
        self.trust = trust
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

    def stop(self, day: date, before: _Stop | None = None) -> _Stop:
        """The decision of a day; the one before stands where nothing it is made of is otherwise."""
        words = self.plan.rulebook.vocabulary
        profile = profile_on(self.dossier, day, self.lists, words, self.trust)
        found = self.engine(profile)
        if before and profile.values == before.profile.values and found == before.found:
            return before
        return _Stop(decision(self.plan, profile, found, ENGINE), profile, found)

    def changes(
        self, day: date, before: _Stop, after: _Stop, only: Collection[str]
    ) -> Iterator[Change]:
        """What is otherwise on a day, one change for each thing it is about."""
        told: dict[str, list[Difference]] = {}
        same = _same(before, after)
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
                self.blamed(day, before, after, ones),
            )

    def blamed(
        self, day: date, before: _Stop, after: _Stop, ones: Sequence[Difference]
    ) -> tuple[Act, ...]:
        """The acts of that day at which the proofs of a change part."""
        steps = {step.id: step for stop in (before, after) for step in stop.decision.trace}
        names = set()
        for step in {step for one in ones for side in one.because for step in side}:
            atom = steps[step].says.args.get("indicator")
            names.add(str(atom) if atom else step.removeprefix("rule:"))
        return self.named(day, names) or self.named(day, self.moved(ones[0].about, before, after))

    def named(self, day: date, names: Iterable[str]) -> tuple[Act, ...]:
        """The acts of a day on some indicators and rules; an end is told where nothing begins."""
        wanted = set(names)
        found = [act for act in self.acts[day] if (act.indicator or act.id) in wanted]
        begun = {act.indicator for act in found if act.turn in (BEGINS, MAY_BEGIN)}
        return tuple(
            act
            for act in found
            if act.kind == "rule" or act.turn in (BEGINS, MAY_BEGIN) or act.indicator not in begun
        )

    def moved(self, about: str, before: _Stop, after: _Stop) -> Iterator[str]:
        """The indicators and rules that moved under a line of which the proofs do not say enough."""
        same = _same(before, after)
        kind, _, subject = about.partition(":")
        conclusions = [Conclusion("group", subject)]
        if kind == "track":
            conclusions = [Conclusion("track", subject), Conclusion("moot", subject)]
            conclusions += self.plan.requirements.get(subject, ())
            yield subject
        waiting = [rule for one in conclusions for rule in self.plan.concluding.get(one, ())]
        seen: set[str] = set()
        while waiting:
            rule = waiting.pop()
            if rule in seen or same(f"rule:{rule}"):
                continue
            seen.add(rule)
            yield rule
            planned = self.plan.rules[rule]
            waiting += planned.overriders
            for _, form in planned.forms():
                for leaf in leaves(form.condition):
                    if isinstance(leaf, Reads):
                        waiting += self.plan.concluding.get(leaf.conclusion, ())
                    elif not same(leaf.atom):
                        yield leaf.atom


def _same(before: _Stop, after: _Stop) -> Same:
    def same(name: str) -> bool:
        rule = name.removeprefix("rule:")
        if rule == name:
            return before.profile[name] == after.profile[name]
        return _values(before.found, rule) == _values(after.found, rule)

    return same


def _values(found: Findings, rule: str) -> tuple[bool | None, ...]:
    required = found.conditions.get((rule, "that"))
    return (
        found.effective.get(rule),
        found.conditions[rule, "when"].value,
        required.value if required else None,
    )


def standing(decision: Decision, day: date) -> Standing:
    """Where a partner stands, in short."""
    return Standing(
        day.isoformat(),
        decision.tier,
        decision.out_of_scope,
        decision.groups,
        decision.possible_groups,
        MappingProxyType({track.instrument: track.advice for track in decision.tracks}),
    )


# --- boundaries ---------------------------------------------------------------------------------


def acts(dossier: Dossier, lists: Lists, rulebook: Rulebook) -> Iterator[tuple[date, Act]]:
    """Every day on which something begins or ends, and what does."""
    for facts in dossier.facts.values():
        for fact in facts:
            yield from _of_fact(fact)
    for closed in lists.by_atom.values():
        for one in closed:
            yield from _of_list(one)
    for rule in rulebook.rules:
        yield from _of_rule(rule)


def _of_fact(fact: Fact) -> Iterator[tuple[date, Act]]:
    def act(turn: Turn, written: WrittenDate) -> Act:
        value = _scalar(fact.value)
        return Act(
            "fact", turn, fact.id, fact.atom, value, str(written), fact.confidence, fact.cites
        )

    for written, may, does in ((fact.since, MAY_BEGIN, BEGINS), (fact.until, MAY_END, ENDS)):
        if written and not written.exact:
            yield written.first, act(may, written)
        if written:
            yield written.last, act(does, written)


def _of_list(one: ClosedList) -> Iterator[tuple[date, Act]]:
    def act(turn: Turn, day: date) -> Act:
        value = _scalar(one.absent)
        return Act(
            "list", turn, one.id, one.atom, value, day.isoformat(), one.confidence, one.cites
        )

    yield one.complete_from, act(BEGINS, one.complete_from)
    if one.vouched_until < date.max:
        yield one.vouched_until + ONE_DAY, act(ENDS, one.vouched_until)


def _of_rule(rule: Rule) -> Iterator[tuple[date, Act]]:
    def act(turn: Turn, day: date) -> Act:
        return Act("rule", turn, rule.id, None, None, day.isoformat(), None, rule.cites)

    if rule.since:
        yield rule.since, act(BEGINS, rule.since)
    if rule.until:
        yield rule.until, act(ENDS, rule.until)
    for condition in (rule.when, rule.that):
        for leaf in leaves(condition) if condition else ():
            if isinstance(leaf, Test) and leaf.atom == AS_OF:
                for day in _turns(leaf):
                    yield day, act(BEGINS, day)


def _turns(test: Test) -> Iterator[date]:
    """The days on which a test of the day changes its value."""
    for value in test.values:
        assert isinstance(value, date)
        if test.op not in (">", "≤"):
            yield value
        if test.op not in ("≥", "<"):
            yield value + ONE_DAY


def _scalar(value: Value) -> Scalar:
    return value.isoformat() if isinstance(value, date) else value
