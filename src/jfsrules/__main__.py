"""`python -m jfsrules`, and the command `jfsrules`."""

from __future__ import annotations

import gc

from jfsrules.cli import cli

SELDOM = 100_000


def main() -> None:
    """Run the command line."""
    # A call makes many small objects that live to its end: looking for garbage finds none.
    gc.set_threshold(SELDOM, 20, 20)
    cli()


if __name__ == "__main__":
    main()
