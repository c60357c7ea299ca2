"""docs/cli.md is what the command says of itself."""

from __future__ import annotations

from collections.abc import Iterator

import click

from conftest import ROOT
from jfsrules.cli import cli

HEAD = """\
# Commands

Written from the commands themselves (`--help` shows the same); a test keeps it current.

Exit codes: 0 done, an undetermined decision included; 1 the answer is "no", such as a page that differs; 2 the input or the call is
wrong, or nothing could run; 130 interrupted. Answers go to standard output, everything else to standard error. `NO_COLOR` takes the
colour away, `FORCE_COLOR` gives it to a pipe, `COLUMNS` sets the width.
"""
WIDTH = 96


def pages(command: click.Command, path: str, above: click.Context | None) -> Iterator[str]:
    """The help of a command, and of each command below it."""
    context = command.make_context(
        path.rpartition(" ")[2], [], parent=above, resilient_parsing=True, terminal_width=WIDTH
    )
    yield f"## `{path}`\n\n```text\n{command.get_help(context).rstrip()}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from pages(below, f"{path} {name}", context)


def test_the_page_of_commands_is_current(recorded):
    """Whoever changes a command changes its page."""
    recorded(ROOT / "docs" / "cli.md", "\n".join((HEAD, *pages(cli, "jfsrules", None))))
