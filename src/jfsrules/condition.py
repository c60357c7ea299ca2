"""A frozen algebra of conditions: test, reads, all, any, not. Knows nothing of what makes one true.

A leaf either tests an indicator (`Test`) or reads a conclusion of other rules (`Reads`). Every
leaf has an opposite that is true exactly where the leaf is false, so that negation can be pushed
down to the leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from jfsrules.vocabulary import Value

Scalar: TypeAlias = bool | int | float | str | None
Op: TypeAlias = Literal["=", "≠", "<", "≤", ">", "≥", "in", "not in"]
OPPOSITE: dict[Op, Op] = {
    "=": "≠",
    "≠": "=",
    "<": "≥",
    "≥": "<",
    ">": "≤",
    "≤": ">",
    "in": "not in",
    "not in": "in",
}


class Conclusion(NamedTuple):
    """What a rule can conclude, and other rules read: a kind and a subject, such as
    `group` `enlargement`. Written `group:enlargement`."""

    kind: Literal[
        "group", "focus", "channel", "class", "track", "moot", "requirement", "derived", "repeal"
    ]
    subject: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}"


@dataclass(frozen=True)
class Test:
    """An indicator compared with one value, or (`in`, `not in`) with several in sorted order."""

    __test__ = False
    atom: str
    op: Op
    values: tuple[Value, ...]

    @cached_property
    def scalars(self) -> tuple[Scalar, ...]:
        """The values as JSON has them."""
        return tuple(scalar(value) for value in self.values)

    @cached_property
    def order(self) -> tuple[str, str, str]:
        """What the tests of one step are sorted by."""
        return (self.atom, self.op, str(self.scalars))

    def opposite(self) -> Test:
        """The test that is true where this one is false, and unknown where it is unknown."""
        return Test(self.atom, OPPOSITE[self.op], self.values)

    def passes(self, value: Value) -> bool:
        """Whether a known value passes.

        >>> Test("visa_regime", "in", ("visa_exempt", "visa_required")).passes("visa_exempt")
        True
        """
        match self.op:
            case "in":
                return value in self.values
            case "not in":
                return value not in self.values
            case "=":
                return value == self.values[0]
            case "≠":
                return value != self.values[0]
            case "<":
                return value < self.values[0]  # type: ignore[operator]
            case "≤":
                return value <= self.values[0]  # type: ignore[operator]
            case ">":
                return value > self.values[0]  # type: ignore[operator]
            case "≥":
                return value >= self.values[0]  # type: ignore[operator]

    def __str__(self) -> str:
        words = [written(value) for value in self.values]
        if self.op in ("in", "not in"):
            return f"{self.atom} {self.op} [{', '.join(words)}]"
        return f"{self.atom} {self.op} {words[0]}"


@dataclass(frozen=True, slots=True)
class Reads:
    """Whether other rules conclude something (`wanted` true) or certainly do not."""

    conclusion: Conclusion
    wanted: bool = True

    def opposite(self) -> Reads:
        """The reading that is true where this one is false."""
        return Reads(self.conclusion, not self.wanted)

    def __str__(self) -> str:
        return f"{self.conclusion}" if self.wanted else f"not {self.conclusion}"


@dataclass(frozen=True, slots=True)
class All:
    """True where every part is; an empty one is true."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """True where some part is; an empty one is false."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is false."""

    part: Condition


Leaf: TypeAlias = Test | Reads
Condition: TypeAlias = Test | Reads | All | Any | Not
ALWAYS = All(())


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every leaf, from left to right."""
    match condition:
        case Test() | Reads():
            yield condition
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)


def scalar(value: Value | None) -> Scalar:
    """A value as JSON has it.

    >>> scalar(date(2014, 6, 27)), scalar(None)
    ('2014-06-27', None)
    """
    return value.isoformat() if isinstance(value, date) else value


def written(value: Value) -> str:
    """A value as YAML would show it.

    >>> written(True), written(date(2014, 6, 27))
    ('true', '2014-06-27')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
