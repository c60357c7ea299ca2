"""Scenarios as Parquet files of any length: partners as they are known, with values changed.

A row is a partner on a day, drawn from all partners on the last day of each year that the facts
cover, as their dossiers have them. Each value is changed with a chance of one in eight: to unknown
one time in three, else to any value of its type. A row that is like no partner stays as it was.
Texts are texts: codes, closed lists and sets (joined by `;`); flags are booleans, days are dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from jfsrules.batch.cases import frame_of
from jfsrules.batch.typed import typed_columns
from jfsrules.classifying import columns_of
from jfsrules.engines.columns import REFUSED, Columns, column_type
from jfsrules.facts import profile_on
from jfsrules.loading import dossier_codes, load_dossier, load_lists
from jfsrules.vocabulary import AS_OF, PARTNER, Vocabulary

BLOCK = 500_000
YEARS = range(2004, 2026)
CHANGED, EMPTIED = 1 / 8, 1 / 3


def main(rows: int, path: str, *, seed: int = 1) -> None:
    """Write so many scenarios as one file."""
    columns = columns_of("practice")
    known = as_known(columns.plan.rulebook.vocabulary)
    draw = np.random.default_rng(seed)
    pieces = []
    for first in range(0, rows, BLOCK):
        piece = Path(f"{path}.{first}")
        scenarios(columns, known, min(BLOCK, rows - first), draw).write_parquet(piece)
        pieces.append(piece)
    pl.scan_parquet(pieces).sink_parquet(path)
    for piece in pieces:
        piece.unlink()


def as_known(words: Vocabulary) -> pl.DataFrame:
    """Every partner on the last day of each year, one row each; members of sets as flags."""
    lists = load_lists(words)
    days = [*(date(year, 12, 31) for year in YEARS), lists.knowledge_date]
    profiles = [
        profile_on(dossier, day, lists, words)
        for dossier in (load_dossier(code, words) for code in dossier_codes())
        for day in days
    ]
    schema = {PARTNER: pl.String(), AS_OF: pl.Date()}
    for name, one in words.indicators.items():
        schema |= typed_columns(name, one.type, ())
    return frame_of(profiles, schema, words)


def scenarios(
    columns: Columns, known: pl.DataFrame, rows: int, draw: np.random.Generator
) -> pl.DataFrame:
    """So many rows, each drawn from those known, and then changed; typed as a file of texts."""
    words = columns.plan.rulebook.vocabulary
    drawn = known[draw.integers(0, known.height, rows)]
    changed = drawn.with_columns(_changed(drawn, words, draw))
    refused = columns.apply(changed, refused="any")[REFUSED]
    kept = [pl.Series(name, drawn[name]).zip_with(refused, changed[name]) for name in drawn.columns]
    return _as_texts(pl.DataFrame(kept), words)


def _changed(
    drawn: pl.DataFrame, words: Vocabulary, draw: np.random.Generator
) -> Iterator[pl.Series]:
    for name in drawn.columns[2:]:
        type_ = column_type(name, words)
        given = drawn[name]
        match type_.kind if type_ else "":
            case "flag":
                other = pl.Series(draw.random(drawn.height) < 0.5)
            case "one_of":
                places = draw.integers(0, len(type_.values), drawn.height)
                other = pl.Series(type_.values, dtype=given.dtype)[places]
            case _:
                other = pl.Series(draw.integers(0, 2_000, drawn.height) / 10)
        hidden = pl.Series(draw.random(drawn.height) < EMPTIED)
        other = pl.select(pl.when(~hidden).then(other)).to_series()
        yield other.zip_with(pl.Series(draw.random(drawn.height) < CHANGED), given).alias(name)


def _as_texts(frame: pl.DataFrame, words: Vocabulary) -> pl.DataFrame:
    given: list[pl.Expr] = [pl.col(PARTNER, AS_OF)]
    for name, one in words.indicators.items():
        if one.type.kind == "set_of":
            flags = [f"{name}__{member}" for member in one.type.values]
            told = [pl.when(pl.col(f"{name}__{m}")).then(pl.lit(m)) for m in one.type.values]
            text = pl.concat_str(told, separator=";", ignore_nulls=True).replace("", ";")
            whole = pl.all_horizontal(pl.col(flags).is_not_null())
            given.append(pl.when(whole).then(text).alias(name))
        elif one.type.kind == "one_of":
            given.append(pl.col(name).cast(pl.String))
        else:
            given.append(pl.col(name))
    return frame.select(given)
