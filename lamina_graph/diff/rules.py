"""The one table of what can change, and what each change means to callers by default."""

from typing import Literal

from lamina_graph.diff.values import SEVERITIES, Severity
from lamina_graph.model import Value


class Rule(Value):
    """A kind of change.

    Attributes:
        id: its name, in kebab-case.
        severity: what it means to callers by default.
        elsewhere: what it means where no deliverable depends on what it hits; None where that is no matter.
        mirror: the rule that tells the same change read backwards; its own id where that is this rule.
        sentence: what happened.
        of: what changed: the graph, the input contract, or which apps there are.
    """

    id: str
    of: Literal["graph", "contract", "catalogue"] = "graph"
    severity: Severity
    elsewhere: Severity | None = None
    mirror: str
    sentence: str


_BREAKING = (
    ("deliverable-removed", "deliverable-added", "A deliverable is gone."),
    (
        "deliverable-unreached",
        "deliverable-reached",
        "No input or generation leads to a deliverable any more.",
    ),
    ("deliverable-modality-changed", "", "A deliverable is of another modality."),
    ("deliverable-renamed", "", "A deliverable has another label."),
    ("input-removed", "input-added", "An input is gone."),
    ("input-modality-changed", "", "An input takes another modality."),
    ("input-renamed", "", "An input has another label."),
)

_RISKY = (
    ("deliverable-added", "deliverable-removed", "There is a new deliverable."),
    (
        "deliverable-reached",
        "deliverable-unreached",
        "An input or generation leads to a deliverable as none did.",
    ),
    ("deliverable-replaced", "", "Another node gives a deliverable."),
    ("deliverable-reidentified", "", "A deliverable's node has a new id, which runs show."),
    ("input-added", "input-removed", "There is a new input."),
    ("input-disconnected", "input-connected", "An input leads to no deliverable any more."),
    ("input-connected", "input-disconnected", "An input that led to no deliverable leads to one."),
    ("category-changed", "", "The workflow is of another category."),
    ("stage-added", "stage-removed", "There are more stages."),
    ("stage-removed", "stage-added", "There are fewer stages."),
    ("shape-changed", "", "The graph has another shape."),
    ("credits-up", "credits-down", "A run is expected to cost more credits."),
    ("finding-added", "finding-removed", "A part of the graph is not well formed any more."),
    ("malformed-part-changed", "", "The part of the graph that is not well formed changed."),
)

_RISKY_ON_A_PATH = (
    ("component-joined", "component-split", "Separate parts were connected."),
    ("component-split", "component-joined", "Connected parts were separated."),
    ("branch-added", "branch-removed", "Several connected nodes are new."),
    ("branch-removed", "branch-added", "Several connected nodes are gone."),
    ("inserted-between", "bypassed", "New nodes stand between two that were linked."),
    ("bypassed", "inserted-between", "Nodes are gone and their neighbours are linked."),
    ("node-added", "node-removed", "A node is new."),
    ("node-removed", "node-added", "A node is gone."),
    ("node-retyped", "", "A node is of another type: a model was swapped."),
    ("node-rewired", "", "A node takes from, or feeds, other nodes than before."),
    ("edge-added", "edge-removed", "A node feeds one more node, or one by more wires."),
    ("edge-removed", "edge-added", "A node feeds one node fewer, or one by fewer wires."),
    ("node-settings-changed", "", "A field of a node, or of an edge to it, has another value."),
)

_COSMETIC = (
    ("finding-removed", "finding-added", "A part of the graph that was not well formed is."),
    ("credits-down", "credits-up", "A run is expected to cost fewer credits."),
    ("node-relabelled", "", "An inner node has another label."),
    ("node-recreated", "node-reidentified", "A node was re-created in the same place."),
    ("node-reidentified", "", "A node has another id."),
    ("fields-gained", "fields-lost", "Every node or edge has a field that none had: the API gives more."),
    ("fields-lost", "fields-gained", "No node or edge has a field that all had: the API gives less."),
    ("layout-changed", "", "Nodes were moved or restyled on the canvas."),
    ("app-renamed", "", "The app has another name."),
    ("app-reidentified", "", "The app has another id."),
    ("app-settings-changed", "", "A field of the workflow itself has another value."),
)

_Rows = tuple[tuple[str, str, str], ...]

_CONTRACT: tuple[tuple[Severity, _Rows], ...] = (
    (
        "breaking",
        (
            (
                "required-parameter-removed",
                "required-parameter-added",
                "A parameter that callers had to supply is gone.",
            ),
            ("parameter-removed", "parameter-added", "A parameter that callers could supply is gone."),
            ("parameter-renamed", "", "A parameter goes by another name."),
            (
                "required-parameter-added",
                "required-parameter-removed",
                "There is a new parameter that callers must supply.",
            ),
            ("parameter-required", "parameter-optional", "A parameter has no default any more."),
            ("parameter-type-changed", "", "A parameter is of another type."),
            ("option-removed", "option-added", "A parameter takes fewer values."),
            ("media-narrowed", "media-widened", "A parameter accepts fewer kinds of media."),
            ("multiple-refused", "multiple-allowed", "A parameter takes one value where it took several."),
            ("output-removed", "output-added", "An output is gone."),
            ("output-renamed", "", "An output has another label."),
            ("output-type-changed", "", "An output is of another type."),
        ),
    ),
    (
        "risky",
        (
            ("parameter-added", "parameter-removed", "There is a new parameter, which may be left out."),
            ("option-added", "option-removed", "A parameter takes more values."),
            ("default-changed", "", "A parameter has another default."),
            ("output-added", "output-removed", "There is a new output."),
        ),
    ),
    (
        "cosmetic",
        (
            ("parameter-optional", "parameter-required", "A parameter has a default and may be left out."),
            ("media-widened", "media-narrowed", "A parameter accepts more kinds of media."),
            ("multiple-allowed", "multiple-refused", "A parameter takes several values where it took one."),
            ("parameter-changed", "", "A parameter is shown or described otherwise."),
            ("output-changed", "", "An output is described otherwise."),
            ("outputs-reordered", "", "The outputs come in another order."),
            ("detail-changed", "", "A field of the app's detail has another value."),
        ),
    ),
)

_CATALOGUE: tuple[tuple[Severity, _Rows], ...] = (
    ("breaking", (("app-gone", "app-back", "An app is gone."),)),
    (
        "cosmetic",
        (
            ("app-added", "app-gone", "There is a new app."),
            ("app-back", "app-gone", "An app that was gone is back."),
        ),
    ),
)


def _rules(
    rows: _Rows,
    severity: Severity,
    elsewhere: Severity | None = None,
    of: Literal["graph", "contract", "catalogue"] = "graph",
) -> dict[str, Rule]:
    return {
        id_: Rule(
            id=id_, of=of, severity=severity, elsewhere=elsewhere, mirror=mirror or id_, sentence=sentence
        )
        for id_, mirror, sentence in rows
    }


def _ordered(rules: dict[str, Rule]) -> dict[str, Rule]:
    return dict(sorted(rules.items(), key=lambda item: SEVERITIES.index(item[1].severity)))


RULES: dict[str, Rule] = _ordered(
    {
        **_rules(_BREAKING, "breaking"),
        **_rules(_RISKY, "risky"),
        **_rules(_RISKY_ON_A_PATH, "risky", elsewhere="cosmetic"),
        **_rules(_COSMETIC, "cosmetic"),
        **{id_: r for level, rows in _CONTRACT for id_, r in _rules(rows, level, of="contract").items()},
        **{id_: r for level, rows in _CATALOGUE for id_, r in _rules(rows, level, of="catalogue").items()},
    }
)
"""Every rule by its id, the weightiest first."""
