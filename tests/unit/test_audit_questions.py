"""Questions: what the index answers is what one finds by reading every decision."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jfsrules.audit import Ledger
from jfsrules.audit.bundles import At
from jfsrules.audit.index import Index
from jfsrules.audit.questions import Question, ask, period, statistics
from jfsrules.audit.retention import prune
from jfsrules.audit.store import open_store
from jfsrules.errors import LedgerError
from ledgers import cases

NUMBER = 120


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger with an entry a day, some of them batches."""
    days = itertools.count()
    start = datetime(2026, 1, 1, tzinfo=UTC)
    path = tmp_path_factory.mktemp("asked") / "ledger.db"
    store = open_store(str(path), create=True)
    with Ledger(store, clock=lambda: start + timedelta(days=next(days))) as made:
        made.begin()
        some = cases(NUMBER)
        for _ in range(10):
            made.append(next(some))
            made.append_many(itertools.islice(some, 5))
        made.append_many(some)
        yield made


@pytest.fixture(scope="module")
def index(ledger: Ledger) -> Iterator[Index]:
    made = Index(ledger)
    yield made
    made.close()


class Logged(NamedTuple):
    """One decision as it is found the plain way."""

    at: At
    record: dict[str, Any]
    decision: dict[str, Any]
    time: str


def read(ledger: Ledger) -> Iterator[Logged]:
    """Every decision, the plain way."""
    for seq, pos, body in ledger.store.records(0, 10**9):
        record = json.loads(body)
        kept = ledger.document(record["decision"])
        yield Logged(At(seq, pos), record, kept, ledger.entry(seq).time)


def advice(decision: dict[str, Any]) -> set[str]:
    return {track["advice"] for track in decision["tracks"]}


def steps(decision: dict[str, Any]) -> list[tuple[Any, str, set[str]]]:
    """Rule, kind, and the facts it read or is about, of every step."""
    return [
        (
            step["rule"],
            step["kind"],
            {read["indicator"] for read in step["facts"]}
            or {step["says"]["args"].get("indicator")},
        )
        for step in decision["trace"]
    ]


QUESTIONS = {
    "all": (Question(), bool),
    "partner": (Question(partner="md"), lambda x: x.record["partner"] == "MD"),
    "tier": (Question(tier="neighbourhood"), lambda x: x.record["tier"] == "neighbourhood"),
    "group": (Question(group="neighbourhood"), lambda x: "neighbourhood" in x.decision["groups"]),
    "as of": (
        Question(as_of="2013..2015-06"),
        lambda x: "2013-01-01" <= x.record["as_of"] < "2015-07-01",
    ),
    "logged": (
        Question(logged="2026-01-05..2026-01-10"),
        lambda x: "2026-01-05" <= x.time < "2026-01-11",
    ),
    "rule": (Question(rule="d-near"), lambda x: any(s[0] == "d-near" for s in steps(x.decision))),
    "advice": (
        Question(advice="moot"),
        lambda x: "moot" in advice(x.decision),
    ),
    "advice on a track": (
        Question(advice="accord=undetermined"),
        lambda x: "undetermined" in advice(x.decision),
    ),
    "rulebook": (Question(rulebook="small"), bool),
    "step of a rule": (
        Question(where="rule=d-near kind=blocked fact=near"),
        lambda x: any(
            s[0] == "d-near" and s[1] == "blocked" and "near" in s[2] for s in steps(x.decision)
        ),
    ),
    "step of any rule": (
        Question(where="kind=blocked fact=visa"),
        lambda x: any(s[1] == "blocked" and "visa" in s[2] for s in steps(x.decision)),
    ),
    "fact": (Question(where="fact=warm"), lambda x: any("warm" in s[2] for s in steps(x.decision))),
    "absence": (
        Question(where="kind=absence fact=near"),
        lambda x: any(s[1] == "absence" and "near" in s[2] for s in steps(x.decision)),
    ),
    "kind": (
        Question(where="kind=overridden"),
        lambda x: any(s[1] == "overridden" for s in steps(x.decision)),
    ),
    "several": (
        Question(partner="US", where="rule=d-near kind=overridden"),
        lambda x: (
            x.record["partner"] == "US"
            and any(s[:2] == ("d-near", "overridden") for s in steps(x.decision))
        ),
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_index_finds_what_reading_finds(ledger: Ledger, index: Index, name: str) -> None:
    """Each question has the decisions for its answer that a plain search has, newest first."""
    question, fits = QUESTIONS[name]
    expected = [one.at for one in read(ledger) if fits(one)]
    answer = ask(ledger, index, question)
    assert answer.count == len(expected) > 0
    assert [line["at"] for line in answer.lines] == [str(at) for at in reversed(expected)]
    oldest = ask(ledger, index, question, newest=False)
    assert [line["at"] for line in oldest.lines] == [str(at) for at in expected]


def test_statistics_count_what_reading_counts(ledger: Ledger, index: Index) -> None:
    """What became of each rule in each month is what one counts by hand."""
    told = {
        (row["logged"], row["rule"], row["kind"]): row["decisions"]
        for row in statistics(index, Question(), "rule", "day")
    }
    counted: dict[tuple[str, str, str], int] = {}
    for _, _, decision, time in read(ledger):
        for rule, kind, _ in steps(decision):
            if rule:
                key = (time[:10], rule, kind)
                counted[key] = counted.get(key, 0) + 1
    assert told == counted
    tiers = list(statistics(index, Question(partner="MD"), "tier", "year"))
    assert (
        sum(row["decisions"] for row in tiers) == ask(ledger, index, Question(partner="MD")).count
    )
    assert {row["logged"] for row in tiers} == {"2026"}


def test_an_index_is_brought_up_to_date(tmp_path: Path) -> None:
    """What is appended is found; what is pruned is not; another ledger gets an index of its own."""
    where = tmp_path / "ledger.db.index"
    with Ledger.open(str(tmp_path / "ledger.db"), create=True) as ledger:
        for count in (3, 9):
            ledger.append_many(cases(count))
            index = Index(ledger, where)
            assert ask(ledger, index, Question()).count == (3 if count == 3 else 12)
            index.close()
        prune(ledger, "9999-01-01")
        ledger.append_many(cases(2))
        index = Index(ledger, where)
        answer = ask(ledger, index, Question())
        assert (answer.count, len(list(answer.lines))) == (2, 2)
        index.close()
    with Ledger.open(str(tmp_path / "other.db"), create=True) as other:
        other.append_many(cases(5))
        index = Index(other, where)
        assert ask(other, index, Question()).count == 5
        index.close()


def test_a_place_where_no_index_can_be_written_is_no_hindrance(tmp_path: Path) -> None:
    """The index is kept in memory then."""
    (tmp_path / "file").write_text("")
    with Ledger.open(str(tmp_path / "ledger.db"), create=True) as ledger:
        ledger.append_many(cases(3))
        index = Index(ledger, tmp_path / "file" / "index")
        assert ask(ledger, index, Question()).count == 3
        index.close()


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Question(tier="neighborhood"), "did you mean `neighbourhood`"),
        (Question(partner="XX"), "no decision here has the partner `XX`"),
        (Question(rule="d-neer"), "did you mean `d-near`"),
        (Question(where="colour=red"), "asks nothing"),
        (Question(where=""), "asks nothing"),
        (Question(where="kind=fierd"), "did you mean `fired`"),
        (Question(as_of="2014-13"), "is no time"),
        (Question(logged="yesterday"), "is no time"),
        (Question(as_of="14"), "is no time"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(
    ledger: Ledger, index: Index, question: Question, words: str
) -> None:
    """A name that no decision has, a time that is none: a sentence, with the nearest name."""
    with pytest.raises(LedgerError, match=words):
        ask(ledger, index, question)


def test_periods_end_where_the_next_begins() -> None:
    """Days, months and years are half-open."""
    assert period("2024-02-29") == ("2024-02-29", "2024-03-01")
    assert period("2024-12") == ("2024-12-01", "2025-01-01")
    assert period("..2024") == ("0001-01-01", "2025-01-01")
