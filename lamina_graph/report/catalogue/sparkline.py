"""When the nodes of one app were made, as a small picture and a list: numbers that the template draws."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from lamina_graph.history import Ages, Session

WIDE, HIGH = 300.0, 44.0
"""The size of the picture, in pixels."""


class EditingSession(NamedTuple):
    """One editing session: when it began, its nodes in the order of building, how many there were then."""

    start: datetime
    nodes: tuple[str, ...]
    survivors: int


class Sparkline(NamedTuple):
    """The editing sessions of one app.

    Attributes:
        area: path data of how many of today's nodes there were, from the first session to the last.
        marks: path data of a dot where each session begins.
        last: the last few sessions, the newest first.
        earlier: how many come before these.
        undated: how many nodes have no date.
        remark: what all this cannot tell.
    """

    area: str
    marks: str
    last: list[EditingSession]
    earlier: int
    undated: int
    remark: str


def sparkline(ages: Ages) -> Sparkline:
    """Return the editing sessions of one app as a page shows them."""
    marks = list(_marks(ages.sessions))
    last = ages.sessions[: -_SHOWN - 1 : -1]
    steps = "".join(f"H{across}V{high}" for across, high in marks)
    return Sparkline(
        area=f"M0 {HIGH:g}{steps}H{WIDE:g}V{HIGH:g}z",
        marks="".join(f"M{across} {high}h0" for across, high in marks),
        last=[
            EditingSession(session.start, tuple(node.id for node in ages.made_in(session)), session.survivors)
            for session in last
        ],
        earlier=len(ages.sessions) - len(last),
        undated=len(ages.unknown),
        remark=ages.remark,
    )


def _marks(sessions: Sequence[Session]) -> Iterator[tuple[str, str]]:
    if not sessions:
        return
    first, most = sessions[0].start, sessions[-1].survivors
    length = (sessions[-1].start - first).total_seconds() or 1.0
    for session in sessions:
        across = _EDGE + (WIDE - 2 * _EDGE) * (session.start - first).total_seconds() / length
        yield f"{across:.0f}", f"{HIGH - (HIGH - _EDGE) * session.survivors / most:.0f}"


_EDGE, _SHOWN = 4.0, 6
