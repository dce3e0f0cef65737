"""Detects changes of the part of a graph that is not well formed: what has no place in the edit script."""

from collections import Counter
from collections.abc import Collection, Iterator

from lamina_graph.diff.alignment import AlignedVersion, Alignment
from lamina_graph.diff.detection import UnratedChange
from lamina_graph.diff.edits import PendingEdits
from lamina_graph.diff.fields import FieldEdits, dump_json, label_places, layout_of, settings_of
from lamina_graph.diff.node_names import shorten
from lamina_graph.lint import Finding, lint


def detect_malformed(alignment: Alignment, pending: PendingEdits) -> Iterator[UnratedChange]:
    """Yield what `lint` finds in the malformed part of one version alone; else that this part changed."""
    if _count_leftovers(alignment.old, pending.fields) == _count_leftovers(alignment.new, pending.fields):
        return
    before, after = _find_malformed(alignment.old), _find_malformed(alignment.new)
    added, removed = list(_subtract(after, before)), list(_subtract(before, after))
    for finding in added:
        sentence, nodes = shorten(finding.text.rstrip("."), 200), tuple(sorted(finding.nodes))
        yield UnratedChange("finding-added", f"New finding: {sentence}", nodes, None, finding.text)
    for finding in removed:
        sentence, nodes = shorten(finding.text.rstrip("."), 200), tuple(sorted(finding.nodes))
        yield UnratedChange("finding-removed", f"Finding gone: {sentence}", nodes, finding.text)
    repeated = [Counter(_describe_repeated_nodes(side, ())) for side in (alignment.old, alignment.new)]
    if repeated[0] != repeated[1] or not (added or removed):
        ids = sorted({id_ for findings in after.values() for finding in findings for id_ in finding.nodes})
        yield UnratedChange(
            "malformed-part-changed", "The part of the graph that is not well formed changed", tuple(ids)
        )


def _subtract(findings: dict[str, list[Finding]], others: dict[str, list[Finding]]) -> Iterator[Finding]:
    """Yield the findings that the others lack: not of these words, and not as often about these nodes."""
    for key in sorted(findings):
        texts = [finding.text for finding in others.get(key, [])]
        rest = [finding for finding in findings[key] if finding.text not in texts]
        yield from rest[: max(0, len(findings[key]) - len(texts))]


def _find_malformed(version: AlignedVersion) -> dict[str, list[Finding]]:
    """Return the findings that only the malformed part gives, by rule and nodes, each of other words."""
    graph = version.graph
    edges = [e for e in graph.workflow.edges if e.source in graph.adj.index and e.target in graph.adj.index]
    well_formed = graph.workflow.model_copy(update={"nodes": graph.adj.nodes, "edges": tuple(edges)})
    sound, all_ = (
        [
            (_finding_key(version, finding), finding)
            for finding in lint(each, facts=graph.facts, adj=graph.adj)
        ]
        for each in (well_formed, graph.workflow)
    )
    known = {key for key, _ in sound}
    by_text: dict[str, dict[str, Finding]] = {}
    for key, finding in all_:
        if key not in known:
            by_text.setdefault(key, {})[finding.text] = finding
    return {key: [texts[words] for words in sorted(texts)] for key, texts in by_text.items()}


def _finding_key(version: AlignedVersion, finding: Finding) -> str:
    nodes = sorted(str(_common_number(version, id_)) for id_ in finding.nodes)
    return dump_json([finding.rule, nodes, len(finding.nodes)])


def _common_number(version: AlignedVersion, id_: str) -> int | str:
    """Return the number of a node, which is the same on both sides; its id where there is no such node."""
    return version.number(id_) if id_ in version.graph.adj.index else id_


def _count_leftovers(version: AlignedVersion, fields: FieldEdits) -> Counter[str]:
    """Return what the edit script has no place for, each as a text that is the same on both sides."""
    columns, well_formed = version.graph.adj.columns, sum(map(len, version.successors))
    if len(columns.ids) == len(version.positions) and len(columns.sources) == well_formed:
        return Counter()
    nodes, edges = fields.lost.nodes | fields.gained.nodes, fields.lost.edges | fields.gained.edges
    return Counter((*_describe_repeated_nodes(version, nodes), *_describe_dangling_edges(version, edges)))


def _describe_repeated_nodes(version: AlignedVersion, exclude: Collection[str]) -> Iterator[str]:
    seen: set[str] = set()
    for node in version.graph.workflow.nodes:
        if node.id in seen:
            label = [node.label, label_places(node)]
            content = (
                settings_of(node, exclude) | layout_of(node, exclude) | {"type": node.type, "label": label}
            )
            yield dump_json(["node", _common_number(version, node.id), content])
        seen.add(node.id)


def _describe_dangling_edges(version: AlignedVersion, exclude: Collection[str]) -> Iterator[str]:
    for edge in version.graph.workflow.edges:
        ends = [_common_number(version, end) for end in (edge.source, edge.target)]
        if any(isinstance(end, str) for end in ends):
            yield dump_json(["edge", ends, settings_of(edge, exclude) | layout_of(edge, exclude)])
