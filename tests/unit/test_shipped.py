"""Where the shipped files are found."""

from __future__ import annotations

from pathlib import Path

import jfsrules
from jfsrules import shipped as module
from jfsrules.shipped import shipped


def test_a_folder_that_is_named_comes_first(monkeypatch, tmp_path):
    """`JFSRULES_HOME` stands in for everything that is shipped."""
    monkeypatch.setenv("JFSRULES_HOME", str(tmp_path))
    assert shipped("rules", "text-2014") == tmp_path / "rules" / "text-2014"


def test_a_checkout_uses_its_own_files(monkeypatch):
    """Beside the source, the files are those of the checkout."""
    monkeypatch.delenv("JFSRULES_HOME", raising=False)
    if not (Path(jfsrules.__file__).parent / "_shipped").exists():
        assert shipped() == Path(jfsrules.__file__).parents[2]


def test_an_installed_package_uses_what_it_carries(monkeypatch, tmp_path):
    """The wheel brings the files with it."""
    monkeypatch.delenv("JFSRULES_HOME", raising=False)
    (tmp_path / "_shipped").mkdir()
    monkeypatch.setattr(module, "_PACKAGE", tmp_path)
    assert shipped("cases") == tmp_path / "_shipped" / "cases"
