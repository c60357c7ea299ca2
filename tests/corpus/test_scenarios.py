"""The scenarios of the project, on every engine."""

from __future__ import annotations

import pytest

from jfsrules.cases import Runner, Scenario, load_scenarios

SCENARIOS = load_scenarios()
RUNNERS = {engine: Runner(engine) for engine in ("rete", "reference")}


@pytest.mark.parametrize("engine", RUNNERS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.id)
def test_a_scenario_is_decided_as_expected(scenario: Scenario, engine: str) -> None:
    """What a person expects of a partner on a day is what each engine decides."""
    if engine == "rete":
        pytest.importorskip("durable_rules_engine")
    found = RUNNERS[engine].run(scenario)
    assert found.passed, [
        *(f"{m.about}: expected {m.expected}, found {m.found}" for m in found.mismatches),
        *(one.message for one in found.refused),
    ]


def test_there_are_enough_scenarios_and_each_says_what_it_rests_on() -> None:
    """At least 150, a third of them signed by hand, each with a sentence and a source."""
    assert len(SCENARIOS) >= 150
    assert sum(one.by == "hand" for one in SCENARIOS) >= 50
    assert all(one.says.endswith(".") and one.source for one in SCENARIOS)


def test_no_two_scenarios_ask_the_same() -> None:
    """A scenario that another repeats would prove nothing more."""
    asked = [(s.partner, s.as_of, s.rulebook, s.profile, str(s.stated)) for s in SCENARIOS]
    twice = {one.id for one, key in zip(SCENARIOS, asked, strict=True) if asked.count(key) > 1}
    assert not twice
