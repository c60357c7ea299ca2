"""How do our engines compare with others on the same rules? One case at a time, and whole tables.

One rule base as JSON (`bases.py`), in each engine's own words (`peers/`), with 25, 100 and 400
rules. Answers are checked to be equal before anything is timed. What is compared runs in one
process, in turns, each engine on one thread unless said otherwise; figures are medians, ratios are
medians of the rounds, in seconds of the processor. `--quick` takes fewer rows and rounds.
"""

from __future__ import annotations

import os

os.environ.pop("JFSRULES_VERIFY", None)

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import bases, measuring, peers
from benchmarks.measuring import Taken, ratio

SIZES = (25, 100, 400)
CHECKED = 300
LOT_SECONDS = 0.03
MOST_BATCH = 2_000
UNKNOWN = 0.1
FUNCTION, COMPILED, RETE = "one Python function", "ours, compiled", "ours, rete"
HOST, ZEN, DATALOGIC = "durable-rules Host", "ZEN", "datalogic-py"
COLUMNS, POLARS, FISCA = "ours, columns (Polars)", "Polars by hand", "OpenFisca-core"
ZEN_BATCH = "ZEN, batch call"


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.engines")
    asked.add_argument("--quick", action="store_true")
    asked.add_argument("--worker", choices=sorted(WORKERS), help=argparse.SUPPRESS)
    asked.add_argument("--ask", type=json.loads, default={}, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.worker:
        print(json.dumps(WORKERS[given.worker](**given.ask)))
    else:
        compare(given.quick)


def compare(quick: bool) -> None:
    rounds, rows = (3, 100_000) if quick else (9, 1_000_000)
    alone = {n: worker("cases", rules=n, rounds=rounds) for n in SIZES}
    tables = {
        f"{rules} rules, {count:,} rows, {threads} thread{'s'[: threads - 1]}"
        + (f", {share:.0%} unknown" if share else ""): worker(
            "tables",
            threads,
            rules=rules,
            rows=count,
            rounds=5 if count == rows else 2,
            unknown=share,
        )
        for rules, count, threads, share in (
            (25, rows, 1, 0.0),
            (100, rows, 1, 0.0),
            (100, rows, 1, UNKNOWN),
            (100, 10 * rows, 1, 0.0),
            (400, rows, 1, 0.0),
        )
    }
    memory = {
        peer.name: worker("memory", name=peer.name, rules=100, rows=rows)
        for peer in (*peers.CASES, *peers.TABLES)
    }
    threads = threads_in_turn(rows, 5 * rounds)
    shown = {
        "One case at a time": cases_rows(alone),
        "Whole tables in memory": tables_rows(tables),
        "Memory with 100 rules": memory_rows(memory),
        "Asked and found": figures(alone[100], list(tables.values())[1], threads),
    }
    measuring.keep(
        "engines", shown, {"cases": alone, "tables": tables, "memory": memory, "threads": threads}
    )
    versions = ", ".join(f"{name} {version}" for name, version in alone[100]["versions"].items())
    print(" · ".join(str(part) for part in measuring.machine().values()))
    print(versions)
    for title, each in shown.items():
        print(f"\n### {title}\n\n{measuring.table(each)}")


def worker(kind: str, threads: int = 1, **ask: Any) -> dict[str, Any]:
    """What one kind of measurement says, taken in a process of its own with so many threads."""
    run = started(kind, threads, ask)
    words, _ = run.communicate()
    if run.returncode:
        raise SystemExit(run.returncode)
    return json.loads(words.splitlines()[-1])


def started(
    kind: str, threads: int, ask: dict[str, Any], stdin: int | None = None
) -> subprocess.Popen[str]:
    """Such a process."""
    command = [sys.executable, "-m", "benchmarks.engines", "--worker", kind]
    names = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS")
    return subprocess.Popen(
        [*command, "--ask", json.dumps(ask)],
        env={**os.environ, **dict.fromkeys(names, str(threads))},
        stdin=stdin,
        stdout=subprocess.PIPE,
        text=True,
    )


# --- one case at a time --------------------------------------------------------------------------


def cases(rules: int, rounds: int) -> dict[str, Any]:
    """Each peer on single cases: answers, answers with reasons, and what it makes of unknowns."""
    base = bases.base(rules)
    known = cases_of(bases.table(base, CHECKED))
    open_ = cases_of(bases.table(base, CHECKED, UNKNOWN))
    law, open_law = bases.answers(base, known), bases.answers(base, open_)
    runs: dict[str, Callable[[], object]] = {}
    lots: dict[str, int] = {}
    unknown, missing = {}, {}
    for peer in peers.CASES:
        try:
            made = peer.built(base)
        except ImportError as error:
            missing[peer.name] = f"not installed: {error}"
            continue
        prepared = [made.prepare(case) for case in known]
        asked = [what for what in ("answer", "explain") if hasattr(made, what)]
        for what in asked:
            if [made.tell(getattr(made, what)(case)) for case in prepared] != law:
                raise SystemExit(f"{peer.name} answers otherwise with {rules} rules")
        unknown[peer.name] = with_unknowns(made, open_, open_law)
        for what in asked:
            name = f"{peer.name}: {what}"
            runs[name], lots[name] = lot(getattr(made, what), prepared)
    taken = measuring.in_turn_twice(runs, rounds)
    return {
        "rules": rules,
        "alternatives": sum(len(bases.alternatives(rule["when"])) for rule in base.rules),
        "fired": sum(len(one.fired) for one in law) / len(law),
        "versions": {
            one.package: one.version() for one in (*peers.CASES, *peers.TABLES) if one.package
        },
        "unknown": unknown,
        "missing": missing,
        "lots": lots,
        "taken": {
            name: [[x / lots[name] for x in seconds] for seconds in one]
            for name, one in taken.items()
        },
    }


def cases_of(table: bases.Table) -> list[bases.Case]:
    return [table.case(row) for row in range(len(table))]


def lot(run: Callable[[Any], object], prepared: list[Any]) -> tuple[Callable[[], object], int]:
    """Some cases in a row, as many as take a moment together; and how many those are."""
    begin = time.perf_counter()
    for case in prepared[:10]:
        run(case)
    each = (time.perf_counter() - begin) / 10
    count = max(10, min(len(prepared), int(LOT_SECONDS / each)))
    times = max(1, int(LOT_SECONDS / each / count))
    some = prepared[:count] * times

    def all_of_them() -> None:
        for case in some:
            run(case)

    return all_of_them, len(some)


def with_unknowns(made: Any, cases: list[bases.Case], law: list[bases.Answer]) -> str:
    """How many answers are right where some of a case is unknown."""
    right, errors = 0, set()
    for case, answer in zip(cases, law, strict=True):
        try:
            right += made.tell(made.answer(made.prepare(case))) == answer
        except Exception as error:  # noqa: BLE001 - which one is what is asked
            errors.add(type(error).__name__)
    share = f"{right / len(cases):.0%} right"
    return f"{share}, {', '.join(sorted(errors))}" if errors else share


def cases_rows(found: dict[int, dict[str, Any]]) -> list[measuring.Row]:
    rows = []
    names = found[100]["taken"]
    for name in names:
        row: dict[str, object] = {"engine": name}
        for rules, one in found.items():
            row[f"{rules} rules, µs"] = median(one["taken"][name][1]) * 1e6
        taken = taken_of(found[100])
        row["× the function, 100 rules"] = ratio(taken[name], taken[f"{FUNCTION}: answer"])
        row["10 % unknown"] = found[100]["unknown"][name.partition(": ")[0]]
        rows.append(row)
    for name, why in found[100]["missing"].items():
        empty = dict.fromkeys(rows[0], "")
        rows.append({**empty, "engine": name, "10 % unknown": why})
    return rows


def taken_of(found: dict[str, Any]) -> dict[str, Taken]:
    return {name: Taken(*seconds) for name, seconds in found["taken"].items()}


# --- whole tables --------------------------------------------------------------------------------


def tables(rules: int, rows: int, rounds: int, unknown: float) -> dict[str, Any]:
    """Each peer on one table: with and without which rules fired."""
    base = bases.base(rules)
    few, table = bases.table(base, CHECKED, unknown), bases.table(base, rows, unknown)
    law = bases.answers(base, cases_of(few))
    runs: dict[str, Callable[[], object]] = {}
    count: dict[str, int] = {}
    missing = {}
    for peer in peers.TABLES:
        try:
            made = peer.built(base)
        except ImportError as error:
            missing[peer.name] = f"not installed: {error}"
            continue
        if unknown and not getattr(made, "three_valued", False):
            missing[peer.name] = "two values only"
            continue
        if made.tell(made.fired(made.prepare(few))) != law:
            raise SystemExit(f"{peer.name} answers otherwise with {rules} rules")
        slow = getattr(made, "slow", False)
        prepared = made.prepare(bases.table(base, MOST_BATCH, unknown) if slow else table)
        for what in SAID:
            if hasattr(made, what) and not (slow and what == "answer"):
                name = f"{peer.name}: {what}"
                runs[name] = partial(getattr(made, what), prepared)
                count[name] = MOST_BATCH if slow else rows
    taken = measuring.in_turn_twice(runs, rounds)
    return {
        "rows": count,
        "missing": missing,
        "taken": {
            name: [[x / count[name] for x in seconds] for seconds in one]
            for name, one in taken.items()
        },
    }


def tables_rows(found: dict[str, dict[str, Any]]) -> list[measuring.Row]:
    rows = []
    for title, one in found.items():
        taken = taken_of(one)
        for name, seconds in taken.items():
            peer, _, what = name.partition(": ")
            beside = taken.get(f"{POLARS}: {what}", taken[f"{POLARS}: fired"])
            rows.append(
                {
                    "table": title,
                    "engine": peer,
                    "answer": SAID[what],
                    "million rows/s": 1e-6 / median(seconds.wall),
                    "CPU s per million rows": median(seconds.cpu) * 1e6,
                    "× Polars by hand": ratio(seconds, beside),
                }
            )
        rows += [
            {**dict.fromkeys(rows[0], ""), "table": title, "engine": peer, "answer": why}
            for peer, why in one["missing"].items()
        ]
    return rows


SAID = {
    "answer": "tier and conclusions",
    "fired": "and which rules fired",
    "packed": "the same, fired as bits of integers",
    "unfired": "all but which rules fired",
    "whole": "all, with what is missing as text",
}


# --- memory --------------------------------------------------------------------------------------


def memory(name: str, rules: int, rows: int) -> dict[str, Any]:
    """The size of a process before and at the height of its work, in MiB."""
    base = bases.base(rules)
    peer = next(one for one in (*peers.CASES, *peers.TABLES) if one.name == name)
    try:
        made = peer.built(base)
    except ImportError as error:
        return {"missing": f"not installed: {error}"}
    if peer in peers.CASES:
        given = [made.prepare(case) for case in cases_of(bases.table(base, CHECKED))]
        run = lambda: [made.answer(case) for case in given for _ in range(5)]  # noqa: E731
    else:
        table = bases.table(base, MOST_BATCH if getattr(made, "slow", False) else rows)
        given = made.prepare(table)
        run = lambda: made.fired(given)  # noqa: E731
        rows = len(table)
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    before = status("VmRSS")
    run()
    return {
        "rows": rows if peer in peers.TABLES else 5 * CHECKED,
        "before": before,
        "peak": status("VmHWM"),
    }


def status(name: str) -> float:
    """A line of this process's status, in MiB."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def memory_rows(found: dict[str, dict[str, Any]]) -> list[measuring.Row]:
    return [
        {
            "engine": name,
            "cases": one.get("rows", one.get("missing", "")),
            "before, MiB": one.get("before", ""),
            "peak, MiB": one.get("peak", ""),
            "added, MiB": one["peak"] - one["before"] if "peak" in one else "",
        }
        for name, one in found.items()
    ]


# --- what was asked ------------------------------------------------------------------------------


def figures(
    alone: dict[str, Any], table: dict[str, Any], threads: dict[str, list[float]]
) -> list[Any]:
    """The figures asked for, each a ratio in one run."""
    one, whole = taken_of(alone), taken_of(table)

    def times(slow: str, quick: str, taken: dict[str, Taken]) -> float | None:
        return ratio(taken[slow], taken[quick]) if slow in taken else None

    columns, reasons = f"{COLUMNS}: answer", f"{COMPILED}: explain"
    fired = f"{COLUMNS}: fired"
    pairs = list(zip(threads["1"], threads["2"], strict=True))
    speed_up = median(alone / both for alone, both in pairs)
    best = min(threads["1"]) / min(threads["2"])
    rows = [
        ("columns, rows/s beside OpenFisca-core", "≥ 6", times(f"{FISCA}: answer", columns, whole)),
        ("columns with fired rules, the same", "≥ 6", times(f"{FISCA}: fired", fired, whole)),
        (
            "columns, rows/s beside ZEN's batch",
            "≥ 1500",
            times(f"{ZEN_BATCH}: fired", fired, whole),
        ),
        (
            "columns, time beside Polars by hand",
            "≤ 1.5",
            times(columns, f"{POLARS}: answer", whole),
        ),
        ("columns, two threads beside one", "≥ 1.5", speed_up),
        ("columns, the best round of each", "≥ 1.5", best),
        (
            "columns, all with fired rules beside all without",
            "≤ 1.3",
            times(f"{COLUMNS}: whole", f"{COLUMNS}: unfired", whole),
        ),
        (
            "columns, tier, conclusions and fired rules beside no fired",
            "≤ 1.3",
            times(fired, columns, whole),
        ),
        (
            "compiled with reasons, time beside the function",
            "≤ 2.5",
            times(reasons, f"{FUNCTION}: answer", one),
        ),
        ("compiled with reasons, beside Host", "≥ 40", times(f"{HOST}: explain", reasons, one)),
        (
            "compiled with reasons, beside ZEN with trace",
            "≥ 70",
            times(f"{ZEN}: explain", reasons, one),
        ),
        (
            "compiled with reasons, beside datalogic-py",
            "≥ 3",
            times(f"{DATALOGIC}: answer", reasons, one),
        ),
        (
            "rete with reasons, beside Host",
            "≥ 2",
            times(f"{HOST}: explain", f"{RETE}: explain", one),
        ),
    ]
    return [
        {"figure": name, "asked": asked, "found": "not measured" if found is None else found}
        for name, asked, found in rows
    ]


# --- threads -------------------------------------------------------------------------------------


def served(rules: int, rows: int) -> dict[str, Any]:
    """Answer once for each line that comes in, and say how long it took."""
    base = bases.base(rules)
    made = next(peer for peer in peers.TABLES if peer.name == COLUMNS).built(base)
    given = made.prepare(bases.table(base, rows))
    made.answer(given)
    for _ in sys.stdin:
        print(measuring.timed(lambda: made.answer(given)), flush=True)
    return {}


def threads_in_turn(rows: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of our columns with one thread and with two, in turns, in a process each."""
    ask = {"rules": 100, "rows": rows}
    workers = {number: started("served", number, ask, stdin=subprocess.PIPE) for number in (1, 2)}
    seconds: dict[str, list[float]] = {}
    for _ in range(rounds):
        for number, one in workers.items():
            assert one.stdin
            assert one.stdout
            one.stdin.write("\n")
            one.stdin.flush()
            seconds.setdefault(str(number), []).append(float(one.stdout.readline()))
    for one in workers.values():
        one.communicate()
    return seconds


WORKERS = {"cases": cases, "tables": tables, "memory": memory, "served": served}

if __name__ == "__main__":
    main()
