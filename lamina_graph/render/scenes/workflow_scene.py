"""The scene of one workflow."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from lamina_graph.graph import adjacency, wires
from lamina_graph.model import Edge, Workflow
from lamina_graph.render.font_metrics import shown
from lamina_graph.render.palette import Sign
from lamina_graph.render.scenes.main_path import main_path
from lamina_graph.render.scenes.scene import Card, Link, Scene, dotted
from lamina_graph.text import pluralize
from lamina_graph.vocabulary import Vocabulary, readable

if TYPE_CHECKING:
    from lamina_graph.classify import Classification
    from lamina_graph.features import Features, NodeFacts


def overview(
    workflow: Workflow,
    facts: "Features",
    answer: "Classification",
    *,
    title: str | None = None,
    date: datetime | str | None = None,
    path: Sequence[str] = (),
    weights: Mapping[str, float] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Scene:
    """Return the scene of one workflow.

    Args:
        workflow: what to show.
        facts: its features.
        answer: its classification, for the subtitle and the main path.
        title: in place of the app's name.
        date: when it was like this.
        path: the ids of the main path; by default the way that decided the category, begun at the input that
            is farthest from its first step, else the longest to a deliverable.
        weights: what nodes weigh, by id, where the heaviest path is to be the main one.
        vocabulary: the words of node types.
    """
    plain = adjacency(workflow)
    joined = wires(workflow, plain)
    ends = {plain.index[item.end] for item in facts.deliverables}
    witness = () if weights else _witness(answer)
    weighed = [weights.get(id_, 0.0) for id_ in plain.ids] if weights else _weights(facts, witness)
    main = main_path(plain, path or _from_its_first_step(witness, facts), ends, weighed)
    on_path = {number for pair in main for number in pair}
    cards = (
        card(fact, vocabulary, deliverable=number in ends, main=number in on_path)
        for number, fact in enumerate(facts.facts)
    )
    return Scene(
        title=shown(title or workflow.name or "") or "Untitled workflow",
        subtitle=dotted([answer.category, *_counts(facts), _date(date)]),
        described=_described(facts, answer),
        cards=tuple(cards),
        links=tuple(
            Link(*pair, main=pair in main, tooltip=parallel_wires(joined[pair])) for pair in plain.edges
        ),
        workflow=workflow,
    )


def card(
    fact: "NodeFacts",
    vocabulary: Vocabulary | None = None,
    *,
    deliverable: bool = False,
    main: bool = False,
    mark: Sign | None = None,
) -> Card:
    """Return the card of one node: its label above its type, or without a label its type above its task."""
    named = shown(readable(fact.type, vocabulary)) or "(no type)"
    title = named if fact.title == fact.type else shown(fact.title) or named
    does = fact.task or fact.role
    gives = f", gives {', '.join(fact.modalities)}" if fact.modalities else ""
    return Card(
        title=title,
        kind=named if title.casefold() != named.casefold() else does,
        role=fact.role,
        id=fact.id,
        type=fact.type,
        tooltip=(
            title,
            f"type {shown(fact.type)}",
            f"id {shown(fact.id)}",
            f"{does}{gives}{', deliverable' if deliverable else ''}",
        ),
        gives=fact.modalities,
        deliverable=deliverable,
        main=main,
        mark=mark,
    )


def parallel_wires(edges: Sequence[Edge]) -> str:
    """Return what the wires between two nodes join, where there are several: one line stands for them.

    >>> ends = {"source": "a", "target": "b"}
    >>> parallel_wires([Edge(**ends, sourceHandle="image", targetHandle="mask"), Edge(**ends)])
    '2 wires: image → mask, without handles'
    """
    if len(edges) < 2:
        return ""
    handles = (
        [(edge.model_extra or {}).get(end) for end in ("sourceHandle", "targetHandle")] for edge in edges
    )
    names = (" → ".join(shown(str(end)) for end in pair if end) or "without handles" for pair in handles)
    return f"{pluralize(len(edges), 'wire')}: {', '.join(names)}"


def _witness(answer: "Classification") -> Sequence[str]:
    return answer.evidence[0].path if answer.evidence else ()


def _from_its_first_step(witness: Sequence[str], facts: "Features") -> Sequence[str]:
    steps = {fact.id for fact in facts.facts if fact.role in ("generate", "transform")}
    first = next((at for at, id_ in enumerate(witness) if id_ in steps), 0)
    return witness[first:]


def _weights(facts: "Features", witness: Sequence[str]) -> list[float]:
    """What nodes weigh on the main path: it starts at an input if it can, and of equals it is the witness."""
    count, told = len(facts.facts), set(witness)
    return [
        1.0 + (count if fact.role == "input" else 0) + (fact.id in told) / (count + 1) for fact in facts.facts
    ]


def _counts(facts: "Features") -> list[str]:
    return [
        pluralize(facts.nodes, "node"),
        pluralize(facts.stages, "stage") if facts.stages else "",
        facts.shape,
    ]


def _described(facts: "Features", answer: "Classification") -> str:
    gives = f" that gives {', '.join(facts.output_modalities)}" if facts.output_modalities else ""
    claim = answer.evidence[0].claim if answer.evidence else ""
    counts = f"A workflow of {pluralize(facts.nodes, 'node')} and {pluralize(facts.edges, 'edge')}"
    return shown(f"{counts}{gives}. {claim}")


def _date(moment: datetime | str | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else shown(moment or "")
