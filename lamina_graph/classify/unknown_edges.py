"""What can be said of a workflow of which the nodes are known and the edges are not.

No rule that follows edges is tried, and no path is shown: the words of one node may speak of dressing a
person, and the API may say what comes out. Whether generations follow one another stays open.
"""

from collections.abc import Sequence
from typing import Any, get_args

from lamina_graph.classify.classification import Evidence
from lamina_graph.classify.confidence import RULE_CONFIDENCE
from lamina_graph.classify.context import Context
from lamina_graph.classify.rule import Rule, Verdict, quote_title
from lamina_graph.model import App, AppSummary, Output, Workflow
from lamina_graph.text import join_words, pluralize
from lamina_graph.vocabulary import Modality

_RULE_OF_MEDIUM = (
    ("video", {"video"}),
    ("image", {"image", "vector"}),
    ("other-medium", {"audio", "3d", "text", "data"}),
)


def decide_by_nodes(context: Context, rules: Sequence[Rule]) -> tuple[Rule, Verdict]:
    """Return what single nodes and the API itself say of the category.

    Args:
        context: the workflow, of which the edges are not known.
        rules: those that may be named; "unknown" among them, as in the package's own.
    """
    by_id = {rule.id: rule for rule in rules}
    for id_, verdict in (("try-on-words", _find_dressing(context)), *_find_media(context)):
        if verdict and id_ in by_id:
            return by_id[id_], verdict
    return by_id["unknown"], Verdict(
        "nothing says what comes out", "metadata", (), RULE_CONFIDENCE["nothing"]
    )


def list_metadata(context: Context) -> list[Evidence]:
    """Return what the API says of the whole app, and its known nodes do not show."""
    capabilities = (context.summary and context.summary.capabilities) or {}
    types, steps = capabilities.get("nodeTypes"), capabilities.get("generationStepCount")
    known = {node.type for node in context.nodes}
    others = (
        sorted({each for each in types if isinstance(each, str)} - known) if isinstance(types, list) else []
    )
    claims = []
    if others:
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        claims.append(("listed-types", f"the API also lists nodes of type {', '.join(others[:5])}{more}"))
    if isinstance(steps, int) and not isinstance(steps, bool):
        claims.append(("listed-steps", f"the API counts {pluralize(steps, 'generation step')}"))
    return [Evidence(rule=rule, claim=claim, source="metadata") for rule, claim in claims]


def app_of(w: Workflow) -> tuple[App, AppSummary]:
    """Return what a workflow without its edges carries of what the API says of the app, as far as it fits."""
    extra, id_, name = w.model_extra or {}, w.app_id or "", w.name or ""
    outputs, capabilities = extra.get("outputs"), extra.get("capabilities")
    types = (
        [each.get("type") for each in outputs if isinstance(each, dict)] if isinstance(outputs, list) else []
    )
    media = tuple(Output(type=each) for each in types if isinstance(each, str))
    known = capabilities if isinstance(capabilities, dict) else None
    return App(app_id=id_, name=name, outputs=media), AppSummary(app_id=id_, name=name, capabilities=known)


def _find_dressing(context: Context) -> Verdict | None:
    for node, source in context.subjects.get("try-on", ()):
        if node.role in ("generate", "transform"):
            claim = f"{quote_title(node)} dresses a person"
            return Verdict(claim, source, (), RULE_CONFIDENCE[f"try-on by {source}"])
    return None


def _find_media(context: Context) -> list[tuple[str, Verdict]]:
    """Return the rule of the medium that comes out, as the API says it, else as the nodes may make it."""
    listed = _listed_media(context)
    made = {medium for node in context.generations for medium in node.modalities}
    media = listed or made
    rule = next((rule for rule, kinds in _RULE_OF_MEDIUM if media & kinds), None)
    if rule is None:
        return []
    names = join_words(sorted(media))
    if listed:
        verdict = Verdict(
            f"the API says that {names} comes out", "metadata", (), RULE_CONFIDENCE["media by the API"]
        )
    else:
        verdict = Verdict(f"its nodes make {names}", "type", (), RULE_CONFIDENCE["media of nodes"])
    return [(rule, verdict)]


def _listed_media(context: Context) -> set[Modality]:
    capabilities = (context.summary and context.summary.capabilities) or {}
    produces = capabilities.get("produces")
    outputs = context.detail.outputs if context.detail else ()
    words: list[Any] = [each.type for each in outputs] or (
        produces if isinstance(produces, list) else [produces]
    )
    known = {medium.lower() for medium in words if isinstance(medium, str)}
    return {medium for medium in get_args(Modality) if medium in known}
