"""What people see of a batch: on a terminal more than in a pipe, and never in the answers."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET

import polars as pl
import pytest

from conftest import ROOT
from faces.command import COLOUR, process, run, terminal

PARTNERS = str(ROOT / "cases" / "partners")
HEAD = "partner,as_of,eu_member,accession_status,id\n"
GOOD = "MD,2024-01-01,false,candidate,a1\nXK,2024-01-02,false,potential_candidate,a2\n"
BAD = "AL,2024-01-01,nope,candidate,a3\nZZ,2024-01-01,false,none,a4\n"


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "cases.csv"
    file.write_text(HEAD + GOOD + BAD, "utf-8")
    return file


def seen(*words, columns=110, **env):
    code, text = terminal(*words, columns=columns, **env)
    return code, COLOUR.sub("", text)


def test_a_pipe_has_csv_and_nothing_else(table):
    """Answers go to standard output, and what is for people to standard error, without colour."""
    call = process("batch", str(table), "--keep", "id")
    rows = list(csv.DictReader(io.StringIO(call.stdout)))
    assert [row["partner"] for row in rows] == ["MD", "XK"]
    assert "rows in" not in call.stdout and "\x1b" not in call.stdout + call.stderr
    assert call.stderr.startswith("4 rows in = 2 rows out + 2 set apart\n")
    assert "%  ━" not in call.stderr, "no bars where signs may not be drawn"


def test_the_closing_counts_tiers_advice_unknowns_and_errors(table):
    """Everything that a reader asks after a batch stands in it, in the words of the vocabulary."""
    told = process(
        "batch", str(table), "--keep", "id", "--errors", str(table.with_name("wrong.jsonl"))
    ).stderr
    assert re.search(r"^Enlargement countries +2 +100\.0 %$", told, re.MULTILINE)
    assert re.search(r"^undetermined +\d+ +100\.0 %$", told, re.MULTILINE)
    assert re.search(r"^Unknown facts and judgements +rows$", told, re.MULTILINE)
    assert re.search(r"^wrong-type +1$", told, re.MULTILINE)
    assert re.search(r"^unknown-partner +1$", told, re.MULTILINE)
    assert "cases.csv:4:" in told and "takes `true` or `false`" in told
    assert re.search(r"^set apart +.*wrong\.jsonl$", told, re.MULTILINE)


def test_the_closing_says_how_to_keep_errors_that_are_not_shown(table):
    """Three are shown; the others are counted, with the way to have them."""
    table.write_text(HEAD + GOOD + BAD * 3, "utf-8")
    told = process("batch", str(table), "--keep", "id").stderr
    assert "and 3 more rows: `--errors FILE` keeps them all" in told
    assert told.count("error[") == 3


def test_a_terminal_shows_a_table_and_not_csv(table):
    """A person reads names, tiers and advice; the kept column stands beside them."""
    code, text = seen("batch", str(table), "--keep", "id")
    assert code == 1
    assert re.search(r"^partner +day +id +tier +advice$", text, re.MULTILINE)
    assert re.search(
        r"^Moldova MD +1 Jan 2024 +a1 +Enlargement countries +40 undetermined$", text, re.MULTILINE
    )
    assert "Kosovo* XK" in text and "* This designation is without prejudice" in text
    assert "track__" not in text


def test_a_terminal_says_how_many_more_there_are():
    """A table of hundreds is cut, and says what is missing and where it can be had."""
    code, text = seen("batch", PARTNERS, "--as-of", "2014-06-27")
    assert code == 0
    assert "250 rows, on 27 June 2014" in text
    assert "and 190 more rows: `-o FILE` writes them all, a pipe has them as CSV" in text


@pytest.mark.parametrize("columns", [44, 60, 80, 140])
def test_no_line_is_wider_than_the_terminal(table, columns):
    """Whatever the width, words are folded and no number is cut."""
    _, text = seen("batch", str(table), "--keep", "id", columns=columns, NO_COLOR="1")
    lines = text.split("4 rows in")[1].split("Set apart")[0].splitlines()
    assert max(map(len, lines)) <= columns
    assert "…" not in text and re.search(r"Enlargement( countries)? +2 +100\.0 %", text)


def test_colour_is_for_terminals_that_want_it(table):
    """NO_COLOR takes the colours away, on a terminal too."""
    _, coloured = terminal("batch", str(table), "--keep", "id", columns=100)
    _, plain = terminal("batch", str(table), "--keep", "id", columns=100, NO_COLOR="1")
    assert COLOUR.search(coloured) and not COLOUR.search(plain)


def test_an_output_and_its_pictures_are_named_at_the_end(tmp_path):
    """Where everything is stands in the last lines; both pictures come out of one run."""
    out, years, advice = (tmp_path / name for name in ("o.parquet", "years.svg", "map.png"))
    call = run(
        "batch",
        PARTNERS,
        "--as-of",
        "2013..2014",
        "--partners",
        "MD,UA,XK",
        "-o",
        str(out),
        "--chart",
        f"tiers={years}",
        "--chart",
        f"advice={advice}",
    )
    assert call.exit_code == 0, call.stderr
    for what, where in (("answers", out), ("chart", years), ("chart", advice)):
        assert re.search(rf"^{what} +{re.escape(str(where))}$", call.stderr, re.MULTILINE)
    assert pl.read_parquet(out).height == 6 and advice.read_bytes().startswith(b"\x89PNG")
    words = [
        "".join(one.itertext()) for one in ET.parse(years).iter("{http://www.w3.org/2000/svg}desc")
    ]
    assert "31 December 2013: " in words[0]


def test_a_chart_needs_no_output_file(tmp_path):
    """The picture alone can be asked for; the answers still go to the pipe."""
    map_ = tmp_path / "map.svg"
    call = run("batch", PARTNERS, "--partners", "MD,XK", "--chart", str(map_))
    assert call.exit_code == 0 and call.stdout.count("\n") == 3
    told = map_.read_text("utf-8")
    assert "Moldova" in told and "Kosovo*" in told and "without prejudice" in told


def test_a_chart_that_stands_is_replaced_only_if_asked(tmp_path):
    """A picture is never lost unasked, and a name that is no picture is refused before the work."""
    map_ = tmp_path / "map.svg"
    map_.write_text("mine", "utf-8")
    words = ("batch", PARTNERS, "--partners", "MD", "--chart")
    refused = run(*words, str(map_))
    assert refused.exit_code == 2 and "exists already" in refused.stderr
    assert map_.read_text("utf-8") == "mine"
    assert run(*words, str(map_), "--force").exit_code == 0
    refused = run(*words, "map.pdf")
    assert refused.exit_code == 2 and "`.svg` or `.png`" in refused.stderr and not refused.stdout


def test_no_answer_is_no_picture_and_no_failure(table):
    """Where every row is set apart, the closing says why there is no chart."""
    table.write_text(HEAD + BAD, "utf-8")
    call = run("batch", str(table), "--keep", "id", "--chart", str(table.with_name("map.svg")))
    assert call.exit_code == 1 and "no chart is drawn" in call.stderr
    assert not table.with_name("map.svg").exists()


def test_a_picture_that_cannot_be_written_is_refused_before_the_work(table):
    """And not after it."""
    (table.parent / "file").touch()
    picture = table.parent / "file" / "map.svg"
    call = run("batch", str(table), "--keep", "id", "--chart", str(picture))
    assert (call.exit_code, call.stdout) == (2, "")
    assert "error[cannot-write]" in call.stderr


def test_a_picture_that_cannot_be_written_after_all_costs_no_answer(table, monkeypatch):
    """The answers and the closing are there; the last words say what is wrong with the picture."""
    (table.parent / "file").touch()
    picture = table.parent / "file" / "map.svg"
    monkeypatch.setattr("jfsrules.batch.running.refuse_unwritable", lambda _: None)
    call = run("batch", str(table), "--keep", "id", "--chart", str(picture))
    assert call.exit_code == 2 and call.stdout.count("\n") == 3
    assert call.stderr.startswith("4 rows in = 2 rows out + 2 set apart")
    assert "error[cannot-write]" in call.stderr.splitlines()[-1]


def test_a_resumed_run_draws_what_both_runs_answered(table, monkeypatch):
    """The picture is of the output, not of the last stretch of work."""
    table.write_text(HEAD + GOOD * 4, "utf-8")
    folder = table.parent
    words = ("batch", str(table), "--keep", "id", "--at-once", "2")
    from jfsrules.batch.parts import Parts

    whole = Parts.write

    def interrupted(self, *given):
        if len(self.written) == 2:
            raise KeyboardInterrupt
        whole(self, *given)

    monkeypatch.setattr(Parts, "write", interrupted)
    assert run(*words, "-o", str(folder / "o.csv")).exit_code == 130
    monkeypatch.undo()
    picture = ("--chart", f"tiers={folder / 'r.svg'}")
    call = run(*words, "-o", str(folder / "o.csv"), "--resume", *picture)
    assert call.exit_code == 0 and "done before the interruption" in call.stderr
    run(*words, "-o", str(folder / "p.csv"), "--chart", f"tiers={folder / 's.svg'}")
    assert (folder / "r.svg").read_bytes() == (folder / "s.svg").read_bytes()
