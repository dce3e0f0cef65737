"""What tells that a person is dressed: words, a garment and a person that meet, or a part painted anew."""

from collections.abc import Sequence

from lamina_graph.classify.case import Case, Source
from lamina_graph.classify.rule import Verdict, told
from lamina_graph.features import NodeFacts
from lamina_graph.graph import reached


def dresses(case: Case) -> Verdict | None:
    """Return a step whose words say that it dresses a person."""
    for node in case.table.where("task", "try-on"):
        if node.role in ("generate", "transform"):
            source: Source = "type" if case.vocabulary.read(node.type).task == "try-on" else "label"
            return Verdict(
                f"{told(node)} dresses a person", source, (node.id,), 0.95 if source == "type" else 0.85
            )
    return None


def labelled(case: Case) -> Verdict | None:
    """Return a generation whose label says that it dresses a person."""
    for node, source in case.things.get("try-on", ()):
        if source == "label" and node.generation == node.id:
            return Verdict(f"{told(node)} is labelled as dressing a person", "label", (node.id,), 0.85)
    return None


def named(case: Case) -> Verdict | None:
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
    """Return a garment and a person that both lead to a generation."""
    cloth, body = _thing(case, "garment"), _thing(case, "person")
    if cloth is None or body is None or cloth[0].id == body[0].id:
        return None
    (worn, source, maker), (wearer, _, _) = cloth, body
    return Verdict(
        f"a garment ({told(worn)}) and a person ({told(wearer)}) meet in a generation",
        source,
        (worn.id, maker),
        0.8,
    )


def garment(case: Case) -> Verdict | None:
    """Return a garment that leads to a generation of a picture or video."""
    found = _thing(case, "garment")
    if found is None or not _shown(case):
        return None
    node, source, maker = found
    claim = f"possible try-on: {told(node)} brings a garment to a generation, but no person is told"
    return Verdict(claim, source, (node.id, maker), 0.5)


def repainted(case: Case) -> Verdict | None:
    """Return a picture of which a masked part is painted anew after another picture.

    That is how try-on is built by hand. A face swap is built alike, and its words say so.
    """
    masks = _masks(case)
    numbers = map(case.plain.index.__getitem__, case.facts.inputs)
    pictures = [number for number in numbers if case.table.modalities[number] == ("image",)]
    if not masks or len(pictures) < 2 or "face-swap" in case.table.task:
        return None
    masked = reached(case.plain.predecessors, masks)
    if masked.isdisjoint(pictures):
        return None
    guides = [picture for picture in pictures if picture not in masked]
    if not guides and _side_by_side(case, pictures):
        guides = pictures
    guided = reached(case.plain.successors, guides) & reached(case.plain.successors, masks)
    for maker in case.table.where("modalities", ("image",)):
        if maker.generation == maker.id and case.plain.index[maker.id] in guided:
            return _possible(case, guides, maker)
    return None


def _masks(case: Case) -> list[int]:
    """Return the nodes that cut a part out of a picture, or hold it back from being painted."""
    tasks, words = case.table.task, case.table.words
    if "segment" not in tasks and all(map(_MASKING.isdisjoint, words)):
        return []
    return [n for n, task in enumerate(tasks) if task == "segment" or not _MASKING.isdisjoint(words[n])]


def _side_by_side(case: Case, pictures: Sequence[int]) -> bool:
    """Whether pictures, of the first few, are put together into one: a model sees one beside the other."""
    once: set[int] = set()
    for picture in pictures[:_FEW]:
        led_to = reached(case.plain.successors, [picture])
        if any(case.table.task[n] == "assemble" and "mask" not in case.table.words[n] for n in once & led_to):
            return True
        once |= led_to
    return False


_FEW = 8
_MASKING = frozenset(("inpaint", "inpainting", "noise mask", "latent noise mask"))


def _possible(case: Case, guides: Sequence[int], maker: NodeFacts) -> Verdict:
    onto = reached(case.plain.predecessors, [case.plain.index[maker.id]])
    guide = case.table.row(next(picture for picture in guides if picture in onto))
    claim = f"possible try-on: a masked part of a picture is painted anew after another, {told(guide)}"
    return Verdict(claim, "topology", (guide.id, maker.id), 0.55)


def _thing(case: Case, what: str) -> tuple[NodeFacts, Source, str] | None:
    """Return a node that speaks of a thing and leads to a generation, how it speaks, and that generation."""
    for node, source in case.things.get(what, ()):
        if node.role in ("control", "output") and node.part is None:
            continue
        if maker := case.fed(node.id):
            return node, source, maker
    return None


def _shown(case: Case) -> bool:
    return any(set(end.modalities) & {"image", "video"} for end in case.ends)
