"""One ruleset of the C code: every run is whole, is its own, and leaves nothing behind."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import durable_rules_engine
import pytest

from jfsrules.engines.rete.coding import Coded
from jfsrules.engines.rete.shard import MOST_PENDING, SENTINEL, WIDEST, Shard, shards
from jfsrules.errors import EngineError

C = durable_rules_engine


def numbered(count: int, field: str = "f{}") -> dict[int, tuple[Coded, ...]]:
    """Alternatives of one leaf each, on a field of their own."""
    return {number: (Coded(field.format(number), "=", 1),) for number in range(count)}


def body(count: int) -> str:
    return "".join(f',"f{number}":1' for number in range(count))


def matcher(**calls: Any) -> Any:
    """The C module with some of its calls replaced."""
    return SimpleNamespace(**{**vars(durable_rules_engine), **calls})


def test_a_fact_that_matches_nothing_fires_nothing() -> None:
    """A01: no alternative holds, the sentinel fires alone, and the next run is as good."""
    one = Shard(C, numbered(3))
    assert one.run(',"f0":0,"f1":0') == []
    assert one.run("") == []
    assert one.run(',"f1":1') == [1]


def test_alternatives_fire_in_their_order() -> None:
    """A02: ascending, whatever the order of the fields."""
    one = Shard(C, numbered(20))
    fields = [f',"f{n}":1' for n in (19, 3, 7, 0)]
    assert one.run("".join(fields)) == one.run("".join(reversed(fields))) == [0, 3, 7, 19]


def test_63_alternatives_that_hold_at_once_all_fire() -> None:
    """A03: the most that one ruleset may hold, all true, with the sentinel after them."""
    one = Shard(C, numbered(MOST_PENDING))
    assert one.run(body(MOST_PENDING)) == list(range(63))


def test_a_ruleset_takes_no_more_than_it_can_hold() -> None:
    """A04: 64 alternatives, none, or more fields than a fact has room for are refused."""
    wide = {0: tuple(Coded(f"f{n}", "=", 1) for n in range(WIDEST + 1))}
    for alternatives in (numbered(MOST_PENDING + 1), {}, wide):
        with pytest.raises(EngineError):
            Shard(C, alternatives)


def test_alternatives_are_dealt_out_to_as_many_rulesets_as_they_need() -> None:
    """A04: each in one lot, no lot over 63 or over the width of a fact."""
    many = numbered(200)
    wide = {n: tuple(Coded(f"g{n}_{k}", "=", 1) for k in range(30)) for n in range(200, 230)}
    lots = list(shards({**many, **wide}))
    assert sorted(number for lot in lots for number in lot) == list(range(230))
    for lot in lots:
        fields = {leaf.field for leaves in lot.values() for leaf in leaves}
        assert len(lot) <= MOST_PENDING and len(fields) <= WIDEST


def test_an_empty_conjunction_always_holds() -> None:
    """A rule without a condition fires from the engine like any other."""
    one = Shard(C, {0: (), 1: (Coded("f0", "=", 1),)})
    assert one.run("") == [0]
    assert one.run(',"f0":1') == [0, 1]


@pytest.mark.parametrize("call", ["assert_fact", "complete_and_start_action", "retract_fact"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, C.error])
def test_an_error_in_the_middle_of_a_run_leaves_nothing_behind(
    call: str, error: type[BaseException]
) -> None:
    """A08: whatever is raised, wherever, is passed on, and the next run starts clean."""
    for after in range(4 if call == "complete_and_start_action" else 1):
        failing = Failing(getattr(C, call), error)
        one = Shard(matcher(**{call: failing}), numbered(5))
        failing.after = after
        with pytest.raises(error):
            one.run(body(4))
        failing.after = None
        assert one.run(',"f4":1') == [4]
        assert one.run(',"f2":1') == [2]


class Failing:
    """A call that raises once it was made `after` times; never while that is None."""

    def __init__(self, call: Any, error: type[BaseException]) -> None:
        self.call = call
        self.error = error
        self.after: int | None = None

    def __call__(self, *args: Any) -> Any:
        if self.after is not None:
            if not self.after:
                raise self.error
            self.after -= 1
        return self.call(*args)


def test_a_run_that_was_never_finished_is_forgotten_by_the_next() -> None:
    """Even where no handler ran, as in a child forked in the middle of a run."""
    one = Shard(C, numbered(5))
    state = C.assert_fact(one._ruleset, '{"id":"x","k":1,"f3":1,"n":99}')[1]
    C.start_action_for_state(one._ruleset, state)
    one._running = True
    assert one.run(',"f1":1') == [1]


def test_what_fires_on_another_fact_is_an_error() -> None:
    """The number of the run in the fact shows whose firing it is."""
    one = Shard(C, numbered(5))
    C.assert_fact(one._ruleset, '{"id":"y","k":1,"f3":1,"n":99}')
    with pytest.raises(EngineError, match="another run"):
        one.run(',"f1":1')
    assert one.run(',"f1":1') == [1]


@pytest.mark.parametrize(
    ("kept", "complaint"),
    [
        (lambda names: names[:-1], "did not finish"),
        (lambda names: [*names[:-2], names[-1], names[-2]], "did not finish"),
        (lambda _: [], "did not finish"),
        (lambda names: [names[1], names[0], *names[2:]], "out of order"),
        (lambda names: [names[0], *names], "out of order"),
    ],
    ids=["cut off", "sentinel not last", "nothing", "swapped", "twice"],
)
def test_a_run_that_is_not_whole_is_an_error(kept: Any, complaint: str) -> None:
    """The sentinel must come once, last, and the alternatives ascending before it."""
    messages: list[str] = []

    def start(ruleset: int, state: int) -> Any:
        first = C.start_action_for_state(ruleset, state)
        message = first and first[1]
        messages.clear()
        while message:
            messages.append(message)
            message = C.complete_and_start_action(ruleset, state)
        if broken:
            messages[:] = kept(messages)
        return ("", messages.pop(0)) if messages else None

    def go_on(ruleset: int, state: int) -> Any:
        return messages.pop(0) if messages else None

    broken = False
    one = Shard(matcher(start_action_for_state=start, complete_and_start_action=go_on), numbered(5))
    broken = True
    with pytest.raises(EngineError, match=complaint):
        one.run(',"f1":1,"f3":1')


def test_a_lot_is_as_wide_as_it_says() -> None:
    """The limits are those measured, the sentinel and our own three fields counted."""
    assert (MOST_PENDING + 1, SENTINEL) == (64, "~")
    assert WIDEST + 3 <= 252
