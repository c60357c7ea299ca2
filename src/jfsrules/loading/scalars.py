"""Scalars as in JSON: true, false, null and numbers; everything else is text."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}
_LONGEST = 30
_SURROGATE = re.compile("[\ud800-\udfff]")


def scalar(text: str) -> bool | int | float | str | None:
    """The value of an unquoted scalar.

    >>> scalar("true"), scalar("no"), scalar("2014-06-27"), scalar("2014"), scalar("1.50")
    (True, 'no', '2014-06-27', 2014, 1.5)
    """
    if text in _WORDS:
        return _WORDS[text]
    number = _NUMBER.fullmatch(text)
    if not number:
        return text
    if number[1] is None and number[2] is None and len(text) <= _LONGEST:
        return int(text)
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def half_a_pair(text: str) -> bool:
    """Whether a text holds half of a surrogate pair, which no UTF-8 can carry."""
    return not text.isascii() and _SURROGATE.search(text) is not None
