"""Ledgers from anybody: whatever is in them, or happens to them, each verb answers in a sentence."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from faces.command import run
from jfsrules.audit import Ledger, merkle, sqlite
from jfsrules.audit.documents import digest_of
from jfsrules.audit.store import pack
from jfsrules.decision import canonical
from jfsrules.errors import LedgerError
from ledgers import case, documents
from unit.test_audit_ledger import as_nobody
from unit.test_audit_tampering import ways

JUNK = (
    None, [], {}, -1, 10**15, "x", "", True, 0, 1.5, [[]], {"a": {}}, ["x"], "0" * 64,
    {"test": {"atom": "x", "op": "=", "values": [1]}}, {"all": {"parts": []}},
)  # fmt: skip
VERBS = (
    ("verify", "--unsigned"), ("show", "3"), ("show", "3", "--trace"), ("replay",), ("log",),
    ("replay", "3", "--engine", "compiled"), ("log", "--partner", "MD"), ("stats",), ("head",),
    ("diff", "2", "3"), ("export", "3", "--as", "prov-json"), ("export", "3", "--as", "prov-rdf"),
    ("export", "3", "--as", "dsse"), ("export", "3", "-o", "BUNDLE"), ("prune", "--before", "2999"),
)  # fmt: skip


def odd(value: Any, chance: random.Random) -> None:
    """Put something odd somewhere into a document, or take something out of it."""
    *way, last = chance.choice(list(ways(value)))
    at = value
    for step in way:
        at = at[step]
    if isinstance(at, dict) and chance.random() < 0.3:
        del at[last]
    else:
        at[last] = chance.choice(JUNK)


def hostile(number: int) -> tuple[Mapping[str, bytes], bytes]:
    """The documents and the record of a decision, one of them odd, with every digest right."""
    chance = random.Random(number)
    contents, about = documents(case(number))
    names: dict[str, Any] = {
        "decision": about["decision"],
        "profile": about["profile"],
        "rulebook": about["rulebook"]["digest"],  # type: ignore[index]
    }
    which = ("decision", "profile", "rulebook", "record", "deep")[number % 5]
    if which in names:
        was = names[which]
        document = contents.pop(was)
        odd(document, chance)
        becomes = digest_of(canonical(document))  # type: ignore[arg-type]
        contents, about = json.loads(json.dumps([contents, about]).replace(was, becomes))
        contents[becomes] = document
    elif which == "record":
        odd(about, chance)
    bodies = {digest: canonical(one) for digest, one in contents.items()}  # type: ignore[arg-type]
    if which == "deep":
        body = b"[" * 20_000 + b"]" * 20_000
        about["decision"] = digest_of(body)
        bodies[digest_of(body)] = body
    return bodies, canonical(about)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", range(20))
def test_no_document_makes_a_verb_fail(number: int, tmp_path: Path) -> None:
    """A ledger whose chain is right and whose content is nonsense gets words and an exit code."""
    where = tmp_path / "ledger.db"
    bodies, record = hostile(number)
    with Ledger.open(str(where), create=True) as ledger:
        ledger.append(case(number + 1))
        with ledger.store.appending():
            ledger.store.add_contents((digest, pack(body)) for digest, body in bodies.items())
            ledger.link("decisions", [merkle.leaf(record)], [record])
    for verb, *words in VERBS:
        called = [str(tmp_path / "bundle") if word == "BUNDLE" else word for word in words]
        done = run("audit", verb, str(where), *called)
        assert done.exit_code in (0, 1, 2)
        assert "Traceback" not in done.stderr
        assert done.exit_code != 2 or done.stderr.startswith("error: ")


def test_a_document_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    """A few kilobytes that would become gigabytes are not unpacked to the end."""
    import zlib

    from jfsrules.audit.store import LARGEST, pack_stream, unpack

    maker = zlib.compressobj(9)
    stream = b"".join(maker.compress(bytes(2**24)) for _ in range(LARGEST // 2**24 + 1))
    with pytest.raises(ValueError, match="cannot be unpacked whole"):
        unpack(pack_stream(stream + maker.flush()))


def test_a_ledger_that_is_locked_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program that never lets go is named after a while; reading goes on."""
    monkeypatch.setattr(sqlite, "PATIENCE", 0.2)
    where = str(tmp_path / "ledger.db")
    with Ledger.open(where, create=True) as ledger:
        ledger.append(case(1))
        head = ledger.head()
    with closing(sqlite3.connect(where, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            Ledger.open(where, write=True) as ledger,
            pytest.raises(LedgerError, match="kept locked by another program"),
        ):
            ledger.append(case(2))
        with Ledger.open(where) as ledger:
            assert ledger.head() == head
        other.execute("ROLLBACK")
    with Ledger.open(where, write=True) as ledger:
        ledger.append(case(2))


def test_entries_that_wait_beside_the_file_are_not_passed_over(tmp_path: Path) -> None:
    """Where nothing can be written, a ledger whose last entries stand in its `-wal` is not read without."""
    made, folder = tmp_path / "made.db", tmp_path / "given"
    folder.mkdir()
    with Ledger.open(str(made), create=True) as ledger:
        ledger.append(case(1))
        for more in ("", "-wal"):
            (folder / f"ledger.db{more}").write_bytes(Path(f"{made}{more}").read_bytes())
            (folder / f"ledger.db{more}").chmod(0o444)
    assert (folder / "ledger.db-wal").stat().st_size
    folder.chmod(0o555)
    with as_nobody(folder), pytest.raises(LedgerError, match=r"ledger\.db-wal"):
        Ledger.open(str(folder / "ledger.db"))
    folder.chmod(0o755)
    with Ledger.open(str(folder / "ledger.db")) as ledger:
        assert ledger.head().seq == 2
