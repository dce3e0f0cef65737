"""Tellers of what the whole workflow is: category, stages, shape, credits."""

from collections.abc import Iterator

from lamina_graph.diff.both import Both
from lamina_graph.diff.draft import Draft
from lamina_graph.diff.values import Spending
from lamina_graph.diff.words import kind, listed
from lamina_graph.model import Estimate
from lamina_graph.text import pluralize
from lamina_graph.vocabulary import Vocabulary


def facts(both: Both, categories: tuple[str, str]) -> Iterator[Draft]:
    """Tell the category, the stages and the shape that changed."""
    old, new = both.old.version.facts, both.new.version.facts
    if categories[0] != categories[1]:
        text = f"Category changed: {categories[0]} → {categories[1]}"
        yield Draft("category-changed", text, (), *categories)
    if old.stages != new.stages:
        rule = "stage-added" if new.stages > old.stages else "stage-removed"
        text = f"{pluralize(new.stages, 'stage')} instead of {old.stages}"
        yield Draft(rule, text, (), old.stages, new.stages)
    if old.shape != new.shape:
        yield Draft("shape-changed", f"Shape changed: {old.shape} → {new.shape}", (), old.shape, new.shape)


def spending(old: Estimate | None, new: Estimate | None) -> Spending | None:
    """Return the expected credits of both sides, or None where one is not known."""
    before, after = _expected(old), _expected(new)
    return None if before is None or after is None else Spending(before=before, after=after)


def credits(both: Both, old: Estimate | None, new: Estimate | None) -> Iterator[Draft]:
    """Tell the credits that went up or down, with the nodes that cost more or less."""
    spent = spending(old, new)
    if spent is None or spent.before == spent.after or old is None or new is None:
        return
    rule = "credits-up" if spent.after > spent.before else "credits-down"
    share = f" ({(spent.after - spent.before) / spent.before:+.0%})" if spent.before else ""
    text = f"A run costs {spent.after:g} credits instead of {spent.before:g}{share}"
    yield Draft(rule, text, (), spent.before, spent.after, list(_by_node(both, old, new)))


def unpriced(
    old: Estimate | None, new: Estimate | None, vocabulary: Vocabulary | None = None
) -> Iterator[str]:
    """Say which credits could not be compared, and why."""
    if old is None and new is None:
        return
    for word, estimate in (("old", old), ("new", new)):
        if _expected(estimate) is None:
            yield f"credits: no estimate of the {word} version"
        elif estimate and (bare := [each for each in estimate.breakdown if each.credits is None]):
            types = listed(sorted({kind(each.node_type or "", vocabulary) for each in bare}))
            yield f"credits: {pluralize(len(bare), 'node')} of the {word} version without a price ({types})"


def _expected(estimate: Estimate | None) -> float | None:
    return estimate.estimated_credits.expected if estimate and estimate.estimated_credits else None


def _by_node(both: Both, old: Estimate, new: Estimate) -> Iterator[str]:
    before, after = ({each.node_id: each.credits for each in estimate.breakdown} for estimate in (old, new))
    for number in both.order(both.old.place.keys() | both.new.place.keys()):
        was = before.get(both.old.node(number).id) if number in both.old.place else 0
        now = after.get(both.new.node(number).id) if number in both.new.place else 0
        if was is not None and now is not None and was != now:
            yield f"{both.name(number)}: {was:g} → {now:g}"
