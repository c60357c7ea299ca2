"""YAML to plain values with places, from the parser's events; no tag is ever acted upon."""

from __future__ import annotations

from typing import Any, Final

import yaml
from yaml.reader import Reader

from jfsrules.errors import Refused, refuse
from jfsrules.loading.scalars import half_a_pair, scalar
from jfsrules.loading.tree import Builder, Document, Node, Spans
from jfsrules.span import Source, Span

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE = "look at the indentation of this line, and at the end of the line above"
_QUOTE = "put a text that holds such a sign in quotes"
# What a parser says, what a person reads, and what helps. Each parser has its own words.
_PLAINER: Final = (
    ("mapping values", "a second `:` stands where a value should end", _QUOTE),
    ("expected ':'", "a `:` is missing after the key", _LINE),
    ("expected key", "this line does not continue the mapping around it", _LINE),
    ("expected '-'", "this line does not continue the list around it", _LINE),
    ("block end", "this line does not continue what stands above it", _LINE),
    ("sequence entries", "a list cannot begin here", _LINE),
    ("tab character", "a tab stands where only spaces may", "indent with spaces"),
    ("'\\t'", "a tab stands where only spaces may", "indent with spaces"),
    ("document start", "something stands after the end of the value", _LINE),
    ("end of stream", "a quoted text is never closed", "close it with the sign that opened it"),
    ("that cannot start", "this sign cannot begin a value", _QUOTE),
    ("',' or", "a `,` or the closing bracket is missing", None),
    ("control char", "a control character stands in the text", "take it out"),
    ("escape char", "a `\\` stands before a sign that it cannot change", "write `\\\\` for a `\\`"),
    ("hexdecimal", "a `\\` stands before digits that mean no sign", "write `\\\\` for a `\\`"),
    (
        "Unicode character",
        "a `\\` stands before digits that mean no sign",
        "write `\\\\` for a `\\`",
    ),
    ("line break", "only a comment may follow here", None),
    ("node content", "a value is missing", None),
    (
        "incompatible",
        "this line asks for a version of YAML that is not read here",
        "take the line out",
    ),
)
_OTHERWISE: Final = ("this sign cannot stand here", _QUOTE)


def read_yaml(source: Source) -> Document:
    """Read one YAML document; raises Refused for anything that is not plain YAML."""
    parser: Any = None
    try:
        parser = _PARSER(source.text)
        return _build(parser, source)
    except yaml.YAMLError as error:
        raise _syntax(error, source) from None
    finally:
        if parser is not None:
            parser.dispose()


def _build(parser: Any, source: Source) -> Document:
    built = Builder(source)
    documents = 0
    while True:
        event: Any = parser.get_event()
        match event:
            case yaml.ScalarEvent():
                _take(event, built)
            case yaml.CollectionStartEvent():
                _begin(event, built)
            case yaml.CollectionEndEvent():
                end: Any = event.end_mark
                built.close(end.index)
            case yaml.AliasEvent():
                raise _alias(event, source)
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise _refused("yaml-syntax", *_SECOND, event, source)
            case yaml.StreamEndEvent():
                return built.document()


_SECOND = ("a second document begins here", "put each document into a file of its own")


def _take(event: Any, built: Builder) -> None:
    _plain_only(event, built)
    start, end = event.start_mark.index, event.end_mark.index
    if half_a_pair(event.value):
        message = "this is not YAML: half of a surrogate pair stands alone"
        raise _refused("yaml-syntax", message, "write the sign itself", event, built.source)
    if built.wants_key:
        built.key(event.value, start, end)
    else:
        built.scalar(event.value if event.style else scalar(event.value), start, end)


def _begin(event: Any, built: Builder) -> None:
    _plain_only(event, built)
    if built.wants_key:
        words = "a list or a mapping cannot be a key", "write the key as one word"
        raise _refused("yaml-key", *words, event, built.source)
    built.begin({} if isinstance(event, yaml.MappingStartEvent) else [], event.start_mark.index)


def _plain_only(event: Any, built: Builder) -> None:
    if event.tag is not None:
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        message = f"the tag `{tag}` is not read: nothing in a file is ever run"
        raise _refused("yaml-tag", message, "write the value without a tag", event, built.source)
    if event.anchor is not None:
        raise _alias(event, built.source)


def _alias(event: Any, source: Source) -> Refused:
    message = f"the anchor or alias `{event.anchor}` is not read"
    return _refused("yaml-alias", message, "write the value out where it is needed", event, source)


def _refused(code: str, message: str, help: str, event: Any, source: Source) -> Refused:
    start, end = event.start_mark.index, event.end_mark.index
    return refuse(code, message, _stretch(source, start, max(end, start + 1)), help)


def _stretch(source: Source, start: int, end: int) -> Span:
    return Spans(source, Node(0, 0)).stretch(min(start, len(source.text)), end)


def _syntax(error: yaml.YAMLError, source: Source) -> Refused:
    if isinstance(error, yaml.MarkedYAMLError):
        problem = error.problem or error.context or "it cannot be read"
        unclosed = "end of stream" in problem and error.context_mark
        mark: Any = unclosed or error.problem_mark or error.context_mark
        at = mark.index if mark else 0
    else:
        problem = "control characters are not allowed"
        strange = Reader.NON_PRINTABLE.search(source.text)
        at = strange.start() if strange else 0
    if source.text[at : at + 1] == "\t":
        problem = "tab character"
    plain = next(((words, do) for part, words, do in _PLAINER if part in problem), _OTHERWISE)
    stretch = _stretch(source, at, at + 1)
    return refuse("yaml-syntax", f"this is not YAML: {plain[0]}", stretch, plain[1])
