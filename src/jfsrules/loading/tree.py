"""A value read from a text, and where each part of it stands. Knows nothing of YAML or JSON."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from jfsrules.errors import Diagnostic, Refused, refuse
from jfsrules.span import Path, Place, Source, Span

KEY: Final = "\0key"
DEEPEST: Final = 64
MOST_VALUES: Final = 300_000


@dataclass(slots=True)
class Node:
    """The stretch of one value (positions in characters), of the values in it, and of their keys."""

    start: int
    end: int
    parts: dict[str, Node] | list[Node] | None = None
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)


class Spans(Mapping[Path, Span]):
    """The span of each value of a read text, by its path; made when one is asked for."""

    def __init__(self, source: Source, root: Node) -> None:
        self._source = source
        self._root = root
        self._starts: list[int] = []

    def __getitem__(self, path: Path) -> Span:
        node = self._root
        if path and path[-1] == KEY:
            start, end = self._inside(path[:-2]).keys[str(path[-2])]
            return self.stretch(start, end)
        node = self._inside(path)
        return self.stretch(node.start, node.end)

    def _inside(self, path: Path) -> Node:
        node = self._root
        for step in path:
            if node.parts is None:
                raise KeyError(path)
            try:
                node = node.parts[step]  # type: ignore[index]
            except (IndexError, TypeError):
                raise KeyError(path) from None
        return node

    def stretch(self, start: int, end: int) -> Span:
        """The span from one position to another."""
        line, column = self._at(start)
        end_line, end_column = self._at(max(start, end))
        return Span(self._source, line, column, end_line, end_column)

    def _at(self, position: int) -> tuple[int, int]:
        if not self._starts:
            self._starts = line_starts(self._source.text)
        line = bisect_right(self._starts, position)
        return line, position - self._starts[line - 1] + 1

    def __iter__(self) -> Iterator[Path]:
        return _paths(self._root)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class Document:
    """What a text holds, in plain values, with the place of each."""

    value: Any
    place: Place
    source: Source


def line_starts(text: str) -> list[int]:
    """The position at which each line begins."""
    starts = [0]
    position = text.find("\n")
    while position >= 0:
        starts.append(position + 1)
        position = text.find("\n", position + 1)
    return starts


def _paths(root: Node) -> Iterator[Path]:
    waiting: list[tuple[Path, Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        yield path
        if isinstance(node.parts, dict):
            waiting += [((*path, name), part) for name, part in node.parts.items()]
            for name in node.keys:
                yield (*path, name, KEY)
        elif node.parts:
            waiting += [((*path, at), part) for at, part in enumerate(node.parts)]


class Builder:
    """Puts a value together from its parts as a reader meets them, within the limits.

    INVARIANT (limits): never deeper than `DEEPEST`, never more than `MOST_VALUES` values, and no
    call here calls itself, so that no text can exhaust the stack or the memory.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.value: Any = None
        self.root = Node(0, 0)
        self._open: list[tuple[Any, Node]] = []
        self._key: str | None = None
        self._count = 0

    @property
    def in_mapping(self) -> bool:
        """Whether what comes next is a key or a value of a mapping."""
        return bool(self._open) and isinstance(self._open[-1][0], dict)

    @property
    def wants_key(self) -> bool:
        """Whether what comes next is a key."""
        return self.in_mapping and self._key is None

    def key(self, name: str, start: int, end: int) -> None:
        """Take a key, which must be new."""
        value, node = self._open[-1]
        if name in value:
            raise self._twice(name, node, start, end)
        self._key = name
        node.keys[name] = (start, end)

    def scalar(self, value: Any, start: int, end: int) -> None:
        """Take a text, number, true, false or null."""
        self._put(value, Node(start, end))

    def begin(self, value: dict[str, Any] | list[Any], start: int) -> None:
        """Open a mapping or a list."""
        node = Node(start, start, {} if isinstance(value, dict) else [])
        if len(self._open) >= DEEPEST:
            span = Spans(self.source, node).stretch(start, start + 1)
            raise refuse(
                "too-deep",
                f"lists and mappings are nested more than {DEEPEST} deep",
                span,
                "flatten it: no file of ours is nested more than ten deep",
            )
        self._put(value, node)
        self._open.append((value, node))

    def close(self, end: int) -> None:
        """Close the mapping or list opened last."""
        _, node = self._open.pop()
        node.end = end

    def _put(self, value: Any, node: Node) -> None:
        self._count += 1
        if self._count > MOST_VALUES:
            raise refuse(
                "too-large",
                f"`{self.source.name}` holds more than {MOST_VALUES:,} values",
                None,
                "split it into several files",
            )
        if not self._open:
            self.value, self.root = value, node
            return
        around, outer = self._open[-1]
        if isinstance(around, dict):
            assert self._key is not None
            around[self._key] = value
            outer.parts[self._key] = node  # type: ignore[index,call-overload]
            self._key = None
        else:
            around.append(value)
            outer.parts.append(node)  # type: ignore[union-attr]

    def _twice(self, name: str, node: Node, start: int, end: int) -> Refused:
        spans = Spans(self.source, self.root)
        first = spans.stretch(*node.keys[name])
        return Refused(
            [
                Diagnostic(
                    "duplicate-key",
                    f"`{name}` is written twice",
                    spans.stretch(start, end),
                    "keep one of the two",
                    (("the first one", first),),
                )
            ]
        )

    def document(self) -> Document:
        """What was put together."""
        return Document(self.value, Place(Spans(self.source, self.root)), self.source)
