"""Workflows and diffs in few words: what an agent, or a program with little room, needs to know of them."""

from collections.abc import Mapping, Sequence
from operator import not_
from typing import Annotated, Any, TypeVar

from pydantic import Field

from lamina_graph.classify import Classification
from lamina_graph.diff import Change, CreditChange, Diff, Severity, Side
from lamina_graph.features import Features, NodeFacts, Shape, features
from lamina_graph.graph import adjacency
from lamina_graph.lint import Finding
from lamina_graph.lint import Severity as FindingSeverity
from lamina_graph.model import Value, Workflow
from lamina_graph.text import elide
from lamina_graph.vocabulary import Modality, Role, Vocabulary

T = TypeVar("T")
Sparse = Annotated[T, Field(exclude_if=not_)]
"""A field that JSON leaves out where it is empty."""

_LONGEST_VALUE = 300
"""Characters of a value before or after a change, such as a prompt; the full diff has all of it."""


class NodeSummary(Value):
    """One node of a workflow.

    Attributes:
        n: its number, by which others name it; in a diff there is none.
        title: the label that a person gave; left out where there is none.
        model: the model or vendor that its words name, spelled as its maker does.
        gives: the modalities of what it makes or passes on.
        fed_by: the numbers of the nodes that feed it; in a diff their ids.
        stage: of a generation, how many there are in a row up to it.
        deliverable: whether its result leaves the workflow.
    """

    n: Sparse[int | None] = None
    id: str
    title: Sparse[str | None] = None
    type: str
    model: Sparse[str | None] = None
    role: Role
    task: Sparse[str | None] = None
    gives: Sparse[tuple[Modality, ...]] = ()
    fed_by: Sparse[tuple[int | str, ...]] = Field((), alias="from")
    stage: Sparse[int | None] = None
    deliverable: Sparse[bool] = False


class FindingSummary(Value):
    """One thing that looks wrong."""

    severity: FindingSeverity
    text: str


class Counts(Value):
    """How many there are of what a graph has; None where it is not known."""

    nodes: int
    edges: int | None
    components: int | None
    inputs: int | None
    deliverables: int | None


class Summary(Value):
    """One workflow: what it is and why, what it takes and gives, and its nodes.

    Attributes:
        reason: the claim that decided the category.
        takes, gives: the modalities of what enters, and of the final deliverables.
        inputs, deliverables: the numbers of the nodes through which media enter, and whose results leave.
        nodes: of the well-formed part, in the workflow's order; what is not is among the findings.
    """

    app_id: Sparse[str | None] = Field(None, alias="appId")
    name: Sparse[str | None] = None
    category: str
    confidence: float
    reason: Sparse[str] = ""
    takes: Sparse[tuple[Modality, ...]] = ()
    gives: Sparse[tuple[Modality, ...]] = ()
    shape: Shape
    stages: int | None
    features: Counts
    inputs: Sparse[tuple[int, ...]] = ()
    deliverables: Sparse[tuple[int, ...]] = ()
    nodes: Sparse[tuple[NodeSummary, ...]] = ()
    findings: Sparse[tuple[FindingSummary, ...]] = ()


class RemovedNode(Value):
    """A node that is gone."""

    id: str
    title: Sparse[str | None] = None
    type: str


class ChangeSummary(Value):
    """One change, with what stood and stands there where a value was replaced by another."""

    severity: Severity
    rule: str
    text: str
    nodes: Sparse[tuple[str, ...]] = ()
    before: Any = Field(None, exclude_if=lambda value: value is None)
    after: Any = Field(None, exclude_if=lambda value: value is None)
    uses: Sparse[tuple[str, ...]] = ()
    accepted: Sparse[str | None] = None


class ComparedSide(Side):
    """One of the two versions, and how it was named."""

    ref: str


class DiffSummary(Value):
    """What changed: nodes added in full, removed ones by name, and each change with before and after.

    Attributes:
        severity: the worst among the changes that are not accepted, or None.
        unknown: what could not be compared, and why; no change can be excluded there.
    """

    old: ComparedSide
    new: ComparedSide
    identical: bool
    severity: Severity | None
    added: Sparse[tuple[NodeSummary, ...]] = ()
    removed: Sparse[tuple[RemovedNode, ...]] = ()
    changes: Sparse[tuple[ChangeSummary, ...]] = ()
    credits: Sparse[CreditChange | None] = None
    unknown: Sparse[tuple[str, ...]] = ()


def summarize(
    workflow: Workflow,
    facts: Features,
    classification: Classification,
    findings: Sequence[Finding] = (),
    *,
    vocabulary: Vocabulary | None = None,
) -> Summary:
    """Return a workflow in few words.

    Args:
        workflow: the workflow.
        facts: its features.
        classification: its category, and why.
        findings: what looks wrong in it.
        vocabulary: what words in node types mean; that of the package where not given.

    >>> import lamina_graph as lg
    >>> w = lg.load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> summary = summarize(w, lg.features(w), lg.classify(w))
    >>> summary.category, summary.nodes[0].model
    ('video', 'Kling')
    """
    number = {fact.id: n for n, fact in enumerate(facts.facts, 1)}
    known = facts.edges_known
    return Summary(
        app_id=workflow.app_id,
        name=workflow.name,
        category=classification.category,
        confidence=classification.confidence,
        reason=classification.evidence[0].claim if classification.evidence else "",
        takes=facts.input_modalities,
        gives=facts.output_modalities,
        shape=facts.shape,
        stages=facts.stages if known else None,
        features=Counts(
            nodes=facts.nodes,
            edges=facts.edges if known else None,
            components=facts.components if known else None,
            inputs=len(facts.inputs) if known else None,
            deliverables=len(facts.deliverables) if known else None,
        ),
        inputs=tuple(number[id_] for id_ in facts.inputs),
        deliverables=tuple(number[each.id] for each in facts.deliverables),
        nodes=tuple(
            node.model_copy(
                update={"n": number[node.id], "fed_by": tuple(number[str(id_)] for id_ in node.fed_by)}
            )
            for node in summarize_nodes(workflow, facts, vocabulary=vocabulary)
        ),
        findings=tuple(FindingSummary(severity=each.severity, text=each.text) for each in findings),
    )


def summarize_nodes(
    workflow: Workflow, facts: Features, *, vocabulary: Vocabulary | None = None
) -> tuple[NodeSummary, ...]:
    """Return the nodes of a workflow's well-formed part, each with the ids of what feeds it.

    >>> import lamina_graph as lg
    >>> w = lg.load({"nodes": [{"id": "a", "type": "fluxNode"}], "edges": []})
    >>> node = summarize_nodes(w, lg.features(w))[0]
    >>> node.model, node.role, node.gives, node.deliverable
    ('Flux', 'generate', ('image',), True)
    """
    adj, words = adjacency(workflow), vocabulary or Vocabulary.default()
    fed_by = {
        id_: tuple(adj.ids[i] for i in sources)
        for id_, sources in zip(adj.ids, adj.predecessors, strict=True)
    }
    leaving = {each.id for each in facts.deliverables}
    return tuple(
        NodeSummary(
            id=fact.id,
            title=_title(fact),
            type=fact.type,
            model=words.name(fact.brand) if fact.brand else None,
            role=fact.role,
            task=fact.task,
            gives=fact.modalities,
            fed_by=fed_by[fact.id],
            stage=fact.stage if fact.generation else None,
            deliverable=fact.id in leaving,
        )
        for fact in facts.facts
    )


def summarize_diff(diff: Diff, refs: tuple[str, str]) -> DiffSummary:
    """Return a diff in few words.

    Args:
        diff: the diff.
        refs: how the old and the new version were named.

    >>> import lamina_graph as lg
    >>> old = lg.load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> new = lg.load({"nodes": [{"id": "a", "type": "veoVideoNode"}], "edges": []})
    >>> change = summarize_diff(lg.diff(old, new), ("old.json", "new.json")).changes[0]
    >>> change.before, change.after
    ('klingVideoNode', 'veoVideoNode')
    """
    edits = diff.presented.nodes
    old_facts, new_facts = (
        features(workflow, vocabulary=diff.vocabulary) for workflow in (diff.old_workflow, diff.new_workflow)
    )
    added, removed = set(edits.added), set(edits.removed)
    nodes = summarize_nodes(diff.new_workflow, new_facts, vocabulary=diff.vocabulary)
    old, new = (
        ComparedSide(ref=ref, **dict(side)) for ref, side in zip(refs, (diff.old, diff.new), strict=True)
    )
    return DiffSummary(
        old=old,
        new=new,
        identical=diff.identical,
        severity=diff.severity,
        added=tuple(node for node in nodes if node.id in added),
        removed=tuple(
            RemovedNode(id=fact.id, title=_title(fact), type=fact.type)
            for fact in old_facts.facts
            if fact.id in removed
        ),
        changes=tuple(summarize_change(change) for change in diff.changes),
        credits=diff.credits,
        unknown=diff.unknown,
    )


def _title(fact: NodeFacts) -> str | None:
    return None if fact.title == fact.type else fact.title


def summarize_change(change: Change) -> ChangeSummary:
    """Return a change; what was added or removed is named in its text, and stands in full elsewhere.

    >>> summarize_change(Change(rule="node-added", severity="risky", text="Clip added", fingerprint="")).text
    'Clip added'
    """
    replaced = change.before is not None and change.after is not None
    return ChangeSummary(
        severity=change.severity,
        rule=change.rule,
        text=change.text,
        nodes=change.nodes,
        before=_shorten(change.before) if replaced else None,
        after=_shorten(change.after) if replaced else None,
        uses=change.uses,
        accepted=change.accepted.reason if change.accepted else None,
    )


def _shorten(value: Any) -> Any:
    if isinstance(value, str):
        return elide(value, _LONGEST_VALUE)
    if isinstance(value, Mapping):
        return {key: _shorten(each) for key, each in value.items()}
    return [_shorten(each) for each in value] if isinstance(value, list | tuple) else value
