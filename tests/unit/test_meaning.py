"""The law: strong Kleene, overrides, conclusions, requirements."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from jfsrules.condition import ALWAYS, All, Any, Conclusion, Condition, Not, Reads, Test
from jfsrules.facts import Profile
from jfsrules.meaning import Findings, every, find, holds, opposite, some
from jfsrules.plan import plan
from jfsrules.rulebook import Rule, Rulebook
from jfsrules.vocabulary import FLAG, Indicator, Vocabulary

T, F, U = True, False, None
DAY = date(2014, 6, 27)
NEAR = Conclusion("group", "near")
NEEDS = Conclusion("requirement", "bridge/road")
A, B = Test("a", "=", (True,)), Test("b", "=", (True,))


@pytest.mark.parametrize(
    ("one", "other", "both", "either"),
    [
        (T, T, T, T), (T, U, U, T), (T, F, F, T),
        (U, T, U, T), (U, U, U, U), (U, F, F, U),
        (F, T, F, T), (F, U, F, U), (F, F, F, F),
    ],
)  # fmt: skip
def test_all_and_any_follow_kleene(one, other, both, either) -> None:
    """The nine cells of *all* and of *any*, for values and for conditions."""
    assert (every([one, other]), some([one, other])) == (both, either)
    values = {name: v for name, v in (("a", one), ("b", other)) if v is not None}
    profile = Profile("MD", DAY, values)
    assert holds(All((A, B)), profile, {}) is both
    assert holds(Any((A, B)), profile, {}) is either


@pytest.mark.parametrize(("value", "turned"), [(T, F), (U, U), (F, T)])
def test_not_follows_kleene(value, turned) -> None:
    """*Not* turns true and false, and leaves unknown unknown."""
    assert opposite(value) is turned
    profile = Profile("MD", DAY, {} if value is None else {"a": value})
    assert holds(Not(A), profile, {}) is turned


def test_an_empty_all_is_true_and_an_empty_any_false() -> None:
    """A rule without a condition always holds."""
    nobody = Profile("MD", DAY, {})
    assert holds(ALWAYS, nobody, {}) is True
    assert holds(Any(()), nobody, {}) is False


@pytest.mark.parametrize("op", ["=", "≠", "<", "≤", ">", "≥", "in", "not in"])
def test_every_test_of_an_unknown_is_unknown(op) -> None:
    """No operator makes something of an unknown value, `≠` and `not in` neither."""
    assert holds(Test("a", op, (True,)), Profile("MD", DAY, {}), {}) is None


def test_partner_and_day_are_always_known() -> None:
    """`partner` and `as_of` need no fact."""
    profile = Profile("MD", DAY, {})
    assert holds(Test("partner", "in", ("MD", "UA")), profile, {}) is True
    assert holds(Test("as_of", "≥", (date(2014, 6, 28),)), profile, {}) is False


def test_what_no_rule_concludes_is_false() -> None:
    """Reading a conclusion without rules finds it false, not unknown."""
    assert holds(Reads(NEAR), Profile("MD", DAY, {}), {}) is False
    assert holds(Reads(NEAR, wanted=False), Profile("MD", DAY, {}), {}) is True


def found(*rules: Rule, **flags: bool | None) -> Findings:
    indicators = {name: Indicator(name, name, FLAG, name) for name in "abcd"}
    words = Vocabulary(indicators, {}, {}, {}, {}, {}, {})
    book = Rulebook("small", "1", "Small", rules, frozenset(), words, {}, {}, (), "0" * 64)
    values = {name: value for name, value in flags.items() if value is not None}
    return find(plan(book), Profile("MD", DAY, values))


def rule(name: str, conclusion: Conclusion, when: Condition, *overrides: str, **more) -> Rule:
    return Rule(name, name, conclusion, ("P",), "text", when, overrides=overrides, **more)


@pytest.mark.parametrize(
    ("a", "b", "effective"),
    [
        (T, F, T), (T, T, F), (T, U, U),
        (F, F, F), (F, T, F), (F, U, F),
        (U, F, U), (U, T, F), (U, U, U),
    ],
)  # fmt: skip
def test_a_rule_is_effective_where_it_holds_and_nothing_effective_overrides_it(
    a, b, effective
) -> None:
    """All nine ways a rule and the rule that overrides it can stand."""
    made = found(rule("r", NEAR, A), rule("o", NEAR, B, "r"), a=a, b=b)
    assert made.effective["r"] is effective


def test_an_overridden_override_does_not_override() -> None:
    """Overrides chain: what is itself taken away takes nothing away."""
    rules = (
        rule("r", NEAR, A),
        rule("o", Conclusion("repeal", ""), A, "r"),
        rule("p", Conclusion("repeal", ""), B, "o"),
    )
    assert found(*rules, a=T, b=T).concluded[NEAR] is True
    assert found(*rules, a=T, b=F).concluded[NEAR] is False
    assert found(*rules, a=T, b=U).concluded[NEAR] is None


@pytest.mark.parametrize(("a", "b"), list(product((T, U, F), repeat=2)))
def test_a_conclusion_is_any_of_its_rules(a, b) -> None:
    """True if one is effective, false if none is, else unknown."""
    made = found(rule("r", NEAR, A), rule("s", NEAR, B), a=a, b=b)
    assert made.concluded == {NEAR: some([a, b])}


@pytest.mark.parametrize(("a", "b"), list(product((T, U, F), repeat=2)))
def test_a_requirement_is_met_where_it_does_not_apply_or_what_it_asks_holds(a, b) -> None:
    """Each rule of a requirement must be met; one that is not effective asks nothing."""
    made = found(
        rule("r", NEEDS, A, that=B),
        rule("s", NEEDS, ALWAYS, judged="c"),
        a=a, b=b, c=T,
    )  # fmt: skip
    assert made.concluded[NEEDS] is some([opposite(a), b])
    assert found(rule("s", NEEDS, ALWAYS, judged="c")).concluded[NEEDS] is None


def test_the_reason_is_the_least_alternative_that_holds() -> None:
    """Of two alternatives that hold the shorter is the reason; unknown has none."""
    wide = Any((All((A, B)), Test("c", "=", (True,))))
    made = found(rule("r", NEAR, wide), a=T, b=T, c=T).conditions["r", "when"]
    assert str(made.reason) == "c = true"
    made = found(rule("r", NEAR, wide), a=T, b=T).conditions["r", "when"]
    assert str(made.reason) == "a = true and b = true"
    made = found(rule("r", NEAR, wide), a=F, c=F).conditions["r", "when"]
    assert (made.value, str(made.reason)) == (False, "a ≠ true and c ≠ true")
    assert found(rule("r", NEAR, wide), a=T, c=F).conditions["r", "when"].reason is None
