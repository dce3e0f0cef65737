"""Small ComfyUI workflows, written as a sentence: nodes, and links between their sockets."""

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]


def node(
    id_: int | None,
    type_: str,
    inputs: Iterable[tuple[str, str]] = (),
    outputs: Iterable[str] = (),
    **fields: Any,
) -> Json:
    """Return a node as the editor saves it: inputs by name and type, outputs by type."""
    return {
        "id": id_,
        "type": type_,
        "mode": 0,
        "pos": [40 * (id_ or 0), 20],
        "inputs": [{"name": name, "type": kind, "link": None} for name, kind in inputs],
        "outputs": [{"name": kind, "type": kind, "links": []} for kind in outputs],
        **fields,
    }


def editor(nodes: list[Json], links: Iterable[tuple[int, int, int, int]], **fields: Any) -> Json:
    """Return a workflow of the editor: links lead from an output of a node to an input of another."""
    return {"nodes": nodes, "links": linked(nodes, links), "version": 0.4, **fields}


def subgraph(
    id_: str,
    nodes: list[Json],
    links: Iterable[tuple[int, int, int, int]],
    inputs: Iterable[tuple[str, str]] = (),
    outputs: Iterable[tuple[str, str]] = (),
) -> Json:
    """Return the definition of a subgraph; -10 stands for its inputs in links, -20 for its outputs."""
    rows = linked(nodes, links)
    fields = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    return {
        "id": id_,
        "name": f"Subgraph {id_}",
        "inputNode": {"id": -10},
        "outputNode": {"id": -20},
        "inputs": [{"name": name, "type": kind} for name, kind in inputs],
        "outputs": [{"name": name, "type": kind} for name, kind in outputs],
        "nodes": nodes,
        "links": [dict(zip(fields, row, strict=True)) for row in rows],
    }


def linked(nodes: list[Json], links: Iterable[tuple[int, int, int, int]]) -> list[list[Any]]:
    """Return links as lists, and note each at the input that it feeds."""
    by_id = {each["id"]: each for each in nodes}
    rows = []
    for id_, (origin, output, target, place) in enumerate(links, 1):
        kind = "*"
        if origin in by_id:
            kind = by_id[origin]["outputs"][output]["type"]
        if target in by_id:
            by_id[target]["inputs"][place]["link"] = id_
            kind = by_id[target]["inputs"][place]["type"] if kind == "*" else kind
        rows.append([id_, origin, output, target, place, kind])
    return rows


LOADER = node(1, "CheckpointLoaderSimple", outputs=("MODEL", "CLIP", "VAE"))


def image_loader(id_: int, **fields: Any) -> Json:
    return node(id_, "LoadImage", outputs=("IMAGE", "MASK"), **fields)


def scaler(id_: int, **fields: Any) -> Json:
    return node(id_, "ImageScale", [("image", "IMAGE")], ["IMAGE"], **fields)


def saver(id_: int, **fields: Any) -> Json:
    return node(id_, "SaveImage", [("images", "IMAGE")], **fields)
