"""The content of a rulebook, and its digest: whatever the files, their order and comments."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from functools import cache
from typing import Any

from jfsrules.condition import Conclusion
from jfsrules.decision import Json, canonical
from jfsrules.rulebook import Rulebook


def fingerprint(book: Rulebook) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of a rulebook's content."""
    return hashlib.sha256(canonical(content(book))).hexdigest()


def content(book: Rulebook) -> dict[str, Json]:
    """Everything a decision can depend on, that of what a rulebook extends included.

    Of the citations, those that a rule or an impossible profile uses: what only dossiers cite, or
    another rulebook, is none of this one. Name and version are no part of it.
    `loading.rulebook_from_content` makes a rulebook of it again.
    """
    words = book.vocabulary
    used = {key for rule in book.rules for key in rule.cites}
    used |= {key for one in book.impossible for key in one.cites}
    return {
        "rules": {rule.id: _content(rule) for rule in book.rules},
        "own": _content(tuple(book.own)),
        "extends": _content(book.extends),
        "vocabulary": {f.name: _content(getattr(words, f.name)) for f in fields(words)},
        "group_order": {group: order for order, group in enumerate(words.groups)},
        "citations": _content({k: c for k, c in book.citations.items() if k in used}),
        "passages": _content(book.passages),
        "impossible": {one.id: _content(one) for one in book.impossible},
    }


def _content(value: Any) -> Json:
    """A value as JSON without places or examples; every list in an order of its own."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Conclusion):
        return str(value)
    if isinstance(value, tuple):
        listed = [_content(one) for one in value]
        return sorted(listed, key=canonical) if len(listed) > 1 else listed
    if isinstance(value, Mapping):
        return {str(key): _content(one) for key, one in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    kind: Any = type(value)
    return {kind.__name__.lower(): {n: _content(getattr(value, n)) for n in _names(kind)}}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass that are part of its content."""
    return tuple(field.name for field in fields(kind) if field.compare)
