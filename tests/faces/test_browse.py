"""`partners`, `rules`, `cite` and `new`: looking around."""

from __future__ import annotations

import json

import pytest

from conftest import ROOT
from faces.command import run
from jfsrules import decide, load_dossier, load_profile, load_rulebook
from jfsrules.loading import dossier_codes

PAGE_SIZE = 4000


def shown(*words, **more):
    """What a command writes; it must succeed."""
    found = run(*words, **more)
    assert found.exit_code == 0, found.stderr
    return found.stdout


def plainly(*words):
    return " ".join(shown(*words).split())


def found(*words):
    return json.loads(shown(*words, "--format", "json"))


def test_every_partner_is_listed_with_its_tier():
    """The list names each dossier, and the tier it has on the day asked for."""
    listed = found("partners", "--as-of", "2022-06-22")
    assert [one["code"] for one in listed["partners"]] == list(dossier_codes())
    tiers = {one["code"]: one["tier"] for one in listed["partners"]}
    assert tiers["UA"] == decide("UA", "2022-06-22").tier
    text = shown("partners")
    assert "MD    Moldova" in text


def test_a_dossier_is_shown_with_days_sources_and_marks():
    """Each fact of a dossier has its days, its documents, and a mark if it is not verified."""
    text = plainly("partners", "RU")
    dossier = load_dossier("RU")
    facts = [fact for facts in dossier.facts.values() for fact in facts]
    assert f"{len(facts)} facts" in text
    for confidence in {fact.confidence for fact in facts} - {"verified"}:
        assert f"[{confidence}]" in text
    listed = found("partners", "RU")
    assert {f["id"] for fs in listed["facts"].values() for f in fs} == {f.id for f in facts}
    assert set(listed["citations"]) == set(dossier.citations)


def test_every_rule_is_listed():
    """The list names each rule once."""
    ids = sorted(rule.id for rule in load_rulebook().rules)
    assert sorted(one["id"] for one in found("rules")) == ids
    text = shown("rules")
    assert all(f"\n{id_}" in text for id_ in ids)


def test_every_rule_reads_aloud():
    """Each rule can be read by someone who knows no YAML: sentences, not names of indicators."""
    book = load_rulebook()
    for rule in book.rules:
        text = plainly("rules", rule.id)
        assert rule.title in text
        assert all(cite in text for cite in rule.cites)
        read = text.partition("when ")[2].partition(" authority")[0]
        assert not [name for name in book.vocabulary.atoms if "_" in name and name in read]


def test_a_rule_says_when_and_where_it_stands():
    """A rule is shown with its condition in words, its examples, and its place in a file."""
    text = plainly("rules", "geo-e1-candidates")
    assert "when its accession status is candidate or potential candidate" in text
    assert "fails accession_status: applicant" in text
    assert "groups.yaml:" in text


def test_every_source_is_listed_and_shown():
    """Clauses of the page and documents are listed by key, and each can be shown."""
    listed = found("cite")
    assert len(listed["passages"]) == 42
    for kind in ("passages", "documents"):
        for one in listed[kind][:: max(1, len(listed[kind]) // 12)]:
            assert one["id"] in shown("cite", one["id"])
    assert found("cite", "GEO-N3")["cited_by"] == ["geo-n3-mobility", "geo-n3-mobility-partnership"]


def test_a_source_written_out_in_a_dossier_or_list_is_found():
    """A key that the trace names can be looked up, wherever the document is written."""
    cited = {cite for code in ("MD", "RU") for step in decide(code).trace for cite in step.cites}
    assert cited
    for cite in sorted(cited)[::10]:
        assert cite in shown("cite", cite)


@pytest.fixture
def page(tmp_path):
    """A text in which every clause stands where our passages say, with digests to match."""
    passages = load_rulebook().passages
    words = [" "] * max(one.end for one in passages.values())
    path = tmp_path / "page.txt"
    path.write_text("".join(words), "utf-8")
    return path


def test_a_page_with_other_words_is_told_clause_by_clause(page):
    """Each clause whose words are not there is named, and the exit code is 1."""
    checked = run("cite", "--against", str(page))
    assert checked.exit_code == 1
    lines = checked.stdout.splitlines()
    assert len(lines) == 43
    assert lines[-1].startswith("0 of 42 clauses agree")
    listed = run("cite", "--against", str(page), "--format", "json")
    assert (listed.exit_code, len(json.loads(listed.stdout)["mismatches"])) == (1, 42)


def test_a_page_with_the_same_words_agrees(page, monkeypatch):
    """Where all digests agree the exit code is 0; words that moved are found again."""
    from jfsrules.citation import Passage, digest

    was = page.read_text("utf-8")
    words = "".join(chr(ord("a") + (n * n + n // 7) % 26) for n in range(len(was)))
    page.write_text(words, "utf-8")
    monkeypatch.setattr(
        Passage,
        "matches",
        lambda self, text: text[self.start : self.end] == words[self.start : self.end],
    )
    assert shown("cite", "--against", str(page)).startswith("42 of 42 clauses agree")
    monkeypatch.undo()
    one = Passage("A", "h", 0, 5, digest("bcdef"), "says")
    assert not one.matches("abcdefg")
    assert one.stands_at("abcdefg") == (1, 6)
    assert one.stands_at("abc") is None


def test_a_template_is_a_profile_that_can_be_decided_on(tmp_path):
    """What `new profile` writes is read back, and names every indicator with its type."""
    path = tmp_path / "profile.yaml"
    made = run("new", "profile", "MD", "-o", str(path))
    assert (made.exit_code, made.stdout) == (0, "")
    assert f"jfsrules decide {path}" in made.stderr
    template = path.read_text("utf-8")
    profile = load_profile(path)
    assert profile.values["accession_status"] == "candidate"
    for indicator in load_rulebook().vocabulary.indicators.values():
        assert f"  {indicator.id}: " in template or f"  # {indicator.id}: " in template
    assert decide(path).tier == decide("MD").tier


def test_an_empty_template_states_nothing(tmp_path):
    """A template without a partner is ready to be filled in, line by line."""
    template = shown("new", "profile")
    assert "partner: XX" in template
    filled = template.replace("XX", "MD").replace("# enp_partner: unknown", "enp_partner: true")
    filled = filled.replace("facts: {}    # take away the `{}` with the first fact", "facts:")
    path = tmp_path / "profile.yaml"
    path.write_text(filled, "utf-8")
    assert dict(load_profile(path).values) == {"enp_partner": True}


def test_a_template_never_overwrites(tmp_path):
    """A file that is there stays as it is."""
    path = tmp_path / "profile.yaml"
    path.write_text("mine", "utf-8")
    refused = run("new", "profile", "-o", str(path))
    assert refused.exit_code == 2
    assert "exists already" in refused.stderr
    assert path.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    "words", [(), ("decide",), ("partners",), ("rules",), ("cite",), ("new", "profile")]
)
def test_help_gives_examples(words):
    """Each verb has help that ends with calls to try."""
    assert "Examples:" in shown(*words, "--help")
    assert ROOT.name not in shown(*words, "-h")
