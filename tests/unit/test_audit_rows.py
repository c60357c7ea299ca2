"""Rows of tables in the ledger: one link for a batch, a short proof for a row, nothing lost."""

from __future__ import annotations

import base64
import json
import random
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import Result

from faces.command import run
from jfsrules.audit import Ledger, pieces
from jfsrules.audit.bundles import At, bundle
from jfsrules.audit.comparing import compare
from jfsrules.audit.entries import hash_of
from jfsrules.audit.index import Index
from jfsrules.audit.packing import Packer, layout_of
from jfsrules.audit.provenance import provenance
from jfsrules.audit.questions import Question, ask
from jfsrules.audit.replaying import Replayer
from jfsrules.audit.retention import prune
from jfsrules.audit.rows import PAGE, Layout, Section
from jfsrules.audit.standalone import verify_bundle
from jfsrules.audit.verification import Report, verify
from jfsrules.classifying import columns_of
from jfsrules.errors import LedgerError
from jfsrules.facts import profile_on
from jfsrules.loading import load_dossier, load_lists, load_rulebook
from servers import Cluster

ROWS, AT_ONCE = 300, 130
CODES = ("MD", "UA", "RS", "DZ", "US", "JP", "TR", "RU", "XK", "CH", "FR")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of real profiles, of each of which some facts are left out."""
    chance, book = random.Random(5), load_rulebook("practice")
    lists = load_lists(book.vocabulary)
    rows: list[dict[str, Any]] = []
    for number in range(ROWS):
        code = CODES[number % len(CODES)]
        day = date(2005, 1, 1) + timedelta(days=chance.randrange(7_500))
        profile = profile_on(load_dossier(code, book.vocabulary), day, lists, book.vocabulary)
        values = {atom.replace(".", "__"): v for atom, v in profile.values.items()}
        kept = {name: value for name, value in values.items() if chance.random() > 0.1}
        rows.append({"partner": code, "as_of": day, **kept})
    path = tmp_path_factory.mktemp("rows") / "table.parquet"
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(path)
    return path


def batch(table: Path, out: Path, ledger: object, *more: str) -> Result:
    words = (str(table), "-o", str(out), "--log", str(ledger), "--at-once", str(AT_ONCE))
    return run("batch", *words, *more)


@pytest.fixture(scope="module")
def made(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with one decision, and then the rows of the table."""
    folder = tmp_path_factory.mktemp("ledger")
    ledger = folder / "ledger.db"
    assert run("decide", "MD", "--log", str(ledger)).exit_code == 0
    done = batch(table, folder / "out.parquet", ledger, "--asked-by", "Ann")
    assert (done.exit_code, "logged as 3" in done.stderr) == (0, True), done.stderr
    return ledger


def checked(where: object, **more: Any) -> Report:
    with Ledger.open(str(where)) as ledger:
        return verify(ledger, unsigned=True, **more)


def test_a_batch_is_one_link_and_each_row_is_as_it_was_answered(made: Path) -> None:
    """However many rows: one entry; and what each says is what stands in the output."""
    answers = pl.read_parquet(made.parent / "out.parquet").to_dicts()
    report = checked(made)
    assert (report.faults, report.entries, report.decisions) == ((), 3, ROWS + 1)
    with Ledger.open(str(made)) as ledger:
        assert ledger.entry(3).kind == "table"
        for number, answer in enumerate(answers):
            record = ledger.record(3, number)
            assert (record["partner"], record["as_of"]) == (
                answer["partner"],
                answer["as_of"].isoformat(),
            )
            assert record["asked_by"] == "Ann"
            said: Mapping[str, Any] = record["answered"]
            for name in ("tier", "out_of_scope"):
                assert said[name] == answer[name]
            assert ";".join(said["missing"]) == (answer["missing"] or "")
            for name, value in said.items():
                kind, _, subject = name.partition(":")
                if kind == "advice":
                    assert value == answer[f"track__{subject}__advice"]
                elif kind == "group":
                    assert value == answer[f"group__{subject}"]
        for wrong in (ROWS, 10**12):
            with pytest.raises(LedgerError, match="has no row"):
                ledger.record(3, wrong)


def test_a_row_is_decided_again_by_another_engine(made: Path) -> None:
    """From what the ledger keeps alone, every row comes out as it was answered, with every step."""
    with Ledger.open(str(made)) as ledger:
        replayer = Replayer(ledger)
        for number in range(0, ROWS, 17):
            one = replayer.replay(At(3, number))
            assert (one.same, one.engine) == (True, "reference"), one
        assert provenance(ledger, At(3, 5)).nodes
        assert compare(ledger, At(3, 5), At(2, 0)).facts


def test_questions_find_rows(made: Path) -> None:
    """A question finds rows by what stands in them, as it finds decisions."""
    answers = pl.read_parquet(made.parent / "out.parquet")
    with Ledger.open(str(made)) as ledger, closing_index(ledger) as index:
        for asked, rows in (
            (Question(partner="RS", logged="2000.."), answers["partner"] == "RS"),
            (Question(tier="enlargement"), answers["tier"] == "enlargement"),
            (
                Question(advice="mobility_partnership=maintain"),
                answers["track__mobility_partnership__advice"] == "maintain",
            ),
            (
                Question(where="kind=undecided fact=willingness_to_engage", partner="DZ"),
                answers["missing"].str.contains("willingness_to_engage")
                & (answers["partner"] == "DZ"),
            ),
        ):
            found = [line["at"] for line in ask(ledger, index, asked, newest=False).lines]
            assert [at for at in found if str(at).startswith("3.")] == [
                f"3.{number}" for number in rows.arg_true().to_list()
            ]


def closing_index(ledger: Ledger) -> closing[Index]:
    return closing(Index(ledger))


def test_a_row_is_verified_without_jfsrules(made: Path) -> None:
    """A bundle of a row holds its page and the way up, and the verifier answers for it again."""
    with Ledger.open(str(made)) as ledger:
        body = bundle(ledger, [At(3, 7), At(3, 131), At(3, ROWS - 1), At(2, 0)])
    assert verify_bundle.check(body, signatures=False)
    row = json.loads(body)["decisions"][1]
    assert len(base64.b64decode(row["page"]["body"])) < 14_000
    assert len(row["proof"]) <= 2
    assert len(row["page"]["proof"]) <= 3


def test_every_change_of_a_row_in_a_bundle_is_found(made: Path) -> None:
    """No bit of a row, its page, its proof or its record can be changed unseen."""
    with Ledger.open(str(made)) as ledger:
        body = bundle(ledger, [At(3, 131)])
    begin, end = body.index(b'"decisions"'), body.index(b'"head"')
    chance, bits = random.Random(9), range(begin * 8, end * 8)
    for bit in chance.sample(bits, 250):
        broken = bytearray(body)
        broken[bit >> 3] ^= 1 << (bit & 7)
        with pytest.raises((verify_bundle.Broken, verify_bundle.Unreadable)):
            verify_bundle.check(bytes(broken), signatures=False)


def lied(body: bytes, change: Callable[[Any], None]) -> bytes:
    """A bundle in which something is changed, and every hash above it made right again."""
    raw = json.loads(body)
    row = raw["decisions"][0]
    change(row)
    page, record = row["page"], row["record"]
    leaf = bytes.fromhex(page["salt"]) + base64.b64decode(page["body"])
    at = (row["pos"] - record["first"]) // PAGE
    record["root"] = verify_bundle.root_over(leaf, at, -(-record["count"] // PAGE), page["proof"])
    entry = raw["links"][-1]["entry"]
    told = verify_bundle.canonical(record)
    entry["root"] = verify_bundle.root_over(told, row["section"], entry["count"], row["proof"])
    raw["head"]["hash"] = hash_of(verify_bundle.canonical(entry))
    return verify_bundle.canonical(raw)


def test_a_row_that_lies_with_every_hash_right_is_found(made: Path) -> None:
    """An answer that does not follow from what was given is refused, whoever wrote the ledger."""
    with Ledger.open(str(made)) as ledger:
        body = bundle(ledger, [At(3, 0)])
        layout = ledger.rows.layout(ledger.rows.records(3)[0]["layout"])
    assert verify_bundle.check(lied(body, lambda _: None), signatures=False)
    begin = 0
    for column in layout.columns:
        values = begin + PAGE // 8
        begin = values + column.width
        if column.name not in ("tier", "missing", "fired", "advice:mobility_partnership"):
            continue

        def change(row: Any, at: int = values) -> None:
            page = bytearray(base64.b64decode(row["page"]["body"]))
            page[at] ^= 1
            row["page"]["body"] = base64.b64encode(page).decode()

        with pytest.raises(verify_bundle.Broken, match="says otherwise about"):
            verify_bundle.check(lied(body, change), signatures=False)


def test_every_edit_of_rows_in_the_database_is_found(made: Path, tmp_path: Path) -> None:
    """A bit of a section, a record taken, a layout exchanged: `verify` names the entry."""
    chance, whole = random.Random(3), made.read_bytes()
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole = made.read_bytes()
        contents = connection.execute("SELECT digest, body FROM contents").fetchall()
    sections = [row for row in contents if len(row[1]) > 2_000]
    path = tmp_path / "copy.db"
    for number in range(40):
        path.write_bytes(whole)
        digest, body = chance.choice(sections)
        broken = bytearray(body)
        broken[chance.randrange(len(broken))] ^= 1 << number % 8
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript("DROP TRIGGER contents_update; DROP TRIGGER records_delete")
            if number % 10 == 9:
                connection.execute("DELETE FROM records WHERE seq = 3 AND pos = 0")
            else:
                sql = "UPDATE contents SET body = ? WHERE digest = ?"
                assert connection.execute(sql, (bytes(broken), digest)).rowcount == 1
            connection.commit()
        faults = checked(path).faults
        assert {fault.seq for fault in faults} & {2, 3}, faults


def test_pruning_lets_rows_go(made: Path, tmp_path: Path) -> None:
    """Rows and their layout are deleted, the chain stays whole, and no key finds them."""
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(made)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
    with Ledger.open(str(path), write=True) as ledger:
        prune(ledger, "9999-01-01")
        assert verify(ledger, unsigned=True).faults == ()
        assert list(ledger.store.contents()) == []
        with pytest.raises(LedgerError):
            ledger.record(3, 7)


def test_a_batch_that_is_resumed_is_logged_once(table: Path, tmp_path: Path) -> None:
    """Killed before, while or after it is logged: every row stands in the ledger once."""
    out, where = tmp_path / "out.parquet", tmp_path / "ledger.db"
    gone = tmp_path / "gone.db"
    assert batch(table, out, where).exit_code == 0
    out.unlink()

    def lost(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jfsrules.batch.parts.Parts.finish", lost)
        assert batch(table, out, gone).exit_code == 130
    assert checked(gone).decisions == ROWS
    done = batch(table, out, gone, "--resume")
    assert (done.exit_code, "logged as 2" in done.stderr) == (0, True), done.stderr
    assert checked(gone).decisions == ROWS
    assert pl.read_parquet(out).height == ROWS


def test_a_batch_that_is_interrupted_loses_no_row(table: Path, tmp_path: Path) -> None:
    """Interrupted half-way, nothing is logged; resumed, all of it is, in order."""
    out, where = tmp_path / "out.parquet", tmp_path / "ledger.db"
    from jfsrules.batch.parts import Parts

    written, write = [], Parts.write

    def some(parts: Any, *rest: Any) -> None:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(write(parts, *rest))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Parts, "write", some)
        assert batch(table, out, where).exit_code == 130
    assert checked(where).decisions == 0
    assert batch(table, out, where, "--resume").exit_code == 0
    assert checked(where).decisions == ROWS
    answers = pl.read_parquet(out)["tier"].to_list()
    with Ledger.open(str(where)) as ledger:
        assert [ledger.record(2, number)["tier"] for number in range(ROWS)] == answers


def test_a_server_that_goes_away_loses_no_row(table: Path, tmp_path: Path) -> None:
    """The database is gone when the batch is done: exit 2, in words; resumed, all is logged."""
    out = tmp_path / "out.parquet"
    with Cluster() as cluster:

        def stopped(*_: Any, **__: Any) -> Any:
            cluster.stop()
            return rows(*_, **__)

        from jfsrules.audit.batches import BatchLog

        rows = BatchLog.rows
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(BatchLog, "rows", stopped)
            done = batch(table, out, cluster.address)
        assert (done.exit_code, out.exists()) == (2, False)
        assert "cannot be reached" in done.stderr
        assert "--resume" in done.stderr
        cluster.start()
        assert batch(table, out, cluster.address, "--resume").exit_code == 0
        assert checked(cluster.address).decisions == ROWS
    assert out.exists()


def test_a_ledger_that_cannot_be_used_is_refused_before_the_batch(
    table: Path, tmp_path: Path
) -> None:
    """No hours of work for a ledger that takes nothing: a wrong key, no ledger, no file to write."""
    out, signed = tmp_path / "out.parquet", tmp_path / "signed.db"
    assert run("audit", "key", "new", str(tmp_path / "a")).exit_code == 0
    key = str(tmp_path / "a.key")
    assert run("decide", "MD", "--log", str(signed), "--sign-with", key).exit_code == 0
    text = tmp_path / "text.db"
    text.write_text("no ledger" * 100)
    for ledger, words in ((signed, "are signed"), (text, "is not a ledger")):
        done = batch(table, out, ledger)
        assert (done.exit_code, words in done.stderr) == (2, True), done.stderr
        assert not list(tmp_path.glob("out*"))
    assert run("batch", str(table), "--log", str(tmp_path / "new.db")).exit_code == 2
    assert batch(table, out, signed, "--sign-with", key).exit_code == 0


def test_what_is_traced_is_logged_in_full(table: Path, tmp_path: Path) -> None:
    """With `--trace`, and for files of cases, each decision is logged as `decide` logs it."""
    out, where = tmp_path / "out.jsonl", tmp_path / "ledger.db"
    head = tmp_path / "head.parquet"
    pl.read_parquet(table).head(12).write_parquet(head)
    assert batch(head, out, where, "--trace").exit_code == 0
    case = tmp_path / "MD.yaml"
    case.write_text("partner: MD\nas_of: 2014-06-27\nfacts: {enp_partner: true}\n")
    assert batch(case, tmp_path / "two.csv", where).exit_code == 0
    assert checked(where).decisions == 13
    traced = [
        json.loads(json.loads(line)["decision"]) for line in out.read_text("utf-8").splitlines()
    ]
    with Ledger.open(str(where)) as ledger:
        assert [ledger.entry(seq).kind for seq in (2, 3)] == ["decisions", "decisions"]
        for number, decision in enumerate(traced):
            kept = ledger.document(ledger.record(2, number)["decision"])
            assert kept == {n: v for n, v in decision.items() if n != "engine"}
        assert Replayer(ledger).replay(At(3, 0)).same


@pytest.mark.parametrize("offset", [0, 1, 3, 64, 77])
def test_a_section_is_the_rows_it_was_made_of(offset: int, table: Path) -> None:
    """Wherever a column begins in memory, and whatever is unknown: the rows come back the same."""
    book = load_rulebook("practice")
    columns = columns_of(book)
    from jfsrules.batch.running import Batch, Job

    made = Batch(Job((str(table),), book))
    frame = next(iter(made.rows.ready(made.sources[0], 0))).frame
    answer, _ = made.answers.answer(frame)
    outputs = columns.outputs_with("bits")
    packer = Packer(made.rows.schema, book.vocabulary.atoms, outputs)
    cut, told = frame.slice(offset), answer.slice(offset)
    (section,) = packer.sections(cut, told)
    assert Layout.read(layout_of(made.rows.schema, book.vocabulary.atoms, outputs).document()) == (
        packer.layout
    )
    again = Section.read(packer.layout, section.count, section.body())
    assert again.leaves() == section.leaves()
    for number, (row, answered) in enumerate(
        zip(cut.iter_rows(named=True), told.iter_rows(named=True), strict=True)
    ):
        given, said = again.row(number)
        held = {n.replace("__", ".", 1): v for n, v in row.items() if v is not None}
        assert given == {name: value for name, value in held.items() if name in given}
        assert held.keys() - given.keys() <= {"row of the chunk"}
        assert said["tier"] == answered["tier"]
    with pytest.raises(ValueError, match="rows"):
        Section.read(packer.layout, section.count + PAGE, section.body())


def test_pieces_come_back_as_they_were_written(tmp_path: Path) -> None:
    """A piece holds each part in its order, whatever is in it."""
    parts = [
        pieces.document("ab" * 32, b"one"),
        pieces.record("table", b'{"count": 3}'),
        pieces.record("decisions", b""),
        pieces.document("cd" * 32, bytes(70_000)),
    ]
    pieces.write(tmp_path / "piece", parts)
    path = tmp_path / "piece"
    assert [(d.hex()[:2], len(b)) for d, b in pieces.read(path, pieces.DOCUMENT)] == [
        ("ab", 3),
        ("cd", 70_000),
    ]
    assert pieces.rows_in([path, path]) == 6
