"""Rulebooks from folders: what makes their digest, and how one extends another."""

from __future__ import annotations

from pathlib import Path

import pytest

from jfsrules.condition import All, Conclusion, Reads, Test
from jfsrules.errors import Refused
from jfsrules.loading import load_rulebook, load_vocabulary, rulebook_names
from jfsrules.shipped import shipped

ABOUT = 'name: {name}\nversion: "1"\ntitle: A rulebook\nauthority: {authority}\n'
ONE = """\
- id: one
  title: Candidates lead
  when: {accession_status: candidate, eu_member: false}
  group: enlargement
  cites: [GEO-E1, GEO-0]
"""
TWO = """\
- id: two
  title: A requirement
  requirement: {track: mobility_partnership, id: ready, says: it is ready, that: {group: enlargement}}
  cites: [GEO-N3]
"""


def book(folder: Path, files: dict[str, str], authority: str = "text", more: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    about = ABOUT.format(name=folder.name, authority=authority) + more
    for name, text in {"rulebook.yaml": about, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def codes(folder: Path) -> list[str]:
    with pytest.raises(Refused) as caught:
        load_rulebook(folder)
    return [one.code for one in caught.value.diagnostics]


def test_a_rule_keeps_all_it_says_and_its_place(tmp_path):
    """Condition, conclusion, citations and place of a rule are those of the file."""
    loaded = load_rulebook(book(tmp_path / "a", {"rules.yaml": ONE + TWO}))
    one, two = loaded.rules
    candidate, outside = (
        Test("accession_status", "=", ("candidate",)),
        Test("eu_member", "=", (False,)),
    )
    assert one.when == All((candidate, outside))
    assert (one.conclusion, one.authority) == (Conclusion("group", "enlargement"), "text")
    assert two.conclusion == Conclusion("requirement", "mobility_partnership/ready")
    assert (two.that, two.says) == (Reads(Conclusion("group", "enlargement")), "it is ready")
    assert two.place.at("requirement", "that").span.line == 8


SAME = {
    "another order of rules": {"rules.yaml": TWO + ONE},
    "files of their own": {"x/two.yaml": TWO, "one.yaml": ONE},
    "comments, other quotes": {"rules.yaml": "# why\n" + ONE.replace("one", '"one"') + "\n\n" + TWO},
    "another order of keys": {
        "rules.yaml": TWO + ONE.replace("{accession_status: candidate, eu_member: false}",
                                        "{eu_member: false, accession_status: candidate}")
    },
    "another order of citations": {"rules.yaml": ONE.replace("GEO-E1, GEO-0", "GEO-0, GEO-E1") + TWO},
    "JSON": {"one.json": '[{"id": "one", "title": "Candidates lead", "when": {"accession_status": '
             '"candidate", "eu_member": false}, "group": "enlargement", "cites": ["GEO-E1", "GEO-0"]}]',
             "two.yaml": TWO},
}  # fmt: skip
OTHER = {
    "another title": ONE.replace("lead", "follow"),
    "another condition": ONE.replace("candidate,", "applicant,"),
    "a flag that is text": ONE.replace("eu_member: false", "eu_member: {ne: true}"),
    "another citation": ONE.replace("GEO-0", "GEO-E2"),
    "another authority": ONE + "  authority: design\n",
    "a date": ONE + "  in_force: {from: 2014-06-27}\n",
    "one rule less": "[]",
}


@pytest.mark.parametrize("files", SAME.values(), ids=SAME)
def test_the_digest_is_of_the_content_alone(files, tmp_path):
    """Comments, file names and order leave the digest as it is."""
    plain = load_rulebook(book(tmp_path / "a", {"rules.yaml": ONE + TWO}))
    assert load_rulebook(book(tmp_path / "b", files)).digest == plain.digest


@pytest.mark.parametrize("one", OTHER.values(), ids=OTHER)
def test_whatever_a_rule_says_changes_the_digest(one, tmp_path):
    """Two rulebooks that could decide differently have different digests."""
    plain = load_rulebook(book(tmp_path / "a", {"one.yaml": ONE, "two.yaml": TWO}))
    other = load_rulebook(book(tmp_path / "b", {"one.yaml": one, "two.yaml": TWO}))
    assert other.digest != plain.digest


def test_a_rulebook_holds_what_it_extends_and_knows_its_own(tmp_path):
    """The rules of both stand together; the extended one never sees the other."""
    book(tmp_path / "page", {"rules.yaml": ONE})
    more = book(tmp_path / "more", {"rules.yaml": TWO}, "practice", "extends: [page]\n")
    loaded = load_rulebook(more)
    assert [rule.id for rule in loaded.rules] == ["one", "two"]
    assert (loaded.own, loaded.extends) == ({"two"}, ("page",))
    assert [rule.id for rule in load_rulebook(tmp_path / "page").rules] == ["one"]
    before = loaded.digest
    book(tmp_path / "page", {"rules.yaml": ONE.replace("lead", "follow")})
    assert load_rulebook(more).digest != before


def test_rulebooks_that_extend_each_other_are_refused(tmp_path):
    """A circle of rulebooks is named, whatever they call themselves."""
    book(tmp_path / "a", {}, more="extends: [b]\n")
    book(tmp_path / "b", {}, more="extends: [a]\n")
    assert codes(tmp_path / "a") == ["cycle"]


@pytest.mark.parametrize("name", ["..", "../a", "/etc", "x" * 5000, "a\\0b"])
def test_what_is_extended_is_named_and_never_reached_by_a_path(name, tmp_path):
    """A rulebook cannot reach out of the folder it stands in."""
    assert codes(book(tmp_path / "a", {}, more=f'extends: ["{name}"]\n')) == ["unknown-rulebook"]


@pytest.mark.parametrize("name", ["nothing", "x" * 5000, "a\0b", ""])
def test_no_name_of_a_rulebook_raises_anything_else(name):
    """A name that nothing has is refused."""
    with pytest.raises(Refused):
        load_rulebook(name)


def test_a_rule_that_overrides_itself_goes_in_a_circle(tmp_path):
    """The shortest circle is one too."""
    assert codes(book(tmp_path / "a", {"rules.yaml": ONE + "  overrides: [one]\n"})) == ["cycle"]


def test_one_wrong_entry_hides_no_other(tmp_path):
    """All faults of all files are shown together, sorted by place."""
    files = {
        "a.yaml": ONE.replace("group: enlargement", "group: enlargment")
        + TWO.replace("title", "titel"),
        "b.yaml": "- id: three\n",
        "c.yaml": "a: [\n",
        "d.yaml": ONE.replace("one", "four").replace("GEO-0", "GEO-00"),
    }
    found = codes(book(tmp_path / "a", files))
    expected = ["unknown-name", "missing-key", "unknown-key", "missing-citation", "missing-key"]
    assert found == [*expected, "yaml-syntax", "unknown-citation"]


def test_a_rulebook_may_bring_words_of_its_own(tmp_path):
    """A vocabulary beside or inside the folder stands in for the shipped one."""
    words = tmp_path / "vocabulary"
    words.mkdir()
    (words / "groups.yaml").write_text("near: {title: Near, order: 1}\n")
    (words / "indicators.yaml").write_text("big: {title: Big, type: flag, says: it is big}\n")
    rule = "- {id: one, title: Big ones, when: {big: true}, group: near, cites: [GEO-0]}\n"
    loaded = load_rulebook(book(tmp_path / "a", {"rules.yaml": rule}))
    assert list(loaded.vocabulary.indicators) == ["big"]
    assert "big" not in load_vocabulary().indicators
    assert codes(book(tmp_path / "b", {}, "practice", "extends: [text-2014]\n")) == [
        "unknown-indicator"
    ]


@pytest.mark.parametrize("name", rulebook_names())
def test_a_shipped_rulebook_is_read_once(name):
    """A second call costs nothing, and gives the same."""
    assert load_rulebook(name) is load_rulebook(name)
    assert load_rulebook(shipped("rules", name)).digest == load_rulebook(name).digest
