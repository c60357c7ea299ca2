"""How much does our Rete engine add to durable-rules itself? Facts in, fired alternatives out.

Measured in one run on the same rules and profiles, neither checked against the reference: the raw
calls (`raw.py`, facts coded beforehand), ours as far as the alternatives that fired (coding
included), ours to the findings, and the reference evaluator.
"""

from __future__ import annotations

import os

os.environ.pop("JFSRULES_VERIFY", None)

import durable_rules_engine
from benchmarks import measuring, worlds
from benchmarks.raw import Raw

from jfsrules.condition import Conclusion
from jfsrules.engines import rete
from jfsrules.facts import Profile, profile_on
from jfsrules.loading import dossier_codes, load_dossier, load_lists, load_rulebook, rulebook_names
from jfsrules.meaning import Findings, find
from jfsrules.plan import Plan, plan
from jfsrules.vocabulary import AS_OF, PARTNER

PROFILES = 40
ROUNDS = 40


def main() -> None:
    rows, raw = [], {}
    for name, made, profiles in plans():
        row, runs = compared(name, made, profiles)
        rows.append(row)
        raw[name] = runs
    measuring.report("rete", rows, raw)


def plans() -> list[tuple[str, Plan, list[Profile]]]:
    """The shipped rulebooks on shipped dossiers, and made ones of 100 and 300 rules."""
    ready = []
    for name in rulebook_names():
        book = load_rulebook(name)
        lists = load_lists(book.vocabulary)
        codes = dossier_codes()
        some = codes[:: max(1, len(codes) // PROFILES)][:PROFILES]
        dossiers = [load_dossier(code, book.vocabulary) for code in some]
        day = lists.knowledge_date
        profiles = [profile_on(one, day, lists, book.vocabulary) for one in dossiers]
        ready.append((name, plan(book), profiles))
    for rules in (100, 300):
        made = worlds.made(rules, indicators=80)
        ready.append((f"made-{rules}", made, worlds.profiles(made, PROFILES)))
    return ready


def compared(name: str, made: Plan, profiles: list[Profile]) -> tuple[dict, dict]:
    """The medians of one rulebook, for a profile, and the raw rounds."""
    ours, bare = rete._Rete(made, durable_rules_engine), Raw(made)
    laws = [find(made, profile) for profile in profiles]
    for profile in profiles[:3]:
        ours.find(profile)
    coded = [
        (bare.facts(values(profile)), bare.conclusions(law.concluded))
        for profile, law in zip(profiles, laws, strict=True)
    ]
    pairs = [(values(profile), law) for profile, law in zip(profiles, laws, strict=True)]
    seconds = measuring.in_turn(
        {
            "raw": lambda: [bare.fired(facts, derived) for facts, derived in coded],
            "ours, fired": lambda: [fired(ours, known, law) for known, law in pairs],
            "ours, findings": lambda: [ours.find(profile) for profile in profiles],
            "reference": lambda: [find(made, profile) for profile in profiles],
        },
        ROUNDS,
    )
    each = {key: [one / len(profiles) for one in runs] for key, runs in seconds.items()}
    medians = {key: measuring.median_ms(runs) for key, runs in each.items()}
    firings = [len(bare.fired(facts, derived)) for facts, derived in coded]
    row = {
        "rulebook": name,
        "rules": len(made.rules),
        "rulesets": sum(map(len, bare.strata)),
        "firings": sum(firings) // len(firings),
        **{f"{key}, ms": value for key, value in medians.items()},
        "ours / raw": medians["ours, fired"] / medians["raw"],
    }
    return row, {key: measuring.rounded(runs) for key, runs in each.items()}


def values(profile: Profile) -> dict[str, object]:
    return {**profile.values, PARTNER: profile.partner, AS_OF: profile.as_of}


def fired(ours: rete._Rete, known: dict, law: Findings) -> list[int]:
    """What fires in each stratum, with the conclusions of those below already at hand."""
    assert ours._readers is not None
    concluded: dict[Conclusion, bool | None] = law.concluded
    found = Findings(concluded=concluded)
    return [n for readers in ours._readers for one in readers for n in one.fired(known, found)]


if __name__ == "__main__":
    main()
