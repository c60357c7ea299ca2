"""The wording of names, values, days, citations and steps. Knows nothing of layout; decides nothing.

A decision speaks in ids, so that it is equal whichever engine ran; here the ids become sentences,
with the words that the authors of vocabulary and rules chose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from jfsrules.citation import Citation
from jfsrules.condition import Conclusion
from jfsrules.decision import Scalar, Step
from jfsrules.facts import ClosedList, Dossier, Fact, Lists
from jfsrules.render.phrases import (
    ADVICE_WORDS,
    NOTES,
    OUT_OF_SCOPE,
    ROW_WORDS,
    STATE_WORDS,
    TIERS,
    WHY_UNKNOWN,
    cited,
    day_words,
    listed,
    spoken,
)
from jfsrules.rulebook import Rulebook
from jfsrules.vocabulary import AS_OF, PARTNER, Indicator, Value


@dataclass(frozen=True)
class Wording:
    """The words of one rulebook, and of the dossier and lists a decision drew on."""

    rulebook: Rulebook
    citations: Mapping[str, Citation] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    lists: Mapping[str, ClosedList] = field(default_factory=dict)

    @classmethod
    def of(
        cls, rulebook: Rulebook, dossier: Dossier | None = None, lists: Lists | None = None
    ) -> Wording:
        """The words for decisions by `rulebook` on what the dossier and the lists hold."""
        citations = dict(rulebook.citations)
        facts: dict[str, Fact] = {}
        closed: dict[str, ClosedList] = {}
        if lists:
            citations |= lists.citations
            closed = {one.id: one for ones in lists.by_atom.values() for one in ones}
        if dossier:
            citations |= dossier.citations
            facts = {fact.id: fact for facts in dossier.facts.values() for fact in facts}
        return cls(rulebook, citations, facts, closed)

    # --- names ------------------------------------------------------------------------------

    def tier(self, name: str) -> str:
        """A tier as a heading."""
        return TIERS.get(name) or self.group(name)

    def group(self, name: str) -> str:
        """The title of a group."""
        return _title(self.rulebook.vocabulary.groups, name)

    def area(self, name: str) -> str:
        """The title of a focus area."""
        return _title(self.rulebook.vocabulary.focus_areas, name)

    def mode(self, name: str | None) -> str:
        """A mode; *cross-cutting* where the page gives no verb."""
        return _title(self.rulebook.vocabulary.modes, name) if name else "cross-cutting"

    def organisation(self, name: str) -> str:
        """The title of an organisation."""
        return _title(self.rulebook.vocabulary.organisations, name)

    def instrument_class(self, name: str) -> str:
        """The title of a class of instruments."""
        return _title(self.rulebook.vocabulary.classes, name)

    def instrument(self, name: str) -> str:
        """The title of an instrument."""
        return _title(self.rulebook.vocabulary.instruments, name)

    def about(self, name: str) -> str:
        """What an undetermined line is about: `scope`, `tier`, `group:…` or `track:…`."""
        kind, _, subject = name.partition(":")
        if kind == "group":
            return f"the group {self.group(subject)}"
        if kind == "track":
            return self.instrument(subject)
        return {"scope": "whether it is in scope", "tier": "the tier"}.get(kind, name)

    def conclusion(self, conclusion: Conclusion) -> str:
        """What a rule concludes, as a noun phrase."""
        first, _, second = conclusion.subject.partition("/")
        match conclusion.kind:
            case "group":
                return f"group {self.group(first)}"
            case "focus":
                return f"focus: {self.mode(second or None)} · {self.area(first)}"
            case "channel":
                return f"channel: {self.mode(second or None)} · {self.organisation(first)}"
            case "class":
                return f"instrument class: {self.instrument_class(first)}"
            case "track":
                return f"{self.instrument(first)} is meant"
            case "moot":
                return f"{self.instrument(first)} is moot"
            case "requirement":
                return f"{self.instrument(first)} requires: {spoken(second)}"
            case "derived":
                return spoken(first)
            case "repeal":
                return "takes away the rules it overrides"

    # --- values -----------------------------------------------------------------------------

    def indicator(self, atom: str) -> str:
        """The title of an indicator, or of a member of a set."""
        if atom in (PARTNER, AS_OF):
            return "the partner" if atom == PARTNER else "the day"
        if atom in self.rulebook.vocabulary.instruments:
            return f"state of {self.instrument(atom)}"
        if atom.partition(".")[0] not in self.rulebook.vocabulary.indicators:
            return spoken(atom)
        indicator = self.rulebook.vocabulary.indicator_of(atom)
        member = atom.partition(".")[2]
        return f"{indicator.title}: {self.label(atom, member)}" if member else indicator.title

    def label(self, atom: str, value: Value | None) -> str:
        """One value of an indicator in words."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, date):
            return day_words(value.isoformat())
        if isinstance(value, int | float):
            numbered = self._indicator(atom)
            unit = numbered.type.unit if numbered else None
            return f"{value:g} {unit}" if unit else f"{value:g}"
        if value is None:
            return "not known"
        indicator = self._indicator(atom)
        if indicator and value in indicator.labels:
            return indicator.labels[value]
        if atom == AS_OF or (indicator and indicator.type.kind == "date"):
            return day_words(value)
        return STATE_WORDS.get(value, value if atom == PARTNER else spoken(value))

    def sentence(self, atom: str, value: Value) -> str:
        """An indicator with its value as a sentence about the partner."""
        return self.phrase(atom, self.label(atom, value), value is not False)

    def phrase(self, atom: str, words: str, affirmed: bool = True) -> str:
        """The sentence of an indicator with `words` where its value goes."""
        if atom == PARTNER:
            return f"the partner is {words}"
        if atom == AS_OF:
            return f"the day is {words}"
        indicator = self._indicator(atom)
        if indicator is None:
            return f"{spoken(atom)}: {words}"
        member = atom.partition(".")[2]
        filled = self.label(atom, member) if member else words
        if not affirmed:
            denies = indicator.denies or f"it is not so that {indicator.says}"
            return denies.replace("{value}", filled)
        return indicator.says.replace("{value}", filled)

    def _indicator(self, atom: str) -> Indicator | None:
        return self.rulebook.vocabulary.indicators.get(atom.partition(".")[0])

    # --- steps ------------------------------------------------------------------------------

    def step(self, step: Step) -> str:
        """What one step says, as one line."""
        kind, _, name = step.id.partition(":")
        args = step.says.args
        if kind == "rule":
            return self._rule_step(step, name)
        if kind == "advice":
            advice = ADVICE_WORDS[str(args["advice"])]
            return f"{self.instrument(name)}: {advice}, since {ROW_WORDS[_number(args['row'])]}"
        if kind == "order":
            return self._order_step(step)
        return self.ground(step)

    def ground(self, step: Step, short: bool = False, brief: bool = False) -> str:
        """What the step of one indicator says: its value and since when, or why it is unknown.

        `short` days have short months; in `brief` nothing is said of lists, nor why it is not known.
        """
        args = step.says.args
        atom, value = str(args["indicator"]), _value(args["value"])
        if step.kind == "undecided":
            why = "" if brief else f": {self.why_unknown(step)}"
            return f"{self.indicator(atom)} is not known{why}"
        sentence = self.sentence(atom, value) if value is not None else self.indicator(atom)
        unsaid = brief and step.says.key == "absent_from_list"
        period = "" if unsaid else self.period(step, short)
        return f"{sentence} ({period})" if period else sentence

    def period(self, step: Step, short: bool = False) -> str:
        """Since when a value holds, or why it is absent; may be empty."""
        args = step.says.args
        begin, end = day_words(str(args.get("from")), short), args.get("until")
        match step.says.key:
            case "fact":
                return begin if begin.startswith("by ") else f"since {begin}"
            case "began_later":
                return f"that began {begin if begin.startswith('by ') else f'on {begin}'}"
            case "ended":
                return f"that ended on {day_words(str(end), short)}"
            case "absent_from_list":
                return "not on the closed list"
        return ""

    def why_unknown(self, step: Step) -> str:
        """Why the step of an indicator gives no value."""
        indicator = self._indicator(str(step.says.args["indicator"]))
        if indicator and indicator.judged and step.says.key != "stated_unknown":
            return "a judgement only a person can state"
        words = WHY_UNKNOWN.get(step.says.key, spoken(step.says.key))
        begin = step.says.args.get("from")
        if step.says.key == "date_not_known" and begin:
            end = step.says.args.get("until")
            until = f", until {day_words(str(end))}" if end else ""
            return f"{words} (from {day_words(str(begin))}{until})"
        return words

    def _rule_step(self, step: Step, name: str) -> str:
        rule = self.rulebook.rules_by_id.get(name)
        title = rule.title if rule else name
        holds = step.says.args.get("holds")
        if rule and rule.conclusion.kind == "requirement" and step.says.key != "overridden":
            title = rule.says or title
        match step.kind:
            case "overridden":
                by = step.says.args.get("by")
                names = by if isinstance(by, tuple | list) else ()
                return f"set aside by {listed(f'`{one}`' for one in names)}: {title}"
            case "blocked":
                return f"{'fails' if holds is False else 'does not apply'}: {title}"
            case "undecided":
                return f"cannot be decided: {title}"
            case _:
                return title

    def _order_step(self, step: Step) -> str:
        args = step.says.args
        if step.says.key == "scope":
            reason = args["reason"]
            match args["in_scope"]:
                case True:
                    return "it is a partner outside the EU, so the page speaks of it"
                case False:
                    return f"out of scope: {OUT_OF_SCOPE.get(str(reason), spoken(str(reason)))}"
            return "whether it is in scope is not known"
        tier = str(args["tier"])
        if tier in TIERS:
            return f"Tier: {TIERS[tier].lower()}"
        return f"Tier: {self.group(tier)}"

    # --- citations --------------------------------------------------------------------------

    def citation(self, key: str) -> str:
        """A citation as document, date and locator; a passage by its id on the page."""
        if key in self.rulebook.passages:
            return f"the page, {key}"
        citation = self.citations.get(key)
        return cited(citation) if citation else key

    def note(self, name: str) -> str:
        """A note under the decision."""
        kind, _, atom = name.partition(":")
        if kind == "set_aside":
            return f"Set aside, because a fact stated over it excludes it: {self.indicator(atom)}."
        return NOTES.get(name, spoken(name))


def _title(terms: Mapping[str, object], name: str) -> str:
    return getattr(terms.get(name), "title", None) or spoken(name)


def _number(value: Scalar | tuple[str, ...]) -> int:
    assert isinstance(value, int)
    return value


def _value(value: Scalar | tuple[str, ...]) -> Scalar:
    assert not isinstance(value, tuple)
    return value
