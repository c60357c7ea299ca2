"""`jfsrules audit verify`: is a ledger, or a bundle, as it was logged?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jfsrules.cli import shared
from jfsrules.cli.audit import common

if TYPE_CHECKING:
    from jfsrules.audit.signing import PublicKey

LONGEST_NAME: Final = 4096


@click.command(
    cls=shared.Verb,
    short_help="Check a ledger or a bundle.",
    examples=(
        ("jfsrules audit verify decisions.db --key audit.pub", "a ledger that is signed"),
        ("jfsrules audit verify decisions.db --unsigned", "one that is not"),
        (
            "jfsrules audit verify decisions.db --key audit.pub --head head.json",
            "was nothing cut off?",
        ),
        ("jfsrules audit verify bundle --key audit.pub", "decisions that were exported"),
    ),
)
@click.argument("ledger", metavar="LEDGER|BUNDLE")
@common.by_keys
@click.option(
    "--head", metavar="HEAD|FILE", help="A head kept elsewhere, that `audit head` printed or wrote."
)
@click.option("--unsigned", is_flag=True, help="Do not check signatures, and say so.")
@shared.as_format("text", "json")
@click.pass_context
def verify(
    ctx: click.Context,
    ledger: str,
    keys: tuple[str, ...],
    head: str | None,
    unsigned: bool,
    form: str,
) -> None:
    """Check the chain, every digest, proof and signature; name the first entry that is broken.

    A bundle is checked by the verifier that travels with it. Exit 0: all of it is whole; 1: not.
    """
    from jfsrules.audit.signing import load_public_keys

    if unsigned and keys:
        raise click.UsageError("`--key` asks for signatures to be checked, and `--unsigned` not to")
    public = () if unsigned else load_public_keys(keys)
    found = _bundle(ledger)
    told = (
        _of_bundle(found, public, head, unsigned)
        if found
        else _of_ledger(ledger, public, head, unsigned)
    )
    if form == "json":
        shared.say_json(told)
    else:
        _text(ledger, told)
    ctx.exit(0 if told["whole"] else 1)


def _bundle(name: str) -> Path | None:
    """The file of a bundle, where a name leads to one."""
    from jfsrules.audit.bundles import BUNDLE
    from jfsrules.errors import LedgerError

    path = Path(name)
    if (path / BUNDLE).is_file():
        return path / BUNDLE
    if not path.is_file():
        return None
    try:
        with path.open("rb") as opened:
            begins = opened.read(6)
    except OSError as error:
        raise LedgerError(f"`{name}` cannot be read: {(error.strerror or '').lower()}") from None
    if begins[:1] not in (b"{", b"S", b""):
        raise LedgerError(f"`{name}` is neither a ledger nor a bundle")
    return None if begins == b"SQLite" else path


def _of_ledger(
    ledger: str, keys: tuple[PublicKey, ...], head: str | None, unsigned: bool
) -> dict[str, Any]:
    from jfsrules.audit.verification import verify as check

    with common.opened(ledger) as found:
        report = check(found, keys, _head(head), unsigned=unsigned)
    return {
        "whole": report.whole,
        "head": str(report.head) if report.head else None,
        "entries": report.entries,
        "decisions": report.decisions,
        "documents": report.documents,
        "signatures": report.signed,
        "faults": [{"entry": fault.seq or None, "says": fault.says} for fault in report.faults],
        "notes": list(report.notes),
    }


def _of_bundle(
    path: Path, keys: tuple[PublicKey, ...], head: str | None, unsigned: bool
) -> dict[str, Any]:
    from jfsrules.audit.standalone import verify_bundle as verifier
    from jfsrules.errors import LedgerError

    kept = _head(head)
    told: dict[str, Any] = {"whole": True, "faults": [], "notes": []}
    try:
        raw = verifier.read(str(path))
        told["notes"] = verifier.check(
            raw,
            [key.raw for key in keys],
            (kept.seq, kept.hash) if kept else None,
            signatures=not unsigned,
            verifies=verifier.ed25519(),
        )
    except verifier.Broken as error:
        told |= {"whole": False, "faults": [{"entry": None, "says": str(error)}]}
    except verifier.Unreadable as error:
        raise LedgerError(f"`{path}` cannot be checked: {error}") from None
    except OSError as error:
        raise LedgerError(f"`{path}` cannot be read: {(error.strerror or '').lower()}") from None
    else:
        told |= _counted(raw)
    return told


def _counted(raw: bytes) -> dict[str, Any]:
    """What a bundle that is whole holds."""
    import json

    bundle = json.loads(raw)
    signed = sum(len(link["signatures"]) for link in bundle["links"])
    return {
        "head": f"{bundle['head']['seq']}:{bundle['head']['hash']}",
        "entries": len(bundle["links"]),
        "decisions": len(bundle["decisions"]),
        "documents": len(bundle["contents"]),
        "signatures": signed,
    }


def _head(named: str | None) -> Any:
    """The head of a text, or of a file that `audit head -o` wrote."""
    from jfsrules.audit.ledger import Head
    from jfsrules.audit.signing import head_of_envelope

    if named is None:
        return None
    if len(named) < LONGEST_NAME and Path(named).exists():
        return head_of_envelope(named)
    return Head.read(named)


def _text(name: str, told: dict[str, Any]) -> None:
    counted = common.counts(told)
    lines = [f"{name}: {counted}" if counted else name]
    broken = next((fault["entry"] for fault in told["faults"] if fault["entry"]), None)
    lines += [f"  first broken entry: {broken}"] if broken else []
    lines += [f"  fault: {fault['says']}" for fault in told["faults"]]
    lines += [f"  note: {note}" for note in told["notes"]]
    if any("no public key was given" in fault["says"] for fault in told["faults"]):
        lines.append(
            "  help: name it with `--key FILE`; with `--unsigned` the rest is checked without"
        )
    lines.append("whole" if told["whole"] else "NOT whole")
    if told.get("head"):
        lines.append(f"head {told['head']}")
    shared.say(common.lines(lines))
