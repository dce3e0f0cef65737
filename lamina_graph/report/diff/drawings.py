"""Pictures of a diff: of both versions in one, whole as far as that can be read, or of a part of them."""

from collections.abc import Iterator
from typing import NamedTuple

from lamina_graph.diff import Diff
from lamina_graph.features import Features, features
from lamina_graph.model import Workflow
from lamina_graph.render import (
    LARGEST_WHOLE_DIFF,
    DiffSvg,
    Picture,
    diff_scene,
    draw_diff_layers,
    fold_unchanged,
)
from lamina_graph.report.diff.subgraph import changed_subgraph, first_changes

MOST_NODES = 600
"""Nodes up to which a page draws the whole graph."""


class DiffDrawing(NamedTuple):
    """What a page draws of a diff, if anything, and what it says of it."""

    svg: DiffSvg | None
    caption: str


def draw_diff(diff: Diff) -> DiffDrawing:
    """Return the picture of both versions, or of the largest part of them that a page draws."""
    diff = diff.presented
    old, new = (features(side, vocabulary=diff.vocabulary) for side in (diff.old_workflow, diff.new_workflow))
    total = _nodes(diff)
    for part, caption in _parts(diff):
        if 0 < _nodes(part) <= MOST_NODES:
            sides = _within(old, part.old_workflow), _within(new, part.new_workflow)
            svg = draw_diff_layers(part, *sides, vocabulary=diff.vocabulary)
            return DiffDrawing(svg, caption.format(nodes=f"{_nodes(part):,}", total=f"{total:,}"))
    if total:
        problem = f"the graph is large ({total:,} nodes), and no node or edge of it changed"
        return DiffDrawing(None, f"No picture: {problem}.")
    return DiffDrawing(None, "No picture: there are no nodes in either version.")


def draw_part(diff: Diff, part: Diff) -> Picture:
    """Return the picture of a part of a diff (see `changed_subgraph`); a node is what it is in the whole.

    Of many cards, those that are unchanged and far from any change are folded.
    """
    sides = ((diff.old_workflow, part.old_workflow), (diff.new_workflow, part.new_workflow))
    old, new = (_within(features(whole, vocabulary=diff.vocabulary), kept) for whole, kept in sides)
    scene = diff_scene(part, old, new, vocabulary=diff.vocabulary)
    return Picture(fold_unchanged(scene) if len(scene.cards) > LARGEST_WHOLE_DIFF else scene)


def _parts(diff: Diff) -> Iterator[tuple[Diff, str]]:
    """Yield what may be drawn, from most to least, each with its caption."""
    yield diff, ""
    yield changed_subgraph(diff, 1), "What changed and what is next to it: {nodes} of {total} nodes"
    yield changed_subgraph(diff, 0), "What changed: {nodes} of {total} nodes"
    yield first_changes(diff, MOST_NODES), "The first changes: {nodes} of {total} nodes"


def _nodes(diff: Diff) -> int:
    return len(diff.new_workflow.nodes) + len(diff.nodes.removed)


def _within(facts: Features, kept: Workflow) -> Features:
    return facts.within({node.id for node in kept.nodes})
