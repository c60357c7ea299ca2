"""`jfsrules batch --engine`: another engine as it is called, and what it cannot do."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from faces.command import run

ROWS = "partner,eu_member,visa_regime\nMD,false,visa_required\nZZ,false,\nFR,true,\n"


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.csv"
    path.write_text(ROWS, "utf-8")
    return path


def test_a_batch_on_duckdb_says_what_it_came_to(cases: Path, tmp_path: Path) -> None:
    """Rows out, rows apart with why, and exit 1 because there are some."""
    out, errors = tmp_path / "out.parquet", tmp_path / "wrong.jsonl"
    call = ["batch", str(cases), "--engine", "duckdb", "--as-of", "2014-06-27"]
    call += ["--rulebook", "text-2014", "-o", str(out), "--errors", str(errors)]
    shown = run(*call)
    assert shown.exit_code == 1, shown.output
    assert "3 rows in = 2 rows out" in shown.output
    assert "there is no partner `ZZ`" in " ".join(shown.output.split())
    assert pl.read_parquet(out)["partner"].to_list() == ["MD", "FR"]
    assert "unknown-partner" in errors.read_text("utf-8")
    again = run(*call)
    assert again.exit_code == 2
    assert "exists already" in " ".join(again.output.split())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--engine", "spark"], "writes to a file: name it with `-o FILE`"),
        (["--engine", "spark", "-o", "o.csv", "--resume"], "cannot `--resume`: begin anew"),
        (["--engine", "spark", "-o", "o.csv", "--trace"], "cannot `--trace`: explain single rows"),
        (["--engine", "duckdb", "-o", "o.csv", "--chart", "c.svg"], "cannot `--chart`"),
        (["--engine", "duckdb", "-o", "o.csv", "--log", "l.db"], "cannot `--log`"),
        (["--engine", "spark", "-o", "o.csv", "--master", "here"], "is no address of Spark"),
        (["--master", "yarn", "-o", "o.csv"], "add `--engine spark`"),
    ],
)
def test_what_another_engine_cannot_do_is_refused(
    cases: Path, options: list[str], words: str
) -> None:
    """Before anything is read or started, with what to do instead."""
    shown = run("batch", str(cases), *options)
    assert shown.exit_code == 2
    assert words in " ".join(shown.output.split())


def test_an_input_is_never_written_over(cases: Path) -> None:
    """Not even with `--force`."""
    call = ["batch", str(cases), "--engine", "duckdb", "-o", str(cases), "--force"]
    shown = run(*call)
    assert shown.exit_code == 2
    assert "is read by this run" in " ".join(shown.output.split())
    assert cases.read_text("utf-8") == ROWS
