"""`jfsrules timeline`: what changed for a partner, when, and by which act."""

from __future__ import annotations

from typing import Any

import click

from jfsrules.cli import shared


@click.command(
    cls=shared.Verb,
    short_help="Show what changed when, and by which act.",
    examples=(
        ("jfsrules timeline MD", "everything since 2004"),
        ("jfsrules timeline UA --from 2022-01-01 --only tier", "one line, from a day on"),
        ("jfsrules timeline BY --only track:visa_facilitation_agreement", "one instrument"),
    ),
)
@click.argument("partner", metavar="PARTNER|FILE")
@click.option("--from", "since", metavar="DAY", help="The first day; 2004-01-01 if left out.")
@click.option("--until", metavar="DAY", help="The last day; the knowledge date if left out.")
@click.option(
    "--only",
    metavar="LINE",
    multiple=True,
    help="Keep `tier`, `scope`, `group`, `track`, or one such as `track:mobility_partnership`. Repeatable.",
)
@shared.as_trust
@shared.as_rulebook
@shared.as_format("text", "json", "md")
def timeline(
    partner: str,
    since: str | None,
    until: str | None,
    only: tuple[str, ...],
    trust: Any,
    rulebook: str,
    form: str,
) -> None:
    """Show every change of scope, tier, groups and tracks of PARTNER, with the act behind it.

    PARTNER is a two-letter code such as MD (XK for Kosovo); FILE is a dossier. A date that is not
    known to the day shows as a time of doubt, from the first day it may be to the last.
    """
    from jfsrules import loading
    from jfsrules import timeline as lines

    book = loading.load_rulebook(rulebook)
    days = [loading.read_as_of(day) if day else None for day in (since, until)]
    dossier = loading.load_dossier(partner, book.vocabulary)
    told = lines.timeline(
        dossier, since=days[0], until=days[1], rulebook=book, only=only, trust=trust
    )
    if form == "json":
        shared.say_json(told.to_json())
        return
    from jfsrules.render.history import history, history_markdown, history_text
    from jfsrules.render.words import Wording

    shown = history(told, Wording.of(book, dossier, loading.load_lists(book.vocabulary)))
    if form == "md":
        shared.say(history_markdown(shown))
    else:
        shared.say(history_text(shown, shared.screen()))
