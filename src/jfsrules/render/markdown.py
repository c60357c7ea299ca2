"""A decision as Markdown, for a note or a repository. Decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from jfsrules.render.branch import Branch, Verdict
from jfsrules.render.phrases import LEGEND, harmless
from jfsrules.render.rows import Page, RequirementRow, Sources, TrackRow

SIGNS: Final[dict[Verdict, str]] = {"yes": "✓", "no": "✗", "unknown": "?"}


def markdown(page: Page) -> str:
    """The page as Markdown (CommonMark with tables)."""
    written = "\n".join(_lines(page)).strip("\n") + "\n"
    return harmless(re.sub(r"\n{3,}", "\n\n", written))


def _lines(page: Page) -> Iterator[str]:
    yield f"# {page.title} ({page.code}) on {page.day}"
    yield ""
    basis = f"{page.basis} " if page.basis else ""
    yield f"{basis}Rulebook `{page.rulebook}`, engine `{page.engine}`."
    yield ""
    yield f"**{page.tier}**{_mark(page.confidence)}. {page.why}"
    yield ""
    if len(page.groups) > 1 or (page.groups and page.tier not in page.groups):
        yield f"Groups: {', '.join(page.groups)}."
    if page.possible_groups:
        yield f"Perhaps: {', '.join(page.possible_groups)}."
    yield from _focus(page)
    yield from _tracks(page)
    yield from _means(page)
    if page.unknown or page.unknown_states:
        yield from ("", "## To find out", "")
        for row in page.unknown:
            yield f"- {row.title} (`{row.indicator}`): {row.because}. Bears on: {'; '.join(row.settles)}."
        if page.unknown_states:
            yield f"- State of: {'; '.join(page.unknown_states)}."
    for heading, branches in page.proof:
        yield from ("", f"## Proof: {heading.lower()}", "")
        for branch in branches:
            yield from _branch(branch, 0)
    yield from ("", "---", "")
    for note in page.notes:
        yield from (_safe(note), "")


def _focus(page: Page) -> Iterator[str]:
    if not page.focus:
        return
    yield from ("", "## Focus areas")
    for block in page.focus:
        yield from ("", f"**{block.heading}**{_mark(block.confidence)}", "")
        for row in block.rows:
            qualified = f", {', '.join(row.qualified)}" if row.qualified else ""
            mode = f"*{row.mode}* " if row.mode else ""
            said = f"{mode}{row.area}{qualified}{_mark(row.confidence)}"
            yield f"- {said} ({_sources(row.sources)})"


def _tracks(page: Page) -> Iterator[str]:
    if page.tracks:
        yield from ("", "## Tracks", "")
        yield "| track | advice | state | requirements | rests on |"
        yield "|---|---|---|---|---|"
        for row in page.tracks:
            yield _row(_track(row))
        if any(one.waits for row in page.tracks for one in row.requires):
            yield from ("", f"judge: {LEGEND}.")
    if page.states_unknown:
        yield from ("", f"State not known: {'; '.join(page.states_unknown)}.")


def _track(row: TrackRow) -> Iterator[str]:
    yield row.instrument
    weaker = row.advised if row.advised != row.confidence else None
    yield row.advice.replace("_", " ") + _mark(weaker)
    state = row.state + _mark(row.confidence if row.known else None)
    yield "; ".join((state, *row.asides))
    yield "<br>".join(map(_requirement, row.requires))
    yield _sources(row.sources)


def _requirement(row: RequirementRow) -> str:
    because = f" — {row.because}" if row.because else ""
    return (
        f"{'judge:' if row.waits else SIGNS[row.verdict]} {row.says}{'' if row.waits else because}"
    )


def _means(page: Page) -> Iterator[str]:
    if page.classes:
        yield from ("", "## Means for every partner", "")
        yield f"Instruments: {'; '.join(page.classes)}."
    for mode, organisations in page.channels:
        yield from ("", f"Channels: *{mode}* cooperation with {', '.join(organisations)}.")


def _branch(branch: Branch, depth: int) -> Iterator[str]:
    sign = f"{SIGNS[branch.verdict]} " if branch.rule or branch.verdict == "unknown" else ""
    authority = f" [{branch.authority}]" if branch.authority not in (None, "text") else ""
    passages = f" ({', '.join(branch.passages)})" if branch.passages else ""
    again = " (above)" if branch.again else ""
    says = f"{sign}{_safe(branch.says)}{_mark(branch.confidence)}{authority}{passages}{again}"
    beside = [*map(_safe, branch.cites), *(f"*{_safe(aside)}*" for aside in branch.asides)]
    yield f"{'  ' * depth}- {'; '.join((says, *beside))}"
    for under in branch.under:
        yield from _branch(under, depth + 1)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _sources(sources: Sources) -> str:
    """The clauses of the page, and the keys of the documents that practice cites."""
    practice = [f"practice: {', '.join(sources.documents)}"] if sources.documents else []
    return "; ".join(filter(None, (", ".join(sources.passages), *practice)))


def _mark(confidence: str | None) -> str:
    return f" [{confidence}]" if confidence else ""


def _safe(words: str) -> str:
    return words.replace("*", r"\*").replace("_", r"\_")
