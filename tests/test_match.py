"""Matching: what ids settle, what structure settles, and that every proof is true."""

import random
import subprocess
import sys
from collections import Counter
from itertools import product

import numpy as np
import pytest
from builders import numbered
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from lamina_graph.files import load
from lamina_graph.match import Budget, Matching, match
from lamina_graph.match import milp as program
from lamina_graph.match.assignment import assign
from lamina_graph.model import Workflow

Spec = tuple[list[str], set[tuple[int, int]]]


def fresh(types: str | list[str], edges, labels=None, mark="new") -> Workflow:
    """The same with ids that no other workflow has."""
    return numbered(types, edges, [f"{mark}{at}" for at in range(len(types))], labels)


def parts(one: Workflow) -> tuple[dict[str, str], dict[str, str], set[tuple[str, str]]]:
    types, titles = {}, {}
    for node in one.nodes:
        types.setdefault(node.id, node.type)
        titles.setdefault(node.id, node.label or node.type)
    edges = {(e.source, e.target) for e in one.edges if e.source in types and e.target in types}
    return types, titles, edges


def script_cost(old: Workflow, new: Workflow, matching: Matching) -> int:
    """The edit cost counted from the edits themselves."""
    (old_types, _, old_edges), (new_types, _, new_edges) = parts(old), parts(new)
    there = {each.old: each.new for each in matching.matches}
    assert len(set(there.values())) == len(matching.matches)
    moved = {(there.get(s), there.get(t)) for s, t in old_edges}
    removed, added = set(old_types) - set(there), set(new_types) - set(there.values())
    retyped = [old for old, at in there.items() if old_types[old] != new_types[at]]
    kept = len(moved & new_edges)
    return len(removed) + len(added) + len(retyped) + len(old_edges) + len(new_edges) - 2 * kept


def labels_kept(old: Workflow, new: Workflow, matching: Matching) -> int:
    old_titles, new_titles = parts(old)[1], parts(new)[1]
    return sum(old_titles[each.old] == new_titles[each.new] for each in matching.matches)


def likeness(old: Workflow, new: Workflow, found: list[tuple[str, str]]) -> int:
    """How much beside types, edges and titles speaks for pairs: 2 for a moment, 1 for a name that goes on."""
    both = [{node.id: node for node in reversed(each.nodes)} for each in (old, new)]
    fixed = {id_ for id_ in both[0] if id_ in both[1] and both[0][id_].type == both[1][id_].type}
    moments = [Counter(id_[2:15] for id_ in nodes if id_ not in fixed) for nodes in both]
    result = 0
    for before, after in found:
        if before in fixed:
            continue
        moment = before[2:15]
        result += 2 * (after[2:15] == moment and moments[0][moment] == moments[1][moment] == 1)
        words = [
            set((nodes[id_].label or "").split()) for nodes, id_ in zip(both, (before, after), strict=True)
        ]
        result += all(words) and (words[0] <= words[1] or words[1] <= words[0])
    return result


def least(old: Workflow, new: Workflow) -> tuple[int, int]:
    return best_of(old, new)[:2]


def best_of(old: Workflow, new: Workflow) -> tuple[int, int, int]:
    """The least edit cost, the most labels kept, the most likeness, in this order, of all matchings."""
    (old_types, old_titles, old_edges), (new_types, new_titles, new_edges) = parts(old), parts(new)
    nodes, targets = sorted(old_types), sorted(new_types)
    forced = {node for node in nodes if new_types.get(node) == old_types[node]}
    best = (len(nodes) + len(targets) + len(old_edges) + len(new_edges) + 1, 0, 0)

    def edges_between(node, at, there) -> int:
        pairs = [((node, node), (at, at))]
        for other, its in there.items():
            pairs += [((node, other), (at, its)), ((other, node), (its, at))]
        return sum((a in old_edges) != (b in new_edges) for a, b in pairs)

    def removed_edges(node, done) -> int:
        return sum(node in edge and (set(edge) - {node} <= done) for edge in old_edges)

    def walk(at: int, there: dict[str, str | None], cost: int, labels: int) -> None:
        nonlocal best
        if cost > best[0]:
            return
        if at == len(nodes):
            left = set(targets) - set(there.values())
            cost += len(left) + sum(bool(set(edge) & left) for edge in new_edges)
            if (cost, -labels) <= best[:2]:
                alike = likeness(old, new, [(a, b) for a, b in there.items() if b is not None])
                best = min(best, (cost, -labels, -alike))
            return
        node = nodes[at]
        taken = set(there.values())
        choices = [node] if node in forced else [x for x in targets if x not in taken and x not in forced]
        for target in choices:
            matched = {k: v for k, v in there.items() if v is not None}
            gone = {k for k, v in there.items() if v is None}
            step = edges_between(node, target, matched) + (old_types[node] != new_types[target])
            step += sum(node in edge and bool(set(edge) & gone) for edge in old_edges)
            same = old_titles[node] == new_titles[target]
            walk(at + 1, {**there, node: target}, cost + step, labels + same)
        if node not in forced:
            step = 1 + removed_edges(node, {*there, node})
            walk(at + 1, {**there, node: None}, cost + step, labels)

    walk(0, {}, 0, 0)
    return best[0], -best[1], -best[2]


def by_program(old: Workflow, new: Workflow) -> float:
    """A bound of the least edit cost by the plainest integer program: every pair, every pair of edges."""
    (old_types, _, old_edges), (new_types, _, new_edges) = parts(old), parts(new)
    pairs = {pair: at for at, pair in enumerate(product(old_types, new_types))}
    both = {each: len(pairs) + at for at, each in enumerate(product(sorted(old_edges), sorted(new_edges)))}
    width = len(pairs) + len(both)
    earns, low = np.zeros(width), np.zeros(width)
    for (u, v), at in pairs.items():
        earns[at] = 2 - (old_types[u] != new_types[v])
        low[at] = u == v and old_types[u] == new_types[v]
    rows, most = [], []
    for node in [*((0, u) for u in old_types), *((1, v) for v in new_types)]:
        row = np.zeros(width)
        row[[at for pair, at in pairs.items() if pair[node[0]] == node[1]]] = 1
        rows.append(row)
        most.append(1)
    for (one, two), at in both.items():
        earns[at] = 2
        for end in (0, 1):
            row = np.zeros(width)
            row[at], row[pairs[one[end], two[end]]] = 1, -1
            rows.append(row)
            most.append(0)
    total = len(old_types) + len(new_types) + len(old_edges) + len(new_edges)
    if not width:
        return total
    found = milp(
        -earns,
        integrality=np.ones(width),
        bounds=Bounds(low, 1),
        constraints=LinearConstraint(np.array(rows), -np.inf, most),
        options={"mip_rel_gap": 0.0},
    )
    return total + found.fun


@st.composite
def specs(draw, most: int, kinds: str = "abc", density: float = 1.6) -> Spec:
    types = draw(st.lists(st.sampled_from(kinds), max_size=most))
    ends = st.integers(0, max(len(types) - 1, 0))
    edges = draw(st.sets(st.tuples(ends, ends), max_size=int(density * len(types)))) if types else set()
    return types, edges


@st.composite
def pairs(draw, most: int, kinds: str = "abc", density: float = 1.6) -> tuple[Workflow, Workflow]:
    """Two workflows, some of whose ids, types and labels are equal."""
    result = []
    for _ in range(2):
        types, edges = draw(specs(most, kinds, density))
        names = st.sampled_from([f"n{at}" for at in range(2 * most)])
        ids = draw(st.lists(names, min_size=len(types), max_size=len(types), unique=True))
        labels = draw(st.lists(st.sampled_from([None, "x", "y"]), min_size=len(types), max_size=len(types)))
        result.append(numbered(types, edges, ids, labels))
    return result[0], result[1]


@st.composite
def edited(draw, most: int) -> tuple[Workflow, Workflow]:
    """A workflow and the same after a few edits, every id new."""
    types, edges = draw(specs(most, "abcd"))
    assume(types)
    rng = random.Random(draw(st.integers(0, 10**6)))
    new_types, new_edges = list(types), set(edges)
    for _ in range(draw(st.integers(0, 3))):
        new_types[rng.randrange(len(types))] = rng.choice("abcd")
        new_edges ^= {(rng.randrange(len(types)), rng.randrange(len(types)))}
    order = list(range(len(types)))
    rng.shuffle(order)
    moved = {(order[s], order[t]) for s, t in new_edges}
    shuffled = [new_types[order.index(at)] for at in range(len(types))]
    return numbered(types, edges), fresh(shuffled, moved)


def shuffled(one: Workflow, seed: int, rename: bool) -> Workflow:
    """The same graph with its lists in another order, and on request with other ids."""
    rng = random.Random(seed)
    nodes, edges = list(one.nodes), list(one.edges)
    rng.shuffle(nodes)
    rng.shuffle(edges)
    name = {node.id: f"{rng.randrange(10**9)}-{at}" if rename else node.id for at, node in enumerate(nodes)}
    return load(
        {
            "nodes": [{"id": name[n.id], "type": n.type, "label": n.label} for n in nodes],
            "edges": [{"source": name[e.source], "target": name[e.target]} for e in edges],
        }
    )


slow = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


CASES = [
    ("nothing against nothing", "", [], "", [], 0),
    ("a node added", "", [], "a", [], 1),
    ("nodes removed with their edge", "ab", [(0, 1)], "", [], 3),
    ("the same chain", "abc", [(0, 1), (1, 2)], "abc", [(0, 1), (1, 2)], 0),
    ("one node retyped", "abc", [(0, 1), (1, 2)], "axc", [(0, 1), (1, 2)], 1),
    ("an edge turned round", "ab", [(0, 1)], "ab", [(1, 0)], 2),
    ("an edge turned round between alike", "aa", [(0, 1)], "aa", [(1, 0)], 0),
    ("one inserted between", "ac", [(0, 1)], "abc", [(0, 1), (1, 2)], 3),
    ("unique colours mislead", "aaa", [(0, 1), (1, 2)], "aa", [(0, 1)], 2),
    ("a branch added", "ab", [(0, 1)], "abc", [(0, 1), (0, 2)], 2),
    ("a loop lost", "ab", [(0, 0), (0, 1)], "ab", [(0, 1)], 1),
    ("a loop moved", "aa", [(0, 0), (0, 1)], "aa", [(1, 1), (0, 1)], 2),
    ("a cycle against a path", "aaa", [(0, 1), (1, 2), (2, 0)], "aaa", [(0, 1), (1, 2)], 1),
    ("two cycles against one", "aaaaaa", [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)], "aaaaaa",
     [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)], 4),
    ("both ways against one way", "aa", [(0, 1), (1, 0)], "aa", [(0, 1)], 1),
    ("hub and leaves", "abbbb", [(0, 1), (0, 2), (0, 3), (0, 4)], "abbb", [(0, 1), (0, 2), (0, 3)], 2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old_types", "old_edges", "new_types", "new_edges", "cost"),
    [c[1:] for c in CASES],
    ids=[c[0] for c in CASES],
)
def test_small_graphs_with_new_ids_have_the_known_cost(old_types, old_edges, new_types, new_edges, cost):
    old, new = numbered(old_types, old_edges), fresh(new_types, new_edges)
    found = match(old, new)
    assert (found.cost, found.lower_bound, found.minimal) == (cost, cost, True)
    assert script_cost(old, new, found) == cost
    assert all(each.by == "structure" for each in found.matches)


def test_nodes_of_one_id_and_type_are_always_matched():
    old = numbered("aab", [(0, 2)], ["one", "two", "end"])
    new = numbered("aab", [(1, 2)], ["one", "two", "end"])
    found = match(old, new)
    assert [(each.old, each.new, each.by) for each in found.matches] == [
        (x, x, "id") for x in ("one", "two", "end")
    ]
    assert (found.cost, found.minimal) == (2, True)


def test_a_node_of_one_id_but_another_type_is_free():
    old = numbered("ab", [(0, 1)], ["one", "two"])
    new = numbered("ba", [(1, 0)], ["one", "two"])
    found = match(old, new)
    assert {(each.old, each.new, each.by) for each in found.matches} == {
        ("one", "two", "structure"),
        ("two", "one", "structure"),
    }
    assert found.cost == 0


def test_a_node_retyped_in_place_stays_itself():
    old = numbered("abc", [(0, 1), (1, 2)], ["one", "two", "end"])
    new = numbered("axc", [(0, 1), (1, 2)], ["one", "two", "end"])
    assert [(each.old, each.by) for each in match(old, new).matches] == [
        ("one", "id"),
        ("two", "id"),
        ("end", "id"),
    ]


def test_only_the_well_formed_part_is_matched():
    old = load(
        {
            "nodes": [{"id": "a", "type": "t"}, {"id": "a", "type": "u"}, {"id": "b", "type": "t"}],
            "edges": [{"source": s, "target": t} for s, t in ("ab", "ab", "ac")],
        }
    )
    new = fresh("tt", [(0, 1)])
    found = match(old, new)
    assert (found.cost, len(found.matches), found.minimal) == (0, 2, True)


def test_labels_break_ties_between_equal_nodes():
    old = numbered("aaa", [], labels=["red", "green", "blue"])
    new = fresh("aaa", [], labels=["blue", "red", "green"])
    assert [each.new for each in match(old, new).matches] == ["new1", "new2", "new0"]


def test_timestamps_break_ties_between_nodes_of_one_type_and_label():
    old = numbered("aaa", [], ["a-1700000000003-x", "a-1700000000001-x", "a-1700000000002-x"])
    new = numbered("aaa", [], ["a-1800000000001-c", "a-1800000000003-b", "a-1800000000002-a"])
    assert {each.old[-3:]: each.new[-3:] for each in match(old, new).matches} == {
        "3-x": "3-b",
        "1-x": "1-c",
        "2-x": "2-a",
    }


def stamped(types: str, moments: list[int], mark: str, labels=None, edges=()) -> Workflow:
    """A workflow whose ids tell when its nodes were made."""
    ids = [f"{kind}-{1_700_000_000_000 + moment}-{mark}" for kind, moment in zip(types, moments, strict=True)]
    return numbered(types, edges, ids, labels)


SAME_COST = {
    "nodes made at the same moment, in any number": (
        stamped("aaa", [10, 20, 30], "x"),
        stamped("aa", [20, 30], "y"),
        {20: 20, 30: 30},
    ),
    "a name that goes on": (
        stamped("a", [10], "x", ["Shot 1"]),
        stamped("aa", [20, 30], "y", ["Shot 4", "Shot 1 (hero)"]),
        {10: 30},
    ),
    "a name that stayed before a moment": (
        stamped("a", [10], "x", ["Hero"]),
        stamped("aa", [10, 30], "y", ["Ending", "Hero"]),
        {10: 30},
    ),
    "a moment before a name that goes on": (
        stamped("a", [10], "x", ["Shot 1"]),
        stamped("aa", [10, 30], "y", ["Ending", "Shot 1 (hero)"]),
        {10: 10},
    ),
}


@pytest.mark.parametrize(("old", "new", "moments"), SAME_COST.values(), ids=SAME_COST)
def test_equally_cheap_matchings_are_chosen_as_a_person_would(old, new, moments):
    for found in (match(old, new), match(new, old)):
        pairs = [sorted((each.old, each.new), key=lambda id_: id_[-1]) for each in found.matches]
        assert {int(x[2:15]) % 1000: int(y[2:15]) % 1000 for x, y in pairs} == moments


def test_timestamps_break_ties_between_equal_branches():
    types, edges = "sabcabcz", [(0, 1), (1, 2), (2, 3), (3, 7), (0, 4), (4, 5), (5, 6), (6, 7)]
    old = numbered(types, edges, [f"{t}-17000000000{at:02}-o" for at, t in enumerate(types)])
    stamps = [0, 4, 5, 6, 1, 2, 3, 7]
    new = numbered(types, edges, [f"{t}-18000000000{at:02}-n" for at, t in zip(stamps, types, strict=True)])
    found = {each.old[-4:-2]: each.new[-4:-2] for each in match(old, new).matches}
    assert found == {f"{at:02}": f"{at:02}" for at in range(8)}


def test_matching_by_id_loads_no_numeric_library():
    code = """
import sys
from lamina_graph.match import match
from lamina_graph.files import load
nodes = [{"id": f"n{at}", "type": f"t{at % 7}"} for at in range(3000)]
edges = [{"source": f"n{at}", "target": f"n{at + 1}"} for at in range(2999)]
old = load({"nodes": nodes, "edges": edges})
new = load({"nodes": [*nodes[:-1], {"id": "x", "type": "t1"}], "edges": edges[1:-1]})
assert match(old, new).minimal and match(old, old).cost == 0
assert not {"numpy", "scipy"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_a_budget_the_first_matching_has_a_true_bound():
    old = numbered("aab", [(0, 1), (1, 2)])
    new = fresh("aaab", [(0, 1), (1, 2), (2, 3)])
    found = match(old, new, budget=Budget(rounds=0))
    assert found.lower_bound <= match(old, new).cost <= found.cost == script_cost(old, new, found)


BUDGETS = {
    "no rounds": Budget(rounds=0),
    "few rounds": Budget(rounds=2, program=0),
    "no program": Budget(program=0),
    "too many pairs": Budget(pairs=1),
    "little work": Budget(work=1),
    "one node of the search tree": Budget(rounds=1, nodes=0, program=10**6),
}


@pytest.mark.parametrize("budget", BUDGETS.values(), ids=BUDGETS)
@settings(slow, max_examples=25)
@given(pairs(6))
def test_with_any_budget_the_bound_holds_and_the_matching_is_complete(budget, both):
    old, new = both
    found = match(old, new, budget=budget)
    assert found.lower_bound <= least(old, new)[0] <= found.cost == script_cost(old, new, found)


LARGE = {
    "a chain": (["t"] * 2000, [(at, at + 1) for at in range(1999)]),
    "a star": (["hub"] + ["leaf"] * 2999, [(0, at) for at in range(1, 3000)]),
    "a star of many types": (["hub", *map(str, range(2999))], [(0, at) for at in range(1, 3000)]),
    "a cycle": (["t", "u"] * 1000, [(at, (at + 1) % 2000) for at in range(2000)]),
    "no edges": (["t"] * 3000, []),
}


@pytest.mark.parametrize(("types", "edges"), LARGE.values(), ids=LARGE)
def test_large_graphs_with_new_ids_are_found_the_same(types, edges):
    found = match(numbered(types, edges), fresh(types, edges))
    assert (found.cost, found.minimal, len(found.matches)) == (0, True, len(types))


@slow
@given(pairs(5))
def test_the_cost_is_the_least_and_keeps_the_most_labels(both):
    old, new = both
    found = match(old, new)
    assert found.minimal
    assert script_cost(old, new, found) == found.cost
    assert (found.cost, labels_kept(old, new, found)) == least(old, new)


@st.composite
def named_pairs(draw, most: int) -> tuple[Workflow, Workflow]:
    """Two workflows in which some names go on and some nodes were made at the same moment."""
    result = []
    for mark in "ab":
        types, edges = draw(specs(most, "ab"))
        moments = draw(st.lists(st.integers(0, most), min_size=len(types), max_size=len(types)))
        ids = [f"t-{1_700_000_000_000 + moment}-{mark}{at}" for at, moment in enumerate(moments)]
        names = st.sampled_from([None, "x", "x 1", "x 1 b", "y"])
        labels = draw(st.lists(names, min_size=len(types), max_size=len(types)))
        result.append(numbered(types, edges, ids, labels))
    return result[0], result[1]


@slow
@given(named_pairs(5))
def test_ties_of_cost_are_broken_by_labels_then_times_and_names(both):
    old, new = both
    found = match(old, new)
    alike = likeness(old, new, [(each.old, each.new) for each in found.matches])
    assert (found.cost, labels_kept(old, new, found), alike) == best_of(old, new)


@slow
@given(named_pairs(7))
def test_a_reversed_matching_is_the_same(both):
    there, back = match(*both), match(*reversed(both))
    assert {(each.old, each.new) for each in there.matches} == {(each.new, each.old) for each in back.matches}


@settings(slow, max_examples=15)
@given(pairs(8, "abcd", 1.2))
def test_the_cost_is_the_least_on_graphs_of_eight_nodes(both):
    old, new = both
    found = match(old, new)
    assert (found.cost, labels_kept(old, new, found), found.minimal) == (*least(old, new), True)


@settings(slow, max_examples=25)
@given(edited(14))
def test_no_bound_is_above_what_an_integer_program_finds(both):
    old, new = both
    found = match(old, new)
    assert found.lower_bound <= by_program(old, new) + 1e-6 <= found.cost + 1e-5


@pytest.mark.parametrize(
    ("bound", "variables", "most"),
    [
        (-12.0, 40, 12),
        (-11.9999999, 40, 12),
        (-12.5, 40, 12),
        (-999_999.9996, 40, 1_000_000),
        (-11.9996, 5_000, 12),
    ],
)
def test_the_tolerance_of_the_solver_is_taken_off_its_bound(bound, variables, most):
    assert program.safe_bound(bound, variables) == most


@pytest.mark.parametrize("bound", [None, -np.inf, np.nan])
def test_a_solver_without_a_bound_proves_none(bound):
    assert program.safe_bound(bound, 40) > 1e12


@slow
@given(pairs(10, "ab"))
def test_equal_ids_of_equal_type_are_always_matched(both):
    old, new = both
    types = parts(new)[0]
    kept = {node.id for node in old.nodes if types.get(node.id) == node.type}
    assert kept <= {each.old for each in match(old, new).matches if each.by == "id"}


@slow
@given(pairs(8))
def test_cost_and_bound_are_the_same_in_both_directions(both):
    there, back = match(*both), match(*reversed(both))
    assert (there.cost, there.lower_bound) == (back.cost, back.lower_bound)


@slow
@given(st.tuples(specs(6), specs(6), specs(6)))
def test_the_cost_satisfies_the_triangle_inequality(three):
    one, two, other = (fresh(*each, mark=mark) for each, mark in zip(three, "xyz", strict=True))
    assert match(one, other).cost <= match(one, two).cost + match(two, other).cost


@slow
@given(edited(9), st.integers(0, 1000), st.booleans())
def test_shuffling_and_renaming_change_neither_cost_nor_bound(both, seed, rename):
    old, new = both
    plain, moved = match(old, new), match(shuffled(old, seed, rename), shuffled(new, seed + 1, rename))
    assert (plain.cost, plain.lower_bound) == (moved.cost, moved.lower_bound)


@slow
@given(pairs(7, "ab"), st.integers(0, 1000))
def test_the_order_of_a_file_changes_no_match(both, seed):
    old, new = both
    moved = match(shuffled(old, seed, False), shuffled(new, seed + 1, False))
    assert set(match(old, new).matches) == set(moved.matches)


@slow
@given(st.lists(st.dictionaries(st.integers(0, 5), st.integers(1, 9)), max_size=5))
def test_an_assignment_has_the_greatest_weight(worth):
    def most(row: int, taken: frozenset[int]) -> int:
        if row == len(worth):
            return 0
        take = [value + most(row + 1, taken | {c}) for c, value in worth[row].items() if c not in taken]
        return max([most(row + 1, taken), *take])

    chosen = assign(worth)
    held = [column for column in chosen if column >= 0]
    assert len(held) == len(set(held))
    assert sum(worth[row][c] for row, c in enumerate(chosen) if c >= 0) == most(0, frozenset())
