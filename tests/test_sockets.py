"""What the types of sockets tell is believed: it settles what names leave open, and corrects them."""

from typing import Any

import pytest

import lamina_graph as lg
from lamina_graph.graph import adjacency

Json = dict[str, Any]


def workflow(*edges: str, **types: str) -> lg.Workflow:
    """Return a workflow of nodes by id and type, with edges such as `a VIDEO b`."""
    rows = [dict(zip(("source", "carries", "target"), edge.split(), strict=True)) for edge in edges]
    return lg.load({"nodes": [{"id": id_, "type": type_} for id_, type_ in types.items()], "edges": rows})


def gives(w: lg.Workflow) -> dict[str, tuple[str, ...]]:
    return {node.id: node.modalities for node in lg.features(w).facts}


@pytest.mark.parametrize(
    ("carries", "expected"),
    [
        ("VIDEO", ("video",)),
        ("AUDIO", ("audio",)),
        ("FILE_3D_GLB", ("3d",)),
        ("SVG", ("vector",)),
        ("IMAGE", ("image",)),
        ("STRING", ("image",)),
        ("ACME_THING", ("image",)),
    ],
)
def test_what_flows_beats_what_a_name_suggests(carries: str, expected: tuple[str, ...]):
    """A text beside media, such as the number of a task, and what nobody knows, say nothing of a medium."""
    w = workflow(f"a {carries} b", a="acmeImageGenerator", b="preview")
    assert gives(w)["a"] == expected


def test_the_frames_of_a_video_are_still_that_video():
    assert gives(workflow("a IMAGE b", a="klingVideoNode", b="SaveVideo"))["a"] == ("video",)


ROLES = {
    "model": ("control", "model"),
    "patch": ("control", "patch"),
    "text": ("control", "conditioning"),
    "empty": ("control", "latent"),
    "run": ("generate", "sampler"),
    "out": ("transform", "decoder"),
    "vae": ("control", "aux"),
    "number": ("control", None),
}


def test_nodes_that_no_word_names_are_what_their_sockets_say():
    """A model that is spelled out in nodes of unheard-of types is read by what flows between them."""
    w = workflow(
        "model MODEL patch",
        "patch MODEL run",
        "model CLIP text",
        "text CONDITIONING run",
        "number INT empty",
        "empty LATENT run",
        "run LATENT out",
        "vae VAE out",
        "out IMAGE save",
        **{id_: f"Zq{id_[::-1]}" for id_ in ROLES},
        save="SaveImage",
    )
    facts = {node.id: (node.role, node.part) for node in lg.features(w).facts}
    assert {id_: facts[id_] for id_ in ROLES} == ROLES
    assert lg.classify(w).category == "image"


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        ({"carries": "video"}, "VIDEO"),
        ({"sourceHandle": "out", "targetHandle": "firstImage"}, "IMAGE"),
        ({"sourceHandle": "audio-1", "targetHandle": "input"}, "AUDIO"),
        ({"targetHandle": "image_or_video"}, None),
        ({"targetHandle": "model"}, None),
        ({"carries": 7, "targetHandle": 7}, None),
        ({}, None),
    ],
)
def test_a_handle_that_names_one_medium_tells_what_flows(edge: Json, expected: str | None):
    """The type of a socket goes first. A model may be a person where models are not spelled out."""
    rows: list[Json] = [{"id": "a", "type": "t"}, {"id": "b", "type": "t"}]
    adj = adjacency(lg.load({"nodes": rows, "edges": [{"source": "a", "target": "b", **edge}]}))
    assert adj.carried == ({(0, 1): (expected,)} if expected else {})


def test_the_inputs_of_comfyui_name_what_flows_where_its_api_tells_no_types():
    prompt = {
        "1": {"class_type": "Zqa", "inputs": {}},
        "2": {"class_type": "Zqb", "inputs": {"model": ["1", 0], "clip": ["1", 1], "latent_image": ["1", 2]}},
    }
    assert adjacency(lg.load(prompt)).carried == {(0, 1): ("MODEL", "CLIP", "LATENT")}


def test_two_wires_between_two_nodes_are_counted_as_two():
    """Edges are pairs of nodes; an edge that stands twice in a file is one wire all the same."""
    ends = {"source": "a", "target": "b"}
    edges = [
        ends | {"targetHandle": "image"},
        ends | {"targetHandle": "mask"},
        ends | {"targetHandle": "mask"},
    ]
    nodes = [{"id": "a", "type": "t"}, {"id": "b", "type": "t"}]
    features = lg.features(lg.load({"nodes": nodes, "edges": edges}))
    assert (features.edges, features.wires) == (1, 2)
    assert lg.features(lg.load({"nodes": nodes, "edges": [ends, ends]})).wires == 1
