"""The main job in one call: a partner or a profile goes in, a decision with its trace comes out.

Brings loading, plan and engine together, and keeps the last plans and engines. Knows nothing of
what a condition means, nor of how a decision is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, Literal, TypeAlias

from jfsrules import meaning
from jfsrules.decision import Decision
from jfsrules.errors import Refused, Unavailable, refuse
from jfsrules.facts import Dossier, Profile, profile_on
from jfsrules.meaning import Findings
from jfsrules.plan import Plan, plan
from jfsrules.proof import decision
from jfsrules.rulebook import Rulebook
from jfsrules.span import NOWHERE, Place
from jfsrules.vocabulary import AS_OF, PARTNER, Value, Vocabulary

EngineName: TypeAlias = Literal["auto", "rete", "reference"]
Trust: TypeAlias = Literal["verified", "reported", "unverified"]
Engine: TypeAlias = Callable[[Profile], Findings]
Subject: TypeAlias = str | Path | Mapping[str, object] | Profile | Dossier

ENGINES: Final[tuple[EngineName, ...]] = ("auto", "rete", "reference")
TRUSTS: Final[tuple[Trust, ...]] = ("verified", "reported", "unverified")
RULEBOOK: Final = "practice"
MOST_KEPT: Final = 8
FOOTNOTES: Final = {"XK": "kosovo", "PS": "palestine", "TW": "taiwan"}


@dataclass(frozen=True, slots=True)
class Ready:
    """A rulebook made ready to decide: its plan, and the engine that runs it."""

    plan: Plan
    engine: Engine
    name: str

    def decide(self, profile: Profile) -> Decision:
        """The decision on one profile."""
        return decision(self.plan, profile, self.engine(profile), self.name)


_kept: dict[tuple[str, str], Ready] = {}


def decide(
    subject: Subject,
    as_of: date | str | None = None,
    *,
    rulebook: str | Path | Rulebook = RULEBOOK,
    engine: EngineName = "auto",
    trust: Trust = "unverified",
    stated: Mapping[str, object] | None = None,
) -> Decision:
    """Decide on a partner, by its code, or on a profile, by its file or its values.

    `as_of` is a day from 2004-01-01 to the knowledge date; without it, the day of the profile, or
    else the knowledge date. `trust` makes facts of a dossier that are weaker unknown. `stated`
    puts indicators over what the dossier or profile holds (None or "unknown": not known). Raises
    Refused where the input is wrong, Unavailable where the engine asked for is not installed,
    ValueError for an engine or a trust that does not exist.

    >>> decide("MD", "2014-06-27").tier
    'neighbourhood'
    >>> known = {"eu_member": False, "accession_status": "candidate"}
    >>> decide({"partner": "MD", "facts": known}).tier
    'enlargement'
    """
    book = rulebook if isinstance(rulebook, Rulebook) else _load_rulebook(rulebook)
    return ready(book, engine).decide(profile_of(subject, as_of, book, trust, stated))


def ready(rulebook: Rulebook, engine: EngineName = "auto") -> Ready:
    """The plan and engine of a rulebook, made on first use and kept by its digest."""
    _known("engine", engine, ENGINES)
    key = (rulebook.digest, engine)
    if key not in _kept:
        while len(_kept) >= MOST_KEPT:
            del _kept[next(iter(_kept))]
        _kept[key] = _make_ready(plan(rulebook), engine)
    return _kept[key]


def _make_ready(made: Plan, engine: EngineName) -> Ready:
    if engine != "reference":
        from jfsrules.engines import rete

        try:
            return Ready(made, rete.engine(made), "rete")
        except Unavailable:
            if engine == "rete":
                raise
    return Ready(made, lambda profile: meaning.find(made, profile), "reference")


def profile_of(
    subject: Subject,
    as_of: date | str | None,
    rulebook: Rulebook,
    trust: Trust = "unverified",
    stated: Mapping[str, object] | None = None,
) -> Profile:
    """What is known of a partner on the day, as `decide` takes it. Raises Refused."""
    from jfsrules import loading

    _known("trust", trust, TRUSTS)
    vocabulary = rulebook.vocabulary
    day = None if as_of is None else loading.read_as_of(str(as_of))
    match subject:
        case Profile():
            profile = subject if day is None else replace(subject, as_of=day)
        case Dossier():
            lists = loading.load_lists(vocabulary)
            profile = profile_on(subject, day or lists.knowledge_date, lists, vocabulary, trust)
        case str() if not is_file(subject):
            dossier = loading.load_dossier(subject, vocabulary)
            return profile_of(dossier, day, rulebook, trust, stated)
        case _:
            source = Path(subject) if isinstance(subject, str) and subject != "-" else subject
            possible = rulebook.impossible
            loaded = loading.load_profile(source, vocabulary, as_of=day, impossible=possible)
            profile = named(loaded)
    return stating(profile, _values(stated, vocabulary), rulebook) if stated else profile


def stating(
    profile: Profile,
    stated: Mapping[str, Value | None],
    rulebook: Rulebook,
    place: Place = NOWHERE,
) -> Profile:
    """A profile with atoms stated over it (None: unknown). Raises Refused if no partner can be so.

    What the profile held and a stated fact excludes is set aside: it becomes unknown, and the
    decision says so. `place` is where the facts were stated.
    """
    from jfsrules.checks import profile_faults, without_excluded

    changed = without_excluded(profile.stating(stated), rulebook.impossible)
    faults = tuple(profile_faults(changed, rulebook.impossible, place))
    if faults:
        raise Refused(faults)
    return changed


def _values(stated: Mapping[str, object], vocabulary: Vocabulary) -> Mapping[str, Value | None]:
    """What a caller states, as atoms with values."""
    from jfsrules.loading import read_stated

    for name, how in ((PARTNER, "name the partner first"), (AS_OF, "give the day as `as_of`")):
        if name in stated:
            raise refuse("given-as-fact", f"`{name}` is no fact that can be stated", None, how)
    return read_stated({name: _written(value) for name, value in stated.items()}, vocabulary)


def named(profile: Profile) -> Profile:
    """A profile from outside with the name and the footnote that its partner is shown with."""
    from jfsrules.loading.countries import names_by_code

    name = profile.name or names_by_code()[profile.partner]
    return replace(profile, name=name, footnote=FOOTNOTES.get(profile.partner))


def is_file(subject: str) -> bool:
    """Whether a text names a file or standard input, rather than a partner.

    >>> is_file("MD"), is_file("-"), is_file("cases/md.yaml")
    (False, True, True)
    """
    return subject == "-" or "/" in subject or "\\" in subject or bool(Path(subject).suffix)


def _written(value: object) -> object:
    """A value as a profile file would write it."""
    if value is None:
        return "unknown"
    return sorted(value) if isinstance(value, set | frozenset | tuple) else value


def _known(name: str, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        raise ValueError(f"`{name}` cannot be `{value}`: it takes {', '.join(values)}")


def _load_rulebook(name: str | Path) -> Rulebook:
    from jfsrules.loading import load_rulebook

    return load_rulebook(name)
