"""Checks of a rulebook: names, citations, overrides, dates, order."""

from __future__ import annotations

from collections.abc import Iterator

from jfsrules.condition import Conclusion, Condition, Reads, leaves
from jfsrules.errors import Diagnostic, Refused, did_you_mean
from jfsrules.plan import plan, reads
from jfsrules.rulebook import Authority, Impossible, Rule, Rulebook


def _own(rulebook: Rulebook) -> Iterator[Rule]:
    return (rule for rule in rulebook.rules if rule.id in rulebook.own)


def known_citations(rulebook: Rulebook) -> Iterator[Diagnostic]:
    """Each thing cited is in the citations or among the passages."""
    known = {*rulebook.citations, *rulebook.passages}
    cited: list[Rule | Impossible] = [*_own(rulebook), *rulebook.impossible]
    for rule in cited:
        if not rule.cites:
            yield Diagnostic(
                "missing-citation",
                f"nothing says where `{rule.id}` comes from",
                rule.place.at("cites").span,
                "name a passage, or a key of `citations.yaml`",
            )
        for at, key in enumerate(rule.cites):
            if key not in known:
                yield Diagnostic(
                    "unknown-citation",
                    f"there is no citation or passage `{key}`",
                    rule.place.at("cites", at).span,
                    did_you_mean(key, known) or "add it to `citations.yaml`",
                )


def text_cites_passages(rulebook: Rulebook) -> Iterator[Diagnostic]:
    """A rulebook that speaks for the page cites nothing but the page."""
    for rule in _own(rulebook):
        for at, key in enumerate(rule.cites):
            if key in rulebook.citations and key not in rulebook.passages:
                yield Diagnostic(
                    "cites-not-a-passage",
                    f"`{rule.id}` says what the page says, but cites `{key}`",
                    rule.place.at("cites", at).span,
                    "cite a passage, or move the rule to a rulebook of practice",
                )


def speaks_for_itself(rulebook: Rulebook, authority: Authority) -> Iterator[Diagnostic]:
    """A rulebook's rules speak with its own authority, or are our own design."""
    for rule in _own(rulebook):
        if rule.authority not in (authority, "design"):
            yield Diagnostic(
                "wrong-authority",
                f"`{rule.id}` speaks with the authority `{rule.authority}` in a rulebook of "
                f"`{authority}`",
                rule.place.at("authority").span,
                f"write `{authority}` or `design`, or move the rule",
            )


def known_overrides(rulebook: Rulebook) -> Iterator[Diagnostic]:
    """Each rule that is overridden exists."""
    for rule in _own(rulebook):
        for at, other in enumerate(rule.overrides):
            if other not in rulebook.rules_by_id:
                yield Diagnostic(
                    "unknown-rule",
                    f"there is no rule `{other}`",
                    rule.place.at("overrides", at).span,
                    did_you_mean(other, rulebook.rules_by_id),
                )


def same_conclusion_overridden(rulebook: Rulebook) -> Iterator[Diagnostic]:
    """A rule overrides only rules that conclude the same; a repeal overrides any."""
    for rule in _own(rulebook):
        if rule.conclusion.kind == "repeal":
            continue
        for at, name in enumerate(rule.overrides):
            other = rulebook.rules_by_id.get(name)
            if other is None or other.conclusion == rule.conclusion:
                continue
            span = other.place.span
            yield Diagnostic(
                "override-mismatch",
                f"`{rule.id}` concludes `{rule.conclusion}`, and `{name}` concludes "
                f"`{other.conclusion}`",
                rule.place.at("overrides", at).span,
                "override rules of the same conclusion, or write `repeal: true`",
                (("the overridden rule", span),) if span else (),
            )


def repeals_something(rulebook: Rulebook) -> Iterator[Diagnostic]:
    """A repeal names the rules it takes away."""
    for rule in _own(rulebook):
        if rule.conclusion.kind == "repeal" and not rule.overrides:
            yield Diagnostic(
                "empty-repeal",
                f"`{rule.id}` repeals nothing",
                rule.place.key("repeal"),
                "name the rules under `overrides:`",
            )


def known_derived_names(rulebook: Rulebook) -> Iterator[Diagnostic]:
    """Each derived name that is read is concluded by some rule."""
    concluded = {r.conclusion.subject for r in rulebook.rules if r.conclusion.kind == "derived"}
    for rule in _own(rulebook):
        for name in sorted({c.subject for c in reads(rule) if c.kind == "derived"} - concluded):
            when = Conclusion("derived", name) in {x.conclusion for x in _readings(rule.when)}
            part = rule.place if when else rule.place.at("requirement")
            yield Diagnostic(
                "unknown-name",
                f"`{rule.id}` reads `{name}`, which no rule concludes",
                part.key("when" if when else "that"),
                did_you_mean(name, concluded) or "write a rule for it",
            )


def _readings(condition: Condition) -> Iterator[Reads]:
    return (leaf for leaf in leaves(condition) if isinstance(leaf, Reads))


def days_in_force(rulebook: Rulebook) -> Iterator[Diagnostic]:
    """A rule goes out of force after it came into force."""
    for rule in _own(rulebook):
        if rule.since and rule.until and rule.until <= rule.since:
            yield Diagnostic(
                "end-before-start",
                f"`{rule.id}` ends on {rule.until}, but begins on {rule.since}",
                rule.place.at("in_force", "until").span,
                f"write a day after {rule.since}",
            )


def impossible_tests_facts_only(rulebook: Rulebook) -> Iterator[Diagnostic]:
    """What is impossible is a matter of facts, and not of what rules conclude."""
    for one in rulebook.impossible:
        for leaf in leaves(one.when):
            if isinstance(leaf, Reads):
                yield Diagnostic(
                    "impossible-reads-rules",
                    f"`{one.id}` reads `{leaf.conclusion}`",
                    one.place.key("when"),
                    "test indicators only",
                )


def can_be_planned(rulebook: Rulebook) -> Iterator[Diagnostic]:
    """No rule decides itself, and no condition has too many alternatives."""
    known = rulebook.rules_by_id
    if any(other not in known for rule in rulebook.rules for other in rule.overrides):
        return
    try:
        plan(rulebook)
    except Refused as refused:
        yield from refused.diagnostics
