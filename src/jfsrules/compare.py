"""Two decisions side by side: what differs, and which steps make it differ. Decides nothing.

The JSON form is a public contract (`jfsrules/comparison/1`). Both readings stand in it whole, so
that every step named in a difference can be followed down to dated, cited facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from jfsrules.advice import NO_TRACK
from jfsrules.decision import Decision, Json, Scalar, Step, Track, plain

SCHEMA: Final = "jfsrules/comparison/1"
SCOPE: Final = "order:scope"
ABSENT: Final = "absent"
HOLDS: Final[Mapping[bool | None, str]] = {True: "holds", False: "fails", None: "unknown"}

Answer: TypeAlias = Scalar | tuple[str, ...]
Same: TypeAlias = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an answer: what it is about, which of its fields, its value, and the steps it
    stands on."""

    about: str
    field: str
    value: Answer
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One line that two readings answer differently.

    `about` is `scope`, `tier`, `group:…`, `focus:area/mode`, `track:…`, `class:…`,
    `channel:organisation/mode` or `undetermined:…`. `because` names, for each reading, the steps
    at which the two part; `rules` are the rules among them.
    """

    about: str
    field: str
    values: tuple[Answer, Answer]
    because: tuple[tuple[str, ...], tuple[str, ...]]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two readings and what differs between them."""

    schema: str
    readings: tuple[Decision, Decision]
    differences: tuple[Difference, ...]

    def to_json(self) -> dict[str, Json]:
        """The comparison as the JSON contract has it, ready for `json.dumps`."""
        return plain(self)  # type: ignore[return-value]


def compare(one: Decision, other: Decision) -> Comparison:
    """Put two decisions side by side."""
    return Comparison(SCHEMA, (one, other), tuple(differences(one, other)))


def differences(one: Decision, other: Decision, same: Same | None = None) -> Iterator[Difference]:
    """The lines that differ, in the order in which a decision is read.

    `same` says of an indicator (`visa_regime`) or of a rule (`rule:…`) that it is known to have
    the same value on both sides, even where only one trace shows it.
    """
    same = same or _same_facts(one, other)
    first, second = _Reading(one), _Reading(other)
    for about, name in first.paired(second):
        values = first.value(about, name), second.value(about, name)
        if values[0] != values[1]:
            one_parts = first.parting(second, about, name, same)
            other_parts = second.parting(first, about, name, same)
            because = (
                tuple(sorted({*one_parts, *first.overriding(other_parts)})),
                tuple(sorted({*other_parts, *second.overriding(one_parts)})),
            )
            rules = {
                step.removeprefix("rule:") for side in because for step in side if _is_rule(step)
            }
            yield Difference(about, name, values, because, tuple(sorted(rules)))


def _same_facts(one: Decision, other: Decision) -> Same:
    agree = one.profile_digest == other.profile_digest
    return lambda name: agree and not _is_rule(name)


def lines(decision: Decision) -> Iterator[Line]:
    """Every line of an answer, in the order in which it is read."""
    concluded = _concluding(decision.trace)
    yield Line("scope", "reason", decision.out_of_scope, (SCOPE,))
    yield Line("tier", "tier", decision.tier, ("order:tier",))
    for group in (*decision.groups, *decision.possible_groups):
        holds = True if group in decision.groups else None
        yield Line(f"group:{group}", "holds", holds, concluded.get(f"group:{group}", ()))
    for area in decision.focus_areas:
        about = f"focus:{area.id}/{area.mode or ''}"
        yield Line(about, "listed", True, area.why)
        yield Line(about, "qualified", area.qualified, area.why)
    for track in decision.tracks:
        yield from _track(track, concluded)
    for used in decision.instrument_classes:
        yield Line(f"class:{used.id}", "listed", True, concluded.get(f"class:{used.id}", ()))
    for channel in decision.channels:
        about = f"channel:{channel.id}/{channel.mode or ''}"
        yield Line(about, "listed", True, concluded.get(about, ()))
    for open_ in decision.undetermined:
        yield Line(
            f"undetermined:{open_.about}", "missing", open_.missing, _open(open_.about, concluded)
        )


DEFAULTS: Final[Mapping[str, Answer]] = {
    "holds": False,
    "listed": False,
    "qualified": (),
    "advice": NO_TRACK,
    "meant": False,
    "missing": (),
}


def _track(track: Track, concluded: Mapping[str, tuple[str, ...]]) -> Iterator[Line]:
    about = f"track:{track.instrument}"
    yield Line(about, "advice", track.advice, track.why)
    yield Line(about, "state", track.state, track.why)
    yield Line(about, "meant", track.meant, concluded.get(about, track.why))
    for required in track.requires:
        why = concluded.get(f"requirement:{track.instrument}/{required.id}", ())
        yield Line(about, f"requires:{required.id}", HOLDS[required.holds], why)


def _open(about: str, concluded: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    kind, _, instrument = about.partition(":")
    match kind:
        case "scope" | "tier":
            return (f"order:{kind}",)
        case "track":
            return (f"advice:{instrument}",)
        case _:
            return concluded.get(about, ())


def _concluding(trace: Iterable[Step]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for step in trace:
        conclusion = step.says.args.get("conclusion")
        if isinstance(conclusion, str):
            found[conclusion] = (*found.get(conclusion, ()), step.id)
    return found


def _is_rule(step: str) -> bool:
    return step.startswith("rule:")


class _Reading:
    """One side: its lines, and its steps by id and by indicator."""

    def __init__(self, decision: Decision) -> None:
        self.lines = {(line.about, line.field): line for line in lines(decision)}
        self.abouts = {about for about, _ in self.lines}
        self.steps = {step.id: step for step in decision.trace}
        self.concluded = _concluding(decision.trace)
        self.in_scope = self.steps[SCOPE].says.args["in_scope"]
        self.grounds = {str(s.says.args["indicator"]): s for s in decision.trace if _atom(s)}

    def paired(self, other: _Reading) -> Iterator[tuple[str, str]]:
        """What to compare: of a line that only one side has, its first field alone."""
        order = {key: place for place, key in enumerate((*self.lines, *other.lines))}
        for about, name in sorted(order, key=lambda key: (_rank(key[0]), order[key])):
            on_both = about in self.abouts and about in other.abouts
            if on_both or (DEFAULTS.get(name) in (False, NO_TRACK, ()) and name not in _SECOND):
                yield about, name

    def value(self, about: str, name: str) -> Answer:
        line = self.lines.get((about, name))
        if line:
            return line.value
        return ABSENT if name.startswith("requires:") else DEFAULTS.get(name)

    def parting(self, other: _Reading, about: str, name: str, same: Same) -> tuple[str, ...]:
        """The steps under a line that differ on the other side while nothing under them does, and
        the rules that conclude it on this side alone."""
        line = self.lines.get((about, name))
        start = line.why if line else self.concluded.get(about, ())
        if self.in_scope != other.in_scope:
            start = (*start, SCOPE)
        found: dict[str, bool] = {}
        roots = {step for begin in start for step in self.roots(begin, other, same, found)}
        for direct in self.concluded.get(about, ()):
            step = self.steps[direct]
            if step.kind == "fired" and self.parts(step, other, same):
                roots.add(direct)
        return tuple(sorted(roots))

    def overriding(self, parted: Iterable[str]) -> Iterator[str]:
        """Of steps at which the other side parts, the rules that override them on this side."""
        for name in parted:
            step = self.steps.get(name)
            by = step.says.args.get("by") if step and step.kind == "overridden" else ()
            yield from (f"rule:{rule}" for rule in by or () if f"rule:{rule}" in self.steps)  # type: ignore[union-attr]

    def roots(
        self, name: str, other: _Reading, same: Same, found: dict[str, bool]
    ) -> Iterator[str]:
        """INVARIANT (once): a step is looked at once; `found` says whether a root lies under it."""
        if name in found or name not in self.steps:
            return
        step = self.steps[name]
        found[name] = False
        for below in step.from_:
            yield from self.roots(below, other, same, found)
        below_parts = any(found.get(below, False) for below in step.from_)
        found[name] = below_parts or self.parts(step, other, same)
        if found[name] and not below_parts:
            yield name

    def parts(self, step: Step, other: _Reading, same: Same) -> bool:
        """Whether a step itself says something else than the other side does."""
        if step.kind in ("order", "advice") or same(_atom(step) or step.id):
            return False
        atom = _atom(step)
        if atom:
            theirs = other.grounds.get(atom)
            return theirs is None or theirs.says.args["value"] != step.says.args["value"]
        there = other.steps.get(step.id)
        if there is None:
            return step.kind != "blocked"
        return _verdict(there) != _verdict(step)


_SECOND: Final = ("qualified", "meant")
_RANKS: Final = ("scope", "tier", "group", "focus", "track", "class", "channel", "undetermined")


def _rank(about: str) -> int:
    return _RANKS.index(about.partition(":")[0])


def _atom(step: Step) -> str | None:
    """The indicator a step gives the ground of; None for rules, order and advice."""
    return (
        None if step.rule or step.kind in ("order", "advice") else str(step.says.args["indicator"])
    )


def _verdict(step: Step) -> tuple[str, Answer]:
    return step.kind, step.says.args.get("holds")
