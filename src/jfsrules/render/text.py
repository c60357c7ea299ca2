"""A decision as text for a person at a terminal, or plain in a pipe. Decides nothing.

Colour and signs such as ✓ only where the caller says that the terminal shows them; every word of
the answer is there without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from jfsrules.facts import Confidence
from jfsrules.render.branch import Branch, Verdict
from jfsrules.render.phrases import LEGEND, listed
from jfsrules.render.rows import FocusBlock, Page, RequirementRow, Sources, TrackRow, UnknownRow
from jfsrules.render.screen import GLUE, Screen

MOST_NAMED: Final = 6
MOST_ASKED: Final = 5
ROOM_FOR_COLUMNS: Final = 72
NARROW_SOURCES: Final = 14
WEAKEST_MARK: Final = len("[unverified]")
LEAST_NAME: Final = 26
PLENTY: Final = 96
ADVICE_STYLES: Final = {
    "propose": "bold green",
    "possible": "cyan",
    "continue": "blue",
    "maintain": "green",
    "on_hold": "yellow",
    "blocked": "red",
    "moot": "dim",
    "undetermined": "magenta",
}
JUDGED_SIGN: Final = "◇"
_DAY: Final = re.compile(r"(?:(?:since|by) )?(?:[0-9]+ )?(?:[A-Z][a-z]+ )?[0-9]{4}$")
SIGNS: Final[dict[Verdict, tuple[str, str, str]]] = {
    "yes": ("✓", "green", "holds:"),
    "no": ("✗", "red", "fails:"),
    "unknown": ("?", "magenta", "open:"),
}


def text(page: Page, screen: Screen) -> str:
    """The page as text, laid out for a screen."""
    return screen.render(_Layout(screen).page(page))


def note(words: str, screen: Screen) -> str:
    """A sentence of prose beside an answer, laid out for a screen."""
    return screen.render([_Layout(screen).prose(Text(words, "dim"))])


class _Layout:
    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.room = screen.room
        self.dot = " · " if screen.signs else ", "

    def page(self, page: Page) -> Iterator[RenderableType]:
        yield from self.head(page)
        if page.focus:
            yield self.heading("Focus areas")
            for block in page.focus:
                yield from self.focus(block)
        if page.tracks or page.states_unknown:
            yield from self.tracks(page)
        if page.classes or page.channels:
            yield from self.means(page)
        if page.unknown or page.unknown_states:
            yield self.heading("To find out")
            yield from self.to_find_out(page)
        for heading, branches in page.proof:
            yield self.heading(f"Proof: {heading.lower()}")
            for branch in branches:
                yield Padding(self.tree(branch), (0, 0, 0, 2))
        yield Text()
        for note in page.notes:
            yield self.prose(Text(note, "dim"))

    def head(self, page: Page) -> Iterator[RenderableType]:
        if page.basis:
            yield self.prose(Text(page.basis, "dim"))
        title = Text.assemble((page.title, "bold"), f" ({page.code}) on ", (page.day, "bold"))
        yield self.prose(title)
        yield self.prose(Text(f"rulebook {page.rulebook}, engine {page.engine}", "dim"))
        yield Text()
        tier = Text.assemble((page.tier, "bold cyan"), *self.mark(page.confidence))
        rows = [("Tier", tier), ("", Text(page.why))]
        if len(page.groups) > 1 or (page.groups and page.tier not in page.groups):
            rows.append(("Groups", Text(self.dot.join(page.groups))))
        if page.possible_groups:
            rows.append(("Perhaps", Text(self.dot.join(page.possible_groups))))
        yield self.grid([(Text(label, "bold"), words) for label, words in rows], 8)

    # --- focus areas ------------------------------------------------------------------------

    def focus(self, block: FocusBlock) -> Iterator[RenderableType]:
        yield self.prose(Text.assemble((block.heading, "italic"), *self.mark(block.confidence)), 2)
        table = Table.grid(padding=(0, 2, 0, 0))
        modes = max(len(row.mode or "") for row in block.rows)
        if modes:
            table.add_column(width=modes)
        table.add_column(ratio=1)
        wide = self.room >= PLENTY
        table.add_column(justify="right", max_width=None if wide else NARROW_SOURCES)
        before: str | None = None
        for row in block.rows:
            words = Text(row.area)
            if row.qualified:
                words.append(f", {', '.join(row.qualified)}", "cyan")
            words.append_text(Text.assemble(*self.mark(row.confidence)))
            mode = Text("" if row.mode == before else row.mode or "", "cyan")
            before = row.mode
            table.add_row(*([mode] if modes else []), words, self.sources(row.sources))
        table.width = self.room - 4
        yield Padding(table, (0, 0, 0, 4))

    def sources(self, sources: Sources, between: str = " ") -> Text:
        """The clauses a line rests on, and whether practice or our own design adds to them."""
        own = sources.authority == "design" and (sources.passages or sources.documents)
        added = ["practice"] if sources.documents else ["design"] if own else []
        return Text(between).join(
            [*(Text(one, "dim") for one in sources.passages), *(Text(a, "yellow") for a in added)]
        )

    # --- tracks -----------------------------------------------------------------------------

    def tracks(self, page: Page) -> Iterator[RenderableType]:
        yield self.heading("Tracks")
        name = self.room_for_names(page.tracks)
        advice = self.room_for_advice(page.tracks)
        for row in page.tracks:
            wide = self.room >= ROOM_FOR_COLUMNS
            yield from [self.wide_track(row, name, advice)] if wide else self.narrow_track(row)
            for aside in row.asides:
                yield self.prose(Text(aside, "dim"), 4)
            for requirement in row.requires:
                yield self.requirement(requirement)
        if any(one.waits for row in page.tracks for one in row.requires):
            sign = "judge:" if not self.screen.signs else JUDGED_SIGN
            yield self.prose(Text.assemble((sign, "cyan"), (f" {LEGEND}", "dim")), 2)
        if page.states_unknown:
            named = "; ".join(page.states_unknown)
            if len(page.states_unknown) > MOST_NAMED:
                named = f"{len(page.states_unknown)} other instruments (`--format json` names them)"
            yield self.prose(Text(f"state not known: {named}", "dim"), 2)

    def room_for_names(self, rows: tuple[TrackRow, ...]) -> int:
        """How wide the column of names may be, so that states need not wrap if names need not."""
        longest = max((len(row.instrument) for row in rows), default=0)
        others = (
            [self.room_for_advice(rows)],
            [len(self.state(row)) for row in rows],
            [len(self.sources(row.sources)) for row in rows],
        )
        taken = 2 + sum(2 + max(widths, default=0) for widths in others)
        return min(longest, max(LEAST_NAME, self.room - taken))

    def room_for_advice(self, rows: tuple[TrackRow, ...]) -> int:
        """How wide the column of advice is; a mark stands under the advice it is about."""
        marks = (WEAKEST_MARK for row in rows if _weaker(row))
        return max((*marks, *(len(_advice(row)) for row in rows)), default=0)

    def wide_track(self, row: TrackRow, name: int, advice: int) -> RenderableType:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=name)
        table.add_column(width=advice)
        table.add_column(ratio=1)
        table.add_column(justify="right")
        mark = (f"\n[{_weaker(row)}]", "yellow") if _weaker(row) else ""
        advice_words = Text.assemble((_advice(row), ADVICE_STYLES[row.advice]), mark)
        sources = self.sources(row.sources, " " if self.room >= PLENTY else "\n")
        title = "\n".join(wrap(row.instrument, name, subsequent_indent="  "))
        table.add_row(Text(title), advice_words, self.state(row), sources)
        table.width = self.room - 2
        return Padding(table, (0, 0, 0, 2))

    def narrow_track(self, row: TrackRow) -> Iterator[RenderableType]:
        yield self.prose(Text(row.instrument), 2)
        advice = (_advice(row), ADVICE_STYLES[row.advice])
        words = Text.assemble(
            advice, *self.mark(_weaker(row)), ": ", self.state(row), " ", self.sources(row.sources)
        )
        yield self.prose(words, 4)

    def state(self, row: TrackRow) -> Text:
        if not row.known:
            return Text(row.state, "magenta")
        return Text.assemble(_DAY.sub(_glued, row.state), *self.mark(row.confidence))

    def requirement(self, row: RequirementRow) -> RenderableType:
        sign, style, word = (JUDGED_SIGN, "cyan", "judge:") if row.waits else SIGNS[row.verdict]
        words = Text(row.says)
        if row.because and not row.waits:
            words.append(f" {'—' if self.screen.signs else '-'} {row.because}", "dim")
        lead = Text(sign if self.screen.signs else f"{word:<6}", style)
        return Padding(self.grid([(lead, words)], len(lead), self.room - 4), (0, 0, 0, 4))

    # --- the rest ---------------------------------------------------------------------------

    def means(self, page: Page) -> Iterator[RenderableType]:
        yield self.heading("Means for every partner")
        rows = []
        if page.classes:
            rows.append((Text("instruments"), Text(", ".join(page.classes))))
        for mode, organisations in page.channels:
            words = f"{mode} cooperation with {', '.join(organisations)}"
            rows.append((Text("channels"), Text(words)))
        yield Padding(self.grid(rows, 11, self.room - 2), (0, 0, 0, 2))

    def to_find_out(self, page: Page) -> Iterator[RenderableType]:
        for unknown in page.unknown[:MOST_ASKED]:
            yield from self.unknown(unknown)
        states = len(page.unknown_states)
        if 0 < states <= MOST_NAMED:
            words = Text.assemble(("state of ", "magenta"), "; ".join(page.unknown_states))
            yield self.prose(words, 2)
            states = 0
        more = page.unknown[MOST_ASKED:]
        judgements = sum(row.judged for row in more)
        counts = ((len(more) - judgements, "fact"), (judgements, "judgement"), (states, "state"))
        said = [f"{n} {what}{'' if n == 1 else 's'}" for n, what in counts if n]
        if said:
            words = Text(f"and {listed(said)} more (`--format json` names them)", "dim")
            yield self.prose(words, 2)

    def unknown(self, row: UnknownRow) -> Iterator[RenderableType]:
        because = "a judgement" if row.judged else row.because
        words = Text.assemble((row.title, "magenta"), (f": {because}", "dim"))
        yield self.prose(words, 2)
        yield self.prose(Text(f"bears on: {'; '.join(row.settles)}"), 4)
        few = 1 < len(row.values) <= MOST_NAMED
        of = f" ({', '.join(row.values)})" if few else ""
        value = row.values[0] if len(row.values) == 1 else "…" if self.screen.signs else "..."
        setting = f"--set {row.indicator}={value}"
        yield self.prose(Text.assemble("try ", (setting, "bold"), (of, "dim")), 4)

    def tree(self, branch: Branch) -> Tree:
        tree = Tree(self.label(branch), guide_style="dim")
        for under in branch.under:
            tree.children.append(self.tree(under))
        return tree

    def label(self, branch: Branch) -> Text:
        label = Text()
        if self.screen.signs:
            sign, style, _ = SIGNS[branch.verdict]
            known = branch.rule or branch.verdict == "unknown"
            label.append(f"{sign if known else '•'} ", style if known else "dim")
        label.append(branch.says)
        label.append_text(Text.assemble(*self.mark(branch.confidence)))
        if branch.authority and branch.authority != "text":
            label.append(f" [{branch.authority}]", "yellow")
        if branch.passages:
            label.append(f" {' '.join(branch.passages)}", "dim")
        if branch.again:
            label.append(" (above)", "dim")
        for cite in branch.cites:
            label.append(f"\n{cite}", "dim")
        for aside in branch.asides:
            label.append(f"\n{aside}", "dim italic")
        return label

    # --- parts ------------------------------------------------------------------------------

    def heading(self, words: str) -> RenderableType:
        return Padding(Text(words, "bold"), (1, 0, 0, 0))

    def prose(self, words: Text, indent: int = 0) -> RenderableType:
        return Padding(words, (0, max(0, self.screen.width - self.room), 0, indent))

    def mark(self, confidence: str | None) -> tuple[tuple[str, str], ...]:
        return ((f" [{confidence}]", "yellow"),) if confidence else ()

    def grid(self, rows: list[tuple[Text, Text]], first: int, width: int | None = None) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=first)
        table.add_column(ratio=1)
        for row in rows:
            table.add_row(*row)
        table.width = width or self.room
        return table


def _weaker(row: TrackRow) -> Confidence | None:
    """The mark of an advice, where its state alone does not carry it."""
    return row.advised if row.advised != row.confidence else None


def _glued(found: re.Match[str]) -> str:
    return found[0].replace(" ", GLUE)


def _advice(row: TrackRow) -> str:
    return row.advice.replace("_", " ")
