"""A decision as a page of words: sections and rows that every renderer lays out in its own way.

Knows nothing of terminals or markup, and decides nothing: which line stands where, no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import Final

from jfsrules.condition import Test, leaves
from jfsrules.decision import Decision, FocusArea, Requirement, Step, Track, Undetermined
from jfsrules.facts import Confidence
from jfsrules.render.branch import Branch, Proof, Verdict
from jfsrules.render.phrases import OUT_OF_SCOPE, capital, day_words, inside, listed, spoken
from jfsrules.render.rows import (
    FocusBlock,
    FocusRow,
    Page,
    RequirementRow,
    Sources,
    TrackRow,
    UnknownRow,
)
from jfsrules.render.words import Wording
from jfsrules.rulebook import Authority, Rule

EVERY_PARTNER: Final = "Every partner"
CROSS_CUTTING: Final = "Cross-cutting"
ADVICE_ORDER: Final = (
    "propose",
    "possible",
    "blocked",
    "continue",
    "maintain",
    "on_hold",
    "moot",
    "undetermined",
)
OPEN_ADVICE: Final = ("propose", "possible", "blocked", "undetermined")
EVENTS: Final = ("signed", "ended")


def page(decision: Decision, words: Wording, basis: str | None = None, trace: bool = False) -> Page:
    """Lay a decision out as a page; with `trace` the proof of each line comes with it.

    `basis` says in a sentence where the facts come from, and up to when they are vouched.
    """
    return _Writer(decision, words).page(basis, trace)


def buried(track: Track) -> bool:
    """Whether nothing is said of a track: its state is unknown and nothing means it."""
    return track.state is None and track.meant is False and track.advice == "undetermined"


class _Writer:
    def __init__(self, decision: Decision, words: Wording) -> None:
        self.decision = decision
        self.words = words
        self.steps = {step.id: step for step in decision.trace}

    def page(self, basis: str | None, trace: bool) -> Page:
        decision, words = self.decision, self.words
        star = "*" if any(note.startswith("footnote:") for note in decision.notes) else ""
        tier = self.steps.get("order:tier")
        confidence = tier.confidence if tier else None
        return Page(
            title=" ".join(decision.partner.name.split()) + star,
            code=decision.partner.code,
            day=day_words(decision.as_of),
            basis=basis,
            rulebook=f"{decision.rulebook.name} {decision.rulebook.version}",
            engine=decision.engine,
            tier=words.tier(decision.tier),
            why=self.why(),
            confidence=_marked(confidence) if decision.tier != "undetermined" else None,
            groups=tuple(words.group(group) for group in decision.groups),
            possible_groups=tuple(words.group(group) for group in decision.possible_groups),
            focus=tuple(self.focus()),
            tracks=tuple(self.tracks()),
            states_unknown=tuple(
                sorted(words.instrument(t.instrument) for t in decision.tracks if buried(t))
            ),
            classes=tuple(
                words.instrument_class(one.id)
                for one in sorted(decision.instrument_classes, key=lambda c: self.rank(c.cites))
            ),
            channels=tuple(self.channels()),
            unknown=tuple(row for row in self.unknown() if not row.own_state),
            unknown_states=tuple(row.settles[0] for row in self.unknown() if row.own_state),
            notes=tuple(words.note(note) for note in decision.notes),
            proof=self.proof() if trace else (),
        )

    # --- why --------------------------------------------------------------------------------

    def why(self) -> str:
        """Why the tier is what it is, in one sentence."""
        decision, words = self.decision, self.words
        match decision.tier:
            case "out_of_scope":
                reason = str(decision.out_of_scope)
                since = [words.ground(s) for s in self.under("order:scope") if not s.rule]
                said = listed(since) or OUT_OF_SCOPE.get(reason, spoken(reason))
                return f"{capital(said)}; the page speaks of countries outside the EU."
            case "undetermined":
                missing = [u.missing for u in decision.undetermined if u.about == "tier"]
                names = [words.indicator(atom) for atoms in missing for atom in atoms]
                return f"It cannot be said before this is known: {listed(names)}."
            case "none":
                reasons = self.reasons("group:", ("blocked", "overridden"))
                why = f", because {listed(reasons)}" if reasons else ""
                return f"It is in none of the groups that the page names{why}."
            case leading:
                reasons = self.reasons(f"group:{leading}", ("fired",))
                lead = "This group leads" if len(decision.groups) > 1 else "It is in this group"
                return f"{lead}, because {listed(reasons)}." if reasons else f"{lead}."

    def reasons(self, conclusion: str, kinds: tuple[str, ...]) -> list[str]:
        """What the rules of some group rest on, in words."""
        found: dict[str, None] = {}
        for step in self.under("order:tier"):
            if step.kind not in kinds or not str(step.says.args.get("conclusion")).startswith(
                conclusion
            ):
                continue
            grounds = [s for s in map(self.steps.get, step.from_) if s and not s.rule]
            for ground in grounds:
                found[self.words.ground(ground, brief=True)] = None
            for rule in () if grounds else self.speaking(step):
                found[inside(rule.title)] = None
        return list(found)

    def speaking(self, step: Step) -> list[Rule]:
        """The rules whose titles say why a rule fired, or was set aside."""
        by = step.says.args.get("by", ()) if step.kind == "overridden" else ()
        names = [str(step.rule)] if step.kind == "fired" else by if isinstance(by, tuple) else ()
        rules = self.words.rulebook.rules_by_id
        return [rules[name] for name in names if name in rules]

    def under(self, step: str) -> Iterator[Step]:
        """The steps that one step stands on directly."""
        for name in self.steps[step].from_ if step in self.steps else ():
            yield self.steps[name]

    # --- focus areas ------------------------------------------------------------------------

    def focus(self) -> Iterator[FocusBlock]:
        for heading, areas in self.blocks():
            marks = {area.confidence for area in areas}
            shared = marks.pop() if len(marks) == 1 else None
            rows = tuple(self.focus_row(area, shared) for area in areas)
            yield FocusBlock(heading, None if shared == "verified" else shared, rows)

    def blocks(self) -> list[tuple[str, list[FocusArea]]]:
        """The focus areas under their headings: groups first, all in the order of the page."""
        headings = len(self.words.rulebook.vocabulary.groups)
        blocks: dict[tuple[int, str], list[FocusArea]] = {}
        for area in self.decision.focus_areas:
            blocks.setdefault(self.heading(area), []).append(area)
        for (order, _), areas in blocks.items():
            # A group's own clause stands after the themes: it is the last one that is cited.
            own = max if order < headings else min
            areas.sort(key=lambda area: area.id)
            areas.sort(key=partial(self.area_rank, own))
        ordered = sorted(blocks.items(), key=lambda b: (b[0][0], self.rank(b[1][0].cites)))
        return [(heading, areas) for (_, heading), areas in ordered]

    def area_rank(self, pick: Callable[[list[int]], int], area: FocusArea) -> int:
        return self.rank(area.cites, pick)

    def focus_row(self, area: FocusArea, shared: Confidence | None) -> FocusRow:
        own = area.confidence if area.confidence not in (shared, "verified") else None
        return FocusRow(
            mode=self.words.mode(area.mode) if area.mode else None,
            area=self.words.area(area.id),
            qualified=tuple(spoken(word) for word in area.qualified),
            confidence=own,
            sources=self.sources(area.authority, area.cites),
        )

    def heading(self, area: FocusArea) -> tuple[int, str]:
        """Under which heading a focus area stands: its group, or the page's own heading."""
        groups = list(self.words.rulebook.vocabulary.groups)
        read = [g for g in groups if g in set(self.groups_read(area.why))]
        if read:
            return groups.index(read[0]), self.words.group(read[0])
        if area.mode is None:
            return len(groups) + 1, CROSS_CUTTING
        passages = self.words.rulebook.passages
        headings = [passages[c].heading for c in area.cites if c in passages]
        return len(groups), headings[0] if headings else EVERY_PARTNER

    def groups_read(self, steps: Iterable[str]) -> Iterator[str]:
        for name in steps:
            step = self.steps.get(name)
            if step is None or step.kind != "fired":
                continue
            kind, _, subject = str(step.says.args.get("conclusion")).partition(":")
            if kind == "group":
                yield subject
            else:
                yield from self.groups_read(step.from_)

    def sources(self, authority: Authority, cites: tuple[str, ...]) -> Sources:
        """The sources of a line, clauses of the page apart from other documents."""
        passages = self.words.rulebook.passages
        return Sources(
            authority,
            tuple(cite for cite in cites if cite in passages),
            tuple(cite for cite in cites if cite not in passages),
        )

    def rank(self, cites: Iterable[str], pick: Callable[[list[int]], int] = min) -> int:
        """Where on the page a cited passage stands, the first one; other documents come last."""
        passages = self.words.rulebook.passages
        return pick([passages[c].start for c in cites if c in passages] or [10**9])

    # --- tracks -----------------------------------------------------------------------------

    def tracks(self) -> Iterator[TrackRow]:
        for track in self.shown_tracks():
            ground = self.ground(track.instrument)
            fact = self.words.facts.get(str(ground.says.args.get("fact"))) if ground else None
            held = track.advice == "on_hold" and fact is not None
            yield TrackRow(
                instrument=self.words.instrument(track.instrument),
                advice=track.advice,
                state=self.state(track, ground),
                known=track.state is not None,
                asides=self.act(fact.cites, fact.note) if held and fact else (),
                requires=self.required_of(track),
                serves=tuple(self.words.area(area) for area in track.serves),
                confidence=_marked(ground.confidence) if ground and track.state else None,
                advised=_marked(track.confidence) if track.advice != "undetermined" else None,
                sources=self.sources(track.authority, track.cites),
            )

    def required_of(self, track: Track) -> tuple[RequirementRow, ...]:
        """The requirements worth saying: what fails, is open, asks for judgement, holds.

        Of a moot track none is: nothing is left for them to bear on.
        """
        shown = track.advice in OPEN_ADVICE and track.state is not None
        worth = [one for one in track.requires if shown or one.holds is False]
        rows = [self.requirement(track, one) for one in worth if track.advice != "moot"]
        order = ("no", "unknown", "yes")
        return tuple(sorted(rows, key=lambda row: (order.index(row.verdict), row.waits)))

    def shown_tracks(self) -> list[Track]:
        """The tracks something is said of, by what is advised."""
        shown = [track for track in self.decision.tracks if not buried(track)]
        named = sorted(shown, key=lambda track: self.words.instrument(track.instrument))
        return sorted(named, key=lambda track: ADVICE_ORDER.index(track.advice))

    def state(self, track: Track, ground: Step | None) -> str:
        """Where an instrument stands, and since when."""
        label = self.words.label(track.instrument, track.state)
        if ground is None or ground.kind != "fact" or track.state == "not_started":
            return label
        period = self.words.period(ground, short=True)
        return f"{label} {period.removeprefix('since ') if track.state in EVENTS else period}"

    def act(self, cites: Iterable[str], note: str | None) -> tuple[str, ...]:
        """By which act a track is on hold, and what is noted on it."""
        acts = tuple(self.words.citation(cite) for cite in cites)
        return (*acts, note) if note else acts

    def requirement(self, track: Track, one: Requirement) -> RequirementRow:
        because = None
        if one.holds is not True and not one.judged:
            conclusion = f"requirement:{track.instrument}/{one.id}"
            rules = [s for s in self.decision.trace if s.says.args.get("conclusion") == conclusion]
            because = listed(self.required(rules, one.holds)) or None
        said: Verdict = "unknown" if one.holds is None else "yes" if one.holds else "no"
        return RequirementRow(one.says, said, one.judged, because)

    def required(self, rules: Iterable[Step], holds: bool | None) -> list[str]:
        """The facts by which requirements fail (`holds` is false), or that they wait for."""
        found: dict[str, None] = {}
        for step in rules:
            rule = self.words.rulebook.rules_by_id.get(str(step.rule))
            asked = leaves(rule.that) if rule and rule.that else ()
            atoms = {leaf.atom for leaf in asked if isinstance(leaf, Test)}
            for ground in map(self.steps.get, step.from_):
                if ground and ground.says.args.get("indicator") in atoms:
                    known = ground.kind != "undecided"
                    if known is not (holds is None):
                        found[self.words.ground(ground, short=True, brief=True)] = None
        return list(found)

    def ground(self, atom: str) -> Step | None:
        """The step that says what the value of an indicator rests on."""
        grounds = (s for s in self.decision.trace if s.rule is None)
        return next((s for s in grounds if s.says.args.get("indicator") == atom), None)

    def channels(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The organisations by the mode of cooperation with them, in the order of the vocabulary."""
        known = list(self.words.rulebook.vocabulary.organisations)
        ordered = sorted(self.decision.channels, key=lambda c: (c.mode or "", known.index(c.id)))
        for mode, ones in groupby(ordered, key=lambda channel: channel.mode):
            yield self.words.mode(mode), tuple(self.words.organisation(one.id) for one in ones)

    # --- what is unknown --------------------------------------------------------------------

    def unknown(self) -> Iterator[UnknownRow]:
        silent = {f"track:{t.instrument}" for t in self.decision.tracks if buried(t)}
        abouts: dict[str, list[Undetermined]] = {}
        for one in self.decision.undetermined:
            for atom in one.missing if one.about not in silent else ():
                abouts.setdefault(atom, []).append(one)
        for atom in sorted(abouts, key=lambda a: (*self.urgency(a, abouts[a]), a)):
            settles = [one.about for one in abouts[atom]]
            yield UnknownRow(
                atom,
                self.words.indicator(atom),
                tuple(self.words.about(about) for about in settles),
                self.because(atom),
                self.values(atom),
                settles == [f"track:{atom}"],
                self.judged(atom),
            )

    def urgency(self, atom: str, settles: list[Undetermined]) -> tuple[int, bool, int]:
        """What is found out first: what a group or the tier waits for, then facts, then judgements."""
        on_tracks = sum(one.about.startswith("track:") for one in settles)
        return on_tracks - len(settles), self.judged(atom), -on_tracks

    def judged(self, atom: str) -> bool:
        """Whether only a person can state it."""
        return self.words.rulebook.vocabulary.indicator_of(atom).judged

    def because(self, atom: str) -> str:
        step = self.steps.get(f"unknown:{atom}")
        return self.words.why_unknown(step) if step else "nothing states it"

    def values(self, atom: str) -> tuple[str, ...]:
        """What may be stated for an indicator: its values, or one as an example."""
        type_ = self.words.rulebook.vocabulary.atoms[atom]
        match type_.kind:
            case "flag":
                return ("true",)
            case "date":
                return (self.decision.as_of,)
            case "number":
                return ("0",)
        return type_.values

    # --- proof ------------------------------------------------------------------------------

    def proof(self) -> tuple[tuple[str, tuple[Branch, ...]], ...]:
        """The trees under each kind of line, in the order of the page."""
        decision, proof = self.decision, Proof(self.decision, self.words)
        classes = {f"class:{one.id}" for one in decision.instrument_classes}
        channels = {f"channel:{one.id}" for one in decision.channels}
        also = {f"group:{group}" for group in decision.groups if group != decision.tier}
        lines = (
            ("Tier and groups", ["order:tier", *self.concluding(also)]),
            ("Focus areas", [why for _, areas in self.blocks() for a in areas for why in a.why]),
            ("Tracks", [why for track in self.shown_tracks() for why in track.why]),
            ("Instrument classes", self.concluding(classes)),
            ("Channels", self.concluding(channels)),
        )
        sections = ((heading, proof.branches(steps)) for heading, steps in lines)
        return tuple((heading, branches) for heading, branches in sections if branches)

    def concluding(self, conclusions: set[str]) -> list[str]:
        """The rules that fired with one of these conclusions, whatever the mode."""
        fired = (step for step in self.decision.trace if step.rule and step.kind == "fired")
        by_page = sorted(fired, key=lambda step: (self.rank(step.cites), step.id))
        said = {step.id: str(step.says.args["conclusion"]) for step in by_page}
        return [name for name, one in said.items() if one.partition("/")[0] in conclusions]


def _marked(confidence: Confidence | None) -> Confidence | None:
    """What is marked: everything that is less than verified."""
    return None if confidence == "verified" else confidence
