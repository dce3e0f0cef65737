"""The graph core: what of a workflow is well formed, walks over it against networkx, colour refinement."""

import itertools
import random
import subprocess
import sys
from collections import Counter
from typing import Any

import networkx as nx
import pytest
from builders import numbered, workflow
from hypothesis import given
from hypothesis import strategies as st
from strategies import WORKFLOWS as RAW_WORKFLOWS

from lamina_graph.files import load
from lamina_graph.graph import (
    Adjacency,
    adjacency,
    breadth_first_tree,
    connected_components,
    depths,
    graph,
    heaviest_path,
    induced_subgraph,
    path_to,
    reachable,
    refine_colors,
    shortest_path,
    stable_colors,
    strongly_connected_components,
    topological_order,
    undirected,
    wires,
)
from lamina_graph.model import Workflow

WORKFLOWS = RAW_WORKFLOWS.map(load)


def alike(*chains: str) -> Workflow:
    """Return a graph whose nodes are of one type."""
    return workflow(*chains, type="t")


def renamed(original: Workflow, seed: int) -> tuple[Workflow, dict[str, str]]:
    """The same graph with other ids and in another order, and which id became which."""
    shuffle = random.Random(seed)
    ids = sorted(
        {node.id for node in original.nodes} | {id_ for e in original.edges for id_ in (e.source, e.target)}
    )
    new = dict(zip(ids, shuffle.sample([f"n{n}" for n in range(len(ids))], len(ids)), strict=True))
    first = {node.id: node for node in reversed(original.nodes)}
    nodes = [{"id": new[id_], "type": node.type, "label": node.label} for id_, node in first.items()]
    edges = [{"source": new[edge.source], "target": new[edge.target]} for edge in original.edges]
    shuffle.shuffle(nodes)
    shuffle.shuffle(edges)
    return load({"nodes": nodes, "edges": edges}), new


# The well-formed part


@pytest.mark.parametrize(
    ("given_", "ids", "edges"),
    [
        (alike(), "", []),
        (alike("a"), "a", []),
        (alike("a > b > c"), "abc", ["ab", "bc"]),
        (alike("a > b", "a > b"), "ab", ["ab"]),
        (alike("a > b > a"), "ab", ["ab", "ba"]),
        (alike("a > a"), "a", ["aa"]),
        (alike("a > !x", "!x > b", "!x > !y"), "ab", []),
        (alike("c", "a", "b", "b > c", "b > a"), "cab", ["bc", "ba"]),
    ],
)
def test_the_well_formed_part_leaves_out_dangling_and_repeated_edges(
    given_: Workflow, ids: str, edges: list[str]
) -> None:
    adj = adjacency(given_)
    assert adj.ids == tuple(ids)
    assert [adj.ids[source] + adj.ids[target] for source, target in adj.edges] == edges


def test_the_first_node_of_an_id_counts() -> None:
    nodes = [
        {"id": "a", "type": "first", "label": "one"},
        {"id": "a", "type": "second"},
        {"id": "b", "type": "other"},
    ]
    adj = adjacency(load({"nodes": nodes, "edges": [{"source": "a", "target": "b"}]}))
    assert (adj.ids, adj.types, adj.labels) == (("a", "b"), ("first", "other"), ("one", None))
    assert [node.type for node in adj.nodes] == ["first", "other"]
    assert adj.successors == ((1,), ())


@given(WORKFLOWS)
def test_adjacency_agrees_with_the_workflow(given_: Workflow) -> None:
    adj = adjacency(given_)
    assert adj.ids == tuple(dict.fromkeys(node.id for node in given_.nodes))
    assert adj.index == {id_: number for number, id_ in enumerate(adj.ids)}
    assert len(adj) == len(adj.types) == len(adj.labels) == len(adj.successors) == len(adj.predecessors)
    wanted = {(e.source, e.target) for e in given_.edges if e.source in adj.index and e.target in adj.index}
    assert Counter((adj.ids[s], adj.ids[t]) for s, t in adj.edges) == Counter(wanted)
    assert sorted((s, t) for t, sources in enumerate(adj.predecessors) for s in sources) == sorted(adj.edges)


@given(WORKFLOWS)
def test_the_networkx_graph_agrees_with_adjacency(given_: Workflow) -> None:
    adj, full = adjacency(given_), graph(given_)
    assert list(full.nodes) == list(adj.ids)
    assert list(full.edges) == [(adj.ids[source], adj.ids[target]) for source, target in adj.edges]
    assert [data["type"] for _, data in full.nodes(data=True)] == list(adj.types)
    assert [data["label"] for _, data in full.nodes(data=True)] == [
        label or type_ for label, type_ in zip(adj.labels, adj.types, strict=True)
    ]


@given(WORKFLOWS)
def test_neighbours_come_in_the_order_of_the_edges(given_: Workflow) -> None:
    adj = adjacency(given_)
    order = list(dict.fromkeys((edge.source, edge.target) for edge in given_.edges))
    for number, id_ in enumerate(adj.ids):
        assert [adj.ids[other] for other in adj.successors[number]] == [
            target for source, target in order if source == id_ and target in adj.index
        ]
        assert [adj.ids[other] for other in adj.predecessors[number]] == [
            source for source, target in order if target == id_ and source in adj.index
        ]


def test_the_networkx_graph_is_a_plain_digraph_for_every_algorithm_and_exporter(tmp_path: Any) -> None:
    full = graph(workflow("a > b", "a > c", "b > d", "c > d", type="t", appId="id-1", name="Diamond"))
    assert type(full) is nx.DiGraph
    assert full.graph == {"app_id": "id-1", "name": "Diamond"}
    assert nx.dag_longest_path_length(full) == 2
    nx.write_gexf(full, tmp_path / "g.gexf")
    assert nx.node_link_data(full, edges="edges")["nodes"][0] == {"type": "t", "label": "t", "id": "a"}


def test_a_graph_without_app_id_can_be_exported(tmp_path: Any) -> None:
    nx.write_graphml(graph(alike("a > b")), tmp_path / "g.graphml")
    assert list(nx.read_graphml(tmp_path / "g.graphml").edges) == [("a", "b")]


def test_graphs_of_one_workflow_are_independent() -> None:
    given_ = alike("a > b")
    graph(given_).remove_node("a")
    assert list(graph(given_)) == ["a", "b"]


# Walks, against networkx

DIGRAPHS = st.integers(0, 8).flatmap(
    lambda size: (
        st.lists(st.lists(st.integers(0, size - 1), unique=True), min_size=size, max_size=size)
        if size
        else st.just([])
    )
)
"""Neighbour lists of graphs with cycles and self-loops."""


def digraph(successors: list[list[int]]) -> "nx.DiGraph[int]":
    full: nx.DiGraph[int] = nx.DiGraph()
    full.add_nodes_from(range(len(successors)))
    full.add_edges_from((node, other) for node, others in enumerate(successors) for other in others)
    return full


def backwards(successors: list[list[int]]) -> list[list[int]]:
    full = digraph(successors)
    return [sorted(full.predecessors(node)) for node in range(len(successors))]


def without_loops(successors: list[list[int]]) -> list[list[int]]:
    return [[other for other in others if other != node] for node, others in enumerate(successors)]


@given(DIGRAPHS)
def test_a_topological_order_stops_at_cycles(given_: Any) -> None:
    full, order = digraph(without_loops(given_)), topological_order(given_)
    in_cycles = {node for part in nx.strongly_connected_components(full) if len(part) > 1 for node in part}
    held_up = in_cycles.union(*(nx.descendants(full, node) for node in in_cycles))
    assert sorted(order) == sorted(set(full) - held_up)
    place = {node: at for at, node in enumerate(order)}
    assert all(place[source] < place[target] for source, target in full.subgraph(order).edges)


@given(DIGRAPHS)
def test_an_order_that_breaks_cycles_extends_the_one_that_stops(
    given_: Any,
) -> None:
    order, start = topological_order(given_, break_cycles=True), topological_order(given_)
    assert sorted(order) == list(range(len(given_)))
    assert order[: len(start)] == start


@given(DIGRAPHS)
def test_an_order_without_cycles_is_that_of_networkx(given_: Any) -> None:
    forward = [[other for other in others if other > node] for node, others in enumerate(given_)]
    assert topological_order(forward) == topological_order(forward, break_cycles=True)
    assert topological_order(forward) in list(nx.all_topological_sorts(digraph(forward)))


@given(DIGRAPHS)
def test_the_deepest_node_ends_the_longest_path(given_: Any) -> None:
    forward = [[other for other in others if other > node] for node, others in enumerate(given_)]
    order = topological_order(forward)
    depth = depths(order, forward)
    assert max(depth, default=0) == nx.dag_longest_path_length(digraph(forward))
    assert all(depth[source] < depth[target] for source, target in digraph(forward).edges)
    height = depths(order[::-1], backwards(forward))
    assert max(height, default=0) == max(depth, default=0)


@given(DIGRAPHS, st.lists(st.integers(0, 5), min_size=8, max_size=8), st.data())
def test_a_heaviest_path_is_the_heaviest_of_all_paths(given_: Any, weights: list[int], data: Any) -> None:
    forward = [[other for other in others if other > node] for node, others in enumerate(given_)]
    ends = data.draw(st.lists(st.sampled_from(range(len(forward))), unique=True) if forward else st.just([]))
    path = heaviest_path(forward, weights[: len(forward)], ends)
    full = digraph(forward)
    paths = [
        each
        for end in ends
        for start in full
        for each in ([[end]] if start == end else nx.all_simple_paths(full, start, end))
    ]
    rank = [(sum(weights[node] for node in each), len(each)) for each in paths]
    assert (path == []) is (not ends)
    assert not ends or path in paths
    assert not ends or (sum(weights[node] for node in path), len(path)) == max(rank)


@given(DIGRAPHS)
def test_a_heaviest_path_passes_no_node_twice_even_in_cycles(given_: Any) -> None:
    path = heaviest_path(given_, [1] * len(given_), range(len(given_)))
    assert len(path) == len(set(path))
    assert all(target in given_[source] for source, target in itertools.pairwise(path))


@given(DIGRAPHS, st.data())
def test_reachable_nodes_are_those_of_networkx(given_: Any, data: Any) -> None:
    starts = data.draw(st.lists(st.sampled_from(range(len(given_)))) if given_ else st.just([]))
    within = data.draw(st.sets(st.integers(0, 7)))
    steps = data.draw(st.integers(0, 3))
    full = digraph(given_)
    assert reachable(given_, starts) == set(starts).union(*(nx.descendants(full, n) for n in starts))
    some = full.subgraph(within)
    allowed = within.intersection(starts)
    assert reachable(given_, starts, within) == allowed.union(*(nx.descendants(some, n) for n in allowed))
    near = [nx.single_source_shortest_path_length(full, n, cutoff=steps) for n in starts]
    assert reachable(given_, starts, steps=steps) == set().union(*near)


@given(DIGRAPHS)
def test_shortest_paths_are_as_short_as_those_of_networkx(given_: Any) -> None:
    full = digraph(given_)
    for start in full:
        lengths = nx.single_source_shortest_path_length(full, start)
        tree = breadth_first_tree(given_, [start])
        assert [len(path_to(tree, node)) - 1 for node in tree] == sorted(lengths.values())
        for end in full:
            path = shortest_path(given_, start, end)
            assert len(path) == (lengths[end] + 1 if end in lengths else 0)
            assert all(target in given_[source] for source, target in itertools.pairwise(path))


@given(DIGRAPHS)
def test_components_are_those_of_networkx_in_the_order_of_their_first_nodes(given_: Any) -> None:
    full = digraph(given_)
    assert connected_components(given_) == sorted(map(sorted, nx.weakly_connected_components(full)))
    strong = strongly_connected_components(given_)
    assert sorted(map(sorted, strong)) == sorted(map(sorted, nx.strongly_connected_components(full)))
    place = {node: at for at, part in enumerate(strong) for node in part}
    assert all(place[source] >= place[target] for source, target in full.edges)


@given(DIGRAPHS, st.data())
def test_a_part_of_a_graph_is_the_subgraph_of_networkx(given_: Any, data: Any) -> None:
    nodes = data.draw(st.lists(st.sampled_from(range(len(given_))), unique=True) if given_ else st.just([]))
    part = induced_subgraph(given_, nodes)
    edges = {(nodes[node], nodes[other]) for node, others in enumerate(part) for other in others}
    assert edges == set(digraph(given_).subgraph(nodes).edges)


@given(DIGRAPHS)
def test_undirected_neighbours_are_those_of_networkx(given_: Any) -> None:
    full = digraph(given_).to_undirected()
    assert [set(others) for others in undirected(given_)] == [set(full[node]) for node in range(len(given_))]


@given(WORKFLOWS)
def test_every_edge_with_both_ends_is_a_wire(given_: Workflow) -> None:
    adj = adjacency(given_)
    pairs = wires(given_, adj)
    assert sorted(pairs) == sorted(adj.edges)
    kept = [e for e in given_.edges if e.source in adj.index and e.target in adj.index]
    assert Counter(map(id, kept)) == Counter(id(edge) for edges in pairs.values() for edge in edges)


# Colours


@given(WORKFLOWS, st.integers(0, 99), st.integers(0, 4))
def test_colours_do_not_depend_on_ids_and_order(given_: Workflow, seed: int, rounds: int) -> None:
    adj = adjacency(given_)
    other, new = renamed(given_, seed)
    twin = adjacency(other)
    found = dict(zip(adj.ids, refine_colors(adj, rounds=rounds), strict=True))
    again = dict(zip(twin.ids, refine_colors(twin, rounds=rounds), strict=True))
    assert {new[id_]: colour for id_, colour in found.items()} == again


@given(WORKFLOWS)
def test_more_rounds_only_split_color_classes(given_: Workflow) -> None:
    adj = adjacency(given_)
    for rounds in range(4):
        coarse, fine = refine_colors(adj, rounds=rounds), refine_colors(adj, rounds=rounds + 1)
        assert len(set(zip(coarse, fine, strict=True))) == len(set(fine))


@given(WORKFLOWS)
def test_without_a_round_a_colour_is_the_type(given_: Workflow) -> None:
    adj = adjacency(given_)
    assert len(set(zip(refine_colors(adj, rounds=0), adj.types, strict=True))) == len(set(adj.types))


def colour(given_: Workflow, id_: str, **how: Any) -> bytes:
    adj = adjacency(given_)
    return refine_colors(adj, **how)[adj.index[id_]]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (alike("a > b > c"), alike("a > b > c"), True),
        (alike("a > b > c"), alike("a", "b", "c", "a > b"), False),
        (alike("a > b"), alike("a", "b", "b > a"), False),
        (alike("a", "b", "a > a"), alike("a", "b"), False),
        (workflow("a:t > b:u"), workflow("a:t > b:v"), False),
        (alike("a > b", "a > c"), alike("a > b"), False),
        (alike("a", "b"), alike("a"), True),
    ],
)
def test_a_colour_depends_on_the_neighbours(one: Workflow, other: Workflow, same: bool) -> None:
    assert (colour(one, "a") == colour(other, "a")) is same


def test_a_colour_depends_on_nodes_within_its_rounds() -> None:
    short, long = alike("a > b > c > d"), alike("a > b > c > d > e")
    assert [colour(short, "a", rounds=n) == colour(long, "a", rounds=n) for n in range(5)] == [True] * 4 + [
        False
    ]


def test_other_seeds_give_other_colours() -> None:
    adj = adjacency(alike("a", "b"))
    assert len(set(refine_colors(adj, seeds=["x", "y"], rounds=0))) == 2
    assert len(set(refine_colors(adj, seeds=["x", "x"], rounds=0))) == 1


def test_an_empty_graph_has_no_colours_whatever_the_seeds() -> None:
    assert refine_colors(adjacency(alike()), seeds=[]) == []


def test_any_type_has_a_colour() -> None:
    odd = numbered(["\ud83d", "\udc00", "", "😀"], [], "abcd")
    assert len(set(refine_colors(adjacency(odd), rounds=0))) == 4


def test_colours_are_the_same_in_every_process() -> None:
    script = (
        "from lamina_graph.files import load\nfrom lamina_graph.graph import adjacency, refine_colors\n"
        "nodes = [{'id': 'a', 'type': 't'}, {'id': 'b', 'type': 'u'}]\n"
        "w = load({'nodes': nodes, 'edges': [{'source': 'a', 'target': 'b'}]})\n"
        "print([c.hex() for c in refine_colors(adjacency(w))])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert b"[" in outputs.pop()


@given(DIGRAPHS, st.lists(st.sampled_from("xy"), min_size=8, max_size=8))
def test_equal_stable_colors_have_equal_neighborhoods(given_: Any, seeds: list[str]) -> None:
    seeds, before = seeds[: len(given_)], backwards(given_)
    colors = stable_colors(seeds, given_, before)
    for one, other in itertools.combinations(range(len(given_)), 2):
        if colors[one] == colors[other]:
            assert seeds[one] == seeds[other]
            for neighbors in (given_, before):
                assert sorted(colors[n] for n in neighbors[one]) == sorted(
                    colors[n] for n in neighbors[other]
                )


# Size


@pytest.mark.parametrize("shape", ["cycle", "star"])
def test_100_000_nodes_are_walked_without_recursion(shape: str) -> None:
    many = 100_000
    edges = {
        "cycle": [(n, (n + 1) % many) for n in range(many)],
        "star": [(0, n) for n in range(1, many)],
    }[shape]
    raw = {
        "nodes": [{"id": str(n), "type": "t"} for n in range(many)],
        "edges": [{"source": str(source), "target": str(target)} for source, target in edges],
    }
    adj = adjacency(load(raw))
    assert isinstance(adj, Adjacency)
    assert len(adj) == many
    assert len(adj.edges) == len(set(edges))
    assert len(topological_order(adj.successors, break_cycles=True)) == many
    assert len(connected_components(adj.successors)) == 1
    assert len(refine_colors(adj, rounds=1)) == many
