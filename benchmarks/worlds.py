"""A rulebook as large as one wishes, of the shape of the shipped ones, and profiles for it.

Everything is drawn from a fixed seed, so that two machines measure the same.
"""

from __future__ import annotations

import random
from datetime import date
from types import MappingProxyType

from jfsrules.condition import ALWAYS, All, Any, Conclusion, Condition, Not, Reads, Test
from jfsrules.facts import Profile
from jfsrules.plan import Plan, plan
from jfsrules.rulebook import Rule, Rulebook
from jfsrules.vocabulary import (
    FLAG,
    STATE,
    Indicator,
    Instrument,
    Term,
    Type,
    Value,
    Vocabulary,
)

GROUPS = ("enlargement", "neighbourhood", "strategic_partner")
LEVELS = Type("one_of", ("none", "low", "middle", "high"))
PARTNERS = ("MD", "UA", "RS", "DZ", "US", "JP")


def made(rules: int, indicators: int, seed: int = 1) -> Plan:
    """The plan of a rulebook with about so many rules over about so many indicators."""
    draw = random.Random(seed)
    tracks = tuple(f"instrument_{n}" for n in range(max(3, rules // 9)))
    words = vocabulary(tracks, indicators)
    written = [*_groups(), *_areas(draw, words, rules // 5)]
    written += [rule for track in tracks for rule in _track(draw, words, track)]
    written = written[:rules]
    return plan(
        Rulebook(
            name="made",
            version="1",
            title="Made for measuring",
            rules=tuple(written),
            own=frozenset(rule.id for rule in written),
            vocabulary=words,
            citations=MappingProxyType({}),
            passages=MappingProxyType({}),
            impossible=(),
            digest="0" * 64,
        )
    )


def profiles(made: Plan, count: int, unknown: float = 0.2, seed: int = 2) -> list[Profile]:
    """Profiles with that share of the indicators unknown."""
    draw = random.Random(seed)
    return [
        Profile(
            draw.choice(PARTNERS),
            date(2014, 6, 27),
            {
                atom: _value(draw, type_)
                for atom, type_ in made.rulebook.vocabulary.atoms.items()
                if type_.kind != "code"
                and atom not in ("as_of", "eu_member")
                and draw.random() > unknown
            }
            | {"eu_member": False},
        )
        for _ in range(count)
    ]


def vocabulary(tracks: tuple[str, ...], indicators: int) -> Vocabulary:
    """Words enough: the tracks, and flags, levels, numbers and dates up to that many."""
    kinds = (FLAG, FLAG, LEVELS, LEVELS, Type("number"), Type("date"))
    types = {"eu_member": FLAG, "accession_status": LEVELS, "enp_partner": FLAG}
    types |= dict.fromkeys(tracks, STATE)
    for number in range(max(0, indicators - len(types))):
        types[f"indicator_{number}"] = kinds[number % len(kinds)]
    return Vocabulary(
        indicators=MappingProxyType(
            {name: Indicator(name, name, type_, "says") for name, type_ in types.items()}
        ),
        groups=_terms(*GROUPS),
        focus_areas=_terms(*(f"area_{n}" for n in range(20))),
        modes=_terms("helping", "supporting", "focusing"),
        organisations=_terms("league"),
        classes=_terms(*(f"class_{n}" for n in range(9))),
        instruments=MappingProxyType(
            {t: Instrument(t, t, "class_1", (f"area_{n % 20}",)) for n, t in enumerate(tracks)}
        ),
    )


def _groups() -> list[Rule]:
    made = [
        _rule("near", Conclusion("derived", "near"), Test("partner", "in", ("MD", "RS", "UA"))),
        _rule("far", Conclusion("derived", "no_government"), Test("partner", "=", ("AQ",))),
        _rule(
            "enlargement",
            Conclusion("group", "enlargement"),
            Test("accession_status", "in", ("high", "middle")),
        ),
        _rule(
            "neighbourhood",
            Conclusion("group", "neighbourhood"),
            All((Test("enp_partner", "=", (True,)), Reads(Conclusion("derived", "near")))),
        ),
        _rule("strategic", Conclusion("group", "strategic_partner"), Test("partner", "=", ("US",))),
    ]
    return made + [_rule(f"class-{n}", Conclusion("class", f"class_{n}"), ALWAYS) for n in range(9)]


def _areas(draw: random.Random, words: Vocabulary, count: int) -> list[Rule]:
    return [
        _rule(
            f"area-{n}",
            Conclusion("focus", f"area_{n % 20}/{('helping', 'supporting')[n % 2]}"),
            All((Reads(Conclusion("group", draw.choice(GROUPS))), *_tests(draw, words, n % 2))),
        )
        for n in range(count)
    ]


def _track(draw: random.Random, words: Vocabulary, track: str) -> list[Rule]:
    either = Any(tuple(Reads(Conclusion("group", group)) for group in draw.sample(GROUPS, 2)))
    return [
        _rule(f"{track}-a", Conclusion("track", track), either),
        _rule(f"{track}-b", Conclusion("track", track), All((either, *_tests(draw, words, 1)))),
        _rule(
            f"{track}-c",
            Conclusion("track", track),
            All((Reads(Conclusion("derived", "near")), *_tests(draw, words, 1))),
            overrides=(f"{track}-b",),
        ),
        _rule(f"{track}-moot", Conclusion("moot", track), All(_tests(draw, words, 2))),
        *(
            _rule(
                f"{track}-needs-{n}",
                Conclusion("requirement", f"{track}/need_{n}"),
                either if n % 2 else ALWAYS,
                that=Any((*_tests(draw, words, 2), Not(All(_tests(draw, words, 2))))),
            )
            for n in range(3)
        ),
    ]


def _rule(
    name: str,
    conclusion: Conclusion,
    when: Condition,
    that: Condition | None = None,
    overrides: tuple[str, ...] = (),
) -> Rule:
    return Rule(
        id=name,
        title=name,
        conclusion=conclusion,
        cites=("somewhere",),
        authority="practice",
        when=when,
        that=that,
        says=name,
        overrides=overrides,
    )


def _tests(draw: random.Random, words: Vocabulary, count: int) -> tuple[Test, ...]:
    atoms = [a for a in words.atoms if a not in ("partner", "as_of", "eu_member")]
    made = []
    for atom in draw.sample(atoms, count):
        type_ = words.atoms[atom]
        op = draw.choice(("=", "≠") if type_.kind in ("flag", "one_of") else ("≤", ">"))
        made.append(Test(atom, op, (_value(draw, type_),)))  # type: ignore[arg-type]
    return tuple(made)


def _value(draw: random.Random, type_: Type) -> Value:
    match type_.kind:
        case "flag":
            return draw.random() < 0.5
        case "one_of":
            return draw.choice(type_.values)
        case "number":
            return draw.randrange(100) / 4
        case _:
            return date(2010 + draw.randrange(9), 1, 1)


def _terms(*names: str) -> MappingProxyType[str, Term]:
    return MappingProxyType({name: Term(name, name) for name in names})
