"""What is alike within one catalogue, without comparing every workflow with every other."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from lamina_graph.graph import connected_components
from lamina_graph.model import Value, Workflow
from lamina_graph.similar.isomorphism import are_isomorphic
from lamina_graph.similar.similarity import Part, Profile, Vector, cosine_similarity, profile
from lamina_graph.vocabulary import Vocabulary

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


def groups(workflows: Iterable[Workflow], *, vocabulary: Vocabulary | None = None) -> Groups:
    """Return what is alike in a catalogue: twins, families and copies.

    A family gathers around the first of its members in the catalogue's order. Only workflows that share one
    of their rarer parts are compared at all, which loses none that are alike enough (prefix filtering:
    Bayardo, Ma and Srikant, Scaling Up All Pairs Similarity Search, WWW 2007).

    Args:
        workflows: the catalogue.
        vocabulary: words of node types, by default the package's.

    >>> from lamina_graph.files import load
    >>> apps = [{"nodes": [{"id": id_, "type": "klingVideoNode"}], "edges": []} for id_ in "ab"]
    >>> groups(map(load, apps)).twins[0].members
    (0, 1)
    """
    return grouped([profile(workflow, vocabulary) for workflow in workflows])


def grouped(profiles: Sequence[Profile]) -> Groups:
    """Return what is alike in a catalogue whose profiles are known."""
    alike = _find_isomorphism_classes(profiles)
    return Groups(
        twins=tuple(_find_twins(profiles, alike)),
        families=tuple(_find_families(profiles, alike)),
        copies=tuple(_find_copies(profiles)),
    )


def _find_twins(profiles: Sequence[Profile], alike: Iterable[Sequence[int]]) -> Iterator[Group]:
    for members in alike:
        if _count_apps(profiles, members) > 1:
            graph = profiles[members[0]].adj
            why = f"The same graph up to node ids: {len(graph)} nodes, {len(graph.edges)} edges."
            yield Group(members=tuple(members), why=why)


def _find_families(profiles: Sequence[Profile], alike: Sequence[Sequence[int]]) -> Iterator[Group]:
    vectors = [profiles[members[0]].vector for members in alike]
    for family, least in _cluster_by_leaders(vectors):
        members = sorted(index for number in family for index in alike[number])
        if len(family) > 1 and _count_apps(profiles, members) > 1:
            yield Group(members=tuple(members), why=f"Each is at least {least:.0%} like the first.")


def _find_copies(profiles: Sequence[Profile]) -> Iterator[Group]:
    owners: dict[str, list[int]] = {}
    for index, profile_ in enumerate(profiles):
        for id_ in sorted(profile_.ids):
            owners.setdefault(id_, []).append(index)
    shared = [members for members in owners.values() if _count_apps(profiles, members) > 1]
    neighbors: list[list[int]] = [[] for _ in profiles]
    for first, *others in shared:
        neighbors[first] += others
    components = connected_components(neighbors)
    component = {member: number for number, members in enumerate(components) for member in members}
    counts = Counter(component[members[0]] for members in shared)
    for number, count in sorted(counts.items()):
        why = f"{count} node id{' is' if count == 1 else 's are'} in more than one of these apps."
        yield Group(members=tuple(components[number]), why=why)


def _count_apps(profiles: Sequence[Profile], members: Iterable[int]) -> int:
    """How many apps there are among members; workflows that name none count one each."""
    return len({profiles[index].workflow.app_id or index for index in members})


def _find_isomorphism_classes(profiles: Sequence[Profile]) -> list[list[int]]:
    """All places, those of twins together, by their first; graphs without nodes are twins of nothing."""
    by_certificate: dict[bytes, list[list[int]]] = {}
    for index, profile_ in enumerate(profiles):
        classes = by_certificate.setdefault(profile_.certificate, [])
        for members in classes:
            if len(profile_.adj) and are_isomorphic(profiles[members[0]].adj, profile_.adj):
                members.append(index)
                break
        else:
            classes.append([index])
    return sorted(members for classes in by_certificate.values() for members in classes)


def _cluster_by_leaders(given: Sequence[Vector[Part]]) -> list[tuple[list[int], float]]:
    """The numbers of vectors, each with the leader that it is most like; the least likeness beside."""
    rarity = Counter(part for vector in given for part in vector)
    ranks = {part: rank for rank, part in enumerate(sorted(rarity, key=lambda part: (rarity[part], part)))}
    vectors = [{ranks[part]: weight for part, weight in vector.items()} for vector in given]
    clusters: dict[int, list[int]] = {}
    least: dict[int, float] = {}
    by_part: dict[int, list[int]] = {}
    for number, vector in enumerate(vectors):
        rare = _find_rarest_parts(vector)
        near = {leader for part in rare for leader in by_part.get(part, ())}
        scores = ((cosine_similarity(vector, vectors[leader]), -leader) for leader in near)
        score, leader = max(scores, default=(0.0, 0))
        if score >= FAMILY:
            clusters[-leader].append(number)
            least[-leader] = min(least[-leader], score)
        else:
            clusters[number], least[number] = [number], 1.0
            for part in rare:
                by_part.setdefault(part, []).append(number)
    return [(members, least[leader]) for leader, members in clusters.items()]


def _find_rarest_parts(vector: Vector[int]) -> list[int]:
    """The rarest parts of a vector, by rank: without one of them in common no two vectors are a family."""
    rest = sum(weight * weight for weight in vector.values())
    rarest = []
    for part in sorted(vector):
        if rest < FAMILY * FAMILY - 1e-9:
            break
        rarest.append(part)
        rest -= vector[part] ** 2
    return rarest
