"""A diff as a few lines of text, like a changelog."""

from collections.abc import Iterator, Sequence

from lamina_graph.diff import Change, Diff
from lamina_graph.report.ansi import Ansi
from lamina_graph.report.diff.wording import MARKS, affected, grouped, note, proof, size, title, verdict
from lamina_graph.report.limits import left_out
from lamina_graph.text import one_line

_MOST = {"risky": 60, "cosmetic": 20, "accepted": 20}
"""How many changes of a heading are listed before the rest is only counted; breaking ones are all listed."""


def text(diff: Diff, colour: bool = False) -> str:
    """Return a diff as text, perhaps in colour: counts, then the changes, the worst first, the rest counted.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> old = load({"name": "Reels", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> new = load({"name": "Reels", "nodes": [{"id": "a", "type": "veoVideoNode"}], "edges": []})
    >>> print(text(diff(old, new)))
    Reels: 1 risky
    nodes 1 (~1), edges 0 · edit cost 1, proved minimal
    <BLANKLINE>
    risky
      ! Model swapped: Kling Video → Veo Video  [node-retyped 2bfad78d2827]
    """
    return "\n".join(_format_lines(diff, Ansi(colour)))


def _format_lines(diff: Diff, paint: Ansi) -> Iterator[str]:
    yield f"{paint('head', title(diff))}: {verdict(diff)}"
    yield paint("soft", " · ".join(filter(None, (size(diff), proof(diff)))))
    for heading, changes in grouped(diff.changes):
        yield ""
        yield paint(heading, heading)
        yield from _format_list(heading, changes, paint)
    if diff.unknown:
        yield ""
        yield paint("unknown", "unknown: could not be compared")
        yield from (f"  {paint('unknown', MARKS['unknown'])} {one_line(reason)}" for reason in diff.unknown)


def _format_list(heading: str, changes: Sequence[Change], paint: Ansi) -> Iterator[str]:
    most = _MOST.get(heading, len(changes))
    for change in changes[:most]:
        yield f"  {paint(heading, MARKS[heading])} {one_line(change.text)}  {paint('soft', note(change))}"
        if change.uses:
            yield f"    {paint(heading, affected(change))}"
    if len(changes) > most:
        yield f"  … and {left_out(len(changes) - most)}"
