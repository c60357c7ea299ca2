"""JSON to plain values with places; used where YAML would misread JSON (tabs, surrogates)."""

from __future__ import annotations

import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from math import isinf

from jfsrules.errors import Refused, refuse
from jfsrules.loading.scalars import half_a_pair, scalar
from jfsrules.loading.tree import Builder, Document, Node, Spans
from jfsrules.span import Source

_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"[^\s,:\[\]{}\"]*")
_LITERAL = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class NotJson(Exception):
    """The text is not JSON, from `position` on, because `problem`."""

    def __init__(self, problem: str, position: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.position = position


def read_json(source: Source) -> Document:
    """Read one JSON text. Raises NotJson where it is not one, Refused where it breaks a limit."""
    text = source.text
    built = Builder(source)
    closers: list[str] = []
    at = _skip(text, 0)
    expects_value = True
    while True:
        if expects_value:
            at, opened = _value(text, at, built, closers)
            at = _skip(text, at)
            expects_value = False
            if opened and text[at : at + 1] != closers[-1]:
                at = _key(text, at, built)
                expects_value = True
                continue
        if not closers:
            break
        sign = text[at : at + 1]
        if sign == closers[-1]:
            built.close(at + 1)
            closers.pop()
            at = _skip(text, at + 1)
        elif sign == ",":
            at = _key(text, _skip(text, at + 1), built)
            expects_value = True
        else:
            raise NotJson(f"a `,` or `{closers[-1]}` is missing", at)
    if at < len(text):
        raise NotJson("something stands after the end of the value", at)
    return built.document()


def not_json(error: NotJson, source: Source) -> Refused:
    """The diagnostic for a text that should be JSON."""
    span = Spans(source, Node(0, 0)).stretch(error.position, error.position + 1)
    return refuse("json-syntax", f"this is not JSON: {error.problem}", span)


def _value(text: str, at: int, built: Builder, closers: list[str]) -> tuple[int, bool]:
    sign = text[at : at + 1]
    if sign == "{":
        built.begin({}, at)
        closers.append("}")
        return at + 1, True
    if sign == "[":
        built.begin([], at)
        closers.append("]")
        return at + 1, True
    if sign == '"':
        value, end = _string(text, at)
        built.scalar(value, at, end)
        return end, False
    word = _WORD.match(text, at)
    end = word.end() if word else at
    if not _LITERAL.fullmatch(text, at, end):
        shown = f"`{text[at:end][:40]}` is no JSON value" if end > at else "a value is missing"
        raise NotJson(shown, at)
    read = scalar(text[at:end])
    if isinstance(read, float) and isinf(read):
        raise NotJson(f"`{text[at:end][:40]}` is larger than any number", at)
    built.scalar(read, at, end)
    return end, False


def _key(text: str, at: int, built: Builder) -> int:
    if not built.wants_key:
        return at
    if text[at : at + 1] != '"':
        raise NotJson("a key in double quotes is missing", at)
    name, end = _string(text, at)
    built.key(name, at, end)
    colon = _skip(text, end)
    if text[colon : colon + 1] != ":":
        raise NotJson("a `:` is missing after the key", colon)
    return _skip(text, colon + 1)


def _string(text: str, at: int) -> tuple[str, int]:
    try:
        value, end = scanstring(text, at + 1, True)
    except ValueError as error:
        raise NotJson(
            "a quoted text is broken or never closed", getattr(error, "pos", at)
        ) from None
    if half_a_pair(value):
        raise NotJson("half of a surrogate pair stands alone", at)
    return value, end


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at
