"""Decisions of a batch, gathered in a temporary file until they are appended together."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import IO, Final, Self

from jfsrules.audit.store import pack

IN_MEMORY: Final = 16 * 2**20
FRAME: Final = struct.Struct(">32sI")
WIDTH: Final = 32


class Spool:
    """Records and documents on their way into a ledger; each document once."""

    def __init__(self) -> None:
        self._records: IO[bytes] = _aside()
        self._documents: IO[bytes] = _aside()
        self._hashes = bytearray()
        self._seen: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._records.close()
        self._documents.close()

    def record(self, body: bytes, leaf: bytes) -> None:
        """Take one record, and its hash."""
        self._records.write(FRAME.pack(leaf, len(body)) + body)
        self._hashes += leaf

    def documents(self, bodies: Mapping[str, bytes]) -> None:
        """Take documents, by digest."""
        for digest, body in bodies.items():
            self.document(digest, body)

    def document(self, digest: str, body: bytes) -> None:
        """Take one document, unless it was taken before."""
        if digest not in self._seen:
            self._seen.add(digest)
            packed = pack(body)
            self._documents.write(FRAME.pack(bytes.fromhex(digest), len(packed)) + packed)

    @property
    def leaves(self) -> Iterator[bytes]:
        """The hashes of all records, in order."""
        hashes = bytes(self._hashes)
        return (hashes[at : at + WIDTH] for at in range(0, len(hashes), WIDTH))

    def records(self) -> Iterator[bytes]:
        """The records, in order."""
        return (body for _, body in _frames(self._records))

    def packed(self) -> Iterator[tuple[str, bytes]]:
        """The documents, packed, by digest."""
        return ((digest.hex(), body) for digest, body in _frames(self._documents))


def _aside() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(IN_MEMORY)


def _frames(spooled: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    spooled.seek(0)
    while head := spooled.read(FRAME.size):
        digest, size = FRAME.unpack(head)
        yield digest, spooled.read(size)
