"""The stage strip: one line that says what enters a workflow, what is made from it, and what leaves."""

from xml.etree import ElementTree

import pytest
from builders import content
from commandline import lamina
from conftest import SAMPLES
from hostile import HOSTILE, HOSTILE_WORKFLOW, misleading
from hypothesis import given
from pictures import FILES, SVG, lettered, small_graphs

from lamina_graph.diff import diff
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.render import draw_strip
from lamina_graph.render.font_metrics import text_width
from lamina_graph.report.diff import markdown


def strip(workflow):
    return draw_strip(features(workflow))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("chain", "[image] → remove background → Kling → ★ video"),
        ("banner-adapts", "[image ×3 + text] → Ideogram → Flux ×6 → ★ image ×6"),
        ("two-components", "[image] → Kling → ★ video · [image] → Nano Banana → ★ image"),
        ("unknown-types", "[unknown] → Lmn Block V2 + Custom Step"),
        ("empty", "no known steps"),
        ("fifteen-outputs", "[image + text] → Adapt Image ×15 → ★ image ×15"),
        (
            "podcast-to-video",
            "[audio] → Script Writer → Nano Banana ×2 → Seedance + Omnihuman V15 → assemble → ★ video",
        ),
    ],
)
def test_says_the_pipeline_in_one_line(name, line):
    """Models have their names, other steps the names of their tasks, and what occurs often is counted."""
    assert strip(load(SAMPLES / f"{name}.json")).text == line


def test_of_a_graph_that_spells_a_model_out_names_the_sampler_and_no_part_around_it():
    """Loaders, encoders, decoders and resizing belong to the one generation that they serve."""
    template = load(SAMPLES / "templates" / "image-to-video-wan.json")
    assert strip(template).text == "[image] → KSampler → ★ video"


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"unet_name": "flux1-dev.safetensors"}, "Flux"),
        ({"ckpt_name": "sub\\dreamshaper_8.ckpt", "steps": 20}, "dreamshaper_8"),
        ({"ckpt_name": 7}, "KSampler"),
        (None, "KSampler"),
    ],
)
def test_a_sampler_goes_by_the_model_that_its_pipeline_loads(settings, name):
    """By the name of its family where the file says one; what names no file is called as before."""
    loader = {"id": "1", "type": "UNETLoader"} | ({"settings": settings} if settings else {})
    nodes = [loader, {"id": "2", "type": "KSampler"}, {"id": "3", "type": "VAEDecode"}]
    edges = [{"source": "1", "target": "2"}, {"source": "2", "target": "3"}]
    w = load({"nodes": nodes, "edges": edges})
    assert draw_strip(features(w), workflow=w).text == f"{name} → ★ image"


def test_pipelines_that_are_alike_are_one_with_their_number():
    pairs = [(f"a{i}", f"b{i}") for i in range(5)]
    nodes = [
        {"id": id_, "type": type_} for a, b in pairs for id_, type_ in ((a, "imageInput"), (b, "klingVideo"))
    ]
    edges = [{"source": a, "target": b} for a, b in pairs]
    assert strip(load({"nodes": nodes, "edges": edges})).text == "([image] → Kling → ★ video) ×5"


def test_a_long_pipeline_keeps_its_ends_and_counts_what_stands_between():
    """A line of twelve stages is read by its first and its last ones."""
    workflow = lettered(12, [(i, i + 1) for i in range(11)], ["fluxImageNode", "klingVideoNode"] * 6)
    assert strip(workflow).text == "Flux → Kling → Flux → … 7 steps … → Flux → Kling → ★ video"


def test_of_very_many_names_at_one_place_the_rest_is_counted():
    makers = ["flux", "kling", "veo", "suno", "imagen", "seedream"]
    nodes = [{"id": name, "type": f"{name}Node"} for name in makers] + [{"id": "in", "type": "textInput"}]
    edges = [{"source": "in", "target": name} for name in makers]
    assert "Flux + Kling + Veo + 3 more" in strip(load({"nodes": nodes, "edges": edges})).text


def test_without_known_edges_no_step_comes_before_another():
    """The API may name the nodes of an app alone; no arrow is made up."""
    nodes = [{"id": "a", "type": "nanoBananaImage"}, {"id": "b", "type": "klingVideo"}]
    drawn = strip(load({"nodes": nodes, "edges": "unknown"}))
    assert drawn.text == "Nano Banana + Kling · edges unknown"
    assert "lg-a" not in drawn.svg


@given(small_graphs)
def test_counts_every_generation_of_a_graph(graph):
    """What a strip shows sums up to what the features count, whatever the graph."""
    count, edges = graph
    facts = features(lettered(count, edges, "klingVideoNode"))
    shown = draw_strip(facts).scene
    columns = [(column, pipeline.times) for pipeline in shown.pipelines for column in pipeline.columns]
    if not shown.more and not any(column.kind == "rest" for column, _ in columns):
        generations = [(column, times) for column, times in columns if column.kind == "generation"]
        assert (
            sum(part.count * times for column, times in generations for part in column.parts)
            == facts.generations
        )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_picture_says_what_the_line_says_and_nothing_leaves_it(path):
    """Each name of the line is a text of the SVG, in order, and ends within the picture."""
    drawn = strip(load(path))
    root = ElementTree.fromstring(drawn.svg)
    assert root.get("aria-label") == drawn.text
    words = [text.text for text in root.iter(f"{SVG}text")]
    names = [part.name for pipe in drawn.scene.pipelines for col in pipe.columns for part in col.parts]
    assert [word for word in words if word in names] == names
    groups = [group for group in root.iter(f"{SVG}g") if group.get("transform")]
    for group in groups:
        left = float(group.get("transform").removeprefix("translate(").split()[0])
        for text in group.iter(f"{SVG}text"):
            end = left + float(text.get("x")) + text_width(text.text, 13, bold=True)
            assert end < drawn.size[0]


def test_hostile_names_are_plain_text():
    """No name of a type acts in a terminal, in XML, or in a comment on GitHub."""
    types = [{"id": str(i), "type": f"kling {text}"} for i, text in enumerate(HOSTILE)]
    workflow = load(
        {"nodes": types, "edges": [{"source": "0", "target": str(i)} for i in range(1, len(types))]}
    )
    for drawn in (strip(workflow), strip(HOSTILE_WORKFLOW)):
        assert not misleading(drawn.text)
        assert "\n" not in drawn.text
        tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(drawn.svg).iter()}
        assert tags <= {"svg", "g", "path", "rect", "polygon", "text", "title", "style"}


def test_a_page_that_has_the_style_takes_it_without_one():
    drawn = strip(load(SAMPLES / "chain.json"))
    assert "<style>" in drawn.svg
    assert "<style>" not in drawn.inline
    assert drawn.png.startswith(b"\x89PNG")


def test_a_comment_on_a_pull_request_shows_the_pipeline_before_and_after():
    """Where both versions are one pipeline, one line says it."""
    old, new = (load(content("a", type=type_, name="Reels")) for type_ in ("klingVideoNode", "veoVideoNode"))
    assert "- before: Kling → ★ video\n- after: Veo → ★ video" in markdown(diff(old, new))
    renamed = load(content("a", type="klingVideoNode", name="Reel"))
    assert "\n\nKling → ★ video\n\n" in markdown(diff(old, renamed))


@pytest.mark.parametrize(
    ("words", "start"),
    [(("-f", "text"), "[image] → remove background → Kling"), ((), "<svg "), (("-f", "dot"), "")],
)
def test_render_draws_it_on_request(words, start):
    """Other forms are refused in two lines."""
    result = lamina("render", str(SAMPLES / "chain.json"), "--strip", *words)
    assert result.stdout.startswith(start)
    assert result.exit_code == (0 if start else 2)
    assert bool(start) != ("--strip cannot be written as dot" in result.stderr)


def test_what_only_a_picture_of_the_nodes_shows_is_refused():
    """Nothing that was asked for is left out in silence."""
    result = lamina("render", SAMPLES / "chain.json", "--strip", "--focus", "Clip")
    assert result.exit_code == 2
    assert "leave out --focus" in result.stderr


def test_show_says_it_below_the_name():
    lines = lamina("show", str(SAMPLES / "chain.json")).stdout.splitlines()
    assert lines[1] == "[image] → remove background → Kling → ★ video"
