"""Conditions as rule files write them, and what they become."""

from __future__ import annotations

from datetime import date

import pytest

from jfsrules.condition import ALWAYS, All, Any, Conclusion, Not, Reads, Test
from jfsrules.loading.conditions import ConditionReader
from jfsrules.loading.reading import read_text
from jfsrules.vocabulary import DATE, FLAG, STATE, Indicator, Instrument, Term, Type, Vocabulary

INDICATORS = {
    "flag": FLAG,
    "status": Type("one_of", ("a", "b", "c")),
    "forums": Type("set_of", ("rabat", "prague")),
    "share": Type("number", (), "percent"),
    "day": DATE,
    "judged": FLAG,
    "bridge": STATE,
}
VOCABULARY = Vocabulary(
    {
        id_: Indicator(id_, id_, type_, id_, judged=id_ == "judged")
        for id_, type_ in INDICATORS.items()
    },
    {"near": Term("near", "Near"), "far": Term("far", "Far")},
    {},
    {},
    {},
    {},
    {"bridge": Instrument("bridge", "Bridge", "class")},
)
GROUP_NEAR = Reads(Conclusion("group", "near"))
A = Test("status", "=", ("a",))


def read(text):
    reader = ConditionReader(VOCABULARY)
    document = read_text(text)
    return reader.read(document.value, document.place), reader.wrong


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("{}", ALWAYS),
        ("flag: true", Test("flag", "=", (True,))),
        ("flag: {ne: true}", Test("flag", "≠", (True,))),
        ("status: a", A),
        ("status: [c, a, c]", Test("status", "in", ("a", "c"))),
        ("status: [a]", A),
        ("status: {not_in: [b, a]}", Test("status", "not in", ("a", "b"))),
        ("status: {not_in: [a]}", Test("status", "≠", ("a",))),
        ("bridge: in_force", Test("bridge", "=", ("in_force",))),
        ("share: {ge: 2, lt: 3.5}", All((Test("share", "≥", (2,)), Test("share", "<", (3.5,))))),
        ("share: 2.0", Test("share", "=", (2,))),
        ("day: {gt: 2014-06-27}", Test("day", ">", (date(2014, 6, 27),))),
        ("as_of: {le: 2014-06-27}", Test("as_of", "≤", (date(2014, 6, 27),))),
        ("partner: [US, CA]", Test("partner", "in", ("CA", "US"))),
        ("forums: rabat", Test("forums.rabat", "=", (True,))),
        (
            "forums: [rabat, prague]",
            Any((Test("forums.rabat", "=", (True,)), Test("forums.prague", "=", (True,)))),
        ),
        ("forums: {ne: rabat}", Test("forums.rabat", "=", (False,))),
        ("forums.rabat: false", Test("forums.rabat", "=", (False,))),
        ("group: near", GROUP_NEAR),
        ("group: [near, far]", Any((GROUP_NEAR, Reads(Conclusion("group", "far"))))),
        ("track: bridge", Reads(Conclusion("track", "bridge"))),
        ("moot: bridge", Reads(Conclusion("moot", "bridge"))),
        ("derived: small", Reads(Conclusion("derived", "small"))),
        ("not: {status: a}", Not(A)),
        ("any: [{status: a}, {group: near}]", Any((A, GROUP_NEAR))),
        ("all: [{status: a}, {}]", All((A, ALWAYS))),
        ("{status: a, group: near}", All((A, GROUP_NEAR))),
    ],
)
def test_the_short_form_becomes_the_algebra(text, condition):
    """Each entry of the table in docs/rule-format.md means what it says there."""
    assert read(text) == (condition, [])


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("flag: 'true'", "wrong-type", "1:7"),
        ("flag: 1", "wrong-type", "1:7"),
        ("status: d", "wrong-type", "1:9"),
        ("status: [a, d]", "wrong-type", "1:13"),
        ("status: null", "wrong-type", "1:9"),
        ("status: {lt: a}", "wrong-operator", "1:10"),
        ("status: {eq: a}", "wrong-operator", "1:10"),
        ("status: {}", "empty-list", "1:9"),
        ("status: {in: a}", "wrong-shape", "1:14"),
        ("forums: {lt: rabat}", "wrong-operator", "1:10"),
        ("forums: paris", "wrong-type", "1:9"),
        ("forums: []", "empty-list", "1:9"),
        ("day: 2014-06", "wrong-type", "1:6"),
        ("share: 0.12345", "wrong-type", "1:8"),
        ("partner: UK", "unknown-partner", "1:10"),
        ("group: nera", "unknown-name", "1:8"),
        ("group: [near, {}]", "wrong-shape", "1:15"),
        ("track: status", "unknown-name", "1:8"),
        ("derived: []", "empty-list", "1:10"),
        ("any: []", "empty-list", "1:6"),
        ("any: {status: a}", "wrong-shape", "1:6"),
        ("all: [a]", "wrong-shape", "1:7"),
        ("not: a", "wrong-shape", "1:6"),
        ("judged: true", "judged-in-condition", "1:1"),
        ("sttus: a", "unknown-indicator", "1:1"),
    ],
)
def test_what_means_nothing_is_refused_where_it_stands(text, code, place):
    """Each fault has its code and the place of the word that is wrong."""
    _, wrong = read(text)
    assert [(one.code, one.span.place) for one in wrong] == [(code, f"text:{place}")]


def test_all_faults_of_a_condition_are_gathered():
    """One reading shows them all."""
    _, wrong = read("{any: [{status: d}, {group: nera}], not: {flag: 1}, sttus: a}")
    assert [one.code for one in wrong] == [
        "wrong-type",
        "unknown-name",
        "wrong-type",
        "unknown-indicator",
    ]
