"""The columns of the answer: their names, what they hold, and the names behind their codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from jfsrules.advice import ADVICE, NO_TRACK
from jfsrules.condition import Conclusion
from jfsrules.plan import Plan
from jfsrules.tier import SCOPE
from jfsrules.vocabulary import STATES

TIERLESS: Final = ("none", "out_of_scope", "undetermined")
WORD: Final = 56

About: TypeAlias = (
    Literal["tier", "out_of_scope", "missing", "fired"]
    | Conclusion
    | tuple[Literal["meant", "state", "advice"], str]
)


@dataclass(frozen=True, slots=True)
class Output:
    """One column of the answer.

    `name` columns hold one of `names` (or its place among them, from 0, as a code), `flag` columns
    true, false or null for unknown, `text` columns text, `bits` columns one bit for each of
    `names`, the first the least.
    """

    column: str
    kind: Literal["name", "flag", "text", "bits"]
    about: About
    names: tuple[str, ...] = ()


def outputs(plan: Plan, missing: tuple[str, ...] | None = None) -> Iterator[Output]:
    """The columns of the answer, in order; what is missing as bits where its names are given."""
    words = plan.rulebook.vocabulary
    yield Output("tier", "name", "tier", (*words.groups, *TIERLESS))
    yield Output("out_of_scope", "name", "out_of_scope", tuple(reason for reason, _ in SCOPE))
    for group in words.groups:
        yield Output(f"group__{group}", "flag", Conclusion("group", group))
    for one in plan.conclusions.get("focus", ()):
        yield Output(focus_column(one), "flag", one)
    for name in words.instruments:
        yield Output(f"track__{name}__meant", "flag", ("meant", name))
        yield Output(f"track__{name}__state", "name", ("state", name), STATES)
        yield Output(f"track__{name}__advice", "name", ("advice", name), (*ADVICE, NO_TRACK))
    for one in plan.conclusions.get("requirement", ()):
        yield Output(requires_column(one), "flag", one)
    if missing is None:
        yield Output("missing", "text", "missing")
    else:
        yield from _words("missing", missing)
    yield from _words("fired", tuple(sorted(plan.rules)))


def _words(about: Literal["missing", "fired"], names: tuple[str, ...]) -> Iterator[Output]:
    for at in range(0, len(names), WORD):
        yield Output(f"{about}_{at // WORD}", "bits", about, names[at : at + WORD])


def focus_column(conclusion: Conclusion) -> str:
    """The column of a focus area: `focus__AREA__MODE`, or `focus__AREA` where it has no mode.

    >>> focus_column(Conclusion("focus", "borders/helping"))
    'focus__borders__helping'
    """
    area, _, mode = conclusion.subject.partition("/")
    return f"focus__{area}__{mode}" if mode else f"focus__{area}"


def requires_column(conclusion: Conclusion) -> str:
    """The column of a requirement.

    >>> requires_column(Conclusion("requirement", "visa_waiver_agreement/biometric"))
    'requires__visa_waiver_agreement__biometric'
    """
    instrument, _, name = conclusion.subject.partition("/")
    return f"requires__{instrument}__{name}"
