"""A rule travels with its examples, and they are true of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jfsrules.facts import Profile
from jfsrules.loading import load_rulebook, rulebook_names
from jfsrules.meaning import find
from jfsrules.plan import is_requirement, plan
from jfsrules.rulebook import Rule

WANTED = {"holds": True, "fails": False, "unknown": None}
SOME_DAY = date(2014, 6, 27)


@pytest.mark.parametrize("name", rulebook_names())
def test_examples_of_a_rule_are_true_of_it(name: str) -> None:
    """Under its examples a rule's condition (or what it requires) holds, fails, or is unknown."""
    made = plan(load_rulebook(name))
    for rule in made.rulebook.rules:
        part = "that" if is_requirement(rule) else "when"
        for kind, facts in rule.examples.items():
            values = {atom: value for atom, value in facts.items() if value is not None}
            found = find(made, Profile("MD", a_day_of(rule), values))
            assert found.conditions[rule.id, part].value is WANTED[kind], (rule.id, kind)


def a_day_of(rule: Rule) -> date:
    """A day on which the rule is in force."""
    if rule.since:
        return rule.since
    return rule.until - timedelta(days=1) if rule.until else SOME_DAY
