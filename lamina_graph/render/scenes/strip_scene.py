"""The stage strip of a workflow: its pipeline in one line, before any form is chosen."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from lamina_graph.render.font_metrics import sanitize
from lamina_graph.render.scenes.color_scales import join_titles
from lamina_graph.text import one_line
from lamina_graph.vocabulary import Modality, Vocabulary, readable

if TYPE_CHECKING:
    from lamina_graph.features import Features, NodeFacts

Kind = Literal["input", "generation", "task", "deliverable", "rest"]
"""What a column is; of one stage, `generation` comes before `task`, as it does in the alphabet."""

_MEDIA: tuple[Modality | None, ...] = ("image", "video", "audio", "3d", "vector", "text", "data", None)
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
    components: dict[int, list[NodeFacts]] = {}
    for fact in facts.facts:
        components.setdefault(fact.component if facts.edges_known else 0, []).append(fact)
    ends = {item.id: item.modalities for item in facts.deliverables}
    counts: Counter[str] = Counter()
    alike: dict[str, tuple[Column, ...]] = {}
    for nodes in components.values():
        component = _Component(nodes, ends, vocabulary, files)
        if component.steps:
            columns = component.columns() if facts.edges_known else (component.all_steps("generation"),)
            text = Pipeline(columns).text
            counts[text] += 1
            alike.setdefault(text, columns)
    pipelines = [Pipeline(alike[text], times) for text, times in counts.items()]
    rest = sum(pipeline.times for pipeline in pipelines[_MOST_PIPELINES:])
    return StripScene(tuple(pipelines[:_MOST_PIPELINES]), rest, facts.edges_known)


class _Component:
    """Connected nodes as one pipeline."""

    def __init__(
        self,
        nodes: "Sequence[NodeFacts]",
        ends: Mapping[str, tuple[Modality, ...]],
        vocabulary: Vocabulary,
        files: Mapping[str, str],
    ) -> None:
        self.nodes, self.ends, self.vocabulary = nodes, ends, vocabulary
        self.steps = [fact for fact in nodes if fact.role in ("generate", "transform")]
        self.spelled_out = any(fact.part for fact in nodes)
        self.loaded = self._loaded_model(files)

    def columns(self) -> tuple[Column, ...]:
        """Return what enters, the steps, and what leaves."""
        entering = [(fact.modalities, fact.title) for fact in self.nodes if fact.role == "input"]
        leaving = [(self.ends[fact.id], fact.title) for fact in self.nodes if fact.id in self.ends]
        return _shorten(
            (
                *([Column("input", _media(entering))] if entering else []),
                *(list(self._stages()) or [self.all_steps("task")]),
                *([Column("deliverable", _media(leaving))] if leaving else []),
            )
        )

    def all_steps(self, kind: Kind) -> Column:
        """Return the steps at one place, in no order."""
        return Column(kind, _named((self._model(fact), fact) for fact in self.steps))

    def _stages(self) -> Iterator[Column]:
        """Yield the generations of each stage, and after each stage what is done to its results."""
        places: dict[tuple[int, Kind], list[tuple[str, NodeFacts]]] = {}
        for fact in self.nodes:
            stage = fact.stage or 0
            if fact.generation == fact.id:
                places.setdefault((stage, "generation"), []).append((self._model(fact), fact))
            elif fact.role == "transform" and fact.task and _is_shown(fact.task, stage, self.spelled_out):
                places.setdefault((stage, "task"), []).append((fact.task.replace("-", " "), fact))
        for place in sorted(places):
            yield Column(place[1], _named(places[place]))

    def _model(self, fact: "NodeFacts") -> str:
        """What a step is called: its model, for a sampler the one that is loaded, else its type."""
        known = self.vocabulary.name(fact.brand) if fact.brand else fact.part and self.loaded
        return sanitize(known or readable(fact.type, self.vocabulary)) or "(no type)"

    def _loaded_model(self, files: Mapping[str, str]) -> str:
        """The one model that the nodes load, by its family, else by its file; empty if there are several."""
        loaders = [fact for fact in self.nodes if fact.part == "model"]
        loaded = [files[fact.id] for fact in loaders if fact.id in files]
        brands = {fact.brand for fact in loaders} | {self.vocabulary.read(file).brand for file in loaded}
        names = {self.vocabulary.name(brand) for brand in brands if brand}
        names = names or {file.rpartition(".")[0] or file for file in loaded}
        return names.pop() if len(names) == 1 else ""


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


def _media(nodes: Iterable[tuple[Sequence[Modality], str]]) -> tuple[Part, ...]:
    """What enters or leaves, by the first modality of each node, pictures and the like before words."""
    titles: dict[Modality | None, list[str]] = {}
    for modalities, title in nodes:
        titles.setdefault(modalities[0] if modalities else None, []).append(title)
    return tuple(
        Part(
            modality or "unknown",
            len(titles[modality]),
            modality,
            join_titles(titles[modality], _MOST_TITLES),
        )
        for modality in sorted(titles, key=_MEDIA.index)
    )


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
    count = sum(part.count for column in left_out for part in column.parts)
    return (
        *columns[:head],
        Column("rest", (Part(f"{count} steps", tooltip=tooltip),)),
        *columns[-tail:],
    )
