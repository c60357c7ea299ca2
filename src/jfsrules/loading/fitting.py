"""Whether a value has a shape, told at once and without pydantic, which then says what is wrong.

Most files are right; for them nothing heavy is loaded. A test holds this to what pydantic says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, NotRequired, TypeAlias, get_args, get_origin, get_type_hints

Fits: TypeAlias = Callable[[Any], bool]
_PLAIN: Final = (str, int, bool, NoneType)


@cache
def fits(shape: Any) -> Fits:
    """What tells whether a value has a shape: exact types, no key too many, none too few."""
    if shape is Any:
        return _anything
    if shape in _PLAIN:
        return lambda value: type(value) is shape
    inner = get_args(shape)
    match get_origin(shape):
        case _ if hasattr(shape, "__total__"):
            return _mapping(shape)
        case kind if kind is list:
            one = fits(inner[0])
            return lambda value: type(value) is list and all(map(one, value))
        case kind if kind is dict:
            part = fits(inner[1])
            return lambda value: type(value) is dict and all(map(part, value.values()))
        case kind if kind is Literal:
            known = {(type(one), one) for one in inner}
            return lambda value: isinstance(value, str | bool) and (type(value), value) in known
        case kind if kind is UnionType:
            some = tuple(fits(one) for one in inner)
            return lambda value: any(each(value) for each in some)
    raise TypeError(shape)


def _mapping(shape: Any) -> Fits:
    hints = get_type_hints(shape)
    written = get_type_hints(shape, include_extras=True)
    needed = frozenset(name for name in hints if get_origin(written[name]) is not NotRequired)
    parts: Mapping[str, Fits] = {name: fits(hint) for name, hint in hints.items()}

    def mapping(value: Any) -> bool:
        if type(value) is not dict or not needed <= value.keys():
            return False
        return all(name in parts and parts[name](one) for name, one in value.items())

    return mapping


def _anything(value: Any) -> bool:
    del value
    return True
