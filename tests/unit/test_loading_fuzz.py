"""No input whatever leads to another exception than `Refused`."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, get_args, get_origin, get_type_hints

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from jfsrules import loading, shapes
from jfsrules.errors import Refused
from jfsrules.loading.fitting import fits
from jfsrules.loading.tree import DEEPEST
from jfsrules.render.diagnostics import diagnostics
from jfsrules.shapes import adapter
from jfsrules.shipped import shipped

PROFILE = b"""\
partner: MD
as_of: 2014-06-27
facts:
  eu_member: false
  accession_status: candidate   # a remark
  "visa_regime": visa_required
  readmission_agreement: unknown
"""
DOSSIER = shipped("cases", "partners", "MD.yaml").read_bytes()[:3000]
RULES = (shipped("rules", "text-2014", "groups.yaml")).read_bytes()
LIST = shipped("cases", "lists", "members.yaml").read_bytes()[:2000]
BOOK = b'name: fuzz\nversion: "1"\ntitle: A fuzz\nauthority: text\n'
DAY = b"knowledge_date: 2026-11-23\n"

NAMES = """
partner as_of facts value from until cites confidence id title when group track focus mode all any
not moot requirement derived repeal overrides in_force that judged MD eu_member accession_status
candidate mobility_partnership verified true false null unknown 2014 2014-06 2014-06-27 1 -0 1e999
9999-99-99 ~ é GEO-E1 geo-e1-a a.b
"""
WORDS = [*NAMES.split(), "by 2014", "", "\x85", "\u2028", "\ufeff", "\U0001f600"]
SCALARS = st.one_of(
    st.sampled_from(WORDS),
    st.booleans(),
    st.none(),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.text(max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=6), inner, max_size=5)
    ),
    max_leaves=12,
)
BITS = [
    b"\n", b" ", b"  ", b"\t", b"- ", b": ", b":", b"{", b"}", b"[", b"]", b",", b'"', b"'", b"#",
    b"&a ", b"*a", b"!!str ", b"!", b"|", b">", b"---\n", b"...\n", b"%YAML 9.9\n", b"? ", b"<<: ",
    b"\0", b"\xff", b"\xc3\xa9", b"\xe2\x80\xa8", b"\r", b"\\ud800", b"true", b"1e400", b"null",
]  # fmt: skip


def lets_in_or_refuses(folder: Path, kind: str, content: bytes) -> None:
    """Load bytes as one kind of file; anything but an answer or a refusal is an error."""
    path = folder / "a.yaml"
    path.write_bytes(content)
    try:
        match kind:
            case "profile":
                loading.load_profile(path)
            case "dossier":
                loading.load_dossier(path)
            case "rules":
                (folder / "rulebook.yaml").write_bytes(BOOK)
                loading.load_rulebook(folder)
            case "lists":
                (folder / "knowledge-date.yaml").write_bytes(DAY)
                loading.load_lists(folder=folder)
    except Refused as refused:
        shown = diagnostics(refused.diagnostics)
    else:
        shown = "let in"
    assert shown.strip()


SEEDS = {"profile": PROFILE, "dossier": DOSSIER, "rules": RULES, "lists": LIST}


@pytest.mark.parametrize("kind", SEEDS)
def test_a_file_with_some_bytes_changed_is_read_or_refused(kind, tmp_path):
    """Typing mistakes of every sort end in a diagnostic."""
    chance = random.Random(f"{kind} 1")
    for _ in range(250):
        content = bytearray(SEEDS[kind])
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(content) + 1)
            match chance.randrange(4):
                case 0:
                    content[at : at + chance.randint(1, 6)] = b""
                case 1:
                    content[at:at] = chance.choice(BITS)
                case 2:
                    content[at : at + 1] = bytes([chance.randrange(256)])
                case 3:
                    to = chance.randrange(len(content) + 1)
                    content[at:at] = content[to : to + chance.randint(1, 40)]
        lets_in_or_refuses(tmp_path, kind, bytes(content))


@pytest.mark.parametrize("kind", SEEDS)
def test_any_value_in_any_place_is_read_or_refused(kind, tmp_path):
    """Well-formed YAML of the wrong shape ends in a diagnostic."""

    @settings(max_examples=80, deadline=None, derandomize=True)
    @given(st.data())
    def run(draw):
        seed = yaml.safe_load(SEEDS[kind].decode().rpartition("\n")[0]) if draw else None
        where = seed
        for _ in range(draw.draw(st.integers(0, 5))):
            steps = list(where) if isinstance(where, dict) else list(range(len(where)))
            if not steps:
                break
            step = draw.draw(st.sampled_from(steps))
            if not isinstance(where[step], dict | list) or draw.draw(st.booleans()):
                where[step] = draw.draw(VALUES)
                break
            where = where[step]
        written = yaml.safe_dump(
            seed, allow_unicode=True, default_flow_style=draw.draw(st.booleans())
        )
        lets_in_or_refuses(tmp_path, kind, written.encode("utf-8", "surrogatepass"))

    run()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(VALUES)
def test_any_value_at_hand_is_read_or_refused(value):
    """A program that states nonsense gets a diagnostic too."""
    with pytest.raises(Refused):
        loading.load_profile({"partner": "MD", "facts": {"eu_member": False, "nonsense": value}})


@pytest.mark.parametrize("opening", ["[", "{", '{"a":', "- ", "? ", "a: [", "- {a: ", "!a [", "*"])
@pytest.mark.parametrize("times", [DEEPEST + 1, 100_000])
def test_no_depth_exhausts_the_stack(opening, times):
    """Nesting 100,000 deep is refused at once."""
    with pytest.raises(Refused):
        loading.load_profile(opening * times + "\n")


SHAPES = [value for name, value in vars(shapes).items() if name.endswith("Shape")]
KEYS = sorted({key for shape in SHAPES for key in shape.__annotations__})
PARTS = st.recursive(
    st.sampled_from(
        [None, True, False, 0, 1, 2.5, "", "text", "verified", "practice", "kosovo", "2014"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=8,
)


def near(shape: Any) -> st.SearchStrategy[Any]:
    """Values that have a shape, but for one part in eight."""
    inner = get_args(shape)
    if hasattr(shape, "__total__"):
        hints = get_type_hints(shape, include_extras=True)
        sure = {
            key: near(hint) for key, hint in hints.items() if get_origin(hint) is not NotRequired
        }
        rest = {key: near(get_args(hint)[0]) for key, hint in hints.items() if key not in sure}
        right = st.fixed_dictionaries(sure, optional=rest)
    elif get_origin(shape) is list:
        right = st.lists(near(inner[0]), max_size=2)
    elif get_origin(shape) is dict:
        right = st.dictionaries(st.sampled_from(KEYS), near(inner[1]), max_size=2)
    elif get_origin(shape) is Literal:
        right = st.sampled_from(inner)
    elif get_origin(shape) is Annotated or shape is Any:
        return PARTS
    elif inner:
        right = st.one_of([near(one) for one in inner])
    else:
        right = st.sampled_from({str: ["x"], int: [7], bool: [True]}.get(shape, [None]))
    return st.integers(0, 7).flatmap(lambda dice: right if dice else PARTS)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_value_fits_a_shape_exactly_where_pydantic_says_so(shape):
    """The quick look and the thorough one never disagree."""

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(near(shape))
    def run(value):
        try:
            adapter(shape).validate_python(value)
        except ValidationError:
            assert not fits(shape)(value)
        else:
            assert fits(shape)(value)

    run()


def test_every_shipped_file_is_read_without_pydantic():
    """What is right needs nobody to say what is wrong."""
    code = "import sys; from jfsrules import decide; decide('MD'); print('pydantic' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
