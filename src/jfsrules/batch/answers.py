"""Typed rows to answers on Polars: the expressions are made once, and run on chunk after chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import polars as pl
from polars.io.plugins import register_io_source

from jfsrules.condition import Test, leaves
from jfsrules.engines.columns import REFUSED, Columns
from jfsrules.errors import Diagnostic

MISSING: Final = "missing"
BYTE: Final = 8
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

        Each set of missing indicators that occurs is written out once.
        """
        words = [one.column for one in self._words]
        if not words:
            named = answer.with_columns(pl.lit("").alias(MISSING))
            return named.select(self._order), Counter()
        sets = answer.group_by(words).len()
        told = sets.select(*words, self._text.alias(MISSING))
        counted = sets.select(self._counts).row(0, named=True) if sets.height else {}
        counts = Counter({name: count for name, count in counted.items() if count})
        # Joined to these columns alone: a join copies all it is given.
        found = answer.select(words).join(told, on=words, how="left", maintain_order="left")
        return answer.with_columns(found[MISSING]).select(self._order), counts

    @cached_property
    def _text(self) -> pl.Expr:
        """The names that the bits stand for, looked up a byte at a time."""
        texts = (
            pl.lit(_told(word.names[at : at + BYTE])).gather(_byte(word.column, at))
            for word in self._words
            for at in range(0, len(word.names), BYTE)
        )
        return pl.concat_str(texts, separator=";", ignore_nulls=True)

    @cached_property
    def _counts(self) -> list[pl.Expr]:
        """In how many rows each bit is set, over sets with the number of their rows."""
        return [
            (pl.col(word.column).floordiv(1 << bit) % 2 * pl.col("len")).sum().alias(name)
            for word in self._words
            for bit, name in enumerate(word.names)
        ]


def metadata(columns: Columns) -> dict[str, Any]:
    """What a reader of answers must know: the rulebook, and the names behind bits."""
    book = columns.plan.rulebook
    fired = {o.column: list(o.names) for o in columns.outputs if o.about == "fired"}
    return {
        "schema": "jfsrules/batch/1",
        "rulebook": {"name": book.name, "version": book.version, "digest": book.digest},
        "fired": fired,
    }


def _byte(column: str, at: int) -> pl.Expr:
    return (pl.col(column).floordiv(1 << at) % (1 << BYTE)).cast(pl.UInt32)


def _told(names: Sequence[str]) -> pl.Series:
    """For each byte the names of its bits; null for none."""
    told = (
        ";".join(name for bit, name in enumerate(names) if code >> bit & 1)
        for code in range(1 << len(names))
    )
    return pl.Series([text or None for text in told], dtype=pl.String)
