"""YAML to plain values with places, from the parser's events; no tag is ever acted upon."""

from __future__ import annotations

from typing import Any

import yaml

from jfsrules.errors import Refused, refuse
from jfsrules.loading.scalars import scalar
from jfsrules.loading.tree import Builder, Document, Node, Spans
from jfsrules.span import Source, Span

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAINER = {
    "mapping values are not allowed": "a second `:` stands where a value should end",
    "did not find expected key": "this line does not continue the mapping around it",
    "did not find expected '-'": "this line does not continue the list around it",
    "did not find expected <document start>": "something stands after the end of the value",
    "found unexpected end of stream": "a quoted text is never closed",
    "found character '\\t'": "a tab stands where only spaces may",
    "found character that cannot start any token": "this sign cannot begin a value",
    "could not find expected ':'": "a `:` is missing after the key",
    "expected ',' or": "a `,` or the closing bracket is missing",
    "expected <block end>": "this line does not continue what stands above it",
    "block sequence entries are not allowed": "a list cannot begin here",
    "control characters are not allowed": "a control character stands in the text",
}


def read_yaml(source: Source) -> Document:
    """Read one YAML document; raises Refused for anything that is not plain YAML."""
    parser = _PARSER(source.text)
    try:
        return _build(parser, source)
    except yaml.YAMLError as error:
        raise _syntax(error, source) from None
    finally:
        parser.dispose()


def _build(parser: Any, source: Source) -> Document:
    built = Builder(source)
    documents = 0
    while True:
        event = parser.get_event()
        match event:
            case yaml.ScalarEvent():
                _take(event, built)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                _plain_only(event, built)
                if built.wants_key:
                    raise _refused(
                        "yaml-key",
                        "a list or a mapping cannot be a key",
                        event,
                        source,
                        "write the key as one word",
                    )
                kind: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                built.begin(kind, event.start_mark.index)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                built.close(event.end_mark.index)
            case yaml.AliasEvent():
                raise _alias(event, source)
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise _refused(
                        "yaml-syntax",
                        "a second document begins here",
                        event,
                        source,
                        "put each document into a file of its own",
                    )
            case yaml.StreamEndEvent():
                return built.document()


def _take(event: Any, built: Builder) -> None:
    _plain_only(event, built)
    start, end = event.start_mark.index, event.end_mark.index
    if built.wants_key:
        built.key(event.value, start, end)
    else:
        built.scalar(event.value if event.style else scalar(event.value), start, end)


def _plain_only(event: Any, built: Builder) -> None:
    if event.tag is not None:
        raise _refused(
            "yaml-tag",
            f"the tag `{event.tag}` is not read: no file can say how it is run",
            event,
            built.source,
            "write the value without a tag",
        )
    if event.anchor is not None:
        raise _alias(event, built.source)


def _alias(event: Any, source: Source) -> Refused:
    return _refused(
        "yaml-alias",
        f"the anchor or alias `{event.anchor}` is not read",
        event,
        source,
        "write the value out where it is needed",
    )


def _refused(code: str, message: str, event: Any, source: Source, help: str) -> Refused:
    start, end = event.start_mark.index, event.end_mark.index
    return refuse(code, message, _stretch(source, start, max(end, start + 1)), help)


def _stretch(source: Source, start: int, end: int) -> Span:
    return Spans(source, Node(0, 0)).stretch(min(start, len(source.text)), end)


def _syntax(error: yaml.YAMLError, source: Source) -> Refused:
    if isinstance(error, yaml.MarkedYAMLError):
        problem = error.problem or error.context or "it cannot be read"
        mark = error.problem_mark or error.context_mark
        at = mark.index if mark else 0
    else:
        problem = str(getattr(error, "reason", "it cannot be read"))
        at = int(getattr(error, "position", 0))
    words = next((plain for part, plain in _PLAINER.items() if part in problem), problem)
    return refuse("yaml-syntax", f"this is not YAML: {words}", _stretch(source, at, at + 1))
