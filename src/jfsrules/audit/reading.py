"""A decision as it was logged, made a plain value again, so that it can be shown and compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from jfsrules.decision import (
    Channel,
    Decision,
    FocusArea,
    InstrumentClass,
    Partner,
    Reading,
    Requirement,
    RulebookName,
    Says,
    Step,
    Track,
    Undetermined,
)

Raw = Mapping[str, Any]


def decision_from(document: Raw, engine: str) -> Decision:
    """The decision of a document, under the name of the engine that its record names."""
    return _made(Decision, {**document, "engine": engine})  # type: ignore[no-any-return]


def _step(raw: Raw) -> Step:
    says = raw["says"]
    args = {name: tuple(v) if isinstance(v, list) else v for name, v in says["args"].items()}
    made = {**raw, "says": Says(says["key"], args), "facts": _each(Reading, raw["facts"])}
    return _plainly(Step, made)  # type: ignore[no-any-return]


def _track(raw: Raw) -> Track:
    made = {**raw, "requires": _each(Requirement, raw["requires"])}
    return _plainly(Track, made)  # type: ignore[no-any-return]


_PARTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "partner": lambda raw: Partner(**raw),
    "rulebook": lambda raw: RulebookName(**raw),
    "undetermined": lambda raw: _each(Undetermined, raw),
    "focus_areas": lambda raw: _each(FocusArea, raw),
    "tracks": lambda raw: tuple(map(_track, raw)),
    "instrument_classes": lambda raw: _each(InstrumentClass, raw),
    "channels": lambda raw: _each(Channel, raw),
    "trace": lambda raw: tuple(map(_step, raw)),
}


def _each(kind: Any, raw: list[Raw]) -> tuple[Any, ...]:
    return tuple(_plainly(kind, one) for one in raw)


def _made(kind: Any, raw: Raw) -> Any:
    return _plainly(kind, {n: _PARTS[n](v) if n in _PARTS else v for n, v in raw.items()})


def _plainly(kind: Any, raw: Raw) -> Any:
    """A value of a class, its lists as tuples; a name that Python reserves ends in `_` there."""
    return kind(
        **{
            f"{name}_" if name in ("from", "class") else name: tuple(v)
            if isinstance(v, list)
            else v
            for name, v in raw.items()
        }
    )
