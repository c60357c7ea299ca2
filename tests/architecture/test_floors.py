"""The plan of the house: who may import whom, and who alone may use a library."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "jfsrules"

# From the ground up. A module imports only from lines above its own, or earlier in its own line.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("span", "errors", "shipped", "canonical"),
    ("citation", "vocabulary"),
    ("condition", "facts", "rulebook", "tier", "advice", "decision"),
    ("plan",),
    ("meaning", "checks", "shapes", "loading", "proof"),
    ("engines", "verify"),
    ("deciding", "classifying"),
    (
        "compare",
        "explain",
        "timeline",
        "cases",
        "coverage",
        "checking",
        "codebook",
        "batch",
        "audit",
        "render",
        "export",
    ),
    ("",),
    ("cli", "web"),
    ("__main__",),
)
# Folders of one kind: their files never import each other, but for those named.
FANS = {"engines": (), "cli": ("shared",), "export": ()}
# A library, and the only modules that may import it.
LOCKS = {
    "durable_rules_engine": ("engines.rete",),
    "yaml": ("loading",),
    "pydantic": ("shapes", "loading", "render"),
    "narwhals": ("engines.columns",),
    "polars": ("batch", "audit.tables", "audit.packing", "audit.batches"),
    "duckdb": ("batch.elsewhere.duck",),
    "pyspark": ("batch.elsewhere",),
    "z3": ("verify",),
    "matplotlib": ("render.charts",),
    "click": ("cli", "__main__"),
    "rich": ("render", "cli", "batch"),
    "sqlite3": ("audit",),
    "psycopg": ("audit",),
    "cryptography": ("audit",),
    "isal": ("audit.store",),
    "fastapi": ("web",),
}
BEGIN, END = "<!-- the floors, drawn by tests/architecture -->", "<!-- end of the floors -->"
FILES = sorted(SRC.rglob("*.py"))


def name(path: Path) -> str:
    """`engines.rete` for its file; the package itself is the empty name."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports(path: Path) -> set[str]:
    """Every absolute module name a file imports, wherever the statement stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            module = node.module or ""
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def modules_of(path: Path) -> set[str]:
    """The modules of this project that a file imports."""
    known = {name(file) for file in FILES}
    ours = {i.removeprefix("jfsrules").lstrip(".") for i in imports(path) if is_ours(i)}
    return {module for module in ours if module in known} - {name(path)}


def is_ours(module: str) -> bool:
    return module == "jfsrules" or module.startswith("jfsrules.")


def floor(module: str) -> tuple[int, int]:
    trunk = module.split(".", maxsplit=1)[0]
    for number, line in enumerate(FLOORS):
        if trunk in line:
            return number, line.index(trunk)
    pytest.fail(f"{module} has no floor")


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_module_imports_only_from_below(path: Path) -> None:
    """No import goes up, so that the house can be read from the ground floor."""
    own = name(path)
    up = {
        module
        for module in modules_of(path)
        if module and floor(module) > floor(own) and module.split(".")[0] != own.split(".")[0]
    }
    assert not up, f"{own} imports from above: {sorted(up)}"


@pytest.mark.parametrize("fan", FANS)
def test_siblings_of_a_fan_never_import_each_other(fan: str) -> None:
    """Each file of a fan can be deleted without touching another."""
    for path in (SRC / fan).glob("*.py"):
        if path.stem == "__init__":
            continue
        siblings = {
            m.split(".")[1]
            for m in modules_of(path)
            if m.startswith(f"{fan}.") and m.count(".") == 1
        }
        assert siblings <= set(FANS[fan]), f"{path.stem} imports {siblings}"


@pytest.mark.parametrize("library", LOCKS)
def test_a_library_stays_behind_its_module(library: str) -> None:
    """A library can be replaced by changing one module."""
    users = {name(p) for p in FILES if any(i.split(".")[0] == library for i in imports(p))}
    strangers = {
        user
        for user in users
        if not any(user == one or user.startswith(f"{one}.") for one in LOCKS[library])
    }
    assert not strangers


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import jfsrules` and `--help` stay light."""
    code = (
        "import sys, jfsrules, jfsrules.cli\n"
        f"print(sorted(set(sys.modules) & {set(LOCKS) - {'click'}!r}))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert shown.stdout.strip() == "[]"


def test_the_picture_of_the_house_is_current(recorded: Callable[[Path, str], None]) -> None:
    """docs/architecture.md shows every module on its floor, in its own words."""
    page = ROOT / "docs" / "architecture.md"
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    recorded(page, f"{before}{BEGIN}\n{picture()}\n{END}{after}")


def picture() -> str:
    """The floors as a table, from the roof down, each module with its first sentence."""
    rows = ["| floor | module | holds |", "|---|---|---|"]
    for number, line in reversed(list(enumerate(FLOORS))):
        for module in line:
            path = SRC / module / "__init__.py" if module else SRC / "__init__.py"
            path = path if path.exists() else SRC / f"{module}.py"
            if path.exists():
                doc = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
                rows.append(f"| {number} | `{module or 'jfsrules'}` | {doc.splitlines()[0]} |")
    return "\n".join(rows)
