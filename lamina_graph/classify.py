"""What kind of pipeline an app is, by ordered named rules, and why: each answer with a path through the graph."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from lamina_graph.features import Features, NodeFacts, Shape, features
from lamina_graph.graph import Adjacency, adjacency
from lamina_graph.model import App, AppSummary, Value, Workflow
from lamina_graph.vocabulary import Modality, Vocabulary

Category = Literal["image", "try-on", "video", "multi-step", "other"]
Source = Literal["topology", "type", "label", "metadata"]


class Evidence(Value):
    """One claim, the rule that made it, where it comes from, and a path through real nodes that shows it."""

    rule: str
    claim: str
    source: Source
    path: tuple[str, ...] = ()


class Modalities(Value):
    """What goes in and what comes out."""

    inputs: tuple[Modality, ...]
    outputs: tuple[Modality, ...]


class Classification(Value):
    """What kind of pipeline an app is, and why."""

    app_id: str | None = Field(alias="appId")
    name: str | None
    category: str
    confidence: float
    modalities: Modalities
    shape: Shape
    steps: int
    generations: int
    stages: int
    evidence: tuple[Evidence, ...]
    features: dict[str, int]


@dataclass(frozen=True)
class Case:
    """All that a rule may look at."""

    facts: Features
    nodes: Mapping[str, NodeFacts]
    plain: Adjacency
    subjects: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Verdict:
    """What a rule found: a claim, its source, the nodes that a path must pass, and how sure it is."""

    claim: str
    source: Source
    through: tuple[str, ...]
    confidence: float


@dataclass(frozen=True)
class Rule:
    """A named rule: its category, what it says, and its test."""

    id: str
    category: str
    sentence: str
    test: Callable[[Case], Verdict | None]


def classify(
    w: Workflow,
    *,
    facts: Features | None = None,
    detail: App | None = None,
    summary: AppSummary | None = None,
    vocabulary: Vocabulary | None = None,
    rules: Sequence[Rule] | None = None,
    graph_only: bool = False,
) -> Classification:
    """Return what kind of pipeline a workflow is, and why.

    Args:
        w: the workflow.
        facts: its features, where they are at hand.
        detail: the app's detail, whose words and outputs are evidence too.
        summary: the app's row of the listing, whose capabilities are held against the graph.
        vocabulary: what words in node types mean.
        rules: rules to try, in order; by default `RULES`.
        graph_only: whether labels and names are left aside.

    >>> from lamina_graph.model import load
    >>> classify(load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})).category
    'video'
    """
    vocabulary = vocabulary or Vocabulary.default()
    facts = facts or features(w, vocabulary=vocabulary, labels=not graph_only)
    case = _case(w, facts, vocabulary, graph_only)
    for rule in rules or RULES:
        verdict = rule.test(case)
        if verdict is not None:
            break
    else:
        rule, verdict = RULES[-1], Verdict("nothing can be told", "topology", (), 0.3)
    path = witness(case.plain, verdict.through)
    return Classification(
        app_id=w.app_id,
        name=w.name,
        category=rule.category,
        confidence=round(verdict.confidence, 3),
        modalities=Modalities(inputs=facts.input_modalities, outputs=facts.output_modalities),
        shape=facts.shape,
        steps=facts.steps,
        generations=facts.generations,
        stages=facts.stages,
        evidence=(Evidence(rule=rule.id, claim=verdict.claim, source=verdict.source, path=path),),
        features={
            "nodes": facts.nodes,
            "edges": facts.edges,
            "components": facts.components,
            "depth": facts.depth,
            "width": facts.width,
        },
    )


def explain(c: Classification) -> str:
    """Return the answer and its evidence as text."""
    return "\n".join([f"{c.category} ({c.confidence:.0%})", *(f"- {e.claim}" for e in c.evidence)])


def why_not(w: Workflow, category: str, **options: Any) -> list[str]:
    """Return what is missing for a category."""
    return [f"no rule for {category} holds"]


def user_rules(section: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Return the rules of a configuration."""
    return RULES


def _case(w: Workflow, facts: Features, vocabulary: Vocabulary, graph_only: bool) -> Case:
    subjects = {}
    for node in facts.facts:
        found = vocabulary.read(node.type).subjects
        if not graph_only and node.title != node.type:
            found |= vocabulary.subjects(node.title)
        subjects[node.id] = found
    return Case(facts, {node.id: node for node in facts.facts}, adjacency(w), subjects)


def witness(plain: Adjacency, through: Sequence[str]) -> tuple[str, ...]:
    """Return a path along edges through some nodes, on to where nothing follows, or round a cycle."""
    if not through:
        through = plain.ids[:1]
    if not through:
        return ()
    path = [plain.index[through[0]]]
    for id_ in through[1:]:
        path += _shortest(plain, path[-1], plain.index[id_])
    seen = set(path)
    while plain.successors[path[-1]]:
        following = plain.successors[path[-1]][0]
        path.append(following)
        if following in seen:
            break
        seen.add(following)
    if len(path) == 1 and plain.predecessors[path[0]]:
        path.insert(0, plain.predecessors[path[0]][0])
    return tuple(plain.ids[node] for node in path)


def _shortest(plain: Adjacency, start: int, end: int) -> list[int]:
    """Return the nodes after `start` on a shortest path to `end`."""
    came = {start: start}
    level = [start]
    for node in level:
        if node == end:
            break
        for other in plain.successors[node]:
            if other not in came:
                came[other] = node
                level.append(other)
    path = []
    while end != start and end in came:
        path.append(end)
        end = came[end]
    return path[::-1]


def _try_on(case: Case) -> Verdict | None:
    for node in case.facts.facts:
        if node.task == "try-on":
            return Verdict(f"{node.title} dresses a person", "type", (node.id,), 0.9)
    return None


def _garment(case: Case) -> Verdict | None:
    for node in case.facts.facts:
        if "garment" in case.subjects[node.id] and "image" in case.facts.output_modalities:
            return Verdict(f"{node.title} names a garment", "label", (node.id,), 0.5)
    return None


def _stages(case: Case) -> Verdict | None:
    for first, second in case.facts.follows:
        a, b = case.nodes[first], case.nodes[second]
        if _differ(a, b):
            return Verdict(f"{a.title} makes what {b.title} works on", "topology", (first, second), 0.8)
    return None


def _differ(a: NodeFacts, b: NodeFacts) -> bool:
    """Whether two generations in a row differ in modality or model. Samplers of one model are one generation already."""
    if a.modalities != b.modalities and a.part is None and b.part is None:
        return True
    if min(a.certainty, b.certainty) < 0.6:
        return a.modalities != b.modalities
    if a.part == b.part == "sampler":
        return True
    return a.brand != b.brand if a.brand and b.brand else a.type != b.type


def _set(case: Case) -> Verdict | None:
    final = [d for d in case.facts.deliverables if d.final]
    makers = _parallel(case)
    if len(final) >= 3 and len({d.modalities for d in final}) == 1 and len(makers) >= 3:
        return Verdict(
            f"{len(makers)} parallel generations make {len(final)} results of one kind",
            "topology",
            (final[0].id,),
            0.6,
        )
    if len(makers) >= 3 and case.nodes[makers[0]].modalities == ("video",):
        return Verdict(
            f"{len(makers)} clips are made side by side and joined", "topology", (makers[0],), 0.55
        )
    return None


def _parallel(case: Case) -> list[str]:
    """Return the most generations of one modality, none of which is made from another."""
    kinds: dict[tuple[Modality, ...], list[str]] = {}
    chained = {g for pair in case.facts.follows for g in pair}
    for node in case.facts.facts:
        if node.generation == node.id and node.id not in chained:
            kinds.setdefault(node.modalities, []).append(node.id)
    return max(kinds.values(), key=len, default=[])


def _made_as_set(case: Case) -> Verdict | None:
    for node in case.facts.facts:
        if (
            node.generation == node.id
            and "set" in case.subjects[node.id]
            and node.modalities in (("image",), ("video",))
        ):
            return Verdict(f"{node.title} makes a set", "type", (node.id,), 0.5)
    return None


def _passes(case: Case) -> Verdict | None:
    found = case.facts.passes
    if len(found) < (3 if "video" in case.facts.output_modalities else 2):
        return None
    return Verdict(f"one model works {len(found)} times in a row", "topology", (found[0], found[-1]), 0.5)


def _refined(case: Case) -> Verdict | None:
    found = case.facts.refinements
    return (
        Verdict(f"{len(found)} refinements follow a generation", "topology", (found[0], found[-1]), 0.5)
        if len(found) > 1
        else None
    )


def _medium(*media: Modality) -> Callable[[Case], Verdict | None]:
    def test(case: Case) -> Verdict | None:
        for medium in media:
            for end in case.facts.deliverables:
                if end.final and medium in end.modalities:
                    return Verdict(f"{end.title} gives {medium}", "type", (end.id,), 0.8)
        return None

    return test


def _rest(case: Case) -> Verdict | None:
    return Verdict("nothing says what comes out", "topology", (), 0.3)


RULES: tuple[Rule, ...] = (
    Rule("try-on-node", "try-on", "A node's words say that it dresses a person.", _try_on),
    Rule("garment", "try-on", "A garment goes into a generation of pictures.", _garment),
    Rule("stages", "multi-step", "Two generations in a row differ in model or modality.", _stages),
    Rule("set", "multi-step", "Several deliverables of one kind come from parallel branches.", _set),
    Rule("set-node", "multi-step", "A generation's words say that it makes a set.", _made_as_set),
    Rule("passes", "multi-step", "One model works again on what it made.", _passes),
    Rule("refined", "multi-step", "Two or more refinements follow a generation.", _refined),
    Rule("video", "video", "A video is what comes out.", _medium("video")),
    Rule("image", "image", "A picture is what comes out.", _medium("image", "vector")),
    Rule(
        "other-media",
        "other",
        "Sound, 3D, text or data is what comes out.",
        _medium("audio", "3d", "text", "data"),
    ),
    Rule("unknown", "other", "Nothing tells what comes out.", _rest),
)
