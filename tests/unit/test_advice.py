"""Advice: the table is total, its rows exclude each other, and learning changes no decided advice."""

# ruff: noqa: ARG005 - each condition of the second table is given a whole row

from __future__ import annotations

from itertools import product

import pytest

from jfsrules.advice import ADVICE, NO_TRACK, REQUIRES, ROWS, advise, worst
from jfsrules.vocabulary import STATES

T, F, U = True, False, None
OPEN = {"not_started", "ended"}
BEGUN = set(STATES) - OPEN - {"superseded"}
EVERY = list(product((*STATES, None), (T, F, U), (T, F, U), REQUIRES))

# The table a second time, in conditions that stand alone: none asks whether another applied.
ALONE = {
    1: (NO_TRACK, lambda s, m, o, r: s in OPEN and m is F),
    2: ("moot", lambda s, m, o, r: s is None and m is T and o is T),
    3: ("undetermined", lambda s, m, o, r: s is None and not (m is T and o is T)),
    4: ("undetermined", lambda s, m, o, r: s in OPEN and m is U),
    5: ("moot", lambda s, m, o, r: s == "superseded"),
    6: ("moot", lambda s, m, o, r: o is T and (s in BEGUN or (s in OPEN and m is T))),
    7: ("undetermined", lambda s, m, o, r: o is U and (s in BEGUN or (s in OPEN and m is T))),
    8: ("maintain", lambda s, m, o, r: s == "in_force" and o is F),
    9: ("on_hold", lambda s, m, o, r: s in {"suspended", "not_performed"} and o is F),
    10: ("continue", lambda s, m, o, r: s in {"in_talks", "signed"} and o is F),
    11: ("blocked", lambda s, m, o, r: s in OPEN and m is T and o is F and r == "false"),
    12: ("undetermined", lambda s, m, o, r: s in OPEN and m is T and o is F and r == "fact_unknown"),
    13: ("possible", lambda s, m, o, r: s in OPEN and m is T and o is F and r == "judged_unknown"),
    14: ("propose", lambda s, m, o, r: s in OPEN and m is T and o is F and r == "true"),
}  # fmt: skip


@pytest.mark.parametrize(("state", "meant", "moot", "requires"), EVERY)
def test_exactly_one_row_speaks_of_each_track(state, meant, moot, requires) -> None:
    """Of 14 conditions stated apart, one alone is met, and its row is the one that decides."""
    speaking = [n for n, (_, met) in ALONE.items() if met(state, meant, moot, requires)]
    row = advise(state, meant, moot, requires)
    assert speaking == [row.number]
    assert row.advice == ALONE[row.number][0]


def test_every_row_and_every_advice_is_of_use() -> None:
    """No row is hidden by those above it, and each advice is given somewhere."""
    deciding = {advise(*one).number for one in EVERY}
    assert deciding == {row.number for row in ROWS} == set(ALONE)
    assert {advise(*one).advice for one in EVERY} == {*ADVICE, NO_TRACK}


def test_learning_changes_no_decided_advice() -> None:
    """Whatever becomes known, advice other than `undetermined` and `possible` stays, and
    `possible` becomes `propose` or `blocked` or stays."""
    for less, more in product(EVERY, EVERY):
        if learns(less, more):
            before, after = advise(*less).advice, advise(*more).advice
            if before == "possible":
                assert after in ("possible", "propose", "blocked")
            elif before != "undetermined":
                assert after == before, (less, more)


def learns(less, more) -> bool:
    """Whether the second way of standing keeps all that the first knows."""
    kept = all(one is None or one == other for one, other in zip(less[:3], more[:3], strict=True))
    may_become = {
        "false": {"false"},
        "true": {"true"},
        "judged_unknown": {"judged_unknown", "true", "false"},
        "fact_unknown": set(REQUIRES),
    }
    return kept and more[3] in may_become[less[3]]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_the_worst_requirement_decides(count: int) -> None:
    """False before an unknown fact, before an unknown judgement, before true; none is true."""
    for requirements in product(REQUIRES, repeat=count):
        expected = next((one for one in REQUIRES if one in requirements), "true")
        assert worst(requirements) == expected


def test_a_state_that_is_none_is_an_error() -> None:
    """A word that is no state is a fault of ours, not an unknown state."""
    with pytest.raises(ValueError, match="finished"):
        advise("finished", True, False, "true")
