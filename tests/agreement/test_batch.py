"""Law: each row of a batch is what `decide` says of that case by itself, whatever file it is in."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agreement.frames import row
from faces.command import run
from jfsrules import load_dossier, load_rulebook
from jfsrules.classifying import columns_of
from jfsrules.facts import Profile, profile_on
from jfsrules.loading import dossier_codes, load_lists
from jfsrules.plan import plan

DAYS = (date(2004, 12, 31), date(2013, 12, 31), date(2014, 6, 27), date(2026, 11, 23))


def answers(*words: str, folder: Path, ending: str = "parquet") -> list[dict[str, Any]]:
    """The rows that the command writes for these words."""
    out = folder / f"out.{ending}"
    done = run("batch", *words, "-o", str(out), "--force")
    assert done.exit_code == 0, done.stderr
    return pl.read_parquet(out).to_dicts()


def expected(profiles: list[Profile], rulebook: str = "practice") -> list[dict[str, Any]]:
    """What the reference says of each profile."""
    book = load_rulebook(rulebook)
    made, columns = plan(book), columns_of(book)
    return [row(made, columns, profile) for profile in profiles]


def shipped_profiles(codes: list[str], trust: Any = "unverified") -> list[Profile]:
    lists, words = load_lists(), load_rulebook("practice").vocabulary
    dossiers = [load_dossier(code) for code in codes]
    return [profile_on(one, day, lists, words, trust) for one in dossiers for day in DAYS]


@pytest.mark.parametrize("rulebook", ["text-2014", "practice"])
def test_dossiers_on_several_days_are_answered_for_as_decide_does(
    rulebook: str, tmp_path: Path
) -> None:
    """Every conclusion, track and requirement, what is missing and what fired, row by row."""
    codes = sorted({*random.Random(4).sample(dossier_codes(), 25), "MD", "RU", "UA", "XK", "HM"})
    days = ",".join(day.isoformat() for day in DAYS)
    given = ("cases/partners", "--partners", ",".join(codes), "--as-of", days)
    found = answers(*given, "--rulebook", rulebook, folder=tmp_path)
    assert found == expected(shipped_profiles(codes), rulebook)
