"""Twins, nearest, families and copies."""

import random
from collections import Counter

import networkx as nx
import pytest
from builders import numbered
from conftest import LAMINA_SAMPLES, SAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx.algorithms.isomorphism import DiGraphMatcher, categorical_node_match

from lamina_graph.files import load
from lamina_graph.graph import adjacency, graph
from lamina_graph.similar import clustering, groups, profile, similar
from lamina_graph.similar.clustering import FAMILY
from lamina_graph.similar.isomorphism import are_isomorphic
from lamina_graph.similar.similarity import cosine_similarity


def reshuffled(given, seed=0):
    """The same graph with every id new and the nodes and edges in another order."""
    chance = random.Random(seed)
    new = {node.id: f"new-{number}" for number, node in enumerate(given.nodes)}
    nodes = [{"id": new[node.id], "type": node.type} for node in given.nodes]
    edges = [{"source": new[edge.source], "target": new[edge.target]} for edge in given.edges]
    return load({"nodes": chance.sample(nodes, len(nodes)), "edges": chance.sample(edges, len(edges))})


def circles(*lengths):
    edges, start = [], 0
    for length in lengths:
        edges += [(start + step, start + (step + 1) % length) for step in range(length)]
        start += length
    return numbered(["fluxImageNode"] * start, edges)


def both_ways(undirected):
    plain = nx.convert_node_labels_to_integers(undirected)
    return numbered(["t"] * len(plain), [*plain.edges, *((target, source) for source, target in plain.edges)])


def shrikhande():
    steps = ((0, 1), (1, 0), (1, 1))
    return nx.Graph(
        ((x, y), ((x + right) % 4, (y + up) % 4)) for x in range(4) for y in range(4) for right, up in steps
    )


def sample(name):
    return load(SAMPLES / f"{name}.json")


graphs = st.integers(0, 7).flatmap(
    lambda size: st.tuples(
        st.lists(st.sampled_from("aab"), min_size=size, max_size=size),
        st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=2 * size)
        if size
        else st.just([]),
    )
)


@given(graphs, graphs)
def test_the_proof_agrees_with_networkx(one, other):
    one, other = numbered(*one), numbered(*other)
    alike = DiGraphMatcher(graph(one), graph(other), categorical_node_match("type", None))
    assert are_isomorphic(adjacency(one), adjacency(other)) is alike.is_isomorphic()


@given(graphs, st.data())
def test_the_proof_agrees_with_networkx_where_only_one_edge_moved(one, data):
    types, edges = one
    edges = list(dict.fromkeys(edges))
    if not edges:
        return
    place = data.draw(st.integers(0, len(edges) - 1))
    moved = [
        *edges[:place],
        *edges[place + 1 :],
        (edges[place][0], data.draw(st.integers(0, len(types) - 1))),
    ]
    one, other = numbered(types, edges), reshuffled(numbered(types, moved), place)
    alike = DiGraphMatcher(graph(one), graph(other), categorical_node_match("type", None))
    assert are_isomorphic(adjacency(one), adjacency(other)) is alike.is_isomorphic()


@given(graphs, st.integers(0, 99))
def test_new_ids_and_another_order_leave_a_twin(one, seed):
    one = numbered(*one)
    assert are_isomorphic(adjacency(one), adjacency(reshuffled(one, seed))) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(circles(3, 3), circles(6), id="circles"),
        pytest.param(
            both_ways(nx.line_graph(nx.complete_bipartite_graph(4, 4))),
            both_ways(shrikhande()),
            id="rook and Shrikhande",
        ),
    ],
)
def test_graphs_that_only_look_the_same_are_no_twins(one, other):
    assert are_isomorphic(adjacency(one), adjacency(other)) is False
    assert [found.twin for found in similar(one, [other, reshuffled(one)])] == [True, False]
    assert groups([one, other, reshuffled(one)]).twins[0].members == (0, 2)


def test_a_search_without_budget_proves_nothing():
    rook = both_ways(nx.line_graph(nx.complete_bipartite_graph(4, 4)))
    assert are_isomorphic(adjacency(rook), adjacency(both_ways(shrikhande())), most_steps=0) is None


SIZE = 20_000


@pytest.mark.parametrize(
    "edges",
    [
        [],
        [(0, node) for node in range(1, SIZE)],
        [(node, node + 1) for node in range(SIZE - 1)],
        [(node, (node + 1) % SIZE) for node in range(SIZE)],
        [(node, node + 1) for node in range(SIZE - 1) if node % 10 != 9],
    ],
    ids=["apart", "star", "chain", "ring", "chains"],
)
def test_large_graphs_full_of_symmetry_are_proved(edges):
    large = numbered(["fluxImageNode"] * SIZE, edges)
    assert are_isomorphic(adjacency(large), adjacency(reshuffled(large))) is True


def test_twins_come_first_then_the_nearest():
    names = ["cartoonify", "product-catalog", "fast-fashion-catalog", "launch-video", "try-on-single"]
    found = similar(sample("swift-catalog"), [sample(name) for name in names])
    assert [names[each.index] for each in found][:2] == ["fast-fashion-catalog", "product-catalog"]
    assert [each.twin for each in found] == [True, False, False, False, False]
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert found[0].score == 1.0
    assert found[0].why == "The same graph up to node ids."


def test_similar_leaves_out_the_workflow_itself_and_returns_at_most_n():
    subject = sample("diamond")
    assert similar(subject, [subject, sample("diamond")]) == ()
    assert len(similar(subject, [sample("chain"), sample("cycle"), sample("fan-in")], n=2)) == 2


def test_a_copy_is_recognized_by_shared_ids():
    (found,) = similar(sample("saree-try-on"), [sample("try-on-single")])
    assert found.shared_ids == 4
    assert "4 node ids in both" in found.why


def test_ids_without_a_stamp_may_be_the_same_by_chance():
    one, other = (numbered(["fluxImageNode"], [], ["1"], appId=app) for app in ("a", "b"))
    assert similar(one, [other])[0].shared_ids == 0
    assert groups([one, other]).copies == ()


def test_another_version_of_the_app_is_marked_as_one():
    new, old = (sample(f"history/quick-reel-maker/v{number}") for number in (5, 4))
    assert "Another version of the same app." in similar(new, [old])[0].why


def test_a_swapped_model_leaves_pipelines_more_similar_than_others():
    chain = [(0, 1), (1, 2)]
    kling, veo, picture = (
        numbered(["imageInputNode", type_, "videoOutputNode"], chain)
        for type_ in ("klingVideoNode", "veoVideoNode", "fluxImageNode")
    )
    assert [each.index for each in similar(kling, [picture, veo])] == [1, 0]


@given(graphs, graphs)
@settings(max_examples=50)
def test_similarity_is_symmetric_and_between_0_and_1(one, other):
    one, other = numbered(*one, appId="one"), numbered(*other, appId="other")
    (there,), (back,) = similar(one, [other]), similar(other, [one])
    assert there.score == pytest.approx(back.score)
    assert there.twin == back.twin
    assert 0 <= there.score <= 1


MADE = sorted([*SAMPLES.glob("*.json"), *SAMPLES.glob("history/*/*.json")])
NAMES = [str(path.relative_to(SAMPLES))[:-5] for path in MADE]


def named(found):
    return [[NAMES[index] for index in group.members] for group in found]


def test_the_samples_have_the_twins_and_copies_of_their_readme():
    found = groups(map(sample, NAMES))
    assert named(found.twins) == [
        ["fast-fashion-catalog", "swift-catalog"],
        ["history/virtual-try-on/v4", "history/virtual-try-on/v5"],
    ]
    assert named(found.copies) == [["saree-try-on", "try-on-single"]]
    assert found.copies[0].why == "4 node ids are in more than one of these apps."


def test_versions_of_one_app_alone_make_no_group():
    found = groups(sample(f"history/quick-reel-maker/v{number}") for number in (1, 2, 3, 4, 5))
    assert (found.twins, found.families, found.copies) == ((), (), ())


def test_empty_workflows_are_not_twins():
    found = groups([numbered([], [], appId="a"), numbered([], [], appId="b")])
    assert (found.twins, found.families, found.copies) == ((), (), ())


def edited(base, number):
    """An app's graph with one more branch of its own."""
    types, edges = base
    return numbered([*types, f"extra{number}Node"], [*edges, (0, len(types))], appId=f"app {number}")


BASES = [
    (
        ["imageInputNode", "backgroundRemoverNode", *["fluxImageNode"] * 5],
        [(0, 1), *((1, to) for to in range(2, 7))],
    ),
    (
        ["textInputNode", "scriptWriterNode", *["klingVideoNode"] * 5],
        [(0, 1), *((1, to) for to in range(2, 7))],
    ),
]


def test_families_group_nearly_equal_workflows():
    catalogue = [edited(BASES[number % 2], number) for number in range(40)]
    found = groups(catalogue)
    assert [group.members for group in found.families] == [tuple(range(0, 40, 2)), tuple(range(1, 40, 2))]
    assert found.twins == ()


def test_workflows_outside_families_are_similar_to_no_other():
    """The filter that spares comparisons loses nothing: what it left alone is compared here one by one."""
    workflows = [load(path) for path in LAMINA_SAMPLES]
    found = groups(workflows)
    grouped = {index for kind in (found.twins, found.families) for group in kind for index in group.members}
    alone = [workflow for index, workflow in enumerate(workflows) if index not in grouped]
    for subject in alone:
        others = [other for other in alone if other.app_id != subject.app_id]
        assert similar(subject, others)[0].score < 0.8


def gathered_one_by_one(workflows):
    """Families as the words say: each joins the leader that it is most like, or leads from then on."""
    vectors = [profile(each).vector for each in workflows]
    families = {}
    for number, vector in enumerate(vectors):
        scores = [(cosine_similarity(vector, vectors[leader]), -leader) for leader in families]
        score, leader = max(scores, default=(0.0, 0))
        if score >= FAMILY:
            families[-leader].append(number)
        else:
            families[number] = [number]
    return [tuple(members) for members in families.values() if len(members) > 1]


def grown(number, chance):
    """A chain of apps, each of which has one branch more than the last; every twentieth starts anew."""
    types = ["imageInputNode", *chance.choices(["fluxImageNode", "klingVideoNode", "upscaleNode"], k=6)]
    for length in range(20):
        types = [*types, f"{chance.choice('abc')}{number}Node"]
        edges = [((node - 1) // 2, node) for node in range(1, len(types))]
        yield numbered(types, edges, appId=f"app {number}-{length}")


@pytest.mark.parametrize("chains", [2, 20], ids=["compared in turn", "compared in blocks"])
@pytest.mark.parametrize("seed", range(3))
def test_families_are_those_of_comparing_each_with_every_leader(chains, seed):
    chance = random.Random(seed)
    catalogue = [each for number in range(chains) for each in grown(number, chance)]
    chance.shuffle(catalogue)
    found = groups(catalogue)
    assert found.twins == ()
    assert [group.members for group in found.families] == gathered_one_by_one(catalogue)


def test_large_catalogues_are_not_compared_pair_by_pair(monkeypatch):
    counted = Counter()

    def count(function):
        def counting(*args):
            counted[function] += 1
            return function(*args)

        return counting

    for function in (cosine_similarity, are_isomorphic):
        monkeypatch.setattr(clustering, function.__name__, count(function))
    apart = [numbered([f"a{n}", f"b{n}", "t"], [(0, 1), (1, 2)], appId=f"apart {n}") for n in range(300)]
    same = [numbered(["t", "t"], [(0, 1)], appId=f"same {n}") for n in range(300)]
    nodes = [{"id": "a", "type": "t"}]
    unknown = [load({"appId": f"unknown {n}", "nodes": nodes, "edges": "unknown"}) for n in range(300)]
    assert [len(group.members) for group in groups([*apart, *same, *unknown]).twins] == [300]
    assert counted[are_isomorphic] == 299
    assert counted[cosine_similarity] < 3_000
