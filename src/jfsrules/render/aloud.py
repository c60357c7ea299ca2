"""Conditions read aloud, with the sentences of the vocabulary. Evaluates nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jfsrules.condition import All, Any, Conclusion, Condition, Not, Op, Reads, Test
from jfsrules.render.phrases import listed, spoken
from jfsrules.render.words import Wording
from jfsrules.vocabulary import Value

_COMPARED: dict[Op, tuple[str, str]] = {
    "<": ("less than", "before"),
    "≤": ("at most", "on or before"),
    ">": ("more than", "after"),
    "≥": ("at least", "on or after"),
}


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence, or words such as *all of these* with the clauses they join."""

    says: str
    parts: tuple[Clause, ...] = ()

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The clause as lines, what it joins indented under it."""
        yield f"{'  ' * depth}{self.says}"
        for part in self.parts:
            yield from part.lines(depth + 1)


def aloud(condition: Condition, wording: Wording, wanted: bool = True) -> Clause:
    """A condition as a person would say it; with `wanted` false, its opposite."""
    match condition:
        case Test():
            return Clause(_test(condition if wanted else condition.opposite(), wording))
        case Reads(conclusion, holds):
            return Clause(_reads(conclusion, holds is wanted, wording))
        case Not(part):
            return aloud(part, wording, not wanted)
        case All(()):
            return Clause("always" if wanted else "never")
        case All(parts) | Any(parts):
            clauses = tuple(aloud(part, wording, wanted) for part in parts)
            if len(clauses) == 1:
                return clauses[0]
            return Clause("all of" if isinstance(condition, All) is wanted else "any of", clauses)


def _test(test: Test, wording: Wording) -> str:
    if isinstance(test.values[0], bool):
        return wording.sentence(test.atom, test.passes(True))
    labels = [_label(test, value, wording) for value in test.values]
    match test.op:
        case "=" | "in":
            return wording.phrase(test.atom, listed(labels, "or"))
        case "≠" | "not in":
            return wording.phrase(test.atom, f"anything but {listed(labels, 'or')}")
    number, day = _COMPARED[test.op]
    kind = wording.rulebook.vocabulary.atoms[test.atom].kind
    return wording.phrase(test.atom, f"{day if kind == 'date' else number} {labels[0]}")


def _label(test: Test, value: Value, wording: Wording) -> str:
    return wording.label(test.atom, value)


def _reads(conclusion: Conclusion, holds: bool, wording: Wording) -> str:
    subject = conclusion.subject
    no = "" if holds else "not "
    match conclusion.kind:
        case "group":
            return f"it is {no}in the group {wording.group(subject)}"
        case "track":
            return f"{wording.instrument(subject)} is {no}meant for it"
        case "moot":
            return f"{wording.instrument(subject)} is {no}moot"
        case "derived":
            titles = [rule.title for rule in wording.rulebook.concluding(conclusion)]
            return f"{'it is not so that: ' if no else ''}{listed(titles, 'or') or spoken(subject)}"
    return f"{no}{conclusion}"
