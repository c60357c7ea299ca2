"""Wrong input and wrong calls: words a person can act on, exit code 2, and never a traceback."""

from __future__ import annotations

import errno
import sys

import click
import pytest

from faces.command import process, run
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
        (("decide", "MD", "--as-of", "2014-06"), "write `2014-06-30`"),
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
