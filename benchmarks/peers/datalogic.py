"""datalogic-py: the whole base as one JSONLogic expression, compiled once, in one session.

JSONLogic has no names for what was found before, so what a rule reads stands in its place.
"""

from __future__ import annotations

from typing import Any

from benchmarks.bases import Answer, Base, Case, folded
from benchmarks.peers.function import _ordinal, plain
from datalogic_py import Engine

OPS = {"eq": "===", "ne": "!==", "le": "<=", "gt": ">"}


class Datalogic:
    """The answer is a list: the tier, then for each rule its id where it fired."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.concluded: dict[str, Any] = {}
        rules = []
        for stratum in base.strata:
            written = [(rule, self.written(rule["when"])) for rule in stratum]
            rules += [{"if": [logic, rule["id"], None]} for rule, logic in written]
            for rule, logic in written:
                self.concluded.setdefault(rule["concludes"], {"or": []})["or"].append(logic)
        tier = [x for name, one in base.tier for x in (self.written(one), name)]
        engine = Engine()
        self.rule = engine.compile([{"if": [*tier, base.otherwise]}, *rules])
        self.session = engine.session()

    def prepare(self, case: Case) -> Case:
        return {name: plain(value) for name, value in case.items()}

    def answer(self, case: Case) -> Any:
        return self.session.evaluate(self.rule, case)

    def tell(self, out: Any) -> Answer:
        return Answer(out[0], frozenset(one for one in out[1:] if one))

    def written(self, condition: dict[str, Any]) -> Any:
        return folded(
            condition,
            self.leaf,
            self.concluded.__getitem__,
            lambda parts: {"and": parts},
            lambda parts: {"or": parts},
            lambda part: {"!": [part]},
        )

    def leaf(self, field: str, op: str, value: Any) -> Any:
        read = {"var": field}
        if self.base.fields[field] == "flag":
            return read if (op == "eq") is value else {"!": [read]}
        if op in ("in", "not_in"):
            among = {"in": [read, value]}
            return among if op == "in" else {"!": [among]}
        return {OPS[op]: [read, _ordinal(value) if self.base.fields[field] == "day" else value]}
