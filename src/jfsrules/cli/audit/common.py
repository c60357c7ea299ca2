"""What the verbs of `audit` share: options, and how a ledger is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from jfsrules.audit import Ledger
    from jfsrules.audit.bundles import At
    from jfsrules.audit.questions import Question

Command = TypeVar("Command", bound=Callable[..., Any])

a_ledger = click.argument("ledger", metavar="LEDGER")
by_keys = click.option(
    "--key",
    "keys",
    metavar="FILE",
    multiple=True,
    help="A public key to trust. Repeatable; JFSRULES_PUBLIC_KEYS names others.",
)
signing = click.option(
    "--sign-with",
    "signing",
    metavar="FILE",
    help="The private key to sign with; JFSRULES_SIGNING_KEY if left out.",
)


@contextmanager
def opened(ledger: str, *, write: bool = False, signing: str | None = None) -> Iterator[Ledger]:
    """An open ledger, closed again at the end; raises LedgerError."""
    from jfsrules.audit import Ledger
    from jfsrules.audit.signing import load_signer

    signer = load_signer(signing) if write else None
    with Ledger.open(ledger, write=write, signer=signer) as found:
        yield found


def lines(some: Iterable[str]) -> str:
    """Lines with what a ledger holds in them, which can neither move the cursor nor break a line."""
    from jfsrules.render.phrases import harmless

    return "\n".join(harmless(one.replace("\n", " ").replace("\r", " ")) for one in some)


def everything(ledger: Ledger) -> Iterator[At]:
    """Where every decision stands that is kept, the newest first: by the ledger, and no index."""
    from jfsrules.audit.bundles import At

    for seq in range(ledger.head().seq, 0, -1):
        entry = ledger.entry(seq)
        if entry.count and ledger.store.record(seq, 0) is not None:
            count = entry.count
            if entry.kind == "table":
                count = sum(one["count"] for one in ledger.rows.records(seq))
            yield from (At(seq, pos) for pos in reversed(range(count)))


def counted(number: int) -> str:
    """So many decisions, in words.

    >>> counted(1), counted(1200)
    ('1 decision', '1,200 decisions')
    """
    return f"{number:,} decision{'s' if number != 1 else ''}"


def counts(told: Mapping[str, Any]) -> str:
    """How much a ledger or bundle holds, in words.

    >>> counts({"entries": 1, "decisions": 2})
    '1 entry, 2 decisions'
    """
    found = []
    for many in ("entries", "decisions", "documents", "signatures"):
        one = "entry" if many == "entries" else many[:-1]
        if many in told:
            found.append(f"{told[many]:,} {one if told[many] == 1 else many}")
    return ", ".join(found)


def asking(command: Command) -> Command:
    """The options of a question."""
    for option in reversed(_QUESTION):
        command = option(command)
    return command


_QUESTION = (
    click.option("--partner", metavar="CODE", help="Decisions about one partner."),
    click.option("--as-of", metavar="TIME", help="For a day, month, year, or 2014..2016-06."),
    click.option("--logged", metavar="TIME", help="Logged in that time, as UTC has it."),
    click.option("--tier", metavar="NAME", help="With that tier."),
    click.option("--group", metavar="NAME", help="In that group."),
    click.option("--rule", metavar="ID", help="With that rule in their trace."),
    click.option(
        "--advice", metavar="[TRACK=]ADVICE", help="With that advice, on any or one track."
    ),
    click.option("--rulebook", metavar="NAME", help="By that rulebook."),
    click.option(
        "--where",
        metavar="STEP",
        help="With such a step in their trace: 'rule=… kind=blocked fact=visa_regime', or some of these.",
    ),
)


def question(asked: dict[str, Any]) -> Question:
    """The question that the options ask."""
    from jfsrules.audit.questions import Question

    return Question(**asked)


@contextmanager
def indexed(ledger: str) -> Iterator[tuple[Ledger, Any]]:
    """An open ledger with its index, brought up to date."""
    from jfsrules.audit.index import Index, beside

    with opened(ledger) as found:
        index = Index(found, beside(ledger, found.entry(1).ledger))
        try:
            yield found, index
        finally:
            index.close()
