"""Comparing two versions of a workflow: match, align, detect, deduplicate, rate."""

from collections.abc import Iterator
from dataclasses import replace

from lamina_graph.classify import RULES, Context, category_of
from lamina_graph.diff.alignment import Alignment, VersionGraph, align
from lamina_graph.diff.attributes import detect_attributes
from lamina_graph.diff.deduplicate import merge_duplicates
from lamina_graph.diff.detection import Detector, UnratedChange
from lamina_graph.diff.edits import PendingEdits, edge_edits, node_edits
from lamina_graph.diff.fields import leave_out_fields
from lamina_graph.diff.graph_interface import (
    detect_connections,
    detect_deliverables,
    detect_inputs,
    detect_outputs,
    detect_reach,
)
from lamina_graph.diff.input_contract import detect_contract, unknown_contract
from lamina_graph.diff.known_app import KnownApp
from lamina_graph.diff.known_part import keep_certain, known_part
from lamina_graph.diff.malformed import detect_malformed
from lamina_graph.diff.node_settings import detect_settings
from lamina_graph.diff.pairing import pair_nodes
from lamina_graph.diff.policy import ComparisonPolicy
from lamina_graph.diff.severity import rate_changes
from lamina_graph.diff.structure import detect_bridges, detect_structure
from lamina_graph.diff.two_formats import in_common
from lamina_graph.diff.usage import Scoped, scope_to_usage
from lamina_graph.diff.values import Diff, Presentation, Side, Version, worst
from lamina_graph.diff.versions import find_anchors, unknown_links
from lamina_graph.diff.whole_workflow import credit_change, detect_credits, detect_totals, unknown_credits
from lamina_graph.features import features_from_adjacency
from lamina_graph.graph import adjacency
from lamina_graph.match import Anchors as IdAnchors
from lamina_graph.match import Budget, Match, Matching, Proof, any_id, match_graphs, unique_id
from lamina_graph.model import Workflow, require_workflow
from lamina_graph.vocabulary import Vocabulary

_DETECTORS: tuple[Detector, ...] = (
    detect_inputs,
    detect_reach,
    detect_outputs,
    detect_bridges,
    detect_deliverables,
    detect_connections,
    detect_structure,
    detect_malformed,
    detect_settings,
    detect_attributes,
)
"""What matters most to callers comes first: each detector claims the edits that it reports."""


def diff(
    old: Workflow | Version,
    new: Workflow | Version,
    *,
    policy: ComparisonPolicy | None = None,
    budget: Budget | None = None,
    proof: Proof | None = None,
    matching: Matching | None = None,
) -> Diff:
    """Return what changed between two versions of a workflow, and what it means to those who call the app.

    Nothing changed exactly where the graphs are equal, the order of nodes and edges aside: ids, labels,
    unknown fields and what is not well formed included. Where both versions carry the app's detail or an
    estimate, the input contract and the credits are compared too.

    Args:
        old: the version before.
        new: the version after.
        policy: the settings of the comparison: severities, known changes, one's own usage, words.
        budget: how much work matching may take.
        proof: how far to go for a proof that the edit cost is the least, in place of a budget: `quick` does
            without one, `full` goes to the end; by default as the policy says.
        matching: which old node is which new node, where it is known already.

    >>> from lamina_graph.files import load
    >>> old = load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> new = load({"nodes": [{"id": "a", "type": "veoVideoNode"}], "edges": []})
    >>> [(change.severity, change.text) for change in diff(old, new).changes]
    [('risky', 'Model swapped: Kling Video → Veo Video')]
    """
    policy = policy or ComparisonPolicy()
    whole = [each if isinstance(each, Version) else Version(each) for each in (old, new)]
    for version in whole:
        require_workflow(version.workflow)
    old, new, unknown_parts = known_part(*in_common(*whole))
    before, after = (_read_graph(each, policy) for each in (old, new))
    anchors = find_anchors(old, new)
    same_id = any_id if anchors.ids else unique_id
    if matching is None or unknown_parts:  # of a part of the nodes, those that match are others
        budget = budget or Budget.of(proof or policy.proof)
        matching = match_graphs(before.adj, after.adj, budget, same_id)
    pairs = [(before.adj.index[pair.old], after.adj.index[pair.new]) for pair in matching.matches]
    same = pair_nodes(before, after, pairs, same_id)
    alignment = align(before, after, same, same_id)
    sides = [_summarize_side(each, policy) for each in ((before, after) if not unknown_parts else ())]
    sides = sides or [_summarize_side(_read_graph(each, policy), policy) for each in whole]
    unrated = _find_unrated(alignment, old, new, (sides[0].category, sides[1].category))
    certain = list(keep_certain(unrated)) if unknown_parts else unrated
    known = replace(old, features=before.facts), replace(new, features=after.facts)
    scoped, ignored = _rate_and_scope(certain, *known, policy)
    return Diff(
        old=sides[0],
        new=sides[1],
        identical=not certain and not unknown_parts,
        severity=worst(scoped.changes),
        cost=matching.cost,
        lower_bound=matching.lower_bound,
        minimal=matching.minimal,
        anchors=anchors,
        matches=matching.matches,
        nodes=node_edits(before.adj, after.adj, pairs, same_id),
        edges=edge_edits(before.adj, after.adj, pairs),
        changes=scoped.changes,
        ignored=ignored,
        credits=credit_change(old.estimate, new.estimate),
        unknown=(*unknown_parts, *_list_unknown(old, new, policy), *scoped.unknown),
        presentation=None if set(same) == set(pairs) else _present(before, after, same, same_id),
        old_workflow=old.workflow,
        new_workflow=new.workflow,
        vocabulary=policy.vocabulary,
    )


def _find_unrated(
    alignment: Alignment, old: Version, new: Version, categories: tuple[str, str]
) -> list[UnratedChange]:
    """Return what changed, in the graph, in the input contract and in the credits, each change once."""
    renamed = old.workflow.name != new.workflow.name
    return [
        *merge_duplicates(
            [*_detect_changes(alignment), *detect_totals(alignment, categories)],
            list(detect_contract(old.detail, new.detail, renamed=renamed)),
            alignment,
            old.detail,
            new.detail,
        ),
        *detect_credits(alignment, old.estimate, new.estimate),
    ]


def _rate_and_scope(
    unrated: list[UnratedChange], old: Version, new: Version, policy: ComparisonPolicy
) -> tuple[Scoped, int]:
    """Return the changes as they concern one's own code, and how many of them the policy leaves out."""
    changes = rate_changes(unrated, KnownApp.of(Version(new.workflow), Version(old.workflow)), policy)
    ignored = len(unrated) - len(changes)
    if policy.usage is None:
        return Scoped(changes), ignored
    app = KnownApp.of(old, new, vocabulary=policy.vocabulary)
    return scope_to_usage(changes, policy.usage, app), ignored


def _list_unknown(old: Version, new: Version, policy: ComparisonPolicy) -> tuple[str, ...]:
    """Return what could not be compared of the links, the input contract and the credits."""
    return (
        *unknown_links(old, new),
        *unknown_contract(old.detail, new.detail),
        *unknown_credits(old.estimate, new.estimate, policy.vocabulary),
    )


def _read_graph(version: Version, policy: ComparisonPolicy) -> VersionGraph:
    workflow = leave_out_fields(version.workflow, policy.ignore)
    adj = adjacency(workflow)
    facts = version.features or features_from_adjacency(adj, vocabulary=policy.vocabulary)
    return VersionGraph(workflow, adj, facts, policy.vocabulary)


def _summarize_side(graph: VersionGraph, policy: ComparisonPolicy) -> Side:
    workflow, columns = graph.workflow, graph.adj.columns
    context = Context(workflow.name, graph.facts, graph.adj, policy.vocabulary or Vocabulary.default())
    return Side(
        app_id=workflow.app_id,
        name=workflow.name,
        nodes=len(columns.ids),
        edges=len(columns.sources) if workflow.edges_known else None,
        category=category_of(context, policy.category_rules or RULES),
    )


def _detect_changes(alignment: Alignment) -> Iterator[UnratedChange]:
    pending = PendingEdits(alignment)
    for detect in _DETECTORS:
        for change in detect(alignment, pending):
            edges = pending.drain_edges()
            yield replace(change, edges=edges) if edges.added or edges.removed else change


def _present(
    old: VersionGraph, new: VersionGraph, pairs: list[tuple[int, int]], anchors: IdAnchors
) -> Presentation:
    return Presentation(
        matches=tuple(Match.of(old.adj.ids[a], new.adj.ids[b], anchors) for a, b in pairs),
        nodes=node_edits(old.adj, new.adj, pairs, anchors),
        edges=edge_edits(old.adj, new.adj, pairs),
    )
