"""Where a country stands in the EU's external justice and home affairs policy, and why.

    from jfsrules import decide

    decide("MD", "2014-06-27").tier      # 'neighbourhood'

The names below load on first use, so that importing the package stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jfsrules.classifying import classify, fired_rules
    from jfsrules.deciding import decide
    from jfsrules.decision import Decision
    from jfsrules.errors import Diagnostic, EngineError, JfsrulesError, Refused, Unavailable
    from jfsrules.facts import Dossier, Profile
    from jfsrules.loading import load_dossier, load_profile, load_rulebook, load_vocabulary
    from jfsrules.render.charts import draw
    from jfsrules.rulebook import Rulebook

    __version__: str

_HOMES: Final = {
    "classify": "classifying",
    "decide": "deciding",
    "draw": "render.charts",
    "fired_rules": "classifying",
    "Decision": "decision",
    "Diagnostic": "errors",
    "EngineError": "errors",
    "JfsrulesError": "errors",
    "Refused": "errors",
    "Unavailable": "errors",
    "Dossier": "facts",
    "Profile": "facts",
    "load_dossier": "loading",
    "load_profile": "loading",
    "load_rulebook": "loading",
    "load_vocabulary": "loading",
    "Rulebook": "rulebook",
}

__all__ = [
    "Decision",
    "Diagnostic",
    "Dossier",
    "EngineError",
    "JfsrulesError",
    "Profile",
    "Refused",
    "Rulebook",
    "Unavailable",
    "__version__",
    "classify",
    "decide",
    "draw",
    "fired_rules",
    "load_dossier",
    "load_profile",
    "load_rulebook",
    "load_vocabulary",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        return _version()
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module `jfsrules` has no attribute `{name}`")
    found = getattr(import_module(f"jfsrules.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("jfsrules")
    except PackageNotFoundError:
        return "0 (not installed)"
