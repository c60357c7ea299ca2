"""Advice on a track, as one total table that every engine looks up.

Read from the top: the first row that applies decides. `None` in a cell stands for *unknown*, an
empty set of cells for *any*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias

from jfsrules.vocabulary import STATES

Requires: TypeAlias = Literal["false", "fact_unknown", "judged_unknown", "true"]
REQUIRES: Final[tuple[Requires, ...]] = ("false", "fact_unknown", "judged_unknown", "true")
ADVICE: Final = (
    "propose",
    "possible",
    "continue",
    "maintain",
    "on_hold",
    "blocked",
    "moot",
    "undetermined",
)
NO_TRACK: Final = "no_track"
_OPEN: Final = ("not_started", "ended")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: it applies where each of its cells is empty or holds the value at hand."""

    number: int
    states: tuple[str | None, ...]
    meant: tuple[bool | None, ...]
    moot: tuple[bool | None, ...]
    requires: tuple[Requires, ...]
    advice: str

    def applies(
        self, state: str | None, meant: bool | None, moot: bool | None, requires: Requires
    ) -> bool:
        """Whether this row speaks of such a track."""
        return (
            (not self.states or state in self.states)
            and (not self.meant or meant in self.meant)
            and (not self.moot or moot in self.moot)
            and (not self.requires or requires in self.requires)
        )


ROWS: Final = (
    Row(1, _OPEN, (False,), (), (), NO_TRACK),
    Row(2, (None,), (True,), (True,), (), "moot"),
    Row(3, (None,), (), (), (), "undetermined"),
    Row(4, _OPEN, (None,), (), (), "undetermined"),
    Row(5, ("superseded",), (), (), (), "moot"),
    Row(6, (), (), (True,), (), "moot"),
    Row(7, (), (), (None,), (), "undetermined"),
    Row(8, ("in_force",), (), (False,), (), "maintain"),
    Row(9, ("suspended", "not_performed"), (), (False,), (), "on_hold"),
    Row(10, ("in_talks", "signed"), (), (False,), (), "continue"),
    Row(11, _OPEN, (True,), (False,), ("false",), "blocked"),
    Row(12, _OPEN, (True,), (False,), ("fact_unknown",), "undetermined"),
    Row(13, _OPEN, (True,), (False,), ("judged_unknown",), "possible"),
    Row(14, _OPEN, (True,), (False,), ("true",), "propose"),
)


@cache
def advise(state: str | None, meant: bool | None, moot: bool | None, requires: Requires) -> Row:
    """The row that decides. `state` None is an unknown state; total over all others.

    >>> advise("in_force", True, False, "true").advice
    'maintain'
    """
    if state is not None and state not in STATES:
        raise ValueError(state)
    return next(row for row in ROWS if row.applies(state, meant, moot, requires))


def worst(requirements: Iterable[Requires]) -> Requires:
    """The requirement that decides: false, then fact unknown, then judged unknown, then true.

    >>> worst(["true", "judged_unknown"])
    'judged_unknown'
    """
    return min(requirements, key=REQUIRES.index, default="true")
