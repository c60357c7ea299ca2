"""The names one may use: indicators, groups, focus areas, modes, instruments, organisations.

Knows nothing of any partner, and of no rule. A *set of* indicator is one flag for each member,
named `indicator.member`; conditions, profiles and engines see only these flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from jfsrules.span import NOWHERE, Place

Value: TypeAlias = bool | str | int | float | date

PARTNER: Final = "partner"
AS_OF: Final = "as_of"
STATES: Final = (
    "not_started",
    "in_talks",
    "signed",
    "in_force",
    "not_performed",
    "suspended",
    "superseded",
    "ended",
)
DECIMALS: Final = 4
LARGEST: Final = 10**11


@dataclass(frozen=True, slots=True)
class Type:
    """A closed type: which values an indicator may have, and nothing else."""

    kind: Literal["flag", "one_of", "set_of", "number", "date", "code"]
    values: tuple[str, ...] = ()
    unit: str | None = None

    def admits(self, value: object) -> bool:
        """Whether `value` is of this type; never converts one.

        >>> Type("flag").admits(1), Type("one_of", ("a", "b")).admits("a")
        (False, True)
        """
        match self.kind:
            case "flag":
                return isinstance(value, bool)
            case "one_of":
                return isinstance(value, str) and value in self.values
            case "set_of":
                return isinstance(value, frozenset) and value <= set(self.values)
            case "number":
                return (
                    isinstance(value, int | float)
                    and not isinstance(value, bool)
                    and abs(value) <= LARGEST
                    and round(value, DECIMALS) == value
                )
            case "date":
                return isinstance(value, date)
            case "code":
                return isinstance(value, str)

    def __str__(self) -> str:
        match self.kind:
            case "flag":
                return "`true` or `false`"
            case "one_of":
                return "one of " + ", ".join(f"`{v}`" for v in self.values)
            case "set_of":
                return "a list out of " + ", ".join(f"`{v}`" for v in self.values)
            case "number":
                unit = f" ({self.unit})" if self.unit else ""
                return f"a number{unit} with at most {DECIMALS} decimals, up to {LARGEST:g}"
            case "date":
                return "a day as `YYYY-MM-DD`"
            case "code":
                return "a partner's code"


FLAG: Final = Type("flag")
STATE: Final = Type("one_of", STATES)
CODE: Final = Type("code")
DATE: Final = Type("date")


@dataclass(frozen=True, slots=True)
class Indicator:
    """Something one may state of a partner.

    `says` (and for a flag that is false, `denies`) is the sentence an explanation uses, with
    `{value}` where the value goes. A judged indicator is one only a person can state.
    """

    id: str
    title: str
    type: Type
    says: str
    denies: str | None = None
    judged: bool = False
    can_change: bool = True
    definition: str | None = None
    coding: str | None = None
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Instrument:
    """A named instrument, its class on the page, and the focus areas it serves."""

    id: str
    title: str
    instrument_class: str
    serves: tuple[str, ...] = ()
    definition: str | None = None
    coding: str | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Term:
    """A group, focus area, mode, organisation, instrument class or derived name."""

    id: str
    title: str
    definition: str | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Vocabulary:
    """Every name one may use, by kind. `groups` stand in the order in which they lead."""

    indicators: Mapping[str, Indicator]
    groups: Mapping[str, Term]
    focus_areas: Mapping[str, Term]
    modes: Mapping[str, Term]
    organisations: Mapping[str, Term]
    classes: Mapping[str, Term]
    instruments: Mapping[str, Instrument]

    @cached_property
    def atoms(self) -> Mapping[str, Type]:
        """The type of each name a condition may test: `partner`, `as_of`, and every indicator
        with each *set of* replaced by its flags."""
        atoms: dict[str, Type] = {PARTNER: CODE, AS_OF: DATE}
        for indicator in self.indicators.values():
            if indicator.type.kind == "set_of":
                atoms |= {f"{indicator.id}.{member}": FLAG for member in indicator.type.values}
            else:
                atoms[indicator.id] = indicator.type
        return MappingProxyType(atoms)

    def indicator_of(self, atom: str) -> Indicator:
        """The indicator an atom belongs to: `rabat` of `process.rabat` belongs to `process`."""
        return self.indicators[atom.partition(".")[0]]
