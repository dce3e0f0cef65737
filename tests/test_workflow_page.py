"""The page of one workflow as a file: how it is made, what it holds, what stands in its way."""

import json
import os
import re
import stat
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from builders import numbered
from commandline import lamina
from conftest import SAMPLES

from lamina_graph.classify import classify
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.report.workflow import html
from lamina_graph.report.workflow.node_details import node_details

REEL = SAMPLES / "reel-five-shots.json"


def page_of(path: Path) -> str:
    workflow = load(path)
    facts = features(workflow)
    return html(workflow, (facts, classify(workflow, facts=facts)))


def test_a_page_carries_its_workflow_and_can_be_used_as_a_ref(tmp_path: Path):
    target = tmp_path / "reel.html"
    assert lamina("render", REEL, "-o", target).stderr == f"wrote {target}\n"
    assert load(target) == load(REEL)


def test_the_form_can_be_named_without_a_file():
    assert lamina("render", REEL, "-f", "html").stdout == page_of(REEL) + "\n"


def test_the_same_workflow_gives_the_same_bytes():
    path = SAMPLES / "templates" / "6-key-frames.json"
    assert page_of(path) == page_of(path)


class Loads(HTMLParser):
    """Everything by which a page could ask for another file."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [
            f"{tag} {name}={value}"
            for name, value in attrs
            if (name == "src" or (name in ("href", "xlink:href") and not (value or "").startswith("#")))
        ]


@pytest.mark.parametrize("name", ["reel-five-shots", "hostile-labels", "malformed", "cycle", "empty"])
def test_a_page_asks_for_no_other_file(name: str):
    text = page_of(SAMPLES / f"{name}.json")
    assert Loads(text).found == []
    assert "default-src &#39;none&#39;" in text
    graph = re.search(r'<script type="application/json" id="graph">(.*?)</script>', text, re.DOTALL)
    assert graph
    assert json.loads(graph[1])["states"]


def test_focus_names_the_node_that_the_page_begins_at(tmp_path: Path):
    target = tmp_path / "reel.html"
    assert lamina("render", REEL, "-o", target, "--focus", "Shot list").exit_code == 0
    number = [node.label for node in load(REEL).nodes].index("Shot list")
    assert f'data-chosen="{number}"' in target.read_text()
    missing = lamina("render", REEL, "-o", target, "--focus", "Nothing like it")
    assert (missing.exit_code, "has no node" in missing.stderr) == (2, True)


@pytest.mark.parametrize(("color", "missing"), [("credits", "an estimate"), ("run", "a run")])
def test_colours_that_there_are_no_data_for_are_refused(tmp_path: Path, color: str, missing: str):
    result = lamina("render", REEL, "-o", tmp_path / "x.html", "--color-by", color)
    assert (result.exit_code, f"--color-by {color} needs {missing}" in result.stderr) == (2, True)


def test_an_estimate_of_another_app_is_refused(tmp_path: Path):
    estimate = tmp_path / "e.json"
    estimate.write_text('{"appId": "a", "breakdown": [{"nodeId": "elsewhere", "credits": 3}]}')
    result = lamina("render", REEL, "-o", tmp_path / "x.html", "--estimate", estimate)
    assert (result.exit_code, "none of which is in this workflow" in result.stderr) == (2, True)
    assert not (tmp_path / "x.html").exists()


def test_the_theme_the_colours_and_the_folds_of_the_start_can_be_chosen(tmp_path: Path):
    target = tmp_path / "reel.html"
    lamina("render", REEL, "-o", target, "--theme", "dark", "--color-by", "age", "--fold")
    text = target.read_text()
    assert '<html lang="en" data-theme="dark">' in text
    assert 'data-start="age"' in text
    [graph] = re.findall(r'id="graph">(.*?)</script>', text, re.DOTALL)
    assert json.loads(graph)["states"][0]["open"] == []


def browser(folder: Path) -> tuple[Path, str]:
    """Return a program that stands in for the browser, and the file to which it writes what it shows."""
    program, seen = folder / "browser", folder / "seen"
    program.write_text(f'#!/bin/sh\necho "$1" > "{seen}"\n')
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    return seen, os.fspath(program)


def run(folder: Path, program: str, *words: object) -> None:
    """Run the program as a person does: Python looks for the browser once in a process."""
    command = [sys.executable, "-m", "lamina_graph", *map(str, words)]
    subprocess.run(
        command, check=True, cwd=folder, env=os.environ | {"BROWSER": program}, capture_output=True
    )


def test_open_shows_the_written_file_in_the_browser(tmp_path: Path):
    seen, program = browser(tmp_path)
    versions = (SAMPLES / "history" / "quick-reel-maker" / f"v{number}.json" for number in (1, 4))
    for words in (("render", REEL), ("report", REEL), ("diff", *versions)):
        run(tmp_path, program, *words, "-o", "page.html", "--open")
        assert seen.read_text().strip() == (tmp_path / "page.html").as_uri()
        seen.unlink()


def test_open_without_a_file_shows_a_temporary_page(tmp_path: Path):
    seen, program = browser(tmp_path)
    run(tmp_path, program, "render", REEL, "--open")
    shown = Path(seen.read_text().strip().removeprefix("file://"))
    assert shown.read_text() == page_of(REEL)


def test_many_workflows_give_a_page_each_in_a_folder(tmp_path: Path):
    lamina("render", REEL, SAMPLES / "diamond.json", "-f", "html", "-o", f"{tmp_path}/pages/")
    pages = sorted((tmp_path / "pages").iterdir())
    assert [path.suffix for path in pages] == [".html", ".html"]
    assert load(REEL) in [load(path) for path in pages]


def test_open_without_a_file_is_for_pages_alone():
    result = lamina("render", REEL, "-f", "svg", "--open")
    assert (result.exit_code, "name a file with -o" in result.stderr) == (2, True)


def test_details_say_what_flows_along_each_wire():
    wires = [
        {"source": "a", "target": "b", "sourceHandle": "out", "targetHandle": "image", "carries": "IMAGE"},
        {"source": "a", "target": "b", "sourceHandle": "out", "targetHandle": "mask"},
    ]
    nodes = [{"id": id_, "type": "fluxNode"} for id_ in "ab"]
    workflow = load({"nodes": nodes, "edges": wires})
    first, second = node_details(workflow, features(workflow))
    assert [(each.number, each.via) for each in first.targets] == [
        (1, "2 wires: out → image (IMAGE); out → mask")
    ]
    assert [each.number for each in second.sources] == [0]


def test_details_say_where_a_role_comes_from():
    known, settled, unknown = (
        node_details(workflow, features(workflow))
        for workflow in (
            numbered(["klingVideoNode"], [], ["a"]),
            load(SAMPLES / "unknown-types.json"),
            numbered(["xk12Node"], [], ["a"]),
        )
    )
    assert known[0].reason == "its words “kling” and “video” say so, 90% sure"
    assert any("the graph around it decides" in node.reason for node in settled)
    assert unknown[0].reason == "neither its words nor the graph around it say what it does"


def test_a_workflow_of_very_many_folds_is_drawn_in_some_of_their_states():
    kinds = ("imageInputNode", "klingVideoNode", "veoVideoNode", "fluxNode")
    edges = [(max(0, n - 1 - (n * 7) % 5), n) for n in range(1, 400)]
    workflow = numbered([kinds[n % 4] for n in range(400)], edges, [f"n{n}" for n in range(400)])
    facts = features(workflow)
    text = html(workflow, (facts, classify(workflow, facts=facts)))
    [graph] = re.findall(r'id="graph">(.*?)</script>', text, re.DOTALL)
    assert len(json.loads(graph)["regions"]) > 12
    assert 1 < len(json.loads(graph)["states"]) <= 16


def test_a_workflow_that_no_browser_could_show_is_refused(tmp_path: Path):
    large = tmp_path / "large.json"
    nodes = [{"id": str(n), "type": "fluxNode"} for n in range(3_001)]
    large.write_text(json.dumps({"nodes": nodes, "edges": []}))
    result = lamina("render", large, "-o", tmp_path / "large.html")
    assert (result.exit_code, "a page explores up to 3,000 nodes" in result.stderr) == (2, True)


def test_settings_name_models_and_packs_as_people_read_them():
    details = node_details(poster := load(SAMPLES / "comfyui" / "poster.json"), features(poster))
    settings = {each.name: each.value for node in details for each in node.settings}
    assert settings["sampler_name"] == "euler"
    assert settings["pack"].startswith("comfy-core ")
    assert settings["models"].startswith("4x-clear.safetensors")
