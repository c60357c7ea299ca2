"""Ledgers for tests: a rulebook of ten rules, cases decided by it, and real ones."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from types import MappingProxyType

from jfsrules.audit import Case
from jfsrules.audit.documents import Documents, digest_of
from jfsrules.audit.entries import record
from jfsrules.citation import Citation, Passage
from jfsrules.condition import ALWAYS, All, Any, Conclusion, Condition, Not, Reads, Test
from jfsrules.decision import canonical
from jfsrules.facts import ClosedList, Dossier, Fact, Lists, Profile, WrittenDate, profile_on
from jfsrules.loading.fingerprint import content, fingerprint
from jfsrules.meaning import find
from jfsrules.plan import Plan, plan
from jfsrules.proof import decision
from jfsrules.rulebook import Rule, Rulebook
from jfsrules.vocabulary import FLAG, STATE, Indicator, Instrument, Term, Type, Vocabulary

PARTNERS = ("AL", "DZ", "MD", "US")
TRACK = "accord"
VISA = Type("one_of", ("exempt", "required"))


def _terms(*names: str) -> Mapping[str, Term]:
    return MappingProxyType({name: Term(name, name.replace("_", " ")) for name in names})


def _indicators() -> Mapping[str, Indicator]:
    types = {"eu_member": FLAG, "near": FLAG, "warm": FLAG, "visa": VISA, TRACK: STATE}
    return MappingProxyType(
        {name: Indicator(name, name, kind, f"{name} is {{value}}") for name, kind in types.items()}
        | {"willing": Indicator("willing", "willing", FLAG, "it is willing", judged=True)}
    )


WORDS = Vocabulary(
    _indicators(),
    _terms("enlargement", "neighbourhood"),
    _terms("borders"),
    _terms("helping"),
    _terms("IOM"),
    _terms("agreements"),
    MappingProxyType({TRACK: Instrument(TRACK, "Accord", "agreements", ("borders",))}),
)


def _is(atom: str, value: object) -> Test:
    return Test(atom, "=", (value,))  # type: ignore[arg-type]


def _rule(name: str, kind: str, subject: str, when: Condition = ALWAYS, **more: object) -> Rule:
    conclusion = Conclusion(kind, subject)  # type: ignore[arg-type]
    return Rule(name, name, conclusion, ("P-1",), "text", when, **more)  # type: ignore[arg-type]


def _rules() -> tuple[Rule, ...]:
    near = Reads(Conclusion("group", "neighbourhood"))
    return (
        _rule("a-class", "class", "agreements"),
        _rule("b-channel", "channel", "IOM/helping"),
        _rule("c-enlargement", "group", "enlargement", All((_is("warm", True), _is("near", True)))),
        _rule("d-near", "group", "neighbourhood", Any((_is("near", True), _is("visa", "exempt")))),
        _rule("e-not-us", "repeal", "rules", _is("partner", "US"), overrides=("d-near",)),
        _rule("f-area", "focus", "borders/helping", near, since=date(2014, 1, 1)),
        _rule("g-track", "track", TRACK, Not(_is("warm", False))),
        _rule("h-moot", "moot", TRACK, _is("visa", "exempt"), says="it is exempt"),
        _rule("i-asks", "requirement", f"{TRACK}/near", that=near, says="it is near"),
        _rule(
            "j-judged", "requirement", f"{TRACK}/willing", near, judged="willing", says="willing"
        ),
    )


@cache
def small() -> Plan:
    """A plan of ten rules, with one of each kind."""
    book = Rulebook(
        "small",
        "1.0",
        "Small",
        _rules(),
        frozenset(rule.id for rule in _rules()),
        WORDS,
        MappingProxyType({}),
        MappingProxyType({"P-1": Passage("P-1", "heading", 0, 5, "0" * 16, "a clause")}),
        (),
        "",
    )
    return plan(replace(book, digest=fingerprint(book)))


LISTS = Lists(
    date(2020, 12, 31),
    MappingProxyType(
        {
            "near": (
                ClosedList(
                    "nears",
                    "near",
                    False,
                    date(2010, 1, 1),
                    date(2020, 12, 31),
                    ("src",),
                    "verified",
                ),
            )
        }
    ),
)
SOURCES = {"src": Citation("src", "A document", "A publisher", "2014-06-27")}


def dossier(partner: str, seed: int) -> Dossier:
    """A dossier with a fact or two on each indicator, or none."""
    chance = random.Random(f"{partner} {seed}")
    facts: dict[str, tuple[Fact, ...]] = {}
    for atom, type_ in WORDS.atoms.items():
        if atom in ("partner", "as_of", "willing") or chance.random() < 0.25:
            continue
        since = chance.choice(("2012", "2013-05", "2014-06-27", "by 2015-01-01"))
        value = chance.choice(type_.values or (True, False))
        until = WrittenDate.parse("2016-02-03") if chance.random() < 0.3 else None
        name, sure = f"{partner}.{atom}", chance.choice(("verified", "reported", "unverified"))
        facts[atom] = (
            Fact(name, atom, value, WrittenDate.parse(since), until, ("src",), sure),  # type: ignore[arg-type]
        )
    return Dossier(partner, partner.title(), facts, None, SOURCES)


def case(number: int, asked_by: str | None = None) -> Case:
    """A case of the small rulebook; each number gives another profile, some the same decision."""
    chance = random.Random(number)
    partner, day = (
        chance.choice(PARTNERS),
        date(chance.randint(2011, 2019), chance.randint(1, 12), 5),
    )
    profile = profile_on(dossier(partner, number % 7), day, LISTS, WORDS)
    if chance.random() < 0.5:
        profile = profile.stating({"warm": chance.choice((True, False, None)), "eu_member": False})
    return decided(small(), profile, "reference" if number % 3 else "rete", asked_by)


def decided(planned: Plan, profile: Profile, engine: str, asked_by: str | None = None) -> Case:
    """A case as an engine of that name would decide it."""
    made = decision(planned, profile, find(planned, profile), engine)
    return Case(made, profile, planned.rulebook, SOURCES, asked_by)


def cases(count: int, first: int = 0) -> Iterator[Case]:
    """So many cases."""
    return (case(number) for number in range(first, first + count))


def documents(one: Case) -> tuple[dict[str, object], dict[str, object]]:
    """What a case is kept as: its documents by digest, and its record."""
    named = Documents().profile(one)
    whole = one.decision.canonical()
    about = json.loads(record(one, next(iter(named)), digest_of(whole)))
    bodies = {
        **named,
        digest_of(whole): whole,
        one.rulebook.digest: canonical(content(one.rulebook)),
    }
    return {digest: json.loads(body) for digest, body in bodies.items()}, about
