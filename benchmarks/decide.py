"""How long does the main job take: as a whole process, and warm in one; and does memory stay flat?

Whole processes: `jfsrules --help` and `jfsrules decide MD`, from the shell's point of view. Warm:
the whole decision, with its trace, canonical bytes and digest, by rulebook and engine; of profiles
decided before, and of profiles never seen. Memory: the size of the process over 200,000 decisions
(`--decisions N` for fewer).
"""

from __future__ import annotations

import os

os.environ.pop("JFSRULES_VERIFY", None)

import argparse
import hashlib
import itertools
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

from benchmarks import measuring, worlds

from jfsrules.deciding import ready
from jfsrules.decision import Decision
from jfsrules.engines import compiled, rete
from jfsrules.facts import Profile, profile_on
from jfsrules.loading import dossier_codes, load_dossier, load_lists, load_rulebook, rulebook_names
from jfsrules.meaning import find
from jfsrules.plan import Plan, plan
from jfsrules.proof import decision

PROCESSES = {"jfsrules --help": ["--help"], "jfsrules decide MD": ["decide", "MD"]}
CODES = ("MD", "UA", "RS", "DZ", "US", "JP", "TR", "RU")
ROUNDS = 20
ROUNDS_WARM = 100
FIRST = date(2010, 1, 15)
Decide = Callable[[Profile], Decision]
DECISIONS = 200_000
SAMPLES = 20


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.decide")
    asked.add_argument("--decisions", type=int, default=DECISIONS)
    count = asked.parse_args().decisions
    sizes = memory(count)
    whole, warm = processes(), decisions()
    rows = [
        {"what": name, "wall": measuring.median_ms(seconds), "cpu": "", "unit": "ms, median"}
        for name, seconds in whole.items()
    ]
    rows += [
        {
            "what": name,
            "wall": measuring.median_ms(taken.wall),
            "cpu": measuring.median_ms(taken.cpu),
            "unit": "ms, median",
        }
        for name, taken in warm.items()
    ]
    settled, last = sizes[len(sizes) // 10], sizes[-1]
    rows += [
        {"what": f"memory after {shown} decisions", "wall": figure, "cpu": "", "unit": "MiB"}
        for shown, figure in ((count // 10, settled), (count, last))
    ]
    raw = {name: measuring.rounded(seconds) for name, seconds in whole.items()}
    raw |= {name: measuring.rounded(taken.wall) for name, taken in warm.items()}
    raw |= {f"{name}, cpu": measuring.rounded(taken.cpu) for name, taken in warm.items()}
    measuring.report("decide", rows, {**raw, "memory, MiB": sizes})


def processes() -> dict[str, list[float]]:
    """Seconds of whole processes, as a user starts them."""
    beside = Path(sys.executable).with_name("jfsrules")
    found = str(beside) if beside.exists() else shutil.which("jfsrules")
    command = [found] if found else [sys.executable, "-m", "jfsrules"]
    runs = {
        name: lambda args=args: subprocess.run(
            [*command, *args], check=True, stdout=subprocess.DEVNULL
        )
        for name, args in PROCESSES.items()
    }
    return measuring.in_turn(runs, ROUNDS)


def decisions() -> dict[str, measuring.Taken]:
    """Seconds of one whole decision, on average over eight profiles, by rulebook and engine."""
    runs: dict[str, Callable[[], object]] = {}
    for name in sorted(rulebook_names()):
        book = load_rulebook(name)
        lists = load_lists(book.vocabulary)
        dossiers = [load_dossier(code, book.vocabulary) for code in CODES]
        days = [FIRST + timedelta(days=30 * n) for n in range(ROUNDS_WARM + 3)]
        several = [
            profile_on(dossier, day, lists, book.vocabulary)
            for day in (lists.knowledge_date, *days)
            for dossier in dossiers
        ]
        runs |= by_engine(name, plan(book), several)
    made = worlds.made(100, 100)
    runs |= by_engine("made-100", made, worlds.profiles(made, len(CODES) * (ROUNDS_WARM + 4)))
    taken = measuring.in_turn_twice(runs, ROUNDS_WARM, warm=2)
    return {
        name: measuring.Taken(
            [one / len(CODES) for one in each.wall], [one / len(CODES) for one in each.cpu]
        )
        for name, each in taken.items()
    }


def by_engine(name: str, made: Plan, several: list[Profile]) -> dict[str, Callable[[], object]]:
    """Runs over eight profiles: the first eight again and again, and others each time."""
    noted, fired = compiled.engine(made), rete.engine(made)
    ways: dict[str, Decide] = {
        "compiled": lambda profile: noted.noted(profile).decision(),
        "rete": lambda profile: decision(made, profile, fired(profile), "rete"),
        "reference": lambda profile: decision(made, profile, find(made, profile), "reference"),
    }
    count = len(CODES)
    runs: dict[str, Callable[[], object]] = {}
    for way, decide in ways.items():
        runs[f"{name}, {way}"] = lambda decide=decide: whole(decide, several[:count])
    fresh = iter(several[count:])
    runs[f"{name}, compiled, never seen"] = lambda: whole(
        ways["compiled"], itertools.islice(fresh, count)
    )
    return runs


def whole(decide: Decide, profiles: Iterable[Profile]) -> list[str]:
    """Decide on each, down to the digest of the canonical bytes."""
    return [hashlib.sha256(decide(profile).canonical()).hexdigest() for profile in profiles]


def memory(count: int) -> list[float]:
    """The size of this process in MiB, sampled over so many decisions on every partner."""
    book = load_rulebook("text-2014")
    made, lists = ready(book, "rete"), load_lists(book.vocabulary)
    dossiers = [load_dossier(code, book.vocabulary) for code in dossier_codes()]
    profiles = [profile_on(d, lists.knowledge_date, lists, book.vocabulary) for d in dossiers]
    sizes = []
    for number in range(count):
        made.decide(profiles[number % len(profiles)])
        if (number + 1) % max(1, count // SAMPLES) == 0:
            sizes.append(size())
    return sizes


def size() -> float:
    """The resident size of this process, in MiB."""
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return round(int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20, 2)


if __name__ == "__main__":
    main()
