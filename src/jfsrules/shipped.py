"""Where the shipped rules and cases are: a checkout, or the installed package. Opens none of them."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(*parts: str) -> Path:
    """The path of something shipped, such as `shipped("rules", "text-2014")`.

    Looks in the folder that `JFSRULES_HOME` names, then in the installed package, then in the
    checkout this file stands in.
    """
    return home().joinpath(*parts)


def home() -> Path:
    """The folder that holds `rules/` and `cases/`."""
    named = os.environ.get("JFSRULES_HOME")
    if named:
        return Path(named)
    packed = _PACKAGE / "_shipped"
    return packed if packed.is_dir() else _PACKAGE.parents[1]
