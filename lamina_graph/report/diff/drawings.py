"""Pictures of a diff: of both versions in one, whole as far as that can be read, or of a part of them."""

from collections.abc import Iterator
from typing import NamedTuple

from lamina_graph.diff import Diff, as_told
from lamina_graph.features import Features, features
from lamina_graph.model import Workflow
from lamina_graph.render import DiffSvg, Picture, diff_scene, draw_diff_layers
from lamina_graph.report.diff.subgraph import first, part

MOST_NODES = 600
"""Nodes up to which a page draws the whole graph."""


class Pictured(NamedTuple):
    """What a page draws of a diff, and what it says of it."""

    double: DiffSvg | None
    said: str


def pictured(found: Diff) -> Pictured:
    """Return the picture of both versions, or of the largest part of them that a page draws."""
    found = as_told(found)
    old, new = (
        features(side, vocabulary=found.vocabulary) for side in (found.old_workflow, found.new_workflow)
    )
    every = _size(found)
    for subject, said in _tries(found):
        if 0 < _size(subject) <= MOST_NODES:
            sides = _within(old, subject.old_workflow), _within(new, subject.new_workflow)
            drawn = draw_diff_layers(subject, *sides, vocabulary=found.vocabulary)
            return Pictured(drawn, said.format(nodes=f"{_size(subject):,}", every=f"{every:,}"))
    if every:
        return Pictured(
            None, f"No picture: the graph is large ({every:,} nodes), and no node or edge of it changed."
        )
    return Pictured(None, "No picture: there are no nodes in either version.")


def partial(found: Diff, shown: Diff) -> Picture:
    """Return the picture of a part of a diff; what its nodes are is known from the whole.

    Args:
        found: the whole diff.
        shown: the part, as `part` gives it.
    """
    sides = ((found.old_workflow, shown.old_workflow), (found.new_workflow, shown.new_workflow))
    old, new = (_within(features(whole, vocabulary=found.vocabulary), kept) for whole, kept in sides)
    return Picture(diff_scene(shown, old, new, vocabulary=found.vocabulary))


def _tries(found: Diff) -> Iterator[tuple[Diff, str]]:
    """Yield what may be drawn, from most to least, each with what is said of it."""
    yield found, ""
    yield part(found, 1), "What changed and what is next to it: {nodes} of {every} nodes"
    yield part(found, 0), "What changed: {nodes} of {every} nodes"
    yield first(found, MOST_NODES), "The first changes: {nodes} of {every} nodes"


def _size(found: Diff) -> int:
    return len(found.new_workflow.nodes) + len(found.nodes.removed)


def _within(facts: Features, kept: Workflow) -> Features:
    return facts.within({node.id for node in kept.nodes})
