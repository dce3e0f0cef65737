"""How long reading, the graph and the verdict of 30 nodes take beside pydantic and networkx alone.

    python benchmarks/load_speed.py

Prints the ratio of CPU time of each to its peer, the median of several rounds in this process, and
what is wanted. A missed ratio ends with status 1.
"""

import json
import sys
from collections.abc import Callable
from statistics import median
from time import process_time

import features_speed
import networkx as nx
from pydantic import BaseModel

import lamina_graph as lg
from lamina_graph.files import canonical

Run = Callable[[bytes], object]


class PlainNode(BaseModel):
    """A node, as anyone would write it."""

    id: str
    type: str
    label: str | None = None


class PlainEdge(BaseModel):
    """An edge, likewise."""

    source: str
    target: str


class PlainWorkflow(BaseModel):
    """A workflow, likewise."""

    nodes: list[PlainNode]
    edges: list[PlainEdge]


def read_and_build(content: bytes) -> object:
    """Return a graph made by loops over pydantic's models."""
    w = PlainWorkflow.model_validate_json(content)
    g: nx.DiGraph[str] = nx.DiGraph()
    for node in w.nodes:
        g.add_node(node.id, type=node.type, label=node.label)
    for edge in w.edges:
        g.add_edge(edge.source, edge.target)
    return g


def read_and_ask(content: bytes) -> None:
    """Read JSON, and ask networkx for a part of what features and a verdict tell."""
    data = json.loads(content)
    g: nx.DiGraph[str] = nx.DiGraph()
    g.add_nodes_from((node["id"], {"type": node["type"]}) for node in data["nodes"])
    g.add_edges_from((edge["source"], edge["target"]) for edge in data["edges"])
    features_speed.ask_networkx(g)


def verdict(content: bytes) -> None:
    """Read, and tell features and category."""
    w = lg.load(content)
    lg.features(w)
    lg.classify(w)


COMPARISONS: tuple[tuple[str, Run, Run, float], ...] = (
    ("load beside pydantic", lg.load, PlainWorkflow.model_validate_json, 1.0),
    ("load + graph beside pydantic + networkx", lambda c: lg.graph(lg.load(c)), read_and_build, 0.6),
    ("load + features + classify beside json + networkx", verdict, read_and_ask, 0.45),
)
"""What is compared: a sentence, ours, theirs, and the ratio wanted at most."""


def compare(ours: Run, theirs: Run, content: bytes, *, rounds: int = 15, times: int = 100) -> float:
    """Return the median ratio of CPU time over rounds in which both take turns."""
    return median(_seconds(ours, content, times) / _seconds(theirs, content, times) for _ in range(rounds))


def _seconds(run: Run, content: bytes, times: int) -> float:
    start = process_time()
    for _ in range(times):
        run(content)
    return process_time() - start


def main() -> int:
    """Print the table; 1 where a ratio is missed."""
    content = canonical(features_speed.pipeline(30)).encode()
    missed = 0
    for sentence, ours, theirs, wanted in COMPARISONS:
        ratio = compare(ours, theirs, content)
        missed += ratio > wanted
        print(f"{ratio:6.2f}  (wanted: at most {wanted})  {sentence}")
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
