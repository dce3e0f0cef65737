"""A picture for a page: no wider, its labels large enough to read, around it only what was asked for."""

import re
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from conftest import SAMPLES
from hypothesis import given, settings
from pictures import SVG, TEMPLATE, boxes, check_clear, lettered, small_graphs, titles, workflow

from lamina_graph.cli import cli
from lamina_graph.errors import InputError
from lamina_graph.files import load
from lamina_graph.render import Page, draw
from lamina_graph.render.layout.wrapping import break_columns

TEMPLATES = (
    "1-click-multiple-scene-angles-v1-0",
    "video-ltx2-canny-to-video",
    "video-wan21-scail2-character-replacement",
    "product-placement",
    "6-key-frames",
)
CHAIN = workflow(" > ".join("abcdefghijkl"))


class TestWidth:
    @pytest.mark.parametrize("width", [830, 500, "slide"])
    @pytest.mark.parametrize("name", TEMPLATES)
    def test_labels_of_large_graphs_reach_nine_pixels(self, name, width):
        picture = draw(load(SAMPLES / "templates" / f"{name}.json")).fit(Page(width))
        assert picture.drawn.label_size >= 9 or (width == "slide" and len(picture.scene.cards) > 25)
        assert picture.drawn.size[0] <= (1280 if width == "slide" else width)
        check_clear(picture)

    @given(small_graphs)
    @settings(max_examples=60, deadline=None)
    def test_lines_from_row_to_row_keep_clear_of_cards_in_any_graph(self, graph):
        """Two columns a row: nearly every line goes on in another one."""
        check_clear(draw(lettered(*graph)).fit(Page(330), "LR", fold=False))

    def test_columns_go_on_in_rows_as_text_does(self):
        rows = {top for _, top, _, _ in boxes(draw(CHAIN).fit(Page(500), "LR"))}
        assert len(rows) > 2
        in_order = [(top, left) for left, top, _, _ in boxes(draw(CHAIN).fit(Page(500), "LR"))]
        assert in_order == sorted(in_order)

    def test_a_picture_that_is_narrow_enough_stays_as_it_is(self):
        picture = draw(load(SAMPLES / "try-on-single.json"))
        assert picture.fit(Page(2000)).svg == picture.svg

    def test_only_a_fold_that_is_needed_is_made(self):
        assert titles(draw(TEMPLATE, view="all").fit(Page(830), fold=False)) == titles(
            draw(TEMPLATE, view="all")
        )
        assert not draw(load(SAMPLES / "launch-video.json")).fit(Page(830)).folds

    def test_the_direction_that_was_asked_for_holds(self):
        assert {draw(CHAIN).fit(Page(600), way).direction for way in ("LR", "TB")} == {"LR", "TB"}

    def test_a_slide_is_filled_and_its_picture_in_the_middle(self):
        root = ElementTree.fromstring(draw(CHAIN).fit(Page("slide")).svg)
        left, top, width, height = map(float, root.get("viewBox").split())
        assert (root.get("width"), root.get("height")) == ("1280", "720")
        assert width / height == pytest.approx(16 / 9, abs=0.01)
        assert left <= 0
        assert top <= 0

    def test_the_same_page_gives_the_same_bytes(self):
        assert draw(TEMPLATE).fit(Page(830)).svg == draw(TEMPLATE).fit(Page(830)).svg

    @pytest.mark.parametrize("page", [{"width": 20}, {"scale": 0}, {"background": 'red"/><script>'}])
    def test_what_makes_no_page_is_refused(self, page):
        with pytest.raises(InputError):
            Page(**page)


class TestAround:
    def test_title_and_legend_can_be_left_out(self):
        whole, bare = (draw(CHAIN).fit(page) for page in (Page(), Page(title=False, legend=False)))
        words = ["".join(text.itertext()) for text in ElementTree.fromstring(bare.svg).iter(f"{SVG}text")]
        assert "Test" not in words
        assert "main path" not in words
        assert bare.drawn.size[1] < whole.drawn.size[1] - 50
        assert boxes(bare) == boxes(whole)

    @pytest.mark.parametrize(("colour", "fill"), [("none", None), ("#f6f8fa", "fill:#f6f8fa"), ("", "")])
    def test_the_paper_is_of_the_colour_that_was_asked_for(self, colour, fill):
        svg = draw(CHAIN).fit(Page(background=colour)).svg
        paper = re.search(r'<rect class="lg-paper"[^>]*>', svg)
        assert (paper is None) == (fill is None)
        assert not fill or fill in paper[0]

    def test_a_scale_makes_svg_and_png_larger_alike(self):
        picture = draw(workflow("a > b"))
        large = picture.fit(Page(scale=3))
        assert large.drawn.size == tuple(3 * side for side in picture.drawn.size)
        assert int.from_bytes(large.png[16:20], "big") == large.drawn.size[0]

    def test_a_node_is_highlighted_by_id_or_label_also_within_a_fold(self):
        for name in ("c", "C"):
            cards = draw(CHAIN).highlight(name).scene.cards
            assert [card.id for card in cards if card.highlighted] == ["c"]
        node = TEMPLATE.nodes[-1].id
        (card,) = [card for card in draw(TEMPLATE).highlight(node).scene.cards if card.highlighted]
        assert node in {part.id for part in card.members}


class TestRows:
    def test_a_row_ends_where_the_fewest_lines_go_on(self):
        """One line goes on past the first column, two past the second and three past the third."""
        ranges = [(0, 1), (1, 2), (2, 3), (2, 3), (1, 3)]
        assert break_columns([100] * 4, [10] * 3, ranges, 330) == [range(1), range(1, 4)]

    def test_a_column_wider_than_a_row_stands_alone(self):
        assert break_columns([100, 400, 100], [10, 10], [(0, 1), (1, 2)], 200) == [
            range(1),
            range(1, 2),
            range(2, 3),
        ]


class TestCommand:
    def render(self, *arguments):
        return CliRunner().invoke(cli, ["render", str(SAMPLES / "launch-video.json"), *map(str, arguments)])

    def test_a_width_sets_that_of_the_svg(self):
        svg = self.render("--width", 600).stdout
        assert re.search(r'width="(\d+)"', svg)[1] == "600"

    def test_a_width_that_is_too_small_for_labels_is_said(self):
        noted = self.render("--width", 200, "--direction", "TB", "--no-fold")
        assert "px in a width of 200 px, not 9: --collapse or --focus ID make it smaller" in noted.stderr
        assert noted.exit_code == 0

    def test_a_width_that_is_none_is_an_error(self):
        assert "neither a number of pixels nor slide" in self.render("--width", "wide").stderr

    def test_a_highlighted_node_that_is_not_there_is_an_error(self):
        assert self.render("--highlight", "nobody").exit_code == 2
