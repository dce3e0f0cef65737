"""Bands behind the columns of a picture that say which stage they are."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from lamina_graph.render.layout.routing import Point
from lamina_graph.render.palette import Direction
from lamina_graph.render.svg.cards import Box
from lamina_graph.render.svg.elements import format_number

_EDGE = 10.0  # how far a band stands out from its cards, and the most that it takes of a gap
_ENDS = 8.0  # how far it stands out from the graph

Span = tuple[float, float]


def stage_spans(boxes: Sequence[Box], centres: Sequence[Point], direction: Direction) -> dict[int, Span]:
    """Return from where to where the generations of each stage stand; nothing where two stages overlap."""
    spans: dict[int, Span] = {}
    for box, centre in zip(boxes, centres, strict=True):
        if box.card.stage and box.card.role == "generate":
            at, half = (centre[0], box.width / 2) if direction == "LR" else (centre[1], box.height / 2)
            low, high = spans.get(box.card.stage, (at, at))
            spans[box.card.stage] = min(low, at - half), max(high, at + half)
    ordered = dict(sorted(spans.items()))
    apart = all(before[1] < after[0] for before, after in pairwise(ordered.values()))
    return ordered if len(ordered) > 1 and apart else {}


def band_elements(spans: dict[int, Span], size: Point, direction: Direction) -> Iterator[str]:
    """Yield a band for each stage, with its name."""
    ends = [*spans.values()]
    gaps = [after[0] - before[1] for before, after in pairwise(ends)]
    edge = min([_EDGE, *(gap / 2 - 2 for gap in gaps)])
    across = (size[1] if direction == "LR" else size[0]) + 2 * _ENDS
    for stage, (low, high) in spans.items():
        start, length = format_number(low - edge), format_number(high - low + 2 * edge)
        breadth = format_number(across)
        if direction == "LR":
            sides = f'x="{start}" y="{-_ENDS:g}" width="{length}" height="{breadth}"'
            place = format_number((low + high) / 2), format_number(size[1] + _ENDS + 12)
            turn = ""
        else:
            sides = f'x="{-_ENDS:g}" y="{start}" width="{breadth}" height="{length}"'
            place = "0", "0"
            turn = f' transform="translate({-_ENDS - 4:g} {format_number((low + high) / 2)})rotate(-90)"'
        yield f'<rect class="lg-band" {sides} rx="10"/>'
        at = f'x="{place[0]}" y="{place[1]}" text-anchor="middle"{turn}'
        yield f'<text class="lg-k" {at}>stage {stage}</text>'
