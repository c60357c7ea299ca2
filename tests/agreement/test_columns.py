"""Law: a table of cases is answered as each case is by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest

from agreement import strategies
from agreement.drawing import GROUPS, PARTNERS, Draw
from agreement.frames import expected, names_as_text, table, whole
from jfsrules.condition import Any as AnyOf
from jfsrules.condition import Test
from jfsrules.engines.columns import Columns, Limits
from jfsrules.errors import Refused
from jfsrules.facts import Profile
from jfsrules.plan import plan
from jfsrules.rulebook import Impossible

DAY = date(2014, 6, 27)


def eager(columns: Columns, frame: pl.DataFrame, **how: Any) -> pl.DataFrame:
    return columns.apply(frame, keep=["row"], **how)


def lazy(columns: Columns, frame: pl.DataFrame, **how: Any) -> pl.DataFrame:
    return columns.apply(frame.lazy(), keep=["row"], **how).collect()


def streaming(columns: Columns, frame: pl.DataFrame, **how: Any) -> pl.DataFrame:
    return columns.apply(frame.lazy(), keep=["row"], **how).collect(engine="streaming")


def in_duckdb(columns: Columns, frame: pl.DataFrame, **how: Any) -> pl.DataFrame:
    with duckdb.connect() as connection:
        relation = connection.from_arrow(frame.to_arrow())
        return columns.apply(relation, keep=["row"], **how).pl()


POLARS = (eager, lazy, streaming)


@pytest.fixture(params=(*POLARS, in_duckdb), ids=lambda run: run.__name__)
def run(request: pytest.FixtureRequest) -> Callable[..., pl.DataFrame]:
    """A backend: columns and a table of Polars in, the answer as a table of Polars out."""
    return request.param


def cases(seed: int, count: int) -> tuple[strategies.World, list[Profile]]:
    world = strategies.world(seed)
    return world, [strategies.profile(world.vocabulary, seed + n) for n in range(count)]


@pytest.mark.parametrize("seed", range(0, 2000, 100))
def test_every_output_of_every_row_is_what_the_reference_says(seed: int) -> None:
    """Tier, groups, areas, tracks, requirements, what is missing and what fired, row by row."""
    world, profiles = cases(seed, 60)
    columns = Columns(world.plan)
    answer = eager(columns, table(world.vocabulary, profiles))
    assert names_as_text(columns, answer) == expected(world.plan, columns, profiles)


@pytest.mark.parametrize("known", [False, True], ids=["with-unknowns", "all-known"])
@pytest.mark.parametrize("seed", [1, 2])
def test_each_backend_gives_the_same_answer(
    run: Callable[..., pl.DataFrame], seed: int, known: bool
) -> None:
    """Polars eager, lazy and streaming, and DuckDB, with and without unknowns."""
    world, profiles = cases(seed, 150)
    if known:
        draw = Draw(seed)
        profiles = [whole(world.vocabulary, profile, draw) for profile in profiles]
    columns = Columns(world.plan)
    answer = run(columns, table(world.vocabulary, profiles))
    assert names_as_text(columns, answer) == expected(world.plan, columns, profiles)


def test_every_advice_and_every_tier_is_among_the_cases_compared() -> None:
    """The worlds above reach every row that a reader of the table could ask about."""
    met: dict[str, set[Any]] = {"advice": set(), "tier": set(), "out_of_scope": set()}
    for seed in range(0, 2000, 100):
        world, profiles = cases(seed, 60)
        columns = Columns(world.plan)
        answer = eager(columns, table(world.vocabulary, profiles))
        for output in columns.outputs:
            for kind, seen in met.items():
                if output.column == kind or output.column.endswith(f"__{kind}"):
                    seen |= set(answer[output.column].cast(pl.String))
    assert len(met["advice"]) == 9
    assert met["tier"] == {*GROUPS, "none", "out_of_scope", "undetermined"}
    assert met["out_of_scope"] >= {None, "eu_member", "eu_territory", "no_government"}


def test_a_column_that_is_not_there_is_unknown_in_every_row(
    run: Callable[..., pl.DataFrame],
) -> None:
    """Leaving a column out is the same as leaving it empty."""
    world, profiles = cases(7, 60)
    columns = Columns(world.plan)
    frame = table(world.vocabulary, profiles)
    gone = [name for name in frame.columns if name not in ("row", "partner", "as_of")][::2]
    emptied = frame.with_columns(pl.lit(None, dtype=frame.schema[n]).alias(n) for n in gone)
    left = names_as_text(columns, run(columns, frame.drop(gone)))
    assert left == names_as_text(columns, eager(columns, emptied))
    assert left == names_as_text(
        columns, eager(columns, frame.with_columns(pl.lit(None).alias(n) for n in gone))
    )


def test_codes_stand_for_the_names_in_order(run: Callable[..., pl.DataFrame]) -> None:
    """A code is the place of the name among the names of its output, from 0."""
    world, profiles = cases(3, 60)
    columns = Columns(world.plan)
    frame = table(world.vocabulary, profiles)
    named = names_as_text(columns, eager(columns, frame))
    coded = run(columns, frame, codes=True).sort("row")
    for output in columns.outputs:
        if output.kind == "name":
            assert coded.schema[output.column] == pl.Int8
            shown = [None if c is None else output.names[c] for c in coded[output.column]]
            assert shown == [row[output.column] for row in named]


def test_a_set_may_be_one_text_a_list_or_a_flag_for_each_member(
    run: Callable[..., pl.DataFrame],
) -> None:
    """A lone `;` is the empty set, an empty text is unknown."""
    world, _ = cases(11, 1)
    columns = Columns(world.plan)
    sets = ({"east", "west"}, {"north"}, set(), None)
    flags = pl.DataFrame(
        [
            {"row": n, "partner": p, "as_of": DAY, "eu_member": False}
            | {f"members__{m}": None if s is None else m in s for m in ("east", "north", "west")}
            for n, (p, s) in enumerate((p, s) for s in sets for p in PARTNERS)
        ],
        schema_overrides={f"members__{m}": pl.Boolean for m in ("east", "north", "west")},
    )
    plain = flags.drop(pl.selectors.starts_with("members__"))
    many = [None if s is None else sorted(s) for s in sets for _ in PARTNERS]
    lists = plain.with_columns(members=pl.Series(many, dtype=pl.List(pl.String)))
    texts = ["" if m is None else ";".join(m) or ";" for m in many]
    wanted = names_as_text(columns, run(columns, flags))
    assert names_as_text(columns, run(columns, lists)) == wanted
    assert (
        names_as_text(columns, run(columns, plain.with_columns(members=pl.Series(texts)))) == wanted
    )


def test_one_day_may_stand_in_for_the_column(run: Callable[..., pl.DataFrame]) -> None:
    """`as_of` replaces the column of that name, or does without it."""
    world, profiles = cases(5, 40)
    columns = Columns(world.plan)
    frame = table(world.vocabulary, profiles)
    moved = [Profile(p.partner, DAY, p.values) for p in profiles]
    wanted = expected(world.plan, columns, moved)
    assert names_as_text(columns, run(columns, frame, as_of=DAY)) == wanted
    assert names_as_text(columns, run(columns, frame.drop("as_of"), as_of=DAY)) == wanted


def test_no_rows_give_no_rows_of_the_same_columns(run: Callable[..., pl.DataFrame]) -> None:
    """An empty table is answered with an empty table."""
    world, profiles = cases(5, 3)
    columns = Columns(world.plan)
    frame = table(world.vocabulary, profiles)
    none, some = run(columns, frame.head(0)), run(columns, frame)
    assert none.height == 0
    assert none.columns == some.columns


def test_rows_that_decide_would_refuse_are_marked(run: Callable[..., pl.DataFrame]) -> None:
    """A partner or day one may not ask about, a number too large or fine, an impossible profile."""
    world, _ = cases(1, 1)
    never = Impossible("never", "says", Test("flag_0", "=", (True,)), ("doc-0",))
    book = type(world.rulebook)(**{**vars(world.rulebook), "impossible": (never,)})
    columns = Columns(plan(book), Limits(frozenset(PARTNERS), date(2004, 1, 1), date(2020, 1, 1)))
    rows = [
        {"partner": "MD"},
        {"partner": "ZZ"},
        {"partner": None},
        {"partner": ""},
        {"as_of": None},
        {"as_of": date(2003, 12, 31)},
        {"as_of": date(2020, 1, 2)},
        {"as_of": date(2020, 1, 1)},
        {"flag_0": True},
        {"flag_0": False},
        {"count_0": 0.12345},
        {"count_0": 2e11},
        {"count_0": float("nan")},
        {"count_0": -0.1234},
        {"members": "east;south"},
        {"members": "east,west"},
        {"members": ";"},
    ]
    given = {"partner": "MD", "as_of": DAY, "flag_0": None, "count_0": None, "members": None}
    frame = pl.DataFrame(
        [{"row": n, **given, **row} for n, row in enumerate(rows)],
        schema={
            "row": pl.Int64,
            "partner": pl.String,
            "as_of": pl.Date,
            "flag_0": pl.Boolean,
            "count_0": pl.Float64,
            "members": pl.String,
        },
    )
    marked = run(columns, frame, refused="any").sort("row")["refused"].to_list()
    assert [n for n, refused in enumerate(marked) if refused] == [
        1,
        2,
        3,
        4,
        5,
        6,
        8,
        10,
        11,
        12,
        14,
        15,
    ]
    assert None not in marked


def test_a_text_outside_the_closed_list_never_counts_as_unknown() -> None:
    """Polars refuses to read it, DuckDB marks the row."""
    world, profiles = cases(5, 3)
    columns = Columns(world.plan)
    frame = table(world.vocabulary, profiles).with_columns(accord=pl.lit("nonsense"))
    for run in POLARS:
        with pytest.raises(Exception, match="nonsense"):
            run(columns, frame)
    assert in_duckdb(columns, frame, refused="any")["refused"].to_list() == [True] * 3


def test_long_conditions_do_not_grow_deep(run: Callable[..., pl.DataFrame]) -> None:
    """A rule of many alternatives is answered on every backend."""
    world, profiles = cases(5, 20)
    tests = tuple(Test("count_0", "=", (n / 10,)) for n in range(60))
    rule = next(r for r in world.rulebook.rules if r.conclusion.kind == "class")
    long = type(rule)(**{**{n: getattr(rule, n) for n in rule.__slots__}, "when": AnyOf(tests)})
    rules = tuple(long if r is rule else r for r in world.rulebook.rules)
    made = plan(type(world.rulebook)(**{**vars(world.rulebook), "rules": rules}))
    columns = Columns(made)
    answer = run(columns, table(world.vocabulary, profiles))
    assert names_as_text(columns, answer) == expected(made, columns, profiles)


class FakeFrame:
    """A table of a library that is not supported."""


@pytest.mark.parametrize("library", ["pandas", "dask", "modin", "pyarrow", "numpy"])
def test_other_tables_are_refused_by_name(library: str) -> None:
    """Where unknown values could be lost nothing is answered at all."""
    frame = type("DataFrame", (FakeFrame,), {"__module__": f"{library}.core"})()
    with pytest.raises(Refused) as refused:
        Columns(strategies.world(1).plan).apply(frame)
    assert library in str(refused.value)
    assert refused.value.diagnostics[0].code == "unsupported-frame"


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"flag_O": True}, "unknown-column", "did you mean `flag_"),
        ({"flag_0": 1}, "wrong-column-type", "it takes flags"),
        ({"flag_0": "yes"}, "wrong-column-type", "it takes flags"),
        ({"accord": 3}, "wrong-column-type", "it takes text"),
        ({"as_of": "2014-06-27"}, "wrong-column-type", "it takes days"),
        ({"partner": None}, "missing-column", "there is no column `partner` with a code"),
        ({"members": "east", "members__east": True}, "column-twice", "`members.east`"),
    ],
)
def test_columns_that_do_not_fit_are_refused(change: dict[str, Any], code: str, words: str) -> None:
    """Before any row is read, with the nearest right name."""
    columns = Columns(strategies.world(1).plan)
    given = {"partner": "MD", "as_of": DAY, **change}
    frame = pl.DataFrame([{name: value for name, value in given.items() if value is not None}])
    with pytest.raises(Refused) as refused:
        columns.apply(frame)
    told = [f"{one.message} {one.help}" for one in refused.value.diagnostics if one.code == code]
    assert any(words in one for one in told)


def test_unknown_columns_can_be_passed_by_or_carried_through() -> None:
    """`ignore_extra` drops them, `keep` gives them back unchanged."""
    columns = Columns(strategies.world(1).plan)
    frame = pl.DataFrame({"partner": ["MD"], "as_of": [DAY], "note": ["x"], "more": [[1, 2]]})
    assert "note" not in columns.apply(frame, ignore_extra=True).columns
    kept = columns.apply(frame, keep=["note", "more"])
    assert kept.select("note", "more").to_dicts() == [{"note": "x", "more": [1, 2]}]


@pytest.mark.xdist_group("spark")
def test_spark_answers_ten_thousand_rows_as_the_others_do(spark: Any, tmp_path: Any) -> None:
    """Through PySpark on `local[2]`: the same expressions, the same answers, nulls included."""
    world, profiles = cases(5, 10_000)
    columns = Columns(world.plan, Limits(frozenset(PARTNERS)))
    frame = table(world.vocabulary, profiles)
    frame.write_parquet(tmp_path / "in.parquet")
    given = spark.read.parquet(str(tmp_path / "in.parquet"))
    answer = columns.apply(given, keep=["row"], refused="any")
    answer.write.parquet(str(tmp_path / "out"))
    found = names_as_text(columns, pl.read_parquet(tmp_path / "out" / "*.parquet"))
    assert found == names_as_text(columns, eager(columns, frame, refused="any"))
    assert found == names_as_text(columns, in_duckdb(columns, frame, refused="any"))
    wanted = expected(world.plan, columns, profiles[:200])
    assert [{**row, "refused": False} for row in wanted] == found[:200]


def test_what_is_missing_may_come_as_bits(run: Callable[..., pl.DataFrame]) -> None:
    """Each bit stands for the name at its place, and the names are those of the text."""
    world, profiles = cases(9, 80)
    columns = Columns(world.plan)
    frame = table(world.vocabulary, profiles)
    named = names_as_text(columns, run(columns, frame))
    coded = run(columns, frame, missing="bits").sort("row")
    words = [one for one in columns.outputs_with("bits") if one.about == "missing"]
    for row, name in zip(coded.iter_rows(named=True), named, strict=True):
        bits = ((one.names, row[one.column]) for one in words)
        told = [name for names, word in bits for at, name in enumerate(names) if word >> at & 1]
        assert ";".join(told) == name["missing"]
