"""What a workflow needs to run, and which workflows need a thing, by `find` and by a report's filters."""

import json
from pathlib import Path
from typing import Any

import pytest
from commandline import lamina

from lamina_graph.dependencies import Dependencies, dependencies, find_uses
from lamina_graph.files import load
from lamina_graph.model import Entry, Workflow
from lamina_graph.report.catalogue import WRITERS, AnalysisOptions, report


def of(**fields: Any) -> Workflow:
    """A loader with these fields before a node of a service."""
    nodes = [{"id": "4", "type": "CheckpointLoaderSimple", **fields}, {"id": "5", "type": "klingVideoNode"}]
    return load({"name": "Reels", "nodes": nodes, "edges": [{"source": "4", "target": "5"}]})


@pytest.mark.parametrize(
    ("fields", "packs", "models"),
    [
        ({}, (), ()),
        ({"pack": {"name": "comfy-core", "version": "0.3.9"}}, ("comfy-core",), ()),
        ({"models": [{"name": "b.safetensors"}, {"name": "a.gguf"}]}, (), ("a.gguf", "b.safetensors")),
        ({"settings": {"ckpt_name": "SDXL\\base.safetensors"}}, (), ("base.safetensors",)),
        (
            {"settings": {"ckpt_name": "SDXL/base.safetensors", "widget 1": "x.pt"}},
            (),
            ("base.safetensors", "x.pt"),
        ),
        ({"settings": {"lora_1": {"lora": "detail.safetensors", "on": True}}}, (), ("detail.safetensors",)),
        ({"data": {"model": "kling-v3", "modelType": "video", "image": "a.png"}}, (), ("kling-v3",)),
        ({"pack": "broken", "models": {"name": 1}, "settings": ["x.pt"], "data": None}, (), ()),
    ],
)
def test_a_workflow_needs_its_packs_models_and_services(
    fields: dict[str, Any], packs: tuple[str, ...], models: tuple[str, ...]
):
    assert dependencies(of(**fields)) == Dependencies(packs=packs, models=models, services=("Kling",))


@pytest.mark.parametrize(
    ("pattern", "uses"),
    [
        ("KLING", [("service", "Kling")]),
        ("kling*", [("service", "Kling"), ("node type", "klingVideoNode")]),
        ("base.safetensors", [("model", "base.safetensors")]),
        ("*.safetensors", [("model", "base.safetensors")]),
        ("comfy-core", [("node pack", "comfy-core")]),
        ("Kling Video", [("node type", "klingVideoNode")]),
        ("base", []),
    ],
)
def test_a_use_is_found_by_its_name_or_a_pattern(pattern: str, uses: list[tuple[str, str]]):
    one = of(pack={"name": "comfy-core"}, settings={"ckpt_name": "base.safetensors"})
    assert [(use.kind, use.name) for use in find_uses(pattern, one, dependencies(one))] == uses


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = {"a": {"ckpt_name": "base.safetensors"}, "b": {"ckpt_name": "turbo.safetensors"}, "c": {}}
    for name, settings in rows.items():
        (tmp_path / f"{name}.json").write_text(of(settings=settings).model_dump_json(by_alias=True))
    return tmp_path


def test_find_lists_the_workflows_that_use_a_thing(folder: Path):
    done = lamina("find", "base*", folder)
    assert done.exit_code == 0
    assert "a.json" in done.stdout
    assert "model base.safetensors" in done.stdout
    assert "b.json" not in done.stdout
    assert "1 of 3 workflows uses base*" in done.stderr
    (row,) = json.loads(lamina("find", "base*", folder, "--json").stdout)
    assert (Path(row["ref"]).name, row["schema"]) == ("a.json", "find/1")
    assert row["uses"] == [{"kind": "model", "name": "base.safetensors"}]


def test_find_says_what_it_could_not_read(folder: Path):
    (folder / "d.json").write_text('{"nodes": [')
    done = lamina("find", "nothing", folder, "--json")
    assert done.exit_code == 2
    assert [row.get("error") is not None for row in json.loads(done.stdout)] == [True]


def test_a_report_counts_and_filters_by_what_is_used(folder: Path):
    entries = [Entry(ref=file.name, workflow=load(file)) for file in sorted(folder.glob("*.json"))]
    made = report(entries, options=AnalysisOptions(draw=False))
    assert made.summary.uses == {
        "pack": {},
        "model": {"base.safetensors": 1, "turbo.safetensors": 1},
        "service": {"Kling": 3},
    }
    page = WRITERS["html"](made)
    assert '<option value="base.safetensors">base.safetensors (1)</option>' in page
    assert page.count('data-model="base.safetensors"') == 1
    assert '<select name="service">' not in page  # one value is no choice
    assert "| model | base.safetensors | 1 |" in WRITERS["markdown"](made)
    assert "turbo.safetensors" in WRITERS["csv"](made)
