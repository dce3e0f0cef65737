"""Reading, analyzing and drawing one workflow, in this process, beside libraries that do a part of it."""

import json
import shutil
import subprocess
import time
import warnings
from typing import Any

import networkx as nx
from pydantic import BaseModel, ConfigDict

import lamina_graph as lg
from benchmarks.data import app
from benchmarks.harness import NotMeasured, Pair, Row, Scene, Turn, agree, benchmark, cpu, peer
from lamina_graph.render.layout import graphviz


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")


class PeerNode(_Value):
    """A node as pydantic alone reads it."""

    id: str
    type: str
    label: str | None = None


class PeerEdge(_Value):
    """An edge as pydantic alone reads it."""

    source: str
    target: str


class PeerWorkflow(_Value):
    """What `lg.load` reads, without what it checks between nodes and edges."""

    appId: str | None = None  # noqa: N815 - the field's name
    name: str | None = None
    nodes: tuple[PeerNode, ...]
    edges: tuple[PeerEdge, ...]


def peer_load(content: bytes) -> PeerWorkflow:
    """Read and validate with pydantic."""
    return PeerWorkflow.model_validate_json(content)


def peer_graph(content: bytes) -> Any:
    """Read with pydantic and fill a graph."""
    read = peer_load(content)
    made = nx.DiGraph()
    for node in read.nodes:
        made.add_node(node.id, type=node.type, label=node.label)
    for edge in read.edges:
        made.add_edge(edge.source, edge.target)
    return made


def peer_analysis(content: bytes) -> Any:
    """Read with json, fill a graph, and ask networkx for a part of what `lg.features` knows."""
    read = json.loads(content)
    made = nx.DiGraph()
    for node in read["nodes"]:
        made.add_node(node["id"], type=node["type"], label=node["label"])
    for edge in read["edges"]:
        made.add_edge(edge["source"], edge["target"])
    ask_networkx(made)
    return made


def ask_networkx(made: Any) -> int:
    """Ask for degrees, order, longest path, components and reduction; return the length of the path."""
    dict(made.degree())
    _ = [node for node, degree in made.in_degree() if not degree]
    _ = [node for node, degree in made.out_degree() if not degree]
    nx.is_directed_acyclic_graph(made)
    list(nx.topological_generations(made))
    list(nx.weakly_connected_components(made))
    nx.transitive_reduction(made)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # networkx says that its hashes are others than before 3.5
        nx.weisfeiler_lehman_graph_hash(made, node_attr="type")
    return int(nx.dag_longest_path_length(made))


def analyze(content: bytes) -> Any:
    """Read, take features and classify."""
    read = lg.load(content)
    lg.features(read)
    return lg.classify(read)


@benchmark(
    "load",
    Row(
        "read and validate 30 nodes (`lg.load`)",
        "pydantic's own `model_validate_json`",
        wanted=1.0,
        before="2.17",
    ),
    Row("`lg.load` + `lg.graph`", "pydantic + networkx loops", wanted=0.6, before="2.0"),
    Row("read + features + classify, 30 nodes", "json + networkx's calls", wanted=0.45, before="0.97"),
    rounds=15,
)
def load(scene: Scene) -> Turn:
    """Read workflows that were never read before."""
    contents = scene.data.contents(scene.size(500, 5))
    agree([n.id for n in lg.load(contents[0]).nodes], [n.id for n in peer_load(contents[0]).nodes], "nodes")
    ours, theirs = lg.graph(lg.load(contents[1])), peer_graph(contents[1])
    agree((set(ours), set(ours.edges)), (set(theirs), set(theirs.edges)), "graphs")
    depth = lg.features(lg.load(contents[2])).depth
    agree(depth, ask_networkx(peer_graph(contents[2])), "the lengths of the longest path")

    def turn() -> list[Pair]:
        return [
            (cpu(lg.load, contents), cpu(peer_load, contents)),
            (cpu(lambda each: lg.graph(lg.load(each)), contents), cpu(peer_graph, contents)),
            (cpu(analyze, contents[:200]), cpu(peer_analysis, contents[:200])),
        ]

    return turn


@benchmark(
    "load-msgspec", Row("read and validate 30 nodes (`lg.load`)", "msgspec's decoder of a Struct"), rounds=11
)
def load_msgspec(scene: Scene) -> Turn:
    """Read beside the fastest validating reader that was found."""
    msgspec = peer("msgspec")
    node = msgspec.defstruct("Node", [("id", str), ("type", str), ("label", str | None, None)])
    edge = msgspec.defstruct("Edge", [("source", str), ("target", str)])
    decoder = msgspec.json.Decoder(
        msgspec.defstruct("Workflow", [("nodes", list[node]), ("edges", list[edge])])
    )
    contents = scene.data.contents(scene.size(500, 5))
    agree(len(lg.load(contents[0]).nodes), len(decoder.decode(contents[0]).nodes), "nodes")
    return lambda: [(cpu(lg.load, contents), cpu(decoder.decode, contents))]


@benchmark(
    "large",
    Row("features: per node, 100,000", "1,000", wanted=1.5, before="2.0"),
    Row("lint: per node, 100,000", "1,000", wanted=1.5, before="2.2"),
    rounds=5,
    seconds=40,
)
def large(scene: Scene) -> Turn:
    """Analyze one large workflow and as many nodes in smaller ones, each freshly read."""
    many, few, repeats = scene.size(100_000, 2_000), scene.size(1_000, 200), scene.size(20, 2)
    big = json.dumps(app(0, many)).encode()
    small = [json.dumps(app(number, few)).encode() for number in range(0, 5 * repeats, 5)]

    def turn() -> list[Pair]:
        return [
            (cpu(function, [lg.load(big)]) / many, cpu(function, map(lg.load, small)) / few)
            for function in (lg.features, lg.lint)
        ]

    return turn


@benchmark(
    "draw",
    Row("draw 30 nodes as SVG", "Graphviz alone, as WebAssembly too"),
    Row("draw 300 nodes as SVG", "Graphviz alone, as WebAssembly too"),
    Row("draw 3,000 nodes as SVG, a node", "300 nodes"),
    rounds=5,
)
def draw(scene: Scene) -> Turn:
    """Draw workflows, from the file to the finished picture, and lay out what was drawn."""
    sizes = [scene.size(size, max(5, size // 100)) for size in (30, 300, 3_000)]
    contents = [json.dumps(app(0, size)).encode() for size in sizes]
    sources = [lg.draw(lg.load(content)).dot for content in contents[:2]]

    def turn() -> list[Pair]:
        drawn = [cpu(lambda each: lg.draw(lg.load(each)).svg, [content] * 3) for content in contents]
        alone = [cpu(lambda each: graphviz.run(each, "wasm"), [source] * 3) for source in sources]
        return [*zip(drawn, alone, strict=False), (drawn[2] / sizes[2], drawn[1] / sizes[1])]

    return turn


@benchmark(
    "draw-dot",
    Row("draw 30 nodes as SVG, once warm", "a `dot -Tsvg` process on the same DOT", "s elapsed", 0.33),
    rounds=5,
)
def draw_dot(scene: Scene) -> Turn:
    """Draw workflows beside the program that many would start for each."""
    if shutil.which("dot") is None:
        raise NotMeasured("install Graphviz")
    workflows = [lg.load(content) for content in scene.data.contents(scene.size(50, 1))]
    sources = [lg.draw(each).dot.encode() for each in workflows]

    def elapsed(function: Any, inputs: Any) -> float:
        start = time.perf_counter()
        for each in inputs:
            function(each)
        return time.perf_counter() - start

    def process(source: bytes) -> None:
        subprocess.run(["dot", "-Tsvg"], input=source, capture_output=True, check=True)

    return lambda: [(elapsed(lambda each: lg.draw(each).svg, workflows), elapsed(process, sources))]
