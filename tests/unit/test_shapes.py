"""The shapes of files, and the JSON Schemas that editors use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from conftest import ROOT
from jfsrules.loading.folders import files
from jfsrules.loading.reading import read_file
from jfsrules.shapes import FILES, schema
from jfsrules.shipped import shipped

SHIPPED = {
    "rule": [p for p in files(shipped("rules", "text-2014")) if p.name != "rulebook.yaml"],
    "dossier": files(shipped("cases", "partners")),
    "list": [p for p in files(shipped("cases", "lists")) if p.name != "knowledge-date.yaml"],
}


@pytest.mark.parametrize("kind", FILES)
def test_the_schema_that_editors_use_is_current(kind, recorded):
    """What an editor checks is what the loader checks."""
    written = json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"
    recorded(ROOT / "rules" / "schema" / f"{kind}.json", written)


@pytest.mark.parametrize("kind", FILES)
def test_the_schema_is_one(kind):
    """Each schema is well-formed JSON Schema."""
    Draft202012Validator.check_schema(schema(kind))


@pytest.mark.parametrize("kind", SHIPPED)
def test_every_shipped_file_fits_its_schema(kind):
    """An editor finds nothing to complain about in what is shipped."""
    validator = Draft202012Validator(schema(kind))
    faults = [
        f"{path.name}: {fault.json_path}: {fault.message}"
        for path in SHIPPED[kind]
        for fault in validator.iter_errors(read_file(Path(path)).value)
    ]
    assert not faults


def test_a_rule_with_two_conclusions_does_not_fit():
    """An editor sees a second conclusion as the loader does."""
    rule = {"id": "a", "title": "A", "group": "g", "track": "t", "cites": ["GEO-0"]}
    assert list(Draft202012Validator(schema("rule")).iter_errors([rule]))
