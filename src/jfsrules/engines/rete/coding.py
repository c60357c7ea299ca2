"""Which field of the fact stands for what, and which integer for which value.

Knows nothing of rules and of the C code's calls; it knows what the C code may be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from jfsrules.condition import Conclusion, Leaf, Op, Reads, Test
from jfsrules.errors import EngineError
from jfsrules.vocabulary import DECIMALS, Type, Value

LARGEST_CODE: Final = 2**53
MOST_KEPT: Final = 1024
OPERATORS: Final[Mapping[Op, str]] = {
    "≠": "$neq",
    "<": "$lt",
    "≤": "$lte",
    ">": "$gt",
    "≥": "$gte",
}
RESERVED: Final = ("id", "sid", "k", "n", "m", "$s", "$i")

Table: TypeAlias = Mapping[Value | None, str]


class Coded(NamedTuple):
    """A leaf as the C code sees it: a field compared with an integer."""

    field: str
    op: Op
    code: int

    def written(self) -> dict[str, Any]:
        """The leaf in the C module's own grammar, which reads one key of each mapping."""
        test = {self.field: self.code}
        return test if self.op == "=" else {OPERATORS[self.op]: test}


class Column(NamedTuple):
    """One field: an indicator's code, whether it passes a test, or whether something is concluded."""

    field: str
    about: str | Conclusion
    test: Test | None


class Coding:
    """Which field stands for what, and which integer for which value."""

    def __init__(self, types: Mapping[str, Type]) -> None:
        self.types = types
        self.columns: dict[str | Conclusion | Test, Column] = {}
        self.partners: dict[str, int] = {}
        self._names = field_names()

    def leaf(self, leaf: Leaf) -> Coded:
        """A leaf as integers; `in`, and whatever has no code, becomes a field of its own."""
        if isinstance(leaf, Reads):
            return Coded(self._column(leaf.conclusion, leaf.conclusion), "=", int(leaf.wanted))
        code = self._literal(leaf)
        if code is not None:
            return Coded(self._column(leaf.atom, leaf.atom), leaf.op, code)
        if leaf.op in ("not in", "≠"):
            asked = leaf.opposite()
            return Coded(self._column(asked, leaf.atom, asked), "=", 0)
        return Coded(self._column(leaf, leaf.atom, leaf), "=", 1)

    def table(self, columns: Sequence[Column]) -> Table:
        """What the fact says of an indicator, by its value: nothing where it is unknown."""
        type_ = self.types[str(columns[0].about)]

        def write(value: Value) -> str:
            return "".join(
                f',"{column.field}":{self._code(type_, value, column.test)}' for column in columns
            )

        match type_.kind:
            case "flag":
                return {None: "", True: write(True), False: write(False)}
            case "one_of":
                return {None: "", **{value: write(value) for value in type_.values}}
            case _:
                return _Open(type_, write)

    def _literal(self, test: Test) -> int | None:
        type_ = self.types[test.atom]
        value = test.values[0] if len(test.values) == 1 else None
        ordered = type_.kind in ("flag", "number", "date")
        if value is None or not type_.admits(value):
            return None
        if test.op not in ("=", "≠") and (not ordered or test.op in ("in", "not in")):
            return None
        if type_.kind == "code":
            return self.partners.setdefault(str(value), len(self.partners) + 1)
        return self._code(type_, value, None)

    def _code(self, type_: Type, value: Value, test: Test | None) -> int:
        if test is not None:
            return int(test.passes(value))
        code = code_of(type_, value) if type_.kind != "code" else self.partners.get(str(value), 0)
        if abs(code) > LARGEST_CODE:
            raise EngineError(f"`{value}` is larger than the engine can be trusted with")
        return code

    def _column(
        self, meant: str | Conclusion | Test, about: str | Conclusion, test: Test | None = None
    ) -> str:
        if meant not in self.columns:
            self.columns[meant] = Column(next(self._names), about, test)
        return self.columns[meant].field


class _Open(dict[Value | None, str]):
    """A table over values without end: written when asked for, and some of them kept."""

    def __init__(self, type_: Type, write: Callable[[Value], str]) -> None:
        super().__init__({None: ""})
        self._type = type_
        self._write = write

    def __missing__(self, value: Value) -> str:
        if not self._type.admits(value):
            raise KeyError(value)
        written = self._write(value)
        if len(self) < MOST_KEPT:
            self[value] = written
        return written


def code_of(type_: Type, value: Value) -> int:
    """The integer that stands for a value of a closed type.

    >>> code_of(Type("one_of", ("low", "high")), "high"), code_of(Type("number"), 0.25)
    (1, 2500)
    """
    if type_.kind == "one_of":
        return type_.values.index(str(value))
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return round(value * 10**DECIMALS)
    assert not isinstance(value, str)
    return value.toordinal()


def fnv1a(name: str) -> int:
    """The 32 bits (FNV-1a) by which alone the C code knows a name.

    >>> fnv1a("costarring") == fnv1a("liquid")
    True
    """
    digest = 0x811C9DC5
    for byte in name.encode():
        digest = (digest ^ byte) * 0x01000193 & 0xFFFFFFFF
    return digest


def field_names(digest: Callable[[str], int] = fnv1a) -> Iterator[str]:
    """Names for fields, none of which the C code could take for another or for its own."""
    taken = {digest(name) for name in RESERVED}
    number = 0
    while True:
        name = f"f{number}"
        number += 1
        if digest(name) not in taken:
            taken.add(digest(name))
            yield name
