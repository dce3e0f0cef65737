"""What a workflow does at a glance: which nodes make up each step of it.

A generation is one with the loaders, encoders, decoders and other helpers that serve nothing else. Inputs and
deliverables stay, and so does what puts several generations together; helpers that serve the same several
steps are one.
"""

from collections.abc import Hashable
from typing import TYPE_CHECKING

from lamina_graph.features import open_cycles
from lamina_graph.graph import Adjacency
from lamina_graph.render.folding.groups import Group

if TYPE_CHECKING:
    from lamina_graph.features import Features

_SEVERAL = "several"


def group_stages(adj: Adjacency, facts: "Features") -> list[Group]:
    """Return the nodes in groups, each node in one; the first member of a generation's group began it."""
    stages: dict[Hashable, list[int]] = {}
    for node, step in enumerate(_Steps(adj, facts).steps()):
        stages.setdefault(step, []).append(node)

    def rank(node: int) -> tuple[bool, bool, int]:
        fact = facts.facts[node]
        return fact.generation != fact.id, fact.role == "control", node

    groups = (
        Group(tuple(sorted(members, key=rank)), by="stage" if len(members) > 1 else "none")
        for members in stages.values()
    )
    return sorted(groups, key=lambda group: min(group.members))


class _Steps:
    """The step that each node belongs to: a generation by its id, else a node by its number, else a set."""

    def __init__(self, adj: Adjacency, facts: "Features") -> None:
        self.acyclic = open_cycles(adj)
        self.facts = facts.facts
        ends = {adj.index[item.end] for item in facts.deliverables}
        self.fixed: set[Hashable] = set()
        self.step: list[Hashable] = [fact.generation for fact in self.facts]
        for node, fact in enumerate(self.facts):
            if fact.role == "input" or (node in ends and not fact.generation):
                self.step[node] = node
                self.fixed.add(node)

    def steps(self) -> list[Hashable]:
        """Return the step of each node."""
        behind = self._behind()
        for node in reversed(self.acyclic.nodes):
            if self.step[node] is None:
                ahead = {self.step[other] for other in self.acyclic.after[node]}
                self.step[node] = self._served(node, behind[node], ahead)
        return self.step

    def _behind(self) -> list[str | None]:
        """The one generation that each node comes after, None without one."""
        behind: list[str | None] = [None] * len(self.facts)
        for node in self.acyclic.nodes:
            generations = {
                self.facts[other].generation or behind[other] for other in self.acyclic.before[node]
            }
            generations.discard(None)
            if generations:
                behind[node] = generations.pop() if len(generations) == 1 else _SEVERAL
        return behind

    def _served(self, node: int, behind: str | None, ahead: set[Hashable]) -> Hashable:
        """The step that a node serves: the one that it refines or shows, else those that it leads to."""
        fact = self.facts[node]
        shows = fact.role in ("transform", "output") or fact.part == "decoder"
        if shows and behind not in (None, _SEVERAL):
            return behind
        helper = fact.role in ("control", "unknown")
        if len(ahead) == 1:
            (only,) = ahead
            return only if helper or only not in self.fixed else node
        return frozenset(ahead) if ahead and (helper or behind is None) else node
