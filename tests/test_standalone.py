"""SVGs on their own: several on one page each keep their looks, and so does one without its style element."""

import re
from xml.etree import ElementTree

import pytest
from conftest import SAMPLES
from pictures import FILES, HISTORY

from lamina_graph.diff import diff
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.graph import adjacency
from lamina_graph.render import Focus, draw, draw_strip
from lamina_graph.render.font_metrics import sanitize
from lamina_graph.render.raster import png

STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
LAUNCH = load(SAMPLES / "launch-video.json")
PICTURES = {
    "roles": lambda: draw(LAUNCH),
    "dark": lambda: draw(LAUNCH, theme="dark"),
    "ages": lambda: draw(LAUNCH, color="age"),
    "folds": lambda: draw(LAUNCH, view="folded"),
    "focus": lambda: draw(LAUNCH, view=Focus("Scene 1", 1, 1)),
    "diff": lambda: draw(diff(load(HISTORY / "v1.json"), load(HISTORY / "v4.json"))),
    "unknown": lambda: draw(load(SAMPLES / "unknown-types.json")),
    "strip": lambda: draw_strip(features(LAUNCH)),
}


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_without_its_style_element_a_picture_looks_the_same(picture):
    """Servers such as Jenkins forbid styles within a file: each part has its looks as attributes, too."""
    svg = picture().svg
    light = svg if picture is PICTURES["dark"] else re.sub(r"@media.*?\}\}", "", svg)
    assert png(light, (10, 10), "a", 0.5) == png(STYLE.sub("", svg), (10, 10), "a", 0.5)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_style_has_rules_for_what_occurs_and_no_others(path):
    """Each class of a rule is one of the picture's."""
    svg = draw(load(path)).svg
    (style,) = STYLE.findall(svg)
    used = {name for names in re.findall(r'class="([^"]*)"', STYLE.sub("", svg)) for name in names.split()}
    assert set(re.findall(r"\.(lg-[\w-]+)", style)) <= used


def test_two_pictures_on_one_page_share_no_class_that_rules_hold_below():
    light, dark = (draw(LAUNCH, theme=theme).svg for theme in ("light", "dark"))
    roots = [re.search(r'class="([^"]*)"', svg)[1] for svg in (light, dark)]
    assert roots[0] != roots[1]
    for svg, root in zip((light, dark), roots, strict=True):
        (style,) = STYLE.findall(svg)
        selectors = [
            part for rule in style[7:-8].split("}") if rule for part in rule.split("{")[0].split(",")
        ]
        assert all(selector.startswith(f".{root} ") for selector in selectors)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_card_and_line_says_which_node_or_edge_it_is(path):
    """Attributes name them by the ids of the workflow, the same in every picture of it."""
    w = load(path)
    root = ElementTree.fromstring(draw(w).svg)
    plain = adjacency(w)
    assert [card.get("data-node") for card in root.iter() if card.get("data-node")] == list(
        map(sanitize, plain.ids)
    )
    lines = {
        (line.get("data-source"), line.get("data-target")) for line in root.iter() if line.get("data-source")
    }
    assert lines == {
        (sanitize(plain.ids[source]), sanitize(plain.ids[target])) for source, target in plain.edges
    }


def test_no_id_stands_twice_in_a_page_with_two_pictures():
    """Ids are those of one picture, each of its cards and lines."""
    page = "".join(draw(LAUNCH, theme=theme).svg for theme in ("light", "dark"))
    ids = re.findall(r' id="([^"]*)"', page)
    assert len(ids) == len(set(ids)) == 2 * (len(LAUNCH.nodes) + len(LAUNCH.edges))


def test_a_folded_card_counts_its_nodes_and_a_diff_names_its_marks():
    folded = ElementTree.fromstring(draw(LAUNCH, view="folded").svg)
    assert {card.get("data-nodes") for card in folded.iter() if card.get("data-node")} == {None, "3"}
    changed = ElementTree.fromstring(PICTURES["diff"]().svg)
    assert {part.get("data-mark") for part in changed.iter()} >= {None, "added", "removed", "changed"}
