"""Single lines of an answer in words: what a line is about, one of its fields, its value.

Shared by whatever sets two answers against each other. Knows nothing of layout; decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jfsrules.advice import NO_TRACK
from jfsrules.compare import ABSENT, Answer
from jfsrules.condition import Conclusion
from jfsrules.render.phrases import ADVICE_WORDS, OUT_OF_SCOPE, capital, listed, spoken
from jfsrules.render.words import Wording

YES_NO: Final[Mapping[bool | None, str]] = {True: "yes", False: "no", None: "perhaps"}


def about_words(about: str, wording: Wording) -> str:
    """What a line is about: `Tier`, `Group: Enlargement countries`, `Mobility Partnership`."""
    kind, _, subject = about.partition(":")
    match kind:
        case "scope" | "tier":
            return capital(kind)
        case "group":
            return f"Group: {wording.group(subject)}"
        case "track":
            return wording.instrument(subject)
        case "undetermined":
            return f"To find out for {wording.about(subject)}"
        case _:
            return capital(wording.conclusion(Conclusion(kind, subject)))  # type: ignore[arg-type]


def field_words(field: str) -> str:
    """The name of a field as one reads it before its value; empty where it goes without saying."""
    if field.startswith("requires:"):
        return f"requirement “{spoken(field.removeprefix('requires:'))}”"
    return {"advice": "advice", "state": "state", "meant": "meant", "qualified": "with"}.get(
        field, ""
    )


def value_words(about: str, field: str, value: Answer, wording: Wording) -> str:
    """One value in words."""
    if isinstance(value, tuple):
        named = [wording.indicator(v) if field == "missing" else spoken(v) for v in value]
        return listed(named) if named else "nothing"
    match field:
        case "reason":
            return (
                f"out of scope: {OUT_OF_SCOPE.get(str(value), spoken(str(value)))}"
                if value
                else "in scope"
            )
        case "tier":
            return wording.tier(str(value))
        case "advice":
            return "no track" if value == NO_TRACK else ADVICE_WORDS[str(value)]
        case "state":
            return wording.label(about.partition(":")[2], value)
    if value is None or isinstance(value, bool):
        return YES_NO[value]
    return "not asked" if value == ABSENT else str(value)
