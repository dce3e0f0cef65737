"""Text fits its room in any font: widths, cuts and line breaks."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina_graph.render.font_metrics import text_width, truncate, wrap
from lamina_graph.render.layout import graphviz
from lamina_graph.render.palette import (
    TITLE,
)
from lamina_graph.render.svg.elements import text_element


class TestMeasure:
    def test_the_widths_are_those_of_the_bundled_font(self):
        ttlib = pytest.importorskip("fontTools.ttLib")
        folder = Path(graphviz.__file__).parent.parent / "fonts"
        for face, bold in (("Regular", False), ("Bold", True)):
            font = ttlib.TTFont(folder / f"LiberationSans-{face}.ttf")
            names, advance = font.getBestCmap(), font["hmtx"]
            for character in "AZaz09 .,_-…éßЖΩ→":
                exact = advance[names[ord(character)]][0] / font["head"].unitsPerEm
                assert text_width(character, 1000, bold) == pytest.approx(1000 * exact, abs=0.51)

    @given(st.text(), st.floats(40, 300))
    @settings(max_examples=200)
    def test_shortened_and_wrapped_text_fits(self, text, limit):
        assert text_width(truncate(text, limit, 13), 13) <= limit
        lines = wrap(text, limit, 13, bold=True)
        assert 1 <= len(lines) <= 2
        assert max(text_width(line, 13, bold=True) for line in lines) <= limit

    @pytest.mark.parametrize("text", ["कृपया", "\ufdfd", "🎬🎬", "ௌௌௌ", "x\u0f90"])
    def test_text_of_other_fonts_is_framed_and_never_stretched(self, text):
        frame = ElementTree.fromstring(text_element(text, 50, 21.5, "lg-t", TITLE, 172))
        assert (frame.tag, frame.get("x"), frame.get("width")) == ("svg", "50", "172")
        assert "textLength" not in frame[0].attrib
        assert frame[0].text == text
        top, height, line = (float(each) for each in (frame.get("y"), frame.get("height"), frame[0].get("y")))
        assert top + line == pytest.approx(21.5, abs=0.11)
        assert height > line

    @pytest.mark.parametrize(
        ("text", "ems"),
        [("\u200d\ufe0f", 0), ("🎬", 1.4), ("画", 1), ("ص", 0.6), ("ம", 1.1), ("\u093f", 0.76)],
    )
    def test_letters_of_other_fonts_get_a_generous_width(self, text, ems):
        assert text_width(text, 1000) == 1000 * ems

    def test_a_cut_text_keeps_its_ends(self):
        assert re.fullmatch("begin.*….*end", truncate("begin " + "x" * 500 + " end", 120, 13))

    def test_accents_stay_with_their_letters(self):
        pieces = truncate("e\u0301" * 200, 100, 13).split("…")
        assert all(set(re.findall("..", piece)) <= {"e\u0301"} and len(piece) % 2 == 0 for piece in pieces)
