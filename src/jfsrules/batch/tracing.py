"""The whole decision of each row, with its proof, as JSON: made once for each distinct profile."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

import polars as pl

from jfsrules.deciding import named
from jfsrules.decision import Decision
from jfsrules.engines import compiled
from jfsrules.facts import Profile
from jfsrules.plan import Plan
from jfsrules.vocabulary import AS_OF, PARTNER, Value

DECISION: Final = "decision"
MOST_KEPT: Final = 2_048
Each: TypeAlias = Callable[[int, Profile, Decision], None]


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

    def decisions(
        self,
        frame: pl.DataFrame,
        profiles: Sequence[Profile],
        row: str,
        each: Each | None = None,
    ) -> pl.Series:
        """One decision for each row of a typed frame. Where there are `profiles`, `row` says which
        of them a row is. `each` is told of every one, with its row's place."""
        if profiles:
            made = [self._made(profiles[at]) for at in frame[row]]
        else:
            names = tuple(name for name in frame.columns if name in self.atoms)
            cases = frame.select(PARTNER, AS_OF, *names).iter_rows()
            made = [self._of_row(names, case) for case in cases]
        if each:
            for at, one in zip(frame[row], made, strict=True):
                each(at, one.profile, one.decision)
        return pl.Series(DECISION, [one.text for one in made], dtype=pl.String)

    def _decide(self, names: tuple[str, ...], case: tuple[Any, ...]) -> _Made:
        held = zip(names, case[2:], strict=True)
        values = {self.atoms[name]: _plain(value) for name, value in held if value is not None}
        return self._made(Profile(case[0], case[1], values).stating(self.stated))

    def _made(self, profile: Profile) -> _Made:
        profile = named(profile)
        decision = self.engine.noted(profile).decision()
        text = json.dumps(decision.to_json(), ensure_ascii=False, separators=(",", ":"))
        return _Made(profile, decision, text)


class _Made(NamedTuple):
    profile: Profile
    decision: Decision
    text: str


def _plain(value: Value) -> Value:
    """A number without decimals as a whole one, as a file would write it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
