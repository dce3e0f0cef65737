import random
import subprocess
import sys
from collections import Counter
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina_graph.graph import Adjacency, adjacency, colours, graph
from lamina_graph.model import Workflow, load

IDS = st.sampled_from("abcdefg") | st.text(max_size=3)
WORKFLOWS = st.builds(
    lambda nodes, edges: {"nodes": nodes, "edges": edges},
    st.lists(
        st.fixed_dictionaries(
            {"id": IDS, "type": st.sampled_from(["x", "y", "z"])},
            optional={"label": st.none() | st.sampled_from(["", "L", "M"])},
        ),
        max_size=9,
    ),
    st.lists(st.fixed_dictionaries({"source": IDS, "target": IDS}), max_size=14),
).map(load)
"""Workflows in which ids repeat, edges repeat, dangle and bite their tail."""


def workflow(types: dict[str, str] | str, *edges: str, **more: Any) -> Workflow:
    """A workflow from `id: type` (or ids alone) and edges written `ab`."""
    types = types if isinstance(types, dict) else dict.fromkeys(types, "t")
    nodes = [{"id": id_, "type": type_} for id_, type_ in types.items()]
    return load({"nodes": nodes, "edges": [{"source": edge[0], "target": edge[1]} for edge in edges], **more})


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
        (workflow(""), "", []),
        (workflow("a"), "a", []),
        (workflow("abc", "ab", "bc"), "abc", ["ab", "bc"]),
        (workflow("ab", "ab", "ab"), "ab", ["ab"]),
        (workflow("ab", "ab", "ba"), "ab", ["ab", "ba"]),
        (workflow("a", "aa"), "a", ["aa"]),
        (workflow("ab", "ax", "xb", "xy"), "ab", []),
        (workflow("cab", "bc", "ba"), "cab", ["bc", "ba"]),
    ],
)
def test_the_well_formed_part_is_what_it_is_said_to_be(given_: Workflow, ids: str, edges: list[str]) -> None:
    plain = adjacency(given_)
    assert plain.ids == tuple(ids)
    assert [plain.ids[source] + plain.ids[target] for source, target in plain.edges] == edges


def test_the_first_node_of_an_id_counts() -> None:
    nodes = [
        {"id": "a", "type": "first", "label": "one"},
        {"id": "a", "type": "second"},
        {"id": "b", "type": "other"},
    ]
    plain = adjacency(load({"nodes": nodes, "edges": [{"source": "a", "target": "b"}]}))
    assert (plain.ids, plain.types, plain.labels) == (("a", "b"), ("first", "other"), ("one", None))
    assert plain.successors == ((1,), ())


@given(WORKFLOWS)
def test_adjacency_agrees_with_the_workflow(given_: Workflow) -> None:
    plain = adjacency(given_)
    assert plain.ids == tuple(dict.fromkeys(node.id for node in given_.nodes))
    assert plain.index == {id_: number for number, id_ in enumerate(plain.ids)}
    assert (
        len(plain)
        == len(plain.types)
        == len(plain.labels)
        == len(plain.successors)
        == len(plain.predecessors)
    )
    wanted = {
        (e.source, e.target) for e in given_.edges if e.source in plain.index and e.target in plain.index
    }
    assert Counter((plain.ids[s], plain.ids[t]) for s, t in plain.edges) == Counter(wanted)
    assert sorted((s, t) for t, sources in enumerate(plain.predecessors) for s in sources) == sorted(
        plain.edges
    )


@given(WORKFLOWS)
def test_the_networkx_graph_agrees_with_adjacency(given_: Workflow) -> None:
    plain, full = adjacency(given_), graph(given_)
    assert list(full.nodes) == list(plain.ids)
    assert list(full.edges) == [(plain.ids[source], plain.ids[target]) for source, target in plain.edges]
    assert [data["type"] for _, data in full.nodes(data=True)] == list(plain.types)
    assert [data["label"] for _, data in full.nodes(data=True)] == [
        label or type_ for label, type_ in zip(plain.labels, plain.types, strict=True)
    ]


@given(WORKFLOWS)
def test_neighbours_come_in_the_order_of_the_edges(given_: Workflow) -> None:
    plain = adjacency(given_)
    order = list(dict.fromkeys((edge.source, edge.target) for edge in given_.edges))
    for number, id_ in enumerate(plain.ids):
        assert [plain.ids[other] for other in plain.successors[number]] == [
            target for source, target in order if source == id_ and target in plain.index
        ]
        assert [plain.ids[other] for other in plain.predecessors[number]] == [
            source for source, target in order if target == id_ and source in plain.index
        ]


def test_the_networkx_graph_is_a_plain_digraph_for_every_algorithm_and_exporter(tmp_path: Any) -> None:
    full = graph(workflow("abcd", "ab", "ac", "bd", "cd", appId="id-1", name="Diamond"))
    assert type(full) is nx.DiGraph
    assert full.graph == {"app_id": "id-1", "name": "Diamond"}
    assert nx.dag_longest_path_length(full) == 2
    nx.write_gexf(full, tmp_path / "g.gexf")
    assert nx.node_link_data(full, edges="edges")["nodes"][0] == {"type": "t", "label": "t", "id": "a"}


def test_a_graph_without_app_id_can_be_exported(tmp_path: Any) -> None:
    nx.write_graphml(graph(workflow("ab", "ab")), tmp_path / "g.graphml")
    assert list(nx.read_graphml(tmp_path / "g.graphml").edges) == [("a", "b")]


def test_graphs_of_one_workflow_are_independent() -> None:
    given_ = workflow("ab", "ab")
    graph(given_).remove_node("a")
    assert list(graph(given_)) == ["a", "b"]


# Colours


@given(WORKFLOWS, st.integers(0, 99), st.integers(0, 4))
def test_colours_do_not_depend_on_ids_and_order(given_: Workflow, seed: int, rounds: int) -> None:
    plain = adjacency(given_)
    other, new = renamed(given_, seed)
    twin = adjacency(other)
    found = dict(zip(plain.ids, colours(plain, rounds=rounds), strict=True))
    again = dict(zip(twin.ids, colours(twin, rounds=rounds), strict=True))
    assert {new[id_]: colour for id_, colour in found.items()} == again


@given(WORKFLOWS)
def test_more_rounds_only_tell_more_nodes_apart(given_: Workflow) -> None:
    plain = adjacency(given_)
    for rounds in range(4):
        coarse, fine = colours(plain, rounds=rounds), colours(plain, rounds=rounds + 1)
        assert len(set(zip(coarse, fine, strict=True))) == len(set(fine))


@given(WORKFLOWS)
def test_without_a_round_a_colour_is_the_type(given_: Workflow) -> None:
    plain = adjacency(given_)
    assert len(set(zip(colours(plain, rounds=0), plain.types, strict=True))) == len(set(plain.types))


def colour(given_: Workflow, id_: str, **how: Any) -> bytes:
    plain = adjacency(given_)
    return colours(plain, **how)[plain.index[id_]]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (workflow("abc", "ab", "bc"), workflow("abc", "ab", "bc"), True),
        (workflow("abc", "ab", "bc"), workflow("abc", "ab"), False),
        (workflow("ab", "ab"), workflow("ab", "ba"), False),
        (workflow("ab", "aa"), workflow("ab"), False),
        (workflow({"a": "t", "b": "u"}, "ab"), workflow({"a": "t", "b": "v"}, "ab"), False),
        (workflow("abc", "ab", "ac"), workflow("ab", "ab"), False),
        (workflow("ab"), workflow("a"), True),
    ],
)
def test_a_colour_tells_of_the_surroundings(one: Workflow, other: Workflow, same: bool) -> None:
    assert (colour(one, "a") == colour(other, "a")) is same


def test_a_colour_sees_as_far_as_its_rounds() -> None:
    short, long = workflow("abcd", "ab", "bc", "cd"), workflow("abcde", "ab", "bc", "cd", "de")
    assert [colour(short, "a", rounds=n) == colour(long, "a", rounds=n) for n in range(5)] == [True] * 4 + [
        False
    ]


def test_other_seeds_give_other_colours() -> None:
    plain = adjacency(workflow("ab"))
    assert len(set(colours(plain, seeds=["x", "y"], rounds=0))) == 2
    assert len(set(colours(plain, seeds=["x", "x"], rounds=0))) == 1


def test_an_empty_graph_has_no_colours_whatever_the_seeds() -> None:
    assert colours(adjacency(workflow("")), seeds=[]) == []


def test_any_type_has_a_colour() -> None:
    assert (
        len(set(colours(adjacency(workflow({"a": "\ud83d", "b": "\udc00", "c": "", "d": "😀"})), rounds=0)))
        == 4
    )


def test_colours_are_the_same_in_every_process() -> None:
    script = (
        "from lamina_graph.model import load\nfrom lamina_graph.graph import adjacency, colours\n"
        "nodes = [{'id': 'a', 'type': 't'}, {'id': 'b', 'type': 'u'}]\n"
        "w = load({'nodes': nodes, 'edges': [{'source': 'a', 'target': 'b'}]})\n"
        "print([c.hex() for c in colours(adjacency(w))])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
    assert b"[" in said.pop()


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
    plain = adjacency(load(raw))
    assert isinstance(plain, Adjacency)
    assert len(plain) == many
    assert len(plain.edges) == len(set(edges))
    assert len(colours(plain, rounds=1)) == many
