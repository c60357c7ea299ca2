"""Indicators with their values, as profiles, examples and callers state them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import chain
from typing import Any, Final

from jfsrules.errors import Diagnostic, did_you_mean
from jfsrules.loading.countries import partner_of
from jfsrules.loading.shaping import shortened, shown
from jfsrules.loading.values import value_of
from jfsrules.span import Place
from jfsrules.tier import SCOPE
from jfsrules.vocabulary import AS_OF, PARTNER, Type, Value, Vocabulary

UNKNOWN: Final = "unknown"
MOST_OFFERED: Final = 50
_CONCLUDED: Final = frozenset(
    [
        "group",
        "groups",
        "possible_groups",
        "tier",
        "scope",
        "out_of_scope",
        "focus",
        "focus_areas",
        "mode",
        "channel",
        "channels",
        "class",
        "instrument_classes",
        "track",
        "tracks",
        "meant",
        "moot",
        "requirement",
        "requires",
        "advice",
        "derived",
        "repeal",
    ]
) | {reason for reason, _ in SCOPE}


def stated_values(
    raw: Mapping[str, Any], vocabulary: Vocabulary, place: Place, wrong: list[Diagnostic]
) -> dict[str, Value | None]:
    """The value of each atom that is stated, None where it is stated to be unknown.

    A list stated of a *set of* indicator is whole: members that it does not name are false.
    """
    stated: dict[str, Value | None] = {}
    for name, value in raw.items():
        stated |= dict(_stated(name, value, vocabulary, place, wrong))
    return stated


def _stated(
    name: str, raw: Any, vocabulary: Vocabulary, around: Place, wrong: list[Diagnostic]
) -> list[tuple[str, Value | None]]:
    place = around.at(name)
    if name == PARTNER:
        code = partner_of(raw, place, wrong)
        return [(name, code)] if code else []
    type_ = vocabulary.atoms.get(name)
    if type_ is not None:
        if raw == UNKNOWN:
            return [(name, None)]
        if isinstance(raw, date) and type_.kind == "date":
            return [(name, raw)]
        value = value_of(raw, type_, name, place, wrong)
        return [] if value is None else [(name, value)]
    indicator = vocabulary.indicators.get(name)
    if indicator is not None:
        return _members(name, indicator.type, raw, place, wrong)
    wrong.append(unknown_indicator(name, vocabulary, around, len(wrong) < MOST_OFFERED))
    return []


def _members(
    name: str, type_: Type, raw: Any, place: Place, wrong: list[Diagnostic]
) -> list[tuple[str, Value | None]]:
    if raw == UNKNOWN:
        return [(f"{name}.{member}", None) for member in type_.values]
    if not isinstance(raw, list):
        wrong.append(
            Diagnostic(
                "wrong-type",
                f"`{name}` cannot be {shown(raw)}: it takes {type_}",
                place.span,
                "write the members as a list, `[]` for none",
            )
        )
        return []
    one_of = Type("one_of", type_.values)
    named = [value_of(one, one_of, name, place.at(at), wrong) for at, one in enumerate(raw)]
    return [(f"{name}.{member}", member in named) for member in type_.values]


def unknown_indicator(
    name: str, vocabulary: Vocabulary, around: Place, offering: bool = True
) -> Diagnostic:
    """The diagnostic for a name that is no indicator: perhaps one that rules conclude.

    `offering` looks for the nearest name, which takes its time where thousands are wrong.
    """
    concluded = (_CONCLUDED, vocabulary.groups, vocabulary.focus_areas, vocabulary.classes)
    if any(first in names for names in concluded for first in (name, name.partition(":")[0])):
        return Diagnostic(
            "conclusion-as-fact",
            f"`{name}` is concluded by rules, and cannot be stated",
            around.key(name),
            "state the facts it follows from, such as `accession_status`",
        )
    names = chain(vocabulary.indicators, vocabulary.atoms) if offering else ()
    known = (one for one in names if one not in (AS_OF, PARTNER))
    help_ = did_you_mean(name, known) or "`jfsrules new profile` lists them all"
    return Diagnostic(
        "unknown-indicator", f"there is no indicator `{shortened(name)}`", around.key(name), help_
    )
