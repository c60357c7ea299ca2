"""CLIPS: one fact for the case, a rule for each rule, and facts for what is concluded.

A rule that reads the absence of a conclusion must wait for it: strata are saliences.
"""

from __future__ import annotations

from typing import Any

import clips
from benchmarks.bases import Answer, Base, Case, positive
from benchmarks.peers.function import _ordinal, plain


class Clips:
    """The answer is a pair: the tier, and the set of rules that fired."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.environment = clips.Environment()
        self.fired: list[str] = []
        self.environment.define_function(self.fired.append, "noted")
        slots = " ".join(f"(slot {name} (default nil))" for name in base.fields)
        self.environment.build(f"(deftemplate case {slots})")
        levels = base.strata
        for level, stratum in enumerate(levels):
            for rule in stratum:
                self.environment.build(
                    self.rule(rule["id"], level, rule["when"], rule["concludes"])
                )
        for place, (name, condition) in enumerate(base.tier):
            written = self.written(positive(condition))
            self.environment.build(
                f"(defrule tier-{place} (declare (salience {-100 - place})) (not (tier ?))"
                f" {written} => (assert (tier {name})))"
            )
        self.template = self.environment.find_template("case")

    def prepare(self, case: Case) -> dict[str, Any]:
        return {name: coded(value) for name, value in case.items()}

    def answer(self, case: dict[str, Any]) -> Any:
        self.fired.clear()
        self.environment.reset()
        self.template.assert_fact(**case)
        self.environment.run()
        tier = self.base.otherwise
        for fact in self.environment.find_template("tier").facts():
            tier = str(fact[0])
        return tier, set(self.fired)

    def tell(self, out: Any) -> Answer:
        return Answer(out[0], frozenset(str(one) for one in out[1]))

    def rule(self, name: str, level: int, when: dict[str, Any], concludes: str) -> str:
        kind, _, subject = concludes.partition(":")
        return (
            f"(defrule {name} (declare (salience {-level})) {self.written(positive(when))}"
            f" => (noted {name}) (assert ({kind} {subject})))"
        )

    def written(self, condition: dict[str, Any]) -> str:
        match condition:
            case {"all": parts}:
                return f"(and {' '.join(map(self.written, parts))})"
            case {"any": parts}:
                return f"(or {' '.join(map(self.written, parts))})"
            case {"reads": conclusion}:
                fact = f"({conclusion.replace(':', ' ')})"
                return fact if condition["wanted"] else f"(not {fact})"
        field, op, value = condition["field"], condition["op"], condition["value"]
        match op:
            case "le" | "gt":
                sign = "<=" if op == "le" else ">"
                return f"(case ({field} ?{field}&:(and (integerp ?{field}) ({sign} ?{field} {_ordinal(value)}))))"
            case "eq" | "in":
                return f"(case ({field} {'|'.join(map(str, map(coded, listed(value))))}))"
            case _:
                return f"(case ({field} ~nil&{'&'.join(f'~{coded(v)}' for v in listed(value))}))"


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def coded(value: Any) -> Any:
    if value is None:
        return clips.Symbol("nil")
    if isinstance(value, bool):
        return clips.Symbol(str(value).upper())
    return clips.Symbol(value) if isinstance(value, str) else plain(value)
