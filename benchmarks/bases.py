"""A rule base as JSON that every engine can be given, and cases for it, from a fixed seed.

The base uses no more than all engines can say: enums, flags and days, compared; *all*, *any*,
*not*; rules that read what rules of an earlier stratum concluded; and a tier, the first of some
conclusions that holds. It is written as

    {"fields": {"level_0": ["none", "low"], "flag_0": "flag", "day_0": "day"},
     "rules": [{"id": "r000", "concludes": "derived:d0", "when": CONDITION}],
     "tier": [["out_of_scope", CONDITION], ["near", CONDITION]], "otherwise": "none"}

where a condition is `{"all": [...]}`, `{"any": [...]}`, `{"not": ...}`, `{"reads": CONCLUSION}` or
`{"field": F, "op": "eq|ne|in|not_in|le|gt", "value": V}`, days written `2014-06-27`. An answer is
the tier and the set of rules that fired; what was concluded follows from these.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any, NamedTuple

import numpy as np

Condition = dict[str, Any]
Case = dict[str, Any]
LEVELS = ("none", "low", "middle", "high")
GROUPS = ("enlargement", "neighbourhood", "strategic_partner")
FIRST, DAYS = date(2004, 1, 1), 8_000
ENUMS, FLAGS, DATES = 16, 17, 6
OPPOSITE = {"eq": "ne", "ne": "eq", "in": "not_in", "not_in": "in", "le": "gt", "gt": "le"}


class Answer(NamedTuple):
    """What an engine says of one case."""

    tier: str
    fired: frozenset[str]


@dataclass(frozen=True)
class Base:
    """A rule base, read from its JSON."""

    text: str
    fields: dict[str, Any]
    rules: list[dict[str, Any]]
    tier: list[tuple[str, Condition]]
    otherwise: str

    @property
    def strata(self) -> list[list[dict[str, Any]]]:
        """Rules that read nothing, rules that read those, and so on."""
        level: dict[str, int] = {}
        found: list[list[dict[str, Any]]] = []
        for rule in self.rules:
            own = max((level[c] + 1 for c in reads(rule["when"])), default=0)
            level[rule["concludes"]] = max(own, level.get(rule["concludes"], 0))
        for rule in self.rules:
            at = level[rule["concludes"]]
            found += [[] for _ in range(at + 1 - len(found))]
            found[at].append(rule)
        return found

    @property
    def conclusions(self) -> dict[str, list[str]]:
        """The rules of each conclusion."""
        found: dict[str, list[str]] = {}
        for rule in self.rules:
            found.setdefault(rule["concludes"], []).append(rule["id"])
        return found


def base(rules: int, seed: int = 3) -> Base:
    """The base with so many rules."""
    words = json.dumps(_drawn(rules, random.Random(seed)), indent=1)
    raw = json.loads(words)
    tier = [(name, condition) for name, condition in raw["tier"]]
    return Base(words, raw["fields"], raw["rules"], tier, raw["otherwise"])


def _drawn(count: int, draw: random.Random) -> dict[str, Any]:
    fields: dict[str, Any] = {"eu_member": "flag"}
    fields |= {f"level_{n}": list(LEVELS) for n in range(ENUMS)}
    fields |= {f"flag_{n}": "flag" for n in range(FLAGS)}
    fields |= {f"day_{n}": "day" for n in range(DATES)}
    free = [name for name in fields if name != "eu_member"]
    test = lambda: _test(draw, draw.choice(free), fields)  # noqa: E731
    derived, groups = max(2, count // 20), max(3, count // 16)
    rules: list[tuple[str, Condition]] = [
        (f"derived:d{n}", {"any": [test(), {"all": [test(), test()]}]}) for n in range(derived)
    ]
    for n in range(groups):
        read = {"reads": f"derived:d{draw.randrange(derived)}"}
        rules.append((f"group:{GROUPS[n % 3]}", {"all": [read if n % 2 else test(), test()]}))
    areas = max(6, count // 4)
    for n in range(count - len(rules)):
        read = {"reads": f"group:{draw.choice(GROUPS)}"}
        other = {"reads": f"derived:d{draw.randrange(derived)}"}
        shapes: list[Condition] = [
            {"all": [read, test()]},
            {"all": [read, test(), test()]},
            {"all": [{"any": [read, other]}, test(), {"not": {"all": [test(), test()]}}]},
            {"any": [{"all": [read, test(), test()]}, {"all": [other, test()]}]},
            {"all": [test(), {"not": {"any": [test(), other]}}]},
        ]
        rules.append((f"focus:area_{n % areas}", shapes[n % len(shapes)]))
    return {
        "fields": fields,
        "rules": [
            {"id": f"r{n:03}", "concludes": concludes, "when": when}
            for n, (concludes, when) in enumerate(rules)
        ],
        "tier": [
            ["out_of_scope", {"field": "eu_member", "op": "eq", "value": True}],
            *([group, {"reads": f"group:{group}"}] for group in GROUPS),
        ],
        "otherwise": "none",
    }


def _test(draw: random.Random, field: str, fields: dict[str, Any]) -> Condition:
    match fields[field]:
        case "flag":
            return {"field": field, "op": "eq", "value": draw.random() < 0.6}
        case "day":
            day = FIRST + timedelta(draw.randrange(DAYS // 4, DAYS * 3 // 4))
            return {"field": field, "op": draw.choice(["le", "gt"]), "value": day.isoformat()}
        case levels:
            op = draw.choice(["eq", "ne", "in"])
            some = sorted(draw.sample(levels, 2))
            return {"field": field, "op": op, "value": some if op == "in" else some[0]}


# --- reading conditions ------------------------------------------------------------------------


def reads(condition: Condition) -> list[str]:
    """The conclusions a condition reads."""
    match condition:
        case {"all": parts} | {"any": parts}:
            return [one for part in parts for one in reads(part)]
        case {"not": part}:
            return reads(part)
        case {"reads": conclusion}:
            return [conclusion]
    return []


def folded(  # noqa: PLR0917 - a word for each shape
    condition: Condition,
    leaf: Callable[[str, str, Any], Any],
    read: Callable[[str], Any],
    every: Callable[[list[Any]], Any],
    some: Callable[[list[Any]], Any],
    opposite: Callable[[Any], Any],
) -> Any:
    """A condition in another language, from the leaves up."""
    fold = lambda part: folded(part, leaf, read, every, some, opposite)  # noqa: E731
    match condition:
        case {"all": parts}:
            return every([fold(part) for part in parts])
        case {"any": parts}:
            return some([fold(part) for part in parts])
        case {"not": part}:
            return opposite(fold(part))
        case {"reads": conclusion}:
            return read(conclusion)
    return leaf(condition["field"], condition["op"], condition["value"])


def positive(condition: Condition, wanted: bool = True) -> Condition:
    """The same condition with its negations pushed down; `{"reads": C, "wanted": False}` is left."""
    match condition:
        case {"all": parts}:
            return {"all" if wanted else "any": [positive(part, wanted) for part in parts]}
        case {"any": parts}:
            return {"any" if wanted else "all": [positive(part, wanted) for part in parts]}
        case {"not": part}:
            return positive(part, not wanted)
        case {"reads": conclusion}:
            return {"reads": conclusion, "wanted": condition.get("wanted", True) is wanted}
    return condition if wanted else {**condition, "op": OPPOSITE[condition["op"]]}


def alternatives(condition: Condition) -> list[list[Condition]]:
    """The leaves that together make a condition true, one list for each way."""
    match positive(condition):
        case {"all": parts}:
            crossed = product(*(alternatives(part) for part in parts))
            return [[leaf for some in one for leaf in some] for one in crossed]
        case {"any": parts}:
            return [one for part in parts for one in alternatives(part)]
        case leaf:
            return [[leaf]]


# --- cases -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Table:
    """Cases as arrays: a code for each level, a flag, or a day; and where they are unknown."""

    base: Base
    columns: dict[str, np.ndarray]
    unknown: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.columns["eu_member"])

    def case(self, row: int) -> Case:
        """One row as plain values: text, bool, date; None where unknown."""
        return {name: self._value(name, row) for name in self.columns}

    def _value(self, name: str, row: int) -> Any:
        if name in self.unknown and self.unknown[name][row]:
            return None
        value = self.columns[name][row]
        match self.base.fields[name]:
            case "flag":
                return bool(value)
            case "day":
                return value.item()
            case levels:
                return levels[value]


def table(base: Base, rows: int, unknown: float = 0.0, seed: int = 7) -> Table:
    """So many random cases, with that share of the values unknown."""
    draw = np.random.default_rng(seed)
    columns: dict[str, np.ndarray] = {}
    for name, kind in base.fields.items():
        match kind:
            case "flag":
                share = 0.05 if name == "eu_member" else 0.5
                columns[name] = draw.random(rows, dtype=np.float32) < share
            case "day":
                after = draw.integers(0, DAYS, rows, dtype=np.int32)
                columns[name] = np.datetime64(FIRST) + after.astype("timedelta64[D]")
            case levels:
                columns[name] = draw.integers(0, len(levels), rows, dtype=np.uint8)
    gaps = {name: draw.random(rows, dtype=np.float32) < unknown for name in columns}
    return Table(base, columns, gaps if unknown else {})


# --- the answers to compare with ----------------------------------------------------------------


def answers(base: Base, cases: Sequence[Case]) -> list[Answer]:
    """What the base says of each case: certainly true, in three values, read rule by rule."""
    return [_answer(base, case) for case in cases]


def _answer(base: Base, case: Case) -> Answer:
    concluded: dict[str, bool | None] = {}
    fired = set()
    for stratum in base.strata:
        settled: dict[str, list[bool | None]] = {}
        for rule in stratum:
            holds = _holds(rule["when"], case, concluded)
            settled.setdefault(rule["concludes"], []).append(holds)
            if holds:
                fired.add(rule["id"])
        concluded |= {name: _some(values) for name, values in settled.items()}
    for name, condition in base.tier:
        holds = _holds(condition, case, concluded)
        if holds is not False:
            return Answer(name if holds else "undetermined", frozenset(fired))
    return Answer(base.otherwise, frozenset(fired))


def _holds(condition: Condition, case: Case, concluded: dict[str, bool | None]) -> bool | None:
    return folded(
        condition,
        lambda field, op, value: passes(case[field], op, value),
        concluded.__getitem__,
        lambda values: _not(_some([_not(one) for one in values])),
        _some,
        _not,
    )


def passes(value: Any, op: str, other: Any) -> bool | None:
    """Whether a value passes a test; unknown where the value is."""
    if value is None:
        return None
    if isinstance(value, date):
        value = value.isoformat()
    match op:
        case "eq":
            return value == other
        case "ne":
            return value != other
        case "in":
            return value in other
        case "not_in":
            return value not in other
        case "le":
            return value <= other
        case _:
            return value > other


def _some(values: list[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value
