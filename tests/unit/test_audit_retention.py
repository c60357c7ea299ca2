"""Letting go: what is pruned is gone and said to be; what is missing otherwise is a fault."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from faces.command import run
from jfsrules.audit import Head, Ledger
from jfsrules.audit.bundles import At, bundle
from jfsrules.audit.retention import prune
from jfsrules.audit.signing import new_signer
from jfsrules.audit.standalone import verify_bundle
from jfsrules.audit.store import open_store
from jfsrules.audit.verification import verify
from jfsrules.errors import LedgerError
from ledgers import case, cases

SIGNER = new_signer()
KEYS = [SIGNER.public]
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Any:
    """A signed ledger of six decisions, one a day: entry 2 on the second of January, and so on."""
    ticks = count()
    store = open_store(str(tmp_path / "ledger.db"), create=True)
    with Ledger(store, SIGNER, lambda: FIRST_DAY + timedelta(days=next(ticks))) as made:
        made.begin()
        for one in cases(6):
            made.append(one)
        yield made


def faults(ledger: Ledger, head: Head | None = None) -> list[str]:
    return [fault.says for fault in verify(ledger, KEYS, head).faults]


def changed(ledger: Ledger, change: Callable[[], object]) -> None:
    """Change rows that may not be changed, and put the guards back."""
    with ledger.store.appending():
        ledger.store.unguard("records", "contents")
        change()
        ledger.store.guard("records", "contents")


def test_pruning_again_and_again_keeps_the_chain(ledger: Ledger) -> None:
    """Each time an entry more, each time whole, against every head there ever was."""
    heads = [ledger.head()]
    for day in ("2026-01-04", "2026-01-06"):
        heads.append(prune(ledger, day).head)
        heads.append(ledger.append(case(9)).head)
    assert [faults(ledger, head) for head in heads] == [[]] * 5
    with pytest.raises(LedgerError, match="was logged before"):
        prune(ledger, "2026-01-06")
    with pytest.raises(LedgerError, match=r"no decision 3\.0: it was pruned by entry 8"):
        ledger.record(3)


def test_a_bundle_from_before_stays_whole(ledger: Ledger) -> None:
    """What was exported before it was pruned is verified by its own links, and by an old head."""
    head = ledger.head()
    body = bundle(ledger, [At(2), At(4)])
    prune(ledger, "2026-02-01")
    keys, verifies = [SIGNER.public.raw], verify_bundle.ed25519()
    assert verify_bundle.check(body, keys, tuple(head), verifies=verifies) == []
    with pytest.raises(LedgerError, match="no longer kept"):
        bundle(ledger, [At(2)])


def test_only_what_an_entry_lets_go_may_be_missing(ledger: Ledger) -> None:
    """A decision that is missing above what was pruned is a fault, and is named."""
    prune(ledger, "2026-01-04")
    changed(ledger, lambda: ledger.store.run_many("DELETE FROM records WHERE seq = ?", [(5,)]))
    assert "the decisions of entry 5 were taken out" in faults(ledger)


def test_what_was_pruned_cannot_come_back(ledger: Ledger) -> None:
    """Records put back under an entry that was pruned are a fault, even the true ones."""
    body = ledger.store.record(2, 0)
    assert body is not None
    prune(ledger, "2026-01-04")
    ledger.store.add_records([(2, 0, body)])
    assert "the decisions of entry 2 were pruned, and stand there again" in faults(ledger)


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"through": 4, "records": 2}, "does not say how many"),
        ({"through": 4}, "does not say how many"),
        ({"through": 99, "records": 6}, "does not say which"),
        ({"through": -1, "records": 0}, "does not say which"),
        ({"through": "4", "records": 3}, "does not say which"),
        ({"through": True, "records": 3}, "does not say which"),
        ({}, "does not say which"),
    ],
)
def test_a_prune_that_lies_is_a_fault(ledger: Ledger, about: dict[str, Any], says: str) -> None:
    """Even signed: an entry that lets decisions go must say up to where, and how many."""
    with ledger.store.appending():
        ledger.link("prune", [], [], about)
    changed(ledger, lambda: ledger.store.delete_records(4))
    assert any(says in one for one in faults(ledger))


def test_who_has_no_key_cannot_prune(ledger: Ledger, tmp_path: Path) -> None:
    """Without the key there is no entry that says so, and so the loss is a fault."""
    with Ledger.open(str(tmp_path / "ledger.db"), write=True) as other:
        with pytest.raises(LedgerError, match="name the key"):
            prune(other, "2026-01-04")
        assert faults(other) == []
        changed(other, lambda: other.store.delete_records(4))
    lost = [f"the decisions of entry {seq} were taken out" for seq in (2, 3, 4)]
    assert set(lost) <= set(faults(ledger))


def test_the_index_forgets_too(tmp_path: Path) -> None:
    """After `prune`, no file beside the ledger knows what was decided."""
    where = tmp_path / "decisions.db"
    assert run("decide", "MD", "--log", str(where)).exit_code == 0
    assert run("audit", "log", str(where), "--partner", "MD").exit_code == 0
    beside = list(tmp_path.glob("decisions.db.index*"))
    assert beside
    assert run("audit", "prune", str(where), "--before", "2999-01-01").exit_code == 0
    assert not list(tmp_path.glob("decisions.db.index*"))
    assert run("audit", "log", str(where)).stdout.startswith("0 decisions")


def test_nothing_but_the_decision_is_kept(tmp_path: Path) -> None:
    """Word by word: what stands in the file is the ledger's own, and what the decision rests on."""
    where = tmp_path / "decisions.db"
    done = run("decide", "MD", "--log", str(where), USER="zaphod", HOME="/home/zaphod")
    assert done.exit_code == 0
    with closing(sqlite3.connect(where)) as base:
        rows = [bytes(row[0]) for row in base.execute("SELECT body FROM entries")]
        rows += [bytes(row[0]) for row in base.execute("SELECT body FROM records")]
    with Ledger.open(str(where)) as ledger:
        digests = [bytes(row[0]).hex() for row in ledger.store.contents()]
        rows += [ledger.store.content(digest) or b"" for digest in digests]
    for word in (b"zaphod", str(tmp_path).encode(), b"asked_by", b"hostname"):
        assert [row[:80] for row in rows if word in row] == []
