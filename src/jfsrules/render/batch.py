"""A batch in words: the first answers, and what it came to in the end.

Knows nothing of files and engines, decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from jfsrules.deciding import FOOTNOTES
from jfsrules.errors import Diagnostic
from jfsrules.render.card import table
from jfsrules.render.diagnostics import Pen
from jfsrules.render.meter import lasting, rate, tail_of
from jfsrules.render.page import ADVICE_ORDER
from jfsrules.render.phrases import ADVICE_WORDS, NOTES, capital, day_words, harmless
from jfsrules.render.screen import Screen
from jfsrules.render.words import Wording
from jfsrules.tier import TIERS

if TYPE_CHECKING:
    from jfsrules.batch.counting import Closing
    from jfsrules.batch.glance import Answer, Glance

MOST_UNKNOWN: Final = 5
UNKNOWN_FACTS: Final = "Unknown facts and judgements"
UNKNOWN_STATES: Final = "Unknown states of instruments"
MOST_SHOWN: Final = 3
BAR: Final = 24
LABEL: Final = 44
NUMBER: Final = 7
SHARE: Final = 7
FIGURES: Final = 2 * 3 + NUMBER + SHARE + 4  # with the blanks between, and room for a million rows
NAMES: Final = 40
LEAST_NAMES: Final = 20
TIER_STYLES: Final = {"undetermined": "magenta", "none": "dim", "out_of_scope": "dim"}


# --- the first answers ---------------------------------------------------------------------------


def glance_text(glance: Glance, wording: Wording, names: Mapping[str, str], screen: Screen) -> str:
    """The first answers as a table, with how many more there are."""
    return screen.render(_glance(glance, wording, names, screen))


def _glance(
    glance: Glance, wording: Wording, names: Mapping[str, str], screen: Screen
) -> Iterator[RenderableType]:
    answers = glance.answers
    if not answers:
        yield Text("no answers", "dim")
        return
    several = glance.first != glance.last
    on = "" if several else f", on {_day(answers[0].day)}"
    yield Text(f"{_rows(glance.rows)}{on}\n", "bold")
    headings = ["partner", *(["day"] if several else []), *glance.keep, "tier", "advice"]
    rows = [_row(one, wording, names, several) for one in answers]
    yield table(headings, rows, screen)
    if glance.more:
        more = f"\n{_more(glance.more)}: `-o FILE` writes them all, a pipe has them as CSV"
        yield Text(more, "bold")
    stars = sorted({FOOTNOTES[one.partner] for one in answers if one.partner in FOOTNOTES})
    for star in stars:
        note = Text(NOTES[f"footnote:{star}"], "dim")
        yield Padding(
            note, (1 if star == stars[0] else 0, max(0, screen.width - screen.room), 0, 0)
        )


def _row(one: Answer, wording: Wording, names: Mapping[str, str], several: bool) -> list[Text]:
    star = "*" if one.partner in FOOTNOTES else ""
    name = Text(tail_of(names.get(one.partner, one.partner), 24) + star).append(
        f" {one.partner}", "dim"
    )
    tier = Text(wording.tier(one.tier), TIER_STYLES.get(one.tier, ""))
    others = [wording.group(group) for group in one.groups if group != one.tier]
    tier.append(f" (also: {', '.join(others)})" if others else "", "dim")
    day = [Text(_day(one.day, short=True))] if several else []
    kept = [Text(harmless(tail_of(value, 24))) for value in one.kept]
    return [name, *day, *kept, tier, _advice(one.advice)]


def _advice(advice: Counter[str]) -> Text:
    """How often which advice, what can be acted on first."""
    parts = [
        Text(f"{advice[name]} {ADVICE_WORDS[name]}", ADVICE_STYLES.get(name, ""))
        for name in ADVICE_ORDER
        if advice[name]
    ]
    return Text(", ").join(parts) if parts else Text("no track", "dim")


ADVICE_STYLES: Final = {
    "propose": "bold green",
    "possible": "green",
    "blocked": "red",
    "on_hold": "yellow",
    "undetermined": "magenta",
    "moot": "dim",
}


# --- the end -------------------------------------------------------------------------------------


def closing_text(
    closing: Closing, wording: Wording, screen: Screen, pictures: Sequence[str] = ()
) -> str:
    """What a batch came to: the balance of rows, counts, unknowns, errors, time, and where it is."""
    return screen.render(_closing(closing, wording, screen, pictures))


def _closing(
    closing: Closing, wording: Wording, screen: Screen, pictures: Sequence[str]
) -> Iterator[RenderableType]:
    yield _balance(closing)
    yield _time(closing)
    order = {name: at for at, name in enumerate((*wording.rulebook.vocabulary.groups, *TIERS))}
    tiers = sorted(closing.tiers.items(), key=lambda found: order.get(found[0], len(order)))
    yield from _counts(
        "Tier", "rows", [(wording.tier(t), n, TIER_STYLES.get(t, "")) for t, n in tiers], screen
    )
    advice = [(a, closing.advice[a]) for a in ADVICE_ORDER if closing.advice[a]]
    told = [(ADVICE_WORDS[a], n, ADVICE_STYLES.get(a, "")) for a, n in advice]
    yield from _counts("Advice", "tracks", told, screen)
    yield from _unknown(closing, wording, screen)
    yield from _apart(closing, screen)
    for note in closing.notes:
        yield Padding(Text(harmless(note)), (1, max(0, screen.width - screen.room), 0, 0))
    yield from _places(closing, pictures)


def _balance(closing: Closing) -> Text:
    style = "bold green" if closing.balanced and not closing.rows_apart else "bold"
    words = Text(f"{closing.rows_in:,} rows in = {closing.rows_out:,} rows out", style)
    words.append(
        f" + {closing.rows_apart:,} set apart", "bold red" if closing.rows_apart else style
    )
    if closing.passed:
        words.append(f" + {closing.passed:,} of other partners", style)
    if not closing.balanced:
        words.append("  THE ROWS DO NOT BALANCE", "bold red")
    return words


def _time(closing: Closing) -> Text:
    fresh = closing.rows_in - closing.resumed
    words = f"{lasting(closing.seconds)}, {rate(fresh, closing.seconds)}"
    if closing.resumed:
        words += f"; {_rows(closing.resumed)} were done before the interruption"
    return Text(words, "dim")


def _counts(
    heading: str, unit: str, rows: Sequence[tuple[str, int, str]], screen: Screen
) -> Iterator[RenderableType]:
    """Words with their numbers, shares, and bars where the screen can draw them."""
    if not rows:
        return
    whole, most = sum(number for _, number, _ in rows), max(number for _, number, _ in rows)
    bars = min(BAR, screen.room - FIGURES - LABEL) if screen.signs else 0
    drawn = _columns(screen, bars)
    drawn.add_row(Text(heading, "bold"), Text(unit, "dim"))
    for words, number, style in rows:
        bar = Text("━" * max(1, round(bars * number / most)), style or "cyan")
        share = Text(_share(number, whole), "dim")
        drawn.add_row(Text(words, style), f"{number:,}", share, *([bar] if bars > 0 else []))
    yield Padding(drawn, (1, 0, 0, 0))


def _columns(screen: Screen, last: int = 0) -> Table:
    """Room for words, a number and a share, and for one more column if it has a width."""
    drawn = Table.grid(padding=(0, 2, 0, 0))
    drawn.add_column(width=min(LABEL, screen.room - FIGURES), overflow="fold")
    drawn.add_column(justify="right", no_wrap=True, min_width=NUMBER)
    drawn.add_column(justify="right", no_wrap=True, min_width=SHARE)
    if last > 0:
        drawn.add_column(no_wrap=True, width=last, overflow="ellipsis")
    return drawn


def _unknown(closing: Closing, wording: Wording, screen: Screen) -> Iterator[RenderableType]:
    """The unknowns that most answers wait for; states of instruments, each of which decides its own
    track, stand apart from what may decide many."""
    instruments = wording.rulebook.vocabulary.instruments
    facts = [(a, n) for a, n in closing.missing.most_common() if a not in instruments]
    states = [(a, n) for a, n in closing.missing.most_common() if a in instruments]
    for heading, found in ((UNKNOWN_FACTS, facts), (UNKNOWN_STATES, states)):
        if found:
            yield from _waited(heading, found, closing.rows_out, wording, screen)


def _waited(
    heading: str,
    found: Sequence[tuple[str, int]],
    rows: int,
    wording: Wording,
    screen: Screen,
) -> Iterator[RenderableType]:
    names = min(NAMES, screen.room - FIGURES - LABEL)
    names = names if names >= LEAST_NAMES else 0
    drawn = _columns(screen, names)
    drawn.add_row(Text(heading, "bold"), Text("rows", "dim"))
    for atom, number in found[:MOST_UNKNOWN]:
        share = Text(_share(number, rows), "dim")
        name = [Text(atom, "dim")] if names else []
        drawn.add_row(Text(_indicator(atom, wording)), f"{number:,}", share, *name)
    yield Padding(drawn, (1, 0, 0, 0))
    if len(found) > MOST_UNKNOWN:
        yield Text(f"and {len(found) - MOST_UNKNOWN} more", "dim")


def _indicator(atom: str, wording: Wording) -> str:
    return capital(wording.indicator(atom).removeprefix("state of "))


def _apart(closing: Closing, screen: Screen) -> Iterator[RenderableType]:
    """The rows set apart by kind, and the first of them with what is wrong."""
    if not closing.errors:
        return
    drawn = _columns(screen)
    drawn.add_row(Text("Set apart", "bold red"), Text("rows", "dim"))
    for code, number in closing.errors.most_common():
        drawn.add_row(Text(code), f"{number:,}")
    yield Padding(drawn, (1, 0, 1, 0))
    shown: list[Diagnostic] = [one for row in closing.shown[:MOST_SHOWN] for one in row.shown()]
    pen = Pen(screen.width, screen.colour)
    told = "\n\n".join(pen.diagnostic(one) for one in shown[:MOST_SHOWN])
    yield Text.from_ansi(told.rstrip("\n"))
    more = closing.rows_apart - sum(row.rows for row in closing.shown[:MOST_SHOWN])
    if more > 0 and closing.errors_file is None:
        yield Text(f"\n{_more(more)}: `--errors FILE` keeps them all", "bold")


def _places(closing: Closing, pictures: Sequence[str]) -> Iterator[RenderableType]:
    kept = closing.errors_file if closing.rows_apart else None
    places = [("answers", closing.out), ("set apart", kept), *(("chart", one) for one in pictures)]
    lines = [(what, harmless(str(where))) for what, where in places if where is not None]
    for at, (what, where) in enumerate(lines):
        line = Text.assemble((f"{what:<10} ", "dim"), where, no_wrap=True, overflow="ignore")
        yield Padding(line, (1 if at == 0 else 0, 0, 0, 0))


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _more(number: int) -> str:
    return f"and {number:,} more row{'' if number == 1 else 's'}"


def _share(part: int, whole: int) -> str:
    """A share in percent; one that is nearly nothing is not called nothing.

    >>> _share(1, 3), _share(1, 5000)
    ('33.3 %', '<0.1 %')
    """
    share = 100 * part / max(1, whole)
    return "<0.1 %" if 0 < share < 0.05 else f"{share:.1f} %"


def _day(day: date, short: bool = False) -> str:
    return day_words(day.isoformat(), short=short)
