"""Tiers over time: how many partners or cases stand in each tier, as areas one above the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from jfsrules.batch.tallying import Tally
from jfsrules.render.charts import inks, paper
from jfsrules.render.phrases import day_words
from jfsrules.render.words import Wording

WIDTH: Final = 11.0
ACROSS: Final = 7.1
ALONE_HIGH: Final = 4.2
UPPER: Final = 2.9
LOWER: Final = 2.1
BETWEEN: Final = 0.75
TOP: Final = 1.15
NARROW: Final = 0.4  # of the whole height; groups that take less are drawn on their own too
LEADING: Final = "The groups alone"
ALL: Final = "All tiers"
MOST_DAYS: Final = 400
MOST_MARKS: Final = 60
ALONE: Final = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Stack:
    """The counts of each tier at each place on the axis of time, tiers from the bottom up."""

    days: tuple[date, ...]
    counts: Mapping[str, tuple[int, ...]]
    yearly: bool = False


def draw(tally: Tally, wording: Wording, names: Mapping[str, str]) -> tuple[Figure, paper.Words]:
    """The chart and its words."""
    del names  # partners are counted, not named
    stack = stacked(tally, tuple(wording.rulebook.vocabulary.groups))
    words = _words(tally, stack, wording)
    lines = paper.wrapped(words.notes, WIDTH - 2 * paper.LEFT)
    leading = _leading(stack, wording)
    panels = [(leading, UPPER), (stack, LOWER)] if leading else [(stack, ALONE_HIGH)]
    down = sum(high for _, high in panels) + BETWEEN * (len(panels) - 1)
    figure = paper.sheet(WIDTH, TOP + down + 0.75 + len(lines) * paper.LINE_HEIGHT)
    paper.head(figure, words)
    top = TOP
    for drawn, high in panels:
        axes = paper.panel(figure, paper.LEFT + 0.6, top, ACROSS, high)
        _areas(axes, drawn, wording, "tier" if drawn is stack else "leading")
        _axes(axes, tally, drawn)
        if leading:
            axes.set_title(ALL if drawn is stack else LEADING, loc="left", fontsize=paper.TEXT_SIZE)
        _legend(axes, drawn, wording)
        top += high + BETWEEN
    paper.foot(figure, lines)
    return figure, words


def _leading(stack: Stack, wording: Wording) -> Stack | None:
    """The groups alone, where they would be a narrow band beneath all others."""
    groups = {t: n for t, n in stack.counts.items() if t in wording.rulebook.vocabulary.groups}
    whole, part = _highest(stack.counts), _highest(groups)
    return Stack(stack.days, groups, stack.yearly) if 0 < part < NARROW * whole else None


def _highest(counts: Mapping[str, tuple[int, ...]]) -> int:
    return max(map(sum, zip(*counts.values(), strict=True)), default=0)


def stacked(tally: Tally, groups: Sequence[str]) -> Stack:
    """The counts in the order of tiers; by year where there are too many days to draw each."""
    yearly = len(tally.days) > MOST_DAYS
    days = sorted({_place(day, yearly) for day in tally.days})
    at = {day: number for number, day in enumerate(days)}
    order = [*groups, "none", "undetermined", "out_of_scope"]
    found: dict[str, list[int]] = {}
    for day, tier, cases in tally.tiers():
        found.setdefault(tier, [0] * len(days))[at[_place(day, yearly)]] += cases
    ordered = sorted(found, key=lambda tier: order.index(tier) if tier in order else len(order))
    return Stack(tuple(days), {tier: tuple(found[tier]) for tier in ordered}, yearly)


def _place(day: date, yearly: bool) -> date:
    return date(day.year, 7, 1) if yearly else day


def _words(tally: Tally, stack: Stack, wording: Wording) -> paper.Words:
    days, book = tally.days, wording.rulebook
    what = "partners" if tally.one_each else "cases"
    on = "1 day" if len(days) == 1 else f"{len(days):,} days"
    under = f"Rulebook {book.name} {book.version}. Number of {what} in each tier, counted on {on}."
    how = (
        f"There are {len(days):,} days: cases are counted by year."
        if stack.yearly
        else "Counted on the days marked on the axis; between them lines are drawn straight."
        if 1 < len(days) <= MOST_MARKS
        else ""
    )
    told = [f"{under}"]
    for at, day in enumerate(stack.days):
        counts = (
            f"{wording.tier(tier)} {numbers[at]:,}"
            for tier, numbers in stack.counts.items()
            if numbers[at]
        )
        name = str(day.year) if stack.yearly else day_words(day.isoformat())
        told.append(f"{name}: {', '.join(counts)}.")
    notes = (*([how] if how else []), *paper.later_note(days), paper.source_note(wording))
    title = f"Tiers, {paper.days_words(days)}"
    return paper.Words(title, under, notes, "\n".join((*told, *notes)))


def _areas(axes: Axes, stack: Stack, wording: Wording, called: str) -> None:
    days, counts = _widened(stack)
    places = [_at(day) for day in days]
    fills = inks.tier_fills(tuple(wording.rulebook.vocabulary.groups))
    below = [0] * len(days)
    for tier, numbers in counts.items():
        above = [low + number for low, number in zip(below, numbers, strict=True)]
        fill = fills.get(tier, inks.SEVERAL)
        axes.fill_between(
            places,
            below,
            above,
            facecolor=fill.colour,
            edgecolor=fill.line if fill.hatch else inks.PAPER,
            hatch=fill.hatch,
            linewidth=0.5,
            gid=f"{called}-{tier}",
        )
        axes.plot(places, above, color=inks.PAPER, linewidth=0.9)
        below = above


def _widened(stack: Stack) -> tuple[tuple[date, ...], Mapping[str, tuple[int, ...]]]:
    """The stack; of a single day a bar, since an area needs two."""
    if len(stack.days) > 1:
        return stack.days, stack.counts
    day = stack.days[0]
    return (day - ALONE, day + ALONE), {t: (n[0], n[0]) for t, n in stack.counts.items()}


def _axes(axes: Axes, tally: Tally, stack: Stack) -> None:
    days, _ = _widened(stack)
    axes.set_xlim(_at(days[0]), _at(days[-1]))
    axes.set_ylim(0, _highest(stack.counts))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color=inks.INK, alpha=0.12, linewidth=0.6)
    axes.set_ylabel("partners" if tally.one_each else "cases")
    _days(axes, stack)


def _days(axes: Axes, stack: Stack) -> None:
    """Marks for the days, and names for as many as there is room for; the last has one."""
    years = stack.yearly or 1 < len({day.year for day in stack.days}) == len(stack.days)
    room = 13 if years else 6
    every = 1 + (len(stack.days) - 1) // room
    named = {at for at in range(len(stack.days)) if (len(stack.days) - 1 - at) % every == 0}
    marked = named if len(stack.days) > MOST_MARKS else set(range(len(stack.days)))
    words = [
        "" if at not in named else str(day.year) if years else _short(day)
        for at, day in enumerate(stack.days)
        if at in marked
    ]
    axes.set_xticks([_at(day) for at, day in enumerate(stack.days) if at in marked], words)


def _short(day: date) -> str:
    return day_words(day.isoformat(), short=True)


def _at(day: date) -> float:
    """Where a day stands on the axis."""
    return float(day.toordinal())


def _legend(axes: Axes, stack: Stack, wording: Wording) -> None:
    """Words for the areas, from the top down as they stand, each with its last count."""
    fills = inks.tier_fills(tuple(wording.rulebook.vocabulary.groups))
    patches = [
        Patch(
            facecolor=fill.colour,
            edgecolor=fill.line if fill.hatch else inks.LINE,
            hatch=fill.hatch,
            linewidth=0.5,
            label=paper.clean(f"{wording.tier(tier)}: {numbers[-1]:,}"),
        )
        for tier, numbers in reversed(list(stack.counts.items()))
        for fill in (fills.get(tier, inks.SEVERAL),)
    ]
    last = stack.days[-1]
    axes.legend(
        handles=patches,
        title=f"in {last.year}" if stack.yearly else f"on {day_words(last.isoformat())}",
        loc="upper left",
        bbox_to_anchor=(1.02, 1.0),
        frameon=False,
        alignment="left",
        borderaxespad=0,
        handlelength=1.8,
        handleheight=1.3,
        labelspacing=0.7,
    )
