"""A dump of React Flow is read: types, labels, handles and places stand where its nodes keep them."""

import json
from typing import Any

import pytest

import lamina_graph as lg
from lamina_graph.files import canonical, load

VIEWPORT = {"x": 0, "y": 0, "zoom": 1}


def flow(*nodes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"nodes": list(nodes), "edges": [], "viewport": VIEWPORT, **fields}


def box(id_: str, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "position": {"x": 0, "y": 0}, "data": {}, **fields}


@pytest.mark.parametrize(
    ("node", "type_", "label"),
    [
        (box("a", type="fluxNode", data={"label": "Poster"}), "fluxNode", "Poster"),
        (box("a", type="custom", data={"nodeType": "fluxNode"}), "fluxNode", "fluxNode"),
        (box("a", type="custom-node", data={"type": "fluxNode", "label": "x"}), "fluxNode", "x"),
        (box("a", data={"kind": "fluxNode"}), "fluxNode", "fluxNode"),
        (box("a"), "default", "default"),
        (box("a", type="custom"), "custom", "custom"),
        (box("a", type="input", data={"type": "x"}), "input", "input"),
    ],
)
def test_a_node_is_what_its_data_says_where_its_type_says_only_how_it_is_drawn(
    node: dict[str, Any], type_: str, label: str
):
    workflow = load(flow(node))
    assert (workflow.nodes[0].type, workflow.nodes[0].title) == (type_, label)
    assert (workflow.model_extra or {})["origin"] == {"format": "react-flow"}


def test_the_fields_of_the_canvas_are_kept():
    edge = {"id": "e", "source": "a", "target": "b", "sourceHandle": "image", "animated": True}
    workflow = load(flow(box("a", parentId="b"), box("b"), edges=[edge]))
    assert workflow.edges[0].model_dump() == edge
    assert workflow.nodes[0].model_dump()["parentId"] == "b"
    assert (workflow.model_extra or {})["viewport"] == VIEWPORT


def test_the_edges_of_a_dump_stay_as_they_are():
    """Two wires between two nodes have ids of their own, and are not written as one edge."""
    ends = {"source": "a", "target": "b"}
    edges = [ends | {"id": "1", "targetHandle": "x"}, ends | {"id": "2", "targetHandle": "y"}]
    workflow = load(flow(box("a"), box("b"), edges=edges))
    assert json.loads(canonical(workflow))["edges"] == edges


def test_a_frame_that_is_no_id_frames_nothing():
    odd = load(flow(box("a", parentId=["b"]), box("b")))
    assert [finding.rule for finding in lg.lint(odd)]


def test_the_workflow_of_an_app_is_no_dump():
    """Lamina's own canvas keeps such fields, too; what has an app's id is an app's workflow."""
    workflow = load(flow(box("a", type="fluxNode"), appId="x"))
    assert "origin" not in (workflow.model_extra or {})
