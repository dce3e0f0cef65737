"""The scene of a workflow with a run laid over it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from lamina_graph.render.font_metrics import sanitize
from lamina_graph.render.palette import STATES
from lamina_graph.render.scenes.color_scales import join_titles
from lamina_graph.render.scenes.scene import Card, Link, Scene, join_parts
from lamina_graph.run_outcome import NodeOutcome, Outcome

_MOST_NAMES = 5  # nodes or outputs that a remark names
_MOST_ERRORS = 5
_UNFINISHED = {"queued": "run still queued", "running": "run still going on"}
_MOST_CHARACTERS = 160  # of a remark's own text


def overlay_run(scene: Scene, outcome: Outcome) -> Scene:
    """Return the scene of a workflow with colours that say how each node fared in a run."""
    outcomes = {node.id: node for node in outcome.nodes}
    cards = tuple(
        _with_outcome(card, [outcomes[part.id] for part in card.members if part.id in outcomes])
        for card in scene.cards
    )
    took = "" if outcome.seconds is None else f" in {outcome.seconds:g} s"
    status = _UNFINISHED.get(outcome.status) or f"run {sanitize(outcome.status)}{took}"
    tally = [status, *_tally(outcomes.values())]
    titles = {part.id: part.title for card in cards for part in card.members}
    return replace(
        scene,
        subtitle=join_parts(tally),
        description=f"{scene.description} A run over it: {join_parts(tally, ', ')}.",
        cards=cards,
        links=tuple(_with_failure(link, cards) for link in scene.links),
        colors="states",
        remarks=tuple(_remarks(outcome, titles)),
    )


def _with_outcome(card: Card, nodes: Sequence[NodeOutcome]) -> Card:
    """A card that says how its node fared, or the worst of its nodes; the error in full is in the tooltip."""
    state = next((state for state in STATES if any(node.state == state for node in nodes)), None)
    if state is None:
        return replace(card, main=False)
    worst = next(node for node in nodes if node.state == state)
    took = "" if worst.seconds is None or card.parts else f"{worst.seconds:g} s"
    problem, counts = sanitize(worst.problem), join_parts(_tally(nodes), ", ") if card.parts else ""
    lines = [STATES[state].word, problem, f"took {took}" if took else "", *map(sanitize, worst.outputs)]
    if card.parts:
        lines = [counts, problem]
    return replace(
        card,
        main=False,
        mark=state,
        note=counts or problem or took,
        tooltip=(*card.tooltip, *filter(None, lines)),
    )


def _with_failure(link: Link, cards: Sequence[Card]) -> Link:
    """A line, marked where it leads to a failure from where nothing shows that it worked."""
    ends = {cards[link.source].mark, cards[link.target].mark}
    return replace(link, main=False, mark="suspect" if ends <= {"failed", "suspect"} else None)


def _tally(nodes: Collection[NodeOutcome]) -> list[str]:
    counts = ((style.word, sum(node.state == state for node in nodes)) for state, style in STATES.items())
    return [f"{count:,} {word}" for word, count in counts if count]


def _remarks(outcome: Outcome, titles: dict[str, str]) -> Iterable[str]:
    if outcome.problem:
        yield f"the run says: {sanitize(outcome.problem)[:_MOST_CHARACTERS]}"
    errors: dict[str, list[str]] = {}
    for node in outcome.nodes:
        if node.state == "failed":
            title = titles.get(node.id) or ", ".join(node.outputs) or node.id
            errors.setdefault(node.problem, []).append(title)
    for problem, failed in list(errors.items())[:_MOST_ERRORS]:
        yield f"{join_titles(failed, _MOST_NAMES)}: {sanitize(problem)[:_MOST_CHARACTERS]}"
    if set(outcome.cause) - set(outcome.ids("failed")) and len(outcome.cause) <= _MOST_NAMES:
        yield f"look first at: {join_titles([titles.get(id_, id_) for id_ in outcome.cause], _MOST_NAMES)}"
    if outcome.unmatched:
        names = join_titles(outcome.unmatched, _MOST_NAMES)
        yield f"no node here made: {names} (the workflow has changed since the run)"
    if outcome.moved:
        yield f"{outcome.moved} outputs were found through the snapshot of that time"
