"""Files of lines: read some lines at a time, each with its number. Knows no cell and no column.

A line that is too long, or that is not text in UTF-8, is set apart, and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, TypeAlias

from jfsrules.batch.apart import Apart
from jfsrules.errors import Diagnostic, refuse

BLOCK: Final = 8 * 2**20
LONGEST: Final = 8 * 2**20
PEEKED: Final = 2**16
BOM: Final = b"\xef\xbb\xbf"
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
SHOWN: Final = 400
Lines: TypeAlias = Sequence[tuple[int, bytes]]


@dataclass(slots=True)
class Text:
    """A file of lines, or a stream of them, which can be read once only."""

    name: str
    path: Path | None = None
    stream: IO[bytes] | None = None
    _head: bytes = field(default=b"", repr=False)
    _read: int = field(default=0, repr=False)

    def head(self) -> bytes:
        """The first line that is not blank; nothing where there is none. Raises Refused."""
        if self.stream is None:
            with self._open() as file:
                start = _start(file)
        else:
            start = self._head = self._head or _start(self.stream)
        start = start.removeprefix(BOM)
        first: bytes = next((line for line in start.splitlines() if line.strip()), b"")
        if b"\0" in first or first[:2] in UTF_16 or not_text(first):
            raise refuse("not-utf-8", f"`{self.name}` is not text in UTF-8", None, SAVE)
        return first

    def lines(self, at_once: int, *, blank: bool = False) -> Iterator[Lines]:
        """The lines with their numbers, so many at a time; those that are blank only if asked for.

        Of a line that is too long there is as much as shows that it is.
        """
        number, kept, rest = 1, [], b""
        for block in self._blocks():
            end = block.rfind(b"\n") + 1 if block else 0
            if block and not end:
                rest = rest + block if len(rest) <= LONGEST else rest
                continue
            whole, rest = rest + block[:end], block[end:]
            for line in whole.splitlines(keepends=True):
                if blank or line.strip():
                    kept.append((number, line))
                number += 1
            while len(kept) >= at_once or (kept and not block):
                yield kept[:at_once]
                kept = kept[at_once:]

    def done(self) -> float:
        """The share of the file that was read."""
        size = self.path.stat().st_size if self.path else 0
        return min(1.0, self._read / size) if size else 0.0

    def _blocks(self) -> Iterator[bytes]:
        """The file in blocks, the last of them empty."""
        with self.stream or self._open() as file:
            self._read = 0
            block = self._head or file.read(BLOCK)
            first = True
            while block:
                self._read += len(block)
                yield block.removeprefix(BOM) if first else block
                first, block = False, file.read(BLOCK)
            yield b""

    def _open(self) -> IO[bytes]:
        assert self.path is not None
        try:
            return self.path.open("rb")
        except OSError as error:
            raise cannot_read(self.name, error) from None


def _start(file: IO[bytes]) -> bytes:
    """The beginning of a file, with a whole line if it is not too long."""
    start = file.read(PEEKED)
    return start if b"\n" in start.strip() else start + file.read(BLOCK)


def cannot_read(name: str, error: OSError) -> Exception:
    """The refusal of a file that cannot be opened or read."""
    reason = (error.strerror or str(error)).lower()
    return refuse("cannot-read", f"`{name}` cannot be read: {reason}")


def sorted_out(
    name: str, lines: Lines, first: int, fault: Callable[[bytes], Diagnostic | None]
) -> tuple[list[tuple[int, int, bytes]], tuple[Apart, ...]]:
    """The lines that can be read, each with its place and number, and those set apart."""
    good, apart = [], []
    for place, (number, line) in enumerate(lines, first):
        wrong = not_a_line(line) or fault(line)
        if wrong is None:
            good.append((place, number, line))
        else:
            apart.append(Apart(name, (wrong,), number, text=shown(line)))
    return good, tuple(apart)


def shown(line: bytes) -> str:
    """As much of a line as a person is shown."""
    return line[:SHOWN].decode("utf-8", "replace").rstrip("\r\n")


def not_a_line(line: bytes) -> Diagnostic | None:
    """What is wrong with a line, whatever it holds."""
    if len(line) > LONGEST:
        said = f"this line has more than {LONGEST:,} bytes"
        return Diagnostic(
            "line-too-long", said, None, "see whether a quote or a line end is missing"
        )
    return not_text(line)


def not_text(line: bytes) -> Diagnostic | None:
    """What is wrong with a line that is not UTF-8."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        said = f"this line is not text in UTF-8: the byte {line[error.start]:#04x} has no meaning"
        return Diagnostic("not-utf-8", said, None, SAVE)
    return None


def ragged(found: int, wanted: int) -> Diagnostic:
    """The diagnostic for a line with too many or too few cells."""
    said = f"this line has {found} cells, and the header has {wanted}"
    help_ = "put a cell that holds a comma in quotes" if found > wanted else "write each comma"
    return Diagnostic("ragged-line", said, None, help_)


SAVE: Final = "save the file with the encoding UTF-8"
