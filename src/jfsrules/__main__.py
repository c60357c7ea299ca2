"""`python -m jfsrules`, and the command `jfsrules`."""

from __future__ import annotations

from jfsrules.cli import cli


def main() -> None:
    """Run the command line."""
    cli()


if __name__ == "__main__":
    main()
