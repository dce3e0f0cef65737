"""From a workflow or a diff to its picture."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from lamina_graph.errors import InputError
from lamina_graph.graph import adjacency
from lamina_graph.model import Estimate, Run, Workflow
from lamina_graph.render.folding.fold_scene import FOLDED_FROM, collapsed, folded, told
from lamina_graph.render.layout.direction import fitting
from lamina_graph.render.layout.graphviz import Engine
from lamina_graph.render.palette import AnyDirection, ColourBy, Theme
from lamina_graph.render.picture import Picture
from lamina_graph.render.scenes.color_scales import aged, all_prices, priced, prices
from lamina_graph.render.scenes.diff_scene import comparison
from lamina_graph.render.scenes.run_overlay import laid_over
from lamina_graph.render.scenes.scene import Scene, dotted
from lamina_graph.render.scenes.workflow_scene import overview
from lamina_graph.run_outcome import Outcome, outcome

if TYPE_CHECKING:
    from lamina_graph.classify import Classification
    from lamina_graph.diff import Diff
    from lamina_graph.features import Features
    from lamina_graph.vocabulary import Vocabulary


def draw(
    subject: "Workflow | Diff",
    *,
    theme: Theme = "auto",
    direction: AnyDirection = "auto",
    color_by: ColourBy = "role",
    fold: bool | None = None,
    collapse: bool = False,
    title: str | None = None,
    date: datetime | str | None = None,
    facts: "Features | None" = None,
    classification: "Classification | None" = None,
    estimate: Estimate | None = None,
    run: Run | Outcome | None = None,
    path: Sequence[str] = (),
    vocabulary: "Vocabulary | None" = None,
    engine: Engine = "wasm",
) -> Picture:
    """Return the picture of a workflow or of a diff, in every form.

    Args:
        subject: what to draw.
        theme: `light`, `dark`, or `auto`: one SVG that follows its reader's `prefers-color-scheme`.
        direction: left to right, or top to bottom; `auto` is from top to bottom for what is long and narrow.
        color_by: what colours stand for: roles, the ages of the nodes, their credits, or how they fared in a
            run.
        fold: whether straight chains and same-shaped parallel branches are one card each; by default in
            pictures of 40 nodes and more.
        collapse: whether each stage is one card: a generation with all that serves it alone.
        title: in place of the app's name.
        date: when the workflow was like this; shown below the title.
        facts: the workflow's features, where they are known already.
        classification: the workflow's category, where it is known already.
        estimate: what a run costs; needed to colour by credits.
        run: a run, or what it says of this workflow; needed to colour by run.
        path: the ids of the path to emphasise; by default the one that decided the category, else the longest
            to a deliverable.
        vocabulary: the words of node types; of a diff, by default those that it was told with.
        engine: `wasm`, Graphviz inside this process, or `dot`, the program on PATH.

    Raises:
        InputError: colours by credits without an estimate or with one of another app, or by run without a
            run; a diff with its stages collapsed.

    >>> from lamina_graph.files import load
    >>> w = load({"name": "Clip", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> load(draw(w).svg.encode()) == w
    True
    """
    from lamina_graph.classify import classify
    from lamina_graph.features import features
    from lamina_graph.vocabulary import Vocabulary

    if not isinstance(subject, Workflow):
        if collapse:
            raise InputError("a diff has no view of stages", "Draw either version alone.")
        scene = _compared(subject, title, vocabulary)
        return _picture(folded(scene) if _many(scene, fold) else scene, theme, direction, engine)
    facts = facts or features(subject, vocabulary=vocabulary)
    weights = prices(facts, _given(estimate)) if color_by == "credits" else None
    scene = overview(
        subject,
        facts,
        classification or classify(subject, facts=facts, vocabulary=vocabulary),
        title=title,
        date=date,
        path=path,
        weights=weights,
        vocabulary=vocabulary,
    )
    if collapse:
        scene = collapsed(scene, facts, vocabulary or Vocabulary.default())
    elif _many(scene, fold):
        scene = folded(scene)
    if color_by == "age":
        scene = aged(scene, facts)
    if weights is not None:
        scene = priced(scene, weights, len(all_prices(_given(estimate))) - len(weights))
    if color_by == "run":
        scene = laid_over(scene, _outcome(subject, run, facts))
    return _picture(scene, theme, direction, engine)


def focus(workflow: Workflow, id: str, up: int = 2, down: int = 2) -> Workflow:
    """Return the part of a workflow around one node.

    Args:
        workflow: the whole.
        id: the node in the middle.
        up: how many steps against the edges are kept.
        down: how many steps along them.

    Raises:
        InputError: there is no such node.

    >>> from lamina_graph.files import load
    >>> nodes = [{"id": name, "type": "t"} for name in "abcd"]
    >>> w = load({"nodes": nodes, "edges": [{"source": s, "target": t} for s, t in ("ab", "bc", "cd")]})
    >>> [node.id for node in focus(w, "b", up=1, down=1).nodes]
    ['a', 'b', 'c']
    """
    plain = adjacency(workflow)
    if id not in plain.index:
        raise InputError(
            f"the workflow has no node {id}", "`lamina-graph show REF --json` lists the ids of its nodes."
        )
    start = plain.index[id]
    near = _within(plain.predecessors, start, up) | _within(plain.successors, start, down)
    kept = {plain.ids[node] for node in near}
    return workflow.model_copy(
        update={
            "nodes": tuple(node for node in workflow.nodes if node.id in kept),
            "edges": tuple(edge for edge in workflow.edges if edge.source in kept and edge.target in kept),
        }
    )


def _within(neighbours: Sequence[Sequence[int]], start: int, steps: int) -> set[int]:
    reached, edge = {start}, {start}
    for _ in range(steps):
        edge = {other for node in edge for other in neighbours[node]} - reached
        reached |= edge
    return reached


def _outcome(workflow: Workflow, run: Run | Outcome | None, facts: "Features") -> Outcome:
    if run is None:
        raise InputError("colours by run need a run", "Give `run`, or `--run RUNID|FILE`.")
    return run if isinstance(run, Outcome) else outcome(workflow, run, facts=facts)


def _compared(change: "Diff", title: str | None, vocabulary: "Vocabulary | None") -> Scene:
    from lamina_graph.diff import as_told
    from lamina_graph.features import features

    change, vocabulary = as_told(change), vocabulary or change.vocabulary
    old, new = (features(w, vocabulary=vocabulary) for w in (change.old_workflow, change.new_workflow))
    return comparison(change, old, new, title=title, vocabulary=vocabulary)


def _many(scene: Scene, fold: bool | None) -> bool:
    return len(scene.cards) >= FOLDED_FROM if fold is None else fold


def _picture(scene: Scene, theme: Theme, direction: AnyDirection, engine: Engine) -> Picture:
    """The picture of a scene, which says what is folded."""
    scene = replace(scene, subtitle=dotted([scene.subtitle, told(scene)]))
    return Picture(scene, theme, fitting(scene) if direction == "auto" else direction, engine)


def _given(estimate: Estimate | None) -> Estimate:
    if estimate is None:
        raise InputError(
            "colours by credits need an estimate",
            "`lamina-graph app REF --json > app.json`, then `--estimate app.json`.",
        )
    return estimate
