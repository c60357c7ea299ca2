"""Random parts of a world, drawn from a seed: the same on every machine.

Small worlds, so that rules meet: 3 groups, 4 tracks, 20-odd indicators of every type, and some 30
rules that read, override and repeal each other without a circle.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

from jfsrules.citation import Citation, Passage
from jfsrules.condition import ALWAYS, All, Any, Conclusion, Condition, Not, Reads, Test
from jfsrules.facts import ClosedList, Dossier, Fact, Lists, Profile, WrittenDate, profile_on
from jfsrules.rulebook import Rule, Rulebook
from jfsrules.vocabulary import (
    AS_OF,
    FLAG,
    PARTNER,
    STATE,
    STATES,
    Indicator,
    Instrument,
    Term,
    Type,
    Value,
    Vocabulary,
)

GROUPS = ("enlargement", "neighbourhood", "strategic_partner")
TRACKS = ("accord", "bridge", "compact", "dialogue")
PARTNERS = ("AL", "DZ", "JP", "MD", "US")
DERIVED = ("eu_territory", "no_government", "near", "settled", "warm")
FIRST, LAST = date(2010, 1, 1), date(2020, 12, 31)
KNOWLEDGE_DATE = date(2019, 6, 30)


class Draw(random.Random):
    """A source of random parts of a world."""

    def chance(self, share: float) -> bool:
        return self.random() < share

    def some(self, many: tuple[str, ...], least: int = 1, most: int = 3) -> tuple[str, ...]:
        return tuple(sorted(self.sample(many, min(len(many), self.randint(least, most)))))

    def day(self) -> date:
        return FIRST + timedelta(days=self.randrange((LAST - FIRST).days))

    # --- words ------------------------------------------------------------------------------

    def vocabulary(self) -> Vocabulary:
        types = {"eu_member": FLAG}
        types |= {f"flag_{n}": FLAG for n in range(self.randint(2, 4))}
        types |= {f"kind_{n}": self.one_of() for n in range(self.randint(1, 3))}
        types |= {f"count_{n}": Type("number", unit="%") for n in range(self.randint(1, 2))}
        types |= {f"day_{n}": Type("date") for n in range(self.randint(1, 2))}
        types |= {"members": Type("set_of", ("east", "north", "west"))}
        types |= {f"judged_{n}": FLAG for n in range(2)}
        types |= dict.fromkeys(TRACKS, STATE)
        names = list(types)
        self.shuffle(names)
        indicators = {
            name: Indicator(
                name,
                name,
                types[name],
                f"its {name} is {{value}}",
                f"it is not {name}",
                judged=name.startswith("judged"),
            )
            for name in names
        }
        return Vocabulary(
            indicators=MappingProxyType(indicators),
            groups=_terms(*GROUPS),
            focus_areas=_terms("borders", "justice", "police", "rights"),
            modes=_terms("helping", "supporting", "focusing"),
            organisations=_terms("forum", "league"),
            classes=_terms("class_1", "class_2"),
            instruments=MappingProxyType(
                {
                    t: Instrument(t, t, "class_1", self.some(("borders", "justice", "police"), 0))
                    for t in TRACKS
                }
            ),
        )

    def one_of(self) -> Type:
        return Type("one_of", self.some(("low", "mid", "high", "none", "x y"), 2, 5))

    # --- rules ------------------------------------------------------------------------------

    def rulebook(self, vocabulary: Vocabulary) -> Rulebook:
        rules = self.rules(vocabulary)
        passages = {
            f"P-{n}": Passage(f"P-{n}", "here", n, n + 1, "0" * 16, "says") for n in range(4)
        }
        passages["INTRO-1"] = Passage("INTRO-1", "here", 9, 10, "0" * 16, "says")
        return Rulebook(
            name="random",
            version="1",
            title="Random",
            rules=tuple(rules),
            own=frozenset(rule.id for rule in rules),
            vocabulary=vocabulary,
            citations=MappingProxyType({f"doc-{n}": Citation(f"doc-{n}", "doc") for n in range(3)}),
            passages=MappingProxyType(passages),
            impossible=(),
            digest="0" * 64,
        )

    def rules(self, vocabulary: Vocabulary) -> list[Rule]:
        rules: list[Rule] = []
        read: list[Conclusion] = []
        for conclusion in self.conclusions():
            own: list[Rule] = []
            for _ in range(self.randint(1, 3 if conclusion.kind != "class" else 1)):
                rule = self.rule(vocabulary, conclusion, read, len(rules))
                if own and self.chance(0.4):
                    own[-1] = replace(own[-1], overrides=(*own[-1].overrides, rule.id))
                own.append(rule)
                rules.append(rule)
            rules[len(rules) - len(own) :] = own
            if self.chance(0.1):
                rules.append(self.repeal(vocabulary, self.choice(own).id, read, len(rules)))
                if self.chance(0.3):
                    rules.append(self.repeal(vocabulary, rules[-1].id, read, len(rules)))
            read.append(conclusion)
        self.shuffle(rules)
        return rules

    def conclusions(self) -> list[Conclusion]:
        """Conclusions in an order in which each may read those before it."""
        many = [Conclusion("derived", name) for name in self.some(DERIVED, 1, 4)]
        many += [Conclusion("group", group) for group in GROUPS if self.chance(0.9)]
        self.shuffle(many)
        later = [
            Conclusion("focus", f"{a}/{m}")
            for a in ("borders", "justice")
            for m in self.some(("helping", "supporting"), 0, 2)
        ]
        later += [Conclusion("focus", "rights/"), Conclusion("class", "class_1")]
        later += [Conclusion("channel", f"{o}/focusing") for o in self.some(("forum", "league"), 0)]
        later += [Conclusion("track", track) for track in TRACKS if self.chance(0.9)]
        later += [Conclusion("moot", track) for track in TRACKS if self.chance(0.4)]
        later += [
            Conclusion("requirement", f"{t}/{n}") for t in TRACKS for n in range(self.randint(0, 2))
        ]
        self.shuffle(later)
        return many + later

    def rule(
        self, vocabulary: Vocabulary, conclusion: Conclusion, read: list[Conclusion], number: int
    ) -> Rule:
        kind = conclusion.kind
        scope = conclusion.subject in ("eu_territory", "no_government")
        depth = 1 if kind == "group" else 2
        when = self.of_scope() if scope else self.condition(vocabulary, read, depth)
        if kind in ("class", "requirement", "focus") and self.chance(0.4):
            when = ALWAYS
        judged = kind == "requirement" and self.chance(0.4)
        that = kind == "requirement" and not judged
        return Rule(
            id=f"r{self.randrange(10**6):06}-{number}",
            title=f"rule {number}",
            conclusion=conclusion,
            cites=self.some(("P-0", "P-1", "doc-0", "doc-1"), 1, 2),
            authority=self.choice(("text", "practice", "design")),
            when=when,
            since=self.day() if self.chance(0.15) else None,
            until=self.day() if self.chance(0.1) else None,
            that=self.condition(vocabulary, read) if that else None,
            judged=self.choice(("judged_0", "judged_1")) if judged else None,
            says=f"says {number % 5}" if kind in ("requirement", "moot") else None,
            qualified=("where_appropriate",) if kind == "focus" and self.chance(0.3) else (),
        )

    def of_scope(self) -> Condition:
        """What scope may rest on: the partner and the day."""
        named = (
            Test(PARTNER, "=", PARTNERS[-1:])
            if self.chance(0.5)
            else Test(PARTNER, "in", PARTNERS[-2:])
        )
        return All((named, Test(AS_OF, "<", (self.day(),))))

    def repeal(
        self, vocabulary: Vocabulary, repealed: str, read: list[Conclusion], number: int
    ) -> Rule:
        return Rule(
            id=f"a{self.randrange(10**6):06}-{number}",
            title=f"repeal {number}",
            conclusion=Conclusion("repeal", ""),
            cites=("doc-2",),
            authority="practice",
            when=self.condition(vocabulary, read),
            overrides=(repealed,),
        )

    def condition(
        self, vocabulary: Vocabulary, read: list[Conclusion], depth: int = 2
    ) -> Condition:
        shape = self.random()
        if depth and shape < 0.2:
            return All(tuple(self.condition(vocabulary, read, depth - 1) for _ in range(2)))
        if depth and shape < 0.5:
            many = self.randint(2, 3)
            return Any(tuple(self.condition(vocabulary, read, depth - 1) for _ in range(many)))
        if depth and shape < 0.6:
            return Not(self.condition(vocabulary, read, depth - 1))
        if self.chance(0.02):
            return self.choice((ALWAYS, Any(())))
        readable = [c for c in read if c.kind in ("group", "derived", "track", "moot")]
        if readable and self.chance(0.3):
            return Reads(self.choice(readable))
        return self.test(vocabulary)

    def test(self, vocabulary: Vocabulary) -> Test:
        atom = self.choice([a for a in vocabulary.atoms if not a.startswith(("judged", "eu_"))])
        type_ = vocabulary.atoms[atom]
        ordered = type_.kind in ("number", "date")
        op = self.choice(("=", "≠", "in", "not in") + ("<", "≤", ">", "≥") * ordered)
        many = self.randint(1, 3) if op in ("in", "not in") else 1
        values = {self.value(type_) for _ in range(many)}
        return Test(atom, op, tuple(sorted(values, key=lambda v: (str(type(v)), v))))

    def value(self, type_: Type) -> Value:
        """A value of a type, of few, so that tests and values meet."""
        match type_.kind:
            case "flag":
                return self.chance(0.5)
            case "one_of":
                if type_.values == STATES and self.chance(0.5):
                    return "not_started"
                return self.choice(type_.values)
            case "number":
                return self.choice((0, 1, -1, 0.5, 0.25, 12.3456, 10**11, -(10**11), 7, 7.0001))
            case "date":
                return self.choice((date(2014, 6, 27), date(2014, 6, 28), date(2012, 2, 29)))
            case _:
                return self.choice(PARTNERS)

    # --- facts ------------------------------------------------------------------------------

    def profile_alone(self, vocabulary: Vocabulary) -> Profile:
        values: dict[str, Value] = {}
        for atom, type_ in vocabulary.atoms.items():
            if atom not in (PARTNER, AS_OF) and self.chance(0.7):
                values[atom] = self.value(type_)
        scope = self.random()
        values["eu_member"] = scope < 0.06
        if scope > 0.96:
            del values["eu_member"]
        return Profile(self.choice(PARTNERS), self.day(), values)

    def profile_of(self, vocabulary: Vocabulary) -> Profile:
        dossier, lists = self.dossier(vocabulary), self.lists(vocabulary)
        trust = self.choice(("unverified", "unverified", "reported", "verified"))
        made = profile_on(dossier, self.day(), lists, vocabulary, trust)
        return made.stating(self.stated(vocabulary))

    def stated(self, vocabulary: Vocabulary) -> dict[str, Value | None]:
        atoms = [a for a in vocabulary.atoms if a not in (PARTNER, AS_OF)]
        chosen = [a for a in atoms if self.chance(0.6 if a.startswith("judged") else 0.08)]
        stated: dict[str, Value | None] = {
            a: None if self.chance(0.3) else self.value(vocabulary.atoms[a]) for a in chosen
        }
        if self.chance(0.9):
            stated["eu_member"] = self.chance(0.05)
        return stated

    def dossier(self, vocabulary: Vocabulary) -> Dossier:
        partner = self.choice(PARTNERS)
        facts = {
            atom: self.facts(f"{partner}.{atom}", atom, type_)
            for atom, type_ in vocabulary.atoms.items()
            if atom not in (PARTNER, AS_OF) and not atom.startswith("judged") and self.chance(0.85)
        }
        footnote = self.choice((None, None, "kosovo"))
        return Dossier(partner, f"Land {partner}", MappingProxyType(facts), footnote)

    def facts(self, name: str, atom: str, type_: Type) -> tuple[Fact, ...]:
        """Facts one after the other: a ladder, or the spells of a flag."""
        days = [self.written() for _ in range(self.randint(1, 4))]
        days.sort(key=lambda written: (written.last, written.first))
        made = []
        for number, since in enumerate(days):
            until = days[number + 1] if number + 1 < len(days) else None
            if until and until.first == since.first:
                continue
            if type_.kind == "flag" and number % 2:
                continue
            made.append(
                Fact(
                    f"{name}.{number}",
                    atom,
                    type_.kind == "flag" or self.value(type_),
                    since,
                    until,
                    self.some(("doc-0", "doc-1", "doc-2"), 1, 2),
                    self.choice(("verified", "verified", "reported", "unverified")),
                )
            )
        return tuple(made)

    def written(self) -> WrittenDate:
        day = self.day()
        text = self.choice((f"{day}",) * 5 + (f"{day:%Y-%m}", f"{day:%Y}", f"by {day}"))
        return WrittenDate.parse(text)

    def lists(self, vocabulary: Vocabulary) -> Lists:
        by_atom = {}
        for atom, type_ in vocabulary.atoms.items():
            if atom in (PARTNER, AS_OF) or atom.startswith("judged") or not self.chance(0.5):
                continue
            absent: Value = {"flag": False, "one_of": type_.values[0] if type_.values else ""}.get(
                type_.kind, 0
            )
            if type_.kind in ("flag", "one_of"):
                by_atom[atom] = (
                    ClosedList(
                        f"list-{atom}",
                        atom,
                        absent,
                        FIRST if self.chance(0.7) else self.day(),
                        KNOWLEDGE_DATE if self.chance(0.5) else LAST,
                        ("doc-1",),
                        self.choice(("verified", "unverified")),
                    ),
                )
        return Lists(KNOWLEDGE_DATE, MappingProxyType(by_atom))


def _terms(*names: str) -> MappingProxyType[str, Term]:
    return MappingProxyType({name: Term(name, name.title()) for name in names})
