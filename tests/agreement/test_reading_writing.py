"""Reading undoes writing: days, profiles, rulebooks and decisions come back as they went out."""

from __future__ import annotations

import json
from dataclasses import replace

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement.drawing import Draw
from agreement.strategies import some_pairs, worlds
from jfsrules.condition import scalar
from jfsrules.facts import Profile, WrittenDate
from jfsrules.loading import load_profile, rulebook_from_content
from jfsrules.loading.fingerprint import content, fingerprint
from jfsrules.meaning import find
from jfsrules.plan import plan
from jfsrules.proof import decision
from jfsrules.vocabulary import Vocabulary


@given(st.integers(0, 10**6))
def test_a_written_date_reads_back(seed: int) -> None:
    """A day, month, year or `by` day is the same interval after writing and reading it."""
    written = Draw(seed).written()
    assert WrittenDate.parse(str(written)) == written


def test_a_decision_reads_back_from_its_json() -> None:
    """JSON gives back every part of a decision, and our canonical bytes are those of RFC 8785."""
    for world, profile in some_pairs(200, first=300_000):
        made = decision(world.plan, profile, find(world.plan, profile), "reference")
        body = made.to_json()
        assert json.loads(json.dumps(body)) == body
        without = {name: part for name, part in body.items() if name != "engine"}
        assert rfc8785.dumps(without) == made.canonical()
        assert rfc8785.dumps(made.to_json()) == made.json()


def test_a_profile_reads_back_from_what_it_states() -> None:
    """A profile written as a file states it has the same values when loaded."""
    for world, drawn in some_pairs(200, first=310_000):
        profile = whole_sets(drawn, world.vocabulary)
        loaded = load_profile(stated(profile), world.vocabulary, impossible=())
        known = {atom: value for atom, value in loaded.values.items() if value is not None}
        assert (loaded.partner, loaded.as_of) == (profile.partner, profile.as_of)
        assert known == profile.values, world.seed


def whole_sets(drawn: Profile, vocabulary: Vocabulary) -> Profile:
    """The profile without sets of which only some members are known: no file can state them."""
    values = dict(drawn.values)
    for indicator in vocabulary.indicators.values():
        atoms = [f"{indicator.id}.{member}" for member in indicator.type.values]
        if indicator.type.kind == "set_of" and not values.keys() >= set(atoms):
            values = {atom: value for atom, value in values.items() if atom not in atoms}
    return Profile(drawn.partner, drawn.as_of, values)


def stated(profile: Profile) -> dict[str, object]:
    """A profile as a file writes it."""
    facts: dict[str, object] = {}
    for atom, value in profile.values.items():
        indicator, _, member = atom.partition(".")
        if member:
            members = facts.setdefault(indicator, [])
            members += [member] if value else []
        else:
            facts[atom] = scalar(value)
    return {"partner": profile.partner, "as_of": profile.as_of.isoformat(), "facts": facts}


@given(worlds())
@settings(max_examples=30, deadline=None)
def test_a_rulebook_reads_back_from_its_content(world) -> None:
    """A rulebook made of its content has its digest, whatever the order of rules."""
    book = world.rulebook
    digest = fingerprint(book)
    back = rulebook_from_content(content(book), book.name, book.version, digest)
    assert fingerprint(replace(back, rules=tuple(reversed(back.rules)))) == digest


def test_a_rulebook_read_back_decides_alike() -> None:
    """The same profiles get the same bytes from a rulebook made of its own content."""
    back = None
    for number, (world, profile) in enumerate(some_pairs(150, cases=5, first=320_000)):
        if number % 5 == 0:
            book = world.rulebook
            digest = fingerprint(book)
            made = rulebook_from_content(content(book), book.name, book.version, digest)
            back = plan(replace(made, digest=book.digest))
        one = decision(world.plan, profile, find(world.plan, profile), "reference")
        other = decision(back, profile, find(back, profile), "reference")
        assert one.canonical() == other.canonical(), world.seed
