"""A row of a table in full: its profile, its answers out of a decision, and both as documents.

A ledger keeps of a row what was given and what was answered; all else follows from the rulebook.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from jfsrules.advice import NO_TRACK
from jfsrules.audit.documents import Case, Documents, Raw, digest_of
from jfsrules.audit.rows import ROW
from jfsrules.decision import Decision
from jfsrules.facts import Profile
from jfsrules.meaning import Findings
from jfsrules.rulebook import Rulebook


def is_row(record: Raw) -> bool:
    """Whether a record is that of a row of a table."""
    return bool(record["schema"] == ROW)


def profile_of(record: Raw) -> Profile:
    """The profile of a row: what was given, and nothing else."""
    return Profile(record["partner"], date.fromisoformat(record["as_of"]), record["given"])


def answers_of(decision: Decision, findings: Findings, names: Mapping[str, Any]) -> dict[str, Any]:
    """Of a decision what a row keeps of it, under these names."""
    advice = {track.instrument: track.advice for track in decision.tracks}
    groups = dict.fromkeys(decision.possible_groups) | dict.fromkeys(decision.groups, True)
    found: dict[str, Any] = {
        "tier": decision.tier,
        "out_of_scope": decision.out_of_scope,
        "fired": sorted(rule for rule, effective in findings.effective.items() if effective),
        "missing": sorted({atom for one in decision.undetermined for atom in one.missing}),
    }
    for name in names:
        kind, _, subject = name.partition(":")
        if kind == "advice":
            found[name] = advice.get(subject, NO_TRACK)
        elif kind == "group":
            found[name] = groups.get(subject, False)
    return {name: found[name] for name in names}


def in_full(
    record: Raw, profile: Profile, decision: Decision, rulebook: Rulebook
) -> tuple[Raw, dict[str, Raw]]:
    """The record that a row would have as a decision of its own, and the documents it names, but
    for the rulebook's."""
    case = Case(decision, profile, rulebook)
    bodies = Documents().profile(case)
    whole = decision.canonical()
    named = {"profile": next(iter(bodies)), "decision": digest_of(whole)}
    bodies[named["decision"]] = whole
    return {**record, **named}, {digest: json.loads(body) for digest, body in bodies.items()}
