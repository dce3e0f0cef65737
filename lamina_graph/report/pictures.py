"""The pictures of one app in a report: a thumbnail, and the full diagram with the path of the evidence."""

from lamina_graph.classify import Classification
from lamina_graph.model import Value, Workflow

STYLE = ""
SHARED = ""


class Pictures(Value):
    """A thumbnail and a full diagram as SVG elements, and the titles of the nodes that evidence names."""

    thumbnail: str
    diagram: str
    titles: dict[str, str]


def pictures(workflow: Workflow, verdict: Classification) -> Pictures:
    """Return the pictures of one app."""
    from lamina_graph.render import draw

    named = {id_ for each in verdict.evidence for id_ in each.path}
    titles = {node.id: node.title for node in workflow.nodes if node.id in named}
    return Pictures(thumbnail="", diagram=draw(workflow).svg, titles=titles)
