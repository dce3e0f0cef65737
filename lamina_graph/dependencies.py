"""What a workflow needs to run: node packs, model files, and the models and services that its nodes name."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import translate
from typing import Any, Literal

from pydantic import Field

from lamina_graph.features import Features, features
from lamina_graph.model import Node, Value, Workflow
from lamina_graph.vocabulary import Vocabulary, readable

_MODEL_FILE = re.compile(r"\.(safetensors|sft|ckpt|pth?|bin|gguf|onnx|pkl|engine)$", re.IGNORECASE)
_MODEL = re.compile(
    r"(?:.* )?(?:model|checkpoint|ckpt|unet|lora|vae|clip|control ?net|upscaler)(?: (?:name|id|file|path))?"
)
_STEPS = ("generate", "transform")


class Dependencies(Value):
    """What a workflow needs, each name once, in order of names.

    Attributes:
        packs: the node packs of ComfyUI that its nodes are from.
        models: the model files, and the models that settings name.
        services: the families of models, and their vendors, that types of nodes name.
    """

    packs: tuple[str, ...] = Field(default=(), description="node packs that its nodes are from")
    models: tuple[str, ...] = Field(default=(), description="model files and models that its settings name")
    services: tuple[str, ...] = Field(
        default=(), description="families of models and vendors that its node types name"
    )


Kind = Literal["node pack", "model", "service", "node type"]


class Use(Value):
    """One thing that a workflow uses: what kind of thing it is, and its name."""

    kind: Kind
    name: str


def dependencies(
    workflow: Workflow, *, facts: Features | None = None, vocabulary: Vocabulary | None = None
) -> Dependencies:
    """Return what a workflow needs to run.

    Args:
        workflow: the workflow.
        facts: its features, where they are known already.
        vocabulary: words of node types, by default the package's.

    >>> from lamina_graph.files import load
    >>> pack, settings = {"name": "comfy-core"}, {"ckpt_name": "SDXL/base.safetensors"}
    >>> loader = {"id": "4", "type": "CheckpointLoaderSimple", "pack": pack, "settings": settings}
    >>> clip = {"id": "5", "type": "klingVideoNode", "data": {"model": "kling-v3"}}
    >>> needs = dependencies(load({"nodes": [loader, clip], "edges": []}))
    >>> needs.packs, needs.models, needs.services
    (('comfy-core',), ('base.safetensors', 'kling-v3'), ('Kling',))
    """
    words = vocabulary or Vocabulary.default()
    facts = facts or features(workflow, vocabulary=words)
    named = [node for node in workflow.nodes if node.model_extra]
    brands = {fact.brand for fact in facts.facts if fact.brand and fact.role in _STEPS}
    return Dependencies(
        packs=tuple(sorted({pack for node in named if (pack := _pack(node))})),
        models=tuple(sorted({model for node in named for model in _models(node)})),
        services=tuple(sorted({words.name(brand) for brand in brands})),
    )


def find_uses(
    pattern: str, workflow: Workflow, needs: Dependencies, vocabulary: Vocabulary | None = None
) -> tuple[Use, ...]:
    """Return what of a workflow has a name: a pack, a model, a service, or a type of node.

    Args:
        pattern: the name, or a pattern with `*`; case does not matter.
        workflow: the workflow.
        needs: what it needs.
        vocabulary: words of node types, by default the package's.

    >>> from lamina_graph.files import load
    >>> one = load({"nodes": [{"id": "5", "type": "klingVideoNode"}], "edges": []})
    >>> find_uses("kling*", one, dependencies(one))
    (Use(kind='service', name='Kling'), Use(kind='node type', name='klingVideoNode'))
    """
    fits = re.compile(translate(pattern.strip()), re.IGNORECASE).fullmatch
    named: dict[Kind, tuple[str, ...]]
    named = {"node pack": needs.packs, "model": needs.models, "service": needs.services}
    uses = [Use(kind=kind, name=name) for kind, names in named.items() for name in names if fits(name)]
    types = sorted({node.type for node in workflow.nodes})
    uses += [
        Use(kind="node type", name=type_)
        for type_ in types
        if fits(type_) or fits(readable(type_, vocabulary))
    ]
    return tuple(uses)


def is_model_file(value: Any) -> bool:
    """Whether the value of a setting is a file of a model.

    >>> is_model_file("SDXL/base.safetensors"), is_model_file("a.png")
    (True, False)
    """
    return isinstance(value, str) and _MODEL_FILE.search(value) is not None


def names_model(words: str) -> bool:
    """Whether a setting, by its name in words, says which model is meant.

    >>> names_model("ckpt name"), names_model("model id"), names_model("model type")
    (True, True, False)
    """
    return _MODEL.fullmatch(words) is not None


def split_name(name: str) -> str:
    """Return the name of a setting in words, without a number at its end.

    >>> split_name("noiseSeed"), split_name("clip_name1")
    ('noise seed', 'clip name')
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[\W_]+", " ", name)
    return re.sub(r"\s*\d+$", "", words).strip().casefold()


def _pack(node: Node) -> str:
    pack = (node.model_extra or {}).get("pack")
    name = pack.get("name") if isinstance(pack, Mapping) else None
    return name if isinstance(name, str) else ""


def _models(node: Node) -> Iterator[str]:
    """Yield the model files that a node says it needs, and the models that its settings name."""
    fields = node.model_extra or {}
    listed = fields.get("models")
    for row in listed if isinstance(listed, list) else ():
        if isinstance(row, Mapping) and isinstance(row.get("name"), str):
            yield _file_name(row["name"])
    for place in ("settings", "data"):
        for name, value in _settings(fields.get(place)):
            if is_model_file(value) or (names_model(split_name(name)) and value):
                yield _file_name(value)


def _settings(fields: Any) -> Iterator[tuple[str, str]]:
    """Yield the settings that are texts, also those of objects within."""
    waiting = [fields]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            yield from ((str(name), value) for name, value in each.items() if isinstance(value, str))
            waiting += [value for value in each.values() if isinstance(value, Mapping)]


def _file_name(path: str) -> str:
    """Return a model without the folder that its file is in on one machine."""
    return re.split(r"[\\/]", path)[-1] if is_model_file(path) else path
