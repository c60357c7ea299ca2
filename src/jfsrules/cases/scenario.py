"""What a scenario is, and the shape in which one is written. Knows no file and no engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict

from jfsrules.facts import Profile
from jfsrules.shapes import CitationShape, Day, ProfileShape, Raw, closed
from jfsrules.span import NOWHERE, Place

Holds: TypeAlias = bool | None
Truth: TypeAlias = Literal["unknown", True, False]


@closed
class TrackShape(TypedDict):
    """What is expected of one track."""

    advice: NotRequired[str]
    state: NotRequired[str]
    meant: NotRequired[Truth]
    requires: NotRequired[dict[str, Truth]]


@closed
class ExpectShape(TypedDict):
    """What is expected of a decision; what is not named may be anything."""

    tier: NotRequired[str]
    out_of_scope: NotRequired[str]
    groups: NotRequired[list[str]]
    possible_groups: NotRequired[list[str]]
    focus: NotRequired[list[str]]
    focus_exactly: NotRequired[list[str]]
    no_focus: NotRequired[list[str]]
    tracks: NotRequired[dict[str, str | TrackShape]]
    no_tracks: NotRequired[list[str]]
    missing: NotRequired[list[str] | dict[str, list[str]]]
    fired: NotRequired[list[str]]
    not_fired: NotRequired[list[str]]
    overridden: NotRequired[list[str]]
    notes: NotRequired[list[str]]


@closed
class ScenarioShape(TypedDict):
    """One scenario: a sentence, whom and when, and what is expected."""

    id: str
    says: str
    partner: NotRequired[str]
    as_of: NotRequired[Day]
    profile: NotRequired[ProfileShape]
    stated: NotRequired[dict[str, Raw]]
    rulebook: NotRequired[str]
    expect: ExpectShape
    source: str | CitationShape | list[str | CitationShape]
    by: NotRequired[Literal["hand"]]


@dataclass(frozen=True, slots=True)
class ExpectedTrack:
    """What is expected of one track; `named` are the fields that were written down."""

    named: frozenset[str]
    advice: str | None = None
    state: str | None = None
    meant: Holds = None
    requires: Mapping[str, Holds] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of a decision; `named` are the fields that were written down."""

    named: frozenset[str]
    tier: str | None = None
    out_of_scope: str | None = None
    groups: tuple[str, ...] = ()
    possible_groups: tuple[str, ...] = ()
    focus: tuple[str, ...] = ()
    focus_exactly: tuple[str, ...] = ()
    no_focus: tuple[str, ...] = ()
    tracks: Mapping[str, ExpectedTrack] = field(default_factory=dict)
    no_tracks: tuple[str, ...] = ()
    missing: tuple[str, ...] | Mapping[str, tuple[str, ...]] = ()
    fired: tuple[str, ...] = ()
    not_fired: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A sentence, whom and when, and what is expected.

    Either `partner` with `as_of` names a dossier and a day, or `profile` stands alone; `stated`
    are facts put over it. `source` says what the expectation rests on; `by` is `hand` where a
    person would sign it.
    """

    id: str
    says: str
    partner: str
    as_of: date
    rulebook: str
    expect: Expectation
    source: tuple[str, ...]
    profile: Profile | None = None
    stated: Mapping[str, Any] = field(default_factory=dict)
    by: str | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)
