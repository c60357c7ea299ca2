"""`jfsrules new`: commented templates to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from jfsrules.cli import shared


@click.group(short_help="Write a commented template.", invoke_without_command=True)
@click.pass_context
def new(ctx: click.Context) -> None:
    """Write a commented template to begin with."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@new.command(
    cls=shared.Verb,
    short_help="Write a profile: your own facts on one partner.",
    examples=(
        ("jfsrules new profile > profile.yaml", "everything one may state, to fill in"),
        ("jfsrules new profile MD -o moldova.yaml", "what is known of Moldova, to change"),
    ),
)
@click.argument("partner", required=False, metavar="[PARTNER]")
@shared.as_day
@click.option("-o", "--output", metavar="FILE", help="Write to a file, which must not exist yet.")
def profile(partner: str | None, as_of: str | None, output: str | None) -> None:
    """Write a profile in YAML with every indicator, its type and the values it takes.

    With PARTNER (a code such as MD) what its dossier makes known on the day is filled in.
    """
    from jfsrules import deciding, loading
    from jfsrules.render.template import profile_template

    book = loading.load_rulebook(shared.DEFAULT_RULEBOOK)
    day = loading.read_as_of(as_of) if as_of else loading.knowledge_date()
    known = deciding.profile_of(partner, day, book) if partner else None
    words = profile_template(book.vocabulary, day, known)
    if output is None:
        shared.say(words)
        return
    try:
        with Path(output).open("x", encoding="utf-8") as opened:
            opened.write(words)
    except FileExistsError:
        raise click.BadParameter(f"`{output}` exists already", param_hint="--output") from None
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        say = f"`{output}` cannot be written: {reason}"
        raise click.BadParameter(say, param_hint="--output") from None
    click.echo(f"wrote {output}; decide on it with: jfsrules decide {output}", err=True)
