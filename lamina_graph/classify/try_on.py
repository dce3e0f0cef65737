"""What tells that a person is dressed: words, or a garment and a person that meet."""

from lamina_graph.classify.context import VISUAL, Case, Source
from lamina_graph.classify.rule import Verdict, told
from lamina_graph.features import NodeFacts
from lamina_graph.graph import reachable


def dresses(case: Case) -> Verdict | None:
    """Return a step whose words say that it dresses a person: by its type, else by its label."""
    steps = [node for node in case.table.where("task", "try-on") if node.role in ("generate", "transform")]
    typed = [node for node in steps if case.vocabulary.read(node.type).task == "try-on"]
    if typed:
        return Verdict(f"{told(typed[0])} dresses a person", "type", (typed[0].id,), 0.95)
    return Verdict(f"{told(steps[0])} dresses a person", "label", (steps[0].id,), 0.85) if steps else None


def speaks(case: Case) -> Verdict | None:
    """Return a generation of pictures or video, or a part of one, whose words speak of dressing a person."""
    speaking = case.things.get("try-on", ())
    makers = [case.plain.index[node.id] for node in case.generations if _seen(node)] if speaking else []
    onto = reachable(case.plain.predecessors, makers)
    for node, source in speaking:
        number = case.plain.index[node.id]
        if number in onto and (node.part or node.role in ("generate", "transform")):
            led_to = reachable(case.plain.successors, [number])
            maker = next(case.plain.ids[each] for each in makers if each in led_to)
            through = tuple(dict.fromkeys((node.id, maker)))
            return Verdict(f"{told(node)} speaks of dressing a person", source, through, 0.85)
    return None


def app_says(case: Case) -> Verdict | None:
    """Return that the app's own words speak of dressing a person, where a picture or a video comes out."""
    if not case.ends or not _shown(case):
        return None
    said = [case.name, *((case.detail.name, case.detail.description) if case.detail else ())]
    for text in filter(None, said if case.labels else ()):
        if "try-on" in case.vocabulary.subjects(text):
            return Verdict(
                f"the app speaks of dressing a person: “{text[:60]}”", "metadata", (case.ends[0].id,), 0.8
            )
    return None


def meet(case: Case) -> Verdict | None:
    """Return a garment and a person that lead to one generation."""
    garments = _leading(case, "garment")
    persons = _leading(case, "person") if garments else {}
    if not persons:
        return None
    both = reachable(case.plain.successors, garments) & reachable(case.plain.successors, persons)
    for maker in case.generations[:_FEW]:
        number = case.plain.index[maker.id]
        above = reachable(case.plain.predecessors, [number]) if number in both else set()
        worn, wearers = [n for n in garments if n in above], [n for n in persons if n in above]
        pair = next(((a, b) for a in worn for b in wearers if a != b), None)
        if pair:
            cloth, body = map(case.table.row, pair)
            claim = f"a garment ({told(cloth)}) and a person ({told(body)}) meet in a generation"
            return Verdict(claim, garments[pair[0]], (cloth.id, maker.id), 0.8)
    return None


def garment(case: Case) -> Verdict | None:
    """Return a garment that is brought to a generation of a picture or video, and not told to be worn.

    Of one picture a garment may be edited as well as worn: there the words of the generation must not name
    another task.
    """
    garments = _leading(case, "garment")
    persons = _leading(case, "person") if garments else {}
    brought = [n for n in garments if n not in persons and not case.table.generation[n]]
    if not brought:
        return None
    pictures = [id_ for id_ in case.facts.inputs if case.node(id_).modalities == ("image",) and case.fed(id_)]
    makers = [node for node in case.generations if _seen(node)]
    if len(pictures) == 1:
        makers = [node for node in makers if not _tasked(case, node)]
    numbers = [case.plain.index[maker.id] for maker in makers]
    onto = reachable(case.plain.predecessors, numbers)
    number = next((n for n in brought if n in onto), None)
    if number is None:
        return None
    led_to = reachable(case.plain.successors, [number])
    through = (case.plain.ids[number], next(case.plain.ids[each] for each in numbers if each in led_to))
    worn = told(case.table.row(number))
    claim = f"possible try-on: {worn} brings a garment to a generation, but no person is told"
    return Verdict(claim, garments[number], through, 0.5)


def _tasked(case: Case, maker: NodeFacts) -> bool:
    """Whether the words of a generation, or of its label, name a task."""
    label = case.plain.labels[case.plain.index[maker.id]] if case.labels else None
    return bool(maker.task or (label and case.vocabulary.read(label).task))


def _leading(case: Case, what: str) -> dict[int, Source]:
    """Return the nodes that speak of a thing and lead to a generation, and what of them speaks of it."""
    return {
        case.plain.index[node.id]: source
        for node, source in case.things.get(what, ())
        if (node.part or node.role not in ("control", "output")) and case.fed(node.id)
    }


_FEW = 32
"""Generations that are looked at: each takes a walk over the graph."""


def _seen(node: NodeFacts) -> bool:
    return not VISUAL.isdisjoint(node.modalities)


def _shown(case: Case) -> bool:
    return any(not VISUAL.isdisjoint(end.modalities) for end in case.ends)
