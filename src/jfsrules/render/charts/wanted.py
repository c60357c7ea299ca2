"""Which picture goes into which file, as it is asked for. Knows no plotting library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from jfsrules.errors import did_you_mean, refuse

Kind: TypeAlias = Literal["tiers", "advice"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
FORMATS: Final = {".svg": "svg", ".png": "png"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that is asked for; without a kind the answers say which it is."""

    file: Path
    kind: Kind | None = None


def wanted(written: str) -> Wanted:
    """What `FILE`, `tiers=FILE` or `advice=FILE` asks for. Raises Refused for another
    kind or format.

    >>> wanted("tiers=years.svg").kind, wanted("map.png").kind
    ('tiers', None)
    """
    name, equals, rest = written.partition("=")
    kind = next((one for one in KINDS if equals and one == name), None)
    if equals and kind is None and name.isidentifier():
        known = " and ".join(f"`{one}`" for one in KINDS)
        raise refuse(
            "unknown-format",
            f"there is no picture `{name}`: there are {known}",
            None,
            did_you_mean(name, KINDS) or f"for a file of that name, write `./{written}`",
        )
    file = Path(rest if kind else written)
    if file.suffix.lower() not in FORMATS:
        raise refuse(
            "unknown-format",
            f"which picture `{file}` should be cannot be told from its name",
            None,
            "end it in `.svg` or `.png`",
        )
    return Wanted(file, kind)
