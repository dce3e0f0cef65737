"""A diff as a few lines of text, like a changelog."""

from collections.abc import Iterator, Sequence

from lamina_graph.diff import Change, Diff
from lamina_graph.report.change.summary import MARKS, headings, proof, size, title, touched, verdict
from lamina_graph.report.plain import line

_MOST = {"risky": 60, "cosmetic": 20, "accepted": 20}
"""How many changes of a heading are listed before the rest is only counted; breaking ones are all listed."""

_STYLES = {
    "breaking": "1;31",
    "risky": "33",
    "cosmetic": "36",
    "accepted": "32",
    "unknown": "35",
    "soft": "2",
    "head": "1",
}


def text(found: Diff, colour: bool = False) -> str:
    """Return a diff as text: counts first, then the changes, the worst first; what is left out is counted.

    Args:
        found: the diff.
        colour: whether a terminal shows it that understands colours.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.model import load
    >>> old = load({"name": "Reels", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> new = load({"name": "Reels", "nodes": [{"id": "a", "type": "veoVideoNode"}], "edges": []})
    >>> print(text(diff(old, new)))
    Reels: 1 risky
    nodes 1 (~1), edges 0 · edit cost 1, proved minimal
    <BLANKLINE>
    risky
      ! Model swapped: Kling Video → Veo Video  [node-retyped 2bfad78d2827]
    """
    return "\n".join(_lines(found, _Paint(colour)))


class _Paint:
    """Colours text for a terminal, or leaves it as it is."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, style: str, words: str) -> str:
        return f"\x1b[{_STYLES[style]}m{words}\x1b[0m" if self._colour else words


def _lines(found: Diff, paint: _Paint) -> Iterator[str]:
    yield f"{paint('head', title(found))}: {verdict(found)}"
    yield paint("soft", size(found) if found.identical else f"{size(found)} · {proof(found)}")
    for heading in headings(found):
        yield ""
        yield paint(heading, heading)
        under = [change for change in found.changes if change.heading == heading]
        yield from _listed(heading, under, paint)
    if found.unknown:
        yield ""
        yield paint("unknown", "unknown: could not be compared")
        yield from (f"  {paint('unknown', MARKS['unknown'])} {line(each)}" for each in found.unknown)


def _listed(heading: str, changes: Sequence[Change], paint: _Paint) -> Iterator[str]:
    most = _MOST.get(heading, len(changes))
    for change in changes[:most]:
        yield f"  {paint(heading, MARKS[heading])} {line(change.text)}  {paint('soft', _note(change))}"
        if change.uses:
            yield f"    {paint(heading, touched(change))}"
    if len(changes) > most:
        yield f"  … and {len(changes) - most} more, not listed here; the JSON has them all"


def _note(change: Change) -> str:
    if change.accepted is None:
        return f"[{change.rule} {change.fingerprint}]"
    until = f" until {change.accepted.until}" if change.accepted.until else ""
    return f"[{change.severity}, accepted{until}: {line(change.accepted.reason)}]"
