"""A rule, and what it finds."""

from collections.abc import Callable
from dataclasses import dataclass

from lamina_graph.classify.context import Context, Source
from lamina_graph.features import NodeFacts
from lamina_graph.text import quote


@dataclass(frozen=True)
class Verdict:
    """What a rule found: a claim, its source, nodes that a path to it passes, and how sure it is."""

    claim: str
    source: Source
    path_nodes: tuple[str, ...]
    confidence: float


@dataclass(frozen=True)
class Rule:
    """A named rule: its category, what it says, what is missing where it does not hold, and its test.

    Rules are tried by priority, the highest first, then in their order; those of the package have priority 0.
    """

    id: str
    category: str
    sentence: str
    missing: str
    test: Callable[[Context], Verdict | None]
    priority: float = 0


def quote_title(node: NodeFacts) -> str:
    """Return what a reader calls a node: its title, shortened, in quotes."""
    return quote(node.title, 40)
