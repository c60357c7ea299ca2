"""Bytes to values with places: YAML and JSON, within limits."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
import yaml

from jfsrules.errors import Refused
from jfsrules.loading import yaml_text
from jfsrules.loading.reading import MOST_BYTES, read_file, read_stdin, read_text
from jfsrules.loading.tree import KEY
from jfsrules.loading.yaml_text import read_yaml
from jfsrules.shipped import shipped
from jfsrules.span import Source

TEXT = 'a: 1\nb:\n- "x: é"\n- {c: no, d: 2014-06-27}\nlong: |\n  two\n  lines\n'


def refused(call, *words):
    with pytest.raises(Refused) as caught:
        call(*words)
    return caught.value.diagnostics[0]


def test_only_json_scalars_are_anything_but_text():
    """`no`, dates and `~` are text; true, false, null and numbers are not."""
    read = read_text(
        "[no, Yes, 2014-06-27, ~, 0x1F, 1_000, .5, 01, +1, .inf, true, null, -1.50, 1e3]"
    )
    expected = ["no", "Yes", "2014-06-27", "~", "0x1F", "1_000", ".5", "01", "+1", ".inf"]
    assert read.value == [*expected, True, None, -1.5, 1000]
    assert read_text("a:\nb: ''").value == {"a": None, "b": ""}


def test_keys_are_always_text():
    """A key `true` or `1` is its name, and no value."""
    assert read_text("true: a\n1: b\nnull: c\n").value == {"true": "a", "1": "b", "null": "c"}


def test_every_value_and_key_keeps_its_place():
    """An editor can jump to whatever is wrong."""
    place = read_text(TEXT).place
    assert place.at("b", 1, "d").span.place == "text:4:14"
    assert place.at("b", 0).span.excerpt() == ('- "x: é"', "  ^^^^^^")
    assert place.at("b", 1).key("c").place == "text:4:4"
    assert place.at("a", "nothing", 7).span.place == "text:1:4"
    assert place.at("long").span.line == 5
    assert (("b", 1, "c", KEY) in place.spans, ("b", 1, "z") in place.spans) == (True, False)
    assert len(set(place.spans)) == len(place.spans) == 13


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_places_do_not_depend_on_line_ends_or_a_byte_order_mark(mark, end):
    """A file from another system has the same places."""
    place = read_text(mark + TEXT.replace("\n", end)).place
    assert place.at("b", 1, "d").span.place == "text:4:14"
    assert place.at("b", 0).span.excerpt() == ('- "x: é"', "  ^^^^^^")


def test_json_is_read_as_json():
    """Tabs, surrogate pairs, keys on lines of their own: what JSON allows is read."""
    text = '{\t"a"\n:\t"\\ud83d\\ude00\\/",\n\t"b":[1,2.0,{"c":null}],"\\u007f":"\x7f"}'
    read = read_text(text)
    assert read.value == json.loads(text)
    assert read.place.at("b", 2, "c").span.place == "text:3:18"
    assert read.place.key("a").place == "text:1:3"


def test_json_and_yaml_give_the_same_value_and_places():
    """JSON read as YAML and as JSON is the same."""
    text = '{"a": [1, 2.5, "x"], "b": {"c": true, "d": null}}'
    one, other = read_text(text), read_yaml(Source("text", text))
    assert one.value == other.value
    assert {path: span.place for path, span in one.place.spans.items()} == {
        path: span.place for path, span in other.place.spans.items()
    }


@pytest.mark.parametrize("folder", [("rules", "text-2014"), ("cases", "lists")])
def test_the_parser_in_python_reads_the_same(folder, monkeypatch):
    """Where the C library is missing, nothing changes but the time it takes."""
    for path in shipped(*folder).glob("*.yaml"):
        fast = read_file(path)
        monkeypatch.setattr(yaml_text, "_PARSER", yaml.SafeLoader)
        slow = read_file(path)
        monkeypatch.undo()
        assert slow.value == fast.value
        assert dict(slow.place.spans) == dict(fast.place.spans)


@pytest.mark.parametrize("text", ["a: !!str b", "!x [1]", "a: !<tag:x> {}", "!!python/name:os b"])
def test_no_tag_is_read(text):
    """Nothing in a file is ever run."""
    assert refused(read_text, text).code == "yaml-tag"


@pytest.mark.parametrize("text", ["a: &x 1", "&x {a: 1}", "*x"])
def test_no_anchor_and_no_alias_is_read(text):
    """No few lines become more than a memory holds."""
    assert refused(read_text, text).code == "yaml-alias"


def test_a_file_too_large_on_standard_input_is_refused(monkeypatch):
    """Nobody waits for what will not be read."""

    class Endless(io.RawIOBase):
        def read(self, size=-1):
            assert size <= MOST_BYTES + 1
            return b"x" * size

    monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"buffer": Endless()}))
    assert refused(read_stdin).code == "too-large"


def test_a_file_without_an_end_is_refused(tmp_path):
    """A device or a pipe is read no further than a file may be long."""
    assert refused(read_file, Path("/dev/zero")).code == "too-large"


def test_a_file_of_too_many_values_is_refused():
    """No file makes a tree that is larger than any we need."""
    assert refused(read_text, "[" + "1," * 300_001 + "]").code == "too-large"


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "."])
def test_no_name_of_a_file_raises_anything_else(name):
    """A name that no file can have is refused too."""
    assert refused(read_file, Path(name)).code == "cannot-read"


@pytest.mark.parametrize(
    "text",
    ['{"a": 1,}', "{'a': 1}", '{"a" 1}', '{"a": 1} x', '["a"', '{"a": nul}', '"\\ud800"', "[1 2]"],
)
def test_what_is_not_json_is_refused_in_a_json_file(text, tmp_path):
    """A file named `.json` is JSON, and nothing near it."""
    path = tmp_path / "a.json"
    path.write_text(text)
    assert refused(read_file, path).code == "json-syntax"
