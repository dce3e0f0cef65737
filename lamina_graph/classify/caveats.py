"""Reasons to be less sure of an answer."""

from collections.abc import Callable
from typing import NamedTuple

from lamina_graph.classify.confidence import CAVEAT_FACTOR
from lamina_graph.classify.context import Context
from lamina_graph.classify.rule import Rule, quote_title


class Caveat(NamedTuple):
    """A reason to be less sure.

    Attributes:
        id: its name.
        applies: says it of a workflow; None where it does not hold.
        categories: the answers that it lowers the confidence of.
    """

    id: str
    applies: Callable[[Context], str | None]
    categories: frozenset[str]

    @property
    def factor(self) -> float:
        """The share of the confidence that it leaves."""
        return CAVEAT_FACTOR[self.id]


def find_caveats(context: Context, rule: Rule) -> list[tuple[Caveat, str]]:
    """Return the caveats that hold for an answer, each with what it says."""
    return [
        (caveat, sentence)
        for caveat in CAVEATS
        if (context.facts.edges_known or caveat.id in _OF_NODES)
        if rule.category in caveat.categories and (sentence := caveat.applies(context))
    ]


def _open_types(context: Context) -> str | None:
    count, _ = context.unsure
    verb = "says" if count == 1 else "say"
    sentence = (
        f"{count} of {context.facts.nodes} node types {verb} nothing, and the graph does not settle that"
    )
    return sentence if count else None


def _settled_by_graph(context: Context) -> str | None:
    _, count = context.unsure
    verb = "is" if count == 1 else "are"
    return f"{count} of {context.facts.nodes} nodes {verb} known only by what flows around" if count else None


def _mostly_open(context: Context) -> str | None:
    return "most node types say nothing" if 2 * sum(context.unsure) > context.facts.nodes else None


def _end_settled(context: Context) -> str | None:
    node = context.main_output_node
    if node is None or node.certainty > 0.6:
        return None
    return f"what {quote_title(node)} gives is known only from its neighbours"


def _default_medium(context: Context) -> str | None:
    node = context.main_output_node
    if node is None or node.role != "generate" or node.part is not None:
        return None
    reading = context.vocabulary.read(node.type)
    if reading.named or reading.brand is None:
        return None
    maker = context.vocabulary.name(reading.brand)
    return f"no word says what {quote_title(node)} gives; it is what {maker} makes by default"


def _frames(context: Context) -> str | None:
    for end in context.finals:
        last = context.node(end.end)
        reading = context.vocabulary.read(last.type)
        if reading.named and reading.gives != end.modalities and reading.gives in (("image",), ("video",)):
            speaks = f"{quote_title(last)} speaks of {reading.gives[0]}"
            return f"{speaks}, but what reaches it is {end.modalities[0]}"
    return None


def _one_of_a_batch(context: Context) -> str | None:
    """A picture taken out of a batch may be a frame or may be the rest of the frames."""
    for end in context.finals:
        node = context.node(end.id)
        if node.task == "assemble" and end.modalities == ("image",) and context.facts.generations:
            return f"{quote_title(node)} gives one picture of several, or several"
    return None


def _nothing_generated(context: Context) -> str | None:
    if context.facts.generations:
        return None
    return "nothing new is generated; what comes out depends on what is put in"


def _nothing_put_in(context: Context) -> str | None:
    return None if context.facts.inputs or context.facts.generations else "and nothing is seen to be put in"


def _text_for_it(context: Context) -> str | None:
    for node in context.nodes:
        writes = node.modalities == ("text",) and node.role == "generate" and node.generation is None
        if writes and node.part is None:
            return f"{quote_title(node)} writes text for it, which may count as a stage"
    return None


def _one_model_in_a_row(context: Context) -> str | None:
    stages = context.facts.stages
    return f"{stages} generations follow each other, of one model" if stages > 1 else None


def _side_by_side(context: Context) -> str | None:
    count = context.facts.generations
    return f"{count} generations stand side by side" if count > context.facts.stages > 0 else None


def _several_kinds(context: Context) -> str | None:
    media = context.facts.output_modalities
    return f"{len(media)} kinds come out: {', '.join(media)}" if len(media) > 1 else None


def _refined_once(context: Context) -> str | None:
    refinements = context.facts.refinements
    if not refinements:
        return None
    return f"{quote_title(context.node(refinements[0]))} refines the result, which may count as a stage"


def _again(context: Context) -> str | None:
    return "one model works again on what it made" if context.facts.passes else None


def _solid(context: Context) -> str | None:
    solid = "3d" in context.facts.output_modalities
    return "a 3D model comes out, which may be filed by that" if solid else None


def _several_pictures(context: Context) -> str | None:
    """Several pictures make one in edits, in compositions, and in try-on that no word names."""
    count = len(context.pictures_in)
    if count < 2 or _possible_try_on(context):
        return None
    return f"{count} pictures are put in, for an edit, a composition or a try-on"


def _possible_try_on(context: Context) -> str | None:
    """A masked picture and another beside it are how try-on is built by hand, and much else."""
    count = len(context.pictures_in)
    if count > 1 and any(node.task == "segment" or "inpaint" in node.words for node in context.nodes):
        return f"{count} pictures and a mask come together: possible try-on"
    return None


def _edges_unknown(context: Context) -> str | None:
    if context.facts.edges_known:
        return None
    count = context.facts.generations
    row = f", so {count} generations may follow each other or not" if count > 1 else ""
    return f"the API does not say which nodes feed which{row}"


_OF_NODES = {"open-types", "mostly-open", "edges-unknown"}
"""The caveats that need no edge."""

_ALL = frozenset(("image", "video", "try-on", "multi-step", "other"))
_MEDIUM = frozenset(("image", "video", "other"))
_IMAGE = frozenset(("image",))

CAVEATS: tuple[Caveat, ...] = (
    Caveat("open-types", _open_types, _ALL),
    Caveat("settled-by-graph", _settled_by_graph, _ALL),
    Caveat("mostly-open", _mostly_open, _ALL),
    Caveat("end-settled", _end_settled, _MEDIUM),
    Caveat("default-medium", _default_medium, _MEDIUM),
    Caveat("frames", _frames, frozenset(("image", "video"))),
    Caveat("one-of-a-batch", _one_of_a_batch, _IMAGE),
    Caveat("nothing-generated", _nothing_generated, _MEDIUM),
    Caveat("nothing-put-in", _nothing_put_in, _MEDIUM),
    Caveat("text-for-it", _text_for_it, _MEDIUM),
    Caveat("one-model-in-a-row", _one_model_in_a_row, _MEDIUM),
    Caveat("side-by-side", _side_by_side, _MEDIUM),
    Caveat("several-kinds", _several_kinds, _MEDIUM),
    Caveat("refined-once", _refined_once, _MEDIUM),
    Caveat("again", _again, _MEDIUM),
    Caveat("several-pictures", _several_pictures, _IMAGE),
    Caveat("possible-try-on", _possible_try_on, _IMAGE),
    Caveat("solid", _solid, frozenset(("multi-step",))),
    Caveat("edges-unknown", _edges_unknown, _ALL),
)
"""In the order in which they are given as evidence."""
