"""Which workflows are alike: structural twins, the nearest by structure, families, and copies."""

from collections.abc import Iterable

from pydantic import Field

from lamina_graph.model import Value, Workflow
from lamina_graph.similar.clustering import (
    Fingerprint,
    Group,
    Groups,
    fingerprint,
    grouped,
    groups,
    share_parts,
)
from lamina_graph.similar.isomorphism import are_isomorphic
from lamina_graph.similar.similarity import Profile, cosine_similarity, profile
from lamina_graph.text import pluralize
from lamina_graph.vocabulary import Vocabulary

__all__ = [
    "Fingerprint",
    "Group",
    "Groups",
    "Profile",
    "Similar",
    "are_isomorphic",
    "fingerprint",
    "grouped",
    "groups",
    "profile",
    "share_parts",
    "similar",
]


class Similar(Value):
    """A workflow that is like another.

    Attributes:
        index: its place among those that were compared.
        score: how alike the two are, from 0 to 1.
        twin: whether the two are proved to be the same graph up to node ids.
        shared_ids: how many node ids both have, which only copying brings about; only ids that tell when they
            were made count.
        why: one sentence.
    """

    index: int
    app_id: str | None = Field(alias="appId")
    name: str | None
    score: float
    twin: bool
    shared_ids: int
    why: str


def similar(
    workflow: Workflow,
    others: Iterable[Workflow],
    n: int = 10,
    *,
    vocabulary: Vocabulary | None = None,
    equal: bool = False,
) -> tuple[Similar, ...]:
    """Return the workflows most like one: twins first, then the nearest by structure.

    Likeness is the cosine between counts of nodes and edges, by type and by what the nodes do (vertex and
    edge histograms: Sugiyama and Borgwardt 2015); that a twin is one is proved on the whole graph. The
    workflow itself, where it is among the others, is left out.

    Args:
        workflow: what to look for.
        others: where to look.
        n: how many to return at most.
        vocabulary: words of node types, by default the package's.
        equal: whether to keep what equals the workflow: two files may hold the same.

    >>> from lamina_graph.files import load
    >>> one, two = ({"nodes": [{"id": id_, "type": "klingVideoNode"}], "edges": []} for id_ in "ab")
    >>> [(other.index, other.twin) for other in similar(load(one), [load(one), load(two)])]
    [(1, True)]
    """
    subject = profile(workflow, vocabulary)
    results = [
        _compare(subject, profile(other, vocabulary), index)
        for index, other in enumerate(others)
        if equal or other != workflow
    ]
    results.sort(key=lambda result: (not result.twin, -result.score, -result.shared_ids, result.index))
    return tuple(results[: max(n, 0)])


def _compare(subject: Profile, other: Profile, index: int) -> Similar:
    twin = subject.certificate == other.certificate and are_isomorphic(subject.adj, other.adj) is True
    shared = len(subject.ids & other.ids)
    return Similar(
        index=index,
        app_id=other.workflow.app_id,
        name=other.workflow.name,
        score=1.0 if twin else round(cosine_similarity(subject.vector, other.vector), 4),
        twin=twin,
        shared_ids=shared,
        why=_explain(subject, other, twin, shared),
    )


def _explain(subject: Profile, other: Profile, twin: bool, shared: int) -> str:
    common = subject.parts & other.parts
    nodes, edges = (sum(n for part, n in common.items() if len(part) == size) for size in (2, 3))
    nodes_of, edges_of = len(other.adj), len(other.adj.edges)
    why = f"By type, {nodes} of its {nodes_of} nodes and {edges} of its {edges_of} edges are in both."
    if not (subject.workflow.edges_known and other.workflow.edges_known):
        why = f"By type, {nodes} of its {nodes_of} known nodes are in both; edges unknown."
    if twin:
        why = "The same graph up to node ids."
    if subject.workflow.app_id and subject.workflow.app_id == other.workflow.app_id:
        return f"{why} Another version of the same app."
    if shared:
        ids = pluralize(shared, "node id")
        return f"{why} {ids} in both: one was copied from the other, or both from a third."
    return why
