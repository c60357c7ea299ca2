"""Where proofs end: the step of one indicator, on a fact, a statement, an absence or nothing.

And the digest of a profile, which says the same of every indicator in short.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TypeAlias

from jfsrules.condition import Scalar, scalar
from jfsrules.decision import Says, Step, StepKind, canonical
from jfsrules.facts import NOT_STATED, STATED, Fact, Ground, Profile
from jfsrules.proof.kept import Bottom, Kept
from jfsrules.vocabulary import AS_OF, PARTNER, Value

Args: TypeAlias = dict[str, Scalar | tuple[str, ...]]


class Bottoms(dict[str, Bottom]):
    """How a profile holds what it holds; what it does not hold is laid when it is asked for."""

    def __init__(self, kept: Kept, profile: Profile) -> None:
        super().__init__()
        self.kept = kept
        self.profile = profile
        known, grounds = kept.bottoms.get, profile.grounds.get
        for atom, value in profile.values.items():
            ground = grounds(atom, STATED)
            plain = ground is STATED
            key = (atom, value, value.__class__) if plain else _key(atom, value, ground)
            self[atom] = known(key) or _lay(kept, key, atom, value, ground)
        self.digest = digest_of(profile, [self[atom].row for atom in sorted(self)])
        for atom, given in ((PARTNER, profile.partner), (AS_OF, profile.as_of.isoformat())):
            key = (atom, given)
            self[atom] = known(key) or kept.keep(kept.bottoms, key, Bottom(given))

    def __missing__(self, atom: str) -> Bottom:
        ground = self.profile.grounds.get(atom, NOT_STATED)
        key = _key(atom, None, ground)
        kept = self.kept
        self[atom] = laid = kept.bottoms.get(key) or _lay(kept, key, atom, None, ground)
        return laid


def _key(atom: str, value: Value | None, ground: Ground) -> tuple[object, ...]:
    """All that a step is made of. What is kept holds its ground, so that no id comes again."""
    facts, closed = ground.facts, ground.closed_list
    return (atom, value, value.__class__, ground.kind, ground.why, id(closed), *map(id, facts))


def _lay(
    kept: Kept, key: tuple[object, ...], atom: str, value: Value | None, ground: Ground
) -> Bottom:
    step = _step(atom, scalar(value), ground)
    made = Bottom(scalar(value), step, _row(atom, value, ground), ground)
    return kept.keep(kept.bottoms, key, made)


def _step(atom: str, value: Scalar, ground: Ground) -> Step:
    kind = ground.kind
    shown: StepKind = "undecided" if kind == "unknown" else kind
    args: Args = {"indicator": atom, "value": value}
    if kind == "unknown":
        args["facts"] = tuple([fact.id for fact in ground.facts])
    if ground.closed_list and kind == "absence":
        args["list"] = ground.closed_list.id
    elif ground.facts:
        args |= _period(ground.facts[0])
    return Step(
        f"fact:{ground.facts[0].id}" if kind == "fact" else f"{kind}:{atom}",
        shown,
        None,
        None,
        None if kind == "unknown" else ground.confidence,
        Says(ground.why, args),
        (),
        (),
        _cites(ground),
    )


def _period(fact: Fact) -> Args:
    return {
        "fact": fact.id,
        "from": fact.since.text,
        "until": fact.until.text if fact.until else None,
    }


def _cites(ground: Ground) -> tuple[str, ...]:
    cites = {cite for fact in ground.facts for cite in fact.cites}
    if ground.closed_list:
        cites.update(ground.closed_list.cites)
    return tuple(sorted(cites))


def _row(atom: str, value: Value | None, ground: Ground) -> str:
    names = [fact.id for fact in ground.facts]
    if ground.closed_list:
        names.append(ground.closed_list.id)
    return canonical({atom: [scalar(value), ground.kind, [*names]]}).decode()[1:-1]


def profile_digest(profile: Profile) -> str:
    """The SHA-256 of a profile: its values, where each comes from, and the facts' ids."""
    values = profile.values
    return digest_of(profile, [_row(a, values[a], profile.ground(a)) for a in sorted(values)])


def digest_of(profile: Profile, rows: Iterable[str]) -> str:
    """The same, of the rows of its values in order."""
    partner = canonical(profile.partner).decode()
    day = profile.as_of.isoformat()
    body = f'{{"as_of":"{day}","facts":{{{",".join(rows)}}},"partner":{partner}}}'
    return hashlib.sha256(body.encode()).hexdigest()
