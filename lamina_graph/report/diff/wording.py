"""Phrases that every form shares: whose diff it is, how much changed, how sure that is."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from lamina_graph.diff import SEVERITIES, Change, Diff
from lamina_graph.text import elide, one_line

MARKS = {"breaking": "✗", "risky": "!", "cosmetic": "·", "accepted": "✓", "unknown": "?"}
"""A sign for each heading, so that colour is never alone."""

_MANY = 6
"""Changes of one rule from which they are one row."""

HEADINGS = (*SEVERITIES, "accepted")
"""What changes are listed under, the worst first."""


def title(diff: Diff) -> str:
    """Return the name of the app, or both names where it changed.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> old, new = (load({"name": name, "nodes": [], "edges": []}) for name in ("Reels", "Shots"))
    >>> title(diff(old, new))
    'Reels → Shots'
    """
    names = (side.name or side.app_id or "Untitled workflow" for side in (diff.old, diff.new))
    return " → ".join(dict.fromkeys(elide(one_line(name), 80) for name in names))


def verdict(diff: Diff) -> str:
    """Return how many changes there are of each severity."""
    ignored = [f"{diff.ignored} ignored"] if diff.ignored else []
    unknown = [f"{len(diff.unknown)} unknown"] if diff.unknown else []
    changes = ["no changes"] if diff.identical else [*counts(diff.changes), *ignored]
    return ", ".join([*changes, *unknown])


def size(diff: Diff) -> str:
    """Return how many nodes and edges there were and are, and how many of them the edits touch."""
    nodes, edges = diff.nodes, diff.edges
    return ", ".join(
        (
            _amount(
                "nodes",
                diff.old.nodes,
                diff.new.nodes,
                len(nodes.added),
                len(nodes.removed),
                len(nodes.retyped),
            ),
            _amount("edges", diff.old.edges, diff.new.edges, len(edges.added), len(edges.removed)),
        )
    )


def proof(diff: Diff) -> str:
    """Return the edit cost, and how sure it is that no fewer edits do, among which matchings.

    Of a graph that did not change there is nothing to say, unless ids were left out of it.
    """
    among = f" {among_matchings(diff)}"
    if diff.identical:
        return "" if diff.anchors.ids else f"the same graph{among}"
    if diff.minimal:
        return f"edit cost {diff.cost}, proved minimal{among}".rstrip()
    return f"edit cost {diff.cost}, at most {diff.cost - diff.lower_bound} above the minimum{among}".rstrip()


def among_matchings(diff: Diff) -> str:
    """Return which matchings were allowed, where node ids do not mean the same everywhere; else nothing."""
    if not diff.anchors.why:
        return ""
    allowed = "where ids stay" if diff.anchors.ids else "whatever the ids"
    return f"{allowed} ({diff.anchors.why})"


def _amount(
    noun: str, before: int | None, after: int | None, added: int, removed: int, retyped: int = 0
) -> str:
    edits = " ".join(
        f"{sign}{count}" for sign, count in (("+", added), ("−", removed), ("~", retyped)) if count
    )
    counts = ["unknown" if count is None else f"{count}" for count in (before, after)]
    span = counts[0] if before == after else " → ".join(counts)
    return f"{noun} {span}{f' ({edits})' if edits else ''}"


def moment(at: datetime | None) -> str:
    """Return a moment to the minute, in UTC."""
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def counts(changes: Iterable[Change]) -> list[str]:
    """Return how many changes stand under each heading that occurs."""
    numbers = Counter(change.heading for change in changes)
    return [f"{numbers[name]} {name}" for name in HEADINGS if numbers[name]]


def grouped(changes: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    """Return the headings under which something stands, the worst first, each with its changes."""
    groups = ((name, [change for change in changes if change.heading == name]) for name in HEADINGS)
    return [(name, under) for name, under in groups if under]


def runs(changes: Sequence[Change]) -> list[list[Change]]:
    """Return changes in rows: very many of one rule that follow each other in one, each other by itself."""
    of_rules = (list(run) for _, run in groupby(changes, key=lambda change: change.rule))
    return [row for run in of_rules for row in ([run] if len(run) >= _MANY else [[each] for each in run])]


def affected(change: Change) -> str:
    """Return which of the caller's own uses a change affects, as a phrase; empty where none are known."""
    return f"touches {', '.join(map(one_line, change.uses))}" if change.uses else ""


def note(change: Change) -> str:
    """Return what stands after a change in a text: how to name it, or why it is accepted and until when."""
    if change.accepted is None:
        return f"[{change.rule} {change.fingerprint}]"
    until = f" until {change.accepted.until}" if change.accepted.until else ""
    return f"[{change.severity}, accepted{until}: {one_line(change.accepted.reason)}]"
