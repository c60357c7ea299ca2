"""`jfsrules check`: whether rules, facts, lists and cases are well formed."""

from __future__ import annotations

from pathlib import Path

import click

from jfsrules.cli import shared


@click.command(
    cls=shared.Verb,
    short_help="Check that rules and facts are well formed.",
    examples=(
        ("jfsrules check", "everything that is shipped"),
        ("jfsrules check cases/partners/MD.yaml", "one dossier"),
        ("jfsrules check my-rules/ my-profile.yaml", "your own"),
        ("jfsrules check --format json", "for a program"),
    ),
)
@click.argument(
    "paths",
    nargs=-1,
    metavar="[FILE|FOLDER]...",
    type=click.Path(exists=True, path_type=Path),
)
@shared.as_format("text", "json")
def check(paths: tuple[Path, ...], form: str) -> None:
    """Look rules, facts, closed lists and scenarios over, and say what is wrong, where, and what helps.

    Without a path, everything that is shipped, and the counts of the lists against the dossiers.
    Exit code 1 where something is wrong.
    """
    from jfsrules.checking import check_paths, check_shipped

    checked = check_paths(paths) if paths else check_shipped()
    faults = checked.faults
    if form == "json":
        shared.say_json(
            {
                "looked_at": dict(sorted(checked.counts.items())),
                "wrong": [
                    {
                        "code": one.code,
                        "severity": one.severity,
                        "message": one.message,
                        "place": one.span.place if one.span else None,
                        "help": one.help,
                    }
                    for one in faults
                ],
            }
        )
    else:
        if faults:
            from jfsrules.render.diagnostics import diagnostics

            click.echo(diagnostics(faults, shared.screen(), most=200), nl=False)
        seen = ", ".join(
            f"{number} {kind if number == 1 else _plural(kind)}"
            for kind, number in sorted(checked.counts.items())
        )
        shared.say(f"{seen or 'nothing'} looked at; {len(faults) or 'nothing'} wrong")
    if faults:
        click.get_current_context().exit(1)


def _plural(kind: str) -> str:
    first, *rest = kind.split(" ")
    return f"{kind}s" if not rest or rest[0] == "file" else " ".join([f"{first}s", *rest])
