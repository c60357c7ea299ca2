"""The plan: positive forms, strata, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from agreement.strategies import some_pairs
from jfsrules.condition import ALWAYS, All, Any, Conclusion, Condition, Not, Reads, Test
from jfsrules.errors import Refused
from jfsrules.facts import Profile
from jfsrules.meaning import find, holds
from jfsrules.plan import (
    LONGEST_CHAIN,
    MOST_ALTERNATIVES,
    MOST_LEAVES,
    Form,
    form,
    in_force,
    plan,
    reads,
)
from jfsrules.proof import decision
from jfsrules.rulebook import Rule, Rulebook
from jfsrules.vocabulary import FLAG, Indicator, Term, Vocabulary

A, B = Test("a", "=", (True,)), Test("b", "≠", (True,))
GROUP = Reads(Conclusion("group", "near"))


def rule(name: str, subject: str, when: Condition = ALWAYS, *overrides: str, **more) -> Rule:
    kind, _, of = subject.partition(":")
    return Rule(name, name, Conclusion(kind, of), ("P",), "text", when, overrides=overrides, **more)


def rulebook(*rules: Rule) -> Rulebook:
    indicators = {name: Indicator(name, name, FLAG, name) for name in "abcdefgh"}
    groups = {"near": Term("near", "Near")}
    words = Vocabulary(indicators, groups, {}, {}, {}, {}, {})
    return Rulebook("small", "1", "Small", rules, frozenset(), words, {}, {}, (), "0" * 64)


def conditions() -> list[Condition]:
    """Every condition over three leaves, two deep."""
    leaves: list[Condition] = [A, B, GROUP]
    first = [
        *leaves,
        *map(Not, leaves),
        *(kind((x, y)) for kind in (All, Any) for x in leaves for y in leaves),
        ALWAYS,
        Any(()),
    ]
    second = [kind((x, y)) for kind in (All, Any) for x in first for y in first]
    return [*first, *map(Not, first), *second, *map(Not, second)]


def test_forms_are_true_and_false_exactly_where_kleene_is() -> None:
    """For every condition two deep over three leaves, and all 27 ways they can stand, some
    alternative holds exactly where the condition is true (or, in the other form, false)."""
    one = rule("r", "group:g")
    ways = [
        (Profile("MD", date(2014, 1, 1), known(a=a, b=b)), {GROUP.conclusion: near})
        for a, b, near in product((True, False, None), repeat=3)
    ]
    for condition in conditions():
        made = form(condition, True, one)
        for profile, concluded in ways:
            value = holds(condition, profile, concluded)
            for wanted, alternatives in ((True, made.true), (False, made.false)):
                certain = [
                    all(holds(leaf, profile, concluded) for leaf in alternative.leaves)
                    for alternative in alternatives
                ]
                assert any(certain) == (value is wanted), condition


def known(**flags: bool | None) -> dict[str, bool]:
    return {name: value for name, value in flags.items() if value is not None}


def test_no_alternative_is_idle() -> None:
    """No alternative needs all that another needs and more, and none needs what cannot be."""
    one = rule("r", "group:g")
    for condition in conditions():
        for alternatives in both(form(condition, True, one)):
            sets = [frozenset(alternative.leaves) for alternative in alternatives]
            assert not any(x < y for x in sets for y in sets)
            assert not any(leaf.opposite() in some for some in sets for leaf in some)


def both(made: Form) -> tuple:
    return made.true, made.false


def test_alternatives_stand_from_the_least() -> None:
    """Fewest leaves first, then by their text: the first true one is the reason."""
    wide = Any((All((A, B)), All((GROUP, A)), Test("c", "=", (True,))))
    texts = [str(alternative) for alternative in form(wide, False, rule("r", "group:g")).true]
    assert texts == ["c = true", "a = true and b ≠ true", "a = true and group:near"]


def test_only_what_is_read_negatively_has_a_false_form() -> None:
    """A focus area that overrides nothing needs no false form; a group does."""
    made = plan(
        rulebook(
            rule("area", "focus:x/", A),
            rule("over", "focus:x/", B, "area"),
            rule("near", "group:near", A),
        )
    )
    assert {name for name, r in made.rules.items() if r.when.two_sided} == {"over", "near"}
    assert made.rules["area"].when.false == ()


def test_days_in_force_are_two_leaves_of_the_condition() -> None:
    """One plan serves all dates: a rule in force for a time tests `as_of`."""
    timed = rule("r", "group:g", A, since=date(2005, 1, 1), until=date(2010, 1, 1))
    assert str(form(in_force(timed), False, timed).true[0]) == (
        "a = true and as_of < 2010-01-01 and as_of ≥ 2005-01-01"
    )


def test_a_rule_stands_above_what_it_reads_and_below_what_it_overrides() -> None:
    """In random rulebooks each rule is decided after all it depends on, and each conclusion is
    settled once, after the last of its rules."""
    for world, _ in some_pairs(40, cases=1, first=400_000):
        made = world.plan
        order = [one.rule.id for stratum in made.strata for one in stratum]
        level = {one.rule.id: n for n, stratum in enumerate(made.strata) for one in stratum}
        assert sorted(order) == sorted(made.rules)
        for name, one in made.rules.items():
            read = [r for c in reads(one.rule) for r in made.concluding.get(c, ())]
            assert all(level[r] < level[name] for r in read)
            assert all(order.index(r) < order.index(name) for r in one.overriders)
        settled = [c for conclusions in made.settles for c in conclusions]
        assert sorted(settled) == sorted(made.concluding)
        for number, conclusions in enumerate(made.settles):
            for conclusion in conclusions:
                assert max(level[r] for r in made.concluding[conclusion]) == number


def test_a_circle_is_refused_with_its_path() -> None:
    """Rules that decide each other are named, from the least, round to it again."""
    circle = rulebook(
        rule("b", "derived:x", Not(Reads(Conclusion("derived", "y")))),
        rule("a", "derived:y", All((A, Reads(Conclusion("derived", "x"))))),
    )
    with pytest.raises(Refused) as refused:
        plan(circle)
    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.code == "cycle"
    assert diagnostic.message.endswith("`a` → `b` → `a`")


def test_a_circle_of_overrides_is_refused() -> None:
    """Two rules that override each other are a circle too."""
    with pytest.raises(Refused):
        plan(rulebook(rule("a", "group:g", A, "b"), rule("b", "group:g", B, "a")))


def test_a_condition_with_too_many_alternatives_is_refused_once() -> None:
    """Seven choices of two that must all hold are 128 alternatives; six are 64, and pass."""
    letters = "abcdefgh"
    choices = [Any((Test(one, "=", (True,)), Reads(Conclusion("derived", one)))) for one in letters]
    plan(rulebook(rule("most", "focus:x/", All(tuple(choices[:6])))))
    with pytest.raises(Refused) as refused:
        plan(rulebook(rule("more", "focus:x/", All(tuple(choices[:7])))))
    assert [d.code for d in refused.value.diagnostics] == ["too-many-alternatives"]
    assert MOST_ALTERNATIVES == 64


def test_a_condition_that_tests_too_much_together_is_refused() -> None:
    """241 tests that must all hold are more than an engine can be told of one case."""
    words = [Reads(Conclusion("derived", f"d{n}")) for n in range(MOST_LEAVES + 1)]
    plan(rulebook(rule("most", "focus:x/", All(tuple(words[:-1])))))
    with pytest.raises(Refused) as refused:
        plan(rulebook(rule("more", "focus:x/", All(tuple(words)))))
    assert [d.code for d in refused.value.diagnostics] == ["too-many-leaves"]


@pytest.mark.parametrize("overriding", [False, True])
def test_a_chain_of_more_than_100_rules_is_refused(overriding: bool) -> None:
    """A hundred rules, each of which reads or overrides the one before, are decided and proved
    down to the first; one more is refused."""
    made = plan(rulebook(*chain(LONGEST_CHAIN, overriding)))
    profile = Profile("MD", date(2014, 1, 1), {"a": True, "eu_member": False})
    assert decision(made, profile, find(made, profile), "reference").tier != "undetermined"
    with pytest.raises(Refused) as refused:
        plan(rulebook(*chain(LONGEST_CHAIN + 1, overriding)))
    assert [d.code for d in refused.value.diagnostics] == ["long-chain"]


def chain(length: int, overriding: bool) -> list[Rule]:
    if overriding:
        over = [(f"r{n}", f"r{n - 1}") if n else (f"r{n}",) for n in range(length)]
        return [rule(name, "group:near", A, *others) for name, *others in over]
    subjects = ["near", *(f"d{n}" for n in range(1, length))]
    kinds = ["group", *["derived"] * (length - 1)]
    return [
        rule(
            f"r{n}",
            f"{kinds[n]}:{subjects[n]}",
            Reads(Conclusion("derived", subjects[n + 1])) if n + 1 < length else A,
        )
        for n in range(length)
    ]


def test_every_rule_at_fault_is_named() -> None:
    """Diagnostics of several rules come together."""
    wide = All(
        tuple(Any((Test(n, "=", (True,)), Reads(Conclusion("derived", n)))) for n in "abcdefg")
    )
    with pytest.raises(Refused) as refused:
        plan(rulebook(*(rule(name, "focus:x/", wide) for name in ("one", "two"))))
    assert len(refused.value.diagnostics) == 2


def test_a_repeal_concludes_nothing() -> None:
    """A repeal overrides, and is no rule of any conclusion."""
    gone = replace(rule("gone", "repeal:", A), overrides=("near",))
    made = plan(rulebook(rule("near", "group:near"), gone))
    assert list(made.concluding) == [Conclusion("group", "near")]
    assert made.rules["near"].overriders == ("gone",)


def test_requirements_stand_by_instrument() -> None:
    """The requirements of a track are found by its instrument, in order."""
    made = plan(
        rulebook(
            rule("two", "requirement:bridge/z", that=A),
            rule("one", "requirement:bridge/a", judged="b"),
        )
    )
    assert [str(c) for c in made.requirements["bridge"]] == [
        "requirement:bridge/a",
        "requirement:bridge/z",
    ]
