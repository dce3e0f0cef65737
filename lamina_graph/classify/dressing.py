"""What tells that a person is dressed: words, or a garment and a person that meet."""

from lamina_graph.classify.case import Case, Source
from lamina_graph.classify.rule import Verdict, told
from lamina_graph.features import NodeFacts


def dresses(case: Case) -> Verdict | None:
    """Return a step whose words say that it dresses a person."""
    for node in case.table.where("task", "try-on"):
        if node.role in ("generate", "transform"):
            source: Source = "type" if case.vocabulary.read(node.type).task == "try-on" else "label"
            return Verdict(
                f"{told(node)} dresses a person", source, (node.id,), 0.95 if source == "type" else 0.85
            )
    return None


def spoken(case: Case) -> Verdict | None:
    """Return a node whose words speak of dressing a person, and that leads to a generation."""
    for node, source in case.things.get("try-on", ()):
        maker = case.fed(node.id) if node.role != "output" else None
        if maker:
            through = tuple(dict.fromkeys((node.id, maker)))
            return Verdict(f"{told(node)} speaks of dressing a person", source, through, 0.85)
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
