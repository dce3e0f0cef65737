"""Reading, analyzing and comparing one workflow, in this process, beside libraries that do a part of it."""

import json
import warnings
from importlib import import_module
from typing import Any

import networkx as nx
import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

import lamina_graph as lg
from benchmarks.data import app, changed_pair, edited_pair
from benchmarks.harness import Failure, NotMeasured, Pair, Row, Scene, Turn, agree, benchmark, cpu
from lamina_graph.graph import adjacency
from lamina_graph.match import match
from lamina_graph.model import Workflow


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
    made, peer = lg.graph(lg.load(contents[1])), peer_graph(contents[1])
    agree((set(made), set(made.edges)), (set(peer), set(peer.edges)), "graphs")
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
    msgspec = _peer("msgspec")
    node = msgspec.defstruct("Node", [("id", str), ("type", str), ("label", str | None, None)])
    edge = msgspec.defstruct("Edge", [("source", str), ("target", str)])
    decoder = msgspec.json.Decoder(
        msgspec.defstruct("Workflow", [("nodes", list[node]), ("edges", list[edge])])
    )
    contents = scene.data.contents(scene.size(500, 5))
    agree(len(lg.load(contents[0]).nodes), len(decoder.decode(contents[0]).nodes), "nodes")
    return lambda: [(cpu(lg.load, contents), cpu(decoder.decode, contents))]


def _peer(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise NotMeasured(f"install {name} (pip install -r benchmarks/requirements.txt)") from None


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


def _fresh(pair: tuple[bytes, bytes], times: int) -> list[tuple[Workflow, Workflow]]:
    return [(lg.load(pair[0]), lg.load(pair[1])) for _ in range(times)]


SIZES = (30, 300, 1_000, 10_000)


@benchmark(
    "diff-ids-kept",
    *(
        Row(f"`diff`, ids kept, {size:,} nodes", "`match` alone", wanted=8, before="13 to 50")
        for size in SIZES
    ),
    rounds=5,
    seconds=40,
)
def diff_ids_kept(scene: Scene) -> Turn:
    """Compare two versions and match their nodes, both freshly read."""
    pairs = [changed_pair(scene.size(size, max(10, size // 100))) for size in SIZES]
    times = [scene.size(max(1, 3_000 // size), 1) for size in SIZES]
    for pair in pairs[:2]:
        old, new = _fresh(pair, 1)[0]
        agree(_matched(lg.diff(old, new)), _matched(match(old, new)), "the matches of `diff` and of `match`")

    def turn() -> list[Pair]:
        return [
            (cpu(lambda p: lg.diff(*p), _fresh(pair, n)), cpu(lambda p: match(*p), _fresh(pair, n)))
            for pair, n in zip(pairs, times, strict=True)
        ]

    return turn


def _matched(result: Any) -> set[tuple[str, str]]:
    return {(each.old, each.new) for each in result.matches}


@benchmark(
    "diff-ids-new",
    Row("`diff`, ids new, 1,000 nodes", "scipy's assignment", before="5.9 s"),
    Row("`diff`, ids new, 1,000 nodes", "2 s", wanted=1, before="2.95"),
    rounds=3,
    seconds=40,
)
def diff_ids_new(scene: Scene) -> Turn:
    """Compare versions that share no id, and assign their nodes as Riesen and Bunke do."""
    pair = edited_pair(scene.size(1_000, 30), new_ids=True)

    def turn() -> list[Pair]:
        subject = cpu(lambda p: lg.diff(*p), _fresh(pair, 1))
        return [(subject, cpu(lambda p: assign(*p), _fresh(pair, 1))), (subject, 2.0)]

    return turn


def assign(old: Workflow, new: Workflow) -> int:
    """Return how many nodes the least sum of differences in type and degree pairs."""
    before, after = adjacency(old), adjacency(new)
    costs = (np.array(before.types)[:, None] != np.array(after.types)).astype(float)
    for way in ("successors", "predecessors"):
        counts = [np.array([[len(ends)] for ends in getattr(each, way)]) for each in (before, after)]
        costs += cdist(*counts, "cityblock") / 2
    return len(linear_sum_assignment(costs)[0])


@benchmark(
    "match-peers",
    Row("`match`, ids new, 30 nodes", "DeepDiff, order ignored"),
    Row("`match`, ids new, 8 nodes", "networkx's `optimize_edit_paths`"),
    rounds=5,
)
def match_peers(scene: Scene) -> Turn:
    """Match beside what else pairs nodes."""
    deepdiff = _peer("deepdiff")
    pair, small = edited_pair(scene.size(30, 10), new_ids=True), edited_pair(scene.size(8, 5), new_ids=True)

    def plain(pair: tuple[bytes, bytes]) -> list[Any]:
        return [json.loads(each) for each in pair]

    def edit_paths(pair: tuple[Workflow, Workflow]) -> float:
        costs = [
            cost
            for _, _, cost in nx.optimize_edit_paths(
                lg.graph(pair[0]), lg.graph(pair[1]), lambda a, b: a["type"] == b["type"], timeout=20
            )
        ]
        return float(min(costs))

    old, new = _fresh(small, 1)[0]
    if match(old, new).cost > edit_paths((old, new)):
        raise Failure("networkx knows a smaller edit cost")

    def turn() -> list[Pair]:
        return [
            (
                cpu(lambda p: match(*p), _fresh(pair, 5)),
                cpu(lambda p: deepdiff.DeepDiff(*p, ignore_order=True), [plain(pair)]),
            ),
            (cpu(lambda p: match(*p), _fresh(small, 5)), cpu(edit_paths, _fresh(small, 1))),
        ]

    return turn
