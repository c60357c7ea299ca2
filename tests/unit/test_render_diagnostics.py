"""What a person sees of what is wrong."""

from __future__ import annotations

from jfsrules.errors import Diagnostic
from jfsrules.render.diagnostics import MOST, diagnostics
from jfsrules.render.screen import Screen
from jfsrules.span import Source, Span


def span(line: str, column: int = 1, width: int = 1) -> Span:
    return Span(Source("a.yaml", line), 1, column, 1, column + width)


def shown(*found: Diagnostic, **screen: object) -> str:
    return diagnostics(found, Screen(**screen) if screen else None)


def test_place_sentence_line_caret_and_help_stand_together():
    """One look says where, what, and what to do."""
    one = Diagnostic(
        "a-code",
        "a sentence",
        span("key: value", 6, 5),
        "a help line",
        (("see", span("key: value")),),
    )
    assert shown(one) == (
        "a.yaml:1:6: error[a-code]: a sentence\n"
        "     1 | key: value\n"
        "       |      ^^^^^\n"
        "  help: a help line\n"
        "  see: a.yaml:1:1\n"
        "     1 | key: value\n"
        "       | ^\n"
    )


def test_a_line_longer_than_the_screen_is_cut_around_its_caret():
    """A file that is one long line is shown where it is wrong."""
    line = "x" * 5000 + "FAULT" + "y" * 5000
    text = shown(Diagnostic("a-code", "a sentence", span(line, 5001, 5)), width=60)
    assert all(len(row) <= 62 for row in text.splitlines())
    code, caret = text.splitlines()[1:]
    assert code[caret.index("^") : caret.rindex("^") + 1] == "FAULT"


def test_a_caret_stands_under_signs_that_are_two_columns_wide():
    """East Asian signs take two columns on a screen."""
    rows = shown(Diagnostic("a-code", "a sentence", span("日本: x", 5))).splitlines()
    assert rows[2].index("^") == len("     1 | ") + 6 - 2 + 2


def test_nothing_in_a_file_reaches_the_terminal_as_a_command():
    """Control characters and signs that turn the direction are shown as themselves."""
    evil = "\x1b[31mred\x07\u202e"
    text = shown(
        Diagnostic("a-code", f"`{evil}`", span(f"a: {evil}", 4, 3), evil, ((evil, span(evil)),))
    )
    assert not set("\x1b\x07\u202e") & set(text)


def test_colour_only_where_it_is_asked_for():
    """A pipe gets plain text."""
    one = Diagnostic("a-code", "a sentence", span("a: b", 4), "help")
    assert "\x1b" not in shown(one)
    assert "\x1b[" in shown(one, colour=True)


def test_a_thousand_faults_are_counted_and_not_all_shown():
    """The first ones are enough to begin with."""
    many = [Diagnostic("a-code", f"number {n}", span("x", 1)) for n in range(1000)]
    text = shown(*many)
    assert text.count("a-code") == MOST
    assert text.endswith(f"1000 errors; the first {MOST} are shown\n")


def test_errors_and_warnings_are_counted_apart():
    """A warning is called one."""
    warning = Diagnostic("b-code", "look", None, severity="warning")
    assert shown(Diagnostic("a-code", "wrong"), warning).endswith("1 error and 1 warning\n")
