"""business-rules: conditions as JSON without *not*, which is pushed down to the operators."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.bases import Answer, Base, Case, positive
from benchmarks.peers.function import _ordinal, plain
from business_rules.actions import BaseActions, rule_action
from business_rules.engine import run_all
from business_rules.fields import FIELD_TEXT
from business_rules.variables import (
    BaseVariables,
    boolean_rule_variable,
    numeric_rule_variable,
    select_rule_variable,
)


class Actions(BaseActions):
    def __init__(self, known: dict[str, Any], fired: list[str]) -> None:
        self.known = known
        self.fired = fired

    @rule_action(params={"rule": FIELD_TEXT, "concludes": FIELD_TEXT})
    def conclude(self, rule: str, concludes: str) -> None:
        self.fired.append(rule)
        self.known[concludes] = True

    @rule_action(params={"name": FIELD_TEXT})
    def tier(self, name: str) -> None:
        self.known["tier"] = name


class BusinessRules:
    """The answer is a pair: the tier, and a list of the rules that fired."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.names = {name: name.replace(":", "_") for name in base.conclusions}
        self.rules = [
            {"conditions": self.written(positive(rule["when"])), "actions": [self.action(rule)]}
            for stratum in base.strata
            for rule in stratum
        ]
        self.tier = [
            {
                "conditions": {"all": [self.written(positive(condition))]},
                "actions": [{"name": "tier", "params": {"name": name}}],
            }
            for name, condition in base.tier
        ]
        self.nothing = dict.fromkeys(self.names.values(), False) | {"tier": base.otherwise}
        self.variables = self.made()

    def prepare(self, case: Case) -> Case:
        return {
            name: [value] if isinstance(self.base.fields[name], list) else plain(value)
            for name, value in case.items()
        }

    def answer(self, case: Case) -> Any:
        known, fired = {**case, **self.nothing}, []
        variables, actions = self.variables(known), Actions(known, fired)
        run_all(self.rules, variables, actions)
        run_all(self.tier, variables, actions, stop_on_first_trigger=True)
        return known["tier"], fired

    def tell(self, out: Any) -> Answer:
        return Answer(out[0], frozenset(out[1]))

    def action(self, rule: dict[str, Any]) -> dict[str, Any]:
        concludes = self.names[rule["concludes"]]
        return {"name": "conclude", "params": {"rule": rule["id"], "concludes": concludes}}

    def made(self) -> type:
        """A class with a method for each field and conclusion, as the library asks for."""
        kinds = {"flag": boolean_rule_variable, "day": numeric_rule_variable}
        methods = {}
        for name, kind in [*self.base.fields.items(), *((n, "flag") for n in self.names.values())]:
            wrap = kinds.get(str(kind)) or partial(select_rule_variable, options=kind)

            def method(self: Any, name: str = name) -> Any:
                return self.known[name]

            method.__name__ = name
            methods[name] = wrap()(method)

        def begin(self: Any, known: dict[str, Any]) -> None:
            self.known = known

        return type("Variables", (BaseVariables,), {"__init__": begin, **methods})

    def written(self, condition: dict[str, Any]) -> dict[str, Any]:
        match condition:
            case {"all": parts}:
                return {"all": [self.written(part) for part in parts]}
            case {"any": parts}:
                return {"any": [self.written(part) for part in parts]}
            case {"reads": conclusion}:
                return self.flag(self.names[conclusion], condition["wanted"])
        field, op, value = condition["field"], condition["op"], condition["value"]
        if self.base.fields[field] == "flag":
            return self.flag(field, (op == "eq") is value)
        if self.base.fields[field] == "day":
            sign = "less_than_or_equal_to" if op == "le" else "greater_than"
            return {"name": field, "operator": sign, "value": _ordinal(value)}
        some = value if isinstance(value, list) else [value]
        one, word = ("contains", "any") if op in ("eq", "in") else ("does_not_contain", "all")
        return {word: [{"name": field, "operator": one, "value": v} for v in some]}

    def flag(self, name: str, wanted: bool) -> dict[str, Any]:
        return {"name": name, "operator": "is_true" if wanted else "is_false", "value": None}
