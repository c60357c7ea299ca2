"""Citations and passages from their files, and the citations that a fact carries with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jfsrules.citation import Citation, Passage
from jfsrules.errors import Diagnostic
from jfsrules.loading.folders import entries
from jfsrules.loading.shaping import shaped, shown
from jfsrules.shapes import CitationShape, PassageShape
from jfsrules.span import Place


def read_citations(path: Path, wrong: list[Diagnostic]) -> dict[str, Citation]:
    """The documents of `citations.yaml`, by key."""
    return {
        key: _citation(key, raw, place)
        for key, raw, place in entries(path, (dict, CitationShape), wrong)
    }


def read_passages(path: Path, wrong: list[Diagnostic]) -> dict[str, Passage]:
    """The clauses of the page, by id."""
    return {
        key: Passage(key, place=place, **raw)
        for key, raw, place in entries(path, (dict, PassageShape), wrong)
    }


def _citation(key: str, raw: dict[str, Any], place: Place) -> Citation:
    texts = {name: str(value) for name, value in raw.items() if value is not None}
    return Citation(key, place=place, **texts)


def cited(
    raw: list[Any],
    owner: str,
    place: Place,
    found: dict[str, Citation],
    wrong: list[Diagnostic],
) -> tuple[str, ...]:
    """The keys under `cites:`; a document written out gets its owner's id as its key."""
    keys: list[str] = []
    for at, one in enumerate(raw):
        here = place.at(at)
        if isinstance(one, str):
            keys.append(one)
        elif not isinstance(one, dict):
            wrong.append(
                Diagnostic(
                    "wrong-shape",
                    f"a citation is a key or a document, and not {shown(one)}",
                    here.span,
                    "write a key of `citations.yaml`, or `{document: …, publisher: …}`",
                )
            )
        elif shaped(one, CitationShape, here, wrong):
            key, number = owner, 1
            while key in found:
                number += 1
                key = f"{owner}.{number}"
            found[key] = _citation(key, one, here)
            keys.append(key)
    if not raw:
        wrong.append(
            Diagnostic(
                "missing-citation",
                "nothing says where this comes from",
                place.span,
                "name a key of `citations.yaml`, or write a document out",
            )
        )
    return tuple(keys)
