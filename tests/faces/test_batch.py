"""The command batch as it is called: what goes in and out, what is set apart, what is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from conftest import ROOT
from faces.command import CALL, process, run, scope
from jfsrules import classify, load_rulebook
from jfsrules.batch.running import Batch, Job
from jfsrules.batch.running import run as batch_run

HEAD = "partner,as_of,eu_member,accession_status\n"
MD = "MD,2014-06-27,false,none\n"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(name: str, words: str | bytes) -> str:
    """A file with these words; its name."""
    Path(name).write_bytes(words.encode() if isinstance(words, str) else words)
    return name


def errors(name: str = "wrong.jsonl") -> list[dict]:
    return [json.loads(line) for line in Path(name).read_text("utf-8").splitlines()]


def codes(name: str = "wrong.jsonl") -> list[tuple[int | None, str]]:
    """The line and the code of each row set apart."""
    return [(one.get("line"), fault["code"]) for one in errors(name) for fault in one["errors"]]


# --- in and out ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_each_format_holds_the_same_table(ending: str) -> None:
    """Parquet, CSV and JSON Lines have the same columns, in the same order, and the same values."""
    given = ("batch", "cases/partners", "--partners", "MD,RU", "--as-of", "2004..2006")
    assert run(*given, "-o", f"out.{ending}").exit_code == 0
    assert run(*given, "-o", "plain.parquet").exit_code == 0
    whole = pl.read_parquet("plain.parquet")
    match ending:
        case "parquet":
            found = pl.read_parquet("out.parquet")
        case "csv":
            found = pl.read_csv("out.csv", infer_schema=False).fill_null("")
            whole = whole.cast(pl.String).fill_null("")
        case _:
            found = pl.read_ndjson("out.jsonl", schema=whole.schema)
    assert found.columns[:4] == ["partner", "as_of", "tier", "out_of_scope"]
    assert found.equals(whole)


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_the_names_behind_the_bits_come_with_the_answers(ending: str) -> None:
    """Inside a Parquet file, beside another: the rulebook, and the rules of each `fired_N`."""
    run("batch", "cases/partners", "--partners", "MD", "-o", f"out.{ending}")
    if ending == "parquet":
        kept = json.loads(pl.read_parquet_metadata("out.parquet")["jfsrules"])
    else:
        kept = json.loads(Path(f"out.{ending}.meta.json").read_text())
    assert kept["schema"] == "jfsrules/batch/1"
    assert kept["rulebook"]["name"] == "practice"
    assert "geo-n1-partners" in kept["fired"]["fired_0"] or kept["fired"]["fired_0"]


def test_answers_go_to_a_pipe_as_csv_with_one_header() -> None:
    """And the closing goes to standard error, so that the pipe holds the table alone."""
    rows = HEAD + MD * 5
    found = run("batch", written("a.csv", rows), "--at-once", "2")
    lines = found.stdout.splitlines()
    assert found.exit_code == 0
    assert len(lines) == 6
    assert lines[0].startswith("partner,as_of,tier,")
    assert "5 rows in = 5 rows out + 0 set apart" in found.stderr


@pytest.mark.parametrize(
    "words",
    [
        HEAD + MD,
        '{"partner": "MD", "as_of": "2014-06-27", "eu_member": false, "accession_status": "none"}\n',
        '{"partner": "MD", "as_of": "2014-06-27", "facts": {"eu_member": false, "accession_status": "none"}}',
        "partner: MD\nas_of: 2014-06-27\nfacts: {eu_member: false, accession_status: none}\n",
    ],
    ids=["csv", "json-rows", "json-profile", "yaml"],
)
def test_standard_input_is_told_from_how_it_begins(words: str) -> None:
    """A table, lines of JSON, or one profile."""
    run("batch", written("a.csv", HEAD + MD), "-o", "file.csv")
    assert run("batch", "-", "-o", "piped.csv", standard_input=words).exit_code == 0
    assert Path("piped.csv").read_text() == Path("file.csv").read_text()


def test_parquet_comes_through_standard_input_too() -> None:
    """It is kept in a file for as long as it is read."""
    pl.DataFrame({"partner": ["MD"], "eu_member": [False]}).write_parquet("a.parquet")
    found = run("batch", "-", standard_input=Path("a.parquet").read_bytes())
    assert "1 rows in = 1 rows out" in found.stderr


def test_folders_patterns_and_files_may_be_mixed() -> None:
    """Hidden files, and what another run left beside its output, are passed by."""
    Path("in/deep").mkdir(parents=True)
    Path("in/old.csv.parts").mkdir()
    written("in/a.csv", HEAD + MD)
    written("in/deep/b.yaml", "partner: AL\nfacts: {eu_member: false}\n")
    written("in/.hidden.csv", "nonsense")
    written("in/old.csv.parts/000000.csv", "nonsense")
    written("in/old.csv.meta.json", "{}")
    written("c1.jsonl", '{"partner": "UA"}\n')
    written("c[1].jsonl", '{"partner": "GE"}\n')
    found = run("batch", "in", "c?.jsonl", "c[1].jsonl", "--keep", "case")
    rows = [line.split(",")[:3] for line in found.stdout.splitlines()[1:]]
    assert [(row[0], row[2]) for row in rows] == [
        ("MD", "in/a.csv:2"),
        ("AL", "in/deep/b.yaml"),
        ("UA", "c1.jsonl:1"),
        ("GE", "c[1].jsonl:1"),
    ]


def test_columns_may_be_carried_through() -> None:
    """With their types, in front of the answers; a formula among them does no harm in CSV."""
    rows = "partner,id,eu_member\nMD,=1+1,false\nAL,-5,false\nUA,+49 30,false\n"
    found = run("batch", written("a.csv", rows), "--keep", "id")
    cells = [line.split(",")[2] for line in found.stdout.splitlines()]
    assert cells == ["id", "'=1+1", "-5", "'+49 30"]
    pl.DataFrame({"partner": ["MD"], "id": [7]}).write_parquet("a.parquet")
    run("batch", "a.parquet", "--keep", "id", "-o", "out.parquet")
    assert pl.read_parquet("out.parquet")["id"].to_list() == [7]


def test_rows_of_partners_not_asked_for_are_counted_as_such() -> None:
    """Rows in are rows out, rows set apart, and rows of other partners."""
    rows = HEAD + MD + "AL,2014-06-27,false,candidate\nXX,2014-06-27,false,none\nAL,x,false,none\n"
    found = run("batch", written("a.csv", rows), "--partners", "MD")
    assert "4 rows in = 1 rows out + 1 set apart + 2 of other partners" in found.stderr
    assert found.exit_code == 1


def test_no_rows_give_a_table_without_rows() -> None:
    """With every column, in every format."""
    written("a.csv", HEAD)
    pl.DataFrame(schema={"partner": pl.String}).write_parquet("a.parquet")
    for ending in ("parquet", "csv", "jsonl"):
        for source in ("a.csv", "a.parquet"):
            found = run("batch", source, "-o", f"out.{ending}", "--force")
            assert (found.exit_code, found.stderr.count("0 rows in = 0 rows out")) == (0, 1)
    assert pl.read_parquet("out.parquet").height == 0
    assert pl.read_csv("out.csv").columns == pl.read_parquet("out.parquet").columns


# --- rows set apart -----------------------------------------------------------------------------


def test_one_bad_row_never_stops_the_others_and_never_disappears() -> None:
    """Each is set apart with its line and what is wrong, and the exit code is 1."""
    rows = (
        HEAD
        + MD
        + "XX,2014-06-27,false,none\n"
        + "AL,2014-06-27,perhaps,candidate\n"
        + "AL,2014-02-30,false,candidate\n"
        + "AL,2003-12-31,false,candidate\n"
        + "AL,2027-01-01,false,candidate\n"
        + ",2014-06-27,false,candidate\n"
        + "AL,,false,candidate\n"
        + "AL,2014-06-27,false\n"
        + "AL,2014-06-27,true,candidate\n"
        + "\n"
        + MD
    )
    found = run("batch", written("a.csv", rows), "--errors", "wrong.jsonl", "-o", "out.csv")
    assert found.exit_code == 1
    assert "11 rows in = 2 rows out + 9 set apart" in found.stderr
    assert codes() == [
        (3, "unknown-partner"),
        (4, "wrong-type"),
        (5, "wrong-type"),
        (6, "as-of-too-early"),
        (7, "as-of-too-late"),
        (8, "wrong-type"),
        (9, "wrong-type"),
        (10, "ragged-line"),
        (11, "impossible-profile"),
    ]
    assert errors()[1]["errors"][0]["message"] == (
        "`eu_member` cannot be `perhaps`: it takes `true` or `false`"
    )
    assert errors()[1]["values"]["partner"] == "AL"
    assert len(Path("out.csv").read_text().splitlines()) == 3


def test_a_row_says_all_that_is_wrong_with_it() -> None:
    """And is counted once, for each day asked for."""
    rows = "partner,eu_member,accession_status\nMD,perhaps,maybe\n"
    given = ("batch", written("a.csv", rows), "--errors", "wrong.jsonl", "--as-of", "2004..2006")
    assert "3 rows in = 0 rows out + 3 set apart" in run(*given).stderr
    assert codes() == [(2, "wrong-type"), (2, "wrong-type")]
    assert errors()[0]["rows"] == 3


def test_quotes_that_are_not_closed_cost_one_line() -> None:
    """What stands in quotes may go over several lines; a stray quote takes no other row with it."""
    rows = (
        "partner,note\n"
        'MD,"two\nlines"\n'
        'AL,"open\n'
        'UA,5" pipe\n'
        'GE,"a ""word"", quoted"\n'
        'TR,"x"y\n'
        "BY,\n"
    )
    source = written("a.csv", rows)
    for at_once in ("1", "2", "3", "100"):
        given = ("--keep", "note", "--errors", "wrong.jsonl", "--at-once", at_once, "--force")
        run("batch", source, *given, "-o", "out.jsonl")
        kept = pl.read_ndjson("out.jsonl").select("partner", "note").rows()
        good = [("MD", "two\nlines"), ("UA", '5" pipe'), ("GE", 'a "word", quoted'), ("BY", None)]
        assert kept == good
        assert codes() == [(4, "broken-quotes"), (7, "broken-quotes")]


def test_lines_in_another_encoding_are_set_apart() -> None:
    """Also in a file that is mostly UTF-8; a mark at its beginning does no harm."""
    rows = b"\xef\xbb\xbfpartner,note\nMD,caf\xc3\xa9\nAL,caf\xe9\nUA,\xff\n"
    run(
        "batch",
        written("a.csv", rows),
        "--keep",
        "note",
        "--errors",
        "wrong.jsonl",
        "-o",
        "o.jsonl",
    )
    assert pl.read_ndjson("o.jsonl")["note"].to_list() == ["café"]
    assert codes() == [(3, "not-utf-8"), (4, "not-utf-8")]
    lines = b'{"partner": "MD"}\n{"partner": "\xff"}\n'
    run("batch", written("a.jsonl", lines), "--errors", "wrong.jsonl", "--force")
    assert codes() == [(2, "not-utf-8")]


def test_lines_of_json_that_are_no_rows_are_set_apart() -> None:
    """Broken, no object, a name twice, a name nobody knows, a number that is none."""
    lines = (
        '{"partner": "MD"}\n{"partner": \n[1]\n{"partner": "MD", "partner": "AL"}\n'
        '{"partner": "MD", "eu_membre": true}\n{"partner": NaN}\n' + "[" * 100_000 + "\n"
        '{"eu_member": true}\n{"partner": "MD", "eu_member": 1}\n'
    )
    run("batch", written("a.jsonl", lines), "--errors", "wrong.jsonl")
    assert codes() == [
        (2, "json-syntax"),
        (3, "json-syntax"),
        (4, "json-syntax"),
        (5, "unknown-column"),
        (6, "json-syntax"),
        (7, "json-syntax"),
        (8, "wrong-type"),
        (9, "wrong-type"),
    ]
    assert errors()[3]["errors"][0]["help"] == "did you mean `eu_member`?"


def test_a_huge_line_is_set_apart_and_the_next_is_read() -> None:
    """As is a huge cell; a line of some megabytes is read."""
    for ending, head, row in (
        ("csv", "partner,note\n", "MD,{}\n"),
        (
            "jsonl",
            '{{"partner": "AL", "note": ""}}\n'.format(),
            '{{"partner": "MD", "note": "{}"}}\n',
        ),
    ):
        words = head + "".join(row.format("x" * size) for size in (10, 2**21, 20 * 2**20, 10))
        given = ("--keep", "note", "--errors", "wrong.jsonl", "-o", "out.parquet", "--force")
        run("batch", written(f"a.{ending}", words), *given)
        long = pl.read_parquet("out.parquet")["note"].str.len_bytes().to_list()
        assert [n for n in long if n] == [10, 2**21, 10]
        assert codes() == [(4, "line-too-long")]
        Path("out.parquet").unlink()


def test_a_case_file_that_is_wrong_is_set_apart_with_its_place() -> None:
    """Its line and column are those of the file."""
    written("good.yaml", "partner: MD\nfacts: {eu_member: false}\n")
    written("wrong.yaml", "partner: MD\nfacts:\n  eu_member: perhaps\n")
    written("empty.yaml", "")
    found = run("batch", "good.yaml", "wrong.yaml", "empty.yaml", "--errors", "wrong.jsonl")
    assert "3 rows in = 1 rows out + 2 set apart" in found.stderr
    assert codes() == [(None, "wrong-type"), (None, "empty-file")]
    assert errors()[0]["errors"][0]["place"] == "wrong.yaml:3:14"


def test_the_rest_of_a_file_that_breaks_off_is_set_apart() -> None:
    """A Parquet file whose footer is whole and whose pages are not; other files are read."""
    many = pl.DataFrame({"partner": ["MD"] * 1000, "note": [str(n) for n in range(1000)]})
    many.write_parquet("a.parquet", row_group_size=100)
    whole = Path("a.parquet").read_bytes()
    Path("a.parquet").write_bytes(whole[:4] + b"\0" * 2000 + whole[2004:])
    given = ("--ignore-extra", "--errors", "wrong.jsonl", "-o", "out.csv")
    found = run("batch", "a.parquet", written("b.csv", HEAD + MD), *given)
    if "broken-parquet" in {code for _, code in codes()}:
        assert found.exit_code == 1
        assert sum(one["rows"] for one in errors()) == 1000
    assert "1,001 rows in" in found.stderr


# --- refused as a whole -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "help_"),
    [
        ("partner,eu_membre\nMD,true\n", "unknown-column", "did you mean `eu_member`?"),
        ("country,eu_member\nMD,true\n", "missing-column", "rename `country` to `partner`"),
        ("partner,eu_member,eu_member\nMD,true,true\n", "column-twice", ""),
        ("partner;eu_member\nMD;true\n", "wrong-separator", "separate them by commas"),
        ("", "empty-file", ""),
        ("partner,n\u00e9\nMD,1\n".encode("latin-1"), "not-utf-8", "encoding UTF-8"),
        ("partner\nMD\n".encode("utf-16"), "not-utf-8", "encoding UTF-8"),
    ],
    ids=lambda value: value if isinstance(value, str) and "-" in value else "",
)
def test_a_table_that_does_not_fit_is_refused_at_once(
    words: str | bytes, code: str, help_: str
) -> None:
    """Before anything is written, with what to do."""
    found = run("batch", written("a.csv", words), "-o", "out.csv")
    assert found.exit_code == 2
    assert code in found.stderr
    assert help_ in found.stderr
    assert not list(Path().glob("out*"))


def test_columns_that_are_no_indicators_may_be_passed_by() -> None:
    """Only if that is asked for."""
    source = written("a.csv", "partner,colour\nMD,red\n")
    assert run("batch", source).exit_code == 2
    assert run("batch", source, "--ignore-extra").exit_code == 0
    lines = written("a.jsonl", '{"partner": "MD"}\n{"partner": "AL", "colour": "red"}\n')
    assert run("batch", lines).exit_code == 1
    assert run("batch", lines, "--ignore-extra").exit_code == 0


def test_a_column_of_a_wrong_type_is_refused() -> None:
    """With its name, its type and what it takes; one of nothing is unknown."""
    pl.DataFrame({"partner": ["MD"], "eu_member": [1]}).write_parquet("a.parquet")
    found = run("batch", "a.parquet")
    assert found.exit_code == 2
    assert "`eu_member` is of type `Int64`: it takes flags" in found.stderr
    pl.DataFrame({"partner": ["MD"], "eu_member": [None]}).write_parquet("b.parquet")
    assert run("batch", "b.parquet").exit_code == 0


def test_a_parquet_file_that_was_cut_off_is_refused() -> None:
    """Before anything is written."""
    pl.DataFrame({"partner": ["MD"] * 100}).write_parquet("a.parquet")
    whole = Path("a.parquet").read_bytes()
    for size in (0, 3, 4, 50, len(whole) - 1):
        Path("a.parquet").write_bytes(whole[:size])
        found = run("batch", "a.parquet", "-o", "out.csv")
        assert found.exit_code == 2
        assert "broken-parquet" in found.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--as-of", "2026..2004"), "end-before-start"),
        (("--as-of", "2003..2010"), "as-of-too-early"),
        (("--as-of", "2020..2030"), "as-of-too-late"),
        (("--as-of", "2014-06"), "as-of-partial"),
        (("--partners", "MD,XX"), "unknown-partner"),
        (("--partners", "Moldova"), "did you mean `MD`"),
        (("--set", "eu_membre=true"), "unknown-indicator"),
        (("--keep", "colour"), "missing-column"),
        (("--keep", "eu_member"), "kept-indicator"),
        (("--rulebook", "nowhere"), "unknown-rulebook"),
        (("-o", "out.xlsx"), "unknown-format"),
        (("-o", "."), "cannot-write"),
        (("-o", "a.csv"), "output-is-input"),
        (("-o", "out.csv", "--errors", "out.csv"), "output-is-input"),
        (("-o", "out.csv", "--errors", "./a.csv"), "output-is-input"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_asked_is_refused(words: tuple[str, ...], said: str) -> None:
    """With exit code 2, and nothing written."""
    found = run("batch", written("a.csv", HEAD + MD), *words)
    assert found.exit_code == 2, found.stderr
    assert said in found.stderr
    assert [path.name for path in Path().iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nothing.csv", "no-such-file"),
        ("*.csv", "nothing-to-read"),
        ("empty", "nothing-to-read"),
        ("../../../etc/passwd.csv", "no-such-file"),
        ("a.docx", "unknown-format"),
    ],
)
def test_what_cannot_be_read_is_refused(path: str, said: str) -> None:
    """A file, a pattern or a folder with nothing in it."""
    Path("empty").mkdir()
    written("a.docx", "x")
    found = run("batch", path)
    assert (found.exit_code, said in found.stderr) == (2, True)


def test_an_output_that_stands_is_never_replaced_unasked() -> None:
    """Nor are the errors of another run; with `--force` both are."""
    source = written("a.csv", HEAD + MD)
    written("out.csv", "precious")
    written("wrong.jsonl", "precious")
    for words in (("-o", "out.csv"), ("-o", "new.csv", "--errors", "wrong.jsonl")):
        assert "output-exists" in run("batch", source, *words).stderr
    assert "output-exists" in run("batch", source, "--errors", "wrong.jsonl").stderr
    assert Path("out.csv").read_text() == Path("wrong.jsonl").read_text() == "precious"
    found = run("batch", source, "-o", "out.csv", "--errors", "wrong.jsonl", "--force")
    assert found.exit_code == 0
    assert Path("out.csv").read_text().startswith("partner,")
    assert Path("wrong.jsonl").read_text() == ""


def test_a_folder_that_is_none_of_ours_is_left_alone() -> None:
    """Even with `--force`, and whatever it is called."""
    Path("out.csv.parts").mkdir()
    written("out.csv.parts/diary.txt", "precious")
    found = run("batch", written("a.csv", HEAD + MD), "-o", "out.csv", "--force")
    assert (found.exit_code, "output-exists" in found.stderr) == (2, True)
    assert Path("out.csv.parts/diary.txt").read_text() == "precious"


def test_a_folder_that_may_not_be_written_to_is_refused() -> None:
    """Where a file stands in the place of the folder, for one: this holds for root too."""
    written("file", "")
    found = run("batch", written("a.csv", HEAD + MD), "-o", "file/out.csv")
    assert (found.exit_code, "cannot-write" in found.stderr) == (2, True)
    Path("closed").mkdir(mode=0o500)
    if not os.access("closed", os.W_OK):
        found = run("batch", "a.csv", "-o", "closed/out.csv")
        assert "cannot be written: permission denied" in found.stderr


def test_errors_that_cannot_be_written_are_refused_before_the_work() -> None:
    """And not after hours of it."""
    written("file", "")
    for more in ((), ("-o", "out.csv")):
        found = run("batch", written("a.csv", HEAD + MD), "--errors", "file/wrong.jsonl", *more)
        assert (found.exit_code, "cannot-write" in found.stderr) == (2, True)
    assert not Path("out.csv").exists()


def test_a_reader_of_a_pipe_may_leave() -> None:
    """Then the command leaves too, without a word."""
    written("a.csv", HEAD + MD * 20_000)
    with subprocess.Popen(
        [*CALL, "batch", "a.csv", "--at-once", "500"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=scope(),
    ) as call:
        assert call.stdout
        assert call.stderr
        assert call.stdout.readline().startswith(b"partner,")
        call.stdout.close()
        said = call.stderr.read()
        assert call.wait() == 141
    assert b"Traceback" not in said


def test_a_table_with_a_thousand_columns_and_one_without_any_answer_end_well() -> None:
    """Everything extra is passed by."""
    names = ",".join(f"c{n}" for n in range(1000))
    cells = ",".join("1" for _ in range(1000))
    found = run("batch", written("a.csv", f"partner,{names}\nMD,{cells}\n"), "--ignore-extra")
    assert found.exit_code == 0


def test_the_command_needs_paths() -> None:
    """And says how it is called."""
    found = process("batch")
    assert found.returncode == 2
    assert "batch --help" in found.stderr


def test_a_rulebook_that_changes_during_the_run_is_mentioned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every answer is by the rulebook as it was at the beginning, and the closing says so."""
    home = Path("home")
    shutil.copytree(ROOT / "rules", home / "rules")
    shutil.copytree(ROOT / "cases" / "lists", home / "cases" / "lists")
    written("a.csv", HEAD + MD)
    monkeypatch.setenv("JFSRULES_HOME", str(home.resolve()))
    book = load_rulebook(home / "rules" / "text-2014")
    batch = Batch(Job(("a.csv",), book))
    with (home / "rules" / "text-2014" / "rulebook.yaml").open("a") as file:
        file.write("# changed\n")
    closing = batch_run(batch)
    assert closing.rows_out == 1
    assert "rules changed" in " ".join(closing.notes)
    assert book.digest[:12] in closing.notes[0]


def test_dossiers_of_ones_own_may_be_json() -> None:
    """A dossier is told from a profile by its dated facts, in YAML and in JSON."""
    facts = {
        "eu_member": [
            {"value": False, "from": "2004-01-01", "cites": ["c"], "confidence": "reported"}
        ]
    }
    cited = {"document": "A letter", "date": "2004-01-01"}
    facts["eu_member"][0]["cites"] = [cited]
    written("own.json", json.dumps({"partner": "MD", "name": "Moldova", "facts": facts}))
    found = run("batch", "own.json", "--as-of", "2014..2016")
    assert "3 rows in = 3 rows out + 0 set apart" in found.stderr, found.stderr


def test_answers_for_the_same_case_are_the_same_from_here_and_from_python() -> None:
    """`classify` and the command give one table."""
    frame = pl.DataFrame({"partner": ["MD", "AL"], "eu_member": [False, None]})
    frame.write_parquet("a.parquet")
    run("batch", "a.parquet", "-o", "out.parquet", "--as-of", "2014-06-27")
    ours, theirs = pl.read_parquet("out.parquet"), classify(frame, as_of="2014-06-27")
    assert ours.cast(pl.String).equals(theirs.cast(pl.String))
