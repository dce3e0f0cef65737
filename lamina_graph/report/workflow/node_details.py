"""What the page of one workflow says of each of its nodes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from lamina_graph.diff import settings_of
from lamina_graph.features import Features, NodeFacts, readable_title
from lamina_graph.graph import adjacency, wires
from lamina_graph.model import Edge, Node, Workflow
from lamina_graph.text import elide, join_words, pluralize, quote, truncate
from lamina_graph.vocabulary import Vocabulary, readable

if TYPE_CHECKING:
    from lamina_graph.run_outcome import NodeOutcome, Outcome

_LONGEST = 2_000  # characters of a value that are shown
_MOST_SETTINGS = 60
_MOST_WORDS = 5
_FILLERS = frozenset(("node", "v"))
"""Words of types that say nothing of what a node does."""


class Setting(NamedTuple):
    """One setting of a node: its name, and its value as text, cut where it is very long."""

    name: str
    value: str


class Neighbor(NamedTuple):
    """A node at the other end of a line: its number, its title, and what the line joins, if known."""

    number: int
    title: str
    via: str = ""


@dataclass(frozen=True, slots=True)
class NodeDetails:
    """What there is to say of one node.

    Attributes:
        number: which it is, in the workflow's order.
        reason: why it has its role.
        task, gives: what it does and what it gives, in words.
        place: where it stands: an input, a deliverable, in which stage.
        made: when it was put on the canvas; empty where its id does not tell.
        cost: what it costs in a run, in words; empty where no estimate is at hand.
        fared: how it fared in a run, in words; empty where no run is shown.
        settings: the fields that this project does not know, but those of the canvas.
        more: how many settings are not shown.
        sources, targets: what leads to it, and what it leads to.
    """

    number: int
    id: str
    title: str
    type: str
    type_name: str
    role: str
    reason: str
    task: str
    gives: str
    place: str
    made: str
    cost: str
    fared: str
    settings: tuple[Setting, ...]
    more: int
    sources: tuple[Neighbor, ...]
    targets: tuple[Neighbor, ...]


def node_details(
    workflow: Workflow,
    facts: Features,
    *,
    credits: Mapping[str, float] | None = None,
    outcome: "Outcome | None" = None,
    vocabulary: Vocabulary | None = None,
) -> list[NodeDetails]:
    """Return what there is to say of each node, in the workflow's order.

    Args:
        workflow: the workflow.
        facts: its features.
        credits: what each node costs, by id, where an estimate is at hand.
        outcome: how a run went, where one is shown.
        vocabulary: the words of node types.

    >>> from lamina_graph.features import features
    >>> from lamina_graph.files import load
    >>> w = load({"nodes": [{"id": "a", "type": "klingVideoNode", "data": {"seconds": 5}}], "edges": []})
    >>> [node] = node_details(w, features(w))
    >>> node.role, node.reason, node.settings
    ('generate', 'its words “kling” and “video” say so, 90% sure', (Setting(name='seconds', value='5'),))
    """
    return list(_Details(workflow, facts, credits, outcome, vocabulary).rows())


class _Details:
    """The details of all nodes of one workflow."""

    def __init__(
        self,
        workflow: Workflow,
        facts: Features,
        credits: Mapping[str, float] | None,
        outcome: "Outcome | None",
        vocabulary: Vocabulary | None,
    ) -> None:
        self.adj, self.facts, self.vocabulary = adjacency(workflow), facts, vocabulary
        self.titles = [readable_title(fact, vocabulary) for fact in facts.facts]
        self.credits = credits
        self.outcomes = {node.id: node for node in outcome.nodes} if outcome else None
        self.deliverables = {each.end for each in facts.deliverables}
        self.sources: list[list[Neighbor]] = [[] for _ in self.titles]
        self.targets: list[list[Neighbor]] = [[] for _ in self.titles]
        for (source, target), edges in wires(workflow, self.adj).items():
            via = _describe_wires(edges)
            self.targets[source].append(Neighbor(target, self.titles[target], via))
            self.sources[target].append(Neighbor(source, self.titles[source], via))

    def rows(self) -> Iterator[NodeDetails]:
        """Yield the details of each node."""
        for number, (node, fact) in enumerate(zip(self.adj.nodes, self.facts.facts, strict=True)):
            settings = list(_read_settings(node))
            yield NodeDetails(
                number=number,
                id=fact.id,
                title=self.titles[number],
                type=fact.type,
                type_name=readable(fact.type, self.vocabulary),
                role=fact.role,
                reason=_explain_role(fact),
                task=(fact.task or "").replace("-", " "),
                gives=join_words(fact.modalities),
                place=self._describe_place(fact),
                made=f"{fact.created_at:%Y-%m-%d %H:%M} UTC" if fact.created_at else "",
                cost=self._describe_cost(fact),
                fared=self._describe_outcome(fact),
                settings=tuple(settings[:_MOST_SETTINGS]),
                more=max(len(settings) - _MOST_SETTINGS, 0),
                sources=tuple(self.sources[number]),
                targets=tuple(self.targets[number]),
            )

    def _describe_place(self, fact: NodeFacts) -> str:
        parts = []
        if fact.id in self.facts.inputs:
            parts.append("an input of the app")
        if fact.id in self.deliverables:
            parts.append("a deliverable")
        if fact.stage:
            parts.append(f"stage {fact.stage} of {self.facts.stages}")
        return ", ".join(parts)

    def _describe_cost(self, fact: NodeFacts) -> str:
        if self.credits is None:
            return ""
        price = self.credits.get(fact.id)
        if price is not None:
            return f"{price:,.6g} credits a run"
        return "not priced by the estimate" if fact.role in ("generate", "transform") else ""

    def _describe_outcome(self, fact: NodeFacts) -> str:
        if self.outcomes is None:
            return ""
        node = self.outcomes.get(fact.id)
        return _describe_state(node) if node and node.state else "the run does not show it"


def _describe_state(node: "NodeOutcome") -> str:
    words = {"suspect": "upstream of the failure"}.get(node.state or "", node.state or "")
    took = f" in {node.seconds:g} s" if node.seconds is not None else ""
    return f"{words}{took}{': ' if node.problem else ''}{truncate(node.problem, _LONGEST)}"


def _explain_role(fact: NodeFacts) -> str:
    """Return why a node has its role, in a phrase."""
    if fact.role == "unknown":
        return "neither its words nor the graph around it say what it does"
    sure = f"{fact.certainty:.0%} sure"
    if fact.settled:
        return f"its words leave it open; the graph around it decides, {sure}"
    words = [quote(word, 40) for word in fact.words if word not in _FILLERS]
    if not words:
        return f"by where it stands in the graph, {sure}"
    verb = "says" if len(words) == 1 else "say"
    noun = "word" if len(words) == 1 else "words"
    return f"its {noun} {join_words(words, _MOST_WORDS)} {verb} so, {sure}"


def _describe_wires(edges: Sequence[Edge]) -> str:
    """Return what wires between two nodes join and carry, as far as they tell; how many, where several."""
    phrases = dict.fromkeys(filter(None, map(_describe_wire, edges)))
    count = pluralize(len(edges), "wire") if len(edges) > 1 else ""
    return ": ".join(part for part in (count, "; ".join(phrases)) if part)


def _describe_wire(edge: Edge) -> str:
    extra = edge.model_extra or {}
    ends = [str(extra[end]) for end in ("sourceHandle", "targetHandle") if extra.get(end)]
    carries = extra.get("carries")
    return elide(" → ".join(ends), 80) + (f" ({elide(str(carries), 30)})" if carries else "")


def _read_settings(node: Node) -> Iterator[Setting]:
    """Yield each setting of a node under its path; what is not set is none."""
    waiting: list[tuple[str, Any]] = [*settings_of(node).items()][::-1]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Mapping) and value and path != "pack":
            above = "" if path in ("data", "settings") else f"{path}."
            waiting += [(f"{above}{name}", each) for name, each in [*value.items()][::-1]]
        elif value is not None and value != {}:
            yield Setting(elide(path, 80), elide(_format_value(value), _LONGEST))


def _format_value(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and all(isinstance(each, str) for each in value.values()):
        return " ".join(value.values())
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return ", ".join(map(str, value))
    if isinstance(value, list) and all(isinstance(each, Mapping) and "name" in each for each in value):
        return ", ".join(" ".join(map(str, each.values())) for each in value)
    return json.dumps(value, ensure_ascii=False)
