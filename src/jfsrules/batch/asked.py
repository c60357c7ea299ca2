"""What a batch is asked for, as it is written: days, years, partners."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from jfsrules.errors import Diagnostic, Refused, refuse
from jfsrules.facts import FIRST_DAY
from jfsrules.loading import read_as_of
from jfsrules.loading.countries import partner_of
from jfsrules.span import NOWHERE

_YEARS: Final = re.compile(r"(\d{4})\.\.(\d{4})")


def days_asked(text: str, latest: date) -> tuple[date, ...]:
    """The days that `2014-06-27`, `2014-06-27,2022-06-23` or `2004..2026` stand for, in order.

    A year in a range means its 31 December, or the knowledge date (`latest`) in its year. Raises
    Refused for anything else.

    >>> days_asked("2024..2026", date(2026, 11, 23))[1:]
    (datetime.date(2025, 12, 31), datetime.date(2026, 11, 23))
    """
    days: set[date] = set()
    for part in (part.strip() for part in text.split(",")):
        years = _YEARS.fullmatch(part)
        days |= (
            set(_ends(part, int(years[1]), int(years[2]), latest))
            if years
            else {read_as_of(part, latest)}
        )
    return tuple(sorted(days))


def _ends(written: str, first: int, last: int, latest: date) -> list[date]:
    if first > last:
        help_ = f"write `{last}..{first}`"
        raise refuse("end-before-start", f"the years `{written}` run backwards", None, help_)
    if first < FIRST_DAY.year:
        raise refuse(
            "as-of-too-early",
            f"`{first}` lies before {FIRST_DAY.year}, when the facts begin",
            None,
            f"write `{FIRST_DAY.year}..{last}`",
        )
    if last > latest.year:
        raise refuse(
            "as-of-too-late",
            f"`{last}` lies after {latest}, up to which the facts are vouched",
            None,
            f"write `{first}..{latest.year}`",
        )
    return [min(date(year, 12, 31), latest) for year in range(first, last + 1)]


def partners_asked(text: str) -> tuple[str, ...]:
    """The partners that codes behind commas name, each once; raises Refused for any other word.

    >>> partners_asked("MD, UA,MD")
    ('MD', 'UA')
    """
    wrong: list[Diagnostic] = []
    found = [partner_of(part.strip(), NOWHERE, wrong) for part in text.split(",")]
    if wrong:
        raise Refused(wrong)
    return tuple(dict.fromkeys(code for code in found if code))
