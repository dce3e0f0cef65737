"""Folding: every node is in one group, and a folded picture says of each line exactly what the graph says."""

from collections import Counter
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from lamina_graph.render.fold import fold, joined, net, parallel


@st.composite
def graphs(draw):
    """Small graphs with much that is alike: copies of a branch hung between a few shared nodes, and noise."""
    shared = draw(st.integers(0, 3))
    size, copies = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    inside = draw(st.sets(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=6))
    hung = draw(st.sets(st.tuples(st.integers(0, 2), st.integers(0, size - 1), st.booleans()), max_size=6))
    count = shared + size * copies
    edges = {(shared + at * size + a, shared + at * size + b) for at in range(copies) for a, b in inside}
    for at, (one, place, into) in product(range(copies), hung):
        if one < shared:
            pair = (one, shared + at * size + place)
            edges.add(pair if into else pair[::-1])
    edges |= draw(st.sets(st.tuples(*[st.integers(0, count - 1)] * 2), max_size=3)) if count else set()
    kinds = draw(st.lists(st.sampled_from("ab"), min_size=size, max_size=size))
    looks = [draw(st.sampled_from("ab")) for _ in range(shared)] + kinds * copies
    order = draw(st.permutations(range(count)))
    return [looks[at] for at in order], sorted((order.index(a), order.index(b)) for a, b in edges)


def owners(groups):
    return {member: at for at, group in enumerate(groups) for member in group.members}


def unfolded(groups, lines):
    """The edges that a folded picture of parallel branches tells of: those within each one's own branch."""
    for one, other in lines:
        first, second = groups[one].members, groups[other].members
        many = max(len(first), len(second))
        yield from {(first[at * len(first) // many], second[at * len(second) // many]) for at in range(many)}


class TestParallel:
    @given(graphs())
    @settings(max_examples=400, deadline=None)
    def test_unfolding_gives_the_graph_back(self, graph):
        looks, edges = graph
        whole = net(looks, edges)
        groups = parallel(whole)
        assert sorted(unfolded(groups, joined(whole, owners(groups)))) == edges

    @given(graphs())
    @settings(max_examples=200, deadline=None)
    def test_every_node_is_in_one_group_and_only_what_looks_alike_is_in_it(self, graph):
        looks, edges = graph
        groups = parallel(net(looks, edges))
        assert Counter(member for group in groups for member in group.members) == Counter(range(len(looks)))
        assert all(len({looks[member] for member in group.members}) == 1 for group in groups)

    @given(graphs())
    @settings(max_examples=200, deadline=None)
    def test_an_edge_between_groups_is_there_if_one_between_their_members_is(self, graph):
        looks, edges = graph
        whole = net(looks, edges)
        owner = owners(fold(whole, set(range(len(looks)))))
        between = {(owner[a], owner[b]) for a, b in edges if owner[a] != owner[b] or a == b}
        assert set(joined(whole, owner)) == between

    @given(graphs(), st.randoms())
    @settings(max_examples=100, deadline=None)
    def test_the_order_of_edges_decides_nothing(self, graph, random):
        looks, edges = graph
        mixed = list(edges)
        random.shuffle(mixed)
        plain = set(range(len(looks)))
        assert fold(net(looks, edges), plain) == fold(net(looks, mixed), plain)
