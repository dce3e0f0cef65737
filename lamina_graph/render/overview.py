"""The scene of one workflow."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from lamina_graph.graph import adjacency
from lamina_graph.model import Workflow, counted
from lamina_graph.render.language import Sign
from lamina_graph.render.measure import shown
from lamina_graph.render.overlays import Overlay
from lamina_graph.render.paths import main_path
from lamina_graph.render.scene import Card, Link, Scene, dotted
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
    overlay: Overlay | None = None,
    vocabulary: Vocabulary | None = None,
) -> Scene:
    """Return the scene of one workflow.

    Args:
        workflow: what to show.
        facts: its features.
        answer: its classification, for the subtitle and the main path.
        title: in place of the app's name.
        date: when it was like this.
        path: the ids of the main path; by default the way that decided the category, else the longest to a
            deliverable.
        overlay: what colours stand for, where not for roles.
        vocabulary: the words of node types.
    """
    plain = adjacency(workflow)
    ends = {plain.index[item.end] for item in facts.deliverables}
    weighed = overlay.weights if overlay else None
    weights = [1.0] * len(plain) if weighed is None else [weighed.get(id_, 0.0) for id_ in plain.ids]
    told = path or (() if weighed is not None else _witness(answer))
    main = main_path(plain, told, ends, weights)
    on_path = {number for pair in main for number in pair}
    cards = (
        card(fact, vocabulary, deliverable=number in ends, main=number in on_path)
        for number, fact in enumerate(facts.facts)
    )
    scene = Scene(
        title=shown(title or workflow.name or "") or "Untitled workflow",
        subtitle=dotted([answer.category, *_counts(facts), _date(date)]),
        described=_described(facts, answer),
        cards=tuple(cards),
        links=tuple(Link(*pair, main=pair in main) for pair in plain.edges),
        workflow=workflow,
    )
    return _coloured(scene, facts, overlay) if overlay else scene


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


def _coloured(scene: Scene, facts: "Features", overlay: Overlay) -> Scene:
    cards = (
        replace(card, step=overlay.steps.get(fact.id), note=overlay.notes.get(fact.id, ""))
        for card, fact in zip(scene.cards, facts.facts, strict=True)
    )
    return replace(
        scene,
        cards=tuple(cards),
        colours="steps",
        scale=overlay.scale,
        remarks=overlay.remarks,
        path=overlay.path,
    )


def _witness(answer: "Classification") -> Sequence[str]:
    return answer.evidence[0].path if answer.evidence else ()


def _counts(facts: "Features") -> list[str]:
    return [counted(facts.nodes, "node"), counted(facts.stages, "stage") if facts.stages else "", facts.shape]


def _described(facts: "Features", answer: "Classification") -> str:
    gives = f" that gives {', '.join(facts.output_modalities)}" if facts.output_modalities else ""
    claim = answer.evidence[0].claim if answer.evidence else ""
    counts = f"A workflow of {counted(facts.nodes, 'node')} and {counted(facts.edges, 'edge')}"
    return shown(f"{counts}{gives}. {claim}")


def _date(moment: datetime | str | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else shown(moment or "")
