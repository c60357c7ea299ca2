"""Pictures of a batch: tiers over time as stacked areas, and advice by partner and instrument.

Draws what a tally has counted. Decides nothing; the plotting library is loaded on use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jfsrules.classifying import RULEBOOK
from jfsrules.errors import Unavailable, refuse
from jfsrules.render.charts.wanted import FORMATS, Kind, Wanted, wanted
from jfsrules.render.words import Wording
from jfsrules.rulebook import Rulebook

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from jfsrules.batch.tallying import Tally
    from jfsrules.render.charts.paper import Words

__all__ = ["Wanted", "chart", "draw", "ready", "wanted"]

EXTRA: Final = "charts"


def ready() -> None:
    """Raise Unavailable where the extra `charts` is not installed."""
    try:
        import matplotlib as mpl  # noqa: F401
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"a chart needs `{error.name}`: pip install 'jfsrules[{EXTRA}]'"
        ) from None


def draw(answers: Any, file: str | Path, rulebook: str | Path | Rulebook = RULEBOOK) -> Path:
    """Draw answers, a Polars table as `classify` gives it or a file as `jfsrules batch` writes it.

    `file` ends in `.svg` or `.png` and is replaced if it stands; `tiers=FILE` asks for tiers over
    time, `advice=FILE` for advice by partner and instrument on the last day. Without either, answers
    on several days give the first, and on one day the second. Raises Refused and Unavailable.
    """
    ready()
    from jfsrules.batch.tallying import Tally, tally_of
    from jfsrules.loading import load_rulebook
    from jfsrules.loading.countries import names_by_code

    asked = wanted(str(file))
    if isinstance(answers, str | Path):
        tally = tally_of(Path(answers))
    else:
        tally = Tally()
        tally.add(answers)
    book = rulebook if isinstance(rulebook, Rulebook) else load_rulebook(rulebook)
    return chart(asked, tally, Wording.of(book), names_by_code())


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
            "see whether all rows are set apart, or belong to other partners",
        )
    kind: Kind = asked.kind or ("tiers" if len(tally.days) > 1 else "advice")
    made: Callable[[Tally, Wording, Mapping[str, str]], tuple[Figure, Words]]
    made = tiers.draw if kind == "tiers" else advice.draw
    with paper.laid_out():
        figure, words = made(tally, wording, names)
        paper.write(figure, words, asked.file, FORMATS[asked.file.suffix.lower()])
    return asked.file
