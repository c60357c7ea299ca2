"""Checks against what cannot be: facts that exclude each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType

from jfsrules.condition import Reads, Test, leaves
from jfsrules.errors import Diagnostic
from jfsrules.facts import FIRST_DAY, Dossier, Fact, Profile
from jfsrules.meaning import holds
from jfsrules.rulebook import Impossible
from jfsrules.span import Place, Span
from jfsrules.vocabulary import AS_OF, PARTNER, Value, Vocabulary

CODE = "impossible-profile"
GIVEN = (PARTNER, AS_OF)


def in_profile(
    profile: Profile, impossibles: Iterable[Impossible], place: Place
) -> Iterator[Diagnostic]:
    """No profile is certainly impossible."""
    for one in impossibles:
        if _applies(one, profile):
            atoms = _atoms(one)
            spans = [span for atom in atoms if (span := _stated_at(atom, place))]
            yield Diagnostic(
                CODE,
                f"no partner is like this: {one.says}",
                spans[-1] if spans else place.span,
                "take one of these facts out: " + ", ".join(f"`{atom}`" for atom in atoms),
                tuple(("excluded by this", span) for span in spans[:-1]),
            )


def set_aside(profile: Profile, impossibles: Iterable[Impossible]) -> Profile:
    """The profile without what a dossier or list says and a stated fact excludes.

    Where facts exclude each other, the stated ones stand. Where all of them are stated, nothing
    is set aside: such a profile is impossible.
    """
    for one in impossibles:
        if _applies(one, profile):
            atoms = [atom for atom in _atoms(one) if profile.ground(atom).kind != "stated"]
            profile = profile.setting_aside(atom for atom in atoms if atom not in GIVEN)
    return profile


def _stated_at(atom: str, place: Place) -> Span | None:
    """Where a profile states an atom, or the set it belongs to."""
    for key in (atom, atom.partition(".")[0]):
        if (*place.path, key) in place.spans:
            return place.key(key)
    return None


def on_any_day(
    dossier: Dossier, vocabulary: Vocabulary, impossibles: Iterable[Impossible]
) -> Iterator[Diagnostic]:
    """No dossier is certainly impossible on any day on which one of its facts begins or ends."""
    del vocabulary
    for one in impossibles:
        facts = [fact for atom in _atoms(one) for fact in dossier.facts.get(atom, ())]
        for day in _boundaries(facts):
            holding = {f.atom: f for f in facts if f.holds_on(day)}
            profile = _profile(dossier, day, {atom: f.value for atom, f in holding.items()})
            if _applies(one, profile):
                yield _on(day, one, sorted(holding.values(), key=lambda f: f.since.last))
                break


def _applies(one: Impossible, profile: Profile) -> bool:
    if any(isinstance(leaf, Reads) for leaf in leaves(one.when)):
        return False
    return holds(one.when, profile, {}) is True


def _atoms(one: Impossible) -> list[str]:
    return sorted({leaf.atom for leaf in leaves(one.when) if isinstance(leaf, Test)})


def _boundaries(facts: Iterable[Fact]) -> list[date]:
    days = {FIRST_DAY}
    for fact in facts:
        days.add(max(fact.since.last, FIRST_DAY))
        if fact.until:
            days.add(max(fact.until.last, FIRST_DAY))
    return sorted(days)


def _profile(dossier: Dossier, day: date, values: Mapping[str, Value]) -> Profile:
    return Profile(dossier.partner, day, MappingProxyType(dict(values)))


def _on(day: date, one: Impossible, facts: list[Fact]) -> Diagnostic:
    spans: list[Span] = [fact.place.span for fact in facts if fact.place.span]
    return Diagnostic(
        CODE,
        f"on {day} no partner is like this: {one.says}",
        spans[-1] if spans else None,
        "close one of these facts with `until:`",
        tuple(("excluded by this", span) for span in spans[:-1]),
    )
