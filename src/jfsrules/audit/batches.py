"""What a batch logs while it runs: rows of tables as sections, and whole decisions as records.

Gathered in pieces beside the output, and appended to the ledger together when the batch is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jfsrules.audit import pieces
from jfsrules.audit.documents import Case, Documents, digest_of
from jfsrules.audit.entries import record, version
from jfsrules.audit.ledger import Ledger, Receipt
from jfsrules.audit.packing import Packer
from jfsrules.audit.rows import Shared, record_of
from jfsrules.audit.signing import load_signer
from jfsrules.audit.store import pack
from jfsrules.citation import Citation
from jfsrules.decision import Decision, canonical
from jfsrules.facts import Profile
from jfsrules.rulebook import Rulebook

if TYPE_CHECKING:
    import polars as pl

    from jfsrules.engines.columns import Output

ENGINE: Final = "columns"


class BatchLog:
    """The pieces of one batch. Packing goes on in a thread of its own while the batch writes."""

    def __init__(
        self,
        rulebook: Rulebook,
        schema: Mapping[str, pl.DataType],
        outputs: Sequence[Output],
        asked_by: str | None = None,
    ) -> None:
        self.rulebook = rulebook
        self.asked_by = asked_by
        self.first = 0
        """The number of the next row."""
        self._packer = Packer(schema, rulebook.vocabulary.atoms, outputs)
        self._layout = canonical(self._packer.layout.document())
        named = {n: getattr(rulebook, n) for n in ("name", "version", "digest")}
        self._shared = Shared(named, digest_of(self._layout), ENGINE, version(), asked_by)
        self._documents = Documents()
        self._thread = ThreadPoolExecutor(1)
        self._rows: list[Future[list[pieces.Part]]] = []
        self._decisions: dict[str, bytes] = {}
        self._records: list[bytes] = []

    def rows(self, frame: pl.DataFrame, answer: pl.DataFrame) -> None:
        """Take typed rows with their answers, in the same order."""
        first, self.first = self.first, self.first + frame.height
        self._rows.append(self._thread.submit(self._packed, frame, answer, first))

    def decided(
        self, profile: Profile, decision: Decision, citations: Mapping[str, Citation]
    ) -> None:
        """Take a decision made in full."""
        case = Case(decision, profile, self.rulebook, citations, self.asked_by)
        documents = self._documents.profile(case)
        whole = decision.canonical()
        digest = digest_of(whole)
        self._records.append(record(case, next(iter(documents)), digest))
        self._decisions |= {**documents, digest: whole}

    def write(self, path: Path) -> None:
        """Write what was taken since the last piece as a piece."""
        pieces.write(path, self._parts())
        self._rows, self._records = [], []
        self._decisions = {}

    def go_on(self, written: Sequence[Path]) -> None:
        """Go on after the pieces that an interrupted run has written."""
        self.first = pieces.rows_in(written)

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown(cancel_futures=True)

    def _parts(self) -> Iterator[pieces.Part]:
        if self._rows:
            yield pieces.document(self._shared.layout, pack(self._layout))
        for packed in self._rows:
            yield from packed.result()
        for digest, body in self._decisions.items():
            yield pieces.document(digest, pack(body))
        for body in self._records:
            yield pieces.record("decisions", body)

    def _packed(self, frame: pl.DataFrame, answer: pl.DataFrame, first: int) -> list[pieces.Part]:
        found: list[pieces.Part] = []
        for section in self._packer.sections(frame, answer):
            body = section.body()
            told = record_of(section, body, first, self._shared)
            first += section.count
            found.append(pieces.document(hashlib.sha256(body).hexdigest(), pack(body)))
            found.append(pieces.record("table", told))
        return found


def make_ready(where: str, sign_with: str | None) -> None:
    """Make a ledger where there is none, and see that it can be written and signed; raises
    LedgerError before a batch begins, and not after hours of it."""
    with _opened(where, sign_with) as ledger:
        ledger.refuse_unsigned()


def append(
    where: str, sign_with: str | None, written: Sequence[Path], book: Rulebook, *, again: bool
) -> list[Receipt]:
    """Append the pieces of a batch; raises LedgerError, and nothing of it is kept then."""
    with _opened(where, sign_with) as ledger:
        return pieces.append(ledger, written, [book], again=again)


def _opened(where: str, sign_with: str | None) -> Ledger:
    return Ledger.open(where, create=True, signer=load_signer(sign_with))
