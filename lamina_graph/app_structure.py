"""What the API tells of an app where it does not give the workflow itself: nodes, and no edges."""

from collections.abc import Mapping
from typing import Any

from lamina_graph.model import App, Estimate, Node, Run, UnknownEdges, Workflow, parse_node_id


def known_workflow(
    detail: App,
    estimate: Estimate | None = None,
    capabilities: Mapping[str, Any] | None = None,
    run: Run | None = None,
) -> Workflow | None:
    """Return the nodes of an app as a workflow whose edges are not known; None where no node is known.

    Nodes are those that the estimate prices and those that the outputs name. What the API says of the whole
    app stands beside them: `outputs`, with the ids of the nodes that make them where these are known, and
    `capabilities`.

    Args:
        detail: the app's parameters and outputs.
        estimate: what a run costs, by node.
        capabilities: what the listing says of the app.
        run: a run of the app, which names the node of each output.

    >>> detail = App.model_validate({"appId": "a", "name": "Reel", "outputs": [{"label": "Reel"}]})
    >>> prices = {"appId": "a", "breakdown": [{"nodeId": "n1", "nodeType": "klingVideoNode", "credits": 40}]}
    >>> known_workflow(detail, Estimate.model_validate(prices)).model_dump(exclude_none=True)["edges"]
    'unknown'
    """
    outputs = _list_outputs(detail, run)
    labels = {each["id"]: each.get("label") for each in outputs if each.get("id")}
    nodes: dict[str, Node] = {}
    for row in estimate.breakdown if estimate else ():
        type_ = row.node_type or _type_in(row.node_id)
        nodes.setdefault(row.node_id, _node(row.node_id, type_, labels.get(row.node_id)))
    for output in detail.outputs:
        id_ = _node_of(output.model_extra)
        if id_:
            nodes.setdefault(id_, _node(id_, _type_in(id_), output.label))
    if not nodes:
        return None
    return Workflow.model_validate(
        {
            "appId": detail.app_id,
            "name": detail.name,
            "nodes": tuple(nodes.values()),
            "edges": UnknownEdges(),
            "outputs": outputs,
            **({"capabilities": dict(capabilities)} if capabilities else {}),
        }
    )


def _node(id_: str, type_: str, label: str | None) -> Node:
    return Node(id=id_, type=type_, own_label=label) if label else Node(id=id_, type=type_)


def _list_outputs(detail: App, run: Run | None) -> list[dict[str, Any]]:
    """Return the outputs of an app, each with the node that makes it: as it is told there, else by a run."""
    made = {each.label: each.id for each in run.outputs if each.id} if run else {}
    rows = []
    for output in detail.outputs:
        id_ = _node_of(output.model_extra) or made.get(output.label)
        rows.append({**output.model_dump(exclude_none=True), **({"id": id_} if id_ else {})})
    return rows


def _node_of(extra: Mapping[str, Any] | None) -> str | None:
    named = (extra or {}).get("nodeId") or (extra or {}).get("id")
    return named if isinstance(named, str) else None


def _type_in(id_: str) -> str:
    """Return the type that an id of the usual form begins with."""
    parts = parse_node_id(id_)
    return (parts and parts[0]) or "unknown"
