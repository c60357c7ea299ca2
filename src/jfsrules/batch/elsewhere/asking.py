"""What a batch gives to another engine: its paths as files of one kind, and days, partners and
stated facts as terms. Knows no engine but by its dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from jfsrules.batch.elsewhere.engine import Engine, Files
from jfsrules.batch.reading import SUFFIXES, Kind
from jfsrules.batch.sources import CaseFiles, CaseLines, Source, sources
from jfsrules.errors import refuse
from jfsrules.loading.reading import STDIN

REMOTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
Asked = CaseFiles | CaseLines | Files


def asked(
    paths: Sequence[str], known: Sequence[str], engine: Engine, *, extra: bool = False
) -> list[Asked]:
    """What the paths hold, tables with the same columns together. `known` are the names that lines
    of JSON may use; with `extra` others are passed by. Raises Refused."""
    found: list[Asked] = []
    near = [path for path in paths if not REMOTE.match(path)]
    if STDIN in near:
        raise refuse(
            "cannot-read",
            f"standard input cannot be read by `{engine.name}`",
            None,
            "name a file, or take the engine `polars`",
        )
    for path in paths:
        if REMOTE.match(path):
            _joined(found, _far(path, known, engine, extra=extra))
    for one in sources(near, known, extra=extra):
        _joined(found, _near(one, known, extra=extra))
    return found


def _joined(found: list[Asked], one: Asked) -> None:
    for number, other in enumerate(found):
        if (
            isinstance(one, Files)
            and isinstance(other, Files)
            and (one.kind, dict(one.head)) == (other.kind, dict(other.head))
            and one.separator == other.separator
        ):
            found[number] = replace(other, paths=(*other.paths, *one.paths))
            return
    found.append(one)


def _near(source: Source, known: Sequence[str], *, extra: bool) -> Asked:
    if isinstance(source, CaseFiles | CaseLines):
        return source
    return _files(source.name, _kind(source.name), source.schema(), known, extra=extra)


def _far(path: str, known: Sequence[str], engine: Engine, *, extra: bool) -> Files:
    return _files(path, _kind(path), engine.schema(path), known, extra=extra)


def _files(
    path: str,
    kind: Kind,
    schema: Mapping[str, pl.DataType],
    known: Sequence[str],
    *,
    extra: bool,
) -> Files:
    """A file with its columns; lines of JSON may have any that is known."""
    whole = schema
    if kind == "jsonl":
        whole = dict.fromkeys([*(() if extra else schema), *known], pl.String())
    between = "\t" if ".tsv" in path.lower() else ","
    return Files(kind, (path,), whole, between, extra, schema)


def _kind(path: str) -> Kind:
    """What the name of a file or folder says it holds. Raises Refused."""
    bare = re.sub(r"/(\*|part-\*)?$", "", path).lower()
    found = next((kind for end, kind in SUFFIXES.items() if bare.endswith(end)), None)
    if found is None:
        raise refuse(
            "unknown-format",
            f"what `{path}` holds cannot be told from its name",
            None,
            "a table ends in `.csv`, `.jsonl` or `.parquet`, a folder of its parts too",
        )
    return found


def inputs_of(some: Sequence[Asked]) -> Iterator[str]:
    """The paths of all that is read."""
    for one in some:
        match one:
            case Files():
                yield from one.paths
            case CaseFiles():
                yield from map(str, one.files)
            case CaseLines():
                yield one.name


def whole_address(path: str) -> str:
    """An address with both its slashes, of which a path would keep one.

    >>> whole_address("hdfs:/host/out.parquet"), whole_address("out.parquet")
    ('hdfs://host/out.parquet', 'out.parquet')
    """
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]+):/(?!/)", r"\1://", path)
