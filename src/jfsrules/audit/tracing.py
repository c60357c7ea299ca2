"""Spans for OpenTelemetry, in programs that have loaded it. Loads nothing, and sends nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Final, ParamSpec, TypeAlias, TypeVar

OPENTELEMETRY: Final = "opentelemetry.trace"
Told: TypeAlias = Mapping[str, str | int | bool]
Given = ParamSpec("Given")
Made = TypeVar("Made")


def traced(
    name: str, told: Callable[[Made], Told]
) -> Callable[[Callable[Given, Made]], Callable[Given, Made]]:
    """Make a function a span of that name; `told` gives its attributes, from what came out."""

    def around(function: Callable[Given, Made]) -> Callable[Given, Made]:
        @wraps(function)
        def call(*args: Given.args, **named: Given.kwargs) -> Made:
            trace = sys.modules.get(OPENTELEMETRY)
            if trace is None:
                return function(*args, **named)
            with trace.get_tracer("jfsrules").start_as_current_span(name) as span:
                made = function(*args, **named)
                span.set_attributes({f"jfsrules.{one}": value for one, value in told(made).items()})
                return made

        return call

    return around
