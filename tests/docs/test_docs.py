"""Every command and every piece of Python that a page shows is run, and gives what the page shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

import pytest

from conftest import ROOT
from faces.command import scope

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TUTORIAL = ROOT / "docs" / "tutorial.md"
AUDIT = ROOT / "docs" / "audit.md"
BATCH = ROOT / "docs" / "batch.md"
CHARTS = ROOT / "docs" / "charts.md"
SHOWN = (TUTORIAL, AUDIT, BATCH, CHARTS)
README = ROOT / "README.md"


def blocks(page: Path, language: str) -> list[str]:
    """The blocks of a page in one language."""
    return [body for kind, body in BLOCK.findall(page.read_text("utf-8")) if kind == language]


def calls(block: str) -> Iterator[tuple[str, str]]:
    """The commands of a block, each with the output shown under it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


@pytest.fixture
def shell(tmp_path):
    """A shell in an empty folder, in which `jfsrules` is the command of this checkout."""
    command = tmp_path / "bin" / "jfsrules"
    command.parent.mkdir()
    for name, words in (("jfsrules", "-m jfsrules "), ("python3", "")):
        called = command.parent / name
        called.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words}"$@"\n', "utf-8")
        called.chmod(0o755)
    folder = tmp_path / "here"
    folder.mkdir()
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"

    def run(call: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", f"{call} 2>&1"],
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            check=False,
            cwd=folder,
            env=scope(PATH=path),
        )

    return run


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.stem)
def test_a_page_shows_what_happens(shell, page):
    """Each command of a page prints what stands under it, one after the other."""
    checker = OutputChecker()
    wrong = []
    for block in blocks(page, "console"):
        for command, shown in calls(block):
            printed = shell(command).stdout
            if not checker.check_output(shown, printed, ELLIPSIS | NORMALIZE_WHITESPACE):
                wrong.append(f"$ {command}\n{printed[:1500]}")
    assert not wrong, "\n".join(("printed otherwise:", *wrong))


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.stem)
def test_a_page_leaves_no_command_untried(page):
    """Commands stand in `console` blocks only, so that none escapes."""
    kinds = {kind for kind, _ in BLOCK.findall(page.read_text("utf-8"))}
    assert kinds == {"console", "python"}


def test_the_commands_of_the_readme_run(shell):
    """Each command at the top of the house does what it is shown for."""
    shell("jfsrules new profile MD -o my-profile.yaml")
    commands = [
        line.removeprefix(".venv/bin/").partition(" # ")[0]
        for block in blocks(README, "sh")
        for line in block.splitlines()
        if line.startswith(".venv/bin/jfsrules")
    ]
    assert commands
    failed = {command: one.stdout for command in commands if (one := shell(command)).returncode}
    assert not failed


@pytest.mark.parametrize("page", [*SHOWN, README], ids=lambda page: page.stem)
def test_python_on_a_page_runs(page, tmp_path, monkeypatch):
    """Each piece of Python does what the page says, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    pieces = blocks(page, "python")
    assert pieces
    for piece in pieces:
        exec(compile(piece, str(page), "exec"), {})
