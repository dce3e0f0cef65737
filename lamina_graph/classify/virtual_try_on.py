"""Evidence that a workflow is a virtual try-on: its words, or a garment and a person that meet."""

from lamina_graph.classify.confidence import RULE_CONFIDENCE
from lamina_graph.classify.context import VISUAL, Context, Source
from lamina_graph.classify.rule import Verdict, quote_title
from lamina_graph.features import NodeFacts
from lamina_graph.graph import reachable

_MOST_GENERATIONS = 32
"""Generations that are looked at: each takes a walk over the graph."""


def by_words(context: Context) -> Verdict | None:
    """Return a generation of pictures or video, or a part of one, whose words speak of dressing a person."""
    dressing = [
        (node, source)
        for node, source in sorted(context.subjects.get("try-on", ()), key=lambda pair: pair[1] != "type")
        if node.part or node.role in ("generate", "transform")
    ]
    makers = (
        [context.adj.index[node.id] for node in context.generations if _is_visual(node)] if dressing else []
    )
    above = reachable(context.adj.predecessors, makers)
    for node, source in dressing:
        number = context.adj.index[node.id]
        if number in above:
            path_nodes = tuple(dict.fromkeys((node.id, _first_fed(context, number, makers))))
            claim = f"{quote_title(node)} dresses a person"
            return Verdict(claim, source, path_nodes, RULE_CONFIDENCE[f"try-on by {source}"])
    return None


def by_inputs(context: Context) -> Verdict | None:
    """Return a garment and a person that lead to one generation."""
    garments = _pictures_of(context, "garment")
    persons = _pictures_of(context, "person") if garments else {}
    if not persons:
        return None
    both = reachable(context.adj.successors, garments) & reachable(context.adj.successors, persons)
    for maker in context.generations[:_MOST_GENERATIONS]:
        number = context.adj.index[maker.id]
        above = reachable(context.adj.predecessors, [number]) if number in both else set()
        worn, wearers = [n for n in garments if n in above], [n for n in persons if n in above]
        pair = next(((a, b) for a in worn for b in wearers if a != b), None)
        if pair:
            garment, person = map(context.nodes.__getitem__, pair)
            pictures = f"a garment ({quote_title(garment)}) and a person ({quote_title(person)})"
            claim, confidence = f"{pictures} meet in a generation", RULE_CONFIDENCE["garment and person"]
            return Verdict(claim, garments[pair[0]], (garment.id, maker.id), confidence)
    return None


def by_app_name(context: Context) -> Verdict | None:
    """Return that the app's own words speak of dressing a person, where a picture or a video comes out."""
    shown = [end for end in context.finals if not VISUAL.isdisjoint(end.modalities)]
    texts = [context.name, *((context.detail.name, context.detail.description) if context.detail else ())]
    for text in filter(None, texts if context.labels and shown else ()):
        if "try-on" in context.vocabulary.subjects(text):
            claim = f"the app speaks of dressing a person: “{text[:60]}”"
            return Verdict(claim, "metadata", (context.finals[0].id,), RULE_CONFIDENCE["app name"])
    return None


def by_garment(context: Context) -> Verdict | None:
    """Return a garment that is brought to a generation of a picture or video, and not said to be worn.

    Of one picture a garment may be edited as well as worn: there the words of the generation must not name
    another task.
    """
    garments = _pictures_of(context, "garment")
    persons = _pictures_of(context, "person") if garments else {}
    brought = [n for n in garments if n not in persons]
    if not brought:
        return None
    makers = [node for node in context.generations if _is_visual(node)]
    if len(context.pictures_in) == 1:
        makers = [node for node in makers if not _names_task(context, node)]
    numbers = [context.adj.index[maker.id] for maker in makers]
    above = reachable(context.adj.predecessors, numbers)
    number = next((n for n in brought if n in above), None)
    if number is None:
        return None
    garment = context.nodes[number]
    brings = f"{quote_title(garment)} brings a garment to a generation"
    claim = f"possible try-on: {brings}, but nothing names a person"
    path_nodes = (garment.id, _first_fed(context, number, numbers))
    return Verdict(claim, garments[number], path_nodes, RULE_CONFIDENCE["garment alone"])


def _names_task(context: Context, maker: NodeFacts) -> bool:
    """Whether the words of a generation, or of its label, name a task."""
    label = context.adj.labels[context.adj.index[maker.id]] if context.labels else None
    return bool(maker.task or (label and context.vocabulary.read(label).task))


def _pictures_of(context: Context, subject: str) -> dict[int, Source]:
    """Return the nodes that bring a picture of a subject to a generation, and what of them speaks of it."""
    return {
        context.adj.index[node.id]: source
        for node, source in context.subjects.get(subject, ())
        if node.role in ("input", "transform")
        and node.task != "segment"
        and _is_visual(node)
        and node.generation is None
        and context.generation_fed(node.id)
    }


def _first_fed(context: Context, number: int, makers: list[int]) -> str:
    """Return the first of some generations that a node leads to."""
    below = reachable(context.adj.successors, [number])
    return next(context.adj.ids[maker] for maker in makers if maker in below)


def _is_visual(node: NodeFacts) -> bool:
    return not VISUAL.isdisjoint(node.modalities)
