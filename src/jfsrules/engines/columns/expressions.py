"""Nodes as narwhals expressions, in stages: a stage computes what later ones read more than once.

Strong Kleene *and*, *or*, *not* are the backends' own; null is unknown. Long conditions become
balanced trees, and the first case that is true is one flat `coalesce`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import zip_longest
from typing import Any, Final, TypeVar

import narwhals as nw

from jfsrules.engines.columns.nodes import Node
from jfsrules.vocabulary import Value

DEEPEST: Final = 24
PIECE: Final = 7
SEPARATOR: Final = ";"
Term = TypeVar("Term")


class Expressions:
    """The expressions of the nodes that some outputs need, with the stages that come before them.

    `columns` names the typed column of each atom. A node that is read more than once becomes a
    column of its own, in the first stage in which all it reads is there.
    """

    def __init__(self, columns: Mapping[str, str], wanted: Iterable[Node]) -> None:
        self.columns = columns
        self.names: dict[Node, str] = {}
        self.stages: list[dict[str, nw.Expr]] = []
        self._shared(wanted)

    def _shared(self, wanted: Iterable[Node]) -> None:
        reads = _reads(wanted)
        self.atoms = frozenset(node.atom for node in reads if node.atom)
        level: dict[Node, int] = {}
        depth: dict[Node, int] = {}
        for node in sorted(reads, key=lambda one: one.number):
            level[node] = max((level[part] for part in node.parts), default=0)
            depth[node] = 1 + max((depth[part] for part in node.parts), default=0)
            if node.kind in _SHARED and (reads[node] > 1 or depth[node] > DEEPEST):
                self._stage(level[node])[f"x{node.number}"] = self.expression(node)
                self.names[node] = f"x{node.number}"
                level[node], depth[node] = level[node] + 1, 0

    def _stage(self, number: int) -> dict[str, nw.Expr]:
        while len(self.stages) <= number:
            self.stages.append({})
        return self.stages[number]

    def expression(self, node: Node) -> nw.Expr:
        """A node as an expression over the typed columns and the stages."""
        if node in self.names:
            return nw.col(self.names[node])
        match node.kind:
            case "constant":
                return nw.lit(node.value, dtype=nw.Boolean())
            case "flag":
                return nw.col(self.columns[node.atom])
            case "compare":
                return self._compare(node)
            case "all":
                return balanced(operator.and_, [self.expression(part) for part in node.parts])
            case "any":
                return balanced(operator.or_, [self.expression(part) for part in node.parts])
            case "not":
                return ~self.expression(node.parts[0])
            case "unknown":
                inner = (
                    self.expression(node.parts[0])
                    if node.parts
                    else nw.col(self.columns[node.atom])
                )
                return inner.is_null()
            case "sure":
                return self.expression(node.parts[0]).fill_null(value=False)

    def _compare(self, node: Node) -> nw.Expr:
        column, value = nw.col(self.columns[node.atom]), _literal(node.values[0])
        match node.op:
            case "=":
                return column == value
            case "<":
                return column < value
            case "≤":
                return column <= value
            case "in":
                return column.is_in([_literal(one) for one in node.values])

    def first(
        self, cases: Sequence[tuple[Node, str]], literal: Callable[[str | None], nw.Expr]
    ) -> nw.Expr:
        """The outcome of the first case that is true; null where none is."""
        found: list[nw.Expr] = []
        for node, outcome in cases:
            if node.kind != "constant":
                found.append(nw.when(self.expression(node)).then(literal(outcome)))
            elif node.value:
                found.append(literal(outcome))
                break
        if len(found) > 1:
            return nw.coalesce(*found)
        return found[0] if found else literal(None)

    def piece(self, nodes: Sequence[Node]) -> nw.Expr:
        """Up to seven nodes as the bits of a small integer: one where a node is true."""
        bits = [
            nw.when(self.expression(node)).then(_int8(1 << bit)).otherwise(_int8(0))
            for bit, node in enumerate(nodes)
        ]
        return balanced(operator.add, bits)

    def bits(self, nodes: Sequence[Node]) -> nw.Expr:
        """Up to 56 nodes as the bits of a wide integer: one where a node is true."""
        terms = [self.piece(some) for _, some in pieces_of(nodes)]
        width = PIECE
        for wide in (nw.Int16(), nw.Int32(), nw.Int64()):
            shift = nw.lit(1 << width, dtype=wide)
            terms = [term.cast(wide) for term in terms]
            terms = [
                low + high * shift if high is not None else low
                for low, high in zip_longest(terms[::2], terms[1::2])
            ]
            width *= 2
        return terms[0]

    def names_of(self, nodes: Mapping[str, Node]) -> nw.Expr:
        """The names of the nodes that are true, one after the other."""
        if not nodes:
            return nw.lit("")
        told = [nw.when(self.expression(node)).then(nw.lit(name)) for name, node in nodes.items()]
        return nw.concat_str(told, separator=SEPARATOR, ignore_nulls=True)


_SHARED: Final = frozenset({"compare", "all", "any", "sure"})


def _reads(wanted: Iterable[Node]) -> dict[Node, int]:
    """How often each node is computed where only `_SHARED` nodes are kept."""
    reads: dict[Node, int] = {}
    for node in wanted:
        reads[node] = reads.get(node, 0) + 1
    found = set(reads)
    stack = list(reads)
    while stack:
        new = set(stack.pop().parts) - found
        found |= new
        stack += new
    for node in sorted(found, key=lambda one: -one.number):
        times = 1 if node.kind in _SHARED else reads[node]
        for part in node.parts:
            reads[part] = reads.get(part, 0) + times
    return reads


def pieces_of(many: Sequence[Term]) -> Iterable[tuple[int, Sequence[Term]]]:
    """Runs of seven, each with the place of its first."""
    return ((at, many[at : at + PIECE]) for at in range(0, len(many), PIECE))


def balanced(join: Callable[[Any, Any], Any], terms: Sequence[nw.Expr]) -> nw.Expr:
    """Many terms joined as a tree that is as flat as can be."""
    while len(terms) > 1:
        pairs = zip(terms[::2], terms[1::2], strict=False)
        odd = terms[len(terms) - len(terms) % 2 :]
        terms = [*(join(one, other) for one, other in pairs), *odd]
    return terms[0]


def any_of(terms: Iterable[nw.Expr]) -> nw.Expr:
    """Whether any of some terms is true; false where there are none."""
    many = list(terms)
    return balanced(operator.or_, many) if many else nw.lit(False, dtype=nw.Boolean())


def _int8(value: int) -> nw.Expr:
    return nw.lit(value, dtype=nw.Int8())


def _literal(value: Value) -> bool | int | float | str | date:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
