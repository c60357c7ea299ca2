"""Whether files are still what they were: their names, sizes and times. Reads none of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

Stamp: TypeAlias = list[str | int | None]


def stamps(paths: Iterable[Path]) -> list[Stamp]:
    """The stamp of each file; of one that is gone, its name alone."""
    return [_stamp(path) for path in paths]


def stamps_in(folders: Iterable[Path]) -> list[Stamp]:
    """The stamps of all files in folders."""
    return stamps(sorted(path for one in folders for path in one.rglob("*") if path.is_file()))


def changed(before: Iterable[Stamp], after: Iterable[Stamp]) -> list[str]:
    """The names of the files that are new, gone, or no longer the same."""
    was, is_ = ({str(one[0]): one for one in some} for some in (before, after))
    return sorted(name for name in was | is_ if was.get(name) != is_.get(name))


def _stamp(path: Path) -> Stamp:
    try:
        about = path.stat()
    except OSError:
        return [str(path), None, None]
    return [str(path), about.st_size, about.st_mtime_ns]
