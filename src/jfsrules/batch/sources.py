"""What paths, folders, patterns and standard input stand for: files of cases, and tables."""

from __future__ import annotations

import glob
import io
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from jfsrules.batch.reading import SUFFIXES, Parquet, Table
from jfsrules.batch.texts import Csv, JsonLines, Text
from jfsrules.errors import refuse
from jfsrules.loading.reading import STDIN_NAME
from jfsrules.shipped import shipped

STDIN: Final = "-"
CASES: Final = (".yaml", ".yml", ".json")
PEEKED: Final = 2**16


@dataclass(slots=True)
class CaseFiles:
    """Files with one case each: profiles and dossiers, in YAML or JSON."""

    files: list[Path | str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What they are called together."""
        return str(self.files[0]) if len(self.files) == 1 else f"{len(self.files):,} case files"


@dataclass(slots=True)
class CaseLines:
    """A file with one profile a line, as JSON."""

    text: Text
    first: bytes

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.text.name


Source: TypeAlias = CaseFiles | CaseLines | Table


def sources(paths: Sequence[str], known: Iterable[str]) -> list[Source]:
    """The sources behind paths, in order; files of cases that follow each other are one source.

    `known` are the names a column may have. Raises Refused where there is nothing to read.
    """
    names = tuple(known)
    found: list[Source] = []
    for path in paths or [str(shipped("cases", "partners"))]:
        for one in _sources(path, names):
            last = found[-1] if found else None
            if isinstance(one, CaseFiles) and isinstance(last, CaseFiles):
                last.files += one.files
            else:
                found.append(one)
    return found


def _sources(path: str, known: tuple[str, ...]) -> Iterator[Source]:
    if path == STDIN:
        yield from _stdin(known)
        return
    for file in _files(path):
        kind = SUFFIXES.get(file.suffix.lower())
        if kind == "parquet":
            yield Parquet(str(file), file)
        elif kind == "csv":
            yield Csv(Text(str(file), file))
        elif kind == "jsonl":
            yield _lines(Text(str(file), file), known)
        elif file.suffix.lower() in CASES:
            yield CaseFiles([file])
        else:
            raise refuse(
                "unknown-format",
                f"what `{file}` holds cannot be told from its name",
                None,
                "a case ends in `.yaml` or `.json`, a table in `.csv`, `.jsonl` or `.parquet`",
            )


def _files(path: str) -> list[Path]:
    """The files behind a path, a folder or a pattern, sorted. A path that is not there may be one
    of what is shipped."""
    here = Path(path)
    if not here.exists() and not glob.has_magic(path) and shipped(path).exists():
        here = shipped(path)
    if here.is_dir():
        found = [p for p in here.rglob("*") if p.suffix.lower() in (*CASES, *SUFFIXES)]
        if found:
            return sorted(found)
        raise refuse("nothing-to-read", f"the folder `{path}` holds no case and no table")
    if here.exists():
        return [here]
    if glob.has_magic(path):
        matched = sorted(Path(one) for one in glob.glob(path, recursive=True))  # noqa: PTH207
        if matched:
            return [
                file for one in matched for file in (_files(str(one)) if one.is_dir() else [one])
            ]
        raise refuse("nothing-to-read", f"no file matches `{path}`")
    raise refuse("no-such-file", f"there is no file `{path}`")


def _lines(text: Text, known: tuple[str, ...]) -> Source:
    """Lines of JSON: profiles where the first has `facts`, else rows of a table."""
    table = JsonLines(text, known)
    if "facts" in table.schema():
        return CaseLines(text, table.first)
    return table


def _stdin(known: tuple[str, ...]) -> Iterator[Source]:
    """What standard input holds, told from how it begins."""
    if sys.stdin is None:
        raise refuse("cannot-read", "standard input is closed")
    stream = sys.stdin.buffer
    head = stream.read(PEEKED)
    if head.startswith(b"PAR1"):
        yield _kept(head, stream)
        return
    whole = io.BufferedReader(_Again(head, stream))
    text = Text(STDIN_NAME, None, whole)
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:PEEKED].partition(b"\n")[0]
    if first.startswith(b"{") and _is_json(first):
        yield _lines(text, known)
    elif b"partner" in first and b":" not in first and not first.startswith((b"{", b"[")):
        yield Csv(text)
    elif not head.strip():
        raise refuse("empty-file", "standard input is empty")
    else:
        yield CaseFiles([whole.read().decode("utf-8", "replace")])


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _kept(head: bytes, stream: IO[bytes]) -> Parquet:
    """A Parquet file has to be read from its end, so it is kept in a file first."""
    kept = Path(tempfile.mkdtemp(prefix="jfsrules-")) / "stdin.parquet"
    with kept.open("wb") as file:
        file.write(head)
        while block := stream.read(2**20):
            file.write(block)
    return Parquet(STDIN_NAME, kept)


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
