"""`jfsrules audit show`: one decision as it was logged, with its entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from jfsrules.cli import shared
from jfsrules.cli.audit import common

if TYPE_CHECKING:
    from jfsrules.audit import Ledger
    from jfsrules.audit.bundles import At
    from jfsrules.audit.replaying import Replayer
    from jfsrules.decision import Decision
    from jfsrules.render.words import Wording


@click.command(
    cls=shared.Verb,
    short_help="Show one decision, with its entry.",
    examples=(
        ("jfsrules audit show decisions.db 2", "the decision of entry 2"),
        ("jfsrules audit show decisions.db 7.120 --trace", "one of a batch, with its proof"),
    ),
)
@common.a_ledger
@click.argument("at", metavar="AT")
@click.option("--trace", is_flag=True, help="Show the proof of each line, down to the facts.")
@shared.as_format("text", "json", "md")
def show(ledger: str, at: str, trace: bool, form: str) -> None:
    """Show a decision as it was logged. AT is its entry, or its entry and place, as 7.120."""
    from jfsrules.audit.bundles import At
    from jfsrules.audit.documents import as_written
    from jfsrules.audit.reading import decision_from
    from jfsrules.audit.replaying import Replayer

    with common.opened(ledger) as found:
        place = At.read(at)
        replayer = Replayer(found)
        with as_written(f"decision {place}"):
            record, document = replayer.in_full(place)
            decision = decision_from(document(record["decision"]), record["engine"])
            entry = dict(_entry(found, place, record))
            if form == "json":
                told = {"entry": entry, "record": record, "decision": decision.to_json()}
                shared.say_json({"schema": "jfsrules/audit-show/1", **told})
                return
            words = _wording(replayer, record, document)
            _page(decision, words, entry, trace, form)


def _entry(ledger: Ledger, at: At, record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the ledger says of a decision."""
    from jfsrules.audit.entries import hash_of

    entry = ledger.entry(at.seq)
    yield "at", str(at)
    yield "logged", entry.time
    yield "asked_by", record.get("asked_by")
    yield "engine", f"{record['engine']}, jfsrules {record['version']}"
    yield "decision", record["decision"]
    yield "rulebook", record["rulebook"]["digest"]
    yield "profile", record["profile"]
    yield "entry", hash_of(entry.body())
    if "answered" in record:
        yield "row", "kept as a row of a table; the decision was made again from it"
    yield "signed_by", [keyid for _, keyid, _ in ledger.store.signatures_of(at.seq)]


def _wording(
    replayer: Replayer, record: Mapping[str, Any], document: Callable[[str], Mapping[str, Any]]
) -> Wording:
    """The words for a decision, from what the ledger keeps."""
    from jfsrules.audit.documents import citation_from
    from jfsrules.render.words import Wording

    book, profile = replayer.rulebook(record), replayer.profile(record)
    cited = document(record["profile"])["citations"]
    citations = {key: citation_from(document(digest)) for key, digest in cited.items()}
    grounds = profile.grounds.values()
    facts = {fact.id: fact for ground in grounds for fact in ground.facts}
    lists = {g.closed_list.id: g.closed_list for g in grounds if g.closed_list}
    return Wording(book, {**book.citations, **citations}, facts, lists)


def _page(
    decision: Decision, words: Wording, entry: Mapping[str, Any], trace: bool, form: str
) -> None:
    from jfsrules.render.card import card
    from jfsrules.render.page import page

    signed = ", ".join(entry["signed_by"]) or "nobody"
    told = {**entry, "signed_by": signed, "logged": entry["logged"].replace("T", " ")}
    rows = [(name.replace("_", " "), str(value)) for name, value in told.items() if value]
    shown = page(decision, words, "As it was logged; facts as they were known then.", trace)
    if form == "md":
        from jfsrules.render.markdown import markdown

        listed = "\n".join(f"- {name}: {value}" for name, value in rows)
        shared.say(f"{markdown(shown)}\n## Entry\n\n{listed}\n")
        return
    from jfsrules.render.text import text

    screen = shared.screen()
    shared.say(text(shown, screen))
    shared.say("\n" + screen.render([card(rows, screen)]))
