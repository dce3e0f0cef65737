"""Folding: every node is in one group, and a folded picture says of each line exactly what the graph says."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina_graph.graph import topological_order
from lamina_graph.render.folding.cycles import split_cycles
from lamina_graph.render.folding.groups import (
    Group,
    fold,
    fold_branches,
    fold_sequence,
    labeled_graph,
    quotient_graph,
)


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


def lines(graph, groups):
    """The lines between the cards of groups."""
    successors = quotient_graph(graph, groups).successors
    return [(source, target) for source, targets in enumerate(successors) for target in targets]


def unfolded(groups, pairs):
    """The edges that a folded picture of parallel branches tells of: those within each one's own branch."""
    for one, other in pairs:
        first, second = groups[one].members, groups[other].members
        many = max(len(first), len(second))
        yield from {(first[at * len(first) // many], second[at * len(second) // many]) for at in range(many)}


class TestParallel:
    @given(graphs())
    @settings(max_examples=150, deadline=None)
    def test_unfolding_restores_the_graph(self, graph):
        looks, edges = graph
        whole = labeled_graph(looks, edges)
        groups = fold_branches(whole)
        assert sorted(unfolded(groups, lines(whole, groups))) == edges

    @given(graphs())
    @settings(max_examples=150, deadline=None)
    def test_every_node_is_in_one_group_of_equal_looking_nodes(self, graph):
        looks, edges = graph
        groups = fold_branches(labeled_graph(looks, edges))
        assert Counter(member for group in groups for member in group.members) == Counter(range(len(looks)))
        assert all(len({looks[member] for member in group.members}) == 1 for group in groups)

    @given(graphs())
    @settings(max_examples=150, deadline=None)
    def test_an_edge_between_groups_is_there_if_one_between_their_members_is(self, graph):
        looks, edges = graph
        whole = labeled_graph(looks, edges)
        groups = fold(whole, set(range(len(looks))))
        owner = {member: i for i, group in enumerate(groups) for member in group.members}
        between = {(owner[a], owner[b]) for a, b in edges if owner[a] != owner[b] or a == b}
        assert set(lines(whole, groups)) == between

    @given(graphs(), st.randoms())
    @settings(max_examples=100, deadline=None)
    def test_groups_do_not_depend_on_the_order_of_edges(self, graph, random):
        looks, edges = graph
        mixed = list(edges)
        random.shuffle(mixed)
        every = set(range(len(looks)))
        assert fold(labeled_graph(looks, edges), every) == fold(labeled_graph(looks, mixed), every)


class TestShapes:
    """Nodes look like their letters; an edge like "01" joins the first to the second."""

    @pytest.mark.parametrize(
        ("looks", "edges", "found"),
        [
            ("sbbbt", ["01", "02", "03", "14", "24", "34"], [(0,), (1, 2, 3), (4,)]),
            ("sabab", ["01", "12", "03", "34"], [(0,), (1, 3), (2, 4)]),
            ("sabaxt", ["01", "12", "03", "34", "25", "45"], [(0,), (1,), (2,), (3,), (4,), (5,)]),
            ("sbbt", ["01", "02", "13", "23"], [(0,), (1,), (2,), (3,)]),
            ("ababab", ["01", "23", "45"], [(0, 2, 4), (1, 3, 5)]),
            (
                "saabbbbbb",
                ["01", "02", *("13", "14", "15"), *("26", "27", "28")],
                [(0,), (1, 2), (3, 4, 5, 6, 7, 8)],
            ),
            ("aabbb", ["02", "03", "04", "12", "13", "14"], [(0,), (1,), (2, 3, 4)]),
            ("ppbbb", ["02", "03", "14"], [(0,), (1,), (2,), (3,), (4,)]),
            ("abab", ["01", "10", "23", "32"], [(0, 2), (1, 3)]),
        ],
        ids=[
            *(
                "fan-out-and-in",
                "whole-branches",
                "one-branch-differs",
                "a-pair-saves-too-little",
                "components",
            ),
            *("branches-within-branches", "shared-by-two-alike", "shared-nodes-differ", "cycles"),
        ],
    )
    def test_parallel_branches_fold(self, looks, edges, found):
        whole = labeled_graph(looks, [(int(edge[0]), int(edge[1])) for edge in edges])
        assert [group.members for group in fold_branches(whole)] == found

    def test_branches_fold_though_twins_stand_in_another_order(self):
        """Two branches, each with a positive and a negative prompt, in different orders."""
        edges = [(0, 2), (1, 2), (3, 5), (4, 5)]
        groups = fold_branches(
            labeled_graph("ppsppss", edges, ["minus", "plus", "s", "plus", "minus", "s", ""])
        )
        assert [group.members for group in groups if group.times > 1] == [(0, 4), (1, 3), (2, 5)]

    @pytest.mark.parametrize(
        ("edges", "chainable", "groups"),
        [
            (["01", "12", "23"], {0, 1, 2, 3}, [(0, 1, 2, 3)]),
            (["01", "12", "23"], {0, 1, 2}, [(0, 1, 2), (3,)]),
            (["01", "12", "23"], {0, 2, 3}, [(0,), (1,), (2,), (3,)]),
            (["01", "12", "23", "13"], {0, 1, 2, 3}, [(0,), (1,), (2,), (3,)]),
            (["01", "12", "23", "30"], {0, 1, 2, 3}, [(0,), (1,), (2,), (3,)]),
        ],
        ids=["all", "to-what-stays", "around-what-stays", "not-past-a-fork", "not-a-circle"],
    )
    def test_chains_fold(self, edges, chainable, groups):
        whole = labeled_graph("abcd", [(int(edge[0]), int(edge[1])) for edge in edges])
        assert [group.members for group in fold(whole, chainable)] == groups

    @pytest.mark.parametrize(
        ("edges", "found"),
        [
            (["03", "13", "23", "34"], [(0, 1, 2), (3,), (4,)]),
            (["01", "13", "23", "34"], [(0, 1, 2), (3,), (4,)]),
            (["03", "13", "14", "23"], [(0, 2), (1,), (3,), (4,)]),
            (["01", "10", "03", "13"], [(0,), (1,), (2,), (3,), (4,)]),
        ],
        ids=["around-one", "behind-each-other", "not-what-serves-two", "not-in-a-circle"],
    )
    def test_helpers_of_one_node_fold_together(self, edges, found):
        whole = labeled_graph("abcde", [(int(edge[0]), int(edge[1])) for edge in edges])
        assert [group.members for group in fold(whole, helpers={0, 1, 2})] == found

    def test_chains_within_branches_fold_in_each_branch(self):
        edges = [(0, 1), (1, 2), (2, 3), (4, 5), (5, 6), (6, 7)]
        groups = fold(labeled_graph("abcdabcd", edges), chainable={0, 1, 2, 4, 5, 6})
        assert [(group.members, group.times, group.by) for group in groups] == [
            ((0, 1, 2, 4, 5, 6), 2, "chain"),
            ((3, 7), 2, "parallel"),
        ]


class TestSequences:
    """Clips between frames, "f" and "c", each with a decoder "d"; all clips are cut to one film "x"."""

    def graph(self, clips, *, more=()):
        frames = clips + 1
        edges = [(at + end, frames + at) for at in range(clips) for end in (0, 1)]
        edges += [(frames + at, frames + clips + at) for at in range(clips)]
        film = frames + 2 * clips
        edges += [(frames + clips + at, film) for at in range(clips)]
        return labeled_graph("f" * frames + "c" * clips + "d" * clips + "x", sorted({*edges, *more}))

    @pytest.mark.parametrize("clips", [3, 4, 5, 8])
    def test_branches_between_the_inputs_of_a_row_are_one(self, clips):
        counts = [(group.times, len(group.members)) for group in fold(self.graph(clips))]
        assert counts == [(clips + 1, clips + 1), (clips, clips), (clips, clips), (1, 1)]

    @pytest.mark.parametrize("more", [(0, 6), (5, 7)], ids=["three frames", "two clips joined"])
    def test_a_row_with_one_line_more_is_none(self, more):
        assert not fold_sequence(self.graph(4, more=[more]))

    def test_two_clips_are_no_row(self):
        assert not fold_sequence(self.graph(2))


class TestCycles:
    @given(st.data())
    @settings(max_examples=150, deadline=None)
    def test_groups_of_a_graph_without_a_cycle_run_in_no_circle(self, data):
        """What a group loses is a group of its own; a group that is no part of a circle stays."""
        count = data.draw(st.integers(1, 9))
        edges = data.draw(
            st.sets(st.tuples(*[st.integers(0, count - 1)] * 2).filter(lambda ends: ends[0] < ends[1]))
        )
        owner = data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
        whole = labeled_graph("a" * count, sorted(edges))
        groups = [
            Group(tuple(node for node in range(count) if owner[node] == i))
            for i in sorted(set(owner), key=owner.index)
        ]
        split = split_cycles(whole, groups)
        found = quotient_graph(whole, split).successors
        assert len(topological_order(found)) == len(split)
        assert sorted(member for group in split for member in group.members) == list(range(count))
        assert all(len({owner[member] for member in group.members}) == 1 for group in split)
        if len(topological_order(quotient_graph(whole, groups).successors)) == len(groups):
            assert split == groups

    def test_a_cycle_of_the_graph_itself_stays_as_it_is(self):
        circle = labeled_graph("abc", [(0, 1), (1, 2), (2, 0)])
        groups = [Group((0, 2)), Group((1,))]
        assert split_cycles(circle, groups) == groups


LARGE = 5_000


@pytest.mark.parametrize(
    ("edges", "cards"),
    [
        ([], 1),
        ([(at, at + 1) for at in range(LARGE - 1)], 1),
        ([(at, (at + 1) % LARGE) for at in range(LARGE)], LARGE),
        ([(0, at) for at in range(1, LARGE)], 2),
        ([(0, at) for at in range(1, LARGE, 2)] + [(at, at + 1) for at in range(1, LARGE - 1, 2)], 4),
        ([(at, other) for at in range(200) for other in range(200, 400)], 202),
        ([(at // 2, at) for at in range(2, LARGE)], 90),
    ],
    ids=["isolated", "chain", "cycle", "star", "branches", "bipartite", "tree"],
)
def test_large_graphs_fold(edges, cards):
    groups = fold(labeled_graph("a" * LARGE, edges), range(LARGE))
    assert len(groups) == cards
