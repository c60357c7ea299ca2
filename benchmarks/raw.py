"""durable-rules driven as plainly as is safe: what our engine is measured against.

One rule of the engine for each alternative, shards of 63 in the order of the rules, the whole
fact to every shard, a sentinel, and the names of what fired out of the messages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import durable_rules_engine

from jfsrules.condition import Conclusion
from jfsrules.engines.rete.coding import Coded, Coding
from jfsrules.plan import Plan

C = durable_rules_engine
MOST = 63


class RawShard:
    """At most 63 alternatives, by name."""

    def __init__(self, alternatives: Sequence[tuple[str, Sequence[Coded]]]) -> None:
        rules: dict[str, object] = {}
        for name, leaves in alternatives:
            terms = [leaf.written() for leaf in leaves] or [{"k": 1}]
            rules[name] = {"all": [{"m": {"$and": terms} if len(terms) > 1 else terms[0]}]}
        rules["~"] = {"all": [{"m": {"k": 1}}], "pri": 1}
        self.ruleset = C.create_ruleset("s", json.dumps(rules))
        self.runs = 0
        self.run("")

    def run(self, body: str) -> list[str]:
        self.runs += 1
        try:
            return self.drained(body, f'"n":{self.runs}}}')
        except BaseException:
            C.delete_state(self.ruleset, None)
            raise

    def drained(self, body: str, nonce: str) -> list[str]:
        code, state = C.assert_fact(self.ruleset, f'{{"id":"x","k":1{body},{nonce}')
        if code:
            raise RuntimeError(code)
        got = C.start_action_for_state(self.ruleset, state)
        message, fired = got and got[1], []
        while message:
            if nonce not in message:
                raise RuntimeError("foreign fact")
            fired.append(json.loads(message[1 : message.index('":{', 1) + 1]))
            message = C.complete_and_start_action(self.ruleset, state)
        whole = not C.retract_fact(self.ruleset, '{"id":"x"}')[0] and fired
        if not whole or fired.pop() != "~" or len(set(fired)) < len(fired):
            raise RuntimeError("incomplete run")
        return fired


class Raw:
    """A plan as such shards, stratum by stratum."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.coding = Coding(plan.rulebook.vocabulary.atoms)
        self.strata: list[list[RawShard]] = []
        for stratum in plan.strata:
            named = [
                (f"{planned.rule.id}.{part}.{sign}#{number}", self.coded(alternative.leaves))
                for planned in stratum
                for part, form in planned.forms()
                for sign, alternatives in (("t", form.true), ("f", form.false))
                for number, alternative in enumerate(alternatives)
            ]
            lots = [named[at : at + MOST] for at in range(0, len(named), MOST)]
            self.strata.append([RawShard(lot) for lot in lots])

    def coded(self, leaves: Sequence) -> list[Coded]:
        return [self.coding.leaf(leaf) for leaf in leaves]

    def facts(self, values: Mapping[str, object]) -> dict[str, int]:
        """The coded facts of a profile: an integer for each field about an indicator."""
        facts = {}
        for field, about, test in self.coding.columns.values():
            if isinstance(about, str) and values.get(about) is not None:
                facts[field] = self.coding._code(self.coding.types[about], values[about], test)
        return facts

    def conclusions(self, concluded: Mapping[Conclusion, bool | None]) -> list[dict[str, int]]:
        """What each stratum adds to the facts of the next."""
        fields = {c.about: c.field for c in self.coding.columns.values()}
        return [
            {
                fields[c]: int(concluded[c])
                for c in settled
                if c in fields and concluded[c] is not None
            }
            for settled in self.plan.settles
        ]

    def fired(self, facts: Mapping[str, int], derived: Sequence[Mapping[str, int]]) -> list[str]:
        """Coded facts in, the names of the alternatives that fired out."""
        known, fired = dict(facts), []
        for level, shards in enumerate(self.strata):
            body = "".join([f',"{field}":{code}' for field, code in known.items()])
            for shard in shards:
                fired += shard.run(body)
            known.update(derived[level])
        return fired
