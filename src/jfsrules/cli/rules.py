"""`jfsrules rules`: the rules of a rulebook, and one of them read aloud."""

from __future__ import annotations

import click

from jfsrules.cli import shared


@click.command(
    cls=shared.Verb,
    short_help="List the rules, or read one aloud.",
    examples=(
        ("jfsrules rules", "every rule of the page"),
        ("jfsrules rules geo-n3-mobility-partnership", "one rule, read aloud"),
        ("jfsrules rules --rulebook my-rules", "the rules in a folder of your own"),
    ),
)
@click.argument("rule", required=False, metavar="[RULE]")
@shared.as_rulebook
@shared.as_format("text", "json")
def rules(rule: str | None, rulebook: str, form: str) -> None:
    """List the rules of a rulebook.

    With RULE (an id) read that rule aloud: when it applies, what it concludes, and on which words
    it rests.
    """
    from jfsrules.loading import load_rulebook

    book = load_rulebook(rulebook)
    one = book.rules_by_id[shared.chosen(rule, book.rules_by_id, "rule")] if rule else None
    if form == "json":
        shared.say_json(shared.plainly(one or book.rules))
        return
    from jfsrules.render.rules import rule_text, rules_text
    from jfsrules.render.words import Wording

    screen = shared.screen()
    shared.say(rule_text(one, Wording.of(book), screen) if one else rules_text(book, screen))
