"""Rules as listings and cards: what a rule concludes, when, and where that comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from jfsrules.render.aloud import aloud
from jfsrules.render.card import card, heading, table, title
from jfsrules.render.phrases import capital, day_words
from jfsrules.render.screen import Screen
from jfsrules.render.words import Wording
from jfsrules.rulebook import Rule, Rulebook

AUTHORITY = {
    "text": "the page",
    "practice": "practice: another public document",
    "design": "design: our own choice",
}


def rules_text(rulebook: Rulebook, screen: Screen) -> str:
    """Every rule of a rulebook: its id, its title, what it rests on."""
    rows = (
        (Text(rule.id, "cyan"), Text.assemble(rule.title, "  ", (" ".join(rule.cites), "dim")))
        for rule in rulebook.rules
    )
    name = f"{rulebook.name} {rulebook.version}"
    head = Text.assemble((name, "bold"), f": {rulebook.title}, {len(rulebook.rules)} rules\n")
    return screen.render([head, table(("rule", "says"), rows, screen)])


def rule_text(rule: Rule, wording: Wording, screen: Screen) -> str:
    """One rule read aloud, with what it rests on and its examples."""
    return screen.render(_rule(rule, wording, screen))


def _rule(rule: Rule, wording: Wording, screen: Screen) -> Iterator[RenderableType]:
    yield title(rule.id, rule.title)
    yield Text()
    over = [one.id for one in wording.rulebook.rules if rule.id in one.overrides]
    span = rule.place.span
    yield card(
        (
            ("concludes", wording.conclusion(rule.conclusion)),
            ("when", "\n".join(aloud(rule.when, wording).lines())),
            ("requires", _required(rule, wording)),
            ("says", rule.says or ""),
            ("qualified", ", ".join(word.replace("_", " ") for word in rule.qualified)),
            ("in force", _in_force(rule)),
            ("overrides", "\n".join(rule.overrides)),
            ("set aside by", "\n".join(over)),
            ("authority", AUTHORITY[rule.authority]),
            ("note", rule.note or ""),
            ("stands in", near(span.place) if span else ""),
        ),
        screen,
    )
    yield heading("Rests on")
    yield card([(cite, _cited(cite, wording)) for cite in rule.cites], screen)
    if rule.examples:
        yield heading("Examples")
        yield card([(name, _facts(facts)) for name, facts in rule.examples.items()], screen)


def near(place: str) -> str:
    """A place as seen from the current folder, if it is inside it."""
    return place.removeprefix(f"{Path.cwd()}/")


def _required(rule: Rule, wording: Wording) -> str:
    if rule.judged:
        return f"a judgement: {wording.sentence(rule.judged, value=True)}"
    return "\n".join(aloud(rule.that, wording).lines()) if rule.that else ""


def _in_force(rule: Rule) -> str:
    since = f"from {day_words(rule.since.isoformat())}" if rule.since else ""
    until = f"until {day_words(rule.until.isoformat())} (excluded)" if rule.until else ""
    return " ".join(filter(None, (since, until)))


def _cited(cite: str, wording: Wording) -> str:
    passage = wording.rulebook.passages.get(cite)
    return f"{capital(passage.says)}" if passage else wording.citation(cite)


def _facts(facts: Mapping[str, object]) -> str:
    said = ", ".join(f"{name}: {_shown(value)}" for name, value in facts.items())
    return said or "nothing known"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
