"""The digest of a rulebook: of its content, whatever the files, their order and comments."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from jfsrules.citation import Citation, Passage
from jfsrules.decision import Json, canonical
from jfsrules.rulebook import Impossible, Rule
from jfsrules.vocabulary import Vocabulary


def fingerprint(  # noqa: PLR0917 - a rulebook is made of these six
    rules: Iterable[Rule],
    vocabulary: Vocabulary,
    citations: Mapping[str, Citation],
    passages: Mapping[str, Passage],
    impossible: Iterable[Impossible],
    extends: Iterable[str],
) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of everything a decision can depend on."""
    content: Json = {
        "rules": {rule.id: _content(rule) for rule in rules},
        "vocabulary": {f.name: _content(getattr(vocabulary, f.name)) for f in fields(vocabulary)},
        "group_order": {group: order for order, group in enumerate(vocabulary.groups)},
        "citations": _content(citations),
        "passages": _content(passages),
        "impossible": {one.id: _content(one) for one in impossible},
        "extends": _content(tuple(extends)),
    }
    return hashlib.sha256(canonical(content)).hexdigest()


def _content(value: Any) -> Json:
    """A value as JSON without places or examples; every list in an order of its own."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _content(one) for key, one in value.items()}
    if is_dataclass(value):
        body: dict[str, Json] = {
            f.name: _content(getattr(value, f.name)) for f in fields(value) if f.compare
        }
        return {type(value).__name__.lower(): body}
    if isinstance(value, tuple):
        return sorted((_content(one) for one in value), key=canonical)
    return value  # type: ignore[no-any-return]
