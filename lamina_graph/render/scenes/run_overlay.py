"""The scene of a workflow with a run laid over it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from lamina_graph.render.font_metrics import shown
from lamina_graph.render.palette import STATES
from lamina_graph.render.scenes.color_scales import named
from lamina_graph.render.scenes.scene import Card, Link, Scene, dotted
from lamina_graph.run_outcome import NodeOutcome, Outcome

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
    cards = tuple(
        _told(card, [told[part.id] for part in card.members if part.id in told]) for card in scene.cards
    )
    tally = [_status(found), *_tally(told.values())]
    return replace(
        scene,
        subtitle=dotted(tally),
        described=f"{scene.described} A run over it: {dotted(tally, ', ')}.",
        cards=cards,
        links=tuple(_led(link, cards) for link in scene.links),
        colours="states",
        remarks=tuple(_remarks(found, {part.id: part.title for card in cards for part in card.members})),
    )


def _told(card: Card, nodes: Sequence[NodeOutcome]) -> Card:
    """A card that says how its node fared, or the worst of its nodes; the error in full is in the tooltip."""
    state = next((state for state in STATES if any(node.state == state for node in nodes)), None)
    if state is None:
        return replace(card, main=False)
    worst = next(node for node in nodes if node.state == state)
    took = "" if worst.seconds is None or card.parts else f"{worst.seconds:g} s"
    problem, counts = shown(worst.problem), dotted(_tally(nodes), ", ") if card.parts else ""
    lines = [STATES[state].word, problem, f"took {took}" if took else "", *map(shown, worst.outputs)]
    if card.parts:
        lines = [counts, problem]
    return replace(
        card,
        main=False,
        mark=state,
        note=counts or problem or took,
        tooltip=(*card.tooltip, *(line for line in lines if line)),
    )


def _led(link: Link, cards: Sequence[Card]) -> Link:
    """A line that leads to a failure from where nothing shows that it worked."""
    ends = {cards[link.source].mark, cards[link.target].mark}
    return replace(link, main=False, mark="suspect" if ends <= {"failed", "suspect"} else None)


def _status(found: Outcome) -> str:
    took = "" if found.seconds is None else f" in {found.seconds:g} s"
    return _GOING.get(found.status) or f"run {shown(found.status)}{took}"


def _tally(nodes: Collection[NodeOutcome]) -> list[str]:
    counts = ((look.word, sum(node.state == state for node in nodes)) for state, look in STATES.items())
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
        yield f"{named(failed, _NAMED)}: {shown(problem)[:_LONGEST]}"
    if set(found.cause) - set(found.ids("failed")) and len(found.cause) <= _NAMED:
        yield f"look first at: {named([titles.get(id_, id_) for id_ in found.cause], _NAMED)}"
    if found.unmatched:
        yield f"no node here made: {named(found.unmatched, _NAMED)} (the workflow has changed since the run)"
    if found.moved:
        yield f"{found.moved} outputs were found through the snapshot of that time"
