"""`jfsrules audit`: the ledger of decisions, one verb a file."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Final

import click

from jfsrules.cli import shared

VERBS: Final[Mapping[str, str]] = {
    "log": "List decisions, by what stands in them.",
    "show": "Show one decision, with its entry.",
    "verify": "Check a ledger or a bundle.",
    "replay": "Decide again, with the other engine.",
    "diff": "Compare two decisions.",
    "stats": "Count rules, tiers or advice over time.",
    "export": "Take decisions out, with all it takes to verify them.",
    "head": "Print where the ledger stands.",
    "key": "Make a key, or change those that sign.",
    "prune": "Delete old decisions; their chain stays.",
}
EXAMPLES: Final[shared.Examples] = (
    ("jfsrules decide MD --log decisions.db", "append a decision"),
    ("jfsrules audit log decisions.db --partner MD", "which there are"),
    ("jfsrules audit verify decisions.db --unsigned", "is all of it as it was logged?"),
    ("jfsrules audit export decisions.db 2 -o bundle", "for somebody who does not trust us"),
)


class Verbs(click.Group):
    """A group whose verbs are imported when they are called, and not before."""

    context_class = shared.Context

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the verbs, in the order of the help page."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one verb."""
        if cmd_name not in VERBS:
            return None
        verb: click.Command = getattr(import_module(f"jfsrules.cli.audit.{cmd_name}"), cmd_name)
        return verb

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples."""
        shared.write_examples(EXAMPLES, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb that is called; say which is nearest where there is none."""
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            near = get_close_matches(name, VERBS, n=1)
            more = f"; did you mean `{near[0]}`?" if near else ""
            ctx.fail(f"there is no command `{name}`{more}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Verbs, invoke_without_command=True, short_help="Look into the ledger of decisions."
)
@click.pass_context
def audit(ctx: click.Context) -> None:
    """Look into the ledger of decisions: what was decided, and is it still as it was?

    A LEDGER is a file that `--log` made, or an address such as postgresql://host/database.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
