"""Rule, rulebook, and the fingerprint by which a rulebook is known. Knows nothing of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from jfsrules.citation import Citation, Passage
from jfsrules.condition import ALWAYS, Conclusion, Condition
from jfsrules.span import NOWHERE, Place
from jfsrules.vocabulary import Vocabulary

Authority: TypeAlias = Literal["text", "practice", "design"]
AUTHORITIES: Final[tuple[Authority, ...]] = ("text", "practice", "design")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: when its condition holds on a day in force, its one conclusion follows.

    `conclusion` names kind and subject: a focus area as `area/mode`, a channel as
    `organisation/mode`, a requirement as `instrument/id`. A requirement holds where `that` does
    (or where a person states the `judged` indicator); `says` words a requirement or why a track
    is moot. A rule that `repeals` concludes nothing and only takes away the rules it overrides.
    """

    id: str
    title: str
    conclusion: Conclusion
    cites: tuple[str, ...]
    authority: Authority
    when: Condition = ALWAYS
    since: date | None = None
    until: date | None = None
    overrides: tuple[str, ...] = ()
    that: Condition | None = None
    judged: str | None = None
    says: str | None = None
    qualified: tuple[str, ...] = ()
    note: str | None = None
    examples: Mapping[str, Mapping[str, object]] = field(
        default_factory=lambda: MappingProxyType({}), compare=False
    )
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Impossible:
    """A profile that cannot be: certain facts that exclude each other, with the reason."""

    id: str
    says: str
    when: Condition
    cites: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Rulebook:
    """Rules over a vocabulary, with everything they cite; those of what it extends included.

    `digest` is taken over the content (rules, vocabulary, citations, passages, and what it
    extends), not over comments, order or file names. `own` are the ids the rulebook itself adds.
    """

    name: str
    version: str
    title: str
    rules: tuple[Rule, ...]
    own: frozenset[str]
    vocabulary: Vocabulary
    citations: Mapping[str, Citation]
    passages: Mapping[str, Passage]
    impossible: tuple[Impossible, ...]
    digest: str
    extends: tuple[str, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    @cached_property
    def rules_by_id(self) -> Mapping[str, Rule]:
        """Each rule by its id."""
        return MappingProxyType({rule.id: rule for rule in self.rules})

    def concluding(self, conclusion: Conclusion) -> Iterator[Rule]:
        """The rules with that conclusion, by id."""
        return (rule for rule in self.rules if rule.conclusion == conclusion)
