"""The first answers of a batch, for a terminal that has no room for all; the others are counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import polars as pl

from jfsrules.advice import NO_TRACK
from jfsrules.vocabulary import AS_OF, PARTNER

MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer in short: the values that were kept, the tier, and how often which advice."""

    partner: str
    day: date
    kept: tuple[str, ...]
    tier: str
    groups: tuple[str, ...]
    advice: Counter[str]
    missing: int


@dataclass(slots=True)
class Glance:
    """The first answers that pass by, and how many there are in all."""

    keep: tuple[str, ...] = ()
    most: int = MOST
    answers: list[Answer] = field(default_factory=list)
    rows: int = 0
    first: date | None = None
    last: date | None = None

    @property
    def more(self) -> int:
        """How many answers are not among the first."""
        return self.rows - len(self.answers)

    def take(self, frame: pl.DataFrame) -> None:
        """Look at some answers."""
        room = self.most - len(self.answers)
        self.rows += frame.height
        ends = frame.select(
            pl.col(AS_OF).min().alias("first"), pl.col(AS_OF).max().alias("last")
        ).row(0)
        days = [day for day in (self.first, self.last, *ends) if day is not None]
        self.first, self.last = min(days, default=None), max(days, default=None)
        self.answers += [self._answer(row) for row in frame.head(room).iter_rows(named=True)]

    def _answer(self, row: dict[str, object]) -> Answer:
        day = row[AS_OF]
        assert isinstance(day, date)
        advice = Counter(
            str(value)
            for name, value in row.items()
            if name.startswith("track__") and name.endswith("__advice") and value != NO_TRACK
        )
        groups = (name.removeprefix("group__") for name in row if name.startswith("group__"))
        missing = str(row.get("missing") or "")
        return Answer(
            str(row[PARTNER]),
            day,
            tuple("" if row[name] is None else str(row[name]) for name in self.keep),
            str(row["tier"]),
            tuple(group for group in groups if row[f"group__{group}"]),
            advice,
            len(missing.split(";")) if missing else 0,
        )
