"""The Rete engine: what a plan finds in a profile, matched by durable-rules.

The C module is trusted with one thing alone: conjunctions over one wide fact of small integers,
under field names of our own. Types, text, dates, negation, overrides and the order of strata stay
in Python, and no text of a rulebook or profile reaches the C code.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from jfsrules.condition import Conclusion
from jfsrules.engines.rete.coding import Coded, Coding, Column, Table
from jfsrules.engines.rete.shard import Matcher, Shard, shards
from jfsrules.errors import EngineError, Unavailable
from jfsrules.facts import Profile
from jfsrules.meaning import UNKNOWN, Finding, Findings, conclude, effective, find
from jfsrules.plan import READ_BOTH_WAYS, Alternative, Part, Plan, PlannedRule
from jfsrules.vocabulary import AS_OF, PARTNER, Value

Engine: TypeAlias = Callable[[Profile], Findings]
Key: TypeAlias = tuple[str, Part]

_lock = threading.Lock()


def engine(plan: Plan) -> Engine:
    """What finds with this plan through durable-rules, compiled when first asked.

    Raises Unavailable where durable-rules cannot be imported. The engine raises EngineError
    where a run cannot vouch for itself, or (with `JFSRULES_VERIFY=1` in the environment when the
    engine is made) where it finds otherwise than `meaning.find`. A condition that nothing reads
    negatively and that does not hold is found unknown.
    """
    try:
        import durable_rules_engine
    except ImportError as error:
        raise Unavailable(
            "the rete engine needs durable-rules, which needs CPython before 3.13 and a C compiler"
        ) from error
    rete = _Rete(plan, durable_rules_engine)
    return rete.verified if os.environ.get("JFSRULES_VERIFY") == "1" else rete.find


class Reader(NamedTuple):
    """A shard, and what to write into its fact: only the fields it reads."""

    shard: Shard
    indicators: tuple[tuple[str, Table], ...]
    conclusions: tuple[tuple[Conclusion, Table], ...]

    def fired(self, values: Mapping[str, Value], found: Findings) -> list[int]:
        """The alternatives that hold, by number."""
        value, concluded = values.get, found.concluded.get
        try:
            parts = [table[value(atom)] for atom, table in self.indicators]
        except KeyError as error:
            raise EngineError(f"`{error.args[0]}` is outside the type of its indicator") from None
        parts += [table[concluded(conclusion, False)] for conclusion, table in self.conclusions]
        return self.shard.run("".join(parts))


class _Rete:
    """A plan as rulesets, one stratum after the other."""

    def __init__(self, plan: Plan, matcher: Matcher) -> None:
        self._plan = plan
        self._matcher = matcher
        self._readers: tuple[tuple[Reader, ...], ...] | None = None
        self._means: list[list[tuple[Key, Finding]]] = []
        self._rules: list[list[tuple[Key, PlannedRule]]] = [
            [((planned.rule.id, "when"), planned) for planned in stratum] for stratum in plan.strata
        ]
        self._unknown: dict[Key, Finding] = {
            (planned.rule.id, part): UNKNOWN
            for planned in plan.rules.values()
            for part, _ in planned.forms()
        }

    def find(self, profile: Profile) -> Findings:
        """Everything the plan finds in one profile."""
        values = {**profile.values, PARTNER: profile.partner, AS_OF: profile.as_of}
        found = Findings(conditions=self._unknown.copy())
        with _lock:
            try:
                if self._readers is None:
                    self._readers = self._compiled()
                for level, readers in enumerate(self._readers):
                    fired = [number for one in readers for number in one.fired(values, found)]
                    self._settle(level, fired, found)
            except self._matcher.error as error:
                raise EngineError(f"the rete engine failed: {error}") from error
        return found

    def verified(self, profile: Profile) -> Findings:
        """The same, checked against the law."""
        found = self.find(profile)
        for what in differences(self._plan, found, find(self._plan, profile)):
            raise EngineError(f"the rete engine and the reference differ about {what}")
        return found

    def _settle(self, level: int, fired: list[int], found: Findings) -> None:
        # Numbers follow the order of alternatives, so the last one written is the least.
        conditions = found.conditions
        for number in sorted(fired, reverse=True):
            for key, finding in self._means[number]:
                other = conditions[key]
                if other is not UNKNOWN and other.value is not finding.value:
                    raise EngineError(f"`{key[0]}` is both true and false")
                conditions[key] = finding
        decided = found.effective
        for key, planned in self._rules[level]:
            if planned.overriders:
                decided[key[0]] = effective(planned, found)
            else:
                decided[key[0]] = conditions[key].value
        conclude(self._plan, level, found)

    def _compiled(self) -> tuple[tuple[Reader, ...], ...]:
        coding = Coding(self._plan.rulebook.vocabulary.atoms)
        self._means = []
        return tuple(
            tuple(self._reader(coding, shard) for shard in shards(self._number(coding, stratum)))
            for stratum in self._plan.strata
        )

    def _number(
        self, coding: Coding, stratum: Iterable[PlannedRule]
    ) -> dict[int, tuple[Coded, ...]]:
        """The alternatives of a stratum in their order, numbered, each once."""
        meant: dict[tuple[int, str, tuple[Coded, ...]], list[tuple[Key, Finding]]] = {}
        for planned in stratum:
            for key, finding, alternative in _alternatives(planned):
                coded = tuple(sorted(coding.leaf(leaf) for leaf in alternative.leaves))
                meant.setdefault((*alternative.order(), coded), []).append((key, finding))
        numbered = {}
        for order in sorted(meant):
            numbered[len(self._means)] = order[2]
            self._means.append(meant[order])
        return numbered

    def _reader(self, coding: Coding, alternatives: Mapping[int, Sequence[Coded]]) -> Reader:
        fields = {leaf.field for leaves in alternatives.values() for leaf in leaves}
        by_about: dict[str | Conclusion, list[Column]] = {}
        for column in coding.columns.values():
            if column.field in fields:
                by_about.setdefault(column.about, []).append(column)
        return Reader(
            Shard(self._matcher, alternatives),
            tuple((a, coding.table(cs)) for a, cs in by_about.items() if isinstance(a, str)),
            tuple(
                (a, {None: "", True: f',"{c.field}":1', False: f',"{c.field}":0'})
                for a, (c, *_) in by_about.items()
                if isinstance(a, Conclusion)
            ),
        )


def _alternatives(planned: PlannedRule) -> Iterator[tuple[Key, Finding, Alternative]]:
    for part, form in planned.forms():
        key = (planned.rule.id, part)
        for alternative in form.true:
            yield key, Finding(True, alternative), alternative
        for alternative in form.false:
            yield key, Finding(False, alternative), alternative


def differences(plan: Plan, found: Findings, law: Findings) -> Iterator[str]:
    """What two findings of one profile do not agree about.

    What nothing reads negatively only has to agree on whether it is true.
    """
    for planned in plan.rules.values():
        rule = planned.rule
        for part, form in planned.forms():
            one, other = found.conditions[rule.id, part], law.conditions[rule.id, part]
            if one != other and (form.two_sided or one.value or other.value):
                yield f"`{rule.id}` ({part})"
        if not _alike(planned.when.two_sided, found.effective[rule.id], law.effective[rule.id]):
            yield f"`{rule.id}` (effective)"
    for conclusion in plan.concluding:
        both = conclusion.kind in READ_BOTH_WAYS
        if not _alike(both, found.concluded[conclusion], law.concluded[conclusion]):
            yield f"`{conclusion}`"


def _alike(both: bool, one: bool | None, other: bool | None) -> bool:
    return one is other if both else bool(one) == bool(other)


def _renew_lock() -> None:
    global _lock  # noqa: PLW0603 - a lock held by a thread that did not fork would stay shut
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
