"""What is alike within one catalogue, without comparing every workflow with every other in turn."""

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain, groupby
from typing import TYPE_CHECKING, NamedTuple

from lamina_graph.graph import Adjacency, connected_components
from lamina_graph.graph_columns import Columns, Late
from lamina_graph.model import Value, Workflow
from lamina_graph.similar.isomorphism import are_isomorphic
from lamina_graph.similar.similarity import Part, Profile, Vector, cosine_similarity, profile
from lamina_graph.vocabulary import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_array

FAMILY = 0.8
"""How like the first of a family the others are at least."""


class Group(Value):
    """Workflows that belong together: their places in the catalogue, ascending, and a sentence on why."""

    members: tuple[int, ...]
    why: str


class Groups(Value):
    """What is alike in a catalogue; versions of one app alone make no group.

    Attributes:
        twins: the same graph up to node ids, proved; each workflow is in one group at most.
        families: nearly the same graph; each workflow is in one group at most.
        copies: node ids that more than one app has, which only copying brings about.
    """

    twins: tuple[Group, ...]
    families: tuple[Group, ...]
    copies: tuple[Group, ...]


class Fingerprint(NamedTuple):
    """What a catalogue keeps of a workflow to group it with others: a few kilobytes.

    Attributes:
        app_id: of which app it is a version, where that is known.
        certificate: equal for graphs that are the same up to ids; equality alone is no proof of that.
        types: of its nodes.
        ends: the numbers of the nodes that its edges join, two an edge; None where they are not known.
        parts, weights: its vector.
        ids: digests of its node ids that tell when they were made, one after the other.
    """

    app_id: str | None
    certificate: bytes
    types: tuple[str, ...]
    ends: "array[int] | None"
    parts: tuple[Part, ...]
    weights: "array[float]"
    ids: bytes

    @property
    def graph(self) -> Adjacency:
        """The nodes and edges, as far as a proof that two graphs are the same walks them."""
        successors: list[list[int]] = [[] for _ in self.types]
        predecessors: list[list[int]] = [[] for _ in self.types]
        for source, target in self.edges:
            successors[source].append(target)
            predecessors[target].append(source)
        ids, labels = ("",) * len(self.types), (None,) * len(self.types)
        return Adjacency(
            ids=ids,
            types=self.types,
            labels=labels,
            successors=tuple(map(tuple, successors)),
            predecessors=tuple(map(tuple, predecessors)),
            index={},
            edges_known=self.ends is not None,
            columns=Columns(
                ids,
                self.types,
                labels,
                sources=(),
                targets=(),
                edge_fields=(),
                nodes=Late.of(()),
                edges=Late.of(()),
            ),
        )

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Every edge as a pair of node numbers."""
        ends = iter(self.ends or ())
        return list(zip(ends, ends, strict=True))


def fingerprint(of: Profile) -> Fingerprint:
    """Return what a catalogue keeps of a workflow whose profile is known."""
    ends = array("i", chain.from_iterable(of.adj.edges)) if of.adj.edges_known else None
    return Fingerprint(
        app_id=of.workflow.app_id,
        certificate=of.certificate,
        types=of.adj.types,
        ends=ends,
        parts=tuple(of.vector),
        weights=array("d", of.vector.values()),
        ids=b"".join(
            sorted(blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=_ID).digest() for id_ in of.ids)
        ),
    )


def groups(workflows: Iterable[Workflow], *, vocabulary: Vocabulary | None = None) -> Groups:
    """Return what is alike in a catalogue: twins, families and copies.

    A family gathers around the first of its members in the catalogue's order. Which workflows are near
    enough to be compared at all is told for a few dozen at once, by one product of sparse matrices.

    Args:
        workflows: the catalogue; each is let go of once it was seen.
        vocabulary: words of node types, by default the package's.

    >>> from lamina_graph.files import load
    >>> apps = [{"nodes": [{"id": id_, "type": "klingVideoNode"}], "edges": []} for id_ in "ab"]
    >>> groups(map(load, apps)).twins[0].members
    (0, 1)
    """
    return grouped(fingerprint(profile(workflow, vocabulary)) for workflow in workflows)


def grouped(fingerprints: Iterable[Fingerprint]) -> Groups:
    """Return what is alike in a catalogue, by the order of its fingerprints; each is seen once."""
    known: dict[Part, Part] = {}
    seen = [share_parts(one, known) for one in fingerprints]
    alike = _find_isomorphism_classes(seen)
    return Groups(
        twins=tuple(_find_twins(seen, alike)),
        families=tuple(_find_families(seen, alike)),
        copies=tuple(_find_copies(seen)),
    )


def share_parts(one: Fingerprint, known: dict[Part, Part]) -> Fingerprint:
    """Return a fingerprint that shares its parts and types with all others that know the same parts."""
    parts = tuple(known.setdefault(part, part) for part in one.parts)
    return one._replace(parts=parts, types=tuple(map(sys.intern, one.types)))


def _find_twins(seen: Sequence[Fingerprint], alike: Iterable[Sequence[int]]) -> Iterator[Group]:
    for members in alike:
        if _count_apps(seen, members) > 1:
            first = seen[members[0]]
            why = f"The same graph up to node ids: {len(first.types)} nodes, {len(first.edges)} edges."
            yield Group(members=tuple(members), why=why)


def _find_families(seen: Sequence[Fingerprint], alike: Sequence[Sequence[int]]) -> Iterator[Group]:
    for family, least in _cluster_by_leaders([seen[members[0]] for members in alike]):
        members = sorted(index for number in family for index in alike[number])
        if len(family) > 1 and _count_apps(seen, members) > 1:
            yield Group(members=tuple(members), why=f"Each is at least {least:.0%} like the first.")


def _find_copies(seen: Sequence[Fingerprint]) -> Iterator[Group]:
    shared = [owners for owners in _find_owners(seen) if _count_apps(seen, owners) > 1]
    neighbors: list[list[int]] = [[] for _ in seen]
    for first, *others in shared:
        neighbors[first] += others
    components = connected_components(neighbors)
    component = {member: number for number, members in enumerate(components) for member in members}
    counts = Counter(component[members[0]] for members in shared)
    for number, count in sorted(counts.items()):
        why = f"{count} node id{' is' if count == 1 else 's are'} in more than one of these apps."
        yield Group(members=tuple(components[number]), why=why)


def _find_owners(seen: Sequence[Fingerprint]) -> Iterator[list[int]]:
    """Yield of each node id that several graphs have which these are, ascending."""
    if len(seen) <= _FEW:
        owners: dict[bytes, list[int]] = {}
        for number, one in enumerate(seen):
            for start in range(0, len(one.ids), _ID):
                owners.setdefault(one.ids[start : start + _ID], []).append(number)
        yield from (numbers for numbers in owners.values() if len(numbers) > 1)
        return
    import numpy as np

    ids = np.frombuffer(b"".join(one.ids for one in seen), dtype=f"S{_ID}")
    order = np.argsort(ids, kind="stable")
    owner = np.repeat(np.arange(len(seen), dtype=np.int32), [len(one.ids) // _ID for one in seen])[order]
    ids = ids[order]
    again = np.flatnonzero(ids[1:] == ids[:-1]).tolist()  # the places of ids that the next place has, too
    for _, run in groupby(enumerate(again), lambda place: place[1] - place[0]):
        places = [place for _, place in run]
        yield owner[places[0] : places[-1] + 2].tolist()


def _count_apps(seen: Sequence[Fingerprint], members: Iterable[int]) -> int:
    """How many apps there are among members; workflows that name none count one each."""
    return len({seen[index].app_id or index for index in members})


def _find_isomorphism_classes(seen: Sequence[Fingerprint]) -> list[list[int]]:
    """All places, those of twins together, by their first; a graph that proves nothing has no twin."""
    by_certificate: dict[bytes, list[list[int]]] = {}
    alone = []
    for index, one in enumerate(seen):
        if not one.types or one.ends is None:
            alone.append([index])
            continue
        classes = by_certificate.setdefault(one.certificate, [])
        for members in classes:
            if are_isomorphic(seen[members[0]].graph, one.graph):
                members.append(index)
                break
        else:
            classes.append([index])
    return sorted([*alone, *chain.from_iterable(by_certificate.values())])


def _cluster_by_leaders(given: Sequence[Fingerprint]) -> list[tuple[list[int], float]]:
    """The numbers of fingerprints, each with the leader that it is most like; the least likeness beside."""
    clusters: dict[int, list[int]] = {}
    least: dict[int, float] = {}
    for number, near in _find_near(given, clusters):
        vector = _vector(given[number])
        scores = ((cosine_similarity(vector, _vector(given[leader])), -leader) for leader in near)
        score, leader = max(scores, default=(0.0, 0))
        if score >= FAMILY:
            clusters[-leader].append(number)
            least[-leader] = min(least[-leader], score)
        else:
            clusters[number], least[number] = [number], 1.0
    return [(members, least[leader]) for leader, members in clusters.items()]


def _find_near(
    given: Sequence[Fingerprint], clusters: dict[int, list[int]]
) -> Iterator[tuple[int, Sequence[int]]]:
    """Yield each number with the leaders that may be most like it, while who leads is being found out."""
    if len(given) <= _FEW:
        for number in range(len(given)):
            yield number, list(clusters)
        return
    matrix = _matrix(given)
    for start in range(0, len(given), _BLOCK):
        block = range(start, min(start + _BLOCK, len(given)))
        others = [*clusters, *block]
        products = (matrix[block.start : block.stop] @ matrix[others].T).tocsr()
        for number in block:
            row = slice(*products.indptr[number - start : number - start + 2])
            scores = zip(products.indices[row].tolist(), products.data[row].tolist(), strict=True)
            near = {others[place]: score for place, score in scores if score >= FAMILY - _MARGIN}
            near = {other: score for other, score in near.items() if other in clusters}
            best = max(near.values(), default=0.0)
            yield number, [other for other, score in near.items() if score >= best - _MARGIN]


def _matrix(given: Sequence[Fingerprint]) -> "csr_array[np.float64]":
    """Return the vectors as the rows of a matrix."""
    import numpy as np
    from scipy.sparse import csr_array

    columns: dict[Part, int] = {}
    numbers = array("i", (columns.setdefault(part, len(columns)) for one in given for part in one.parts))
    ends = np.cumsum([0, *(len(one.parts) for one in given)])
    weights = np.concatenate([np.frombuffer(one.weights) for one in given if one.parts] or [np.empty(0)])
    shape = (len(given), max(len(columns), 1))
    return csr_array((weights, np.frombuffer(numbers, dtype=np.intc), ends), shape=shape)


def _vector(one: Fingerprint) -> Vector[Part]:
    return dict(zip(one.parts, one.weights, strict=True))


_FEW = 100
"""Graphs up to which comparing all of them takes less time than loading numpy and scipy does."""

_ID = 16
"""Bytes of the digest of an id: among that many values no two ids ever meet by chance."""

_BLOCK = 64
_MARGIN = 1e-9  # by which a sum may differ with the order of what is added
