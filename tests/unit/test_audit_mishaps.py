"""Mishaps: many writers at once, processes killed, disks full, servers gone. The chain stays whole."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from conftest import ROOT
from jfsrules.audit import Head, Ledger
from jfsrules.audit.bundles import At, bundle
from jfsrules.audit.standalone import verify_bundle
from jfsrules.audit.verification import Report, verify
from jfsrules.errors import LedgerError
from ledgers import Case, case, cases
from servers import Cluster

PROGRAM = (sys.executable, str(ROOT / "tests" / "appending.py"))
WRITERS, EACH = 8, 1000


def appending(where: str, *numbers: int) -> subprocess.Popen[str]:
    """A process that appends, ready to."""
    scope = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))}
    call = [*PROGRAM, where, *map(str, numbers)]
    made = subprocess.Popen(
        call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=scope
    )
    assert made.stdout is not None
    line = made.stdout.readline()
    assert line == "ready\n", made.communicate()[1]
    return made


def checked(where: str, head: Head | None = None) -> Report:
    with Ledger.open(where) as ledger:
        return verify(ledger, head=head, unsigned=True)


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield str(tmp_path / "ledger.db")
        return
    with Cluster() as cluster:
        yield cluster.address


def test_eight_writers_lose_nothing_and_fork_nothing(where: str) -> None:
    """Eight processes append a thousand decisions each: eight thousand entries, in one chain."""
    writers = [appending(where, number * 5, EACH) for number in range(WRITERS)]
    heads = set()
    for writer in writers:
        out, errors = writer.communicate(timeout=120)
        assert (writer.returncode, errors) == (0, "")
        heads |= set(out.split())
    assert len(heads) == WRITERS * EACH
    report = checked(where, max(map(Head.read, heads)))
    assert report.faults == ()
    assert (report.entries, report.decisions) == (WRITERS * EACH + 1, WRITERS * EACH)


def test_a_killed_process_leaves_a_whole_chain(tmp_path: Path) -> None:
    """Killed at any instant: what was acknowledged is there, and the chain goes on."""
    where, chance = str(tmp_path / "ledger.db"), random.Random(4)
    acknowledged = 0
    for number in range(14):
        batch = (0, 7, 60)[number % 3]
        writer = appending(where, number, 100_000, batch)
        time.sleep(chance.uniform(0.0, 0.25))
        writer.kill()
        out, _ = writer.communicate()
        heads = [Head.read(line) for line in out.split("\n")[:-1]]
        report = checked(where, max(heads, default=None))
        assert report.faults == ()
        assert report.decisions >= acknowledged + len(heads) * max(batch, 1)
        acknowledged = report.decisions
    assert acknowledged > 100


def test_a_full_disk_leaves_a_whole_chain(tmp_path: Path) -> None:
    """Where a file cannot grow, the append fails in a sentence, and what stood before stays."""
    where = str(tmp_path / "ledger.db")
    with Ledger.open(where, create=True) as ledger:
        before = ledger.append(case(1)).head
        size = next(ledger.store.run("PRAGMA page_count"))[0]
        list(ledger.store.run(f"PRAGMA max_page_count = {size + 2}"))
        some = cases(500, first=2)
        with suppress(LedgerError):
            while True:
                before = ledger.append(next(some)).head
        with pytest.raises(LedgerError, match="disk is full"):
            ledger.append(next(some))
        with pytest.raises(LedgerError, match="disk is full"):
            ledger.append_many(cases(500, first=2))
        assert ledger.head() == before
        list(ledger.store.run("PRAGMA max_page_count = 1000000"))
        ledger.append(case(3))
    assert checked(where, before).whole


def test_a_disk_that_refuses_to_write_leaves_a_whole_chain(tmp_path: Path) -> None:
    """The same where the system itself cuts a write short."""
    where = str(tmp_path / "ledger.db")
    with Ledger.open(where, create=True) as ledger:
        ledger.append(case(1))
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    failed = 0
    try:
        for room in range(20_000, 90_000, 10_000):
            with Ledger.open(where, write=True) as ledger:
                resource.setrlimit(resource.RLIMIT_FSIZE, (room, was[1]))
                try:
                    ledger.append_many(cases(40, first=room))
                except LedgerError as error:
                    assert "disk is full or failing" in str(error)
                    failed += 1
                finally:
                    resource.setrlimit(resource.RLIMIT_FSIZE, was)
            assert checked(where).whole
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
        signal.signal(signal.SIGXFSZ, ignored)
    assert failed


def test_a_server_that_goes_away_loses_nothing_that_was_kept() -> None:
    """The server crashes in the middle of a batch: a clear error, and the batch can be sent again."""
    with Cluster() as cluster:
        with Ledger.open(cluster.address, create=True) as ledger:
            before = ledger.append(case(1)).head

            def some() -> Iterator[Case]:
                yield from cases(30)
                cluster.stop()
                yield from cases(30, first=30)

            with pytest.raises(LedgerError, match=r"went away.*nothing of this entry was kept"):
                ledger.append_many(some())
        with pytest.raises(LedgerError, match="cannot be reached"):
            Ledger.open(cluster.address)
        cluster.start()
        with Ledger.open(cluster.address, write=True) as ledger:
            assert ledger.head() == before
            ledger.append_many(cases(60))
        assert checked(cluster.address, before).decisions == 61


def test_a_file_that_is_damaged_says_so(tmp_path: Path) -> None:
    """A file with holes in it is a broken ledger or an unreadable one, and never a crash."""
    where, chance = tmp_path / "ledger.db", random.Random(6)
    with Ledger.open(str(where), create=True) as ledger:
        ledger.append_many(cases(30))
        head = ledger.head()
    with sqlite3.connect(where) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    whole = where.read_bytes()
    for _ in range(40):
        broken = bytearray(whole)
        at = chance.randrange(len(broken) - 400)
        broken[at : at + 400] = os.urandom(400)
        where.write_bytes(broken)
        try:
            assert not checked(str(where), head).whole or unused(str(where), whole, head)
        except LedgerError as error:
            assert str(where) in str(error)


def unused(where: str, whole: bytes, head: Head) -> bool:
    """Whether the damage lies where nothing is kept: every row is as it was."""
    with sqlite3.connect(where) as one, sqlite3.connect(":memory:") as other:
        other.deserialize(whole)
        rows = [
            list(base.execute("SELECT * FROM contents ORDER BY digest")) for base in (one, other)
        ]
    return rows[0] == rows[1] and bool(head)


def test_postgres_and_sqlite_keep_the_same(tmp_path: Path) -> None:
    """A bundle from either verifies alike, and documents have the same digests in both."""
    with Cluster() as cluster:
        places, bundles = (str(tmp_path / "ledger.db"), cluster.address), []
        for place in places:
            with Ledger.open(place, create=True) as ledger:
                receipt = ledger.append_many(cases(12))
                bundles.append(bundle(ledger, [At(receipt.seq, n) for n in range(12)]))
    for body in bundles:
        assert verify_bundle.check(body, signatures=False)
    first, second = (set(json.loads(body)["contents"]) for body in bundles)
    assert first == second
