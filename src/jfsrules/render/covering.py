"""Coverage in words: as text for a terminal and as Markdown. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from jfsrules.coverage import Coverage
from jfsrules.render.card import card, heading, table
from jfsrules.render.phrases import WHY_UNKNOWN, day_words, listed, spoken
from jfsrules.render.screen import Screen
from jfsrules.render.words import Wording

MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is never used: what it is, which ones, and of how many."""

    what: str
    names: tuple[str, ...]
    of: int


def head(told: Coverage) -> list[tuple[str, str]]:
    """What was looked at, as labels and words."""
    first, last = day_words(told.dates[0]), day_words(told.dates[-1])
    fired = sum(1 for rule in told.rules if rule.cases)
    carried = sum(1 for passage in told.passages if passage.cases)
    frames = sum(1 for passage in told.passages if passage.frame)
    return [
        ("rulebook", f"{told.rulebook.name} {told.rulebook.version}"),
        ("cases", f"{told.scenarios} scenarios"),
        ("decisions", f"{told.partners} partners on {len(told.dates)} dates, {first} to {last}"),
        (
            "passages",
            f"{carried} of {len(told.passages)} carried by a rule that a case fires; {frames} are frames",
        ),
        ("rules", f"{fired} of {len(told.rules)} fired by a case"),
        ("open tiers", f"{len(told.open_tiers)} on {last}"),
        ("ends of lists", f"{told.tiers_open_by_list_end} tiers and {_tracks(told)}"),
        ("no list", f"{told.tracks_open_without_list} tracks undetermined for want of any list"),
    ]


def _tracks(told: Coverage) -> str:
    return f"{told.tracks_open_by_list_end} tracks undetermined because a list goes no further"


def findings(told: Coverage) -> list[Finding]:
    """What is never used, of everything that could be."""
    required = len(told.requirements)
    frames = {passage.id for passage in told.passages if passage.frame}
    bare = tuple(p.id for p in told.passages if not p.cases and p.id not in frames)
    unused = tuple(f"{name} {number}" for name, number in told.never_used_by_indicator.items())
    return [
        Finding("passages that no case reaches", bare, len(told.passages)),
        Finding("rules never fired", told.rules_never_fired, len(told.rules)),
        Finding("rules that no case fires", told.rules_without_case, len(told.rules)),
        Finding("requirements that fail in no case", told.requirements_never_failed, required),
        Finding("requirements unknown in no case", told.requirements_never_unknown, required),
        Finding(f"facts never used: {len(told.facts_never_used)} of {told.facts}", unused, 0),
        Finding("indicators that no rule reads", told.indicators_never_read, 0),
    ]


def open_tiers(told: Coverage, wording: Wording) -> list[tuple[str, str]]:
    """Each undetermined tier with the facts that would settle it, and why they are not known."""
    rows = []
    for one in told.open_tiers:
        why = (
            f"{wording.indicator(a)} ({WHY_UNKNOWN.get(w, spoken(w))})"
            for a, w in one.missing.items()
        )
        rows.append((f"{one.name} ({one.partner})", listed(why)))
    return rows


def coverage_text(told: Coverage, wording: Wording, screen: Screen, full: bool = False) -> str:
    """The coverage as text; `full` names everything, and shows each rule and passage."""
    return screen.render(_text(told, wording, screen, full))


def _text(told: Coverage, wording: Wording, screen: Screen, full: bool) -> Iterator[RenderableType]:
    yield card(head(told), screen)
    for one in findings(told):
        yield heading(_titled(one))
        if one.names:
            shown = one.names if full else one.names[:MOST_NAMED]
            more = len(one.names) - len(shown)
            rest = f" and {more} more (`--full` names them)" if more else ""
            words = Text(", ".join(shown) + rest, "dim")
            yield Padding(words, (0, max(0, screen.width - screen.room), 0, 2))
    tiers = open_tiers(told, wording)
    if tiers:
        yield heading("Undetermined tiers, and what would settle them")
        yield table(("partner", "missing"), tiers, screen)
    if full:
        yield heading("Passages")
        yield table(("passage", "cases", "rules"), _passages(told), screen)
        yield heading("Rules")
        yield table(("rule", "cases", "decisions", "passages"), _rules(told), screen)
        yield heading("Requirements")
        yield table(_REQUIREMENT, _requirements(told), screen)
        yield heading("Facts never used")
        yield Text(", ".join(told.facts_never_used), "dim")


_REQUIREMENT = ("rule", "failed in cases", "unknown in cases", "failed", "unknown")


def _titled(one: Finding) -> str:
    if ":" in one.what:
        return f"{one.what.capitalize()}, by indicator"
    return f"{one.what.capitalize()}: {len(one.names)}{f' of {one.of}' if one.of else ''}"


def _passages(told: Coverage) -> Iterator[tuple[str, ...]]:
    for one in told.passages:
        yield one.id, str(one.cases), ", ".join(one.rules) or f"frame: {one.frame}"


def _rules(told: Coverage) -> Iterator[tuple[str, ...]]:
    for one in told.rules:
        yield one.id, str(one.cases), str(one.decisions), ", ".join(one.passages)


def _requirements(told: Coverage) -> Iterator[tuple[str, ...]]:
    for one in told.requirements:
        yield (
            one.rule,
            str(one.failed_cases),
            str(one.unknown_cases),
            str(one.failed_decisions),
            str(one.unknown_decisions),
        )


def coverage_markdown(told: Coverage, wording: Wording) -> str:
    """The coverage as Markdown, in full."""
    return "\n".join(_markdown(told, wording)).strip("\n") + "\n"


def _markdown(told: Coverage, wording: Wording) -> Iterator[str]:
    yield from (f"# Coverage of `{told.rulebook.name}`", "")
    yield from (f"- {label}: {words}" for label, words in head(told))
    for one in findings(told):
        yield from ("", f"## {_titled(one)}", "")
        yield ", ".join(f"`{name}`" for name in one.names) or "None."
    yield from ("", "## Undetermined tiers", "")
    tiers = open_tiers(told, wording)
    yield from _table(("partner", "missing"), tiers) if tiers else ("None.",)
    yield from ("", "## Passages", "")
    yield from _table(("passage", "cases", "rules"), _passages(told))
    yield from ("", "## Rules", "")
    yield from _table(("rule", "cases", "decisions", "passages"), _rules(told))
    yield from ("", "## Requirements", "")
    yield from _table(_REQUIREMENT, _requirements(told))


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"
