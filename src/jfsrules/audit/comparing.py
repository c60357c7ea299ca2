"""Two logged decisions side by side: facts, rules, and conclusions by what made them differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jfsrules.audit.bundles import At
from jfsrules.audit.documents import Raw, as_written
from jfsrules.audit.ledger import Ledger
from jfsrules.audit.reading import decision_from
from jfsrules.audit.replaying import Replayer
from jfsrules.compare import Difference, differences
from jfsrules.decision import Decision, Json, plain


@dataclass(frozen=True, slots=True)
class Moved:
    """What is not the same on both sides: a fact's indicator, or a rule, with what it was and is."""

    name: str
    one: Json
    other: Json


@dataclass(frozen=True, slots=True)
class Cause:
    """The steps at which two answers part, on each side, and the lines that differ for it."""

    because: tuple[tuple[str, ...], tuple[str, ...]]
    lines: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two decisions of a ledger, and all that differs between them."""

    places: tuple[At, At]
    decisions: tuple[Decision, Decision]
    facts: tuple[Moved, ...]
    rules: tuple[Moved, ...]
    causes: tuple[Cause, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.facts or self.rules or self.causes)

    def to_json(self) -> dict[str, Json]:
        """Everything, ready for `json.dumps`; of the decisions, their digests."""
        return {
            "schema": "jfsrules/audit-diff/1",
            "decisions": [
                {
                    "at": str(at),
                    "partner": one.partner.code,
                    "as_of": one.as_of,
                    "digest": one.digest(),
                }
                for at, one in zip(self.places, self.decisions, strict=True)
            ],
            "facts": plain(self.facts),
            "rules": plain(self.rules),
            "causes": plain(self.causes),
        }


def compare(ledger: Ledger, one: At, other: At) -> Compared:
    """Compare two decisions of a ledger; raises LedgerError where one is not kept."""
    with as_written(f"decision {one} or {other}"):
        return _compared(ledger, one, other)


def _compared(ledger: Ledger, one: At, other: At) -> Compared:
    replayer = Replayer(ledger)
    told = [replayer.in_full(at) for at in (one, other)]
    records = [record for record, _ in told]
    first, second = (
        decision_from(document(record["decision"]), record["engine"]) for record, document in told
    )
    profiles = [document(record["profile"]) for record, document in told]
    facts = tuple(_moved(*(_values(profile) for profile in profiles)))
    books = [record["rulebook"]["digest"] for record in records]
    rules: tuple[Moved, ...] = ()
    if books[0] != books[1]:
        rules = tuple(_moved(*(_rules(ledger.document(digest)) for digest in books)))
    changed = {moved.name for moved in facts} | {f"rule:{moved.name}" for moved in rules}
    found = differences(first, second, lambda name: name not in changed)
    return Compared((one, other), (first, second), facts, rules, tuple(_causes(found)))


def _values(profile: Raw) -> dict[str, Any]:
    return {"partner": profile["partner"], "as_of": profile["as_of"], **profile["values"]}


def _rules(content: Raw) -> dict[str, Any]:
    return {name: raw["rule"] for name, raw in content["rules"].items()}


def _moved(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Moved]:
    for name in sorted({*one, *other}):
        if one.get(name) != other.get(name):
            yield Moved(name, one.get(name), other.get(name))


def _causes(found: Iterator[Difference]) -> Iterator[Cause]:
    by_cause: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Difference]] = {}
    for difference in found:
        by_cause.setdefault(difference.because, []).append(difference)
    for because, lines in by_cause.items():
        yield Cause(because, tuple(lines))
