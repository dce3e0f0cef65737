"""Diffs that several tests share: of a long chain, and of workflows that say one word everywhere."""

from itertools import pairwise

from builders import numbered

from lamina_graph.diff import Diff, diff
from lamina_graph.files import load
from lamina_graph.model import Workflow

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></svg><b>",
    "a | b `c` **d** [e](http://f) @g #1",
    "```\n# heading\n",
    "\x1b[31mred\x1b]0;title\x07",
    "\u202egnp.exe",
    'x"];click n0 "javascript:alert(1)"',
    "{{ 7 * 7 }}{% raw %}",
    "=HYPERLINK(1)",
    "x" * 10_000,
    "👩‍🎨 भारत 𝒳",
]


def line_of(size: int, swapped: int = -1, name: str = "Long", every: int = 0) -> Workflow:
    """A chain, with one node of another type, or with one in so many."""
    types = [
        "veoVideoNode" if n == swapped or (every and n % every == 0) else "klingVideoNode"
        for n in range(size)
    ]
    return numbered(types, pairwise(range(size)), [f"n{n}" for n in range(size)], name=name)


def hostile(word: str) -> Diff:
    """A diff with one word at every place that the API fills."""
    old = {"name": word, "nodes": [{"id": word, "type": word, "label": word}, {"id": "b", "type": "x"}]}
    new = {"name": word + "2", "nodes": [{"id": "b", "type": word, "label": word, "data": {word: word}}]}
    edges = [{"source": word, "target": "b"}, {"source": "b", "target": word}]
    return diff(load(old | {"edges": edges}), load(new | {"edges": edges}))
