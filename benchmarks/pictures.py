"""What pictures of real graphs look like, in figures, beside those of dot, Mermaid's dagre and ELK.

    python benchmarks/pictures.py CORPUS [--modules FOLDER]

Draws every workflow of a folder of JSON files, of `samples/templates` and of `samples`, and counts.

crossings         points where two lines cross that have no card in common
lines over cards  lines that pass over a card that they do not join; there must be none
bends             how often a line that passes a column leaves its level; lines of others, how often they turn
labels            whether a card's large line has 9 px or more where the picture stands in a column of 830 px
cycles            folded pictures that run in a circle though their workflow does not
focus             views around one node that state another category or mark another deliverable than the whole

`--modules` is a folder with `@dagrejs/dagre` and `elkjs`, as `npm install` makes it; else they are left out.
"""

import argparse
import json
import math
import os
import random
import re
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from statistics import median

from lamina_graph.classify import classify
from lamina_graph.errors import WorkflowError
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.graph import adjacency, topological_order
from lamina_graph.model import Workflow
from lamina_graph.render import Focus, Page, Picture, draw
from lamina_graph.render.layout import graphviz
from lamina_graph.render.layout.routing import samples
from lamina_graph.render.scenes.scene import neighbor_lists

ROOT = Path(__file__).parents[1]
COLUMN, LEGIBLE = 830, 9.0  # pixels: the text of a document, and the smallest label that is read with ease
FOCUSED = 500
Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Drawn:
    """A picture as geometry: cards, the pairs that lines join, and points along each line."""

    boxes: list[Box]
    pairs: list[tuple[int, int]]
    lines: list[list[Point]]
    bends: list[int]
    size: tuple[float, float]


def workflows_of(folder: Path) -> Iterable[Workflow]:
    """Yield the workflows of a folder, by file name; files that are none are left out."""
    for path in sorted(folder.glob("*.json")):
        with suppress(WorkflowError):
            yield load(path)


def ours(picture: Picture) -> Drawn:
    """Return our own picture, as the SVG has it."""
    made = picture.drawn
    boxes = [
        box_at(centre, (box.width, box.height))
        for box, centre in zip(made.boxes, made.layout.centres, strict=True)
    ]
    routes = made.layout.routes
    return Drawn(
        boxes,
        picture.scene.pairs,
        [[*samples(route[:-1], 8), route[-1]] for route in routes],
        [level_changes(route, picture.direction == "TB") for route in routes],
        made.size,
    )


def level_changes(route: Sequence[Point], down: bool) -> int:
    """Return how many pieces of a line leave its level."""
    across = 0 if down else 1
    ends = [route[at][across] for at in range(0, len(route) - 1, 3)]
    return sum(abs(a - b) > 0.5 for a, b in pairwise(ends))


def box_at(centre: Sequence[float], size: Sequence[float]) -> Box:
    """Return the corners of a card."""
    (x, y), (width, height) = centre, size
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def polyline(
    picture: Picture, centres: Sequence[Point], routes: Sequence[Sequence[Point]], curved: bool
) -> Drawn:
    """Return the same cards and lines as another program lays them out."""
    boxes = [
        box_at(centre, (box.width, box.height))
        for centre, box in zip(centres, picture.drawn.boxes, strict=True)
    ]
    lines = [samples(route, 8) if curved else [tuple(point) for point in route] for route in routes]
    xs = [x for left, _, right, _ in boxes for x in (left, right)] + [x for line in lines for x, _ in line]
    ys = [y for _, top, _, bottom in boxes for y in (top, bottom)] + [y for line in lines for _, y in line]
    size = (max(xs) - min(xs), max(ys) - min(ys)) if boxes else (0.0, 0.0)
    return Drawn(boxes, picture.scene.pairs, lines, [turns(line) for line in lines], size)


def turns(line: Sequence[Point]) -> int:
    """Return how often a line of straight pieces turns, or a curve swings the other way."""
    headings = [math.atan2(d - b, c - a) for (a, b), (c, d) in pairwise(line) if (a, b) != (c, d)]
    swings = [math.remainder(after - before, math.tau) for before, after in pairwise(headings)]
    strong = [swing > 0 for swing in swings if abs(swing) > 0.02]
    return sum(1 for at, side in enumerate(strong) if at == 0 or side != strong[at - 1])


def crossings(drawn: Drawn) -> int:
    """Return in how many points lines cross that have no card in common."""
    count = 0
    frames = [
        (min(x for x, _ in line), min(y for _, y in line), max(x for x, _ in line), max(y for _, y in line))
        for line in drawn.lines
    ]
    for one, other in combinations(range(len(drawn.lines)), 2):
        if set(drawn.pairs[one]) & set(drawn.pairs[other]):
            continue
        a, b = frames[one], frames[other]
        if a[0] > b[2] or b[0] > a[2] or a[1] > b[3] or b[1] > a[3]:
            continue
        count += sum(cross(p, q) for p in pairwise(drawn.lines[one]) for q in pairwise(drawn.lines[other]))
    return count


def cross(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    """Return whether two straight pieces cross."""
    (a, b), (c, d) = first, second
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def side(a: Point, b: Point, c: Point) -> float:
    """Return on which side of a straight line a point lies."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def over_cards(drawn: Drawn) -> int:
    """Return how many lines pass over a card that they do not join."""
    return sum(
        any(
            left + 0.5 < x < right - 0.5 and top + 0.5 < y < bottom - 0.5
            for at, (left, top, right, bottom) in enumerate(drawn.boxes)
            if at not in pair
            for x, y in finer(line)
        )
        for pair, line in zip(drawn.pairs, drawn.lines, strict=True)
    )


def finer(line: Sequence[Point]) -> Iterable[Point]:
    """Yield points along a line, none far from the next."""
    for (a, b), (c, d) in pairwise(line):
        steps = max(1, int(math.hypot(c - a, d - b) / 12))
        yield from ((a + (c - a) * step / steps, b + (d - b) * step / steps) for step in range(steps))


def long_bends(drawn: Drawn, direction: str) -> list[int]:
    """Return the bends of each line that passes the middle of a column of cards."""
    along = 0 if direction == "LR" else 1
    middles = {round((box[along] + box[along + 2]) / 2) for box in drawn.boxes}
    result = []
    for (source, target), bends in zip(drawn.pairs, drawn.bends, strict=True):
        start, end = drawn.boxes[source][along + 2], drawn.boxes[target][along]
        if any(start < middle < end for middle in middles):
            result.append(bends)
    return result


def dot_layout(picture: Picture) -> Drawn:
    """Return the picture as plain dot lays it out, its boxes of our cards' sizes."""
    sizes = [(box.width, box.height) for box in picture.drawn.boxes]
    nodes = [f"n{at} [width={w / 72:.4f} height={h / 72:.4f}]" for at, (w, h) in enumerate(sizes)]
    edges = [f"n{source} -> n{target}" for source, target in picture.scene.pairs]
    head = f'rankdir={picture.direction} node [shape=box fixedsize=true label=""]'
    answer = json.loads(graphviz.run("digraph {" + head + ";" + ";".join((*nodes, *edges)) + "}", "wasm")[0])
    places = {item["name"]: turned_over(item["pos"]) for item in answer.get("objects", ())}
    ways: dict[tuple[int, int], list[Point]] = {}
    names = [item["name"] for item in answer.get("objects", ())]
    for item in answer.get("edges", ()):
        numbers = re.findall(r"-?[\d.]+(?:e[-+]?\d+)?,-?[\d.]+(?:e[-+]?\d+)?", item["pos"].split("e,")[-1])
        points = [turned_over(pair) for pair in numbers]
        pair = int(names[item["tail"]][1:]), int(names[item["head"]][1:])
        ways[pair] = points[1:] if item["pos"].startswith("e,") else points
    centres = [places[f"n{at}"] for at in range(len(sizes))]
    return polyline(picture, centres, [ways[pair] for pair in picture.scene.pairs], curved=True)


def turned_over(pair: str) -> Point:
    """Return a point of Graphviz, whose y runs up."""
    x, y = pair.split(",")
    return float(x), -float(y)


def node_layouts(pictures: Sequence[Picture], engine: str, modules: Path) -> list[Drawn]:
    """Return the pictures as a JavaScript library lays them out."""
    lines = "\n".join(
        json.dumps(
            {
                "sizes": [(b.width, b.height) for b in p.drawn.boxes],
                "pairs": p.scene.pairs,
                "direction": p.direction,
            }
        )
        for p in pictures
    )
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("layouts.mjs")), engine],
        input=lines, capture_output=True, text=True, check=True,
        env={**os.environ, "LAYOUTS_FROM": str(modules.resolve())},
    )  # fmt: skip
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        polyline(p, a["centres"], a["routes"], curved=False) for p, a in zip(pictures, answers, strict=True)
    ]


def cyclic(count: int, pairs: Sequence[tuple[int, int]]) -> bool:
    """Return whether a graph runs in a circle."""
    return len(topological_order(neighbor_lists(count, pairs)[0])) < count


def false_cycles(workflow: Workflow) -> int:
    """Return in how many views a workflow without a cycle is drawn with one."""
    adj = adjacency(workflow)
    if cyclic(len(adj), adj.edges):
        return 0
    scenes = (draw(workflow, view=view).scene for view in ("folded", "stages"))
    return sum(cyclic(len(scene.cards), scene.pairs) for scene in scenes)


def false_focus(workflows: Sequence[Workflow]) -> tuple[int, int, int]:
    """Return of how many views around one node how many state another category, or another deliverable."""
    rng = random.Random(17)
    chosen = [(w, rng.choice(w.nodes).id) for w in rng.choices([w for w in workflows if w.nodes], k=FOCUSED)]
    categories = deliverables = 0
    for workflow, node in chosen:
        facts = features(workflow)
        verdict = classify(workflow, facts=facts)
        scene = draw(workflow, view=Focus(node)).scene
        categories += scene.subtitle.split(" · ")[0] != verdict.category
        ends = {item.end for item in facts.deliverables}
        members = [member for card in scene.cards for member in card.members]
        deliverables += any(member.deliverable != (member.id in ends) for member in members)
    return len(chosen), categories, deliverables


def print_layout(name: str, drawn: Sequence[Drawn], pictures: Sequence[Picture]) -> None:
    """Print the figures of one way to lay out pictures."""
    bends = [bend for d, p in zip(drawn, pictures, strict=True) for bend in long_bends(d, p.direction)]
    four = sum(bend >= 4 for bend in bends) / (len(bends) or 1)
    crossed, over = sum(map(crossings, drawn)), sum(map(over_cards, drawn))
    print(f"  {name:<7} crossings {crossed:>5}   lines over cards {over:>4}", end="   ")
    print(f"bends of {len(bends)} long lines: median {median(bends or [0]):g}, four or more {four:.0%}")


def main() -> None:
    """Print all figures, the folders one after the other."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path, nargs="?")
    parser.add_argument("--modules", type=Path)
    asked = parser.parse_args()
    folders = [
        folder for folder in (asked.corpus, ROOT / "samples" / "templates", ROOT / "samples") if folder
    ]
    everything: list[Workflow] = []
    for folder in folders:
        workflows = list(workflows_of(folder))
        everything += workflows if folder.name != "samples" else []
        pictures = [draw(workflow) for workflow in workflows]
        mine = [ours(picture) for picture in pictures]
        print(f"{folder.name}: {len(workflows)} workflows")
        print_layout("ours", mine, pictures)
        dots = [dot_layout(picture) for picture in pictures]
        print_layout("dot", dots, pictures)
        if asked.modules:
            for engine in ("dagre", "elk"):
                print_layout(engine, node_layouts(pictures, engine, asked.modules), pictures)
        areas = [
            (p.drawn.layout.width * p.drawn.layout.height) / (d.size[0] * d.size[1])
            for p, d in zip(pictures, dots, strict=True) if d.size[0]
        ]  # fmt: skip
        print(f"  area beside plain dot: median {median(areas):.2f}")
        at_width = [draw(workflow).fit(Page(COLUMN)) for workflow in workflows]
        sizes = [picture.drawn.label_size for picture in at_width]
        legible = sum(size >= LEGIBLE for size in sizes)
        print(
            f"  labels of 9 px or more at {COLUMN} px: {legible} of {len(sizes)} ({legible / len(sizes):.0%})"
        )
        print(f"  lines over cards there: {sum(over_cards(ours(picture)) for picture in at_width)}")
        print(f"  cycles made by folding: {sum(map(false_cycles, workflows))}")
    views, categories, deliverables = false_focus(everything)
    print(f"--focus, {views} views: another category {categories}, another deliverable {deliverables}")


if __name__ == "__main__":
    main()
