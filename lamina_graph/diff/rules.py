"""The one table of what can change, and what each change means to callers by default."""

from lamina_graph.diff.values import Severity
from lamina_graph.model import Value


class Rule(Value):
    """A kind of change.

    Attributes:
        id: its name, in kebab-case.
        severity: what it means to callers by default.
        elsewhere: what it means where no deliverable depends on what it hits; None where that makes no difference.
        mirror: the rule that tells the same change read backwards; its own id where that is this rule.
        sentence: what happened.
    """

    id: str
    severity: Severity
    elsewhere: Severity | None = None
    mirror: str
    sentence: str


def _rule(id: str, severity: Severity, mirror: str, sentence: str, elsewhere: Severity | None = None) -> Rule:
    return Rule(id=id, severity=severity, elsewhere=elsewhere, mirror=mirror or id, sentence=sentence)


_SELF = ""
_TABLE = (
    # what callers get
    ("deliverable-removed", "breaking", "deliverable-added", "A deliverable leaves the workflow no more."),
    ("deliverable-unreached", "breaking", "deliverable-reached", "No input or generation leads to a deliverable any more."),
    ("deliverable-modality-changed", "breaking", _SELF, "A deliverable is of another modality."),
    ("deliverable-renamed", "breaking", _SELF, "A deliverable has another label."),
    # what callers give
    ("input-removed", "breaking", "input-added", "An input is gone."),
    ("input-modality-changed", "breaking", _SELF, "An input takes another modality."),
    ("input-renamed", "breaking", _SELF, "An input has another label."),
    ("deliverable-added", "risky", "deliverable-removed", "A new deliverable leaves the workflow."),
    ("deliverable-reached", "risky", "deliverable-unreached", "An input or generation leads to a deliverable that none led to."),
    ("deliverable-replaced", "risky", _SELF, "Another node gives a deliverable."),
    ("deliverable-reidentified", "risky", _SELF, "A deliverable's node has a new id, which runs show."),
    ("input-added", "risky", "input-removed", "There is a new input."),
    ("input-disconnected", "risky", "input-connected", "An input leads to no deliverable any more."),
    ("input-connected", "risky", "input-disconnected", "An input that led to no deliverable leads to one."),
    # what the whole is
    ("category-changed", "risky", _SELF, "The workflow is of another category."),
    ("stage-added", "risky", "stage-removed", "There are more stages."),
    ("stage-removed", "risky", "stage-added", "There are fewer stages."),
    ("shape-changed", "risky", _SELF, "The graph has another shape."),
    ("credits-up", "risky", "credits-down", "A run is expected to cost more credits."),
    # what it is made of
    ("component-joined", "risky", "component-split", "Parts that had no connection are connected.", "cosmetic"),
    ("component-split", "risky", "component-joined", "Parts that were connected are connected no more.", "cosmetic"),
    ("branch-added", "risky", "branch-removed", "Several connected nodes are new.", "cosmetic"),
    ("branch-removed", "risky", "branch-added", "Several connected nodes are gone.", "cosmetic"),
    ("inserted-between", "risky", "bypassed", "New nodes stand between two that were linked.", "cosmetic"),
    ("bypassed", "risky", "inserted-between", "The neighbours of nodes that are gone are linked.", "cosmetic"),
    ("node-added", "risky", "node-removed", "A node is new.", "cosmetic"),
    ("node-removed", "risky", "node-added", "A node is gone.", "cosmetic"),
    ("node-retyped", "risky", _SELF, "A node is of another type: a model was swapped.", "cosmetic"),
    ("node-rewired", "risky", _SELF, "A node takes from, or gives to, other nodes than before.", "cosmetic"),
    ("edge-added", "risky", "edge-removed", "Two nodes are newly linked.", "cosmetic"),
    ("edge-removed", "risky", "edge-added", "Two nodes are linked no more.", "cosmetic"),
    ("node-settings-changed", "risky", _SELF, "A field of a node or of an edge to it has another value.", "cosmetic"),
    ("finding-added", "risky", "finding-removed", "A part of the graph is not well formed any more."),
    ("malformed-part-changed", "risky", _SELF, "The part of the graph that is not well formed changed."),
    # what callers need not care about
    ("finding-removed", "cosmetic", "finding-added", "A part of the graph that was not well formed is."),
    ("credits-down", "cosmetic", "credits-up", "A run is expected to cost fewer credits."),
    ("node-relabelled", "cosmetic", _SELF, "An inner node has another label."),
    ("node-recreated", "cosmetic", "node-reidentified", "A node was made anew in the same place."),
    ("node-reidentified", "cosmetic", _SELF, "A node has another id."),
    ("layout-changed", "cosmetic", _SELF, "Nodes were moved or resized on the canvas."),
    ("app-renamed", "cosmetic", _SELF, "The app has another name."),
    ("app-reidentified", "cosmetic", _SELF, "The app has another id."),
    ("app-settings-changed", "cosmetic", _SELF, "A field of the workflow itself has another value."),
)  # fmt: skip

RULES: dict[str, Rule] = {row[0]: _rule(*row) for row in _TABLE}
"""Every rule by its id, the weightiest first."""
