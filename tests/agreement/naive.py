"""The meaning a second time, as plainly as can be: truth values as numbers, no plan, no strata.

Shares nothing with `meaning.py`, `tier.py` and `advice.py`, so that what all engines share is
held against something too. False is 0, unknown 1, true 2: *all* is the least, *any* the greatest.
"""

from __future__ import annotations

import operator
from functools import cached_property

from jfsrules.condition import All, Any, Conclusion, Condition, Not, Reads, Test
from jfsrules.facts import Profile
from jfsrules.rulebook import Rule, Rulebook

COMPARE = {
    "=": operator.eq,
    "≠": operator.ne,
    "<": operator.lt,
    "≤": operator.le,
    ">": operator.gt,
    "≥": operator.ge,
}


class Naive:
    """What a rulebook means for one profile."""

    def __init__(self, rulebook: Rulebook, profile: Profile) -> None:
        self.rulebook = rulebook
        self.profile = profile
        self.rules: dict[str, int] = {}

    def truth(self, condition: Condition | None) -> int:
        match condition:
            case Test(atom, op, wanted):
                value = self.profile[atom]
                if value is None:
                    return 1
                if op in ("in", "not in"):
                    return 2 * ((value in wanted) == (op == "in"))
                return 2 * COMPARE[op](value, wanted[0])
            case Reads(conclusion, wanted):
                return self.concluded(conclusion) if wanted else 2 - self.concluded(conclusion)
            case All(parts):
                return min(map(self.truth, parts), default=2)
            case Any(parts):
                return max(map(self.truth, parts), default=0)
            case Not(part):
                return 2 - self.truth(part)
        return 2

    def effective(self, rule: Rule) -> int:
        if rule.id not in self.rules:
            day = self.profile.as_of
            in_force = 2 * (
                (not rule.since or day >= rule.since) and (not rule.until or day < rule.until)
            )
            over = [self.effective(r) for r in self.rulebook.rules if rule.id in r.overrides]
            self.rules[rule.id] = min(self.truth(rule.when), in_force, 2 - max(over, default=0))
        return self.rules[rule.id]

    def concluded(self, conclusion: Conclusion) -> int:
        rules = [r for r in self.rulebook.rules if r.conclusion == conclusion]
        if conclusion.kind == "requirement":
            return min([max(2 - self.effective(r), self.asks(r)) for r in rules], default=2)
        return max([self.effective(r) for r in rules], default=0)

    def asks(self, rule: Rule) -> int:
        judged = rule.judged and Test(rule.judged, "=", (True,))
        return self.truth(judged or rule.that)

    @cached_property
    def in_scope(self) -> int:
        names = ("eu_territory", "not_separate_on_that_day", "no_government")
        away = [self.concluded(Conclusion("derived", name)) for name in names]
        return 2 - max(self.truth(Test("eu_member", "=", (True,))), *away)

    @cached_property
    def tier(self) -> str:
        if self.in_scope < 2:
            return ("out_of_scope", "undetermined")[self.in_scope]
        for group in self.rulebook.vocabulary.groups:
            held = self.concluded(Conclusion("group", group))
            if held:
                return ("undetermined", group)[held - 1]
        return "none"

    def advice(self, instrument: str) -> str | None:
        """The advice on an instrument; none where it is no track."""
        state = self.profile[instrument]
        meant = self.concluded(Conclusion("track", instrument))
        moot = self.concluded(Conclusion("moot", instrument))
        begun = state not in (None, "not_started", "ended")
        if not self.in_scope or (state is not None and not begun and not meant):
            return None
        if self.in_scope == 1 or (not begun and meant == 1):
            return "undetermined"
        if state == "superseded":
            return "moot"
        if state is None:
            return "moot" if meant == moot == 2 else "undetermined"
        if moot:
            return ("undetermined", "moot")[moot - 1]
        if begun:
            return {"in_force": "maintain", "in_talks": "continue", "signed": "continue"}.get(
                state, "on_hold"
            )
        return self.open_advice(instrument)

    def open_advice(self, instrument: str) -> str:
        asked = {r.conclusion for r in self.rulebook.rules if r.conclusion.kind == "requirement"}
        own = [c for c in asked if c.subject.startswith(f"{instrument}/")]
        truths = [self.concluded(c) for c in own]
        if 0 in truths:
            return "blocked"
        if 1 not in truths:
            return "propose"
        rules = [r for r in self.rulebook.rules if r.conclusion in own]
        open_ = [r for r in rules if max(2 - self.effective(r), self.asks(r)) == 1]
        judged = all(r.judged and self.effective(r) == 2 for r in open_)
        return "possible" if judged else "undetermined"
