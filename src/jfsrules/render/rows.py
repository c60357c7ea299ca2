"""The page of a decision as plain values: its sections and their rows, in words."""

from __future__ import annotations

from dataclasses import dataclass

from jfsrules.facts import Confidence
from jfsrules.render.branch import Branch, Verdict
from jfsrules.rulebook import Authority


@dataclass(frozen=True, slots=True)
class Sources:
    """What one line of the answer rests on: clauses of the page, and keys of other documents."""

    authority: Authority
    passages: tuple[str, ...]
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FocusRow:
    """One focus area with its mode."""

    mode: str | None
    area: str
    qualified: tuple[str, ...]
    confidence: Confidence | None
    sources: Sources


@dataclass(frozen=True, slots=True)
class FocusBlock:
    """The focus areas of one group, or of one heading of the page."""

    heading: str
    confidence: Confidence | None
    rows: tuple[FocusRow, ...]


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """One requirement of a track; `because` says what it fails or waits for."""

    says: str
    verdict: Verdict
    judged: bool
    because: str | None

    @property
    def waits(self) -> bool:
        """Whether it waits for a judgement that only a person can state."""
        return self.judged and self.verdict == "unknown"


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One instrument: what is advised, where it stands, what it requires.

    `confidence` is that of the state, `advised` that of all the advice rests on.
    """

    instrument: str
    advice: str
    state: str
    known: bool
    asides: tuple[str, ...]
    requires: tuple[RequirementRow, ...]
    serves: tuple[str, ...]
    confidence: Confidence | None
    advised: Confidence | None
    sources: Sources


@dataclass(frozen=True, slots=True)
class UnknownRow:
    """One indicator to find out: what is open without it, and why it is not known.

    `own_state` is true of the state of an instrument whose own track alone is open without it.
    """

    indicator: str
    title: str
    settles: tuple[str, ...]
    because: str
    values: tuple[str, ...]
    own_state: bool
    judged: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Everything a person reads about one decision, in the order in which it is read."""

    title: str
    code: str
    day: str
    basis: str | None
    rulebook: str
    engine: str
    tier: str
    why: str
    confidence: Confidence | None
    groups: tuple[str, ...]
    possible_groups: tuple[str, ...]
    focus: tuple[FocusBlock, ...]
    tracks: tuple[TrackRow, ...]
    states_unknown: tuple[str, ...]
    classes: tuple[str, ...]
    channels: tuple[tuple[str, tuple[str, ...]], ...]
    unknown: tuple[UnknownRow, ...]
    unknown_states: tuple[str, ...]
    notes: tuple[str, ...]
    proof: tuple[tuple[str, tuple[Branch, ...]], ...]
