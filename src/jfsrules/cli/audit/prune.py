"""`jfsrules audit prune`: delete old decisions; the chain stays, and says so."""

from __future__ import annotations

from pathlib import Path

import click

from jfsrules.cli import shared
from jfsrules.cli.audit import common


@click.command(
    cls=shared.Verb,
    short_help="Delete old decisions; their chain stays.",
    examples=(
        (
            "jfsrules audit prune decisions.db --before 2024-01-01 --archive until-2024",
            "export, then delete",
        ),
    ),
)
@common.a_ledger
@click.option(
    "--before", metavar="DAY", required=True, help="What was logged before that day, as UTC has it."
)
@click.option("--archive", metavar="FOLDER", help="Export what is deleted as a bundle first.")
@common.signing
def prune(ledger: str, before: str, archive: str | None, signing: str | None) -> None:
    """Delete records and documents of old decisions. Their entries stay, so that the chain can
    still be verified, and a new entry says what was deleted.
    """
    from jfsrules.audit import bundles
    from jfsrules.audit.index import beside
    from jfsrules.audit.questions import period
    from jfsrules.audit.retention import prune as delete
    from jfsrules.audit.retention import pruned_places

    day = period(before)[0]
    with common.opened(ledger, write=True, signing=signing) as found:
        if archive:
            bundles.write(Path(archive), bundles.bundle(found, pruned_places(found, day)))
        receipt = delete(found, day)
        count = found.entry(receipt.seq).about["decisions"]
        index = beside(ledger, found.entry(1).ledger)
    for path in (index, *(Path(f"{index}{more}") for more in ("-wal", "-shm"))):
        path.unlink(
            missing_ok=True
        )  # it knows what was let go, and is made again from what is left
    assert isinstance(count, int)
    shared.say(f"entry {receipt.seq}: {common.counted(count)} logged before {day} deleted")
