"""What paths, folders, patterns and standard input stand for: files of cases, and tables."""

from __future__ import annotations

import atexit
import glob
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from jfsrules.batch.csv_rows import Csv
from jfsrules.batch.json_lines import JsonLines
from jfsrules.batch.reading import CHUNK, SUFFIXES, Parquet, Table
from jfsrules.batch.texts import BOM, Text
from jfsrules.errors import refuse
from jfsrules.loading.reading import MOST_BYTES, STDIN, STDIN_NAME
from jfsrules.shipped import shipped

CASES: Final = (".yaml", ".yml", ".json")
PARTS: Final = ".parts"
METADATA: Final = ".meta.json"
PEEKED: Final = 2**16


@dataclass(slots=True)
class CaseFiles:
    """Files with one case each: profiles and dossiers, in YAML or JSON; or the text of one."""

    files: list[Path | str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What they are called together."""
        if len(self.files) > 1:
            return f"{len(self.files):,} case files"
        return str(self.files[0]) if isinstance(self.files[0], Path) else STDIN_NAME


@dataclass(slots=True)
class CaseLines:
    """A file with one profile a line, as JSON."""

    text: Text

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.text.name


Source: TypeAlias = CaseFiles | CaseLines | Table


@dataclass(frozen=True, slots=True)
class Opening:
    """How sources are opened: the names columns may have, whether others are passed by, and how
    many rows are read at once."""

    known: tuple[str, ...]
    extra: bool = False
    at_once: int = CHUNK

    def file(self, path: Path) -> Source:
        """The source in one file. Raises Refused for a file whose name says nothing known."""
        kind = SUFFIXES.get(path.suffix.lower())
        if kind == "parquet":
            return Parquet(str(path), path, self.at_once)
        if kind == "csv":
            return Csv(Text(str(path), path), self.at_once)
        if kind == "jsonl":
            return self.lines(Text(str(path), path))
        if path.suffix.lower() in CASES:
            return CaseFiles([path])
        raise refuse(
            "unknown-format",
            f"what `{path}` holds cannot be told from its name",
            None,
            "a case ends in `.yaml` or `.json`, a table in `.csv`, `.tsv`, `.jsonl` or `.parquet`",
        )

    def lines(self, text: Text) -> Source:
        """Lines of JSON: profiles where the first has `facts`, else rows of a table."""
        table = JsonLines(text, self.known, self.extra, self.at_once)
        return CaseLines(text) if "facts" in table.schema() else table

    def stdin(self) -> Source:
        """What standard input holds, told from how it begins."""
        if sys.stdin is None:
            raise refuse("cannot-read", "standard input is closed")
        stream = sys.stdin.buffer
        head = stream.read(PEEKED)
        if head.startswith(b"PAR1"):
            return _kept(head, stream, self.at_once)
        whole = io.BufferedReader(_Again(head, stream))
        first = head.removeprefix(BOM).lstrip().partition(b"\n")[0]
        if not first:
            raise refuse("empty-file", "standard input is empty")
        if first.startswith(b"{") and _is_json(first):
            return self.lines(Text(STDIN_NAME, None, whole))
        if b":" not in first and not first.startswith((b"{", b"[", b"#", b"-")):
            return Csv(Text(STDIN_NAME, None, whole), self.at_once)
        return CaseFiles([whole.read(MOST_BYTES + 1).decode("utf-8", "replace")])


def sources(
    paths: Sequence[str], known: Iterable[str], *, extra: bool = False, at_once: int = CHUNK
) -> list[Source]:
    """The sources behind paths, in order; files of cases that follow each other are one source.

    `known` are the names a column may have; with `extra`, others are passed by. Raises Refused
    where there is nothing to read, or something that is not known.
    """
    opening = Opening(tuple(known), extra, at_once)
    found: list[Source] = []
    for path in paths:
        many = [opening.stdin()] if path == STDIN else map(opening.file, files_of(path))
        for one in many:
            last = found[-1] if found else None
            if isinstance(one, CaseFiles) and isinstance(last, CaseFiles):
                last.files += one.files
            else:
                found.append(one)
    return found


def files_of(path: str) -> list[Path]:
    """The files behind a path, a folder or a pattern, sorted. A path that is not there may be one
    of what is shipped. Raises Refused where there is none."""
    here = Path(path)
    if here.is_dir():
        return _in_folder(here)
    if here.exists():
        return [here]
    if glob.has_magic(path):
        matched = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - a pattern of the user's
        found = [file for one in map(Path, matched) for file in _or_inside(one)]
        if found:
            return found
        raise refuse("nothing-to-read", f"no file matches `{path}`")
    if not here.is_absolute() and ".." not in here.parts and shipped(path).exists():
        return _or_inside(shipped(path))
    raise refuse("no-such-file", f"there is no file `{path}`")


def _or_inside(path: Path) -> list[Path]:
    return _in_folder(path) if path.is_dir() else [path]


def _in_folder(folder: Path) -> list[Path]:
    """The cases and tables of a folder and those in it; hidden files, and what an interrupted run
    or the end of one left beside its output, are passed by."""
    found = [path for path in folder.rglob("*") if _is_input(path.relative_to(folder))]
    files = sorted(path for path in found if path.is_file())
    if not files:
        raise refuse("nothing-to-read", f"the folder `{folder}` holds no case and no table")
    return files


def _is_input(path: Path) -> bool:
    kept = path.suffix.lower() in (*CASES, *SUFFIXES) and not path.name.endswith(METADATA)
    return kept and not any(part.startswith(".") or part.endswith(PARTS) for part in path.parts)


def paths_of(some: Iterable[Source]) -> Iterator[Path]:
    """The files of sources."""
    for one in some:
        match one:
            case CaseFiles():
                yield from (file for file in one.files if isinstance(file, Path))
            case Parquet():
                yield one.path
            case CaseLines() | Csv() | JsonLines() if one.text.path:
                yield one.text.path


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _kept(head: bytes, stream: IO[bytes], at_once: int) -> Parquet:
    """A Parquet file has to be read from its end, so it is kept in a file until we leave."""
    folder = tempfile.mkdtemp(prefix="jfsrules-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    kept = Path(folder) / "stdin.parquet"
    with kept.open("wb") as file:
        file.write(head)
        while block := stream.read(2**20):
            file.write(block)
    return Parquet(STDIN_NAME, kept, at_once)


class _Again(io.RawIOBase):
    """A stream of which the head was read already."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self.head = head
        self.stream = stream

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, room: Any) -> int:
        """The next bytes."""
        block = self.head[: len(room)] or self.stream.read(len(room))
        self.head = self.head[len(block) :]
        room[: len(block)] = block
        return len(block)
