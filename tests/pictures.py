"""What tests of pictures share: graphs of letters, and a picture's cards as they are laid out."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

from builders import content, numbered
from conftest import SAMPLES
from hypothesis import strategies as st

from lamina_graph.files import load
from lamina_graph.model import Workflow
from lamina_graph.render.layout.routing import samples as points_of

FILES = sorted(SAMPLES.glob("*.json"))
CASES = Path(__file__).parent / "cases"
HISTORY = SAMPLES / "history" / "quick-reel-maker"
SVG = "{http://www.w3.org/2000/svg}"


TEMPLATE = load(SAMPLES / "templates" / "1-click-multiple-scene-angles-v1-0.json")


def workflow(*chains: str, type: str = "fluxImageNode", name: str = "Test") -> Workflow:
    """Return a graph whose labels are its ids in capitals."""
    graph = content(*chains, type=type, name=name)
    return load(graph | {"nodes": [{"label": node["id"].upper()} | node for node in graph["nodes"]]})


def lettered(count: int, edges, types: str | Sequence[str] = "fluxImageNode") -> Workflow:
    """Return a generated graph of nodes a, b, c...; `types` is one for all, or one each."""
    ids = "abcdefghijklmnopqrstuvwxyz"[:count]
    types = [types] * count if isinstance(types, str) else types
    return numbered(types, edges, ids, ids.upper(), name="Test")


def cards(svg):
    """Each card of an SVG: its corner, its size, its lines of text."""
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        if group.find(f"{SVG}title") is None:
            continue
        x, y = map(float, re.fullmatch(r"translate\((\S+) (\S+)\)", group.get("transform")).groups())
        yield group, (x, y), [(node, node.text or "") for node in group.iter(f"{SVG}text")]


def drawing(picture):
    """The picture as it is laid out."""
    return picture.drawn


def boxes(picture):
    """The corners of each card, as laid out: left, top, right, bottom."""
    drawn = drawing(picture)
    return [
        (x - box.width / 2, y - box.height / 2, x + box.width / 2, y + box.height / 2)
        for box, (x, y) in zip(drawn.boxes, drawn.layout.centres, strict=True)
    ]


def overlapping(first, second, slack=0.0):
    return (
        first[0] < second[2] - slack
        and second[0] < first[2] - slack
        and first[1] < second[3] - slack
        and second[1] < first[3] - slack
    )


small_graphs = st.integers(1, 9).flatmap(
    lambda count: st.lists(
        st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=16, unique=True
    ).map(lambda edges: (count, edges))
)


def check_clear(picture):
    laid_out, placed = drawing(picture).layout, boxes(picture)
    assert not [pair for pair in combinations(placed, 2) if overlapping(*pair)]
    assert all(
        left >= -0.01 and top >= -0.01 and right <= laid_out.width + 0.01 and bottom <= laid_out.height + 0.01
        for left, top, right, bottom in placed
    )
    for link, route in zip(picture.scene.links, laid_out.routes, strict=True):
        others = [box for at, box in enumerate(placed) if at not in (link.source, link.target)]
        for x, y in points_of(route[:-1], 12):
            assert not [box for box in others if overlapping((x, y, x, y), box, 0.5)]


def titles(picture):
    return [f"{card.title}{card.count}" for card in picture.scene.cards]


def in_new_process(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stdout
