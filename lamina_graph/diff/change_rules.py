"""The one table of what can change, and what each change means to callers by default."""

from typing import Literal, NamedTuple

from lamina_graph.diff.values import Severity


class Rule(NamedTuple):
    """A kind of change.

    Attributes:
        id: its name, in kebab-case.
        severity: what it means to callers by default.
        sentence: what happened.
        mirrored_by: the rule of the same change read backwards, where that is another.
        elsewhere: what it means where no deliverable depends on what it hits; None where that is no matter.
        of: what changed: the graph, the input contract, or which apps there are.
    """

    id: str
    severity: Severity
    sentence: str
    mirrored_by: str = ""
    elsewhere: Severity | None = None
    of: Literal["graph", "contract", "catalogue"] = "graph"

    @property
    def mirror(self) -> str:
        """The rule of the same change read backwards; its own id where that is this rule."""
        return self.mirrored_by or self.id


_RULES = (
    Rule("deliverable-removed", "breaking", "A deliverable is gone.", mirrored_by="deliverable-added"),
    Rule("deliverable-unreached", "breaking", "No input or generation leads to a deliverable any more.",
         mirrored_by="deliverable-reached"),
    Rule("deliverable-modality-changed", "breaking", "A deliverable is of another modality."),
    Rule("deliverable-renamed", "breaking", "A deliverable has another label."),
    Rule("input-removed", "breaking", "An input is gone.", mirrored_by="input-added"),
    Rule("input-modality-changed", "breaking", "An input takes another modality."),
    Rule("input-renamed", "breaking", "An input has another label."),
    Rule("required-parameter-removed", "breaking", "A parameter that callers had to supply is gone.",
         mirrored_by="required-parameter-added", of="contract"),
    Rule("parameter-removed", "breaking", "A parameter that callers could supply is gone.",
         mirrored_by="parameter-added", of="contract"),
    Rule("parameter-renamed", "breaking", "A parameter goes by another name.", of="contract"),
    Rule("required-parameter-added", "breaking", "There is a new parameter that callers must supply.",
         mirrored_by="required-parameter-removed", of="contract"),
    Rule("parameter-required", "breaking", "A parameter has no default any more.",
         mirrored_by="parameter-optional", of="contract"),
    Rule("parameter-type-changed", "breaking", "A parameter is of another type.", of="contract"),
    Rule("option-removed", "breaking", "A parameter takes fewer values.",
         mirrored_by="option-added", of="contract"),
    Rule("media-narrowed", "breaking", "A parameter accepts fewer kinds of media.",
         mirrored_by="media-widened", of="contract"),
    Rule("multiple-refused", "breaking", "A parameter takes one value where it took several.",
         mirrored_by="multiple-allowed", of="contract"),
    Rule("output-removed", "breaking", "An output is gone.", mirrored_by="output-added", of="contract"),
    Rule("output-renamed", "breaking", "An output has another label.", of="contract"),
    Rule("output-type-changed", "breaking", "An output is of another type.", of="contract"),
    Rule("app-gone", "breaking", "An app is gone.", mirrored_by="app-back", of="catalogue"),
    Rule("deliverable-added", "risky", "There is a new deliverable.", mirrored_by="deliverable-removed"),
    Rule("deliverable-reached", "risky", "An input or generation leads to a deliverable as none did.",
         mirrored_by="deliverable-unreached"),
    Rule("deliverable-replaced", "risky", "Another node gives a deliverable."),
    Rule("deliverable-reidentified", "risky", "A deliverable's node has a new id, which runs show."),
    Rule("input-added", "risky", "There is a new input.", mirrored_by="input-removed"),
    Rule("input-disconnected", "risky", "An input leads to no deliverable any more.",
         mirrored_by="input-connected"),
    Rule("input-connected", "risky", "An input that led to no deliverable leads to one.",
         mirrored_by="input-disconnected"),
    Rule("category-changed", "risky", "The workflow is of another category."),
    Rule("stage-added", "risky", "There are more stages.", mirrored_by="stage-removed"),
    Rule("stage-removed", "risky", "There are fewer stages.", mirrored_by="stage-added"),
    Rule("shape-changed", "risky", "The graph has another shape."),
    Rule("credits-up", "risky", "A run is expected to cost more credits.", mirrored_by="credits-down"),
    Rule("finding-added", "risky", "A part of the graph is not well formed any more.",
         mirrored_by="finding-removed"),
    Rule("malformed-part-changed", "risky", "The part of the graph that is not well formed changed."),
    Rule("component-joined", "risky", "Separate parts were connected.",
         mirrored_by="component-split", elsewhere="cosmetic"),
    Rule("component-split", "risky", "Connected parts were separated.",
         mirrored_by="component-joined", elsewhere="cosmetic"),
    Rule("branch-added", "risky", "Several connected nodes are new.",
         mirrored_by="branch-removed", elsewhere="cosmetic"),
    Rule("branch-removed", "risky", "Several connected nodes are gone.",
         mirrored_by="branch-added", elsewhere="cosmetic"),
    Rule("inserted-between", "risky", "New nodes stand between two that were linked.",
         mirrored_by="bypassed", elsewhere="cosmetic"),
    Rule("bypassed", "risky", "Nodes are gone and their neighbours are linked.",
         mirrored_by="inserted-between", elsewhere="cosmetic"),
    Rule("node-added", "risky", "A node is new.", mirrored_by="node-removed", elsewhere="cosmetic"),
    Rule("node-removed", "risky", "A node is gone.", mirrored_by="node-added", elsewhere="cosmetic"),
    Rule("node-retyped", "risky", "A node is of another type: a model was swapped.", elsewhere="cosmetic"),
    Rule("node-rewired", "risky", "A node takes from, or feeds, other nodes than before.",
         elsewhere="cosmetic"),
    Rule("edge-added", "risky", "A node feeds one more node, or one by more wires.",
         mirrored_by="edge-removed", elsewhere="cosmetic"),
    Rule("edge-removed", "risky", "A node feeds one node fewer, or one by fewer wires.",
         mirrored_by="edge-added", elsewhere="cosmetic"),
    Rule("node-settings-changed", "risky", "A field of a node, or of an edge to it, has another value.",
         elsewhere="cosmetic"),
    Rule("parameter-added", "risky", "There is a new parameter, which may be left out.",
         mirrored_by="parameter-removed", of="contract"),
    Rule("option-added", "risky", "A parameter takes more values.",
         mirrored_by="option-removed", of="contract"),
    Rule("default-changed", "risky", "A parameter has another default.", of="contract"),
    Rule("output-added", "risky", "There is a new output.", mirrored_by="output-removed", of="contract"),
    Rule("finding-removed", "cosmetic", "A part of the graph that was not well formed is.",
         mirrored_by="finding-added"),
    Rule("credits-down", "cosmetic", "A run is expected to cost fewer credits.", mirrored_by="credits-up"),
    Rule("node-relabelled", "cosmetic", "An inner node has another label."),
    Rule("node-recreated", "cosmetic", "A node was re-created in the same place.",
         mirrored_by="node-reidentified"),
    Rule("node-reidentified", "cosmetic", "A node has another id."),
    Rule("fields-gained", "cosmetic", "Every node or edge has a field that none had: the API gives more.",
         mirrored_by="fields-lost"),
    Rule("fields-lost", "cosmetic", "No node or edge has a field that all had: the API gives less.",
         mirrored_by="fields-gained"),
    Rule("layout-changed", "cosmetic", "Nodes were moved or restyled on the canvas."),
    Rule("app-renamed", "cosmetic", "The app has another name."),
    Rule("app-reidentified", "cosmetic", "The app has another id."),
    Rule("app-settings-changed", "cosmetic", "A field of the workflow itself has another value."),
    Rule("parameter-optional", "cosmetic", "A parameter has a default and may be left out.",
         mirrored_by="parameter-required", of="contract"),
    Rule("media-widened", "cosmetic", "A parameter accepts more kinds of media.",
         mirrored_by="media-narrowed", of="contract"),
    Rule("multiple-allowed", "cosmetic", "A parameter takes several values where it took one.",
         mirrored_by="multiple-refused", of="contract"),
    Rule("parameter-changed", "cosmetic", "A parameter is shown or described otherwise.", of="contract"),
    Rule("output-changed", "cosmetic", "An output is described otherwise.", of="contract"),
    Rule("outputs-reordered", "cosmetic", "The outputs come in another order.", of="contract"),
    Rule("detail-changed", "cosmetic", "A field of the app's detail has another value.", of="contract"),
    Rule("app-added", "cosmetic", "There is a new app.", mirrored_by="app-gone", of="catalogue"),
    Rule("app-back", "cosmetic", "An app that was gone is back.", mirrored_by="app-gone", of="catalogue"),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.id: rule for rule in _RULES}
"""Every rule by its id, the weightiest first."""
