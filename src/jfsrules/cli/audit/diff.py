"""`jfsrules audit diff`: two logged decisions, and what made them differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from jfsrules.cli import shared
from jfsrules.cli.audit import common

if TYPE_CHECKING:
    from jfsrules.audit.comparing import Compared


@click.command(
    cls=shared.Verb,
    short_help="Compare two decisions.",
    examples=(
        ("jfsrules audit diff decisions.db 2 5", "facts, rules, and what moved for which cause"),
    ),
)
@common.a_ledger
@click.argument("one", metavar="AT")
@click.argument("other", metavar="AT")
@shared.as_format("text", "json")
@click.pass_context
def diff(ctx: click.Context, ledger: str, one: str, other: str, form: str) -> None:
    """Compare two decisions: their facts, their rules, and their conclusions by cause.

    Exit 1 where something differs.
    """
    from jfsrules.audit.bundles import At
    from jfsrules.audit.comparing import compare

    with common.opened(ledger) as found:
        compared = compare(found, At.read(one), At.read(other))
    if form == "json":
        shared.say_json(compared.to_json())
    else:
        shared.say(common.lines(_lines(compared)))
    ctx.exit(0 if compared.same else 1)


def _lines(compared: Compared) -> Iterator[str]:
    for at, decision in zip(compared.places, compared.decisions, strict=True):
        book = decision.rulebook
        yield f"{at}: {decision.partner.name}, {decision.as_of}, {book.name} {book.version}, {decision.engine}"
    if compared.same:
        yield "nothing differs"
        return
    yield ""
    yield "facts" if compared.facts else "the facts are the same"
    for fact in compared.facts:
        yield f"  {fact.name}: {_value(fact.one)} → {_value(fact.other)}"
    if compared.rules:
        yield ""
        yield "rules"
        for rule in compared.rules:
            yield f"  {rule.name} {_became(rule.one, rule.other)}"
    for cause in compared.causes:
        yield ""
        yield f"because of {_cause(*cause.because)}"
        for line in cause.lines:
            one, other = map(_value, line.values)
            yield f"  {line.about} {line.field}: {one} → {other}"


def _cause(before: Sequence[str], after: Sequence[str]) -> str:
    """The steps at which two answers part."""
    one, other = ", ".join(before), ", ".join(after)
    if one and other:
        return one if one == other else f"{one} → {other}"
    return f"{one}, which only the first rests on" if one else _only_after(other)


def _only_after(steps: str) -> str:
    return f"{steps}, which only the second rests on" if steps else "no step that either names"


def _became(one: Any, other: Any) -> str:
    if one is None:
        return "was added"
    return "was taken out" if other is None else "was changed"


def _value(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
