"""Two shapes that listings and single entries share: a table of rows, and a card of labelled lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from jfsrules.render.screen import Screen

Cell = Text | str


LEAST_ROOM: Final = 36


def table(
    headings: Sequence[str], rows: Iterable[Sequence[Cell]], screen: Screen
) -> RenderableType:
    """Rows under headings; the last column takes the room that is left.

    Where too little is left, each row is two lines, the last cell under the others.
    """
    rows = tuple(rows)
    taken = sum(_widest(row[at] for row in rows) + 2 for at in range(len(headings) - 1))
    if screen.room - taken < LEAST_ROOM:
        return Padding(_stacked(rows), (0, max(0, screen.width - screen.room), 0, 0))
    drawn = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for heading in headings[:-1]:
        drawn.add_column(heading, overflow="fold")
    drawn.add_column(headings[-1], ratio=1, overflow="fold")
    drawn.width = screen.room
    for row in rows:
        drawn.add_row(*row)
    return drawn


def _widest(cells: Iterable[Cell]) -> int:
    return max((len(cell) for cell in cells), default=0)


def _stacked(rows: Iterable[Sequence[Cell]]) -> RenderableType:
    lines: list[RenderableType] = []
    for *before, last in rows:
        lines += [Text("  ").join(_text(cell) for cell in before), Padding(last, (0, 0, 0, 4))]
    return Group(*lines)


def _text(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)


def card(rows: Iterable[tuple[str, Cell]], screen: Screen) -> Table:
    """Labels on the left, what they label on the right; empty lines are left out."""
    shown = [(label, words) for label, words in rows if words]
    drawn = Table.grid(padding=(0, 2, 0, 0))
    drawn.add_column(width=max((len(label) for label, _ in shown), default=0), style="bold")
    drawn.add_column(ratio=1, overflow="fold")
    drawn.width = screen.room
    for label, words in shown:
        drawn.add_row(label, words)
    return drawn


def title(name: str, words: str) -> RenderableType:
    """What an entry is: its name, and under it a sentence."""
    return Text.assemble((name, "bold cyan"), "\n", words)


def heading(words: str) -> RenderableType:
    """A heading with a blank line above it."""
    return Padding(Text(words, "bold"), (1, 0, 0, 0))


def mark(confidence: str) -> Text:
    """A confidence that is less than verified, as a visible mark."""
    return Text(f" [{confidence}]", "yellow") if confidence != "verified" else Text()
