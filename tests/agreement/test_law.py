"""The law itself, held against a second statement of it that shares no line with it."""

from __future__ import annotations

from agreement.naive import Naive
from agreement.strategies import some_pairs
from jfsrules.meaning import find
from jfsrules.proof import decision

TRUTH = {False: 0, None: 1, True: 2}


def test_the_meaning_is_what_the_design_says_in_other_words() -> None:
    """Every rule and every conclusion of 600 random pairs has the value that a plain recursion
    over the rules gives it."""
    for world, profile in some_pairs(600, first=50_000):
        found, naive = find(world.plan, profile), Naive(world.rulebook, profile)
        for rule in world.rulebook.rules:
            assert TRUTH[found.effective[rule.id]] == naive.effective(rule), (world.seed, rule)
        for conclusion, value in found.concluded.items():
            assert TRUTH[value] == naive.concluded(conclusion), (world.seed, conclusion)


def test_tier_and_advice_are_what_the_design_says_in_other_words() -> None:
    """Tier, tracks and advice of 600 random pairs are those of a second statement."""
    for world, profile in some_pairs(600, first=60_000):
        made = decision(world.plan, profile, find(world.plan, profile), "reference")
        naive = Naive(world.rulebook, profile)
        assert made.tier == naive.tier, world.seed
        advice = {name: naive.advice(name) for name in world.vocabulary.instruments}
        listed = {track.instrument: track.advice for track in made.tracks}
        assert listed == {name: said for name, said in advice.items() if said}, world.seed
