"""A graph of three-valued nodes, each made once and simplified. Knows nothing of dataframes.

A node is true, false or unknown in every row. Nodes that mean the same are the same object, so
that what two rules ask is computed once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from jfsrules.condition import Test
from jfsrules.meaning import every, opposite, some
from jfsrules.vocabulary import Type, Value

Kind: TypeAlias = Literal["constant", "flag", "compare", "all", "any", "not", "unknown", "sure"]
FEW_VALUES = 64


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One value for each row.

    `flag` reads an atom, `compare` tests one, `unknown` asks whether an atom or a part is unknown,
    `sure` whether a part is certainly true. `known` nodes are never unknown. A part has a smaller
    number than what it is part of.
    """

    number: int
    kind: Kind
    parts: tuple[Node, ...] = ()
    value: bool | None = None
    atom: str = ""
    op: Literal["=", "<", "≤", "in"] = "="
    values: tuple[Value, ...] = ()
    known: bool = False


class Nodes:
    """The nodes of one table: which atoms it has (`present`), and which of them are always known."""

    def __init__(self, types: dict[str, Type], always: frozenset[str]) -> None:
        self.types = types
        self.always = always
        self._made: dict[object, Node] = {}
        self._implied: dict[Node, frozenset[Node]] = {}
        self.true = self.constant(True)
        self.false = self.constant(False)
        self.open = self.constant(None)

    def constant(self, value: bool | None) -> Node:
        """The same in every row."""
        return self._node("constant", value=value, known=value is not None)

    def test(self, test: Test) -> Node:
        """A test of an atom; an atom that the table lacks is unknown in every row."""
        type_ = self.types.get(test.atom)
        if type_ is None:
            return self.open
        match test.op:
            case "≠" | "not in" | ">" | "≥":
                return self.negate(self.test(test.opposite()))
            case "in" if len(test.values) <= FEW_VALUES or type_.kind == "flag":
                return self.any(self._equal(test.atom, type_, value) for value in test.values)
            case "=":
                return self._equal(test.atom, type_, test.values[0])
            case op:
                return self._compare(test.atom, op, test.values)

    def _equal(self, atom: str, type_: Type, value: Value) -> Node:
        if type_.kind == "flag":
            flag = self._node("flag", atom=atom, known=atom in self.always)
            return flag if value else self.negate(flag)
        return self._compare(atom, "=", (value,))

    def _compare(
        self, atom: str, op: Literal["=", "<", "≤", "in"], values: tuple[Value, ...]
    ) -> Node:
        return self._node("compare", atom=atom, op=op, values=values, known=atom in self.always)

    def all(self, parts: Iterable[Node]) -> Node:
        """Strong Kleene *and*."""
        return self._many("all", tuple(parts))

    def any(self, parts: Iterable[Node]) -> Node:
        """Strong Kleene *or*."""
        return self._many("any", tuple(parts))

    def _many(self, kind: Literal["all", "any"], parts: tuple[Node, ...]) -> Node:
        decides = kind == "any"
        least = {part.number: part for part in parts if part.value is decides or not _idle(part)}
        found = self._absorbed(kind, least)
        if any(part.kind == "constant" and part.value is decides for part in found):
            return self.constant(decides)
        if any(part.known and self.negate(part) in found for part in found):
            return self.constant(decides)
        if all(part.kind == "constant" for part in found):
            fold = some if decides else every
            return self.constant(fold(part.value for part in found))
        if len(found) == 1:
            return found[0]
        made = self._node(kind, found, known=all(part.known for part in found))
        if kind == "all" and made not in self._implied:
            implied = [self._implied.get(part, frozenset()) for part in found]
            self._implied[made] = frozenset(found).union(*implied)
        return made

    def _absorbed(self, kind: str, parts: dict[int, Node]) -> tuple[Node, ...]:
        """The parts without those that another takes in: of `a` and `a and b`, an *and* needs only
        the second, an *or* only the first."""
        many = [part for part in parts.values() if part in self._implied]
        if kind == "all":
            spare = {one for part in many for one in self._implied[part]}
        else:
            mine = set(parts.values())
            spare = {part for part in many if self._implied[part] & mine}
        return tuple(parts[number] for number in sorted(parts) if parts[number] not in spare)

    def negate(self, part: Node) -> Node:
        """Strong Kleene *not*."""
        if part.kind == "constant":
            return self.constant(opposite(part.value))
        if part.kind == "not":
            return part.parts[0]
        return self._node("not", (part,), known=part.known)

    def unknown(self, part: Node) -> Node:
        """Whether a node is unknown."""
        if part.known:
            return self.false
        match part.kind:
            case "constant":
                return self.true
            case "not":
                return self.unknown(part.parts[0])
            case "flag" | "compare":
                return self.unstated(part.atom)
            case _:
                return self._node("unknown", (part,), known=True)

    def unstated(self, atom: str) -> Node:
        """Whether an atom is unknown."""
        if atom not in self.types:
            return self.true
        return self.false if atom in self.always else self._node("unknown", atom=atom, known=True)

    def sure(self, part: Node) -> Node:
        """Whether a node is certainly true."""
        if part.known:
            return part
        if part.kind == "constant":
            return self.false
        return self._node("sure", (part,), known=True)

    def _node(
        self,
        kind: Kind,
        parts: tuple[Node, ...] = (),
        *,
        value: bool | None = None,
        atom: str = "",
        op: Literal["=", "<", "≤", "in"] = "=",
        values: tuple[Value, ...] = (),
        known: bool = False,
    ) -> Node:
        typed = tuple((type(one).__name__, one) for one in values)
        key = (kind, tuple(part.number for part in parts), str(value), atom, op, typed)
        if key not in self._made:
            number = len(self._made)
            self._made[key] = Node(number, kind, parts, value, atom, op, values, known)
        return self._made[key]


def _idle(part: Node) -> bool:
    """Whether a part is a constant that decides nothing."""
    return part.kind == "constant" and part.value is not None
