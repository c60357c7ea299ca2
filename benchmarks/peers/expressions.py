"""rule-engine: each rule an expression of its own, typed; strata are called one after the other."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import rule_engine
from benchmarks.bases import Answer, Base, Case, folded

OPS = {"eq": "==", "ne": "!=", "in": "in", "le": "<=", "gt": ">"}


class RuleEngine:
    """The answer is a pair: the tier, and a list of the rules that fired."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.conclusions = {name: name.replace(":", "_") for name in base.conclusions}
        types = {name: self.type(kind) for name, kind in base.fields.items()}
        types |= dict.fromkeys(self.conclusions.values(), rule_engine.DataType.BOOLEAN)
        resolver = rule_engine.type_resolver_from_dict(types)
        self.context = rule_engine.Context(type_resolver=resolver)
        self.strata = [
            [
                (rule["id"], self.conclusions[rule["concludes"]], self.rule(rule["when"]))
                for rule in stratum
            ]
            for stratum in base.strata
        ]
        self.tier = [(name, self.rule(condition)) for name, condition in base.tier]
        self.nothing = dict.fromkeys(self.conclusions.values(), False)

    def prepare(self, case: Case) -> Case:
        return {
            name: datetime(value.year, value.month, value.day, tzinfo=UTC)
            if isinstance(value, date)
            else value
            for name, value in case.items()
        }

    def answer(self, case: Case) -> Any:
        known, fired = {**case, **self.nothing}, []
        for stratum in self.strata:
            concluded = []
            for name, conclusion, rule in stratum:
                if rule.matches(known):
                    fired.append(name)
                    concluded.append(conclusion)
            known.update(dict.fromkeys(concluded, True))
        for name, rule in self.tier:
            if rule.matches(known):
                return name, fired
        return self.base.otherwise, fired

    def tell(self, out: Any) -> Answer:
        return Answer(out[0], frozenset(out[1]))

    def rule(self, condition: dict[str, Any]) -> rule_engine.Rule:
        written = folded(
            condition,
            self.leaf,
            self.conclusions.__getitem__,
            lambda parts: f"({' and '.join(parts)})",
            lambda parts: f"({' or '.join(parts)})",
            lambda part: f"not ({part})",
        )
        return rule_engine.Rule(written, context=self.context)

    def leaf(self, field: str, op: str, value: Any) -> str:
        kind = self.base.fields[field]
        if kind == "flag":
            return field if (op == "eq") is value else f"not {field}"
        return f"{field} {OPS[op]} {f'd{value!r}' if kind == 'day' else json.dumps(value)}"

    def type(self, kind: Any) -> Any:
        kinds = {"flag": rule_engine.DataType.BOOLEAN, "day": rule_engine.DataType.DATETIME}
        return rule_engine.DataType.STRING if isinstance(kind, list) else kinds[kind]
