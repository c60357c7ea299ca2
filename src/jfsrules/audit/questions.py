"""Questions to a ledger: which decisions, and how many, by what stands in them and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from jfsrules.advice import ADVICE
from jfsrules.audit.bundles import At
from jfsrules.audit.index import Index, Key
from jfsrules.audit.ledger import Ledger
from jfsrules.decision import Json
from jfsrules.errors import LedgerError, did_you_mean
from jfsrules.tier import TIERS

OF_A_RULE: Final = ("fired", "overridden", "blocked", "undecided")
OF_A_FACT: Final = ("fact", "stated", "absence", "undecided")
COLUMNS: Final = (
    "at",
    "logged",
    "partner",
    "as_of",
    "tier",
    "rulebook",
    "version",
    "engine",
    "asked_by",
    "decision",
)
CLOSED: Final[Mapping[str, tuple[str, ...]]] = {"tier": TIERS, "advice": ADVICE}
PERIODS: Final[Mapping[str, int]] = {"year": 4, "month": 7, "day": 10}


@dataclass(frozen=True, slots=True)
class Question:
    """What one asks of a ledger; everything left out is not asked.

    `as_of` and `logged` are written `2014`, `2014-06`, `2014-06-27`, or two of them with `..`
    between. `rule` stands anywhere in the trace; `where` is about one step of it, such as
    `rule=… kind=blocked fact=visa_regime`. `advice` is one (`propose`), or `track=advice`.
    """

    partner: str | None = None
    as_of: str | None = None
    logged: str | None = None
    tier: str | None = None
    group: str | None = None
    rule: str | None = None
    advice: str | None = None
    rulebook: str | None = None
    where: str | None = None

    def between(self) -> tuple[str | None, str | None]:
        """The time of logging that is asked for."""
        return period(self.logged) if self.logged else (None, None)

    def groups(self, index: Index) -> list[list[Key]]:
        """The keys to look up; raises LedgerError for a name that no decision has."""
        found: list[list[Key]] = []
        for name in ("partner", "tier", "group", "rule", "advice", "rulebook"):
            value = getattr(self, name)
            if value is not None:
                found.append([_known(index, name, value.upper() if name == "partner" else value)])
        if self.as_of is not None:
            since, until = period(self.as_of)
            keys = index.keys("as_of:")
            found.append(
                [
                    k
                    for k in keys
                    if since <= k.removeprefix("as_of:")
                    and (not until or k.removeprefix("as_of:") < until)
                ]
            )
        if self.where is not None:
            found.append(_where(index, self.where))
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    """How many decisions there are, and a line for each as it is asked for."""

    count: int
    lines: Iterator[dict[str, Json]]


def ask(ledger: Ledger, index: Index, question: Question, *, newest: bool = True) -> Answer:
    """The decisions that a question is about."""
    found = index.find(question.groups(index), question.between(), newest)
    return Answer(found.count, lines(ledger, found.places))


def lines(ledger: Ledger, places: Iterable[At]) -> Iterator[dict[str, Json]]:
    """A line for each decision, with the columns of `COLUMNS`."""
    times: dict[int, str] = {}
    for at in places:
        if at.seq not in times:
            times = {at.seq: ledger.entry(at.seq).time}
        record = ledger.record(*at)
        yield {
            "at": str(at),
            "logged": times[at.seq],
            "partner": record["partner"],
            "as_of": record["as_of"],
            "tier": record["tier"],
            "rulebook": record["rulebook"]["name"],
            "version": record["rulebook"]["version"],
            "engine": record["engine"],
            "asked_by": record.get("asked_by"),
            "decision": record.get("decision"),
        }


def statistics(
    index: Index, question: Question, by: str = "rule", over: str = "month"
) -> Iterator[dict[str, Json]]:
    """How often each rule fired, was blocked, overridden or left undecided, in each period of
    logging; or how many decisions each tier or advice has."""
    groups = question.groups(index)
    kinds = {"rule": OF_A_RULE, "tier": ("tier",), "advice": ("advice",)}[by]
    for since, until in _periods(index, question, PERIODS[over]):
        for kind in kinds:
            for key in index.keys(f"{kind}:"):
                count = index.find([*groups, [key]], (since, until)).count
                if count:
                    name = key.removeprefix(f"{kind}:")
                    told: dict[str, Json] = {"logged": since[: PERIODS[over]], by: name}
                    yield told | ({"kind": kind} if by == "rule" else {}) | {"decisions": count}


def _periods(index: Index, question: Question, length: int) -> Iterator[tuple[str, str]]:
    """The periods in which something was logged that the question is about."""
    times = index.times()
    if times is None:
        return
    first, last = period(question.logged) if question.logged else (times[0], None)
    at, end = max(first, times[0])[:length], min(last or "9", times[1] + "!")
    while at < end:
        _, after = period(at)
        yield at, after or "9"
        if after is None:
            return
        at = after[:length]


def _known(index: Index, name: str, value: str) -> Key:
    key = f"{name}:{value}"
    if value not in CLOSED.get(name, ()) and not index.has(key):
        names = [one.removeprefix(f"{name}:") for one in index.keys(f"{name}:")]
        near = did_you_mean(value, names)
        more = f": {near}" if near else ""
        raise LedgerError(f"no decision here has the {name} `{value}`{more}")
    return key


def _where(index: Index, words: str) -> list[Key]:
    """The keys of one step: `rule=… kind=… fact=…`, each at most once."""
    asked = dict(part.partition("=")[::2] for part in words.split())
    rule, kind, fact = (asked.pop(name, None) for name in ("rule", "kind", "fact"))
    if asked or not (rule or kind or fact):
        raise LedgerError(f"`{words}` asks nothing: write `rule=… kind=… fact=…`, or some of them")
    if kind and kind not in {*OF_A_RULE, *OF_A_FACT}:
        near = did_you_mean(kind, (*OF_A_RULE, *OF_A_FACT))
        raise LedgerError(f"there is no kind of step `{kind}`{f': {near}' if near else ''}")
    if rule:
        _known(index, "rule", rule)
        parts = [f"{kind}:{rule}" if kind else f"rule:{rule}"]
        return [tuple(parts + ([f"reads:{rule}:{fact}"] if fact else []))]
    if fact:
        _known(index, "fact", fact)
        told = index.keys(f"{kind}:") if kind in OF_A_RULE else []
        read: list[Key] = [(key, f"reads:{key.partition(':')[2]}:{fact}") for key in told]
        return [f"{kind}@{fact}" if kind else f"fact:{fact}", *read]
    return [*index.keys(f"{kind}:"), *index.keys(f"{kind}@")]


def period(text: str) -> tuple[str, str | None]:
    """The first day of a period, and the first day after it.

    >>> period("2014-06"), period("2014..2015-02"), period("2014-06-27..")
    (('2014-06-01', '2014-07-01'), ('2014-01-01', '2015-03-01'), ('2014-06-27', None))
    """
    since, dots, until = text.partition("..")
    try:
        first = _span(since)[0] if since else "0001-01-01"
        after = _span(until if dots else since)[1] if until or not dots else None
    except ValueError:
        raise LedgerError(
            f"`{text}` is no time: write `2014`, `2014-06`, `2014-06-27`, or two with `..` between"
        ) from None
    return first, after


def _span(text: str) -> tuple[str, str]:
    """The first day of a day, month or year, and the first after it."""
    parts = [int(part) for part in text.split("-")]
    if [len(part) for part in text.split("-")] != [4, 2, 2][: len(parts)]:
        raise ValueError(text)
    first = date(*[*parts, 1, 1][:3])
    match len(parts):
        case 1:
            after = date(first.year + 1, 1, 1)
        case 2:
            after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        case _:
            after = date.fromordinal(first.toordinal() + 1)
    return first.isoformat(), after.isoformat()
