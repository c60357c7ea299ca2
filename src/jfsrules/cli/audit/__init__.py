"""`jfsrules audit`: the ledger of decisions, one verb a file."""

from __future__ import annotations

from collections.abc import Mapping
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


@click.group(
    cls=shared.Verbs,
    package=__name__,
    verbs=VERBS,
    examples=EXAMPLES,
    invoke_without_command=True,
    short_help="Look into the ledger of decisions.",
)
@click.pass_context
def audit(ctx: click.Context) -> None:
    """Look into the ledger of decisions: what was decided, and is it still as it was?

    A LEDGER is a file that `--log` made, or an address such as postgresql://host/database.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
