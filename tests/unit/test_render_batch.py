"""How far a batch is and what it came to, rendered from counts alone."""

from __future__ import annotations

import io
import re
import time
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from jfsrules.batch.counting import Closing
from jfsrules.batch.glance import Glance
from jfsrules.loading import load_rulebook
from jfsrules.render.batch import closing_text, glance_text
from jfsrules.render.meter import Meter
from jfsrules.render.screen import Screen
from jfsrules.render.words import Wording


@pytest.fixture(scope="module")
def wording():
    return Wording.of(load_rulebook("practice"))


def closing(**more):
    counts = {
        "rows_in": 12_345_678,
        "rows_out": 12_345_678,
        "tiers": Counter(none=12_000_000, enlargement=345_000, undetermined=678),
        "advice": Counter(maintain=9, propose=1),
        "missing": Counter({"visa_regime": 700, "regional_process.rabat": 20}),
        "seconds": 12.0,
    }
    return Closing(**{**counts, **more})


def test_tiers_stand_in_their_order_and_unknowns_by_how_often(wording):
    """What leads stands first; no number is cut, however great."""
    told = closing_text(closing(), wording, Screen(80))
    lines = [line.split("  ")[0] for line in told.splitlines()]
    order = ["Enlargement countries", "No geographic priority stated", "Undetermined"]
    assert [line for line in lines if line in order] == order
    assert re.search(r"No geographic priority stated +12,000,000 +97\.2 %", told)
    assert re.search(r"Undetermined +678 +<0\.1 %", told)
    assert told.index(" 700 ") < told.index(" 20 ")
    assert "12,345,678 rows in = 12,345,678 rows out + 0 set apart\n12 s, 1,028,806 rows/s" in told


def test_rows_that_do_not_balance_are_shouted(wording):
    """A lost row is seen, should there ever be one."""
    assert "DO NOT BALANCE" in closing_text(closing(rows_out=12_345_677), wording, Screen(80))
    assert "DO NOT BALANCE" not in closing_text(closing(), wording, Screen(80))


def test_the_rate_of_a_resumed_run_leaves_out_what_was_done_before(wording):
    """Twelve seconds for the rows of this run, not for those of the one before."""
    told = closing_text(closing(resumed=12_345_558), wording, Screen(80))
    assert "12 s, 10 rows/s; 12,345,558 rows were done before the interruption" in told


def test_names_of_files_do_nothing_to_the_terminal(wording):
    """A path is shown, whatever signs are in it."""
    told = closing_text(closing(out=Path("a\x1b[2J.csv")), wording, Screen(80, colour=True))
    assert "\x1b[2J" not in told and "[2J.csv" in told


def test_a_glance_keeps_the_first_and_counts_the_others(wording):
    """Memory does not grow with rows."""
    glance = Glance(most=3)
    frame = pl.DataFrame(
        {
            "partner": ["MD", "UA"],
            "as_of": [date(2020, 1, 1), date(2021, 1, 1)],
            "tier": "enlargement",
            "group__enlargement": True,
            "group__neighbourhood": [True, None],
            "track__talent_partnership__advice": ["propose", "no_track"],
            "missing": ["", "visa_regime;eu_member"],
        }
    )
    for _ in range(100):
        glance.take(frame)
    assert (len(glance.answers), glance.rows, glance.more) == (3, 200, 197)
    told = glance_text(glance, wording, {"MD": "Moldova"}, Screen(120))
    assert "200 rows\n" in told and "and 197 more rows" in told
    assert re.search(r"Moldova MD +1 Jan 2020 +Enlargement countries \(also: The EU's", told)
    assert "1 propose" in told and "no track" in told


def test_a_meter_shows_share_rows_rate_and_time_left():
    """On a terminal, after half a second."""
    stream = io.StringIO()
    with Meter(stream, shown=True, colour=False) as meter:
        meter("folder/cases.parquet", 0.0, Closing())
        meter.begun = time.monotonic() - 10
        meter("folder/cases.parquet", 0.25, Closing(rows_in=1_000_000, rows_apart=3))
    told = stream.getvalue()
    assert "folder/cases.parquet" in told and "1,000,000 rows" in told
    assert re.search(r"(99,\d{3}|100,000) rows/s +30 s left +3 apart", told), told


def test_time_left_is_told_by_this_run_alone():
    """What an earlier run had done counts for no speed."""
    stream = io.StringIO()
    with Meter(stream, shown=True, colour=False) as meter:
        meter("cases.parquet", 0.5, Closing(rows_in=500, resumed=490))
        meter.begun = time.monotonic() - 10
        meter("cases.parquet", 0.6, Closing(rows_in=600, resumed=490))
    assert "600 rows  11 rows/s  40 s left" in stream.getvalue()


def test_a_meter_is_silent_in_a_pipe_and_in_a_short_run():
    """What is over at once needs no bar, and a file of log lines even less."""
    for shown, ago in ((False, 10), (True, 0)):
        stream = io.StringIO()
        with Meter(stream, shown, colour=True) as meter:
            meter.begun = time.monotonic() - ago
            meter("cases.csv", 0.5, Closing(rows_in=5))
            meter.doing("drawing")
        assert not stream.getvalue()
