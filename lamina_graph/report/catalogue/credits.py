"""What a run of one app costs in credits, as its estimate says."""

from collections.abc import Mapping

from lamina_graph.features import Features
from lamina_graph.graph import adjacency, heaviest_path
from lamina_graph.model import Credits, Estimate, Value, Workflow


class RunCredits(Value):
    """What a run of one app costs, in credits; what the estimate does not say is None, never 0.

    An estimate that prices nodes, but none of these, is of another version: it says nothing of this one.

    Attributes:
        expected, low, high: what is expected, and within which bounds.
        path: the ids of the most expensive path to a deliverable; empty where no node has a price.
        path_credits: what the nodes of this path cost together.
        unpriced: the ids of the steps without a price of their own.
        elsewhere: how many nodes have a price and are not in this workflow.
    """

    expected: float | None
    low: float | None
    high: float | None
    path: tuple[str, ...]
    path_credits: float | None
    unpriced: tuple[str, ...]
    elsewhere: int


def run_credits(workflow: Workflow, facts: Features, estimate: Estimate) -> RunCredits:
    """Return what a run of a workflow costs.

    >>> from lamina_graph.features import features
    >>> from lamina_graph.files import load
    >>> from lamina_graph.model import Credits, NodeCredits
    >>> w = load({"nodes": [{"id": id_, "type": "klingVideoNode"} for id_ in "ab"], "edges": []})
    >>> priced = (NodeCredits(node_id="b", credits=40),)
    >>> estimate = Estimate(app_id="x", estimated_credits=Credits(expected=40), breakdown=priced)
    >>> cost = run_credits(w, features(w), estimate)
    >>> cost.expected, cost.path, cost.unpriced
    (40.0, ('b',), ('a',))
    """
    amounts = {node.node_id: _amount(node.credits) for node in estimate.breakdown}
    prices = {id_: amount for id_, amount in amounts.items() if amount is not None}
    known = {fact.id: prices[fact.id] for fact in facts.facts if fact.id in prices}
    whole = (None if prices and not known else estimate.estimated_credits) or Credits()
    path = _most_expensive_path(workflow, facts, known)
    steps = (fact.id for fact in facts.facts if fact.role in ("generate", "transform"))
    return RunCredits(
        expected=_amount(whole.expected),
        low=_amount(whole.min),
        high=_amount(whole.max),
        path=path,
        path_credits=sum(known.get(id_, 0.0) for id_ in path) if path else None,
        unpriced=tuple(id_ for id_ in steps if id_ not in known),
        elsewhere=len(prices) - len(known),
    )


def _amount(credits: float | None) -> float | None:
    """Return a number of credits; None where it is none that a run can cost."""
    return float(credits) if credits is not None and 0 <= credits <= _MOST else None


def _most_expensive_path(workflow: Workflow, facts: Features, prices: Mapping[str, float]) -> tuple[str, ...]:
    if not any(prices.values()):
        return ()
    adj = adjacency(workflow)
    ends = [adj.index[deliverable.end] for deliverable in facts.deliverables] or range(len(adj))
    path = heaviest_path(adj.successors, [prices.get(id_, 0.0) for id_ in adj.ids], ends)
    return tuple(adj.ids[node] for node in path)


_MOST = 1e15
