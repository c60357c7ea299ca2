"""Rules from their files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from jfsrules.condition import ALWAYS, Conclusion
from jfsrules.errors import Diagnostic
from jfsrules.loading.conditions import ConditionReader
from jfsrules.loading.shaping import choice
from jfsrules.loading.stated import stated_values
from jfsrules.loading.values import day_of
from jfsrules.rulebook import Authority, Impossible, Rule
from jfsrules.shapes import CONCLUSIONS
from jfsrules.span import Place
from jfsrules.vocabulary import Vocabulary

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_QUALIFIERS = ("where_appropriate",)


@dataclass(slots=True)
class RuleReader:
    """Reads rules over one vocabulary, and gathers what is wrong in them."""

    vocabulary: Vocabulary
    wrong: list[Diagnostic]

    def rule(self, raw: dict[str, Any], authority: Authority, place: Place) -> Rule | None:
        """One rule of the shape of a rule; None where it has no conclusion, or several."""
        if not _ID.fullmatch(raw["id"]):
            self._add(
                "bad-id",
                f"`{raw['id']}` is not an id",
                place.at("id"),
                "use small letters, figures and single hyphens, as in `geo-n3-mobility-partnership`",
            )
        kind = self._kind(raw, place)
        if kind is None:
            return None
        conditions = ConditionReader(self.vocabulary, self.wrong)
        when = conditions.read(raw["when"], place.at("when")) if "when" in raw else ALWAYS
        conclusion = self._conclusion(kind, raw[kind], place.at(kind))
        required = raw[kind] if kind == "requirement" else {}
        that = None
        if "that" in required:
            that = conditions.read(required["that"], place.at(kind, "that"))
        days = raw.get("in_force", {})
        since, until = (
            day_of(days[name], name, place.at("in_force", name), self.wrong)
            if name in days
            else None
            for name in ("from", "until")
        )
        return Rule(
            raw["id"],
            raw["title"],
            conclusion,
            tuple(raw["cites"]),
            raw.get("authority", authority),
            when,
            since,
            until,
            tuple(raw.get("overrides", ())),
            that,
            required.get("judged"),
            raw[kind].get("says") if kind in ("requirement", "moot") else None,
            tuple(raw[kind].get("qualified", ())) if kind == "focus" else (),
            raw.get("note"),
            self._examples(raw.get("examples", {}), place.at("examples")),
            place,
        )

    def impossible(self, id_: str, raw: dict[str, Any], place: Place) -> Impossible:
        """One impossible profile of its shape."""
        when = ConditionReader(self.vocabulary, self.wrong).read(raw["when"], place.at("when"))
        return Impossible(id_, raw["says"], when, tuple(raw["cites"]), place)

    def _kind(self, raw: dict[str, Any], place: Place) -> str | None:
        kinds = [kind for kind in raw if kind in CONCLUSIONS]
        if len(kinds) == 1:
            return kinds[0]
        if kinds:
            first = place.key(kinds[0])
            self.wrong.append(
                Diagnostic(
                    "two-conclusions",
                    f"`{raw['id']}` concludes more than one thing: "
                    + ", ".join(f"`{k}`" for k in kinds),
                    place.key(kinds[1]),
                    "write one rule for each conclusion",
                    (("the first conclusion", first),) if first else (),
                )
            )
        else:
            self._add(
                "no-conclusion",
                f"`{raw['id']}` concludes nothing",
                place.at("id"),
                "add one of " + ", ".join(f"`{k}:`" for k in CONCLUSIONS),
            )
        return None

    def _conclusion(self, kind: Any, raw: Any, place: Place) -> Conclusion:
        names = self.vocabulary
        match kind:
            case "group":
                subject = self._known(raw, names.groups, "group", place)
            case "focus":
                subject = self._moded(raw, "area", names.focus_areas, "focus area", place)
                for at, one in enumerate(raw.get("qualified", ())):
                    self._known(one, _QUALIFIERS, "qualifier", place.at("qualified", at))
            case "channel":
                subject = self._moded(
                    raw, "organisation", names.organisations, "organisation", place
                )
            case "class":
                subject = self._known(raw, names.classes, "class of instruments", place)
            case "track":
                subject = self._known(raw, names.instruments, "instrument", place)
            case "moot":
                subject = self._known(
                    raw["track"], names.instruments, "instrument", place.at("track")
                )
            case "requirement":
                subject = self._requirement(raw, place)
            case "derived":
                subject = raw
            case _:
                subject = "rules"
        return Conclusion(kind, subject)

    def _moded(self, raw: dict[str, Any], key: str, known: Any, noun: str, place: Place) -> str:
        name, mode = self._known(raw[key], known, noun, place.at(key)), raw["mode"]
        if mode is not None:
            self._known(mode, self.vocabulary.modes, "mode", place.at("mode"))
        return f"{name}/{mode or ''}"

    def _requirement(self, raw: dict[str, Any], place: Place) -> str:
        track = self._known(
            raw["track"], self.vocabulary.instruments, "instrument", place.at("track")
        )
        if ("that" in raw) == ("judged" in raw):
            self._add(
                "two-conclusions" if "that" in raw else "missing-key",
                f"the requirement `{raw['id']}` must say either `that:` or `judged:`",
                place.at("id"),
                "write `that:` with a condition, or `judged:` with a judged indicator",
            )
        judged = raw.get("judged")
        if judged is not None:
            self._known(judged, self.vocabulary.indicators, "indicator", place.at("judged"))
            indicator = self.vocabulary.indicators.get(judged)
            if indicator and not indicator.judged:
                self._add(
                    "not-judged",
                    f"`{judged}` is no judged indicator",
                    place.at("judged"),
                    f"write `that: {{{judged}: …}}`",
                )
        return f"{track}/{raw['id']}"

    def _examples(self, raw: dict[str, Any], place: Place) -> Any:
        return MappingProxyType(
            {
                name: MappingProxyType(
                    stated_values(one, self.vocabulary, place.at(name), self.wrong)
                )
                for name, one in raw.items()
            }
        )

    def _known(self, name: str, known: Any, noun: str, place: Place) -> str:
        if name not in known:
            self._add(
                "unknown-indicator" if noun == "indicator" else "unknown-name",
                f"there is no {noun} `{name}`",
                place,
                choice(name, known),
            )
        return name

    def _add(self, code: str, message: str, place: Place, help: str | None) -> None:
        self.wrong.append(Diagnostic(code, message, place.span, help))
