"""Files of cases to profiles: each dossier on each day asked for, each profile as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from jfsrules.batch.apart import Apart
from jfsrules.batch.reading import CHUNK
from jfsrules.batch.sources import CaseFiles, CaseLines
from jfsrules.batch.texts import not_a_line, shown
from jfsrules.citation import Citation
from jfsrules.errors import Diagnostic, Refused
from jfsrules.facts import Confidence, Dossier, Lists, Profile, profile_on
from jfsrules.loading import load_dossier, load_lists, load_profile
from jfsrules.loading.dossiers import is_dossier
from jfsrules.loading.reading import STDIN_NAME, read_file, read_text
from jfsrules.loading.tree import Document
from jfsrules.rulebook import Rulebook
from jfsrules.vocabulary import AS_OF, PARTNER, Vocabulary

MOST_FILES: Final = 400
MOST_LINES: Final = 4_000


@dataclass(slots=True)
class Cases:
    """Some cases read: the profiles with their places and what their facts cite, those that cannot be read, and how many
    there were (`read`), each on each day asked for; `passed` are those of other partners."""

    profiles: list[Profile] = field(default_factory=list)
    places: list[tuple[str, int | None]] = field(default_factory=list)
    cited: list[Mapping[str, Citation]] = field(default_factory=list)
    apart: list[Apart] = field(default_factory=list)
    next: int = 0
    done: float = 0.0
    read: int = 0
    passed: int = 0


@dataclass(frozen=True, slots=True)
class Reader:
    """How cases are read: by which words, on which days, of which partners."""

    rulebook: Rulebook
    days: tuple[date, ...]
    partners: frozenset[str]
    trust: Confidence
    latest: date
    at_once: int = CHUNK
    bare: dict[date, Profile] = field(default_factory=dict, repr=False)

    def read(self, source: CaseFiles | CaseLines, skip: int = 0) -> Iterator[Cases]:
        """The cases of a source from the `skip`-th file or line on, some at a time."""
        if isinstance(source, CaseLines):
            yield from self._lines(source, skip)
            return
        lists = load_lists(self.rulebook.vocabulary)
        at_once = min(MOST_FILES, self.at_once)
        for first in range(skip, len(source.files), at_once):
            some = source.files[first : first + at_once]
            done = first + len(some)
            cases = Cases(next=done, done=done / len(source.files), read=len(some) * self._days)
            for file in some:
                self._file(file, lists, cases)
            yield cases

    @property
    def _days(self) -> int:
        return len(self.days) or 1

    def _file(self, file: Path | str, lists: Lists, cases: Cases) -> None:
        name = str(file) if isinstance(file, Path) else STDIN_NAME
        try:
            whole = read_file(file) if isinstance(file, Path) else read_text(file, name)
            if is_dossier(whole):
                words = self.rulebook.vocabulary
                self._dossier(load_dossier(Path(name), words, document=whole), lists, name, cases)
            else:
                self._profile(whole, name, None, cases)
        except Refused as refused:
            cases.apart.append(Apart(name, refused.diagnostics, rows=self._days))

    def _dossier(self, dossier: Dossier, lists: Lists, name: str, cases: Cases) -> None:
        if self.partners and dossier.partner not in self.partners:
            cases.passed += self._days
            return
        for day in self.days or (self.latest,):
            try:
                made = self._on(dossier, day, lists)
            except Refused as refused:
                told = refused.diagnostics
                cases.apart.append(Apart(name, told, None, None, dossier.partner, day.isoformat()))
            else:
                cases.profiles.append(made)
                cases.places.append((name, None))
                cases.cited.append({**lists.citations, **dossier.citations})

    def _on(self, dossier: Dossier, day: date, lists: Lists) -> Profile:
        """What is known on a day; what lists say of whom they do not name is found once a day."""
        words = self.rulebook.vocabulary
        if day not in self.bare:
            self.bare[day] = profile_on(Dossier("", "", {}), day, lists, words, self.trust)
        return profile_on(dossier, day, lists, words, self.trust, bare=self.bare[day])

    def _profile(self, source: Document | str, name: str, line: int | None, cases: Cases) -> None:
        profile = load_profile(
            source,
            self.rulebook.vocabulary,
            as_of=self.days[0] if self.days else None,
            latest=self.latest,
            impossible=(),
        )
        if self.partners and profile.partner not in self.partners:
            cases.passed += self._days
            return
        for day in self.days or (profile.as_of,):
            cases.profiles.append(replace(profile, as_of=day))
            cases.places.append((name, line))
            cases.cited.append({})

    def _lines(self, source: CaseLines, skip: int) -> Iterator[Cases]:
        first = 0
        for lines in source.text.lines(min(MOST_LINES, self.at_once)):
            first += len(lines)
            if first > skip:
                cases = Cases(next=first, done=source.text.done(), read=len(lines) * self._days)
                for number, line in lines:
                    self._line(source.name, number, line, cases)
                yield cases

    def _line(self, name: str, number: int, line: bytes, cases: Cases) -> None:
        wrong = not_a_line(line)
        told = (wrong,) if wrong else self._read_line(name, number, line, cases)
        if told:
            cases.apart.append(Apart(name, told, number, rows=self._days, text=shown(line)))

    def _read_line(
        self, name: str, number: int, line: bytes, cases: Cases
    ) -> tuple[Diagnostic, ...]:
        try:
            self._profile("\n" + line.decode("utf-8"), name, number, cases)
        except Refused as refused:
            return tuple(_placeless(refused.diagnostics))
        return ()


def _placeless(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    return (replace(one, span=None, related=()) for one in diagnostics)


def frame_of(
    profiles: Sequence[Profile], schema: Mapping[str, pl.DataType], vocabulary: Vocabulary
) -> pl.DataFrame:
    """Profiles as a typed table, one row each."""
    columns: dict[str, pl.Series] = {}
    for atom in vocabulary.atoms:
        name = atom.replace(".", "__", 1)
        if name in schema and atom not in (PARTNER, AS_OF):
            values = [profile.values.get(atom) for profile in profiles]
            exact = schema[name] != pl.Float64
            columns[name] = pl.Series(name, values, dtype=schema[name], strict=exact)
    days = pl.Series([profile.as_of for profile in profiles], dtype=pl.Date)
    codes = pl.Series([profile.partner for profile in profiles], dtype=schema[PARTNER])
    return pl.DataFrame({PARTNER: codes, AS_OF: days, **columns})
