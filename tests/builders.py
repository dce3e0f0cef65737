"""Workflows in one notation, and what a diff says of them.

A graph is written as chains: `photo:imageInputNode > clip:klingVideoNode="Clip"`, one an argument or one a
line. A node is `id:type="label"{fields}`; what is said of it once holds wherever its id stands. Where no
type is given it is the id up to its first point or hyphen: `fluxNode.1 > fluxNode.2` are two nodes of type
`fluxNode`. An edge may carry fields: `a >{"sourceHandle":"x"} b`. `!x` is the end of an edge that leads to
no node, `+x:type` a second node with the id of another. In the later version of a graph only what differs
is said: `id2<id` is the node `id` under a new id.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from lamina_graph.diff import Diff
from lamina_graph.files import load
from lamina_graph.model import Credits, Estimate, Workflow

SCENES: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "scenes" / "scenes.toml").read_text(encoding="utf-8")
)
"""Pairs of versions by name, and what a person would say of each."""

NODE = re.compile(r'([\w .-]+)(?:<([\w .-]+))?(?::([\w ]+))?(?:="([^"]*)")?(\{.*\})?')
ARROW = re.compile(r"\s*>(\{[^}]*\})?\s*")

Known = Mapping[str, Mapping[str, Any]]


def content(*chains: str, type: str | None = None, known: Known | None = None, **app: Any) -> dict[str, Any]:
    """Return the JSON of a graph.

    Args:
        chains: the graph in the notation.
        type: of the nodes that name none.
        known: the nodes of an earlier version, by id.
        app: other fields of the workflow: `name`, `appId`.
    """
    nodes: dict[str, dict[str, Any]] = {}
    repeated: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []

    def end(token: str) -> str:
        if token.startswith("!"):
            return token[1:]
        match = NODE.fullmatch(token.lstrip("+"))
        assert match, f"not in the notation: {token}"
        id_, earlier, type_, label, fields = match.groups()
        node = {**(known or {}).get(earlier or id_, {}), **nodes.get(id_, {}), "id": id_}
        node |= json.loads(fields or "{}")
        node |= {name: value for name, value in (("type", type_), ("label", label)) if value is not None}
        node.setdefault("type", type or re.split("[.-]", id_)[0])
        if token.startswith("+"):
            repeated.append(node)
        else:
            nodes[id_] = node
        return id_

    for line in filter(None, (line.strip(" \n") for chain in chains for line in chain.split("\n"))):
        parts = ARROW.split(line)
        ids = [end(token) for token in parts[::2]]
        for fields, source, target in zip(parts[1::2], ids, ids[1:], strict=False):
            edges.append({"source": source, "target": target, **json.loads(fields or "{}")})
    return {**app, "nodes": [*nodes.values(), *repeated], "edges": edges}


def workflow(*chains: str, type: str | None = None, known: Known | None = None, **app: Any) -> Workflow:
    """Return a graph in the notation as a workflow.

    >>> [node.type for node in workflow("imageInputNode > klingVideoNode.1 > klingVideoNode.2").nodes]
    ['imageInputNode', 'klingVideoNode', 'klingVideoNode']
    """
    return load(content(*chains, type=type, known=known, **app))


def old_and_new(scene: Mapping[str, Any]) -> tuple[Workflow, Workflow]:
    """Return the old and the new version of a scene; the new one says only what differs."""
    old_app, new_app = scene.get("app", [{}, {}])
    old = content(scene["old"], **old_app)
    known = {node["id"]: node for node in reversed(old["nodes"])}
    return load(old), workflow(scene["new"], known=known, **new_app)


def estimates(scene: Mapping[str, Any]) -> list[Estimate | None]:
    """Return what a run of each version of a scene is estimated to cost."""
    return [
        Estimate(app_id="a", estimated_credits=Credits(expected=credits)) if credits else None
        for credits in scene.get("credits", [None, None])
    ]


def numbered(
    types: Sequence[str],
    edges: Iterable[tuple[int, int]],
    ids: Sequence[str] = (),
    labels: Sequence[str | None] = (),
    **app: Any,
) -> Workflow:
    """Return a generated graph: a node for each type, and edges between their numbers.

    >>> [(edge.source, edge.target) for edge in numbered("ab", [(0, 1)]).edges]
    [('a0', 'b1')]
    """
    ids = ids or [f"{type_}{number}" for number, type_ in enumerate(types)]
    labels = labels or [None] * len(types)
    nodes = [{"id": i, "type": t, "label": x} for i, t, x in zip(ids, types, labels, strict=True)]
    return load({**app, "nodes": nodes, "edges": [{"source": ids[s], "target": ids[t]} for s, t in edges]})


def spelled_out(*chains: str) -> list[str]:
    """Return the chains of a graph that spells one model out, with more chains behind them."""
    return [
        "CheckpointLoader > KSampler.1 > VAEDecode.1",
        "CheckpointLoader > CLIPTextEncode > KSampler.1",
        "EmptyLatentImage > KSampler.1",
        *chains,
    ]


TYPES = [
    "imageUploadNode", "fluxImageNode", "klingVideoNode", "upscaleNode", "scriptWriterNode",
    "voiceoverNode", "videoMergeNode", "SaveImage", "KSampler", "VAEDecode",
    "CLIPTextEncode", "CheckpointLoader", "switchNode", "qzx", "vbn", "forLoopStart", "CompareNode",
    "SaveAudio", "fluxStage1Node", "fluxStage2Node", "SDModel", "garmentUploadNode", "personUploadNode",
    "falGenericApi", "videoExtendNode", "CatVTONLoRALoader", "segmentNode",
]  # fmt: skip
"""Node types of every role."""


@st.composite
def workflows(draw: st.DrawFn, cycles: bool = True, most: int = 12) -> Workflow:
    """Draw a workflow of known and unknown types."""
    size = draw(st.integers(0, most))
    types = draw(st.lists(st.sampled_from(TYPES), min_size=size, max_size=size))
    number = st.integers(0, max(0, size - 1))
    pairs = draw(st.sets(st.tuples(number, number), max_size=20))
    edges = [(a, b) for a, b in sorted(pairs) if size and (cycles or a < b)]
    return numbered(types, edges, [f"n{n}" for n in range(size)], types)


def rules_of(diff: Diff) -> list[str]:
    """Return the severity and the rule of each change, in order."""
    return sorted(f"{change.severity} {change.rule}" for change in diff.changes)
