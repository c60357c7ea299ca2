"""Files to rulebook, vocabulary, lists, dossier and profile; every value keeps its place.

Whatever is wrong is gathered and raised as one `Refused`. Nothing in a file is ever run.
"""

from jfsrules.loading.dossiers import dossier_codes, load_dossier
from jfsrules.loading.eu_facts import EuFact, EuFacts, load_eu_facts
from jfsrules.loading.from_content import rulebook_from_content
from jfsrules.loading.lists import knowledge_date, load_lists
from jfsrules.loading.profiles import load_profile, read_as_of, read_stated
from jfsrules.loading.rulebooks import (
    Words,
    load_rulebook,
    load_vocabulary,
    load_words,
    rulebook_names,
)

__all__ = [
    "EuFact",
    "EuFacts",
    "Words",
    "dossier_codes",
    "knowledge_date",
    "load_dossier",
    "load_eu_facts",
    "load_lists",
    "load_profile",
    "load_rulebook",
    "load_vocabulary",
    "load_words",
    "read_as_of",
    "read_stated",
    "rulebook_from_content",
    "rulebook_names",
]
