"""How long something takes, on which machine; and the raw runs, kept as JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

RUNS = Path(__file__).parent / "runs"
Row = Mapping[str, object]


def timed(run: Callable[[], object]) -> float:
    """Seconds of one run."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def in_turn(
    runs: Mapping[str, Callable[[], object]], rounds: int, warm: int = 2
) -> dict[str, list[float]]:
    """Seconds of each run in each round: one after the other, so that a busy moment hits all."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(warm + rounds):
        for name, run in runs.items():
            taken = timed(run)
            if number >= warm:
                seconds[name].append(taken)
    return seconds


class Taken(NamedTuple):
    """Seconds of some runs of one thing: on the clock, and on the processor."""

    wall: list[float]
    cpu: list[float]


def in_turn_twice(
    runs: Mapping[str, Callable[[], object]], rounds: int, warm: int = 1
) -> dict[str, Taken]:
    """As `in_turn`, and the seconds of all threads on the processor: a busy machine moves those
    less."""
    taken = {name: Taken([], []) for name in runs}
    for number in range(warm + rounds):
        for name, run in runs.items():
            cpu, wall = time.process_time(), time.perf_counter()
            run()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            if number >= warm:
                taken[name].wall.append(wall)
                taken[name].cpu.append(cpu)
    return taken


def ratio(one: Taken, other: Taken) -> float:
    """How many times as long one takes as another: the median of the rounds, on the processor."""
    return statistics.median(a / b for a, b in zip(one.cpu, other.cpu, strict=True))


def median_ms(seconds: Iterable[float]) -> float:
    return statistics.median(seconds) * 1_000


def machine() -> dict[str, object]:
    """The machine as far as it matters, and no name of it."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _processor() -> str:
    try:
        words = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.machine()
    models = [line.partition(":")[2].strip() for line in words.splitlines() if "model name" in line]
    return models[0] if models else platform.machine()


def report(question: str, rows: Sequence[Row], raw: Mapping[str, object]) -> None:
    """Print the table, and keep the raw runs as `runs/<question>.json`."""
    keep(question, rows, raw)
    print(" · ".join(str(part) for part in machine().values()))
    print(table(rows))


def keep(question: str, rows: object, raw: Mapping[str, object]) -> None:
    """Write rows and raw runs to `runs/<question>.json`."""
    RUNS.mkdir(exist_ok=True)
    kept = {
        "question": question,
        "taken": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": machine(),
        "rows": rows,
        "raw": raw,
    }
    words = json.dumps(kept, indent=1, ensure_ascii=False)
    (RUNS / f"{question}.json").write_text(words + "\n", "utf-8")


def table(rows: Sequence[Row]) -> str:
    """Rows as a Markdown table."""
    names = list(rows[0])
    cells = [[_shown(row[name]) for name in names] for row in rows]
    lines = [names, ["---"] * len(names), *cells]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def rounded(seconds: Iterable[float]) -> list[float]:
    """Raw runs in milliseconds, to the tenth of a microsecond."""
    return [round(one * 1_000, 4) for one in seconds]


def _shown(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
