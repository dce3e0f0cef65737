"""The scene of one workflow."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from lamina_graph.graph import Adjacency, adjacency, heaviest_path, wires
from lamina_graph.model import Edge, Workflow
from lamina_graph.render.font_metrics import sanitize
from lamina_graph.render.palette import Sign
from lamina_graph.render.scenes.model_files import model_files
from lamina_graph.render.scenes.scene import Card, Link, Scene, join_parts
from lamina_graph.text import pluralize
from lamina_graph.vocabulary import MODALITIES, Modality, Vocabulary, readable

if TYPE_CHECKING:
    from lamina_graph.classify import Classification
    from lamina_graph.features import Features, NodeFacts

_SOCKETS = {"string": "text", "mesh": "3d", "mask": "image", "svg": "vector"}
"""Types of sockets that are called otherwise than the modality."""

Pairs = frozenset[tuple[int, int]]


def workflow_scene(
    workflow: Workflow,
    facts: "Features",
    classification: "Classification",
    *,
    title: str | None = None,
    credits: Mapping[str, float] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Scene:
    """Return the scene of one workflow.

    Its main path is the most expensive one where `credits` says what nodes cost, by id; else the one that
    decided the category, begun at the input that is farthest from its first step; else the longest to a
    deliverable.
    """
    adj = adjacency(workflow)
    edges = {} if adj.has_plain_edges else wires(workflow, adj)
    deliverables = {adj.index[item.end] for item in facts.deliverables}
    main = _find_main_path(adj, facts, classification, deliverables, credits)
    files = model_files(workflow)
    on_path = {node for pair in main for node in pair}
    counts = (pluralize(facts.nodes, "node"), pluralize(facts.stages, "stage") if facts.stages else "")
    return Scene(
        title=sanitize(title or workflow.name or "") or "Untitled workflow",
        subtitle=join_parts(
            [classification.category, *counts, facts.shape if facts.edges_known else "edges unknown"]
        ),
        description=_description(facts, classification),
        cards=tuple(
            node_card(
                fact,
                vocabulary,
                deliverable=node in deliverables,
                main=node in on_path,
                model=files.get(fact.id, ""),
            )
            for node, fact in enumerate(facts.facts)
        ),
        links=tuple(
            Link(
                *pair,
                main=pair in main,
                tooltip=parallel_wires(edges[pair]) or _socket_names(edges[pair][0]),
                carries=_carried_by(edges[pair]),
            )
            if edges
            else Link(*pair, main=pair in main)
            for pair in adj.edges
        ),
        workflow=workflow,
    )


def node_card(
    fact: "NodeFacts",
    vocabulary: Vocabulary | None = None,
    *,
    deliverable: bool = False,
    main: bool = False,
    mark: Sign | None = None,
    model: str = "",
) -> Card:
    """Return the card of one node: its label above its type, else its type above its model file or task."""
    type_name = sanitize(readable(fact.type, vocabulary)) or "(no type)"
    title = type_name if fact.title == fact.type else sanitize(fact.title) or type_name
    task = fact.task or fact.role
    modalities = f", gives {', '.join(fact.modalities)}" if fact.modalities else ""
    return Card(
        title=title,
        kind=type_name if title.casefold() != type_name.casefold() else model or task,
        role=fact.role,
        id=fact.id,
        type=fact.type,
        tooltip=(
            title,
            f"type {sanitize(fact.type)}",
            f"id {sanitize(fact.id)}",
            f"{task}{modalities}{', deliverable' if deliverable else ''}",
            *([f"model {model}"] if model else []),
        ),
        modalities=fact.modalities,
        deliverable=deliverable,
        main=main,
        mark=mark,
        stage=fact.stage if fact.generation else None,
    )


def parallel_wires(edges: Sequence[Edge]) -> str:
    """Return what the wires between two nodes join, where there are several: one line stands for them.

    >>> ends = {"source": "a", "target": "b"}
    >>> parallel_wires([Edge(**ends, sourceHandle="image", targetHandle="mask"), Edge(**ends)])
    '2 wires: image → mask, without handles'
    """
    if len(edges) < 2:
        return ""
    names = (_socket_names(edge) or "without handles" for edge in edges)
    return f"{pluralize(len(edges), 'wire')}: {', '.join(names)}"


def _socket_names(edge: Edge) -> str:
    """What a wire joins, as far as it says."""
    ends = ((edge.model_extra or {}).get(end) for end in ("sourceHandle", "targetHandle"))
    return " → ".join(sanitize(str(end)) for end in ends if end)


def _carried_by(edges: Sequence[Edge]) -> Modality | Literal["other"] | None:
    """What wires carry, as the types of their sockets say; None where they say nothing, or several things."""
    types = {str((edge.model_extra or {}).get("carries") or "").casefold() for edge in edges}
    if len(types) != 1 or types == {""}:
        return None
    (type_,) = types
    return next((modality for modality in MODALITIES if modality == _SOCKETS.get(type_, type_)), "other")


def _find_main_path(
    adj: Adjacency,
    facts: "Features",
    classification: "Classification",
    ends: Collection[int],
    credits: Mapping[str, float] | None,
) -> Pairs:
    if credits:
        return _path_edges(adj, (), ends, [credits.get(id_, 0.0) for id_ in adj.ids])
    evidence = classification.evidence[0].path if classification.evidence else ()
    return _path_edges(adj, _from_first_step(evidence, facts), ends, _weights(facts, evidence))


def _path_edges(
    adj: Adjacency, path: Sequence[str], ends: Collection[int], weights: Sequence[float]
) -> Pairs:
    """The edges of a path and of what leads to it; where these are none, of the heaviest path to an end."""
    known = [adj.index[id_] for id_ in path if id_ in adj.index]
    before = heaviest_path(adj.successors, weights, known[:1])[:-1]
    whole = [*(node for node in before if node not in known), *known]
    for nodes in (whole, heaviest_path(adj.successors, weights, ends)):
        edges = frozenset(pair for pair in pairwise(nodes) if pair[1] in adj.successors[pair[0]])
        if edges:
            return edges
    return frozenset()


def _from_first_step(path: Sequence[str], facts: "Features") -> Sequence[str]:
    steps = {fact.id for fact in facts.facts if fact.role in ("generate", "transform")}
    first = next((place for place, id_ in enumerate(path) if id_ in steps), 0)
    return path[first:]


def _weights(facts: "Features", evidence: Sequence[str]) -> list[float]:
    """What nodes weigh on the main path: inputs most, so that it starts at one; of equals the evidence."""
    count, on_path = len(facts.facts), set(evidence)
    return [
        1.0 + (count if fact.role == "input" else 0) + (fact.id in on_path) / (count + 1)
        for fact in facts.facts
    ]


def _description(facts: "Features", classification: "Classification") -> str:
    gives = f" that gives {', '.join(facts.output_modalities)}" if facts.output_modalities else ""
    claim = classification.evidence[0].claim if classification.evidence else ""
    edges = pluralize(facts.edges, "edge") if facts.edges_known else "unknown edges"
    counts = f"A workflow of {pluralize(facts.nodes, 'node')} and {edges}"
    return sanitize(f"{counts}{gives}. {claim}")
