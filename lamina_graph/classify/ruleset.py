"""The rules that decide a category, in one ordered table."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from lamina_graph.classify import virtual_try_on
from lamina_graph.classify.confidence import RULE_CONFIDENCE
from lamina_graph.classify.context import BESIDE, VISUAL, Context, Source, precedence
from lamina_graph.classify.rule import Rule, Verdict, quote_title
from lamina_graph.features import NodeFacts
from lamina_graph.graph import reachable
from lamina_graph.vocabulary import Modality

_COMPARING = frozenset(("compare", "comparer", "comparison"))
_MOST_WALKS = 8
"""Nodes that are looked at where each takes a walk over the graph."""
_PASSES = 3
"""Runs of one model that are steps; a second pass belongs to the generation that it refines."""
_SURE = 0.6
"""The certainty from which a role counts where two models are told apart."""
_NAMES = {
    "image": "a picture",
    "video": "a video",
    "audio": "sound",
    "text": "text",
    "3d": "a 3D model",
    "vector": "a vector graphic",
}


def _find_stage(context: Context) -> Verdict | None:
    """Return two generations in a row that differ most surely, and how."""
    stage_pair: tuple[str, NodeFacts, NodeFacts] | None = None
    for first, second in context.facts.follows:
        a, b = context.node(first), context.node(second)
        difference = _compare_generations(a, b)
        if difference == "two calls" and (context.is_spelled_out or a.brand in context.local_brands):
            continue  # nodes of one name may be parts of a model
        if difference and (not stage_pair or RULE_CONFIDENCE[difference] > RULE_CONFIDENCE[stage_pair[0]]):
            stage_pair = difference, a, b
            if difference == "picture to video":  # none is surer
                break
    if not stage_pair:
        return None
    difference, a, b = stage_pair
    makes, remakes = (f"{quote_title(node)} makes {_name_medium(node.modalities)}" for node in (a, b))
    claim = f"{makes}, and from it {remakes}: {_DIFFERENCES[difference]}"
    return Verdict(claim, "topology", (a.id, b.id), RULE_CONFIDENCE[difference])


_DIFFERENCES = {
    "picture to video": "two stages that differ in modality",
    "other change of medium": "two stages that differ in modality",
    "two models": "two stages that differ in model",
    "two calls": "two stages, two calls of one service",
}


def _compare_generations(a: NodeFacts, b: NodeFacts) -> str | None:
    """Return how two generations in a row differ; None where they are one stage, or nothing shows that not.

    Text about pictures is no stage, and what works on a sound or a 3D model of the same kind finishes it.
    Frames of a video are that video, unless a model makes pictures of them.
    """
    if a.modalities != b.modalities:
        if not a.modalities or not b.modalities or BESIDE.issuperset(b.modalities):
            return None
        if (a.modalities, b.modalities) == (("video",), ("image",)) and not _is_model(b):
            return None
        visual = VISUAL.issuperset(a.modalities + b.modalities)
        return "picture to video" if visual else "other change of medium"
    sure = min(a.certainty, b.certainty) >= _SURE
    if not VISUAL.issuperset(a.modalities) or not sure or not _is_model(b):
        return None
    if not _is_model(a) and not (a.settled and b.part):  # what no word names, but feeds a sampler, may be one
        return None
    if a.part or b.part or a.brand != b.brand:
        return "two models"  # samplers of one model are one generation already
    return "two calls"


def _is_model(node: NodeFacts) -> bool:
    """Whether a node names a model or a vendor, or samples one."""
    return node.brand is not None or node.part == "sampler"


def _name_medium(media: tuple[Modality, ...]) -> str:
    return _NAMES.get(media[0], "data") if media else "something"


def _find_set(context: Context) -> Verdict | None:
    """Return what parallel generations give: pictures of a kind, clips that are joined, or a comparison."""
    chained = {id_ for pair in context.facts.follows for id_ in pair}
    kinds: dict[tuple[Modality, ...], list[NodeFacts]] = {}
    for node in context.generations:
        if node.id not in chained and not VISUAL.isdisjoint(node.modalities):
            kinds.setdefault(node.modalities, []).append(node)
    ordered = sorted(kinds.values(), key=lambda makers: (-len(makers), makers[0].modalities))
    verdicts = (test(context, makers) for test in (_find_parallel, _find_comparison) for makers in ordered)
    return next(filter(None, verdicts), None)


def _find_parallel(context: Context, makers: Sequence[NodeFacts]) -> Verdict | None:
    doubtful = len({node.component for node in makers}) > 1 or any(node.settled for node in makers)
    if len(makers) < (4 if doubtful else 3):
        return None
    media = makers[0].modalities
    ends = [end for end in context.finals if end.modalities == media]
    alone = all(end.modalities == media or BESIDE.issuperset(end.modalities) for end in context.finals)
    if len(ends) >= 3 and alone:
        claim = f"{len(makers)} parallel generations give {len(ends)} deliverables of one kind: a set"
        return Verdict(claim, "topology", (max(ends, key=precedence).id,), RULE_CONFIDENCE["set"])
    if media == ("video",):
        claim = f"{len(makers)} clips are made side by side and joined"
        return Verdict(claim, "topology", (makers[0].id,), RULE_CONFIDENCE["joined clips"])
    return None


def _find_comparison(context: Context, makers: Sequence[NodeFacts]) -> Verdict | None:
    makers = [node for node in makers if not node.settled]
    comparing = [node for node in context.nodes if node.role == "output" and _COMPARING & set(node.words)]
    starts = [context.adj.index[maker.id] for maker in makers[:_MOST_WALKS]] if comparing else []
    below = [reachable(context.adj.successors, [start]) for start in starts]
    for node in comparing:
        number = context.adj.index[node.id]
        compared = [maker for maker, nodes in zip(makers, below, strict=False) if number in nodes]
        if len(compared) > 1:
            claim = f"{quote_title(node)} compares what parallel generations make"
            return Verdict(claim, "topology", (compared[0].id, node.id), RULE_CONFIDENCE["comparison"])
    return None


def _find_set_words(context: Context) -> Verdict | None:
    for node, source in context.subjects.get("set", ()):
        generates = node.generation == node.id or (node.role == "generate" and source == "type")
        if generates and node.modalities in (("image",), ("video",)):
            claim = f"{quote_title(node)} makes several of one kind by design"
            return Verdict(claim, source, (node.id,), RULE_CONFIDENCE["set by words"])
    return None


def _find_passes(context: Context) -> Verdict | None:
    passes = context.facts.passes
    if len(passes) < _PASSES or not _is_visual(context):
        return None
    claim = f"one model works {len(passes)} times in a row, each time on what it made"
    return Verdict(claim, "topology", (passes[0], passes[-1]), RULE_CONFIDENCE["passes"])


def _find_numbered_stages(context: Context) -> Verdict | None:
    first, second = (
        [(node, source) for node, source in context.subjects.get(subject, ()) if node.generation][
            :_MOST_WALKS
        ]
        for subject in ("first-stage", "second-stage")
    )
    for b, source in second:
        above = reachable(context.adj.predecessors, [context.adj.index[b.id]]) if first else ()
        for a, other in first:
            if a is not b and context.adj.index[a.id] in above:
                claim = f"{quote_title(a)} and {quote_title(b)} are named as stages"
                stated: Source = "type" if source == other == "type" else "label"
                return Verdict(claim, stated, (a.id, b.id), RULE_CONFIDENCE["numbered"])
    return None


def _find_refinements(context: Context) -> Verdict | None:
    refinements = context.facts.refinements
    if len(refinements) < 2 or not _is_visual(context):
        return None
    names = ", then ".join(quote_title(context.node(id_)) for id_ in refinements[:3])
    claim = f"{len(refinements)} refinements follow a generation: {names}"
    return Verdict(claim, "topology", (refinements[0], refinements[-1]), RULE_CONFIDENCE["refined"])


def _is_visual(context: Context) -> bool:
    """Whether pictures or videos come out: passes and refinements of sound or of a 3D model finish it."""
    return not VISUAL.isdisjoint(context.facts.output_modalities)


@dataclass(frozen=True)
class EndsIn:
    """Holds where the main path ends in one of some media."""

    media: tuple[Modality, ...]

    def __call__(self, context: Context) -> Verdict | None:
        """Return the deliverable that the main path ends in, if it is of these media."""
        end = context.main_deliverable
        if end is None or not set(end.modalities) & set(self.media):
            return None
        node, kept = context.node(end.id), context.node(end.end)
        if node.modalities == end.modalities:
            kept, claim, kind = node, f"{quote_title(node)} gives {_name_medium(node.modalities)}", "medium"
        else:
            claim = f"{quote_title(kept)} takes {_name_medium(end.modalities)} from {quote_title(node)}"
            kind = "medium by its end" if node.modalities else "medium by its end alone"
        typed = context.vocabulary.read(kept.type).gives == end.modalities
        return Verdict(claim, "type" if typed else "topology", (end.id,), RULE_CONFIDENCE[kind])


def _default_verdict(context: Context) -> Verdict | None:
    return Verdict("nothing says what comes out", "topology", context.adj.ids[:1], RULE_CONFIDENCE["nothing"])


RULES: tuple[Rule, ...] = (
    Rule(
        "try-on-words", "try-on", "The words of a generation or of its parts speak of dressing a person.",
        "no words of a generation or its parts speak of dressing a person", virtual_try_on.by_words,
    ),
    Rule(
        "try-on-inputs", "try-on", "Pictures of a garment and of a person meet in a generation.",
        "no types or labels name a garment and a person that lead to a generation", virtual_try_on.by_inputs,
    ),
    Rule(
        "try-on-name", "try-on", "The app's name or description speaks of dressing a person, who is shown.",
        "the app's name and description do not speak of dressing a person", virtual_try_on.by_app_name,
    ),
    Rule(
        "garment", "try-on", "A picture of a garment leads to a generation: possible try-on.",
        "no type or label names a garment that leads to a generation", virtual_try_on.by_garment,
    ),
    Rule(
        "stages", "multi-step", "Two generations in a row differ in model or modality, or are two calls.",
        "no two generations in a row differ in model or modality, or are two calls of a service", _find_stage,
    ),
    Rule(
        "set", "multi-step", "Parallel generations give a set of one kind, clips to join, or a comparison.",
        "no parallel generations that give three of one kind, clips to join, or what is compared", _find_set,
    ),
    Rule(
        "set-words", "multi-step", "The words of a generation say that it makes several of one kind.",
        "no generation's words say that it makes several of one kind", _find_set_words,
    ),
    Rule(
        "passes", "multi-step", "A model samples three times or more in a row, each time what it made.",
        "no model samples three times in a row what it made", _find_passes,
    ),
    Rule(
        "numbered", "multi-step", "The words of two generating nodes number them as stages or passes.",
        "no two generating nodes are named as stages or passes", _find_numbered_stages,
    ),
    Rule(
        "refined", "multi-step", "Two or more refinements in a row follow a generation.",
        "fewer than two refinements in a row", _find_refinements,
    ),
    Rule(
        "video", "video", "The main path ends in a video.",
        "the main path does not end in a video", EndsIn(("video",)),
    ),
    Rule(
        "image", "image", "The main path ends in a picture or a vector graphic.",
        "the main path does not end in a picture", EndsIn(("image", "vector")),
    ),
    Rule(
        "other-medium", "other", "The main path ends in sound, 3D, text or data.",
        "the main path ends in a picture or a video", EndsIn(("audio", "3d", "text", "data")),
    ),
    Rule(
        "unknown", "other", "Nothing says what comes out.",
        "it is known what comes out", _default_verdict, priority=-1000,
    ),
)  # fmt: skip
"""In this order; the first that holds decides."""


def in_order(rules: Sequence[Rule]) -> list[Rule]:
    """Return rules in the order in which they are tried."""
    return sorted(rules, key=attrgetter("priority"), reverse=True)
