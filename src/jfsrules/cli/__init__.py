"""The command `jfsrules`: one verb one job, each in a file of its own that loads when it is called."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from jfsrules.cli import shared
from jfsrules.errors import JfsrulesError, Refused

INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
WRONG: Final = 2
UNWRITABLE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
LONGEST: Final = 600

COMMANDS: Final[Mapping[str, str]] = {
    "decide": "Decide on a partner or a profile.",
    "timeline": "Show what changed when, and by which act.",
    "batch": "Decide on many cases at once.",
    "check": "Check that rules and facts are well formed.",
    "test": "Run the scenarios.",
    "coverage": "Show what of page, rules and facts is used.",
    "partners": "List the partners, or show one dossier.",
    "rules": "List the rules, or read one aloud.",
    "cite": "List the sources, show one, or check the page.",
    "new": "Write a commented template.",
    "audit": "Look into the ledger of decisions.",
}
EXAMPLES: Final[shared.Examples] = (
    ("jfsrules decide MD --as-of 2014-06-27", "Moldova on one day"),
    ("jfsrules decide UA --trace", "Ukraine, with the proof"),
    ("jfsrules decide my-profile.yaml", "your own facts"),
    ("jfsrules partners", "whom there is a dossier on"),
)


class Commands(shared.Verbs):
    """All verbs, and what becomes of whatever goes wrong in one."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run one command; leave as a shell would when the reader of a pipe has gone."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _leave_pipe()

    def main(self, args: Sequence[str] | None = None, *_: Any, **more: Any) -> Any:
        """Run, and turn whatever goes wrong into an exit code and words on standard error."""
        if sys.stdout is None:
            sys.exit(_show_closed())
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        more |= {"prog_name": "jfsrules", "standalone_mode": False}
        try:
            code = super().main(args, **more)
            sys.stdout.flush()
        except click.ClickException as error:
            _show_usage(error)
            code = WRONG
        except (click.Abort, KeyboardInterrupt):
            code = INTERRUPTED
        except OSError as error:
            code = _show_broken(error)
        except JfsrulesError as error:
            _show(error)
            code = WRONG
        except Exception as error:  # noqa: BLE001 (shown in full; nothing goes on after it)
            code = _show_mistake(error)
        sys.exit(code if isinstance(code, int) else 0)


_REPORT: Final = (
    "This is a mistake in jfsrules and not in what you gave it. Please report it with the\n"
    "command, the lines above, and what `jfsrules --version` says."
)


def _show_usage(error: click.ClickException) -> None:
    """Say what is wrong with the call, and where help on it is."""
    words = error.format_message().replace("'", "`").rstrip(".")
    words = words[:1].lower() + words[1:]
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "jfsrules"
    _complain(f"{words}\n  help: `{path} --help` shows how it is called")


def _complain(words: str) -> None:
    from jfsrules.render.phrases import harmless

    words = harmless(words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…")
    lead = click.style("error", fg="red", bold=True) if shared.coloured(sys.stderr) else "error"
    sys.stderr.write(f"{lead}: {words}\n")


def _show(error: JfsrulesError) -> None:
    if isinstance(error, Refused):
        from jfsrules.render.diagnostics import diagnostics

        screen = shared.screen(sys.stderr)
        sys.stderr.write(diagnostics(error.diagnostics, screen))
    else:
        _complain(str(error))


def _show_mistake(error: Exception) -> int:
    """Show what nobody foresaw in full, and say what to do with it."""
    from traceback import print_exception

    print_exception(error)
    _complain(_REPORT)
    return WRONG


def _show_closed() -> int:
    """Say that there is nowhere to write the answer to."""
    if sys.stderr is not None:
        _complain("standard output is closed")
    return WRONG


def _show_broken(error: OSError) -> int:
    """Say why the answer cannot be written; leave quietly when the reader of a pipe has gone."""
    if error.errno == errno.EPIPE:
        return _leave_pipe()
    if error.errno not in UNWRITABLE:
        return _show_mistake(error)
    _leave_pipe()
    _complain(f"the answer cannot be written: {os.strerror(error.errno or 0).lower()}")
    return WRONG


def _leave_pipe() -> int:
    """Give up on standard output, whatever was not written to it yet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        import jfsrules

        click.echo(f"jfsrules {jfsrules.__version__}")
        ctx.exit()


@click.group(
    cls=Commands,
    package=__name__,
    verbs=COMMANDS,
    examples=EXAMPLES,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Where does a country stand in the EU's external justice and home affairs policy, what may
    be offered to it, and why?

    Each answer leads down to dated, cited facts; what is not known is named.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
