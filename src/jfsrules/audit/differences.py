"""Two documents side by side, as lines a person reads: what stood there, what stands there now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

ABSENT: Final = "(nothing)"
NAMES: Final = ("id", "about", "instrument", "indicator")


class Difference(NamedTuple):
    """One place at which two documents differ: its path, and the value on each side."""

    path: str
    one: str
    other: str

    def __str__(self) -> str:
        return f"{self.path}: {self.one} → {self.other}"


def differences(one: Any, other: Any, path: str = "") -> Iterator[Difference]:
    """Where two JSON documents differ, in the order of the first.

    >>> [str(d) for d in differences({"tier": "none", "a": [1]}, {"tier": "none", "a": [1, 2]})]
    ['a[1]: (nothing) → 2']
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in (*one, *(name for name in other if name not in one)):
            yield from _parts(one, other, name, f"{path}.{name}" if path else str(name))
    elif isinstance(one, list) and isinstance(other, list):
        yield from _lists(one, other, path)
    elif one != other or type(one) is not type(other):
        yield Difference(path or "(all)", shown(one), shown(other))


def _parts(
    one: Mapping[Any, Any], other: Mapping[Any, Any], name: Any, path: str
) -> Iterator[Difference]:
    if name not in one:
        yield Difference(path, ABSENT, shown(other[name]))
    elif name not in other:
        yield Difference(path, shown(one[name]), ABSENT)
    else:
        yield from differences(one[name], other[name], path)


def _lists(one: Sequence[Any], other: Sequence[Any], path: str) -> Iterator[Difference]:
    first, second = _named(one), _named(other)
    for name in (*first, *(name for name in second if name not in first)):
        yield from _parts(first, second, name, f"{path}[{name}]")
    if list(first) != list(second) and first.keys() == second.keys():
        yield Difference(path, shown(list(first)), shown(list(second)))


def _named(many: Sequence[Any]) -> dict[Any, Any]:
    """The members of a list by the name they carry, or else by their place."""
    for name in NAMES:
        if many and all(
            isinstance(one, Mapping) and isinstance(one.get(name), str) for one in many
        ):
            named = {_name(one, name): one for one in many}
            if len(named) == len(many):
                return named
    if all(isinstance(one, str) for one in many) and len(set(many)) == len(many):
        return {one: one for one in many}
    return dict(enumerate(many))


def _name(one: Mapping[str, Any], name: str) -> str:
    mode = one.get("mode")
    return f"{one[name]}/{mode}" if mode else str(one[name])


def shown(value: Any) -> str:
    """A value in a line: as JSON, cut short where it is long."""
    import json

    words = json.dumps(value, ensure_ascii=False)
    return words if len(words) <= 200 else f"{words[:199]}…"
