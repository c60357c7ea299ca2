"""Scenarios from their files, checked: every name in them is one that exists."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from jfsrules.advice import ADVICE
from jfsrules.cases.scenario import Expectation, ExpectedTrack, Scenario, ScenarioShape
from jfsrules.checks import profile_faults
from jfsrules.errors import Diagnostic, Refused, did_you_mean
from jfsrules.facts import Profile
from jfsrules.loading import load_lists, load_rulebook, read_as_of, rulebook_names
from jfsrules.loading.countries import partner_of
from jfsrules.loading.folders import entries, files
from jfsrules.loading.stated import stated_values
from jfsrules.rulebook import Rulebook
from jfsrules.shipped import shipped
from jfsrules.span import Place
from jfsrules.tier import SCOPE, TIERS
from jfsrules.vocabulary import STATES

DEFAULT_RULEBOOK: Final = "text-2014"
OWN_CODES: Final = ("citation", "indicator", "rule", "rulebook")
NOTES: Final = (
    "advice",
    "page_written_later",
    "footnote:kosovo",
    "footnote:palestine",
    "footnote:taiwan",
)


def scenario_files(paths: Iterable[Path] = ()) -> list[Path]:
    """The files with scenarios among some files and folders; without any, those of the project."""
    given = list(paths) or [shipped("cases", "scenarios")]
    return [found for path in given for found in (files(path) if path.is_dir() else [path])]


def load_scenarios(
    paths: Iterable[Path] = (), rulebooks: Mapping[str, Rulebook] | None = None
) -> tuple[Scenario, ...]:
    """Every scenario of some files and folders, in their order; raises Refused.

    `rulebooks` stand in for those shipped under the same name.
    """
    reader = _Reader(rulebooks or {})
    found: dict[str, Scenario] = {}
    for path in scenario_files(paths):
        for _, raw, place in entries(path, (list, ScenarioShape), reader.wrong):
            scenario = reader.scenario(raw, place)
            if scenario and scenario.id in found:
                first = found[scenario.id].place.at("id").span
                reader.wrong.append(
                    Diagnostic(
                        "duplicate-id",
                        f"two scenarios are called `{scenario.id}`",
                        place.at("id").span,
                        "give one of them another id",
                        (("the first one", first),) if first else (),
                    )
                )
            elif scenario:
                found[scenario.id] = scenario
    if reader.wrong:
        raise Refused(reader.wrong)
    return tuple(found.values())


@dataclass(frozen=True)
class _Names:
    """What a scenario of one rulebook may name."""

    rulebook: Rulebook

    @cached_property
    def focus(self) -> frozenset[str]:
        words = self.rulebook.vocabulary
        pairs = {f"{area}/{mode}" for area in words.focus_areas for mode in words.modes}
        return frozenset(pairs | {*words.focus_areas})

    @cached_property
    def abouts(self) -> tuple[str, ...]:
        words = self.rulebook.vocabulary
        groups = (f"group:{group}" for group in words.groups)
        return ("scope", "tier", *groups, *(f"track:{name}" for name in words.instruments))

    @cached_property
    def requirements(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for rule in self.rulebook.rules:
            if rule.conclusion.kind == "requirement":
                track, _, name = rule.conclusion.subject.partition("/")
                found.setdefault(track, set()).add(name)
        return {track: frozenset(names) for track, names in found.items()}

    def known(self, field: str) -> tuple[str, Collection[str]]:
        """What one field of an expectation names, and which names there are."""
        words = self.rulebook.vocabulary
        match field:
            case "tier":
                return "tier", TIERS
            case "out_of_scope":
                return "reason", [reason for reason, _ in SCOPE]
            case "groups" | "possible_groups":
                return "group", words.groups
            case "focus" | "focus_exactly" | "no_focus":
                return "focus area with that mode", self.focus
            case "tracks" | "no_tracks":
                return "instrument", words.instruments
            case "fired" | "not_fired" | "overridden":
                return "rule", self.rulebook.rules_by_id
            case "notes":
                return "note", NOTES
            case _:
                return "indicator", words.atoms


class _Reader:
    """Reads scenarios, and gathers what is wrong in them."""

    def __init__(self, rulebooks: Mapping[str, Rulebook]) -> None:
        self.rulebooks = dict(rulebooks)
        self.names: dict[str, _Names] = {}
        self.wrong: list[Diagnostic] = []

    def scenario(self, raw: dict[str, Any], place: Place) -> Scenario | None:
        before = len(self.wrong)
        book = raw.get("rulebook", DEFAULT_RULEBOOK)
        names = self.book(book, place)
        if names is None:
            return None
        profile, partner, day = self.subject(raw, names.rulebook, place)
        stated = raw.get("stated", {})
        stated_values(stated, names.rulebook.vocabulary, place.at("stated"), self.wrong)
        expect = self.expectation(raw["expect"], names, place.at("expect"))
        source = self.source(raw["source"], names.rulebook, place.at("source"))
        if len(self.wrong) > before or partner is None or day is None:
            return None
        return Scenario(
            raw["id"],
            raw["says"],
            partner,
            day,
            book,
            expect,
            source,
            profile,
            stated,
            raw.get("by"),
            place,
        )

    def book(self, name: str, place: Place) -> _Names | None:
        if name not in self.names:
            if name not in self.rulebooks and name not in rulebook_names():
                self.unknown("rulebook", name, rulebook_names(), place.at("rulebook"))
                return None
            self.names[name] = _Names(self.rulebooks.get(name) or load_rulebook(name))
        return self.names[name]

    # --- whom, and when ---------------------------------------------------------------------

    def subject(
        self, raw: dict[str, Any], book: Rulebook, place: Place
    ) -> tuple[Profile | None, str | None, date | None]:
        if ("profile" in raw) == ("partner" in raw):
            self.add(
                "missing-key" if "partner" not in raw else "wrong-shape",
                "a scenario is about a `partner` or about a `profile`",
                place.at("id"),
                "write `partner:` with `as_of:`, or `profile:` with its facts",
            )
            return None, None, None
        where = place.at("profile") if "profile" in raw else place
        about = raw.get("profile", raw)
        if "as_of" not in about:
            self.add("missing-key", "the key `as_of` is missing", where, "add `as_of:` with a day")
            return None, None, None
        day = self.day(about["as_of"], where.at("as_of"))
        partner = partner_of(about["partner"], where.at("partner"), self.wrong)
        if "profile" not in raw or partner is None or day is None:
            return None, partner, day
        stated = stated_values(about["facts"] or {}, book.vocabulary, where.at("facts"), self.wrong)
        profile = Profile(partner, day, {}, {}, about.get("name")).stating(stated)
        self.wrong += profile_faults(profile, book.impossible, where.at("facts"))
        return profile, partner, day

    def day(self, raw: object, place: Place) -> date | None:
        try:
            return read_as_of(str(raw), load_lists().knowledge_date)
        except Refused as refused:
            self.wrong += [replace(one, span=place.span) for one in refused.diagnostics]
            return None

    # --- what is expected -------------------------------------------------------------------

    def expectation(self, raw: dict[str, Any], names: _Names, place: Place) -> Expectation:
        for field, value in raw.items():
            if field not in ("tracks", "missing"):
                noun, known = names.known(field)
                self.check(noun, value, known, place.at(field))
        written: dict[str, Any] = {
            field: tuple(v) if isinstance(v, list) else v for field, v in raw.items()
        }
        if "tracks" in raw:
            written["tracks"] = self.tracks(raw["tracks"], names, place.at("tracks"))
        if "missing" in raw:
            written["missing"] = self.missing(raw["missing"], names, place.at("missing"))
        return Expectation(frozenset(raw), **written)

    def tracks(self, raw: dict[str, Any], names: _Names, place: Place) -> dict[str, ExpectedTrack]:
        _, instruments = names.known("tracks")
        tracks = {}
        for name, one in raw.items():
            if name not in instruments:
                self.add(
                    "unknown-name",
                    f"there is no instrument `{name}`",
                    place.at(name),
                    did_you_mean(name, instruments),
                )
                continue
            written: dict[str, Any] = {"advice": one} if isinstance(one, str) else dict(one)
            here = place.at(name)
            known = names.requirements.get(name, frozenset())
            for field, noun, words in (
                ("advice", "advice", ADVICE),
                ("state", "state", (*STATES, "unknown")),
            ):
                if field in written:
                    at = here if isinstance(one, str) else here.at(field)
                    self.check(noun, written[field], words, at)
            self.check("requirement", list(written.get("requires", ())), known, here.at("requires"))
            tracks[name] = ExpectedTrack(
                frozenset(written),
                written.get("advice"),
                _or_unknown(written.get("state")),
                _or_unknown(written.get("meant")),
                {id_: _or_unknown(holds) for id_, holds in written.get("requires", {}).items()},
            )
        return tracks

    def missing(self, raw: Any, names: _Names, place: Place) -> Any:
        noun, known = names.known("missing")
        if isinstance(raw, list):
            self.check(noun, raw, known, place)
            return tuple(raw)
        self.check("line", list(raw), names.abouts, place)
        for about, atoms in raw.items():
            self.check(noun, atoms, known, place.at(about))
        return {about: tuple(atoms) for about, atoms in raw.items()}

    def source(self, raw: Any, book: Rulebook, place: Place) -> tuple[str, ...]:
        """What an expectation rests on: keys, documents, or a sentence with its public source."""
        said = []
        for one in raw if isinstance(raw, list) else [raw]:
            if isinstance(one, dict):
                said.append("; ".join(str(value) for value in one.values()))
                continue
            known = {**book.citations, **book.passages}
            if " " not in one.strip() and one not in known:
                self.unknown("citation", one, known, place)
            said.append(one)
        return tuple(said)

    # --- what is wrong ----------------------------------------------------------------------

    def check(self, noun: str, value: Any, known: Collection[str], place: Place) -> None:
        for at, name in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if name not in known:
                self.unknown(noun, name, known, place if at is None else place.at(at))

    def unknown(self, noun: str, name: str, known: Iterable[str], place: Place) -> None:
        code = f"unknown-{noun}" if noun in OWN_CODES else "unknown-name"
        self.add(code, f"there is no {noun} `{name}`", place, did_you_mean(name, known))

    def add(self, code: str, message: str, place: Place, help: str | None) -> None:
        self.wrong.append(Diagnostic(code, message, place.span, help))


def _or_unknown(value: Any) -> Any:
    return None if value == "unknown" else value
