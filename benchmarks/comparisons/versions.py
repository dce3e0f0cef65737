"""Comparing two versions, in this process, beside libraries that do a part of it."""

import json
from typing import Any

import networkx as nx
import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

import lamina_graph as lg
from benchmarks.data import changed_pair, edited_pair
from benchmarks.harness import Failure, Pair, Row, Scene, Turn, agree, benchmark, cpu, peer
from lamina_graph.graph import adjacency
from lamina_graph.match import match
from lamina_graph.model import Workflow


def _fresh(pair: tuple[bytes, bytes], times: int) -> list[tuple[Workflow, Workflow]]:
    return [(lg.load(pair[0]), lg.load(pair[1])) for _ in range(times)]


KINDS = [(size, much) for size in (30, 300, 1_000, 10_000) for much in (False, True)]


@benchmark(
    "diff-ids-kept",
    *(
        Row(
            f"`diff`, ids kept, {size:,} nodes, {'a fifth changed' if much else 'one in 500 changed'}",
            "`match` alone",
            wanted=8,
            before="13 to 50",
        )
        for size, much in KINDS
    ),
    rounds=5,
    seconds=50,
)
def diff_ids_kept(scene: Scene) -> Turn:
    """Compare two versions and match their nodes, both freshly read."""
    pairs = [
        changed_pair(scene.size(size, max(10, size // 100)), 0.2 if much else 0.002) for size, much in KINDS
    ]
    times = [scene.size(max(1, 3_000 // size), 1) for size, _ in KINDS]
    for pair in pairs[:4]:
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
    Row("`diff`, ids new, 1,000 nodes", "scipy's assignment", wanted=120, before="5.9 s"),
    rounds=3,
    seconds=40,
)
def diff_ids_new(scene: Scene) -> Turn:
    """Compare versions that share no id, and assign their nodes as Riesen and Bunke do."""
    pair = edited_pair(scene.size(1_000, 30), new_ids=True)

    def turn() -> list[Pair]:
        return [
            (cpu(lambda p: lg.diff(*p), _fresh(pair, 1)), cpu(lambda p: assign(*p), _fresh(pair, 3))),
        ]

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
    deepdiff = peer("deepdiff")
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
