"""The rules that decide a category, in one ordered table."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter

from lamina_graph.classify import try_on
from lamina_graph.classify.context import BESIDE, VISUAL, Context, Source, precedence
from lamina_graph.classify.rule import Rule, Verdict, quoted_title
from lamina_graph.features import NodeFacts
from lamina_graph.features.acyclic import open_cycles
from lamina_graph.graph import reachable
from lamina_graph.vocabulary import Modality


def _stages(context: Context) -> Verdict | None:
    pair, sure = _farthest(context)
    if not sure:
        return None
    a, b = map(context.node, pair)
    kind = "modality" if a.modalities != b.modalities else "model"
    first, second = (f"{quoted_title(node)} makes {_a(node.modalities)}" for node in (a, b))
    claim = f"{first}, and from it {second}: two stages that differ in {kind}"
    return Verdict(claim, "topology", pair, sure)


def _farthest(context: Context) -> tuple[tuple[str, str], float]:
    """Return the generations in a row that most surely differ, and how sure that is; 0 where none do."""
    media = {node.id: node.modalities for node in context.nodes}
    turns = [(a, b) for a, b in context.facts.follows if media[a] != media[b] and media[a] and media[b]]
    for a, b in turns:
        if VISUAL.issuperset(media[a] + media[b]):
            return (a, b), 0.9
    if turns:
        return turns[0], 0.7
    found = (((a, b), _differ(context.node(a), context.node(b))) for a, b in context.facts.follows)
    return max(found, key=itemgetter(1), default=(("", ""), 0.0))


def _a(media: tuple[Modality, ...]) -> str:
    return _NAMES.get(media[0], "data") if media else "something"


_NAMES = {
    "image": "a picture",
    "video": "a video",
    "audio": "sound",
    "text": "text",
    "3d": "a 3D model",
    "vector": "a vector graphic",
}


def _differ(a: NodeFacts, b: NodeFacts) -> float:
    """Return how sure it is that two generations differ in model; 0 where they do not."""
    if min(a.certainty, b.certainty) < 0.6:
        return 0.0
    if a.part == b.part == "sampler":
        return 0.55  # samplers of one model are one generation already
    same = a.brand == b.brand if a.brand and b.brand else a.type == b.type
    return 0.0 if same else 0.7


def _set(context: Context) -> Verdict | None:
    kinds = sorted(_unchained(context).values(), key=lambda makers: (-len(makers), makers[0].modalities))
    return next((found for makers in kinds if (found := _set_of(context, makers))), None)


def _set_of(context: Context, makers: Sequence[NodeFacts]) -> Verdict | None:
    if len(makers) < (3 if len({node.component for node in makers}) == 1 else 4):
        return None
    media = makers[0].modalities
    ends = [end for end in context.finals if end.modalities == media]
    alone = all(end.modalities == media or BESIDE.issuperset(end.modalities) for end in context.finals)
    if len(ends) >= 3 and alone:
        claim = f"{len(makers)} parallel generations give {len(ends)} deliverables of one kind: a set"
        return Verdict(claim, "topology", (max(ends, key=precedence).id,), 0.75)
    if media == ("video",):
        return Verdict(
            f"{len(makers)} clips are made side by side and joined", "topology", (makers[0].id,), 0.65
        )
    return None


def _compared(context: Context) -> Verdict | None:
    comparing = [
        node for node in context.nodes if node.role == "output" and not _COMPARING.isdisjoint(node.words)
    ]
    for makers in _unchained(context).values() if comparing else ():
        above = _above(context, {context.adj.index[maker.id] for maker in makers})
        for node in comparing:
            found = above[context.adj.index[node.id]]
            if len(found) > 1:
                claim = f"{quoted_title(node)} compares what parallel generations make"
                return Verdict(claim, "topology", (context.adj.ids[found[0]], node.id), 0.6)
    return None


def _above(context: Context, makers: set[int]) -> list[tuple[int, ...]]:
    """Return for each node two of some makers that lead to it, if there are."""
    walk = open_cycles(context.adj)
    above: list[tuple[int, ...]] = [()] * len(context.adj)
    for node in walk.nodes:
        found = dict.fromkeys(maker for p in walk.before[node] for maker in above[p])
        above[node] = (node,) if node in makers else tuple(found)[:2]
    return above


_COMPARING = frozenset(("compare", "comparer", "comparison"))


def _unchained(context: Context) -> dict[tuple[Modality, ...], list[NodeFacts]]:
    """Return the generations of which none is made from another, by modality."""
    chained = {id_ for pair in context.facts.follows for id_ in pair}
    kinds: dict[tuple[Modality, ...], list[NodeFacts]] = {}
    for node in context.generations:
        if node.id not in chained and node.modalities:
            kinds.setdefault(node.modalities, []).append(node)
    return kinds


_FEW = 8
"""Named stages that are looked at: each takes a walk over the graph."""


def _series(context: Context) -> Verdict | None:
    for node, source in context.subjects.get("set", ()):
        if node.generation == node.id and node.modalities in (("image",), ("video",)):
            return Verdict(
                f"{quoted_title(node)} makes several of one kind by design", source, (node.id,), 0.7
            )
    return None


def _passes(context: Context) -> Verdict | None:
    found = context.facts.passes
    if len(found) < (3 if "video" in context.facts.output_modalities else 2):
        return None
    return Verdict(
        f"one model works {len(found)} times in a row, each time on what it made",
        "topology",
        (found[0], found[-1]),
        0.7,
    )


def _extended(context: Context) -> Verdict | None:
    for first, second in context.facts.follows:
        a, b = context.node(first), context.node(second)
        if a.modalities == b.modalities == ("video",) and not _EXTENDING.isdisjoint(b.words):
            typed = not _EXTENDING.isdisjoint(context.vocabulary.read(b.type).words)
            claim = f"{quoted_title(b)} goes on with the video of {quoted_title(a)}"
            return Verdict(claim, "type" if typed else "label", (a.id, b.id), 0.6)
    return None


_EXTENDING = frozenset(("extend", "extender", "extension", "continue", "continuation"))


def _repeated(context: Context) -> Verdict | None:
    for node, source in context.subjects.get("repeat", ()):
        maker = context.generation_fed(node.id) if source == "type" else None
        if maker:
            claim = f"{quoted_title(node)} has a generation run several times"
            return Verdict(claim, source, tuple(dict.fromkeys((node.id, maker))), 0.6)
    return None


def _numbered(context: Context) -> Verdict | None:
    first, second = (_making(context, thing) for thing in ("first-stage", "second-stage"))
    later = reachable(context.adj.successors, first)
    for number in second:
        before = [each for each in first if each != number and number in later]
        onto = reachable(context.adj.predecessors, [number]) if before else set()
        for earlier in before:
            if earlier in onto:
                a, b = context.nodes[earlier], context.nodes[number]
                source: Source = "type" if first[earlier] == second[number] == "type" else "label"
                return Verdict(
                    f"{quoted_title(a)} and {quoted_title(b)} are named as stages", source, (a.id, b.id), 0.7
                )
    return None


def _making(context: Context, thing: str) -> dict[int, Source]:
    """Return the first generating nodes that speak of a thing, and whether their types or their labels do."""
    making = [(node, source) for node, source in context.subjects.get(thing, ()) if node.generation]
    return {context.adj.index[node.id]: source for node, source in making[:_FEW]}


def _refined(context: Context) -> Verdict | None:
    found = context.facts.refinements
    if len(found) < 2:
        return None
    names = ", then ".join(quoted_title(context.node(id_)) for id_ in found[:3])
    return Verdict(
        f"{len(found)} refinements follow a generation: {names}", "topology", (found[0], found[-1]), 0.72
    )


@dataclass(frozen=True)
class EndsIn:
    """Holds where the main path ends in one of some media."""

    media: tuple[Modality, ...]

    def __call__(self, context: Context) -> Verdict | None:
        """Return the deliverable that the main path ends in, if it is of these media."""
        end = context.main_deliverable
        if end is None or not set(end.modalities) & set(self.media):
            return None
        node = context.node(end.id)
        if node.modalities != end.modalities:
            saved = context.node(end.end)
            claim = f"{quoted_title(saved)} takes {_a(end.modalities)} from {quoted_title(node)}"
            return Verdict(
                claim, _source(context, saved, end.modalities), (end.id,), 0.8 if node.modalities else 0.6
            )
        claim = f"{quoted_title(node)} gives {_a(node.modalities)}"
        return Verdict(claim, _source(context, node, end.modalities), (end.id,), 0.95)


def _source(context: Context, node: NodeFacts, media: tuple[Modality, ...]) -> Source:
    """Return what tells what a node gives: the words of its type, or the graph."""
    return "type" if context.vocabulary.read(node.type).gives == media else "topology"


def _nothing(context: Context) -> Verdict | None:
    return Verdict("nothing tells what comes out", "topology", context.adj.ids[:1], 0.2)


RULES: tuple[Rule, ...] = (
    Rule(
        "try-on-node", "try-on", "The words of a node's type say that it dresses a person.",
        "no node's type speaks of dressing a person", try_on.by_node,
    ),
    Rule(
        "try-on-words", "try-on", "The words of a generation or of its parts speak of dressing a person.",
        "no words of a generation or its parts speak of dressing a person", try_on.by_words,
    ),
    Rule(
        "try-on-inputs", "try-on", "A garment and a person, told by types or labels, meet in a generation.",
        "no garment and person are told that lead to a generation", try_on.by_inputs,
    ),
    Rule(
        "try-on-name", "try-on", "The app's name or description speaks of dressing a person, who is shown.",
        "the app's name and description do not speak of dressing a person", try_on.by_app_name,
    ),
    Rule(
        "garment", "try-on", "A garment leads to a generation of a picture or video: possible try-on.",
        "no garment is told that leads to a generation", try_on.by_garment,
    ),
    Rule(
        "stages", "multi-step", "Two generations in a row differ in model or modality.",
        "no two generations in a row differ in model or modality", _stages,
    ),
    Rule(
        "set", "multi-step", "Three or more parallel generations give a set of one kind, or clips to join.",
        "no three parallel generations that give three deliverables of one kind, or clips to join", _set,
    ),
    Rule(
        "comparison", "multi-step", "What two or more parallel generations make is compared.",
        "nothing compares what parallel generations make", _compared,
    ),
    Rule(
        "set-node", "multi-step", "The words of a generation say that it makes several of one kind.",
        "no generation's words say that it makes several of one kind", _series,
    ),
    Rule(
        "passes", "multi-step", "A model samples what it decoded: two runs for pictures, three for video.",
        "no model samples again what it decoded, twice for pictures or thrice for video", _passes,
    ),
    Rule(
        "extended", "multi-step", "A generated video is made longer by another generation.",
        "no generated video is made longer", _extended,
    ),
    Rule(
        "repeated", "multi-step", "A loop, or a plot over several settings, leads to a generation.",
        "no loop or plot over several settings leads to a generation", _repeated,
    ),
    Rule(
        "numbered", "multi-step", "The words of two generating nodes number them as stages or passes.",
        "no two generating nodes are named as stages or passes", _numbered,
    ),
    Rule(
        "refined", "multi-step", "Two or more refinements in a row follow a generation.",
        "fewer than two refinements in a row", _refined,
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
        "unknown", "other", "Nothing tells what comes out.",
        "it is known what comes out", _nothing, priority=-1000,
    ),
)  # fmt: skip
"""In this order; the first that holds decides."""


def in_order(rules: Sequence[Rule]) -> list[Rule]:
    """Return rules in the order in which they are tried."""
    return sorted(rules, key=attrgetter("priority"), reverse=True)
