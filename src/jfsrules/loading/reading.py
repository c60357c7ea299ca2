"""Bytes to a document: sizes and encodings first, then YAML or JSON. Knows no shape."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Final

from jfsrules.errors import Refused, refuse
from jfsrules.loading.json_text import NotJson, not_json, read_json
from jfsrules.loading.tree import Document
from jfsrules.loading.yaml_text import read_yaml
from jfsrules.span import Source, Span

MOST_BYTES: Final = 8 * 2**20
STDIN: Final = "-"
STDIN_NAME: Final = "standard input"


def read_file(path: Path) -> Document:
    """Read a YAML or JSON file; raises Refused for whatever is not one."""
    return read_source(_source(str(path), _bytes(path)))


def read_words(path: Path) -> str:
    """Read a file as plain text, whatever it says; raises Refused where it is not text."""
    return decoded(_bytes(path), str(path))


def read_stdin() -> Document:
    """Read YAML or JSON from standard input."""
    if sys.stdin is None:
        raise refuse("cannot-read", "standard input is closed")
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    return read_source(_source(STDIN_NAME, raw))


def read_text(text: str, name: str = "text") -> Document:
    """Read YAML or JSON that is at hand as text."""
    raw = text.encode("utf-8", "surrogatepass")
    return read_source(_source(name, raw))


def _source(name: str, raw: bytes) -> Source:
    """A text with lines that end alike, so that places do not depend on where it was written."""
    return Source(name, decoded(raw, name).replace("\r\n", "\n").replace("\r", "\n"))


def read_source(source: Source) -> Document:
    """Read a text: strictly as JSON where its name ends in `.json`, else as JSON or YAML."""
    text = source.text
    if not text.strip():
        raise _empty(source, "is empty")
    if source.name.endswith(".json") or text.lstrip()[:1] in ("{", "["):
        try:
            return read_json(source)
        except NotJson as error:
            if source.name.endswith(".json"):
                raise not_json(error, source) from None
    document = read_yaml(source)
    if document.value is None:
        raise _empty(source, "holds no value")
    return document


def _bytes(path: Path) -> bytes:
    """What a file holds. A file that is too large is refused before it is read."""
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise refuse("cannot-read", f"`{path}` is a folder, not a file")
        if about.st_size > MOST_BYTES:
            raise _too_large(str(path), f"has {about.st_size:,} bytes")
        with path.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise refuse("no-such-file", f"there is no file `{path}`") from None
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        reason = os.strerror(number).lower() if number else "no file can have such a name"
        raise refuse("cannot-read", f"`{path}` cannot be read: {reason}") from None


def decoded(raw: bytes, name: str) -> str:
    """Bytes as text; raises Refused for too many of them, binary files, other encodings."""
    if len(raw) > MOST_BYTES:
        raise _too_large(name, f"has more than {MOST_BYTES:,} bytes")
    if b"\0" in raw:
        raise refuse(
            "binary-file",
            f"`{name}` is a binary file: its byte {raw.index(0) + 1:,} is zero",
            _top(Source(name, "")),
            "give YAML or JSON, as text in UTF-8",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _other_encoding(raw, name, error.start) from None


def _other_encoding(raw: bytes, name: str, at: int) -> Refused:
    source = Source(name, raw.decode("utf-8", "replace"))
    before = raw[:at].decode("utf-8", "replace")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return refuse(
        "not-utf-8",
        f"`{name}` is not text in UTF-8: the byte {raw[at]:#04x} has no meaning here",
        Span(source, line, column, line, column + 1),
        "save the file with the encoding UTF-8",
    )


def _too_large(name: str, size: str) -> Refused:
    return refuse(
        "too-large",
        f"`{name}` {size}; a file may have {MOST_BYTES:,}",
        _top(Source(name, "")),
        "give one case, or one subject, a file",
    )


def _empty(source: Source, words: str) -> Refused:
    help_ = "`jfsrules new profile` writes a template to begin with"
    return refuse("empty-file", f"`{source.name}` {words}", _top(source), help_)


def _top(source: Source) -> Span:
    return Span(source, 1, 1, 1, 1)
