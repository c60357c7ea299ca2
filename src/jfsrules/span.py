"""A place in a file, its excerpt and caret. Knows nothing of what the file means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A text that was read, with the name it is shown under."""

    name: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source; lines and columns count from 1, the end is excluded."""

    source: Source = field(repr=False)
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def place(self) -> str:
        """`file:line:column`, as editors understand it."""
        return f"{self.source.name}:{self.line}:{self.column}"

    def excerpt(self) -> tuple[str, str]:
        """The line, and under it a line of carets.

        >>> Span(Source("a.yaml", "tier: x"), 1, 7, 1, 8).excerpt()
        ('tier: x', '      ^')
        """
        lines = self.source.text.split("\n")
        line = lines[self.line - 1].rstrip("\r") if self.line <= len(lines) else ""
        stop = self.end_column if self.end_line == self.line else len(line) + 1
        width = max(1, min(stop, len(line) + 1) - self.column)
        before = "".join("\t" if c == "\t" else " " for c in line[: self.column - 1])
        return line, before + "^" * width


@dataclass(frozen=True, slots=True)
class Place:
    """Where one value of a read file stands, and where each value inside it does."""

    spans: Mapping[Path, Span] = field(repr=False)
    path: Path = ()

    def at(self, *steps: str | int) -> Place:
        """The place of a value inside this one."""
        return Place(self.spans, self.path + steps)

    @property
    def span(self) -> Span | None:
        """The span of this value, or of the nearest value around it."""
        path = self.path
        while path not in self.spans and path:
            path = path[:-1]
        return self.spans.get(path)

    def key(self, name: str) -> Span | None:
        """The span of the key `name` inside this value, rather than of what it holds."""
        return self.spans.get((*self.path, name, "\0key")) or self.at(name).span


NOWHERE = Place(MappingProxyType({}))
