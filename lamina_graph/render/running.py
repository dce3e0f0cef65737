"""The scene of a workflow with a run laid over it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lamina_graph.outcome import NodeOutcome, Outcome
from lamina_graph.render.language import STATES
from lamina_graph.render.measure import shown
from lamina_graph.render.scene import Card, Link, Scene, dotted

_NAMED = 5  # nodes or outputs that a remark names
_ERRORS = 5  # errors that are told, each with all that it befell
_GOING = {"queued": "run still queued", "running": "run still going on"}
_LONGEST = 160  # of a remark's own text


def laid_over(scene: Scene, found: Outcome) -> Scene:
    """Return a scene whose colours tell how each node fared in a run.

    Args:
        scene: of the workflow.
        found: what the run says of it.
    """
    told = {node.id: node for node in found.nodes}
    ids = tuple(dict.fromkeys(node.id for node in scene.workflow.nodes))
    cards = tuple(_told(card, told.get(id_)) for id_, card in zip(ids, scene.cards, strict=True))
    return replace(
        scene,
        subtitle=dotted([_status(found), *_tally(cards)]),
        described=f"{scene.described} A run over it: {dotted([_status(found), *_tally(cards)], ', ')}.",
        cards=cards,
        links=tuple(_led(link, cards) for link in scene.links),
        colours="states",
        remarks=tuple(_remarks(found, {id_: card.title for id_, card in zip(ids, cards, strict=True)})),
    )


def _told(card: Card, node: NodeOutcome | None) -> Card:
    """A card that says how its node fared; the error in full is in the tooltip."""
    if node is None or node.state is None:
        return replace(card, main=False)
    took = "" if node.seconds is None else f"{node.seconds:g} s"
    problem = shown(node.problem)
    lines = [STATES[node.state].word, problem, f"took {took}" if took else "", *map(shown, node.outputs)]
    return replace(
        card,
        main=False,
        mark=node.state,
        note=problem or took,
        tooltip=(*card.tooltip, *(line for line in lines if line)),
    )


def _led(link: Link, cards: Sequence[Card]) -> Link:
    """A line that leads to a failure from where nothing shows that it worked."""
    ends = {cards[link.source].mark, cards[link.target].mark}
    return replace(link, main=False, mark="suspect" if ends <= {"failed", "suspect"} else None)


def _status(found: Outcome) -> str:
    took = "" if found.seconds is None else f" in {found.seconds:g} s"
    return _GOING.get(found.status) or f"run {shown(found.status)}{took}"


def _tally(cards: Sequence[Card]) -> list[str]:
    counts = ((look.word, sum(card.mark == state for card in cards)) for state, look in STATES.items())
    return [f"{count:,} {word}" for word, count in counts if count]


def _remarks(found: Outcome, titles: dict[str, str]) -> Iterable[str]:
    if found.problem:
        yield f"the run says: {shown(found.problem)[:_LONGEST]}"
    errors: dict[str, list[str]] = {}
    for node in found.nodes:
        if node.state == "failed":
            errors.setdefault(node.problem, []).append(
                titles.get(node.id) or ", ".join(node.outputs) or node.id
            )
    for problem, failed in list(errors.items())[:_ERRORS]:
        yield f"{_named(failed)}: {shown(problem)[:_LONGEST]}"
    if set(found.cause) - set(found.ids("failed")) and len(found.cause) <= _NAMED:
        yield f"look first at: {_named([titles.get(id_, id_) for id_ in found.cause])}"
    if found.unmatched:
        yield f"no node here made: {_named(found.unmatched)} (the workflow has changed since the run)"
    if found.moved:
        yield f"{found.moved} outputs were found through the snapshot of that time"


def _named(titles: Sequence[str]) -> str:
    more = f" and {len(titles) - _NAMED} more" if len(titles) > _NAMED else ""
    return ", ".join(shown(title)[:40] for title in titles[:_NAMED]) + more
