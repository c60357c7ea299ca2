"""The JSON forms of answers as JSON Schemas: the contracts that outside programs rely on.

Generated from the classes of the answers, so that the two cannot differ.
"""

from __future__ import annotations

from typing import Any, Final

from jfsrules.advice import ADVICE
from jfsrules.decision import SCHEMA, Decision, Json
from jfsrules.tier import SCOPE
from jfsrules.vocabulary import STATES

CLOSED: Final[dict[tuple[str, str], list[Json]]] = {
    ("Decision", "schema"): [SCHEMA],
    ("Comparison", "schema"): ["jfsrules/comparison/1"],
    ("Timeline", "schema"): ["jfsrules/timeline/1"],
    ("Decision", "engine"): ["rete", "reference"],
    ("Decision", "out_of_scope"): [*(reason for reason, _ in SCOPE), None],
    ("Track", "advice"): list(ADVICE),
    ("Track", "state"): [*STATES, None],
}


def decision_schema() -> dict[str, Json]:
    """The JSON Schema of a decision; every key is required, and there is no other.

    >>> decision_schema()["$id"]
    'jfsrules/decision/1'
    """
    return _contract(Decision, SCHEMA)


def comparison_schema() -> dict[str, Json]:
    """The JSON Schema of two decisions side by side."""
    from jfsrules import compare

    return _contract(compare.Comparison, compare.SCHEMA)


def timeline_schema() -> dict[str, Json]:
    """The JSON Schema of a timeline."""
    from jfsrules import timeline

    return _contract(timeline.Timeline, timeline.SCHEMA)


def _contract(kind: type, name: str) -> dict[str, Json]:
    from pydantic import TypeAdapter

    drawn = TypeAdapter(kind).json_schema(mode="serialization")
    parts: dict[str, Json] = {k: _part(k, part) for k, part in drawn.pop("$defs").items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": name,
        **_part(kind.__name__, drawn),
        "$defs": parts,
    }


def _part(name: str, part: dict[str, Any]) -> dict[str, Json]:
    """One class: names as JSON writes them, every one required, closed values named."""
    keys = {key.rstrip("_"): _key(name, key, value) for key, value in part["properties"].items()}
    return {
        "title": name,
        "description": part["description"],
        "type": "object",
        "properties": keys,
        "required": list(keys),
        "additionalProperties": False,
    }


def _key(name: str, key: str, value: dict[str, Any]) -> dict[str, Any]:
    if (name, key) in CLOSED:
        return {"enum": CLOSED[name, key]}
    return {word: what for word, what in value.items() if word not in ("title", "default")}
