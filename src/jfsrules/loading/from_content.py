"""A rulebook made again from its content, as `fingerprint.content` wrote it. Reads no file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar

from jfsrules.citation import Citation, Passage
from jfsrules.condition import All, Conclusion, Condition, Not, Reads, Test
from jfsrules.condition import Any as Some
from jfsrules.loading.fingerprint import fingerprint
from jfsrules.rulebook import Impossible, Rule, Rulebook
from jfsrules.vocabulary import Indicator, Instrument, Term, Type, Value, Vocabulary

Made = TypeVar("Made")
Raw = Mapping[str, Any]


def rulebook_from_content(content: Raw, name: str, version: str, digest: str) -> Rulebook:
    """Make a rulebook of its content; raises ValueError where it is not the content of `digest`.

    Titles of rulebooks, examples and places are no part of the content.
    """
    try:
        book = _rulebook(content, name, version, digest)
        whole = fingerprint(book) == digest
    except (KeyError, TypeError, ValueError, AttributeError):
        whole = False
    if not whole:
        raise ValueError(f"this is not the content of the rulebook `{digest[:16]}…`")
    return book


def _rulebook(content: Raw, name: str, version: str, digest: str) -> Rulebook:
    vocabulary = _vocabulary(content["vocabulary"], content["group_order"])
    read = _Conditions(vocabulary)
    return Rulebook(
        name,
        version,
        name,
        tuple(read.rule(raw["rule"]) for _, raw in sorted(content["rules"].items())),
        frozenset(content["own"]),
        vocabulary,
        _each(content["citations"], "citation", Citation),
        _each(content["passages"], "passage", Passage),
        tuple(
            read.impossible(raw["impossible"]) for _, raw in sorted(content["impossible"].items())
        ),
        digest,
        tuple(content["extends"]),
    )


def _each(raw: Raw, kind: str, make: Callable[..., Made]) -> Mapping[str, Made]:
    return MappingProxyType({key: make(**one[kind]) for key, one in sorted(raw.items())})


def _vocabulary(raw: Raw, order: Mapping[str, int]) -> Vocabulary:
    terms = {name: _each(raw[name], "term", Term) for name in _TERMS}
    groups = terms["groups"]
    terms["groups"] = MappingProxyType(
        {group: groups[group] for group in sorted(order, key=order.__getitem__)}
    )
    return Vocabulary(
        indicators=_each(raw["indicators"], "indicator", _indicator),
        instruments=_each(raw["instruments"], "instrument", _instrument),
        **terms,
    )


_TERMS = ("groups", "focus_areas", "modes", "organisations", "classes")


def _indicator(*, type: Raw, labels: Mapping[str, str], **rest: Any) -> Indicator:
    kind = type["type"]
    made = Type(kind["kind"], tuple(kind["values"]), kind["unit"])
    return Indicator(type=made, labels=MappingProxyType(dict(labels)), **rest)


def _instrument(*, serves: list[str], **rest: Any) -> Instrument:
    return Instrument(serves=tuple(serves), **rest)


class _Conditions:
    """Reads rules and their conditions over one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.atoms = vocabulary.atoms

    def rule(self, raw: Raw) -> Rule:
        that = raw["that"]
        return Rule(
            **{name: raw[name] for name in _AS_WRITTEN},
            conclusion=_conclusion(raw["conclusion"]),
            cites=tuple(raw["cites"]),
            when=self.condition(raw["when"]),
            since=_day(raw["since"]),
            until=_day(raw["until"]),
            overrides=tuple(raw["overrides"]),
            that=None if that is None else self.condition(that),
            qualified=tuple(raw["qualified"]),
        )

    def impossible(self, raw: Raw) -> Impossible:
        return Impossible(raw["id"], raw["says"], self.condition(raw["when"]), tuple(raw["cites"]))

    def condition(self, raw: Raw) -> Condition:
        ((kind, body),) = raw.items()
        match kind:
            case "test":
                return Test(body["atom"], body["op"], self.values(body["atom"], body["values"]))
            case "reads":
                return Reads(_conclusion(body["conclusion"]), body["wanted"])
            case "not":
                return Not(self.condition(body["part"]))
            case "all" | "any":
                parts = tuple(self.condition(part) for part in body["parts"])
                return All(parts) if kind == "all" else Some(parts)
        raise ValueError(kind)

    def values(self, atom: str, raw: list[Any]) -> tuple[Value, ...]:
        of_days = self.atoms[atom].kind == "date"
        values = [date.fromisoformat(one) if of_days else one for one in raw]
        return tuple(sorted(values, key=lambda v: (str(type(v)), v)))


_AS_WRITTEN = ("id", "title", "authority", "judged", "says", "note")


def _conclusion(text: str) -> Conclusion:
    kind, _, subject = text.partition(":")
    return Conclusion(kind, subject)  # type: ignore[arg-type]


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
