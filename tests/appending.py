"""Run as a program: append cases to a ledger, one after the other, and say so after each.

python tests/appending.py LEDGER FIRST COUNT [BATCH]
"""

from __future__ import annotations

import sys
from itertools import islice

from jfsrules.audit import Ledger
from ledgers import cases


def main(where: str, first: int, count: int, batch: int = 0) -> None:
    """Append `count` cases, in entries of `batch` of them where that is given."""
    some = list(cases(40, first % 40))
    endless = (some[number % len(some)] for number in range(count))
    with Ledger.open(where, create=True) as ledger:
        _say("ready")
        if batch:
            while several := list(islice(endless, batch)):
                _say(ledger.append_many(several).head)
        else:
            for one in endless:
                _say(ledger.append(one).head)


def _say(words: object) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
