"""Values and days of a file, checked against closed types; nothing is ever converted."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from jfsrules.errors import Diagnostic, did_you_mean
from jfsrules.facts import WrittenDate
from jfsrules.loading.shaping import shown
from jfsrules.span import Place
from jfsrules.vocabulary import Type, Value

_DATE = re.compile(r"(by )?[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_YEAR_FIRST = re.compile(
    r"([0-9]{4})(?:([-./])([0-9]{1,2})[-./]([0-9]{1,2})(?![0-9])|([0-9]{2})([0-9]{2})$)"
)
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-./])([0-9]{1,2})[-./]([0-9]{4})")
MONTHS = 12
_YES = ("true", "yes", "on", "y")
_NO = ("false", "no", "off", "n")


def value_of(
    raw: Any, type_: Type, about: str, place: Place, wrong: list[Diagnostic]
) -> Value | None:
    """A value of a closed type; None, and a diagnostic, where it is outside it."""
    value: Any = raw
    if type_.kind == "date":
        value = exact_day(raw)
    if type_.kind == "number" and isinstance(raw, float) and raw.is_integer():
        value = int(raw)
    if type_.kind != "set_of" and type_.admits(value):
        return value  # type: ignore[no-any-return]
    wrong.append(
        Diagnostic(
            "wrong-type",
            f"`{about}` cannot be {shown(raw)}: it takes {type_}",
            place.span,
            _hint(raw, type_),
        )
    )
    return None


def _hint(raw: Any, type_: Type) -> str | None:
    if type_.kind == "flag" and isinstance(raw, str) and raw.lower() in (*_YES, *_NO):
        return f"write `{'true' if raw.lower() in _YES else 'false'}`, without quotes"
    if type_.kind == "flag" and raw in (0, 1) and not isinstance(raw, bool):
        return f"write `{'true' if raw else 'false'}`"
    if isinstance(raw, list) and len(raw) == 1 and type_.admits(raw[0]):
        return f"write `{raw[0]}`, without brackets"
    if isinstance(raw, str) and type_.kind in ("one_of", "set_of"):
        return did_you_mean(raw, type_.values)
    return None


def exact_day(raw: Any) -> date | None:
    """A day written as `YYYY-MM-DD`; None for anything else."""
    written = written_date(raw)
    return written.first if written and written.exact and len(written.text) == 10 else None


def written_date(raw: Any) -> WrittenDate | None:
    """A date as written (`2014-06-27`, `2014-06`, `2014`, `by 2014-06-27`); None otherwise."""
    text = str(raw) if isinstance(raw, str | int) else ""
    if not _DATE.fullmatch(text):
        return None
    try:
        return WrittenDate.parse(text)
    except (ValueError, OverflowError):
        return None


def likely_day(raw: Any) -> date | None:
    """The one day that a text written otherwise can mean; None where there is none, or two.

    >>> str(likely_day("2014-6-7")), str(likely_day("27.06.2014")), likely_day("06/07/2014")
    ('2014-06-07', '2014-06-27', None)
    """
    text = str(raw).strip() if isinstance(raw, str | int) else ""
    year_first, year_last = _YEAR_FIRST.match(text), _YEAR_LAST.fullmatch(text)
    if year_first:
        year, month, day = (int(part) for part in year_first.groups() if part and part.isdigit())
    elif year_last:
        day, month, year = int(year_last[1]), int(year_last[3]), int(year_last[4])
        if year_last[2] == "/" and day <= MONTHS:
            return None
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def day_of(raw: Any, about: str, place: Place, wrong: list[Diagnostic]) -> date | None:
    """One exact day; None, and a diagnostic, for anything else."""
    day = exact_day(raw)
    if day is None:
        wrong.append(not_a_date(raw, about, place, "write one day as `YYYY-MM-DD`"))
    return day


def date_of(raw: Any, about: str, place: Place, wrong: list[Diagnostic]) -> WrittenDate | None:
    """A date, exact or partial; None, and a diagnostic, for anything else."""
    written = written_date(raw)
    if written is None:
        how = "write `2014-06-27`, `2014-06`, `2014`, or `by 2014-06-27` for any day up to it"
        wrong.append(not_a_date(raw, about, place, how))
    return written


def not_a_date(raw: Any, about: str, place: Place, help: str) -> Diagnostic:
    """The diagnostic for something that should be a date."""
    return Diagnostic(
        "not-a-date", f"`{about}` cannot be {shown(raw)}: it is no date", place.span, help
    )
