"""What the proofs of one plan have in common, kept from one decision to the next.

A step is a function of the way its rule came out and of what it stands on, and both come again:
so each step, with its canonical bytes, is made once. Whatever is kept is found by the whole of
what it was made of, so that it is what would be made. Knows nothing of what a step says.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, TypeAlias, TypeVar

from jfsrules.condition import Conclusion, Reads, Scalar, Test, leaves
from jfsrules.decision import Says, Step, StepKind
from jfsrules.facts import CONFIDENCES, Confidence, Ground
from jfsrules.plan import Alternative, Form, Part, Plan, PlannedRule
from jfsrules.proof.regions import Regions

RANKS: Final[dict[Confidence | None, int]] = {c: n for n, c in enumerate((*CONFIDENCES, None))}
BY_RANK: Final = tuple(RANKS)
SURE: Final = RANKS[None]
MOST_KEPT: Final = 20_000
MOST_PLANS: Final = 8
Key = TypeVar("Key")
Made = TypeVar("Made")


class Mark:
    """What whoever stands on a step knows of it: its id, and how sure it is. Of equal marks there
    is one."""

    __slots__ = ("id", "rank")

    def __init__(self, id_: str, rank: int) -> None:
        self.id = id_
        self.rank = rank


class Bottom(Mark):
    """A step where proofs end: on an indicator. `row` is its part of the profile's digest. The
    partner and the day have a value and no step."""

    __slots__ = ("ground", "row", "step", "value")

    def __init__(
        self, value: Scalar, step: Step | None = None, row: str = "", ground: Ground | None = None
    ) -> None:
        super().__init__(step.id if step else "", RANKS[step.confidence] if step else SURE)
        self.value = value
        self.step = step
        self.row = row
        self.ground = ground


Standing: TypeAlias = Mark | tuple[Mark, ...]
Beneath: TypeAlias = Standing | tuple[Standing, ...]
What: TypeAlias = str | Conclusion


class Proved:
    """A step that stands on others, and those of them where proofs end."""

    __slots__ = ("bottoms", "mark", "step")

    def __init__(self, step: Step, mark: Mark, bottoms: tuple[Bottom, ...]) -> None:
        self.step = step
        self.mark = mark
        self.bottoms = bottoms


class Way:
    """A way in which a rule can come out: what its step says then, which tests it read, and
    (`beneath`, picked from a graph) what it stands on."""

    __slots__ = ("beneath", "kept", "kind", "says", "tests")

    def __init__(
        self, kind: StepKind, says: Says, reasons: Sequence[Alternative], over: Sequence[str]
    ) -> None:
        self.kind = kind
        self.says = says
        by_order = {test.order: test for reason in reasons for test in reason.tests}
        self.tests = tuple(by_order[order] for order in sorted(by_order))
        atoms = [test.atom for test in self.tests]
        concluded = [conclusion for reason in reasons for conclusion in reason.reads]
        self.beneath = picking(dict.fromkeys([*atoms, *concluded, *over]))
        self.kept: dict[Beneath, Proved] = {}


class Open:
    """What keeps a condition open, by the values of all that it may ask for."""

    __slots__ = ("atoms", "conclusions", "condition", "kept")

    def __init__(self, form: Form) -> None:
        self.condition = form.condition
        asked = list(leaves(form.condition))
        self.atoms = tuple(dict.fromkeys(one.atom for one in asked if isinstance(one, Test)))
        self.conclusions = tuple(one.conclusion for one in asked if isinstance(one, Reads))
        self.kept: dict[tuple[object, ...], Alternative] = {}


class Kept:
    """What was made for the proofs of one plan. All is forgotten when it is much."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rules: Mapping[str, PlannedRule] = {one.step: one for one in plan.rules.values()}
        self.regions = Regions(plan)
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.made = 0
        self.ways: dict[Hashable, Way] = {}
        self.open: dict[tuple[str, Part], Open] = {}
        self.bottoms: dict[tuple[object, ...], Bottom] = {}
        self.marks: dict[tuple[str, int], Mark] = {}
        self.steps: dict[tuple[object, ...], Proved] = {}
        self.parts: dict[tuple[object, ...], Any] = {}

    def keep(self, where: dict[Key, Made], key: Key, made: Made) -> Made:
        """Keep what was made, and give it back."""
        self.made += 1
        where[key] = made
        return made

    def open_of(self, planned: PlannedRule, part: Part) -> Open:
        """What keeps a condition of a rule open."""
        found = self.open.get((planned.id, part))
        if found is None:
            form = planned.when if part == "when" else planned.that
            assert form is not None
            found = self.open[planned.id, part] = Open(form)
        return found

    def mark(self, step: Step) -> Mark:
        """The mark of a step."""
        key = (step.id, RANKS[step.confidence])
        return self.marks.get(key) or self.marks.setdefault(key, Mark(*key))


_kept: dict[int, Kept] = {}


def kept_of(plan: Plan) -> Kept:
    """What is kept of the proofs of a plan; the last few plans have some."""
    kept = _kept.get(id(plan))
    if kept is None or kept.plan is not plan:
        while len(_kept) >= MOST_PLANS:
            _kept.pop(next(iter(_kept)), None)
        kept = _kept[id(plan)] = Kept(plan)
    elif kept.made > MOST_KEPT:
        kept.forget()
    return kept


def picking(what: Iterable[What]) -> Callable[[Mapping[What, Standing]], Beneath]:
    """What picks from a graph how these stand."""
    asked = tuple(what)
    return itemgetter(*asked) if asked else lambda _: ()


def marks_in(beneath: Beneath) -> list[Mark]:
    """The marks of all that was picked."""
    if isinstance(beneath, Mark):
        return [beneath]
    marks: list[Mark] = []
    for one in beneath:
        marks += (one,) if isinstance(one, Mark) else one
    return marks
