"""What went wrong, said to a person; and the tree of errors.

JfsrulesError
├── Refused        the input is wrong: one or more diagnostics       exit 2
├── EngineError    an engine could not vouch for its own run         exit 2
├── LedgerError    a ledger, bundle or key cannot be used            exit 2
└── Unavailable    something asked for is not installed here         exit 2
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from jfsrules.span import Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong: a stable code, one sentence, a place, and what to do."""

    code: str
    message: str
    span: Span | None = None
    help: str | None = None
    related: tuple[tuple[str, Span], ...] = ()
    severity: Literal["error", "warning"] = "error"

    def order(self) -> tuple[str, int, int, str]:
        """What diagnostics are sorted by: file, line, column, code."""
        if self.span is None:
            return ("", 0, 0, self.code)
        return (self.span.source.name, self.span.line, self.span.column, self.code)


class JfsrulesError(Exception):
    """The root of every error this package raises on purpose."""


class Refused(JfsrulesError):
    """The input is wrong; `diagnostics` say how and where, sorted by place."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(diagnostics, key=Diagnostic.order))
        super().__init__("; ".join(d.message for d in self.diagnostics))


class EngineError(JfsrulesError):
    """An engine could not vouch that its run was complete and its own."""


class LedgerError(JfsrulesError):
    """A ledger, a bundle or a key cannot be used as asked; nothing was lost."""


class Unavailable(JfsrulesError):
    """A library that was asked for cannot be imported here; says how to get it."""


def refuse(code: str, message: str, span: Span | None = None, help: str | None = None) -> Refused:
    """One diagnostic as an error, ready to be raised."""
    return Refused([Diagnostic(code, message, span, help)])


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name most like `name`, if one is like enough to be meant.

    >>> nearest("accesion_status", ["accession_status", "eu_member"])
    'accession_status'
    """
    known = {n.lower(): n for n in names}
    close = get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    return known[close[0]] if close else None


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """A help line with the nearest name, or nothing."""
    close = nearest(name, names)
    return f"did you mean `{close}`?" if close else None
