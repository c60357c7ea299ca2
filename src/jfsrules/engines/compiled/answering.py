"""The generated function that tells the tier and what fires, while it runs.

It takes only what is certainly true, and of the rest as much as that hangs on: for a rule that
others read or that overrides, and for a conclusion that is read, the local `t1` says whether it is
certainly true and `f1` whether it is certainly false.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from math import nan
from typing import Final, TypeAlias

from jfsrules.condition import Conclusion, Reads, Test, leaves
from jfsrules.engines.compiled.writing import COMPARE, Writer, joined
from jfsrules.plan import Alternative, Plan, PlannedRule
from jfsrules.tier import SCOPE
from jfsrules.vocabulary import AS_OF, PARTNER, Value

Fired: TypeAlias = tuple[str, Alternative, tuple[Value | None, ...]]
"""An effective rule, the alternative that fired, and the values it read: `None` of a conclusion."""
Answering: TypeAlias = Callable[[Mapping[str, Value], str, date], tuple[str, list[Fired]]]
GIVEN: Final = {PARTNER: "partner", AS_OF: "day"}
ORDERED: Final = ("<", "≤", ">", "≥")
FEW: Final = 3


def answering(plan: Plan) -> tuple[str, Answering]:
    """The text of the function of a plan, and the function."""
    return _Answer(plan).made()


class _Answer(Writer):
    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.types = plan.rulebook.vocabulary.atoms
        self.body: list[str] = []
        self.slots: dict[Conclusion | str, int] = {}
        self.days: dict[str, None] = {}

    def made(self) -> tuple[str, Answering]:
        needed = self.needed()
        for level, stratum in enumerate(self.plan.strata):
            for planned in stratum:
                self.rule(planned, planned.rule.id in needed)
            for conclusion in self.plan.settles[level]:
                if conclusion in needed:
                    self.conclude(conclusion)
        tier = self.tier()
        lines = ["get = facts.get", *self.values(), "fired = []", *self.body]
        text = "".join(f"    {line}\n" for line in [*lines, f"return {tier}, fired"])
        source = f"def answer(facts, partner, day):\n{text}"
        return source, self.function(source, "answer")

    def values(self) -> Iterator[str]:
        for atom, local in self.atoms.items():
            yield f"{local} = {GIVEN.get(atom) or f'get(k{self.constant(atom)})'}"
        for atom in self.days:
            local, unknown = self.atoms[atom], self.constant(nan)
            yield f"d{local[1:]} = k{unknown} if {local} is None else {local}.toordinal()"

    def needed(self) -> set[Conclusion | str]:
        """The conclusions that something reads, and the rules those hang on or that override."""
        groups = self.plan.rulebook.vocabulary.groups
        found: set[Conclusion | str] = {Conclusion("group", group) for group in groups}
        found.update(leaf.conclusion for _, leaf in SCOPE if isinstance(leaf, Reads))
        for planned in self.plan.rules.values():
            found.update(planned.overriders)
            for _, form in planned.forms():
                found.update(x.conclusion for x in leaves(form.condition) if isinstance(x, Reads))
        concluding = self.plan.concluding
        return found.union(*(concluding.get(c, ()) for c in found if isinstance(c, Conclusion)))

    # --- rules and conclusions --------------------------------------------------------------

    def rule(self, planned: PlannedRule, needed: bool) -> None:
        """The lines that tell of a rule where it is effective, and keep its value where needed."""
        slot = self.slot(planned.rule.id) if needed else None
        when = planned.when.condition
        lines = list(self.firing(planned, slot))
        if slot is not None:
            lines += ["else:"] if lines else ["if True:"]
            lines += [f"    t{slot} = False", f"    f{slot} = {self.false(when)}"]
        if planned.overriders:
            over = [self.slots[rule] for rule in planned.overriders]
            lines = [f"if {joined('and', (f'f{o}' for o in over))}:", *_inner(lines)]
            if slot is not None:
                some = joined("or", [*(f"t{o}" for o in over), self.false(when)])
                lines += ["else:", f"    t{slot} = False", f"    f{slot} = {some}"]
        self.body += lines

    def firing(self, planned: PlannedRule, slot: int | None) -> Iterator[str]:
        """The lines of a rule that nothing overrides: the first alternative that holds is told."""
        ways = planned.when.true
        told = [list(self.told(planned, one, slot)) for one in ways]
        tests = [joined("and", map(self.leaf, one.leaves)) for one in ways]
        if len(ways) < FEW:
            for mark, test, lines in zip(("if", "elif"), tests, told, strict=False):
                yield from (f"{mark} {test}:", *_inner(lines))
            return
        yield f"if {self.true(planned.when.condition)}:"
        marks = ["if", *["elif"] * (len(ways) - 2), "else"]
        for mark, test, lines in zip(marks, tests, told, strict=True):
            head = "else:" if mark == "else" else f"{mark} {test}:"
            yield from _inner([head, *_inner(lines)])

    def told(self, planned: PlannedRule, way: Alternative, slot: int | None) -> Iterator[str]:
        rule = planned.rule.id
        if all(isinstance(leaf, Reads) or leaf.op == "=" for leaf in way.leaves):
            read = tuple(x.values[0] if isinstance(x, Test) else None for x in way.leaves)
            yield f"fired.append(k{self.constant((rule, way, read))})"
        else:
            locals_ = (self.local(x.atom) if isinstance(x, Test) else "None" for x in way.leaves)
            values = "".join(f"{one}, " for one in locals_)
            fired = f"k{self.constant(rule)}, k{self.constant(way)}, ({values})"
            yield f"fired.append(({fired}))"
        if slot is not None:
            yield f"t{slot} = True"
            yield f"f{slot} = False"

    def conclude(self, conclusion: Conclusion) -> None:
        rules = self.plan.concluding[conclusion]
        held = [(f"t{self.slots[rule]}", f"f{self.slots[rule]}") for rule in rules]
        slot = self.slot(conclusion)
        if conclusion.kind == "requirement":
            forms = [self.plan.rules[rule].that for rule in rules]
            asked = [form.condition for form in forms if form]
            pairs = list(zip(held, asked, strict=True))
            met = joined("and", (joined("or", (f, self.true(that))) for (_, f), that in pairs))
            unmet = joined("or", (joined("and", (t, self.false(that))) for (t, _), that in pairs))
        else:
            met = joined("or", (true for true, _ in held))
            unmet = joined("and", (false for _, false in held))
        self.body += [f"t{slot} = {met}", f"f{slot} = {unmet}"]

    def tier(self) -> str:
        """The tier, as `tier.tier` has it."""
        reasons = [leaf for _, leaf in SCOPE]
        out = joined("or", map(self.leaf, reasons))
        known = joined("and", (self.leaf(leaf.opposite()) for leaf in reasons))
        tiers = [("out_of_scope", out), ("undetermined", f"not {known}")]
        for group in self.plan.rulebook.vocabulary.groups:
            leaf = Reads(Conclusion("group", group))
            tiers.append((group, self.leaf(leaf)))
            tiers.append(("undetermined", f"not {self.leaf(leaf.opposite())}"))
        cases = "".join(f"k{self.constant(name)} if {holds} else " for name, holds in tiers)
        return f"{cases}k{self.constant('none')}"

    def slot(self, what: Conclusion | str) -> int:
        return self.slots.setdefault(what, len(self.slots))

    # --- leaves -----------------------------------------------------------------------------

    def read(self, leaf: Reads) -> str:
        slot = self.slots.get(leaf.conclusion)
        if slot is None:
            return str(not leaf.wanted)
        return f"{'t' if leaf.wanted else 'f'}{slot}"

    def test(self, test: Test) -> str:
        """As it is; but a flag is true, false or None, a few values are asked one by one, and a
        day is compared as a number, which is none where it is unknown."""
        local, type_ = self.local(test.atom), self.types[test.atom]
        if isinstance(test.values[0], date) and test.op in ORDERED:
            self.days[test.atom] = None
            return f"d{local[1:]} {COMPARE[test.op]} k{self.constant(test.values[0].toordinal())}"
        if type_.kind == "flag" and test.op in ("=", "≠"):
            return local if test.values[0] is (test.op == "=") else f"{local} is False"
        if test.op == "in" and 0 < len(test.values) <= FEW:
            return joined("or", (f"{local} == k{self.constant(one)}" for one in test.values))
        return super().test(test)


def _inner(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
