"""What a workflow does at a glance: which nodes make up each step of it.

A generation is one with the loaders, encoders, decoders and other helpers that serve nothing else. Inputs and
deliverables stay, and so does what puts several generations together; helpers that serve the same several
steps are one.
"""

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from lamina_graph.features.acyclic import open_cycles
from lamina_graph.graph import Adjacency
from lamina_graph.render.folding.groups import Group

if TYPE_CHECKING:
    from lamina_graph.features import Features, NodeFacts

_MANY = "many"


def staged(plain: Adjacency, facts: "Features") -> list[Group]:
    """Return the nodes in groups, each node in one; the first member of a generation's group began it.

    Args:
        plain: the graph.
        facts: its features.
    """
    steps = _Steps(plain, facts)
    found: dict[Hashable, list[int]] = {}
    for node, step in enumerate(steps.steps()):
        found.setdefault(step, []).append(node)
    groups = (_group(members, facts.facts) for members in found.values())
    return sorted(groups, key=lambda group: min(group.members))


def _group(members: list[int], facts: "Sequence[NodeFacts]") -> Group:
    """A group whose first member is what the others serve."""
    members.sort(
        key=lambda node: (facts[node].generation != facts[node].id, facts[node].role == "control", node)
    )
    return Group(tuple(members), by="stage" if len(members) > 1 else "none")


class _Steps:
    """The step that each node belongs to: a generation by its id, else a node by its number, else a set."""

    def __init__(self, plain: Adjacency, facts: "Features") -> None:
        self.order = open_cycles(plain)
        self.facts = facts.facts
        ends = {plain.index[item.end] for item in facts.deliverables}
        self.stay: set[Hashable] = set()
        self.step: list[Hashable] = [fact.generation for fact in self.facts]
        for node, fact in enumerate(self.facts):
            if fact.role == "input" or (node in ends and not fact.generation):
                self.step[node] = node
                self.stay.add(node)

    def steps(self) -> list[Hashable]:
        """Return the step of each node."""
        behind = self._behind()
        for node in reversed(self.order.nodes):
            if self.step[node] is None:
                ahead = {self.step[other] for other in self.order.after[node]}
                self.step[node] = self._served(node, behind[node], ahead)
        return self.step

    def _behind(self) -> list[str | None]:
        """The one generation that each node comes after, None without one."""
        behind: list[str | None] = [None] * len(self.facts)
        for node in self.order.nodes:
            found = {self.facts[other].generation or behind[other] for other in self.order.before[node]} - {
                None
            }
            behind[node] = (found.pop() if len(found) == 1 else _MANY) if found else None
        return behind

    def _served(self, node: int, behind: str | None, ahead: set[Hashable]) -> Hashable:
        """The step that a node serves: the one that it refines or shows, else those that it leads to."""
        fact = self.facts[node]
        if behind not in (None, _MANY) and (fact.role in ("transform", "output") or fact.part == "decoder"):
            return behind
        helper = fact.role in ("control", "unknown")
        if len(ahead) == 1:
            (only,) = ahead
            return only if helper or only not in self.stay else node
        return frozenset(ahead) if ahead and (helper or behind is None) else node
