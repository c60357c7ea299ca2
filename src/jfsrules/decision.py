"""Decision and trace: plain values, equal whichever engine ran.

The JSON form is a public contract (`jfsrules/decision/1`); `rules/schema/` holds its JSON Schema,
generated from these classes. A name that Python reserves carries a final underscore here and none
in JSON (`from_`, `class_`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from json.encoder import encode_basestring
from typing import Any, Final, Literal, TypeAlias, TypeVar, dataclass_transform

from jfsrules import condition
from jfsrules.facts import Confidence
from jfsrules.rulebook import Authority

SCHEMA: Final = "jfsrules/decision/1"

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
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


Kind = TypeVar("Kind")


@dataclass_transform(frozen_default=True)
def value(kind: type[Kind]) -> type[Kind]:
    """A plain value, frozen as the type checker sees it.

    At run time it is not: a decision is made of some five hundred of them, and a frozen dataclass
    takes six times as long to make.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)


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
class Step:
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
class Undetermined:
    """What could not be decided, and the indicators that would settle it."""

    about: str
    missing: tuple[str, ...]
    settled_anyway: bool | str | None = None


@value
class FocusArea:
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
class Track:
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
class InstrumentClass:
    """A class of instruments that the page names."""

    id: str
    cites: tuple[str, ...]


@value
class Channel:
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

    def canonical(self) -> bytes:
        """The canonical bytes (RFC 8785) without `engine`: equal on every engine and machine."""
        return _decision(self).encode()

    def digest(self) -> str:
        """The SHA-256 of the canonical bytes, in hexadecimal."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def decided_by(self, engine: str) -> Decision:
        """The same decision under the name of another engine."""
        return replace(self, engine=engine)


_NAMES: dict[type, tuple[tuple[str, str], ...]] = {}


def plain(value: object) -> Json:
    """A dataclass, tuple or mapping as plain JSON values."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    kind = type(value)
    names = _NAMES.get(kind)
    if names is None:
        if not is_dataclass(value):
            raise TypeError(kind.__name__)
        names = tuple((f.name, f.name.rstrip("_")) for f in fields(value))
        _NAMES[kind] = names
    return {written: plain(getattr(value, name)) for name, written in names}


_CANONICAL: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
)


def canonical(value: Json) -> bytes:
    """Canonical JSON (RFC 8785) for the values used here: ASCII keys, numbers of few digits.

    >>> canonical({"b": [1, 2.5], "a": "é"}).decode()
    '{"a":"é","b":[1,2.5]}'
    """
    return _CANONICAL.encode(value).encode()


# --- the canonical form of a decision, written in one go: `plain` and sorting would take four times
# as long. INVARIANT (canonical): the bytes are those of `canonical(to_json())` without `engine`;
# names stand in alphabetical order.


class _Quoted(dict[str, str]):
    """Texts as JSON writes them; the same few hundred come again and again."""

    def __missing__(self, text: str) -> str:
        if len(self) > MOST_QUOTED:
            self.clear()
        self[text] = quoted = encode_basestring(text)
        return quoted


MOST_QUOTED: Final = 50_000
_quoted: Final = _Quoted()


def _text(value: str | None) -> str:
    return "null" if value is None else _quoted[value]


def _scalar(value: Scalar) -> str:
    if type(value) is str:
        return _quoted[value]
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    return _CANONICAL.encode(value)


def _texts(values: tuple[str, ...]) -> str:
    return f"[{','.join([_quoted[value] for value in values])}]" if values else "[]"


def _many(write: Callable[[Any], str], values: tuple[Any, ...]) -> str:
    return f"[{','.join([write(value) for value in values])}]" if values else "[]"


def _reading(one: Reading) -> str:
    return (
        f'{{"indicator":{_quoted[one.indicator]},"op":{_quoted[one.op]},'
        f'"value":{_scalar(one.value)},"wanted":{_many(_scalar, one.wanted)}}}'
    )


def _arg(pair: tuple[str, Scalar | tuple[str, ...]]) -> str:
    name, value = pair
    return f"{_quoted[name]}:{_texts(value) if isinstance(value, tuple) else _scalar(value)}"


def _step(one: Step) -> str:
    return (
        f'{{"authority":{_text(one.authority)},"cites":{_texts(one.cites)},'
        f'"confidence":{_text(one.confidence)},"facts":{_many(_reading, one.facts)},'
        f'"from":{_texts(one.from_)},"id":{_quoted[one.id]},"kind":{_quoted[one.kind]},'
        f'"rule":{_text(one.rule)},"says":{{"args":'
        f"{{{','.join([_arg(pair) for pair in sorted(one.says.args.items())])}}},"
        f'"key":{_quoted[one.says.key]}}}}}'
    )


def _required(one: Requirement) -> str:
    return (
        f'{{"holds":{_scalar(one.holds)},"id":{_quoted[one.id]},"judged":{_scalar(one.judged)},'
        f'"says":{_quoted[one.says]}}}'
    )


def _track(one: Track) -> str:
    return (
        f'{{"advice":{_quoted[one.advice]},"authority":{_text(one.authority)},'
        f'"cites":{_texts(one.cites)},"class":{_quoted[one.class_]},'
        f'"confidence":{_text(one.confidence)},"instrument":{_quoted[one.instrument]},'
        f'"meant":{_scalar(one.meant)},"requires":{_many(_required, one.requires)},'
        f'"serves":{_texts(one.serves)},"state":{_text(one.state)},"why":{_texts(one.why)}}}'
    )


def _area(one: FocusArea) -> str:
    return (
        f'{{"authority":{_text(one.authority)},"cites":{_texts(one.cites)},'
        f'"confidence":{_text(one.confidence)},"id":{_quoted[one.id]},"mode":{_text(one.mode)},'
        f'"qualified":{_texts(one.qualified)},"why":{_texts(one.why)}}}'
    )


def _open(one: Undetermined) -> str:
    return (
        f'{{"about":{_quoted[one.about]},"missing":{_texts(one.missing)},'
        f'"settled_anyway":{_scalar(one.settled_anyway)}}}'
    )


def _class(one: InstrumentClass) -> str:
    return f'{{"cites":{_texts(one.cites)},"id":{_quoted[one.id]}}}'


def _channel(one: Channel) -> str:
    return f'{{"cites":{_texts(one.cites)},"id":{_quoted[one.id]},"mode":{_text(one.mode)}}}'


def _decision(one: Decision) -> str:
    partner, book = one.partner, one.rulebook
    return (
        f'{{"as_of":{_quoted[one.as_of]},"channels":{_many(_channel, one.channels)},'
        f'"focus_areas":{_many(_area, one.focus_areas)},"groups":{_texts(one.groups)},'
        f'"instrument_classes":{_many(_class, one.instrument_classes)},'
        f'"notes":{_texts(one.notes)},"out_of_scope":{_text(one.out_of_scope)},'
        f'"partner":{{"code":{_quoted[partner.code]},"name":{_quoted[partner.name]}}},'
        f'"possible_groups":{_texts(one.possible_groups)},'
        f'"profile_digest":{_quoted[one.profile_digest]},'
        f'"rulebook":{{"digest":{_quoted[book.digest]},"name":{_quoted[book.name]},'
        f'"version":{_quoted[book.version]}}},"schema":{_quoted[one.schema]},'
        f'"tier":{_quoted[one.tier]},"trace":{_many(_step, one.trace)},'
        f'"tracks":{_many(_track, one.tracks)},"undetermined":{_many(_open, one.undetermined)}}}'
    )
