"""Law: each row of a batch is what `decide` says of that case by itself, whatever file it is in."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from agreement.drawing import Draw
from agreement.frames import row
from faces.command import run
from jfsrules import decide, load_dossier, load_rulebook
from jfsrules.checks import profile_faults, without_excluded
from jfsrules.classifying import columns_of
from jfsrules.facts import Profile, profile_on
from jfsrules.loading import dossier_codes, load_lists
from jfsrules.plan import plan
from jfsrules.span import NOWHERE

DAYS = (date(2004, 12, 31), date(2013, 12, 31), date(2014, 6, 27), date(2026, 11, 23))
DAYS_ASKED = ",".join(day.isoformat() for day in DAYS)
BOOK = load_rulebook("practice")
WORDS = BOOK.vocabulary
Cells = dict[str, Any]


def answers(*words: str, folder: Path, code: int = 0) -> list[Cells]:
    """The rows that the command writes for these words."""
    out = folder / "out.parquet"
    done = run("batch", *words, "-o", str(out), "--force")
    assert done.exit_code == code, done.stderr
    return pl.read_parquet(out).to_dicts()


def expected(profiles: Sequence[Profile], rulebook: str = "practice") -> list[Cells]:
    """What the reference says of each profile."""
    book = load_rulebook(rulebook)
    made, columns = plan(book), columns_of(book)
    return [row(made, columns, profile) for profile in profiles]


def shipped_profiles(codes: Sequence[str], trust: Any = "unverified") -> list[Profile]:
    lists = load_lists()
    dossiers = [load_dossier(code) for code in codes]
    return [profile_on(one, day, lists, WORDS, trust) for one in dossiers for day in DAYS]


def drawn(count: int, seed: int) -> list[Profile]:
    """Profiles that some partner may have, over all indicators that are shipped."""
    draw = Draw(seed)
    found: list[Profile] = []
    while len(found) < count:
        one = draw.profile_alone(WORDS)
        whole = {atom: value for atom, value in one.values.items() if not _in_broken_set(atom, one)}
        one = replace(one, values=whole)
        if not profile_faults(one, BOOK.impossible, NOWHERE):
            found.append(one)
    return found


def _in_broken_set(atom: str, profile: Profile) -> bool:
    """Whether an atom is of a set of which not every member is known."""
    name, dot, _ = atom.partition(".")
    return bool(dot) and any(
        f"{name}.{m}" not in profile.values for m in WORDS.indicators[name].type.values
    )


def facts(profile: Profile) -> Cells:
    """What a profile states, as a file would."""
    stated: Cells = {}
    for indicator in WORDS.indicators.values():
        members = indicator.type.values if indicator.type.kind == "set_of" else ()
        held = [m for m in members if profile[f"{indicator.id}.{m}"]]
        if members and f"{indicator.id}.{members[0]}" in profile.values:
            stated[indicator.id] = held
        elif profile[indicator.id] is not None:
            stated[indicator.id] = profile[indicator.id]
    return stated


def rows(profiles: Sequence[Profile]) -> list[Cells]:
    return [{"partner": one.partner, "as_of": one.as_of, **facts(one)} for one in profiles]


def as_csv(profiles: Sequence[Profile], folder: Path, *, ending: str = "csv") -> list[str]:
    names = ["partner", "as_of", *WORDS.indicators]
    written = io.StringIO(newline="")
    sheet = csv.DictWriter(written, names, delimiter="\t" if ending == "tsv" else ",")
    sheet.writeheader()
    for cells in rows(profiles):
        sheet.writerow({name: _cell(value) for name, value in cells.items()})
    path = folder / f"cases.{ending}"
    path.write_text(written.getvalue(), "utf-8", newline="")
    return [str(path)]


def _cell(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ";".join(value) or ";"
        case _:
            return str(value)


def as_tsv(profiles: Sequence[Profile], folder: Path) -> list[str]:
    return as_csv(profiles, folder, ending="tsv")


def as_json_rows(profiles: Sequence[Profile], folder: Path) -> list[str]:
    path = folder / "cases.jsonl"
    path.write_text("".join(json.dumps(one, default=str) + "\n" for one in rows(profiles)))
    return [str(path)]


def as_json_profiles(profiles: Sequence[Profile], folder: Path) -> list[str]:
    path = folder / "profiles.ndjson"
    told = [{"partner": p.partner, "as_of": p.as_of, "facts": facts(p)} for p in profiles]
    path.write_text("".join(json.dumps(one, default=str) + "\n" for one in told))
    return [str(path)]


def as_parquet(profiles: Sequence[Profile], folder: Path) -> list[str]:
    types = {
        "flag": pl.Boolean,
        "number": pl.Float64,
        "date": pl.Date,
        "set_of": pl.List(pl.String),
    }
    schema = {one.id: types.get(one.type.kind, pl.String) for one in WORDS.indicators.values()}
    schema = {"partner": pl.Categorical, "as_of": pl.Date, **schema}
    path = folder / "cases.parquet"
    pl.DataFrame(rows(profiles), schema=schema).write_parquet(path, row_group_size=7)
    return [str(path)]


def as_files(profiles: Sequence[Profile], folder: Path) -> list[str]:
    """One file a profile, YAML and JSON in turn, in a folder."""
    inside = folder / "profiles"
    inside.mkdir()
    for number, one in enumerate(profiles):
        told = {"partner": one.partner, "as_of": one.as_of, "facts": facts(one)}
        if number % 2:
            (inside / f"{number:03}.json").write_text(json.dumps(told, default=str))
        else:
            (inside / f"{number:03}.yaml").write_text(yaml.safe_dump(told))
    return [str(inside)]


def as_all(profiles: Sequence[Profile], folder: Path) -> list[str]:
    """Some here, some there: every kind of file in one call."""
    third = len(profiles) // 3
    one, two, three = profiles[:third], profiles[third : 2 * third], profiles[2 * third :]
    return [*as_csv(one, folder), *as_files(two, folder), *as_parquet(three, folder)]


KINDS = (as_csv, as_tsv, as_json_rows, as_json_profiles, as_parquet, as_files, as_all)


@pytest.mark.parametrize("write", KINDS, ids=lambda write: write.__name__)
def test_each_row_is_answered_for_as_decide_does(
    write: Callable[..., list[str]], tmp_path: Path
) -> None:
    """Every conclusion, track and requirement, what is missing and what fired, in the same order;
    and however many rows are read at a time."""
    profiles = drawn(24, seed=len(write.__name__))
    paths = write(profiles, tmp_path)
    found = answers(*paths, folder=tmp_path)
    assert found == expected(profiles)
    assert answers(*paths, "--at-once", "7", folder=tmp_path) == found


@pytest.mark.parametrize("rulebook", ["text-2014", "practice"])
def test_dossiers_on_several_days_are_answered_for_as_decide_does(
    rulebook: str, tmp_path: Path
) -> None:
    """A dossier stands for a profile on each day, with what closed lists say of it."""
    codes = sorted({*random.Random(4).sample(dossier_codes(), 6), "MD", "RU", "UA", "XK", "HM"})
    given = ("cases/partners", "--partners", ",".join(codes), "--as-of", DAYS_ASKED)
    found = answers(*given, "--rulebook", rulebook, folder=tmp_path)
    assert found == expected(shipped_profiles(codes), rulebook)


@pytest.mark.parametrize("trust", ["verified", "reported"])
def test_facts_weaker_than_asked_for_are_unknown(trust: str, tmp_path: Path) -> None:
    """`--trust` does what it does for one case."""
    codes = ["BY", "DZ", "GE", "MD", "US"]
    given = ("cases/partners", "--partners", ",".join(codes), "--as-of", DAYS_ASKED)
    found = answers(*given, "--trust", trust, folder=tmp_path)
    assert found == expected(shipped_profiles(codes, trust))


def test_what_is_stated_stands_over_dossiers_and_sets_aside_what_it_excludes(
    tmp_path: Path,
) -> None:
    """`--set` does what it does for one case, unknown and impossible facts included."""
    codes = ["DZ", "MD", "TR", "UA"]
    stated = {"enp_partner": False, "visa_regime": "visa_required", "accession_status": None}
    profiles = [
        without_excluded(one.stating(stated), BOOK.impossible) for one in shipped_profiles(codes)
    ]
    settings = ("enp_partner=false", "visa_regime=visa_required", "accession_status=unknown")
    words = [word for one in settings for word in ("--set", one)]
    given = ("cases/partners", "--partners", ",".join(codes), "--as-of", DAYS_ASKED)
    assert answers(*given, *words, folder=tmp_path) == expected(profiles)


@pytest.mark.parametrize("write", [as_csv, as_parquet, as_files], ids=lambda write: write.__name__)
def test_what_is_stated_stands_over_rows(write: Callable[..., list[str]], tmp_path: Path) -> None:
    """Also where no table has such a column, and for a set."""
    stated = {"eu_member": False, "visa_regime": None, "enp_region": "south", "enp_partner": True}
    profiles = [one.stating(stated) for one in drawn(16, seed=5)]
    good = [one for one in profiles if not profile_faults(one, BOOK.impossible, NOWHERE)]
    assert good
    settings = ("eu_member=false", "visa_regime=unknown", "enp_region=south", "enp_partner=true")
    words = [word for one in settings for word in ("--set", one)]
    code = 1 if len(good) < len(profiles) else 0
    assert answers(*write(profiles, tmp_path), *words, folder=tmp_path, code=code) == expected(good)


@pytest.mark.parametrize("write", [as_csv, as_json_profiles], ids=lambda write: write.__name__)
def test_a_day_asked_for_stands_in_for_that_of_the_row(
    write: Callable[..., list[str]], tmp_path: Path
) -> None:
    """Each row is answered for on each day, rows first, days in order."""
    profiles = drawn(5, seed=9)
    dated = [replace(one, as_of=day) for one in profiles for day in DAYS]
    given = (*write(profiles, tmp_path), "--as-of", DAYS_ASKED)
    assert answers(*given, folder=tmp_path) == expected(dated)


@pytest.mark.parametrize("write", [as_csv, as_files], ids=lambda write: write.__name__)
def test_a_trace_is_the_decision_of_the_case_by_itself(
    write: Callable[..., list[str]], tmp_path: Path
) -> None:
    """The same object, byte for byte, but for the name of the engine."""
    profiles = drawn(12, seed=11)
    found = answers(*write(profiles, tmp_path), "--trace", folder=tmp_path)
    for cells, profile in zip(found, profiles, strict=True):
        told = {"partner": profile.partner, "as_of": str(profile.as_of), "facts": facts(profile)}
        alone = decide(json.loads(json.dumps(told, default=str))).to_json()
        assert json.loads(cells["decision"]) == json.loads(
            json.dumps({**alone, "engine": "compiled"})
        )


def test_a_trace_of_a_dossier_leads_down_to_its_facts(tmp_path: Path) -> None:
    """As `decide` on the partner and day: cited facts, and what is stated over them."""
    given = ("cases/partners", "--partners", "MD", "--as-of", "2014-06-27", "--trace")
    found = answers(*given, "--set", "visa_regime=unknown", folder=tmp_path)
    alone = decide("MD", "2014-06-27", stated={"visa_regime": None}).to_json()
    assert json.loads(found[0]["decision"]) == json.loads(
        json.dumps({**alone, "engine": "compiled"})
    )
