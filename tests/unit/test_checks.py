"""The checks find nothing in what is shipped, and what they are for in what is not."""

from __future__ import annotations

from datetime import date

import pytest

from jfsrules import checks
from jfsrules.checks import count_faults, dossier_faults, list_faults, profile_faults
from jfsrules.facts import ClosedList, Dossier, Fact, Lists, Profile, WrittenDate
from jfsrules.loading import (
    dossier_codes,
    load_dossier,
    load_eu_facts,
    load_lists,
    load_rulebook,
    load_vocabulary,
    load_words,
    rulebook_names,
)
from jfsrules.span import NOWHERE


def fact(value, since, until=None, atom="accession_status", id_=None):
    end = WrittenDate.parse(until) if until else None
    return Fact(
        id_ or f"{value}.{since}",
        atom,
        value,
        WrittenDate.parse(since),
        end,
        ("GEO-0",),
        "verified",
    )


def faults(*facts):
    by_atom = {}
    for one in facts:
        by_atom[one.atom] = (*by_atom.get(one.atom, ()), one)
    words = load_words()
    return [
        one.code
        for one in dossier_faults(
            Dossier("MD", "Moldova", by_atom),
            words.vocabulary,
            {},
            words.passages,
            words.impossible,
        )
    ]


def test_everything_shipped_is_without_fault():
    """Rulebooks, lists, dossiers and facts about the Union load, and the counts agree."""
    for name in rulebook_names():
        load_rulebook(name)
    load_eu_facts()
    dossiers = [load_dossier(code) for code in dossier_codes()]
    assert count_faults(load_lists(), dossiers) == []


@pytest.mark.parametrize(
    ("one", "other", "contradict"),
    [
        (("2014", None), ("2015", None), True),
        (("2014", "2015"), ("2015", None), False),
        (("2014", "2015-06"), ("2015", None), False),
        (("2014", "2016-06"), ("2015", None), True),
        (("2014", "by 2016-06-01"), ("2015", None), False),
        (("2014-06-27", None), ("2014-06-27", None), True),
        (("by 2014", None), ("2013", "2014-01"), False),
        (("by 2014", None), ("2013", "2015-01-01"), True),
    ],
)
def test_facts_contradict_where_both_certainly_hold(one, other, contradict):
    """A day on which two values are certain is a contradiction; a doubtful one is not."""
    found = faults(fact("candidate", *one), fact("applicant", *other))
    assert found == (["contradictory-facts"] if contradict else [])


def test_the_same_value_twice_is_no_contradiction():
    """Two sources may say the same."""
    assert faults(fact("candidate", "2014"), fact("candidate", "2015")) == []


def test_a_contradiction_behind_a_longer_fact_is_found():
    """An early fact that lasts contradicts a late one, whatever stands between."""
    facts = [
        fact("candidate", "2010"),
        fact("candidate", "2011", "2012"),
        fact("applicant", "2013", "2014"),
    ]
    assert faults(*facts) == faults(*reversed(facts)) == ["contradictory-facts"]


def test_a_ladder_may_stand_on_dates_that_are_not_known_to_the_day():
    """Signed some time in a year, in force some time in the same one."""
    atom = "mobility_partnership"
    states = [fact("signed", "2014", "2014", atom), fact("in_force", "2014", None, atom)]
    assert faults(*states) == []
    same_day = [
        fact("signed", "2014-01-01", None, atom),
        fact("in_force", "2014-01-01", None, atom),
    ]
    assert faults(*same_day) == ["ladder-order"]


def test_what_is_impossible_on_one_day_is_found():
    """Facts that exclude each other for a while are enough."""
    member = fact(True, "2013-07-01", "2013-07-03", "eu_member")
    assert faults(member, fact("candidate", "2004", "2013-07-02")) == ["impossible-profile"]
    assert faults(member, fact("acceding", "2004", "2013-07-01")) == []


def test_an_unknown_fact_makes_nothing_impossible():
    """Only what is certain is refused."""
    words = load_words()
    values = {"eu_member": True}
    profile = Profile("MD", date(2014, 6, 27), values)
    assert profile_faults(profile, words.impossible, NOWHERE) == []
    stated = Profile("MD", date(2014, 6, 27), values | {"accession_status": "candidate"})
    (found,) = profile_faults(stated, words.impossible, NOWHERE)
    assert found.code == "impossible-profile"


def members(**changed):
    fields = {
        "id": "members",
        "atom": "eu_member",
        "absent": False,
        "complete_from": date(2014, 1, 1),
        "vouched_until": date(2015, 1, 1),
        "cites": ("GEO-0",),
        "confidence": "verified",
        "counts": ((date(2014, 7, 1), 1),),
    }
    return ClosedList(**{**fields, **changed})


def test_a_count_may_lie_between_the_certain_and_the_possible():
    """A fact whose date is not known well enough may count or not."""
    lists = Lists(date(2026, 11, 23), {"eu_member": (members(),)})
    certain = Dossier("MD", "M", {"eu_member": (fact(True, "2013", None, "eu_member"),)})
    perhaps = Dossier("UA", "U", {"eu_member": (fact(True, "2014", None, "eu_member"),)})
    assert not list_faults(lists, {}, load_words().passages)
    assert not count_faults(lists, [certain])
    assert not count_faults(lists, [perhaps])
    assert not count_faults(lists, [certain, perhaps])
    assert [one.code for one in count_faults(lists, [])] == ["wrong-count"]


def test_each_check_says_what_holds():
    """A check is named by the promise it keeps."""
    for check in (*checks.RULEBOOK, *checks.TOGETHER, *checks.DOSSIER, *checks.LISTS):
        assert check.__doc__
        assert check.__doc__.endswith(".")


def test_every_indicator_can_be_stated_and_read():
    """No name of the vocabulary is taken by a condition's own words."""
    vocabulary = load_vocabulary()
    assert not {"all", "any", "not", "group", "derived", "track", "moot"} & set(vocabulary.atoms)
