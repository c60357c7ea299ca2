"""Scope and tier: which group leads, as one table that every engine looks up.

The page ranks nothing: that enlargement leads, then the neighbourhood, then strategic partners is
our own order (authority `design`). Source: page, INTRO-1 (countries outside the EU) and GEO-0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from jfsrules.condition import Conclusion, Leaf, Reads, Test

SCOPE: Final[tuple[tuple[str, Leaf], ...]] = (
    ("eu_member", Test("eu_member", "=", (True,))),
    ("eu_territory", Reads(Conclusion("derived", "eu_territory"))),
    ("not_separate_on_that_day", Reads(Conclusion("derived", "not_separate_on_that_day"))),
    ("no_government", Reads(Conclusion("derived", "no_government"))),
)
TIERS: Final = (
    "enlargement",
    "neighbourhood",
    "strategic_partner",
    "none",
    "out_of_scope",
    "undetermined",
)


def scope(reasons: Mapping[str, bool | None]) -> tuple[bool | None, str | None]:
    """Whether a partner is in scope, and the first reason why it is not.

    >>> scope({"eu_member": False, "no_government": True})
    (False, 'no_government')
    """
    for reason, holds in reasons.items():
        if holds:
            return False, reason
    return (None if None in reasons.values() else True), None


def tier(in_scope: bool | None, groups: Sequence[tuple[str, bool | None]]) -> str:
    """The group that leads, of groups in the order in which they lead.

    >>> tier(True, [("enlargement", False), ("neighbourhood", True)])
    'neighbourhood'
    """
    if in_scope is None:
        return "undetermined"
    if not in_scope:
        return "out_of_scope"
    for group, holds in groups:
        if holds:
            return group
        if holds is None:
            return "undetermined"
    return "none"
