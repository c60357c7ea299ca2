"""Whether files are well formed: all that is shipped, or some of one's own. Decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from jfsrules import cases, loading
from jfsrules.checks import count_faults
from jfsrules.errors import Diagnostic, Refused
from jfsrules.loading.eu_facts import load_eu_facts
from jfsrules.loading.folders import files
from jfsrules.loading.reading import read_file

Kind: TypeAlias = str
Loaded = TypeVar("Loaded")
RULEBOOK: Final = "rulebook.yaml"
KNOWLEDGE_DATE: Final = "knowledge-date.yaml"


@dataclass
class Checked:
    """How many files of each kind were looked at, and everything that is wrong with them."""

    counts: Counter[Kind] = field(default_factory=Counter)
    wrong: list[Diagnostic] = field(default_factory=list)

    @property
    def faults(self) -> tuple[Diagnostic, ...]:
        """What is wrong, sorted by place, each once."""
        return tuple(sorted(dict.fromkeys(self.wrong), key=Diagnostic.order))


def check_shipped() -> Checked:
    """Look over all rulebooks, closed lists, dossiers, facts about the EU and scenarios.

    The counts of the lists are held against the dossiers.
    """
    checked = Checked()
    for name in loading.rulebook_names():
        _try(checked, "rulebook", partial(loading.load_rulebook, name))
    codes = loading.dossier_codes()
    tried = [_try(checked, "dossier", partial(loading.load_dossier, code)) for code in codes]
    lists = _try(checked, "folder of closed lists", loading.load_lists)
    dossiers = [one for one in tried if one]
    if lists and len(dossiers) == len(codes):
        checked.wrong += count_faults(lists, dossiers)
    _try(checked, "folder of facts about the EU", load_eu_facts)
    for path in cases.scenario_files():
        _try(checked, "scenario file", partial(cases.load_scenarios, [path]))
    return checked


def check_paths(paths: Iterable[Path]) -> Checked:
    """Look over some files or folders, each as what it holds.

    A folder with `rulebook.yaml` is a rulebook, one with `knowledge-date.yaml` holds closed
    lists, one above rulebooks stands for them, any other is looked through. A file with a day is a profile, one with facts through
    time a dossier, a list with expectations a file of scenarios.
    """
    checked = Checked()
    for path in paths:
        for kind, load in _parts(path, checked):
            _try(checked, kind, load)
    return checked


def _parts(path: Path, checked: Checked) -> Iterator[tuple[Kind, Callable[[], object]]]:
    if path.is_dir() and (path / RULEBOOK).exists():
        yield "rulebook", lambda: loading.load_rulebook(path)
    elif path.is_dir() and (path / KNOWLEDGE_DATE).exists():
        yield "folder of closed lists", lambda: loading.load_lists(folder=path)
    elif path.is_dir() and (books := sorted(path.glob(f"*/{RULEBOOK}"))):
        for book in books:
            yield from _parts(book.parent, checked)
    elif path.is_dir():
        for inner in sorted(one for one in path.iterdir() if one.is_dir()):
            yield from _parts(inner, checked)
        for one in files(path, deep=False):
            yield from _parts(one, checked)
    else:
        try:
            yield _kind(path)
        except Refused as refused:
            checked.counts["file"] += 1
            checked.wrong += refused.diagnostics


def _kind(path: Path) -> tuple[Kind, Callable[[], object]]:
    value = read_file(path).value
    if isinstance(value, list) and any(isinstance(v, dict) and "expect" in v for v in value):
        return "scenario file", lambda: cases.load_scenarios([path])
    if isinstance(value, dict) and "as_of" in value:
        return "profile", lambda: loading.load_profile(path)
    return "dossier", lambda: loading.load_dossier(path)


def _try(checked: Checked, kind: Kind, load: Callable[[], Loaded]) -> Loaded | None:
    checked.counts[kind] += 1
    try:
        return load()
    except Refused as refused:
        checked.wrong += refused.diagnostics
        return None
