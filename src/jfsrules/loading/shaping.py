"""A read value against its shape; what is wrong in words for the person who wrote the file."""

from __future__ import annotations

from collections.abc import Collection
from math import isinf
from types import NoneType
from typing import Any, Final, get_args, get_type_hints

from jfsrules.errors import Diagnostic, did_you_mean
from jfsrules.loading.fitting import fits
from jfsrules.shapes import adapter
from jfsrules.span import Place

FEW: Final = 16
_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "`true` or `false`",
    "dict_type": "a mapping",
    "list_type": "a list",
}
_MISSING = {
    "cites": (
        "missing-citation",
        "nothing says where this comes from",
        "add `cites:` with a key of `citations.yaml` or a document written out",
    ),
    "vouched_until": (
        "list-without-end",
        "this list does not say until when it is vouched for",
        "add `vouched_until:` with the last day on which its source was seen to be complete",
    ),
}


def shaped(value: Any, shape: Any, place: Place, wrong: list[Diagnostic]) -> bool:
    """Whether a value has a shape; where not, `wrong` says how."""
    if fits(shape)(value):
        return True
    from pydantic import ValidationError

    try:
        adapter(shape).validate_python(value)
    except ValidationError as refused:
        seen: set[object] = set()
        for error in refused.errors(include_url=False, include_context=True):
            one = _reworded(error, shape, place)
            if (one.order(), one.message) not in seen:
                seen.add((one.order(), one.message))
                wrong.append(one)
        return False
    return True  # pydantic has the last word


def _reworded(error: Any, shape: Any, place: Place) -> Diagnostic:
    path = _steps(error["loc"], place)
    here = place.at(*path)
    name = str(error["loc"][-1]) if error["loc"] else ""
    match error["type"]:
        case "missing":
            return _missing(name, here)
        case "extra_forbidden":
            return _unknown_key(name, _keys(shape, error["loc"][:-1]), place.at(*path[:-1]))
        case "literal_error":
            wanted = error["ctx"]["expected"].replace("'", "`").replace("True", "`true`")
            help_ = None
        case kind:
            wanted = _WANTED.get(kind, "something else")
            number = kind == "string_type" and isinstance(error["input"], bool | int | float)
            help_ = "put it in quotes" if number else None
    about = f"`{name}`" if name else "this"
    if error["loc"] and isinstance(error["loc"][-1], int):
        about = f"entry {error['loc'][-1] + 1}"
    message = f"{about} must be {wanted}, and not {shown(error['input'])}"
    return Diagnostic("wrong-shape", message, here.span, help_)


def _unknown_key(name: str, known: list[str], around: Place) -> Diagnostic:
    return Diagnostic(
        "unknown-key",
        f"`{shortened(name)}` is not a key here",
        around.key(name),
        choice(name, known),
    )


def choice(name: str, known: Collection[str]) -> str | None:
    """A help line with the nearest of some names, or with all of them where they are few."""
    few = (
        "it is one of " + ", ".join(f"`{one}`" for one in known) if 0 < len(known) <= FEW else None
    )
    return did_you_mean(name, known) or few


def _missing(name: str, here: Place) -> Diagnostic:
    code, message, help_ = _MISSING.get(
        name, ("missing-key", f"the key `{name}` is missing", f"add `{name}:`")
    )
    last = here.path[-1] if here.path else 0
    around = Place(here.spans, here.path[:-1])
    return Diagnostic(
        code, message, around.key(last) if isinstance(last, str) else here.span, help_
    )


def _steps(loc: tuple[Any, ...], place: Place) -> tuple[Any, ...]:
    """The steps of an error's place that stand in the file."""
    path: tuple[Any, ...] = ()
    for step in loc:
        if (*place.path, *path, step) in place.spans:
            path = (*path, step)
    return path


def _keys(shape: Any, loc: tuple[Any, ...]) -> list[str]:
    """The keys that the shape takes at a place inside it."""
    for step in loc:
        inner = [one for one in get_args(shape) if one is not NoneType]
        shape = _hints(shape).get(step) or (inner[-1] if inner else None)
    return list(_hints(shape))


def _hints(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape) if hasattr(shape, "__total__") else {}


def shortened(name: str) -> str:
    """A name as a sentence can carry it.

    >>> shortened("MD"), len(shortened("x" * 100_000))
    ('MD', 58)
    """
    return name if len(name) <= 60 else name[:57] + "…"


def shown(value: Any) -> str:
    """A value in words: as it was written, or what kind of thing it is.

    >>> shown("true"), shown(True), shown([1])
    ('the text `true`', '`true`', 'a list')
    """
    match value:
        case None:
            return "nothing"
        case bool():
            return "`true`" if value else "`false`"
        case str():
            return f"the text `{shortened(value)}`" if value.strip() else "an empty text"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case float() if isinf(value):
            return "a number without end"
        case _:
            return f"`{value}`"
