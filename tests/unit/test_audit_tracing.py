"""Spans: a program that has loaded OpenTelemetry sees what was appended, verified and replayed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest

from conftest import ROOT
from jfsrules.audit import Ledger
from jfsrules.audit.bundles import At
from jfsrules.audit.replaying import Replayer
from jfsrules.audit.tracing import OPENTELEMETRY
from jfsrules.audit.verification import verify
from ledgers import case, cases


class Spans:
    """As much of `opentelemetry.trace` as is called."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, dict[str, Any]]] = []

    def get_tracer(self, name: str) -> Self:
        assert name == "jfsrules"
        return self

    @contextmanager
    def start_as_current_span(self, name: str) -> Iterator[Self]:
        self._told: dict[str, Any] = {}
        yield self
        self.ended.append((name, self._told))

    def set_attributes(self, told: Mapping[str, Any]) -> None:
        self._told = dict(told)


def test_spans_have_the_names_and_attributes_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is named on `docs/audit.md`, with every attribute, and holds values that spans may."""
    spans = Spans()
    monkeypatch.setitem(sys.modules, OPENTELEMETRY, spans)
    with Ledger.open(str(tmp_path / "ledger.db"), create=True) as ledger:
        ledger.append(case(1))
        ledger.append_many(cases(3))
        verify(ledger, unsigned=True)
        Replayer(ledger).replay(At(2))
    page = (ROOT / "docs" / "audit.md").read_text("utf-8")
    names = [name for name, _ in spans.ended]
    assert names == ["jfsrules.ledger.append"] * 2 + [
        "jfsrules.audit.verify",
        "jfsrules.audit.replay",
    ]
    for name, told in spans.ended:
        line = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert [f"`{one}`" in line for one in told] == [True] * line.count("`jfsrules.", 4)
        assert all(isinstance(value, str | int | bool) for value in told.values())
    assert spans.ended[1][1]["jfsrules.decisions"] == 3
