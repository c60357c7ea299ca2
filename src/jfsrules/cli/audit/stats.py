"""`jfsrules audit stats`: how often rules fired, and tiers and advice came out, over time."""

from __future__ import annotations

from typing import Any

import click

from jfsrules.cli import shared
from jfsrules.cli.audit import common


@click.command(
    cls=shared.Verb,
    short_help="Count rules, tiers or advice over time.",
    examples=(
        ("jfsrules audit stats decisions.db", "each rule, by month of logging"),
        ("jfsrules audit stats decisions.db --by tier --over year", "tiers, by year"),
    ),
)
@common.a_ledger
@common.asking
@click.option(
    "--by",
    type=click.Choice(("rule", "tier", "advice")),
    default="rule",
    show_default=True,
    help="What to count.",
)
@click.option(
    "--over",
    type=click.Choice(("year", "month", "day")),
    default="month",
    show_default=True,
    help="The length of a period.",
)
@shared.as_format("text", "json")
def stats(ledger: str, by: str, over: str, form: str, **asked: Any) -> None:
    """Count what became of each rule, or each tier or advice, in each period of logging."""
    from jfsrules.audit.questions import statistics

    with common.indexed(ledger) as (_, index):
        rows = list(statistics(index, common.question(asked), by, over))
    if form == "json":
        shared.say_json(rows)
        return
    from jfsrules.render.card import table

    screen = shared.screen()
    names = ("logged", "decisions", *(("kind",) if by == "rule" else ()), by)
    cells = [[str(row[name]) for name in names] for row in rows]
    shared.say(screen.render([table(names, cells, screen)] if rows else ["no decisions\n"]))
