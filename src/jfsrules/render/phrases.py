"""Fixed phrases of the answer, and small rules of grammar. Knows no rulebook, decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from jfsrules.citation import Citation

MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
SHORT_MONTHS: Final = tuple(month[:3] for month in MONTHS)
TIERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "none": "No geographic priority stated",
        "out_of_scope": "Out of scope",
        "undetermined": "Undetermined",
    }
)
OUT_OF_SCOPE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "eu_member": "it is a member of the EU",
        "eu_territory": "it belongs to the territory of an EU member",
        "not_separate_on_that_day": "it was no separate partner on that day",
        "no_government": "it has no government to cooperate with",
    }
)
STATE_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "not_started": "not started",
        "in_talks": "in talks",
        "signed": "signed",
        "in_force": "in force",
        "not_performed": "in force, not performed",
        "suspended": "suspended",
        "superseded": "superseded",
        "ended": "ended",
    }
)
ADVICE_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "propose": "propose",
        "possible": "possible",
        "continue": "continue",
        "maintain": "maintain",
        "on_hold": "on hold",
        "blocked": "blocked",
        "moot": "moot",
        "undetermined": "undetermined",
    }
)
ROW_WORDS: Final[Mapping[int, str]] = MappingProxyType(
    {
        2: "it is meant, and nothing is left for it to do, whatever its state",
        3: "its state is not known",
        4: "it has not started, and whether it is meant is not known",
        5: "something else has taken its place",
        6: "nothing is left for it to do",
        7: "whether anything is left for it to do is not known",
        8: "it is in force: implement, monitor, evaluate",
        9: "it was stopped, and may be taken up again",
        10: "it is under way",
        11: "it is meant and has not started, but a requirement fails",
        12: "it is meant and has not started; a fact that a requirement asks for is not known",
        13: "it is meant and has not started; a requirement waits for a person's judgement",
        14: "it is meant and has not started, and nothing stands against it",
    }
)
WHY_UNKNOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "not_stated": "nothing states it",
        "stated_unknown": "stated as unknown",
        "no_list": "no fact, and no list says that absence means no",
        "no_fact_that_day": "no fact covers the day",
        "date_not_known": "a date is not known well enough",
        "below_trust": "what is known is not trusted enough",
        "set_aside": "what is known is excluded by a fact stated over it",
    }
)
LEGEND: Final = "a judgement, which only a person can state"
NOTES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "advice": (
            "Advice is what the page and cited practice provide for such a partner; "
            "it is no position of the EU and no legal advice."
        ),
        "page_written_later": (
            "The page was written after 26-27 June 2014; for this day it is read backwards."
        ),
        "footnote:kosovo": (
            "* This designation is without prejudice to positions on status, and is in line with "
            "UNSCR 1244/1999 and the ICJ opinion on the Kosovo declaration of independence."
        ),
        "footnote:palestine": (
            "* This designation shall not be construed as recognition of a State of Palestine and "
            "is without prejudice to the individual positions of the Member States on this issue."
        ),
        "footnote:taiwan": (
            "* Taiwan is listed as an entity that is not recognised as a State by at least one "
            "Member State; the name says nothing about its status."
        ),
    }
)


_COLOUR: Final = re.compile(r"\x1b(?!\[[0-9;]*m)")
_HARMFUL: Final = re.compile(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def harmless(words: str, coloured: bool = False) -> str:
    r"""Words that can do nothing to a terminal but stand there; colour alone may be kept.

    >>> harmless("\x1b[2J"), harmless("\x1b[31mred", coloured=True)
    ('\ufffd[2J', '\x1b[31mred')
    """
    kept = _COLOUR.sub("\N{REPLACEMENT CHARACTER}", words) if coloured else words
    kept = kept if coloured else kept.replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    return _HARMFUL.sub("\N{REPLACEMENT CHARACTER}", kept)


def day_words(written: str, short: bool = False) -> str:
    """A written date as a person reads it; what is no date stays as it is.

    >>> day_words("2014-06-27"), day_words("by 2014-06"), day_words("2014")
    ('27 June 2014', 'by June 2014', '2014')
    """
    if written.startswith("by "):
        return f"by {day_words(written[3:], short)}"
    months = SHORT_MONTHS if short else MONTHS
    match [part for part in written.split("-") if part.isdigit()]:
        case [year, month, day] if len(year) == 4 and 1 <= int(month) <= 12:
            return f"{int(day)} {months[int(month) - 1]} {year}"
        case [year, month] if len(year) == 4 and 1 <= int(month) <= 12:
            return f"{months[int(month) - 1]} {year}"
    return written


def listed(words: Iterable[str], last: str = "and") -> str:
    """Words as a list in a sentence.

    >>> listed(["a", "b", "c"]), listed(["a"], "or")
    ('a, b and c', 'a')
    """
    *before, end = tuple(words) or ("",)
    return f"{', '.join(before)} {last} {end}" if before else end


def capital(sentence: str) -> str:
    """The sentence with a capital first letter.

    >>> capital("its status")
    'Its status'
    """
    return sentence[:1].upper() + sentence[1:]


def inside(sentence: str) -> str:
    """A sentence as part of another: an article loses its capital.

    >>> inside("The United States"), inside("Russia is one")
    ('the United States', 'Russia is one')
    """
    first, space, rest = sentence.partition(" ")
    return f"{first.lower() if first in ('A', 'An', 'The') else first}{space}{rest}"


def spoken(name: str) -> str:
    """An id as words, where nobody gave it a title.

    >>> spoken("where_appropriate")
    'where appropriate'
    """
    return name.replace("_", " ")


def cited(citation: Citation) -> str:
    """A citation in one line: document, date, locator.

    >>> cited(Citation("c", "Council Decision", date="2014-06-27", locator="OJ L 1"))
    'Council Decision, 27 June 2014, OJ L 1'
    """
    parts = [citation.document]
    if citation.date and day_words(citation.date) not in citation.document:
        parts.append(day_words(citation.date))
    if citation.locator and citation.locator not in citation.document:
        parts.append(citation.locator)
    return ", ".join(parts)
