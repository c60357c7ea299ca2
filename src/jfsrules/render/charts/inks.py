"""The inks of charts: a colour and a hatch for each tier and each advice.

Tiers are ordered by lightness (viridis), so that they can be told apart by colour-blind readers and
on grey print. Of any two inks that are alike in grey, at least one is hatched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

INK: Final = "#1f2933"
QUIET: Final = "#52606d"
LINE: Final = "#9aa5b1"
GRID: Final = "#e4e7eb"
PAPER: Final = "#ffffff"
NO_TRACK_FILL: Final = "#f5f7fa"


@dataclass(frozen=True, slots=True)
class Fill:
    """How an area is filled: a colour, a hatch of lines over it, and the colour of these."""

    colour: str
    hatch: str | None = None
    line: str = QUIET


VIRIDIS: Final = ("#440154", "#3b528b", "#21918c", "#5ec962")
NONE: Final = Fill("#e4e7eb")
OUT_OF_SCOPE: Final = Fill(PAPER, "////", LINE)
UNDETERMINED: Final = Fill(PAPER, "....", QUIET)
SEVERAL: Final = Fill(PAPER, "xxxx", LINE)

ADVICE: Final[Mapping[str, Fill]] = MappingProxyType(
    {
        "propose": Fill("#440154"),
        "possible": Fill("#a273b6"),
        "continue": Fill("#31688e"),
        "maintain": Fill("#65be4d"),
        "on_hold": Fill("#fdb52e", "////", "#7c4a03"),
        "blocked": Fill("#c2410c", "xxxx", "#ffe0cc"),
        "moot": Fill("#d3d8de"),
        "undetermined": Fill(PAPER, "...", LINE),
    }
)


def tier_fills(groups: Sequence[str]) -> dict[str, Fill]:
    """The fill of each tier, of groups in the order in which they lead.

    >>> tier_fills(["enlargement", "neighbourhood"])["enlargement"].colour
    '#440154'
    """
    inks = [
        VIRIDIS[at * len(VIRIDIS) // max(len(groups), len(VIRIDIS))] for at, _ in enumerate(groups)
    ]
    fills = {group: Fill(ink) for group, ink in zip(groups, inks, strict=True)}
    return {**fills, "none": NONE, "undetermined": UNDETERMINED, "out_of_scope": OUT_OF_SCOPE}
