"""What kind of pipeline an app is, by ordered named rules, and why, with paths through the graph."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Literal, TypedDict, Unpack

from lamina_graph.classify.caveats import CAVEATS, Caveat, find_caveats
from lamina_graph.classify.classification import Classification, Evidence, Modalities
from lamina_graph.classify.context import Context, Source, count_feature
from lamina_graph.classify.explain import explain
from lamina_graph.classify.metadata import check_metadata
from lamina_graph.classify.rule import Rule, Verdict
from lamina_graph.classify.ruleset import RULES, in_order
from lamina_graph.classify.unknown_edges import app_of, decide_by_nodes, list_metadata
from lamina_graph.classify.user_rules import user_rules
from lamina_graph.classify.witness import witness
from lamina_graph.features import Features, features, features_from_adjacency
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


class Known(TypedDict, total=False):
    """What may be known of a workflow beside itself.

    Attributes:
        facts: its features, where they are at hand.
        detail: the app's detail, whose words and outputs are evidence too.
        summary: the app's row of the listing, whose capabilities are compared with the graph.
        vocabulary: what words mean; that of the package where not given.
        graph_only: whether labels and names are left aside; features at hand are then computed again.
    """

    facts: Features | None
    detail: App | None
    summary: AppSummary | None
    vocabulary: Vocabulary | None
    graph_only: bool


def classify(w: Workflow, *, rules: Sequence[Rule] | None = None, **known: Unpack[Known]) -> Classification:
    """Return what kind of pipeline a workflow is, and why.

    The first piece of evidence is that of the rule that decided; the rest says what else holds, and what
    makes the answer less sure. The confidence is the rule's own, times the factor of each caveat.

    Args:
        w: the workflow.
        rules: the rules to try; by default `RULES`.
        known: `facts`, `detail`, `summary`, `vocabulary` and `graph_only`, as in `Known`.

    >>> from lamina_graph.files import load
    >>> answer = classify(load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []}))
    >>> answer.category, answer.confidence, answer.evidence[0].rule
    ('video', 0.95, 'video')
    """
    context = _build_context(w, **known)
    rule, verdict = _decide(context, rules or RULES)
    caveats = find_caveats(context, rule)
    path = witness(context, verdict.path_nodes)
    facts = context.facts
    return Classification(
        app_id=w.app_id,
        name=w.name,
        category=rule.category,
        confidence=round(verdict.confidence * prod(caveat.factor for caveat, _ in caveats), 3),
        modalities=Modalities(inputs=facts.input_modalities, outputs=facts.output_modalities),
        shape=facts.shape,
        steps=facts.steps,
        generations=facts.generations,
        stages=facts.stages if facts.edges_known else None,
        evidence=(
            Evidence(rule=rule.id, claim=verdict.claim, source=verdict.source, path=path),
            *(check_metadata(context) if facts.edges_known else list_metadata(context)),
            *(
                Evidence(rule=caveat.id, claim=f"less sure: {sentence}", source="topology")
                for caveat, sentence in caveats
            ),
        ),
        features={
            name: count_feature(facts, name) if facts.edges_known or name == "nodes" else None
            for name in _COUNTS
        },
    )


def category_of(context: Context, rules: Sequence[Rule] = RULES) -> str:
    """Return the category of a workflow at hand as rules see it.

    Args:
        context: the workflow, its graph and its features.
        rules: the rules to try.
    """
    return _decide(context, rules)[0].category


def why_not(
    w: Workflow, category: str, *, rules: Sequence[Rule] | None = None, **known: Unpack[Known]
) -> list[str]:
    """Return what is missing for a category, one sentence a rule; nothing where it is the workflow's.

    Args:
        w: the workflow.
        category: the category that was expected.
        rules: the rules to try; by default `RULES`.
        known: `facts`, `detail`, `summary`, `vocabulary` and `graph_only`, as in `Known`.

    >>> from lamina_graph.files import load
    >>> why_not(load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []}), "image")
    ['image: the main path does not end in a picture']
    """
    context = _build_context(w, **known)
    decided, _ = _decide(context, rules or RULES)
    if decided.category == category:
        return []
    wanted = [rule for rule in in_order(rules or RULES) if rule.category == category]
    if not wanted:
        return [f"no rule gives the category {category}"]
    if not context.facts.edges_known:
        return [f"{rule.id}: not known, since the edges are not" for rule in wanted]
    return [
        f"{rule.id}: {f'holds, but {decided.id} comes before it' if rule.test(context) else rule.missing}"
        for rule in wanted
    ]


def _build_context(
    w: Workflow,
    facts: Features | None = None,
    detail: App | None = None,
    summary: AppSummary | None = None,
    vocabulary: Vocabulary | None = None,
    graph_only: bool = False,
) -> Context:
    adj = adjacency(w)
    if graph_only:
        adj = replace(adj, labels=(None,) * len(adj))  # labels break no tie either
        facts = features_from_adjacency(adj, vocabulary=vocabulary, labels=False)
    if not w.edges_known:
        carried = app_of(w)
        detail, summary = detail or carried[0], summary or carried[1]
    return Context(
        name=None if graph_only else w.name,
        facts=facts or features(w, vocabulary=vocabulary),
        adj=adj,
        vocabulary=vocabulary or Vocabulary.default(),
        labels=not graph_only,
        detail=detail,
        summary=summary,
    )


def _decide(context: Context, rules: Sequence[Rule]) -> tuple[Rule, Verdict]:
    """Return the first rule that holds, and what it found; one of the package always does."""
    if not context.facts.edges_known:
        return decide_by_nodes(context, RULES)
    tried = (*in_order(rules), RULES[-1])
    return next((rule, verdict) for rule in tried if (verdict := rule.test(context)))


_COUNTS = (
    "nodes", "edges", "wires", "components", "depth", "width", "sources", "sinks", "inputs", "deliverables",
)  # fmt: skip
