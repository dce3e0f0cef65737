"""Entries of a catalogue that several tests share, and words that could do harm in a report."""

from builders import numbered

from lamina_graph.errors import WorkflowError
from lamina_graph.files import load
from lamina_graph.model import Credits, Entry, Estimate, NodeCredits

HOSTILE = {
    "script": "<script>window.hurt = 1</script>",
    "event": "\"'><img src=x onerror='window.hurt = 1'>",
    "svg": "</text></svg><svg onload=window.hurt=1>",
    "end of script": "</script><!-- --><script>window.hurt=1</script>",
    "template": "{{ 7 * 7 }}{% raw %}",
    "address": "javascript:window.hurt=1",
    "dot": '"]; evil [label="x" URL="https://example.com"]; //',
    "mermaid": 'x"]:::danger; click A "https://example.com"',
    "formula": '=HYPERLINK("https://example.com","x")',
    "plus": "+1+1",
    "minus": "-1+1",
    "at": "@SUM(1)",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "table": "a | b `c` *d* [e](https://example.com) ![f](g)",
    "lines": "one\ntwo\r\n\r\n# three",
    "escape": "\x1b[31mred\x1b]0;title\x07",
    "override": "abc\u202edef\u2066ghi",
    "surrogate": "a\ud800b",
    "nothing": "\0\ufffe\uffff",
    "planes": "é中\U0001f600\U00020000\U000e0041\U0010fffd",
    "huge": "x" * 10_000,
}


def entry(name, types, edges=(), ref=None, app_id=None, ids=None):
    """An app of nodes of these types, wired by their numbers."""
    ids = ids or [f"{name}-{number}" for number in range(len(types))]
    workflow = numbered(types, edges, ids, appId=app_id, name=name)
    return Entry(ref=ref or f"{name}.json", workflow=workflow)


def broken(ref="broken.json"):
    return Entry(ref=ref, error=WorkflowError(ref, "nodes[0].id", "missing"))


def estimate(app_id, expected, prices=(), low=None, high=None):
    """What a run of an app costs, and nodes of it."""
    return Estimate(
        app_id=app_id,
        estimated_credits=Credits(expected=expected, min=low, max=high),
        breakdown=tuple(NodeCredits(node_id=id_, credits=credits) for id_, credits in dict(prices).items()),
    )


def hostile_entry(text):
    """An app that says one text wherever an app can say something, and so does its estimate."""
    nodes = [
        {"id": text, "type": text, "label": text},
        {"id": "other", "type": f"{text}VideoNode", "label": text},
    ]
    edges = [{"source": text, "target": "other"}]
    workflow = load({"appId": text, "name": text, "nodes": nodes, "edges": edges})
    return Entry(ref=text, workflow=workflow, estimate=estimate(text, 3, {text: 2, "gone": 1}))
