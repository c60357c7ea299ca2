"""The base as one plain Python function, written by a generator as a person would write it.

Two values only: it raises where a value is unknown.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from benchmarks.bases import Answer, Base, Case, folded

OPS = {"eq": "==", "ne": "!=", "in": "in", "not_in": "not in", "le": "<=", "gt": ">"}


class Function:
    """The answer is a pair: the tier, and a list of the rules that fired."""

    def __init__(self, base: Base) -> None:
        scope: dict[str, Any] = {}
        exec(compile(source(base), "<base>", "exec"), scope)
        self.answer = scope["answer"]

    def prepare(self, case: Case) -> Case:
        return {name: plain(value) for name, value in case.items()}

    def tell(self, out: tuple[str, list[str]]) -> Answer:
        return Answer(out[0], frozenset(out[1]))


def plain(value: Any) -> Any:
    """A day as a number, as those take it that know no days."""
    return value.toordinal() if hasattr(value, "toordinal") else value


def source(base: Base) -> str:
    names = {name: name for name in base.fields} | {
        c: c.replace(":", "_") for c in base.conclusions
    }
    lines = ["def answer(case):"]
    lines += [f"    {name} = case[{name!r}]" for name in base.fields]
    lines += [f"    {names[c]} = False" for c in base.conclusions]
    lines += ["    fired = []", "    fire = fired.append"]
    for stratum in base.strata:
        for rule in stratum:
            lines.append(f"    if {written(base, rule['when'])}:")
            lines.append(f"        fire({rule['id']!r})")
            lines.append(f"        {names[rule['concludes']]} = True")
    for name, condition in base.tier:
        lines += [f"    if {written(base, condition)}:", f"        return {name!r}, fired"]
    return "\n".join([*lines, f"    return {base.otherwise!r}, fired", ""])


def written(base: Base, condition: dict[str, Any]) -> str:
    def leaf(field: str, op: str, value: Any) -> str:
        if base.fields[field] == "flag":
            return field if (op == "eq") is value else f"not {field}"
        if base.fields[field] == "day":
            value = _ordinal(value)
        return f"{field} {OPS[op]} {tuple(value) if isinstance(value, list) else value!r}"

    return folded(
        condition,
        leaf,
        lambda conclusion: conclusion.replace(":", "_"),
        lambda parts: f"({' and '.join(parts)})",
        lambda parts: f"({' or '.join(parts)})",
        lambda part: f"not {part}",
    )


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()
