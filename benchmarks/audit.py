"""What does the ledger cost: logging a decision and a batch, verifying, asking, room on disk?

One decision with and without logging on SQLite (at most 1 ms more). `jfsrules batch` of a Parquet
file of a million rows (`--rows N` for fewer, 0 for none) with and without `--log`, as whole processes in turns (at
most 20 % more). `audit verify` of entries with one decision each and of rows (at least 50,000 a
second). Questions to the million rows through an open index (at most 100 ms). Bytes on disk.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from benchmarks import measuring

from jfsrules.audit import Case, Ledger
from jfsrules.audit.index import Index
from jfsrules.audit.questions import Question, ask
from jfsrules.audit.verification import verify
from jfsrules.batch.cases import frame_of
from jfsrules.batch.typed import Typing
from jfsrules.deciding import ready
from jfsrules.facts import profile_on
from jfsrules.loading import (
    dossier_codes,
    knowledge_date,
    load_dossier,
    load_lists,
    load_rulebook,
)
from jfsrules.loading.countries import names_by_code

ROWS, ROUNDS = 1_000_000, 3
DECISIONS, ENTRIES = 400, 20_000
YEARS = (2006, 2010, 2014, 2016, 2018, 2020, 2022, 2024)
CODES = ("MD", "UA", "RS", "DZ", "US", "JP", "TR", "RU")
QUESTIONS = {
    "by partner": Question(partner="MD"),
    "by rule": Question(rule="geo-n1-neighbours"),
    "by tier and partner": Question(partner="UA", tier="neighbourhood"),
    "by step": Question(where="kind=undecided fact=willingness_to_engage"),
}


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.audit")
    asked.add_argument("--rows", type=int, default=ROWS)
    count = asked.parse_args().rows
    with tempfile.TemporaryDirectory(dir=os.environ.get("JFSRULES_BENCH")) as name:
        folder = Path(name)
        reported("audit", one_decision(folder), entries(folder))
        if count:
            many = many_rows(folder, count)
            reported("audit-batch", many, looking(folder / "batch.db", count))


def reported(name: str, *parts: tuple[list[measuring.Row], dict[str, object]]) -> None:
    rows = [row for part in parts for row in part[0]]
    measuring.report(name, rows, {key: value for part in parts for key, value in part[1].items()})


def line(what: str, figure: float, unit: str, limit: str = "") -> measuring.Row:
    return {"what": what, "figure": figure, "unit": unit, "asked for": limit}


def one_decision(folder: Path) -> tuple[list[measuring.Row], dict[str, object]]:
    """One decision, with and without being appended to a ledger that syncs every entry."""
    book = load_rulebook("practice")
    lists, made = load_lists(book.vocabulary), ready(book, "rete")
    dossiers = [load_dossier(code, book.vocabulary) for code in CODES]
    cited = [{**lists.citations, **one.citations} for one in dossiers]
    ledger = Ledger.open(str(folder / "one.db"), create=True)
    plain, logged, cpu, plain_cpu = [], [], [], []
    for number in range(DECISIONS):
        at = number % len(CODES)
        day = lists.knowledge_date - timedelta(days=number)  # no decision is known before
        profile = profile_on(dossiers[at], day, lists, book.vocabulary)
        used = time.process_time()
        plain.append(measuring.timed(lambda profile=profile: made.decide(profile)))
        plain_cpu.append(time.process_time() - used)
        begin, used = time.perf_counter(), time.process_time()
        decision = made.decide(profile)
        ledger.append(Case(decision, profile, book, cited[at]))
        logged.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - used)
    ledger.close()
    more = [with_log - without for with_log, without in zip(logged, plain, strict=True)]
    return [
        line("one decision", measuring.median_ms(plain), "ms"),
        line("one decision, logged", measuring.median_ms(logged), "ms"),
        line("logging adds", measuring.median_ms(more), "ms", "1"),
        line("a decision and its logging, CPU", measuring.median_ms(cpu), "ms"),
        line("the same decision, CPU", measuring.median_ms(plain_cpu), "ms"),
        line("the disk alone: a sync of 4 KB", measuring.median_ms(synced(folder)), "ms"),
    ], {"plain, ms": measuring.rounded(plain), "logged, ms": measuring.rounded(logged)}


def synced(folder: Path) -> list[float]:
    """Seconds of appending 4 KB to a file and waiting for the disk, which every entry does."""
    seconds = []
    with (folder / "synced").open("ab", buffering=0) as file:
        for _ in range(100):
            file.write(bytes(4096))
            seconds.append(measuring.timed(lambda: os.fsync(file.fileno())))
    return seconds


def entries(folder: Path) -> tuple[list[measuring.Row], dict[str, object]]:
    """A ledger with many entries of one decision each, verified whole."""
    book = load_rulebook("practice")
    lists, made = load_lists(book.vocabulary), ready(book, "rete")
    cases = []
    for code in CODES:
        dossier = load_dossier(code, book.vocabulary)
        profile = profile_on(dossier, lists.knowledge_date, lists, book.vocabulary)
        cited = {**lists.citations, **dossier.citations}
        cases.append(Case(made.decide(profile), profile, book, cited))
    path = folder / "entries.db"
    with Ledger.open(str(path), create=True) as ledger:
        list(ledger.store.run("PRAGMA synchronous = OFF"))  # only while the ledger is made
        begin = time.perf_counter()
        for number in range(ENTRIES):
            ledger.append(cases[number % len(cases)])
        made_in = time.perf_counter() - begin
    seconds, cpu = verified(path)
    rate, by_cpu = ENTRIES / statistics.median(seconds), ENTRIES / statistics.median(cpu)
    room = path.stat().st_size / ENTRIES
    return [
        line("entries verified, one decision each", rate, "a second", "50,000"),
        line("the same, of CPU time", by_cpu, "a second"),
        line("room of an entry with a decision known before", room, "bytes"),
    ], {"verify entries, s": seconds, "cpu": cpu, "append without sync, s": made_in}


def verified(path: Path) -> tuple[list[float], list[float]]:
    """Wall and CPU seconds of some checks of a whole ledger."""
    seconds, cpu = [], []
    for _ in range(ROUNDS):
        with Ledger.open(str(path)) as ledger:
            used = time.process_time()
            seconds.append(measuring.timed(lambda ledger=ledger: verify(ledger, unsigned=True)))
            cpu.append(time.process_time() - used)
    return seconds, cpu


def many_rows(folder: Path, count: int) -> tuple[list[measuring.Row], dict[str, object]]:
    """The batch as whole processes, with and without the ledger, in turns."""
    table, out, ledger = scenarios(folder, count), folder / "out.parquet", folder / "batch.db"
    call = [sys.executable, "-m", "jfsrules", "batch", str(table), "-o", str(out), "--force"]
    walls: dict[str, list[float]] = {"plain": [], "logged": []}
    cpus: dict[str, list[float]] = {"plain": [], "logged": []}
    for _ in range(ROUNDS):
        for name, more in (("plain", []), ("logged", ["--log", str(ledger)])):
            for old in folder.glob("batch.db*"):
                old.unlink()
            before = children()
            walls[name].append(measuring.timed(lambda more=more: called([*call, *more])))
            cpus[name].append(children() - before)
    rows: list[measuring.Row] = []
    for name, times in (("wall", walls), ("CPU", cpus)):
        plain, logged = (statistics.median(times[which]) for which in ("plain", "logged"))
        rows += [
            line(f"batch of {count:,} rows, {name}", plain, "s"),
            line(f"batch of {count:,} rows, logged, {name}", logged, "s"),
            line(f"logging adds, {name}", 100 * (logged / plain - 1), "%", "20"),
        ]
    seconds, cpu = verified(ledger)
    room = ledger.stat().st_size
    rows += [
        line("rows verified", count / statistics.median(seconds), "a second", "50,000"),
        line("room of the ledger", room / 2**20, "MiB"),
        line("room of a row", room / count, "bytes"),
        line("room of the answers, as Parquet", out.stat().st_size / 2**20, "MiB"),
    ]
    return rows, {"walls, s": walls, "cpus, s": cpus, "verify rows, s": seconds, "its cpu": cpu}


def children() -> float:
    """CPU seconds of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def called(call: list[str]) -> None:
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def scenarios(folder: Path, count: int) -> Path:
    """Partners as they are known on a day, of whom one value in ten is left out, as Parquet."""
    book, chance = load_rulebook("practice"), random.Random(7)
    words = book.vocabulary
    lists = load_lists(words)
    profiles = [
        profile_on(dossier, date(year, chance.randint(1, 12), 28), lists, words)
        for dossier in (load_dossier(code, words) for code in dossier_codes())
        for year in YEARS
    ]
    typing = Typing(words, tuple(sorted(names_by_code())), knowledge_date())
    known = frame_of(profiles, typing.schema(sorted(words.indicators)), words)
    drawn = known.sample(count, with_replacement=True, seed=1)
    columns = []
    for column in drawn.columns:
        kept = pl.Series([True] * 9 + [False]).sample(
            count, with_replacement=True, seed=chance.randrange(2**31)
        )
        value = pl.col(column)
        if isinstance(drawn.schema[column], pl.Enum):
            value = value.cast(pl.String)
        if column not in ("partner", "as_of"):
            value = pl.when(kept).then(value).alias(column)
        columns.append(value)
    path = folder / "rows.parquet"
    drawn.select(columns).write_parquet(path)
    return path


def looking(path: Path, count: int) -> tuple[list[measuring.Row], dict[str, object]]:
    """Questions to all rows, through an index that is up to date and opened anew each time."""
    where = path.with_name("batch.index")
    rows: list[measuring.Row] = []
    raw: dict[str, object] = {}
    with Ledger.open(str(path)) as ledger:
        begin, used = time.perf_counter(), time.process_time()
        Index(ledger, where).close()
        rows.append(line("index of all rows, made once", time.perf_counter() - begin, "s"))
        rows.append(line("the same, CPU", time.process_time() - used, "s"))
        for name, question in QUESTIONS.items():
            seconds = [asked_for(ledger, where, question) for _ in range(20)]
            what = f"question {name}, {count:,} rows: the count and the last 50"
            rows.append(line(what, measuring.median_ms(seconds), "ms", "100"))
            raw[f"question {name}, ms"] = measuring.rounded(seconds)
    rows.append(line("room of the index", where.stat().st_size / 2**20, "MiB"))
    return rows, raw


def asked_for(ledger: Ledger, where: Path, question: Question) -> float:
    def asked() -> None:
        ledger.forget()
        index = Index(ledger, where)
        answer = ask(ledger, index, question)
        assert answer.count
        assert [line for line, _ in zip(answer.lines, range(50), strict=False)]
        index.close()

    return measuring.timed(asked)


if __name__ == "__main__":
    main()
