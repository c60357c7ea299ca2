"""`jfsrules audit` and `decide --log`, as people and programs call them."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from faces.command import run
from jfsrules.audit import Ledger
from ledgers import case

PROFILE = "partner: MD\nas_of: 2014-06-27\nfacts: {eu_member: false, enp_partner: true}\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a signed ledger of six decisions, its keys and its head."""
    folder = tmp_path_factory.mktemp("audit")
    assert run("audit", "key", "new", str(folder / "audit")).exit_code == 0
    for words in (
        ("MD", "--as-of", "2014-06-27", "--asked-by", "Ann"),
        ("MD",),
        ("UA", "--as-of", "2022-06-22", "--engine", "reference"),
        ("RU", "--as-of", "2014-06-27", "--rulebook", "both"),
        ("US", "--set", "accession_status=candidate"),
    ):
        done = run(
            "decide",
            *words,
            "--log",
            str(folder / "decisions.db"),
            JFSRULES_SIGNING_KEY=str(folder / "audit.key"),
        )
        assert done.exit_code == 0, done.stderr
        assert "logged as " in done.stderr
    assert (
        run(
            "audit", "head", str(folder / "decisions.db"), "-o", str(folder / "head.json")
        ).exit_code
        == 0
    )
    return folder


@pytest.fixture
def ledger(made: Path) -> str:
    return str(made / "decisions.db")


@pytest.fixture
def key(made: Path) -> str:
    return str(made / "audit.pub")


def said(*words: str, code: int = 0, **env: str) -> str:
    done = run("audit", *words, **env)
    assert done.exit_code == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if code < 2 else done.stderr


def test_log_lists_decisions(ledger: str) -> None:
    """The newest first, by what is asked, in the form that is asked for."""
    words = said("log", ledger)
    assert words.startswith("6 decisions")
    assert "neighbourhood (for Ann)" in words
    rows = [
        json.loads(line)
        for line in said("log", ledger, "--partner", "md", "--format", "jsonl").splitlines()
    ]
    assert [row["at"] for row in rows] == ["3.0", "2.0"]
    rows = list(
        csv.DictReader(
            io.StringIO(said("log", ledger, "--rulebook", "text-2014", "--format", "csv"))
        )
    )
    assert [(row["at"], row["partner"]) for row in rows] == [("5.0", "RU")]
    assert said("log", ledger, "--as-of", "2014", "--limit", "1").startswith("1 of 3 decisions")
    assert said("log", ledger, "--tier", "out_of_scope") == "0 decisions\n"
    assert said("log", ledger, "--where", "kind=stated fact=accession_status").startswith(
        "1 decision\n"
    )


def test_log_writes_files(ledger: str, tmp_path: Path) -> None:
    """CSV and Parquet are written where one says; a formula stays a text."""
    import polars as pl

    sheet, table = str(tmp_path / "log.csv"), str(tmp_path / "log.parquet")
    said("log", ledger, "--format", "csv", "-o", sheet)
    assert Path(sheet).read_text().count("\n") == 7
    said("log", ledger, "--format", "parquet", "-o", table)
    assert pl.read_parquet(table).height == 6
    assert "name it with `-o FILE`" in said("log", ledger, "--format", "parquet", code=2)
    assert "cannot be written" in said(
        "log", ledger, "--format", "csv", "-o", str(tmp_path), code=2
    )
    with Ledger.open(str(tmp_path / "other.db"), create=True) as other:
        other.append(case(1, asked_by="=1+1"))
    assert "'=1+1" in said("log", str(tmp_path / "other.db"), "--format", "csv")


def test_show_shows_one_decision(ledger: str) -> None:
    """As it was logged, in words, with its entry."""
    words = said("show", ledger, "2")
    assert "Moldova" in words
    assert "asked by" in words
    assert "Joint Declaration" in said("show", ledger, "2", "--trace")
    told = json.loads(said("show", ledger, "5.1", "--format", "json"))
    assert told["record"]["rulebook"]["name"] == "practice"
    assert told["decision"]["partner"]["code"] == "RU"
    assert "## Entry" in said("show", ledger, "2", "--format", "md")


def test_verify_names_what_it_checked(ledger: str, key: str, made: Path, tmp_path: Path) -> None:
    """Whole with key and head; not whole without a key, unless that is meant; broken if changed."""
    head = str(made / "head.json")
    assert said("verify", ledger, "--key", key, "--head", head).splitlines()[-2] == "whole"
    printed = said("head", ledger).strip()
    assert json.loads(said("verify", ledger, "--key", key, "--head", printed, "--format", "json"))[
        "whole"
    ]
    assert "not checked against a head" in said("verify", ledger, "--key", key)
    assert "signatures not checked" in said("verify", ledger, code=1)
    assert "signatures not checked" in said("verify", ledger, "--unsigned")
    assert "whole" in said("verify", ledger, JFSRULES_PUBLIC_KEYS=key)
    assert run("audit", "key", "new", str(tmp_path / "other")).exit_code == 0
    assert "wrong key" in said("verify", ledger, "--key", str(tmp_path / "other.pub"), code=2)
    copy = tmp_path / "copy.db"
    with Ledger.open(str(copy), create=True) as other:
        other.append(case(1))
        other.append(case(2))
        list(other.store.run("DROP TRIGGER records_update"))
        list(other.store.run("UPDATE records SET body = X'7B7D' WHERE seq = 2"))
    words = said("verify", str(copy), "--unsigned", code=1)
    assert "first broken entry: 2" in words
    assert words.splitlines()[-2] == "NOT whole"


def test_replay_comes_to_the_same(ledger: str) -> None:
    """Everything, or what is named, or what is asked for."""
    assert said("replay", ledger) == "6 decisions replayed, 0 differ\n"
    assert said("replay", ledger, "2", "5.1") == "2 decisions replayed, 0 differ\n"
    told = json.loads(
        said("replay", ledger, "--partner", "UA", "--engine", "compiled", "--format", "json")
    )
    assert told == {"replayed": 1, "differ": []}


def test_replay_shows_what_differs(tmp_path: Path) -> None:
    """A falsehood in a ledger is exit 1, with the lines that differ."""
    from dataclasses import replace

    honest = case(1)
    where = str(tmp_path / "lies.db")
    with Ledger.open(where, create=True) as ledger:
        ledger.append(replace(honest, decision=replace(honest.decision, tier="none")))
    words = said("replay", where, code=1)
    assert f'tier: logged "none", now "{honest.decision.tier}"' in words
    assert "1 decision replayed, 1 differ" in words
    assert json.loads(said("replay", where, "--format", "json", code=1))["differ"][0]["at"] == "2.0"


def test_diff_groups_by_cause(ledger: str) -> None:
    """What moved between two decisions stands under what moved it."""
    words = said("diff", ledger, "2", "3", code=1)
    assert "accession_status: none → candidate" in words
    assert "because of " in words
    assert "tier tier: neighbourhood → enlargement" in words
    assert "rules" in said("diff", ledger, "5.0", "5.1", code=1)
    assert "nothing differs" in said("diff", ledger, "2", "2")
    assert json.loads(said("diff", ledger, "2", "3", "--format", "json", code=1))["causes"]


def test_stats_count_over_time(ledger: str) -> None:
    """Rules by what became of them, tiers and advice, in each period."""
    assert "fired" in said("stats", ledger)
    rows = json.loads(said("stats", ledger, "--by", "tier", "--over", "year", "--format", "json"))
    assert sum(row["decisions"] for row in rows) == 6


def test_export_goes_to_who_does_not_trust_us(ledger: str, key: str, tmp_path: Path) -> None:
    """A bundle is verified by the program beside it, and by `audit verify`."""
    folder = tmp_path / "bundle"
    said("export", ledger, "2", "5.1", "-o", str(folder))
    call = [
        sys.executable,
        "-I",
        str(folder / "verify_bundle.py"),
        str(folder / "bundle.json"),
        "--key",
        key,
    ]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "whole" in said("verify", str(folder), "--key", key)
    assert "signature not checked" in said("verify", str(folder / "bundle.json"), code=1)
    body = (folder / "bundle.json").read_bytes()
    (folder / "bundle.json").write_bytes(body.replace(b'"tier":"n', b'"tier":"m', 1))
    assert "fault" in said("verify", str(folder), "--key", key, code=1)
    (folder / "bundle.json").write_bytes(body[:-40])
    assert "cut short" in said("verify", str(folder), "--key", key, code=2)
    said("export", ledger, "--partner", "MD", "-o", str(tmp_path / "moldova"))
    assert len(json.loads((tmp_path / "moldova" / "bundle.json").read_bytes())["decisions"]) == 2


def test_export_speaks_other_languages(ledger: str, tmp_path: Path) -> None:
    """The signed entry as DSSE, the provenance as PROV-JSON and as RDF."""
    assert json.loads(said("export", ledger, "2", "--as", "dsse"))["payloadType"].endswith(
        "ledger-entry+json"
    )
    assert "wasGeneratedBy" in json.loads(said("export", ledger, "2", "--as", "prov-json"))
    path = tmp_path / "prov.ttl"
    said("export", ledger, "2", "--as", "prov-rdf", "-o", str(path))
    assert path.read_text().startswith("@prefix prov:")
    assert "takes one decision" in said("export", ledger, "2", "3", "--as", "dsse", code=2)


def test_keys_rotate_and_old_decisions_go(ledger: str, made: Path, tmp_path: Path) -> None:
    """A ledger goes on under a new key, and without what is too old; its first key still verifies it."""
    copy = tmp_path / "copy.db"
    copy.write_bytes(Path(ledger).read_bytes())
    said("key", "new", str(tmp_path / "next"))
    old, new = str(made / "audit.key"), str(tmp_path / "next.key")
    said("key", "change", str(copy), str(tmp_path / "next.pub"), "--sign-with", old)
    refused = run("decide", "MD", "--log", str(copy), "--sign-with", old)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "does not take entries signed by" in refused.stderr
    archive = str(tmp_path / "archive")
    words = said("prune", str(copy), "--before", "2999", "--archive", archive, "--sign-with", new)
    assert "6 decisions logged before 2999-01-01 deleted" in words
    assert "pruned" in said("verify", str(copy), "--key", str(made / "audit.pub"))
    assert "whole" in said("verify", archive, "--key", str(made / "audit.pub"))
    assert "no decision" in said("show", str(copy), "2", code=2)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("log", "none.db"), "there is no ledger `none.db`"),
        (("show", "LEDGER", "x"), "names no decision"),
        (("show", "LEDGER", "99"), "has no entry 99"),
        (("show", "LEDGER", "1"), "entry 1 is no decision, but `opening`"),
        (("show", "LEDGER", "2.5"), "has no decision 2.5"),
        (("verify", ".", "--unsigned"), "`.` is a folder, and no ledger"),
        (("log", "postgresql://ann:s/cret@h/db"), "this is no address of PostgreSQL"),
        (("verify", "LEDGER", "--unsigned", "--head", "0:" + "0" * 64), "is no head"),
        (("verify", "LEDGER", "--unsigned", "--head", "9" * 40 + ":" + "0" * 64), "is no head"),
        (("verify", "LEDGER", "--unsigned", "--head", "x" * 9_999), "is no head"),
        (("log", "LEDGER", "--tier", "neighborhood"), "did you mean `neighbourhood`"),
        (("log", "LEDGER", "--logged", "soon"), "is no time"),
        (("verify", "LEDGER", "--key", "none.pub"), "cannot be read"),
        (("verify", "LEDGER", "--unsigned", "--head", "7:xx"), "is no head"),
        (("verify", "LEDGER", "--unsigned", "--key", "a.pub"), "asks for signatures to be checked"),
        (("log", "LEDGER", "--advice", "propos"), "no decision here has the advice `propos`"),
        (("export", "LEDGER"), "say which decisions"),
        (("export", "LEDGER", "2"), "name it with `-o FOLDER`"),
        (("prune", "LEDGER", "--before", "1999"), "name the key|no decision of"),
        (("verifi", "LEDGER"), "did you mean `verify`"),
    ],
)
def test_wrong_calls_say_why(ledger: str, words: tuple[str, ...], says: str) -> None:
    """Each is exit 2, with a sentence and without a traceback."""
    called = [ledger if word == "LEDGER" else word for word in words]
    assert any(one in said(*called, code=2) for one in says.split("|"))


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:%zz{0}@127.0.0.1:1/db",
        "postgresql://ann:s/{0}@127.0.0.1:1/db",
        "postgresql://ann:s@{0}@127.0.0.1:1/db",
        "postgresql://ann:s?{0}@127.0.0.1:1/db",
        "postgresql://ann:s#{0}@127.0.0.1:1/db",
        "postgresql://ann:s:{0}@127.0.0.1:1/db",
        "postgresql://127.0.0.1:1/db?password=s@{0}",
        "postgresql://127.0.0.1:1/db?pasword={0}",
        "postgresql://ann:{0}@127.0.0.1:1x/db",
        "postgresql://ann:{0}@127.0.0.1:1/db",
        "postgresql:ann:{0}@127.0.0.1/db",
        "host=127.0.0.1 port=1 password={0}",
    ],
)
def test_a_password_is_never_shown(address: str) -> None:
    """However an address is written, wrongly too, no part of its password is echoed."""
    for words in (
        ("audit", "log", address.format("sesame")),
        ("decide", "MD", "--log", address.format("sesame")),
    ):
        done = run(*words)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith("error: ")
        assert "sesame" not in done.stderr


def test_what_is_neither_ledger_nor_bundle_says_so(tmp_path: Path) -> None:
    """Text, another database, nothing at all, nonsense without end: a sentence, and exit 2."""
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as base:
        base.execute("CREATE TABLE x (y)")
        base.commit()
    for name, body, words in (
        ("text", b"hello", "neither a ledger nor a bundle"),
        ("empty", b"", "cut short: it is empty"),
        ("deep", b'{"a":' * 99_999, "cut short, or no JSON"),
        ("torn", b'{"contents":{"', "cut short, or no JSON"),
        ("sqlit", b"SQLite format 3\x00" + b"x" * 4_000, "is not a ledger"),
        ("other.db", None, "is not a ledger"),
    ):
        path = tmp_path / name
        if body is not None:
            path.write_bytes(body)
        assert words in said("verify", str(path), "--unsigned", code=2)
    vast = tmp_path / "vast"
    with vast.open("wb") as opened:
        opened.write(b"{")
        opened.truncate(2**30)
    assert "larger than 512 MiB" in said("verify", str(vast), "--unsigned", code=2)


def test_an_answer_that_cannot_be_logged_is_not_given(tmp_path: Path) -> None:
    """Nothing stands on standard output where the ledger could not take it."""
    for where in (str(tmp_path / "none" / "d.db"), str(tmp_path), "postgresql://127.0.0.1:1/none"):
        done = run("decide", "MD", "--log", where)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith("error: ")


def test_a_profile_of_ones_own_is_logged(tmp_path: Path) -> None:
    """A stated profile stands alone in the ledger as it does in the answer."""
    path, where = tmp_path / "p.yaml", str(tmp_path / "d.db")
    path.write_text(PROFILE)
    assert run("decide", str(path), "--log", where).exit_code == 0
    assert "1 decision replayed, 0 differ" in said("replay", where)
    assert str(tmp_path).encode() not in Path(where).read_bytes()


def test_help_has_every_verb() -> None:
    """`audit` alone shows what it can do."""
    for words in ((), ("--help",)):
        shown = said(*words)
        assert all(
            verb in shown for verb in ("log", "show", "verify", "replay", "diff", "export", "prune")
        )


def test_what_a_ledger_holds_does_nothing_to_a_terminal(tmp_path: Path) -> None:
    """Control characters and line breaks in a record stand there as one line, and pass for no verdict."""
    path = tmp_path / "hostile.db"
    with Ledger.open(str(path), create=True) as ledger:
        ledger.append(case(1, asked_by="Ann\x1b[2J\nwhole"))
    assert "\x1b" not in said("log", str(path)) + said("show", str(path), "2")
    with closing(sqlite3.connect(path)) as base:
        base.execute("DROP TRIGGER records_update")
        sql = "UPDATE records SET body = CAST(replace(CAST(body AS TEXT), ?, ?) AS BLOB)"
        base.execute(sql, ('"partner":"', '"partner":"\\u001b[2J\\nwhole\\n'))
        base.commit()
    for words in (("verify", str(path), "--unsigned"), ("replay", str(path))):
        shown = said(*words, code=1)
        assert "\x1b" not in shown
        assert "whole" not in shown.splitlines()


def test_an_edited_index_hides_nothing_from_replay(ledger: str, tmp_path: Path) -> None:
    """The index is no evidence: without a question, `replay` goes by the ledger alone."""
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(ledger)) as source, closing(sqlite3.connect(copy)) as other:
        source.backup(other)
    assert said("log", str(copy)).startswith("6 decisions")
    with closing(sqlite3.connect(f"{copy}.index")) as index:
        index.execute("UPDATE about SET count = 1")
        index.execute("DELETE FROM bits")
        index.commit()
    assert said("log", str(copy)).startswith("1 decision\n")
    assert said("replay", str(copy)) == "6 decisions replayed, 0 differ\n"
