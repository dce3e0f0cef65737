"""What makes an answer less sure."""

from collections.abc import Callable
from typing import NamedTuple

from lamina_graph.classify.context import Case
from lamina_graph.classify.rule import Rule, told


class Doubt(NamedTuple):
    """A reason to be less sure: what it says where it holds, and the share of confidence that it leaves."""

    id: str
    says: Callable[[Case], str | None]
    leaves: float
    categories: frozenset[str]


def doubts(case: Case, rule: Rule) -> list[tuple[Doubt, str]]:
    """Return the doubts that hold for an answer, each with what it says."""
    found = ((doubt, doubt.says(case)) for doubt in DOUBTS if rule.category in doubt.categories)
    return [(doubt, said) for doubt, said in found if said]


def _open(case: Case) -> str | None:
    count, _ = case.unsure
    verb = "says" if count == 1 else "say"
    said = f"{count} of {case.facts.nodes} node types {verb} nothing, and the graph does not settle that"
    return said if count else None


def _settled(case: Case) -> str | None:
    _, count = case.unsure
    verb = "is" if count == 1 else "are"
    return f"{count} of {case.facts.nodes} nodes {verb} known only by what flows around" if count else None


def _many_settled(case: Case) -> str | None:
    return "most node types say nothing" if 2 * sum(case.unsure) > case.facts.nodes else None


def _end_settled(case: Case) -> str | None:
    node = case.ending
    unsure = node is not None and node.certainty <= 0.6
    return f"what {told(node)} gives is told only by its neighbours" if node and unsure else None


def _default(case: Case) -> str | None:
    node = case.ending
    if node is None or node.role != "generate" or node.part is not None:
        return None
    reading = case.vocabulary.read(node.type)
    if reading.named or reading.brand is None:
        return None
    maker = case.vocabulary.name(reading.brand)
    return f"no word says what {told(node)} gives; it is what {maker} makes by default"


def _frames(case: Case) -> str | None:
    for end in case.ends:
        last = case.node(end.end)
        reading = case.vocabulary.read(last.type)
        if reading.named and reading.gives != end.modalities and reading.gives in (("image",), ("video",)):
            return f"{told(last)} speaks of {reading.gives[0]}, but what reaches it is {end.modalities[0]}"
    return None


def _frame(case: Case) -> str | None:
    """A picture taken out of a batch may be a frame or may be the rest of the frames."""
    for end in case.ends:
        node = case.node(end.id)
        if node.task == "assemble" and end.modalities == ("image",) and case.facts.generations:
            return f"{told(node)} gives one picture of several, or several"
    return None


def _nothing_made(case: Case) -> str | None:
    return (
        None
        if case.facts.generations
        else "nothing new is generated; what comes out depends on what is put in"
    )


def _nothing_put_in(case: Case) -> str | None:
    return None if case.facts.inputs or case.facts.generations else "and nothing is seen to be put in"


def _written(case: Case) -> str | None:
    for node in case.table.where("modalities", ("text",)):
        if node.role == "generate" and node.generation is None and node.part is None:
            return f"{told(node)} writes text for it, which may count as a stage"
    return None


def _rows(case: Case) -> str | None:
    return (
        f"{case.facts.stages} generations follow each other, of one model" if case.facts.stages > 1 else None
    )


def _several(case: Case) -> str | None:
    made = case.facts.generations
    return f"{made} generations stand side by side" if made > case.facts.stages > 0 else None


def _kinds(case: Case) -> str | None:
    media = case.facts.output_modalities
    return f"{len(media)} kinds come out: {', '.join(media)}" if len(media) > 1 else None


def _polished(case: Case) -> str | None:
    found = case.facts.refinements
    return f"{told(case.node(found[0]))} refines the result, which may count as a stage" if found else None


def _again(case: Case) -> str | None:
    return "one model works again on what it made" if case.facts.passes else None


def _solid(case: Case) -> str | None:
    return (
        "a 3D model comes out, which may be filed by that" if "3d" in case.facts.output_modalities else None
    )


def _guided(case: Case) -> str | None:
    """Several pictures make one in edits, in compositions, and in try-on that no word tells."""
    count = _pictures(case) if _worn(case) is None else 0
    return f"{count} pictures are put in, for an edit, a composition or a try-on" if count > 1 else None


def _worn(case: Case) -> str | None:
    """A masked picture and another beside it are how try-on is built by hand, and much else."""
    masked = "segment" in case.table.task or any("inpaint" in words for words in case.table.words)
    count = _pictures(case) if masked else 0
    return f"{count} pictures and a mask come together: possible try-on" if count > 1 else None


def _pictures(case: Case) -> int:
    """Return how many pictures are put in for generations."""
    return sum(case.node(id_).modalities == ("image",) for id_ in case.facts.inputs if case.fed(id_))


_ALL = frozenset(("image", "video", "try-on", "multi-step", "other"))
_MEDIUM = frozenset(("image", "video", "other"))

DOUBTS: tuple[Doubt, ...] = (
    Doubt("open-types", _open, 0.8, _ALL),
    Doubt("settled-by-graph", _settled, 0.88, _ALL),
    Doubt("mostly-open", _many_settled, 0.6, _ALL),
    Doubt("end-settled", _end_settled, 0.75, _MEDIUM),
    Doubt("default-medium", _default, 0.93, _MEDIUM),
    Doubt("frames", _frames, 0.65, frozenset(("image", "video"))),
    Doubt("one-of-a-batch", _frame, 0.75, frozenset(("image",))),
    Doubt("nothing-generated", _nothing_made, 0.95, _MEDIUM),
    Doubt("nothing-put-in", _nothing_put_in, 0.67, _MEDIUM),
    Doubt("text-for-it", _written, 0.85, _MEDIUM),
    Doubt("one-model-in-a-row", _rows, 0.75, _MEDIUM),
    Doubt("side-by-side", _several, 0.7, _MEDIUM),
    Doubt("several-kinds", _kinds, 0.75, _MEDIUM),
    Doubt("refined-once", _polished, 0.8, _MEDIUM),
    Doubt("again", _again, 0.7, _MEDIUM),
    Doubt("several-pictures", _guided, 0.85, frozenset(("image",))),
    Doubt("possible-try-on", _worn, 0.6, frozenset(("image",))),
    Doubt("solid", _solid, 0.8, frozenset(("multi-step",))),
)
"""Each lowers the confidence by its share; they are told in this order."""
