"""Our own engines with the same base, as a rulebook over a vocabulary of its fields."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import MappingProxyType
from typing import Any

import polars as pl
from benchmarks.bases import GROUPS, Answer, Base, Case, Table, folded
from benchmarks.peers.by_polars import framed

from jfsrules import meaning
from jfsrules.condition import All, Conclusion, Condition, Not, Reads, Test
from jfsrules.condition import Any as Either
from jfsrules.engines import columns, compiled, rete
from jfsrules.facts import Profile
from jfsrules.meaning import Findings
from jfsrules.plan import Plan, plan
from jfsrules.rulebook import Rule, Rulebook
from jfsrules.tier import SCOPE, scope, tier
from jfsrules.vocabulary import DATE, FLAG, Indicator, Term, Type, Vocabulary

OPS = {"eq": "=", "ne": "≠", "in": "in", "not_in": "not in", "le": "≤", "gt": ">"}
PARTNER, DAY = "MD", date(2014, 6, 27)


def planned(base: Base) -> Plan:
    """The base as a rulebook made ready."""
    rules = tuple(
        Rule(
            id=rule["id"],
            title=rule["id"],
            conclusion=concluded(rule["concludes"]),
            cites=("somewhere",),
            authority="design",
            when=condition(base, rule["when"]),
        )
        for rule in base.rules
    )
    kinds = {"flag": FLAG, "day": DATE}
    types = {
        name: Type("one_of", tuple(kind)) if isinstance(kind, list) else kinds[kind]
        for name, kind in base.fields.items()
    }
    areas = {c.partition(":")[2] for c in base.conclusions if c.startswith("focus:")}
    nothing: dict[str, Any] = {"modes": {}, "organisations": {}, "classes": {}, "instruments": {}}
    words = Vocabulary(
        indicators=MappingProxyType({n: Indicator(n, n, t, "says") for n, t in types.items()}),
        groups=MappingProxyType({name: Term(name, name) for name in GROUPS}),
        focus_areas=MappingProxyType({name: Term(name, name) for name in sorted(areas)}),
        **nothing,
    )
    book = Rulebook(
        name="base",
        version="1",
        title="A base for measuring",
        rules=rules,
        own=frozenset(rule.id for rule in rules),
        vocabulary=words,
        citations=MappingProxyType({}),
        passages=MappingProxyType({}),
        impossible=(),
        digest=f"{len(rules):064}",
    )
    return plan(book)


def condition(base: Base, written: dict[str, Any]) -> Condition:
    def leaf(field: str, op: str, value: Any) -> Condition:
        if base.fields[field] == "day":
            value = date.fromisoformat(value)
        values = tuple(value) if isinstance(value, list) else (value,)
        return Test(field, OPS[op], values)  # type: ignore[arg-type]

    return folded(
        written,
        leaf,
        lambda conclusion: Reads(concluded(conclusion)),
        lambda parts: All(tuple(parts)),
        lambda parts: Either(tuple(parts)),
        Not,
    )


def concluded(name: str) -> Conclusion:
    kind, _, subject = name.partition(":")
    return Conclusion(kind, subject)  # type: ignore[arg-type]


class _Cases:
    """A profile in; the answer is a pair: the tier, and the rules that fired."""

    def __init__(self, base: Base) -> None:
        self.plan = planned(base)
        self.rules = list(self.plan.rules)

    def prepare(self, case: Case) -> Profile:
        values = {name: value for name, value in case.items() if value is not None}
        return Profile(PARTNER, DAY, values)

    def tell(self, out: Any) -> Answer:
        tier_, fired = out
        return Answer(tier_, frozenset(one if isinstance(one, str) else one[0] for one in fired))

    def answered(self, found: Findings, profile: Profile) -> tuple[str, list[str]]:
        fired = [rule for rule, effective in found.effective.items() if effective]
        return tier_of(found, profile), fired

    def explained(self, found: Findings, profile: Profile) -> tuple[str, list[Any]]:
        """The tier, and for each rule that fired its alternative and the values that one read."""
        value, conditions = profile.values.get, found.conditions
        fired = []
        for rule, effective in found.effective.items():
            if effective:
                reason = conditions[rule, "when"].reason
                assert reason is not None
                fired.append((rule, reason, tuple([value(one) for one in reason.atoms])))
        return tier_of(found, profile), fired


def tier_of(found: Findings, profile: Profile) -> str:
    concluded = found.concluded.get
    reasons = {
        name: profile["eu_member"] if isinstance(leaf, Test) else concluded(leaf.conclusion, False)
        for name, leaf in SCOPE
    }
    groups = [(group, concluded(Conclusion("group", group), False)) for group in GROUPS]
    return tier(scope(reasons)[0], groups)  # type: ignore[arg-type]


class Compiled(_Cases):
    """The generated function: what fired with its reasons is as quick as what fired."""

    def __init__(self, base: Base) -> None:
        super().__init__(base)
        self.engine = compiled.engine(self.plan)

    def answer(self, profile: Profile) -> Any:
        return self.answered(self.engine(profile), profile)

    def explain(self, profile: Profile) -> Any:
        return self.engine.answer(profile)


class Rete(_Cases):
    """durable-rules, as our Rete engine drives it."""

    def __init__(self, base: Base) -> None:
        super().__init__(base)
        self.engine = rete.engine(self.plan)

    def answer(self, profile: Profile) -> Any:
        return self.answered(self.engine(profile), profile)

    def explain(self, profile: Profile) -> Any:
        return self.explained(self.engine(profile), profile)


class Reference(_Cases):
    """The law itself, read leaf by leaf."""

    def answer(self, profile: Profile) -> Any:
        return self.answered(meaning.find(self.plan, profile), profile)

    def explain(self, profile: Profile) -> Any:
        return self.explained(meaning.find(self.plan, profile), profile)


class Columns:
    """A table of Polars in, tier, groups and focus areas out, and which rules fired as bit sets."""

    three_valued = True

    def __init__(self, base: Base) -> None:
        self.base = base
        self.columns = columns.Columns(planned(base))
        about = {one.column: one.about for one in self.columns.outputs}
        self.bits = [name for name, what in about.items() if what == "fired"]
        self.others = [name for name, what in about.items() if what not in ("fired", "missing")]

    def prepare(self, table: Table) -> pl.DataFrame:
        return framed(table).with_columns(
            pl.lit(PARTNER).alias("partner"), pl.lit(DAY).alias("as_of")
        )

    def applied(self, frame: pl.DataFrame) -> pl.LazyFrame:
        return self.columns.apply(frame.lazy())

    def answer(self, frame: pl.DataFrame) -> pl.DataFrame:
        return self.applied(frame).select(self.others).collect()

    def fired(self, frame: pl.DataFrame) -> pl.DataFrame:
        return self.applied(frame).select(*self.others, *self.bits).collect()

    def unfired(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Every column of the answer but which rules fired."""
        return self.applied(frame).drop(self.bits).collect()

    def whole(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Every column of the answer: partner and day, and what is missing, too."""
        return self.applied(frame).collect()

    def tell(self, out: pl.DataFrame) -> list[Answer]:
        return list(self.rows(out))

    def rows(self, out: pl.DataFrame) -> Iterator[Answer]:
        names = {one.column: one.names for one in self.columns.outputs if one.about == "fired"}
        for row in out.iter_rows(named=True):
            fired = {n for c, many in names.items() for b, n in enumerate(many) if row[c] >> b & 1}
            yield Answer(row["tier"], frozenset(fired))
