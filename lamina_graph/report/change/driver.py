"""What git shows of workflow files: how two of them differ, and one of them as plain lines."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import unified_diff
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lamina_graph.classify import classify
from lamina_graph.diff import Diff, diff
from lamina_graph.diff.fields import settings_of
from lamina_graph.errors import LaminaGraphError
from lamina_graph.features import features
from lamina_graph.model import Node, Workflow, canonical, load
from lamina_graph.report.change.text import text
from lamina_graph.report.plain import cut
from lamina_graph.text import one_line
from lamina_graph.vocabulary import Vocabulary, readable

if TYPE_CHECKING:
    from lamina_graph.classify import Rule

_NOTHING = ("/dev/null", "nul")
_MOST_LINES = 5_000
"""Lines of a file that is no workflow, up to which it is compared line by line."""


def lines(
    workflow: Workflow, vocabulary: Vocabulary | None = None, rules: "Sequence[Rule] | None" = None
) -> Iterator[str]:
    """Yield a workflow as sorted lines, a node or an edge each, for programs that compare lines.

    Args:
        workflow: the workflow.
        vocabulary: words of node types, by default the package's.
        rules: rules of categories, by default the package's.

    >>> list(lines(load({"name": "Reels", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})))
    ['workflow Reels', 'category video, single, stages 1', 'node Kling Video (a)']
    """
    facts = features(workflow, vocabulary=vocabulary)
    category = classify(workflow, facts=facts, vocabulary=vocabulary, rules=rules).category
    named = partial(_named, vocabulary=vocabulary)
    yield f"workflow {one_line(workflow.name or 'without a name')}"
    yield f"category {category}, {facts.shape}, stages {facts.stages}"
    for node in sorted(workflow.nodes, key=lambda node: (node.id, node.type)):
        yield f"node {named(node)} ({one_line(node.id)})"
        yield from _fields(settings_of(node))
    names = {node.id: named(node) for node in reversed(workflow.nodes)}
    for edge in sorted(workflow.edges, key=lambda edge: (edge.source, edge.target)):
        ends = (f"{names.get(end, 'nothing')} ({one_line(end)})" for end in (edge.source, edge.target))
        yield f"edge {' → '.join(ends)}"
        yield from _fields(settings_of(edge, edge=True))


def driver(
    words: Sequence[str],
    compare: Callable[[Workflow, Workflow], Diff] = diff,
    tell: Callable[[Workflow], Iterable[str]] = lines,
) -> str:
    """Return what git is to show; it never fails, since git stops the whole diff where a driver does.

    Args:
        words: `diff` and what git gives a `diff.NAME.command`: path, old file, its hash and mode, new file,
            its hash and mode; of a renamed file also the new path and a note; of one in conflict only the
            path. Or `textconv` and a file.
        compare: how two versions are compared.
        tell: how one is written as lines.

    >>> print(driver(["diff", "app.json"]))
    diff --lamina-graph app.json
    in conflict: not compared
    """
    kind, *rest = words or [""]
    try:
        if kind == "textconv" and len(rest) == 1:
            return _lines_of(Path(rest[0]), tell)
        if kind == "diff" and rest:
            return "\n".join((_heading(rest), _compared(rest, compare)))
    except Exception as error:
        return f"not compared: {one_line(str(error))}"
    return "not compared: git called lamina-graph in a way that it does not know"


def _heading(rest: Sequence[str]) -> str:
    renamed = f" → {one_line(rest[7])}" if len(rest) > 7 else ""
    return f"diff --lamina-graph {one_line(rest[0])}{renamed}"


def _compared(rest: Sequence[str], compare: Callable[[Workflow, Workflow], Diff]) -> str:
    if len(rest) < 7:
        return "in conflict: not compared"
    old, new = rest[1], rest[4]
    try:
        versions = _versions(old, new)
    except LaminaGraphError as error:
        reason = cut(one_line(str(error.args[-1] if error.args else error)), 200)
        return "\n".join(
            (f"not a workflow on both sides ({reason}); the lines that differ:", *_raw(old, new))
        )
    note = "new file\n" if old in _NOTHING else "deleted file\n" if new in _NOTHING else ""
    return note + text(compare(*versions))


def _versions(old: str, new: str) -> tuple[Workflow, Workflow]:
    """Return both versions; one that is not there is the other without its nodes."""
    if old in _NOTHING:
        found = load(new)
        return _emptied(found), found
    found = load(old)
    return found, _emptied(found) if new in _NOTHING else load(new)


def _emptied(workflow: Workflow) -> Workflow:
    return workflow.model_copy(update={"nodes": (), "edges": ()})


def _raw(old: str, new: str) -> Iterator[str]:
    before, after = (_content(path).splitlines() for path in (old, new))
    if len(before) + len(after) > _MOST_LINES:
        yield f"too many lines to compare: {len(before):,} and {len(after):,}"
    else:
        yield from unified_diff(before, after, "old", "new", lineterm="")


def _content(path: str) -> str:
    return "" if path in _NOTHING else Path(path).read_bytes().decode("utf-8", "replace")


def _lines_of(path: Path, tell: Callable[[Workflow], Iterable[str]]) -> str:
    """Return a workflow as lines; any other file, and one that cannot be told so, as it is.

    A word on what went wrong would stand on both sides, and git would show no difference.
    """
    try:
        return "\n".join(tell(load(path)))
    except Exception:
        return _content(str(path)).removesuffix("\n")


def _named(node: Node, vocabulary: Vocabulary | None = None) -> str:
    kind = one_line(readable(node.type, vocabulary))
    return kind if node.label in (None, "", node.type) else f"{kind} “{one_line(node.label or '')}”"


def _fields(fields: dict[str, object]) -> Iterator[str]:
    if fields:
        yield from (f"  {each}" for each in canonical(fields).splitlines()[1:-1])
