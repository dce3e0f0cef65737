"""Pictures of a diff: of both versions whole, or of a part of them."""

import re
from typing import NamedTuple

from lamina_graph.diff import Diff
from lamina_graph.features import Features, features
from lamina_graph.model import Workflow
from lamina_graph.render import Picture, draw
from lamina_graph.render.comparison import comparison
from lamina_graph.vocabulary import Vocabulary

_WIDE = 2_400
"""Pixels from which a picture is drawn from top to bottom instead, if it is narrower then."""


class Drawn(NamedTuple):
    """An SVG for a page, and how wide it is."""

    svg: str
    width: int


def whole(found: Diff) -> Drawn:
    """Return the picture of both versions, in the direction that suits a page."""
    wide = drawn(draw(found))
    if wide.width <= _WIDE:
        return wide
    return min(wide, drawn(draw(found, direction="TB")), key=lambda each: each.width)


def partial(found: Diff, shown: Diff) -> Picture:
    """Return the picture of a part of a diff; what its nodes are is known from the whole.

    Args:
        found: the whole diff.
        shown: the part, as `part` gives it.
    """
    old = _facts(found.old_workflow, shown.old_workflow, found.vocabulary)
    new = _facts(found.new_workflow, shown.new_workflow, found.vocabulary)
    return Picture(comparison(shown, old, new, vocabulary=found.vocabulary))


def drawn(picture: Picture) -> Drawn:
    """Return a picture as an SVG for a page."""
    found = re.search(r' width="(\d+)', picture.inline)
    return Drawn(picture.inline, int(found[1]) if found else 0)


def _facts(workflow: Workflow, shown: Workflow, vocabulary: Vocabulary | None) -> Features:
    facts, ids = features(workflow, vocabulary=vocabulary), {node.id for node in shown.nodes}
    return facts.model_copy(
        update={
            "facts": tuple(each for each in facts.facts if each.id in ids),
            "deliverables": tuple(each for each in facts.deliverables if each.id in ids),
        }
    )
