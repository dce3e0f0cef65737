"""Output for git: how two workflow files differ, and one of them as plain lines."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import unified_diff
from hashlib import sha256
from pathlib import Path

from lamina_graph.classify import classify
from lamina_graph.diff import Diff, Version, diff, label_places, layout_of, origin_of, settings_of
from lamina_graph.errors import WorkflowError
from lamina_graph.features import features
from lamina_graph.files import canonical, load
from lamina_graph.graph import adjacency
from lamina_graph.model import Edge, Node, Workflow, parse_node_id
from lamina_graph.text import elide, one_line, quote
from lamina_graph.vocabulary import readable

_NOTHING = ("/dev/null", "nul")
_BEGINNING = 8_000
"""Bytes in which git looks for a zero, which makes a file a binary one."""

_MOST_LINES = 5_000
"""Lines of a file that is no workflow, up to which it is compared line by line."""


def workflow_lines(workflow: Workflow) -> Iterator[str]:
    """Yield a workflow as sorted lines, a node or an edge each, for programs that compare lines.

    Two workflows that differ in anything that `diff` reports differ in their lines. A value that its line
    does not show to the letter follows as JSON; how the canvas looks is one line with a hash. The words are
    the package's own, whatever the configuration says: git keeps the lines of a file for ever.

    >>> reels = load({"name": "Reels", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> list(workflow_lines(reels))
    ['workflow Reels', 'category video, single, stages 1', 'node Kling Video (a, klingVideoNode)']
    """
    facts = features(workflow)
    yield "workflow" if workflow.name is None else f"workflow {one_line(workflow.name)}"
    identity = {"appId": workflow.app_id} if workflow.app_id is not None else {}
    yield from _fields(_inexact("", name=workflow.name) | identity | settings_of(workflow))
    stages = facts.stages if facts.edges_known else "unknown"
    yield f"category {classify(workflow, facts=facts).category}, {facts.shape}, stages {stages}"
    yield from _canvas(workflow)
    unknown = origin_of(workflow).get("unknown")
    yield from (f"unknown: {one_line(str(each))}" for each in (unknown if isinstance(unknown, list) else ()))
    for node in sorted(workflow.nodes, key=lambda node: node.id):  # of one id, the first counts
        yield f"node {_title(node)} ({_id_and_type(node)})"
        inexact = _inexact("“”(),", id=node.id, type=node.type) | _inexact("”", label=node.label)
        place = label_places(node)
        placed = {"labelIn": place} if "data" in place else {}
        yield from _fields(inexact | placed | settings_of(node))
    titles = {node.id: _title(node) for node in adjacency(workflow).nodes}
    rows = ((edge.source, edge.target, _edge_rows(edge, titles)) for edge in workflow.edges)
    yield from (row for _, _, rows in sorted(rows) for row in rows)


def run_driver(words: Sequence[str], compare: Callable[[Version, Version], Diff] = diff) -> str:
    """Return what git is to show; it never fails, since git stops the whole diff where a driver does.

    Args:
        words: `diff` and what git gives a `diff.NAME.command`: path, old file, its hash and mode, new file,
            its hash and mode; of a renamed file also the new path and a note; of one in conflict only the
            path. Or `textconv` and a file.
        compare: how two versions are compared.

    >>> print(run_driver(["diff", "app.json"]))
    diff --lamina-graph app.json
    in conflict: not compared
    """
    kind, *rest = words or [""]
    try:
        if kind == "textconv" and len(rest) == 1:
            return _convert(Path(rest[0]))
        if kind == "diff" and rest:
            renamed = f" → {one_line(rest[7])}" if len(rest) > 7 else ""
            return f"diff --lamina-graph {one_line(rest[0])}{renamed}\n{_compare(rest, compare)}"
    except Exception as error:
        return f"not compared: {one_line(str(error))}"
    return "not compared: git called lamina-graph in a way that it does not know"


def _compare(rest: Sequence[str], compare: Callable[[Version, Version], Diff]) -> str:
    if len(rest) < 7:
        return "in conflict: not compared"
    old, new = rest[1], rest[4]
    try:
        # A version that is not there is the other one without its nodes.
        before = load(old) if old not in _NOTHING else _without_nodes(load(new))
        after = load(new) if new not in _NOTHING else _without_nodes(before)
    except WorkflowError as error:
        reason = elide(one_line(": ".join(filter(None, (error.field, error.problem)))), 200)
        heading = f"not a workflow on both sides ({reason}); what differs:"
        return "\n".join((heading, *_raw(old, new)))
    from lamina_graph.report.diff import text

    note = "new file\n" if old in _NOTHING else "deleted file\n" if new in _NOTHING else ""
    if not note and rest[3] != rest[6]:
        note = f"mode {one_line(rest[3])} → {one_line(rest[6])}\n"
    changes, canvas = _split_canvas(compare(*(Version(each, path=Path(rest[0])) for each in (before, after))))
    return f"{note}{text(changes)}{canvas}"


def _split_canvas(result: Diff) -> tuple[Diff, str]:
    """Return a diff, and a remark on the canvas, which is listed only where nothing else changed."""
    canvas = [
        each for each in result.changes if each.rule == "layout-changed" and each.severity == "cosmetic"
    ]
    rest = [each for each in result.changes if each not in canvas]
    if not canvas or not rest:
        return result, ""
    remark = "".join(f"\n\n(Beside that, {_uncapitalize(each.text)}.)" for each in canvas)
    return result.model_copy(update={"changes": tuple(rest)}), remark


def _uncapitalize(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _without_nodes(workflow: Workflow) -> Workflow:
    return workflow.model_copy(update={"nodes": (), "edges": ()})


def _raw(old: str, new: str) -> Iterator[str]:
    if any(_is_binary(path) for path in (old, new)):
        yield f"-{_describe_binary(old)}"
        yield f"+{_describe_binary(new)}"
        return
    before, after = (_content(path).splitlines() for path in (old, new))
    if len(before) + len(after) > _MOST_LINES:
        yield f"too many lines to compare: {len(before):,} and {len(after):,}"
    else:
        yield from unified_diff(before, after, "old", "new", lineterm="")


def _content(path: str) -> str:
    return "" if path in _NOTHING else Path(path).read_bytes().decode("utf-8", "backslashreplace")


def _is_binary(path: str) -> bool:
    return path not in _NOTHING and b"\0" in Path(path).read_bytes()[:_BEGINNING]


def _describe_binary(path: str) -> str:
    if path in _NOTHING:
        return "no file"
    content = Path(path).read_bytes()
    return f"binary file of {len(content):,} bytes, sha256 {sha256(content).hexdigest()[:12]}"


def _convert(path: Path) -> str:
    """Return a workflow as lines; any other file, and one that cannot be read as such, as it is.

    A word on what went wrong would stand on both sides, and git would show no difference.
    """
    try:
        return "\n".join(workflow_lines(load(path)))
    except Exception:
        file = str(path)
        return _describe_binary(file) if _is_binary(file) else _content(file).removesuffix("\n")


def _title(node: Node) -> str:
    kind = one_line(readable(node.type))
    return kind if node.label is None else f"{kind} {quote(node.label)}"


def _id_and_type(node: Node) -> str:
    """Return the id of a node, and its type where the id does not begin with it."""
    made = parse_node_id(node.id)
    if made is not None and made[0] == node.type:
        return one_line(node.id)
    return f"{one_line(node.id)}, {one_line(node.type)}"


def _edge_rows(edge: Edge, titles: Mapping[str, str]) -> tuple[str, ...]:
    ends = (f"{titles.get(end, 'nothing')} ({one_line(end)})" for end in (edge.source, edge.target))
    fields = _inexact("“”(),", source=edge.source, target=edge.target) | settings_of(edge)
    return (f"edge {' → '.join(ends)}", *_fields(fields))


def _canvas(workflow: Workflow) -> Iterator[str]:
    """Yield one line that differs where the canvas looks different."""
    looks = [(node.id, layout_of(node)) for node in workflow.nodes]
    looks += [(f"{edge.source} {edge.target}", layout_of(edge)) for edge in workflow.edges]
    present = sorted(canonical([id_, look]) for id_, look in [("", layout_of(workflow)), *looks] if look)
    if present:
        yield f"canvas {sha256(''.join(present).encode()).hexdigest()[:12]}"


def _inexact(marks: str, **values: str | None) -> dict[str, object]:
    """Return the values that a line does not show to the letter, or whose end `marks` in it would hide."""
    return {
        name: value
        for name, value in values.items()
        if value is not None and (one_line(value) != value or not set(marks).isdisjoint(value))
    }


def _fields(fields: Mapping[str, object]) -> Iterator[str]:
    if fields:
        yield from (f"  {row}" for row in canonical(fields).splitlines()[1:-1])
