"""A timeline in words, as text for a terminal and as Markdown. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from jfsrules.render.answers import about_words, field_words, value_words
from jfsrules.render.phrases import day_words, listed
from jfsrules.render.screen import Screen
from jfsrules.render.words import Wording
from jfsrules.timeline import Act, Change, Standing, Timeline

DAY_COLUMN: Final = 17
TURNS: Final = {
    "begins": "from {date}",
    "may_begin": "from some day in {date}",
    "ends": "until {date}",
    "may_end": "until some day in {date}",
}


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act: what it says, how sure it is, and where it stands."""

    says: str
    confidence: str | None
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one act, or several of one day, changed."""

    day: str
    lines: tuple[tuple[str, str], ...]
    acts: tuple[ActRow, ...]


@dataclass(frozen=True, slots=True)
class History:
    """Everything a person reads about one timeline, in the order in which it is read."""

    title: str
    rulebook: str
    first: str
    entries: tuple[Entry, ...]
    last: str
    notes: tuple[str, ...]


def history(timeline: Timeline, wording: Wording) -> History:
    """A timeline in words."""
    star = "*" if any(note.startswith("footnote:") for note in timeline.notes) else ""
    first, last = day_words(timeline.first.day), day_words(timeline.last.day)
    return History(
        f"{timeline.partner.name}{star} ({timeline.partner.code}) from {first} to {last}",
        f"rulebook {timeline.rulebook.name} {timeline.rulebook.version}",
        f"{first}: {_standing(timeline.first, wording)}",
        tuple(_entries(timeline.changes, wording)),
        f"{last}: {_standing(timeline.last, wording)}",
        tuple(wording.note(note) for note in timeline.notes),
    )


def _standing(standing: Standing, wording: Wording) -> str:
    words = wording.tier(standing.tier)
    others = [wording.group(group) for group in standing.groups if group != standing.tier]
    if others:
        words += f", also {listed(others)}"
    if standing.possible_groups:
        words += f", perhaps {listed(map(wording.group, standing.possible_groups))}"
    return words


def _entries(changes: Iterable[Change], wording: Wording) -> Iterator[Entry]:
    for day, ones in groupby(changes, key=lambda change: change.day):
        by_acts: dict[tuple[Act, ...], list[Change]] = {}
        for change in ones:
            by_acts.setdefault(change.acts, []).append(change)
        for acts, told in by_acts.items():
            lines = tuple((about_words(one.about, wording), _turned(one, wording)) for one in told)
            yield Entry(day_words(day), lines, tuple(_act(act, wording) for act in acts))


def _turned(change: Change, wording: Wording) -> str:
    parts = []
    for field, value in change.after.items():
        before = value_words(change.about, field, change.before[field], wording)
        after = value_words(change.about, field, value, wording)
        name = field_words(field)
        parts.append(f"{name} {before} → {after}".lstrip())
    return "; ".join(parts)


def _act(act: Act, wording: Wording) -> ActRow:
    if act.kind == "rule":
        rule = wording.rulebook.rules_by_id[act.id]
        turned = "applies from" if act.turn == "begins" else "applies until"
        says = f"rule `{act.id}` {turned} {day_words(act.date)}: {rule.title}"
    elif act.kind == "list":
        turned = "complete from" if act.turn == "begins" else "vouched for until"
        says = f"{wording.indicator(act.indicator or '')}: list `{act.id}` {turned} {day_words(act.date)}"
    else:
        assert act.indicator is not None
        sentence = wording.sentence(act.indicator, act.value)  # type: ignore[arg-type]
        says = f"{sentence}, {_when(act)}"
    weak = act.confidence if act.confidence not in (None, "verified") else None
    return ActRow(says, weak, tuple(wording.citation(cite) for cite in act.cites))


def _when(act: Act) -> str:
    date = day_words(act.date)
    if date.startswith("by "):
        return f"{date} at the latest" if act.turn == "begins" else date
    if act.turn == "begins" and len(act.date) < len("2014-06-27"):
        return f"in {date} at the latest"
    return TURNS[act.turn].format(date=date)


def history_text(told: History, screen: Screen) -> str:
    """The history as text, laid out for a screen."""
    return screen.render(_text(told, screen))


def _text(told: History, screen: Screen) -> Iterator[RenderableType]:
    yield Text(told.title, "bold")
    yield Text(told.rulebook, "dim")
    yield Text()
    yield Text(told.first)
    narrow = screen.room < 3 * DAY_COLUMN
    before = ""
    for entry in told.entries:
        words = Text("\n").join(_words(entry, screen))
        if narrow:
            yield Text(f"\n{entry.day}" if entry.day != before else "", "bold cyan")
            yield Padding(words, (0, 0, 0, 2))
        else:
            yield Text()
            row = Table.grid(padding=(0, 1, 0, 0))
            row.add_column(width=DAY_COLUMN)
            row.add_column(ratio=1)
            row.width = screen.room
            row.add_row(Text(entry.day if entry.day != before else "", "bold cyan"), words)
            yield row
        before = entry.day
    if not told.entries:
        yield Text("\nnothing changed", "dim")
    yield Text(f"\n{told.last}")
    yield Text()
    for note in told.notes:
        yield Padding(Text(note, "dim"), (0, max(0, screen.width - screen.room), 0, 0))


def _words(entry: Entry, screen: Screen) -> Iterator[Text]:
    for about, turned in entry.lines:
        arrow = turned if screen.signs else turned.replace("→", "->")
        yield Text.assemble((f"{about}: ", "bold"), arrow)
    for act in entry.acts:
        mark = f" [{act.confidence}]" if act.confidence else ""
        cites = f" ({'; '.join(act.cites)})" if act.cites else ""
        yield Text.assemble(
            ("by: " if not screen.signs else "↳ ", "dim"),
            act.says,
            (mark, "yellow"),
            (cites, "dim"),
        )


def history_markdown(told: History) -> str:
    """The history as Markdown (CommonMark with tables)."""
    return "\n".join(_markdown(told)).strip("\n") + "\n"


def _markdown(told: History) -> Iterator[str]:
    yield from (
        f"# {_safe(told.title)}",
        "",
        f"{told.rulebook.capitalize()}.",
        "",
        _safe(told.first),
        "",
    )
    if told.entries:
        yield "| day | what changed | by which act |"
        yield "|---|---|---|"
    for entry in told.entries:
        changed = "<br>".join(
            f"**{_safe(about)}**: {_safe(turned)}" for about, turned in entry.lines
        )
        acts = "<br>".join(_markdown_act(act) for act in entry.acts)
        yield f"| {entry.day} | {changed} | {acts} |"
    yield from ("", _safe(told.last), "", "---", "")
    for note in told.notes:
        yield from (_safe(note), "")


def _markdown_act(act: ActRow) -> str:
    mark = f" [{act.confidence}]" if act.confidence else ""
    cites = f" ({'; '.join(act.cites)})" if act.cites else ""
    return _safe(f"{act.says}{mark}{cites}")


def _safe(words: str) -> str:
    return words.replace("*", r"\*").replace("|", "/")
