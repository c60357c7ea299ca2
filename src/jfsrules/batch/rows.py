"""The rows of every source in one shape: typed, dated, stated over, each with where it is from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from jfsrules.batch.apart import Apart
from jfsrules.batch.cases import Cases, Reader, frame_of
from jfsrules.batch.json_lines import JsonLines
from jfsrules.batch.reading import CHUNK, Chunk
from jfsrules.batch.sources import CaseFiles, CaseLines, Source, sources
from jfsrules.batch.texts import shown
from jfsrules.batch.typed import Fault, Typing
from jfsrules.checks import without_excluded
from jfsrules.citation import Citation
from jfsrules.engines.columns import column_type, columns_in
from jfsrules.errors import Diagnostic, refuse
from jfsrules.facts import Confidence, Profile
from jfsrules.loading import knowledge_date
from jfsrules.loading.countries import names_by_code
from jfsrules.rulebook import Rulebook
from jfsrules.vocabulary import AS_OF, PARTNER, Value

ROW: Final = "row of the chunk"
CASE: Final = "case"


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked of a batch. `keep` may name `case`: the file, and the line or row in it.

    `watched` are folders the rulebook was read from, beside those that are shipped.
    """

    paths: tuple[str, ...]
    rulebook: Rulebook
    days: tuple[date, ...] = ()
    partners: tuple[str, ...] = ()
    stated: Mapping[str, Value | None] = field(default_factory=dict)
    trust: Confidence = "unverified"
    keep: tuple[str, ...] = ()
    ignore_extra: bool = False
    trace: bool = False
    at_once: int = CHUNK
    watched: tuple[Path, ...] = ()


@dataclass(slots=True)
class Ready:
    """Some typed rows, each with where it is from, and those that were set apart before.

    `read` counts all rows there were, each on each day asked for; `passed` those of partners that
    were not asked for. `next` is the place in the source of what comes after.
    """

    frame: pl.DataFrame
    origin: Callable[[int], Apart]
    apart: list[Apart]
    next: int
    done: float
    read: int
    passed: int
    profiles: Sequence[Profile] = ()
    cited: Sequence[Mapping[str, Citation]] = ()


class Rows:
    """The sources of a job, and the columns they have together."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.latest = knowledge_date()
        self.words = job.rulebook.vocabulary
        self.typing = Typing(self.words, tuple(sorted(names_by_code())), self.latest)
        known = (*columns_in(self.words), *job.keep)
        self.sources = sources(job.paths, known, extra=job.ignore_extra, at_once=job.at_once)
        partners = frozenset(job.partners)
        self.reader = Reader(job.rulebook, job.days, partners, job.trust, self.latest, job.at_once)
        self.kept = self._kept()
        self.schema = self._schema()
        """The typed columns of all rows; those carried through, and ROW, come after them."""
        self.full = {**self.schema, **self.kept, ROW: pl.UInt32()}

    # --- columns --------------------------------------------------------------------------------

    def _kept(self) -> dict[str, pl.DataType]:
        """The columns to be carried through, with their types."""
        kept: dict[str, pl.DataType] = {}
        tables = [one for one in self.sources if not isinstance(one, CaseFiles | CaseLines)]
        for name in self.job.keep:
            if column_type(name, self.words):
                said = f"`{name}` is read, and cannot be carried through as well"
                raise refuse("kept-indicator", said, None, "copy it to a column of another name")
            types = [schema[name] for table in tables if name in (schema := table.schema())]
            if not types and name != CASE:
                raise refuse("missing-column", f"no table has a column `{name}` to keep")
            one_type = len(set(types)) == 1
            kept[name] = types[0] if one_type else pl.String()
        return kept

    def _schema(self) -> dict[str, pl.DataType]:
        """The typed columns that the sources have together, and those that are stated."""
        names = dict.fromkeys(atom.partition(".")[0] for atom in self.job.stated)
        for one in self.sources:
            if isinstance(one, CaseFiles | CaseLines | JsonLines):
                names |= dict.fromkeys(self.words.indicators)
            if not isinstance(one, CaseFiles | CaseLines):
                schema = dict(one.schema())
                if self.job.days:
                    schema.pop(AS_OF, None)
                spared = frozenset(schema if self.job.ignore_extra else self.kept)
                self.typing.check(one.name, schema, spared)
                names |= dict.fromkeys(schema)
        return self.typing.schema(sorted(names.keys() - self.kept.keys()))

    # --- rows -----------------------------------------------------------------------------------

    def ready(self, source: Source, skip: int = 0) -> Iterator[Ready]:
        """The rows of a source from the `skip`-th on, typed and made ready."""
        if isinstance(source, CaseFiles | CaseLines):
            yield from map(self._cases, self.reader.read(source, skip))
        else:
            made = partial(self._chunk, source.name, dated=AS_OF in source.schema())
            yield from map(made, source.chunks(skip))

    def empty(self) -> pl.DataFrame:
        """No rows, with every column."""
        return pl.DataFrame(schema=self.full)

    def _cases(self, cases: Cases) -> Ready:
        profiles, places = [self._told(one) for one in cases.profiles], cases.places
        frame = frame_of(profiles, self.schema, self.words)
        if CASE in self.kept:
            told = [f"{name}:{line}" if line else name for name, line in places]
            frame = frame.with_columns(pl.Series(CASE, told, dtype=pl.String))

        def origin(at: int) -> Apart:
            name, line = places[at]
            return Apart(name, (), line)

        whole = self._whole(frame.with_columns(_numbered()))
        cut = (cases.next, cases.done, cases.read, cases.passed)
        return Ready(whole, origin, cases.apart, *cut, profiles, cases.cited)

    def _told(self, profile: Profile) -> Profile:
        stated = self.job.stated
        if not stated:
            return profile
        return without_excluded(profile.stating(stated), self.job.rulebook.impossible)

    def _chunk(self, name: str, chunk: Chunk, *, dated: bool) -> Ready:
        days = len(self.job.days) or 1
        if not dated and AS_OF in chunk.frame.columns:
            own = pl.col(AS_OF).fill_null(self.latest.isoformat())
            chunk = replace(chunk, frame=chunk.frame.with_columns(own))
        typed, faults = self._typed(name, chunk)

        def origin(at: int) -> Apart:
            return _origin(name, chunk, at)

        typed, wrong = self._without(typed, faults, origin)
        mine = self._asked_for(typed)
        apart = [replace(one, rows=days) for one in [*chunk.apart, *wrong]]
        # A row of another partner is none of ours, whatever is wrong with it.
        foreign = chunk.count - len(apart) - mine.height if self.job.partners else 0
        whole = self._whole(self._stated(self._dated(mine)))
        last = chunk.first + chunk.count
        return Ready(whole, origin, apart, last, chunk.done, chunk.count * days, foreign * days)

    def _typed(self, name: str, chunk: Chunk) -> tuple[pl.DataFrame, list[Fault]]:
        raw, days = chunk.frame, self.job.days
        read = [c for c in raw.columns if c not in self.kept and not (days and c == AS_OF)]
        typed, faults = self.typing.typed(raw.select(read))
        kept = (
            pl.Series(c, _places(name, chunk), dtype=pl.String)
            if c == CASE and c not in raw.columns
            else raw[c].cast(type_)
            if c in raw.columns
            else pl.Series(c, [None] * raw.height, dtype=type_)
            for c, type_ in self.kept.items()
        )
        return typed.with_columns(*kept).with_columns(_numbered()), faults

    def _without(
        self, typed: pl.DataFrame, faults: list[Fault], origin: Callable[[int], Apart]
    ) -> tuple[pl.DataFrame, list[Apart]]:
        """The rows without fault, and the others set apart with all their faults."""
        if not faults:
            return typed, []
        by_row: dict[int, list[Diagnostic]] = {}
        for fault in faults:
            by_row.setdefault(fault.at, []).append(fault.diagnostic)
        wanted = set(self.job.partners)
        apart = []
        for at, told in sorted(by_row.items()):
            partner = typed[PARTNER][at]
            if not wanted or partner is None or partner in wanted:
                apart.append(replace(origin(at), diagnostics=tuple(told)))
        return typed.filter(~pl.col(ROW).is_in(list(by_row))), apart

    def _asked_for(self, typed: pl.DataFrame) -> pl.DataFrame:
        """The rows of the partners asked for."""
        if not self.job.partners or PARTNER not in typed.columns:
            return typed
        return typed.filter(pl.col(PARTNER).cast(pl.String).is_in(self.job.partners))

    def _dated(self, typed: pl.DataFrame) -> pl.DataFrame:
        """The rows on each day asked for; on their own day, or the knowledge date, if on none."""
        if self.job.days:
            days = pl.DataFrame({AS_OF: pl.Series(self.job.days, dtype=pl.Date)})
            bare = typed.drop(AS_OF, strict=False)
            return bare.join(days, how="cross", maintain_order="left_right")
        if AS_OF not in typed.columns:
            return typed.with_columns(pl.lit(self.latest, dtype=pl.Date).alias(AS_OF))
        return typed

    def _stated(self, typed: pl.DataFrame) -> pl.DataFrame:
        """The rows with what is stated over them."""
        stated = {atom.replace(".", "__", 1): value for atom, value in self.job.stated.items()}
        return typed.with_columns(
            pl.lit(value, dtype=self.schema[name]).alias(name) for name, value in stated.items()
        )

    def _whole(self, typed: pl.DataFrame) -> pl.DataFrame:
        """The rows with every column that some source has, in order."""
        has = typed.schema
        return typed.select(
            pl.lit(None, dtype=type_).alias(name)
            if name not in has
            else pl.col(name)
            if has[name] == type_
            else pl.col(name).cast(type_)
            for name, type_ in self.full.items()
        )


def _numbered() -> pl.Expr:
    return pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW)


def _origin(name: str, chunk: Chunk, at: int) -> Apart:
    line = chunk.lines[at] if chunk.lines else None
    text = shown(chunk.texts[at]) if chunk.texts else None
    values = chunk.frame.row(at, named=True)
    partner, day = values.get(PARTNER), values.get(AS_OF)
    place = None if line else chunk.places[at]
    return Apart(name, (), line, place, partner, str(day) if day else None, 1, text, values)


def _places(name: str, chunk: Chunk) -> list[str]:
    if chunk.lines:
        return [f"{name}:{line}" for line in chunk.lines]
    return [f"{name}, row {place}" for place in chunk.places]
