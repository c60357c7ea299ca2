"""A plan as nodes: each rule, conclusion, tier, advice, and what is missing. Knows no dataframe.

A translation of `meaning.py`, of the tables in `tier.py` and `advice.py`, and of what
`proof.missing` and `proof.tracks` say is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jfsrules.advice import NO_TRACK, ROWS, Requires, Row
from jfsrules.condition import All, Any, Conclusion, Condition, Not, Reads, Test
from jfsrules.engines.columns.nodes import Node, Nodes
from jfsrules.plan import Plan, PlannedRule
from jfsrules.tier import SCOPE
from jfsrules.vocabulary import AS_OF, PARTNER, Type

Case = tuple[Node, str]
NO_TRACK_ROW, OTHERS = ROWS[0], ROWS[1:]
# The rows of the advice table that ask for what is unknown, as `proof.tracks` has it.
ASK_MEANT, ASK_MOOT, ASK_REQUIRED = (3, 4), (3, 7), (12, 13)


@dataclass(frozen=True, slots=True)
class TrackNodes:
    """One instrument: whether it is meant, whether there is a track, which row of the advice table
    is the first that applies, and its advice by case."""

    meant: Node
    listed: Node
    rows: Mapping[int, Node]
    advice: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Translated:
    """Everything a table is asked for, as nodes. The first case that is true decides."""

    nodes: Nodes
    effective: Mapping[str, Node]
    concluded: Mapping[Conclusion, Node]
    in_scope: Node
    groups: Mapping[str, Node]
    tier: tuple[Case, ...]
    reasons: tuple[Case, ...]
    tracks: Mapping[str, TrackNodes]
    missing: Mapping[str, Node]
    impossible: Mapping[str, Node]


def translate(plan: Plan, present: Iterable[str]) -> Translated:
    """The plan over a table that has the atoms `present`, and no other."""
    atoms = plan.rulebook.vocabulary.atoms
    types: dict[str, Type] = {atom: atoms[atom] for atom in present}
    return _Translator(plan, Nodes(types, frozenset([PARTNER, AS_OF]))).translated()


@dataclass(slots=True)
class _Translator:
    """The nodes while they are being made."""

    plan: Plan
    nodes: Nodes
    when: dict[str, Node] = field(default_factory=dict)
    that: dict[str, Node] = field(default_factory=dict)
    met: dict[str, Node] = field(default_factory=dict)
    effective: dict[str, Node] = field(default_factory=dict)
    concluded: dict[Conclusion, Node] = field(default_factory=dict)

    def translated(self) -> Translated:
        nodes = self.nodes
        for level, stratum in enumerate(self.plan.strata):
            for planned in stratum:
                self.rule(planned)
            for conclusion in self.plan.settles[level]:
                self.conclude(conclusion)
        reasons = tuple((self.condition(leaf), reason) for reason, leaf in SCOPE)
        in_scope = nodes.negate(nodes.any(node for node, _ in reasons))
        own = {g: self.value("group", g) for g in self.plan.rulebook.vocabulary.groups}
        groups = {group: nodes.all((in_scope, node)) for group, node in own.items()}
        requires = {name: self.requires(name) for name in self.plan.rulebook.vocabulary.instruments}
        tracks = {name: self.track(name, in_scope, requires[name]) for name in requires}
        missing = _Missing(self, in_scope)
        for group, node in groups.items():
            missing.ask(Conclusion("group", group), nodes.unknown(node))
        for name, track in tracks.items():
            missing.track(name, track)
        return Translated(
            nodes,
            self.effective,
            self.concluded,
            in_scope,
            groups,
            self.tier(in_scope, own),
            tuple((nodes.sure(node), reason) for node, reason in reasons),
            tracks,
            missing.settled(),
            self.impossible(),
        )

    # --- rules and conclusions, as `meaning.py` has them ------------------------------------

    def condition(self, condition: Condition) -> Node:
        match condition:
            case Test():
                return self.nodes.test(condition)
            case Reads(conclusion, wanted):
                node = self.concluded.get(conclusion, self.nodes.false)
                return node if wanted else self.nodes.negate(node)
            case All(parts):
                return self.nodes.all(self.condition(part) for part in parts)
            case Any(parts):
                return self.nodes.any(self.condition(part) for part in parts)
            case Not(part):
                return self.nodes.negate(self.condition(part))

    def rule(self, planned: PlannedRule) -> None:
        nodes, name = self.nodes, planned.rule.id
        when = self.when[name] = self.condition(planned.when.condition)
        over = nodes.any(self.effective[rule] for rule in planned.overriders)
        self.effective[name] = nodes.all((when, nodes.negate(over)))
        if planned.that:
            self.that[name] = self.condition(planned.that.condition)
            self.met[name] = nodes.any((nodes.negate(self.effective[name]), self.that[name]))

    def conclude(self, conclusion: Conclusion) -> None:
        rules = self.plan.concluding[conclusion]
        if conclusion.kind == "requirement":
            self.concluded[conclusion] = self.nodes.all(self.met[rule] for rule in rules)
        else:
            self.concluded[conclusion] = self.nodes.any(self.effective[rule] for rule in rules)

    def value(self, kind: str, subject: str) -> Node:
        return self.concluded.get(Conclusion(kind, subject), self.nodes.false)  # type: ignore[arg-type]

    def impossible(self) -> dict[str, Node]:
        listed = self.plan.rulebook.impossible
        return {one.id: self.nodes.sure(self.condition(one.when)) for one in listed}

    # --- the two tables ---------------------------------------------------------------------

    def tier(self, in_scope: Node, groups: Mapping[str, Node]) -> tuple[Case, ...]:
        nodes = self.nodes
        cases = [
            (nodes.unknown(in_scope), "undetermined"),
            (nodes.negate(in_scope), "out_of_scope"),
        ]
        for group, node in groups.items():
            cases += [(nodes.sure(node), group), (nodes.unknown(node), "undetermined")]
        return (*cases, (nodes.true, "none"))

    def requires(self, instrument: str) -> dict[Requires, Node]:
        """What the worst requirement of an instrument amounts to: one of the four is true."""
        nodes = self.nodes
        asked = self.plan.requirements.get(instrument, ())
        failed = nodes.any(nodes.sure(nodes.negate(self.concluded[one])) for one in asked)
        open_ = nodes.any(nodes.unknown(self.concluded[one]) for one in asked)
        fact = nodes.any(self.hangs_on_fact(one) for one in asked)
        passed = nodes.negate(failed)
        return {
            "false": failed,
            "fact_unknown": nodes.all((passed, fact)),
            "judged_unknown": nodes.all((passed, open_, nodes.negate(fact))),
            "true": nodes.all((passed, nodes.negate(open_))),
        }

    def hangs_on_fact(self, requirement: Conclusion) -> Node:
        """Whether a requirement is unknown for more than a judgement of a rule that applies."""
        nodes = self.nodes
        open_ = []
        for name in self.plan.concluding[requirement]:
            unmet = nodes.unknown(self.met[name])
            applies = nodes.sure(self.effective[name])
            judged = self.plan.rules[name].rule.judged
            open_.append(nodes.all((unmet, nodes.negate(applies))) if judged else unmet)
        return nodes.all((nodes.unknown(self.concluded[requirement]), nodes.any(open_)))

    def row(self, row: Row, instrument: str, requires: Mapping[Requires, Node]) -> Node:
        """Whether a row of the advice table applies, were it the first."""
        nodes = self.nodes
        named = tuple(one for one in row.states if one is not None)
        state = [nodes.unstated(instrument)] if None in row.states else []
        if named:
            state.append(nodes.sure(nodes.test(Test(instrument, "in", named))))
        meant = [self.cell(one, self.value("track", instrument)) for one in row.meant]
        moot = [self.cell(one, self.value("moot", instrument)) for one in row.moot]
        required = [requires[one] for one in row.requires]
        return nodes.all(nodes.any(cells) for cells in (state, meant, moot, required) if cells)

    def cell(self, wanted: bool | None, node: Node) -> Node:
        if wanted is None:
            return self.nodes.unknown(node)
        return self.nodes.sure(node if wanted else self.nodes.negate(node))

    def track(self, name: str, in_scope: Node, requires: Mapping[Requires, Node]) -> TrackNodes:
        nodes = self.nodes
        out = nodes.sure(nodes.negate(in_scope))
        unlisted = nodes.any((out, self.row(NO_TRACK_ROW, name, requires)))
        rows = {row.number: self.first(row, name, requires) for row in OTHERS}
        advice = self.outcomes(rows, nodes.unknown(in_scope))
        return TrackNodes(
            meant=nodes.all((in_scope, self.value("track", name))),
            listed=nodes.negate(unlisted),
            rows=rows,
            advice=((unlisted, NO_TRACK), *advice),
        )

    def first(self, row: Row, name: str, requires: Mapping[Requires, Node]) -> Node:
        """Whether a row of the advice table is the first that applies, the one for no track apart."""
        before = (one for one in OTHERS if one.number < row.number and _meet(one, row))
        over = (self.nodes.negate(self.row(one, name, requires)) for one in before)
        return self.nodes.all((self.row(row, name, requires), *over))

    def outcomes(self, rows: Mapping[int, Node], open_scope: Node) -> tuple[Case, ...]:
        """The advice by case. Exactly one row is the first that applies, so that rows with the
        same advice become one case, and the last case needs no test."""
        nodes = self.nodes
        cases: dict[str, list[Node]] = {"undetermined": [open_scope]}
        for row in OTHERS:
            cases.setdefault(row.advice, []).append(rows[row.number])
        merged = [(nodes.any(many), advice) for advice, many in cases.items()]
        possible = [(node, advice) for node, advice in merged if node is not nodes.false]
        return (*possible[:-1], (nodes.true, possible[-1][1]))


class _Missing:
    """Which unknown atoms keep something undetermined, as `proof.missing` has it.

    Each thing that is asked about passes the question down to the unknown parts it consists of;
    a node says in which rows the question arises.
    """

    def __init__(self, made: _Translator, in_scope: Node) -> None:
        self.made = made
        self.nodes = made.nodes
        self.atoms: dict[str, list[Node]] = {}
        self.conclusions: dict[Conclusion, list[Node]] = {}
        self.rules: dict[str, list[Node]] = {}
        self.open_scope = made.nodes.unknown(in_scope)
        self.condition(Any(tuple(leaf for _, leaf in SCOPE)), self.open_scope)

    def ask(self, conclusion: Conclusion, asked: Node) -> None:
        """A question why a conclusion is unknown."""
        self.conclusions.setdefault(conclusion, []).append(asked)

    def condition(self, condition: Condition, asked: Node) -> None:
        """A question why a condition is unknown."""
        nodes = self.nodes
        here = nodes.all((asked, nodes.unknown(self.made.condition(condition))))
        if here is nodes.false:
            return
        match condition:
            case Test(atom):
                self.atoms.setdefault(atom, []).append(asked)
            case Reads(conclusion):
                self.ask(conclusion, asked)
            case All(parts) | Any(parts):
                for part in parts:
                    self.condition(part, here)
            case Not(part):
                self.condition(part, here)

    def track(self, name: str, track: TrackNodes) -> None:
        """The questions that the advice on an instrument leaves open."""
        nodes = self.nodes
        asking = (track.rows[row.number] for row in OTHERS if row.advice in _OPEN)
        asks = nodes.any((self.open_scope, *asking))
        self.atoms.setdefault(name, []).append(nodes.all((track.listed, asks)))
        for rows, conclusion in (
            (ASK_MEANT, Conclusion("track", name)),
            (ASK_MOOT, Conclusion("moot", name)),
            *((ASK_REQUIRED, one) for one in self.made.plan.requirements.get(name, ())),
        ):
            asked = nodes.any(track.rows[number] for number in rows)
            self.ask(conclusion, nodes.all((track.listed, asked)))

    def settled(self) -> dict[str, Node]:
        """For each atom, in which rows it is missing; atoms that never are left out."""
        for stratum in reversed(self.made.plan.strata):
            for planned in reversed(stratum):
                self.rule(planned)
        nodes = self.nodes
        found = {
            atom: nodes.all((nodes.unstated(atom), nodes.any(asked)))
            for atom, asked in sorted(self.atoms.items())
        }
        return {atom: node for atom, node in found.items() if node is not nodes.false}

    def rule(self, planned: PlannedRule) -> None:
        """Pass down what is asked about a rule, now that all that reads it has been passed down."""
        nodes, name, conclusion = self.nodes, planned.rule.id, planned.rule.conclusion
        value = self.made.concluded.get(conclusion, nodes.false)
        read = nodes.all((nodes.unknown(value), nodes.any(self.conclusions.get(conclusion, ()))))
        if planned.that and conclusion.kind == "requirement":
            asked = nodes.all((read, nodes.unknown(self.made.met[name])))
            self.condition(planned.that.condition, asked)
        asked = nodes.any((read, *self.rules.get(name, ())))
        asked = nodes.all((asked, nodes.unknown(self.made.effective[name])))
        if asked is nodes.false:
            return
        self.condition(planned.when.condition, asked)
        for rule in planned.overriders:
            self.rules.setdefault(rule, []).append(asked)


_OPEN = ("undetermined", "possible")


def _meet(one: Row, other: Row) -> bool:
    """Whether two rows of the advice table may both apply."""
    cells = (
        (one.states, other.states),
        (one.meant, other.meant),
        (one.moot, other.moot),
        (one.requires, other.requires),
    )
    return all(not a or not b or set(a) & set(b) for a, b in cells)
