"""The proof of a decision as trees, from each line of the answer down to dated, cited facts.

Knows nothing of layout. A step is shown with all it stands on once; where it is needed again, its
branch says so and stops.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from jfsrules.decision import Decision, Reading, Step
from jfsrules.facts import Confidence
from jfsrules.render.words import Wording
from jfsrules.rulebook import Authority
from jfsrules.vocabulary import AS_OF, PARTNER

Verdict: TypeAlias = Literal["yes", "no", "unknown"]
MANY: Final = 3
COMPARED: Final[Mapping[str, str]] = {
    "=": "",
    "≠": "not ",
    "<": "before ",
    "≤": "on or before ",
    ">": "after ",
    "≥": "on or after ",
    "in": "one of ",
    "not in": "none of ",
}


@dataclass(frozen=True, slots=True)
class Branch:
    """One step in words, and what it stands on.

    `passages` are ids of clauses of the page, `cites` other documents in words. `again` is true where the same step is shown in full further up, and
    `asides` are notes and disputed claims that stand beside a fact.
    """

    says: str
    verdict: Verdict = "yes"
    rule: str | None = None
    authority: Authority | None = None
    confidence: Confidence | None = None
    passages: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()
    again: bool = False
    under: tuple[Branch, ...] = ()


class Proof:
    """The steps of one decision, ready to be shown as trees."""

    def __init__(self, decision: Decision, words: Wording) -> None:
        self.words = words
        self.steps = {step.id: step for step in decision.trace}
        self.shown: set[str] = set()

    def branches(self, steps: Iterable[str]) -> tuple[Branch, ...]:
        """A branch for each step."""
        return tuple(self.branch(self.steps[step]) for step in steps if step in self.steps)

    def branch(self, step: Step) -> Branch:
        """One step and all it stands on; steps shown before are named and not repeated."""
        again = step.id in self.shown and bool(step.from_)
        self.shown.add(step.id)
        passages = self.words.rulebook.passages
        under: tuple[Branch, ...] = ()
        if not again:
            under = (*map(self.given, _given(step)), *self.below(step))
        return Branch(
            says=self.words.step(step),
            verdict=verdict(step),
            rule=step.rule,
            authority=step.authority,
            confidence=None
            if verdict(step) == "unknown" or step.confidence == "verified"
            else step.confidence,
            passages=tuple(cite for cite in step.cites if cite in passages),
            cites=tuple(self.words.citation(c) for c in step.cites if c not in passages),
            asides=self.asides(step),
            again=again,
            under=under,
        )

    def below(self, step: Step) -> tuple[Branch, ...]:
        """What a step stands on; many rules on other partners or days are one branch together."""
        names = self.ordered(step)
        elsewhere = [name for name in names if _elsewhere(self.steps[name])]
        if len(elsewhere) < MANY:
            return self.branches(names)
        words = f"{len(elsewhere)} rules on other partners or days do not apply"
        return (*self.branches(n for n in names if n not in elsewhere), Branch(words, "no"))

    def ordered(self, step: Step) -> list[str]:
        """The steps under a step: what holds, then what does not, then what is unknown."""
        order = ("yes", "no", "unknown")
        known = [one for one in step.from_ if one in self.steps]
        return sorted(known, key=lambda one: (order.index(verdict(self.steps[one])), one))

    def given(self, reading: Reading) -> Branch:
        """A test of the partner or the day, which are always known."""
        labels = [self.words.label(reading.indicator, value) for value in reading.wanted]
        compared = COMPARED[reading.op] + ", ".join(labels)
        return Branch(f"{self.words.indicator(reading.indicator)} is {compared}")

    def asides(self, step: Step) -> tuple[str, ...]:
        """Notes and disputed claims of the fact a step rests on."""
        fact = self.words.facts.get(str(step.says.args.get("fact")))
        if fact is None:
            return ()
        disputed = tuple(f"disputed: {sentence}" for sentence in fact.disputed)
        return (fact.note, *disputed) if fact.note else disputed


def verdict(step: Step) -> Verdict:
    """Whether a step affirms, denies, or leaves open what it is about."""
    if step.kind == "undecided":
        return "unknown"
    if step.kind in ("blocked", "overridden", "absence"):
        return "no"
    if step.kind == "order":
        args = step.says.args
        if args.get("tier") == "undetermined" or args.get("in_scope", True) is None:
            return "unknown"
        return "no" if args.get("in_scope") is False else "yes"
    if step.kind == "advice":
        advice = step.says.args["advice"]
        return "unknown" if advice in ("undetermined", "possible") else "yes"
    return "no" if step.says.args.get("value") is False else "yes"


def _elsewhere(step: Step) -> bool:
    """Whether a rule does not apply for no other reason than the partner or the day."""
    return step.kind == "blocked" and not step.from_ and bool(_given(step))


def _given(step: Step) -> list[Reading]:
    return [reading for reading in step.facts if reading.indicator in (PARTNER, AS_OF)]
