"""Deciding again, with the engine that did not decide, from nothing but what the ledger keeps.

Each step of the trace is checked by itself too, by the verifier that travels with bundles.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Final

from jfsrules.audit.again import answers_of, in_full, is_row, profile_of
from jfsrules.audit.bundles import At
from jfsrules.audit.differences import Difference, differences
from jfsrules.audit.documents import Raw, as_written, names_in, profile_from
from jfsrules.audit.ledger import Ledger
from jfsrules.audit.standalone import verify_bundle
from jfsrules.audit.tracing import Told, traced
from jfsrules.deciding import Engine
from jfsrules.decision import Decision
from jfsrules.errors import LedgerError, Refused
from jfsrules.facts import Profile
from jfsrules.loading import rulebook_from_content
from jfsrules.meaning import find
from jfsrules.plan import Plan, plan
from jfsrules.proof import decision
from jfsrules.rulebook import Rulebook

MOST_BOOKS: Final = 32
MOST_DOCUMENTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Replay:
    """One decision decided again: by which engine, what differs, and what does not follow."""

    at: At
    record: Raw
    engine: str
    differences: tuple[Difference, ...]
    broken: str | None

    @property
    def same(self) -> bool:
        """Whether the same bytes came out, and each step follows."""
        return not self.differences and self.broken is None

    def told(self) -> Told:
        """It as a span tells it."""
        record = self.record
        return {
            "partner": record["partner"],
            "as_of": record["as_of"],
            "rulebook": record["rulebook"]["digest"],
            "engine": self.engine,
            "same": self.same,
        }


class Replayer:
    """Replays decisions of one ledger; each rulebook is made again once."""

    def __init__(self, ledger: Ledger, engine: str | None = None) -> None:
        self.ledger = ledger
        self.engine = engine
        self._document = lru_cache(MOST_DOCUMENTS)(ledger.document)
        self._plan = lru_cache(MOST_BOOKS)(self._make_plan)
        self._find = lru_cache(MOST_BOOKS)(self._make_engine)

    @traced("jfsrules.audit.replay", Replay.told)
    def replay(self, at: At) -> Replay:
        """Decide again; raises LedgerError where there is no such decision."""
        record = self.ledger.record(*at)
        engine = self.engine or other_engine(record["engine"])
        if is_row(record):
            return self._row(at, record, engine)
        try:
            with as_written("what it was decided from"):
                logged = self.ledger.document(record["decision"])
                again = json.loads(self.decision(record, engine).canonical())
                broken = self.broken(record)
        except (LedgerError, Refused) as error:
            return Replay(at, record, engine, (), f"it cannot be decided again: {error}")
        return Replay(at, record, engine, tuple(differences(logged, again)), broken)

    def decision(self, record: Raw, engine: str) -> Decision:
        """The decision of a record, made again from the rulebook and profile that are kept."""
        named = record["rulebook"]
        book = (named["digest"], named["name"], named["version"])
        made, profile = self._plan(*book), self.profile(record)
        return decision(made, profile, self._find(*book, engine)(profile), engine)

    def _row(self, at: At, record: Raw, engine: str) -> Replay:
        """Answer again for a row of a table, and check each step of the decision in full."""
        try:
            with as_written("what it was decided from"):
                answers, full, documents = self._again(record, engine)
                documents[record["rulebook"]["digest"]] = self._document(
                    record["rulebook"]["digest"]
                )
                broken = _broken(full, documents)
        except (LedgerError, Refused) as error:
            return Replay(at, record, engine, (), f"it cannot be decided again: {error}")
        return Replay(at, record, engine, tuple(differences(record["answered"], answers)), broken)

    def _again(self, record: Raw, engine: str) -> tuple[dict[str, Any], Raw, dict[str, Raw]]:
        """The answers to a row, its record as that of a decision, and the documents this names."""
        named = record["rulebook"]
        book = (named["digest"], named["name"], named["version"])
        made, profile = self._plan(*book), profile_of(record)
        findings = self._find(*book, engine)(profile)
        told = decision(made, profile, findings, engine)
        return answers_of(told, findings, record["answered"]), *in_full(
            record, profile, told, made.rulebook
        )

    def in_full(self, at: At) -> tuple[Raw, Callable[[str], Raw]]:
        """The record of a decision, and what gives the documents it names.

        A row of a table is decided again for that; raises LedgerError where it comes out otherwise
        than it was answered then.
        """
        record = self.ledger.record(*at)
        if not is_row(record):
            return record, self._document
        answers, full, documents = self._again(record, "compiled")
        if answers != record["answered"]:
            raise LedgerError(
                f"row {at} is not decided as it was answered: `jfsrules audit replay` says why"
            )
        return full, lambda digest: documents.get(digest) or self._document(digest)

    def rulebook(self, record: Raw) -> Rulebook:
        """The rulebook of a record, made again."""
        named = record["rulebook"]
        return self._plan(named["digest"], named["name"], named["version"]).rulebook

    def profile(self, record: Raw) -> Profile:
        """The profile of a record, made again."""
        if is_row(record):
            return profile_of(record)
        vocabulary = self.rulebook(record).vocabulary
        return profile_from(self._document(record["profile"]), self._document, vocabulary)

    def _make_plan(self, digest: str, name: str, version: str) -> Plan:
        try:
            return plan(rulebook_from_content(self._document(digest), name, version, digest))
        except ValueError as error:
            raise LedgerError(str(error)) from error

    def _make_engine(self, digest: str, name: str, version: str, engine: str) -> Engine:
        made = self._plan(digest, name, version)
        match engine:
            case "rete":
                from jfsrules.engines import rete

                return rete.engine(made)
            case "compiled":
                from jfsrules.engines import compiled

                return compiled.engine(made)
        return lambda profile: find(made, profile)

    def broken(self, record: Raw) -> str | None:
        """The first step or line that does not follow; None where all do."""
        digests = [record["decision"], record["profile"], record["rulebook"]["digest"]]
        digests += names_in(self._document(record["profile"]))
        return _broken(record, {digest: self._document(digest) for digest in digests})


def _broken(record: Raw, documents: Raw) -> str | None:
    try:
        verify_bundle.check_case(record, documents)
    except verify_bundle.Broken as error:
        return str(error)
    return None


def other_engine(engine: str) -> str:
    """The engine that did not decide.

    >>> other_engine("rete")
    'reference'
    """
    if engine != "reference":
        return "reference"
    return "rete" if find_spec("durable_rules_engine") else "compiled"
