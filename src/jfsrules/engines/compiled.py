"""The plan as one generated Python function, its trace a by-product. Knows nothing of files.

The source is made of our own names and integers only: indicators become locals `v0`, `v1` …,
constants stand in a tuple `k`, and no text of a user is ever part of it. Each condition becomes one
integer: +n where its n-th alternative makes it certainly true, -n where the n-th makes it certainly
false, 0 where it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from jfsrules.condition import Conclusion, Leaf, Reads, Test
from jfsrules.facts import Profile
from jfsrules.meaning import UNKNOWN, Finding, Findings
from jfsrules.plan import Alternative, Form, Plan, PlannedRule
from jfsrules.vocabulary import AS_OF, PARTNER, Value

COMPARE = {"<": "<", "≤": "<=", ">": ">", "≥": ">=", "≠": "!="}
Notes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan as a function from the values of a profile to notes, one integer a condition, rule
    and conclusion; `source` is the text of that function."""

    plan: Plan
    source: str
    note: Callable[[Mapping[str, Value]], Notes]
    slots: Mapping[object, int]

    def __call__(self, profile: Profile) -> Findings:
        """Everything the plan finds in one profile."""
        given: dict[str, Value] = {PARTNER: profile.partner, AS_OF: profile.as_of}
        return self.findings(self.note({**profile.values, **given}))

    def findings(self, notes: Notes) -> Findings:
        """The notes of one case written out."""
        found = Findings()
        for slot, number in self.slots.items():
            noted = notes[number]
            match slot:
                case (str(rule), "when" | "that" as part):
                    form = dict(self.plan.rules[rule].forms())[part]
                    found.conditions[rule, part] = _finding(form, noted)
                case Conclusion():
                    found.concluded[slot] = _truth(noted)
                case str():
                    found.effective[slot] = _truth(noted)
        return found


def engine(plan: Plan) -> Compiled:
    """Compile a plan."""
    return _Writer(plan).compiled()


def _truth(noted: int) -> bool | None:
    return None if noted == 0 else noted > 0


def _finding(form: Form, noted: int) -> Finding:
    if noted == 0:
        return UNKNOWN
    return (
        Finding(True, form.true[noted - 1]) if noted > 0 else Finding(False, form.false[-noted - 1])
    )


class _Writer:
    """The function while it is being written."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.atoms: dict[str, str] = {}
        self.constants: dict[tuple[str, object], int] = {}
        self.slots: dict[object, int] = {}
        self.lines: list[str] = []

    def compiled(self) -> Compiled:
        for stratum in self.plan.strata:
            for planned in stratum:
                self.rule(planned)
            self.conclusions(stratum)
        head = [
            f"    {local} = get(k[{self.constant(atom)}])" for atom, local in self.atoms.items()
        ]
        tail = ", ".join(f"x{number}" for number in range(len(self.lines)))
        source = "\n".join(
            ["def note(facts):", "    get = facts.get", *head, *self.lines, f"    return ({tail},)"]
        )
        scope: dict[str, object] = {"k": tuple(value for _, value in self.constants)}
        exec(compile(source, "<plan>", "exec"), scope)  # noqa: S102 (own names and integers only)
        return Compiled(self.plan, source, scope["note"], self.slots)  # type: ignore[arg-type]

    def rule(self, planned: PlannedRule) -> None:
        rule = planned.rule.id
        for part, form in planned.forms():
            self.write((rule, part), self.form(form))
        when = self.slots[rule, "when"]
        over = [self.slots[overrider] for overrider in planned.overriders]
        if not over:
            self.slots[rule] = when
            return
        some = " or ".join(f"x{o} > 0" for o in over)
        none = " and ".join(f"x{o} < 0" for o in over)
        self.write(rule, f"-1 if x{when} < 0 or {some} else 1 if x{when} > 0 and {none} else 0")

    def conclusions(self, stratum: tuple[PlannedRule, ...]) -> None:
        for planned in stratum:
            conclusion = planned.rule.conclusion
            rules = self.plan.concluding.get(conclusion, ())
            settled = not rules or conclusion in self.slots
            if settled or any(rule not in self.slots for rule in rules):
                continue
            if conclusion.kind == "requirement":
                self.write(conclusion, self.requirement(rules))
            elif len(rules) == 1:
                self.slots[conclusion] = self.slots[rules[0]]
            else:
                slots = [self.slots[rule] for rule in rules]
                some = " or ".join(f"x{s} > 0" for s in slots)
                none = " and ".join(f"x{s} < 0" for s in slots)
                self.write(conclusion, f"1 if {some} else -1 if {none} else 0")

    def requirement(self, rules: tuple[str, ...]) -> str:
        pairs = [(self.slots[rule], self.slots[rule, "that"]) for rule in rules]
        met = " and ".join(f"(x{rule} < 0 or x{that} > 0)" for rule, that in pairs)
        unmet = " or ".join(f"(x{rule} > 0 and x{that} < 0)" for rule, that in pairs)
        return f"1 if {met} else -1 if {unmet} else 0"

    def write(self, slot: object, expression: str) -> None:
        number = self.slots[slot] = len(self.lines)
        self.lines.append(f"    x{number} = {expression}")

    def form(self, form: Form) -> str:
        tests = [*self.branches(form.true, 1), *self.branches(form.false, -1)]
        return " else ".join([*tests, "0"])

    def branches(self, alternatives: tuple[Alternative, ...], sign: int) -> Iterator[str]:
        for number, alternative in enumerate(alternatives, 1):
            tests = " and ".join(self.leaf(leaf) for leaf in alternative.leaves)
            yield f"{sign * number} if {tests or 'True'}"

    def leaf(self, leaf: Leaf) -> str:
        if isinstance(leaf, Reads):
            slot = self.slots.get(leaf.conclusion)
            if slot is None:
                return str(not leaf.wanted)
            return f"x{slot} {'>' if leaf.wanted else '<'} 0"
        return self.test(leaf)

    def test(self, test: Test) -> str:
        local = self.atoms.setdefault(test.atom, f"v{len(self.atoms)}")
        known = "" if test.atom in (PARTNER, AS_OF) else f"{local} is not None and "
        match test.op:
            case "in":
                return f"{local} in k[{self.constant(frozenset(test.values))}]"
            case "not in":
                return f"{known}{local} not in k[{self.constant(frozenset(test.values))}]"
            case "=" if isinstance(test.values[0], bool):
                return f"{local} is {test.values[0]}"
            case "≠" if isinstance(test.values[0], bool):
                return f"{local} is {not test.values[0]}"
            case "=":
                return f"{local} == k[{self.constant(test.values[0])}]"
            case _:
                constant = f"k[{self.constant(test.values[0])}]"
                return f"{known}{local} {COMPARE[test.op]} {constant}"

    def constant(self, value: object) -> int:
        return self.constants.setdefault((type(value).__name__, value), len(self.constants))
