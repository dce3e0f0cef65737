"""Matching on made pairs of workflows, side by side with what else there is.

    python benchmarks/match_synthetic.py [--sizes 30 100 300] [--pairs 5] [--slow 12] [--seed 1]

A pair is a layered graph of 1.3 edges a node and the same after max(3, n/20) edits: nodes inserted, deleted
and retyped, edges inserted and deleted. Ids are kept or all new; labels are distinct or repeat the type.
Every peer is given the same parsed workflows, one after the other in one run. `to id-set` is its time in
times of the comparison of ids, `proved` counts the pairs whose cost is proved the least, and `cost / true`
is the worst cost beside that of the edits really made.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lamina_graph.files import load
from lamina_graph.graph import adjacency, graph
from lamina_graph.match import Budget, match
from lamina_graph.model import Workflow

KINDS = [f"kind{number:02}Node" for number in range(20)]
Map = dict[str, str]


@dataclass(frozen=True)
class Pair:
    """Two workflows, which old node is which new node, and what the edits between them cost."""

    old: Workflow
    new: Workflow
    truth: Map
    cost: int


@dataclass(frozen=True)
class Answer:
    """What a peer said of a pair: its matches, and whether it proved them."""

    matches: Map
    minimal: bool = False


Peer = Callable[[Pair], Answer | None]


# ---- pairs


def layered(size: int, rng: random.Random) -> tuple[dict[int, str], set[tuple[int, int]]]:
    """Return types and edges of a graph whose edges lead from layer to layer, at times past one."""
    layers: list[list[int]] = []
    made = 0
    while made < size:
        width = min(size - made, rng.randint(1, max(3, round(1.3 * size**0.5))))
        layers.append(list(range(made, made + width)))
        made += width
    edges = {(rng.choice(before), node) for before, layer in pairwise(layers) for node in layer}
    while len(layers) > 1 and len(edges) < round(1.3 * size):
        at = rng.randrange(1, len(layers))
        edges.add((rng.choice(layers[max(0, at - rng.choice((1, 1, 1, 2)))]), rng.choice(layers[at])))
    return {node: rng.choice(KINDS) for node in range(size)}, edges


def edit(kinds: dict[int, str], edges: set[tuple[int, int]], rng: random.Random) -> None:
    """Make one edit in place."""
    nodes = sorted(kinds)
    what = rng.choice(("insert", "delete", "retype", "connect", "disconnect"))
    if what == "insert":
        before, after = sorted(rng.sample(nodes, 2))
        kinds[max(nodes) + 1] = rng.choice(KINDS)
        edges |= {(before, max(nodes) + 1), (max(nodes) + 1, after)}
    elif what == "delete":
        gone = rng.choice(nodes)
        del kinds[gone]
        edges -= {edge for edge in edges if gone in edge}
    elif what == "retype":
        node = rng.choice(nodes)
        kinds[node] = rng.choice([kind for kind in KINDS if kind != kinds[node]])
    elif what == "connect":
        before, after = sorted(rng.sample(nodes, 2))
        edges.add((before, after))
    elif edges:
        edges.remove(rng.choice(sorted(edges)))


def made_pair(size: int, seed: int, *, new_ids: bool, distinct: bool) -> Pair:
    """Return a graph and its edited copy."""
    rng = random.Random(f"{size} {seed}")
    kinds, edges = layered(size, rng)
    new_kinds, new_edges = dict(kinds), set(edges)
    for _ in range(max(3, size // 20)):
        edit(new_kinds, new_edges, rng)
    names = identities(kinds, rng)
    new_names = identities(new_kinds, rng)
    if not new_ids:
        new_names |= {node: names[node] for node in kinds if node in new_kinds}
    both = [node for node in kinds if node in new_kinds]
    retyped = sum(kinds[node] != new_kinds[node] for node in both)
    return Pair(
        written(kinds, edges, names, distinct, rng),
        written(new_kinds, new_edges, new_names, distinct, rng),
        {names[node]: new_names[node] for node in both},
        len(kinds.keys() ^ new_kinds.keys()) + retyped + len(edges ^ new_edges),
    )


def identities(kinds: dict[int, str], rng: random.Random) -> dict[int, str]:
    """Return ids as Lamina makes them."""
    return {
        n: f"{kind}-{rng.randrange(17 * 10**11, 18 * 10**11)}-{rng.randrange(36**5)}x{n}"
        for n, kind in kinds.items()
    }


def written(
    kinds: dict[int, str], edges: set[tuple[int, int]], names: Map, distinct: bool, rng: random.Random
) -> Workflow:
    """Return the workflow, its nodes and edges in any order."""
    nodes = [
        {"id": names[n], "type": kind, "label": f"Step {n}" if distinct else kind}
        for n, kind in kinds.items()
    ]
    lines = [{"source": names[a], "target": names[b]} for a, b in sorted(edges)]
    rng.shuffle(nodes)
    rng.shuffle(lines)
    return load({"nodes": nodes, "edges": lines})


# ---- peers


def id_set(pair: Pair) -> Answer:
    """Compare the sets of ids and of edges: what a diff by ids does at least."""
    old = {node.id: node.type for node in pair.old.nodes}
    new = {node.id: node.type for node in pair.new.nodes}
    before = {(edge.source, edge.target) for edge in pair.old.edges}
    after = {(edge.source, edge.target) for edge in pair.new.edges}
    both = old.keys() & new.keys()
    _ = (
        old.keys() - both,
        new.keys() - both,
        [n for n in both if old[n] != new[n]],
        before - after,
        after - before,
    )
    return Answer({node: node for node in both})


def ours(pair: Pair) -> Answer:
    """`match` as it is."""
    found = match(pair.old, pair.new)
    return Answer({each.old: each.new for each in found.matches}, found.minimal)


def ours_first(pair: Pair) -> Answer:
    """`match` without a budget: its first matching."""
    found = match(pair.old, pair.new, budget=Budget(rounds=0))
    return Answer({each.old: each.new for each in found.matches}, found.minimal)


def assignment(pair: Pair) -> Answer:
    """The assignment of Riesen and Bunke (2009): types, and how many edges lead in and out."""
    return assigned(pair, lambda plain: np.array([[len(ends)] for ends in plain]))


def assignment_types(pair: Pair) -> Answer:
    """The same with the types of the neighbours in place of their number."""
    numbers = {
        kind: at for at, kind in enumerate(sorted({n.type for n in (*pair.old.nodes, *pair.new.nodes)}))
    }

    def counted(plain: list[list[str]]) -> np.ndarray:
        counts = np.zeros((len(plain), len(numbers)))
        for row, kinds in enumerate(plain):
            for kind in kinds:
                counts[row, numbers[kind]] += 1
        return counts

    return assigned(pair, counted)


def assigned(pair: Pair, counted: Callable[[list[list[str]]], np.ndarray]) -> Answer:
    """Assign the nodes by their types and what their neighbours count to, half of each edge at either end."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    old, new = adjacency(pair.old), adjacency(pair.new)
    costs = (np.array(old.types)[:, None] != np.array(new.types)).astype(float)
    for way in ("successors", "predecessors"):
        here, there = (
            counted([[plain.types[other] for other in ends] for ends in getattr(plain, way)])
            for plain in (old, new)
        )
        costs += cdist(here, there, "cityblock") / 2
    rows, columns = linear_sum_assignment(costs)
    return Answer({old.ids[u]: new.ids[v] for u, v in zip(rows, columns, strict=True)})


def networkx_paths(pair: Pair, timeout: float) -> Answer | None:
    """`networkx.optimize_edit_paths` until its time is over; exact where it ends before."""
    import networkx as nx

    started = time.perf_counter()
    found = None
    for paths in nx.optimize_edit_paths(
        graph(pair.old), graph(pair.new), node_match=lambda a, b: a["type"] == b["type"], timeout=timeout
    ):
        found = paths
    if found is None:
        return None
    matches = {u: v for u, v in found[0] if u is not None and v is not None}
    return Answer(matches, time.perf_counter() - started < timeout)


def deepdiff(pair: Pair) -> Answer:
    """DeepDiff of nodes and edges, their order ignored: a pair is what it reports as a changed item."""
    from deepdiff import DeepDiff

    old, new = (
        [{"id": n.id, "type": n.type, "label": n.label} for n in w.nodes] for w in (pair.old, pair.new)
    )
    old_edges, new_edges = ([{"s": e.source, "t": e.target} for e in w.edges] for w in (pair.old, pair.new))
    found = DeepDiff({"n": old, "e": old_edges}, {"n": new, "e": new_edges}, ignore_order=True)
    known = {n["id"] for n in new}
    matches = {n["id"]: n["id"] for n in old if n["id"] in known}
    for change in found.get("values_changed", {}).values():
        was, now = change["old_value"], change["new_value"]
        if isinstance(was, dict) and isinstance(now, dict) and "id" in was and "id" in now:
            matches[was["id"]] = now["id"]
        elif isinstance(was, str) and isinstance(now, str) and was in {n["id"] for n in old} and now in known:
            matches[was] = now
    return Answer(matches)


# ---- figures


@dataclass(frozen=True)
class Row:
    """What a peer did on one pair."""

    seconds: float
    precision: float
    recall: float
    cost: float
    minimal: bool


def measured(peer: Peer, pair: Pair) -> Row | None:
    """Run a peer on a pair, as often as steadies the clock."""
    times = []
    while len(times) < 3 or sum(times) < 0.05:
        started = time.perf_counter()
        answer = peer(pair)
        times.append(time.perf_counter() - started)
        if times[0] > 1:
            break
    if answer is None:
        return None
    kinds = {n.id: n.type for n in (*pair.old.nodes, *pair.new.nodes)}
    said = [(u, v) for u, v in answer.matches.items() if kinds[u] == kinds[v] or u in pair.truth]
    right = sum(pair.truth.get(u) == v for u, v in said)
    cost = script_cost(pair, answer.matches)
    return Row(
        min(times),
        right / max(len(said), 1),
        right / max(len(pair.truth), 1),
        cost / max(pair.cost, 1),
        answer.minimal,
    )


def script_cost(pair: Pair, matches: Map) -> int:
    """Count the edits that a set of matches stands for."""
    old = {n.id: n.type for n in pair.old.nodes}
    new = {n.id: n.type for n in pair.new.nodes}
    after = {(e.source, e.target) for e in pair.new.edges}
    kept = sum((matches.get(e.source), matches.get(e.target)) in after for e in pair.old.edges)
    retyped = sum(old[u] != new[v] for u, v in matches.items())
    nodes = len(old) + len(new) - 2 * len(matches)
    return nodes + retyped + len(pair.old.edges) + len(pair.new.edges) - 2 * kept


def peers(size: int, slow: float, new_ids: bool) -> Iterator[tuple[str, Peer]]:
    """Yield what is tried at a size."""
    yield "id-set comparison", id_set
    yield "lamina-graph, first matching", ours_first
    yield "lamina-graph", ours
    yield "assignment (Riesen-Bunke)", assignment
    yield "assignment, neighbourhood types", assignment_types
    if size <= 30 or not new_ids:
        yield f"networkx, {slow:g} s", lambda pair: networkx_paths(pair, slow)
    yield "DeepDiff", deepdiff


def main() -> None:
    """Print a table for each kind of pair."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 30, 100, 300, 1000])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--slow", type=float, default=5.0, help="seconds for networkx")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="peers whose name contains this")
    args = parser.parse_args()
    for new_ids in (False, True):
        for distinct in (True, False):
            print(
                f"\n## ids {'new' if new_ids else 'kept'},"
                f" labels {'distinct' if distinct else 'repeat the type'}\n"
            )
            print(
                "| nodes | peer | median s | to id-set | proved | cost / true, worst | precision | recall |"
            )
            print("|---|---|---|---|---|---|---|---|")
            for size in args.sizes:
                table(size, args, new_ids=new_ids, distinct=distinct)


def table(size: int, args: argparse.Namespace, *, new_ids: bool, distinct: bool) -> None:
    """Print the rows of one size."""
    made = [made_pair(size, args.seed + at, new_ids=new_ids, distinct=distinct) for at in range(args.pairs)]
    base = statistics.median(measured(id_set, pair).seconds for pair in made)
    for name, peer in peers(size, args.slow, new_ids):
        if args.only not in name:
            continue
        rows = [row for row in (measured(peer, pair) for pair in made) if row]
        if not rows:
            print(f"| {size} | {name} | no answer | | | | | |")
            continue
        seconds = statistics.median(row.seconds for row in rows)
        print(
            f"| {size} | {name} | {seconds:.5f} | {seconds / base:.1f}"
            f" | {sum(r.minimal for r in rows)}/{len(made)} | {max(r.cost for r in rows):.3f}"
            f" | {statistics.mean(r.precision for r in rows):.4f}"
            f" | {statistics.mean(r.recall for r in rows):.4f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
