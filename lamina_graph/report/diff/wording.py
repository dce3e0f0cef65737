"""What every form of a diff says first: whose, how much, how sure."""

from collections import Counter
from collections.abc import Iterable, Sequence

from lamina_graph.diff import SEVERITIES, Change, Diff
from lamina_graph.text import elide, one_line

MARKS = {"breaking": "✗", "risky": "!", "cosmetic": "·", "accepted": "✓", "unknown": "?"}
"""A sign for each heading, so that colour is never alone."""

HEADINGS = (*SEVERITIES, "accepted")
"""What changes are listed under, the worst first."""


def title(found: Diff) -> str:
    """Return the name of the app, or both names where it changed.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> old, new = (load({"name": name, "nodes": [], "edges": []}) for name in ("Reels", "Shots"))
    >>> title(diff(old, new))
    'Reels → Shots'
    """
    names = (side.name or side.app_id or "Untitled workflow" for side in (found.old, found.new))
    return " → ".join(dict.fromkeys(elide(one_line(name), 80) for name in names))


def verdict(found: Diff) -> str:
    """Return how many changes there are of each severity."""
    told = counts(found.changes)
    ignored = [f"{found.ignored} ignored"] if found.ignored else []
    unknown = [f"{len(found.unknown)} unknown"] if found.unknown else []
    return ", ".join([*told, *ignored, *unknown] if not found.identical else ["no changes", *unknown])


def size(found: Diff) -> str:
    """Return how many nodes and edges there were and are, and how many of them the edits touch."""
    nodes, edges = found.nodes, found.edges
    return ", ".join(
        (
            _amount(
                "nodes",
                found.old.nodes,
                found.new.nodes,
                len(nodes.added),
                len(nodes.removed),
                len(nodes.retyped),
            ),
            _amount("edges", found.old.edges, found.new.edges, len(edges.added), len(edges.removed), 0),
        )
    )


def proof(found: Diff) -> str:
    """Return the edit cost, and how sure it is that no fewer edits do."""
    if found.minimal:
        return f"edit cost {found.cost}, proved minimal"
    return f"edit cost {found.cost}, at most {found.cost - found.lower_bound} above the minimum"


def _amount(noun: str, before: int, after: int, added: int, removed: int, retyped: int) -> str:
    edits = " ".join(
        f"{sign}{count}" for sign, count in (("+", added), ("−", removed), ("~", retyped)) if count
    )
    span = f"{after}" if before == after else f"{before} → {after}"
    return f"{noun} {span}{f' ({edits})' if edits else ''}"


def counts(changes: Iterable[Change]) -> list[str]:
    """Return how many changes stand under each heading that occurs."""
    found = Counter(change.heading for change in changes)
    return [f"{found[name]} {name}" for name in HEADINGS if found[name]]


def grouped(changes: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    """Return the headings under which something stands, the worst first, each with its changes."""
    found = ((name, [change for change in changes if change.heading == name]) for name in HEADINGS)
    return [(name, under) for name, under in found if under]


def touched(change: Change) -> str:
    """Return what of one's own code a change touches, as a phrase; empty where nothing was said."""
    return f"touches {', '.join(map(one_line, change.uses))}" if change.uses else ""


def note(change: Change) -> str:
    """Return what stands after a change in a text: how to name it, or why it is accepted and until when."""
    if change.accepted is None:
        return f"[{change.rule} {change.fingerprint}]"
    until = f" until {change.accepted.until}" if change.accepted.until else ""
    return f"[{change.severity}, accepted{until}: {one_line(change.accepted.reason)}]"
