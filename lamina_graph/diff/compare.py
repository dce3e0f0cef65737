"""Comparing two workflows: match, lay over each other, tell, judge."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from lamina_graph.classify import classify
from lamina_graph.diff.both import Both, Version, both, version
from lamina_graph.diff.callers import connections, deliverables, ends, inputs, reach
from lamina_graph.diff.contract import contract, unknown_contract
from lamina_graph.diff.details import details
from lamina_graph.diff.draft import Draft
from lamina_graph.diff.judge import judged
from lamina_graph.diff.ledger import Ledger
from lamina_graph.diff.likeness import told_pairs
from lamina_graph.diff.malformed import malformed
from lamina_graph.diff.once import once
from lamina_graph.diff.script import Pairs, edge_edits, node_edits
from lamina_graph.diff.structure import bridges, structure
from lamina_graph.diff.values import SEVERITIES, Acceptance, Diff, Level, Side
from lamina_graph.diff.whole import credits, facts, spending, unpriced
from lamina_graph.features import Features, features
from lamina_graph.match import Budget, Match, Matching, match
from lamina_graph.model import App, Estimate, Workflow

if TYPE_CHECKING:
    from lamina_graph.classify import Rule
    from lamina_graph.vocabulary import Vocabulary

_TELLERS = (inputs, reach, ends, bridges, deliverables, connections, structure, malformed, details)
"""Those who tell, what weighs most first: each takes the edits that it tells out of the ledger."""


def diff(
    old: Workflow,
    new: Workflow,
    *,
    severities: Mapping[str, Level] = {},
    accept: Sequence[Acceptance] = (),
    today: date | None = None,
    old_estimate: Estimate | None = None,
    new_estimate: Estimate | None = None,
    old_detail: App | None = None,
    new_detail: App | None = None,
    old_facts: Features | None = None,
    new_facts: Features | None = None,
    vocabulary: "Vocabulary | None" = None,
    rules: "Sequence[Rule] | None" = None,
    matching: Matching | None = None,
    budget: Budget | None = None,
) -> Diff:
    """Return what changed between two versions of a workflow, and what it means to those who call the app.

    Nothing changed exactly where the graphs are equal, the order of nodes and edges aside: ids, labels,
    unknown fields and what is not well formed included.

    Args:
        old: the version before.
        new: the version after.
        severities: for ids of `RULES`, another severity, or `ignore`.
        accept: known changes, which do not count at the gate.
        today: past the end date of an acceptance it holds no more; without it, end dates are not looked at.
        old_estimate: what a run of the old version costs; with the new one's it tells how the credits change.
        new_estimate: what a run of the new version costs.
        old_detail: the app's detail with the old version: with the new one's it tells how the input contract
            changed.
        new_detail: the detail with the new version.
        old_facts: the features of the old version, where they are known already.
        new_facts: the features of the new version, where they are known already.
        vocabulary: words of node types, by default the package's.
        rules: rules of categories, by default the package's.
        matching: which old node is which new node, where it is known already.
        budget: how much work matching may take.

    >>> from lamina_graph.files import load
    >>> old = load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> new = load({"nodes": [{"id": "a", "type": "veoVideoNode"}], "edges": []})
    >>> [(change.severity, change.text) for change in diff(old, new).changes]
    [('risky', 'Model swapped: Kling Video → Veo Video')]
    """
    matching = matching or match(old, new, budget=budget or Budget())
    a = version(old, old_facts or features(old, vocabulary=vocabulary), vocabulary)
    b = version(new, new_facts or features(new, vocabulary=vocabulary), vocabulary)
    pairs = [(a.plain.index[pair.old], b.plain.index[pair.new]) for pair in matching.matches]
    sides = tuple(
        _side(each, classify(each.workflow, facts=each.facts, vocabulary=vocabulary, rules=rules).category)
        for each in (a, b)
    )
    told = told_pairs(a, b, pairs)
    laid = both(a, b, told)
    drafts = [
        *once(
            list(_told(laid, (sides[0].category, sides[1].category))),
            list(contract(old_detail, new_detail, renamed=old.name != new.name)),
            laid,
            old_detail,
            new_detail,
        ),
        *credits(laid, old_estimate, new_estimate),
    ]
    changes = judged(drafts, sides, severities, accept, today)
    return Diff(
        old=sides[0],
        new=sides[1],
        identical=not drafts,
        severity=min((c.severity for c in changes if not c.accepted), key=SEVERITIES.index, default=None),
        cost=matching.cost,
        lower_bound=matching.lower_bound,
        minimal=matching.minimal,
        matches=matching.matches,
        nodes=node_edits(a.plain, b.plain, pairs),
        edges=edge_edits(a.plain, b.plain, pairs),
        changes=changes,
        ignored=len(drafts) - len(changes),
        credits=spending(old_estimate, new_estimate),
        unknown=(
            *unknown_contract(old_detail, new_detail),
            *unpriced(old_estimate, new_estimate, vocabulary),
        ),
        presented=None if set(told) == set(pairs) else _presented(a, b, told),
        old_workflow=old,
        new_workflow=new,
        vocabulary=vocabulary,
    )


def _told(laid: Both, categories: tuple[str, str]) -> Iterator[Draft]:
    ledger = Ledger(laid)
    for teller in _TELLERS:
        for draft in teller(laid, ledger):
            yield replace(draft, edges=ledger.taken())
    yield from facts(laid, categories)


def _presented(old: Version, new: Version, told: Pairs) -> tuple[Match, ...]:
    ids = [(old.plain.ids[a], new.plain.ids[b]) for a, b in told]
    return tuple(Match(before, after, "id" if before == after else "structure") for before, after in ids)


def _side(found: Version, category: str) -> Side:
    workflow = found.workflow
    return Side.model_validate(
        {
            "appId": workflow.app_id,
            "name": workflow.name,
            "nodes": len(workflow.nodes),
            "edges": len(workflow.edges),
            "category": category,
        }
    )
