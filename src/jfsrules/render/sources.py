"""Citations and passages as listings and cards: where a claim comes from."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from jfsrules.citation import Citation, Passage
from jfsrules.render.card import card, heading, table, title
from jfsrules.render.phrases import cited, day_words
from jfsrules.render.screen import Screen
from jfsrules.rulebook import Rule


def sources_text(passages: Iterable[Passage], citations: Iterable[Citation], screen: Screen) -> str:
    """Every clause of the page and every document, by key."""
    clauses = ((Text(passage.id, "cyan"), passage.says) for passage in passages)
    documents = ((Text(one.id, "cyan"), cited(one)) for one in citations)
    return screen.render(
        [
            table(("passage", "what the page says there, in our words"), clauses, screen),
            Text(),
            table(("key", "document"), documents, screen),
        ]
    )


def passage_text(passage: Passage, rules: Iterable[Rule], screen: Screen) -> str:
    """One clause of the page: our paraphrase, where it stands, and the rules that carry it."""
    rows = (
        ("heading", passage.heading),
        ("modality", passage.modality or ""),
        ("no rule", passage.frame or ""),
        ("stands at", f"characters {passage.start} to {passage.end} of the page"),
        ("digest", passage.digest),
    )
    return screen.render(
        [title(passage.id, passage.says), Text(), card(rows, screen), *_rules(rules, screen)]
    )


def citation_text(citation: Citation, rules: Iterable[Rule], screen: Screen) -> str:
    """One document: publisher, date, where to look in it, and the rules that cite it."""
    rows = (
        ("publisher", citation.publisher or ""),
        ("date", day_words(citation.date) if citation.date else ""),
        ("locator", citation.locator or ""),
        ("address", citation.address or ""),
        ("note", citation.note or ""),
    )
    return screen.render(
        [title(citation.id, citation.document), Text(), card(rows, screen), *_rules(rules, screen)]
    )


def _rules(rules: Iterable[Rule], screen: Screen) -> list[RenderableType]:
    rows = [(Text(rule.id, "cyan"), rule.title) for rule in rules]
    return [heading("Cited by"), table(("rule", "says"), rows, screen)] if rows else []
