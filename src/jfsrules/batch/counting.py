"""What a batch came to: counts by tier and advice, unknowns, errors, and time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from jfsrules.batch.apart import Apart
from jfsrules.engines.columns import Output


@dataclass(slots=True)
class Closing:
    """The end of a batch: rows in, rows out, rows apart, and what the answers were.

    `passed` are rows of partners that were not asked for; `resumed` how many rows an interrupted
    run had done before. `shown` are the first rows set apart.
    """

    rows_in: int = 0
    rows_out: int = 0
    rows_apart: int = 0
    passed: int = 0
    tiers: Counter[str] = field(default_factory=Counter)
    advice: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    out: Path | None = None
    errors_file: Path | None = None
    resumed: int = 0
    notes: list[str] = field(default_factory=list)
    shown: list[Apart] = field(default_factory=list)

    @property
    def balanced(self) -> bool:
        """Whether no row was lost and none was written twice."""
        return self.rows_in == self.rows_out + self.rows_apart + self.passed

    def add(
        self, rows_in: int, rows_out: int, apart: int, counts: Mapping[str, Any], passed: int = 0
    ) -> None:
        """Count one chunk."""
        self.passed += passed
        self.rows_in += rows_in
        self.rows_out += rows_out
        self.rows_apart += apart
        for name in ("tiers", "advice", "missing", "errors"):
            getattr(self, name).update(counts.get(name, {}))

    def to_json(self) -> dict[str, Any]:
        """The closing as JSON."""
        return {
            "rows_in": self.rows_in,
            "rows_out": self.rows_out,
            "rows_apart": self.rows_apart,
            "passed": self.passed,
            "tiers": dict(self.tiers),
            "advice": dict(self.advice),
            "missing": dict(self.missing.most_common()),
            "errors": dict(self.errors),
            "seconds": round(self.seconds, 3),
            "out": str(self.out) if self.out else None,
            "errors_file": str(self.errors_file) if self.errors_file else None,
            "notes": list(self.notes),
        }


def counts(
    answer: pl.DataFrame | None,
    outputs: Sequence[Output],
    missing: Mapping[str, int],
    apart: Iterable[Apart],
) -> dict[str, dict[str, int]]:
    """What one chunk came to; each row set apart counts under its first fault."""
    errors: Counter[str] = Counter()
    for one in apart:
        errors[one.diagnostics[0].code] += one.rows
    if answer is None:
        return {"errors": dict(errors)}
    advice = Counter[str]()
    for told in _told(answer, [one for one in outputs if _is_advice(one)]):
        advice.update(told)
    advice.pop("no_track", None)
    (tiers,) = _told(answer, [one for one in outputs if one.about == "tier"])
    return {
        "tiers": tiers,
        "advice": dict(advice),
        "missing": dict(missing),
        "errors": dict(errors),
    }


def _is_advice(output: Output) -> bool:
    return isinstance(output.about, tuple) and output.about[0] == "advice"


def _told(answer: pl.DataFrame, outputs: Sequence[Output]) -> Iterator[dict[str, int]]:
    """For each column of names, how often each occurs: counted by their places, all at once."""
    counts = answer.select(
        (pl.col(one.column).to_physical() == place).sum().alias(f"{one.column} {place}")
        for one in outputs
        for place in range(len(one.names))
    ).row(0, named=True)
    for one in outputs:
        many = {name: counts[f"{one.column} {place}"] for place, name in enumerate(one.names)}
        yield {name: count for name, count in many.items() if count}
