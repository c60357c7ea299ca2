"""A profile as a commented template: every indicator, its type, the values it takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from textwrap import wrap
from types import MappingProxyType
from typing import Final

from jfsrules.facts import Profile
from jfsrules.vocabulary import STATE, Indicator, Type, Value, Vocabulary

WIDTH: Final = 96
HEAD: Final = """\
# A profile: what holds of one partner on one day. What is not stated here is unknown, and named in
# the decision; `unknown` says so openly. Take away the `# ` in front of an indicator to state it.
"""


def profile_template(vocabulary: Vocabulary, day: date, profile: Profile | None = None) -> str:
    """A template over a vocabulary; what a profile makes known is filled in.

    A profile stands alone: whatever is filled in counts as stated.
    """
    lines = [HEAD, f"partner: {profile.partner if profile else 'XX'}"]
    if profile and profile.name:
        lines.append(f"name: {json.dumps(profile.name, ensure_ascii=False)}")
    lines += [f"as_of: {day.isoformat()}", "facts:"]
    values = profile.values if profile else MappingProxyType({})
    if not values:
        lines[-1] = "facts: {}    # take away the `{}` with the first fact"
    for indicator in vocabulary.indicators.values():
        if indicator.id not in vocabulary.instruments:
            lines += _lines(f"{_about(indicator)}: {_takes(indicator.type)}", indicator, values)
    lines += ["", "  # --- instruments: each is", *_comment(_takes(STATE))]
    for name in vocabulary.instruments:
        indicator = vocabulary.indicators[name]
        lines += _lines(indicator.title, indicator, values)
    return "\n".join(lines) + "\n"


def _about(indicator: Indicator) -> str:
    judged = " (a judgement: only a person can state it)" if indicator.judged else ""
    return indicator.title + judged


def _comment(words: str) -> list[str]:
    return [f"  # {line}" for line in wrap(words, WIDTH - 4)]


def _lines(about: str, indicator: Indicator, values: Mapping[str, Value]) -> Iterator[str]:
    yield ""
    yield from _comment(about)
    value = _known(indicator, values)
    if value is None:
        yield f"  # {indicator.id}: unknown"
    else:
        yield f"  {indicator.id}: {_written(value)}"


def _takes(type_: Type) -> str:
    return str(type_).replace("`", "")


def _known(indicator: Indicator, values: Mapping[str, Value]) -> Value | list[str] | None:
    """The value of an indicator; the members of a set, if each of them is known."""
    if indicator.type.kind != "set_of":
        return values.get(indicator.id)
    members = {member: values.get(f"{indicator.id}.{member}") for member in indicator.type.values}
    return None if None in members.values() else [name for name, holds in members.items() if holds]


def _written(value: Value | list[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return value.isoformat() if isinstance(value, date) else str(value)
