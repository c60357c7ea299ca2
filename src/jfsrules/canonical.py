"""Canonical bytes (RFC 8785), and plain values as JSON has them. Knows nothing of decisions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from json.encoder import encode_basestring
from typing import Any, Final, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
MOST_QUOTED: Final = 50_000
_NAMES: dict[type, tuple[tuple[str, str], ...]] = {}


def plain(value: object) -> Json:
    """A dataclass, tuple or mapping as plain JSON values."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    kind = type(value)
    names = _NAMES.get(kind)
    if names is None:
        if not is_dataclass(value):
            raise TypeError(kind.__name__)
        names = tuple((f.name, f.name.rstrip("_")) for f in fields(value))
        _NAMES[kind] = names
    return {written: plain(getattr(value, name)) for name, written in names}


_CANONICAL: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
)


def canonical(value: Json) -> bytes:
    """Canonical JSON (RFC 8785) for the values used here: ASCII keys, numbers of few digits.

    >>> canonical({"b": [1, 2.5], "a": "é"}).decode()
    '{"a":"é","b":[1,2.5]}'
    """
    return _CANONICAL.encode(value).encode()


# --- the same by hand, for the values of which a decision has hundreds: `plain` and sorting would
# take four times as long. INVARIANT (canonical): what is written so is what `canonical` writes.


class _Quoted(dict[str, str]):
    """Texts as JSON writes them; the same few hundred come again and again."""

    def __missing__(self, text: str) -> str:
        if len(self) > MOST_QUOTED:
            self.clear()
        self[text] = quoted = encode_basestring(text)
        return quoted


quoted: Final = _Quoted()


def text(value: str | None) -> str:
    """A text, or null."""
    return "null" if value is None else quoted[value]


def scalar(value: bool | float | str | None) -> str:
    """One value."""
    if type(value) is str:
        return quoted[value]
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    return _CANONICAL.encode(value)


def texts(values: tuple[str, ...]) -> str:
    """An array of texts."""
    return f"[{','.join([quoted[value] for value in values])}]" if values else "[]"


def many(write: Callable[[Any], str], values: tuple[Any, ...]) -> str:
    """An array of what is written so."""
    return f"[{','.join([write(value) for value in values])}]" if values else "[]"
