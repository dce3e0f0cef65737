"""What the API says of an app, held against its graph."""

from collections.abc import Iterable
from typing import Any

from lamina_graph.classify.classification import Evidence
from lamina_graph.classify.context import Case


def agreement(case: Case) -> list[Evidence]:
    """Return for each thing that the API says of the app whether the graph agrees."""
    if case.summary is None and case.detail is None:
        return []
    return [
        Evidence(rule=rule, claim=claim, source="metadata")
        for rule, claim in (
            ("listed-types", _types(case)),
            ("listed-steps", _steps(case)),
            ("listed-media", _media(case)),
            ("listed-outputs", _outputs(case)),
        )
        if claim
    ]


def _said(case: Case) -> dict[str, Any]:
    return (case.summary.capabilities if case.summary else None) or {}


def _types(case: Case) -> str | None:
    listed = _said(case).get("nodeTypes")
    if not isinstance(listed, list):
        return None
    said, found = set(map(str, listed)), set(case.table.type)
    if said == found:
        return "the API lists the node types that the graph has"
    parts = [
        f"{name} {', '.join(sorted(types)[:5])}"
        for name, types in (("only the API lists", said - found), ("only the graph has", found - said))
        if types
    ]
    return "the API's node types differ from the graph's: " + "; ".join(parts)


def _steps(case: Case) -> str | None:
    said = _said(case).get("generationStepCount")
    if not isinstance(said, int):
        return None
    found = case.facts.generations
    told = f"the API counts {said} generation steps, the graph has {found} generations"
    return f"{told}: they {_agree(said == found)}"


def _media(case: Case) -> str | None:
    said = set(_texts(_said(case).get("produces"))) | set(
        _texts(case.summary.modality if case.summary else None)
    )
    return _compared("the API says that the app produces", said, case)


def _outputs(case: Case) -> str | None:
    said = {output.type for output in case.detail.outputs if output.type} if case.detail else set()
    return _compared("the app's outputs are of type", said, case)


def _compared(words: str, said: set[str], case: Case) -> str | None:
    if not said:
        return None
    found = set(case.facts.output_modalities)
    gives = ", ".join(sorted(found)) or "nothing that can be told"
    return f"{words} {', '.join(sorted(said))}, the graph gives {gives}: they {_agree(said == found)}"


def _texts(value: Any) -> Iterable[str]:
    values = value if isinstance(value, list) else [value]
    return (each.lower() for each in values if isinstance(each, str))


def _agree(same: bool) -> str:
    return "agree" if same else "differ"
