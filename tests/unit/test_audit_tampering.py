"""Whatever is changed after it was logged is found: bit by bit in a bundle, row by row in a ledger."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from sqlite3 import IntegrityError
from types import MappingProxyType
from typing import Any, TypeAlias

import pytest
from psycopg.errors import InFailedSqlTransaction, UniqueViolation

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
from jfsrules.errors import LedgerError
from jfsrules.loading import load_dossier, load_rulebook
from jfsrules.loading.fingerprint import fingerprint
from jfsrules.plan import plan
from ledgers import case, cases, decided, documents, small
from servers import Cluster

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


def test_pages_of_odd_bytes_are_no_crash() -> None:
    """Days beyond every calendar, names beyond the list, half a number: each is one of the refusals."""
    for kind, values in (
        ("day", b"\xff\xff\xff\x7f" * 64),
        ("name", b"\xff" * 64),
        ("number", b"x"),
    ):
        column = {"kind": kind, "values": ["a"]}
        with pytest.raises(verify_bundle.MALFORMED):
            verify_bundle.cell(column, b"\xff" * 8, values, 0)


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


Base: TypeAlias = Any  # a connection to either database
Edit: TypeAlias = Callable[[Base, random.Random], None]


def _cell(base: Base, chance: random.Random) -> None:
    """One bit of one cell."""
    table, column = chance.choice(
        [("entries", "body"), ("records", "body"), ("contents", "body"), ("contents", "digest"),
         ("signatures", "signature")]
    )  # fmt: skip
    rows = base.execute(f"SELECT {_key(table)}, {column} FROM {table}").fetchall()
    *key, value = chance.choice(rows)
    changed = flipped(value, chance.randrange(8 * len(value)))
    base.execute(f"UPDATE {table} SET {column} = ? WHERE {_where(table)}", (changed, *key))


def _number(base: Base, chance: random.Random) -> None:
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


def _delete(base: Base, chance: random.Random) -> None:
    table = chance.choice(TABLES)
    key = chance.choice(base.execute(f"SELECT {_key(table)} FROM {table}").fetchall())
    base.execute(f"DELETE FROM {table} WHERE {_where(table)}", key)


def _cut(base: Base, chance: random.Random) -> None:
    """Everything from some entry on, cleanly."""
    seq = chance.randint(1, 9)
    for table in ("entries", "records", "signatures"):
        base.execute(f"DELETE FROM {table} WHERE seq >= ?", (seq,))


def _swap(base: Base, chance: random.Random) -> None:
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


def _insert(base: Base, chance: random.Random) -> None:
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


def _rulebook(base: Base, chance: random.Random) -> None:
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


def _old_signature(base: Base, chance: random.Random) -> None:
    """The signature of another entry."""
    one, other = chance.sample(range(1, 10), 2)
    base.execute(
        "UPDATE signatures SET signature = (SELECT signature FROM signatures WHERE seq = ?) WHERE seq = ?",
        (one, other),
    )


def _rechained(base: Base, chance: random.Random) -> None:
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


def _far(base: Base, chance: random.Random) -> None:
    """A row where nobody looks: before the first number, or at the last there can be."""
    seq = chance.choice((-1, -(2**63), 2**62 + 1, 2**63 - 1))
    chance.choice(
        (
            lambda: base.execute("INSERT INTO records VALUES (?, ?, ?)", (seq, 0, b"{}")),
            lambda: base.execute("INSERT INTO entries VALUES (?, ?)", (seq, b"{}")),
            lambda: base.execute("INSERT INTO signatures VALUES (?, ?, ?)", (seq, "x", b"x")),
        )
    )()


def _garbage(base: Base, chance: random.Random) -> None:
    """Something else altogether in place of a body."""
    table = chance.choice(("entries", "records", "contents"))
    key = chance.choice(base.execute(f"SELECT {_key(table)} FROM {table}").fetchall())
    body = chance.choice(GARBAGE)
    if table == "contents":
        body = pack(body)
    elif chance.random() < 0.7:
        *_, old = base.execute(f"SELECT body FROM {table} WHERE {_where(table)}", key).fetchone()
        raw = json.loads(old)
        if isinstance(raw, dict):
            raw[chance.choice(sorted(raw))] = chance.choice(
                (None, [], {}, -1, 10**30, "x", True, {"digest": 3})
            )
            body = json.dumps(raw, sort_keys=True, separators=(",", ":")).encode()
    base.execute(f"UPDATE {table} SET body = ? WHERE {_where(table)}", (body, *key))


def _prune(base: Base, chance: random.Random) -> None:
    """Decisions deleted, and an entry that says they were pruned, chained as it must be."""
    from jfsrules.audit.entries import back_of, hash_of

    bodies = {0: b"", **dict(base.execute("SELECT seq, body FROM entries").fetchall())}
    last, through = max(bodies), chance.randint(2, 8)
    raw = read_entry(bodies[last])
    about = {"before": "2999-01-01", "through": through, "records": through - 1}
    back = back_of(last + 1)
    raw |= {"seq": last + 1, "prev": hash_of(bodies[last]), "back": hash_of(bodies[back]) if back else "0" * 64,
            "kind": "prune", "count": 0, "root": digest_of(b""), "about": about}  # fmt: skip
    base.execute("INSERT INTO entries VALUES (?, ?)", (last + 1, canonical(raw)))
    base.execute("DELETE FROM records WHERE seq <= ?", (through,))
    if chance.random() < 0.5:
        base.execute(
            "INSERT INTO signatures SELECT ?, keyid, signature FROM signatures WHERE seq = ?",
            (last + 1, last),
        )


def _several(base: Base, chance: random.Random) -> None:
    """A few edits at once."""
    for _ in range(chance.randint(2, 4)):
        chance.choice(EDITS[:-1])(base, chance)


TABLES = ("entries", "records", "contents", "signatures")
GARBAGE = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b"[" * 9_999,
    b'{"a":' * 9_999,
    b"\xff",
    b'"x"',
    b"1" * 9_999,
)
EDITS: tuple[Edit, ...] = (
    _cell, _cell, _number, _delete, _cut, _swap, _insert, _rulebook, _old_signature, _rechained,
    _far, _garbage, _garbage, _prune, _several,
)  # fmt: skip
NOT_MADE = (
    IntegrityError,
    UniqueViolation,
    KeyError,
    TypeError,
    ValueError,
    IndexError,
    RecursionError,
)


def _key(table: str) -> str:
    return {
        "entries": "seq",
        "records": "seq, pos",
        "contents": "digest",
        "signatures": "seq, keyid",
    }[table]


def _where(table: str) -> str:
    return " AND ".join(f"{name} = ?" for name in _key(table).split(", "))


def edited(base: Base, number: int) -> str:
    """One edit, drawn by a number; its name, or nothing where it could not be made, or undid itself."""
    edit, before = EDITS[number % len(EDITS)], rows_of(base)
    try:
        edit(base, random.Random(number))
    except NOT_MADE:
        return ""
    return "" if rows_of(base) == before else edit.__name__


def rows_of(base: Base) -> list[list[Any]]:
    """Every row of a ledger."""
    return [
        base.execute(f"SELECT * FROM {table} ORDER BY {_key(table)}").fetchall() for table in TABLES
    ]


def test_every_edit_of_the_database_is_found(sealed: tuple[Path, Head], tmp_path: Path) -> None:
    """Updates, deletions, insertions, swaps, cuts, another rulebook, old signatures: none is missed."""
    path, head = sealed
    copy, missed, made, whole = tmp_path / "copy.db", [], 0, path.read_bytes()
    for number in range(2_000):
        copy.write_bytes(whole)
        with closing(sqlite3.connect(copy)) as base:
            base.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY")
            triggers = base.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
            for name, _ in triggers:
                base.execute(f"DROP TRIGGER {name}")
            name = edited(base, number)
            for _, sql in triggers:
                base.execute(sql)
            base.commit()
        with Ledger.open(str(copy)) as ledger:
            if name and whole_by(ledger, head):
                missed.append((number, name))
        made += bool(name)
    assert made > 1_700
    assert missed == []


def whole_by(ledger: Ledger, head: Head) -> bool:
    """Whether a ledger passes; one in which no key of ours is stated any more does not."""
    try:
        return verify(ledger, KEYS, head).whole
    except LedgerError as error:
        assert "wrong key" in str(error)
        return False


def test_every_edit_is_found_in_postgres(sealed: tuple[Path, Head]) -> None:
    """So it is where the tables lie in PostgreSQL, whose owner can pass by every trigger."""
    from psycopg import Connection

    path, head = sealed
    with Cluster() as cluster, closing(sqlite3.connect(path)) as first:
        Ledger.open(cluster.address, create=True, signer=SIGNER).close()
        missed, made = [], 0
        with (
            Connection.connect(cluster.address, autocommit=True) as base,
            Ledger.open(cluster.address) as ledger,
        ):
            base.execute("SET search_path = jfsrules")
            base.execute("SET session_replication_role = replica")
            for number in range(300):
                with base.transaction():
                    base.execute(f"TRUNCATE {', '.join(TABLES)}")
                    for table in TABLES:
                        rows = first.execute(f"SELECT * FROM {table}").fetchall()
                        marks = ", ".join(["%s"] * len(rows[0]))
                        base.cursor().executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
                if number == 0:
                    assert verify(ledger, KEYS, head).whole
                    continue
                try:
                    with base.transaction():
                        name = edited(_Marked(base), number)
                        if not name:
                            raise ValueError  # noqa: TRY301 (what was begun is undone)
                except (ValueError, InFailedSqlTransaction):
                    continue
                made += 1
                if whole_by(ledger, head):
                    missed.append((number, name))
        assert made > 220
        assert missed == []


class _Marked:
    """A connection to PostgreSQL that takes the marks of SQLite."""

    def __init__(self, base: Any) -> None:
        self._base = base

    def execute(self, sql: str, values: Any = ()) -> Any:
        return self._base.execute(sql.replace("?", "%s"), values)


def test_what_is_no_part_of_a_ledger_is_named(sealed: tuple[Path, Head], tmp_path: Path) -> None:
    """A table, view, index or trigger that was put beside ours is a fault, whatever it does."""
    path, head = sealed
    for name, change in (
        ("more", "CREATE TABLE more (x)"),
        ("shown", "CREATE VIEW shown AS SELECT * FROM records"),
        ("by_body", "CREATE INDEX by_body ON records (body)"),
        ("lost", "CREATE TRIGGER lost BEFORE INSERT ON entries BEGIN SELECT RAISE(IGNORE); END"),
    ):
        copy = tmp_path / "copy.db"
        shutil.copyfile(path, copy)
        with closing(sqlite3.connect(copy)) as base:
            base.executescript(f"ANALYZE; {change}")
        with Ledger.open(str(copy)) as ledger:
            told = [fault.says for fault in verify(ledger, KEYS, head).faults]
        assert told == [f"`{name}` was put into the database: a ledger has no such part"]


def test_no_bit_of_a_kept_document_is_idle(tmp_path: Path) -> None:
    """Compressed streams have bits that mean nothing; a change of one of those is found too."""
    body = json.dumps({str(n): n * 7 % 31 for n in range(99)}).encode()
    packed = pack(body)
    assert len(packed) < len(body)
    for bit in range(8 * len(packed)):
        with pytest.raises(ValueError, match="document"):
            unpack(flipped(packed, bit))


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
