"""Runs scenarios and says where a decision is not what was expected. Knows nothing of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jfsrules.advice import NO_TRACK
from jfsrules.cases.scenario import Expectation, ExpectedTrack, Scenario
from jfsrules.deciding import EngineName, profile_of, ready
from jfsrules.decision import Decision, Track
from jfsrules.errors import Diagnostic, Refused
from jfsrules.facts import Dossier
from jfsrules.loading import load_dossier, load_rulebook
from jfsrules.meaning import Findings
from jfsrules.proof import decision
from jfsrules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that is not as expected, and the steps the decision gives for it."""

    about: str
    expected: str
    found: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A scenario with the decision it led to, and what was found; it passed where nothing is wrong."""

    scenario: Scenario
    decision: Decision | None
    found: Findings | None = None
    mismatches: tuple[Mismatch, ...] = ()
    refused: tuple[Diagnostic, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the decision is as expected."""
        return self.decision is not None and not self.mismatches


@dataclass
class Runner:
    """Runs scenarios on one engine; `rulebooks` stand in for those shipped under the same name."""

    engine: EngineName = "auto"
    rulebooks: Mapping[str, Rulebook] = field(default_factory=dict)
    _dossiers: dict[str, Dossier] = field(default_factory=dict)

    def run(self, scenario: Scenario) -> Outcome:
        """Decide, and compare with what is expected."""
        try:
            decided, found = self.decide(scenario)
        except Refused as refused:
            return Outcome(scenario, None, refused=refused.diagnostics)
        wrong = tuple(mismatches(decided, found, scenario.expect))
        return Outcome(scenario, decided, found, wrong)

    def decide(self, scenario: Scenario) -> tuple[Decision, Findings]:
        """The decision of one scenario, and what was found for it; raises Refused."""
        book = self.rulebooks.get(scenario.rulebook) or load_rulebook(scenario.rulebook)
        subject = scenario.profile or self.dossier(scenario.partner, book)
        profile = profile_of(subject, scenario.as_of, book, stated=scenario.stated)
        made = ready(book, self.engine)
        found = made.engine(profile)
        return decision(made.plan, profile, found, made.name), found

    def dossier(self, partner: str, book: Rulebook) -> Dossier:
        """A dossier, loaded once."""
        if partner not in self._dossiers:
            self._dossiers[partner] = load_dossier(partner, book.vocabulary)
        return self._dossiers[partner]


def mismatches(decision: Decision, found: Findings, expect: Expectation) -> Iterator[Mismatch]:
    """Where a decision is not as expected."""
    tier = ("order:tier",)
    if "tier" in expect.named:
        yield from _equal("tier", expect.tier, decision.tier, tier)
    if "out_of_scope" in expect.named:
        yield from _equal(
            "out_of_scope", expect.out_of_scope, decision.out_of_scope, ("order:scope",)
        )
    for name in ("groups", "possible_groups"):
        if name in expect.named:
            expected, had = getattr(expect, name), getattr(decision, name)
            yield from _equal(name, sorted(expected), sorted(had), tier)
    yield from _focus(decision, expect)
    tracks = {track.instrument: track for track in decision.tracks}
    for name, track in expect.tracks.items():
        yield from _track(name, track, tracks.get(name))
    for name in expect.no_tracks:
        if name in tracks:
            yield Mismatch(f"track {name}", NO_TRACK, tracks[name].advice, tracks[name].why)
    yield from _missing(decision, expect)
    yield from _rules(found, expect)
    for note in expect.notes:
        if note not in decision.notes:
            yield Mismatch("notes", note, _shown(decision.notes))


def _focus(decision: Decision, expect: Expectation) -> Iterator[Mismatch]:
    areas = {f"{a.id}/{a.mode}" if a.mode else a.id: a.why for a in decision.focus_areas}
    for one in (*expect.focus, *expect.focus_exactly):
        if one not in areas:
            yield Mismatch("focus", one, "not listed")
    for one in expect.no_focus:
        if one in areas:
            yield Mismatch("focus", f"no {one}", "listed", areas[one])
    if "focus_exactly" in expect.named:
        for one in sorted({*areas} - {*expect.focus_exactly}):
            yield Mismatch("focus", f"no {one}", "listed", areas[one])


def _track(name: str, expected: ExpectedTrack, found: Track | None) -> Iterator[Mismatch]:
    about = f"track {name}"
    if found is None:
        yield Mismatch(about, expected.advice or "a track", NO_TRACK)
        return
    for part in ("advice", "state", "meant"):
        if part in expected.named:
            wanted, had = getattr(expected, part), getattr(found, part)
            yield from _equal(f"{about}, {part}", wanted, had, found.why)
    holds = {one.id: one.holds for one in found.requires}
    for id_, wanted in expected.requires.items():
        if id_ not in holds:
            yield Mismatch(f"{about}, requirement {id_}", _shown(wanted), "not asked", found.why)
        else:
            yield from _equal(f"{about}, requirement {id_}", wanted, holds[id_], found.why)


def _missing(decision: Decision, expect: Expectation) -> Iterator[Mismatch]:
    missing = {one.about: one.missing for one in decision.undetermined}
    if isinstance(expect.missing, Mapping):
        for about, atoms in expect.missing.items():
            yield from _equal(f"missing for {about}", sorted(atoms), sorted(missing.get(about, ())))
        return
    anywhere = {atom for atoms in missing.values() for atom in atoms}
    for atom in expect.missing:
        if atom not in anywhere:
            yield Mismatch("missing", atom, _shown(sorted(anywhere)))


def _rules(found: Findings, expect: Expectation) -> Iterator[Mismatch]:
    """A rule has fired where it is effective: its condition holds and nothing overrides it."""
    for rule in expect.fired:
        if not found.effective[rule]:
            yield Mismatch(f"rule {rule}", "fired", _fate(rule, found), (f"rule:{rule}",))
    for rule in expect.not_fired:
        if found.effective[rule]:
            yield Mismatch(f"rule {rule}", "not fired", "fired", (f"rule:{rule}",))
    for rule in expect.overridden:
        if _fate(rule, found) != "overridden":
            yield Mismatch(f"rule {rule}", "overridden", _fate(rule, found), (f"rule:{rule}",))


def _fate(rule: str, found: Findings) -> str:
    if found.effective[rule]:
        return "fired"
    holds = found.conditions[rule, "when"].value
    if holds and found.effective[rule] is False:
        return "overridden"
    return "not decided" if holds is None else "not fired"


def _equal(
    about: str, expected: object, found: object, why: tuple[str, ...] = ()
) -> Iterator[Mismatch]:
    if expected != found or type(expected) is not type(found):
        yield Mismatch(about, _shown(expected), _shown(found), why)


def _shown(value: object) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return ", ".join(map(str, value)) or "none"
    return str(value)
