"""`jfsrules audit head`: where a ledger stands, to be kept elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import click

from jfsrules.cli import shared
from jfsrules.cli.audit import common


@click.command(
    cls=shared.Verb,
    short_help="Print where the ledger stands.",
    examples=(
        ("jfsrules audit head decisions.db", "number and hash of the last entry"),
        ("jfsrules audit head decisions.db -o head.json", "the last entry, with its signatures"),
    ),
)
@common.a_ledger
@click.option("-o", "--output", metavar="FILE", help="Write the last entry as a DSSE envelope.")
def head(ledger: str, output: str | None) -> None:
    """Print the head of LEDGER. Keep it elsewhere: only against it does it show that entries at
    the end were cut off.
    """
    from jfsrules.audit.bundles import write_text
    from jfsrules.audit.signing import envelope_of

    with common.opened(ledger) as found:
        now = found.head()
        if output:
            write_text(Path(output), json.dumps(envelope_of(found, now.seq), indent=2) + "\n")
    shared.say(str(now))
