"""Other engines, each given the same rule base in its own words: one file a peer.

A peer for single cases takes a case in the form it likes best (`prepare`, not timed), answers
(`answer`, timed), and says what it answered (`tell`, not timed). A peer for tables does the same
with a whole table; `answer` leaves out which rules fired, `fired` does not. `explain` also says why,
where a peer can. Each is built once, as its own documentation advises, and uses one thread.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib import metadata
from typing import Any, NamedTuple, Protocol

from benchmarks.bases import Answer, Base, Case, Table


class ForCases(Protocol):
    def prepare(self, case: Case) -> Any: ...
    def answer(self, case: Any) -> Any: ...
    def tell(self, out: Any) -> Answer: ...


class ForTables(Protocol):
    def prepare(self, table: Table) -> Any: ...
    def answer(self, table: Any) -> Any: ...
    def fired(self, table: Any) -> Any: ...
    def tell(self, out: Any) -> list[Answer]: ...


class Peer(NamedTuple):
    """A peer: how the table calls it, the package that brings it, and where it is."""

    name: str
    package: str
    place: str

    def built(self, base: Base) -> Any:
        """The peer with this base. Raises ImportError where its package is not installed."""
        module, _, maker = self.place.partition(":")
        make: Callable[[Base], Any] = getattr(importlib.import_module(module), maker)
        return make(base)

    def version(self) -> str:
        return metadata.version(self.package) if self.package else ""


CASES = (
    Peer("one Python function", "", "benchmarks.peers.function:Function"),
    Peer("ours, compiled", "jfsrules", "benchmarks.peers.ours:Compiled"),
    Peer("ours, rete", "jfsrules", "benchmarks.peers.ours:Rete"),
    Peer("ours, reference", "jfsrules", "benchmarks.peers.ours:Reference"),
    Peer("durable-rules Host", "durable-rules", "benchmarks.peers.host:InHost"),
    Peer("ZEN", "zen-engine", "benchmarks.peers.zen_engine:Zen"),
    Peer("datalogic-py", "datalogic-py", "benchmarks.peers.datalogic:Datalogic"),
    Peer("CLIPS", "clipspy", "benchmarks.peers.clips_engine:Clips"),
    Peer("rule-engine", "rule-engine", "benchmarks.peers.expressions:RuleEngine"),
    Peer("business-rules", "business-rules", "benchmarks.peers.business:BusinessRules"),
)
TABLES = (
    Peer("ours, columns (Polars)", "jfsrules", "benchmarks.peers.ours:Columns"),
    Peer("Polars by hand", "polars", "benchmarks.peers.by_polars:Polars"),
    Peer("NumPy by hand, bit-sliced", "numpy", "benchmarks.peers.by_numpy:Sliced"),
    Peer("OpenFisca-core", "openfisca-core", "benchmarks.peers.openfisca:OpenFisca"),
    Peer("ZEN, batch call", "zen-engine", "benchmarks.peers.zen_engine:ZenBatch"),
)
