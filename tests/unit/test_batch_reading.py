"""Tables read some rows at a time: the same rows however they are cut, each with its line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jfsrules.batch.csv_rows import Csv
from jfsrules.batch.json_lines import JsonLines
from jfsrules.batch.reading import Parquet
from jfsrules.batch.stamps import changed, stamps
from jfsrules.batch.texts import Text

CELL = st.text(alphabet='ab,"\n\r;é\t =', max_size=6)
ROWS = st.lists(st.tuples(CELL, CELL), max_size=12)
SETTINGS = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def read(table: Any, skip: int = 0) -> tuple[list[tuple], list[int | None], list[str], int]:
    """The rows of a table, the lines they begin in, what is wrong with the others, how many."""
    chunks = list(table.chunks(skip))
    rows = [row for chunk in chunks for row in chunk.frame.rows()]
    lines = [line for chunk in chunks for line in chunk.lines or ()]
    wrong = [one.diagnostics[0].code for chunk in chunks for one in chunk.apart]
    return rows, lines, wrong, sum(chunk.count for chunk in chunks)


def csv_of(path: Path, at_once: int = 100) -> Csv:
    return Csv(Text(str(path), path), at_once)


@given(rows=ROWS, at_once=st.integers(1, 5), ending=st.sampled_from(["\n", "\r\n"]))
@SETTINGS
def test_what_is_written_as_csv_is_read_as_it_was(
    tmp_path: Path, rows: list[tuple[str, str]], at_once: int, ending: str
) -> None:
    """With commas, quotes and line ends in cells; however many rows are read at a time."""
    written = io.StringIO(newline="")
    sheet = csv.writer(written, lineterminator=ending, quoting=csv.QUOTE_ALL)
    sheet.writerows([("a", "b"), *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(written.getvalue().encode())
    found, _, wrong, count = read(csv_of(path, at_once))
    assert wrong == []
    assert count == len(rows)
    assert found == [(a or None, b or None) for a, b in rows]


@given(
    lines=st.lists(st.text(alphabet='a,"é\t', max_size=8), max_size=12), at_once=st.integers(1, 4)
)
@SETTINGS
def test_lines_that_are_no_csv_are_set_apart_one_by_one(
    tmp_path: Path, lines: list[str], at_once: int
) -> None:
    """Whatever they hold, every line is in a row or set apart, and cutting makes no difference."""
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["a,b", *lines]) + "\n", "utf-8")
    rows, numbers, wrong, count = read(csv_of(path))
    assert count == len(rows) + len(wrong)
    assert count <= len([line for line in lines if line])
    assert (rows, numbers, wrong, count) == read(csv_of(path, at_once))


@given(rows=st.integers(0, 30), at_once=st.integers(1, 7), quoted=st.booleans(), data=st.data())
@SETTINGS
def test_reading_goes_on_from_any_chunk(
    tmp_path: Path, rows: int, at_once: int, quoted: bool, data: st.DataObject
) -> None:
    """The rows from a chunk on are those that all chunks from there on have."""
    path = tmp_path / "a.csv"
    mark = '"' if quoted else ""
    path.write_text("a,b\n" + "".join(f"{mark}{n}{mark},x\n" for n in range(rows)))
    lines = tmp_path / "a.jsonl"
    lines.write_text("".join(json.dumps({"a": n}) + "\n" for n in range(rows)))
    frame = tmp_path / "a.parquet"
    pl.DataFrame({"a": range(rows)}, schema={"a": pl.Int64}).write_parquet(frame)
    for make in (
        lambda: csv_of(path, at_once),
        lambda: JsonLines(Text("a", lines), ("a",), at_once=at_once),
        lambda: Parquet("a", frame, at_once),
    ):
        chunks = list(make().chunks())
        if not chunks:
            continue
        at = data.draw(st.integers(0, len(chunks) - 1))
        again = list(make().chunks(chunks[at].first))
        told = [(one.first, one.count, one.frame.rows()) for one in chunks[at:]]
        assert [(one.first, one.count, one.frame.rows()) for one in again] == told


def test_each_row_knows_the_line_it_begins_in(tmp_path: Path) -> None:
    """Blank lines count, and so do those within quotes."""
    path = tmp_path / "a.csv"
    path.write_text('\n\na,b\n1,2\n\n3,"4\n5"\n\n6,7', "utf-8")
    assert read(csv_of(path))[:2] == ([("1", "2"), ("3", "4\n5"), ("6", "7")], [4, 6, 9])
    assert read(csv_of(path, 1))[:2] == ([("1", "2"), ("3", "4\n5"), ("6", "7")], [4, 6, 9])


def test_a_line_longer_than_a_block_is_one_line(tmp_path: Path, monkeypatch) -> None:
    """Lines are put together from blocks; one that is too long costs only itself."""
    monkeypatch.setattr("jfsrules.batch.texts.BLOCK", 16)
    for module in ("texts", "csv_rows"):
        monkeypatch.setattr(f"jfsrules.batch.{module}.LONGEST", 100)
    path = tmp_path / "a.csv"
    path.write_text(f"a,b\n1,{'x' * 60}\n2,{'y' * 300}\n3,z\n4,{'w' * 500}")
    rows, lines, wrong, count = read(csv_of(path))
    assert (rows, lines) == ([("1", "x" * 60), ("3", "z")], [2, 4])
    assert (wrong, count) == (["line-too-long"] * 2, 4)


def test_thousands_of_files_are_never_open_at_once(tmp_path: Path) -> None:
    """A table is open only while it is read."""
    from jfsrules.batch.sources import sources

    for number in range(1_500):
        (tmp_path / f"{number}.csv").write_text("partner\nMD\n")
    found = sources([str(tmp_path)], ("partner",))
    assert [list(one.schema()) for one in found] == [["partner"]] * 1_500


def test_a_stamp_says_what_changed(tmp_path: Path) -> None:
    """Files that are new, gone, or other than they were."""
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_text("a")
    before = stamps([one, two])
    assert changed(before, stamps([one, two])) == []
    one.write_text("ab")
    two.write_text("")
    assert changed(before, stamps([one, two])) == [str(one), str(two)]


@pytest.mark.parametrize(
    ("value", "text"),
    [("x", "x"), (1, "1"), (1.5, "1.5"), (False, "false"), (None, None), ([], "[]"), ({}, "{}")],
)
def test_values_of_json_come_out_as_a_table_has_them(value, text, tmp_path: Path) -> None:
    """A set as a list, which is read as one; what fits no type is text that will not fit."""
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"a": value}) + "\n")
    assert read(JsonLines(Text("a", path), ("a",)))[0] == [(text,)]
