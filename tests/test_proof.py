"""How far `diff` goes for a proof that the edit cost is the least."""

import random
from collections.abc import Generator

import pytest

import lamina_graph as lg
from lamina_graph.cli.diff import diff_command
from lamina_graph.diff import ComparisonPolicy, Diff
from lamina_graph.files import load
from lamina_graph.match import Budget, Proof, match
from lamina_graph.match.bounds import Round, dual_ascent
from lamina_graph.match.candidates import CandidatePairs
from lamina_graph.model import Workflow


def tangle(seed: int, prefix: str, moved: int = 0, size: int = 14) -> Workflow:
    """A graph of two types and many edges, a few of them moved; of one seed the same but for its ids."""
    rng = random.Random(seed)
    edges = sorted({(rng.randrange(size), rng.randrange(size)) for _ in range(2 * size)})
    nodes = [{"id": f"{prefix}{n}", "type": rng.choice(["fluxNode", "veoVideoNode"])} for n in range(size)]
    edges[:moved] = [(b, (a + b) % size) for a, b in edges[:moved]]
    wires = [{"source": f"{prefix}{a}", "target": f"{prefix}{b}"} for a, b in edges if a != b]
    return load({"nodes": nodes, "edges": wires})


def compare(seed: int, proof: Proof) -> Diff:
    """Compare a graph with itself under new ids, six edges moved."""
    return lg.diff(tangle(seed, "a"), tangle(seed, "b", moved=6), proof=proof)


@pytest.mark.parametrize("seed", range(4))
def test_a_proof_never_contradicts_what_was_found_without_one(seed: int) -> None:
    """Each bound lies below each cost, and a cost proved minimal is above none."""
    results = [compare(seed, proof) for proof in ("quick", "bounded", "full")]
    costs = [each.cost for each in results]
    assert max(each.lower_bound for each in results) <= min(costs)
    assert all(each.cost == min(costs) for each in results if each.minimal)


def test_without_a_proof_the_answer_says_that_there_is_none() -> None:
    """The quick answer has a bound below its cost where the full one is proved."""
    quick, full = compare(0, "quick"), compare(0, "full")
    assert full.minimal
    assert not quick.minimal


def test_the_policy_says_it_for_all_comparisons() -> None:
    """A comparison by policy is that by argument."""
    pair = tangle(1, "a"), tangle(1, "b", moved=6)
    assert lg.diff(*pair, policy=ComparisonPolicy(proof="quick")) == lg.diff(*pair, proof="quick")


@pytest.mark.parametrize(
    ("options", "proof"),
    [
        ([], "bounded"),
        (["--quick"], "quick"),
        (["--proof", "quick"], "quick"),
        (["--proof", "full"], "full"),
    ],
)
def test_the_command_line_offers_each(options: list[str], proof: str) -> None:
    """`--quick` is short for `--proof quick`."""
    context = diff_command.make_context("diff", ["old.json", "new.json", *options])
    assert context.params["proof"] == proof


def test_a_proof_out_of_reach_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where few rounds are left, and each would have to gain more than the last, none of them is made."""
    made: list[int] = []

    def count(pairs: CandidatePairs) -> Generator[Round, int, None]:
        rounds = dual_ascent(pairs)
        latest = next(rounds)
        while True:
            made.append(1)
            latest = rounds.send((yield latest))

    monkeypatch.setattr("lamina_graph.match.search.dual_ascent", count)
    pair = tangle(0, "a"), tangle(0, "b", moved=6)
    few, stopped_after = match(*pair, budget=Budget(rounds=8, program=0)), len(made)
    made.clear()
    many = match(*pair, budget=Budget(rounds=200, program=0))
    assert stopped_after < 8 < len(made)
    assert few.lower_bound < few.cost == many.cost == many.lower_bound
