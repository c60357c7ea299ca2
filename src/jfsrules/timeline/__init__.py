"""What changed for a partner between two days, and which act changed it. Decides nothing itself.

A decision can change only on a *boundary*: a day on which a fact or a closed list begins or ends,
or a rule looks at the calendar. So a decision is made on each boundary, neighbours are compared,
and a change is put down to the boundaries of that day under which the two proofs part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path

from jfsrules.errors import did_you_mean, refuse
from jfsrules.facts import FIRST_DAY, Confidence, Dossier, Lists
from jfsrules.loading import load_dossier, load_lists, load_rulebook
from jfsrules.rulebook import Rulebook
from jfsrules.timeline.boundaries import Act, acts
from jfsrules.timeline.told import SCHEMA, Change, Standing, Timeline, standing
from jfsrules.timeline.walk import FIELDS, Walk, engine_of

__all__ = [
    "SCHEMA",
    "Act",
    "Change",
    "Standing",
    "Timeline",
    "acts",
    "check_only",
    "standing",
    "timeline",
]


def timeline(
    subject: str | Path | Dossier,
    *,
    since: date | None = None,
    until: date | None = None,
    rulebook: str | Path | Rulebook = "practice",
    only: Collection[str] = (),
    trust: Confidence = "unverified",
    lists: Lists | None = None,
) -> Timeline:
    """Every change of scope, tier, groups and tracks from the day after `since` to `until`.

    `since` defaults to the first day of all facts, `until` to the knowledge date. `only` keeps
    some: `scope`, `tier`, `group`, `track`, or one of them by name (`track:mobility_partnership`).
    Raises Refused for what cannot be loaded, and for a name in `only` that is none.
    """
    book = rulebook if isinstance(rulebook, Rulebook) else load_rulebook(rulebook)
    dossier = subject if isinstance(subject, Dossier) else load_dossier(subject)
    lists = lists or load_lists()
    first, last = since or FIRST_DAY, until or lists.knowledge_date
    if first > last:
        raise refuse(
            "no-interval", f"{first} lies after {last}", None, "give the earlier day first"
        )
    check_only(only, book)
    return Walk(engine_of(book), dossier, lists, trust).timeline(first, last, only)


def check_only(only: Iterable[str], rulebook: Rulebook) -> None:
    """Raise Refused for a name that no change can be about."""
    words = rulebook.vocabulary
    named = {"group": words.groups, "track": words.instruments}
    known = [*FIELDS, *(f"{kind}:{name}" for kind, names in named.items() for name in names)]
    for name in only:
        if name not in known:
            near = did_you_mean(name, known) or "there are " + ", ".join(f"`{k}`" for k in FIELDS)
            raise refuse("unknown-line", f"no line of a timeline is called `{name}`", None, near)
