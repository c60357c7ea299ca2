"""Advice as a map: a row for each partner, a column for each instrument, on one day."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline

from jfsrules.advice import ADVICE, NO_TRACK
from jfsrules.batch.tallying import Tally
from jfsrules.render.charts import inks, paper
from jfsrules.render.phrases import ADVICE_WORDS, day_words
from jfsrules.render.words import Wording

COLUMN: Final = 0.3  # inches
ROW: Final = 0.17
HEADING: Final = 1.9  # rows that the heading of a section takes
NAMES: Final = 2.15  # inches for the names of partners
LEANING: Final = 60  # degrees
TITLES: Final = 1.7  # inches for the leaning titles of columns
OVERHANG: Final = 1.15
LEAST_WIDTH: Final = 9.0
LEGEND: Final = 0.95
TITLE_LETTERS: Final = 30
TITLE_SIZE: Final = 6.8
NAME_LETTERS: Final = 34
ABOVE: Final = 0.75  # rows from the top, where the titles of columns begin
BOX: Final = (1, 2, 2, 2, 79)  # move there, three lines, close: what an outline is made of
GAP: Final = 0.05  # of a cell, on each side
LONG: Final = 40  # rows, from which on titles stand at the foot too
MOST_PARTNERS: Final = 300
SEVERAL: Final = "several"
OUT: Final = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Section:
    """Partners with the same tier, in the order of their names."""

    tier: str
    partners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Map:
    """What is drawn: sections of rows, columns, and the shares of advice in each cell."""

    sections: tuple[Section, ...]
    instruments: tuple[str, ...]
    cells: Mapping[tuple[str, str], Mapping[str, int]]
    outside: tuple[str, ...]
    left_out: int = 0

    @property
    def rows(self) -> dict[str, float]:
        """How far down each partner stands, in rows."""
        down, found = 0.0, {}
        for section in self.sections:
            down += HEADING
            for partner in section.partners:
                found[partner] = down
                down += 1
        return found

    @property
    def length(self) -> float:
        """The rows that all of it takes."""
        return sum(HEADING + len(one.partners) for one in self.sections)


def draw(tally: Tally, wording: Wording, names: Mapping[str, str]) -> tuple[Figure, paper.Words]:
    """The chart and its words."""
    drawn = mapped(tally, wording, names)
    shown = [code for one in drawn.sections for code in one.partners]
    stars = paper.starred([*shown, *drawn.outside])
    called = {c: f"{names.get(c, c)}{stars.get(c, '')}" for c in [*shown, *drawn.outside]}
    words = _words(tally, drawn, wording, called, stars)
    across = paper.LEFT + NAMES + COLUMN * len(drawn.instruments) + OVERHANG
    width = max(LEAST_WIDTH, across)
    lines = paper.wrapped(words.notes, width - 2 * paper.LEFT)
    top = LEGEND + (0.35 if width >= 12 else 0.6) + TITLES
    below = TITLES if drawn.length > LONG else 0.1
    height = top + drawn.length * ROW + below + 0.45 + len(lines) * paper.LINE_HEIGHT
    figure = paper.sheet(width, height)
    paper.head(figure, words)
    size = (COLUMN * len(drawn.instruments), drawn.length * ROW)
    axes = paper.panel(figure, paper.LEFT + NAMES, top, *size)
    axes.set_xlim(0, len(drawn.instruments))
    axes.set_ylim(drawn.length, 0)
    axes.set_axis_off()
    _cells(axes, drawn)
    _rows(axes, drawn, wording, called)
    _columns(axes, drawn, wording)
    _legend(figure, drawn, ncols=9 if width >= 12 else 5)
    paper.foot(figure, lines)
    return figure, words


def mapped(
    tally: Tally, wording: Wording, names: Mapping[str, str], most: int | None = None
) -> Map:
    """The partners in sections by tier, and what is advised to each; no more than `most`."""
    most = MOST_PARTNERS if most is None else most
    standings, advice = tally.standings(), tally.advice()
    advised = {partner for (partner, _), found in advice.items() if set(found) - {NO_TRACK}}
    order = [*wording.rulebook.vocabulary.groups, "none", SEVERAL, "undetermined", OUT]
    by_tier: dict[str, list[str]] = {tier: [] for tier in order}
    outside: list[str] = []
    for partner in sorted(standings, key=lambda code: names.get(code, code)):
        tiers = list(standings[partner])
        if tiers == [OUT] and partner not in advised:
            outside.append(partner)
        else:
            by_tier.setdefault(tiers[0] if len(tiers) == 1 else SEVERAL, []).append(partner)
    sections, room = [], most
    for tier, partners in by_tier.items():
        if partners[:room]:
            sections.append(Section(tier, tuple(partners[:room])))
        room -= len(partners[:room])
    left_out = sum(map(len, by_tier.values())) - most + room
    found = {instrument for _, instrument in advice}
    known = wording.rulebook.vocabulary.instruments
    instruments = (*(one for one in known if one in found), *sorted(found - set(known)))
    return Map(tuple(sections), instruments, advice, tuple(outside), left_out)


# --- words ---------------------------------------------------------------------------------------


def _words(
    tally: Tally,
    drawn: Map,
    wording: Wording,
    called: Mapping[str, str],
    stars: Mapping[str, str],
) -> paper.Words:
    day, book = day_words(tally.last.isoformat()), wording.rulebook
    shown = sum(len(one.partners) for one in drawn.sections)
    told = f"{shown} partner{'' if shown == 1 else 's'}"
    under = (
        f"Rulebook {book.name} {book.version}. {told}, {len(drawn.instruments)} instruments;"
        " partners by tier."
    )
    notes = (
        *_how(tally, drawn, called),
        *paper.later_note([tally.last]),
        wording.note("advice"),
        *paper.footnotes(stars),
        paper.source_note(wording),
    )
    listed = _listed(drawn, wording, called)
    title = f"Advice by partner and instrument, {day}"
    return paper.Words(title, under, notes, "\n".join((under, *listed, *notes)))


def _how(tally: Tally, drawn: Map, called: Mapping[str, str]) -> Iterator[str]:
    """What a reader must know about this map."""
    if drawn.left_out:
        yield (
            f"{drawn.left_out} more partners are not drawn: there is room for"
            f" {sum(len(one.partners) for one in drawn.sections)}, and the tiers that lead go first."
        )
    if len(tally.days) > 1:
        yield f"The last of {len(tally.days):,} days is drawn."
    on_last = tally.standings()
    if any(sum(found.values()) > 1 for found in on_last.values()):
        cases = sum(sum(found.values()) for found in on_last.values())
        yield (
            f"There are {cases:,} cases on this day: where those of a partner get different"
            " advice, its cell is divided by their shares."
        )
    if drawn.outside:
        outside = ", ".join(called[code] for code in drawn.outside)
        yield f"Out of scope on this day ({len(drawn.outside)}): {outside}."


def _listed(drawn: Map, wording: Wording, called: Mapping[str, str]) -> Iterator[str]:
    """The map as text: for each partner, which instruments get which advice."""
    for section in drawn.sections:
        yield f"{_section(section, wording)}:"
        for partner in section.partners:
            by_advice: dict[str, list[str]] = {}
            for instrument in drawn.instruments:
                for advice in drawn.cells.get((partner, instrument), ()):
                    by_advice.setdefault(advice, []).append(wording.instrument(instrument))
            told = (
                f"{ADVICE_WORDS[advice]}: {', '.join(by_advice[advice])}"
                for advice in ADVICE
                if advice in by_advice
            )
            yield f"{called[partner]}: {'; '.join(told) or 'no track'}."


def _section(section: Section, wording: Wording) -> str:
    if section.tier == SEVERAL:
        return "Tier differs between cases"
    return wording.tier(section.tier)


# --- drawing -------------------------------------------------------------------------------------


def _cells(axes: Axes, drawn: Map) -> None:
    """The cells, all of one advice as one outline."""
    boxes: dict[str, list[tuple[float, float, float, float]]] = {}
    for partner, down in drawn.rows.items():
        for at, instrument in enumerate(drawn.instruments):
            left, width = at + GAP, 1 - 2 * GAP
            found = drawn.cells.get((partner, instrument), {})
            whole = sum(found.values())
            for advice in (*ADVICE, NO_TRACK):
                if share := found.get(advice, 0):
                    right = left + width * share / whole
                    boxes.setdefault(advice, []).append((left, right, down + GAP, down + 1 - GAP))
                    left = right
    for advice in (NO_TRACK, *ADVICE):
        if advice in boxes:
            axes.add_patch(_patch(advice, _outline(boxes[advice])))


def _patch(advice: str, outline: Outline) -> PathPatch:
    fill = inks.ADVICE.get(advice, inks.Fill(inks.NO_TRACK_FILL))
    return PathPatch(
        outline,
        facecolor=fill.colour,
        edgecolor=fill.line if fill.hatch else "none",
        hatch=fill.hatch,
        linewidth=0,
        gid=f"advice-{advice}",
    )


def _outline(boxes: Iterable[tuple[float, float, float, float]]) -> Outline:
    vertices: list[tuple[float, float]] = []
    codes: list[int] = []
    for left, right, top, bottom in boxes:
        vertices += [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        codes += BOX
    return Outline(vertices, codes)


def _rows(axes: Axes, drawn: Map, wording: Wording, called: Mapping[str, str]) -> None:
    for partner, down in drawn.rows.items():
        name = textwrap.shorten(paper.clean(called[partner]), NAME_LETTERS, placeholder="…")
        axes.text(-0.3, down + 0.5, name, ha="right", va="center", fontsize=paper.SMALL)
    left = -(NAMES - 0.02) / COLUMN
    for section in drawn.sections:
        first = drawn.rows[section.partners[0]]
        axes.plot(
            (left, len(drawn.instruments)),
            (first - 0.12,) * 2,
            color=inks.LINE,
            linewidth=0.6,
            clip_on=False,
        )
        words = f"{_section(section, wording)} ({len(section.partners)})"
        axes.text(
            left, first - 0.35, paper.clean(words), va="bottom", fontsize=8.5, fontweight="bold"
        )


def _columns(axes: Axes, drawn: Map, wording: Wording) -> None:
    """The titles of instruments, leaning, at the foot too where the map is long; a line between
    classes."""
    known = wording.rulebook.vocabulary.instruments
    classes = [known[one].instrument_class if one in known else "" for one in drawn.instruments]
    for at, (one, before) in enumerate(pairwise(classes), 1):
        if one != before:
            axes.plot((at, at), (HEADING, drawn.length), color=inks.LINE, linewidth=0.4)
    for at, instrument in enumerate(drawn.instruments):
        words = _title(wording.instrument(instrument))
        style: dict[str, Any] = {
            "fontsize": TITLE_SIZE,
            "rotation_mode": "anchor",
            "linespacing": 1.0,
        }
        axes.text(at + 0.5, ABOVE, words, rotation=LEANING, va="center", **style)
        if drawn.length > LONG:
            axes.text(at + 0.5, drawn.length + 0.5, words, rotation=-LEANING, va="center", **style)


def _title(words: str) -> str:
    lines = textwrap.wrap(paper.clean(words), TITLE_LETTERS, max_lines=2, placeholder="…")
    return "\n".join(lines)


def _legend(figure: Figure, drawn: Map, ncols: int) -> None:
    """Words for the inks that occur, each with how many cells have it."""
    counts: Counter[str] = Counter()
    rows = drawn.rows
    for (partner, _), found in drawn.cells.items():
        if partner in rows:
            counts.update(found.keys())
    patches = [_swatch(advice, counts[advice]) for advice in (*ADVICE, NO_TRACK) if counts[advice]]
    across, down = figure.get_size_inches()
    figure.legend(
        handles=patches,
        loc="upper left",
        bbox_to_anchor=(paper.LEFT / across, 1 - LEGEND / down),
        ncols=ncols,
        frameon=False,
        borderaxespad=0,
        borderpad=0,
        fontsize=8.5,
        handlelength=1.6,
        handleheight=1.2,
        handletextpad=0.5,
        columnspacing=1.4,
    )


def _swatch(advice: str, number: int) -> Patch:
    fill = inks.ADVICE.get(advice, inks.Fill(inks.NO_TRACK_FILL))
    return Patch(
        facecolor=fill.colour,
        edgecolor=fill.line if fill.hatch else inks.LINE,
        hatch=fill.hatch,
        linewidth=0.5,
        label=f"{ADVICE_WORDS.get(advice, 'no track')}: {number:,}",
    )
