"""What changed between two versions of a workflow, and whether it hurts those who call the app.

From edit to sentence: `match` says which node is which; `alignment` puts both versions under one numbering;
detectors (`interface`, `structure`, `attributes`, ...) turn the pending `edits` into changes, what matters
most first, and each claims the edits that it reports, so that none is reported twice; `deduplicate` merges
what graph and input contract both show; `severity` rates each change and gives it its fingerprint; `usage`
says which of them touch one's own code. A detector reads removals and additions alike (`DiffView`), so a
diff read backwards is the mirror of itself.
"""

from lamina_graph.diff.change_rules import EDITOR_RULES, RULES, SETTING_RULES, Rule
from lamina_graph.diff.compare import diff
from lamina_graph.diff.detection import UnratedChange
from lamina_graph.diff.edits import replay
from lamina_graph.diff.fields import label_places, layout_of, settings_of
from lamina_graph.diff.known_app import KnownApp
from lamina_graph.diff.known_part import carry_edges
from lamina_graph.diff.origins import origin_of
from lamina_graph.diff.policy import ComparisonPolicy
from lamina_graph.diff.severity import (
    check_credits,
    check_gate,
    rate_changes,
    read_acceptances,
    read_gate,
    read_ignored_fields,
    read_severities,
)
from lamina_graph.diff.usage import AppUsage, Usage, scope_to_usage, unknown_usage
from lamina_graph.diff.values import (
    SEVERITIES,
    Acceptance,
    Accepted,
    Anchors,
    Change,
    CreditChange,
    Diff,
    EdgeEdits,
    Level,
    NodeEdits,
    Presentation,
    Reidentified,
    Relabelled,
    Retyped,
    Severity,
    Side,
    Version,
    worst,
)
from lamina_graph.diff.words import compare_words

__all__ = [
    "EDITOR_RULES",
    "RULES",
    "SETTING_RULES",
    "SEVERITIES",
    "Acceptance",
    "Accepted",
    "Anchors",
    "AppUsage",
    "Change",
    "ComparisonPolicy",
    "CreditChange",
    "Diff",
    "EdgeEdits",
    "KnownApp",
    "Level",
    "NodeEdits",
    "Presentation",
    "Reidentified",
    "Relabelled",
    "Retyped",
    "Rule",
    "Severity",
    "Side",
    "UnratedChange",
    "Usage",
    "Version",
    "carry_edges",
    "check_credits",
    "check_gate",
    "compare_words",
    "diff",
    "label_places",
    "layout_of",
    "origin_of",
    "rate_changes",
    "read_acceptances",
    "read_gate",
    "read_ignored_fields",
    "read_severities",
    "replay",
    "scope_to_usage",
    "settings_of",
    "unknown_usage",
    "worst",
]
