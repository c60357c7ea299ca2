"""The laws of learning: what is decided stays decided, whatever else becomes known."""

from __future__ import annotations

from collections.abc import Iterator

from agreement.drawing import Draw
from agreement.strategies import World, learning, some_pairs
from jfsrules.decision import Decision
from jfsrules.facts import Profile, profile_on
from jfsrules.meaning import Findings, find
from jfsrules.proof import decision

OPEN = ("undetermined", "possible")


def learnt(count: int, first: int) -> Iterator[tuple[World, Profile, Profile]]:
    """Pairs, and the same profile knowing more."""
    for number, (world, profile) in enumerate(some_pairs(count, first=first)):
        yield world, profile, learning(profile, world.vocabulary, first + number)


def decided(world: World, profile: Profile) -> Decision:
    return decision(world.plan, profile, find(world.plan, profile), "reference")


def advice(made: Decision, world: World) -> dict[str, str]:
    """The advice on each instrument, `no_track` where there is none."""
    listed = {track.instrument: track.advice for track in made.tracks}
    return {name: listed.get(name, "no_track") for name in world.vocabulary.instruments}


def test_learning_never_flips_a_condition_a_rule_or_a_conclusion() -> None:
    """What is true or false for a profile is so for every profile that keeps what it knows."""
    for world, profile, more in learnt(1_000, 100_000):
        before, after = find(world.plan, profile), find(world.plan, more)
        for name, value in values(before).items():
            assert value is None or values(after)[name] is value, (world.seed, name)


def values(found: Findings) -> dict[object, bool | None]:
    conditions = {key: finding.value for key, finding in found.conditions.items()}
    return {**conditions, **found.effective, **found.concluded}


def test_learning_never_changes_a_decided_tier() -> None:
    """A tier other than `undetermined` stays, and so do the groups that are decided."""
    for world, profile, more in learnt(1_000, 110_000):
        before, after = decided(world, profile), decided(world, more)
        assert before.tier in ("undetermined", after.tier), world.seed
        assert set(before.groups) <= set(after.groups)
        assert set(after.groups) | set(after.possible_groups) <= {
            *before.groups,
            *before.possible_groups,
        }


def test_learning_never_takes_a_focus_area_class_or_channel_away() -> None:
    """What is listed stays listed, with its mode."""
    for world, profile, more in learnt(500, 120_000):
        before, after = decided(world, profile), decided(world, more)
        assert listed(before) <= listed(after), world.seed


def listed(made: Decision) -> set[tuple[str, str | None]]:
    moded = [(one.id, one.mode) for one in (*made.focus_areas, *made.channels)]
    return {*moded, *((one.id, None) for one in made.instrument_classes)}


def test_learning_never_changes_a_decided_advice() -> None:
    """Advice other than `undetermined` and `possible` stays, no track stays none; `possible` may
    become `propose` or `blocked`, and nothing else."""
    became = set()
    for world, profile, more in learnt(2_000, 130_000):
        before, after = (advice(decided(world, p), world) for p in (profile, more))
        for name, said in before.items():
            if said == "possible":
                became.add(after[name])
            elif said != "undetermined":
                assert after[name] == said, (world.seed, name)
    assert became == {"possible", "propose", "blocked"}


def test_what_is_not_missing_settles_nothing() -> None:
    """Learning only indicators that are not named as missing leaves what is open open."""
    for number, (world, profile) in enumerate(some_pairs(500, first=140_000)):
        before = decided(world, profile)
        more = learning(profile, world.vocabulary, number)
        for line in before.undetermined:
            kept = profile.stating(
                {
                    a: v
                    for a, v in more.values.items()
                    if profile[a] is None and a not in line.missing
                }
            )
            after = {one.about: one for one in decided(world, kept).undetermined}
            assert line.about in after, (world.seed, line)


def test_what_is_missing_settles_scope_groups_and_tier() -> None:
    """Learning all that is named as missing decides scope, a group, or the tier."""
    for number, (world, profile) in enumerate(some_pairs(500, first=150_000)):
        for line in decided(world, profile).undetermined:
            if not line.about.startswith("track:"):
                draw = Draw(number)
                atoms = world.vocabulary.atoms
                told = profile.stating({a: draw.value(atoms[a]) for a in line.missing})
                after = {one.about for one in decided(world, told).undetermined}
                assert line.missing and line.about not in after, (world.seed, line)


def test_less_trust_knows_no_more() -> None:
    """What a dossier makes known at a higher trust it makes known, alike, at a lower one."""
    for number, (world, _) in enumerate(some_pairs(300, first=160_000)):
        draw = Draw(number)
        dossier, lists = draw.dossier(world.vocabulary), draw.lists(world.vocabulary)
        day = draw.day()
        high, middle, low = (
            profile_on(dossier, day, lists, world.vocabulary, trust).values.items()
            for trust in ("verified", "reported", "unverified")
        )
        assert set(high) <= set(middle) <= set(low)
