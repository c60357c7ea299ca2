"""How tests call the command: in this process, as a process of its own, or on a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from jfsrules.cli import cli

SRC = Path(__file__).parents[2] / "src"
CALL = (sys.executable, "-m", "jfsrules")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run(*words: str, standard_input: str | bytes | None = None, **env: str) -> Result:
    """Call the command in this process, as if in a pipe."""
    scope = {"NO_COLOR": "", "FORCE_COLOR": "", "COLUMNS": "", **env}
    return CliRunner().invoke(cli, list(words), input=standard_input, env=scope)


def scope(**env: str) -> dict[str, str]:
    """The environment of a process: ours, without what bears on colour and width."""
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return {**kept, "PYTHONPATH": str(SRC), "TERM": "xterm-256color", **env}


def process(
    *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Call the command as a process with pipes."""
    return subprocess.run(
        [*CALL, *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=scope(**(env or {})),
        encoding="utf-8",
    )


def terminal(*words: str, columns: int = 80, **env: str) -> tuple[int, str]:
    """Call the command on a terminal of so many columns; the exit code, and what is seen."""
    ours, theirs = pty.openpty()
    settings = scope(COLUMNS=str(columns), **env)
    with subprocess.Popen([*CALL, *words], stdout=theirs, stderr=theirs, env=settings) as call:
        os.close(theirs)
        seen = b"".join(iter(lambda: _read(ours), b""))
        code = call.wait()
    os.close(ours)
    return code, seen.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    """The next bytes; none where the other end has closed."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""
