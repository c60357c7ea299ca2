"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite",
        action="store_true",
        help="rewrite recorded files with what is found now; review them as a diff",
    )


@pytest.fixture
def recorded(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compares words with a recorded file, or records them anew with `--rewrite`."""

    def compare(path: Path, words: str) -> None:
        if request.config.getoption("--rewrite"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(words, "utf-8")
        was = path.read_text("utf-8") if path.exists() else ""
        assert words == was, f"{path.relative_to(ROOT)} is not current: run pytest with --rewrite"

    return compare
