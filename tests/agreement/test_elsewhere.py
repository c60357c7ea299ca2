"""Law: a batch on DuckDB or Spark gives the answers that it gives on Polars, row by row."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agreement import strategies
from agreement.frames import table
from jfsrules.batch.counting import Closing
from jfsrules.batch.elsewhere import answer_elsewhere
from jfsrules.batch.elsewhere.session import first_sentence, session
from jfsrules.batch.parts import Parts
from jfsrules.batch.running import Batch, Job, run
from jfsrules.condition import All, Test
from jfsrules.errors import EngineError, Refused, Unavailable
from jfsrules.loading import load_rulebook
from jfsrules.rulebook import Impossible, Rulebook
from jfsrules.shipped import shipped

DAYS = (date(2014, 6, 27), date(2022, 6, 23))
Answer = tuple[list[dict[str, Any]], list[dict[str, Any]], Closing]


def rulebook() -> Rulebook:
    """A small rulebook by which some profiles are impossible."""
    both = All((Test("flag_0", "=", (True,)), Test("flag_1", "=", (False,))))
    never = Impossible("never", "says", both, ("doc-0",))
    return replace(strategies.world(5).rulebook, impossible=(never,))


def rows(count: int) -> pl.DataFrame:
    """Cases with nulls, numbered by `row`."""
    words = strategies.world(5).vocabulary
    return table(words, [strategies.profile(words, 5 + n) for n in range(count)])


def spoilt(frame: pl.DataFrame) -> pl.DataFrame:
    """The cases with, here and there, a value that does not fit."""
    at = pl.col("row") % 997
    wrong: Mapping[str, tuple[tuple[int, Any], ...]] = {
        "partner": ((1, "ZZ"), (2, None), (3, "md"), (4, "")),
        "as_of": ((5, date(2003, 12, 31)), (6, date(2030, 1, 1)), (7, None)),
        "count_0": ((8, 0.12345), (9, 2e11), (10, float("nan"))),
        "accord": ((11, "nonsense"),),
    }
    for name, changes in wrong.items():
        cell = pl.col(name)
        for where, value in changes:
            cell = pl.when(at == where).then(pl.lit(value)).otherwise(cell)
        frame = frame.with_columns(cell.alias(name))
    return frame


def on_polars(job: Job, folder: Path, end: str = "parquet") -> Answer:
    out, errors = folder / f"polars.{end}", folder / "polars.errors"
    made = Batch(job)
    parts = Parts(out, made.asked(), made.metadata(), errors)
    parts.begin(force=True, resume=False)
    closing = run(made, parts=parts, errors=errors)
    parts.finish(made.empty())
    parts.close()
    return told(out, errors, closing)


def on(engine: str, job: Job, folder: Path, end: str = "parquet") -> Answer:
    out, errors = folder / f"{engine}.{end}", folder / f"{engine}.errors"
    closing = answer_elsewhere(job, str(out), engine, errors=errors)
    assert closing.balanced
    return told(out, errors, closing)


def told(out: Path, errors: Path, closing: Closing) -> Answer:
    """The rows of the answer and those set apart, each in an order of its own."""
    parts = sorted(out.glob("part-*")) if out.is_dir() else [out]
    if out.suffix == ".parquet":
        frames = [pl.read_parquet(part) for part in parts]
    elif out.suffix == ".csv":
        frames = [pl.read_csv(part, infer_schema=False) for part in parts]
    else:
        frames = [pl.read_ndjson(part) for part in parts]
    frame = pl.concat(frames).with_columns(pl.selectors.enum().cast(pl.String))
    answers = sorted(frame.to_dicts(), key=lambda row: (str(row["row"]), str(row["as_of"])))
    lines = errors.read_text("utf-8").splitlines() if errors.exists() else []
    return answers, sorted(map(json.loads, lines), key=_of_apart), closing


def _of_apart(apart: Mapping[str, Any]) -> tuple[str, ...]:
    values = apart.get("values", {})
    return (apart["source"], str(values.get("row")), str(apart.get("as_of")), str(apart["errors"]))


def same(found: Answer, wanted: Answer) -> None:
    """Nothing differs that a reader could see: answers, what is set apart and why, and counts."""
    assert found[0] == wanted[0]
    assert [_reasons(one) for one in found[1]] == [_reasons(one) for one in wanted[1]]
    for name in ("rows_in", "rows_out", "rows_apart", "passed", "tiers", "advice", "missing"):
        assert getattr(found[2], name) == getattr(wanted[2], name), name
    assert found[2].errors == wanted[2].errors


def _reasons(apart: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a row, but for its line, which not every engine knows, and how its values
    are written."""
    row = str(apart["values"].get("row"))
    kept = ("source", "partner", "as_of", "rows", "errors")
    return {"of": row, **{name: apart[name] for name in kept if name in apart}}


@pytest.fixture
def case(tmp_path: Path) -> Callable[..., Job]:
    """Rows in a file, and what is asked of them."""

    def made(frame: pl.DataFrame, end: str = "parquet", **how: Any) -> Job:
        path = tmp_path / f"cases.{end}"
        match end:
            case "parquet":
                frame.write_parquet(path)
            case "csv":
                frame.write_csv(path)
            case _:
                frame.write_ndjson(path)
        return Job((str(path),), rulebook(), keep=("row",), **how)

    return made


@pytest.mark.parametrize(
    ("end", "out"), [("parquet", "csv"), ("csv", "jsonl"), ("jsonl", "parquet")]
)
def test_duckdb_answers_as_polars_does(
    case: Callable[..., Job], tmp_path: Path, end: str, out: str
) -> None:
    """From and to every kind of table, with unknowns and with rows that do not fit."""
    job = case(spoilt(rows(1_000)), end)
    found = on("duckdb", job, tmp_path, out)
    same(found, on_polars(job, tmp_path, out))
    assert found[2].rows_apart > 10
    assert found[2].rows_out > 500


@pytest.mark.parametrize(
    "how",
    [
        {"partners": ("MD", "AL")},
        {"days": DAYS, "partners": ("MD",)},
        {"stated": {"flag_0": True, "count_0": 3}},
        {"stated": {"flag_1": None, "members.east": True}},
    ],
    ids="-".join,
)
def test_what_is_asked_is_the_same_on_duckdb(
    case: Callable[..., Job], tmp_path: Path, how: dict[str, Any]
) -> None:
    """Days, partners, and facts stated over those of the rows."""
    job = case(spoilt(rows(200)), "csv", **how)
    same(on("duckdb", job, tmp_path), on_polars(job, tmp_path))


@pytest.mark.xdist_group("spark")
def test_spark_answers_ten_thousand_rows_as_polars_and_duckdb_do(
    spark: Any, case: Callable[..., Job], tmp_path: Path
) -> None:
    """On `local[2]`, with unknowns and rows that do not fit, from Parquet to Parquet."""
    job = case(spoilt(rows(10_000)))
    wanted = on_polars(job, tmp_path)
    same(on("spark", job, tmp_path), wanted)
    same(on("duckdb", job, tmp_path), wanted)
    assert wanted[2].rows_in == 10_000
    about = json.loads((tmp_path / "spark.parquet.meta.json").read_text("utf-8"))
    assert about == Batch(job).metadata()


@pytest.mark.xdist_group("spark")
def test_what_is_asked_is_the_same_on_spark(
    spark: Any, case: Callable[..., Job], tmp_path: Path
) -> None:
    """Days, a partner, a stated fact, from CSV and JSON Lines at once, to CSV; an output that
    exists is not touched."""
    how = {"days": DAYS, "partners": ("MD",), "stated": {"flag_1": None, "members.east": True}}
    some = spoilt(rows(60))
    lines = case(some.head(30), "jsonl", **how)
    job = replace(case(some.tail(30), "csv", **how), paths=(*lines.paths, *_csv(tmp_path)))
    wanted = on_polars(job, tmp_path, "csv")
    same(on("spark", job, tmp_path, "csv"), wanted)
    with pytest.raises(Refused, match="exists already"):
        on("spark", job, tmp_path, "csv")
    missing = replace(job, paths=("file:///nowhere.csv",))
    with pytest.raises(Refused, match="there is no file"):
        answer_elsewhere(missing, str(tmp_path / "o.csv"), "spark")
    with pytest.raises(EngineError, match=r"runs already on `local\[2\]`"):
        answer_elsewhere(job, str(tmp_path / "o.csv"), "spark", master="local[1]")


def _csv(folder: Path) -> tuple[str]:
    return (str(folder / "cases.csv"),)


def test_files_of_cases_and_tables_go_together(tmp_path: Path) -> None:
    """Cases are read here and handed over; lines that cannot be read are set apart."""
    profile = {"partner": "MD", "as_of": "2014-06-27", "facts": {"assistance_programme": []}}
    (tmp_path / "one.json").write_text(json.dumps(profile), "utf-8")
    (tmp_path / "two.json").write_text(json.dumps(profile | {"partner": "ZZ"}), "utf-8")
    lines = ["partner,row,eu_member,assistance_programme", "AL,1,false,ipa_1;ipa_2"]
    lines += ["MD,2", 'UA,3,no,"a\nb"', "UA,4,,;", 'UA,5,"x"y,']
    (tmp_path / "three.csv").write_text("\n".join(lines), "utf-8")
    files = [str(tmp_path / name) for name in ("one.json", "two.json", "three.csv")]
    paths = (*files, str(shipped("cases", "partners", "TR.yaml")))
    job = Job(paths, load_rulebook("text-2014"), keep=("row", "case"))
    answers, apart, closing = on("duckdb", job, tmp_path)
    wanted = on_polars(job, tmp_path)
    assert (closing.rows_in, closing.rows_out) == (8, 4)
    assert [_codes(one) for one in apart] == [_codes(one) for one in wanted[1]]
    assert [{**row, "case": ""} for row in answers] == [{**row, "case": ""} for row in wanted[0]]
    assert {row["case"] for row in answers} >= {files[0], f"{files[2]}, row 0"}


def _codes(apart: Mapping[str, Any]) -> tuple[str, ...]:
    return (apart["source"], *(one["code"] for one in apart["errors"]))


def test_what_is_wrong_with_columns_is_said_before_any_row_is_read(
    case: Callable[..., Job], tmp_path: Path
) -> None:
    """As on Polars: a column that no indicator knows, and one of a wrong type."""
    for frame, words in (
        (rows(3).with_columns(flag_O=True), "there is no indicator `flag_O`"),
        (rows(3).with_columns(flag_0=1), "the column `flag_0` is of type"),
    ):
        with pytest.raises(Refused, match=words):
            on("duckdb", case(frame), tmp_path)


def test_an_engine_that_cannot_be_had_is_named_with_what_to_install(
    case: Callable[..., Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra, or Java."""
    job, out = case(rows(1)), str(tmp_path / "out.parquet")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(Unavailable, match=r"pip install 'jfsrules\[spark\]'"):
        answer_elsewhere(job, out, "spark")
    monkeypatch.setitem(sys.modules, "duckdb", None)
    monkeypatch.delitem(sys.modules, "jfsrules.batch.elsewhere.duck", raising=False)
    with pytest.raises(Unavailable, match=r"pip install 'jfsrules\[duckdb\]'"):
        answer_elsewhere(job, out, "duckdb")


def test_without_java_it_is_java_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is started."""
    from pyspark.sql import SparkSession

    monkeypatch.setattr(SparkSession, "getActiveSession", staticmethod(lambda: None))
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(Unavailable, match="Spark needs a Java runtime, version 17"):
        session("local[1]")


def test_what_java_says_becomes_one_sentence() -> None:
    """The cause at the bottom of a stack trace, without class, code or state."""
    said = "Job aborted\n at x\nCaused by: java.io.IOException: No space left on device\n at y"
    assert first_sentence(RuntimeError(said)) == "No space left on device"
