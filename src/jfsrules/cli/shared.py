"""What every command shares: options, the screen, and the ways in and out. Decides nothing."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from difflib import get_close_matches
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import click

if TYPE_CHECKING:
    from jfsrules.render.screen import Screen
    from jfsrules.span import Place, Span
    from jfsrules.vocabulary import Value, Vocabulary

Examples: TypeAlias = tuple[tuple[str, str], ...]
Command = TypeVar("Command", bound=Callable[..., Any])

PIPE_WIDTH: Final = 100
NARROWEST: Final = 40
DEFAULT_RULEBOOK: Final = "practice"


class Formatter(click.HelpFormatter):
    """Help with headings that stand out on a terminal."""

    def write_heading(self, heading: str) -> None:
        """Write a heading, bold where there is colour."""
        super().write_heading(click.style(heading, bold=True) if _bold() else heading)


class Context(click.Context):
    """A call of a command, whose help is written by our own formatter."""

    formatter_class = Formatter


class Verb(click.Command):
    """A command that ends its help with examples, each a call and what it does."""

    context_class = Context

    def __init__(self, *args: Any, examples: Examples = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.examples = examples

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        """`-h` as well as `--help`, whoever calls the command."""
        return ["-h", "--help"]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        write_examples(self.examples, formatter)


class Verbs(click.Group):
    """A group of verbs, each in a module of `package`, imported when it is called and not before;
    `verbs` says of each what it does, in the order of the help page."""

    context_class = Context

    def __init__(
        self,
        *args: Any,
        package: str,
        verbs: Mapping[str, str],
        examples: Examples = (),
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.package = package
        self.verbs = verbs
        self.examples = examples

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the verbs."""
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one verb."""
        if cmd_name not in self.verbs:
            return None
        verb: click.Command = getattr(import_module(f"{self.package}.{cmd_name}"), cmd_name)
        return verb

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.verbs.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        write_examples(self.examples, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb that is called; say which is nearest where there is none."""
        name = args[0]
        if name not in self.verbs and not name.startswith("-"):
            near = get_close_matches(name, self.verbs, n=1)
            more = f"; did you mean `{near[0]}`?" if near else ""
            ctx.fail(f"there is no command `{name}`{more}")
        return super().resolve_command(ctx, args)


def write_examples(examples: Examples, formatter: click.HelpFormatter) -> None:
    """Write examples as a section of a help page, each with what it does beside or above it."""
    longest = max((len(call) for call, _ in examples), default=0)
    widest = max((len(does) for _, does in examples), default=0)
    beside = 2 + longest + 4 + widest <= formatter.width
    with formatter.section("Examples"):
        for call, does in examples:
            aside = click.style(f"# {does}", dim=True) if _bold() else f"# {does}"
            formatter.write(
                f"  {call:<{longest}}  {aside}\n" if beside else f"  {aside}\n  {call}\n"
            )


def _bold() -> bool:
    return coloured(sys.stdout)


def as_format(*names: str) -> Callable[[Command], Command]:
    """The option `--format`, with the first name as its default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(names, case_sensitive=False),
        default=names[0],
        show_default=True,
        help="How the answer is written.",
    )


def as_rulebook(command: Command) -> Command:
    """The option `--rulebook`."""
    return click.option(
        "--rulebook",
        metavar="NAME|FOLDER",
        default=DEFAULT_RULEBOOK,
        show_default=True,
        help="The rules to decide by: a shipped rulebook, or a folder with one.",
    )(command)


def as_trust(command: Command) -> Command:
    """The option `--trust`."""
    return click.option(
        "--trust",
        type=click.Choice(("verified", "reported", "unverified")),
        default="unverified",
        show_default=True,
        help="The least that facts of dossiers must be; weaker ones count as unknown.",
    )(command)


def as_settings(command: Command) -> Command:
    """The option `--set`."""
    return click.option(
        "--set",
        "settings",
        metavar="INDICATOR=VALUE",
        multiple=True,
        help="State a fact over what is known; `unknown` takes one away. Repeatable.",
    )(command)


def as_log(command: Command) -> Command:
    """The options that append what is decided to a ledger."""
    for option in reversed(_LOG):
        command = option(command)
    return command


_LOG: Final = (
    click.option(
        "--log",
        "ledger",
        metavar="LEDGER",
        help="Append to a ledger, made if there is none: a file, or postgresql://host/database.",
    ),
    click.option(
        "--asked-by", metavar="NAME", help="Who asks, to be kept in the ledger; nobody if left out."
    ),
    click.option(
        "--sign-with",
        "signing",
        metavar="FILE",
        help="The private key to sign the entry with; JFSRULES_SIGNING_KEY if left out.",
    ),
)


def as_day(command: Command) -> Command:
    """The option `--as-of`."""
    return click.option(
        "--as-of",
        metavar="DAY",
        help="The day, as 2014-06-27; the knowledge date if left out.",
    )(command)


def coloured(stream: IO[str]) -> bool:
    """Whether a stream takes colour: a terminal does, unless NO_COLOR or FORCE_COLOR say other."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def screen(stream: IO[str] | None = None) -> Screen:
    """What the place can do that a stream (or standard output) leads to."""
    from jfsrules.render.screen import Screen

    stream = stream or sys.stdout
    written = (getattr(stream, "encoding", None) or "").lower().replace("-", "")
    return Screen(
        width=width(stream),
        colour=coloured(stream),
        signs=(stream.isatty() or coloured(stream)) and written.startswith("utf"),
    )


def width(stream: IO[str]) -> int:
    """How many columns a stream has: those of the terminal, or COLUMNS, or 100 in a pipe."""
    fallback = 80 if stream.isatty() else PIPE_WIDTH
    if stream.isatty() or os.environ.get("COLUMNS"):
        return max(NARROWEST, shutil.get_terminal_size((fallback, 24)).columns)
    return fallback


def say(words: str) -> None:
    """Write to standard output."""
    sys.stdout.write(words if words.endswith("\n") else f"{words}\n")


def say_json(value: object) -> None:
    """Write JSON, and nothing else, to standard output."""
    plain = not (sys.stdout.encoding or "").lower().startswith("utf")
    say(json.dumps(value, indent=2, ensure_ascii=plain))


def plainly(value: object) -> Any:
    """Values of the trunk as JSON has them, without the places they were read from."""
    from jfsrules.condition import Conclusion
    from jfsrules.facts import WrittenDate

    if isinstance(value, Conclusion | WrittenDate):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        kept = (part.name for part in fields(value) if part.name != "place")
        return {name: plainly(getattr(value, name)) for name in kept}
    if isinstance(value, Mapping):
        return {str(key): plainly(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [plainly(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def chosen(name: str, known: Mapping[str, object], kind: str) -> str:
    """A name that is known, whatever its case; raises Refused with the nearest one."""
    from jfsrules.errors import did_you_mean, refuse

    if name in known:
        return name
    alike = {one.lower(): one for one in known}
    if name.lower() in alike:
        return alike[name.lower()]
    command = {"rule": "rules", "citation": "cite"}[kind]
    help_ = did_you_mean(name, known) or f"`jfsrules {command}` lists what there is"
    raise refuse(f"unknown-{kind}", f"there is no {kind} `{name}`", None, help_)


def stated(
    settings: tuple[str, ...], vocabulary: Vocabulary
) -> tuple[dict[str, Value | None], Place]:
    """What `--set` states, as atoms with values, and where; raises Refused, with a caret."""
    from jfsrules.errors import Diagnostic, Refused
    from jfsrules.loading.shaping import shortened
    from jfsrules.loading.stated import stated_values
    from jfsrules.span import Place
    from jfsrules.vocabulary import AS_OF, PARTNER

    raw: dict[str, Any] = {}
    spans: dict[tuple[str | int, ...], Span] = {}
    wrong: list[Diagnostic] = []
    for setting in settings:
        name, equals, _ = setting.partition("=")
        if not equals or not name.strip():
            say = f"`{shortened(setting)}` states nothing: write `indicator=value`, such as `enp_partner=true`"
            raise click.BadParameter(say, param_hint="--set")
        key = (name.strip(),)
        first = spans.get((*key, "\0key"))
        raw |= _raw(setting, vocabulary, spans)
        if first:
            twice = f"`{shortened(key[0])}` is stated twice"
            also = (("the first one", first),)
            again = spans[*key, "\0key"]
            wrong.append(Diagnostic("duplicate-key", twice, again, "keep one of the two", also))
    place = Place(spans)
    for given, how in ((PARTNER, "name the partner first"), (AS_OF, "give the day with `--as-of`")):
        if raw.pop(given, None) is not None:
            message = f"`{given}` is no fact that can be stated"
            wrong.append(Diagnostic("given-as-fact", message, place.key(given), how))
    values = stated_values(raw, vocabulary, place, wrong)
    if wrong:
        raise Refused(wrong)
    return values, place


def _span(setting: str, start: int, end: int) -> Span:
    from jfsrules.span import Source, Span

    return Span(Source("--set", setting), 1, start + 1, 1, end + 1)


def _raw(
    setting: str, vocabulary: Vocabulary, spans: dict[tuple[str | int, ...], Span]
) -> Mapping[str, Any]:
    """One setting as a file would hold it, with its places: members of a set stand behind commas."""
    from jfsrules.loading.scalars import scalar

    name, _, written = setting.partition("=")
    key, begin = name.strip(), len(name) + 1
    spans[key,] = _span(setting, begin, len(setting))
    spans[key, "\0key"] = _span(setting, 0, len(name))
    indicator = vocabulary.indicators.get(key)
    if indicator is None or indicator.type.kind != "set_of" or written.strip() == "unknown":
        return {key: scalar(written.strip())}
    members = written.split(",") if written.strip() else []
    for at, member in enumerate(members):
        spans[key, at] = _span(setting, begin, begin + len(member))
        begin += len(member) + 1
    return {key: [member.strip() for member in members]}
