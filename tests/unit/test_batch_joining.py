"""Parquet files joined by copying their bytes: what they hold, in order, for every reader."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jfsrules.batch.joining import join, read_footer, rows_in

TYPES = {
    "partner": pl.Enum(["AL", "MD", "UA"]),
    "as_of": pl.Date(),
    "tier": pl.Enum(["none", "enlargement"]),
    "group__g": pl.Boolean(),
    "missing": pl.String(),
    "fired_0": pl.Int64(),
    "count": pl.Float64(),
    "small": pl.Int8(),
    "kept": pl.List(pl.String()),
    "note": pl.Categorical(),
}
ROW = st.tuples(
    st.sampled_from(["AL", "MD", "UA"]),
    st.none() | st.dates(date(2004, 1, 1), date(2026, 11, 23)),
    st.none() | st.sampled_from(["none", "enlargement"]),
    st.none() | st.booleans(),
    st.none() | st.text(max_size=8),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.floats(allow_nan=False),
    st.none() | st.integers(-128, 127),
    st.none() | st.lists(st.text(max_size=4), max_size=3),
    st.none() | st.sampled_from(["x", "y", ""]),
)


@given(
    parts=st.lists(st.lists(ROW, max_size=9), min_size=1, max_size=6),
    group=st.integers(1, 9),
    compression=st.sampled_from(["zstd", "snappy", "uncompressed"]),
    statistics=st.booleans(),
)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_whole_is_its_parts_one_after_the_other(
    tmp_path: Path, parts, group, compression, statistics
) -> None:
    """Every type of column, several row groups, empty parts; in Polars and in DuckDB."""
    frames = [pl.DataFrame(rows, schema=TYPES, orient="row") for rows in parts]
    files = [tmp_path / f"{number}.parquet" for number in range(len(frames))]
    for frame, file in zip(frames, files, strict=True):
        frame.write_parquet(
            file, row_group_size=group, compression=compression, statistics=statistics
        )
    whole = tmp_path / "whole.parquet"
    join(files, whole)
    expected = pl.concat(frames)
    assert pl.read_parquet(whole).equals(expected)
    assert rows_in(whole) == expected.height
    with duckdb.connect() as base:
        seen = base.execute("SELECT * FROM read_parquet($1)", [str(whole)]).fetchall()
    assert [row[:8] for row in seen] == [row[:8] for row in expected.rows()]


def test_what_is_asked_of_a_joined_file_is_found_by_its_statistics(tmp_path: Path) -> None:
    """A reader that skips row groups by what their statistics say skips the right ones."""
    files = []
    for number in range(4):
        frame = pl.DataFrame({"n": range(number * 100, number * 100 + 100)})
        files.append(tmp_path / f"{number}.parquet")
        frame.write_parquet(files[-1], row_group_size=10, statistics="full")
    whole = tmp_path / "whole.parquet"
    join(files, whole)
    found = pl.scan_parquet(whole).filter(pl.col("n").is_between(195, 204)).collect()
    assert found["n"].to_list() == list(range(195, 205))
    with duckdb.connect() as base:
        query = "SELECT sum(n) FROM read_parquet($1) WHERE n BETWEEN 195 AND 204"
        assert base.execute(query, [str(whole)]).fetchone() == (sum(range(195, 205)),)


def test_the_metadata_of_the_first_is_that_of_the_whole(tmp_path: Path) -> None:
    """The rulebook and the names behind bits, once."""
    files = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    for file in files:
        pl.DataFrame({"n": [1]}).write_parquet(file, metadata={"jfsrules": '{"x": 1}'})
    join(files, tmp_path / "whole.parquet")
    assert pl.read_parquet_metadata(tmp_path / "whole.parquet")["jfsrules"] == '{"x": 1}'


def test_one_part_alone_comes_out_as_it_is(tmp_path: Path) -> None:
    """The same rows, and the same number of bytes of pages."""
    frame = pl.DataFrame({"n": range(1000)})
    frame.write_parquet(tmp_path / "0.parquet")
    join([tmp_path / "0.parquet"], tmp_path / "whole.parquet")
    assert pl.read_parquet(tmp_path / "whole.parquet").equals(frame)


@pytest.mark.parametrize("size", [0, 3, 8, 40])
def test_a_part_that_was_cut_off_is_no_part(tmp_path: Path, size: int) -> None:
    """It is never joined as if it were whole."""
    path = tmp_path / "0.parquet"
    pl.DataFrame({"n": range(1000)}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ValueError, match=r"0\.parquet"):
        read_footer(path)
