"""Partners as a listing, and one dossier as a card: its facts with days, sources and marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from jfsrules.facts import Dossier, Fact
from jfsrules.render.card import heading, mark, table, title
from jfsrules.render.phrases import NOTES, day_words
from jfsrules.render.screen import Screen
from jfsrules.render.words import Wording

YES: Final = {True: "yes", False: "no"}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one partner stands on the day of a listing."""

    code: str
    name: str
    tier: str
    groups: tuple[str, ...]


def partners_text(standings: Iterable[Standing], day: str, wording: Wording, screen: Screen) -> str:
    """Every partner there is a dossier on, with its tier on a day."""
    rows = [(Text(one.code, "cyan"), one.name, _tier(one, wording)) for one in standings]
    head = Text(f"{len(rows)} partners, on {day_words(day)}\n")
    return screen.render([head, table(("code", "name", "tier"), rows, screen)])


def _tier(one: Standing, wording: Wording) -> Text:
    others = [wording.group(group) for group in one.groups if group != one.tier]
    quiet = "dim" if one.tier in ("none", "out_of_scope") else ""
    words = Text(wording.tier(one.tier), "magenta" if one.tier == "undetermined" else quiet)
    return words.append(f" (also: {', '.join(others)})" if others else "", "dim")


def dossier_text(dossier: Dossier, wording: Wording, screen: Screen) -> str:
    """Every fact of a dossier, under its indicator, in the order of time."""
    return screen.render(_dossier(dossier, wording, screen))


def _dossier(dossier: Dossier, wording: Wording, screen: Screen) -> Iterator[RenderableType]:
    number = sum(map(len, dossier.facts.values()))
    told = f"{number} facts" if number else "no facts of its own: what is known comes from lists"
    yield title(f"{dossier.name} ({dossier.partner})", told)
    if dossier.footnote:
        yield Text(NOTES[f"footnote:{dossier.footnote}"], "dim")
    order = list(wording.rulebook.vocabulary.atoms)
    for atom in sorted(dossier.facts, key=order.index):
        yield heading(wording.indicator(atom).removeprefix("state of "))
        facts = sorted(dossier.facts[atom], key=lambda fact: (fact.since.last, fact.id))
        widest = max(len(_days(fact)) for fact in facts)
        for fact in facts:
            words = YES[fact.value] if isinstance(fact.value, bool) else None
            value = Text(words or wording.label(fact.atom, fact.value))
            value.append_text(mark(fact.confidence))
            yield Padding(Text.assemble(f"{_days(fact):<{widest}}  ", value), (0, 0, 0, 2))
            yield Padding(_sources(fact, wording), (0, max(0, screen.width - screen.room), 0, 6))


def _days(fact: Fact) -> str:
    since = day_words(str(fact.since), short=True)
    if fact.until:
        return f"{since} to {day_words(str(fact.until), short=True)}"
    return since if since.startswith("by ") else f"from {since}"


def _sources(fact: Fact, wording: Wording) -> Text:
    lines = [Text(wording.citation(cite), "dim") for cite in fact.cites]
    lines += [Text(note, "italic") for note in (fact.note,) if note]
    lines += [Text(f"disputed: {words}", "italic") for words in fact.disputed]
    return Text("\n").join(lines)
