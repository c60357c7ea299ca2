"""Decision and trace: plain values, equal whichever engine ran.

The JSON form is a public contract (`jfsrules/decision/1`); `rules/schema/` holds its JSON Schema,
generated from these classes. A name that Python reserves carries a final underscore here and none
in JSON (`from_`, `class_`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias, TypeVar, dataclass_transform

from jfsrules import canonical as form
from jfsrules import condition
from jfsrules.canonical import many, quoted, scalar, text, texts
from jfsrules.facts import Confidence
from jfsrules.rulebook import Authority

SCHEMA: Final = "jfsrules/decision/1"

Json: TypeAlias = form.Json
Scalar: TypeAlias = condition.Scalar
StepKind: TypeAlias = Literal[
    "fact",
    "stated",
    "absence",
    "fired",
    "overridden",
    "blocked",
    "undecided",
    "order",
    "advice",
]


plain = form.plain
canonical = form.canonical
Kind = TypeVar("Kind")


@dataclass_transform(frozen_default=True)
def value(kind: type[Kind]) -> type[Kind]:
    """A plain value, frozen as the type checker sees it.

    At run time it is not: a decision is made of some five hundred of them, and a frozen dataclass
    takes six times as long to make.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)


class Line:
    """A part of a decision. Its canonical bytes are written when they are first asked for, and
    kept: the same steps and lines come again in many decisions."""

    __slots__ = ("canonical",)
    canonical: bytes

    def __getattr__(self, name: str) -> bytes:
        if name != "canonical":
            raise AttributeError(name)
        self.canonical = written = _WRITE[type(self)](self).encode()
        return written


@value
class Says:
    """What a step says: a key, and arguments for the words rendered later."""

    key: str
    args: Mapping[str, Scalar | tuple[str, ...]]


@value
class Reading:
    """One indicator as a step read it: its value, and the test the value went through."""

    indicator: str
    op: str
    wanted: tuple[Scalar, ...]
    value: Scalar


@value
class Step(Line):
    """One link of the proof: what it says, and the steps it stands on."""

    id: str
    kind: StepKind
    rule: str | None
    authority: Authority | None
    confidence: Confidence | None
    says: Says
    from_: tuple[str, ...]
    facts: tuple[Reading, ...]
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Partner:
    """Whom the decision is about."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class RulebookName:
    """Which rulebook decided."""

    name: str
    version: str
    digest: str


@value
class Undetermined(Line):
    """What could not be decided, and the indicators that would settle it."""

    about: str
    missing: tuple[str, ...]
    settled_anyway: bool | str | None = None


@value
class FocusArea(Line):
    """A focus area with its mode."""

    id: str
    mode: str | None
    qualified: tuple[str, ...]
    authority: Authority
    confidence: Confidence | None
    why: tuple[str, ...]
    cites: tuple[str, ...]


@value
class Requirement:
    """One requirement of a track, and whether it holds."""

    id: str
    holds: bool | None
    judged: bool
    says: str


@value
class Track(Line):
    """One named instrument for one partner."""

    instrument: str
    class_: str
    meant: bool | None
    state: str | None
    advice: str
    requires: tuple[Requirement, ...]
    serves: tuple[str, ...]
    authority: Authority
    confidence: Confidence | None
    why: tuple[str, ...]
    cites: tuple[str, ...]


@value
class InstrumentClass(Line):
    """A class of instruments that the page names."""

    id: str
    cites: tuple[str, ...]


@value
class Channel(Line):
    """An organisation through which cooperation goes as well."""

    id: str
    mode: str | None
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one partner on one day, with its trace."""

    schema: str
    partner: Partner
    as_of: str
    engine: str
    notes: tuple[str, ...]
    rulebook: RulebookName
    profile_digest: str
    tier: str
    out_of_scope: str | None
    groups: tuple[str, ...]
    possible_groups: tuple[str, ...]
    undetermined: tuple[Undetermined, ...]
    focus_areas: tuple[FocusArea, ...]
    tracks: tuple[Track, ...]
    instrument_classes: tuple[InstrumentClass, ...]
    channels: tuple[Channel, ...]
    trace: tuple[Step, ...]

    def to_json(self) -> dict[str, Json]:
        """The decision as the JSON contract has it, ready for `json.dumps`."""
        return plain(self)  # type: ignore[return-value]

    def json(self) -> bytes:
        """The same as text: the canonical bytes, and `engine` in its place among them."""
        return _decision(self, f'"engine":{quoted[self.engine]},')

    def canonical(self) -> bytes:
        """The canonical bytes (RFC 8785) without `engine`: equal on every engine and machine."""
        return _decision(self)

    def digest(self) -> str:
        """The SHA-256 of the canonical bytes, in hexadecimal."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def decided_by(self, engine: str) -> Decision:
        """The same decision under the name of another engine."""
        return replace(self, engine=engine)


# --- the canonical form, by hand: INVARIANT (canonical): the bytes are those of
# `canonical(to_json())` without `engine`; names stand in alphabetical order.


def _reading(one: Reading) -> str:
    return (
        f'{{"indicator":{quoted[one.indicator]},"op":{quoted[one.op]},'
        f'"value":{scalar(one.value)},"wanted":{many(scalar, one.wanted)}}}'
    )


def _arg(pair: tuple[str, Scalar | tuple[str, ...]]) -> str:
    name, value = pair
    return f"{quoted[name]}:{texts(value) if isinstance(value, tuple) else scalar(value)}"


def _step(one: Step) -> str:
    return (
        f'{{"authority":{text(one.authority)},"cites":{texts(one.cites)},'
        f'"confidence":{text(one.confidence)},"facts":{many(_reading, one.facts)},'
        f'"from":{texts(one.from_)},"id":{quoted[one.id]},"kind":{quoted[one.kind]},'
        f'"rule":{text(one.rule)},"says":{{"args":'
        f"{{{','.join([_arg(pair) for pair in sorted(one.says.args.items())])}}},"
        f'"key":{quoted[one.says.key]}}}}}'
    )


def _required(one: Requirement) -> str:
    return (
        f'{{"holds":{scalar(one.holds)},"id":{quoted[one.id]},"judged":{scalar(one.judged)},'
        f'"says":{quoted[one.says]}}}'
    )


def _track(one: Track) -> str:
    return (
        f'{{"advice":{quoted[one.advice]},"authority":{text(one.authority)},'
        f'"cites":{texts(one.cites)},"class":{quoted[one.class_]},'
        f'"confidence":{text(one.confidence)},"instrument":{quoted[one.instrument]},'
        f'"meant":{scalar(one.meant)},"requires":{many(_required, one.requires)},'
        f'"serves":{texts(one.serves)},"state":{text(one.state)},"why":{texts(one.why)}}}'
    )


def _area(one: FocusArea) -> str:
    return (
        f'{{"authority":{text(one.authority)},"cites":{texts(one.cites)},'
        f'"confidence":{text(one.confidence)},"id":{quoted[one.id]},"mode":{text(one.mode)},'
        f'"qualified":{texts(one.qualified)},"why":{texts(one.why)}}}'
    )


def _open(one: Undetermined) -> str:
    return (
        f'{{"about":{quoted[one.about]},"missing":{texts(one.missing)},'
        f'"settled_anyway":{scalar(one.settled_anyway)}}}'
    )


def _class(one: InstrumentClass) -> str:
    return f'{{"cites":{texts(one.cites)},"id":{quoted[one.id]}}}'


def _channel(one: Channel) -> str:
    return f'{{"cites":{texts(one.cites)},"id":{quoted[one.id]},"mode":{text(one.mode)}}}'


def _decision(one: Decision, engine: str = "") -> bytes:
    partner, book = one.partner, one.rulebook
    return b"".join(
        (
            f'{{"as_of":{quoted[one.as_of]},"channels":['.encode(),
            _lines(one.channels),
            f'],{engine}"focus_areas":['.encode(),
            _lines(one.focus_areas),
            f'],"groups":{texts(one.groups)},"instrument_classes":['.encode(),
            _lines(one.instrument_classes),
            (
                f'],"notes":{texts(one.notes)},"out_of_scope":{text(one.out_of_scope)},'
                f'"partner":{{"code":{quoted[partner.code]},"name":{quoted[partner.name]}}},'
                f'"possible_groups":{texts(one.possible_groups)},'
                f'"profile_digest":{quoted[one.profile_digest]},'
                f'"rulebook":{{"digest":{quoted[book.digest]},"name":{quoted[book.name]},'
                f'"version":{quoted[book.version]}}},"schema":{quoted[one.schema]},'
                f'"tier":{quoted[one.tier]},"trace":['
            ).encode(),
            _lines(one.trace),
            b'],"tracks":[',
            _lines(one.tracks),
            b'],"undetermined":[',
            _lines(one.undetermined),
            b"]}",
        )
    )


def _lines(lines: tuple[Line, ...]) -> bytes:
    return b",".join([line.canonical for line in lines])


_WRITE: Final[dict[type, Callable[[Any], str]]] = {
    Step: _step,
    Track: _track,
    FocusArea: _area,
    Undetermined: _open,
    InstrumentClass: _class,
    Channel: _channel,
}
