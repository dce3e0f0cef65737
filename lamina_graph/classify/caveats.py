"""What makes an answer less sure."""

from collections.abc import Callable
from typing import NamedTuple

from lamina_graph.classify.context import Context
from lamina_graph.classify.rule import Rule, quoted_title


class Caveat(NamedTuple):
    """A reason to be less sure: what it says where it holds, and the share of confidence that it leaves."""

    id: str
    applies: Callable[[Context], str | None]
    factor: float
    categories: frozenset[str]


def caveats(context: Context, rule: Rule) -> list[tuple[Caveat, str]]:
    """Return the caveats that hold for an answer, each with what it says."""
    found = ((caveat, caveat.applies(context)) for caveat in CAVEATS if rule.category in caveat.categories)
    return [(caveat, said) for caveat, said in found if said]


def _open(context: Context) -> str | None:
    count, _ = context.unsure
    verb = "says" if count == 1 else "say"
    said = f"{count} of {context.facts.nodes} node types {verb} nothing, and the graph does not settle that"
    return said if count else None


def _settled(context: Context) -> str | None:
    _, count = context.unsure
    verb = "is" if count == 1 else "are"
    return f"{count} of {context.facts.nodes} nodes {verb} known only by what flows around" if count else None


def _many_settled(context: Context) -> str | None:
    return "most node types say nothing" if 2 * sum(context.unsure) > context.facts.nodes else None


def _end_settled(context: Context) -> str | None:
    node = context.main_output_node
    unsure = node is not None and node.certainty <= 0.6
    return f"what {quoted_title(node)} gives is told only by its neighbours" if node and unsure else None


def _default(context: Context) -> str | None:
    node = context.main_output_node
    if node is None or node.role != "generate" or node.part is not None:
        return None
    reading = context.vocabulary.read(node.type)
    if reading.named or reading.brand is None:
        return None
    maker = context.vocabulary.name(reading.brand)
    return f"no word says what {quoted_title(node)} gives; it is what {maker} makes by default"


def _frames(context: Context) -> str | None:
    for end in context.finals:
        last = context.node(end.end)
        reading = context.vocabulary.read(last.type)
        if reading.named and reading.gives != end.modalities and reading.gives in (("image",), ("video",)):
            speaks = f"{quoted_title(last)} speaks of {reading.gives[0]}"
            return f"{speaks}, but what reaches it is {end.modalities[0]}"
    return None


def _frame(context: Context) -> str | None:
    """A picture taken out of a batch may be a frame or may be the rest of the frames."""
    for end in context.finals:
        node = context.node(end.id)
        if node.task == "assemble" and end.modalities == ("image",) and context.facts.generations:
            return f"{quoted_title(node)} gives one picture of several, or several"
    return None


def _nothing_made(context: Context) -> str | None:
    return (
        None
        if context.facts.generations
        else "nothing new is generated; what comes out depends on what is put in"
    )


def _nothing_put_in(context: Context) -> str | None:
    return None if context.facts.inputs or context.facts.generations else "and nothing is seen to be put in"


def _written(context: Context) -> str | None:
    for node in context.nodes:
        if (
            node.modalities == ("text",)
            and node.role == "generate"
            and node.generation is None
            and node.part is None
        ):
            return f"{quoted_title(node)} writes text for it, which may count as a stage"
    return None


def _rows(context: Context) -> str | None:
    return (
        f"{context.facts.stages} generations follow each other, of one model"
        if context.facts.stages > 1
        else None
    )


def _several(context: Context) -> str | None:
    made = context.facts.generations
    return f"{made} generations stand side by side" if made > context.facts.stages > 0 else None


def _kinds(context: Context) -> str | None:
    media = context.facts.output_modalities
    return f"{len(media)} kinds come out: {', '.join(media)}" if len(media) > 1 else None


def _polished(context: Context) -> str | None:
    found = context.facts.refinements
    return (
        f"{quoted_title(context.node(found[0]))} refines the result, which may count as a stage"
        if found
        else None
    )


def _again(context: Context) -> str | None:
    return "one model works again on what it made" if context.facts.passes else None


def _solid(context: Context) -> str | None:
    return (
        "a 3D model comes out, which may be filed by that"
        if "3d" in context.facts.output_modalities
        else None
    )


def _guided(context: Context) -> str | None:
    """Several pictures make one in edits, in compositions, and in try-on that no word tells."""
    count = _pictures(context) if _worn(context) is None else 0
    return f"{count} pictures are put in, for an edit, a composition or a try-on" if count > 1 else None


def _worn(context: Context) -> str | None:
    """A masked picture and another beside it are how try-on is built by hand, and much else."""
    masked = any(node.task == "segment" or "inpaint" in node.words for node in context.nodes)
    count = _pictures(context) if masked else 0
    return f"{count} pictures and a mask come together: possible try-on" if count > 1 else None


def _pictures(context: Context) -> int:
    """Return how many pictures are put in for generations."""
    return sum(
        context.node(id_).modalities == ("image",)
        for id_ in context.facts.inputs
        if context.generation_fed(id_)
    )


_ALL = frozenset(("image", "video", "try-on", "multi-step", "other"))
_MEDIUM = frozenset(("image", "video", "other"))

CAVEATS: tuple[Caveat, ...] = (
    Caveat("open-types", _open, 0.8, _ALL),
    Caveat("settled-by-graph", _settled, 0.88, _ALL),
    Caveat("mostly-open", _many_settled, 0.6, _ALL),
    Caveat("end-settled", _end_settled, 0.75, _MEDIUM),
    Caveat("default-medium", _default, 0.93, _MEDIUM),
    Caveat("frames", _frames, 0.65, frozenset(("image", "video"))),
    Caveat("one-of-a-batch", _frame, 0.75, frozenset(("image",))),
    Caveat("nothing-generated", _nothing_made, 0.95, _MEDIUM),
    Caveat("nothing-put-in", _nothing_put_in, 0.67, _MEDIUM),
    Caveat("text-for-it", _written, 0.85, _MEDIUM),
    Caveat("one-model-in-a-row", _rows, 0.75, _MEDIUM),
    Caveat("side-by-side", _several, 0.7, _MEDIUM),
    Caveat("several-kinds", _kinds, 0.75, _MEDIUM),
    Caveat("refined-once", _polished, 0.8, _MEDIUM),
    Caveat("again", _again, 0.7, _MEDIUM),
    Caveat("several-pictures", _guided, 0.85, frozenset(("image",))),
    Caveat("possible-try-on", _worn, 0.6, frozenset(("image",))),
    Caveat("solid", _solid, 0.8, frozenset(("multi-step",))),
)
"""Each lowers the confidence by its share; they are told in this order."""
