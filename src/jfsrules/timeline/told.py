"""What a timeline tells: plain values, and their JSON form. Knows nothing of how it is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from jfsrules.compare import Answer
from jfsrules.decision import Decision, Json, Partner, RulebookName, plain
from jfsrules.timeline.boundaries import Act

SCHEMA: Final = "jfsrules/timeline/1"


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
