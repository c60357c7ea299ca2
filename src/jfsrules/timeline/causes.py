"""The acts behind a change: where two proofs part, and what alone would have made the change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from jfsrules.compare import DEFAULTS, Answer, Difference, Same, lines
from jfsrules.condition import Conclusion, Reads, leaves
from jfsrules.decision import Decision
from jfsrules.engines import compiled
from jfsrules.facts import Profile
from jfsrules.meaning import Findings
from jfsrules.proof import decision
from jfsrules.timeline.boundaries import BEGINS, MAY_BEGIN, Act

CALENDAR: Final = "the calendar"


@dataclass(frozen=True, slots=True)
class Stop:
    """The decision of one day, with what it was made of."""

    decision: Decision
    profile: Profile
    found: Findings


class Causes:
    """Finds the acts behind changes under one plan."""

    def __init__(self, engine: compiled.Compiled) -> None:
        self.engine = engine
        self.plan = engine.plan

    def of(
        self, ones: Sequence[Difference], before: Stop, after: Stop, acts: Sequence[Act]
    ) -> tuple[Act, ...]:
        """The acts of a day that made something otherwise.

        Those at which the proofs part, or else those that moved under it; of several, those that
        would have made the change alone, if there are such.
        """
        parted = _named(acts, parting(ones, before, after))
        found = parted or _named(acts, self.moved(ones[0].about, before, after))
        return found if len(found) < 2 else self.enough(found, ones, before, after)

    def enough(
        self, found: Sequence[Act], ones: Sequence[Difference], before: Stop, after: Stop
    ) -> tuple[Act, ...]:
        """Of several acts those that are enough for a change of some field, each by itself."""
        names = {act.indicator or CALENDAR for act in found}
        alone = {name: self.supposing(name, before, after) for name in names}
        kept: set[str] = set()
        for one in ones:
            key, wanted = (one.about, one.field), one.values[1]
            kept |= {
                n for n, there in alone.items() if there.get(key, DEFAULTS.get(one.field)) == wanted
            } or names
        rules = set(self.telling(found, after))
        return tuple(
            act
            for act in found
            if (act.indicator or CALENDAR) in kept and (act.kind != "rule" or act.id in rules)
        )

    def supposing(self, name: str, before: Stop, after: Stop) -> dict[tuple[str, str], Answer]:
        """The lines of the decision before, had one indicator or the day alone moved on."""
        if name == CALENDAR:
            profile = replace(before.profile, as_of=after.profile.as_of)
        else:
            profile = before.profile.stating({name: after.profile[name]})
        supposed = decision(self.plan, profile, self.engine(profile), before.decision.engine)
        return {(line.about, line.field): line.value for line in lines(supposed)}

    def telling(self, found: Sequence[Act], after: Stop) -> list[str]:
        """Of the rules that turned: those that conclude or repeal, and of requirements the worst."""
        rules = [act.id for act in found if act.kind == "rule"]
        worst: dict[str, list[str]] = {}
        for rule in rules:
            that = after.found.conditions.get((rule, "that"))
            kind = "concludes" if that is None else str(that.value)
            worst.setdefault(kind, []).append(rule)
        least = next((worst[k] for k in ("False", "None", "True") if k in worst), [])
        return [*worst.get("concludes", ()), *least]

    def moved(self, about: str, before: Stop, after: Stop) -> Iterator[str]:
        """The indicators and rules that moved under a line of which the proofs do not say enough."""
        same = unmoved(before, after)
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


def parting(ones: Iterable[Difference], before: Stop, after: Stop) -> set[str]:
    """The indicators and rules at which the proofs of a change part."""
    steps = {step.id: step for stop in (before, after) for step in stop.decision.trace}
    names = set()
    for name in {name for one in ones for side in one.because for name in side}:
        atom = steps[name].says.args.get("indicator")
        names.add(str(atom) if atom else name.removeprefix("rule:"))
    return names


def _named(acts: Iterable[Act], names: Iterable[str]) -> tuple[Act, ...]:
    """The acts on some indicators and rules; an end is told where nothing begins."""
    wanted = set(names)
    found = [act for act in acts if (act.indicator or act.id) in wanted]
    begun = {act.indicator for act in found if act.turn in (BEGINS, MAY_BEGIN)}
    return tuple(
        act
        for act in found
        if act.kind == "rule" or act.turn in (BEGINS, MAY_BEGIN) or act.indicator not in begun
    )


def unmoved(before: Stop, after: Stop) -> Same:
    """Whether an indicator, or a rule, is the same on both days."""

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
