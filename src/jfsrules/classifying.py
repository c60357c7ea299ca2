"""A table of cases in one call: any supported dataframe goes in, the answers come out as another.

Brings rulebook, partners, days and expressions together. Knows no dataframe library.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from jfsrules.errors import Unavailable
from jfsrules.facts import FIRST_DAY
from jfsrules.plan import plan
from jfsrules.rulebook import Rulebook

if TYPE_CHECKING:
    from jfsrules.engines.columns import Columns

Frame = TypeVar("Frame")
MOST_KEPT: Final = 4
RULEBOOK: Final = "practice"
_kept: dict[str, Columns] = {}


def classify(
    frame: Frame,
    rulebook: str | Path | Rulebook = RULEBOOK,
    *,
    as_of: date | str | None = None,
    codes: bool = False,
    keep: Sequence[str] = (),
    ignore_extra: bool = False,
) -> Frame:
    """Answer for each row of a table of Polars (eager or lazy), DuckDB or PySpark.

    Columns in: `partner`, `as_of`, and one for each indicator; what is null, or not there at all,
    is unknown. Flags are booleans, days are dates, sets are one text with the members joined by
    `;` (a lone `;` is the empty set), a list, or a boolean column `indicator__member` for each.
    Columns out: `partner`, `as_of`, those to `keep`, then `tier`, `out_of_scope`, `group__G`,
    `focus__AREA__MODE`, `track__I__meant`, `track__I__state`, `track__I__advice`,
    `requires__I__R`, `missing` (names joined by `;`) and `fired_N` (`fired_rules` says which
    bit is which rule). Null is unknown; an advice of `no_track` says that there is no track.

    `as_of` stands in for the column; without either, it is the knowledge date. `codes` gives small
    integers for names. `ignore_extra` passes by columns that are no indicators. Rows keep their
    order where the library knows one. Raises Refused for columns or values that do not fit.

    >>> import polars
    >>> table = polars.DataFrame(
    ...     {"partner": ["MD", "AL"], "eu_member": False, "accession_status": "candidate"}
    ... )
    >>> classify(table, as_of="2014-06-27")["tier"].to_list()
    ['enlargement', 'enlargement']
    """
    from jfsrules.loading import knowledge_date, read_as_of

    columns = columns_of(rulebook)
    day = None if as_of is None else read_as_of(str(as_of))
    if day is None and not columns.has_day(frame, keep):
        day = knowledge_date()
    answer: Frame = columns.answer(
        frame, as_of=day, codes=codes, keep=keep, ignore_extra=ignore_extra
    )
    return answer


def fired_rules(rulebook: str | Path | Rulebook = RULEBOOK) -> dict[str, tuple[str, ...]]:
    """The rules behind the bits of each `fired_N`, the least bit first.

    >>> fired_rules("text-2014")["fired_0"][0]
    'geo-e1-acceding-states'
    """
    outputs = columns_of(rulebook).outputs
    return {one.column: one.names for one in outputs if one.about == "fired"}


def columns_of(rulebook: str | Path | Rulebook) -> Columns:
    """The expressions of a rulebook, for partners and days that one may ask about; kept by its
    digest. Raises Unavailable where the extra `batch` is not installed."""
    from jfsrules.loading import knowledge_date, load_rulebook
    from jfsrules.loading.countries import names_by_code

    try:
        from jfsrules.engines.columns import Columns, Limits
    except ModuleNotFoundError as error:
        raise Unavailable(f"tables need `{error.name}`: pip install 'jfsrules[batch]'") from None
    book = rulebook if isinstance(rulebook, Rulebook) else load_rulebook(rulebook)
    if book.digest not in _kept:
        while len(_kept) >= MOST_KEPT:
            del _kept[next(iter(_kept))]
        limits = Limits(frozenset(names_by_code()), FIRST_DAY, knowledge_date())
        _kept[book.digest] = Columns(plan(book), limits)
    return _kept[book.digest]
