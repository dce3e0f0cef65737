"""A first matching in nearly linear time: anchors by colour, spread along edges, then by type."""

from collections import Counter
from collections.abc import Iterator
from heapq import heappop, heappush

from lamina_graph.graph import Adjacency, colours
from lamina_graph.match.problem import Problem, by_stamp, title


def start(problem: Problem) -> list[int]:
    """Return a matching that keeps the fixed pairs and matches as many nodes as can be."""
    image = list(problem.fixed)
    taken = set(image)
    for old, new in _seeds(problem):
        if image[old] < 0 and new not in taken:
            image[old] = new
            taken.add(new)
    _spread(problem, image)
    _fill(problem, image)
    return image


def _seeds(problem: Problem) -> Iterator[tuple[int, int]]:
    for rounds in (6, 4, 2, 1):
        one, two = (colours(plain, rounds=rounds) for plain in (problem.old, problem.new))
        yield from _alone(one, two, problem)


def _alone(one: list[bytes], two: list[bytes], problem: Problem) -> Iterator[tuple[int, int]]:
    count_one, count_two = (
        Counter(one[n] for n in problem.free_old),
        Counter(two[n] for n in problem.free_new),
    )
    where = {two[node]: node for node in problem.free_new}
    for node in problem.free_old:
        if count_one[one[node]] == count_two[one[node]] == 1:
            yield node, where[one[node]]


def _spread(problem: Problem, image: list[int]) -> None:
    old, new = problem.old, problem.new
    taken = set(image)
    votes: Counter[tuple[int, int]] = Counter()
    heap: list[tuple[int, int, int]] = []

    def vote(node: int) -> None:
        at = image[node]
        for here, there in ((old.successors, new.successors), (old.predecessors, new.predecessors)):
            for u in here[node]:
                if image[u] < 0:
                    for v in there[at]:
                        if v not in taken and old.types[u] == new.types[v]:
                            votes[u, v] += 2
                            heappush(heap, (-votes[u, v] - (title(old, u) == title(new, v)), u, v))

    for node, at in enumerate(image):
        if at >= 0:
            vote(node)
    while heap:
        _, u, v = heappop(heap)
        if image[u] < 0 and v not in taken:
            image[u] = v
            taken.add(v)
            vote(u)


def _fill(problem: Problem, image: list[int]) -> None:
    old, new = problem.old, problem.new
    for same in (_type_and_title, _type, _any):
        taken = set(image)
        room: dict[object, list[int]] = {}
        for at in reversed(by_stamp(new)):
            if at not in taken:
                room.setdefault(same(new, at), []).append(at)
        for node in by_stamp(old):
            if image[node] < 0 and room.get(same(old, node)):
                image[node] = room[same(old, node)].pop()


def _type_and_title(plain: Adjacency, node: int) -> object:
    return plain.types[node], title(plain, node)


def _type(plain: Adjacency, node: int) -> object:
    return plain.types[node]


def _any(plain: Adjacency, node: int) -> object:
    return None
