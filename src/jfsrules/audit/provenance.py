"""A logged decision as W3C PROV: what it was derived from, by which activity, and who took part.

One graph, written as PROV-JSON or as RDF (Turtle). `prov_shapes.ttl` says what such a graph must
have. Knows no library of either.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote

from jfsrules.audit.bundles import At
from jfsrules.audit.documents import CITATION, FACT, LIST, Loads, as_written, names_in
from jfsrules.audit.ledger import Ledger
from jfsrules.audit.replaying import Replayer
from jfsrules.decision import Json

PREFIX: Final = "jfs"
SPACE: Final = "urn:jfsrules:"
PROV: Final = "http://www.w3.org/ns/prov#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
KINDS: Final[Mapping[str, str]] = {FACT: "Fact", LIST: "ClosedList", CITATION: "Citation"}


@dataclass(slots=True)
class Node:
    """An entity, activity or agent: its name, its class, and what is said of it."""

    name: str
    kind: str
    sort: str
    said: dict[str, str] = field(default_factory=dict)
    time: str | None = None


@dataclass(slots=True)
class Graph:
    """Nodes by name, and relations: their PROV name, subject and object."""

    nodes: dict[str, Node] = field(default_factory=dict)
    relations: list[tuple[str, str, str]] = field(default_factory=list)
    plan: tuple[str, str, str] = ("", "", "")

    def add(self, node: Node) -> str:
        """Add a node once; gives its name."""
        return self.nodes.setdefault(node.name, node).name

    def relate(self, relation: str, subject: str, other: str) -> None:
        """Say that two nodes are related."""
        self.relations.append((relation, subject, other))


def provenance(ledger: Ledger, at: At) -> Graph:
    """The graph of one decision; raises LedgerError where something of it is not kept."""
    with as_written(f"decision {at}"):
        return _graph(ledger, at)


def _graph(ledger: Ledger, at: At) -> Graph:
    entry, (record, document) = ledger.entry(at.seq), Replayer(ledger).in_full(at)
    decision = document(record["decision"])
    graph = Graph()
    answer = graph.add(_entity(f"decision/{entry.ledger}/{at}", "Decision", decision, _OF_DECISION))
    graph.nodes[answer].said["digest"] = record["decision"]
    deciding = Node(f"deciding/{entry.ledger}/{at}", "Deciding", "activity", {}, entry.time)
    book = Node(
        f"rulebook/{record['rulebook']['digest']}", "Rulebook", "entity", record["rulebook"]
    )
    engine = {"engine": record["engine"], "version": record["version"]}
    agent = Node(f"engine/{record['engine']}/{record['version']}", "Engine", "agent", engine)
    graph.plan = (graph.add(deciding), graph.add(agent), graph.add(book))
    profile = _profile(graph, document, record["profile"])
    graph.relate("wasGeneratedBy", answer, deciding.name)
    graph.relate("used", deciding.name, profile)
    graph.relate("used", deciding.name, book.name)
    graph.relate("wasDerivedFrom", answer, profile)
    graph.relate("wasDerivedFrom", answer, book.name)
    _steps(graph, answer, decision, profile)
    if "asked_by" in record:
        asker = graph.add(Node(f"asker/{record['asked_by']}", "Asker", "agent"))
        graph.relate("wasAssociatedWith", deciding.name, asker)
    return graph


_OF_DECISION: Final = ("as_of", "tier", "profile_digest")
_OF_PROFILE: Final = ("partner", "as_of", "name")
_OF_STEP: Final = ("kind", "rule", "authority", "confidence")
_OF: Final[Mapping[str, tuple[str, ...]]] = {
    FACT: ("id", "atom", "value", "since", "until", "confidence"),
    LIST: ("id", "atom", "absent", "complete_from", "vouched_until", "confidence"),
    CITATION: ("id", "document", "publisher", "date", "locator", "address"),
}


def _entity(name: str, kind: str, raw: Mapping[str, Any], told: tuple[str, ...]) -> Node:
    said = {one: _text(raw[one]) for one in told if raw.get(one) is not None}
    return Node(name, kind, "entity", said)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _profile(graph: Graph, load: Loads, digest: str) -> str:
    """The profile, the facts and lists it rests on, and the sources they cite."""
    document = load(digest)
    name = graph.add(_entity(f"profile/{digest}", "Profile", document, _OF_PROFILE))
    sources = {key: _document(graph, load, source) for key, source in document["citations"].items()}
    for named in dict.fromkeys(names_in(document)):
        raw = load(named)
        if raw["schema"] == CITATION:
            continue
        stated = _document(graph, load, named)
        graph.relate("wasDerivedFrom", name, stated)
        for key in raw["cites"]:
            source = sources.get(key) or graph.add(
                Node(f"cited/{key}", "Citation", "entity", {"id": key})
            )
            graph.relate("hadPrimarySource", stated, source)
    return name


def _document(graph: Graph, load: Loads, digest: str) -> str:
    raw = load(digest)
    kind = KINDS[raw["schema"]]
    return graph.add(_entity(f"{kind.lower()}/{digest}", kind, raw, _OF[raw["schema"]]))


def _steps(graph: Graph, answer: str, decision: Mapping[str, Any], profile: str) -> None:
    """Each step of the trace, derived from those it stands on, and the lowest from profile, facts and
    lists; the answer from those it names."""
    digest = graph.nodes[answer].said["digest"]
    names = {step["id"]: f"step/{digest}/{step['id']}" for step in decision["trace"]}
    documents = {
        (node.kind, node.said["id"]): node.name
        for node in graph.nodes.values()
        if node.kind in ("Fact", "ClosedList")
    }
    for step in decision["trace"]:
        graph.add(_entity(names[step["id"]], "Step", step, _OF_STEP))
        for below in step["from"] or [None]:
            graph.relate("wasDerivedFrom", names[step["id"]], names[below] if below else profile)
        said = step["says"]["args"]
        for kind, named in (("Fact", said.get("fact")), ("ClosedList", said.get("list"))):
            if not step["from"] and isinstance(named, str) and (kind, named) in documents:
                graph.relate("wasDerivedFrom", names[step["id"]], documents[kind, named])
    roots = {"order:tier"}.union(
        *(line["why"] for line in (*decision["focus_areas"], *decision["tracks"]))
    )
    for root in sorted(roots):
        graph.relate("wasDerivedFrom", answer, names[root])


# --- PROV-JSON ----------------------------------------------------------------------------------


def prov_json(graph: Graph) -> dict[str, Json]:
    """The graph as PROV-JSON."""
    found: dict[str, Any] = {"prefix": {PREFIX: SPACE}}
    for node in graph.nodes.values():
        said: dict[str, Any] = {f"{PREFIX}:{name}": value for name, value in node.said.items()}
        said["prov:type"] = {"$": f"{PREFIX}:{node.kind}", "type": "prov:QUALIFIED_NAME"}
        if node.time:
            said |= {"prov:startTime": node.time, "prov:endTime": node.time}
        found.setdefault(node.sort, {})[_short(node.name)] = said
    for number, (relation, subject, other) in enumerate(graph.relations):
        name, ends = _RELATIONS[relation]
        ended: dict[str, Any] = dict(zip(ends, (_short(subject), _short(other)), strict=True))
        if relation == "hadPrimarySource":
            ended["prov:type"] = {"$": "prov:PrimarySource", "type": "prov:QUALIFIED_NAME"}
        found.setdefault(name, {})[f"_:r{number}"] = ended
    activity, agent, plan = map(_short, graph.plan)
    planned = {"prov:activity": activity, "prov:agent": agent, "prov:plan": plan}
    found.setdefault("wasAssociatedWith", {})["_:plan"] = planned
    return found


_DERIVED: Final = ("prov:generatedEntity", "prov:usedEntity")
_RELATIONS: Final[Mapping[str, tuple[str, tuple[str, str]]]] = {
    "wasDerivedFrom": ("wasDerivedFrom", _DERIVED),
    "hadPrimarySource": ("wasDerivedFrom", _DERIVED),
    "wasGeneratedBy": ("wasGeneratedBy", ("prov:entity", "prov:activity")),
    "used": ("used", ("prov:activity", "prov:entity")),
    "wasAssociatedWith": ("wasAssociatedWith", ("prov:activity", "prov:agent")),
}


def _short(name: str) -> str:
    return f"{PREFIX}:{quote(name, safe='/-._~')}"


# --- RDF ----------------------------------------------------------------------------------------


def prov_turtle(graph: Graph) -> str:
    """The graph as RDF, in Turtle."""
    return "\n".join(_turtle(graph)) + "\n"


def _turtle(graph: Graph) -> Iterator[str]:
    yield f"@prefix prov: <{PROV}> ."
    yield f"@prefix {PREFIX}: <{SPACE}> ."
    yield f"@prefix xsd: <{XSD}> ."
    for node in graph.nodes.values():
        subject = _iri(node.name)
        yield f"{subject} a {_sort(node)}, {PREFIX}:{node.kind} ."
        for name, value in node.said.items():
            yield f"{subject} {PREFIX}:{name} {_literal(value)} ."
        if node.time:
            time = f'"{node.time}"^^xsd:dateTime'
            yield f"{subject} prov:startedAtTime {time} ; prov:endedAtTime {time} ."
    for relation, subject, other in graph.relations:
        yield f"{_iri(subject)} prov:{relation} {_iri(other)} ."
    activity, agent, plan = map(_iri, graph.plan)
    yield f"{activity} prov:wasAssociatedWith {agent} ; prov:qualifiedAssociation"
    yield f"  [ a prov:Association ; prov:agent {agent} ; prov:hadPlan {plan} ] ."
    yield f"{plan} a prov:Plan ."


def _sort(node: Node) -> str:
    """The class of PROV that a node belongs to."""
    if node.kind == "Engine":
        return "prov:SoftwareAgent"
    return {"entity": "prov:Entity", "activity": "prov:Activity", "agent": "prov:Agent"}[node.sort]


def _iri(name: str) -> str:
    return f"<{SPACE}{quote(name, safe='/-._~')}>"


def _literal(value: str) -> str:
    """A text as Turtle writes it: as JSON does."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def shapes() -> str:
    """The SHACL shapes that such a graph must fit, in Turtle."""
    return files("jfsrules.audit").joinpath("prov_shapes.ttl").read_text("utf-8")
