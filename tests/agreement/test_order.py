"""The order in which rules stand, and in which Python happens to hash, never matters."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from agreement.strategies import some_pairs
from jfsrules.meaning import find
from jfsrules.plan import plan
from jfsrules.proof import decision

ROOT = Path(__file__).parents[2]
DIGESTS = """
from agreement.strategies import some_pairs
from jfsrules.meaning import find
from jfsrules.proof import decision
for world, profile in some_pairs(120, first=70_000):
    print(decision(world.plan, profile, find(world.plan, profile), "reference").digest())
"""


def test_any_order_of_rules_gives_the_same_bytes() -> None:
    """Rules shuffled, and the indicators of the vocabulary too, decide alike."""
    shuffled = None
    for number, (world, profile) in enumerate(some_pairs(400, cases=5, first=80_000)):
        if number % 5 == 0:
            order = random.Random(number)
            rules = list(world.rulebook.rules)
            indicators = list(world.vocabulary.indicators.items())
            order.shuffle(rules)
            order.shuffle(indicators)
            vocabulary = replace(world.vocabulary, indicators=dict(indicators))
            book = replace(world.rulebook, rules=tuple(rules), vocabulary=vocabulary)
            shuffled = plan(book)
        one = decision(world.plan, profile, find(world.plan, profile), "reference")
        other = decision(shuffled, profile, find(shuffled, profile), "reference")
        assert one.canonical() == other.canonical(), world.seed


def test_hashing_never_shows() -> None:
    """Three seeds of Python's hashing give the same digests."""
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    seen = {
        subprocess.run(
            [sys.executable, "-c", DIGESTS],
            env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            cwd=ROOT,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(seen) == 1 and seen.pop().count(b"\n") == 120
