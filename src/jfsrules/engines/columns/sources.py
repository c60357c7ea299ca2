"""What each column of the answer is made of. Knows no dataframe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from jfsrules.condition import Conclusion, Test
from jfsrules.engines.columns.nodes import Node
from jfsrules.engines.columns.outputs import Output
from jfsrules.engines.columns.translated import Case, Translated


@dataclass(frozen=True, slots=True)
class Choice:
    """The outcome of the first case that is true; null where none is."""

    cases: tuple[Case, ...]

    def nodes(self) -> Iterator[Node]:
        """The nodes it reads."""
        yield from (node for node, _ in self.cases)


@dataclass(frozen=True, slots=True)
class State:
    """The state of an instrument as the table gives it; `cases` say the same as nodes."""

    atom: str
    cases: tuple[Case, ...]

    def nodes(self) -> Iterator[Node]:
        """The nodes it reads."""
        yield from (node for node, _ in self.cases)


@dataclass(frozen=True, slots=True)
class Flag:
    """A node as it is."""

    node: Node

    def nodes(self) -> Iterator[Node]:
        """The nodes it reads."""
        yield self.node


@dataclass(frozen=True, slots=True)
class Marks:
    """Which of some named nodes are true: as bits, or as a text of names."""

    marked: Mapping[str, Node]

    def nodes(self) -> Iterator[Node]:
        """The nodes it reads."""
        yield from self.marked.values()


Source: TypeAlias = Choice | State | Flag | Marks


def source(output: Output, made: Translated) -> Source:
    """What a column of the answer is made of."""
    nodes = made.nodes
    match output.about:
        case "tier":
            return Choice(made.tier)
        case "out_of_scope":
            return Choice(made.reasons)
        case "missing" if output.kind == "bits":
            return Marks({name: made.missing.get(name, nodes.false) for name in output.names})
        case "missing":
            return Marks(made.missing)
        case "fired":
            return Marks({name: made.effective[name] for name in output.names})
        case Conclusion("group", group):
            return Flag(made.groups[group])
        case Conclusion("focus") as conclusion:
            return Flag(nodes.all((made.in_scope, made.concluded[conclusion])))
        case Conclusion() as conclusion:
            return Flag(made.concluded[conclusion])
        case ("meant", name):
            return Flag(made.tracks[name].meant)
        case ("state", name):
            tests = (nodes.test(Test(name, "=", (state,))) for state in output.names)
            return State(name, tuple(zip(tests, output.names, strict=True)))
        case ("advice", name):
            return Choice(made.tracks[name].advice)
        case _:
            raise ValueError(output.about)
