"""durable-rules through its own Host: a ruleset for each stratum, and one wide fact.

Its traps decide the form: at most 63 alternatives in a ruleset (64 may be pending), each a rule of
its own because an *or* fires once for each true branch, and the state deleted after each case. A
rule that always fires stands in each ruleset: to delete a state in which nothing fired can crash.
"""

from __future__ import annotations

from typing import Any

from benchmarks.bases import Answer, Base, Case, alternatives
from benchmarks.peers.function import _ordinal, plain
from durable.engine import Host

MOST = 63
OPS = {"ne": "$neq", "le": "$lte", "gt": "$gt"}


class InHost:
    """The answer is a pair: the tier, and for each rule that fired the leaves that held with the
    values they read."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.fired: list[tuple[str, str, tuple[Any, ...]]] = []
        self.strata: list[list[str]] = []
        rulesets: dict[str, Any] = {}
        for level, stratum in enumerate(base.strata):
            rules = {
                f"{rule['id']}#{number}": self.rule(rule, leaves)
                for rule in stratum
                for number, leaves in enumerate(alternatives(spread(rule["when"])))
            }
            lots = [list(rules)[at : at + MOST] for at in range(0, len(rules), MOST)]
            self.strata.append([f"s{level}_{number}" for number in range(len(lots))])
            for name, lot in zip(self.strata[-1], lots, strict=True):
                always = {"all": [{"m": {"k": 1}}], "pri": 1, "run": lambda _: None}
                rulesets[name] = {one: rules[one] for one in lot} | {"always": always}
        self.host = Host(rulesets)
        self.nothing = [
            {named(rule["concludes"]): False for rule in stratum} for stratum in base.strata
        ]
        self.tier = [
            (name, self.field(leaf), leaf.get("value", True))
            for name, condition in base.tier
            for ((leaf,),) in [alternatives(condition)]
        ]

    def prepare(self, case: Case) -> Case:
        known = {name: plain(value) for name, value in case.items() if value is not None}
        return {**known, "id": 1, "sid": 1, "k": 1}

    def answer(self, case: Case) -> Any:
        known = dict(case)
        self.fired.clear()
        for rulesets, nothing in zip(self.strata, self.nothing, strict=True):
            before = len(self.fired)
            for name in rulesets:
                self.host.assert_fact(name, known)
                self.host.delete_state(name, 1)
            known.update(nothing)
            for _, conclusion, _ in self.fired[before:]:
                known[conclusion] = True
        return self.first(known), list(self.fired)

    explain = answer

    def first(self, known: Case) -> str:
        for name, field, wanted in self.tier:
            if known.get(field) is wanted:
                return name
        return self.base.otherwise

    def tell(self, out: Any) -> Answer:
        return Answer(out[0], frozenset(rule for rule, _, _ in out[1]))

    def rule(self, rule: dict[str, Any], leaves: list[dict[str, Any]]) -> dict[str, Any]:
        conclusion = named(rule["concludes"])
        names = tuple(dict.fromkeys(self.field(leaf) for leaf in leaves))
        name = rule["id"]

        def run(c: Any) -> None:
            m = c.m
            self.fired.append((name, conclusion, tuple([m[one] for one in names])))

        terms = [self.leaf(leaf) for leaf in leaves]
        return {"all": [{"m": {"$and": terms} if len(terms) > 1 else terms[0]}], "run": run}

    def field(self, leaf: dict[str, Any]) -> str:
        return named(leaf["reads"]) if "reads" in leaf else leaf["field"]

    def leaf(self, leaf: dict[str, Any]) -> dict[str, Any]:
        if "reads" in leaf:
            return {self.field(leaf): leaf["wanted"]}
        field, op, value = leaf["field"], leaf["op"], leaf["value"]
        value = _ordinal(value) if self.base.fields[field] == "day" else value
        return {field: value} if op == "eq" else {OPS[op]: {field: value}}


def named(conclusion: str) -> str:
    return conclusion.replace(":", "_")


def spread(condition: dict[str, Any]) -> dict[str, Any]:
    """*One of* some values as *any*, which the engine has no word for; and *none of* as *all*."""
    match condition:
        case {"all": parts}:
            return {"all": [spread(part) for part in parts]}
        case {"any": parts}:
            return {"any": [spread(part) for part in parts]}
        case {"not": part}:
            return {"not": spread(part)}
        case {"op": "in", "field": field, "value": values}:
            return {"any": [{"field": field, "op": "eq", "value": one} for one in values]}
    return condition
