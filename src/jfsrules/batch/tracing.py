"""The whole decision of each row, with its proof, as JSON: made once for each distinct profile."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import polars as pl

from jfsrules.deciding import named
from jfsrules.engines import compiled
from jfsrules.facts import Profile
from jfsrules.plan import Plan
from jfsrules.vocabulary import AS_OF, PARTNER, Value

DECISION: Final = "decision"
MOST_KEPT: Final = 2_048


class Tracer:
    """A plan that says for each row how its answer was reached."""

    def __init__(self, plan: Plan, stated: Mapping[str, Value | None]) -> None:
        self.stated = stated
        self.engine = compiled.engine(plan)
        self.atoms = {
            atom.replace(".", "__", 1): atom
            for atom in plan.rulebook.vocabulary.atoms
            if atom not in (PARTNER, AS_OF)
        }
        self._of_row = lru_cache(maxsize=MOST_KEPT)(self._decide)

    def decisions(self, frame: pl.DataFrame, profiles: Sequence[Profile], row: str) -> pl.Series:
        """One decision for each row of a typed frame. Where there are `profiles`, `row` says which
        of them a row is."""
        if profiles:
            told = [self._told(profiles[at]) for at in frame[row]]
            return pl.Series(DECISION, told, dtype=pl.String)
        names = [name for name in frame.columns if name in self.atoms]
        cases = frame.select(PARTNER, AS_OF, *names).iter_rows()
        told = [self._of_row(tuple(names), case) for case in cases]
        return pl.Series(DECISION, told, dtype=pl.String)

    def _decide(self, names: tuple[str, ...], case: tuple[Any, ...]) -> str:
        held = zip(names, case[2:], strict=True)
        values = {self.atoms[name]: value for name, value in held if value is not None}
        return self._told(Profile(case[0], case[1], values).stating(self.stated))

    def _told(self, profile: Profile) -> str:
        decision = self.engine.noted(named(profile)).decision()
        return json.dumps(decision.to_json(), ensure_ascii=False, separators=(",", ":"))
