"""One workflow as one HTML page that loads nothing: its graph to explore, and what there is to say of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from lamina_graph.classify import Classification, Evidence
from lamina_graph.errors import InputError
from lamina_graph.features import Features
from lamina_graph.files import pack
from lamina_graph.graph import adjacency
from lamina_graph.lint import lint
from lamina_graph.model import Estimate, Workflow
from lamina_graph.report.catalogue.charts import link
from lamina_graph.report.page import asset, diagram_stylesheet, render_page
from lamina_graph.report.workflow.node_details import NodeDetails, node_details
from lamina_graph.text import elide, one_line, pluralize
from lamina_graph.vocabulary import Vocabulary

if TYPE_CHECKING:
    from lamina_graph.render import Direction, View, WorkflowSvg
    from lamina_graph.run_outcome import Outcome

MOST_NODES, MOST_EDGES = 3_000, 12_000
"""What a page explores at most: beyond, no browser answers at once."""

MAPPED_FROM = 60
"""Nodes from more than which a small map stands in the corner of the picture."""

_SMALLEST = 0.55
"""The scale at which the small print of a picture is still read."""


class Overlays(NamedTuple):
    """What can be laid over a workflow: what a run costs, how one went; None where that is not known."""

    estimate: Estimate | None = None
    outcome: "Outcome | None" = None


class Start(NamedTuple):
    """What a page shows at first.

    Attributes:
        palette: what colours stand for; the role of each node where there is no such palette.
        node: the id of the node that is chosen, if any.
        fold: what is folded, as in `draw`.
        direction, theme: as in `draw`.
    """

    palette: str = "role"
    node: str = ""
    fold: "View" = "auto"
    direction: "Direction | Literal['auto']" = "auto"
    theme: Literal["auto", "light", "dark"] = "auto"


NO_OVERLAYS, USUAL_START = Overlays(), Start()


class Proof(NamedTuple):
    """A piece of evidence: what it says, and the nodes of its path by number."""

    evidence: Evidence
    path: tuple[int, ...]


class Group(NamedTuple):
    """A folded card: its number, its title, its nodes, and the region that it opens with."""

    card: int
    title: str
    nodes: tuple[NodeDetails, ...]
    region: int


def html(
    workflow: Workflow,
    analysis: tuple[Features, Classification],
    *,
    overlays: Overlays = NO_OVERLAYS,
    start: Start = USUAL_START,
    title: str = "",
    vocabulary: Vocabulary | None = None,
) -> str:
    """Return a workflow as an HTML page to explore.

    Args:
        workflow: the workflow.
        analysis: its features and its classification.
        overlays: what else is known of it.
        start: what the page shows at first.
        title: in place of the app's name.
        vocabulary: the words of node types.

    Raises:
        InputError: the estimate is of another workflow, or the workflow is too large for a page.
        RenderError: the layout failed.

    >>> from lamina_graph.classify import classify
    >>> from lamina_graph.features import features
    >>> from lamina_graph.files import load
    >>> w = load({"name": "<u>", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> "<u>" in html(w, (features(w), classify(w)))
    False
    """
    from lamina_graph.render import draw_strip, draw_workflow_layers, node_credits

    facts, classification = analysis
    _check_size(facts)
    drawing = draw_workflow_layers(
        workflow,
        analysis,
        fold=start.fold,
        direction=start.direction,
        estimate=overlays.estimate,
        outcome=overlays.outcome,
        vocabulary=vocabulary,
    )
    credits = node_credits(facts, overlays.estimate)[0] if overlays.estimate else None
    nodes = node_details(workflow, facts, credits=credits, outcome=overlays.outcome, vocabulary=vocabulary)
    palettes = [palette.name for palette in drawing.palettes]
    number = {node.id: node.number for node in nodes}
    return render_page(
        "workflow.html",
        _style(drawing),
        asset("camera.js") + asset("workflow.js"),
        carried=pack(workflow),
        title=title or elide(one_line(workflow.name or workflow.app_id or ""), 100) or "Untitled workflow",
        verdict=classification,
        facts=list(_list_facts(facts, classification)),
        strip=draw_strip(facts, workflow=workflow, vocabulary=vocabulary),
        drawing=drawing,
        graph=_graph_data(workflow, drawing),
        nodes=nodes,
        groups=list(_list_groups(drawing, nodes)),
        proofs=list(_list_proofs(classification, number)),
        inputs=[nodes[number[id_]] for id_ in facts.inputs],
        deliverables=[nodes[number[each.end]] for each in facts.deliverables],
        findings=lint(workflow, facts=facts),
        costs=list(_list_costs(overlays.estimate)),
        mapped=len(nodes) > MAPPED_FROM,
        palette=start.palette if start.palette in palettes else "role",
        chosen=number.get(start.node, ""),
        theme=start.theme,
        link=lambda id_: link(node=id_),
    )


def _check_size(facts: Features) -> None:
    if facts.nodes > MOST_NODES or facts.edges > MOST_EDGES:
        raise InputError(
            f"a page explores up to {MOST_NODES:,} nodes and {MOST_EDGES:,} edges; "
            f"this workflow has {facts.nodes:,} and {facts.edges:,}",
            "Write an SVG instead: -o FILE.svg, with --collapse or --focus ID.",
        )


def _list_proofs(classification: Classification, number: Mapping[str, int]) -> Iterator[Proof]:
    for evidence in classification.evidence:
        yield Proof(evidence, tuple(number[id_] for id_ in evidence.path if id_ in number))


def _list_facts(facts: Features, classification: Classification) -> Iterator[str]:
    """Yield what the page says below its title."""
    yield pluralize(facts.nodes, "node")
    yield pluralize(facts.edges, "edge") if facts.edges_known else "edges unknown"
    if facts.stages:
        yield pluralize(facts.stages, "stage")
    if facts.edges_known:
        yield facts.shape


def _list_costs(estimate: Estimate | None) -> Iterator[str]:
    known = estimate and estimate.estimated_credits
    if not known or known.expected is None:
        return
    span = (
        ""
        if known.min is None or known.max is None or known.min == known.max
        else f" ({known.min:,g} to {known.max:,g})"
    )
    yield f"A run costs {known.expected:,g} credits{span}."


def _list_groups(drawing: "WorkflowSvg", nodes: Sequence[NodeDetails]) -> Iterator[Group]:
    region = {card: number for number, cards in enumerate(drawing.regions) for card in cards}
    for card, members in enumerate(drawing.cards):
        if len(members) > 1:
            yield Group(card, drawing.titles[card], tuple(nodes[member] for member in members), region[card])


def _graph_data(workflow: Workflow, drawing: "WorkflowSvg") -> str:
    """Return what the script of the page needs, as JSON: numbers, path data and names of classes alone."""
    data = {
        "edges": adjacency(workflow).edges,
        "cards": drawing.cards,
        "sizes": drawing.sizes,
        "lines": drawing.lines,
        "looks": {
            palette.name: looks for palette, looks in zip(drawing.palettes, drawing.looks, strict=True)
        },
        "regions": drawing.regions,
        "states": [
            {
                "open": state.opened,
                "size": state.size,
                "places": _rounded(state.places),
                "routes": state.routes,
            }
            for state in drawing.states
        ],
    }
    return json.dumps(data, separators=(",", ":"))


def _rounded(places: dict[int, tuple[float, float]]) -> dict[int, list[float]]:
    return {card: [round(x, 1), round(y, 1)] for card, (x, y) in places.items()}


def _style(drawing: "WorkflowSvg") -> str:
    """Return the style of the page: without a script the picture shrinks no further than it can be read."""
    least = _SMALLEST * drawing.states[0].size[0]
    return (
        f"{asset('stage.css')}{asset('workflow.css')}{diagram_stylesheet()}"
        f"@media screen{{html:not(.js) .stage > svg{{min-width:{least:.0f}px}}}}"
    )
