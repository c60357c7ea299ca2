"""Where a ledger stands, and what an append gives back. Knows no ledger."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from jfsrules.audit.tracing import Told
from jfsrules.errors import LedgerError

HEAD: Final = re.compile("[1-9][0-9]{0,17}:[0-9a-f]{64}")


class Head(NamedTuple):
    """Where a ledger stands: its last entry and that entry's hash. Kept elsewhere, it shows later
    whether entries were cut off."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def read(cls, text: str) -> Head:
        """A head as it is written, `12:9f86…`; raises LedgerError."""
        number, colon, digest = text.strip().partition(":")
        if colon and HEAD.fullmatch(f"{number}:{digest}"):
            return cls(int(number), digest)
        raise LedgerError(
            f"`{text[:80]}` is no head, and no file that holds one: `jfsrules audit head` prints one"
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an append gives back: where to, the entry, how many decisions it holds, the new head."""

    ledger: str
    seq: int
    count: int
    head: Head


def as_told(receipt: Receipt) -> Told:
    """A receipt as a span tells it."""
    return {
        "ledger": receipt.ledger,
        "decisions": receipt.count,
        "head": str(receipt.head),
    }
