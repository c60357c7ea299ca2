"""Bytes to a document: sizes and encodings first, then YAML or JSON. Knows no shape."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Final

from jfsrules.errors import refuse
from jfsrules.loading.json_text import NotJson, not_json, read_json
from jfsrules.loading.tree import Document
from jfsrules.loading.yaml_text import read_yaml
from jfsrules.span import Source, Span

MOST_BYTES: Final = 8 * 2**20
STDIN: Final = "-"
STDIN_NAME: Final = "standard input"


def read_file(path: Path) -> Document:
    """Read a YAML or JSON file; raises Refused for whatever is not one."""
    return read_source(Source(str(path), decoded(_bytes(path), str(path))))


def read_stdin() -> Document:
    """Read YAML or JSON from standard input."""
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    return read_source(Source(STDIN_NAME, decoded(raw, STDIN_NAME)))


def read_text(text: str, name: str = "text") -> Document:
    """Read YAML or JSON that is at hand as text."""
    raw = text.encode("utf-8", "surrogatepass")
    return read_source(Source(name, decoded(raw, name)))


def read_source(source: Source) -> Document:
    """Read a text: strictly as JSON where its name ends in `.json`, else as JSON or YAML."""
    text = source.text
    if not text.strip():
        raise refuse("empty-file", f"`{source.name}` is empty", Span(source, 1, 1, 1, 1), EMPTY)
    if source.name.endswith(".json") or text.lstrip()[:1] in ("{", "["):
        try:
            return read_json(source)
        except NotJson as error:
            if source.name.endswith(".json"):
                raise not_json(error, source) from None
    document = read_yaml(source)
    if document.value is None:
        raise refuse(
            "empty-file", f"`{source.name}` holds no value", Span(source, 1, 1, 1, 1), EMPTY
        )
    return document


EMPTY: Final = "`jfsrules new profile` writes a template to begin with"


def _bytes(path: Path) -> bytes:
    """What a file holds. A file that is too large is refused before it is read."""
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise refuse("cannot-read", f"`{path}` is a folder, not a file")
        if about.st_size > MOST_BYTES:
            raise _too_large(str(path), about.st_size)
        with path.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise refuse("no-such-file", f"there is no file `{path}`") from None
    except (OSError, ValueError) as error:
        reason = (
            os.strerror(error.errno).lower()
            if isinstance(error, OSError) and error.errno
            else "bad name"
        )
        raise refuse("cannot-read", f"`{path}` cannot be read: {reason}") from None


def decoded(raw: bytes, name: str) -> str:
    """Bytes as text; raises Refused for too many of them, binary files, other encodings."""
    if len(raw) > MOST_BYTES:
        raise _too_large(name, None)
    if b"\0" in raw:
        at = f" (a zero byte at position {raw.index(0)})"
        raise refuse(
            "binary-file",
            f"`{name}` is a binary file{at}",
            None,
            "give YAML or JSON as text in UTF-8",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refuse(
            "not-utf-8",
            f"line {line} of `{name}` is not text in UTF-8",
            None,
            "save the file with the encoding UTF-8",
        ) from None


def _too_large(name: str, size: int | None):  # type: ignore[no-untyped-def]
    is_of = f"has {size:,} bytes" if size else "has more bytes"
    return refuse(
        "too-large",
        f"`{name}` {is_of} than the {MOST_BYTES // 2**20} MiB a file may have"
        if not size
        else f"`{name}` {is_of}, more than the {MOST_BYTES // 2**20} MiB a file may have",
        None,
        "give one case, or one subject, a file",
    )
