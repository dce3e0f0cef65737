"""The files of models that nodes load, as far as a workflow says them."""

from collections.abc import Iterator, Mapping
from typing import Any

from lamina_graph.model import Node, Workflow
from lamina_graph.render.font_metrics import sanitize

_ENDINGS = (".safetensors", ".sft", ".gguf", ".ckpt", ".pt", ".pth", ".bin", ".onnx")


def model_files(workflow: Workflow) -> dict[str, str]:
    """Return the name of the first model file of each node that names one, by the node's id.

    >>> from lamina_graph.files import load
    >>> settings = {"unet_name": "FLUX/flux1-dev.safetensors", "weight_dtype": "default"}
    >>> model_files(load({"nodes": [{"id": "1", "type": "UNETLoader", "settings": settings}], "edges": []}))
    {'1': 'flux1-dev.safetensors'}
    """
    files = ((node.id, next(_files(node), "")) for node in workflow.nodes)
    return {id_: file for id_, file in files if file}


def _files(node: Node) -> Iterator[str]:
    extra = node.model_extra or {}
    settings = extra.get("settings")
    for value in settings.values() if isinstance(settings, Mapping) else ():
        if isinstance(value, str) and value.casefold().endswith(_ENDINGS):
            yield _base_name(value)
    models: Any = extra.get("models")
    for row in models if isinstance(models, list) else ():
        name = row.get("name") if isinstance(row, Mapping) else None
        if isinstance(name, str) and name:
            yield _base_name(name)


def _base_name(path: str) -> str:
    return sanitize(path.replace("\\", "/").rpartition("/")[2])
