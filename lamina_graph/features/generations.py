"""The generations of a graph, each a call of a generative model, and which is made from which."""

from collections.abc import Sequence
from typing import NamedTuple

from lamina_graph.features.acyclic import Acyclic
from lamina_graph.features.modalities import Media
from lamina_graph.features.roles import is_preview
from lamina_graph.vocabulary import Reading

_PREPARING = frozenset(("depth", "pose", "segment", "upscale"))
_REFINING = frozenset(("upscale", "interpolate"))
_WORKS = frozenset(
    (
        "script", "story", "script writer", "storyboard", "screenplay", "lyrics", "dialogue", "copywriter",
        "copywriting", "podcast",
    )
)  # fmt: skip
"""Texts that are works of their own, whatever is made from them."""
_VAGUE = 0.6
"""The certainty up to which a sampler may as well be another part of the model."""
_MODEL = ("model", "patch", "sampler", "decoder")
_HANDED_ON = ("model", "patch", "conditioning", "latent")
_TAKING = ("generate", "transform", "output")
_KEPT = 16
_NONE: tuple[int, ...] = ()


class Generations(NamedTuple):
    """The generations of a graph, by the numbers of its nodes.

    Attributes:
        first: for each node that a generation consists of, the first such node of it; else None.
        stage: for each node, how many generations there are in a row up to it.
        latest: for each node, the latest generations at or above it, no more than a few.
        follows: pairs of generations, the second made from the first.
        passes: the longest chain of runs of one model, each on what the one before made.
        refinements: the longest chain of refinements of one generation.
    """

    first: list[int | None]
    stage: list[int]
    latest: list[tuple[int, ...]]
    follows: list[tuple[int, int]]
    passes: tuple[int, ...] = ()
    refinements: tuple[int, ...] = ()


def find_generations(
    acyclic: Acyclic, readings: Sequence[Reading], modalities: Sequence[Media]
) -> Generations:
    """Return the generations, in one walk from sources to sinks.

    A generation is a node that generates, or the samplers of one model: those that hand latents on, and
    those that work again on what the same model made. Helpers, pre- and post-processing are none, nor is
    text that only serves to make another medium.
    """
    walk = _Walk(acyclic, readings, _generating(acyclic, readings, modalities))
    walk.run()
    return Generations(
        walk.first, walk.stage, walk.latest, walk.follows, walk.longest_passes(), _refinements(walk)
    )


class LongestChains:
    """The longest chain of chosen nodes that reaches each node; a chain is known by its last node."""

    def __init__(self, size: int) -> None:
        self.last = [-1] * size
        self.started = False
        self._length = {-1: 0}
        self._before: dict[int, int] = {}

    def inherit(self, node: int, predecessors: Sequence[int]) -> None:
        """Let the longest of the chains that reach the predecessors of a node reach it."""
        last = self.last
        if len(predecessors) == 1:
            last[node] = last[predecessors[0]]
        else:
            last[node] = max([last[p] for p in predecessors], key=self._length.__getitem__)

    def append(self, node: int, start: int = -1) -> None:
        """Lengthen the chain that reaches a node by it; where none does, by `start` and it."""
        chain = self.last[node]
        if chain < 0 <= start:
            self._length.setdefault(start, 1)
            self._before.setdefault(start, -1)
            chain = start
        self._before[node], self._length[node] = chain, self._length[chain] + 1
        self.started = True
        self.last[node] = node

    def longest(self) -> tuple[int, ...]:
        """Return the nodes of the longest chain."""
        node = max(self._length, key=self._length.__getitem__)
        chain = []
        while node >= 0:
            chain.append(node)
            node = self._before[node]
        return tuple(reversed(chain))


class _Walk:
    """One walk over a graph, and the generations met so far."""

    def __init__(self, acyclic: Acyclic, readings: Sequence[Reading], generating: Sequence[bool]) -> None:
        size = len(generating)
        self.acyclic, self.readings, self.generating = acyclic, readings, generating
        self.first: list[int | None] = [None] * size
        self.stage = [0] * size
        self.latest = [_NONE] * size
        self.follows: list[tuple[int, int]] = []
        self.passes = LongestChains(size)  # of samplings of what was decoded, or scaled as latents
        self.running = [_NONE] * size  # the generations whose latents are not decoded yet
        self.samplers = [_NONE] * size  # the samplers whose latents these are
        self.models = [_NONE] * size  # the loaders of the model that it hands on
        self.families: list[frozenset[str]] = [frozenset()] * size  # the models that the parts of it name
        self.scaled = [False] * size  # whether what was sampled was made larger, or decoded, on the way
        # by generation, the sets of samplers that are decoded apart, each with one of them
        self.decoded: dict[int, dict[frozenset[int], int]] = {}

    def run(self) -> None:
        """Walk from sources to sinks."""
        stage, latest, readings, predecessors = self.stage, self.latest, self.readings, self.acyclic.before
        for node in self.acyclic.nodes:
            above = predecessors[node]
            if len(above) == 1:
                latest[node], stage[node] = latest[above[0]], stage[above[0]]
            elif above:
                latest[node], stage[node] = _union(latest, above), max([stage[p] for p in above])
            part = readings[node].part
            if part is not None:
                self._pass_on(node, above)
            if self.passes.started and above:
                self.passes.inherit(node, above)
            if self.generating[node]:
                (self._sample if part == "sampler" else self._open)(node)

    def longest_passes(self) -> tuple[int, ...]:
        """Return the longest chain of runs of one model; nothing where it runs once."""
        decoded = [tuple(samplers.values()) for samplers in self.decoded.values()]
        chain = max([self.passes.longest(), *decoded], key=len)
        return chain if len(chain) > 1 else ()

    def _pass_on(self, node: int, above: Sequence[int]) -> None:
        """Hand on what parts of a model hand on: the model, and the generation whose latents these are."""
        reading = self.readings[node]
        part = reading.part
        if part == "decoder":
            self._decode(node, above)
            return
        for p in above:
            if not self.families[p] <= self.families[node]:
                self.families[node] |= self.families[p]
        if reading.brand:
            self.families[node] |= {reading.brand}
        if part == "sampler":  # one that feeds media decodes inside
            after = [self.readings[s] for s in self.acyclic.after[node]]
            self.scaled[node] = any(s.part is None and s.role in _TAKING and not is_preview(s) for s in after)
        elif part == "latent" and any("upscale" in word for word in reading.words):
            self.scaled[node] = True
        else:
            self.scaled[node] = True in [self.scaled[p] for p in above]
        self.models[node] = _union(self.models, above)
        self.running[node] = _union(self.running, above)
        self.samplers[node] = (node,) if part == "sampler" else _union(self.samplers, above)
        if part == "model" and not self.models[node]:
            self.models[node] = (node,)

    def _decode(self, node: int, above: Sequence[int]) -> None:
        """Note the samplers that are decoded here, if not only for a preview: these are passes, too."""
        if all(is_preview(self.readings[s]) for s in self.acyclic.after[node]):
            return
        samplers = _union(self.samplers, above)
        generation = self.first[samplers[0]] if samplers else None
        if generation is not None:
            self.decoded.setdefault(generation, {})[frozenset(samplers)] = samplers[0]

    def _sample(self, node: int) -> None:
        """Go on with a generation, with its latents or with its model on what it made; else open one."""
        generation = self._continued(node)
        if generation is None:
            self._open(node)
        else:
            self.first[node], self.latest[node] = generation, (generation,)
        self.running[node] = self.latest[node]

    def _open(self, node: int) -> None:
        """Open a generation."""
        self.follows += [(earlier, node) for earlier in self.latest[node]]
        self.first[node], self.latest[node] = node, (node,)
        self.stage[node] += 1
        self.passes.last[node] = -1

    def _continued(self, node: int) -> int | None:
        """Return the generation that a sampler goes on with, if any."""
        if self.running[node]:
            generation = max(self.running[node], key=self._precedence)
            if any(self.scaled[p] for p in self.acyclic.before[node]):
                self.passes.append(node, generation)
            return generation
        for earlier in self.latest[node]:
            if self.readings[earlier].part == "sampler" and self._is_one_model(node, earlier):
                if min(self.readings[node].certainty, self.readings[earlier].certainty) > _VAGUE:
                    self.passes.append(node, earlier)
                return earlier
        return None

    def _is_one_model(self, node: int, earlier: int) -> bool:
        """Whether two samplers run one model: one that is loaded once, or that no name tells apart."""
        if not set(self.models[node]).isdisjoint(self.models[earlier]):
            return True
        families, others = self.families[node], self.families[earlier]
        return not families or not others or not families.isdisjoint(others)

    def _precedence(self, generation: int) -> tuple[int, int, int]:
        """Return what makes one of several running generations the one that goes on, whatever their order."""
        return (
            self.stage[generation],
            len(self.acyclic.before[generation]),
            len(self.acyclic.after[generation]),
        )


def _refinements(walk: _Walk) -> tuple[int, ...]:
    """Return the longest chain of refinements of one generation."""
    refines = [
        reading.task in _REFINING and reading.role == "transform" and stage > 0
        for reading, stage in zip(walk.readings, walk.stage, strict=True)
    ]
    if not any(refines):
        return ()
    chains, predecessors = LongestChains(len(refines)), walk.acyclic.before
    for node in walk.acyclic.nodes:
        if walk.first[node] == node:
            continue
        if chains.started and predecessors[node]:
            chains.inherit(node, predecessors[node])
        if refines[node]:
            chains.append(node)
    return chains.longest()


def _union(sets: Sequence[tuple[int, ...]], nodes: Sequence[int]) -> tuple[int, ...]:
    """Return what the sets of some nodes hold; a few at most, so that work stays in step with the graph."""
    union = sets[nodes[0]] if nodes else _NONE
    for node in nodes[1:]:
        other = sets[node]
        if other != union and len(union) < _KEPT:
            union = (*union, *[member for member in other if member not in union])[:_KEPT]
    return union


def _generating(acyclic: Acyclic, readings: Sequence[Reading], modalities: Sequence[Media]) -> list[bool]:
    """Return which nodes make new media; text that only serves another medium must be a work of its own."""
    generating = [reading.role == "generate" for reading in readings]
    if "sampler" in [reading.part for reading in readings]:
        for helpers in (_helpers(acyclic, readings), _prepares(acyclic, readings)):
            generating = [makes and not helps for makes, helps in zip(generating, helpers, strict=True)]
    texts = [node for node, makes in enumerate(generating) if makes and modalities[node] == ("text",)]
    if texts:
        serves = _serves_media(acyclic, generating, modalities)
        for node in texts:
            generating[node] = not serves[node] or not _WORKS.isdisjoint(readings[node].words)
    return generating


def _serves_media(acyclic: Acyclic, generating: Sequence[bool], modalities: Sequence[Media]) -> list[bool]:
    """Return which nodes lead to something other than text being made."""
    serves = [False] * len(generating)
    for node in reversed(acyclic.nodes):
        for s in acyclic.after[node]:
            if serves[s] or (generating[s] and modalities[s] != ("text",)):
                serves[node] = True
                break
    return serves


def _helpers(acyclic: Acyclic, readings: Sequence[Reading]) -> list[bool]:
    """Return which samplers only prepare or refine: the words of their conditioning name such a task."""
    helps = [False] * len(readings)
    if _PREPARING.isdisjoint([reading.task for reading in readings if reading.part is not None]):
        return helps
    for node in acyclic.nodes:
        part, task = readings[node].part, readings[node].task
        if part is not None and part != "decoder":
            helps[node] = task in _PREPARING or any(helps[p] for p in acyclic.before[node])
    return helps


def _prepares(acyclic: Acyclic, readings: Sequence[Reading]) -> list[bool]:
    """Return which nodes only prepare for a model that samples later.

    They give references, tracks or control frames of a sampler's own family, and no model is above them; or
    they take the model that is loaded and hand it on to the sampler; or they only serve such a node.
    """
    prepares = [False] * len(readings)
    if ("generate", None) not in {(reading.role, reading.part) for reading in readings}:
        return prepares
    modelled = [False] * len(readings)
    for node in acyclic.nodes:
        modelled[node] = readings[node].part in _MODEL or any(modelled[p] for p in acyclic.before[node])
    families: list[frozenset[str | None]] = [frozenset()] * len(readings)  # of the models that sample below
    sampled = [False] * len(readings)
    feeds_sampler = [False] * len(readings)  # through settings and parts of a model alone
    for node in reversed(acyclic.nodes):
        reading, after = readings[node], acyclic.after[node]
        sampled[node] = reading.part == "sampler" or any(sampled[s] for s in after)
        if not sampled[node]:
            continue
        own = frozenset([reading.brand] if reading.part and reading.brand else ())
        families[node] = own.union(*[families[s] for s in after])
        hands_on = [s for s in after if readings[s].role == "control" and readings[s].part != "encoder"]
        feeds_sampler[node] = any(readings[s].part == "sampler" for s in after) or any(
            feeds_sampler[s] for s in hands_on
        )
        if reading.role == "generate" and reading.part is None:
            takes_model = any(readings[p].part in _HANDED_ON for p in acyclic.before[node])
            prepares[node] = (
                (reading.brand in families[node] and not modelled[node])
                or (takes_model and feeds_sampler[node])
                or all(prepares[s] and readings[s].brand == reading.brand for s in after)
            )
    return prepares
