"""What looks wrong in a workflow: findings by one table of rules, over the graph just as the API gave it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Any, Literal, NamedTuple

from lamina_graph.features import Deliverable, Features, NodeFacts, features
from lamina_graph.graph import Adjacency, adjacency, reachable, strongly_connected_components
from lamina_graph.html_repr import html_table
from lamina_graph.model import Value, Workflow, parse_node_id
from lamina_graph.text import has_hidden_characters, one_line, pluralize, tags
from lamina_graph.vocabulary import Vocabulary, readable

Severity = Literal["error", "warning", "note"]


class Finding(Value):
    """One thing that looks wrong.

    Attributes:
        rule: the id of the rule, a row of `RULES`.
        severity: `error` where the graph contradicts itself, `warning` where it will hardly do what was
            meant, `note` where something is only worth knowing.
        text: one sentence; labels and ids in it are the author's words, not to be trusted as markup.
        nodes: the ids of the nodes that it is about.
    """

    rule: str
    severity: Severity
    text: str
    nodes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<{self.severity} {self.rule}: {one_line(self.text, 100)}>"

    def _repr_html_(self) -> str:
        """Return it as a table of one row, for a notebook."""
        return Findings((self,))._repr_html_()


class Findings(tuple[Finding, ...]):
    """What looks wrong in one workflow: findings that a notebook shows as a table."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{self._title()}>"

    def _repr_html_(self) -> str:
        rows = [(each.severity, each.rule, each.text) for each in self]
        return html_table(self._title(), ["Severity", "Rule", "Finding"], rows)

    def _title(self) -> str:
        counts = Counter(each.severity for each in self)
        parts = [pluralize(counts[name], name) for name in ("error", "warning", "note") if counts[name]]
        return ", ".join(parts) or "no findings"


def lint(
    workflow: Workflow,
    *,
    facts: Features | None = None,
    vocabulary: Vocabulary | None = None,
    adj: Adjacency | None = None,
) -> Findings:
    """Return what looks wrong in a workflow, well formed or not, in the order of `RULES`.

    Args:
        workflow: the graph to look at.
        facts: its features, where they are known already.
        vocabulary: words of node types, by default the package's.
        adj: its well-formed part as adjacency, likewise.

    >>> from lamina_graph.files import load
    >>> nodes = [{"id": "klingVideoNode-1773149496212-nm2mjjfxi", "type": "klingVideoNode"}]
    >>> edges = [{"source": nodes[0]["id"], "target": "gone"}]
    >>> [(finding.rule, finding.severity) for finding in lint(load({"nodes": nodes, "edges": edges}))]
    [('dangling-edge', 'error')]
    """
    adj = adj or adjacency(workflow)
    facts = facts or features(workflow, vocabulary=vocabulary)
    subject = _Subject(workflow, adj, facts)
    return Findings(
        Finding(rule=rule.id, severity=rule.severity, text=text, nodes=tuple(nodes))
        for rule in RULES
        if workflow.edges_known or rule.id in _OF_NODES
        for text, nodes in rule.find(subject)
    )


@dataclass(frozen=True)
class _Subject:
    """A workflow, and what the rules ask of it."""

    workflow: Workflow
    adj: Adjacency
    facts: Features

    def name(self, id_: str) -> str:
        """Return what to call a node: its title in quotation marks; namesakes with the id's end."""
        number = self.adj.index[id_]
        return _quote(self._titles[number]) + self._tags[number]

    @cached_property
    def _titles(self) -> list[str]:
        return [label or type_ for label, type_ in zip(self.adj.labels, self.adj.types, strict=True)]

    @cached_property
    def _tags(self) -> list[str]:
        return tags(self._titles, self.adj.ids)

    @property
    def foreign(self) -> bool:
        """Whether the workflow is another program's, which calls no output by its label."""
        return "origin" in (self.workflow.model_extra or {})

    @cached_property
    def annotations(self) -> set[str]:
        """The nodes without an edge that only explain or frame others, as their type or a child says."""
        frames = {
            frame
            for node in (() if self.workflow.columns.bare else self.workflow.nodes)
            for field in ("parentId", "parentNode")
            if isinstance(frame := (node.model_extra or {}).get(field), str)
        }
        neighbours = zip(self.facts.facts, self.adj.successors, self.adj.predecessors, strict=True)
        return {
            node.id
            for node, after, before in neighbours
            if not after
            and not before
            and (node.id in frames or readable(node.type).rpartition(" ")[2].casefold() in _ANNOTATIONS)
        }

    def ends(self, deliverable: Deliverable) -> list[str]:
        """The nodes through which a deliverable leaves: its end, and other outputs that it feeds."""
        facts, adj = self.facts.facts, self.adj
        end = facts[adj.index[deliverable.end]]
        sinks = [n for n in adj.successors[adj.index[deliverable.id]] if not adj.successors[n]]
        outputs = [facts[n].id for n in sinks if facts[n].role == "output" and facts[n].motif == end.motif]
        return [deliverable.end, *outputs]

    def sinks(self, *roles: str) -> Iterator[NodeFacts]:
        """The nodes of these roles that feed nothing."""
        return self._ends(self.adj.successors, roles)

    def sources(self, *roles: str) -> Iterator[NodeFacts]:
        """The nodes of these roles that nothing feeds."""
        return self._ends(self.adj.predecessors, roles)

    def _ends(self, neighbours: tuple[tuple[int, ...], ...], roles: tuple[str, ...]) -> Iterator[NodeFacts]:
        return (
            node
            for node, others in zip(self.facts.facts, neighbours, strict=True)
            if not others and node.role in roles
        )


Occurrences = Iterable[tuple[str, Iterable[str]]]
"""Sentences, each with the nodes that it is about."""


def _find_repeated_ids(subject: _Subject) -> Occurrences:
    ids = subject.workflow.columns.ids
    counts = Counter(ids) if len(ids) > len(subject.adj) else {}
    for id_, count in counts.items():
        if count > 1:
            yield f"{count} nodes have the id {_quote(id_)}; only the first of them counts.", (id_,)


def _find_dangling(subject: _Subject) -> Occurrences:
    known, columns = subject.adj.index, subject.workflow.columns
    for source, target in zip(columns.sources, columns.targets, strict=True):
        if source not in known or target not in known:
            ends = {"source": source, "target": target}
            missing = [end for end, id_ in ends.items() if id_ not in known]
            first, last = (subject.name(id_) if id_ in known else _quote(id_) for id_ in ends.values())
            text = f"An edge leads from {first} to {last}: there is no such {' or '.join(missing)}."
            yield text, (id_ for id_ in ends.values() if id_ in known)


def _find_repeated_edges(subject: _Subject) -> Occurrences:
    columns = subject.workflow.columns
    if len(columns.sources) == subject.adj.wires:  # then no two are the same
        return
    ports = map(_ports, columns.edge_fields) if columns.edge_fields else repeat("", len(columns.sources))
    counts = Counter(zip(columns.sources, columns.targets, ports, strict=True))
    for (source, target, _), count in counts.items():
        if count > 1 and source in subject.adj.index and target in subject.adj.index:
            ends = f"{subject.name(source)} to {subject.name(target)}"
            yield f"The edge from {ends} exists {count} times.", dict.fromkeys((source, target))


def _ports(fields: Mapping[str, Any]) -> str:
    """The ports that an edge leads from and to: edges with others between the same nodes are others."""
    return repr((fields.get("sourceHandle"), fields.get("targetHandle")))


def _find_self_loops(subject: _Subject) -> Occurrences:
    for node, targets in enumerate(subject.adj.successors):
        if node in targets:
            yield f"{subject.name(subject.adj.ids[node])} feeds itself.", (subject.adj.ids[node],)


def _find_cycles(subject: _Subject) -> Occurrences:
    for ids in _list_cycles(subject):
        names = ", ".join(subject.name(id_) for id_ in ids[:3]) + (", ..." if len(ids) > 3 else "")
        yield f"{len(ids)} nodes wait for one another: {names}.", ids


def _find_incomplete(subject: _Subject) -> Occurrences:
    origin = (subject.workflow.model_extra or {}).get("origin")
    sentences = origin.get("unknown") if isinstance(origin, Mapping) else None
    for sentence in sentences if isinstance(sentences, list) else ():
        if isinstance(sentence, str):
            yield one_line(sentence, 4 * _LONGEST), ()


def _find_empty(subject: _Subject) -> Occurrences:
    if not subject.adj.ids:
        yield "The workflow has no nodes.", ()


def _find_no_deliverable(subject: _Subject) -> Occurrences:
    opaque = any(node.role == "unknown" for node in subject.facts.facts)
    if subject.facts.nodes and not subject.facts.deliverables and not opaque:
        yield "No node makes anything that leaves the workflow.", ()


def _find_isolated_nodes(subject: _Subject) -> Occurrences:
    if len(subject.adj) > 1:
        for node in subject.sinks("generate", "transform", "control", "unknown"):
            alone = not subject.adj.predecessors[subject.adj.index[node.id]]
            if alone and node.id not in subject.annotations:
                yield f"No edge leads to or from {subject.name(node.id)}.", (node.id,)


def _find_unused_inputs(subject: _Subject) -> Occurrences:
    if len(subject.adj) > 1:
        for node in subject.sinks("input"):
            yield f"Nothing uses the input {subject.name(node.id)}.", (node.id,)


def _find_unfed_outputs(subject: _Subject) -> Occurrences:
    for node in subject.sources("output"):
        yield f"Nothing feeds the output {subject.name(node.id)}.", (node.id,)


def _find_same_labels(subject: _Subject) -> Occurrences:
    by_title: dict[str, list[str]] = {}
    for end in dict.fromkeys(end for each in subject.facts.deliverables for end in subject.ends(each)):
        title = _title(subject, end)
        if not subject.foreign or title != subject.adj.types[subject.adj.index[end]]:
            by_title.setdefault(title, []).append(end)
    for title, ids in by_title.items():
        if len(ids) > 1:
            text = f"{len(ids)} deliverables are called {_quote(title)}; a run cannot ask for one alone."
            yield text, ids


def _find_hidden_characters(subject: _Subject) -> Occurrences:
    name = subject.workflow.name or ""
    if has_hidden_characters(name):
        yield f"The app's name, {_quote(name)}, has characters that hide or reverse text.", ()
    for id_, type_, label in zip(subject.adj.ids, subject.adj.types, subject.adj.labels, strict=True):
        if has_hidden_characters(id_) or has_hidden_characters(type_) or has_hidden_characters(label or ""):
            yield f"{subject.name(id_)} has characters that hide or reverse text.", (id_,)


def _find_blank_labels(subject: _Subject) -> Occurrences:
    for id_, label in zip(subject.adj.ids, subject.adj.labels, strict=True):
        if label and label.isspace():
            yield f"The label of {_quote(id_)} is blank.", (id_,)


def _find_unfed_deliverables(subject: _Subject) -> Occurrences:
    if subject.facts.inputs:
        adj = subject.adj
        fed = reachable(adj.successors, map(adj.index.__getitem__, subject.facts.inputs))
        for deliverable in subject.facts.deliverables:
            node = adj.index[deliverable.id]
            if node not in fed and adj.predecessors[node]:
                yield f"No input reaches {subject.name(deliverable.id)}.", (deliverable.id,)


def _find_dead_ends(subject: _Subject) -> Occurrences:
    if len(subject.adj) > 1:
        for node in subject.sinks("control", "unknown"):
            if subject.adj.predecessors[subject.adj.index[node.id]]:
                yield f"Nothing uses what {subject.name(node.id)} gives.", (node.id,)


def _find_unknown_types(subject: _Subject) -> Occurrences:
    by_type: dict[str, list[str]] = {}
    for node in subject.facts.facts:
        if node.role == "unknown" and node.id not in subject.annotations:
            by_type.setdefault(node.type, []).append(node.id)
    for type_, ids in by_type.items():
        yield f"Nothing says what a node of type {_quote(type_)} does.", ids


def _find_other_types(subject: _Subject) -> Occurrences:
    for id_, type_ in zip(subject.adj.ids, subject.adj.types, strict=True):
        parsed = parse_node_id(id_)
        if parsed and parsed[0] not in ("", type_):
            yield f"The node with the id {_quote(id_)} is of another type, {_quote(type_)}.", (id_,)


def _find_unstamped_ids(subject: _Subject) -> Occurrences:
    ids = [node.id for node in subject.facts.facts if node.created_at is None]
    if ids and not subject.foreign:  # other programs date nothing
        yield f"{pluralize(len(ids), 'id')} without a usable time stamp, so the age is unknown.", ids


class Rule(NamedTuple):
    """One kind of finding: its id, its severity, what it looks for, and the function that looks."""

    id: str
    severity: Severity
    sentence: str
    find: Callable[[_Subject], Occurrences]


RULES: tuple[Rule, ...] = (
    Rule("repeated-id", "error", "Two nodes have the same id.", _find_repeated_ids),
    Rule("dangling-edge", "error", "An edge goes to or from a node that does not exist.", _find_dangling),
    Rule("cycle", "warning", "Nodes wait for one another.", _find_cycles),
    Rule("self-loop", "warning", "A node feeds itself.", _find_self_loops),
    Rule("repeated-edge", "warning", "The same edge exists more than once.", _find_repeated_edges),
    Rule("incomplete-graph", "warning", "A file does not tell the whole graph.", _find_incomplete),
    Rule("empty-workflow", "warning", "There are no nodes.", _find_empty),
    Rule("no-deliverable", "warning", "The workflow has no deliverable.", _find_no_deliverable),
    Rule("isolated-node", "warning", "A node has no edge, while others do.", _find_isolated_nodes),
    Rule("unfed-output", "warning", "Nothing feeds an output node.", _find_unfed_outputs),
    Rule("unused-input", "warning", "Nothing uses an input.", _find_unused_inputs),
    Rule("same-label", "warning", "Two deliverables have the same label.", _find_same_labels),
    Rule(
        "hidden-characters",
        "warning",
        "Text has characters that hide in it or reverse it.",
        _find_hidden_characters,
    ),
    Rule("unfed-deliverable", "note", "No input reaches a deliverable.", _find_unfed_deliverables),
    Rule("dead-end", "note", "Nothing uses what a node gives.", _find_dead_ends),
    Rule("blank-label", "note", "A label is blank.", _find_blank_labels),
    Rule("unknown-type", "note", "The role of a node type is unknown.", _find_unknown_types),
    Rule("other-type-in-id", "note", "An id was made for a node of another type.", _find_other_types),
    Rule("id-without-stamp", "note", "An id carries no creation time.", _find_unstamped_ids),
)

_OF_NODES = {
    "repeated-id",
    "hidden-characters",
    "blank-label",
    "unknown-type",
    "other-type-in-id",
    "id-without-stamp",
}
"""The rules that need no edge: all that can be said where the edges are not known."""

_LONGEST = 60
_ANNOTATIONS = frozenset(
    (
        *("note", "sticky", "comment", "annotation", "memo", "frame", "group", "section", "backdrop"),
        *("label", "heading", "divider", "container", "region", "swimlane"),
    )
)
"""The last word of types that explain or frame other nodes and do nothing themselves."""


def _title(subject: _Subject, id_: str) -> str:
    node = subject.adj.index[id_]
    return subject.adj.labels[node] or subject.adj.types[node]


def _quote(text: str) -> str:
    return f"“{one_line(text, _LONGEST)}”"


def _list_cycles(subject: _Subject) -> list[list[str]]:
    """The ids of each set of two or more nodes that all lead to one another, in the workflow's order."""
    if subject.facts.shape != "cyclic":
        return []
    circles = [sorted(nodes) for nodes in strongly_connected_components(subject.adj.successors)]
    return [[subject.adj.ids[node] for node in nodes] for nodes in sorted(circles) if len(nodes) > 1]
