"""Which values of a table do not fit: in which row, which value, and what would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw

from jfsrules.engines.columns.inputs import Input, without_blanks
from jfsrules.engines.columns.table import Limits, Shape, impossible_rows
from jfsrules.errors import Diagnostic, did_you_mean
from jfsrules.plan import Plan
from jfsrules.vocabulary import AS_OF, PARTNER

ROW = "row of the table"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that no row may do, and how to say which row does it."""

    code: str
    wrong: nw.Expr
    shown: nw.Expr
    says: str
    about: Input | None = None


def faults(frame: Any, plan: Plan, shape: Shape, limits: Limits) -> Iterator[Diagnostic]:
    """For each thing that is wrong one diagnostic, with the first row that does it and how many do.

    `frame` is a narwhals frame; rows are counted from 0 where their order is known. Impossible
    profiles are looked for where each value by itself fits.
    """
    if isinstance(frame, nw.DataFrame):
        frame = frame.with_row_index(ROW)
    checks = [*_values(shape), *_days(shape, limits), *_partners(shape, limits)]
    counted = (_count(one.wrong.fill_null(value=False)) for one in checks)
    named = [count.alias(f"n{number}") for number, count in enumerate(counted)]
    (counts,) = _rows(frame.select(*named))
    found = [(one, counts[f"n{number}"]) for number, one in enumerate(checks)]
    if not any(count for _, count in found):
        yield from _impossible(without_blanks(frame), plan, shape, limits)
    for check, count in found:
        if count:
            yield _first(frame, check, count)


def _count(term: nw.Expr) -> nw.Expr:
    return term.cast(nw.Int64()).sum()


def _values(shape: Shape) -> Iterator[Check]:
    for one in shape.inputs:
        if one.wrong is not None:
            says = f"`{one.name}` cannot be {{value}}: it takes {one.type}"
            yield Check("wrong-type", one.wrong, nw.col(one.name).cast(nw.String()), says, one)


def _days(shape: Shape, limits: Limits) -> Iterator[Check]:
    if shape.as_of is None and limits.first:
        says = f"`as_of` cannot be {{value}}: the facts begin on {limits.first}"
        yield _day("as-of-too-early", nw.col(AS_OF) < limits.first, says)
    if shape.as_of is None and limits.latest:
        says = f"`as_of` cannot be {{value}}: the facts are vouched up to {limits.latest}"
        yield _day("as-of-too-late", nw.col(AS_OF) > limits.latest, says)


def _day(code: str, wrong: nw.Expr, says: str) -> Check:
    return Check(code, wrong, nw.col(AS_OF).cast(nw.String()), says)


def _partners(shape: Shape, limits: Limits) -> Iterator[Check]:
    if limits.partners is not None:
        (given,) = (one for one in shape.inputs if one.name == PARTNER)
        code = nw.col(PARTNER).cast(nw.String())
        wrong = ~code.is_in(sorted(limits.partners)) & (code != "")
        yield Check("unknown-partner", wrong, code, "there is no partner {value}", given)


def _first(frame: Any, check: Check, count: int) -> Diagnostic:
    kept = [name for name in (ROW, PARTNER) if name in frame.collect_schema()]
    found = frame.filter(check.wrong.fill_null(value=False)).head(1)
    (row,) = _rows(found.select(*kept, check.shown.alias("value")))
    value = row["value"]
    message = check.says.format(value="empty" if value in (None, "") else f"`{value}`")
    return Diagnostic(
        check.code, f"{_place(row)}{message}{_more(count)}", None, _help(check, value)
    )


def _impossible(frame: Any, plan: Plan, shape: Shape, limits: Limits) -> Iterator[Diagnostic]:
    listed = {one.id: one for one in plan.rulebook.impossible}
    if not listed:
        return
    kept = tuple(name for name in (ROW, PARTNER) if name in frame.collect_schema())
    marked = impossible_rows(plan, replace(shape, keep=kept), limits).over(frame)
    sums = [_count(nw.col(name)) for name in listed]
    (counts,) = _rows(marked.select(*sums))
    for name, one in listed.items():
        if counts[name]:
            (row,) = _rows(marked.filter(nw.col(name)).head(1).select(*kept))
            says = f"{_place(row)}no partner is like this: {one.says}{_more(counts[name])}"
            yield Diagnostic("impossible-profile", says, None, "take one of these facts out")


def _rows(frame: Any) -> list[dict[str, Any]]:
    collected = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return list(collected.iter_rows(named=True))


def _place(row: dict[str, Any]) -> str:
    partner = f" ({row[PARTNER]})" if row[PARTNER] else ""
    return f"row {row[ROW]}{partner}: " if ROW in row else f"a row{partner}: "


def _more(count: int) -> str:
    return f", and in {count - 1:,} more" if count > 1 else ""


def _help(check: Check, value: object) -> str | None:
    if check.code == "unknown-partner":
        return "codes are those of ISO 3166-1 with two letters, such as `MD`; Kosovo is `XK`"
    if check.about is None or not isinstance(value, str):
        return None
    if check.about.type.kind == "set_of":
        return "join members by `;`, and write a lone `;` for the empty set"
    return did_you_mean(value, check.about.type.values)
