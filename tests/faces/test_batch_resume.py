"""A batch that is interrupted goes on where it was: no row is lost, and none is written twice."""

from __future__ import annotations

import contextlib
import json
import random
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import polars as pl
import pytest

from faces.command import CALL, process, run, scope
from jfsrules.batch import parts as parts_module
from jfsrules.batch.parts import Parts

ROWS = 900
AT_ONCE = ("--at-once", "100")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    draw = random.Random(7)
    codes = ["MD", "UA", "AL", "DZ", "XX", "US"]
    lines = ["partner,as_of,eu_member,accession_status,id"]
    lines += [
        f"{draw.choice(codes)},20{draw.randint(10, 25)}-06-27,{draw.choice(['true', 'false', ''])},"
        f"{draw.choice(['none', 'candidate', ''])},{number}"
        for number in range(ROWS)
    ]
    Path("in/a.csv").write_text("\n".join(lines) + "\n")
    frame = pl.read_csv("in/a.csv").filter(pl.col("partner") != "XX")
    frame.with_columns(pl.col("as_of").str.to_date()).write_parquet("in/b.parquet")
    for code in codes:
        Path(f"in/c-{code}.yaml").write_text(f"partner: {code}\nfacts: {{eu_member: false}}\n")


def words(out: str, *more: str) -> tuple[str, ...]:
    kept = ("--keep", "id", "--errors", f"{out}.errors")
    return ("batch", "in", *kept, *AT_ONCE, "-o", out, *more)


def whole(ending: str) -> tuple[bytes, bytes]:
    """The output and the errors of a run that is not interrupted."""
    assert run(*words(f"whole.{ending}")).exit_code == 1
    return Path(f"whole.{ending}").read_bytes(), Path(f"whole.{ending}.errors").read_bytes()


def killed(out: str, *more: str, after: int, how: signal.Signals = signal.SIGKILL) -> int:
    """Run until so many chunks stand written, and end it then; its exit code."""
    journal = Path(f"{out}.parts/journal.jsonl")
    call = subprocess.Popen(
        [*CALL, *words(out, *more)], stderr=subprocess.PIPE, env=scope(), start_new_session=True
    )
    with call:
        while call.poll() is None:
            with contextlib.suppress(FileNotFoundError):
                if journal.read_bytes().count(b"\n") > after:
                    call.send_signal(how)
                    break
            time.sleep(0.001)
        said = call.stderr.read().decode() if call.stderr else ""
    if how == signal.SIGINT and call.returncode == 130:
        assert "--resume" in said
    return call.returncode


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_run_that_was_killed_goes_on_where_it_was(ending: str) -> None:
    """Killed at random points, several times over; the output is the same, byte for byte."""
    output, errors = whole(ending)
    draw = random.Random(ending)
    points = sorted(draw.sample(range(16), 3))
    for number, point in enumerate(points):
        more = ("--resume",) if number else ()
        assert killed(f"out.{ending}", *more, after=point) in (-signal.SIGKILL, 1)
    last = run(*words(f"out.{ending}", "--resume"))
    assert last.exit_code == 1, last.stderr
    assert Path(f"out.{ending}").read_bytes() == output
    assert Path(f"out.{ending}.errors").read_bytes() == errors
    assert not Path(f"out.{ending}.parts").exists()


def test_a_run_that_is_interrupted_says_how_to_go_on() -> None:
    """Ctrl-C ends it with 130; what is written stays readable."""
    output, _ = whole("parquet")
    assert killed("out.parquet", after=5, how=signal.SIGINT) == 130
    done = sorted(Path("out.parquet.parts").glob("*.parquet"))
    assert pl.read_parquet(done[0]).height > 0
    assert run(*words("out.parquet", "--resume")).exit_code == 1
    assert Path("out.parquet").read_bytes() == output


def test_what_was_cut_off_in_the_middle_of_a_write_counts_for_nothing() -> None:
    """Half a line of the journal, half a part, a part that is gone."""
    output, errors = whole("csv")
    killed("out.csv", after=6)
    for number, spoil in enumerate(("line", "part", "gone", "stray", "nothing")):
        folder = Path("out.csv.parts")
        if number:
            shutil.copytree("kept", folder)
            Path("out.csv").unlink()
            Path("out.csv.errors").unlink()
        else:
            shutil.copytree(folder, "kept")
        journal = folder / "journal.jsonl"
        match spoil:
            case "line":
                journal.write_bytes(journal.read_bytes()[:-20])
            case "part":
                (folder / "000004.csv").write_bytes(b"MD,")
            case "gone":
                (folder / "000002.apart.jsonl").unlink()
            case "stray":
                (folder / "000099.csv").write_bytes(b"MD,\n")
            case _:
                journal.write_bytes(b"")
        assert run(*words("out.csv", "--resume")).exit_code == 1
        assert Path("out.csv").read_bytes() == output
        assert Path("out.csv.errors").read_bytes() == errors


def test_only_the_same_is_ever_resumed() -> None:
    """Another question, another rulebook, or an input that changed, is refused."""
    killed("out.csv", after=3)
    for more, name in (
        (("--rulebook", "text-2014"), "rulebook"),
        (("--as-of", "2014-06-27"), "days"),
        (("--partners", "MD"), "partners"),
        (("--set", "eu_member=false"), "stated"),
        (("--trace",), "trace"),
        (("--at-once", "101"), "at_once"),
    ):
        found = run(*words("out.csv", "--resume", *more))
        assert (found.exit_code, "cannot-resume" in found.stderr) == (2, True)
        assert f"`{name}`" in found.stderr
    with Path("in/a.csv").open("a") as file:
        file.write("MD,2014-06-27,false,none,9999\n")
    found = run(*words("out.csv", "--resume"))
    assert (found.exit_code, "`inputs`" in found.stderr) == (2, True)


def test_an_interrupted_run_is_not_begun_anew_unasked() -> None:
    """Neither resumed by chance nor thrown away."""
    killed("out.csv", after=3)
    found = run(*words("out.csv"))
    assert (found.exit_code, "interrupted-run" in found.stderr) == (2, True)
    assert run(*words("out.csv", "--force")).exit_code == 1
    found = run(*words("out.csv", "--resume"))
    assert (found.exit_code, "output-exists" in found.stderr) == (2, True)


def test_two_runs_never_write_to_one_output() -> None:
    """The second is refused while the first is under way, even with `--force`."""
    first = Parts(Path("out.csv"), {}, {})
    first.begin(force=False, resume=False)
    for more in ((), ("--force",), ("--resume",)):
        found = run(*words("out.csv", *more))
        assert found.exit_code == 2
        assert "output-in-use" in found.stderr or "interrupted-run" in found.stderr
    assert first.journal.exists()
    first.close()


def test_an_input_that_changes_during_the_run_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """No output comes of it."""
    plain = parts_module.Parts.write

    def write(self: Parts, *given: object) -> None:
        Path("in/c-MD.yaml").write_text("partner: MD\nfacts: {}\n")
        plain(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(parts_module.Parts, "write", write)
    found = run(*words("out.csv"))
    assert (found.exit_code, "input-changed" in found.stderr) == (2, True)
    assert not Path("out.csv").exists()
    monkeypatch.setattr(parts_module.Parts, "write", plain)
    assert "`inputs`" in run(*words("out.csv", "--resume")).stderr


def test_standard_input_cannot_be_resumed() -> None:
    """It cannot be read again."""
    found = run("batch", "-", "-o", "out.csv", "--resume", standard_input="partner\nMD\n")
    assert found.exit_code == 2
    assert "standard input" in found.stderr


# --- a disk that fills up -----------------------------------------------------------------------


def limited(size: int, *more: str) -> subprocess.CompletedProcess[str]:
    """The command, where no file may grow over so many bytes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    return subprocess.run(
        [*CALL, *words("out.csv", *more)],
        capture_output=True,
        text=True,
        check=False,
        env=scope(),
        preexec_fn=limit,
    )


def test_a_disk_that_fills_up_costs_no_row() -> None:
    """What is written stays readable, and the run goes on when there is room."""
    output, errors = whole("csv")
    size = len(output) // 60
    found = limited(size)
    assert found.returncode == 2, found.stderr
    assert "disk-full" in found.stderr
    assert "--resume" in found.stderr
    found = limited(len(output) - 1, "--resume")  # room for parts, and not for the whole
    assert (found.returncode, "disk-full" in found.stderr) == (2, True)
    assert not Path("out.csv").exists()
    assert process(*words("out.csv", "--resume")).returncode == 1
    assert Path("out.csv").read_bytes() == output
    assert Path("out.csv.errors").read_bytes() == errors


def test_a_full_disk_is_told_from_one_that_may_not_be_written_to(tmp_path: Path) -> None:
    """By what the system says."""
    parts = Parts(tmp_path / "out.csv", {}, {})
    for error, code in (
        (OSError(28, "No space left on device"), "disk-full"),
        (OSError(27, "File too large"), "disk-full"),
        (PermissionError(13, "Permission denied"), "cannot-write"),
    ):
        with pytest.raises(Exception, match="written") as found, parts_module.told_when_full(parts):
            raise error
        assert found.value.diagnostics[0].code == code


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_a_real_disk_fills_up(ending: str, tmp_path: Path) -> None:
    """On a small file system of memory, where one can be made; else by a limit on files."""
    small = tmp_path / "small"
    small.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "none", str(small)],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        assert limited(2_000).returncode == 2
        return
    try:
        found = process(*words(f"{small}/out.{ending}"))
        assert found.returncode == 2, found.stderr
        assert "disk-full" in found.stderr
        kept = sorted(Path(f"{small}/out.{ending}.parts").glob(f"*.{ending}"))
        read = {"csv": pl.read_csv, "parquet": pl.read_parquet, "jsonl": pl.read_ndjson}[ending]
        rows = [read(path).height for path in kept]
        assert sum(rows) > 0
        lines = Path(f"{small}/out.{ending}.parts/journal.jsonl").read_text().splitlines()
        assert all(json.loads(line) for line in lines)
    finally:
        subprocess.run(["umount", str(small)], check=True)
