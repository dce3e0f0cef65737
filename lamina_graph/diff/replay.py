"""Playing the edits of a diff on the old workflow."""

from lamina_graph.diff.values import Diff
from lamina_graph.model import Edge, Node, Workflow


def replay(old: Workflow, found: Diff) -> Workflow:
    """Return what the edits of a diff make of the old workflow: the new one's well-formed nodes and edges.

    Only the edits are used; what an added node is called and what type it has is looked up in the new
    workflow. Settings and the order of nodes and edges are not played.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> old = load({"nodes": [{"id": "a", "type": "fluxNode"}], "edges": []})
    >>> new = load({"nodes": [{"id": "b", "type": "veoNode"}], "edges": [{"source": "b", "target": "b"}]})
    >>> replay(old, diff(old, new)).edges
    (Edge(source='b', target='b'),)
    """
    partner = {pair.old: pair.new for pair in found.matches}
    types = {each.old: each.after for each in found.nodes.retyped}
    labels = {each.old: each.after for each in found.nodes.relabelled}
    first = {node.id: node for node in reversed(old.nodes)}
    nodes = [
        Node(id=partner[id_], type=types.get(id_, node.type), label=labels.get(id_, node.label))
        for id_, node in first.items()
        if id_ in partner
    ]
    known = {node.id: node for node in reversed(found.new_workflow.nodes)}
    nodes += [Node(id=id_, type=known[id_].type, label=known[id_].label) for id_ in found.nodes.added]
    removed = set(found.edges.removed)
    kept = {
        (partner[edge.source], partner[edge.target])
        for edge in old.edges
        if edge.source in first and edge.target in first and (edge.source, edge.target) not in removed
    }
    edges = [Edge(source=source, target=target) for source, target in (*sorted(kept), *found.edges.added)]
    return Workflow(app_id=found.new.app_id, name=found.new.name, nodes=tuple(nodes), edges=tuple(edges))
