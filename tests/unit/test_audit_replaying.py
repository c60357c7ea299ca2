"""Replay: the other engine, from what the ledger keeps alone, comes to the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest

from jfsrules.audit import Case, Ledger
from jfsrules.audit.bundles import At
from jfsrules.audit.comparing import compare
from jfsrules.audit.differences import differences
from jfsrules.audit.reading import decision_from
from jfsrules.audit.replaying import Replayer, other_engine
from jfsrules.deciding import profile_of, ready
from jfsrules.errors import LedgerError
from jfsrules.loading import load_dossier, load_rulebook
from jfsrules.loading.fingerprint import fingerprint
from jfsrules.plan import plan
from ledgers import case, cases, decided, small


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(str(tmp_path / "ledger.db"), create=True) as made:
        yield made


def test_the_engine_that_did_not_decide_comes_to_the_same_bytes(ledger: Ledger) -> None:
    """Whichever engine a record names, another one replays it, byte for byte."""
    receipt = ledger.append_many(cases(40))
    replayer, engines = Replayer(ledger), set()
    for pos in range(40):
        one = replayer.replay(At(receipt.seq, pos))
        assert one.same, (one.differences, one.broken)
        assert one.engine != one.record["engine"]
        engines.add(one.engine)
    rete = "rete" if find_spec("durable_rules_engine") else "compiled"
    assert engines == {"reference", rete}
    assert (other_engine("rete"), other_engine("compiled")) == ("reference", "reference")
    for engine in ("reference", "compiled", rete):
        assert Replayer(ledger, engine).replay(At(receipt.seq, 7)).same


def test_a_shipped_rulebook_is_replayed_as_it_was(ledger: Ledger) -> None:
    """The version of the time is in the ledger: the files may have changed since, or be gone."""
    book = load_rulebook("practice")
    dossier = load_dossier("UA", book.vocabulary)
    for day in ("2014-06-27", "2022-06-23"):
        profile = profile_of(dossier, day, book)
        made = ready(book, "reference").decide(profile)
        receipt = ledger.append(Case(made, profile, book, dossier.citations))
        assert Replayer(ledger).replay(At(receipt.seq)).same


def test_a_falsehood_is_found_and_shown(ledger: Ledger) -> None:
    """Where something else was logged than the rules give, the replay says what, line by line."""
    honest = next(one for one in cases(40) if one.decision.tracks)
    track = replace(honest.decision.tracks[0], advice="propose")
    lie = replace(honest.decision, tier="none", tracks=(track,))
    receipt = ledger.append(replace(honest, decision=lie))
    one = Replayer(ledger).replay(At(receipt.seq))
    assert not one.same
    shown = [str(difference) for difference in one.differences]
    assert f'tier: "none" → "{honest.decision.tier}"' in shown
    assert any(words.startswith('tracks[accord].advice: "propose" →') for words in shown)
    assert one.broken is not None


def test_two_versions_of_a_rulebook_stay_apart(ledger: Ledger) -> None:
    """A rulebook of the same content and another version decides under its own name."""
    book = replace(small().rulebook, version="2.0")
    newer = plan(replace(book, digest=fingerprint(book)))
    first = ledger.append(case(1))
    second = ledger.append(decided(newer, case(1).profile, "reference"))
    replayer = Replayer(ledger)
    assert all(replayer.replay(At(receipt.seq)).same for receipt in (first, second))


def test_what_is_not_kept_is_not_replayed(ledger: Ledger) -> None:
    """Without the rulebook there is no replay: it counts as broken, and the ledger says why."""
    receipt = ledger.append(case(1))
    with ledger.store.appending():
        ledger.store.unguard("contents")
        ledger.store.delete_contents(set())
        ledger.store.guard("contents")
    told = Replayer(ledger).replay(At(receipt.seq))
    assert not told.same
    assert "cannot be decided again: the document" in str(told.broken)
    assert "is not kept" in str(told.broken)
    with pytest.raises(LedgerError, match="has no entry"):
        Replayer(ledger).replay(At(receipt.seq + 1))


def test_a_logged_decision_is_read_back_whole(ledger: Ledger) -> None:
    """What was logged becomes the same value again."""
    for one in cases(30):
        record = ledger.record(ledger.append(one).seq)
        assert decision_from(ledger.document(record["decision"]), record["engine"]) == one.decision


def test_two_decisions_are_compared_by_cause(ledger: Ledger) -> None:
    """Facts and rules that differ come first, then each conclusion under the steps that moved it."""
    base = replace(case(2).profile, as_of=date(2015, 5, 5))
    on = base.stating({"near": True, "warm": True, "eu_member": False, "visa": "required"})
    off = on.stating({"near": False})
    book = small().rulebook
    kept = tuple(rule for rule in book.rules if rule.id != "f-area")
    fewer = replace(book, rules=kept, own=frozenset(rule.id for rule in kept))
    other = plan(replace(fewer, digest=fingerprint(fewer)))
    made = [decided(small(), on, "rete"), decided(small(), off, "rete"), decided(other, on, "rete")]
    places = [At(ledger.append(one).seq) for one in made]
    moved = compare(ledger, places[0], places[1])
    assert [(fact.name, fact.one, fact.other) for fact in moved.facts] == [("near", True, False)]
    assert moved.rules == ()
    by_line = {line.about: cause for cause in moved.causes for line in cause.lines}
    assert by_line["tier"].because == (("stated:near",), ("stated:near",))
    dropped = compare(ledger, places[0], places[2])
    assert [rule.name for rule in dropped.rules] == ["f-area"]
    assert dropped.facts == ()
    assert {line.about for cause in dropped.causes for line in cause.lines} >= {
        "focus:borders/helping"
    }
    assert compare(ledger, places[0], places[0]).same
    assert dropped.to_json()["schema"] == "jfsrules/audit-diff/1"


def test_differences_name_their_place() -> None:
    """Lists are compared by the names in them, so that one line moved is one line shown."""
    one = {"a": [{"id": "x", "n": 1}, {"id": "y", "n": 2}], "b": [1, 2], "c": "same", "d": True}
    other = {"a": [{"id": "y", "n": 2}, {"id": "x", "n": 3}], "b": [1], "c": "same", "d": 1}
    shown = [str(difference) for difference in differences(one, other)]
    assert shown == [
        "a[x].n: 1 → 3",
        'a: ["x", "y"] → ["y", "x"]',
        "b[1]: 2 → (nothing)",
        "d: true → 1",
    ]
    assert list(differences(one, one)) == []
