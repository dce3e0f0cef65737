"""The generations of a graph, and which is made from which."""

from collections.abc import Sequence
from typing import NamedTuple

from lamina_graph.features.modalities import Media
from lamina_graph.features.order import Order
from lamina_graph.features.roles import Columns

PREVIEWS = frozenset(
    (
        "preview",
        "previewer",
        "compare",
        "comparer",
        "comparison",
        "show",
        "display",
        "viewer",
        "play",
        "play sound",
    )
)
"""Words of output nodes that only let people look."""

_PREPARING = frozenset(("depth", "pose", "segment", "upscale"))
_REFINING = frozenset(("upscale", "interpolate"))
_WORKS = frozenset(
    (
        "script",
        "story",
        "script writer",
        "storyboard",
        "screenplay",
        "lyrics",
        "dialogue",
        "copywriter",
        "copywriting",
        "podcast",
    )
)
_KEPT = 16
_NONE: tuple[int, ...] = ()


class Flow(NamedTuple):
    """What is known of the generations.

    Attributes:
        generation: for each node that a generation consists of, the number of its first such node; else None.
        stage: the most generations in a row at or above each node.
        last: the latest generations at or above each node, no more than a few.
        follows: pairs of generations, the second made from the first.
        passes: the longest row of runs of one model, each on what the one before made.
        refined: the longest row of refinements of one generation.
    """

    generation: list[int | None]
    stage: list[int]
    last: list[tuple[int, ...]]
    follows: list[tuple[int, int]]
    passes: tuple[int, ...] = ()
    refined: tuple[int, ...] = ()


def flow(order: Order, said: Columns, given: Sequence[Media]) -> Flow:
    """Return the generations, in one walk from sources to sinks.

    A generation is a node that generates, or the samplers of one model: those that hand latents on, and
    those that work again on what the same model made. Helpers, pre- and post-processing are none, nor is
    text that only serves to make another medium.
    """
    counted = _counted(order, said, given)
    found = _Walk(order, said, counted).walked() if any(said.part) else _of_services(order, counted)
    return found._replace(refined=_refined(order, said, found))


def _of_services(order: Order, counted: Sequence[bool]) -> Flow:
    """Return the generations of a graph in which each is one node, as `_Walk` would, by a shorter way."""
    size, before = len(counted), order.before
    stage, last = [0] * size, [_NONE] * size
    generation: list[int | None] = [None] * size
    follows: list[tuple[int, int]] = []
    for node in order.nodes:
        above = before[node]
        if len(above) == 1:
            last[node], stage[node] = last[above[0]], stage[above[0]]
        elif above:
            last[node], stage[node] = _union(last, above), max([stage[p] for p in above])
        if counted[node]:
            follows += [(earlier, node) for earlier in last[node]]
            generation[node], last[node] = node, (node,)
            stage[node] += 1
    return Flow(generation, stage, last, follows)


class _Rows:
    """Rows of nodes along the edges, each known by its last node, so that none is copied."""

    def __init__(self, size: int) -> None:
        self.at = [-1] * size
        self._length = {-1: 0}
        self._before: dict[int, int] = {}

    def reach(self, node: int, above: Sequence[int]) -> None:
        """Let the longest of the rows that reach the nodes above one reach it."""
        at, length = self.at, self._length
        if len(length) > 1:
            for p in above:
                if length[at[p]] > length[at[node]]:
                    at[node] = at[p]

    def add(self, node: int, first: int = -1) -> None:
        """Lengthen the row that reaches a node by it; `first` opens a row where there is none."""
        row = self.at[node]
        if row < 0 <= first:
            self._length.setdefault(first, 1)
            self._before.setdefault(first, -1)
            row = first
        self._before[node], self._length[node] = row, self._length[row] + 1
        self.at[node] = node

    def longest(self) -> tuple[int, ...]:
        """Return the nodes of the longest row."""
        at = max(self._length, key=self._length.__getitem__)
        row = []
        while at >= 0:
            row.append(at)
            at = self._before[at]
        return tuple(reversed(row))


class _Walk:
    """One walk over a graph that spells models out, and what is known so far."""

    def __init__(self, order: Order, said: Columns, counted: Sequence[bool]) -> None:
        size = len(counted)
        self.order, self.said, self.counted = order, said, counted
        self.generation: list[int | None] = [None] * size
        self.stage = [0] * size
        self.last = [_NONE] * size
        self.follows: list[tuple[int, int]] = []
        self.passes = _Rows(size)
        self.running = [_NONE] * size  # the generations whose latents are not decoded yet
        self.run = [_NONE] * size  # the samplers whose latents these are
        self.models = [_NONE] * size  # what loads the model at hand
        # of each generation what is decoded, each for itself: the samplers, and one of them
        self.shown: dict[int, dict[frozenset[int], int]] = {}

    def walked(self) -> Flow:
        """Return what the walk finds."""
        stage, last, part, before = self.stage, self.last, self.said.part, self.order.before
        for node in self.order.nodes:
            above = before[node]
            if above:
                last[node], stage[node] = _union(last, above), max([stage[p] for p in above])
                self.passes.reach(node, above)
            if part[node] is not None:
                self._part(node, above)
            if self.counted[node]:
                (self._sample if part[node] == "sampler" else self._open)(node)
        runs = max([self.passes.longest(), *(tuple(runs.values()) for runs in self.shown.values())], key=len)
        return Flow(self.generation, stage, last, self.follows, runs if len(runs) > 1 else ())

    def _part(self, node: int, above: Sequence[int]) -> None:
        """Hand on what parts of a model hand on: the model, and the generation whose latents these are."""
        part = self.said.part[node]
        if part == "decoder":
            self._decode(node, above)
            return
        self.models[node] = _union(self.models, above)
        self.running[node] = _union(self.running, above)
        self.run[node] = (node,) if part == "sampler" else _union(self.run, above)
        if part == "model" and not self.models[node]:
            self.models[node] = (node,)

    def _decode(self, node: int, above: Sequence[int]) -> None:
        """Note which samplers are decoded, each for itself and not only to look at: they are passes, too."""
        if all(looks(self.said, s) for s in self.order.after[node]):
            return
        runs = _union(self.run, above)
        first = self.generation[runs[0]] if runs else None
        if first is not None:
            self.shown.setdefault(first, {})[frozenset(runs)] = runs[0]

    def _sample(self, node: int) -> None:
        """Go on with a generation, with its latents or with its model on what it made; else open one."""
        first = self._same(node)
        if first is None:
            self._open(node)
        else:
            self.generation[node], self.last[node] = first, (first,)
        self.running[node] = self.last[node]

    def _open(self, node: int) -> None:
        """Open a generation."""
        for earlier in self.last[node]:
            self.follows.append((earlier, node))
        self.generation[node], self.last[node] = node, (node,)
        self.stage[node] += 1
        self.passes.at[node] = -1

    def _same(self, node: int) -> int | None:
        """Return the generation that a sampler goes on with, if any."""
        if self.running[node]:
            return max(self.running[node], key=self._leads)
        models = self.models[node]
        for earlier in self.last[node]:
            if self.said.part[earlier] != "sampler":
                continue
            if self.models[earlier] == models or not set(models).isdisjoint(self.models[earlier]):
                self.passes.add(node, earlier)
                return earlier
        return None

    def _leads(self, generation: int) -> tuple[int, int, int]:
        """Return what makes one of several running generations the one that goes on, whatever their order."""
        return self.stage[generation], len(self.order.before[generation]), len(self.order.after[generation])


def _refined(order: Order, said: Columns, found: Flow) -> tuple[int, ...]:
    """Return the longest row of refinements of one generation."""
    columns = zip(said.task, said.role, found.stage, strict=True)
    refines = [task in _REFINING and role == "transform" and stage > 0 for task, role, stage in columns]
    if sum(refines) < 2:
        return tuple([node for node, is_one in enumerate(refines) if is_one])
    rows, generation, before = _Rows(len(refines)), found.generation, order.before
    for node in order.nodes:
        if generation[node] == node:
            continue
        rows.reach(node, before[node])
        if refines[node]:
            rows.add(node)
    return rows.longest()


def looks(said: Columns, node: int) -> bool:
    """Whether a node only lets people look."""
    return said.role[node] == "output" and not PREVIEWS.isdisjoint(said.words[node])


def _union(found: Sequence[tuple[int, ...]], nodes: Sequence[int]) -> tuple[int, ...]:
    """Return what some nodes have, each once; a few at most, so that work stays in step with the graph."""
    union = found[nodes[0]] if nodes else _NONE
    for node in nodes[1:]:
        other = found[node]
        if other != union and len(union) < _KEPT:
            union = (*union, *[each for each in other if each not in union])[:_KEPT]
    return union


def _counted(order: Order, said: Columns, given: Sequence[Media]) -> list[bool]:
    """Return which nodes make new media; text that only serves another medium must be a work of its own."""
    counted = [role == "generate" for role in said.role]
    if any(said.part) and not _PREPARING.isdisjoint(said.task):
        helps = _helpers(order, said)
        counted = [makes and not only for makes, only in zip(counted, helps, strict=True)]
    texts = [node for node, makes in enumerate(counted) if makes and given[node] == ("text",)]
    if texts:
        serves = _serves(order, counted, given)
        for node in texts:
            counted[node] = not serves[node] or not _WORKS.isdisjoint(said.words[node])
    return counted


def _serves(order: Order, counted: Sequence[bool], given: Sequence[Media]) -> list[bool]:
    """Return which nodes lead to something other than text being made."""
    serves = [False] * len(counted)
    for node in reversed(order.nodes):
        for s in order.after[node]:
            if serves[s] or (counted[s] and given[s] != ("text",)):
                serves[node] = True
                break
    return serves


def _helpers(order: Order, said: Columns) -> list[bool]:
    """Return which samplers only prepare or refine: the words of their conditioning name such a task."""
    helps = [False] * len(said.role)
    for node in order.nodes:
        part = said.part[node]
        if part is not None and part != "decoder":
            helps[node] = said.task[node] in _PREPARING or any(helps[p] for p in order.before[node])
    return helps
