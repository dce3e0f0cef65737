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
        off_path: its severity where no deliverable depends on what it hits; None where that does not matter.
        of: what changed: the graph, the input contract, or which apps there are.
    """

    id: str
    severity: Severity
    sentence: str
    mirrored_by: str = ""
    off_path: Severity | None = None
    of: Literal["graph", "contract", "catalogue"] = "graph"

    @property
    def mirror(self) -> str:
        """The rule of the same change read backwards; its own id where that is this rule."""
        return self.mirrored_by or self.id


_RULES = (
    Rule("deliverable-removed", "breaking", "A deliverable was removed.", mirrored_by="deliverable-added"),
    Rule("deliverable-unreached", "breaking", "No input or generation reaches a deliverable any longer.",
         mirrored_by="deliverable-reached"),
    Rule("deliverable-modality-changed", "breaking", "The modality of a deliverable changed."),
    Rule("deliverable-renamed", "breaking", "A deliverable was renamed."),
    Rule("input-removed", "breaking", "An input was removed.", mirrored_by="input-added"),
    Rule("input-modality-changed", "breaking", "The modality of an input changed."),
    Rule("input-renamed", "breaking", "An input was renamed."),
    Rule("required-parameter-removed", "breaking", "A required parameter was removed.",
         mirrored_by="required-parameter-added", of="contract"),
    Rule("parameter-removed", "breaking", "An optional parameter was removed.",
         mirrored_by="parameter-added", of="contract"),
    Rule("parameter-renamed", "breaking", "A parameter was renamed.", of="contract"),
    Rule("required-parameter-added", "breaking", "A required parameter was added.",
         mirrored_by="required-parameter-removed", of="contract"),
    Rule("parameter-required", "breaking", "A parameter lost its default and is now required.",
         mirrored_by="parameter-optional", of="contract"),
    Rule("parameter-type-changed", "breaking", "The type of a parameter changed.", of="contract"),
    Rule("option-removed", "breaking", "A parameter accepts fewer values.",
         mirrored_by="option-added", of="contract"),
    Rule("media-narrowed", "breaking", "A parameter accepts fewer kinds of media.",
         mirrored_by="media-widened", of="contract"),
    Rule("multiple-refused", "breaking", "A parameter accepts only one value now.",
         mirrored_by="multiple-allowed", of="contract"),
    Rule("output-removed", "breaking", "An output was removed.", mirrored_by="output-added", of="contract"),
    Rule("output-renamed", "breaking", "An output was renamed.", of="contract"),
    Rule("output-type-changed", "breaking", "The type of an output changed.", of="contract"),
    Rule("app-gone", "breaking", "An app no longer exists.", mirrored_by="app-back", of="catalogue"),
    Rule("deliverable-added", "risky", "A deliverable was added.", mirrored_by="deliverable-removed"),
    Rule("deliverable-reached", "risky", "An input or generation reaches a deliverable for the first time.",
         mirrored_by="deliverable-unreached"),
    Rule("deliverable-replaced", "risky", "A deliverable now comes from another node."),
    Rule("deliverable-reidentified", "risky", "A deliverable's node has a new id, which runs show."),
    Rule("input-added", "risky", "An input was added.", mirrored_by="input-removed"),
    Rule("input-disconnected", "risky", "An input no longer leads to a deliverable.",
         mirrored_by="input-connected"),
    Rule("input-connected", "risky", "An input now leads to a deliverable.",
         mirrored_by="input-disconnected"),
    Rule("category-changed", "risky", "The category of the workflow changed."),
    Rule("stage-added", "risky", "There are more stages.", mirrored_by="stage-removed"),
    Rule("stage-removed", "risky", "There are fewer stages.", mirrored_by="stage-added"),
    Rule("shape-changed", "risky", "The shape of the graph changed."),
    Rule("credits-up", "risky", "A run is expected to cost more credits.", mirrored_by="credits-down"),
    Rule("finding-added", "risky", "A part of the graph is no longer well formed.",
         mirrored_by="finding-removed"),
    Rule("malformed-part-changed", "risky", "The part of the graph that is not well formed changed."),
    Rule("component-joined", "risky", "Separate parts were connected.",
         mirrored_by="component-split", off_path="cosmetic"),
    Rule("component-split", "risky", "Connected parts were separated.",
         mirrored_by="component-joined", off_path="cosmetic"),
    Rule("branch-added", "risky", "Several connected nodes were added.",
         mirrored_by="branch-removed", off_path="cosmetic"),
    Rule("branch-removed", "risky", "Several connected nodes were removed.",
         mirrored_by="branch-added", off_path="cosmetic"),
    Rule("inserted-between", "risky", "Nodes were inserted between two that were linked.",
         mirrored_by="bypassed", off_path="cosmetic"),
    Rule("bypassed", "risky", "Nodes were removed and their neighbours linked.",
         mirrored_by="inserted-between", off_path="cosmetic"),
    Rule("node-added", "risky", "A node was added.", mirrored_by="node-removed", off_path="cosmetic"),
    Rule("node-removed", "risky", "A node was removed.", mirrored_by="node-added", off_path="cosmetic"),
    Rule("node-retyped", "risky", "The type of a node changed: a model was swapped.", off_path="cosmetic"),
    Rule("node-rewired", "risky", "A node is connected to other nodes than before.",
         off_path="cosmetic"),
    Rule("edge-added", "risky", "A node feeds one more node, or one by more wires.",
         mirrored_by="edge-removed", off_path="cosmetic"),
    Rule("edge-removed", "risky", "A node feeds one node fewer, or one by fewer wires.",
         mirrored_by="edge-added", off_path="cosmetic"),
    Rule("node-settings-changed", "risky", "A field of a node, or of an edge to it, changed.",
         off_path="cosmetic"),
    Rule("prompt-changed", "risky", "Words of a prompt changed.", off_path="cosmetic"),
    Rule("model-swapped", "risky", "A node uses another model, or another file of one.",
         off_path="cosmetic"),
    Rule("number-changed", "risky", "A number in the settings of a node changed.", off_path="cosmetic"),
    Rule("parameter-added", "risky", "An optional parameter was added.",
         mirrored_by="parameter-removed", of="contract"),
    Rule("option-added", "risky", "A parameter accepts more values.",
         mirrored_by="option-removed", of="contract"),
    Rule("default-changed", "risky", "The default of a parameter changed.", of="contract"),
    Rule("output-added", "risky", "An output was added.", mirrored_by="output-removed", of="contract"),
    Rule("finding-removed", "cosmetic", "A part of the graph is well formed again.",
         mirrored_by="finding-added"),
    Rule("credits-down", "cosmetic", "A run is expected to cost fewer credits.", mirrored_by="credits-up"),
    Rule("node-relabelled", "cosmetic", "The label of an inner node changed."),
    Rule("node-recreated", "cosmetic", "A node was re-created in the same place.",
         mirrored_by="node-reidentified"),
    Rule("node-reidentified", "cosmetic", "The id of a node changed."),
    Rule("fields-gained", "cosmetic", "Every node or edge has a new field: the API returns more.",
         mirrored_by="fields-lost"),
    Rule("fields-lost", "cosmetic", "A field of every node or edge is gone: the API returns less.",
         mirrored_by="fields-gained"),
    Rule("seed-changed", "cosmetic", "The seed of a node, or how it goes on from run to run, changed."),
    Rule("preview-changed", "cosmetic", "A setting of a preview changed."),
    Rule("pack-changed", "cosmetic", "A node was saved with another version of its node pack."),
    Rule("color-changed", "cosmetic", "The colour of a node on the canvas changed."),
    Rule("layout-changed", "cosmetic", "Nodes were moved or restyled on the canvas."),
    Rule("app-renamed", "cosmetic", "The app was renamed."),
    Rule("app-reidentified", "cosmetic", "The id of the app changed."),
    Rule("app-settings-changed", "cosmetic", "A field of the workflow itself changed."),
    Rule("parameter-optional", "cosmetic", "A parameter has a default now and is optional.",
         mirrored_by="parameter-required", of="contract"),
    Rule("media-widened", "cosmetic", "A parameter accepts more kinds of media.",
         mirrored_by="media-narrowed", of="contract"),
    Rule("multiple-allowed", "cosmetic", "A parameter accepts several values now.",
         mirrored_by="multiple-refused", of="contract"),
    Rule("parameter-changed", "cosmetic", "The description of a parameter changed.", of="contract"),
    Rule("output-changed", "cosmetic", "The description of an output changed.", of="contract"),
    Rule("outputs-reordered", "cosmetic", "The order of the outputs changed.", of="contract"),
    Rule("detail-changed", "cosmetic", "A field of the app's detail changed.", of="contract"),
    Rule("app-added", "cosmetic", "An app was added.", mirrored_by="app-gone", of="catalogue"),
    Rule("app-back", "cosmetic", "An app that was gone is back.", mirrored_by="app-gone", of="catalogue"),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.id: rule for rule in _RULES}
"""Every rule by its id, the weightiest first."""

SETTING_RULES = frozenset(
    ("node-settings-changed", "prompt-changed", "model-swapped", "number-changed", "seed-changed")
)
"""The rules of what a node is set to."""

EDITOR_RULES = frozenset(("preview-changed", "pack-changed", "color-changed"))
"""The rules of fields of a node that matter to the editor alone."""
