"""A table of cases in one call, and what is said of a table that does not fit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest

from jfsrules import Refused, classify, decide, fired_rules, load_dossier, load_rulebook
from jfsrules.facts import Profile, profile_on
from jfsrules.loading import dossier_codes, knowledge_date, load_lists

DAY = date(2014, 6, 27)
TYPES = {"flag": pl.Boolean, "number": pl.Float64, "one_of": pl.String, "set_of": pl.String}


def table(**columns: Any) -> pl.DataFrame:
    """Two partners of which little is known, with more columns or other ones."""
    given = {"partner": ["MD", "AL"], "as_of": [DAY, DAY], "eu_member": [False, False]}
    return pl.DataFrame({name: values for name, values in {**given, **columns}.items() if values})


def told(frame: Any, **how: Any) -> list[tuple[str, str, str | None]]:
    """What is said of a table that is refused."""
    with pytest.raises(Refused) as refused:
        classify(frame, **how)
    return [(one.code, one.message, one.help) for one in refused.value.diagnostics]


def as_table(profiles: list[Profile]) -> pl.DataFrame:
    """Profiles as people would write them down: one column an indicator, sets as texts."""
    rows = []
    words = load_rulebook("practice").vocabulary
    for profile in profiles:
        row: dict[str, Any] = {"partner": profile.partner, "as_of": profile.as_of}
        for indicator in words.indicators.values():
            name, type_ = indicator.id, indicator.type
            row[name] = profile[name]
            if type_.kind == "set_of":
                held = {member: profile[f"{name}.{member}"] for member in type_.values}
                named = ";".join(member for member in type_.values if held[member]) or ";"
                row[name] = None if None in held.values() else named
        rows.append(row)
    types = {one.id: TYPES[one.type.kind] for one in words.indicators.values()}
    return pl.DataFrame(rows, schema={"partner": pl.String, "as_of": pl.Date, **types})


@pytest.mark.parametrize("rulebook", ["text-2014", "practice"])
def test_every_partner_is_answered_for_as_decide_does(rulebook: str) -> None:
    """Tier, groups, advice and what is missing, for all dossiers on the day of the page."""
    lists, words = load_lists(), load_rulebook("practice").vocabulary
    profiles = [profile_on(load_dossier(code), DAY, lists, words) for code in dossier_codes()]
    frame = as_table(profiles)
    kept = [name for name in frame.columns if "." not in name]
    answer = classify(frame.select(kept), rulebook).to_dicts()
    for row, profile in zip(answer, profiles, strict=True):
        sets = {atom for atom in profile.values if "." in atom}
        partly = {atom.partition(".")[0] for atom in sets} & {n for n in kept if row.get(n) is None}
        made = decide(profile, rulebook=rulebook, engine="reference")
        assert row["tier"] == made.tier
        assert row["out_of_scope"] == made.out_of_scope
        tracks = {track.instrument: track.advice for track in made.tracks}
        for name, advice in row.items():
            if name.endswith("__advice") and not partly:
                instrument = name.removeprefix("track__").removesuffix("__advice")
                assert advice == tracks.get(instrument, "no_track"), (profile.partner, instrument)


def test_the_same_kind_of_table_comes_back() -> None:
    """Polars eager and lazy, and DuckDB, each as it went in."""
    frame = table(accession_status=["candidate", None])
    eager, lazy = classify(frame), classify(frame.lazy())
    assert isinstance(eager, pl.DataFrame)
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect().equals(eager)
    with duckdb.connect() as connection:
        relation = classify(connection.from_arrow(frame.to_arrow()))
        assert isinstance(relation, duckdb.DuckDBPyRelation)
        tiers = dict(relation.select("partner", "tier").fetchall())
    assert tiers == dict(zip(eager["partner"], eager["tier"], strict=True))
    assert tiers == {"MD": "enlargement", "AL": "undetermined"}


def test_the_day_is_a_column_or_one_for_all_or_the_knowledge_date() -> None:
    """What is asked for goes before the column, and the knowledge date is the default."""
    frame = table(as_of=None)
    assert set(classify(frame)["as_of"]) == {knowledge_date()}
    assert set(classify(frame, as_of="2013-05-01")["as_of"]) == {date(2013, 5, 1)}
    assert set(classify(table(), as_of=date(2013, 5, 1))["as_of"]) == {date(2013, 5, 1)}
    assert told(table(), as_of="2003-01-01")[0][0] == "as-of-too-early"


def test_names_may_be_codes_and_rules_can_be_named() -> None:
    """Codes are places among names; each bit of `fired_N` is a rule."""
    answer = classify(table(accession_status=["candidate", "none"]), "text-2014", codes=True)
    assert answer.schema["tier"] == pl.Int8
    rules = fired_rules("text-2014")
    fired = {
        rule
        for column, names in rules.items()
        for bit, rule in enumerate(names)
        if answer[column][0] >> bit & 1
    }
    assert "geo-e1-candidates" in fired
    assert sum(len(names) for names in rules.values()) == len(load_rulebook("text-2014").rules)


def test_columns_are_carried_through_in_place() -> None:
    """Whoever brings a key gets it back beside the answer."""
    answer = classify(table(key=[7, 8]), keep=["key"])
    assert answer.columns[:4] == ["partner", "as_of", "key", "tier"]
    assert answer["key"].to_list() == [7, 8]


def test_an_empty_text_is_unknown() -> None:
    """As in a file, where an empty cell states nothing."""
    blank = classify(table(accession_status=["", "candidate"]))
    null = classify(table(accession_status=[None, "candidate"]))
    assert blank.equals(null)


def test_no_rows_are_answered_with_no_rows() -> None:
    """And with every column."""
    none = classify(table().head(0))
    assert none.shape == (0, classify(table()).width)


LAZINESS: list[Callable[[pl.DataFrame], Any]] = [lambda frame: frame, lambda frame: frame.lazy()]


@pytest.mark.parametrize("kind", LAZINESS, ids=["eager", "lazy"])
@pytest.mark.parametrize(
    ("columns", "code", "message", "help_"),
    [
        (
            {"accession_status": ["candidate", "candidat"]},
            "wrong-type",
            "`accession_status` cannot be `candidat`: it takes one of `none`, `applicant`",
            "did you mean `candidate`?",
        ),
        (
            {"partner": ["MD", "Moldova"]},
            "unknown-partner",
            "there is no partner `Moldova`",
            "`MD`",
        ),
        ({"partner": ["MD", None]}, "wrong-type", "`partner` cannot be empty", None),
        ({"as_of": [DAY, None]}, "wrong-type", "`as_of` cannot be empty", None),
        ({"as_of": [DAY, date(1999, 1, 1)]}, "as-of-too-early", "cannot be `1999-01-01`", None),
        ({"as_of": [DAY, date(2100, 1, 1)]}, "as-of-too-late", "cannot be `2100-01-01`", None),
        ({"asylum_recognition_rate": [1.5, 0.00001]}, "wrong-type", "at most 4 decimals", None),
        ({"asylum_recognition_rate": [1.5, float("nan")]}, "wrong-type", "cannot be `NaN`", None),
        (
            {"regional_process": ["rabat", "rabat,prague"]},
            "wrong-type",
            "`regional_process` cannot be `rabat,prague`",
            "join members by `;`",
        ),
        (
            {"eu_member": [False, True], "accession_status": ["none", "candidate"]},
            "impossible-profile",
            "no partner is like this",
            "take one of these facts out",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_shown_with_its_row(
    kind: Callable[[pl.DataFrame], Any],
    columns: dict[str, Any],
    code: str,
    message: str,
    help_: str | None,
) -> None:
    """Which row, which value, and what would fit; nothing is answered."""
    found = told(kind(table(**columns)))
    assert [one[0] for one in found] == [code]
    assert message in found[0][1]
    if kind is LAZINESS[0]:
        assert found[0][1].startswith("row 1")
    if help_:
        assert help_ in (found[0][2] or "")


def test_how_many_rows_do_not_fit_is_said() -> None:
    """One line for a column, however many rows."""
    many = pl.concat([table(accession_status=["x", "y"])] * 3)
    found = told(many)
    assert len(found) == 1
    assert found[0][1].endswith(", and in 5 more")


def test_columns_that_do_not_fit_are_all_named_at_once() -> None:
    """Unknown names with the nearest right one, wrong types with the right one."""
    found = told(table(acession_status=["none", "none"], enp_partner=["true", "false"]))
    assert found[0][2] == "did you mean `accession_status`?"
    assert "is of type `String`: it takes flags (boolean)" in found[1][1]
    assert told(table(partner=None, country=["MD", "AL"]))[0][2] is not None
    assert classify(table(mine=[1, 2]), ignore_extra=True).height == 2
