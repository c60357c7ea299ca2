"""Typed rows to answers on Polars: the expressions are made once, and run on chunk after chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl
from polars.io.plugins import register_io_source

from jfsrules.condition import Test, leaves
from jfsrules.engines.columns import REFUSED, Columns
from jfsrules.errors import Diagnostic

MISSING: Final = "missing"
_EAGER: Final = pl.QueryOptFlags.none()


class Answers:
    """What a rulebook answers to chunks of one shape; `keep` columns are carried through."""

    def __init__(
        self, columns: Columns, schema: Mapping[str, pl.DataType], keep: Sequence[str]
    ) -> None:
        self.columns = columns
        self.keep = tuple(keep)
        self._frame = pl.DataFrame(schema=dict(schema))
        source = register_io_source(self._chunk, schema=pl.Schema(schema))
        self._plan: pl.LazyFrame = columns.apply(
            source, keep=self.keep, refused="each", missing="bits"
        )
        self._impossible = {one.id: one for one in columns.plan.rulebook.impossible}
        self._words = [o for o in columns.outputs_with("bits") if o.about == MISSING]
        self._order = ["partner", "as_of", *self.keep, *(o.column for o in columns.outputs)]

    def _chunk(
        self,
        with_columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,
    ) -> Iterator[pl.DataFrame]:
        del predicate, n_rows, batch_size
        yield self._frame.select(with_columns) if with_columns else self._frame

    def answer(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[tuple[int, Diagnostic]]]:
        """The answers in the order of the rows, without those that no partner can be like; these
        by their place, with what excludes them."""
        self._frame = frame
        answer = self._plan.collect(engine="in-memory", optimizations=_EAGER)
        self._frame = frame.clear()
        marks = [name for name in answer.columns if name.startswith(f"{REFUSED}__")]
        refused = answer.select(pl.any_horizontal(marks)).to_series() if marks else None
        wrong: list[tuple[int, Diagnostic]] = []
        if refused is not None and refused.any():
            wrong = list(self._refused(answer.select(marks), refused))
            answer = answer.filter(~refused)
        return answer.drop(marks), wrong

    def _refused(self, marks: pl.DataFrame, refused: pl.Series) -> Iterator[tuple[int, Diagnostic]]:
        for at in refused.arg_true().to_list():
            for name, holds in marks.row(at, named=True).items():
                if holds:
                    yield at, self._excluded(name.removeprefix(f"{REFUSED}__"))

    def _excluded(self, name: str) -> Diagnostic:
        one = self._impossible[name]
        atoms = sorted({leaf.atom for leaf in leaves(one.when) if isinstance(leaf, Test)})
        help_ = "take one of these facts out: " + ", ".join(f"`{atom}`" for atom in atoms)
        said = f"no partner is like this: {one.says}"
        return Diagnostic("impossible-profile", said, None, help_)

    def named(self, answer: pl.DataFrame) -> tuple[pl.DataFrame, Counter[str]]:
        """The answers with what is missing as a text, and how often each indicator is missing.

        Few sets of missing indicators occur, and each is written out once.
        """
        words = [one.column for one in self._words]
        if not words:
            named = answer.with_columns(pl.lit("").alias(MISSING))
            return named.select(self._order), Counter()
        sets = answer.group_by(words).len()
        held = [self._held(row[:-1]) for row in sets.iter_rows()]
        told = sets.with_columns(pl.Series(MISSING, [";".join(names) for names in held]))
        counts: Counter[str] = Counter()
        for names, count in zip(held, sets["len"], strict=True):
            counts.update(dict.fromkeys(names, count))
        named = answer.join(told.drop("len"), on=words, how="left", maintain_order="left")
        return named.select(self._order), counts

    def _held(self, row: Sequence[int]) -> list[str]:
        held = []
        for output, word in zip(self._words, row, strict=True):
            left = word
            while left:
                least = left & -left
                held.append(output.names[least.bit_length() - 1])
                left ^= least
        return held

    def metadata(self) -> dict[str, Any]:
        """What a reader of the answers must know: the rulebook, and the names behind bits."""
        book = self.columns.plan.rulebook
        fired = {o.column: list(o.names) for o in self.columns.outputs if o.about == "fired"}
        return {
            "schema": "jfsrules/batch/1",
            "rulebook": {"name": book.name, "version": book.version, "digest": book.digest},
            "fired": fired,
        }
