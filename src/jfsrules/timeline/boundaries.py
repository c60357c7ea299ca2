"""The days on which something begins or ends, and what does. Knows nothing of decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, TypeAlias

from jfsrules.condition import Test, leaves
from jfsrules.decision import Scalar
from jfsrules.facts import ClosedList, Confidence, Dossier, Fact, Lists, WrittenDate
from jfsrules.rulebook import Rule, Rulebook
from jfsrules.vocabulary import AS_OF, Value

ONE_DAY: Final = timedelta(days=1)

Turn: TypeAlias = Literal["begins", "may_begin", "ends", "may_end"]
BEGINS: Final[Turn] = "begins"
MAY_BEGIN: Final[Turn] = "may_begin"
ENDS: Final[Turn] = "ends"
MAY_END: Final[Turn] = "may_end"


@dataclass(frozen=True, slots=True)
class Act:
    """Why something changed on a day: a fact, a closed list or a rule that begins or ends.

    `turn` is `may_begin` or `may_end` on the first day of a date that is not known to the day.
    `date` is the date as it was written, `value` what an indicator is from then on (or was).
    """

    kind: Literal["fact", "list", "rule"]
    turn: Turn
    id: str
    indicator: str | None
    value: Scalar
    date: str
    confidence: Confidence | None
    cites: tuple[str, ...]


def acts(dossier: Dossier, lists: Lists, rulebook: Rulebook) -> Iterator[tuple[date, Act]]:
    """Every day on which something begins or ends, and what does."""
    for facts in dossier.facts.values():
        for fact in facts:
            yield from _of_fact(fact)
    for closed in lists.by_atom.values():
        for one in closed:
            yield from _of_list(one)
    for rule in rulebook.rules:
        yield from _of_rule(rule)


def _of_fact(fact: Fact) -> Iterator[tuple[date, Act]]:
    def act(turn: Turn, written: WrittenDate) -> Act:
        value = _scalar(fact.value)
        return Act(
            "fact", turn, fact.id, fact.atom, value, str(written), fact.confidence, fact.cites
        )

    for written, may, does in ((fact.since, MAY_BEGIN, BEGINS), (fact.until, MAY_END, ENDS)):
        if written and not written.exact:
            yield written.first, act(may, written)
        if written:
            yield written.last, act(does, written)


def _of_list(one: ClosedList) -> Iterator[tuple[date, Act]]:
    def act(turn: Turn, day: date) -> Act:
        value = _scalar(one.absent)
        return Act(
            "list", turn, one.id, one.atom, value, day.isoformat(), one.confidence, one.cites
        )

    yield one.complete_from, act(BEGINS, one.complete_from)
    if one.vouched_until < date.max:
        yield one.vouched_until + ONE_DAY, act(ENDS, one.vouched_until)


def _of_rule(rule: Rule) -> Iterator[tuple[date, Act]]:
    def act(turn: Turn, day: date) -> Act:
        return Act("rule", turn, rule.id, None, None, day.isoformat(), None, rule.cites)

    if rule.since:
        yield rule.since, act(BEGINS, rule.since)
    if rule.until:
        yield rule.until, act(ENDS, rule.until)
    for condition in (rule.when, rule.that):
        for leaf in leaves(condition) if condition else ():
            if isinstance(leaf, Test) and leaf.atom == AS_OF:
                for day in _turns(leaf):
                    yield day, act(BEGINS, day)


def _turns(test: Test) -> Iterator[date]:
    """The days on which a test of the day changes its value."""
    for value in test.values:
        assert isinstance(value, date)
        if test.op not in (">", "≤"):
            yield value
        if test.op not in ("≥", "<"):
            yield value + ONE_DAY


def _scalar(value: Value) -> Scalar:
    return value.isoformat() if isinstance(value, date) else value
