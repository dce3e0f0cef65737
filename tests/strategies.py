"""Workflows as files may hold them, drawn by hypothesis: valid ones of every kind, and broken ones."""

from typing import Any

from hypothesis import strategies as st

ANY_TEXT = st.text(st.characters(codec=None), max_size=12)
"""Text of any code points, lone surrogates too: JavaScript cuts strings between the halves of an emoji."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)

IDS = st.sampled_from(["a", "b", "c", "klingVideoNode-1774865000000-abcdefghi"]) | ANY_TEXT
"""Ids that often meet again."""


def extended(known: dict[str, st.SearchStrategy[Any]], optional: dict[str, st.SearchStrategy[Any]]) -> Any:
    """Objects with known fields, perhaps the optional ones, and any others."""
    names = st.sampled_from(["data", "x", "own_label", "nodes"]) | st.text(max_size=12)
    return st.builds(
        lambda fields, others: {**others, **fields},
        st.fixed_dictionaries(known, optional=optional),
        st.dictionaries(names.filter(lambda name: name not in {*known, *optional}), JSON, max_size=3),
    )


NODES = extended(
    {"id": IDS, "type": st.sampled_from(["fluxImageNode", "textInputNode", "x"]) | ANY_TEXT},
    {"label": st.none() | st.sampled_from(["", "L", "\u202e"]) | ANY_TEXT},
)
EDGES = extended({"source": IDS, "target": IDS}, {"targetHandle": IDS})
WORKFLOWS = extended(
    {"nodes": st.lists(NODES, max_size=8), "edges": st.lists(EDGES, max_size=12)},
    {"appId": st.none() | ANY_TEXT, "name": st.none() | ANY_TEXT},
)
"""What can be read: ids repeat, edges repeat, dangle and bite their tail, and fields are of any kind."""


@st.composite
def broken_workflows(draw: st.DrawFn) -> Any:
    """Draw a workflow in which some required part is missing, or is something else."""
    raw = draw(WORKFLOWS)
    parts = [(raw, ("nodes", "edges"))]
    parts += [(node, ("id", "type")) for node in raw["nodes"]]
    parts += [(edge, ("source", "target")) for edge in raw["edges"]]
    holder, required = draw(st.sampled_from(parts))
    key = draw(st.sampled_from(required))
    kind = list if isinstance(holder[key], list) else str
    if draw(st.booleans()) and key != "edges":
        del holder[key]
    else:
        holder[key] = draw(JSON.filter(lambda value: not isinstance(value, kind)))
    return raw
