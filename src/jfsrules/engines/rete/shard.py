"""One ruleset of the C module, run so that every run vouches for itself.

A sentinel, always true and last, shows that nothing was cut off; the number of the run, in the
fact, shows that what fired belongs to it. Knows nothing of what the integers stand for.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

from jfsrules.engines.rete.coding import Coded
from jfsrules.errors import EngineError

# Alternatives in one ruleset: with the sentinel, as many as the C code can hold at once.
MOST_PENDING: Final = 63
# Fields in one fact: the C code holds 252.
WIDEST: Final = 240
SENTINEL: Final = "~"


class Matcher(Protocol):
    """The calls of the C module that are safe, and used."""

    error: type[Exception]

    def create_ruleset(self, name: str, definition: str) -> int: ...
    def delete_ruleset(self, ruleset: int) -> None: ...
    def assert_fact(self, ruleset: int, fact: str) -> tuple[int, int]: ...
    def retract_fact(self, ruleset: int, fact: str) -> tuple[int, int]: ...
    def start_action_for_state(self, ruleset: int, state: int) -> tuple[str, str] | None: ...
    def complete_and_start_action(self, ruleset: int, state: int) -> str | None: ...
    def delete_state(self, ruleset: int, state: str | None) -> None: ...


class Shard:
    """One ruleset: at most 63 alternatives by number, in one live state, one run at a time."""

    def __init__(self, matcher: Matcher, alternatives: Mapping[int, Sequence[Coded]]) -> None:
        fields = {leaf.field for leaves in alternatives.values() for leaf in leaves}
        if not 0 < len(alternatives) <= MOST_PENDING or len(fields) > WIDEST:
            raise EngineError("a ruleset is larger than the engine can be trusted with")
        self._matcher = matcher
        self._runs = 0
        self._running = False
        definition: dict[str, object] = {
            f"a{number}": {"all": [{"m": _conjunction(alternatives[number])}]}
            for number in sorted(alternatives)
        }
        definition[SENTINEL] = {"all": [{"m": {"k": 1}}], "pri": 1}
        self._ruleset = matcher.create_ruleset("s", json.dumps(definition))
        self._warm = False
        self.run("")
        self._warm = True
        weakref.finalize(self, _drop, matcher, self._ruleset).atexit = False

    def run(self, body: str) -> list[int]:
        """The numbers of the alternatives that fire, ascending.

        `body` is the fact, as `,"f0":1,"f7":20`. Raises EngineError unless the whole run was
        seen; after any error the next run starts afresh.
        """
        if self._running:
            self._forget()
        self._running = True
        self._runs += 1
        own = f',"n":{self._runs}}}'
        try:
            fired = self._drain(f'{{"id":"x","k":1{body}{own}', own + "}}")
        except BaseException:
            self._forget()
            raise
        self._running = False
        return fired

    def _drain(self, fact: str, own: str) -> list[int]:
        matcher, ruleset = self._matcher, self._ruleset
        refused, state = matcher.assert_fact(ruleset, fact)
        first = matcher.start_action_for_state(ruleset, state)
        message = first and first[1]
        names = []
        while message:
            if not message.endswith(own):
                raise EngineError("the rete engine fired on a fact of another run")
            names.append(message[2 : message.index('"', 2)])
            message = matcher.complete_and_start_action(ruleset, state)
        kept = matcher.retract_fact(ruleset, '{"id":"x"}')[0]
        if refused or kept or not names or names.pop() != SENTINEL or SENTINEL in names:
            raise EngineError("the rete engine did not finish its run")
        numbers = [int(name[1:]) for name in names]
        if numbers != sorted(set(numbers)):
            raise EngineError("the rete engine fired out of order")
        return numbers

    def _forget(self) -> None:
        # A state in which nothing ever fired must not be deleted: the C code would free what it
        # never set. The first run fires the sentinel, so from then on deleting is safe.
        if self._warm:
            with suppress(self._matcher.error):
                self._matcher.delete_state(self._ruleset, None)
        self._running = False


def _conjunction(leaves: Sequence[Coded]) -> dict[str, Any]:
    terms = [leaf.written() for leaf in leaves] or [{"k": 1}]
    return terms[0] if len(terms) == 1 else {"$and": terms}


def _drop(matcher: Matcher, ruleset: int) -> None:
    with suppress(matcher.error):
        matcher.delete_state(ruleset, None)
    matcher.delete_ruleset(ruleset)


def shards(numbered: Mapping[int, Sequence[Coded]]) -> Iterator[dict[int, Sequence[Coded]]]:
    """Alternatives in lots that one ruleset can hold, those that read alike together."""
    lot: dict[int, Sequence[Coded]] = {}
    fields: set[str] = set()
    for number in sorted(numbered, key=lambda n: ([leaf.field for leaf in numbered[n]], n)):
        more = fields.union(leaf.field for leaf in numbered[number])
        if len(lot) == MOST_PENDING or len(more) > WIDEST:
            yield lot
            lot, more = {}, {leaf.field for leaf in numbered[number]}
        lot[number] = numbered[number]
        fields = more
    if lot:
        yield lot
