"""Teller of the part of a graph that is not well formed: what has no place in the edit script."""

from collections import Counter
from collections.abc import Collection, Iterator

from lamina_graph.diff.both import Both, Side
from lamina_graph.diff.draft import Draft
from lamina_graph.diff.fields import FieldEdits, label_places, layout_of, settings_of, text
from lamina_graph.diff.ledger import Ledger
from lamina_graph.diff.words import line
from lamina_graph.lint import Finding, lint
from lamina_graph.model import Node, Workflow


def malformed(both: Both, ledger: Ledger) -> Iterator[Draft]:
    """Tell what `lint` finds in the malformed part of one version only; else that this part changed."""
    if _leftovers(both.old, ledger.fields) == _leftovers(both.new, ledger.fields):
        return
    before, after = _findings(both.old), _findings(both.new)
    told = [_told(finding, gain=True) for finding in _surplus(after, before)]
    told += [_told(finding, gain=False) for finding in _surplus(before, after)]
    yield from told
    if not told:
        ids = sorted({id_ for findings in after.values() for finding in findings for id_ in finding.nodes})
        yield Draft(
            "malformed-part-changed", "The part of the graph that is not well formed changed", tuple(ids)
        )


def _told(finding: Finding, gain: bool) -> Draft:
    said = line(finding.text.rstrip("."), 200)
    nodes = tuple(sorted(finding.nodes))
    if gain:
        return Draft("finding-added", f"New finding: {said}", nodes, None, finding.text)
    return Draft("finding-removed", f"Finding gone: {said}", nodes, finding.text, None)


def _surplus(here: dict[str, list[Finding]], there: dict[str, list[Finding]]) -> Iterator[Finding]:
    """Yield the findings that `there` has not: not of these words, and not as often about these nodes."""
    for key in sorted(here):
        others = [finding.text for finding in there.get(key, [])]
        mine = [finding for finding in here[key] if finding.text not in others]
        yield from mine[: max(0, len(here[key]) - len(others))]


def _findings(side: Side) -> dict[str, list[Finding]]:
    """Return the findings that only the malformed part gives, by rule and nodes, each of other words."""
    workflow, facts = side.version.workflow, side.version.facts
    sound = {_key(side, finding) for finding in lint(well_formed(workflow), facts=facts)}
    found: dict[str, dict[str, Finding]] = {}
    for finding in lint(workflow, facts=facts):
        key = _key(side, finding)
        if key not in sound:
            found.setdefault(key, {})[finding.text] = finding
    return {key: [texts[text_] for text_ in sorted(texts)] for key, texts in found.items()}


def _key(side: Side, finding: Finding) -> str:
    return text([finding.rule, sorted(str(_place(side, id_)) for id_ in finding.nodes), len(finding.nodes)])


def _place(side: Side, id_: str) -> int | str:
    """The number of a node, which is the same on both sides; its id where there is no such node."""
    place = side.version.plain.index.get(id_)
    return id_ if place is None else side.numbers[place]


def well_formed(workflow: Workflow) -> Workflow:
    """Return a workflow without repeated nodes and edges to nowhere, its order kept."""
    nodes: dict[str, Node] = {}
    for node in workflow.nodes:
        nodes.setdefault(node.id, node)
    edges = tuple(edge for edge in workflow.edges if edge.source in nodes and edge.target in nodes)
    return workflow.model_copy(update={"nodes": tuple(nodes.values()), "edges": edges})


def _leftovers(side: Side, fields: FieldEdits) -> Counter[str]:
    """Return what the edit script has no place for, each as a text that is the same on both sides."""
    workflow = side.version.workflow
    if len(workflow.nodes) == len(side.place) and len(workflow.edges) == len(side.links.edges):
        return Counter()
    nodes, edges = fields.lost.nodes | fields.gained.nodes, fields.lost.edges | fields.gained.edges
    return Counter((*_repeated_nodes(side, nodes), *_dangling(side, edges)))


def _repeated_nodes(side: Side, but: Collection[str]) -> Iterator[str]:
    seen: set[str] = set()
    for node in side.version.workflow.nodes:
        if node.id in seen:
            extra = settings_of(node, but) | layout_of(node, but)
            label = [node.label, label_places(node)]
            fields = {**extra, "type": node.type, "label": label}
            yield text(["node", _place(side, node.id), fields])
        seen.add(node.id)


def _dangling(side: Side, but: Collection[str]) -> Iterator[str]:
    for edge in side.version.workflow.edges:
        ends = [_place(side, end) for end in (edge.source, edge.target)]
        if any(isinstance(end, str) for end in ends):
            yield text(["edge", ends, settings_of(edge, but) | layout_of(edge, but)])
