"""`jfsrules cite`: where claims come from, and whether the page is still the one that was read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jfsrules.cli import shared

if TYPE_CHECKING:
    from jfsrules.citation import Citation, Passage
    from jfsrules.rulebook import Rulebook


@click.command(
    cls=shared.Verb,
    short_help="List the sources, show one, or check the page.",
    examples=(
        ("jfsrules cite", "every clause of the page, and every document"),
        ("jfsrules cite GEO-N3", "one clause, and the rules that carry it"),
        ("jfsrules cite --against page.txt", "is this copy of the page the one we read?"),
    ),
)
@click.argument("key", required=False, metavar="[KEY]")
@click.option(
    "--against",
    metavar="FILE",
    help="Check the digest of every clause against a copy of the page, as plain text.",
)
@shared.as_rulebook
@shared.as_format("text", "json")
def cite(key: str | None, against: str | None, rulebook: str, form: str) -> None:
    """List the sources: clauses of the page, and the documents that rules and facts cite.

    With KEY show one source. A clause is shown in our words; the page's own are not copied.
    """
    from jfsrules.loading import load_rulebook

    book = load_rulebook(rulebook)
    if against is not None:
        if key is not None:
            raise click.UsageError("`--against` checks every clause; leave out the key")
        _check(book, against, form)
    elif key is None:
        _listing(book, form)
    else:
        _one(book, key, form)


def _listing(book: Rulebook, form: str) -> None:
    passages, citations = tuple(book.passages.values()), tuple(book.citations.values())
    if form == "json":
        sources = {"passages": passages, "documents": citations}
        shared.say_json(shared.plainly(sources))
        return
    from jfsrules.render.sources import sources_text

    shared.say(sources_text(passages, citations, shared.screen()))


def _one(book: Rulebook, key: str, form: str) -> None:
    source = _source(book, key)
    rules = tuple(rule for rule in book.rules if source.id in rule.cites)
    if form == "json":
        named = [rule.id for rule in rules]
        shared.say_json({**shared.plainly(source), "cited_by": named})
        return
    from jfsrules.citation import Passage
    from jfsrules.render.sources import citation_text, passage_text

    screen = shared.screen()
    if isinstance(source, Passage):
        shared.say(passage_text(source, rules, screen))
    else:
        shared.say(citation_text(source, rules, screen))


def _source(book: Rulebook, key: str) -> Passage | Citation:
    """A source of the rulebook, of a closed list, or of a fact in some dossier."""
    known: dict[str, Passage | Citation] = {**book.citations, **book.passages}
    if key not in known and key.upper() not in known:
        from jfsrules.loading import load_lists

        known |= load_lists(book.vocabulary).citations
        if key not in known:
            known |= _in_dossiers(key, book)
    return known[shared.chosen(key, known, "citation")]


def _in_dossiers(key: str, book: Rulebook) -> Mapping[str, Citation]:
    """The citations of the first dossier whose file mentions a fact of that name."""
    from jfsrules.loading import dossier_codes, load_dossier
    from jfsrules.shipped import shipped

    codes = dossier_codes()
    named = key.partition(".")[0]
    likely = (
        [named]
        if named in codes
        else [
            code
            for code in codes
            if key in shipped("cases", "partners", f"{code}.yaml").read_text("utf-8")
        ]
    )
    for code in likely:
        citations = load_dossier(code, book.vocabulary).citations
        if key in citations:
            return citations
    return {}


def _check(book: Rulebook, against: str, form: str) -> None:
    from jfsrules.loading.reading import read_words

    page = read_words(Path(against))
    strangers = [passage for passage in book.passages.values() if not passage.matches(page)]
    rows = [(passage, passage.stands_at(page)) for passage in strangers]
    if form == "json":
        shared.say_json(
            {
                "passages": len(book.passages),
                "mismatches": [
                    {"id": p.id, "start": p.start, "end": p.end, "stands_at": at} for p, at in rows
                ],
            }
        )
    for passage, at in rows if form == "text" else ():
        moved = f"; they stand at {at[0]} to {at[1]}" if at else ", nor anywhere else"
        place = f"characters {passage.start} to {passage.end}"
        shared.say(f"{passage.id}: the words we read are not at {place}{moved}")
    if form == "text":
        agreeing = len(book.passages) - len(rows)
        shared.say(f"{agreeing} of {len(book.passages)} clauses agree with `{against}`")
    if rows:
        click.get_current_context().exit(1)
