"""OpenFisca-core: a variable for each field, rule and conclusion, with formulas over arrays."""

from __future__ import annotations

from datetime import date
from functools import reduce
from typing import Any

import numpy as np
from benchmarks.bases import Answer, Base, Table, folded
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import MONTH
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

PERIOD = "2014-06"


class OpenFisca:
    """The answer has an array for the tier, for each conclusion, and for each rule."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.person = build_entity(key="case", plural="cases", label="", is_person=True)
        self.system = TaxBenefitSystem([self.person])
        self.levels: dict[str, Any] = {}
        for name, kind in base.fields.items():
            if isinstance(kind, list):
                self.levels[name] = Enum(name, [(one, one) for one in kind])
                first = next(iter(self.levels[name]))
                self.add(name, Enum, possible_values=self.levels[name], default_value=first)
            else:
                self.add(name, bool if kind == "flag" else date)
        for rule in base.rules:
            self.add(rule["id"], bool, formula=self.formula(rule["when"]))
        for conclusion, rules in base.conclusions.items():
            some = {"any": [{"rule": one} for one in rules]}
            self.add(named(conclusion), bool, formula=self.formula(some))
        tiers = [name for name, _ in base.tier] + [base.otherwise]
        self.tiers = Enum("tiers", [(one, one) for one in tiers])
        members = list(self.tiers)
        formula = self.chosen([self.formula(one) for _, one in base.tier], members)
        extra = {"possible_values": self.tiers, "default_value": members[-1]}
        self.add("tier", Enum, formula=formula, **extra)
        self.shown = [named(c) for c in base.conclusions if not c.startswith("derived:")]
        self.ids = [rule["id"] for rule in base.rules]

    def prepare(self, table: Table) -> Table:
        return table

    def answer(self, table: Table) -> dict[str, np.ndarray]:
        return self.calculated(table, ["tier", *self.shown])

    def fired(self, table: Table) -> dict[str, np.ndarray]:
        return self.calculated(table, ["tier", *self.shown, *self.ids])

    def calculated(self, table: Table, names: list[str]) -> dict[str, np.ndarray]:
        simulation = SimulationBuilder().build_default_simulation(self.system, count=len(table))
        for name, values in table.columns.items():
            simulation.set_input(name, PERIOD, values)
        return {name: simulation.calculate(name, PERIOD) for name in names}

    def tell(self, out: dict[str, np.ndarray]) -> list[Answer]:
        tiers = out["tier"].decode_to_str()
        fired = np.array([out[one] for one in self.ids])
        ids = np.array(self.ids)
        return [
            Answer(str(tiers[row]), frozenset(ids[fired[:, row]].tolist()))
            for row in range(len(tiers))
        ]

    def add(self, name: str, type_: type, **more: Any) -> None:
        own = {"value_type": type_, "entity": self.person, "definition_period": MONTH, **more}
        self.system.add_variable(type(name, (Variable,), own))

    def formula(self, condition: dict[str, Any]) -> Any:
        """A formula of a case and a period; it asks for other variables by name."""

        def formula(case: Any, period: Any) -> Any:
            def leaf(field: str, op: str, value: Any) -> Any:
                found = case(field, period)
                if field in self.levels:
                    some = value if isinstance(value, list) else [value]
                    passes = reduce(np.bitwise_or, [found == self.levels[field][v] for v in some])
                    return ~passes if op == "ne" else passes
                if self.base.fields[field] == "flag":
                    return found if value else ~found
                return found <= np.datetime64(value) if op == "le" else found > np.datetime64(value)

            if "any" in condition and "rule" in condition["any"][0]:
                return reduce(
                    np.bitwise_or, [case(one["rule"], period) for one in condition["any"]]
                )
            return folded(
                condition,
                leaf,
                lambda conclusion: case(named(conclusion), period),
                lambda parts: reduce(np.bitwise_and, parts),
                lambda parts: reduce(np.bitwise_or, parts),
                lambda part: ~part,
            )

        return formula

    def chosen(self, formulas: list[Any], members: list[Any]) -> Any:
        codes = [one.index for one in members]

        def formula(case: Any, period: Any) -> Any:
            held = [one(case, period) for one in formulas]
            return np.select(held, codes[:-1], codes[-1]).astype(np.uint8)

        return formula


def named(conclusion: str) -> str:
    return conclusion.replace(":", "_")
