"""Outcomes of scenarios as text for a person, and as JUnit XML for machines. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from jfsrules.cases import Mismatch, Outcome
from jfsrules.render.phrases import day_words
from jfsrules.render.screen import Screen
from jfsrules.render.words import Wording

MOST_STEPS = 3


def outcomes_text(outcomes: Sequence[Outcome], wordings: dict[str, Wording], screen: Screen) -> str:
    """Every scenario that failed, with what was expected and found; the count is the last line."""
    failed = [one for one in outcomes if not one.passed]
    shown = [part for one in failed for part in _failed(one, wordings, screen)]
    return (screen.render(shown) if shown else "") + counted(outcomes) + "\n"


def counted(outcomes: Sequence[Outcome]) -> str:
    """How many passed and failed.

    >>> counted([])
    '0 passed, 0 failed'
    """
    passed = sum(one.passed for one in outcomes)
    return f"{passed} passed, {len(outcomes) - passed} failed"


def _failed(one: Outcome, wordings: dict[str, Wording], screen: Screen) -> Iterator[RenderableType]:
    scenario = one.scenario
    span = scenario.place.span
    yield Text.assemble(("FAILED ", "bold red"), (scenario.id, "bold"), f"  {scenario.says}")
    about = f"{scenario.partner} on {day_words(scenario.as_of.isoformat())}, rulebook {scenario.rulebook}"
    yield Padding(Text(f"{span.place}: {about}" if span else about, "dim"), (0, 0, 0, 2))
    for line, style, indent in _lines(one, wordings):
        yield Padding(Text(line, style), (0, max(0, screen.width - screen.room), 0, indent))
    yield Text()


def _lines(one: Outcome, wordings: dict[str, Wording]) -> Iterator[tuple[str, str, int]]:
    for refused in one.refused:
        yield f"refused: {refused.message}", "", 2
    for mismatch in one.mismatches:
        yield f"{mismatch.about}: expected {mismatch.expected}, found {mismatch.found}", "", 2
        for words in _why(one, mismatch, wordings[one.scenario.rulebook]):
            yield words, "dim", 4
    yield f"source: {'; '.join(one.scenario.source)}", "dim", 2


def _why(one: Outcome, mismatch: Mismatch, wording: Wording) -> Iterator[str]:
    """The steps the decision gives for what was found, and those right under them."""
    steps = {step.id: step for step in one.decision.trace} if one.decision else {}
    for name in mismatch.why:
        if name in steps:
            yield f"since {wording.step(steps[name])}"
            for below in steps[name].from_[:MOST_STEPS]:
                yield f"  {wording.step(steps[below])}"


def junit(outcomes: Iterable[Outcome], wordings: dict[str, Wording]) -> str:
    """The outcomes as JUnit XML, one suite for each file."""
    files: dict[str, list[Outcome]] = {}
    for one in outcomes:
        span = one.scenario.place.span
        files.setdefault(span.source.name if span else "scenarios", []).append(one)
    root = ET.Element("testsuites")
    for file, ones in files.items():
        failures = sum(not one.passed for one in ones)
        suite = ET.SubElement(
            root,
            "testsuite",
            name=Path(file).stem,
            tests=str(len(ones)),
            failures=str(failures),
            errors="0",
        )
        for one in ones:
            span = one.scenario.place.span
            case = ET.SubElement(
                suite,
                "testcase",
                classname=Path(file).stem,
                name=one.scenario.id,
                file=file,
                line=str(span.line if span else 1),
            )
            if not one.passed:
                lines = [line for line, _, _ in _lines(one, wordings)]
                failure = ET.SubElement(case, "failure", message=lines[0])
                failure.text = "\n".join([one.scenario.says, *lines])
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
