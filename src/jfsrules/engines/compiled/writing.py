"""Conditions as the text of Python expressions: what both generated functions are made of.

The text is made of our own names and integers only: indicators are locals `v0`, `v1` …, constants
are globals `k0`, `k1` …, and no text of a user is ever part of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Final

from jfsrules.condition import All, Condition, Leaf, Not, Reads, Test
from jfsrules.condition import Any as Either
from jfsrules.plan import Plan
from jfsrules.vocabulary import AS_OF, PARTNER

COMPARE: Final = {"<": "<", "≤": "<=", ">": ">", "≥": ">=", "≠": "!="}


class Writer(ABC):
    """A function while it is being written."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.atoms: dict[str, str] = {}
        self.constants: dict[tuple[str, object], int] = {}

    @abstractmethod
    def read(self, leaf: Reads) -> str:
        """Whether a conclusion that is read is certainly as it is wanted."""

    def function(self, source: str, name: str) -> Any:
        """The function of that name in a source, with its constants."""
        scope: dict[str, Any] = {f"k{n}": value for n, (_, value) in enumerate(self.constants)}
        exec(compile(source, "<plan>", "exec"), scope)  # noqa: S102 (own names and integers only)
        return scope[name]

    def false(self, condition: Condition) -> str:
        """Whether a condition is certainly false."""
        match condition:
            case Test() | Reads():
                return self.leaf(condition.opposite())
            case All(parts):
                return joined("or", map(self.false, parts))
            case Either(parts):
                return joined("and", map(self.false, parts))
            case Not(part):
                return self.true(part)

    def true(self, condition: Condition) -> str:
        """Whether a condition is certainly true."""
        match condition:
            case Test() | Reads():
                return self.leaf(condition)
            case All(parts):
                return joined("and", map(self.true, parts))
            case Either(parts):
                return joined("or", map(self.true, parts))
            case Not(part):
                return self.false(part)

    def leaf(self, leaf: Leaf) -> str:
        """Whether a leaf is certainly true."""
        return self.read(leaf) if isinstance(leaf, Reads) else self.test(leaf)

    def test(self, test: Test) -> str:
        local = self.local(test.atom)
        known = "" if test.atom in (PARTNER, AS_OF) else f"{local} is not None and "
        match test.op:
            case "in":
                return f"{local} in k{self.constant(frozenset(test.values))}"
            case "not in":
                return f"{known}{local} not in k{self.constant(frozenset(test.values))}"
            case "=" if isinstance(test.values[0], bool):
                return f"{local} is {test.values[0]}"
            case "≠" if isinstance(test.values[0], bool):
                return f"{local} is {not test.values[0]}"
            case "=":
                return f"{local} == k{self.constant(test.values[0])}"
            case op:
                return f"{known}{local} {COMPARE[op]} k{self.constant(test.values[0])}"

    def local(self, atom: str) -> str:
        return self.atoms.setdefault(atom, f"v{len(self.atoms)}")

    def constant(self, value: object) -> int:
        return self.constants.setdefault((type(value).__name__, value), len(self.constants))


def joined(word: str, terms: Iterable[str]) -> str:
    """Terms joined by `and` or `or`; an empty *and* is true, an empty *or* false."""
    return f"({f' {word} '.join(found)})" if (found := list(terms)) else str(word == "and")
