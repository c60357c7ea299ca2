"""What is promised of the package as it is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, unpacked where nothing else is."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, ROOT]
    subprocess.run(build, check=True, capture_output=True, text=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command from a folder that holds no checkout."""
    scope = {**os.environ, "PYTHONPATH": str(installed)}
    call = [sys.executable, "-m", "jfsrules", *words]
    return subprocess.run(
        call, capture_output=True, text=True, check=False, cwd=installed, env=scope
    )


def test_the_wheel_brings_rules_and_dossiers_with_it(installed: Path) -> None:
    """After `pip install`, the main job runs without a checkout."""
    shown = run(installed, "decide", "MD", "--as-of", "2014-06-27", "--format", "json")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["tier"] == "neighbourhood"
    assert (installed / "jfsrules/_shipped/rules/passages.yaml").exists()
    assert not (installed / "jfsrules/_shipped/cases/refused").exists()


def test_durable_rules_is_required_only_where_it_works(installed: Path) -> None:
    """Python 3.13 and later install without it."""
    (metadata,) = installed.glob("*.dist-info/METADATA")
    (line,) = [
        x
        for x in metadata.read_text("utf-8").splitlines()
        if x.startswith("Requires-Dist: durable")
    ]
    assert "python_version < '3.13'" in line.replace('"', "'")


def test_without_the_rete_engine_the_reference_decides_and_says_so(installed: Path) -> None:
    """Where durable-rules cannot be imported, the answer names the evaluator."""
    hidden = installed / "durable_rules_engine.py"
    hidden.write_text("raise ImportError('not here')\n", "utf-8")
    try:
        shown = run(installed, "decide", "MD", "--format", "json")
        insisted = run(installed, "decide", "MD", "--engine", "rete")
    finally:
        hidden.unlink()
    assert json.loads(shown.stdout)["engine"] == "reference"
    assert insisted.returncode == 2
    assert "durable-rules" in insisted.stderr
