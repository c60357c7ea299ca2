"""The command as a process: on a terminal, in a pipe, with and without colour."""

from __future__ import annotations

import json
import signal
import subprocess
import time

import pytest

from conftest import ROOT
from faces.command import CALL, COLOUR, process, scope, terminal

ASK = ("decide", "RU", "--trace")


def test_a_terminal_gets_colour_and_signs():
    """On a terminal the answer is coloured and drawn with signs."""
    code, seen = terminal(*ASK, columns=100)
    assert code == 0
    assert COLOUR.search(seen)
    assert "├── " in seen and "✓ " in seen


def test_a_pipe_gets_plain_text():
    """In a pipe there is no colour and no sign that a log could not hold."""
    shown = process(*ASK)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert not COLOUR.search(shown.stdout)
    assert not set("├└│✓✗•") & set(shown.stdout)
    assert "+-- " in shown.stdout


def test_colour_can_be_refused_or_forced():
    """NO_COLOR takes the colour from a terminal; FORCE_COLOR gives it to a pipe."""
    _, seen = terminal("decide", "RU", NO_COLOR="1")
    assert not COLOUR.search(seen) and "RU" in seen
    _, dumb = terminal("decide", "RU", TERM="dumb")
    assert not COLOUR.search(dumb)
    assert COLOUR.search(process("decide", "RU", env={"FORCE_COLOR": "1"}).stdout)
    assert not COLOUR.search(
        process("decide", "RU", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout
    )


def test_the_words_are_the_same_with_and_without_colour():
    """Colour says nothing that the words do not."""
    _, seen = terminal("decide", "RU", columns=100)
    plain = terminal("decide", "RU", columns=100, NO_COLOR="1")[1]
    assert COLOUR.sub("", seen) == plain


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_the_answer_fits_the_terminal(columns):
    """No line is wider than the terminal, narrow or wide."""
    _, seen = terminal("decide", "RU", columns=columns)
    assert max(len(line) for line in COLOUR.sub("", seen).splitlines()) <= columns


def test_refusals_are_coloured_on_a_terminal():
    """What is wrong stands out in red, and in words."""
    code, seen = terminal("decide", "Moldova")
    assert code == 2
    assert COLOUR.search(seen)
    assert "error[unknown-partner]" in COLOUR.sub("", seen)


def test_an_old_encoding_breaks_nothing():
    """Where the output cannot hold a letter another sign stands for it; JSON escapes it."""
    old = {"PYTHONIOENCODING": "ascii"}
    shown = process("decide", "TR", env=old)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "(TR) on" in shown.stdout
    named = json.loads(process("decide", "TR", "--format", "json", env=old).stdout)
    assert named["partner"]["name"] == "Türkiye"


def test_a_closed_pipe_is_quiet():
    """A reader that has seen enough ends the command without a word."""
    head = f"{' '.join(CALL)} decide RU --trace --format json | head -n 1"
    shown = subprocess.run(
        ["sh", "-c", head], capture_output=True, text=True, check=False, env=scope(), cwd=ROOT
    )
    assert (shown.stdout, shown.stderr) == ("{\n", "")


def test_an_interrupt_ends_a_waiting_command_quietly():
    """Ctrl-C while the command waits for its input ends it with 130, and without a traceback."""
    with subprocess.Popen(
        [*CALL, "decide", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=scope(),
    ) as call:
        time.sleep(2)
        call.send_signal(signal.SIGINT)
        seen, said = call.communicate(timeout=10)
    assert (call.returncode, seen, said.strip()) == (130, "", "")


def test_help_and_version_come_without_the_heavy_libraries():
    """`--help` loads click, and neither rich, nor YAML, nor pydantic, nor an engine."""
    code = (
        "import sys\n"
        "from jfsrules.cli import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'rich', 'yaml', 'pydantic', 'durable_rules_engine', 'jfsrules.loading'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run(
        [CALL[0], "-c", code], capture_output=True, text=True, check=True, env=scope()
    )
    assert shown.stdout.splitlines()[-1] == "[]"
    assert process("--version").stdout.startswith("jfsrules ")


def test_json_and_markdown_come_without_rich():
    """What needs no terminal does not load the library for one."""
    code = (
        "import sys\n"
        "from jfsrules.cli import cli\n"
        "try: cli(['decide', 'MD', '--format', sys.argv[1]])\n"
        "except SystemExit: pass\n"
        "print('\\nrich' if 'rich' in sys.modules else '\\nlight')"
    )
    for form in ("json", "md"):
        shown = subprocess.run(
            [CALL[0], "-c", code, form], capture_output=True, text=True, check=True, env=scope()
        )
        assert shown.stdout.splitlines()[-1] == "light"
