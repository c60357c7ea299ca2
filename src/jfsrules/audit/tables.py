"""Tables of Polars, in and out of a ledger. Loads it on use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jfsrules.errors import Unavailable


def table(rows: Iterable[Mapping[str, Any]]) -> Any:
    """Rows as a table of Polars; raises Unavailable where it is not installed."""
    try:
        from polars import DataFrame
    except ImportError as error:
        raise Unavailable("tables need polars: pip install 'jfsrules[batch]'") from error
    return DataFrame(list(rows))
