"""Comparing two workflows: match, lay over each other, tell, judge."""

from collections.abc import Iterator
from dataclasses import replace

from lamina_graph.classify import classify
from lamina_graph.diff.both import Both, VersionGraph, both, version_graph
from lamina_graph.diff.callers import connections, deliverables, ends, inputs, reach
from lamina_graph.diff.contract import contract, unknown_contract
from lamina_graph.diff.details import details
from lamina_graph.diff.draft import Draft
from lamina_graph.diff.judge import judged
from lamina_graph.diff.ledger import Ledger
from lamina_graph.diff.likeness import told_pairs
from lamina_graph.diff.malformed import malformed
from lamina_graph.diff.once import once
from lamina_graph.diff.policy import ComparisonPolicy, Version, known_app
from lamina_graph.diff.script import Pairs, edge_edits, node_edits
from lamina_graph.diff.structure import bridges, structure
from lamina_graph.diff.usage import Scoped, scope_to_usage
from lamina_graph.diff.values import Diff, Side, worst
from lamina_graph.diff.whole import credits, facts, spending, unpriced
from lamina_graph.features import features
from lamina_graph.match import Budget, Match, Matching, match
from lamina_graph.model import Workflow

_TELLERS = (inputs, reach, ends, bridges, deliverables, connections, structure, malformed, details)
"""Those who tell, what weighs most first: each takes the edits that it tells out of the ledger."""


def diff(
    old: Workflow | Version,
    new: Workflow | Version,
    *,
    policy: ComparisonPolicy | None = None,
    budget: Budget | None = None,
    matching: Matching | None = None,
) -> Diff:
    """Return what changed between two versions of a workflow, and what it means to those who call the app.

    Nothing changed exactly where the graphs are equal, the order of nodes and edges aside: ids, labels,
    unknown fields and what is not well formed included. Where both versions carry the app's detail or an
    estimate, the input contract and the credits are compared too.

    Args:
        old: the version before.
        new: the version after.
        policy: what the comparison is to mind: severities, known changes, one's own usage, words.
        budget: how much work matching may take.
        matching: which old node is which new node, where it is known already.

    >>> from lamina_graph.files import load
    >>> old = load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> new = load({"nodes": [{"id": "a", "type": "veoVideoNode"}], "edges": []})
    >>> [(change.severity, change.text) for change in diff(old, new).changes]
    [('risky', 'Model swapped: Kling Video → Veo Video')]
    """
    policy = policy or ComparisonPolicy()
    old, new = (each if isinstance(each, Version) else Version(each) for each in (old, new))
    matching = matching or match(old.workflow, new.workflow, budget=budget or Budget())
    a, b = (_graph(each, policy) for each in (old, new))
    pairs = [(a.plain.index[pair.old], b.plain.index[pair.new]) for pair in matching.matches]
    told = told_pairs(a, b, pairs)
    laid = both(a, b, told)
    sides = [_side(each, policy) for each in (a, b)]
    drafts = [
        *once(
            list(_told(laid, (sides[0].category, sides[1].category))),
            list(contract(old.detail, new.detail, renamed=old.workflow.name != new.workflow.name)),
            laid,
            old.detail,
            new.detail,
        ),
        *credits(laid, old.estimate, new.estimate),
    ]
    changes = judged(drafts, sides, policy)
    scoped = Scoped(changes)
    if policy.usage:
        known = replace(old, features=a.facts), replace(new, features=b.facts)
        scoped = scope_to_usage(changes, policy.usage, known_app(*known, vocabulary=policy.vocabulary))
    return Diff(
        old=sides[0],
        new=sides[1],
        identical=not drafts,
        severity=worst(scoped.changes),
        cost=matching.cost,
        lower_bound=matching.lower_bound,
        minimal=matching.minimal,
        matches=matching.matches,
        nodes=node_edits(a.plain, b.plain, pairs),
        edges=edge_edits(a.plain, b.plain, pairs),
        changes=scoped.changes,
        ignored=len(drafts) - len(changes),
        credits=spending(old.estimate, new.estimate),
        unknown=(
            *unknown_contract(old.detail, new.detail),
            *unpriced(old.estimate, new.estimate, policy.vocabulary),
            *scoped.unknown,
        ),
        presented=None if set(told) == set(pairs) else _presented(a, b, told),
        old_workflow=old.workflow,
        new_workflow=new.workflow,
        vocabulary=policy.vocabulary,
    )


def _graph(version: Version, policy: ComparisonPolicy) -> VersionGraph:
    known = version.features or features(version.workflow, vocabulary=policy.vocabulary)
    return version_graph(version.workflow, known, policy.vocabulary)


def _told(laid: Both, categories: tuple[str, str]) -> Iterator[Draft]:
    ledger = Ledger(laid)
    for teller in _TELLERS:
        for draft in teller(laid, ledger):
            yield replace(draft, edges=ledger.taken())
    yield from facts(laid, categories)


def _presented(old: VersionGraph, new: VersionGraph, told: Pairs) -> tuple[Match, ...]:
    ids = [(old.plain.ids[a], new.plain.ids[b]) for a, b in told]
    return tuple(Match(before, after, "id" if before == after else "structure") for before, after in ids)


def _side(graph: VersionGraph, policy: ComparisonPolicy) -> Side:
    workflow = graph.workflow
    category = classify(
        workflow, facts=graph.facts, vocabulary=policy.vocabulary, rules=policy.category_rules
    ).category
    return Side.model_validate(
        {
            "appId": workflow.app_id,
            "name": workflow.name,
            "nodes": len(workflow.nodes),
            "edges": len(workflow.edges),
            "category": category,
        }
    )
