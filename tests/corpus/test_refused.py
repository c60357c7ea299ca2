"""Every kind of wrong input is refused, with its code, its place and a page that explains it.

A case is a folder `cases/refused/<code>/`. What is in it says how it is tried: `profile.*` as a
profile, `dossier.yaml` or a partner's code as a dossier, `lists/` and `rulebook/` as such, each
line of `call.txt` as a call, and `made.txt` names inputs that are no text, or too large to be kept. `home/` stands in
for what is shipped. `expected.txt` is what the person sees; `--rewrite` records it anew.
"""

from __future__ import annotations

import ast
import errno
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from conftest import ROOT
from jfsrules import classify, loading
from jfsrules.batch.asked import days_asked
from jfsrules.batch.parts import Parts, told_when_full
from jfsrules.batch.running import Batch, Job, run
from jfsrules.checks import count_faults
from jfsrules.cli.batch import batch as command
from jfsrules.errors import Diagnostic, Refused
from jfsrules.render.charts import draw
from jfsrules.render.diagnostics import diagnostics

REFUSED = ROOT / "cases" / "refused"
PAGES = ROOT / "docs" / "checks"
CASES = sorted(path for path in REFUSED.iterdir() if path.is_dir())
LATEST = date(2026, 11, 23)
SOURCES = ("loading", "checks", "facts.py", "plan.py", "batch", "engines/columns", "render/charts")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10**9)


def _table(path: Path) -> None:
    pl.DataFrame({"partner": ["MD"], "eu_member": [0]}).write_parquet(path)


MADE: dict[tuple[str, str], Callable[[Path], object]] = {
    ("too-large", "profile.yaml"): _sparse,
    ("too-deep", "profile.json"): lambda path: path.write_text("[" * 100_000),
    ("too-deep", "profile.yaml"): lambda path: path.write_text("- " * 100_000),
    ("broken-parquet", "cases.parquet"): lambda path: path.write_bytes(b"PAR1" + bytes(60)),
    ("wrong-column-type", "cases.parquet"): _table,
    ("line-too-long", "cases.csv"): lambda path: path.write_text(f"partner\n{'MD' * 5_000_000}\n"),
}


def profile(path: str) -> object:
    return loading.load_profile(Path(path), latest=LATEST)


CALLS: dict[str, Callable[..., object]] = {
    "load_profile": profile,
    "load_dossier": loading.load_dossier,
    "load_rulebook": loading.load_rulebook,
    "read_as_of": lambda text: loading.read_as_of(text, LATEST),
}


def _count(lists: str, *dossiers: str) -> object:
    found = loading.load_lists(folder=Path(lists))
    faults = count_faults(found, [loading.load_dossier(one) for one in dossiers])
    if faults:
        raise Refused(faults)
    return found


CALLS["count_faults"] = _count


def _begun(*words: str) -> tuple[Batch, Parts | None]:
    """A batch as the command would begin it."""
    given = command.make_context("batch", list(words)).params
    as_of, out = given["as_of"], given["out"]
    days = days_asked(as_of, LATEST) if as_of else ()
    job = Job(given["paths"], loading.load_rulebook(), days, keep=given["keep"])
    batch = Batch(job)
    batch.refuse_outputs(out, given["errors"])
    parts = Parts(out, batch.asked(), {}) if out else None
    if parts:
        parts.begin(force=given["force"], resume=given["resume"])
    return batch, parts


def _batch(*words: str) -> object:
    """A batch; the rows it sets apart are refused."""
    batch, parts = _begun(*words)
    closing = run(batch, parts=parts)
    wrong = [told for one in closing.shown for told in one.shown()]
    if wrong:
        raise Refused(wrong)
    return closing


def _interrupted(*words: str) -> object:
    _, parts = _begun(*words)
    assert parts
    parts.close()
    return parts


def _while_another_runs(*words: str) -> object:
    _, parts = _begun(*words)
    assert parts
    try:
        return _begun(*words, "--force")
    finally:
        parts.close()


def _changed_meanwhile(path: str) -> object:
    batch, _ = _begun(path)
    Path(path).write_text("partner\nAL\n")
    return run(batch)


def _on_a_full_disk(out: str) -> object:
    with told_when_full(Parts(Path(out), {}, {})):
        raise OSError(errno.ENOSPC, "No space left on device")


CALLS |= {
    "batch": _batch,
    "batch_interrupted": _interrupted,
    "batch_while_another_runs": _while_another_runs,
    "batch_changed_meanwhile": _changed_meanwhile,
    "batch_on_a_full_disk": _on_a_full_disk,
    "classify": classify,
    "draw": draw,
}


def _calls(case: Path) -> str:
    path = case / "call.txt"
    return path.read_text("utf-8") if path.exists() else ""


def tries(case: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """What is tried in a case, each with the words that head what comes out."""
    for line in _calls(case).splitlines():
        verb, *words = shlex.split(line)
        yield f"> {line}\n", lambda verb=verb, words=words: CALLS[verb](*words)
    for path in sorted(Path().iterdir()):
        if path.name == "rulebook":
            yield "", lambda: loading.load_rulebook(Path("rulebook"))
        elif path.name == "lists":
            yield "", lambda: loading.load_lists(folder=Path("lists"))
        elif path.stem == "profile":
            yield "", lambda path=path: profile(path.name)
        elif path.suffix == ".yaml":
            yield "", lambda path=path: loading.load_dossier(path)


def refusals(case: Path) -> Iterator[tuple[str, tuple[Diagnostic, ...]]]:
    for head, attempt in tries(case):
        try:
            attempt()
        except Refused as refused:
            yield head, refused.diagnostics


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_input_is_refused_with_its_code_and_place(case, recorded, monkeypatch, tmp_path):
    """A person sees what is wrong, where, and what to do; never a traceback."""
    monkeypatch.chdir(case)
    if (case / "made.txt").exists() or "batch" in _calls(case):
        shutil.copytree(case, tmp_path, dirs_exist_ok=True)
        monkeypatch.chdir(tmp_path)
        for (code, name), make in MADE.items():
            if code == case.name:
                make(tmp_path / name)
    if (case / "home").exists():
        monkeypatch.setenv("JFSRULES_HOME", str(case / "home"))
    found = list(refusals(case))
    assert case.name in {one.code for _, some in found for one in some}
    shown = "\n".join(head + diagnostics(some) for head, some in found)
    recorded(case / "expected.txt", shown)
    recorded(PAGES / f"{case.name}.md", with_example(case.name, shown))


def with_example(code: str, shown: str) -> str:
    """The page of a check with what its case shows."""
    page = PAGES / f"{code}.md"
    words = page.read_text("utf-8") if page.exists() else f"# `{code}`\n\n```text\n```\n"
    before, rest = words.split("```text\n", 1)
    after = rest.split("```\n", 1)[1]
    return f"{before}```text\n{shown}```\n{after}"


def test_each_code_has_a_page_and_a_case():
    """Whoever meets a code can look it up, and sees it in an example."""
    codes = set(codes_in_use())
    assert codes == {case.name for case in CASES}
    assert codes == {page.stem for page in PAGES.glob("*.md")} - {"README"}


def test_the_list_of_pages_is_current(recorded):
    """docs/checks/README.md names each code with the first sentence of its page."""
    rows = []
    for page in sorted(PAGES.glob("*.md")):
        if page.stem != "README":
            says = page.read_text("utf-8").split("\n\n")[1]
            first = re.split(r"(?<=\.) |: (?=[a-z])", says)[0].rstrip(".:")
            rows.append(f"| [`{page.stem}`]({page.name}) | {first} |")
    head = (
        "# What can be wrong with an input\n\n"
        "Each fault has a code that never changes, and a case in `cases/refused/`.\n"
        "A command that meets one ends with exit code 2.\n\n"
        "To add one: a function in `src/jfsrules/checks/`, a page here, a folder in `cases/refused/`;\n"
        "`pytest tests/corpus/test_refused.py --rewrite` fills in what is shown.\n\n| code | means |\n|---|---|\n"
    )
    recorded(PAGES / "README.md", head + "\n".join(rows) + "\n")


def codes_in_use() -> Iterator[str]:
    """Every text in the source that looks like a code and stands where a code does."""
    source = ROOT / "src" / "jfsrules"
    for name in SOURCES:
        path = source / name
        for file in [path] if path.is_file() else path.rglob("*.py"):
            yield from (
                node.value
                for node in ast.walk(ast.parse(file.read_text("utf-8")))
                if isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.fullmatch(r"[a-z]+(-[a-z0-9]+)+|cycle", node.value)
                and node.value not in NO_CODES
            )


NO_CODES = {
    "in-memory",
    "text-2014",
    "utf-8",
    "utf-8-sig",
    "knowledge-date",
    "citations-yaml",
    "sans-serif",
}
