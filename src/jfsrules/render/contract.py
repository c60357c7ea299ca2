"""The JSON form of a decision as a JSON Schema: the contract that outside programs rely on.

Generated from the classes of `decision`, so that the two cannot differ.
"""

from __future__ import annotations

from typing import Any, Final

from jfsrules.advice import ADVICE
from jfsrules.decision import SCHEMA, Decision, Json
from jfsrules.tier import SCOPE
from jfsrules.vocabulary import STATES

CLOSED: Final[dict[tuple[str, str], list[Json]]] = {
    ("Decision", "schema"): [SCHEMA],
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
    from pydantic import TypeAdapter

    drawn = TypeAdapter(Decision).json_schema(mode="serialization")
    parts: dict[str, Json] = {k: _part(k, part) for k, part in drawn.pop("$defs").items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        **_part("Decision", drawn),
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
