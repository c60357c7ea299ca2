"""Random vocabularies, rulebooks, dossiers and profiles; hypothesis draws their seeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import strategies as st

from agreement.drawing import FIRST, GROUPS, KNOWLEDGE_DATE, LAST, PARTNERS, TRACKS, Draw
from jfsrules.errors import Refused
from jfsrules.facts import Profile
from jfsrules.plan import Plan, plan
from jfsrules.rulebook import Rulebook
from jfsrules.vocabulary import Vocabulary

__all__ = [
    "FIRST",
    "GROUPS",
    "KNOWLEDGE_DATE",
    "LAST",
    "PARTNERS",
    "TRACKS",
    "Draw",
    "World",
    "learning",
    "pair",
    "pairs",
    "profile",
    "seeds",
    "some_pairs",
    "world",
    "worlds",
]


@dataclass(frozen=True)
class World:
    """A rulebook with its plan, and what one may draw cases from."""

    seed: int
    rulebook: Rulebook
    plan: Plan

    @property
    def vocabulary(self) -> Vocabulary:
        return self.rulebook.vocabulary


def worlds() -> st.SearchStrategy[World]:
    """Worlds, by seed."""
    return seeds().map(world)


def pairs() -> st.SearchStrategy[tuple[World, Profile]]:
    """A rulebook and a profile."""
    return st.tuples(seeds(), seeds()).map(lambda s: pair(*s))


def seeds() -> st.SearchStrategy[int]:
    return st.integers(0, 2**32 - 1)


def world(seed: int) -> World:
    """The world of a seed."""
    draw = Draw(seed)
    vocabulary = draw.vocabulary()
    while True:
        rulebook = draw.rulebook(vocabulary)
        try:
            return World(seed, rulebook, plan(rulebook))
        except Refused:  # a condition with more alternatives than a plan admits
            continue


def pair(seed: int, case: int) -> tuple[World, Profile]:
    """A world, and one profile of it."""
    drawn = world(seed)
    return drawn, profile(drawn.vocabulary, case)


def profile(vocabulary: Vocabulary, seed: int) -> Profile:
    """A profile that stands alone, or one made of a dossier, closed lists and stated facts."""
    draw = Draw(seed)
    return draw.profile_alone(vocabulary) if draw.chance(0.5) else draw.profile_of(vocabulary)


def some_pairs(count: int, cases: int = 12, first: int = 0) -> Iterator[tuple[World, Profile]]:
    """`count` pairs, always the same: several profiles to each world."""
    for number in range(count):
        if number % cases == 0:
            drawn = world(first + number)
        yield drawn, profile(drawn.vocabulary, first + number)


def learning(profile: Profile, vocabulary: Vocabulary, seed: int) -> Profile:
    """The same profile with some of what was unknown now known."""
    draw = Draw(seed)
    learnt = {
        atom: draw.value(type_)
        for atom, type_ in vocabulary.atoms.items()
        if profile[atom] is None and draw.chance(0.4)
    }
    return profile.stating(learnt)
