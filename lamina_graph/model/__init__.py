"""What the Lamina API says, as values.

Fields that the API has and this package does not know are kept: what is read and written again loses nothing.
"""

from lamina_graph.model.api_answers import (
    App,
    AppMatch,
    AppSummary,
    Credits,
    Discovery,
    Estimate,
    ModelSummary,
    NodeCredits,
    Output,
    OutputState,
    Parameter,
    Run,
    RunOutput,
    SigningKeys,
    Thumbnail,
)
from lamina_graph.model.catalogue_entry import Entry, title_of
from lamina_graph.model.value_types import ApiValue, Value, object_schema
from lamina_graph.model.workflow import (
    PACKED_CLASS,
    Edge,
    Node,
    UnknownEdges,
    Workflow,
    parse_node_id,
    read_quickly,
    require_workflow,
)

__all__ = [
    "PACKED_CLASS",
    "ApiValue",
    "App",
    "AppMatch",
    "AppSummary",
    "Credits",
    "Discovery",
    "Edge",
    "Entry",
    "Estimate",
    "ModelSummary",
    "Node",
    "NodeCredits",
    "Output",
    "OutputState",
    "Parameter",
    "Run",
    "RunOutput",
    "SigningKeys",
    "Thumbnail",
    "UnknownEdges",
    "Value",
    "Workflow",
    "object_schema",
    "parse_node_id",
    "read_quickly",
    "require_workflow",
    "title_of",
]
