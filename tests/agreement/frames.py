"""Profiles as a table, and the rows that the reference says must come out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from jfsrules.condition import Conclusion
from jfsrules.engines.columns import Columns
from jfsrules.facts import Profile
from jfsrules.meaning import every, find
from jfsrules.plan import Plan
from jfsrules.proof import decision
from jfsrules.vocabulary import AS_OF, PARTNER, Vocabulary

TYPES = {
    "flag": pl.Boolean,
    "one_of": pl.String,
    "number": pl.Float64,
    "date": pl.Date,
    "code": pl.String,
}


def table(vocabulary: Vocabulary, profiles: Sequence[Profile]) -> pl.DataFrame:
    """One row for each profile, with its number as `row`; the members of sets as flags."""
    columns: dict[str, pl.Series] = {"row": pl.Series(range(len(profiles)), dtype=pl.Int64)}
    for atom, type_ in vocabulary.atoms.items():
        values = [profile[atom] for profile in profiles]
        if type_.kind == "number":
            values = [None if value is None else float(value) for value in values]  # type: ignore[arg-type]
        columns[atom.replace(".", "__")] = pl.Series(values, dtype=TYPES[type_.kind])
    return pl.DataFrame(columns)


def expected(plan: Plan, columns: Columns, profiles: Iterable[Profile]) -> list[dict[str, Any]]:
    """What each row of the answer must be, from findings and the decision of the reference."""
    return [{"row": n, **row(plan, columns, one)} for n, one in enumerate(profiles)]


def row(plan: Plan, columns: Columns, profile: Profile) -> dict[str, Any]:
    """What one row of the answer must be."""
    found = find(plan, profile)
    made = decision(plan, profile, found, "reference")
    words = plan.rulebook.vocabulary
    open_ = {one.about for one in made.undetermined}
    in_scope = False if made.out_of_scope else None if "scope" in open_ else True
    tracks = {track.instrument: track for track in made.tracks}
    row: dict[str, Any] = {PARTNER: profile.partner, AS_OF: profile.as_of}
    row |= {"tier": made.tier, "out_of_scope": made.out_of_scope}
    for group in words.groups:
        row[f"group__{group}"] = group in made.groups or (
            None if group in made.possible_groups else False
        )
    for one in plan.conclusions.get("focus", ()):
        name = one.subject.removesuffix("/").replace("/", "__")
        row[f"focus__{name}"] = every((in_scope, found.concluded[one]))
    listed = {(area.id, area.mode) for area in made.focus_areas}
    assert listed == {_area(one) for one in plan.conclusions.get("focus", ()) if _listed(row, one)}
    for name in words.instruments:
        track = tracks.get(name)
        row[f"track__{name}__meant"] = track.meant if track else False
        row[f"track__{name}__state"] = profile[name]
        row[f"track__{name}__advice"] = track.advice if track else "no_track"
    for one in plan.conclusions.get("requirement", ()):
        row[f"requires__{one.subject.replace('/', '__')}"] = found.concluded[one]
    row["missing"] = ";".join(sorted({name for one in made.undetermined for name in one.missing}))
    for output in columns.outputs:
        if output.kind == "bits":
            fired = (1 << bit for bit, rule in enumerate(output.names) if found.effective[rule])
            row[output.column] = sum(fired)
    return row


def _area(conclusion: Conclusion) -> tuple[str, str | None]:
    area, _, mode = conclusion.subject.partition("/")
    return area, mode or None


def _listed(row: Mapping[str, Any], conclusion: Conclusion) -> bool:
    name = conclusion.subject.removesuffix("/").replace("/", "__")
    return row[f"focus__{name}"] is True


def names_as_text(columns: Columns, frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows of an answer, with names as texts and in the order of `row`."""
    names = [one.column for one in columns.outputs if one.kind == "name"]
    shown = frame.with_columns(pl.col(names).cast(pl.String)).sort("row")
    return shown.to_dicts()


def whole(vocabulary: Vocabulary, profile: Profile, draw: Any) -> Profile:
    """The profile with a value for everything it leaves unknown."""
    atoms = (a for a in vocabulary.atoms if a not in (PARTNER, AS_OF) and profile[a] is None)
    return profile.stating({atom: draw.value(vocabulary.atoms[atom]) for atom in atoms})
