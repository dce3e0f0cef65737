"""An answer in sentences."""

from collections.abc import Sequence

from lamina_graph.classify.classification import Classification
from lamina_graph.text import join_words, one_line, pluralize

_FIRST, _LAST = 5, 3
"""Nodes of a long path that are shown at its start and at its end."""


def explain(c: Classification) -> str:
    """Return an answer and its evidence as text; each sentence can be checked against the graph.

    >>> from lamina_graph.classify import classify
    >>> from lamina_graph.files import load
    >>> w = load({"name": "Clip", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> print(explain(classify(w)))
    Clip is a video app (confidence 0.95).
      Because “klingVideoNode” gives a video [rule video, from type].
        a
      Inputs: none known; outputs: video.
      The graph is single: 1 node, 0 edges, 1 step, 1 generation, 1 stage.
    """
    name = c.name or c.app_id or "This workflow"
    first, *rest = c.evidence
    nodes = c.features["nodes"] or 0
    known = {"node": nodes, "edge": c.features["edges"], "step": c.steps}
    known |= {"generation": c.generations, "stage": c.stages}
    counts = {noun: count for noun, count in known.items() if count is not None}
    inputs, outputs = (
        join_words(media) or "none known" for media in (c.modalities.inputs, c.modalities.outputs)
    )
    shape = f"a {c.shape}" if c.shape in ("chain", "diamond", "fan-in", "fan-out", "dag") else c.shape
    lines = [
        f"{one_line(name)} is {_describe_kind(c.category)} (confidence {c.confidence:.2f}).",
        f"  Because {one_line(first.claim)} [rule {first.rule}, from {first.source}].",
        *([f"    {_draw_path(first.path)}"] if first.path else []),
        f"  Inputs: {inputs}; outputs: {outputs}.",
        f"  The graph is {shape}: {', '.join(pluralize(count, noun) for noun, count in counts.items())}."
        if c.shape != "unknown"
        else f"  Known of the graph: {', '.join(pluralize(count, noun) for noun, count in counts.items())}.",
    ]
    for evidence in rest:
        claim = one_line(evidence.claim)
        lines.append(f"  {claim[:1].upper()}{claim[1:]} [{evidence.rule}, from {evidence.source}].")
    return "\n".join(lines)


def _draw_path(path: Sequence[str]) -> str:
    ids = [one_line(id_) for id_ in path]
    if len(ids) > _FIRST + _LAST:
        ids = [*ids[:_FIRST], f"… {len(ids) - _FIRST - _LAST} more …", *ids[-_LAST:]]
    return " → ".join(ids)


def _describe_kind(category: str) -> str:
    if category == "other":
        return "of another kind than image, try-on, video and multi-step"
    return f"{'an' if category[:1] in 'aeiou' else 'a'} {one_line(category)} app"
