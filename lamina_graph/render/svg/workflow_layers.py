"""One workflow for a page that explores it: in each of its colours, folded, open, and open in part."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from itertools import chain, combinations, islice
from typing import TYPE_CHECKING, Literal, NamedTuple

from lamina_graph.model import Estimate, Workflow
from lamina_graph.render.folding.fold_scene import FOLDED_FROM, collapse_stages, fold_scene
from lamina_graph.render.folding.regions import fold_regions, regroup
from lamina_graph.render.layout.layout import Pair, best_direction, layout
from lamina_graph.render.layout.ranks import assign_ranks
from lamina_graph.render.layout.routing import Point
from lamina_graph.render.palette import Direction
from lamina_graph.render.scenes.color_scales import color_by_age, color_by_credits, node_credits
from lamina_graph.render.scenes.run_overlay import overlay_run
from lamina_graph.render.scenes.scene import Card, Link, Scene, View
from lamina_graph.render.scenes.workflow_scene import workflow_scene
from lamina_graph.render.svg.cards import Box, card_boxes, card_element
from lamina_graph.render.svg.drawing import arrow_points, line_element, line_style, line_weight
from lamina_graph.render.svg.elements import curve_path, format_point, svg_element
from lamina_graph.render.svg.legend import legend_signs

if TYPE_CHECKING:
    from lamina_graph.classify import Classification
    from lamina_graph.features import Features
    from lamina_graph.run_outcome import Outcome
    from lamina_graph.vocabulary import Vocabulary

_MARGIN = 28.0
_SMALLEST = (760.0, 420.0)  # a small graph is not blown up
_MOST_CARDS = 1_200  # of all states but the first together: each has a layout of its own
_MOST_STATES = 16
_MOST_SUBSETS = 200  # of regions that are tried: there are very many of many regions
_OPENER = '<g class="lg-plus"><circle cx="7" cy="3" r="9"/><path d="M2.5 3h9M7 -1.500v9"/></g>'
"""What opens a folded card, on its upper left corner; the page shows it where a script can act."""


class Palette(NamedTuple):
    """One thing that colours can stand for: its name, what it says of the whole, the signs that occur."""

    name: str
    subtitle: str
    legend: tuple[tuple[str, str], ...]


class FoldState(NamedTuple):
    """What is drawn where some folds are open.

    Attributes:
        opened: the regions of folds that are open, by number.
        size: of the picture, in pixels.
        places: for each card that is drawn, by number, its upper left corner.
        routes: for each line that is drawn, by number, its path data and the points of its arrow.
    """

    opened: tuple[int, ...]
    size: tuple[float, float]
    places: dict[int, Point]
    routes: dict[int, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class WorkflowSvg:
    """One workflow in one drawing, which a script can fold, open and colour.

    Attributes:
        svg: an SVG element for a page that has `stylesheet()`, and that hides each `away` and each `lg-in`
            that has not the class of the palette. All of the graph is in a group `lg-graph`; a folded card
            has a sign `lg-plus`. It shows the first state.
        cards: for each group `lg-node`, in order, its nodes by number.
        titles: for each of them what stands on it.
        sizes: for each of them its width and height.
        lines: for each group `lg-line`, in order, the cards that it joins, by number.
        palettes: what colours can stand for; the first is the one that shows.
        looks: for each palette the class of each line, beside those of all.
        regions: the folded cards that open together, by number.
        states: what can be open; the first is the one that shows.
    """

    svg: str
    cards: tuple[tuple[int, ...], ...]
    titles: tuple[str, ...]
    sizes: tuple[tuple[float, float], ...]
    lines: tuple[Pair, ...]
    palettes: tuple[Palette, ...]
    looks: tuple[tuple[str, ...], ...]
    regions: tuple[tuple[int, ...], ...]
    states: tuple[FoldState, ...]


class Colored(NamedTuple):
    """A scene with a card for each node, before it is coloured, and what colours it."""

    name: str
    whole: Scene
    color: Callable[[Scene], Scene]


def draw_workflow_layers(
    workflow: Workflow,
    analysis: "tuple[Features, Classification]",
    *,
    fold: View = "auto",
    direction: Direction | Literal["auto"] = "auto",
    estimate: Estimate | None = None,
    outcome: "Outcome | None" = None,
    vocabulary: "Vocabulary | None" = None,
) -> WorkflowSvg:
    """Return one workflow in one drawing, in every colour that there are data for.

    Args:
        workflow: what to draw.
        analysis: its features and its classification.
        fold: what is folded at first, as in `draw`.
        direction: as in `draw`.
        estimate: what a run costs, where that is known.
        outcome: how a run went, where one is to be shown.
        vocabulary: the words of node types.

    Raises:
        InputError: the estimate is of another workflow.
        RenderError: the layout failed.

    >>> from lamina_graph.classify import classify
    >>> from lamina_graph.features import features
    >>> from lamina_graph.files import load
    >>> w = load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> drawn = draw_workflow_layers(w, (features(w), classify(w)))
    >>> drawn.cards, [palette.name for palette in drawn.palettes]
    (((0,),), ['role'])
    """
    facts, _ = analysis
    colored = _list_colored(workflow, analysis, estimate, outcome, vocabulary)
    whole = colored[0].whole
    if fold == "stages":
        from lamina_graph.vocabulary import Vocabulary

        folded = collapse_stages(whole, facts, vocabulary or Vocabulary.default())
    else:
        folded = fold_scene(whole)
    opened = fold == "all" or (fold == "auto" and len(whole.cards) < FOLDED_FROM)
    return _FoldingDrawing(colored, folded, opened, direction).result()


def _list_colored(
    workflow: Workflow,
    analysis: "tuple[Features, Classification]",
    estimate: Estimate | None,
    outcome: "Outcome | None",
    vocabulary: "Vocabulary | None",
) -> list[Colored]:
    """Return the scene for everything that colours can stand for; the first is the one by role."""
    facts, classification = analysis
    whole = workflow_scene(workflow, facts, classification, vocabulary=vocabulary)
    colored = [Colored("role", whole, lambda scene: scene)]
    if any(fact.created_at for fact in facts.facts):
        colored.append(Colored("age", whole, partial(color_by_age, facts=facts)))
    credits, elsewhere = node_credits(facts, estimate) if estimate else ({}, 0)
    if credits:
        priced = workflow_scene(workflow, facts, classification, credits=credits, vocabulary=vocabulary)
        by_credits = partial(color_by_credits, credits=credits, elsewhere=elsewhere)
        colored.append(Colored("credits", priced, by_credits))
    if outcome:
        colored.append(Colored("run", whole, partial(overlay_run, outcome=outcome)))
    return colored


class _Arranged(NamedTuple):
    """One state, arranged out: its size, the corner of each card, the points of each line."""

    size: tuple[float, float]
    places: dict[int, Point]
    routes: dict[int, list[Point]]


class _FoldingDrawing:
    """A graph in every fold and every colour: each card and each line once.

    Attributes:
        opened: for each state the regions of folds that are open.
        cards: for each card of any state its nodes by number.
        frames: for each state its cards, by number.
        scenes: for each colour all cards and lines of all states as one scene.
        boxes: for each colour the boxes of its cards, as large in each.
    """

    def __init__(
        self, colored: Sequence[Colored], folded: Scene, opened: bool, direction: Direction | Literal["auto"]
    ) -> None:
        self.colored, self.folded = colored, folded
        self.regions = fold_regions(folded)
        self.opened = _choose_opened(self.regions, folded, opened)
        whole = colored[0].whole
        self._number = {card.id: number for number, card in enumerate(whole.cards)}
        states = [self._scene(whole, opened) for opened in self.opened]
        self.direction = best_direction(states[0]) if direction == "auto" else direction
        members = [[self._nodes(card) for card in scene.cards] for scene in states]
        self.cards = sorted({*chain.from_iterable(members)}, key=lambda nodes: (min(nodes), len(nodes)))
        number = {nodes: i for i, nodes in enumerate(self.cards)}
        self.frames = [[number[nodes] for nodes in of_state] for of_state in members]
        self.scenes = [self._merge_states(each) for each in colored]
        self.boxes = self._fit_boxes()

    def result(self) -> WorkflowSvg:
        """Return the drawing; lines that matter more go over the others, the cards over the lines."""
        base = self.scenes[0]
        order = sorted(range(len(base.links)), key=lambda line: line_weight(base.links[line]))
        links = [base.links[line] for line in order]
        arranged = [self._lay_out(frame, links) for frame in self.frames]
        lines = (_line_group(link, arranged[0].routes.get(i), base.colors) for i, link in enumerate(links))
        inside = f'<g class="lg-graph">{"".join((*lines, *self._node_groups(arranged[0].places)))}</g>'
        return WorkflowSvg(
            svg=svg_element(inside, arranged[0].size, f"{base.title}: {base.subtitle}"),
            cards=tuple(self.cards),
            titles=tuple(f"{card.title}{card.count}" for card in base.cards),
            sizes=tuple((box.width, box.height) for box in self.boxes[0]),
            lines=tuple((link.source, link.target) for link in links),
            palettes=tuple(self._palettes()),
            looks=tuple(
                tuple(line_style(scene.links[line], scene.colors) for line in order) for scene in self.scenes
            ),
            regions=tuple(self._region_cards(region) for region in self.regions),
            states=tuple(
                FoldState(opened, *state[:2], {i: _line_data(route) for i, route in state.routes.items()})
                for opened, state in zip(self.opened, arranged, strict=True)
            ),
        )

    def _nodes(self, card: Card) -> tuple[int, ...]:
        return tuple(self._number[part.id] for part in card.members)

    def _scene(self, whole: Scene, opened: Iterable[int]) -> Scene:
        return regroup(whole, self.folded, set().union(*(self.regions[region] for region in opened)))

    def _merge_states(self, colored: Colored) -> Scene:
        cards: dict[int, Card] = {}
        links: dict[Pair, Link] = {}
        for opened, frame in zip(self.opened, self.frames, strict=True):
            scene = self._scene(colored.whole, opened)
            cards.update(zip(frame, scene.cards, strict=True))
            for link in scene.links:
                pair = frame[link.source], frame[link.target]
                links[pair] = replace(link, source=pair[0], target=pair[1])
        in_order = tuple(cards[number] for number in range(len(cards)))
        return colored.color(
            replace(colored.whole, cards=in_order, links=tuple(links[pair] for pair in sorted(links)))
        )

    def _palettes(self) -> Iterator[Palette]:
        for each in self.colored:
            scene = each.color(regroup(each.whole, self.folded, ()))
            yield Palette(each.name, scene.subtitle, tuple(legend_signs(scene.legend())))

    def _fit_boxes(self) -> list[list[Box]]:
        every = tuple(card for scene in self.scenes for card in scene.cards)
        boxes = card_boxes(replace(self.scenes[0], cards=every))
        rows = [boxes[at : at + len(self.cards)] for at in range(0, len(boxes), len(self.cards) or 1)]
        sizes = [
            (max(box.width for box in column), max(box.height for box in column))
            for column in zip(*rows, strict=True)
        ]
        return [
            [replace(box, width=wide, height=high) for box, (wide, high) in zip(row, sizes, strict=True)]
            for row in rows or [()]
        ]

    def _lay_out(self, frame: Sequence[int], links: Sequence[Link]) -> _Arranged:
        local = {card: i for i, card in enumerate(frame)}
        lines = [i for i, link in enumerate(links) if link.source in local and link.target in local]
        boxes = [self.boxes[0][card] for card in frame]
        pairs = [(local[links[i].source], local[links[i].target]) for i in lines]
        arranged = layout(
            [(box.width, box.height) for box in boxes],
            pairs,
            [box.card for box in boxes],
            assign_ranks(len(boxes), pairs),
            frozenset(at for at, i in enumerate(lines) if links[i].main),
            self.direction,
            "wasm",
        )
        wide, high = (
            float(round(max(side + 2 * _MARGIN, least)))
            for side, least in zip((arranged.width, arranged.height), _SMALLEST, strict=True)
        )
        left, top = (wide - arranged.width) / 2, (high - arranged.height) / 2
        return _Arranged(
            (wide, high),
            {
                card: (x - box.width / 2 + left, y - box.height / 2 + top)
                for card, box, (x, y) in zip(frame, boxes, arranged.centres, strict=True)
            },
            {
                i: [(x + left, y + top) for x, y in route]
                for i, route in zip(lines, arranged.routes, strict=True)
            },
        )

    def _node_groups(self, places: Mapping[int, Point]) -> Iterator[str]:
        """Yield each card with its tooltip, and once for each way in which it looks."""
        for number, whole in enumerate(self.scenes[0].cards):
            looks: dict[str, list[str]] = {}
            for colored, scene, boxes in zip(self.colored, self.scenes, self.boxes, strict=True):
                box = replace(boxes[number], card=replace(boxes[number].card, tooltip=()))
                centre = box.width / 2, box.height / 2
                element = card_element(box, centre, scene.style_name(box.card), self.direction)
                looks.setdefault(element, []).append(colored.name)
            inside = "".join(
                element if len(names) == len(self.colored) else _in_palettes(element, names)
                for element, names in looks.items()
            )
            inside += _OPENER if whole.parts else ""
            place = places.get(number)
            state = f' transform="translate({format_point(place)})"' if place else ""
            name = "lg-node" if place else "lg-node away"
            tooltip = escape("\n".join(whole.tooltip))
            yield f'<g class="{name}"{state}><title>{tooltip}</title>{inside}</g>'

    def _region_cards(self, region: Iterable[int]) -> tuple[int, ...]:
        members = {self._nodes(self.folded.cards[fold]) for fold in region}
        return tuple(number for number, nodes in enumerate(self.cards) if nodes in members)


def _choose_opened(regions: Sequence[frozenset[int]], folded: Scene, opened: bool) -> list[tuple[int, ...]]:
    """Return what can be open: nothing, all, each region alone, then more as long as that is not too much."""
    every = tuple(range(len(regions)))
    extra = [sum(len(folded.cards[card].parts) - 1 for card in region) for region in regions]
    chosen, room = [every if opened else ()], _MOST_CARDS
    sizes = (0, len(every), *every[1:])
    for subset in islice(chain.from_iterable(combinations(every, size) for size in sizes), _MOST_SUBSETS):
        cards = len(folded.cards) + sum(extra[region] for region in subset)
        if subset not in chosen and cards <= room and len(chosen) < _MOST_STATES:
            chosen.append(subset)
            room -= cards
    return chosen


def _in_palettes(element: str, names: Iterable[str]) -> str:
    return f'<g class="lg-in {" ".join(names)}">{element}</g>'


def _line_group(link: Link, route: Sequence[Point] | None, colors: str) -> str:
    if route is None:
        return '<g class="lg-line away"><path class="lg-e"/><polygon class="lg-a"/></g>'
    return f'<g class="lg-line">{line_element(link, route, colors)}</g>'


def _line_data(route: Sequence[Point]) -> tuple[str, str]:
    """Return a line's path data, and the points of its arrow."""
    *curve, tip = route
    return curve_path(curve), " ".join(map(format_point, arrow_points(curve[-1], tip)))
