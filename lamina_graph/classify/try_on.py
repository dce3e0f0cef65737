"""What tells that a person is dressed: words, or a garment and a person that meet."""

from lamina_graph.classify.context import VISUAL, Context, Source
from lamina_graph.classify.rule import Verdict, quoted_title
from lamina_graph.features import NodeFacts
from lamina_graph.graph import reachable


def by_node(context: Context) -> Verdict | None:
    """Return a step whose words say that it dresses a person: by its type, else by its label."""
    steps = [
        node for node in context.nodes if node.task == "try-on" and node.role in ("generate", "transform")
    ]
    typed = [node for node in steps if context.vocabulary.read(node.type).task == "try-on"]
    if typed:
        return Verdict(f"{quoted_title(typed[0])} dresses a person", "type", (typed[0].id,), 0.95)
    return (
        Verdict(f"{quoted_title(steps[0])} dresses a person", "label", (steps[0].id,), 0.85)
        if steps
        else None
    )


def by_words(context: Context) -> Verdict | None:
    """Return a generation of pictures or video, or a part of one, whose words speak of dressing a person."""
    speaking = context.subjects.get("try-on", ())
    makers = [context.adj.index[node.id] for node in context.generations if _seen(node)] if speaking else []
    onto = reachable(context.adj.predecessors, makers)
    for node, source in speaking:
        number = context.adj.index[node.id]
        if number in onto and (node.part or node.role in ("generate", "transform")):
            led_to = reachable(context.adj.successors, [number])
            maker = next(context.adj.ids[each] for each in makers if each in led_to)
            through = tuple(dict.fromkeys((node.id, maker)))
            return Verdict(f"{quoted_title(node)} speaks of dressing a person", source, through, 0.85)
    return None


def by_app_name(context: Context) -> Verdict | None:
    """Return that the app's own words speak of dressing a person, where a picture or a video comes out."""
    if not context.finals or not _shown(context):
        return None
    said = [context.name, *((context.detail.name, context.detail.description) if context.detail else ())]
    for text in filter(None, said if context.labels else ()):
        if "try-on" in context.vocabulary.subjects(text):
            return Verdict(
                f"the app speaks of dressing a person: “{text[:60]}”",
                "metadata",
                (context.finals[0].id,),
                0.8,
            )
    return None


def by_inputs(context: Context) -> Verdict | None:
    """Return a garment and a person that lead to one generation."""
    garments = _leading(context, "garment")
    persons = _leading(context, "person") if garments else {}
    if not persons:
        return None
    both = reachable(context.adj.successors, garments) & reachable(context.adj.successors, persons)
    for maker in context.generations[:_FEW]:
        number = context.adj.index[maker.id]
        above = reachable(context.adj.predecessors, [number]) if number in both else set()
        worn, wearers = [n for n in garments if n in above], [n for n in persons if n in above]
        pair = next(((a, b) for a in worn for b in wearers if a != b), None)
        if pair:
            cloth, body = map(context.nodes.__getitem__, pair)
            claim = (
                f"a garment ({quoted_title(cloth)}) and a person ({quoted_title(body)}) meet in a generation"
            )
            return Verdict(claim, garments[pair[0]], (cloth.id, maker.id), 0.8)
    return None


def by_garment(context: Context) -> Verdict | None:
    """Return a garment that is brought to a generation of a picture or video, and not told to be worn.

    Of one picture a garment may be edited as well as worn: there the words of the generation must not name
    another task.
    """
    garments = _leading(context, "garment")
    persons = _leading(context, "person") if garments else {}
    brought = [n for n in garments if n not in persons and not context.nodes[n].generation]
    if not brought:
        return None
    pictures = [
        id_
        for id_ in context.facts.inputs
        if context.node(id_).modalities == ("image",) and context.generation_fed(id_)
    ]
    makers = [node for node in context.generations if _seen(node)]
    if len(pictures) == 1:
        makers = [node for node in makers if not _tasked(context, node)]
    numbers = [context.adj.index[maker.id] for maker in makers]
    onto = reachable(context.adj.predecessors, numbers)
    number = next((n for n in brought if n in onto), None)
    if number is None:
        return None
    led_to = reachable(context.adj.successors, [number])
    through = (context.adj.ids[number], next(context.adj.ids[each] for each in numbers if each in led_to))
    worn = quoted_title(context.nodes[number])
    claim = f"possible try-on: {worn} brings a garment to a generation, but no person is told"
    return Verdict(claim, garments[number], through, 0.5)


def _tasked(context: Context, maker: NodeFacts) -> bool:
    """Whether the words of a generation, or of its label, name a task."""
    label = context.adj.labels[context.adj.index[maker.id]] if context.labels else None
    return bool(maker.task or (label and context.vocabulary.read(label).task))


def _leading(context: Context, what: str) -> dict[int, Source]:
    """Return the nodes that speak of a thing and lead to a generation, and what of them speaks of it."""
    return {
        context.adj.index[node.id]: source
        for node, source in context.subjects.get(what, ())
        if (node.part or node.role not in ("control", "output")) and context.generation_fed(node.id)
    }


_FEW = 32
"""Generations that are looked at: each takes a walk over the graph."""


def _seen(node: NodeFacts) -> bool:
    return not VISUAL.isdisjoint(node.modalities)


def _shown(context: Context) -> bool:
    return any(not VISUAL.isdisjoint(end.modalities) for end in context.finals)
