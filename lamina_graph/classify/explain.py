"""An answer told in sentences."""

from collections.abc import Sequence

from lamina_graph.classify.classification import Classification
from lamina_graph.text import one_line, pluralize

_FIRST, _LAST = 5, 3


def explain(c: Classification) -> str:
    """Return an answer and its evidence as text; each sentence can be checked against the graph.

    >>> from lamina_graph.classify import classify
    >>> from lamina_graph.files import load
    >>> w = load({"name": "Clip", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> print(explain(classify(w)))
    Clip is a video app (0.95 sure).
      Because “klingVideoNode” gives a video [rule video, from type].
        a
      Nothing goes in that can be told; video comes out.
      The graph is single: 1 node, 0 edges, 1 step, 1 generation, 1 stage.
    """
    name = c.name or c.app_id or "This workflow"
    first, *rest = c.evidence
    counts = (
        ("node", c.features["nodes"]),
        ("edge", c.features["edges"]),
        ("step", c.steps),
        ("generation", c.generations),
        ("stage", c.stages),
    )
    goes = _listed(c.modalities.inputs, "no known input", "goes in", "go in")
    comes = _listed(c.modalities.outputs, "no known output", "comes out", "come out")
    lines = [
        f"{one_line(name)} is {_kind(c.category)} ({c.confidence:.2f} sure).",
        f"  Because {one_line(first.claim)} [rule {first.rule}, from {first.source}].",
        *([f"    {_way(first.path)}"] if first.path else []),
        f"  {_sentence(goes)}; {comes}.",
        f"  The graph is {_shape(c.shape)}: {', '.join(pluralize(count, word) for word, count in counts)}.",
        *(
            f"  {_sentence(one_line(evidence.claim))} [{evidence.rule}, from {evidence.source}]."
            for evidence in rest
        ),
    ]
    return "\n".join(lines)


def _way(path: Sequence[str]) -> str:
    ids = [one_line(id_) for id_ in path]
    if len(ids) > _FIRST + _LAST:
        ids = [*ids[:_FIRST], f"… {len(ids) - _FIRST - _LAST} more …", *ids[-_LAST:]]
    return " → ".join(ids)


def _listed(media: Sequence[str], nothing: str, one: str, several: str) -> str:
    return f"{' and '.join(media)} {one if len(media) == 1 else several}" if media else nothing


def _shape(shape: str) -> str:
    return f"a {shape}" if shape in ("chain", "diamond", "fan-in", "fan-out", "dag") else shape


def _kind(category: str) -> str:
    if category == "other":
        return "of another kind than image, try-on, video and multi-step"
    return f"{'an' if category[:1] in 'aeiou' else 'a'} {one_line(category)} app"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
