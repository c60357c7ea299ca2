"""How long does the main job take: as a whole process, and warm in one; and does memory stay flat?

Whole processes: `jfsrules --help` and `jfsrules decide MD`, from the shell's point of view. Warm:
one decision with its full trace, from the dossier on and from the profile on. Memory: the size of
the process over 200,000 decisions (`--decisions N` for fewer).
"""

from __future__ import annotations

import os

os.environ.pop("JFSRULES_VERIFY", None)

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks import measuring

from jfsrules.deciding import Ready, ready
from jfsrules.facts import Dossier, Lists, profile_on
from jfsrules.loading import dossier_codes, load_dossier, load_lists, load_rulebook, rulebook_names

PROCESSES = {"jfsrules --help": ["--help"], "jfsrules decide MD": ["decide", "MD"]}
CODES = ("MD", "UA", "RS", "DZ", "US", "JP", "TR", "RU")
ROUNDS = 20
DECISIONS = 200_000
SAMPLES = 20


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.decide")
    asked.add_argument("--decisions", type=int, default=DECISIONS)
    count = asked.parse_args().decisions
    whole, warm, sizes = processes(), decisions(), memory(count)
    rows = [
        {"what": name, "figure": measuring.median_ms(seconds), "unit": "ms, median"}
        for name, seconds in {**whole, **warm}.items()
    ]
    settled, last = sizes[len(sizes) // 10], sizes[-1]
    rows += [
        {"what": f"memory after {shown} decisions", "figure": figure, "unit": "MiB"}
        for shown, figure in ((count // 10, settled), (count, last))
    ]
    raw = {name: measuring.rounded(seconds) for name, seconds in {**whole, **warm}.items()}
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


def decisions() -> dict[str, list[float]]:
    """Seconds of one warm decision, on average over eight partners, by rulebook and engine."""
    runs = {}
    for name in sorted(rulebook_names()):
        book = load_rulebook(name)
        lists = load_lists(book.vocabulary)
        dossiers = [load_dossier(code, book.vocabulary) for code in CODES]
        profiles = [profile_on(d, lists.knowledge_date, lists, book.vocabulary) for d in dossiers]
        for engine in ("rete", "reference"):
            made = ready(book, engine)
            runs[f"one decision, {name}, {engine}"] = lambda made=made, profiles=profiles: [
                made.decide(profile) for profile in profiles
            ]
        made = ready(book, "rete")
        runs[f"one decision from the dossier on, {name}, rete"] = (
            lambda made=made, dossiers=dossiers, lists=lists: [
                from_dossier(made, one, lists) for one in dossiers
            ]
        )
    seconds = measuring.in_turn(runs, ROUNDS * 5)
    return {name: [one / len(CODES) for one in each] for name, each in seconds.items()}


def from_dossier(made: Ready, dossier: Dossier, lists: Lists) -> object:
    words = made.plan.rulebook.vocabulary
    return made.decide(profile_on(dossier, lists.knowledge_date, lists, words))


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
