"""Law: the compiled function finds what the reference finds, and its reasons are the reasons."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from hypothesis import given, settings

from agreement import strategies
from agreement.strategies import World, some_pairs
from jfsrules.condition import All, Any, Conclusion, Not, Test
from jfsrules.engines import compiled
from jfsrules.facts import Profile, profile_on
from jfsrules.loading import dossier_codes, load_dossier, load_lists, load_rulebook
from jfsrules.meaning import find
from jfsrules.plan import plan
from jfsrules.proof import decision
from jfsrules.rulebook import Rule
from jfsrules.vocabulary import FLAG, Indicator, Value


def test_findings_are_those_of_the_reference_on_random_pairs() -> None:
    """Each condition with its reason, each rule, each conclusion, on 1,200 random pairs."""
    last, engine = None, None
    for world, profile in some_pairs(1_200, first=90_000):
        if world is not last:
            last, engine = world, compiled.engine(world.plan)
        assert engine is not None
        assert engine(profile) == find(world.plan, profile), (world.seed, profile)


@given(strategies.pairs())
@settings(max_examples=60, deadline=None)
def test_decisions_are_equal_to_the_byte(drawn: tuple[World, Profile]) -> None:
    """Seeds that nobody chose give equal canonical bytes."""
    world, profile = drawn
    law = decision(world.plan, profile, find(world.plan, profile), "reference")
    noted = compiled.engine(world.plan).noted(profile)
    assert noted.decision().canonical() == law.canonical()
    assert noted.decision().engine == "compiled"


def test_every_dossier_is_decided_alike() -> None:
    """Each shipped dossier, on the day of the page and on the knowledge date."""
    rulebook = load_rulebook("text-2014")
    made = plan(rulebook)
    engine, lists = compiled.engine(made), load_lists(rulebook.vocabulary)
    for code in dossier_codes():
        dossier = load_dossier(code, rulebook.vocabulary)
        for day in (date(2014, 6, 27), lists.knowledge_date):
            profile = profile_on(dossier, day, lists, rulebook.vocabulary)
            assert engine(profile) == find(made, profile), (code, day)


def test_what_fired_comes_with_the_alternative_and_the_values_it_read() -> None:
    """Without a proof graph, and the same as a graph would say."""
    seen = 0
    for world, profile in some_pairs(240, first=70_000):
        engine, law = compiled.engine(world.plan), find(world.plan, profile)
        tier, told = engine.answer(profile)
        fired = {rule: (reason, read) for rule, reason, read in told}
        assert len(fired) == len(told)
        assert tier == decision(world.plan, profile, law, "reference").tier
        assert engine.noted(profile).fired() == told
        assert set(fired) == {rule for rule, effective in law.effective.items() if effective}
        for rule, (reason, read) in fired.items():
            assert reason == law.conditions[rule, "when"].reason
            tested = [x for x in zip(reason.leaves, read, strict=True) if isinstance(x[0], Test)]
            assert all(leaf.passes(value) for leaf, value in tested if isinstance(leaf, Test))
            assert read == tuple(
                profile[x.atom] if isinstance(x, Test) else None for x in reason.leaves
            )
            seen += len(tested)
    assert seen > 1_000


def test_no_text_of_a_user_reaches_the_generated_source() -> None:
    """Names and values that are code stay values; the source is made of a closed alphabet."""
    world = strategies.world(4)
    hostile = 'x") or __import__("os").system("true") #\n'
    words = world.vocabulary
    about = Indicator(hostile, hostile, FLAG, hostile)
    values: tuple[Value, ...] = (hostile, "};", "k0")
    indicators = MappingProxyType({**words.indicators, hostile: about})
    tests = (Test(hostile, "=", (True,)), Test("partner", "in", values))
    rule = Rule(hostile, hostile, Conclusion("derived", hostile), (hostile,), "text", Any(tests))
    book = replace(
        world.rulebook,
        vocabulary=replace(words, indicators=indicators),
        rules=(*world.rulebook.rules, rule),
    )
    engine = compiled.engine(plan(book))
    assert set(re.findall(r"[A-Za-z_]+", engine.source)) <= {
        *("def", "note", "facts", "get", "return", "if", "else", "and", "or", "in", "not", "is"),
        *("None", "True", "False", "k", "v", "x"),
    }
    told = engine.answering[0]
    assert set(re.findall(r"[A-Za-z_]+", told)) <= {
        *("def", "answer", "facts", "partner", "day", "get", "return", "fired", "append"),
        *("if", "elif", "else", "and", "or", "in", "not", "is", "toordinal"),
        *("None", "True", "False", "k", "v", "d", "t", "f"),
    }
    assert not {"'", '"'} & {*engine.source, *told}
    profile = Profile("MD", date(2014, 6, 27), {hostile: True})
    assert engine(profile) == find(engine.plan, profile)
    assert engine(profile).concluded[rule.conclusion] is True


def test_the_longest_condition_a_plan_admits_compiles() -> None:
    """64 alternatives on both sides, and a condition as deep as people write."""
    world = strategies.world(2)
    flags = [f"flag_{n}" for n in range(3)]
    pairs = [
        All((Test("count_0", "=", (n / 10,)), Test(flags[n % 2], "=", (True,)))) for n in range(8)
    ]
    deep = Test("eu_member", "=", (True,))
    for _ in range(40):
        deep = Not(All((deep,)))  # type: ignore[assignment]
    rules = (
        Rule(
            "wide", "wide", Conclusion("derived", "wide"), ("P-0",), "text", Any(tuple(pairs[:6]))
        ),
        Rule(
            "open",
            "open",
            Conclusion("class", "open"),
            ("P-0",),
            "text",
            Any(tuple(Test("count_0", "=", (n / 10,)) for n in range(64))),
        ),
        Rule("deep", "deep", Conclusion("group", "deep"), ("P-0",), "text", deep),
    )
    made = plan(replace(world.rulebook, rules=rules))
    engine = compiled.engine(made)
    for case in range(200):
        profile = strategies.profile(world.vocabulary, case)
        assert engine(profile) == find(made, profile)
    assert len(made.rules["open"].when.true) == 64


def test_a_plan_without_rules_finds_nothing() -> None:
    """An empty rulebook compiles too."""
    world = strategies.world(2)
    made = plan(replace(world.rulebook, rules=()))
    profile = strategies.profile(world.vocabulary, 1)
    assert compiled.engine(made)(profile) == find(made, profile)
