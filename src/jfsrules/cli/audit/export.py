"""`jfsrules audit export`: decisions taken out of a ledger, for others to verify or to read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jfsrules.cli import shared
from jfsrules.cli.audit import common

if TYPE_CHECKING:
    from jfsrules.audit import Ledger
    from jfsrules.audit.bundles import At


@click.command(
    cls=shared.Verb,
    short_help="Take decisions out, with all it takes to verify them.",
    examples=(
        (
            "jfsrules audit export decisions.db 2 -o bundle",
            "a folder with a bundle and its verifier",
        ),
        (
            "python3 bundle/verify_bundle.py bundle/bundle.json --key audit.pub",
            "what others do with it",
        ),
        ("jfsrules audit export decisions.db --partner MD -o moldova", "everything on one partner"),
        ("jfsrules audit export decisions.db 2 --as prov-rdf", "W3C PROV, as Turtle"),
    ),
)
@common.a_ledger
@click.argument("places", metavar="[AT]...", nargs=-1)
@common.asking
@click.option(
    "--as",
    "form",
    type=click.Choice(("bundle", "dsse", "prov-json", "prov-rdf")),
    default="bundle",
    show_default=True,
    help="What is written: a bundle, the signed entry alone, or the provenance.",
)
@click.option(
    "-o", "--output", metavar="FOLDER|FILE", help="Where to; a bundle goes into a folder."
)
def export(
    ledger: str, places: tuple[str, ...], form: str, output: str | None, **asked: Any
) -> None:
    """Take decisions out of LEDGER: those named by AT, or all that fit the options.

    A bundle holds the decisions, their rulebooks, facts and sources, the links of the chain up to
    the head, inclusion proofs and signatures; beside it lies a program that checks all of it
    with nothing but Python.
    """
    from jfsrules.audit import bundles

    with _places(ledger, places, asked) as (found, chosen):
        if form == "bundle":
            if output is None:
                raise click.UsageError("a bundle goes into a folder: name it with `-o FOLDER`")
            bundles.write(Path(output), bundles.bundle(found, chosen))
            shared.say(f"{output}: {common.counted(len(chosen))}, and {bundles.VERIFIER}")
            return
        words = _one(found, chosen, form)
    if output is None:
        shared.say(words)
    else:
        bundles.write_text(Path(output), words)


def _places(ledger: str, places: tuple[str, ...], asked: dict[str, Any]) -> Any:
    from collections.abc import Iterator
    from contextlib import contextmanager

    from jfsrules.audit.bundles import At

    @contextmanager
    def chosen() -> Iterator[tuple[Ledger, list[At]]]:
        if places:
            with common.opened(ledger) as found:
                yield found, [At.read(place) for place in places]
            return
        if not any(asked.values()):
            raise click.UsageError(
                "say which decisions: name them, as `2` or `7.120`, or give an option"
            )
        with common.indexed(ledger) as (found, index):
            question = common.question(asked)
            yield found, list(index.find(question.groups(index), question.between()).places)

    return chosen()


def _one(ledger: Ledger, places: list[At], form: str) -> str:
    from jfsrules.audit.provenance import prov_json, prov_turtle, provenance
    from jfsrules.audit.signing import envelope_of

    if len(places) != 1:
        raise click.UsageError(f"`--as {form}` takes one decision, and here are {len(places)}")
    if form == "dsse":
        return json.dumps(envelope_of(ledger, places[0].seq), indent=2) + "\n"
    graph = provenance(ledger, places[0])
    if form == "prov-rdf":
        return prov_turtle(graph)
    return json.dumps(prov_json(graph), indent=2, ensure_ascii=False) + "\n"
