"""When the nodes of a workflow were made, as their ids tell: the history that one snapshot carries in itself.

Nodes that were removed since cannot be seen here. A stamp before 2020, or after the moment at which the
workflow was seen, counts as unknown; a copied app has the ages of its copies.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate

from lamina_graph.features import Features
from lamina_graph.model import Value
from lamina_graph.text import elide, join_words, one_line, pluralize

GAP = timedelta(hours=1)
"""How long nobody adds a node before the next one begins a new editing session."""

UNSEEN = "Nodes that were removed since cannot be seen."


class NodeCreated(Value):
    """A node and when it was made; `title` is the label that a person gave it, else its type."""

    id: str
    title: str
    at: datetime


class Session(Value):
    """A stretch of time in which nodes were made, none of them long after the one before.

    Attributes:
        start, end: when its first and its last node was made.
        nodes: how many of today's nodes were made in it.
        survivors: how many of today's nodes were there at its end.
    """

    start: datetime
    end: datetime
    nodes: int
    survivors: int


class Ages(Value):
    """When the nodes of a workflow were made.

    Attributes:
        oldest, newest: the first and the last stamp; None where no id has one.
        sessions: the editing sessions, the oldest first.
        order: the nodes in the order in which they were made.
        unknown: the ids without a usable stamp.
        remark: what such ages cannot tell.
    """

    oldest: datetime | None
    newest: datetime | None
    sessions: tuple[Session, ...]
    order: tuple[NodeCreated, ...]
    unknown: tuple[str, ...]
    remark: str = UNSEEN

    def survivors(self, at: datetime) -> tuple[str, ...]:
        """Return the nodes of today that were there already at a moment, in the order of building."""
        return tuple(made.id for made in self.order if made.at <= at)

    def made_in(self, session: Session) -> tuple[NodeCreated, ...]:
        """Return the nodes of today that were made in a session, in the order of building."""
        return self.order[session.survivors - session.nodes : session.survivors]


def ages(facts: Features, now: datetime | None = None, gap: timedelta = GAP) -> Ages:
    """Return when the nodes of a workflow were made.

    Args:
        facts: the features of the workflow.
        now: when it was seen: later stamps count as unknown.
        gap: how long a pause ends an editing session.

    >>> from lamina_graph.features import features
    >>> from lamina_graph.files import load
    >>> ids = ["aNode-1773051929782-x", "aNode-1773051939782-y", "aNode-1773149496212-z", "plain"]
    >>> w = load({"nodes": [{"id": id_, "type": "aNode"} for id_ in ids], "edges": []})
    >>> aged = ages(features(w))
    >>> [session.nodes for session in aged.sessions], aged.unknown
    ([2, 1], ('plain',))
    """
    dated = [
        (fact, fact.created_at)
        for fact in facts.facts
        if fact.created_at and not (now and fact.created_at > now)
    ]
    made = (NodeCreated(id=fact.id, title=fact.title, at=at) for fact, at in dated)
    order = tuple(sorted(made, key=lambda each: (each.at, each.id)))
    known = {each.id for each in order}
    return Ages(
        oldest=order[0].at if order else None,
        newest=order[-1].at if order else None,
        sessions=tuple(_split_sessions(order, gap)),
        order=order,
        unknown=tuple(sorted(fact.id for fact in facts.facts if fact.id not in known)),
    )


def session_line(ages: Ages, session: Session) -> str:
    """Return what was made in an editing session, in the order of building, and how much was there then."""
    total = f"{len(ages.order)}"
    present = f"{session.survivors:>{len(total)}} of {total} present"
    titles = join_words((elide(one_line(node.title), 40) for node in ages.made_in(session)), 5)
    return f"{session.start:%Y-%m-%d %H:%M}  {pluralize(session.nodes, 'node'):>9}  {present}  {titles}"


def _split_sessions(order: tuple[NodeCreated, ...], gap: timedelta) -> Iterator[Session]:
    parts: list[list[NodeCreated]] = []
    for made in order:
        if parts and made.at - parts[-1][-1].at <= gap:
            parts[-1].append(made)
        else:
            parts.append([made])
    for part, survivors in zip(parts, accumulate(map(len, parts)), strict=True):
        yield Session(start=part[0].at, end=part[-1].at, nodes=len(part), survivors=survivors)
