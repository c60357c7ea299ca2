"""Wrong input and wrong calls: words a person can act on, exit code 2, and never a traceback."""

from __future__ import annotations

import errno
import subprocess
import sys

import click
import pytest

from faces.command import CALL, process, run, scope
from jfsrules import cli as command_line
from jfsrules.errors import EngineError

HEAD = "partner: MD\nas_of: 2014-06-27\nfacts: "
RULE = "- {id: a, title: A, group: enlargement, cites: [GEO-E1], when: {%s}}\n"
DERIVED = "- {id: %s, title: A, derived: %s, cites: [GEO-0], when: {derived: %s}}\n"
BOOK = "{name: mine, version: '1', title: Mine, authority: text}\n"


def sparse(path):
    with path.open("wb") as file:
        file.truncate(10**9)


FILES = {
    "unknown partner": ("a.yaml", "partner: ZZ\nfacts: {}\n", "unknown-partner"),
    "region": ("a.yaml", "partner: Africa\nfacts: {}\n", "not-a-country"),
    "unknown indicator": ("a.yaml", HEAD + "{enp_prtner: true}\n", "unknown-indicator"),
    "conclusion": ("a.yaml", HEAD + "{tier: enlargement}\n", "conclusion-as-fact"),
    "text for a flag": ("a.yaml", HEAD + '{enp_partner: "true"}\n', "wrong-type"),
    "number for a flag": ("a.yaml", HEAD + "{enp_partner: 1}\n", "wrong-type"),
    "too early": ("a.yaml", HEAD.replace("2014-06-27", "2003-12-31") + "{}\n", "as-of-too-early"),
    "too late": ("a.yaml", HEAD.replace("2014-06-27", "2030-01-01") + "{}\n", "as-of-too-late"),
    "partial": ("a.yaml", HEAD.replace("2014-06-27", "2014-06") + "{}\n", "as-of-partial"),
    "impossible": ("a.yaml", HEAD + "{eu_member: true, enp_partner: true}\n", "impossible-profile"),
    "empty": ("a.yaml", "", "empty-file"),
    "binary": ("a.yaml", b"\x7fELF\x00\x01", "binary-file"),
    "huge": ("a.yaml", sparse, "too-large"),
    "bomb": ("a.yaml", "a: &a [x]\nb: [*a, *a]\n", "yaml-alias"),
    "tag": ("a.yaml", "partner: !!python/object/apply:os.system [id]\n", "yaml-tag"),
    "deep": ("a.json", "[" * 100_000, "too-deep"),
    "no yaml": ("a.yaml", "partner: [\n", "yaml-syntax"),
    "not there": ("a.yaml", None, "no-such-file"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_profile_is_refused_with_its_place(tmp_path, name):
    """Each kind of wrong file gets its diagnostic on standard error, and nothing else is written."""
    file, content, code = FILES[name]
    path = tmp_path / file
    if callable(content):
        content(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.write_text(content, "utf-8")
    for form in ("text", "json"):
        refused = run("decide", str(path), "--format", form)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert f"error[{code}]: " in refused.stderr
        assert str(path) in refused.stderr
        assert "Traceback" not in refused.stderr


RULEBOOKS = {
    "cycle": (DERIVED % ("a", "a", "b") + DERIVED % ("b", "b", "a"), "cycle"),
    "unknown name": (RULE % "enp_prtner: true", "unknown-indicator"),
    "two conclusions": (
        "- {id: a, title: A, group: enlargement, track: mobility_partnership, cites: [GEO-0]}\n",
        "two-conclusions",
    ),
    "a rule twice": (RULE % "enp_partner: true" + RULE % "enp_partner: true", "duplicate-id"),
}


@pytest.mark.parametrize("name", RULEBOOKS)
def test_a_wrong_rulebook_is_refused_with_its_place(tmp_path, name):
    """Rules of one's own are checked before anything is decided by them."""
    content, code = RULEBOOKS[name]
    (tmp_path / "rulebook.yaml").write_text(BOOK, "utf-8")
    (tmp_path / "rules.yaml").write_text(content, "utf-8")
    for verb in (("decide", "MD"), ("rules",)):
        refused = run(*verb, "--rulebook", str(tmp_path))
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "rules.yaml:1:" in refused.stderr or "rules.yaml:2:" in refused.stderr
        assert f"error[{code}]: " in refused.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("decide", "Moldova"), "did you mean `MD` (Moldova)?"),
        (("decide", "NATO"), "error[not-a-country]"),
        (("decide", "EL"), "did you mean `GR` (Greece)?"),
        (("decide", "UK"), "did you mean `GB` (United Kingdom)?"),
        (("decide", "md"), "did you mean `MD` (Moldova)?"),
        (("decide", "Moldova, Republic of"), "did you mean `MD` (Moldova)?"),
        (("decide", "CS"), "Serbia and Montenegro until 2006: ask for"),
        (("decide", "SU"), "the Soviet Union until 1991: ask for"),
        (("decide", "EU"), "error[not-a-country]"),
        (("decide", "MD", "--as-of", "2014-06"), "write `2014-06-30`"),
        (("decide", "MD", "--as-of", "2014-02-30"), "write one day as `YYYY-MM-DD`"),
        (("decide", "MD", "--as-of", "27.06.2014"), "did you mean `2014-06-27`?"),
        (("decide", "MD", "--rulebook", "both", "--trace"), "leave out `--trace`"),
        (
            ("decide", "MD", "--set", "enp_partner=true", "--set", "enp_partner=false"),
            "error[duplicate-key]: `enp_partner` is stated twice",
        ),
        (("decide", "MD", "--set", "visa_regme=visa_required"), "did you mean `visa_regime`?"),
        (("decide", "MD", "--set", "visa_regime=visa_exmpt"), "            ^^^^^^^^^^"),
        (("decide", "MD", "--set", "regional_process=prague,rabt"), "did you mean `rabat`?"),
        (("decide", "MD", "--set", "partner=UA"), "error[given-as-fact]"),
        (
            ("decide", "MD", "--set", "eu_member=true", "--set", "enp_partner=true"),
            "error[impossible-profile]",
        ),
        (("decide", "MD", "--set", "nothing"), "write `indicator=value`"),
        (("decide", "MD", "--rulebook", "text-2015"), "error[unknown-rulebook]"),
        (("decide", "MD", "--engine", "fast"), "`auto`, `rete`, `reference`"),
        (("decide", "MD", "--trust", "blind"), "`verified`, `reported`, `unverified`"),
        (("decide", "MD", "UA"), "unexpected extra argument"),
        (("decide",), "missing argument `PARTNER|FILE|-`"),
        (("rules", "geo-n3-mobility-partnershp"), "did you mean `geo-n3-mobility-partnership`?"),
        (("rules", "zzz"), "`jfsrules rules` lists what there is"),
        (("cite", "GEO-N33"), "did you mean `GEO-N3`?"),
        (("cite", "--against", "nowhere.txt"), "error[no-such-file]"),
        (("cite", "GEO-N3", "--against", "x"), "leave out the key"),
        (("partners", "MD", "--as-of", "2014-06-27"), "leave out `--as-of`"),
        (("partners", "ZZ"), "error[unknown-partner]"),
        (("decid",), "did you mean `decide`?"),
        (("zzz",), "there is no command `zzz`"),
        (("new", "zzz"), "no such command"),
        (("--nothing",), "no such option"),
    ],
)
def test_a_wrong_call_says_what_would_be_right(words, said):
    """Names, days, settings and options that are wrong are answered with the nearest right ones."""
    refused = run(*words)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_nearest_option_is_offered():
    """A misspelt option is answered with the right one, where click knows how."""
    refused = run("decide", "MD", "--formt", "json")
    assert refused.exit_code == 2
    assert "--format" in refused.stderr


def test_a_missing_fact_is_no_error(tmp_path):
    """A profile that states nothing is decided on, and names what is missing."""
    path = tmp_path / "nothing.yaml"
    path.write_text("partner: MD\nfacts: {}\n", "utf-8")
    shown = run("decide", str(path))
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "Undetermined" in shown.stdout


def test_an_engine_that_cannot_vouch_for_itself_says_so(monkeypatch):
    """An engine's own alarm reaches the person, with exit code 2."""

    def alarm(rulebook, engine):
        raise EngineError("the sentinel did not fire")

    monkeypatch.setattr("jfsrules.deciding.ready", alarm)
    refused = run("decide", "MD")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == "error: the sentinel did not fire\n"


def raising(error):
    def main(*args, **more):
        raise error

    return main


def test_an_interrupt_is_quiet(monkeypatch):
    """Ctrl-C ends the command with 130 and no words."""
    for error in (KeyboardInterrupt(), click.Abort()):
        monkeypatch.setattr(click.Group, "main", raising(error))
        stopped = run("decide", "MD")
        assert (stopped.exit_code, stopped.output.strip()) == (130, "")


def test_a_mistake_of_ours_is_not_swallowed(monkeypatch):
    """What nobody foresaw is shown in full, with what to report."""
    for error in (ZeroDivisionError("oh"), OSError(errno.EACCES, "oh")):
        monkeypatch.setattr(click.Group, "main", raising(error))
        broken = run("decide", "MD")
        assert (broken.exit_code, broken.stdout) == (2, "")
        assert "Traceback" in broken.stderr and "oh" in broken.stderr
        assert "Please report it" in broken.stderr


def test_the_exit_code_is_that_of_the_process(tmp_path):
    """A process ends with the code that the face gives, and says nothing on standard output."""
    refused = process("decide", "missing.yaml", "--format", "json", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "error[no-such-file]: there is no file `missing.yaml`\n"


def test_the_command_is_the_script():
    """The entry point of the package calls the group."""
    from jfsrules.__main__ import cli

    assert cli is command_line.cli
    assert sys.modules["jfsrules.cli"] is command_line


PROFILES = {
    "a number without end": (
        "x.json",
        '{"partner":"MD","facts":{"eu_member":1e400}}',
        "larger than",
    ),
    "a tab as indentation": ("x.yaml", "partner: MD\nfacts:\n\teu_member: true\n", "a tab stands"),
    "a value in brackets": (
        "x.yaml",
        "partner: MD\nfacts: {visa_regime: [visa_exempt]}\n",
        "without brackets",
    ),
    "a short day": ("x.yaml", "partner: MD\nas_of: 2014-6-7\nfacts: {}\n", "`2014-06-07`"),
}


@pytest.mark.parametrize("name", PROFILES)
def test_what_people_write_by_mistake_is_put_right(tmp_path, name):
    """Near misses in a profile are answered with what to write instead."""
    file, content, said = PROFILES[name]
    (tmp_path / file).write_text(content, "utf-8")
    refused = run("decide", str(tmp_path / file))
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert said in refused.stderr


def test_thousands_of_wrong_names_are_answered_soon(tmp_path):
    """A file full of wrong names is refused with the first of them and a count."""
    path = tmp_path / "many.yaml"
    path.write_text(
        "partner: MD\nfacts:\n" + "".join(f"  k{n}: true\n" for n in range(3000)), "utf-8"
    )
    refused = run("decide", str(path))
    assert refused.exit_code == 2
    assert "3000 errors; the first 50 are shown" in refused.stderr


@pytest.mark.parametrize("setting", ["x" * 100_000, "x" * 100_000 + "=true"])
def test_a_huge_setting_is_answered_briefly(setting):
    """What is wrong is quoted so far that one knows it again, and no further."""
    refused = run("decide", "MD", "--set", setting)
    assert refused.exit_code == 2
    assert len(refused.stderr) < 1000


def test_control_characters_do_nothing_to_a_terminal(tmp_path):
    """A name from a file is shown with its control characters made harmless, in every format."""
    path = tmp_path / "name.yaml"
    path.write_text('partner: MD\nname: "\\e[31mred\\u202e\\nend"\nfacts: {}\n', "utf-8")
    for form in ("text", "md"):
        shown = run("decide", str(path), "--format", form)
        assert shown.exit_code == 0
        assert "red\N{REPLACEMENT CHARACTER} end (MD)" in shown.stdout
        assert not set("\x1b\u202e") & set(shown.stdout)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("decide - <&-", "error[cannot-read]: standard input is closed"),
        ("decide MD >&-", "error: standard output is closed"),
        ("decide MD >/dev/full", "error: the answer cannot be written: no space left on device"),
    ],
)
def test_a_stream_that_cannot_be_used_is_named(call, said):
    """Closed streams and full disks are no mistake of ours, and end with 2."""
    words = f"{' '.join(CALL)} {call}"
    ended = subprocess.run(
        ["sh", "-c", words], capture_output=True, text=True, check=False, env=scope()
    )
    assert (ended.returncode, ended.stdout, ended.stderr.strip()) == (2, "", said)
