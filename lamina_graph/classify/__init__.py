"""What kind of pipeline an app is, by ordered named rules, and why, with paths through the graph."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Literal

from lamina_graph.classify.caveats import CAVEATS, Caveat, find_caveats
from lamina_graph.classify.classification import Classification, Evidence, Modalities
from lamina_graph.classify.context import Context, Source
from lamina_graph.classify.explain import explain
from lamina_graph.classify.metadata import metadata_checks
from lamina_graph.classify.rule import Rule, Verdict
from lamina_graph.classify.rules import RULES, in_order
from lamina_graph.classify.user_rules import user_rules
from lamina_graph.classify.witness import witness
from lamina_graph.features import Features, features_from_adjacency
from lamina_graph.graph import adjacency
from lamina_graph.model import App, AppSummary, Workflow
from lamina_graph.vocabulary import Vocabulary

__all__ = [
    "CAVEATS",
    "RULES",
    "Category",
    "Caveat",
    "Classification",
    "Context",
    "Evidence",
    "Modalities",
    "Rule",
    "Source",
    "Verdict",
    "category_of",
    "classify",
    "explain",
    "user_rules",
    "why_not",
]

Category = Literal["image", "try-on", "video", "multi-step", "other"]


def classify(
    w: Workflow,
    *,
    facts: Features | None = None,
    detail: App | None = None,
    summary: AppSummary | None = None,
    vocabulary: Vocabulary | None = None,
    rules: Sequence[Rule] | None = None,
    graph_only: bool = False,
) -> Classification:
    """Return what kind of pipeline a workflow is, and why.

    The first piece of evidence is that of the rule that decided; what follows tells what else holds, and
    what makes the answer less sure. The confidence is the rule's own, less the share of each caveat.

    Args:
        w: the workflow.
        facts: its features, where they are at hand.
        detail: the app's detail, whose words and outputs are evidence too.
        summary: the app's row of the listing, whose capabilities are held against the graph.
        vocabulary: what words mean.
        rules: the rules to try; by default `RULES`.
        graph_only: whether labels and names are left aside; features at hand are then told anew.

    >>> from lamina_graph.files import load
    >>> answer = classify(load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []}))
    >>> answer.category, answer.confidence, answer.evidence[0].rule
    ('video', 0.95, 'video')
    """
    context = _case(w, facts, detail, summary, vocabulary, graph_only)
    rule, verdict = _decided(context, rules or RULES)
    lessening = find_caveats(context, rule)
    evidence = [
        Evidence(
            rule=rule.id,
            claim=verdict.claim,
            source=verdict.source,
            path=witness(context, verdict.path_nodes),
        )
    ]
    evidence += metadata_checks(context)
    evidence += [
        Evidence(rule=caveat.id, claim=f"less sure: {said}", source="topology") for caveat, said in lessening
    ]
    known = context.facts
    return Classification(
        app_id=w.app_id,
        name=w.name,
        category=rule.category,
        confidence=round(verdict.confidence * prod(caveat.factor for caveat, _ in lessening), 3),
        modalities=Modalities(inputs=known.input_modalities, outputs=known.output_modalities),
        shape=known.shape,
        steps=known.steps,
        generations=known.generations,
        stages=known.stages,
        evidence=tuple(evidence),
        features=_counts(known),
    )


def category_of(context: Context, rules: Sequence[Rule] = RULES) -> str:
    """Return the category of a workflow at hand as rules see it.

    Args:
        context: the workflow, its graph and its features.
        rules: the rules to try.
    """
    return _decided(context, rules)[0].category


def why_not(
    w: Workflow,
    category: str,
    *,
    facts: Features | None = None,
    detail: App | None = None,
    summary: AppSummary | None = None,
    vocabulary: Vocabulary | None = None,
    rules: Sequence[Rule] | None = None,
    graph_only: bool = False,
) -> list[str]:
    """Return what is missing for a category, one sentence a rule; nothing where it is the workflow's.

    Args:
        w: the workflow.
        category: the category that was expected.
        facts: its features, where they are at hand.
        detail: the app's detail.
        summary: the app's row of the listing.
        vocabulary: what words mean.
        rules: the rules to try; by default `RULES`.
        graph_only: whether labels and names are left aside; features at hand are then told anew.

    >>> from lamina_graph.files import load
    >>> why_not(load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []}), "image")
    ['image: the main path does not end in a picture']
    """
    context = _case(w, facts, detail, summary, vocabulary, graph_only)
    decided, _ = _decided(context, rules or RULES)
    if decided.category == category:
        return []
    wanted = [rule for rule in in_order(rules or RULES) if rule.category == category]
    if not wanted:
        return [f"no rule gives the category {category}"]
    return [
        f"{rule.id}: {f'holds, but {decided.id} comes before it' if rule.test(context) else rule.missing}"
        for rule in wanted
    ]


def _case(
    w: Workflow,
    facts: Features | None,
    detail: App | None,
    summary: AppSummary | None,
    vocabulary: Vocabulary | None,
    graph_only: bool,
) -> Context:
    adj, vocabulary = adjacency(w), vocabulary or Vocabulary.default()
    if graph_only:
        adj, facts = replace(adj, labels=(None,) * len(adj)), None  # labels break no tie either
    return Context(
        name=None if graph_only else w.name,
        facts=facts or features_from_adjacency(adj, vocabulary=vocabulary, labels=not graph_only),
        adj=adj,
        vocabulary=vocabulary,
        labels=not graph_only,
        detail=detail,
        summary=summary,
    )


def _decided(context: Context, rules: Sequence[Rule]) -> tuple[Rule, Verdict]:
    for rule in in_order(rules):
        verdict = rule.test(context)
        if verdict is not None:
            return rule, verdict
    return RULES[-1], Verdict("no rule holds", "topology", context.adj.ids[:1], 0.2)


def _counts(known: Features) -> dict[str, int]:
    return {
        "nodes": known.nodes,
        "edges": known.edges,
        "components": known.components,
        "depth": known.depth,
        "width": known.width,
        "sources": len(known.sources),
        "sinks": len(known.sinks),
        "inputs": len(known.inputs),
        "deliverables": len(known.deliverables),
    }
