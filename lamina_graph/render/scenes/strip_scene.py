"""The stage strip of a workflow: its pipeline in one line, before any form is chosen."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from lamina_graph.render.font_metrics import sanitize
from lamina_graph.render.scenes.color_scales import join_titles
from lamina_graph.text import one_line
from lamina_graph.vocabulary import MODALITIES, Modality, Vocabulary, readable

if TYPE_CHECKING:
    from lamina_graph.features import Features, NodeFacts

Kind = Literal["input", "generation", "task", "deliverable", "rest"]

_LONGEST_NAME = 32
_MOST_NAMES = 3  # of one column
_MOST_COLUMNS = 7
_MOST_PIPELINES = 3
_MOST_TITLES = 8
_NO_FILES: Mapping[str, str] = MappingProxyType({})
_HIDDEN_TASKS = frozenset(("adjust", "segment", "depth", "pose"))
"""What only prepares or trims."""
_SPELLED_OUT = frozenset(("upscale", "interpolate", "remove-background", "face-swap", "lip-sync"))
"""What is shown of a graph that spells a model out, where each resizing and stitching is a node."""


@dataclass(frozen=True, slots=True)
class Part:
    """One name of a column.

    Attributes:
        name: a model, a task, a modality.
        count: how many nodes it stands for.
        modality: what it gives, if that is one thing.
        tooltip: the titles of these nodes.
    """

    name: str
    count: int = 1
    modality: Modality | None = None
    tooltip: str = ""

    @property
    def text(self) -> str:
        """The name, and how often where that is more than once."""
        return f"{self.name} ×{self.count}" if self.count > 1 else self.name


@dataclass(frozen=True, slots=True)
class Column:
    """What happens at one place of a pipeline."""

    kind: Kind
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The names, marked as what enters or leaves."""
        words = " + ".join(part.text for part in self.parts)
        match self.kind:
            case "input":
                return f"[{words}]"
            case "deliverable":
                return f"★ {words}"
            case "rest":
                return f"… {words} …"
            case _:
                return words


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One pipeline, and how many of the kind there are."""

    columns: tuple[Column, ...]
    times: int = 1

    @property
    def text(self) -> str:
        """The columns with arrows between them."""
        line = " → ".join(column.text for column in self.columns)
        return f"({line}) ×{self.times}" if self.times > 1 else line


@dataclass(frozen=True, slots=True)
class StripScene:
    """The pipelines of a workflow that do not depend on each other, in the workflow's order.

    Attributes:
        pipelines: those that are shown.
        more: how many others there are.
        edges_known: whether it is known which steps feed which; where not, they are named without an order.
    """

    pipelines: tuple[Pipeline, ...]
    more: int = 0
    edges_known: bool = True

    @property
    def text(self) -> str:
        """The strip as one line of text; without a known step it says so."""
        return " · ".join([*(pipeline.text for pipeline in self.pipelines), *filter(None, [self.note])])

    @property
    def note(self) -> str:
        """What is said after the pipelines, if anything."""
        rest = f"{self.more:,} more" if self.more else "" if self.pipelines else "no known steps"
        return rest if self.edges_known else "edges unknown"


def strip_scene(
    facts: "Features", vocabulary: Vocabulary | None = None, files: Mapping[str, str] = _NO_FILES
) -> StripScene:
    """Return the stage strip of a workflow by its features, and by the model files that its nodes name.

    Each pipeline begins with what enters, names the generations stage by stage with what is done to their
    results, and ends with what leaves. Models have their names, other steps the names of their tasks.
    A sampler goes by the one model that its pipeline loads.
    """
    vocabulary = vocabulary or Vocabulary.default()
    if not facts.edges_known:
        others = [fact for fact in facts.facts if fact.role in ("generate", "transform")]
        names = _Names(others, vocabulary, files)
        column = Column("generation", _named((names.model(fact), fact) for fact in others))
        return StripScene((Pipeline((column,)),) if others else (), edges_known=False)
    components: dict[int, list[NodeFacts]] = {}
    for fact in facts.facts:
        components.setdefault(fact.component, []).append(fact)
    ends = {item.id: item.modalities for item in sorted(facts.deliverables, key=lambda item: not item.final)}
    counts: Counter[tuple[Column, ...]] = Counter()
    tooltips: dict[Hashable, tuple[Column, ...]] = {}
    for nodes in components.values():
        if any(fact.role in ("generate", "transform") for fact in nodes):
            columns = _shorten(tuple(_columns(nodes, ends, _Names(nodes, vocabulary, files))))
            key = tuple((column.kind, column.text) for column in columns)
            counts[tooltips.setdefault(key, columns)] += 1
    pipelines = [Pipeline(columns, times) for columns, times in counts.items()]
    rest = sum(pipeline.times for pipeline in pipelines[_MOST_PIPELINES:])
    return StripScene(tuple(pipelines[:_MOST_PIPELINES]), rest)


class _Names:
    """What the models and steps of a pipeline are called."""

    def __init__(
        self, nodes: "Sequence[NodeFacts]", vocabulary: Vocabulary, files: Mapping[str, str]
    ) -> None:
        self.vocabulary = vocabulary
        loaders = [fact for fact in nodes if fact.part == "model"]
        loaded = [files[fact.id] for fact in loaders if fact.id in files]
        brands = {fact.brand for fact in loaders} | {vocabulary.read(file).brand for file in loaded}
        names = {vocabulary.name(brand) for brand in brands if brand}
        names = names or {file.rpartition(".")[0] or file for file in loaded}
        self.loaded = names.pop() if len(names) == 1 else ""

    def model(self, fact: "NodeFacts") -> str:
        """The model that a generation runs, else its type."""
        if fact.brand:
            name = self.vocabulary.name(fact.brand)
        else:
            name = (fact.part and self.loaded) or readable(fact.type, self.vocabulary)
        return one_line(sanitize(name), _LONGEST_NAME) or "(no type)"


def _columns(
    nodes: "Sequence[NodeFacts]", ends: dict[str, tuple[Modality, ...]], names: _Names
) -> Iterator[Column]:
    """Yield what enters, then the steps, then what leaves."""
    inputs = [fact for fact in nodes if fact.role == "input"]
    if inputs:
        yield Column("input", _media((_first(fact.modalities), fact.title) for fact in inputs))
    steps = [*_steps(nodes, names)]
    if steps:
        yield from steps
    else:
        others = (fact for fact in nodes if fact.role in ("generate", "transform"))
        yield Column("task", _named((names.model(fact), fact) for fact in others))
    leaving = [(_first(ends[fact.id]), fact.title) for fact in nodes if fact.id in ends]
    if leaving:
        yield Column("deliverable", _media(leaving))


def _steps(nodes: "Sequence[NodeFacts]", names: _Names) -> Iterator[Column]:
    """Yield the generations of each stage, and after each stage what is done to its results."""
    spelled_out = any(fact.part for fact in nodes)
    generations: dict[int, list[tuple[str, NodeFacts]]] = {}
    tasks: dict[int, list[tuple[str, NodeFacts]]] = {}
    for fact in nodes:
        stage = fact.stage or 0
        if fact.generation == fact.id:
            generations.setdefault(stage, []).append((names.model(fact), fact))
        elif fact.role == "transform" and fact.task and _is_shown(fact.task, stage, spelled_out):
            tasks.setdefault(stage, []).append((fact.task.replace("-", " "), fact))
    for stage in sorted({*generations, *tasks}):
        if stage in generations:
            yield Column("generation", _named(generations[stage]))
        if stage in tasks:
            yield Column("task", _named(tasks[stage]))


def _is_shown(task: str, stage: int, spelled_out: bool) -> bool:
    if task in _HIDDEN_TASKS or (task == "assemble" and not stage):
        return False
    return not spelled_out or task in _SPELLED_OUT


def _named(pairs: "Iterable[tuple[str, NodeFacts]]") -> tuple[Part, ...]:
    """The names of a column, the most frequent first, each with what it gives where that is one thing."""
    members: dict[str, list[NodeFacts]] = {}
    for name, fact in pairs:
        members.setdefault(one_line(name, _LONGEST_NAME), []).append(fact)
    parts = []
    for name, facts in sorted(members.items(), key=lambda item: -len(item[1])):
        media = set(chain.from_iterable(fact.modalities for fact in facts))
        titles = join_titles([fact.title for fact in facts], _MOST_TITLES)
        parts.append(Part(name, len(facts), media.pop() if len(media) == 1 else None, titles))
    return _fewer(parts)


def _media(pairs: Iterable[tuple[Modality | None, str]]) -> tuple[Part, ...]:
    titles: dict[Modality | None, list[str]] = {}
    for modality, title in pairs:
        titles.setdefault(modality, []).append(title)
    order = [modality for modality in (*MODALITIES, None) if modality in titles]
    return tuple(
        Part(modality or "unknown", len(titles[modality]), modality, join_titles(titles[modality], 8))
        for modality in sorted(order, key=lambda modality: modality in (None, "text", "data"))
    )


def _first(modalities: Sequence[Modality]) -> Modality | None:
    return modalities[0] if modalities else None


def _fewer(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The first of very many parts, and how many nodes the others stand for."""
    if len(parts) <= _MOST_NAMES + 1:
        return tuple(parts)
    kept, rest = parts[:_MOST_NAMES], parts[_MOST_NAMES:]
    names = join_titles([part.name for part in rest for _ in range(part.count)], _MOST_TITLES)
    return (*kept, Part(f"{sum(part.count for part in rest)} more", tooltip=names))


def _shorten(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns, of very many the first and the last, and how many others stand between them."""
    if len(columns) <= _MOST_COLUMNS:
        return columns
    head, tail = _MOST_COLUMNS // 2, _MOST_COLUMNS - _MOST_COLUMNS // 2 - 1
    left_out = columns[head:-tail]
    tooltip = " → ".join(column.text for column in left_out)
    return (
        *columns[:head],
        Column("rest", (Part(f"{len(left_out)} steps", tooltip=tooltip),)),
        *columns[-tail:],
    )
