"""`jfsrules partners`: whom there is a dossier on, and what it holds."""

from __future__ import annotations

import click

from jfsrules.cli import shared


@click.command(
    cls=shared.Verb,
    short_help="List the partners, or show one dossier.",
    examples=(
        ("jfsrules partners", "every partner, with its tier on the latest day"),
        ("jfsrules partners --as-of 2014-06-27", "with its tier on another day"),
        ("jfsrules partners MD", "the facts on Moldova, with their sources"),
    ),
)
@click.argument("partner", required=False, metavar="[PARTNER]")
@shared.as_day
@shared.as_rulebook
@shared.as_format("text", "json")
def partners(partner: str | None, as_of: str | None, rulebook: str, form: str) -> None:
    """List the partners there is a dossier on, each with its tier.

    With PARTNER (a code such as MD) show every fact of its dossier: the days on which it holds,
    where it comes from, and how sure that is.
    """
    if partner is None:
        _listing(as_of, rulebook, form)
    elif as_of is not None:
        raise click.UsageError("a dossier is shown with all its days; leave out `--as-of`")
    else:
        _dossier(partner, rulebook, form)


def _listing(as_of: str | None, rulebook: str, form: str) -> None:
    from jfsrules import deciding, loading
    from jfsrules.render.partners import Standing, partners_text
    from jfsrules.render.words import Wording

    book = loading.load_rulebook(rulebook)
    day = loading.read_as_of(as_of) if as_of else loading.knowledge_date()
    standings = []
    for code in loading.dossier_codes():
        decided = deciding.decide(code, day, rulebook=book)
        one = Standing(code, decided.partner.name, decided.tier, decided.groups)
        standings.append(one)
    if form == "json":
        shared.say_json({"as_of": day.isoformat(), "partners": shared.plainly(standings)})
    else:
        shared.say(partners_text(standings, day.isoformat(), Wording.of(book), shared.screen()))


def _dossier(partner: str, rulebook: str, form: str) -> None:
    from jfsrules import loading

    book = loading.load_rulebook(rulebook)
    dossier = loading.load_dossier(partner, book.vocabulary)
    if form == "json":
        shared.say_json(shared.plainly(dossier))
        return
    from jfsrules.render.partners import dossier_text
    from jfsrules.render.words import Wording

    shared.say(dossier_text(dossier, Wording.of(book, dossier), shared.screen()))
