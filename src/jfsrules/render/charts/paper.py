"""The paper that charts are drawn on: type, margins in inches, notes, and the file in the end."""

from __future__ import annotations

import io
import logging
import os
import re
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jfsrules.deciding import FOOTNOTES
from jfsrules.errors import refuse
from jfsrules.proof import PAGE_WRITTEN
from jfsrules.render.charts.inks import INK, LINE, PAPER, QUIET
from jfsrules.render.phrases import NOTES, day_words, harmless
from jfsrules.render.words import Wording

LEFT: Final = 0.35
TITLE_SIZE: Final = 15.0
TEXT_SIZE: Final = 9.0
SMALL: Final = 7.5
LINE_HEIGHT: Final = 0.145  # inches, of a line of notes
DOTS: Final = 160
LETTER: Final = 0.0585  # inches, the mean width of a letter of notes
LATER: Final = (
    "The page was written after 26-27 June 2014; for the days before that it is read backwards."
)
SETTINGS: Final[Mapping[str, Any]] = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": TEXT_SIZE,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": LINE,
    "axes.labelcolor": QUIET,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "hatch.linewidth": 0.7,
    "svg.fonttype": "none",
    "svg.hashsalt": "jfsrules",
    "savefig.facecolor": PAPER,
}


@dataclass(frozen=True, slots=True)
class Words:
    """What stands beside the picture: a title, a line under it, notes, and all of it as text."""

    title: str
    under: str
    notes: tuple[str, ...]
    told: str


@contextmanager
def laid_out() -> Iterator[None]:
    """The settings of charts, whatever the user has set; nothing is left behind."""
    logger = logging.getLogger("matplotlib")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with mpl.rc_context(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a letter that the font does not have
            mpl.rcdefaults()
            for name, value in SETTINGS.items():
                mpl.rcParams[name] = value  # type: ignore[index]
            yield
    finally:
        logger.setLevel(level)


def sheet(width: float, height: float) -> Figure:
    """An empty sheet; sizes are in inches."""
    return Figure(figsize=(width, height), facecolor=PAPER)


def panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Room for a drawing, at so many inches from the left and the top of the sheet."""
    across, down = figure.get_size_inches()
    return figure.add_axes(
        (left / across, 1 - (top + height) / down, width / across, height / down)
    )


def write_at(figure: Figure, left: float, top: float, words: str, **style: Any) -> None:
    """Words at so many inches from the left and the top of the sheet."""
    across, down = figure.get_size_inches()
    figure.text(left / across, 1 - top / down, clean(words), va="top", **style)


def head(figure: Figure, words: Words) -> None:
    """The title, and the line under it."""
    write_at(figure, LEFT, 0.28, words.title, fontsize=TITLE_SIZE, fontweight="bold")
    write_at(figure, LEFT, 0.63, words.under, fontsize=TEXT_SIZE, color=QUIET)


def wrapped(notes: Iterable[str], width: float) -> list[str]:
    """Notes as lines that fit so many inches."""
    letters = max(20, int(width / LETTER))
    return [line for note in notes for line in textwrap.wrap(clean(note), letters)]


def foot(figure: Figure, lines: Sequence[str], bottom: float = 0.22) -> None:
    """Lines of notes at the foot of the sheet."""
    down = figure.get_size_inches()[1]
    for at, line in enumerate(reversed(lines)):
        top = down - bottom - (at + 1) * LINE_HEIGHT
        write_at(figure, LEFT, top, line, fontsize=SMALL, color=QUIET)


def clean(words: str) -> str:
    """Words on one line, with nothing in them that a picture cannot hold."""
    return harmless(" ".join(words.split()))


def source_note(wording: Wording) -> str:
    """Where the picture comes from."""
    book = wording.rulebook
    return f"Source: jfsrules, rulebook {book.name} {book.version} ({book.digest[:12]})."


def later_note(days: Iterable[date]) -> tuple[str, ...]:
    """That the page was written after some of these days, if it was."""
    before = [day for day in days if day < PAGE_WRITTEN]
    if len(before) == 1:
        return (NOTES["page_written_later"],)
    return (LATER,) if before else ()


def days_words(days: Sequence[date]) -> str:
    """The first and the last day in words; the day, where there is one."""
    first, last = (day_words(day.isoformat()) for day in (days[0], days[-1]))
    return first if first == last else f"{first} to {last}"


def starred(codes: Iterable[str]) -> dict[str, str]:
    """Of these partners those whose name has a footnote, each with a mark of its own."""
    found = [code for code in codes if code in FOOTNOTES]
    return {code: "*" * (at + 1) for at, code in enumerate(found)}


def footnotes(stars: Mapping[str, str]) -> tuple[str, ...]:
    """The footnotes that these marks stand for."""
    return tuple(
        f"{mark} {NOTES[f'footnote:{FOOTNOTES[code]}'].lstrip('* ')}"
        for code, mark in stars.items()
    )


# --- the file ------------------------------------------------------------------------------------


def write(figure: Figure, words: Words, file: Path, form: str) -> None:
    """Write the sheet in full, or not at all. Raises Refused where it cannot be written."""
    told = {"Title": clean(words.title), "Description": clean(words.told)}
    drawn = io.BytesIO()
    if form == "svg":
        undated = {"Date": None, "Creator": "jfsrules", **told}
        figure.savefig(drawn, format="svg", metadata=undated)
        whole = _accessible(drawn.getvalue().decode("utf-8"), words).encode("utf-8")
    else:
        figure.savefig(drawn, format="png", dpi=DOTS, metadata={"Software": "jfsrules", **told})
        whole = drawn.getvalue()
    fresh = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(whole)
        fresh.replace(file)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        why = os.strerror(error.errno or 0).lower()
        raise refuse("cannot-write", f"`{file}` cannot be written: {why}") from None


def _accessible(svg: str, words: Words) -> str:
    """The drawing with a title and a description that a screen reader finds."""
    svg = re.sub(r"\s*<title>.*?</title>", "", svg, count=1, flags=re.DOTALL)
    told = "\n".join(clean(line) for line in words.told.splitlines())
    return re.sub(
        r"<svg\b([^>]*)>",
        lambda found: (
            f'<svg{found[1]} role="img" aria-labelledby="title description" xml:lang="en">\n'
            f' <title id="title">{escape(clean(words.title))}</title>\n'
            f' <desc id="description">{escape(told)}</desc>'
        ),
        svg,
        count=1,
    )
