"""The tally behind a chart: how many cases stand where, on which day; memory does not grow with rows.

Counts answers as they pass by. Knows nothing of pictures, decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from jfsrules.vocabulary import AS_OF, PARTNER

TIER: Final = "tier"
CASES: Final = "cases"
INSTRUMENT: Final = "instrument"
ADVICE: Final = "advice"
_STANDING: Final = (AS_OF, PARTNER, TIER)
_ADVISED: Final = (AS_OF, PARTNER, INSTRUMENT, ADVICE)


class Tally:
    """Cases counted by day, partner and tier; on the last day by partner, instrument and advice.

    At most one count is kept for each partner, day and tier, however many rows there are.
    """

    def __init__(self) -> None:
        self._standing = _none(_STANDING)
        self._advised = _none(_ADVISED)

    def add(self, answers: pl.DataFrame | pl.LazyFrame) -> None:
        """Count some answers: columns `partner`, `as_of`, `tier` and `track__I__advice`."""
        rows = answers.lazy()
        schema = rows.collect_schema()
        names, day = schema.names(), pl.col(AS_OF)
        tracks = [
            name for name in names if name.startswith("track__") and name.endswith("__advice")
        ]
        rows = rows.select(
            day.str.to_date("%Y-%m-%d") if schema[AS_OF] == pl.String else day.cast(pl.Date),
            pl.col(PARTNER, TIER).cast(pl.String),
            pl.col(tracks).cast(pl.String),
        )
        standing = _counted(rows, _STANDING).collect(engine="streaming")
        if standing.is_empty():
            return
        self._standing = _together(self._standing, standing, _STANDING)
        last = self.last
        if standing[AS_OF].max() != last:
            return
        on_last = rows.filter(pl.col(AS_OF) == last)
        counted = (_advised(on_last, track) for track in tracks)
        advised = pl.concat([_none(_ADVISED), *pl.collect_all(counted, engine="streaming")])
        kept = self._advised.filter(pl.col(AS_OF) == last)
        self._advised = _together(kept, advised, _ADVISED)

    @property
    def days(self) -> tuple[date, ...]:
        """The days there are answers for, in order."""
        return tuple(self._standing[AS_OF].unique().sort())

    @property
    def last(self) -> date:
        """The last of these days. Raises IndexError if nothing was counted."""
        return self.days[-1]

    @property
    def cases(self) -> int:
        """How many answers were counted."""
        return int(self._standing[CASES].sum())

    @property
    def one_each(self) -> bool:
        """Whether there is one case for each partner and day, so that cases are partners."""
        each = self._standing.group_by(AS_OF, PARTNER).agg(pl.col(CASES).sum())
        return bool((each[CASES] == 1).all())

    def tiers(self) -> Iterator[tuple[date, str, int]]:
        """How many cases stand in each tier on each day."""
        found = self._standing.group_by(AS_OF, TIER).agg(pl.col(CASES).sum()).sort(AS_OF, TIER)
        yield from found.iter_rows()

    def partners(self) -> tuple[str, ...]:
        """The codes of all partners there are answers for."""
        return tuple(self._standing[PARTNER].drop_nulls().unique().sort())

    def standings(self) -> dict[str, dict[str, int]]:
        """For each partner on the last day, how many of its cases stand in which tier."""
        if self._standing.is_empty():
            return {}
        on_last = self._standing.filter(pl.col(AS_OF) == self.last).sort(PARTNER, TIER)
        found: dict[str, dict[str, int]] = {}
        for _, partner, tier, cases in on_last.iter_rows():
            found.setdefault(partner, {})[tier] = cases
        return found

    def advice(self) -> dict[tuple[str, str], dict[str, int]]:
        """For each partner and instrument on the last day, how many cases got which advice."""
        found: dict[tuple[str, str], dict[str, int]] = {}
        rows = self._advised.sort(PARTNER, INSTRUMENT, ADVICE)
        for _, partner, instrument, advice, cases in rows.iter_rows():
            found.setdefault((partner, instrument), {})[advice] = cases
        return found


def tally_of(path: Path) -> Tally:
    """The tally of a finished output: Parquet, CSV or JSON Lines."""
    match path.suffix.lower():
        case ".parquet":
            rows = pl.scan_parquet(path)
        case ".csv":
            rows = pl.scan_csv(path, infer_schema=False)
        case _:
            rows = pl.scan_ndjson(path)
    tally = Tally()
    tally.add(rows)
    return tally


def _advised(rows: pl.LazyFrame, track: str) -> pl.LazyFrame:
    instrument = track.removeprefix("track__").removesuffix("__advice")
    named = rows.select(
        AS_OF, PARTNER, pl.lit(instrument).alias(INSTRUMENT), pl.col(track).alias(ADVICE)
    )
    return _counted(named, _ADVISED)


def _counted(rows: pl.LazyFrame, by: tuple[str, ...]) -> pl.LazyFrame:
    return rows.group_by(by).agg(pl.len().cast(pl.Int64).alias(CASES)).select(*by, CASES)


def _together(one: pl.DataFrame, other: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    both = pl.concat([one, other])
    return both.group_by(by).agg(pl.col(CASES).sum()).select(*by, CASES)


def _none(by: tuple[str, ...]) -> pl.DataFrame:
    texts = {name: pl.Date if name == AS_OF else pl.String for name in by}
    return pl.DataFrame(schema={**texts, CASES: pl.Int64})
