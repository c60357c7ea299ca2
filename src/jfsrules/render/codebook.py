"""The codebook as Markdown. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from jfsrules.codebook import Ambiguity, Codebook, IndicatorEntry, TermEntry, Vouched
from jfsrules.condition import written
from jfsrules.render.phrases import WHY_UNKNOWN, cited, day_words, listed, spoken
from jfsrules.vocabulary import Type

REASONS: Final = {
    **WHY_UNKNOWN,
    "no_list": "no fact, and no list",
    "list_ended": "a list goes no further",
    "before_list": "no list reaches so far back",
    "no_fact_that_day": "no fact covers the day",
    "date_not_known": "a date is known to a month or a year only",
}
HEAD: Final = """\
# Codebook

What each name means, how it is coded, what it rests on, and where sources disagree. Generated from
`rules/` and `cases/`; `pytest --rewrite` writes it anew.

Facts are vouched for up to {day}. *Unknown* counts partners × dates: {partners} partners on {dates}
dates (each year end since 2004, and that day). A closed list makes absence a certain *no* within
its dates; what only our own search supports, and no source, is told apart.
"""


def codebook_markdown(book: Codebook, partners: int) -> str:
    """The codebook as a page (CommonMark with tables)."""
    return "\n".join(_lines(book, partners)).strip("\n") + "\n"


def _lines(book: Codebook, partners: int) -> Iterator[str]:
    yield HEAD.format(
        day=day_words(book.knowledge_date.isoformat()), partners=partners, dates=book.dates
    )
    yield from ("## Groups", "")
    for group in book.groups:
        yield from _term(group)
    yield from ("## Indicators", "")
    for one in book.indicators:
        yield from _indicator(one)
    yield from ("## Instruments", "")
    states = listed(f"`{value}`" for value in book.instruments[0].indicator.type.values)
    yield from (f"The state of an instrument is one of {states}.", "")
    for one in book.instruments:
        yield from _indicator(one, instrument=True)
    yield from ("## Focus areas", "", "| focus area | definition | rules |", "|---|---|---|")
    for area in book.focus_areas:
        rules = "; ".join(_rules(area))
        yield f"| {area.title} (`{area.id}`) | {area.definition or ''} | {rules} |"


def _term(term: TermEntry) -> Iterator[str]:
    yield from (f"### {term.title} (`{term.id}`)", "")
    yield f"- definition: {term.definition or 'none'}"
    yield f"- rules: {'; '.join(_rules(term))}"
    for name, partners in term.partners.items():
        yield f"- partners on the latest day under `{name}`: {len(partners)} ({' '.join(partners)})"
    yield ""


def _rules(term: TermEntry) -> Iterator[str]:
    for name, rules in term.rules.items():
        if rules:
            yield f"{name}: {', '.join(f'`{rule}`' for rule in rules)}"


def _indicator(one: IndicatorEntry, *, instrument: bool = False) -> Iterator[str]:
    indicator = one.indicator
    yield from (f"### {indicator.title} (`{indicator.id}`)", "")
    if not instrument:
        yield f"- type: {_type(indicator.type)}"
    if indicator.definition:
        yield f"- definition: {indicator.definition.strip()}"
    if indicator.coding:
        yield f"- coding: {indicator.coding.strip()}"
    if indicator.judged:
        yield "- sources: none; a judgement that only a person can state"
    else:
        yield f"- sources: {_sources(one)}"
        yield from (f"- vouched: {_vouched(v, indicator.id)}" for v in one.vouched)
        if not one.vouched:
            yield "- vouched: no closed list; where there is no fact it is unknown"
        yield f"- unknown: {_unknown(one)}"
    readers = [_count(len(one.read_by), "rule")] if one.read_by else []
    readers += ["the table of scope"] if one.read_by_scope else []
    readers += ["the table of advice"] if instrument else []
    yield f"- read by: {listed(readers) if readers else 'no rule'}"
    if one.ambiguous:
        yield "- sources disagree:"
        yield from (f"  - {_ambiguity(a)}" for a in one.ambiguous)
    yield ""


def _type(type_: Type) -> str:
    return "flag" if type_.kind == "flag" else str(type_)


def _sources(one: IndicatorEntry) -> str:
    sources = one.sources
    if not sources.facts:
        return "no fact"
    words = f"{_count(sources.facts, 'fact')} on {_count(sources.partners, 'partner')}, {_count(sources.documents, 'document')}"
    return f"{words}; the newest: {cited(sources.newest)}" if sources.newest else words


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _vouched(one: Vouched, indicator: str) -> str:
    since, until = day_words(one.since.isoformat()), day_words(one.until.isoformat())
    about = "" if one.atom == indicator else f" (`{one.atom.partition('.')[2]}`)"
    words = f"whoever is not listed is `{one.absent}`{about}, from {since}"
    if one.by_source is None:
        return f"{words} to {until}, by our own search alone"
    source = day_words(one.by_source.isoformat())
    if one.by_source == one.until:
        return f"{words} to {until}, by a source"
    return f"{words} to {source} by a source, to {until} by our own search"


def _unknown(one: IndicatorEntry) -> str:
    reasons = sorted(one.unknown.reasons.items(), key=lambda r: (-r[1], r[0]))
    total = sum(one.unknown.reasons.values())
    if not total:
        return "never"
    told = "; ".join(f"{number} because {REASONS.get(why, spoken(why))}" for why, number in reasons)
    return f"{total} of {one.unknown.looked_at} ({told})"


def _ambiguity(one: Ambiguity) -> str:
    fact = one.reading
    value = fact.atom.partition(".")[2] or written(fact.value)
    taken = f"{one.partner}: read as `{value}` from {day_words(str(fact.since))}"
    taken += f" until {day_words(str(fact.until))}" if fact.until else ""
    return f"{taken}; {_joined(one.disputed)}"


def _joined(sentences: Iterable[str]) -> str:
    return "; ".join(f"disputed: {sentence.rstrip('.')}" for sentence in sentences)
