"""What the API says of an app, compared with its graph."""

from collections.abc import Iterator
from typing import Any

from lamina_graph.classify.classification import Evidence
from lamina_graph.classify.context import Context


def check_metadata(context: Context) -> list[Evidence]:
    """Return for each thing that the API says of the app whether the graph agrees."""
    return [
        Evidence(rule=rule, claim=claim, source="metadata")
        for check in (_check_capabilities, _check_media)
        for rule, claim in check(context)
    ]


def _check_capabilities(context: Context) -> Iterator[tuple[str, str]]:
    capabilities = (context.summary.capabilities if context.summary else None) or {}
    types, steps = capabilities.get("nodeTypes"), capabilities.get("generationStepCount")
    if isinstance(types, list):
        yield "listed-types", _compare_types(set(map(str, types)), {node.type for node in context.nodes})
    if isinstance(steps, int):
        count = context.facts.generations
        counts = f"the API counts {steps} generation steps, the graph has {count} generations"
        yield "listed-steps", f"{counts}: they {_agree(steps == count)}"


def _compare_types(listed: set[str], present: set[str]) -> str:
    if listed == present:
        return "the API lists the node types that the graph has"
    differences = (("only the API lists", listed - present), ("only the graph has", present - listed))
    parts = [f"{words} {', '.join(sorted(types)[:5])}" for words, types in differences if types]
    return f"the API's node types differ from the graph's: {'; '.join(parts)}"


def _check_media(context: Context) -> Iterator[tuple[str, str]]:
    summary, detail = context.summary, context.detail
    listed = (
        _list_texts((summary.capabilities or {}).get("produces")) | _list_texts(summary.modality)
        if summary
        else set()
    )
    outputs = {output.type for output in detail.outputs if output.type} if detail else set()
    for rule, words, media in (
        ("listed-media", "the API says that the app produces", listed),
        ("listed-outputs", "the app's outputs are of type", outputs),
    ):
        if media:
            produced = set(context.facts.output_modalities)
            gives = ", ".join(sorted(produced)) or "nothing that is known"
            agree = _agree(media == produced)
            yield rule, f"{words} {', '.join(sorted(media))}, the graph gives {gives}: they {agree}"


def _list_texts(value: Any) -> set[str]:
    values = value if isinstance(value, list) else [value]
    return {text.lower() for text in values if isinstance(text, str)}


def _agree(same: bool) -> str:
    return "agree" if same else "differ"
