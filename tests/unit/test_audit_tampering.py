"""Whatever is changed after it was logged is found: bit by bit in a bundle, row by row in a ledger."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from jfsrules.audit import Case, Head, Ledger
from jfsrules.audit.bundles import At, bundle
from jfsrules.audit.documents import digest_of
from jfsrules.audit.entries import read_entry
from jfsrules.audit.signing import new_signer
from jfsrules.audit.standalone import verify_bundle
from jfsrules.audit.store import pack, unpack
from jfsrules.audit.verification import verify
from jfsrules.deciding import profile_of, ready
from jfsrules.decision import canonical
from jfsrules.loading import load_dossier, load_rulebook
from jfsrules.loading.fingerprint import fingerprint
from jfsrules.plan import plan
from ledgers import case, cases, decided, documents, small

SIGNER = new_signer()
KEYS = [SIGNER.public]
VERIFIES = verify_bundle.ed25519()


def check(body: bytes, head: tuple[int, str] | None = None) -> None:
    verify_bundle.check(body, [SIGNER.public.raw], head, verifies=VERIFIES)


def found(body: bytes) -> bool:
    """Whether the verifier finds that a bundle was changed."""
    try:
        check(body)
    except (verify_bundle.Broken, verify_bundle.Unreadable):
        return True
    return False


def exported(path: Path, *some: Case) -> bytes:
    with Ledger.open(str(path), create=True, signer=SIGNER) as ledger:
        for one in some:
            ledger.append(one)
        return bundle(ledger, [At(3)])


def least() -> Case:
    """A case of a rulebook of one rule, whose bundle is a few kilobytes."""
    book, nothing = small().rulebook, MappingProxyType({})
    words = {f.name: nothing for f in fields(book.vocabulary)}
    words["indicators"] = {"eu_member": book.vocabulary.indicators["eu_member"]}
    bare = replace(
        book,
        vocabulary=type(book.vocabulary)(**words),
        rules=book.rules[:1],
        own=frozenset(["a-class"]),
        passages=nothing,
    )
    planned = plan(replace(bare, digest=fingerprint(bare)))
    profile = replace(case(1).profile, values={"eu_member": True}, grounds={})
    return decided(planned, profile, "rete")


def flipped(body: bytes, bit: int) -> bytes:
    changed = bytearray(body)
    changed[bit >> 3] ^= 1 << (bit & 7)
    return bytes(changed)


def test_every_single_bit_of_a_bundle_counts(tmp_path: Path) -> None:
    """A bundle with any one of its bits changed is refused, every bit tried."""
    body = exported(tmp_path / "ledger.db", *[least()] * 2)
    check(body)
    missed = [bit for bit in range(8 * len(body)) if not found(flipped(body, bit))]
    assert len(body) * 8 > 10_000
    assert missed == []


def test_single_bits_of_a_real_bundle_count(tmp_path: Path) -> None:
    """So it is with a decision by a shipped rulebook, on bits drawn at random."""
    book = load_rulebook("text-2014")
    dossier = load_dossier("MD", book.vocabulary)
    profile = profile_of(dossier, "2014-06-27", book)
    made = Case(ready(book, "reference").decide(profile), profile, book, dossier.citations)
    body = exported(tmp_path / "ledger.db", made, made)
    check(body)
    chance = random.Random(1)
    bits = [chance.randrange(8 * len(body)) for _ in range(500)]
    assert [bit for bit in bits if not found(flipped(body, bit))] == []


def test_a_bundle_must_be_its_own_canonical_form(tmp_path: Path) -> None:
    """The same JSON written in another way is refused, though it means the same."""
    body = exported(tmp_path / "ledger.db", case(1), case(2))
    raw = json.loads(body)
    for other in (
        json.dumps(raw).encode(),
        json.dumps(raw, indent=1, sort_keys=True).encode(),
        json.dumps(raw, separators=(",", ":")).encode(),
        body + b"\n",
        b" " + body,
        body.replace(b'"schema":', b'"schema":"x","schema":', 1),
        body.replace(b"partner", b"p\\u0061rtner", 1),
    ):
        assert other != body
        with pytest.raises((verify_bundle.Broken, verify_bundle.Unreadable)):
            check(other)


def test_a_bundle_cut_short_is_unreadable(tmp_path: Path) -> None:
    """What is left of a bundle is no bundle, wherever it was cut."""
    body = exported(tmp_path / "ledger.db", case(1), case(2))
    for length in (0, 1, 100, len(body) // 2, len(body) - 1):
        with pytest.raises(verify_bundle.Unreadable, match="cut short"):
            check(body[:length])


@pytest.mark.parametrize(
    "raw",
    [b"[" * 100_000, b'{"a":NaN}', b'{"a":1e999}', b'{"a":"\\ud800"}', b"\xff\xfe", b"null", b"[]",
     b'{"schema":"jfsrules/bundle/1"}', b'{"schema":"jfsrules/bundle/1","links":3}', b"1" * 5_000],
    ids=["deep", "nan", "infinite", "surrogate", "no-utf8", "null", "list", "empty", "odd", "large"],
)  # fmt: skip
def test_hostile_bytes_are_refused(raw: bytes) -> None:
    """Nothing that is handed to the verifier makes it fail in any other way than by saying so."""
    with pytest.raises((verify_bundle.Broken, verify_bundle.Unreadable)):
        check(raw)


def test_a_lying_decision_is_found_by_its_steps() -> None:
    """Where a ledger logged a falsehood, with every digest right, the steps do not bear it out."""
    tries = missed = 0
    chance = random.Random(2)
    for one in cases(60):
        contents, about = documents(one)
        honest = contents[about["decision"]]
        verify_bundle.check_case(about, contents)
        for _ in range(60):
            lie = falsified(honest, chance)
            if lie == honest:
                continue
            tries += 1
            try:
                verify_bundle.check_case(about, {**contents, about["decision"]: lie})
                missed += 1
            except verify_bundle.Broken:
                pass
    assert tries > 3_000
    assert missed == 0


def falsified(honest: Any, chance: random.Random) -> Any:
    """A decision with one thing in it changed, put in or taken out."""
    lie = json.loads(json.dumps(honest))
    *way, last = chance.choice(list(ways(lie)))
    at = lie
    for step in way:
        at = at[step]
    value = at[last]
    if isinstance(value, list):
        chance.choice((_grow, _shrink, _turn))(value)
    elif isinstance(value, dict):
        _unkey(value, chance)
    elif isinstance(value, bool):
        at[last] = not value
    elif value is None:
        at[last] = chance.choice(("x", True, False))
    else:
        at[last] = value + 1 if isinstance(value, int) else chance.choice((f"{value}x", None))
    return lie


def _grow(values: list[Any]) -> None:
    values.append(json.loads(json.dumps(values[0])) if values else "x")


def _shrink(values: list[Any]) -> None:
    if values:
        values.pop()


def _turn(values: list[Any]) -> None:
    values.reverse()


def _unkey(values: dict[str, Any], chance: random.Random) -> None:
    if values:
        values.pop(chance.choice(list(values)))


def ways(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if before:
        yield before
    for key, one in value.items() if isinstance(value, Mapping) else ():
        yield from ways(one, (*before, key))
    for key, one in enumerate(value) if isinstance(value, list) else ():
        yield from ways(one, (*before, key))


# --- in the database ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Head]:
    """A signed ledger of nine entries, with a batch and two rulebooks, and its head."""
    path = tmp_path_factory.mktemp("sealed") / "ledger.db"
    with Ledger.open(str(path), create=True, signer=SIGNER) as ledger:
        for one in cases(5):
            ledger.append(one)
        ledger.append_many(cases(4, first=3))
        ledger.append_many([least(), case(2)])
        head = ledger.append(case(11, asked_by="Ann")).head
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    return path, head


Edit = Callable[[sqlite3.Connection, random.Random], None]


def _cell(base: sqlite3.Connection, chance: random.Random) -> None:
    """One bit of one cell."""
    table, column = chance.choice(
        [("entries", "body"), ("records", "body"), ("contents", "body"), ("contents", "digest"),
         ("signatures", "signature")]
    )  # fmt: skip
    rows = base.execute(f"SELECT {_key(table)}, {column} FROM {table}").fetchall()
    *key, value = chance.choice(rows)
    changed = flipped(value, chance.randrange(8 * len(value)))
    base.execute(f"UPDATE {table} SET {column} = ? WHERE {_where(table)}", (changed, *key))


def _number(base: sqlite3.Connection, chance: random.Random) -> None:
    """A number, or the name of a key."""
    table, column = chance.choice(
        [("entries", "seq"), ("records", "seq"), ("records", "pos"), ("signatures", "seq"),
         ("signatures", "keyid")]
    )  # fmt: skip
    key = chance.choice(base.execute(f"SELECT {_key(table)} FROM {table}").fetchall())
    change = (
        f"{column} || 'x'" if column == "keyid" else f"{column} + {chance.choice((-7, 50, 100))}"
    )
    base.execute(f"UPDATE {table} SET {column} = {change} WHERE {_where(table)}", key)


def _delete(base: sqlite3.Connection, chance: random.Random) -> None:
    table = chance.choice(TABLES)
    key = chance.choice(base.execute(f"SELECT {_key(table)} FROM {table}").fetchall())
    base.execute(f"DELETE FROM {table} WHERE {_where(table)}", key)


def _cut(base: sqlite3.Connection, chance: random.Random) -> None:
    """Everything from some entry on, cleanly."""
    seq = chance.randint(1, 9)
    for table in ("entries", "records", "signatures"):
        base.execute(f"DELETE FROM {table} WHERE seq >= ?", (seq,))


def _swap(base: sqlite3.Connection, chance: random.Random) -> None:
    """Two bodies change places."""
    table, column = chance.choice(
        [
            ("entries", "body"),
            ("records", "body"),
            ("contents", "body"),
            ("signatures", "signature"),
        ]
    )
    rows = base.execute(f"SELECT {_key(table)}, {column} FROM {table}").fetchall()
    (*one, first), (*other, second) = chance.sample(rows, 2)
    if first == second:
        _swap(base, chance)
        return
    for key, value in ((one, second), (other, first)):
        base.execute(f"UPDATE {table} SET {column} = ? WHERE {_where(table)}", (value, *key))


def _insert(base: sqlite3.Connection, chance: random.Random) -> None:
    """A row that was never logged, as like a real one as can be."""
    seq, at = chance.randint(1, 12), chance.randint(4, 9)
    body = base.execute("SELECT body FROM records LIMIT 1").fetchone()[0]
    entry = base.execute("SELECT body FROM entries ORDER BY seq DESC LIMIT 1").fetchone()[0]
    new = canonical({"x": chance.random()})
    chance.choice(
        (
            lambda: base.execute("INSERT INTO records VALUES (?, ?, ?)", (seq, at, body)),
            lambda: base.execute("INSERT INTO entries VALUES (?, ?)", (9 + seq, entry)),
            lambda: base.execute("INSERT INTO contents VALUES (?, ?)", (bytes.fromhex(digest_of(new)), pack(new))),
            lambda: base.execute("INSERT INTO signatures VALUES (?, ?, ?)", (seq, "stranger", b"x" * 64)),
        )
    )()  # fmt: skip


def _rulebook(base: sqlite3.Connection, chance: random.Random) -> None:
    """Another rulebook under the digest of the first, or under its own, with the records changed."""
    digest = bytes.fromhex(small().rulebook.digest)
    packed = base.execute("SELECT body FROM contents WHERE digest = ?", (digest,)).fetchone()[0]
    book = json.loads(unpack(packed))
    book["rules"].pop(chance.choice(sorted(book["rules"])))
    changed = canonical(book)
    new = chance.choice((digest, bytes.fromhex(digest_of(changed))))
    base.execute(
        "UPDATE contents SET digest = ?, body = ? WHERE digest = ?", (new, pack(changed), digest)
    )
    if new != digest:
        for seq, pos, body in base.execute("SELECT seq, pos, body FROM records").fetchall():
            renamed = body.replace(digest.hex().encode(), new.hex().encode())
            base.execute(
                "UPDATE records SET body = ? WHERE seq = ? AND pos = ?", (renamed, seq, pos)
            )


def _old_signature(base: sqlite3.Connection, chance: random.Random) -> None:
    """The signature of another entry."""
    one, other = chance.sample(range(1, 10), 2)
    base.execute(
        "UPDATE signatures SET signature = (SELECT signature FROM signatures WHERE seq = ?) WHERE seq = ?",
        (one, other),
    )


def _rechained(base: sqlite3.Connection, chance: random.Random) -> None:
    """An entry changed, and every later one chained anew, as one with the database but no key can."""
    from jfsrules.audit.entries import back_of, hash_of

    first, before = chance.randint(1, 9), {0: "0" * 64}
    for seq, body in base.execute("SELECT seq, body FROM entries ORDER BY seq").fetchall():
        raw = read_entry(body)
        raw |= {"prev": before[seq - 1], "back": before[back_of(seq)]}
        if seq == first:
            raw["time"] = raw["time"].replace("20", "19", 1)
        changed = canonical(raw)
        before[seq] = hash_of(changed)
        base.execute("UPDATE entries SET body = ? WHERE seq = ?", (changed, seq))


TABLES = ("entries", "records", "contents", "signatures")
EDITS: tuple[Edit, ...] = (
    _cell, _cell, _number, _delete, _cut, _swap, _insert, _rulebook, _old_signature, _rechained,
)  # fmt: skip


def _key(table: str) -> str:
    return {
        "entries": "seq",
        "records": "seq, pos",
        "contents": "digest",
        "signatures": "seq, keyid",
    }[table]


def _where(table: str) -> str:
    return " AND ".join(f"{name} = ?" for name in _key(table).split(", "))


def test_every_edit_of_the_database_is_found(sealed: tuple[Path, Head], tmp_path: Path) -> None:
    """Updates, deletions, insertions, swaps, cuts, another rulebook, old signatures: none is missed."""
    path, head = sealed
    copy, missed, edited = tmp_path / "copy.db", [], 0
    for number in range(800):
        chance = random.Random(number)
        shutil.copyfile(path, copy)
        base = sqlite3.connect(copy)
        triggers = base.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            base.execute(f"DROP TRIGGER {name}")
        edit = EDITS[number % len(EDITS)]
        try:
            edit(base, chance)
        except sqlite3.IntegrityError:
            base.close()
            continue
        edited += 1
        for _, sql in triggers:
            base.execute(sql)
        base.commit()
        base.close()
        with Ledger.open(str(copy)) as ledger:
            if verify(ledger, KEYS, head).whole:
                missed.append((number, edit.__name__))
    assert edited > 700
    assert missed == []


def test_the_triggers_are_missed(sealed: tuple[Path, Head], tmp_path: Path) -> None:
    """A trigger that was dropped, or emptied, is a fault even if nothing else was changed yet."""
    path, head = sealed
    for change in (
        "DROP TRIGGER records_delete",
        "DROP TRIGGER entries_update; CREATE TRIGGER entries_update BEFORE UPDATE ON entries BEGIN SELECT 1; END",
    ):
        copy = tmp_path / "copy.db"
        shutil.copyfile(path, copy)
        base = sqlite3.connect(copy)
        base.executescript(change)
        base.close()
        with Ledger.open(str(copy)) as ledger:
            assert "are gone" in verify(ledger, KEYS, head).faults[0].says


def test_the_first_broken_entry_is_named(sealed: tuple[Path, Head], tmp_path: Path) -> None:
    """The report says which entry, and what of it."""
    path, head = sealed

    def broken(*statements: str) -> str:
        copy = tmp_path / "copy.db"
        shutil.copyfile(path, copy)
        base = sqlite3.connect(copy)
        for table in TABLES:
            base.executescript(f"DROP TRIGGER {table}_update; DROP TRIGGER {table}_delete")
        for statement in statements:
            base.execute(statement)
        base.commit()
        base.close()
        with Ledger.open(str(copy)) as ledger:
            faults = [one for one in verify(ledger, KEYS, head).faults if one.seq]
        return faults[0].says

    assert broken("DELETE FROM entries WHERE seq = 4") == "entry 4 was taken out"
    assert broken("UPDATE entries SET body = X'7B7D' WHERE seq = 5").startswith(
        "entry 5 was changed"
    )
    assert broken("DELETE FROM records WHERE seq = 3") == "the decisions of entry 3 were taken out"
    words = broken(
        "UPDATE records SET body = (SELECT body FROM records WHERE seq = 2) WHERE seq = 6"
    )
    assert words.startswith("a decision of entry 6 was changed: it now reads `")
    assert (
        broken("DELETE FROM records WHERE seq = 7 AND pos = 2")
        == "entry 7 has 4 decisions, and 3 are kept"
    )
    assert broken("DELETE FROM signatures WHERE seq = 8") == "entry 8 is not signed"
    cut = ("entries", "records", "signatures")
    words = broken(*(f"DELETE FROM {table} WHERE seq > 6" for table in cut))
    assert "entries were cut off" in words


def test_without_a_head_a_cut_is_said_to_be_possible(
    sealed: tuple[Path, Head], tmp_path: Path
) -> None:
    """What cannot be seen without a head is not passed over in silence."""
    path, _ = sealed
    copy = tmp_path / "copy.db"
    shutil.copyfile(path, copy)
    with Ledger.open(str(copy)) as ledger:
        assert verify(ledger, KEYS).notes == (
            "not checked against a head: entries cut off at the end would not show",
        )
