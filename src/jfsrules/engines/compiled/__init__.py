"""The plan as generated Python functions, the trace a by-product. Knows nothing of files.

The source is made of our own names and integers only: indicators become locals `v0`, `v1` …,
constants are globals `k0`, `k1` …, and no text of a user is ever part of it. `note` makes each
condition one integer: +n where its n-th alternative makes it certainly true, -n where the n-th
makes it certainly false, 0 where it is unknown. `answer` takes only what is certainly true, and as
much of the rest as that hangs on; it tells what fired while it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import getitem, itemgetter
from typing import Final, Generic, TypeVar

from jfsrules.condition import Conclusion, Reads
from jfsrules.decision import Decision
from jfsrules.engines.compiled.answering import Answering, Fired, answering
from jfsrules.engines.compiled.writing import Writer, joined
from jfsrules.facts import Profile
from jfsrules.meaning import UNKNOWN, Finding, Findings
from jfsrules.plan import Alternative, Form, Part, Plan, PlannedRule
from jfsrules.proof import decision
from jfsrules.vocabulary import AS_OF, PARTNER, Value

NAME: Final = "compiled"
Notes = tuple[int, ...]
Values = Mapping[str, Value]
Key = TypeVar("Key")
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Noted:
    """What one profile came to, as notes; everything else is made of them when it is read."""

    compiled: Compiled
    profile: Profile
    notes: Notes

    def findings(self) -> Findings:
        """Everything the plan finds in the profile."""
        return self.compiled.findings(self.notes)

    def fired(self) -> list[Fired]:
        """The effective rules, those first that others read."""
        return self.compiled.answer(self.profile)[1]

    def decision(self) -> Decision:
        """The decision with its trace."""
        return decision(self.compiled.plan, self.profile, self.findings(), NAME)


@dataclass(frozen=True)
class Compiled:
    """A plan as a function from the values of a profile to notes; `source` is its text.

    `note` takes each known value by its atom, `partner` and `as_of` among them.
    """

    plan: Plan
    source: str
    note: Callable[[Values], Notes]
    conditions: _Slots[tuple[str, Part], Finding]
    effective: _Slots[str, bool | None]
    concluded: _Slots[Conclusion, bool | None]

    def __call__(self, profile: Profile) -> Findings:
        """Everything the plan finds in one profile."""
        return self.findings(self.noted(profile).notes)

    def noted(self, profile: Profile) -> Noted:
        """What the plan finds in one profile, noted and not yet written out."""
        given: dict[str, Value] = {PARTNER: profile.partner, AS_OF: profile.as_of}
        return Noted(self, profile, self.note({**profile.values, **given}))

    def findings(self, notes: Notes) -> Findings:
        """The notes of one case written out."""
        return Findings(
            self.conditions.told(notes), self.effective.told(notes), self.concluded.told(notes)
        )

    def answer(self, profile: Profile) -> tuple[str, list[Fired]]:
        """The tier, and the effective rules, those first that others read."""
        return self.answering[1](profile.values, profile.partner, profile.as_of)

    @cached_property
    def answering(self) -> tuple[str, Answering]:
        """The text of the function behind `answer`, and the function; made on first use."""
        return answering(self.plan)


@dataclass(frozen=True, slots=True)
class _Slots(Generic[Key, Told]):
    """Where the note of each key stands, and what each note means: `tables` are read by the note
    itself, 0 first, then 1, 2 …, and … -2, -1 from the end."""

    keys: tuple[Key, ...]
    slots: tuple[int, ...]
    tables: tuple[tuple[Told, ...], ...]

    def told(self, notes: Notes) -> dict[Key, Told]:
        if len(self.slots) == 1:
            return {self.keys[0]: self.tables[0][notes[self.slots[0]]]}
        if not self.slots:
            return {}
        picked = itemgetter(*self.slots)(notes)
        return dict(zip(self.keys, map(getitem, self.tables, picked), strict=True))


def engine(plan: Plan) -> Compiled:
    """Compile a plan."""
    return _Writer(plan).compiled()


class _Writer(Writer):
    """The function while it is being written."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.lines: dict[str, int] = {}
        self.conditions: dict[tuple[str, Part], int] = {}
        self.effective: dict[str, int] = {}
        self.concluded: dict[Conclusion, int] = {}
        self.forms: dict[tuple[str, Part], Form] = {}

    def compiled(self) -> Compiled:
        for level, stratum in enumerate(self.plan.strata):
            for planned in stratum:
                self.rule(planned)
            for conclusion in self.plan.settles[level]:
                self.concluded[conclusion] = self.write(self.conclusion(conclusion))
        source = self.source()
        note = self.function(source, "note")
        findings = [_findings(form) for form in self.forms.values()]
        return Compiled(
            self.plan,
            source,
            note,
            _slots(self.conditions, findings),
            _slots(self.effective, [self.truths(rule) for rule in self.effective]),
            _slots(self.concluded, [self.truth(c) for c in self.concluded]),
        )

    def source(self) -> str:
        """The text of the function: the values it reads, then one line for each note."""
        read = [f"    {v} = get(k{self.constant(atom)})" for atom, v in self.atoms.items()]
        written = [f"    x{number} = {line}" for line, number in self.lines.items()]
        notes = "".join(f"x{number}, " for number in self.lines.values())
        head = ["def note(facts):", "    get = facts.get"]
        return "\n".join([*head, *read, *written, f"    return ({notes})", ""])

    # --- rules and conclusions --------------------------------------------------------------

    def rule(self, planned: PlannedRule) -> None:
        rule = planned.rule.id
        for part, form in planned.forms():
            self.conditions[rule, part] = self.write(self.form(form))
            self.forms[rule, part] = form
        when = self.conditions[rule, "when"]
        over = [self.effective[overrider] for overrider in planned.overriders]
        if not over:
            self.effective[rule] = when
            return
        some = " or ".join(f"x{o} > 0" for o in over)
        none = " and ".join(f"x{o} < 0" for o in over)
        line = f"-1 if x{when} < 0 or {some} else 1 if x{when} > 0 and {none} else 0"
        self.effective[rule] = self.write(line)

    def conclusion(self, conclusion: Conclusion) -> str:
        rules = self.plan.concluding[conclusion]
        slots = [self.effective[rule] for rule in rules]
        if conclusion.kind == "requirement":
            that = [self.conditions[rule, "that"] for rule in rules]
            pairs = list(zip(slots, that, strict=True))
            met = " and ".join(f"(x{rule} < 0 or x{asked} > 0)" for rule, asked in pairs)
            unmet = " or ".join(f"x{rule} > 0 and x{asked} < 0" for rule, asked in pairs)
            return f"1 if {met} else -1 if {unmet} else 0"
        if len(slots) == 1:
            return f"x{slots[0]}"
        some = " or ".join(f"x{slot} > 0" for slot in slots)
        none = " and ".join(f"x{slot} < 0" for slot in slots)
        return f"1 if {some} else -1 if {none} else 0"

    def write(self, line: str) -> int:
        """The slot of a line; two that are alike share one."""
        if line[0] == "x" and line[1:].isdecimal():
            return int(line[1:])
        return self.lines.setdefault(line, len(self.lines))

    def truths(self, rule: str) -> tuple[bool | None, ...]:
        form = self.forms[rule, "when"]
        return _truths(len(form.true), max(len(form.false), 1))

    def truth(self, conclusion: Conclusion) -> tuple[bool | None, ...]:
        rules = self.plan.concluding[conclusion]
        own = conclusion.kind == "requirement" or len(rules) != 1
        return _truths(1, 1) if own else self.truths(rules[0])

    # --- conditions -------------------------------------------------------------------------

    def form(self, form: Form) -> str:
        """The note of a condition: its alternatives in order; where only the true ones were made
        ready, whether it is certainly false comes from the condition itself."""
        tests = [*self.branches(form.true, 1), *self.branches(form.false, -1)]
        if not form.two_sided:
            tests.append(f"-1 if {self.false(form.condition)}")
        return " else ".join([*tests, "0"])

    def branches(self, alternatives: tuple[Alternative, ...], sign: int) -> Iterator[str]:
        for number, alternative in enumerate(alternatives, 1):
            yield f"{sign * number} if {joined('and', map(self.leaf, alternative.leaves))}"

    def read(self, leaf: Reads) -> str:
        slot = self.concluded.get(leaf.conclusion)
        if slot is None:
            return str(not leaf.wanted)
        return f"x{slot} {'>' if leaf.wanted else '<'} 0"


def _findings(form: Form) -> tuple[Finding, ...]:
    true = [Finding(True, alternative) for alternative in form.true]
    false = [Finding(False, alternative) for alternative in form.false]
    return (
        (UNKNOWN, *true, *reversed(false)) if form.two_sided else (UNKNOWN, *true, Finding(False))
    )


def _truths(true: int, false: int) -> tuple[bool | None, ...]:
    return (None, *[True] * true, *[False] * false)


def _slots(slots: Mapping[Key, int], tables: Iterable[tuple[Told, ...]]) -> _Slots[Key, Told]:
    return _Slots(tuple(slots), tuple(slots.values()), tuple(tables))
