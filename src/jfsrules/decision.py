"""Decision and trace: plain values, equal whichever engine ran.

The JSON form is a public contract (`jfsrules/decision/1`); `rules/schema/` holds its JSON Schema,
generated from these classes. A name that Python reserves carries a final underscore here and none
in JSON (`from_`, `class_`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import Final, Literal, TypeAlias, TypeVar, dataclass_transform

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
        body = self.to_json()
        del body["engine"]
        return canonical(body)

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
