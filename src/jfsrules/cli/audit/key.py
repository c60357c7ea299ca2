"""`jfsrules audit key`: make a key; change which keys sign a ledger."""

from __future__ import annotations

from pathlib import Path

import click

from jfsrules.cli import shared
from jfsrules.cli.audit import common


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    short_help="Make a key, or change those that sign.",
)
def key() -> None:
    """Keys are Ed25519, in PEM. A ledger made with JFSRULES_SIGNING_KEY or `--sign-with` is signed
    from its first entry on."""


@key.command(
    cls=shared.Verb,
    short_help="Make a new key.",
    examples=(("jfsrules audit key new audit", "writes audit.key and audit.pub"),),
)
@click.argument("name", metavar="FILE")
def new(name: str) -> None:
    """Make a key: FILE.key is private and stays with who signs; FILE.pub is for who verifies."""
    from jfsrules.audit.signing import new_signer, write_keys

    signer = new_signer()
    private, public = write_keys(signer, Path(name))
    shared.say(
        f"{private}: private, for who signs\n{public}: public, for who verifies\nkey {signer.public.keyid}"
    )


@key.command(
    cls=shared.Verb,
    short_help="Change which keys sign from now on.",
    examples=(
        ("jfsrules audit key change decisions.db new.pub --sign-with old.key", "rotate"),
        ("jfsrules audit key change decisions.db audit.pub --sign-with audit.key", "begin to sign"),
    ),
)
@common.a_ledger
@click.argument("keys", metavar="FILE...", nargs=-1, required=True)
@common.signing
def change(ledger: str, keys: tuple[str, ...], signing: str | None) -> None:
    """State the public keys that sign LEDGER from now on, signed by a key that signs until now."""
    from jfsrules.audit.signing import load_public_keys

    public = load_public_keys(keys)
    with common.opened(ledger, write=True, signing=signing) as found:
        receipt = found.change_keys(public)
    named = ", ".join(one.keyid for one in public)
    shared.say(f"entry {receipt.seq}: signed from now on by {named}")
