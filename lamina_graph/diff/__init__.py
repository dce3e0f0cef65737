"""What changed between two versions of a workflow, and whether it hurts those who call the app.

How it comes about: `match` says which node is which; both versions are laid over each other under one
numbering (`both`); tellers turn the edits into changes, the weightiest first, and each takes the edits
that it tells out of the `ledger`, so that none is told twice; `judge` gives each change its severity and
fingerprint. A teller reads losses and gains alike (`draft.Way`), so a diff read backwards is the mirror
of itself.
"""

from lamina_graph.diff.compare import diff
from lamina_graph.diff.gate import gate
from lamina_graph.diff.judge import acceptances, severities
from lamina_graph.diff.policy import ComparisonPolicy, Version, known_app
from lamina_graph.diff.replay import replay
from lamina_graph.diff.rules import RULES, Rule
from lamina_graph.diff.script import as_told
from lamina_graph.diff.usage import AppUsage, KnownApp, Usage, scope_to_usage, unknown_usage
from lamina_graph.diff.values import (
    SEVERITIES,
    Acceptance,
    Accepted,
    Change,
    Diff,
    EdgeEdits,
    Level,
    NodeEdits,
    Reidentified,
    Relabelled,
    Retyped,
    Severity,
    Side,
    Spending,
    worst,
)

__all__ = [
    "RULES",
    "SEVERITIES",
    "Acceptance",
    "Accepted",
    "AppUsage",
    "Change",
    "ComparisonPolicy",
    "Diff",
    "EdgeEdits",
    "KnownApp",
    "Level",
    "NodeEdits",
    "Reidentified",
    "Relabelled",
    "Retyped",
    "Rule",
    "Severity",
    "Side",
    "Spending",
    "Usage",
    "Version",
    "acceptances",
    "as_told",
    "diff",
    "gate",
    "known_app",
    "replay",
    "scope_to_usage",
    "severities",
    "unknown_usage",
    "worst",
]
