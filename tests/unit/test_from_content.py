"""A rulebook can be made again from its content alone, and decides alike."""

from __future__ import annotations

import json

import pytest

from jfsrules import meaning
from jfsrules.deciding import profile_of
from jfsrules.decision import canonical
from jfsrules.loading import load_rulebook, rulebook_from_content, rulebook_names
from jfsrules.loading.fingerprint import content
from jfsrules.plan import plan
from jfsrules.proof import decision


@pytest.mark.parametrize("name", rulebook_names())
def test_a_rulebook_made_again_decides_the_same_bytes(name: str) -> None:
    """What is kept of a rulebook is enough to decide as it did."""
    book = load_rulebook(name)
    kept = json.loads(canonical(content(book)))
    again = rulebook_from_content(kept, book.name, book.version, book.digest)
    first, second = plan(book), plan(again)
    for code in ("MD", "UA", "MA", "US", "RU", "XK", "FR", "AQ"):
        profile = profile_of(code, "2014-06-27", book)
        answers = [
            decision(p, profile, meaning.find(p, profile), "reference") for p in (first, second)
        ]
        assert answers[0].canonical() == answers[1].canonical()


def test_content_of_another_digest_is_refused() -> None:
    """A rulebook is never made from content that is not its own."""
    book = load_rulebook("text-2014")
    kept = json.loads(canonical(content(book)))
    kept["rules"].popitem()
    for wrong in (kept, {}, {"rules": []}):
        with pytest.raises(ValueError, match="not the content of the rulebook"):
            rulebook_from_content(wrong, book.name, book.version, book.digest)
