"""What the API says of an app, held against its graph."""

from collections.abc import Iterable
from typing import Any

from lamina_graph.classify.classification import Evidence
from lamina_graph.classify.context import Context


def metadata_checks(context: Context) -> list[Evidence]:
    """Return for each thing that the API says of the app whether the graph agrees."""
    if context.summary is None and context.detail is None:
        return []
    return [
        Evidence(rule=rule, claim=claim, source="metadata")
        for rule, claim in (
            ("listed-types", _types(context)),
            ("listed-steps", _steps(context)),
            ("listed-media", _media(context)),
            ("listed-outputs", _outputs(context)),
        )
        if claim
    ]


def _said(context: Context) -> dict[str, Any]:
    return (context.summary.capabilities if context.summary else None) or {}


def _types(context: Context) -> str | None:
    listed = _said(context).get("nodeTypes")
    if not isinstance(listed, list):
        return None
    said, found = set(map(str, listed)), {node.type for node in context.nodes}
    if said == found:
        return "the API lists the node types that the graph has"
    parts = [
        f"{name} {', '.join(sorted(types)[:5])}"
        for name, types in (("only the API lists", said - found), ("only the graph has", found - said))
        if types
    ]
    return "the API's node types differ from the graph's: " + "; ".join(parts)


def _steps(context: Context) -> str | None:
    said = _said(context).get("generationStepCount")
    if not isinstance(said, int):
        return None
    found = context.facts.generations
    told = f"the API counts {said} generation steps, the graph has {found} generations"
    return f"{told}: they {_agree(said == found)}"


def _media(context: Context) -> str | None:
    said = set(_texts(_said(context).get("produces"))) | set(
        _texts(context.summary.modality if context.summary else None)
    )
    return _compared("the API says that the app produces", said, context)


def _outputs(context: Context) -> str | None:
    said = {output.type for output in context.detail.outputs if output.type} if context.detail else set()
    return _compared("the app's outputs are of type", said, context)


def _compared(words: str, said: set[str], context: Context) -> str | None:
    if not said:
        return None
    found = set(context.facts.output_modalities)
    gives = ", ".join(sorted(found)) or "no known output"
    return f"{words} {', '.join(sorted(said))}, the graph gives {gives}: they {_agree(said == found)}"


def _texts(value: Any) -> Iterable[str]:
    values = value if isinstance(value, list) else [value]
    return (each.lower() for each in values if isinstance(each, str))


def _agree(same: bool) -> str:
    return "agree" if same else "differ"
