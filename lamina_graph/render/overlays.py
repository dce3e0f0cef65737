"""What colours can stand for besides roles: how old a node is, what it costs in credits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from lamina_graph.model import Estimate
from lamina_graph.render.measure import shown

if TYPE_CHECKING:
    from lamina_graph.features import Features

STEPS = 5
_NAMED = 12  # nodes without a value that the legend names


@dataclass(frozen=True, slots=True)
class Overlay:
    """A quantity that colours stand for.

    Attributes:
        steps: the step of each node that has a value, by id, from 0 to 4.
        notes: the value in words, by id.
        scale: the words of the five steps; empty where nothing has a value.
        remarks: what has no value, in words.
        weights: what each node adds to a path, the heaviest of which is emphasised; None where this decides
            nothing.
        path: what the emphasised path is called.
    """

    steps: Mapping[str, int]
    notes: Mapping[str, str]
    scale: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    weights: Mapping[str, float] | None = None
    path: str = "main path"


def ages(facts: "Features") -> Overlay:
    """Return how old the nodes are, by the stamps in their ids, in five equal spans of time."""
    made = {fact.id: fact.made.timestamp() for fact in facts.facts if fact.made}
    low, high = min(made.values(), default=0), max(made.values(), default=0)
    edges = [low + (high - low) * step / STEPS for step in range(STEPS)]
    return Overlay(
        steps={id_: _step(moment - low, high - low) for id_, moment in made.items()},
        notes={id_: _day(moment) for id_, moment in made.items()},
        scale=tuple(f"from {_day(edge)}" for edge in edges) if made else (),
        remarks=_missing("no date", [fact.title for fact in facts.facts if fact.id not in made]),
    )


def credits(facts: "Features", estimate: Estimate) -> Overlay:
    """Return what the nodes cost in credits, in five equal spans from nothing to the dearest.

    What has no price is named, and never taken for free.
    """
    priced = {item.node_id: item.credits for item in estimate.breakdown if item.credits is not None}
    known = {fact.id: priced[fact.id] for fact in facts.facts if fact.id in priced}
    high = max(known.values(), default=0)
    edges = [high * step / STEPS for step in range(STEPS + 1)]
    elsewhere = len(priced) - len(known)
    return Overlay(
        steps={id_: _step(value, high) for id_, value in known.items()},
        notes={id_: f"{value:g} cr" for id_, value in known.items()},
        scale=tuple(f"{low:.3g}–{top:.3g} cr" for low, top in pairwise(edges)) if known else (),
        remarks=(
            *_missing("not priced", [fact.title for fact in facts.facts if fact.id not in known]),
            *([f"{elsewhere} priced elsewhere: no such node here"] if elsewhere else []),
        ),
        weights=known,
        path="most expensive path",
    )


def _step(value: float, span: float) -> int:
    return min(int(value / span * STEPS), STEPS - 1) if span > 0 else 0


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def _missing(what: str, titles: Sequence[str]) -> tuple[str, ...]:
    if not titles:
        return ()
    more = f" and {len(titles) - _NAMED} more" if len(titles) > _NAMED else ""
    return (f"{what}: {', '.join(shown(title)[:40] for title in titles[:_NAMED])}{more}",)
