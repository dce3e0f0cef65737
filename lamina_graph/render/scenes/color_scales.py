"""What colours can stand for besides roles: how old nodes are, what they cost in credits.

A folded card stands for several nodes: its age is a span, coloured by the newest; its credits are a sum.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from lamina_graph.errors import InputError
from lamina_graph.model import Credits, Estimate
from lamina_graph.render.font_metrics import sanitize
from lamina_graph.render.scenes.scene import Card, Scene, join_parts
from lamina_graph.text import pluralize
from lamina_graph.vocabulary import ROLES, Role

if TYPE_CHECKING:
    from lamina_graph.features import Features

STEPS = 5
_PRICED: tuple[Role, ...] = ("generate", "transform", "unknown")
"""Roles of what a run is charged for."""
_MOST_NAMES = 12  # nodes without a value that the legend names


def color_by_age(scene: Scene, facts: "Features") -> Scene:
    """Return a scene coloured by how old the nodes are, by the stamps in their ids, in five equal spans.

    Within one day they are told apart by the time, and the legend names the day; without a stamp it says so.
    """
    created = {fact.id: fact.created_at for fact in facts.facts if fact.created_at}
    if not created:
        none = ("no node has a date in its id",) if scene.cards else ()
        return replace(scene, colors="steps", remarks=none)
    low, high = min(created.values()), max(created.values())
    moments = [low + (high - low) * step / STEPS for step in range(STEPS)] if high > low else [low]
    form = _date_form(low, high)

    def colored(card: Card) -> Card:
        times = [created[part.id] for part in card.members if part.id in created]
        if not times:
            return card
        span = " – ".join(dict.fromkeys(f"{time:{form}}" for time in (min(times), max(times))))
        note = join_parts([span, _unknown_parts(card, created, "a date")])
        step = _step((max(times) - low).total_seconds(), (high - low).total_seconds())
        return replace(card, step=step, note=note)

    day = (
        [] if "%Y" in form else [f"all times are of {low:%Y-%m-%d}, UTC" if "%d" not in form else f"{low:%Y}"]
    )
    return replace(
        scene,
        cards=tuple(map(colored, scene.cards)),
        colors="steps",
        scale=tuple(f"from {moment:{form}}" for moment in moments),
        remarks=(*day, *_unknown_nodes("no date", scene, created)),
    )


def color_by_credits(
    scene: Scene, credits: Mapping[str, float], elsewhere: int = 0, total: Credits | None = None
) -> Scene:
    """Return a scene coloured by what the nodes cost, in five equal spans from nothing to the dearest.

    Below the title stands what a run costs. A step without a price is named, and never taken for free;
    inputs, outputs and controls have none.

    Args:
        scene: whose main path is the most expensive one.
        credits: what each node that has a price costs, by id.
        elsewhere: how many nodes the estimate prices that are not in the workflow.
        total: what the estimate says of the whole run; without it, the sum of the nodes.
    """
    sums = [[credits[part.id] for part in card.members if part.id in credits] or None for card in scene.cards]
    totals = [None if prices is None else sum(prices) for prices in sums]
    high = max((each for each in totals if each is not None), default=0)
    edges = [high * step / STEPS for step in range(STEPS + 1)]

    def colored(card: Card, own: float | None) -> Card:
        if own is None:
            return card
        note = join_parts([f"{own:g} cr", _unknown_parts(card, credits, "a price", _PRICED)])
        return replace(card, step=_step(own, high), note=note)

    remarks = [*_unknown_nodes("not priced", scene, credits, _PRICED)]
    shown = sum(len(card.members) for card in scene.cards)
    cost = _run_cost(credits, total, partly=bool(remarks) or shown < len(scene.workflow.nodes))
    if elsewhere:
        remarks.append(f"{elsewhere} priced elsewhere: no such node here")
    return replace(
        scene,
        subtitle=join_parts([scene.subtitle, cost]),
        cards=tuple(map(colored, scene.cards, totals)),
        colors="steps",
        scale=tuple(f"{low:.3g}–{top:.3g} cr" for low, top in pairwise(edges)) if credits else (),
        remarks=tuple(remarks),
        path="most expensive path" if credits else scene.path,
    )


def _run_cost(credits: Mapping[str, float], total: Credits | None, partly: bool) -> str:
    """What a run costs, in words; empty where that is not known, the least where it is only partly."""
    if total and total.expected is not None:
        ends = [end for end in (total.min, total.max) if end is not None]
        span = f" ({ends[0]:g}–{ends[1]:g})" if len(set(ends)) == 2 else ""
        return f"{total.expected:g} credits a run{span}"
    return f"{'at least ' if partly else ''}{sum(credits.values()):g} credits a run" if credits else ""


def node_credits(facts: "Features", estimate: Estimate) -> tuple[dict[str, float], int]:
    """Return the credits of each node that an estimate prices, by id, and how many nodes it prices elsewhere.

    Raises:
        InputError: it prices nodes, but none of these: it is of another app, or of another version.
    """
    all_ = {item.node_id: item.credits for item in estimate.breakdown if item.credits is not None}
    credits = {fact.id: all_[fact.id] for fact in facts.facts if fact.id in all_}
    if all_ and not credits:
        of = f" of {sanitize(estimate.app_id)}" if estimate.app_id else ""
        raise InputError(
            f"the estimate{of} prices {pluralize(len(all_), 'node')}, none of which is in this workflow",
            "It is of another app or version; `lamina-graph app REF --json > app.json` fetches a new one.",
        )
    return credits, len(all_) - len(credits)


def join_titles(titles: Sequence[str], most: int) -> str:
    """Return titles as a list of so many, and how many more there are; equal ones once.

    >>> join_titles(["Steps", "Steps", "Seed", "Size"], 2)
    'Steps × 2, Seed and 1 more'
    """
    counts = list(Counter(titles).items())
    names = (f"{sanitize(title)[:40]}{f' × {count}' if count > 1 else ''}" for title, count in counts[:most])
    more = sum(count for _, count in counts[most:])
    return ", ".join(names) + (f" and {more} more" if more else "")


def _unknown_parts(card: Card, known: Container[str], what: str, roles: Container[Role] = ROLES) -> str:
    unknown = sum(part.role in roles and part.id not in known for part in card.members)
    return f"{unknown} without {what}" if unknown else ""


def _unknown_nodes(
    what: str, scene: Scene, known: Container[str], roles: Container[Role] = ROLES
) -> Iterable[str]:
    parts = [part for card in scene.cards for part in card.members]
    titles = [part.title for part in parts if part.role in roles and part.id not in known]
    if titles:
        yield f"{what}: {join_titles(titles, _MOST_NAMES)}"


def _step(value: float, span: float) -> int:
    return min(int(value / span * STEPS), STEPS - 1) if span > 0 else 0


def _date_form(low: datetime, high: datetime) -> str:
    """How moments between two are written, so that those of five equal spans differ."""
    if (high - low).days >= STEPS:
        return "%Y-%m-%d"
    if low.date() != high.date():
        return "%m-%d %H:%M" if low.year == high.year else "%Y-%m-%d %H:%M"
    return "%H:%M" if (high - low).total_seconds() >= 60 * STEPS else "%H:%M:%S"
