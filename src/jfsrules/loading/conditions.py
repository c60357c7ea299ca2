"""Conditions as rule files write them, to the algebra of `condition`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from jfsrules.condition import ALWAYS, All, Conclusion, Condition, Not, Op, Reads, Test
from jfsrules.condition import Any as Some
from jfsrules.errors import Diagnostic, did_you_mean
from jfsrules.loading.shaping import choice, shown
from jfsrules.loading.values import value_of
from jfsrules.span import Place
from jfsrules.vocabulary import AS_OF, PARTNER, Type, Value, Vocabulary

OPERATORS: Final[dict[str, Op]] = {
    "ne": "≠",
    "lt": "<",
    "le": "≤",
    "gt": ">",
    "ge": "≥",
    "in": "in",
    "not_in": "not in",
}
_ORDERED: Final = ("lt", "le", "gt", "ge")
RESERVED: Final = ("all", "any", "not", "group", "derived", "track", "moot", PARTNER, AS_OF)


@dataclass(slots=True)
class ConditionReader:
    """Reads conditions over one vocabulary, and gathers what is wrong in them."""

    vocabulary: Vocabulary
    wrong: list[Diagnostic] = field(default_factory=list)

    def read(self, raw: Any, place: Place) -> Condition:
        """A mapping, all of whose entries must hold."""
        if not isinstance(raw, dict):
            return self._refuse(
                "wrong-shape",
                f"a condition must be a mapping, and not {shown(raw)}",
                place,
                "write `indicator: value`",
            )
        parts = tuple(self._entry(key, part, place) for key, part in raw.items())
        return parts[0] if len(parts) == 1 else All(parts)

    def _entry(self, key: str, raw: Any, around: Place) -> Condition:
        place = around.at(key)
        match key:
            case "all" | "any":
                return self._parts(key, raw, place)
            case "not":
                return Not(self.read(raw, place))
            case "group":
                return self._reads("group", raw, self.vocabulary.groups, "group", place)
            case "track" | "moot":
                known = self.vocabulary.instruments
                return self._reads(key, raw, known, "instrument", place)
            case "derived":
                return self._reads("derived", raw, None, "derived name", place)
        if key in self.vocabulary.atoms:
            return self._atom(key, self.vocabulary.atoms[key], raw, around)
        indicator = self.vocabulary.indicators.get(key)
        if indicator is not None:
            return self._members(key, indicator.type, raw, around)
        known_names = [*self.vocabulary.indicators, *self.vocabulary.atoms, *RESERVED]
        self.wrong.append(
            Diagnostic(
                "unknown-indicator",
                f"there is no indicator `{key}`",
                around.key(key),
                did_you_mean(key, known_names),
            )
        )
        return ALWAYS

    def _parts(self, key: str, raw: Any, place: Place) -> Condition:
        if not isinstance(raw, list):
            return self._refuse(
                "wrong-shape", f"`{key}` must be a list of conditions, and not {shown(raw)}", place
            )
        if not raw:
            return self._empty(key, place)
        parts = tuple(self.read(part, place.at(at)) for at, part in enumerate(raw))
        return All(parts) if key == "all" else Some(parts)

    def _reads(self, kind: Any, raw: Any, known: Any, noun: str, place: Place) -> Condition:
        names = raw if isinstance(raw, list) else [raw]
        if not names:
            return self._empty(kind, place)
        parts: list[Condition] = []
        for at, name in enumerate(names):
            here = place.at(at) if isinstance(raw, list) else place
            if not isinstance(name, str):
                return self._refuse(
                    "wrong-shape", f"`{kind}` names a {noun}, and not {shown(name)}", here
                )
            if known is not None and name not in known:
                return self._refuse(
                    "unknown-name",
                    f"there is no {noun} `{name}`",
                    here,
                    choice(name, known),
                )
            parts.append(Reads(Conclusion(kind, name)))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _atom(self, atom: str, type_: Type, raw: Any, around: Place) -> Condition:
        if atom not in (PARTNER, AS_OF) and self.vocabulary.indicator_of(atom).judged:
            return self._judged(atom, around)
        place = around.at(atom)
        if isinstance(raw, dict):
            return self._operators(atom, type_, raw, place)
        if isinstance(raw, list):
            return self._one_of(atom, type_, "in", raw, place)
        return self._test(atom, type_, "=", raw, place)

    def _operators(self, atom: str, type_: Type, raw: dict[str, Any], place: Place) -> Condition:
        parts: list[Condition] = []
        if not raw:
            return self._empty(atom, place)
        for name, value in raw.items():
            if name not in OPERATORS or (name in _ORDERED and type_.kind not in ("number", "date")):
                self.wrong.append(_no_operator(atom, name, type_, place))
            elif name in ("in", "not_in"):
                parts.append(self._one_of(atom, type_, OPERATORS[name], value, place.at(name)))
            else:
                parts.append(self._test(atom, type_, OPERATORS[name], value, place.at(name)))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one_of(self, atom: str, type_: Type, op: Op, raw: Any, place: Place) -> Condition:
        if not isinstance(raw, list):
            return self._refuse("wrong-shape", f"`{op}` takes a list, and not {shown(raw)}", place)
        if not raw:
            return self._empty(atom, place)
        found = [self._value(atom, type_, one, place.at(at)) for at, one in enumerate(raw)]
        values: list[Any] = sorted(
            {v for v in found if v is not None}, key=lambda v: (str(type(v)), v)
        )
        if len(values) == 1:
            return Test(atom, "=" if op == "in" else "≠", (values[0],))
        return Test(atom, op, tuple(values))

    def _test(self, atom: str, type_: Type, op: Op, raw: Any, place: Place) -> Condition:
        value = self._value(atom, type_, raw, place)
        return ALWAYS if value is None else Test(atom, op, (value,))

    def _value(self, atom: str, type_: Type, raw: Any, place: Place) -> Value | None:
        if type_.kind == "code":
            from jfsrules.loading.countries import partner_of

            return partner_of(raw, place, self.wrong)
        return value_of(raw, type_, atom, place, self.wrong)

    def _members(self, name: str, type_: Type, raw: Any, around: Place) -> Condition:
        if self.vocabulary.indicators[name].judged:
            return self._judged(name, around)
        place = around.at(name)
        if not isinstance(raw, dict):
            return self._any_member(name, type_, True, raw, place)
        parts: list[Condition] = []
        for op, value in raw.items():
            if op not in ("in", "ne", "not_in"):
                self.wrong.append(_no_operator(name, op, type_, place))
                continue
            parts.append(self._any_member(name, type_, op == "in", value, place.at(op)))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _any_member(
        self, name: str, type_: Type, wanted: bool, raw: Any, place: Place
    ) -> Condition:
        members = raw if isinstance(raw, list) else [raw]
        if not members:
            return self._empty(name, place)
        one_of = Type("one_of", type_.values)
        parts: list[Condition] = []
        for at, member in enumerate(members):
            here = place.at(at) if isinstance(raw, list) else place
            value = value_of(member, one_of, name, here, self.wrong)
            if value is not None:
                parts.append(Test(f"{name}.{value}", "=", (wanted,)))
        if len(parts) == 1:
            return parts[0]
        return Some(tuple(parts)) if wanted else All(tuple(parts))

    def _judged(self, name: str, around: Place) -> Condition:
        self.wrong.append(
            Diagnostic(
                "judged-in-condition",
                f"the condition reads `{name}`, which only a person can judge",
                around.key(name),
                "make it a requirement: `requirement: {track: …, judged: " + name + "}`",
            )
        )
        return ALWAYS

    def _empty(self, name: str, place: Place) -> Condition:
        return self._refuse(
            "empty-list", f"`{name}` has nothing to choose from", place, "name at least one"
        )

    def _refuse(self, code: str, message: str, place: Place, help: str | None = None) -> Condition:
        self.wrong.append(Diagnostic(code, message, place.span, help))
        return ALWAYS


def _no_operator(atom: str, name: str, type_: Type, place: Place) -> Diagnostic:
    known = list(OPERATORS) if type_.kind in ("number", "date") else ["ne", "in", "not_in"]
    return Diagnostic(
        "wrong-operator",
        f"`{atom}` cannot be compared with `{name}`",
        place.key(name),
        "it takes " + ", ".join(f"`{k}`" for k in known),
    )
