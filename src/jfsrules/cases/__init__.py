"""Scenarios: a sentence, a partner or a profile on a day, and what is expected of the decision.

Knows nothing of how an outcome is shown.
"""

from jfsrules.cases.choosing import chooser
from jfsrules.cases.files import load_scenarios, scenario_files
from jfsrules.cases.running import Mismatch, Outcome, Runner
from jfsrules.cases.scenario import Expectation, ExpectedTrack, Scenario

__all__ = [
    "Expectation",
    "ExpectedTrack",
    "Mismatch",
    "Outcome",
    "Runner",
    "Scenario",
    "chooser",
    "load_scenarios",
    "scenario_files",
]
