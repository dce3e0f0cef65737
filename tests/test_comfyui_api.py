"""A prompt of ComfyUI's API is read as a graph: an input that names a node is an edge."""

import json
from typing import Any

import pytest
from comfyui import editor, image_loader, saver

from lamina_graph.errors import WorkflowError
from lamina_graph.files import load

PROMPT: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}, "_meta": {"title": "Person"}},
    "9:2": {"class_type": "VAEEncode", "inputs": {"pixels": ["1", 0], "sizes": {"__value__": [1, 2]}}},
}


@pytest.mark.parametrize(
    "data",
    [
        PROMPT,
        {"prompt": PROMPT},
        {"output": PROMPT, "workflow": {"nodes": []}},
        {"workflow": PROMPT},
        {"input": {"workflow": PROMPT, "images": []}},
        json.dumps({"workflow": "damaged", "prompt": json.dumps(PROMPT)}).encode(),
    ],
    ids=["bare", "request", "both", "named a workflow", "wrapped twice", "a text of JSON"],
)
def test_a_prompt_is_read_bare_or_as_the_body_of_a_request(data: dict[str, Any] | bytes):
    workflow = load(data)
    assert [(node.id, node.type, node.label, node.model_extra) for node in workflow.nodes] == [
        ("1", "LoadImage", "Person", {"settings": {"image": "a.png"}}),
        ("9:2", "VAEEncode", None, {"settings": {"sizes": [1, 2]}}),
    ]
    assert [edge.model_dump() for edge in workflow.edges] == [
        {"source": "1", "target": "9:2", "sourceHandle": "0", "targetHandle": "pixels"}
    ]
    assert (workflow.model_extra or {})["origin"] == {"format": "comfyui-api"}


def test_a_file_with_both_is_read_as_the_editor_saved_it():
    """The prompt tells no types of sockets, no packs and no model files."""
    canvas = editor([image_loader(1), saver(2)], [(1, 0, 2, 0)])
    assert load({"workflow": canvas, "output": PROMPT}) == load({"workflow": canvas}) == load(canvas)


def test_the_workflow_of_an_app_is_no_prompt_whatever_else_it_holds():
    own = {
        "nodes": [{"id": "a", "type": "t"}],
        "edges": [],
        "extra": {"class_type": "KSampler", "inputs": {}},
    }
    assert [node.id for node in load(own).nodes] == ["a"]


def test_a_link_from_nowhere_is_named_as_not_known():
    workflow = load({"2": {"class_type": "VAEEncode", "inputs": {"pixels": ["1", 0]}}})
    assert workflow.edges == ()
    unknown = ["1 link from nodes that the file does not have."]
    assert (workflow.model_extra or {})["origin"]["unknown"] == unknown


@pytest.mark.parametrize("value", [[512, 512], ["1", "0"], ["1", 0.5], ["1", 0, 0], [1, 0], ["1", True]])
def test_a_list_that_is_no_link_is_a_setting(value: list[Any]):
    """A link is the id of a node, which is text, and the number of its output: as ComfyUI itself has it."""
    workflow = load({"1": PROMPT["1"], "2": {"class_type": "Resize", "inputs": {"size": value}}})
    assert workflow.edges == ()
    assert workflow.nodes[1].model_extra == {"settings": {"size": value}}
    assert (workflow.model_extra or {})["origin"] == {"format": "comfyui-api"}


def test_the_usual_title_of_a_type_is_no_label():
    loader = {"class_type": "CheckpointLoaderSimple", "inputs": {}, "_meta": {"title": "Load Checkpoint"}}
    assert load({"1": loader}).nodes[0].label == "CheckpointLoaderSimple"


def test_a_node_without_a_class_is_refused():
    with pytest.raises(WorkflowError, match=r"x.json: 2.class_type: missing"):
        load({"1": PROMPT["1"], "2": {"inputs": {}}}, "x.json")
