"""The ledger: what goes in comes out, in one chain, in SQLite and in PostgreSQL alike."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count, pairwise
from pathlib import Path

import pytest

from jfsrules.audit import Case, Head, Ledger, append
from jfsrules.audit.documents import profile_from
from jfsrules.audit.entries import back_of, way
from jfsrules.audit.retention import prune
from jfsrules.audit.signing import new_signer
from jfsrules.audit.sqlite import FIRST, MIGRATIONS
from jfsrules.audit.store import SCHEMA, open_store, pack, unpack
from jfsrules.audit.verification import verify
from jfsrules.errors import LedgerError
from ledgers import WORDS, case, cases
from servers import postgres

_numbers = count()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger can be made: a file, or an empty database of a real server."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.db")
    import psycopg

    address = request.getfixturevalue("server")
    name = f"ledger_{next(_numbers)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{address.rpartition('/')[0]}/{name}"


def test_what_is_appended_is_kept_and_whole(where: str) -> None:
    """A ledger keeps every decision as it was, with all that it was made of, in one whole chain."""
    some = list(cases(12))
    with Ledger.open(where, create=True) as ledger:
        receipts = [ledger.append(one) for one in some]
        many = ledger.append_many(some)
        assert [receipt.seq for receipt in receipts] == list(range(2, 14))
        assert (many.seq, many.count) == (14, 12)
        for receipt, one in zip(receipts, some, strict=True):
            record = ledger.record(receipt.seq)
            kept = ledger.document(record["decision"])
            assert kept == json.loads(one.decision.canonical())
            again = profile_from(ledger.document(record["profile"]), ledger.document, WORDS)
            assert again.values == one.profile.values
            assert {a: again.ground(a) for a in WORDS.atoms} == {
                a: one.profile.ground(a) for a in WORDS.atoms
            }
        assert ledger.head() == many.head
    with Ledger.open(where) as ledger:
        report = verify(ledger, unsigned=True, head=many.head)
    assert (report.faults, report.entries, report.decisions) == ((), 14, 24)


def test_content_is_kept_once(where: str) -> None:
    """The same decision logged a hundred times takes a hundred records and one document each."""
    with Ledger.open(where, create=True) as ledger:
        ledger.append(case(1))
        documents = verify(ledger, unsigned=True).documents
        ledger.append_many([case(1)] * 100)
        assert verify(ledger, unsigned=True).documents == documents


def test_nothing_is_updated_or_deleted(where: str) -> None:
    """The database itself refuses to change or take out a row."""
    acts = {"entries": "body", "records": "body", "contents": "body", "signatures": "keyid"}
    with Ledger.open(where, create=True, signer=new_signer()) as ledger:
        ledger.append_many(cases(3))
        for table, column in acts.items():
            for act in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
                with pytest.raises(LedgerError, match="only grows"), ledger.store.appending():
                    ledger.store.run_many(act, [()])
        assert verify(ledger, [ledger.signer.public]).whole


def test_a_failed_append_leaves_nothing(where: str) -> None:
    """An append that fails half-way is as if it had never begun, and the next one goes on."""
    with Ledger.open(where, create=True) as ledger:
        ledger.append(case(1))
        before = ledger.head()

        def breaking() -> Iterator[Case]:
            yield from cases(5, first=50)
            raise RuntimeError("the reader of cases failed")

        with pytest.raises(RuntimeError):
            ledger.append_many(breaking())
        with suppress(RuntimeError), ledger.store.appending():
            ledger.store.add_contents([("0" * 64, pack(b"{}"))])
            raise RuntimeError
        assert ledger.head() == before
        ledger.append(case(2))
        assert verify(ledger, unsigned=True).whole


def test_a_ledger_is_read_while_it_is_written(where: str) -> None:
    """A check sees the ledger as it stands when the check begins, whoever appends meanwhile."""
    with Ledger.open(where, create=True) as writer, Ledger.open(where) as reader:
        writer.append_many(cases(4))
        with reader.store.reading():
            head = reader.head()
            writer.append(case(9))
            assert reader.head() == head
        assert reader.head() == writer.head() != head


def test_pruning_keeps_the_chain(where: str) -> None:
    """Old decisions go, their documents with them; the chain, its head and what is new stay."""
    days = iter(f"2026-01-{day:02}" for day in range(1, 29))
    store = open_store(where, create=True)
    with Ledger(
        store, clock=lambda: datetime.fromisoformat(next(days)).replace(tzinfo=UTC)
    ) as ledger:
        ledger.begin()
        for one in cases(6):
            ledger.append(one)
        head = ledger.head()
        receipt = prune(ledger, "2026-01-05")
        report = verify(ledger, head=head, unsigned=True)
        assert report.faults == ()
        assert report.decisions == 3
        assert any("pruned" in note for note in report.notes)
        with pytest.raises(LedgerError, match="no decision 2"):
            ledger.record(2)
        assert ledger.record(receipt.seq - 1)["partner"] == case(5).decision.partner.code
        ledger.append(case(1))
        assert verify(ledger, head=head, unsigned=True).whole
        with pytest.raises(LedgerError, match="no decision of"):
            prune(ledger, "2026-01-02")


def test_a_newer_ledger_is_refused(where: str) -> None:
    """A ledger that a later version wrote is left alone."""
    with Ledger.open(where, create=True) as ledger:
        store = ledger.store
        if where.startswith("postgresql"):
            store.run_many("UPDATE jfsrules.schema SET version = ?", [(SCHEMA + 1,)])
        else:
            list(store.run(f"PRAGMA user_version = {SCHEMA + 1}"))
    for write in (False, True):
        with pytest.raises(LedgerError, match=f"has schema {SCHEMA + 1}.*later version"):
            Ledger.open(where, write=write)


def test_an_older_ledger_is_migrated(where: str) -> None:
    """A ledger of the first schema goes on under the newest, its entries untouched."""
    with Ledger.open(where, create=True) as ledger:
        ledger.append(case(1))
        head = ledger.head()
        with ledger.store.appending():
            ledger.store.run_many("DROP TABLE signatures", [()])
            if where.startswith("postgresql"):
                ledger.store.run_many("UPDATE jfsrules.schema SET version = ?", [(1,)])
            else:
                list(ledger.store.run("PRAGMA user_version = 1"))
    with pytest.raises(LedgerError, match="append to it once to migrate"):
        Ledger.open(where)
    with Ledger.open(where, write=True) as ledger:
        ledger.append(case(2))
        assert verify(ledger, head=head, unsigned=True).whole
    with Ledger.open(where) as ledger:
        assert ledger.entry(2).kind == "decisions"
    assert len(MIGRATIONS) == SCHEMA
    assert "signatures" not in FIRST


def test_what_is_no_ledger_is_refused(tmp_path: Path) -> None:
    """Another file, another database and no file at all each get a sentence."""
    text, other = tmp_path / "notes.txt", tmp_path / "other.db"
    text.write_text("not a database, but long enough to be taken for one" * 20)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    for path, words in (
        (text, "is not a ledger"),
        (other, "is not a ledger"),
        (tmp_path / "none.db", "there is no ledger"),
        (tmp_path / "none" / "new.db", "there is no folder"),
    ):
        with pytest.raises(LedgerError, match=words):
            Ledger.open(str(path), create="new" in path.name or path.exists())
    with pytest.raises(LedgerError, match="cannot be reached") as caught:
        Ledger.open("postgresql://ann:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)


def test_a_read_only_ledger_can_be_read(tmp_path: Path) -> None:
    """A file that cannot be written is still verified; an append says so, and changes nothing."""
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path), create=True) as ledger:
        ledger.append(case(1))
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    with as_nobody(tmp_path):
        with Ledger.open(str(path)) as ledger:
            assert verify(ledger, unsigned=True).whole
            with pytest.raises(LedgerError, match="read-only"):
                ledger.append(case(2))
        with pytest.raises(LedgerError, match="read-only"):
            append(str(path), [case(2)])
    tmp_path.chmod(0o755)


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Without the rights of root, which no file can refuse."""
    was = os.geteuid()
    if was == 0:
        for part in (folder, *folder.parents[:-1]):
            part.chmod(part.stat().st_mode | 0o055)
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(was)


def test_time_never_goes_back(tmp_path: Path) -> None:
    """Whatever the clock says, an entry is not dated before the one it follows."""
    with Ledger.open(str(tmp_path / "ledger.db"), create=True) as ledger:
        ledger._clock = lambda: datetime(2020, 1, 1, tzinfo=UTC)
        receipt = ledger.append(case(1))
        assert ledger.entry(receipt.seq).time == ledger.entry(1).time


def test_nothing_personal_is_kept_unless_it_is_given(tmp_path: Path) -> None:
    """A record names no person, user, host or path; who asked stands there only if given."""
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path), create=True) as ledger:
        plain = ledger.append(case(1))
        asked = ledger.append(case(1, asked_by="Ann"))
        record, other = ledger.record(plain.seq), ledger.record(asked.seq)
    assert set(record) == {
        "schema", "partner", "as_of", "tier", "engine", "version", "rulebook", "profile", "decision",
        "salt",
    }  # fmt: skip
    assert other["asked_by"] == "Ann"
    assert len({record["salt"], other["salt"]}) == 2
    kept = path.read_bytes()
    for word in (os.environ.get("USER"), os.uname().nodename, str(tmp_path)):
        assert not word or word == "root" or word.encode() not in kept


def test_what_is_pruned_is_gone_from_the_file(tmp_path: Path) -> None:
    """No byte of a pruned record is left in the file."""
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path), create=True) as ledger:
        ledger.append(case(1, asked_by="Somebody Particular"))
        assert (
            b"Somebody Particular" in path.read_bytes() + path.with_suffix(".db-wal").read_bytes()
        )
        prune(ledger, "9999-01-01")
    everything = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b"Somebody Particular" not in everything


def test_the_way_back_is_short() -> None:
    """From any head to any entry the way takes few links, each one that an entry carries."""
    for head in (1, 2, 3, 10, 1000, 999_999):
        for seq in {1, 2, head // 3 or 1, head // 2 or 1, head}:
            if seq <= head:
                links = list(way(head, seq))
                assert (links[0], links[-1]) == (head, seq)
                for above, below in pairwise(links):
                    assert below in (above - 1, back_of(above))
                assert len(links) <= 3 * head.bit_length() + 1


def test_documents_come_back_from_the_store() -> None:
    """What is packed is unpacked the same; what was changed since is refused."""
    for body in (b"", b"{}", b"x" * 299, b"y" * 100_000, os.urandom(5_000)):
        packed = pack(body)
        assert unpack(packed) == body
        for broken in (packed[:-1] + b"?" * (len(packed) > 1) + b"!", b"?" + packed[1:], b""):
            try:
                assert unpack(broken) != body
            except ValueError as error:
                assert "document" in str(error)


def test_a_head_is_read_as_it_is_written() -> None:
    """A head goes through text and back; anything else is refused."""
    head = Head(12, "ab" * 32)
    assert Head.read(str(head)) == head
    for wrong in ("", "12", "x:" + "a" * 64, "12:abc", "１:" + "a" * 64):
        with pytest.raises(LedgerError, match="no head"):
            Head.read(wrong)
