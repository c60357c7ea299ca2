"""One shape of table made ready: from typed columns through the stages to the answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final, Literal, TypeAlias

import narwhals as nw

from jfsrules.engines.columns.expressions import SEPARATOR, Expressions, any_of, pieces_of
from jfsrules.engines.columns.inputs import Backend, Input
from jfsrules.engines.columns.outputs import Output, outputs
from jfsrules.engines.columns.sources import Choice, Flag, Marks, Source, State, source
from jfsrules.engines.columns.translated import Translated, translate
from jfsrules.plan import Plan
from jfsrules.vocabulary import AS_OF, PARTNER

REFUSED: Final = "refused"
Asked: TypeAlias = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Limits:
    """Which partners and days one may ask about; nothing where any will do."""

    partners: Collection[str] | None = None
    first: date | None = None
    latest: date | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The expressions of one shape of table: `typed` makes the columns of the atoms, each of
    `stages` adds some, `answer` is what comes out."""

    typed: tuple[nw.Expr, ...]
    stages: tuple[tuple[nw.Expr, ...], ...]
    answer: tuple[nw.Expr, ...]
    noted: list[Asked] = field(default_factory=list, compare=False, repr=False)

    def over(self, frame: Any) -> Any:
        """The answer for a narwhals frame."""
        if not frame.implementation.is_polars():
            return self._over(frame)
        native = frame.to_native()
        steps = self.noted[:] or self._asked(type(native.lazy()))
        self.noted[:] = steps
        for method, terms in steps:
            native = getattr(native, method)(*terms)
        return nw.from_native(native)

    def _asked(self, kind: type) -> list[Asked]:
        """What narwhals asks of a lazy frame of Polars: the same for every table of this shape,
        and making it takes longer than answering for some hundred thousand rows."""
        asked: list[Asked] = []

        def noting(method: str) -> Callable[..., Any]:
            def note(frame: Any, *terms: Any) -> Any:
                asked.append((method, terms))
                return frame

            return note

        methods = {method: noting(method) for method in ("select", "with_columns")}
        self._over(nw.from_native(type("Noting", (kind,), methods)()))
        assert len(asked) == 2 + len(self.stages), "narwhals asks otherwise than it is asked"
        return asked

    def _over(self, frame: Any) -> Any:
        frame = frame.select(*self.typed)
        for stage in self.stages:
            frame = frame.with_columns(*stage)
        return frame.select(*self.answer)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a table is made ready for: its columns, its backend, and how the answer is written."""

    inputs: tuple[Input, ...] = field(compare=False)
    columns: tuple[tuple[str, str], ...]
    backend: Backend
    codes: bool = False
    keep: tuple[str, ...] = ()
    as_of: date | None = None
    refused: Literal["no", "any", "each"] = "no"
    missing: tuple[str, ...] | None = None


def table(plan: Plan, shape: Shape, limits: Limits, made: Translated | None = None) -> Table:
    """The expressions for tables of one shape. `made` is the plan translated for its atoms, where
    that is at hand; it is used up."""
    return _Writer(plan, shape, limits, made).table()


def impossible_rows(plan: Plan, shape: Shape, limits: Limits) -> Table:
    """For each impossible profile a column that says which rows are like it."""
    return _Writer(plan, shape, limits).impossible_rows(shape.keep)


class _Writer:
    """A table while it is being written."""

    def __init__(
        self, plan: Plan, shape: Shape, limits: Limits, made: Translated | None = None
    ) -> None:
        self.shape = shape
        self.limits = limits
        self.given = {atom: term for one in shape.inputs for atom, term in one.typed.items()}
        if shape.as_of:
            self.given[AS_OF] = nw.lit(shape.as_of, dtype=nw.Date())
        self.columns = {atom: f"a{number}" for number, atom in enumerate(self.given)}
        tested = {one.name: f"t{n}" for n, one in enumerate(shape.inputs) if one.tested is not None}
        made = self.made = made or translate(plan, self.given)
        self.sources = {one: source(one, made) for one in outputs(plan, shape.missing)}
        self.impossible = made.nodes.any(made.impossible.values())
        wanted = [node for one in self.sources.values() for node in one.nodes()]
        self.terms = Expressions({**self.columns, **tested}, [*wanted, self.impossible])
        shown = {one.atom for one in self.sources.values() if isinstance(one, State)}
        self.used = self.terms.atoms | shown | {PARTNER, AS_OF}
        self.stages = [_named(stage) for stage in self.terms.stages]
        self.tested = tested

    def table(self) -> Table:
        kept = {name: f"k{number}" for number, name in enumerate(self.shape.keep)}
        answer = [nw.col(self.columns[atom]).alias(atom) for atom in (PARTNER, AS_OF)]
        answer += [nw.col(inner).alias(name) for name, inner in kept.items()]
        answer += [self.written(one, what).alias(one.column) for one, what in self.sources.items()]
        typed = [*self.typed(), *(nw.col(name).alias(inner) for name, inner in kept.items())]
        if self.shape.refused == "any":
            typed.append(self.wrong().alias("w"))
            refused = nw.col("w") | self.terms.expression(self.impossible)
            answer.append(refused.alias(REFUSED))
        if self.shape.refused == "each":
            answer += [
                self.terms.expression(node).alias(f"{REFUSED}__{name}")
                for name, node in self.made.impossible.items()
            ]
        return Table(tuple(typed), tuple(self.stages), tuple(answer))

    def impossible_rows(self, keep: Sequence[str]) -> Table:
        """The columns kept, and one for each impossible profile: whether a row is like it."""
        kept = {name: f"k{number}" for number, name in enumerate(keep)}
        typed = [*self.typed(), *(nw.col(name).alias(inner) for name, inner in kept.items())]
        answer = [nw.col(inner).alias(name) for name, inner in kept.items()]
        nodes = self.made.impossible.items()
        answer += [self.terms.expression(node).alias(name) for name, node in nodes]
        return Table(tuple(typed), tuple(self.stages), tuple(answer))

    def typed(self) -> list[nw.Expr]:
        """The columns of the atoms that are used; what needs two steps becomes a stage."""
        first: dict[str, nw.Expr] = {}
        second: dict[str, nw.Expr] = {}
        for one in self.shape.inputs:
            made = {self.columns[a]: t for a, t in one.typed.items() if a in self.used}
            if one.prepared and made:
                first |= one.prepared
                second |= made
            else:
                first |= made
            if one.tested is not None:
                first[self.tested[one.name]] = one.tested
        if self.shape.as_of:
            first[self.columns[AS_OF]] = self.given[AS_OF]
        if second:
            self.stages.insert(0, _named(second))
        return list(_named(first))

    def wrong(self) -> nw.Expr:
        """Whether a row gives a value that does not fit, or asks about whom or when one may not."""
        terms = [
            one.wrong
            for one in self.shape.inputs
            if one.wrong is not None and (one.asks or one.name not in self.used)
        ]
        terms += beyond(self.limits, self.given[PARTNER], self.given[AS_OF])
        return any_of(term.fill_null(value=False) for term in terms)

    def written(self, output: Output, what: Source) -> nw.Expr:
        """One column of the answer."""
        match what:
            case Flag(node):
                return self.terms.expression(node)
            case Choice(cases):
                return self.terms.first(cases, partial(self.literal, output))
            case State(atom, cases) if self.shape.codes or atom not in self.columns:
                return self.terms.first(cases, partial(self.literal, output))
            case State(atom):
                return nw.col(self.columns[atom])
            case Marks(marked) if output.kind == "bits":
                return self.terms.bits(tuple(marked.values()))
            case Marks(marked) if self.shape.backend == "polars" and marked:
                return self.looked_up(marked)
            case Marks(marked):
                return self.terms.names_of(marked)

    def literal(self, output: Output, name: str | None) -> nw.Expr:
        """A name as the answer shows it: a code, an Enum, or a text."""
        if self.shape.codes:
            return nw.lit(None if name is None else output.names.index(name), dtype=nw.Int8())
        if self.shape.backend == "polars":
            return nw.lit(name, dtype=nw.Enum(output.names))
        return nw.lit(name, dtype=nw.String())

    def looked_up(self, marked: Mapping[str, Any]) -> nw.Expr:
        """The names of the nodes that are true, looked up seven at a time."""
        terms: dict[str, nw.Expr] = {}
        texts: list[nw.Expr] = []
        for at, names in pieces_of(tuple(marked)):
            terms[f"m{at}"] = self.terms.piece([marked[name] for name in names])
            codes = range(1, 1 << len(names))
            told = [_told(names, code) for code in codes]
            text = nw.col(f"m{at}").replace_strict(
                [0, *codes], ["", *told], return_dtype=nw.String()
            )
            texts.append(nw.when(nw.col(f"m{at}") != 0).then(text))
        self.stages.append(_named(terms))
        return nw.concat_str(texts, separator=SEPARATOR, ignore_nulls=True)


def beyond(limits: Limits, partner: nw.Expr, day: nw.Expr) -> Iterable[nw.Expr]:
    """Where a partner or a day is one that may not be asked about."""
    if limits.partners is not None:
        yield ~partner.is_in(sorted(limits.partners))
    if limits.first:
        yield day < limits.first
    if limits.latest:
        yield day > limits.latest


def _named(terms: Mapping[str, nw.Expr]) -> tuple[nw.Expr, ...]:
    return tuple(term.alias(name) for name, term in terms.items())


def _told(names: Iterable[str], code: int) -> str:
    return SEPARATOR.join(name for bit, name in enumerate(names) if code >> bit & 1)
