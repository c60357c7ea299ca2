"""Profiles as people submit them: a file, standard input, or a text; checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from jfsrules.checks import profile_faults
from jfsrules.errors import Diagnostic, Refused, refuse
from jfsrules.facts import FIRST_DAY, STATED, STATED_UNKNOWN, Profile
from jfsrules.loading.countries import partner_of
from jfsrules.loading.lists import knowledge_date
from jfsrules.loading.reading import STDIN, read_file, read_stdin, read_text
from jfsrules.loading.rulebooks import load_words
from jfsrules.loading.shaping import shaped
from jfsrules.loading.stated import stated_values
from jfsrules.loading.tree import Document
from jfsrules.loading.values import likely_day, not_a_date, written_date
from jfsrules.rulebook import Impossible
from jfsrules.shapes import ProfileShape
from jfsrules.span import NOWHERE, Place
from jfsrules.vocabulary import AS_OF, PARTNER, Value, Vocabulary


def load_profile(
    source: str | Path | Mapping[str, Any] | Document,
    vocabulary: Vocabulary | None = None,
    *,
    as_of: date | None = None,
    latest: date | None = None,
    impossible: Iterable[Impossible] | None = None,
) -> Profile:
    """Load a profile and check it; raises Refused.

    `source` is a path, `-` for standard input, or YAML, JSON or a mapping at hand, or a
    file read already. `as_of` stands in for the day the profile states; where there is neither, it
    is `latest`, the last day one may ask about (the knowledge date).
    """
    vocabulary = vocabulary or load_words().vocabulary
    latest = latest or knowledge_date()
    document = _document(source)
    wrong: list[Diagnostic] = []
    raw, place = document.value, document.place
    if not shaped(raw, ProfileShape, place, wrong):
        raise Refused(wrong)
    facts = raw["facts"] or {}
    partner = partner_of(raw["partner"], place.at("partner"), wrong)
    day = as_of
    if day is None:
        written = raw.get("as_of")
        day = latest if written is None else _day(written, latest, place.at("as_of"), wrong)
    wrong += [_given(name, how, place.at("facts")) for name, how in _GIVEN.items() if name in facts]
    stated = stated_values(facts, vocabulary, place.at("facts"), wrong)
    if partner and day and not wrong:
        profile = _profile(partner, day, stated, raw.get("name"))
        known = load_words().impossible if impossible is None else impossible
        wrong += profile_faults(profile, known, place.at("facts"))
        if not wrong:
            return profile
    raise Refused(wrong)


_GIVEN: Final = {
    PARTNER: "write `partner:` beside `facts:`",
    AS_OF: "write `as_of:` beside `facts:`",
}


def _given(name: str, how: str, facts: Place) -> Diagnostic:
    message = f"`{name}` is no fact that can be stated"
    return Diagnostic("given-as-fact", message, facts.key(name), how)


def _profile(
    partner: str, day: date, stated: Mapping[str, Value | None], name: str | None
) -> Profile:
    values = {atom: value for atom, value in stated.items() if value is not None}
    grounds = {atom: STATED_UNKNOWN if value is None else STATED for atom, value in stated.items()}
    return Profile(partner, day, MappingProxyType(values), MappingProxyType(grounds), name)


def read_as_of(text: str, latest: date | None = None) -> date:
    """The day a decision is asked for, written as `YYYY-MM-DD`; raises Refused."""
    wrong: list[Diagnostic] = []
    day = _day(text, latest or knowledge_date(), NOWHERE, wrong)
    if day is None:
        raise Refused(wrong)
    return day


def read_stated(stated: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Value | None]:
    """Indicators stated by a caller, as atoms with values (None: unknown); raises Refused."""
    wrong: list[Diagnostic] = []
    values = stated_values(stated, vocabulary, NOWHERE, wrong)
    if wrong:
        raise Refused(wrong)
    return values


def _document(source: str | Path | Mapping[str, Any] | Document) -> Document:
    if isinstance(source, Document):
        return source
    if isinstance(source, Mapping):
        return read_text(_as_json(source), "profile")
    if isinstance(source, Path):
        return read_file(source)
    if source == STDIN:
        return read_stdin()
    if "\n" in source or ": " in source or source.lstrip()[:1] == "{":
        return read_text(source, "profile")
    return read_file(Path(source))


def _as_json(source: Mapping[str, Any]) -> str:
    import json

    try:
        return json.dumps(source, default=str)
    except (TypeError, ValueError, RecursionError):
        raise refuse("wrong-shape", "the profile cannot be written as JSON") from None


def _day(raw: Any, latest: date, place: Place, wrong: list[Diagnostic]) -> date | None:
    written = written_date(raw)
    span = place.span
    if written is None:
        meant = likely_day(raw)
        how = f"did you mean `{meant}`?" if meant else "write one day as `YYYY-MM-DD`"
        wrong.append(not_a_date(raw, "as_of", place, how))
    elif not written.exact or written.text.startswith("by"):
        last = max(min(written.last, latest), FIRST_DAY)
        wrong.append(
            Diagnostic(
                "as-of-partial",
                f"`{written}` is not one day",
                span,
                f"for the last day of it, write `{last}`",
            )
        )
    elif written.first < FIRST_DAY:
        wrong.append(
            Diagnostic(
                "as-of-too-early",
                f"`{written}` lies before {FIRST_DAY}, when the facts begin",
                span,
                f"ask for `{FIRST_DAY}` or a later day",
            )
        )
    elif written.first > latest:
        wrong.append(
            Diagnostic(
                "as-of-too-late",
                f"`{written}` lies after {latest}, up to which the facts are vouched",
                span,
                f"ask for `{latest}` or an earlier day",
            )
        )
    else:
        return written.first
    return None
