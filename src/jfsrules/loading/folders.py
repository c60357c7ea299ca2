"""Files of a folder to shaped documents, with everything that is wrong gathered. Knows no shape."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jfsrules.errors import Diagnostic, Refused
from jfsrules.loading.reading import read_file
from jfsrules.loading.shaping import shaped
from jfsrules.loading.tree import Document

_ENDINGS = (".yaml", ".yml", ".json")


def files(folder: Path, *, deep: bool = True) -> list[Path]:
    """The YAML and JSON files of a folder, sorted by path."""
    found = folder.rglob("*") if deep else folder.glob("*")
    return sorted(p for p in found if p.suffix in _ENDINGS and p.is_file())


def document_of(path: Path, shape: Any, wrong: list[Diagnostic]) -> Document | None:
    """A file of a shape; None, and diagnostics, where it is not one."""
    try:
        document = read_file(path)
    except Refused as refused:
        wrong += refused.diagnostics
        return None
    return document if shaped(document.value, shape, document.place, wrong) else None


def entries(path: Path, shape: Any, wrong: list[Diagnostic]) -> Iterator[tuple[Any, Any, Any]]:
    """The entries of a list or mapping in a file: step, value, place; each shaped on its own.

    So that one wrong entry does not hide the others. Where there is no such file, there are none.
    """
    if not path.exists():
        return
    try:
        document = read_file(path)
    except Refused as refused:
        wrong += refused.diagnostics
        return
    value, place = document.value, document.place
    if not shaped(value, list[Any] if shape[0] is list else dict[str, Any], place, wrong):
        return
    steps = enumerate(value) if isinstance(value, list) else value.items()
    for step, one in steps:
        if shaped(one, shape[1], place.at(step), wrong):
            yield step, one, place.at(step)
