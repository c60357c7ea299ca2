"""Diagnostics as plain text: place, sentence, the line with its caret, help. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from unicodedata import category, east_asian_width

from jfsrules.errors import Diagnostic
from jfsrules.span import Span

if TYPE_CHECKING:
    from jfsrules.render.screen import Screen

MOST: Final = 50
_WIDTH: Final = 100
_LEAD: Final = 24
_RED, _YELLOW, _BLUE, _BOLD = "31;1", "33;1", "34;1", "1"


def diagnostics(found: Iterable[Diagnostic], screen: Screen | None = None, most: int = MOST) -> str:
    """Diagnostics by place, one under the other, at most `most` of them, with a count at the end.

    >>> print(diagnostics([Diagnostic("no-such-file", "there is no file `x.yaml`")]), end="")
    error[no-such-file]: there is no file `x.yaml`
    """
    pen = Pen(screen.width, screen.colour) if screen else Pen()
    ordered = sorted(found, key=Diagnostic.order)
    shown = [pen.diagnostic(one) for one in ordered[:most]]
    if len(ordered) > 1:
        shown.append(_count(ordered, most))
    return "\n\n".join(shown) + "\n"


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes diagnostics for a place of some width, with or without colour."""

    width: int = _WIDTH
    colour: bool = False

    def diagnostic(self, one: Diagnostic) -> str:
        """Where, what, the line with a caret, what to do, what it has to do with."""
        colour = _RED if one.severity == "error" else _YELLOW
        place = self._paint(f"{_safe(one.span.place)}: ", _BOLD) if one.span else ""
        kind = self._paint(f"{one.severity}[{one.code}]", colour)
        lines = [f"{place}{kind}: {_safe(one.message)}"]
        if one.span:
            lines += self._excerpt(one.span, colour)
        if one.help:
            lines.append(f"  {self._paint('help', _BOLD)}: {_safe(one.help)}")
        for words, span in one.related:
            lines.append(f"  {_safe(words)}: {self._paint(_safe(span.place), _BOLD)}")
            lines += self._excerpt(span, _BLUE)
        return "\n".join(lines)

    def _excerpt(self, span: Span, colour: str) -> list[str]:
        """The line of a span with its number, cut around the carets under it; none if empty."""
        line, marks = span.excerpt()
        if not line.strip():
            return []
        room = max(20, self.width - 9)
        start = 0
        if len(line) > room:
            start = max(0, min(span.column - 1 - _LEAD, len(line) - room))
        piece, under = line[start : start + room], marks[start : start + room]
        before, after = "…" if start else "", "…" if start + room < len(line) else ""
        drawn = before + "".join(_drawn(sign) for sign in piece) + after
        blank = " " * len(before) + "".join(
            _below(mark, sign) for mark, sign in _paired(under, piece)
        )
        carets = self._paint(blank.strip(), colour)
        indent = " " * (len(blank) - len(blank.lstrip()))
        number = self._paint(f"{span.line:>4} |", _BLUE)
        return [
            f"  {number} {drawn}".rstrip(),
            f"  {self._paint('     |', _BLUE)} {indent}{carets}",
        ]

    def _paint(self, words: str, colour: str) -> str:
        return f"\x1b[{colour}m{words}\x1b[0m" if self.colour else words


def _paired(marks: str, signs: str) -> list[tuple[str, str]]:
    return list(zip(marks, signs.ljust(len(marks)), strict=False))


def _below(mark: str, sign: str) -> str:
    drawn = " " if mark == "\t" else mark
    return drawn * (2 if east_asian_width(sign) in "WF" else 1)


def _drawn(sign: str) -> str:
    """A sign that takes its place on the screen, and can do nothing else to it."""
    if sign == "\t":
        return " "
    return "\N{REPLACEMENT CHARACTER}" if category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") else sign


def _safe(words: str) -> str:
    return "".join(_drawn(sign) for sign in words)


def _count(found: Sequence[Diagnostic], most: int) -> str:
    errors = sum(one.severity == "error" for one in found)
    parts = [
        f"{number} {word}{'' if number == 1 else 's'}"
        for number, word in ((errors, "error"), (len(found) - errors, "warning"))
        if number
    ]
    unseen = f"; the first {most} are shown" if len(found) > most else ""
    return " and ".join(parts) + unseen
