"""Detects changes of the whole workflow: category, stages, shape, credits."""

from collections.abc import Iterator

from lamina_graph.diff.alignment import Alignment
from lamina_graph.diff.detection import UnratedChange
from lamina_graph.diff.node_names import list_some, readable_type
from lamina_graph.diff.values import CreditChange
from lamina_graph.model import Estimate
from lamina_graph.text import pluralize
from lamina_graph.vocabulary import Vocabulary


def detect_totals(alignment: Alignment, categories: tuple[str, str]) -> Iterator[UnratedChange]:
    """Yield the category, the stages and the shape that changed."""
    old, new = alignment.old.graph.facts, alignment.new.graph.facts
    if categories[0] != categories[1]:
        text = f"Category changed: {categories[0]} → {categories[1]}"
        yield UnratedChange("category-changed", text, (), *categories)
    if old.stages != new.stages:
        rule = "stage-added" if new.stages > old.stages else "stage-removed"
        text = f"{pluralize(new.stages, 'stage')} instead of {old.stages}"
        yield UnratedChange(rule, text, (), old.stages, new.stages)
    if old.shape != new.shape:
        text = f"Shape changed: {old.shape} → {new.shape}"
        yield UnratedChange("shape-changed", text, (), old.shape, new.shape)


def credit_change(old: Estimate | None, new: Estimate | None) -> CreditChange | None:
    """Return the expected credits of both sides, or None where one is not known."""
    before, after = _expected_credits(old), _expected_credits(new)
    return None if before is None or after is None else CreditChange(before=before, after=after)


def detect_credits(
    alignment: Alignment, old: Estimate | None, new: Estimate | None
) -> Iterator[UnratedChange]:
    """Yield the credits that went up or down, with the nodes that cost more or less."""
    credits = credit_change(old, new)
    if credits is None or credits.before == credits.after or old is None or new is None:
        return
    rule = "credits-up" if credits.after > credits.before else "credits-down"
    share = f" ({(credits.after - credits.before) / credits.before:+.0%})" if credits.before else ""
    text = f"A run costs {credits.after:g} credits instead of {credits.before:g}{share}"
    yield UnratedChange(
        rule, text, (), credits.before, credits.after, list(_compare_nodes(alignment, old, new))
    )


def unknown_credits(
    old: Estimate | None, new: Estimate | None, vocabulary: Vocabulary | None = None
) -> Iterator[str]:
    """Say which credits could not be compared, and why."""
    if old is None and new is None:
        return
    for word, estimate in (("old", old), ("new", new)):
        if _expected_credits(estimate) is None:
            yield f"credits: no estimate of the {word} version"
        elif estimate and (bare := [each for each in estimate.breakdown if each.credits is None]):
            types = list_some(sorted({readable_type(each.node_type or "", vocabulary) for each in bare}))
            yield f"credits: {pluralize(len(bare), 'node')} of the {word} version without a price ({types})"


def _expected_credits(estimate: Estimate | None) -> float | None:
    return estimate.estimated_credits.expected if estimate and estimate.estimated_credits else None


def _compare_nodes(alignment: Alignment, old: Estimate, new: Estimate) -> Iterator[str]:
    before, after = ({each.node_id: each.credits for each in estimate.breakdown} for estimate in (old, new))
    for number in alignment.sort(alignment.old.positions.keys() | alignment.new.positions.keys()):
        was = before.get(alignment.old.node(number).id) if number in alignment.old.positions else 0
        now = after.get(alignment.new.node(number).id) if number in alignment.new.positions else 0
        if was is not None and now is not None and was != now:
            yield f"{alignment.name(number)}: {was:g} → {now:g}"
