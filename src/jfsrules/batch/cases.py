"""Files of cases to profiles: each dossier on each day asked for, each profile as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from jfsrules.batch.apart import Apart
from jfsrules.batch.sources import CaseFiles, CaseLines
from jfsrules.batch.texts import not_text
from jfsrules.errors import Diagnostic, Refused
from jfsrules.facts import Confidence, Dossier, Lists, Profile, profile_on
from jfsrules.loading import load_dossier, load_lists, load_profile
from jfsrules.loading.dossiers import is_dossier
from jfsrules.loading.reading import STDIN_NAME, read_file, read_text
from jfsrules.loading.tree import Document
from jfsrules.rulebook import Rulebook
from jfsrules.vocabulary import AS_OF, PARTNER, Vocabulary

FILES: Final = 400


@dataclass(slots=True)
class Cases:
    """Some cases read: the profiles with their places, and those that cannot be read."""

    profiles: list[Profile] = field(default_factory=list)
    places: list[tuple[str, int | None]] = field(default_factory=list)
    apart: list[Apart] = field(default_factory=list)
    next: int = 0
    done: float = 0.0


@dataclass(frozen=True, slots=True)
class Reader:
    """How cases are read: by which words, on which days, of which partners."""

    rulebook: Rulebook
    days: tuple[date, ...]
    partners: frozenset[str]
    trust: Confidence
    latest: date

    def read(self, source: CaseFiles | CaseLines, skip: int = 0) -> Iterator[Cases]:
        """The cases of a source from the `skip`-th file or line on, some at a time."""
        if isinstance(source, CaseLines):
            yield from self._lines(source, skip)
            return
        lists = load_lists(self.rulebook.vocabulary)
        for first in range(skip, len(source.files), FILES):
            some = source.files[first : first + FILES]
            cases = Cases(next=first + len(some))
            cases.done = cases.next / len(source.files)
            for file in some:
                self._file(file, lists, cases)
            yield cases

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
            days = len(self.days) or 1
            cases.apart.append(Apart(name, refused.diagnostics, rows=days))

    def _dossier(self, dossier: Dossier, lists: Lists, name: str, cases: Cases) -> None:
        if self.partners and dossier.partner not in self.partners:
            return
        for day in self.days or (self.latest,):
            try:
                made = profile_on(dossier, day, lists, self.rulebook.vocabulary, self.trust)
            except Refused as refused:
                apart = Apart(
                    name, refused.diagnostics, None, None, dossier.partner, day.isoformat()
                )
                cases.apart.append(apart)
            else:
                cases.profiles.append(made)
                cases.places.append((name, None))

    def _profile(self, source: Document | str, name: str, line: int | None, cases: Cases) -> None:
        profile = load_profile(
            source,
            self.rulebook.vocabulary,
            as_of=self.days[0] if self.days else None,
            latest=self.latest,
            impossible=(),
        )
        if self.partners and profile.partner not in self.partners:
            return
        for day in self.days or (profile.as_of,):
            cases.profiles.append(replace(profile, as_of=day))
            cases.places.append((name, line))

    def _lines(self, source: CaseLines, skip: int) -> Iterator[Cases]:
        row = 0
        for lines in source.text.parts(1, source.first):
            new = [one for place, one in enumerate(lines, row) if place >= skip]
            row += len(lines)
            for first in range(0, len(new), FILES * 10):
                some = new[first : first + FILES * 10]
                cases = Cases(next=row - len(new) + first + len(some), done=source.text.done())
                for number, line in some:
                    self._line(source.name, number, line, cases)
                yield cases

    def _line(self, name: str, number: int, line: bytes, cases: Cases) -> None:
        wrong = not_text(line)
        days = len(self.days) or 1
        shown = line.decode("utf-8", "replace").rstrip("\r\n")
        if wrong:
            cases.apart.append(Apart(name, (wrong,), number, rows=days, text=shown))
            return
        try:
            self._profile("\n" + shown, name, number, cases)
        except Refused as refused:
            told = tuple(_placeless(refused.diagnostics))
            cases.apart.append(Apart(name, told, number, rows=days, text=shown))


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
            columns[name] = pl.Series(
                name, values, dtype=schema[name], strict=schema[name] != pl.Float64
            )
    days = pl.Series([profile.as_of for profile in profiles], dtype=pl.Date)
    codes = pl.Series([profile.partner for profile in profiles], dtype=schema[PARTNER])
    return pl.DataFrame({PARTNER: codes, AS_OF: days, **columns})
