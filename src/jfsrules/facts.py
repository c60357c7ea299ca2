"""What holds of a partner on a date, and what is unknown.

A dossier is every fact on one partner through time; a profile is what holds on one day. Knows
nothing of rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from jfsrules.citation import Citation
from jfsrules.errors import Diagnostic, Refused
from jfsrules.span import NOWHERE, Place
from jfsrules.vocabulary import AS_OF, PARTNER, Value, Vocabulary

Confidence: TypeAlias = Literal["verified", "reported", "unverified", "stated"]
CONFIDENCES: Final[tuple[Confidence, ...]] = ("stated", "unverified", "reported", "verified")
FIRST_DAY: Final = date(2004, 1, 1)


def weakest(confidences: Iterable[Confidence | None]) -> Confidence | None:
    """The least of some confidences; nothing where there are none.

    >>> weakest(["verified", None, "unverified"])
    'unverified'
    """
    known = [CONFIDENCES.index(c) for c in confidences if c]
    return CONFIDENCES[min(known)] if known else None


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date as it was written: some day from `first` to `last`, both included."""

    first: date
    last: date
    text: str

    @classmethod
    def parse(cls, text: str) -> WrittenDate:
        """Read `2014-06-27`, `2014-06`, `2014` or `by 2014-06-27`; ValueError otherwise.

        >>> WrittenDate.parse("2014-06").last
        datetime.date(2014, 6, 30)
        """
        if text.startswith("by "):
            return cls(date.min, cls.parse(text[3:]).last, text)
        numbers = [int(part) for part in text.split("-")]
        match [len(part) for part in text.split("-")], numbers:
            case [4, 2, 2], [year, month, day]:
                return cls(date(year, month, day), date(year, month, day), text)
            case [4, 2], [year, month]:
                after = date(year + month // 12, month % 12 + 1, 1)
                return cls(date(year, month, 1), after - timedelta(days=1), text)
            case [4], [year]:
                return cls(date(year, 1, 1), date(year, 12, 31), text)
        raise ValueError(text)

    @property
    def exact(self) -> bool:
        """Whether the day itself is known."""
        return self.first == self.last

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Fact:
    """An indicator has a value from one date until another (excluded, or open).

    `atom` is the indicator, or `indicator.member` for a member of a set.
    """

    id: str
    atom: str
    value: Value
    since: WrittenDate
    until: WrittenDate | None
    cites: tuple[str, ...]
    confidence: Confidence
    note: str | None = None
    disputed: tuple[str, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    def holds_on(self, day: date) -> bool | None:
        """True certainly, False certainly not, None where a date is not known well enough."""
        if day < self.since.first or (self.until and day >= self.until.last):
            return False
        if day >= self.since.last and (self.until is None or day < self.until.first):
            return True
        return None


@dataclass(frozen=True, slots=True)
class ClosedList:
    """A cited statement that every partner not listed has `absent` for `atom`, for some time.

    Complete from `complete_from` until `vouched_until`, both included. `counts` are checked
    against the dossiers: (day, number of partners whose value is another than `absent`).
    """

    id: str
    atom: str
    absent: Value
    complete_from: date
    vouched_until: date
    cites: tuple[str, ...]
    confidence: Confidence
    counts: tuple[tuple[date, int], ...] = ()
    note: str | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    def covers(self, day: date) -> bool:
        """Whether the list speaks of that day."""
        return self.complete_from <= day <= self.vouched_until


@dataclass(frozen=True, slots=True)
class Lists:
    """The closed lists, and the day up to which the shipped facts are vouched."""

    knowledge_date: date
    by_atom: Mapping[str, tuple[ClosedList, ...]]
    citations: Mapping[str, Citation] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Dossier:
    """Every fact on one partner through time."""

    partner: str
    name: str
    facts: Mapping[str, tuple[Fact, ...]]
    footnote: str | None = None
    citations: Mapping[str, Citation] = field(default_factory=lambda: MappingProxyType({}))
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Ground:
    """What one value of a profile rests on, or why there is none.

    `kind`: `fact` and `stated` give a value; `absence` gives the absent value, from a list or
    because every fact on it lies before or after the day; `unknown` gives none.
    """

    kind: Literal["fact", "stated", "absence", "unknown"]
    why: str
    facts: tuple[Fact, ...] = ()
    closed_list: ClosedList | None = None

    @property
    def confidence(self) -> Confidence | None:
        """How far the value can be trusted."""
        if self.kind == "stated":
            return "stated"
        if self.closed_list:
            return self.closed_list.confidence
        if len(self.facts) == 1:
            return self.facts[0].confidence
        return weakest(f.confidence for f in self.facts)


STATED: Final = Ground("stated", "stated")
NOT_STATED: Final = Ground("unknown", "not_stated")
NO_LIST: Final = Ground("unknown", "no_list")
STATED_UNKNOWN: Final = Ground("unknown", "stated_unknown")
SET_ASIDE: Final = Ground("unknown", "set_aside")


@dataclass(frozen=True, slots=True)
class Profile:
    """What holds of one partner on one day: atoms with a value; any other is unknown."""

    partner: str
    as_of: date
    values: Mapping[str, Value]
    grounds: Mapping[str, Ground] = field(default_factory=lambda: MappingProxyType({}))
    name: str | None = None
    footnote: str | None = None

    def __getitem__(self, atom: str) -> Value | None:
        if atom == PARTNER:
            return self.partner
        if atom == AS_OF:
            return self.as_of
        return self.values.get(atom)

    def setting_aside(self, atoms: Iterable[str]) -> Profile:
        """This profile without what it held on some atoms, because a stated fact excludes it."""
        aside = dict.fromkeys(atoms, SET_ASIDE)
        values = {atom: value for atom, value in self.values.items() if atom not in aside}
        return Profile(
            self.partner, self.as_of, values, {**self.grounds, **aside}, self.name, self.footnote
        )

    def ground(self, atom: str) -> Ground:
        """What the value of `atom` rests on, or why it is unknown."""
        return self.grounds.get(atom) or (STATED if atom in self.values else NOT_STATED)

    def stating(self, stated: Mapping[str, Value | None]) -> Profile:
        """This profile with facts stated over it; `None` makes one unknown."""
        values = {a: v for a, v in {**self.values, **stated}.items() if v is not None}
        marks = {a: STATED_UNKNOWN if v is None else STATED for a, v in stated.items()}
        return Profile(
            self.partner, self.as_of, values, {**self.grounds, **marks}, self.name, self.footnote
        )


def profile_on(
    dossier: Dossier,
    day: date,
    lists: Lists,
    vocabulary: Vocabulary,
    trust: Confidence = "unverified",
    *,
    bare: Profile | None = None,
) -> Profile:
    """What a dossier and the closed lists make known on one day.

    Facts and lists weaker than `trust` count as unknown. `bare` is what the same call gives for a
    dossier without facts; where many are asked about on one day, it is made once. Raises Refused
    (`contradictory-facts`) where two facts that certainly hold give different values.
    """
    values: dict[str, Value] = dict(bare.values) if bare else {}
    grounds: dict[str, Ground] = dict(bare.grounds) if bare else {}
    wrong: list[Diagnostic] = []
    for atom, type_ in vocabulary.atoms.items():
        if atom in (PARTNER, AS_OF) or (bare and atom not in dossier.facts):
            continue
        values.pop(atom, None)
        facts, closed = dossier.facts.get(atom, ()), lists.by_atom.get(atom, ())
        if not facts and not closed:
            grounds[atom] = NO_LIST
            continue
        try:
            value, ground = _settle(facts, day, closed, type_.kind == "flag")
        except Refused as refused:
            wrong += refused.diagnostics
            continue
        confidence = None if value is None else ground.confidence
        if confidence and _weaker(confidence, trust):
            value, ground = None, Ground("unknown", "below_trust", ground.facts, ground.closed_list)
        if value is not None:
            values[atom] = value
        grounds[atom] = ground
    if wrong:
        raise Refused(wrong)
    return Profile(dossier.partner, day, values, grounds, dossier.name, dossier.footnote)


def _weaker(confidence: Confidence, trust: Confidence) -> bool:
    return CONFIDENCES.index(confidence) < CONFIDENCES.index(trust)


def _settle(
    facts: tuple[Fact, ...], day: date, closed: tuple[ClosedList, ...], is_flag: bool
) -> tuple[Value | None, Ground]:
    holding = [(fact, fact.holds_on(day)) for fact in facts]
    certain = [fact for fact, holds in holding if holds]
    if certain:
        first = certain[0]
        for other in certain[1:]:
            if other.value != first.value:
                raise Refused([_contradiction(first, other, day)])
        best = max(certain, key=_best) if len(certain) > 1 else first
        return first.value, Ground("fact", "fact", (best,))
    perhaps = tuple(fact for fact, holds in holding if holds is None)
    if perhaps:
        return None, Ground("unknown", "date_not_known", perhaps)
    true_once = [fact for fact in facts if fact.value is True] if is_flag else []
    if true_once:
        over = [fact for fact in true_once if fact.until and day >= fact.until.last]
        if over:
            return False, Ground("absence", "ended", (max(over, key=_end),))
        first = min(true_once, key=lambda f: (f.since.first, f.id))
        return False, Ground("absence", "began_later", (first,))
    for one in closed:
        if one.covers(day):
            return one.absent, Ground("absence", "absent_from_list", (), one)
    return None, Ground("unknown", "no_list" if not facts else "no_fact_that_day", facts)


def _best(fact: Fact) -> tuple[int, str]:
    return (CONFIDENCES.index(fact.confidence), fact.id)


def _end(fact: Fact) -> tuple[date, str]:
    return (fact.until.last if fact.until else date.max, fact.id)


def _contradiction(one: Fact, other: Fact, day: date) -> Diagnostic:
    related = (("the other fact", one.place.span),) if one.place.span else ()
    return Diagnostic(
        "contradictory-facts",
        f"`{one.atom}` is both `{one.value}` and `{other.value}` on {day}",
        other.place.span,
        "close one of the two with `until:`, or put the one not adopted under `disputed:`",
        related,
    )
