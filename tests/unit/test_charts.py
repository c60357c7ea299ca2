"""Charts show what was counted, no more and no less, and can be read by everyone."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from itertools import combinations

import polars as pl
import pytest

from jfsrules.advice import ADVICE
from jfsrules.batch.tallying import Tally, tally_of
from jfsrules.errors import Refused, Unavailable
from jfsrules.loading import load_rulebook
from jfsrules.loading.countries import names_by_code
from jfsrules.render import charts
from jfsrules.render.charts import chart, inks, wanted
from jfsrules.render.charts.advice import mapped
from jfsrules.render.words import Wording

SVG = "{http://www.w3.org/2000/svg}"
FIRST, SECOND = date(2020, 12, 31), date(2021, 12, 31)
TRACKS = ("track__readmission_agreement__advice", "track__talent_partnership__advice")


@pytest.fixture(scope="module")
def wording():
    return Wording.of(load_rulebook("practice"))


def answers(*rows):
    """Answers from rows of partner, day, tier, and the advice on two instruments."""
    return pl.DataFrame(rows, schema=["partner", "as_of", "tier", *TRACKS], orient="row")


def tallied(*rows):
    tally = Tally()
    tally.add(answers(*rows))
    return tally


YEARS = (
    ("MD", FIRST, "neighbourhood", "maintain", "no_track"),
    ("UA", FIRST, "neighbourhood", "maintain", "no_track"),
    ("XK", FIRST, "enlargement", "possible", "no_track"),
    ("FR", FIRST, "out_of_scope", "no_track", "no_track"),
    ("BR", FIRST, "strategic_partner", "undetermined", "no_track"),
    ("MD", SECOND, "enlargement", "maintain", "propose"),
    ("UA", SECOND, "enlargement", "maintain", "on_hold"),
    ("XK", SECOND, "enlargement", "possible", "no_track"),
    ("FR", SECOND, "out_of_scope", "no_track", "no_track"),
    ("BR", SECOND, "undetermined", "blocked", "undetermined"),
)


def drawn(tmp_path, wording, tally, written):
    kind, _, name = written.rpartition("=")
    file = tmp_path / name
    chart(wanted(f"{kind}={file}" if kind else str(file)), tally, wording, names_by_code())
    return ET.fromstring(file.read_text("utf-8"))


def words_of(svg):
    return [" ".join("".join(one.itertext()).split()) for one in svg.iter(f"{SVG}text")]


def outline(svg, gid):
    """The corners of an area, by the id of its group."""
    group = next(one for one in svg.iter(f"{SVG}g") if one.get("id") == gid)
    path = next(group.iter(f"{SVG}path")).get("d")
    return [(float(x), float(y)) for x, y in re.findall(r"[ML] (-?[\d.]+) (-?[\d.]+)", path)]


def heights(svg, tier):
    """How high the area of a tier is at its left and at its right end."""
    corners = outline(svg, f"tier-{tier}")
    ends = (min(x for x, _ in corners), max(x for x, _ in corners))
    at = [[y for x, y in corners if x == end] for end in ends]
    return tuple(max(ys) - min(ys) for ys in at)


def test_areas_are_as_high_as_the_counts(tmp_path, wording):
    """Each case takes the same height, in whatever tier and on whatever day."""
    svg = drawn(tmp_path, wording, tallied(*YEARS), "tiers=years.svg")
    counts = {
        "enlargement": (1, 3),
        "neighbourhood": (2, 0),
        "strategic_partner": (1, 0),
        "undetermined": (0, 1),
        "out_of_scope": (1, 1),
    }
    case = heights(svg, "out_of_scope")[0]
    for tier, expected in counts.items():
        assert heights(svg, tier) == pytest.approx([n * case for n in expected], abs=0.01), tier


def test_tiers_stand_in_their_order_with_words_and_last_counts(tmp_path, wording):
    """The legend reads from the top of the stack down, in the words of the vocabulary."""
    words = words_of(drawn(tmp_path, wording, tallied(*YEARS), "tiers=years.svg"))
    legend = ["Out of scope: 1", "Undetermined: 1", "Strategic partners: 0"]
    legend += ["The EU's neighbourhood: 0", "Enlargement countries: 3"]
    assert [one for one in words if one in legend] == legend
    assert "Tiers, 31 December 2020 to 31 December 2021" in words
    assert "partners" in words and {"2020", "2021"} <= set(words)
    assert any(one.startswith("Source: jfsrules, rulebook practice") for one in words)


def test_groups_that_would_be_a_narrow_band_are_drawn_on_their_own_too(tmp_path, wording):
    """Where nearly all partners are in no group, those in one can still be read."""
    many = [
        (f"P{n}", day, "none", "no_track", "no_track") for n in range(60) for day in (FIRST, SECOND)
    ]
    svg = drawn(tmp_path, wording, tallied(*YEARS, *many), "tiers=years.svg")
    upper, lower = outline(svg, "leading-enlargement"), outline(svg, "tier-enlargement")
    high = [max(y for _, y in one) - min(y for _, y in one) for one in (upper, lower)]
    assert high[0] > 5 * high[1]


def test_too_many_days_are_counted_by_year(tmp_path, wording):
    """A chart of thousands of days is a chart of years, and says so."""
    days = [date(2010, 1, 1) + timedelta(days=n) for n in range(2 * 365)]
    tally = tallied(*(("MD", day, "neighbourhood", "maintain", "no_track") for day in days))
    svg = drawn(tmp_path, wording, tally, "tiers=years.svg")
    assert "There are 730 days: cases are counted by year." in words_of(svg)
    assert len({x for x, _ in outline(svg, "tier-neighbourhood")}) == 2


def test_cells_are_where_their_partner_and_instrument_are(tmp_path, wording):
    """Each advice is one outline with a cell for each partner and instrument that got it."""
    svg = drawn(tmp_path, wording, tallied(*YEARS), "advice=map.svg")
    cells = {
        advice: len(outline(svg, f"advice-{advice}")) // 4
        for advice in ("propose", "possible", "maintain", "on_hold", "blocked", "undetermined")
    }
    assert cells == {
        "propose": 1,
        "possible": 1,
        "maintain": 2,
        "on_hold": 1,
        "blocked": 1,
        "undetermined": 1,
    }
    maintain, propose = outline(svg, "advice-maintain"), outline(svg, "advice-propose")
    assert {y for _, y in propose} <= {y for _, y in maintain}, "Moldova's row has both"
    assert min(x for x, _ in propose) > max(x for x, _ in maintain), "another column"


def test_the_map_names_partners_instruments_advice_and_who_is_out_of_scope(tmp_path, wording):
    """Everything in the picture has its word, and nobody is left out in silence."""
    words = words_of(drawn(tmp_path, wording, tallied(*YEARS), "advice=map.svg"))
    told = " ".join(words)
    for one in ("Moldova", "Ukraine", "Brazil", "EU readmission agreement", "Talent Partnership"):
        assert one in words, one
    assert {"maintain: 2", "on hold: 1", "Enlargement countries (3)"} <= set(words)
    assert "Out of scope on this day (1): France." in told
    assert "The last of 2 days is drawn." in told
    assert "no position of the EU and no legal advice" in told


def test_a_partner_whose_name_needs_a_footnote_has_it(tmp_path, wording):
    """Names are neutral on status, and only where these partners are shown."""
    words = words_of(drawn(tmp_path, wording, tallied(*YEARS), "advice=map.svg"))
    assert "Kosovo*" in words
    assert any(one.startswith("* This designation is without prejudice") for one in words)
    rows = [row for row in YEARS if row[0] != "XK"]
    others = " ".join(words_of(drawn(tmp_path, wording, tallied(*rows), "advice=other.svg")))
    assert "designation" not in others and "*" not in others


def test_several_footnotes_have_several_marks(tmp_path, wording):
    """No star stands for two notes."""
    rows = [(code, SECOND, "none", "possible", "no_track") for code in ("XK", "PS", "TW")]
    words = words_of(drawn(tmp_path, wording, tallied(*rows), "advice=map.svg"))
    assert {"Kosovo*", "Palestine**", "Taiwan***"} <= set(words)
    for mark in ("* This", "** This", "*** Taiwan"):
        assert any(one.startswith(mark) for one in words), mark


def test_a_cell_of_several_cases_is_divided_by_their_shares(tmp_path, wording):
    """A thousand scenarios of one partner are one row, with no case hidden."""
    rows = [("MD", SECOND, "neighbourhood", "maintain", "no_track")] * 3
    rows += [("MD", SECOND, "enlargement", "blocked", "no_track")]
    svg = drawn(tmp_path, wording, tallied(*rows), "map.svg")
    wide = {}
    for advice in ("maintain", "blocked"):
        across = [x for x, _ in outline(svg, f"advice-{advice}")]
        wide[advice] = max(across) - min(across)
    assert wide["maintain"] == pytest.approx(3 * wide["blocked"], abs=0.01)
    told = " ".join(words_of(svg))
    assert "There are 4 cases on this day" in told and "Tier differs between cases (1)" in told


def test_a_map_with_more_partners_than_can_be_drawn_says_so(wording, monkeypatch, tmp_path):
    """What is left out is counted, and the tiers that lead are drawn."""
    from jfsrules.render.charts import advice

    monkeypatch.setattr(advice, "MOST_PARTNERS", 2)
    names = names_by_code()
    assert [s.partners for s in mapped(tallied(*YEARS), wording, names).sections] == [("XK", "MD")]
    told = " ".join(words_of(drawn(tmp_path, wording, tallied(*YEARS), "advice=map.svg")))
    assert "2 more partners are not drawn" in told


def test_a_picture_is_the_same_bytes_on_each_run(tmp_path, wording):
    """No day, no chance and no version in the file: it can be kept under version control."""
    for kind in ("tiers", "advice"):
        for name in ("one", "other"):
            file = tmp_path / f"{kind}-{name}.svg"
            chart(wanted(f"{kind}={file}"), tallied(*YEARS), wording, names_by_code())
        one, other = (tmp_path / f"{kind}-{name}.svg" for name in ("one", "other"))
        assert one.read_bytes() == other.read_bytes()
        assert not re.search(r"<dc:date>|matplotlib \d", one.read_text("utf-8"), re.IGNORECASE)


def test_a_screen_reader_is_told_everything_that_is_drawn(tmp_path, wording):
    """The picture has a title and a description with every count and every advice."""
    svg = drawn(tmp_path, wording, tallied(*YEARS), "tiers=years.svg")
    assert svg.get("role") == "img" and svg.get("aria-labelledby") == "title description"
    assert svg.find(f"{SVG}title").text == "Tiers, 31 December 2020 to 31 December 2021"
    told = svg.find(f"{SVG}desc").text
    assert "31 December 2020: Enlargement countries 1, The EU's neighbourhood 2" in told
    told = drawn(tmp_path, wording, tallied(*YEARS), "advice=map.svg").find(f"{SVG}desc").text
    assert "Moldova: propose: Talent Partnership; maintain: EU readmission agreement." in told


def test_words_of_a_rulebook_cannot_get_out_of_the_text(tmp_path, wording):
    """Signs that mean something to SVG or to the plotting library are only signs."""
    from dataclasses import replace

    wild = '<script>$x^2$ & "quoted" ]]>\x1b[2J\x00'
    book = replace(wording.rulebook, name=wild)
    for kind in ("tiers", "advice"):
        svg = drawn(tmp_path, Wording.of(book), tallied(*YEARS), f"{kind}=wild.svg")
        assert not list(svg.iter(f"{SVG}script")) and not list(svg.iter("script"))
        assert '<script>$x^2$ & "quoted" ]]>' in " ".join(words_of(svg))


def test_a_png_has_its_size_and_its_title(tmp_path, wording):
    """A PNG is drawn as well, fine enough to print."""
    file = tmp_path / "years.png"
    chart(wanted(f"tiers={file}"), tallied(*YEARS), wording, names_by_code())
    whole = file.read_bytes()
    assert whole.startswith(b"\x89PNG")
    assert struct.unpack(">I", whole[16:20])[0] > 1500
    assert b"Tiers, 31 December 2020" in whole


def test_several_days_are_tiers_and_one_day_is_advice(tmp_path, wording):
    """Without a kind the picture is the one that has something to show."""
    years = drawn(tmp_path, wording, tallied(*YEARS), "years.svg")
    assert years.find(f"{SVG}title").text.startswith("Tiers")
    one = drawn(tmp_path, wording, tallied(*YEARS[:5]), "one.svg")
    assert one.find(f"{SVG}title").text.startswith("Advice by partner and instrument")


def test_chunks_count_as_the_whole_does():
    """A tally of parts, in whatever order, is the tally of all rows."""
    whole, parts = tallied(*YEARS), Tally()
    for row in reversed(YEARS):
        parts.add(answers(row))
    assert parts.advice() == whole.advice() and parts.standings() == whole.standings()
    assert list(parts.tiers()) == list(whole.tiers()) and parts.days == whole.days


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_a_finished_output_can_be_drawn(tmp_path, ending):
    """The tally of a file is that of the rows in it."""
    file, whole = tmp_path / f"out.{ending}", answers(*YEARS)
    write = {"parquet": whole.write_parquet, "csv": whole.write_csv, "jsonl": whole.write_ndjson}
    write[ending](file)
    assert tally_of(file).advice() == tallied(*YEARS).advice()
    assert list(tally_of(file).tiers()) == list(tallied(*YEARS).tiers())


def test_python_draws_a_table_or_a_file(tmp_path):
    """The same picture from answers at hand and from answers in a file."""
    from jfsrules import draw

    file = tmp_path / "out.parquet"
    answers(*YEARS).write_parquet(file)
    one = draw(answers(*YEARS), tmp_path / "one.svg").read_bytes()
    assert one == draw(file, tmp_path / "other.svg").read_bytes() and b"Tiers, 31" in one


def test_nothing_to_draw_and_unknown_endings_are_refused(tmp_path, wording):
    """What cannot be drawn says why, with what to do."""
    with pytest.raises(Refused) as refused:
        chart(wanted(str(tmp_path / "a.svg")), Tally(), wording, {})
    assert refused.value.diagnostics[0].code == "nothing-to-draw"
    with pytest.raises(Refused) as refused:
        wanted("tiers=years.pdf")
    assert refused.value.diagnostics[0].code == "unknown-format"
    with pytest.raises(Refused) as refused:
        wanted("advise=years.svg")
    assert refused.value.diagnostics[0].help == "did you mean `advice`?"
    assert wanted("./advise=years.svg").file.name == "advise=years.svg"
    (tmp_path / "file").touch()
    with pytest.raises(Refused) as refused:
        chart(wanted(str(tmp_path / "file" / "a.svg")), tallied(*YEARS), wording, {})
    assert refused.value.diagnostics[0].code == "cannot-write"


def test_a_chart_without_its_library_says_how_to_get_it(monkeypatch):
    """The extra is named."""
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(Unavailable, match=r"jfsrules\[charts\]"):
        charts.ready()


# --- inks ----------------------------------------------------------------------------------------


def lightness(colour):
    """CIE L* of a colour, which is what grey print keeps of it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


@pytest.mark.parametrize(
    "fills",
    [inks.ADVICE, inks.tier_fills(["enlargement", "neighbourhood", "strategic_partner"])],
    ids=["advice", "tiers"],
)
def test_inks_can_be_told_apart_on_grey_print(fills):
    """Two plain inks differ by their lightness; of two that do not, they differ by the hatch."""
    for (one, a), (other, b) in combinations(fills.items(), 2):
        apart = abs(lightness(a.colour) - lightness(b.colour))
        assert a.hatch != b.hatch or apart >= 12, f"{one} and {other} differ by {apart:.0f}"
    assert fills["undetermined"].hatch


def test_every_advice_and_every_tier_has_an_ink():
    """No word of the tables is without one, however many groups a rulebook has."""
    assert set(inks.ADVICE) == set(ADVICE)
    many = [f"group_{n}" for n in range(9)]
    assert set(inks.tier_fills(many)) == {*many, "none", "undetermined", "out_of_scope"}
