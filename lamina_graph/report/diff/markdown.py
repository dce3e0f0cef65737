"""A diff as a comment on a pull request."""

from collections.abc import Iterator, Sequence

from lamina_graph.diff import RULES, Change, Diff
from lamina_graph.report.diff.subgraph import changed_subgraph
from lamina_graph.report.diff.wording import MARKS, affected, grouped, proof, runs, size, title, verdict
from lamina_graph.report.escape import github_markdown
from lamina_graph.report.limits import fit, left_out
from lamina_graph.text import elide, join_words

_ROWS = 12_000
"""Characters of the table, so that table and picture fit a comment of 65,536 characters."""


def markdown(diff: Diff) -> str:
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
    - before: Kling → ★ video
    - after: Veo → ★ video
    <BLANKLINE>
    <BLANKLINE>
    """
    return "\n".join(_format_lines(diff)) + "\n"


def _format_lines(diff: Diff) -> Iterator[str]:
    yield f"### {github_markdown(title(diff))}: {verdict(diff)}"
    yield ""
    yield " · ".join(filter(None, (size(diff), proof(diff))))
    if diff.changes:
        yield ""
        yield from list_strips(diff)
        yield ""
        yield from _format_table(diff)
    if diff.unknown:
        yield ""
        yield "Could not be compared:"
        yield from (f"- {github_markdown(reason)}" for reason in diff.unknown)
    if diff.changes:
        yield ""
        yield from draw_mermaid(diff)


def list_strips(diff: Diff) -> Iterator[str]:
    """Yield the pipeline of both versions in a line each, or in one line where that is the same."""
    from lamina_graph.features import features
    from lamina_graph.render import draw_strip

    words = diff.vocabulary
    old, new = (
        github_markdown(draw_strip(features(side, vocabulary=words), workflow=side, vocabulary=words).text)
        for side in (diff.old_workflow, diff.new_workflow)
    )
    yield from [new] if old == new else [f"- before: {old}", f"- after: {new}"]


def _format_table(diff: Diff) -> Iterator[str]:
    yield "| | Change | Rule |"
    yield "| --- | --- | --- |"
    rows, listed = fit(_list_rows(diff), _ROWS, len)
    yield from rows
    if rest := len(diff.changes) - listed:
        yield f"| … | {left_out(rest)} | |"


def _list_rows(diff: Diff) -> Iterator[tuple[str, int]]:
    """Yield rows, each with how many changes it is of: very many cosmetic ones of one rule are one row."""
    for heading, changes in grouped(diff.changes):
        for run in runs(changes) if heading == "cosmetic" else [[change] for change in changes]:
            yield _format_row(run[0]) if len(run) == 1 else _format_run(run), len(run)


def _format_run(run: Sequence[Change]) -> str:
    """A row of many changes of one rule: the JSON and the page have each."""
    heading, rule = run[0].heading, run[0].rule
    texts = github_markdown(elide(join_words([change.text for change in run], 2), 300))
    words = f"{len(run)} × {RULES[rule].sentence} {texts}"
    return f"| **{MARKS[heading]}** {heading} | {words} | `{rule}` |"


def _format_row(change: Change) -> str:
    words = github_markdown(elide(change.text, 600))
    if uses := affected(change):
        words += f" ({github_markdown(elide(uses, 300))})"
    if change.accepted:
        words += f" (accepted: {github_markdown(elide(change.accepted.reason, 200))})"
    heading = f"**{MARKS[change.heading]}** {change.heading}"
    return f"| {heading} | {words} | `{change.rule}` `{change.fingerprint}` |"


def draw_mermaid(diff: Diff) -> Iterator[str]:
    """Yield as much of the graph as GitHub draws, and say what is left out."""
    from lamina_graph.render import MAX_CHARACTERS, MAX_EDGES
    from lamina_graph.report.diff.drawings import draw_part

    edges = _count_edges(diff.presented)
    limits = f"{MAX_EDGES} edges and {MAX_CHARACTERS:,} characters"
    too_large = f"The whole graph ({edges} edges) is past GitHub's limits for Mermaid ({limits})"
    for part, caption in _list_parts(diff.presented):
        if _count_edges(part) <= MAX_EDGES:
            source = draw_part(diff, part).mermaid
            if len(source) <= MAX_CHARACTERS:
                yield from ([f"{too_large}: {caption}.", ""] if caption else [])
                yield from ("```mermaid", source.rstrip("\n"), "```")
                return
    yield f"{too_large}: no picture is drawn here."


def _list_parts(diff: Diff) -> Iterator[tuple[Diff, str]]:
    """Yield what may be drawn, from most to least, each with what is said of it."""
    yield diff, ""
    yield changed_subgraph(diff, 1), "only the changed part and its neighbours are drawn"
    yield changed_subgraph(diff, 0), "only the changed part is drawn"


def _count_edges(diff: Diff) -> int:
    """Return how many edges a picture has: those of the new version, and the removed ones."""
    return len(diff.new_workflow.edges) + len(diff.edges.removed)
