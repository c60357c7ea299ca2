"""`jfsrules audit replay`: decide again, with the engine that did not decide."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import click

from jfsrules.cli import shared
from jfsrules.cli.audit import common

if TYPE_CHECKING:
    from jfsrules.audit import Ledger
    from jfsrules.audit.bundles import At
    from jfsrules.audit.replaying import Replay

MOST_LINES: Final = 20


@click.command(
    cls=shared.Verb,
    short_help="Decide again, with the other engine.",
    examples=(
        ("jfsrules audit replay decisions.db", "everything"),
        ("jfsrules audit replay decisions.db 2 7.120", "two decisions"),
        ("jfsrules audit replay decisions.db --partner MD --limit 100", "the last of one partner"),
    ),
)
@common.a_ledger
@click.argument("places", metavar="[AT]...", nargs=-1)
@common.asking
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(0),
    default=0,
    help="At most so many, the newest first.",
)
@click.option(
    "--engine",
    type=click.Choice(("rete", "reference", "compiled")),
    help="Which engine decides; the other one if left out.",
)
@shared.as_format("text", "json")
@click.pass_context
def replay(
    ctx: click.Context,
    /,
    ledger: str,
    places: tuple[str, ...],
    limit: int,
    engine: str | None,
    form: str,
    **asked: Any,
) -> None:
    """Decide again from the rulebook and facts that are kept, and check each step by itself.

    Exit 1 where other bytes come out, or a step does not follow.
    """
    from jfsrules.audit.replaying import Replayer

    count, wrong = 0, []
    with _chosen(ledger, places, limit, asked) as (found, chosen):
        replayer = Replayer(found, engine)
        for place in chosen:
            one = replayer.replay(place)
            count += 1
            if not one.same:
                wrong.append(one)
                if form == "text":
                    shared.say(common.lines(_lines(one)))
    if form == "json":
        shared.say_json({"replayed": count, "differ": [_plainly(one) for one in wrong]})
    else:
        shared.say(f"{common.counted(count)} replayed, {len(wrong):,} differ")
    ctx.exit(1 if wrong else 0)


def _chosen(ledger: str, places: tuple[str, ...], limit: int, asked: dict[str, Any]) -> Any:
    from contextlib import contextmanager

    from jfsrules.audit.bundles import At

    @contextmanager
    def chosen() -> Iterator[tuple[Ledger, Iterator[At]]]:
        if places:
            with common.opened(ledger) as found:
                yield found, iter([At.read(place) for place in places])
            return
        if not any(asked.values()):
            with common.opened(ledger) as found:
                among = common.everything(found)
                yield found, islice(among, limit) if limit else among
            return
        with common.indexed(ledger) as (found, index):
            question = common.question(asked)
            among = index.find(question.groups(index), question.between()).places
            yield found, islice(among, limit) if limit else among

    return chosen()


def _lines(one: Replay) -> Iterator[str]:
    record = one.record
    yield f"{one.at} {record['partner']} {record['as_of']}: logged by {record['engine']}, replayed by {one.engine}"
    if one.broken:
        yield f"  does not follow: {one.broken}"
    for difference in one.differences[:MOST_LINES]:
        yield f"  {difference.path}: logged {difference.one}, now {difference.other}"
    more = len(one.differences) - MOST_LINES
    if more > 0:
        yield f"  and {more:,} more"


def _plainly(one: Replay) -> dict[str, Any]:
    return {
        "at": str(one.at),
        "partner": one.record["partner"],
        "as_of": one.record["as_of"],
        "engine": one.engine,
        "broken": one.broken,
        "differences": [difference._asdict() for difference in one.differences],
    }
