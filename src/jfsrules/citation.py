"""Where a claim comes from: a document anyone can look up, or a clause of the page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from jfsrules.span import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class Citation:
    """A public document: who published it, when, and where in it to look."""

    id: str
    document: str
    publisher: str | None = None
    date: str | None = None
    locator: str | None = None
    address: str | None = None
    note: str | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Passage:
    """One clause of the page: where its words stand, their digest, and our paraphrase.

    `start` and `end` are positions in characters; `digest` is the first 16 hexadecimal digits of
    the SHA-256 of the words in UTF-8, one plain space between them. `frame` says why no rule can
    carry the clause alone.
    """

    id: str
    heading: str
    start: int
    end: int
    digest: str
    says: str
    modality: str | None = None
    frame: str | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    def matches(self, page: str) -> bool:
        """Whether the words at this place of `page` are the ones we read."""
        return digest(page[self.start : self.end]) == self.digest

    def stands_at(self, page: str) -> tuple[int, int] | None:
        """Where in `page` the words we read stand, as start and end; None if they are not there."""
        length = self.end - self.start
        for start in range(len(page) - length + 1):
            if digest(page[start : start + length]) == self.digest:
                return start, start + length
        return None


def digest(words: str) -> str:
    """The 16 digits by which a passage's words are known, however they are spaced.

    >>> digest("legal agreements")[:4], digest("legal  agreements")[:4]
    ('83d2', '83d2')
    """
    return hashlib.sha256(" ".join(words.split()).encode()).hexdigest()[:16]
