"""Two readings in words, the differences first and then side by side; as text and as Markdown.

Decides nothing: which line stands where, no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from jfsrules.compare import Comparison, Difference, Line, lines
from jfsrules.decision import Decision
from jfsrules.render.answers import about_words, field_words, value_words
from jfsrules.render.card import heading
from jfsrules.render.phrases import capital, day_words
from jfsrules.render.screen import Screen
from jfsrules.render.words import Wording

ROOM_FOR_COLUMNS = 76
SECTIONS = (
    ("", ("scope", "tier", "group")),
    ("Focus areas", ("focus",)),
    ("Tracks", ("track",)),
)
LEADING = ("reason", "tier", "holds", "listed", "qualified", "advice", "state")
SHOWN = ("reason", "tier", "holds", "listed", "advice", "state")


@dataclass(frozen=True, slots=True)
class Row:
    """One line with its value in both readings."""

    about: str
    values: tuple[str, str]
    differs: bool


@dataclass(frozen=True, slots=True)
class Parting:
    """Lines that differ for the same reason, and for each reading what makes it so."""

    rows: tuple[Row, ...]
    because: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a person reads about one comparison, in the order in which it is read."""

    title: str
    names: tuple[str, str]
    partings: tuple[Parting, ...]
    lesser: tuple[Row, ...]
    sections: tuple[tuple[str, tuple[Row, ...]], ...]
    silent: int
    notes: tuple[str, ...]


def sheet(comparison: Comparison, wordings: tuple[Wording, Wording]) -> Sheet:
    """A comparison in words; each reading is worded by its own rulebook."""
    return _Writer(comparison, wordings).sheet()


class _Writer:
    def __init__(self, comparison: Comparison, wordings: tuple[Wording, Wording]) -> None:
        self.comparison = comparison
        self.wordings = wordings
        self.steps = tuple({s.id: s for s in one.trace} for one in comparison.readings)

    def sheet(self) -> Sheet:
        one, other = self.comparison.readings
        star = "*" if any(note.startswith("footnote:") for note in one.notes) else ""
        days = sorted({one.as_of, other.as_of})
        on = " and ".join(day_words(day) for day in days)
        return Sheet(
            f"{one.partner.name}{star} ({one.partner.code}) on {on}: two readings",
            self.names(one, other),
            tuple(self.partings()),
            tuple(self.lesser()),
            tuple(self.sections(one, other)),
            len(self.silent(one, other)),
            tuple(self.wordings[0].note(n) for n in sorted({*one.notes, *other.notes})),
        )

    def names(self, one: Decision, other: Decision) -> tuple[str, str]:
        if one.rulebook.name != other.rulebook.name:
            return one.rulebook.name, other.rulebook.name
        if one.as_of != other.as_of:
            return day_words(one.as_of), day_words(other.as_of)
        return "before", "after"

    def partings(self) -> Iterator[Parting]:
        alike: dict[tuple[tuple[str, ...], ...], list[Difference]] = {}
        for one in self.comparison.differences:
            if one.field in LEADING:
                alike.setdefault(self.reason(one), []).append(one)
        for ones in alike.values():
            rows = tuple(self.difference(one) for one in ones)
            sides = (max((one.because[side] for one in ones), key=len) for side in (0, 1))
            first, second = (self.because(names, side) for side, names in enumerate(sides))
            yield Parting(rows, (first, second))

    def lesser(self) -> Iterator[Row]:
        """Lines on tracks with the same advice in both readings, and other grounds for it."""
        moved = {one.about for one in self.comparison.differences if one.field == "advice"}
        readings = self.comparison.readings
        known = {f"track:{t.instrument}" for d in readings for t in d.tracks if t.state is not None}
        for one in self.comparison.differences:
            if one.field not in LEADING and one.about in known - moved:
                yield self.difference(one)

    def reason(self, one: Difference) -> tuple[tuple[str, ...], ...]:
        """What lines are put together by: the rules at which they part, or else the steps."""
        return (one.rules,) if one.rules else (one.because[1] or one.because[0],)

    def difference(self, one: Difference) -> Row:
        field = field_words(one.field)
        about = about_words(one.about, self.wordings[1])
        values = (self.value(one, 0), self.value(one, 1))
        return Row(f"{about}, {field}" if field else about, values, differs=True)

    def value(self, one: Difference, side: int) -> str:
        return value_words(one.about, one.field, one.values[side], self.wordings[side])

    def because(self, names: tuple[str, ...], side: int) -> tuple[str, ...]:
        """The steps at which this reading parts from the other, in words."""
        told = []
        for step in (self.steps[side][name] for name in names):
            said = self.wordings[side].step(step)
            named = f"`{step.rule}` [{step.authority}]: {said}" if step.rule else capital(said)
            sources = "; ".join(self.wordings[side].citation(cite) for cite in step.cites)
            told.append(f"{named} ({sources})" if sources else named)
        return tuple(told)

    def silent(self, one: Decision, other: Decision) -> set[str]:
        """The tracks on which both readings have nothing to say, and agree."""
        buried = [
            {f"track:{t.instrument}" for t in d.tracks if t.state is None and not t.meant}
            for d in (one, other)
        ]
        moved = {d.about for d in self.comparison.differences if d.field in LEADING}
        return (buried[0] & buried[1]) - moved

    def sections(self, one: Decision, other: Decision) -> Iterator[tuple[str, tuple[Row, ...]]]:
        told = [{(x.about, x.field): x for x in lines(d)} for d in (one, other)]
        abouts = list(dict.fromkeys(about for side in told for about, _ in side))
        silent = self.silent(one, other)
        differing = {d.about for d in self.comparison.differences if d.field in LEADING}
        for title, kinds in SECTIONS:
            here = [a for a in abouts if a.partition(":")[0] in kinds and a not in silent]
            rows = [self.row(about, told, about in differing) for about in here]
            if rows:
                yield title, tuple(rows)

    def row(self, about: str, told: list[dict[tuple[str, str], Line]], differs: bool) -> Row:
        values = [
            "; ".join(
                value_words(about, field, line.value, wording)
                for (name, field), line in side.items()
                if name == about and field in SHOWN
            )
            for side, wording in zip(told, self.wordings, strict=True)
        ]
        none = "no track" if about.startswith("track:") else "no"
        name = about_words(about, self.wordings[1]).removeprefix("Focus: ")
        return Row(name, (values[0] or none, values[1] or none), differs)


def comparison_text(told: Sheet, screen: Screen) -> str:
    """The sheet as text, laid out for a screen."""
    return screen.render(_text(told, screen))


def _text(told: Sheet, screen: Screen) -> Iterator[RenderableType]:
    yield Text(told.title, "bold")
    yield heading("Differences" if told.partings else "No differences: both say the same")
    wide = screen.width - screen.room
    for number, parting in enumerate(told.partings):
        if number:
            yield Text()
        yield _side_by_side(told, parting.rows, screen)
        for name, because in zip(told.names, parting.because, strict=True):
            for said in because:
                by = Text.assemble((f"{name} by ", "cyan"), (said, "dim"))
                yield Padding(by, (0, max(0, wide), 0, 3))
    if told.lesser:
        yield heading("Same advice, other grounds")
        yield _side_by_side(told, told.lesser, screen)
    for title, rows in told.sections:
        yield heading(title or "Side by side")
        yield _side_by_side(told, rows, screen)
    if told.silent:
        yield Padding(Text(_silent(told.silent), "dim"), (0, 0, 0, 3))
    yield Text()
    for note in told.notes:
        yield Padding(Text(note, "dim"), (0, max(0, wide), 0, 0))


def _silent(number: int) -> str:
    return f"and {number} more whose state neither knows and that neither certainly means"


def _side_by_side(told: Sheet, rows: tuple[Row, ...], screen: Screen) -> RenderableType:
    if screen.room < ROOM_FOR_COLUMNS:
        return _stacked(told, rows)
    drawn = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="cyan")
    drawn.add_column("", width=1)
    drawn.add_column("", ratio=3)
    for name in told.names:
        drawn.add_column(name, ratio=2)
    drawn.width = screen.room
    for row in rows:
        style = "yellow" if row.differs else ""
        drawn.add_row("*" if row.differs else "", row.about, *(Text(v, style) for v in row.values))
    return drawn


def _stacked(told: Sheet, rows: tuple[Row, ...]) -> RenderableType:
    words = Text()
    for row in rows:
        same = row.values[0] == row.values[1]
        said = (
            row.values[0]
            if same
            else " | ".join(
                f"{name}: {value}" for name, value in zip(told.names, row.values, strict=True)
            )
        )
        words.append(f"{'* ' if row.differs else '  '}{row.about}: ", "bold")
        words.append(f"{said}\n", "yellow" if row.differs else "")
    words.rstrip()
    return words


def comparison_markdown(told: Sheet) -> str:
    """The sheet as Markdown (CommonMark with tables)."""
    return "\n".join(_markdown(told)).strip("\n") + "\n"


def _markdown(told: Sheet) -> Iterator[str]:
    yield from (f"# {_safe(told.title)}", "", "## Differences", "")
    if not told.partings:
        yield "None: both say the same."
    for parting in told.partings:
        yield from _markdown_rows("line", parting.rows, told)
        for name, because in zip(told.names, parting.because, strict=True):
            yield from (f"- {name} by {_safe(said)}" for said in because)
        yield ""
    if told.lesser:
        yield from ("## Same advice, other grounds", "")
        yield from _markdown_rows("line", told.lesser, told)
    yield from ("## Side by side", "")
    for title, rows in told.sections:
        yield from _markdown_rows(title, rows, told)
    if told.silent:
        yield f"…{_silent(told.silent)}."
    yield from ("", "---", "")
    for note in told.notes:
        yield from (_safe(note), "")


def _markdown_rows(title: str, rows: tuple[Row, ...], told: Sheet) -> Iterator[str]:
    yield f"| {title} | {told.names[0]} | {told.names[1]} |"
    yield "|---|---|---|"
    for row in rows:
        bold = "**" if row.differs else ""
        values = " | ".join(f"{bold}{_safe(value)}{bold}" for value in row.values)
        yield f"| {_safe(row.about)} | {values} |"
    yield ""


def _safe(words: str) -> str:
    return words.replace("*", r"\*").replace("|", "/")
