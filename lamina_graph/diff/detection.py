"""A change before it is rated, and the two views of a diff: what was removed, what was added."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lamina_graph.diff.alignment import AlignedVersion, Alignment, Edge
from lamina_graph.diff.edits import PendingEdits
from lamina_graph.diff.values import EdgeEdits
from lamina_graph.graph import depths, induced_subgraph, topological_order


@dataclass(frozen=True, slots=True)
class UnratedChange:
    """A change as a detector hands it over, without severity and fingerprint.

    Attributes:
        rule: the id of its rule.
        text: one sentence.
        nodes: the ids of its subjects.
        before, after: what stood and stands there.
        parts: the single edits that it reports, a phrase each.
        live: whether a deliverable depends on what it hits.
        subject: the parameter or output that it is about, as callers name it.
        edges: the edits on edges that it reports.
        duplicate: of a change of the input contract, the change of the graph that is the same thing.
    """

    rule: str
    text: str
    nodes: tuple[str, ...] = ()
    before: Any = None
    after: Any = None
    parts: Sequence[str] = ()
    live: bool = True
    subject: str | None = None
    edges: EdgeEdits = field(default_factory=EdgeEdits)
    duplicate: "UnratedChange | None" = None

    @property
    def sources(self) -> "tuple[UnratedChange, ...]":
        """Itself, and its duplicate."""
        return (self, self.duplicate) if self.duplicate else (self,)

    @property
    def sentence(self) -> str:
        """The text, with that of its duplicate."""
        return _merge(self.text, self.duplicate.text) if self.duplicate else self.text


def _merge(text: str, more: str) -> str:
    """Return two sentences as one: what both say of the same name stands there once.

    >>> _merge("Output removed: Poster (image)", "Deliverable removed: Poster (image), with 2 nodes before")
    'Output and deliverable removed: Poster (image), with 2 nodes before'
    >>> _merge("Parameter removed: photo (url)", "Input removed: Photo (image)")
    'Parameter removed: photo (url); input removed: Photo (image)'
    """
    (what, _, name), (other, _, rest) = text.partition(": "), more.partition(": ")
    if more.startswith(("Deliverable ", "Input ")):
        more = more[0].lower() + more[1:]
    verb = what.rpartition(" ")[2]
    if name and rest.startswith(name) and other.endswith(f" {verb}"):
        return f"{what.removesuffix(verb)}and {more}"
    return f"{text}; {more}"


@dataclass(frozen=True, slots=True)
class DiffView:
    """One way to read two versions: what is `present` in one and `absent` in the other was removed, or added.

    Every detector of removals also detects additions, so that a diff read backwards is its own mirror.

    Attributes:
        alignment: the two versions.
        pending: the edits that no change reports yet.
        added: whether the new version is the one that has what is reported.
    """

    alignment: Alignment
    pending: PendingEdits
    added: bool

    @property
    def present(self) -> AlignedVersion:
        """The version that has what is reported."""
        return self.alignment.new if self.added else self.alignment.old

    @property
    def absent(self) -> AlignedVersion:
        """The version that does not have it."""
        return self.alignment.old if self.added else self.alignment.new

    @property
    def nodes(self) -> set[int]:
        """The pending nodes of the version that has them."""
        return self.pending.nodes[self.added]

    @property
    def edges(self) -> set[Edge]:
        """The pending edges of the version that has them."""
        return self.pending.edges[self.added]

    @property
    def other_edges(self) -> set[Edge]:
        """The pending edges of the other version."""
        return self.pending.edges[not self.added]

    def word(self, removed: str, added: str) -> str:
        """Return the word that fits."""
        return added if self.added else removed

    def change(
        self,
        rule: str,
        text: str,
        numbers: Iterable[int],
        state: Any,
        parts: Sequence[str] = (),
        live: bool = True,
    ) -> UnratedChange:
        """Return a change whose state is that before (of a removal) or after (of an addition)."""
        before, after = (None, state) if self.added else (state, None)
        return UnratedChange(rule, text, self.alignment.ids(numbers), before, after, parts, live)

    def claim_nodes(self, numbers: Iterable[int]) -> list[str]:
        """Claim nodes with the edges at them; return a phrase each."""
        return self.pending.claim_nodes(numbers, self.added)

    def claim_edges(self, edges: Iterable[Edge]) -> list[str]:
        """Claim edges; return a phrase each."""
        return self.pending.claim_edges(edges, self.added)

    def in_flow(self, numbers: Iterable[int]) -> list[int]:
        """Return nodes in the order in which things flow through them, else by name."""
        nodes = self.alignment.sort(set(numbers))
        rows = induced_subgraph(self.present.successors, nodes)
        depth = depths(topological_order(rows, break_cycles=True), rows)
        return [nodes[place] for place in sorted(range(len(nodes)), key=lambda place: (depth[place], place))]


Detector = Callable[[Alignment, PendingEdits], Iterator[UnratedChange]]
"""Yields the changes of some rules; each claims the edits that it reports."""


def diff_views(alignment: Alignment, pending: PendingEdits) -> tuple[DiffView, DiffView]:
    """Return the orientation that reads removals and the one that reads additions."""
    return DiffView(alignment, pending, False), DiffView(alignment, pending, True)
