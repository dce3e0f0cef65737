"""A diff as a comment on a pull request."""

from collections.abc import Iterator
from typing import NamedTuple

from lamina_graph.diff import Change, Diff, as_told
from lamina_graph.render import MAX_CHARACTERS, MAX_EDGES
from lamina_graph.report.diff.subgraph import part
from lamina_graph.report.diff.wording import HEADINGS, MARKS, proof, size, title, touched, verdict
from lamina_graph.report.escape import github_markdown
from lamina_graph.text import elide

_COMMENT = 65_536
"""How many characters a comment on GitHub may have."""

_ROWS = 12_000
"""How many characters the table may take, so that table and picture fit a comment."""


def markdown(found: Diff) -> str:
    """Return a diff as Markdown that fits a comment on GitHub: summary, table, Mermaid picture.

    Where the picture is past GitHub's limits, only the changed part with its surroundings is drawn, or
    nothing; where the table is too long, its rest is counted. Either is said.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> old = load({"name": "Reels", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> new = load({"name": "Reels", "nodes": [{"id": "a", "type": "veoVideoNode"}], "edges": []})
    >>> print(markdown(diff(old, new)).split("|")[0])
    ### Reels: 1 risky
    <BLANKLINE>
    nodes 1 (~1), edges 0 · edit cost 1, proved minimal
    <BLANKLINE>
    <BLANKLINE>
    """
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Diff) -> Iterator[str]:
    yield f"### {github_markdown(title(found))}: {verdict(found)}"
    yield ""
    yield size(found) if found.identical else f"{size(found)} · {proof(found)}"
    if found.changes:
        yield ""
        yield from _table(found)
    if found.unknown:
        yield ""
        yield "Could not be compared:"
        yield from (f"- {github_markdown(each)}" for each in found.unknown)
    if found.changes:
        yield ""
        yield from _picture(found)


def _table(found: Diff) -> Iterator[str]:
    yield "| | Change | Rule |"
    yield "| --- | --- | --- |"
    used = 0
    for place, change in enumerate(_sorted(found)):
        row = _row(change)
        used += len(row)
        if used > _ROWS:
            yield f"| … | {len(found.changes) - place} more, not listed here; the JSON has them all | |"
            return
        yield row


def _sorted(found: Diff) -> list[Change]:
    """The changes, the accepted ones last."""
    return sorted(found.changes, key=lambda change: HEADINGS.index(change.heading))


def _row(change: Change) -> str:
    words = github_markdown(elide(change.text, 600))
    if hits := touched(change):
        words += f" ({github_markdown(elide(hits, 300))})"
    if change.accepted:
        words += f" (accepted: {github_markdown(elide(change.accepted.reason, 200))})"
    heading = f"**{MARKS[change.heading]}** {change.heading}"
    return f"| {heading} | {words} | `{change.rule}` `{change.fingerprint}` |"


class _Try(NamedTuple):
    """A picture to try, and what is said where it is the one that fits."""

    found: Diff
    said: str


def _picture(found: Diff) -> Iterator[str]:
    from lamina_graph.report.diff.drawings import partial

    for subject, said in _tries(found):
        if _edges(subject) <= MAX_EDGES:
            source = partial(found, subject).mermaid
            if len(source) <= MAX_CHARACTERS:
                yield from ([said, ""] if said else [])
                yield from ("```mermaid", source.rstrip("\n"), "```")
                return
    yield _too_large(found, "no picture is drawn here")


def _tries(found: Diff) -> Iterator[_Try]:
    found = as_told(found)
    yield _Try(found, "")
    yield _Try(part(found, 1), _too_large(found, "only the changed part and its neighbours are drawn"))
    yield _Try(part(found, 0), _too_large(found, "only the changed part is drawn"))


def _too_large(found: Diff, instead: str) -> str:
    limits = f"{MAX_EDGES} edges and {MAX_CHARACTERS:,} characters"
    return (
        f"The whole graph ({_edges(found)} edges) is past GitHub's limits for Mermaid ({limits}): {instead}."
    )


def _edges(found: Diff) -> int:
    """How many edges a picture has: those of the new version, and the removed ones."""
    return len(found.new_workflow.edges) + len(found.edges.removed)
