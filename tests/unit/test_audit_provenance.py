"""Provenance: a logged decision as W3C PROV, valid in the eyes of libraries that others wrote."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faces.command import run
from jfsrules.audit import Case, Ledger
from jfsrules.audit.bundles import At
from jfsrules.audit.provenance import Graph, prov_json, prov_turtle, provenance, shapes
from jfsrules.deciding import profile_of, ready
from jfsrules.loading import load_dossier, load_lists, load_rulebook
from ledgers import case


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Graph]]:
    """The graphs of small and of real decisions, one of them asked by somebody."""
    book = load_rulebook("text-2014")
    lists = load_lists(book.vocabulary)
    path = tmp_path_factory.mktemp("prov") / "ledger.db"
    with Ledger.open(str(path), create=True) as ledger:
        places = [At(ledger.append(case(n, 'Ann, "the" auditor\n')).seq) for n in (1, 4)]
        for code in ("MD", "RU"):
            dossier = load_dossier(code, book.vocabulary)
            profile = profile_of(dossier, "2014-06-27", book)
            made = ready(book, "reference").decide(profile)
            cited = {**lists.citations, **dossier.citations}
            places.append(At(ledger.append(Case(made, profile, book, cited)).seq))
        yield [provenance(ledger, place) for place in places]


def test_the_prov_library_reads_it(graphs: list[Graph]) -> None:
    """PROV-JSON goes through the `prov` library and back, with everything in it."""
    from prov.model import ProvDocument, ProvEntity

    for graph in graphs:
        document = ProvDocument.deserialize(content=json.dumps(prov_json(graph)), format="json")
        records = list(document.get_records())
        assert len(records) == len(graph.nodes) + len(graph.relations) + 1
        assert sum(isinstance(one, ProvEntity) for one in records) > 10
        again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
        assert again == document


def test_the_graph_fits_our_shapes(graphs: list[Graph]) -> None:
    """RDF is valid Turtle, and pySHACL finds that it fits the shapes."""
    conforms, told = validated(
        prov_turtle(graphs[0]), prov_turtle(graphs[2]), prov_turtle(graphs[3])
    )
    assert conforms, told


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("prov:wasGeneratedBy", "prov:wasInvalidatedBy"),
        ('jfs:tier "', 'jfs:tier "x'),
        ("prov:hadPlan", "prov:hadRole"),
        ("prov:hadPrimarySource", "prov:wasQuotedFrom"),
        ('jfs:confidence "', 'jfs:confidence "not '),
        ("prov:SoftwareAgent", "prov:Agent"),
    ],
)
def test_a_graph_that_lacks_something_does_not_fit(
    graphs: list[Graph], was: str, becomes: str
) -> None:
    """The shapes ask for something: each loss is noticed."""
    words = prov_turtle(graphs[0])
    assert was in words
    assert not validated(words.replace(was, becomes))[0]


MAY_LACK = {
    ("Citation", "date"), ("Citation", "document"), ("Citation", "publisher"), ("Profile", "name"),
    ("Deciding", "wasAssociatedWith"), ("Profile", "wasDerivedFrom"), ("Decision", "wasDerivedFrom"),
    ("Step", "wasDerivedFrom"), ("Step", "confidence"), ("Step", "authority"), ("Step", "rule"),
}  # fmt: skip


def test_every_kind_of_statement_is_asked_for(graphs: list[Graph]) -> None:
    """One of each kind is taken out: none goes unnoticed but what may be lacking, or is there twice."""
    from rdflib import RDF
    from rdflib import Graph as Triples

    triples = Triples().parse(data=prov_turtle(graphs[0]), format="turtle")
    kinds: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for subject, predicate, other in sorted(triples):
        sorts = [str(sort) for sort in triples.objects(subject, RDF.type)]
        ours = next((sort for sort in sorts if sort.startswith("urn:jfsrules:")), "::")
        said = str(other) if predicate == RDF.type else ""
        name = str(predicate).replace("#", ":").rpartition(":")[2]
        kinds[ours.rpartition(":")[2], name, said] = (subject, predicate, other)
    assert len(kinds) > 40
    unnoticed = set()
    for (kind, name, _), triple in kinds.items():
        triples.remove(triple)
        if validated(triples.serialize(format="turtle"))[0]:
            unnoticed.add((kind, name))
        triples.add(triple)
    assert unnoticed <= MAY_LACK


@pytest.mark.parametrize("rulebook", ["text-2014", "practice"])
def test_every_kind_of_answer_fits(rulebook: str, tmp_path: Path) -> None:
    """Members, groups, no tier, unknown facts, dates left open, stated profiles, the same twice."""
    places: list[At] = []
    book = load_rulebook(rulebook)
    lists = load_lists(book.vocabulary)
    with Ledger.open(str(tmp_path / "ledger.db"), create=True) as ledger:
        for code, day in (("FR", "2014-06-27"), ("RU", "2014-03-05"), ("XK", "2008-01-01"),
                          ("AX", "2020-01-01"), ("CV", "2008-06-05"), ("TR", "2016-03-18")):  # fmt: skip
            dossier = load_dossier(code, book.vocabulary)
            profile = profile_of(dossier, day, book)
            cited = {**lists.citations, **dossier.citations}
            made = ready(book, "reference").decide(profile)
            places.append(At(ledger.append(Case(made, profile, book, cited)).seq))
        stated = (
            "partner: KE\nas_of: 2014-06-27\nfacts: {enp_partner: true, visa_regime: unknown}\n"
        )
        (tmp_path / "own.yaml").write_text(stated)
        profile = profile_of(tmp_path / "own.yaml", None, book)
        made = ready(book, "reference").decide(profile)
        twice = [Case(made, profile, book)] * 2
        places += [At(ledger.append(one).seq) for one in twice]
        conforms, told = validated(*(prov_turtle(provenance(ledger, at)) for at in places))
    assert conforms, told[:2_000]


def test_a_row_of_a_table_has_a_provenance_too(tmp_path: Path) -> None:
    """A row is told like a decision: from its profile, by its rulebook, step by step."""
    table, where = tmp_path / "rows.csv", str(tmp_path / "ledger.db")
    table.write_text(
        "partner,as_of,eu_member,enp_partner\nMD,2014-06-27,false,true\nUS,2014-06-27,false,\n"
    )
    done = run("batch", str(table), "-o", str(tmp_path / "out.csv"), "--log", where)
    assert done.exit_code == 0, done.stderr
    with Ledger.open(where) as ledger:
        conforms, told = validated(*(prov_turtle(provenance(ledger, At(2, at))) for at in (0, 1)))
    assert conforms, told[:2_000]


def validated(*graphs: str) -> tuple[bool, str]:
    """Whether graphs fit the shapes, and what pySHACL says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyshacl import validate
        from rdflib import Graph as Triples

        triples = Triples()
        for words in graphs:
            triples.parse(data=words, format="turtle")
        fitting = Triples().parse(data=shapes(), format="turtle")
        conforms, _, told = validate(triples, shacl_graph=fitting)
    return bool(conforms), str(told)


def test_who_asked_stands_there_only_if_it_was_given(graphs: list[Graph]) -> None:
    """The asker is an agent of the activity where a name was logged, and nobody elsewhere."""
    assert "asker/" in prov_turtle(graphs[0])
    assert "asker/" not in prov_turtle(graphs[2])
