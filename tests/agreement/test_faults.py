"""A fault planted in an engine is caught within 1,000 random pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from agreement.strategies import some_pairs
from jfsrules import meaning
from jfsrules.condition import Reads, Test
from jfsrules.engines import rete
from jfsrules.engines.rete import coding, shard
from jfsrules.errors import EngineError
from jfsrules.meaning import Finding
from jfsrules.proof import decision

Plant = Callable[[pytest.MonkeyPatch], None]
FAULTS: dict[str, Plant] = {}


def fault(plant: Plant) -> Plant:
    FAULTS[plant.__name__] = plant
    return plant


@fault
def an_operator_is_swapped(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(coding.OPERATORS, "<", "$lte")


@fault
def unequal_is_read_as_equal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(coding.Coded, "written", written_without_unequal)


def written_without_unequal(self: coding.Coded) -> dict[str, Any]:
    test = {self.field: self.code}
    return test if self.op in ("=", "≠") else {coding.OPERATORS[self.op]: test}


@fault
def an_override_is_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        rete, "effective", lambda planned, found: found.conditions[planned.rule.id, "when"].value
    )


@fault
def an_unknown_override_counts_as_none(patch: pytest.MonkeyPatch) -> None:
    def effective(planned: Any, found: meaning.Findings) -> bool | None:
        known = any(found.effective[rule] for rule in planned.overriders)
        return False if known else found.conditions[planned.rule.id, "when"].value

    patch.setattr(rete, "effective", effective)


@fault
def an_unknown_flag_is_false(patch: pytest.MonkeyPatch) -> None:
    table = coding.Coding.table

    def closed(self: coding.Coding, columns: Any) -> Mapping[Any, str]:
        made = dict(table(self, columns))
        return {**made, None: made[False]} if False in made else table(self, columns)

    patch.setattr(coding.Coding, "table", closed)


@fault
def an_unknown_conclusion_is_false(patch: pytest.MonkeyPatch) -> None:
    fired = rete.Reader.fired

    def closed(self: rete.Reader, values: Any, found: meaning.Findings) -> list[int]:
        tables = tuple((c, {**t, None: t[False]}) for c, t in self.conclusions)
        return fired(self._replace(conclusions=tables), values, found)

    patch.setattr(rete.Reader, "fired", closed)


@fault
def a_shard_is_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shard, "MOST_PENDING", 20)
    patch.setattr(rete, "shards", lambda numbered: list(shard.shards(numbered))[:2])


@fault
def the_reason_is_not_the_least(patch: pytest.MonkeyPatch) -> None:
    def ascending(self: Any, level: int, fired: list[int], found: meaning.Findings) -> None:
        for number in sorted(fired):
            found.conditions.update(self._means[number])
        settle(self, level, [], found)

    settle = rete._Rete._settle
    patch.setattr(rete._Rete, "_settle", ascending)


@fault
def a_firing_has_no_reason(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rete, "Finding", lambda value, _: Finding(value))


@fault
def one_of_several_is_the_first(patch: pytest.MonkeyPatch) -> None:
    leaf = coding.Coding.leaf

    def first(self: coding.Coding, asked: Any) -> coding.Coded:
        if isinstance(asked, Test) and len(asked.values) > 1:
            asked = Test(asked.atom, asked.op, asked.values[:1])
        return leaf(self, asked)

    patch.setattr(coding.Coding, "leaf", first)


@fault
def a_negative_reading_is_read_as_positive(patch: pytest.MonkeyPatch) -> None:
    leaf = coding.Coding.leaf

    def positive(self: coding.Coding, asked: Any) -> coding.Coded:
        return leaf(self, Reads(asked.conclusion) if isinstance(asked, Reads) else asked)

    patch.setattr(coding.Coding, "leaf", positive)


@fault
def decimals_are_cut_off(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(coding, "DECIMALS", 0)


@fault
def two_values_share_a_code(patch: pytest.MonkeyPatch) -> None:
    code_of = coding.code_of
    patch.setattr(
        coding,
        "code_of",
        lambda type_, value: min(code_of(type_, value), 1 if type_.kind == "one_of" else 2**53),
    )


@fault
def partners_share_a_code(patch: pytest.MonkeyPatch) -> None:
    code = coding.Coding._code

    def same(self: coding.Coding, type_: Any, value: Any, test: Any) -> int:
        return 1 if type_.kind == "code" and test is None else code(self, type_, value, test)

    patch.setattr(coding.Coding, "_code", same)


@fault
def one_met_requirement_is_enough(patch: pytest.MonkeyPatch) -> None:
    def conclude(plan: Any, level: int, found: meaning.Findings) -> None:
        meaning.conclude(plan, level, found)
        for conclusion in plan.settles[level]:
            if conclusion.kind == "requirement":
                rules = plan.concluding[conclusion]
                met = [meaning.met(rule, found) for rule in rules]
                found.concluded[conclusion] = meaning.some(met)

    patch.setattr(rete, "conclude", conclude)


@pytest.mark.parametrize("plant", FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_caught(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within 1,000 pairs, an engine with this fault decides otherwise than the law, or says
    itself that it cannot vouch for its run."""
    monkeypatch.delenv("JFSRULES_VERIFY", raising=False)
    plant(monkeypatch)
    assert caught(1_000) is not None


def test_an_engine_without_a_fault_is_not_accused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hunt finds nothing where no fault is planted."""
    monkeypatch.delenv("JFSRULES_VERIFY", raising=False)
    assert caught(200) is None


def caught(count: int) -> int | None:
    """The number of the first pair on which the engine is found out."""
    last, engine = None, None
    for number, (world, profile) in enumerate(some_pairs(count, cases=4, first=200_000), 1):
        try:
            if world is not last:
                last, engine = world, rete.engine(world.plan)
            found = engine(profile)
        except EngineError:
            return number
        law = meaning.find(world.plan, profile)
        ours = decision(world.plan, profile, found, "")
        if ours.canonical() != decision(world.plan, profile, law, "").canonical():
            return number
    return None
