"""From file to file: what does a batch cost beside reading and writing the same files?

Whole processes in turns: `jfsrules batch` on scenarios, by the shipped rulebook `practice`, and the
bounds of bound.py. CPU is user and system time of the process with all its threads; memory is its
peak. In one process, on one thread: where the time of a batch goes, and what the bits of fired rules
add to a column batch in memory.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks import measuring

ROWS = (1_000_000, 10_000_000)
ROUNDS = 3
LARGE = 2_000_000
IN_MEMORY = 100_000
WHAT = ("batch", "constants", "copy", "read cases", "read answers")


@dataclass(frozen=True)
class Taken:
    """What one process took: CPU and wall in seconds, peak memory in MiB."""

    cpu: float
    wall: float
    memory: float


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.batch")
    asked.add_argument("--rows", type=int, nargs="+", default=ROWS)
    asked.add_argument("--rounds", type=int, default=ROUNDS, help="from two million rows on: one")
    asked.add_argument("--folder", type=Path, help="where files go and stay; else they are deleted")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        raw = {
            rows: taken(scenarios(rows, folder), folder, given.rounds if rows < LARGE else 1)
            for rows in given.rows
        }
        os.environ["POLARS_MAX_THREADS"] = "1"
        with_fired, without = fired(scenarios(given.rows[0], folder))
        spent = stages(scenarios(given.rows[0], folder), folder / "staged.parquet")
    rows = [line for rows, runs in raw.items() for line in lines(rows, runs)]
    kept = {f"{rows} rows": _kept(runs) for rows, runs in raw.items()}
    kept["in memory, with fired rules and without, ms"] = [
        measuring.rounded(with_fired),
        measuring.rounded(without),
    ]
    kept["stages, CPU s"] = [spent]
    measuring.report("batch", rows, kept)
    print(f"\nWhere {given.rows[0]:,} rows go, one thread, CPU s:")
    for stage, seconds in spent.items():
        print(f"  {stage:24} {seconds:6.2f}")
    share = statistics.median(with_fired) / statistics.median(without) - 1
    print(f"\nFired rules add {share:.0%} to a column batch of {IN_MEMORY:,} rows in memory.")


def scenarios(rows: int, folder: Path) -> Path:
    """The cases as a file, made once."""
    made = "from benchmarks.scenarios import main; import sys; main(int(sys.argv[1]), sys.argv[2])"
    path = folder / f"scenarios-{rows}.parquet"
    if not path.exists():
        subprocess.run([sys.executable, "-c", made, str(rows), str(path)], check=True)
    return path


def taken(cases: Path, folder: Path, rounds: int) -> dict[str, list[Taken]]:
    """What each process takes, in turns; a first batch makes the answers that the bounds need."""
    answers, out = folder / "answers.parquet", folder / "out.parquet"
    bound = [sys.executable, "-m", "benchmarks.bound"]
    batch = [sys.executable, "-m", "jfsrules", "batch", str(cases), "--rulebook", "practice"]
    commands = {task: [*bound, task, str(cases), str(answers), str(out)] for task in WHAT[1:]}
    commands["batch"] = [*batch, "-o", str(answers), "--force"]
    found: dict[str, list[Taken]] = {task: [] for task in WHAT}
    for _ in range(rounds):
        for task in WHAT:
            found[task].append(process(commands[task]))
    return found


def process(command: Sequence[str]) -> Taken:
    """Run a process to its end."""
    begin = time.perf_counter()
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert running.stderr is not None
    told = running.stderr.read()
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"{' '.join(command)}:\n{told.decode()}")
    wall = time.perf_counter() - begin
    return Taken(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def lines(rows: int, runs: Mapping[str, list[Taken]]) -> list[dict[str, object]]:
    """A line of the table for the batch and for each bound."""

    def median(task: str, of: Callable[[Taken], float]) -> float:
        return statistics.median(map(of, runs[task]))

    cpu = {task: median(task, lambda one: one.cpu) for task in WHAT}
    rewritten = cpu["read cases"] + cpu["copy"] - cpu["read answers"]
    return [
        {
            "rows": f"{rows:,}",
            "what": what,
            "CPU, s": figure,
            "batch / this": cpu["batch"] / figure,
            "wall, s": wall,
            "memory, MiB": memory,
        }
        for what, figure, wall, memory in (
            ("batch", cpu["batch"], *_wall_and_memory(median, "batch")),
            ("bound: constants", cpu["constants"], *_wall_and_memory(median, "constants")),
            ("bound: the answers themselves", rewritten, "", ""),
        )
    ]


def _wall_and_memory(median: Callable[..., float], task: str) -> tuple[float, float]:
    return median(task, lambda one: one.wall), median(task, lambda one: one.memory)


def fired(cases: Path, rounds: int = 15) -> tuple[list[float], list[float]]:
    """CPU seconds of one block in memory with the bits of fired rules, and without them."""
    import polars as pl

    from jfsrules.classifying import columns_of

    columns = columns_of("practice")
    block = pl.read_parquet(cases, n_rows=IN_MEMORY)
    enums = {
        one.id: pl.Enum(one.type.values)
        for one in columns.plan.rulebook.vocabulary.indicators.values()
        if one.type.kind == "one_of"
    }
    block = block.with_columns(pl.col(name).cast(type_) for name, type_ in enums.items())
    whole = columns.apply(block.lazy(), missing="bits")
    bits = [one.column for one in columns.outputs if one.about == "fired"]
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 2):
        for query, seconds in zip((whole, whole.drop(bits)), found, strict=True):
            begin = time.process_time()
            query.collect()
            if number > 1:
                seconds.append(time.process_time() - begin)
    return found


def stages(cases: Path, out: Path) -> dict[str, float]:
    """CPU seconds of each stage of one batch; what is left over is the rest of the process."""
    from jfsrules.batch import answers, joining, parts, reading, running, typed
    from jfsrules.loading import load_rulebook

    spent: dict[str, float] = {}
    with ExitStack() as patched:
        for stage, owner, name in (
            ("making the plan", answers.Answers, "__init__"),
            ("reading", reading.Parquet, "_stretch"),
            ("typing texts", typed.Typing, "typed"),
            ("rules", answers.Answers, "answer"),
            ("naming what is missing", answers.Answers, "named"),
            ("counting", running, "counts"),
            ("writing", parts.Parts, "_write_answer"),
            ("joining the parts", joining, "join"),
        ):
            timed = _timed(stage, getattr(owner, name), spent)
            patched.enter_context(patch.object(owner, name, timed))
        begin = time.process_time()
        batch = running.Batch(running.Job((str(cases),), load_rulebook("practice")))
        written = parts.Parts(out, batch.asked(), batch.metadata())
        written.begin(force=True, resume=False)
        running.run(batch, parts=written)
        written.finish(batch.empty())
        whole = time.process_time() - begin
    return {**spent, "all else": whole - sum(spent.values())}


def _timed(stage: str, done: Callable[..., Any], spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        begin = time.process_time()
        try:
            return done(*given, **named)
        finally:
            spent[stage] = spent.get(stage, 0.0) + time.process_time() - begin

    return timed


def _kept(runs: Mapping[str, list[Taken]]) -> dict[str, list[dict[str, float]]]:
    return {
        task: [{name: round(value, 3) for name, value in vars(one).items()} for one in many]
        for task, many in runs.items()
    }


if __name__ == "__main__":
    main()
