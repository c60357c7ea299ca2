"""The shapes of the files people write, and their JSON Schemas. Knows no name of the vocabulary.

A shape says which keys a mapping has and what kind of value each takes. Which indicators there
are, and what values they take, is the vocabulary's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, Literal, NotRequired, TypeAlias, TypeVar

from typing_extensions import TypedDict

Raw: TypeAlias = Any
Kind = TypeVar("Kind")
Sure: TypeAlias = Literal["verified", "reported", "unverified"]
Condition: TypeAlias = dict[str, Raw]
Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """How JSON Schema describes a value that is read with more care than a shape takes."""

    schema: Json

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> Json:
        """The description, as pydantic asks for it."""
        del core, handler
        return dict(self.schema)


_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_PARTIAL = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
Day: TypeAlias = Annotated[
    Any, Written({"type": "string", "pattern": f"^{_DAY}$", "description": "one day"})
]
Date: TypeAlias = Annotated[
    Any,
    Written(
        {
            "type": ["string", "integer"],
            "pattern": f"^(by )?{_PARTIAL}$",
            "description": "a day, a month, a year, or `by` any of them",
        }
    ),
]


def closed(shape: type[Kind]) -> type[Kind]:
    """A shape that takes no other key, and converts no value."""
    shape.__pydantic_config__ = {"extra": "forbid", "strict": True}  # type: ignore[attr-defined]
    return shape


@closed
class CitationShape(TypedDict):
    """A public document: who published it, when, and where in it to look."""

    document: str
    publisher: NotRequired[str]
    date: NotRequired[Date]
    locator: NotRequired[str]
    address: NotRequired[str]
    note: NotRequired[str]


Cited: TypeAlias = Annotated[
    Any,
    Written(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {
                        name: {"type": ["string", "integer"] if name == "date" else "string"}
                        for name in CitationShape.__annotations__
                    },
                    "required": ["document"],
                    "additionalProperties": False,
                },
            ],
            "description": "a key of citations.yaml, a passage, or a document written out",
        }
    ),
]


@closed
class PassageShape(TypedDict):
    """One clause of the page: its place, the digest of its words, our paraphrase."""

    heading: str
    start: int
    end: int
    digest: str
    says: str
    modality: NotRequired[str]
    frame: NotRequired[str]


@closed
class IndicatorShape(TypedDict):
    """Something one may state of a partner."""

    title: str
    type: Raw
    says: str
    denies: NotRequired[str]
    judged: NotRequired[bool]
    can_change: NotRequired[bool]
    definition: NotRequired[str]
    coding: NotRequired[str]
    labels: NotRequired[dict[str, str]]


@closed
class TermShape(TypedDict):
    """A focus area, mode or organisation."""

    title: str
    definition: NotRequired[str]


@closed
class GroupShape(TypedDict):
    """A group, with its place in the order in which groups lead."""

    title: str
    order: int
    definition: NotRequired[str]


@closed
class InstrumentShape(TypedDict):
    """A named instrument; its id is an indicator too, whose values are the states."""

    title: str
    serves: NotRequired[list[str]]
    definition: NotRequired[str]
    coding: NotRequired[str]


@closed
class ClassShape(TypedDict):
    """A class of instruments that the page names."""

    title: str
    passage: str
    instruments: NotRequired[dict[str, InstrumentShape]]
    definition: NotRequired[str]


@closed
class ImpossibleShape(TypedDict):
    """Facts that exclude each other."""

    says: str
    when: Condition
    cites: list[str]


@closed
class RulebookShape(TypedDict):
    """What `rulebook.yaml` says of the folder it stands in."""

    name: str
    version: str
    title: str
    authority: Literal["text", "practice"]
    extends: NotRequired[list[str]]


InForceShape = TypedDict("InForceShape", {"from": NotRequired[Day], "until": NotRequired[Day]})
closed(InForceShape)


@closed
class FocusShape(TypedDict):
    """A focus area with its mode."""

    area: str
    mode: str | None
    qualified: NotRequired[list[str]]


@closed
class ChannelShape(TypedDict):
    """An organisation with its mode."""

    organisation: str
    mode: str | None


@closed
class MootShape(TypedDict):
    """Why nothing is left to do on a track."""

    track: str
    says: str


@closed
class RequirementShape(TypedDict):
    """What a track requires: a condition, or a judgement that a person states."""

    track: str
    id: str
    says: str
    that: NotRequired[Condition]
    judged: NotRequired[str]


@closed
class ExamplesShape(TypedDict):
    """Profiles for which a rule holds, fails, or cannot be decided."""

    holds: NotRequired[dict[str, Raw]]
    fails: NotRequired[dict[str, Raw]]
    unknown: NotRequired[dict[str, Raw]]


_Rule = TypedDict("_Rule", {"class": NotRequired[str]})


@closed
class RuleShape(_Rule):
    """One rule: when its condition holds on a day in force, its one conclusion follows."""

    id: str
    title: str
    note: NotRequired[str]
    authority: NotRequired[Literal["text", "practice", "design"]]
    in_force: NotRequired[InForceShape]
    when: NotRequired[Condition]
    overrides: NotRequired[list[str]]
    cites: list[str]
    group: NotRequired[str]
    focus: NotRequired[FocusShape]
    channel: NotRequired[ChannelShape]
    track: NotRequired[str]
    moot: NotRequired[MootShape]
    requirement: NotRequired[RequirementShape]
    derived: NotRequired[str]
    repeal: NotRequired[Literal[True]]
    examples: NotRequired[ExamplesShape]


CONCLUSIONS: Final = (
    "group",
    "focus",
    "channel",
    "class",
    "track",
    "moot",
    "requirement",
    "derived",
    "repeal",
)

_Dated = TypedDict("_Dated", {"from": Date, "until": NotRequired[Date]})
_PerhapsDated = TypedDict("_PerhapsDated", {"from": NotRequired[Date], "until": NotRequired[Date]})


@closed
class FactShape(_Dated):
    """An indicator has a value from one date until another (excluded, or open)."""

    value: NotRequired[Raw]
    cites: list[Cited]
    confidence: Sure
    id: NotRequired[str]
    records: NotRequired[list[str]]
    note: NotRequired[str]
    disputed: NotRequired[list[str]]


@closed
class DossierShape(TypedDict):
    """Every fact on one partner through time."""

    partner: str
    name: str
    footnote: NotRequired[Literal["kosovo", "palestine", "taiwan"]]
    facts: dict[str, list[FactShape]]


CountShape = TypedDict("CountShape", {"on": Day, "is": int})
closed(CountShape)


@closed
class ListShape(TypedDict):
    """A cited statement that a list is complete for some time."""

    id: str
    indicator: str
    absent: Raw
    complete_from: Day
    vouched_until: Day
    cites: list[Cited]
    confidence: Sure
    counts: NotRequired[list[CountShape]]
    note: NotRequired[str]


@closed
class KnowledgeDateShape(TypedDict):
    """The day up to which the shipped facts are vouched."""

    knowledge_date: Day


@closed
class EuFactShape(_PerhapsDated):
    """A fact about no single partner."""

    id: str
    says: str
    cites: list[Cited]
    confidence: Sure
    note: NotRequired[str]


@closed
class ProfileShape(TypedDict):
    """What holds of one partner on one date; what is not stated is unknown."""

    partner: str
    as_of: NotRequired[Day]
    facts: dict[str, Raw] | None
    name: NotRequired[str]


@cache
def adapter(shape: Any) -> Any:
    """What validates a shape; loads pydantic on first use."""
    from pydantic import TypeAdapter

    return TypeAdapter(shape)


FILES: Final = {
    "rule": ("A file of rules", list[RuleShape]),
    "profile": ("A profile", ProfileShape),
    "dossier": ("The dossier of one partner", DossierShape),
    "list": ("A file of closed lists", list[ListShape]),
}


def schema(kind: str) -> Json:
    """The JSON Schema of one kind of file: `rule`, `profile`, `dossier` or `list`.

    >>> schema("profile")["required"]
    ['partner', 'facts']
    """
    title, shape = FILES[kind]
    body: Json = _untitled(adapter(shape).json_schema())
    if kind == "rule":
        rule = body["$defs"]["RuleShape"]
        rule["oneOf"] = [{"required": [name]} for name in CONCLUSIONS]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"jfsrules/{kind}/1",
        **body,
        "title": title,
    }


def _untitled(part: Any) -> Any:
    """A schema without the titles that only repeat the names of its keys."""
    if isinstance(part, list):
        return [_untitled(one) for one in part]
    if isinstance(part, dict):
        kept = {k: v for k, v in part.items() if k != "title" or not isinstance(v, str)}
        return {key: _untitled(one) for key, one in kept.items()}
    return part
