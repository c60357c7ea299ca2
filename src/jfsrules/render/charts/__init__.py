"""Pictures of a batch: tiers over time as stacked areas, and advice by partner and instrument.

Draws what a tally has counted. Decides nothing; the plotting library is loaded on use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jfsrules.errors import Unavailable, refuse
from jfsrules.render.charts.wanted import FORMATS, Kind, Wanted, wanted
from jfsrules.render.words import Wording

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from jfsrules.batch.tallying import Tally
    from jfsrules.render.charts.paper import Words

__all__ = ["Wanted", "chart", "ready", "wanted"]

EXTRA: Final = "charts"


def ready() -> None:
    """Raise Unavailable where the extra `charts` is not installed."""
    try:
        import matplotlib as mpl  # noqa: F401
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"a chart needs `{error.name}`: pip install 'jfsrules[{EXTRA}]'"
        ) from None


def chart(asked: Wanted, tally: Tally, wording: Wording, names: Mapping[str, str]) -> Path:
    """Draw a tally into the file asked for, whatever stands there; partners by code have `names`.

    The same tally gives the same bytes of SVG. Raises Refused where there is nothing to draw, or
    the file cannot be written, and Unavailable without the extra `charts`.
    """
    ready()
    from jfsrules.render.charts import advice, paper, tiers

    if not tally.cases:
        raise refuse(
            "nothing-to-draw",
            f"there is no answer to draw in `{asked.file}`",
            None,
            "see the rows set apart, or what `--partners` leaves",
        )
    kind: Kind = asked.kind or ("tiers" if len(tally.days) > 1 else "advice")
    draw: Callable[[Tally, Wording, Mapping[str, str]], tuple[Figure, Words]]
    draw = tiers.draw if kind == "tiers" else advice.draw
    with paper.laid_out():
        figure, words = draw(tally, wording, names)
        paper.write(figure, words, asked.file, FORMATS[asked.file.suffix.lower()])
    return asked.file
