"""The vocabulary from its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from jfsrules.errors import Diagnostic
from jfsrules.loading.conditions import RESERVED
from jfsrules.loading.folders import entries
from jfsrules.loading.shaping import choice, shown
from jfsrules.shapes import ClassShape, GroupShape, IndicatorShape, TermShape
from jfsrules.span import Place
from jfsrules.vocabulary import (
    DATE,
    FLAG,
    STATE,
    STATES,
    Indicator,
    Instrument,
    Term,
    Type,
    Vocabulary,
)

_AGENCIES: Final = ("Eurojust", "Europol", "Frontex")
_STATE_WORDS: Final = MappingProxyType({state: state.replace("_", " ") for state in STATES})


def read_vocabulary(folder: Path, wrong: list[Diagnostic]) -> Vocabulary:
    """Every name one may use, from the files of a vocabulary folder."""
    areas = _terms(folder / "focus-areas.yaml", wrong)
    classes, instruments = _instruments(folder / "instruments.yaml", areas, wrong)
    indicators = dict(_indicators(folder / "indicators.yaml", wrong))
    for instrument in instruments.values():
        if instrument.id in indicators:
            wrong.append(
                Diagnostic(
                    "duplicate-id",
                    f"`{instrument.id}` is an instrument, and so an indicator already",
                    indicators[instrument.id].place.span,
                    "take it out of the indicators",
                )
            )
        indicators[instrument.id] = state_of(instrument)
    return Vocabulary(
        MappingProxyType(indicators),
        _groups(folder / "groups.yaml", wrong),
        areas,
        _terms(folder / "modes.yaml", wrong),
        _terms(folder / "organisations.yaml", wrong),
        MappingProxyType(classes),
        MappingProxyType(instruments),
    )


def state_of(instrument: Instrument) -> Indicator:
    """The indicator that holds an instrument's state."""
    return Indicator(
        instrument.id,
        instrument.title,
        STATE,
        f"its {_inside(instrument.title)} is {{value}}",
        definition=instrument.definition,
        coding=instrument.coding,
        labels=_STATE_WORDS,
        place=instrument.place,
    )


def _inside(title: str) -> str:
    """A title inside a sentence: `Visa facilitation agreement` loses its capital, an agency keeps it."""
    first, _, rest = title.partition(" ")
    ordinary = first[1:].islower() and rest == rest.lower() and first not in _AGENCIES
    return title[:1].lower() + title[1:] if ordinary else title


def _terms(path: Path, wrong: list[Diagnostic]) -> Mapping[str, Term]:
    return MappingProxyType(
        {
            id_: Term(id_, raw["title"], raw.get("definition"), place)
            for id_, raw, place in entries(path, (dict, TermShape), wrong)
        }
    )


def _groups(path: Path, wrong: list[Diagnostic]) -> Mapping[str, Term]:
    found: list[tuple[int, Term]] = []
    for id_, raw, place in entries(path, (dict, GroupShape), wrong):
        for order, other in found:
            if order == raw["order"]:
                wrong.append(
                    Diagnostic(
                        "duplicate-id",
                        f"`{id_}` and `{other.id}` have the same order",
                        place.at("order").span,
                        "give each group an order of its own",
                    )
                )
        found.append((raw["order"], Term(id_, raw["title"], raw.get("definition"), place)))
    return MappingProxyType({t.id: t for _, t in sorted(found, key=lambda f: f[0])})


def _instruments(
    path: Path, areas: Mapping[str, Term], wrong: list[Diagnostic]
) -> tuple[dict[str, Term], dict[str, Instrument]]:
    classes: dict[str, Term] = {}
    instruments: dict[str, Instrument] = {}
    for class_id, raw, place in entries(path, (dict, ClassShape), wrong):
        classes[class_id] = Term(class_id, raw["title"], raw.get("definition"), place)
        for id_, one in raw.get("instruments", {}).items():
            here = place.at("instruments", id_)
            if id_ in instruments:
                wrong.append(
                    Diagnostic(
                        "duplicate-id",
                        f"the instrument `{id_}` stands in two classes",
                        place.at("instruments").key(id_),
                        "keep one of the two",
                    )
                )
            for at, area in enumerate(one.get("serves", [])):
                if area not in areas:
                    wrong.append(
                        Diagnostic(
                            "unknown-name",
                            f"there is no focus area `{area}`",
                            here.at("serves", at).span,
                            choice(area, areas),
                        )
                    )
            instruments[id_] = Instrument(
                id_,
                one["title"],
                class_id,
                tuple(one.get("serves", ())),
                one.get("definition"),
                one.get("coding"),
                here,
            )
    return classes, instruments


def _indicators(path: Path, wrong: list[Diagnostic]) -> Iterator[tuple[str, Indicator]]:
    for id_, raw, place in entries(path, (dict, IndicatorShape), wrong):
        if id_ in RESERVED or "." in id_:
            wrong.append(
                Diagnostic(
                    "reserved-name",
                    f"no indicator can be called `{id_}`",
                    Place(place.spans, place.path[:-1]).key(id_),
                    "conditions use it for something else: choose another name",
                )
            )
            continue
        type_ = type_of(raw["type"], place.at("type"), wrong)
        judged = raw.get("judged", False)
        if judged and type_.kind != "flag":
            wrong.append(
                Diagnostic(
                    "wrong-type",
                    f"`{id_}` is judged, and so must be a flag",
                    place.at("type").span,
                    "write `type: flag`",
                )
            )
        labels = raw.get("labels", {})
        wrong += [
            Diagnostic(
                "unknown-key",
                f"`{label}` is no value of `{id_}`",
                place.at("labels").key(label),
                choice(label, type_.values),
            )
            for label in labels
            if label not in type_.values
        ]
        yield (
            id_,
            Indicator(
                id_,
                raw["title"],
                type_,
                raw["says"],
                raw.get("denies"),
                judged,
                raw.get("can_change", True),
                raw.get("definition"),
                raw.get("coding"),
                MappingProxyType(dict(labels)),
                place,
            ),
        )


def type_of(raw: Any, place: Place, wrong: list[Diagnostic]) -> Type:
    """A closed type as `indicators.yaml` writes it."""
    match raw:
        case "flag":
            return FLAG
        case "date":
            return DATE
        case {"number": str() as unit} if len(raw) == 1:
            return Type("number", (), unit)
        case {"one_of": [_, *_] as values} if _names(raw, values):
            return Type("one_of", tuple(values))
        case {"set_of": [_, *_] as values} if _names(raw, values):
            return Type("set_of", tuple(values))
    wrong.append(
        Diagnostic(
            "wrong-shape",
            f"{shown(raw)} is no type",
            place.span,
            "write `flag`, `date`, `{one_of: […]}`, `{set_of: […]}` with different names, or `{number: unit}`",
        )
    )
    return FLAG


def _names(raw: dict[str, Any], values: list[Any]) -> bool:
    only_texts = all(isinstance(v, str) and v and v != "unknown" for v in values)
    return len(raw) == 1 and only_texts and len(set(values)) == len(values)
