"""Merkle trees as in RFC 6962: one root for many leaves, and a short proof that one is among them.

A leaf and an inner node are hashed apart, so that neither can pass for the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

LEAF: Final = b"\x00"
NODE: Final = b"\x01"
EMPTY: Final = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256


def leaf(body: bytes) -> bytes:
    """The hash of one leaf."""
    return _sha256(LEAF + body).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over the hashes of leaves.

    >>> root([leaf(b"a")]) == leaf(b"a")
    True
    """
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else EMPTY


def path(leaves: Sequence[bytes], at: int) -> tuple[bytes, ...]:
    """The hashes that lead from one leaf up to the root.

    >>> leaves = [leaf(bytes([n])) for n in range(5)]
    >>> all(root_by(leaves[n], n, 5, path(leaves, n)) == root(leaves) for n in range(5))
    True
    """
    found: list[bytes] = []
    level = list(leaves)
    while len(level) > 1:
        beside = at ^ 1
        if beside < len(level):
            found.append(level[beside])
        level = _above(level)
        at //= 2
    return tuple(found)


def root_by(one: bytes, at: int, count: int, proof: Sequence[bytes]) -> bytes:
    """The root that a path leads to from the leaf at place `at` of `count`; ValueError where there
    is no such place, or the path has not the length it must have."""
    if not 0 <= at < count:
        raise ValueError("the place lies outside the tree")
    rest = iter(proof)
    while count > 1:
        if at ^ 1 < count:
            beside = next(rest, None)
            if beside is None:
                raise ValueError("the inclusion proof is too short")
            one = _sha256(NODE + beside + one if at & 1 else NODE + one + beside).digest()
        at, count = at // 2, (count + 1) // 2
    if next(rest, None) is not None:
        raise ValueError("the inclusion proof is too long")
    return one


def _above(level: Sequence[bytes]) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [_sha256(NODE + one + other).digest() for one, other in pairs]
    if len(level) % 2:
        above.append(level[-1])
    return above
