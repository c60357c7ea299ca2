"""What no batch can do without: files read and written with no rules between; one process a task.

`python -m benchmarks.bound TASK CASES ANSWERS OUT`. `constants` is one query of Polars that reads
all columns of the cases, and writes all columns of the answers, of the same types, filled with one
value each. `copy` reads the answers and writes them; `read cases` and `read answers` write
nothing.
"""

from __future__ import annotations

import sys

import polars as pl

BLOCK = 250_000
GIVEN = ("partner", "as_of")
WRITTEN = {"compression": "zstd", "compression_level": 1, "statistics": False}


def constants(cases: str, answers: str, out: str) -> None:
    scan = pl.scan_parquet(answers)
    types = scan.collect_schema()
    values = scan.head(1_000).select(pl.all().drop_nulls().first()).collect().row(0, named=True)
    columns = [pl.col(name).cast(types[name]) for name in GIVEN]
    columns += [
        pl.lit(values[name], dtype=type_).alias(name)
        for name, type_ in types.items()
        if name not in GIVEN
    ]
    # Left to itself, Polars would not read columns of which nothing is written.
    read_all = pl.QueryOptFlags(projection_pushdown=False)
    pl.scan_parquet(cases).select(columns).sink_parquet(out, optimizations=read_all, **WRITTEN)


def copy(answers: str, out: str) -> None:
    pl.scan_parquet(answers).sink_parquet(out, **WRITTEN)


def read(path: str) -> None:
    scan = pl.scan_parquet(path)
    for first in range(0, scan.select(pl.len()).collect().item(), BLOCK):
        scan.slice(first, BLOCK).collect()


def main(task: str, cases: str, answers: str, out: str) -> None:
    match task:
        case "constants":
            constants(cases, answers, out)
        case "copy":
            copy(answers, out)
        case "read cases":
            read(cases)
        case "read answers":
            read(answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
