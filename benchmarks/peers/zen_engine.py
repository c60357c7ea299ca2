"""ZEN: a decision graph with an expression node for each stratum, and one for the tier."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import zen
from benchmarks.bases import Answer, Base, Case, Table, folded
from benchmarks.peers.function import _ordinal, plain

OPS = {"eq": "==", "ne": "!=", "in": "in", "not_in": "not in", "le": "<=", "gt": ">"}


class Zen:
    """A decision, made once; the answer is the output of the graph."""

    def __init__(self, base: Base) -> None:
        self.rules = [rule["id"] for rule in base.rules]
        self.decision = zen.ZenEngine().create_decision(graph(base))

    def prepare(self, case: Case) -> Case:
        return {name: plain(value) for name, value in case.items()}

    def answer(self, case: Case) -> Any:
        return self.decision.evaluate(case)

    def explain(self, case: Case) -> Any:
        return self.decision.evaluate(case, {"trace": True})

    def tell(self, out: Any) -> Answer:
        found = out["result"]
        return Answer(found["tier"], frozenset(one for one in self.rules if found[one] is True))


class ZenBatch:
    """The batch call; the graph says which rules fired in any case."""

    slow = True

    def __init__(self, base: Base) -> None:
        self.one = Zen(base)
        content = {"base": graph(base)}
        self.engine = zen.ZenEngine({"loader": {"type": "static", "content": content}})

    def prepare(self, table: Table) -> Any:
        cases = (self.one.prepare(table.case(row)) for row in range(len(table)))
        return [{"key": "base", "context": case} for case in cases]

    def fired(self, requests: Any) -> Any:
        return self.engine.evaluate_batch(requests)

    answer = fired

    def tell(self, out: Any) -> list[Answer]:
        return [self.one.tell(one["data"]) for one in out]


def graph(base: Base) -> dict[str, Any]:
    strata = [
        [(rule["id"], written(base, rule["when"])) for rule in stratum]
        + [
            (named(conclusion), " or ".join(f"$.{rule}" for rule in rules))
            for conclusion, rules in base.conclusions.items()
            if rules[0] in {rule["id"] for rule in stratum}
        ]
        for stratum in base.strata
    ]
    tier = json.dumps(base.otherwise)
    for name, condition in reversed(base.tier):
        tier = f"{written(base, condition)} ? {json.dumps(name)} : ({tier})"
    strata.append([("tier", tier)])
    nodes: list[dict[str, Any]] = [{"id": "in", "type": "inputNode", "name": "in"}]
    for number, expressions in enumerate(strata):
        content = {
            "expressions": [{"id": key, "key": key, "value": value} for key, value in expressions],
            "passThrough": True,
            "inputField": None,
            "outputPath": None,
            "executionMode": "single",
        }
        name = f"stratum {number}"
        nodes.append({"id": name, "type": "expressionNode", "name": name, "content": content})
    nodes.append({"id": "out", "type": "outputNode", "name": "out"})
    edges = [
        {"id": f"e{n}", "type": "edge", "sourceId": one["id"], "targetId": other["id"]}
        for n, (one, other) in enumerate(pairwise(nodes))
    ]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def named(conclusion: str) -> str:
    return conclusion.replace(":", "_")


def written(base: Base, condition: dict[str, Any]) -> str:
    def leaf(field: str, op: str, value: Any) -> str:
        if base.fields[field] == "flag":
            return field if (op == "eq") is value else f"not {field}"
        value = _ordinal(value) if base.fields[field] == "day" else value
        return f"{field} {OPS[op]} {json.dumps(value)}"

    return folded(
        condition,
        leaf,
        named,
        lambda parts: f"({' and '.join(parts)})",
        lambda parts: f"({' or '.join(parts)})",
        lambda part: f"not ({part})",
    )
