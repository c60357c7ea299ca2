"""The whole decision of each row, with its proof: made once for each distinct profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

import polars as pl

from jfsrules.deciding import named
from jfsrules.decision import Decision
from jfsrules.engines import compiled
from jfsrules.facts import Profile
from jfsrules.plan import Plan
from jfsrules.vocabulary import AS_OF, PARTNER, Value

DECISION: Final = "decision"
MOST_KEPT: Final = 2_048
Decided: TypeAlias = tuple[Profile, Decision]


def written(made: Sequence[Decided]) -> pl.Series:
    """Decisions as a column of JSON."""
    return pl.Series(DECISION, [one.json().decode() for _, one in made], dtype=pl.String)


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

    def decided(self, frame: pl.DataFrame, profiles: Sequence[Profile], row: str) -> list[Decided]:
        """The profile and decision of each row of a typed frame. Where there are `profiles`, `row`
        says which of them a row is."""
        if profiles:
            return [self._decided(profiles[at]) for at in frame[row]]
        names = tuple(name for name in frame.columns if name in self.atoms)
        cases = frame.select(PARTNER, AS_OF, *names).iter_rows()
        return [self._of_row(names, case) for case in cases]

    def _decide(self, names: tuple[str, ...], case: tuple[Any, ...]) -> Decided:
        held = zip(names, case[2:], strict=True)
        values = {self.atoms[name]: _plain(value) for name, value in held if value is not None}
        return self._decided(Profile(case[0], case[1], values).stating(self.stated))

    def _decided(self, profile: Profile) -> Decided:
        profile = named(profile)
        return profile, self.engine.noted(profile).decision()


def _plain(value: Value) -> Value:
    """A number without decimals as a whole one, as a file would write it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
