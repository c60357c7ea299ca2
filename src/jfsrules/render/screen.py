"""The place where text is shown: its width, and whether it takes colour and signs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rich.console import Console, RenderableType

from jfsrules.render.phrases import harmless

WIDEST: Final = 116
GLUE: Final = "\ue000"  # a blank at which no line is broken; the paper shows a plain one
_CODE: Final = re.compile(r"\x1b\[[0-9;]*m")
_END: Final = re.compile(rf"(?: |{_CODE.pattern})+$")


@dataclass(frozen=True, slots=True)
class Screen:
    """What the place where the text is shown can do."""

    width: int = 100
    colour: bool = False
    signs: bool = False

    @property
    def room(self) -> int:
        """The columns that prose and tables use: lines longer than this are hard to read."""
        return min(self.width, WIDEST)

    def render(self, parts: Iterable[RenderableType]) -> str:
        """Lay parts out, one under the other, with no blanks at the ends of lines."""
        paper = _FinePaper() if self.signs else _Paper()
        console = Console(
            file=paper,
            width=self.width,
            force_terminal=self.colour,
            color_system="standard" if self.colour else None,
            no_color=not self.colour,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )
        for part in parts:
            console.print(part, soft_wrap=False)
        lines = harmless(paper.getvalue().replace(GLUE, " "), self.colour).split("\n")
        return "\n".join(map(_without_blanks, lines)).strip("\n") + "\n"


def _without_blanks(line: str) -> str:
    """A line without blanks at its end, whatever colour they have."""
    return _END.sub(lambda end: "".join(_CODE.findall(end[0])), line)


class _Paper(io.StringIO):
    """A text in memory that tells which signs may be drawn on it."""

    encoding = "ascii"


class _FinePaper(_Paper):
    """One that takes them all."""

    encoding = "utf-8"
