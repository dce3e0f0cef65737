"""The samples are what their README says, and written as `fetch` writes."""

import json
import re
from itertools import pairwise

import pytest
from conftest import LAMINA_SAMPLES, SAMPLES

from lamina_graph import classify, diff
from lamina_graph.features import features
from lamina_graph.files import canonical, load

HISTORIES = sorted(SAMPLES.glob("history/*"))
README = (SAMPLES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", LAMINA_SAMPLES, ids=lambda path: str(path.relative_to(SAMPLES)))
def test_every_sample_is_a_workflow_in_canonical_form(path):
    """The documented example keeps the envelope it was published in."""
    text = path.read_text(encoding="utf-8")
    assert canonical(json.loads(text)) == text
    assert json.loads(text).get("data", json.loads(text)) == json.loads(canonical(load(path)))


def test_the_documented_example_is_the_one_that_was_published():
    assert json.loads((SAMPLES / "documented-example.json").read_text()) == {
        "data": {
            "appId": "80d4d454-8844-489f-b903-2ad65a414482",
            "name": "test sync",
            "nodes": [
                {
                    "id": "aiDesignerNode-1773051929782-5yzqjkwpm",
                    "type": "aiDesignerNode",
                    "label": "aiDesignerNode",
                },
                {
                    "id": "aiDesignerNode-1773132653203-v9hn959pe",
                    "type": "aiDesignerNode",
                    "label": "aiDesignerNode",
                },
                {
                    "id": "klingVideoNode-1773149496212-nm2mjjfxi",
                    "type": "klingVideoNode",
                    "label": "klingVideoNode",
                },
            ],
            "edges": [
                {
                    "source": "aiDesignerNode-1773051929782-5yzqjkwpm",
                    "target": "aiDesignerNode-1773132653203-v9hn959pe",
                }
            ],
        }
    }


def test_the_readme_names_every_sample_and_no_other():
    named = set(re.findall(r"`([a-z0-9-]+\.json)`", README))
    assert named == {path.name for path in SAMPLES.glob("*.json")}
    assert set(re.findall(r"`history/([a-z-]+)/`", README)) == {folder.name for folder in HISTORIES}


def test_the_page_of_the_templates_names_each_with_its_title_and_its_licence_is_there():
    folder = SAMPLES / "templates"
    rows = re.findall(r"^\| `(\S+)` \| (.+?) \|", (folder / "README.md").read_text(encoding="utf-8"), re.M)
    assert dict(rows) == {path.name: load(path).name for path in folder.glob("*.json")}
    assert "MIT License" in (folder / "LICENSE.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", HISTORIES, ids=lambda folder: folder.name)
def test_a_history_has_four_versions_or_more_and_each_is_another_graph(folder):
    versions = [load(path) for path in sorted(folder.glob("v*.json"))]
    assert len(versions) >= 4
    for old, new in pairwise(versions):
        assert (old.nodes, old.edges) != (new.nodes, new.edges)


def test_one_history_ends_with_every_id_new():
    old, new = (load(SAMPLES / f"history/virtual-try-on/v{number}.json") for number in (4, 5))
    assert not {node.id for node in old.nodes} & {node.id for node in new.nodes}
    assert [node.type for node in old.nodes] == [node.type for node in new.nodes]


def test_only_the_saree_try_on_shares_nodes_with_another_app():
    owners: dict[str, set[str]] = {}
    for path in LAMINA_SAMPLES:
        workflow = load(path)
        for node in workflow.nodes:
            owners.setdefault(node.id, set()).add(workflow.name)
    shared = [names for names in owners.values() if len(names) > 1]
    assert shared == [{"Single Garment Try-on", "Saree Try On"}] * 4


@pytest.mark.parametrize(
    ("name", "category", "stages", "takes", "gives"),
    [
        ("lip-sync", "video", 1, {"audio", "video"}, {"video"}),
        ("dubbing-pipeline", "multi-step", 2, {"text", "video"}, {"video"}),
        ("podcast-to-video", "multi-step", 3, {"audio"}, {"video"}),
        ("explainer-video", "multi-step", 3, {"image", "text"}, {"video"}),
        ("mood-board-shoot", "image", 1, {"image", "text"}, {"image"}),
        ("catalog-to-reels", "multi-step", 1, {"image"}, {"video"}),
        ("banner-adapts", "multi-step", 2, {"image", "text"}, {"image"}),
        ("short-film-assets", "multi-step", 2, set(), {"audio", "video"}),
    ],
)
def test_a_popular_app_is_classified_as_a_person_would(
    name: str, category: str, stages: int, takes: set[str], gives: set[str]
) -> None:
    w = load(SAMPLES / f"{name}.json")
    facts = features(w)
    assert (classify(w).category, facts.stages) == (category, stages)
    assert (set(facts.input_modalities), set(facts.output_modalities)) == (takes, gives)


COMFYUI = SAMPLES / "comfyui"


def test_one_workflow_of_comfyui_is_one_graph_in_every_file():
    """As the editor and the API write it, and as pictures by Pillow carry it, which ComfyUI uses."""
    names = ("poster.json", "poster-api.json", "poster.png", "poster.webp", "poster-at-night.json")
    saved, *others = [load(COMFYUI / name) for name in names]
    assert all(diff(saved, other).identical for other in others[:3])
    assert {classify(each).category for each in (saved, *others)} == {"image"}
    assert [change.rule for change in diff(saved, others[3]).changes] == ["prompt-changed", "layout-changed"]


def test_the_templates_of_comfyui_stand_beside_their_licence():
    folder = COMFYUI / "templates"
    assert "MIT License" in (folder / "LICENSE.txt").read_text(encoding="utf-8")
    categories = {path.stem: classify(load(path)).category for path in folder.glob("*.json")}
    assert categories == {
        "3d_hunyuan3d-v2.1": "other",
        "api_bria_virtual_try_on": "try-on",
        "api_kling_o3_t2v": "video",
        "flux_schnell": "image",
        "template_product_placement": "multi-step",
    }


def test_the_canvas_of_react_flow_has_the_types_and_labels_of_its_data():
    workflow = load(SAMPLES / "react-flow" / "poster.json")
    titles = {node.title: node.type for node in workflow.nodes}
    assert titles["Poster"] == "fluxNode"
    assert classify(workflow).category == "multi-step"
