"""Expressions that choose scenarios: words joined by `and`, `or`, `not` and brackets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from jfsrules.errors import Refused, refuse

Chooser: TypeAlias = Callable[[str], bool]


def chooser(expression: str) -> Chooser:
    """A test of a text, true where the words of an expression occur in it as it says.

    Raises Refused for an expression that cannot be read.

    >>> chooser("MD and not 2014")("md-in-2022"), chooser("a or (b and c)")("B")
    (True, False)
    """
    found = _Parser(expression).whole()
    return lambda text: found(text.lower())


class _Parser:
    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.words = re.findall(r"[()]|[^\s()]+", expression)

    def whole(self) -> Chooser:
        found = self.either()
        if self.words:
            raise self.wrong(f"`{self.words[0]}` cannot stand there")
        return found

    def either(self) -> Chooser:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return lambda text: any(part(text) for part in parts)

    def both(self) -> Chooser:
        parts = [self.one()]
        while self.take("and"):
            parts.append(self.one())
        return lambda text: all(part(text) for part in parts)

    def one(self) -> Chooser:
        if self.take("not"):
            inner = self.one()
            return lambda text: not inner(text)
        if self.take("("):
            inner = self.either()
            if not self.take(")"):
                raise self.wrong("a `)` is missing")
            return inner
        if not self.words or self.words[0] in ("and", "or", ")"):
            raise self.wrong("a word is missing")
        word = self.words.pop(0).lower()
        return lambda text: word in text

    def take(self, word: str) -> bool:
        if self.words and self.words[0] == word:
            del self.words[0]
            return True
        return False

    def wrong(self, why: str) -> Refused:
        return refuse(
            "bad-expression",
            f"`{self.expression}` cannot be read: {why}",
            None,
            "join words with `and`, `or`, `not` and brackets, as in `MD and not 2014`",
        )
