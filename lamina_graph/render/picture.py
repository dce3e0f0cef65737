"""`draw`, and what it returns: one scene, in every form."""

from base64 import b64encode
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from lamina_graph.errors import InputError, RenderError
from lamina_graph.files import write
from lamina_graph.model import Estimate, Run, Workflow
from lamina_graph.render.dot import dot
from lamina_graph.render.folding.chips import NAMED_FROM, name_helpers
from lamina_graph.render.folding.fold_scene import FOLDED_FROM, collapse_stages, describe_folds, fold_scene
from lamina_graph.render.folding.unchanged import fold_unchanged
from lamina_graph.render.layout.graphviz import Engine
from lamina_graph.render.layout.layout import best_direction
from lamina_graph.render.mermaid import MAX_CHARACTERS, MAX_EDGES, mermaid
from lamina_graph.render.palette import TITLE, Direction, Theme
from lamina_graph.render.raster import missing_scripts, pdf, png
from lamina_graph.render.scenes.color_scales import color_by_age, color_by_credits, node_credits
from lamina_graph.render.scenes.diff_scene import diff_scene
from lamina_graph.render.scenes.focus import Focus, add_stubs, find_node, focus_scene
from lamina_graph.render.scenes.run_overlay import overlay_run
from lamina_graph.render.scenes.scene import Lines, Scene, View, join_parts
from lamina_graph.render.scenes.size_limit import limit_size
from lamina_graph.render.scenes.workflow_scene import workflow_scene
from lamina_graph.render.svg.drawing import Drawing
from lamina_graph.render.svg.page_fit import LEGIBLE, SLIDE, Page
from lamina_graph.render.text import text
from lamina_graph.run_outcome import Outcome, outcome
from lamina_graph.text import join_words, one_line, pluralize

if TYPE_CHECKING:
    from lamina_graph.classify import Classification
    from lamina_graph.diff import Diff
    from lamina_graph.features import Features
    from lamina_graph.vocabulary import Vocabulary

LARGEST_WHOLE_DIFF = 20
"""Cards up to which a diff is drawn whole."""

MOST_CONVERTED = 15_000
"""Cards, and lines, of a PNG or PDF: 30,000 of them took 50 seconds, or 2 GB."""

_PAGE = Page()
"""No limits, and a title and legend."""

Color = Literal["role", "age"] | Estimate | Run | Outcome
Analysis = tuple["Features", "Classification"]

ENDINGS = {
    ".svg": "svg",
    ".png": "png",
    ".pdf": "pdf",
    ".dot": "dot",
    ".gv": "dot",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".txt": "text",
}
"""The form that a file's ending stands for."""


def draw(
    subject: "Workflow | Diff",
    *,
    theme: Theme = "auto",
    direction: Direction | Literal["auto"] = "auto",
    color: Color = "role",
    view: View | Focus = "auto",
    title: str | None = None,
    analysis: Analysis | None = None,
    vocabulary: "Vocabulary | None" = None,
) -> "Picture":
    """Return the picture of a workflow or of a diff, in every form.

    Args:
        subject: what to draw.
        theme: `light`, `dark`, or `auto`: one SVG that follows its reader's `prefers-color-scheme`.
        direction: `LR`, left to right, `TB`, top to bottom, or `auto`: `TB` for what is long and narrow.
        color: what colours stand for: `role`; `age`; an estimate, for credits; a run, or its outcome, for how
            each node fared. Those of a diff always stand for its changes.
        view: `all` nodes; `folded`, straight chains and same-shaped parallel branches as one card each;
            `stages`, each generation with all that serves it alone as one card; or `auto`: folded from 40
            nodes on; or a `Focus`: one node and what is around it.
        title: in place of the app's name.
        analysis: the workflow's features and classification, where they are known already.
        vocabulary: the words of node types; of a diff, by default those that it was made with.

    Raises:
        InputError: an argument is none of these; an estimate of another app; a diff is to show its stages, or
            one node alone.

    >>> from lamina_graph.files import load
    >>> w = load({"name": "Clip", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> load(draw(w).svg.encode()) == w
    True
    """
    _require("theme", theme, get_args(Theme))
    _require("direction", direction, ("auto", *get_args(Direction)))
    _require("view", view.view if isinstance(view, Focus) else view, get_args(View))
    if isinstance(subject, Workflow):
        scene = _workflow_scene(subject, color, view, title, analysis, vocabulary)
    else:
        scene = _diff_scene(subject, color, view, title, vocabulary)
    scene = limit_size(_with_folds_named(scene))
    return Picture(scene, theme, best_direction(scene) if direction == "auto" else direction)


def _with_folds_named(scene: Scene) -> Scene:
    return replace(scene, subtitle=join_parts([scene.subtitle, describe_folds(scene)]))


def _workflow_scene(
    workflow: Workflow,
    color: Color,
    view: View | Focus,
    title: str | None,
    analysis: Analysis | None,
    vocabulary: "Vocabulary | None",
) -> Scene:
    from lamina_graph.classify import classify
    from lamina_graph.features import features
    from lamina_graph.vocabulary import Vocabulary

    if analysis is None:
        facts = features(workflow, vocabulary=vocabulary)
        classification = classify(workflow, facts=facts, vocabulary=vocabulary)
    else:
        facts, classification = analysis
    credits = node_credits(facts, color)[0] if isinstance(color, Estimate) else {}
    whole = workflow_scene(
        workflow, facts, classification, title=title, credits=credits, vocabulary=vocabulary
    )
    focus = view if isinstance(view, Focus) else None
    view = focus.view if focus else cast("View", view)
    if view == "stages":
        whole = collapse_stages(whole, facts, vocabulary or Vocabulary.default())
    scene = whole
    if focus:
        scene = focus_scene(whole, find_node(workflow, focus.node, vocabulary), focus.up, focus.down)
    if _folds(scene, view):
        scene = fold_scene(scene)
    scene = add_stubs(_colored(scene, workflow, color, facts), whole)
    return name_helpers(scene) if color == "role" and _names_helpers(whole, view) else scene


def _names_helpers(scene: Scene, view: View) -> bool:
    return view in ("folded", "stages") or (view == "auto" and len(scene.cards) >= NAMED_FROM)


def _colored(scene: Scene, workflow: Workflow, color: Color, facts: "Features") -> Scene:
    """Return a scene whose colours stand for what is asked."""
    match color:
        case "role":
            return scene
        case "age":
            return color_by_age(scene, facts)
        case Estimate():
            return color_by_credits(scene, *node_credits(facts, color), color.estimated_credits)
        case Run():
            return overlay_run(scene, outcome(workflow, color, facts=facts))
        case Outcome():
            return overlay_run(scene, color)
    if color in ("credits", "run"):
        value = "an estimate" if color == "credits" else "a run"
        raise InputError(f"colours by {color} need {value}", f"Give {value} itself as `color`.")
    raise InputError(f"no such color: {color!r}", "Give role, age, an estimate or a run.")


def _diff_scene(
    diff: "Diff", color: Color, view: View | Focus, title: str | None, vocabulary: "Vocabulary | None"
) -> Scene:
    from lamina_graph.diff import Diff
    from lamina_graph.features import features

    if not isinstance(diff, Diff):
        raise InputError(
            f"neither a workflow nor a diff can be read from a {type(diff).__name__}",
            "Read a file with `load`, then draw what it returns.",
        )
    if isinstance(view, Focus):
        raise InputError("a diff is not drawn around one node", "Draw either version alone.")
    if view == "stages":
        raise InputError("a diff has no view of stages", "Draw either version alone.")
    if color != "role":
        raise InputError("the colours of a diff show its changes", "Leave out `color`.")
    diff, vocabulary = diff.presented, vocabulary or diff.vocabulary
    old, new = (features(w, vocabulary=vocabulary) for w in (diff.old_workflow, diff.new_workflow))
    scene = diff_scene(diff, old, new, title=title, vocabulary=vocabulary)
    options = [scene]
    if view == "folded" or (view == "auto" and len(scene.cards) > LARGEST_WHOLE_DIFF):
        options.append(fold_unchanged(scene))
    if _folds(scene, view):
        options.append(fold_scene(scene))
    return min(options, key=lambda option: len(option.cards))


def _folds(scene: Scene, view: View) -> bool:
    return view == "folded" or (view == "auto" and len(scene.cards) >= FOLDED_FROM)


def _require(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(f"no such {name}: {value!r}", f"Give one of {', '.join(allowed)}.")


def _ways(page: Page, direction: Direction | Literal["auto"]) -> list[tuple[Direction, float | None]]:
    """The ways to draw a picture for a page: in which direction, and in rows of which width."""
    if page.width == "slide":
        limits = [SLIDE[0] * TITLE / LEGIBLE * share for share in (1, 0.85, 0.7)]
    else:
        limits = [float(page.width or 0) * TITLE / LEGIBLE]
    ways: list[tuple[Direction, float | None]] = [
        ("LR", None),
        ("TB", None),
        *(("LR", limit) for limit in limits),
    ]
    return [way for way in ways if direction in ("auto", way[0])]


@dataclass(frozen=True)
class Picture:
    """A picture of a workflow or of a diff; each form is made when it is first asked for.

    In a notebook a picture shows itself. `dataclasses.replace(picture, engine="dot")` is the same picture,
    laid out by the Graphviz on PATH.
    """

    scene: Scene
    theme: Theme = "auto"
    direction: Direction = "LR"
    engine: Engine = "wasm"
    page: Page = _PAGE
    limit: float | None = None
    """How wide its rows may be, before it is shown smaller; None for one row."""

    @cached_property
    def drawn(self) -> Drawing:
        """The picture as it is laid out: its cards, where they go, and the lines between them."""
        return Drawing(self.scene, self.direction, self.engine, self.page, self.limit)

    def fit(
        self, page: Page, direction: Direction | Literal["auto"] = "auto", fold: bool = True
    ) -> "Picture":
        """Return the picture for a page: where that has a width, such that labels reach 9 px in it.

        It runs in the direction that fits, its columns in rows if they must, and is folded, if it may, only
        where that is not enough.

        Args:
            page: how wide it may be, and what stands around it.
            direction: the only one that it may run in, if not `auto`.
            fold: whether like nodes may become one card.
        """
        if not page.width:
            return replace(self, page=page)
        best = None
        for scene in self._scenes(fold):
            tries = [
                replace(self, scene=scene, page=page, direction=way, limit=limit)
                for way, limit in _ways(page, direction)
            ]
            best = min([*([best] if best else []), *tries], key=Picture._unfitness)
            if best.is_legible:
                break
        return cast("Picture", best)

    def _scenes(self, fold: bool) -> list[Scene]:
        """What may be drawn: the scene, and the folded one where its colours and stubs are those of nodes."""
        foldable = self.scene.colors in ("roles", "marks") and not any(card.stub for card in self.scene.cards)
        if not fold or not foldable:
            return [self.scene]
        smaller = fold_scene(self.scene)
        if self.scene.colors == "roles":
            smaller = name_helpers(smaller)
        return [self.scene, _with_folds_named(smaller)]

    def _unfitness(self) -> tuple[bool, float]:
        """The less, the better it fits its page."""
        if self.page.width == "slide" or not self.is_legible:
            return not self.is_legible, -self.drawn.label_size
        turned = self.direction != best_direction(self.scene)
        return False, self.drawn.size[1] * (1.3 if self.limit else 1.1 if turned else 1)

    @property
    def is_legible(self) -> bool:
        """Whether its labels reach 9 px."""
        return self.drawn.label_size >= LEGIBLE

    def highlight(self, *names: str, vocabulary: "Vocabulary | None" = None) -> "Picture":
        """Return the picture with the cards of some nodes marked, each by its id or its label.

        Raises:
            InputError: no node is called so, or several are.
        """
        ids = {find_node(self.scene.workflow, name, vocabulary) for name in names}
        cards = tuple(
            replace(card, highlighted=True)
            if ids & {part.id for each in (card, *card.chips, *card.previews) for part in each.members}
            else card
            for card in self.scene.cards
        )
        return replace(self, scene=replace(self.scene, cards=cards))

    def detail(self, *, lines: Lines = "plain", bands: bool = False) -> "Picture":
        """Return the picture with more in it.

        Args:
            lines: `modality` colours and breaks each line by what it carries, and the legend says how.
            bands: whether each stage has a band behind its columns, where no two stages share one.

        Raises:
            InputError: lines are coloured by neither.
        """
        _require("lines", lines, get_args(Lines))
        return replace(self, scene=replace(self.scene, lines=lines, bands=bands))

    @property
    def folds(self) -> str:
        """What is folded, in words; empty where every node has a card."""
        return describe_folds(self.scene)

    @cached_property
    def missing_scripts(self) -> tuple[str, ...]:
        """The scripts of its text that no font of this machine draws: boxes stand for them in PNG and PDF."""
        return missing_scripts(self.drawn.words)

    @property
    def beyond_github(self) -> str:
        """How its Mermaid flowchart exceeds what GitHub draws; empty where GitHub draws it."""
        sizes = (len(self.scene.links), MAX_EDGES, "edge"), (len(self.mermaid), MAX_CHARACTERS, "character")
        return join_words(pluralize(size, noun) for size, most, noun in sizes if size > most)

    @cached_property
    def svg(self) -> str:
        """A standalone SVG, which carries its workflow and can be read back with `load`."""
        return self.drawn.standalone(self.theme)

    @cached_property
    def inline(self) -> str:
        """The SVG for a page that has `stylesheet()` once: without ids, style and workflow of its own."""
        return self.drawn.inline()

    @cached_property
    def thumbnail(self) -> str:
        """A very small SVG of outlines and lines alone, for a page that has `stylesheet()` once."""
        return self.drawn.thumbnail()

    @cached_property
    def dot(self) -> str:
        """DOT source, for any Graphviz."""
        return dot(self.scene, self.direction)

    @cached_property
    def mermaid(self) -> str:
        """A Mermaid flowchart."""
        return mermaid(self.scene, self.direction)

    @cached_property
    def text(self) -> str:
        """A drawing in plain text, for a terminal."""
        return text(self.scene)

    @cached_property
    def png(self) -> bytes:
        """A PNG at twice the SVG's size, unless its page has a scale; the theme `auto` is drawn light.

        Raises:
            RenderError: it has more cards or lines than can be converted.
        """
        self._require_few("PNG")
        scale = 1 if self.page.scale else 2
        return png(self._svg_to_convert, self.drawn.size, self.drawn.words, scale)

    @cached_property
    def pdf(self) -> bytes:
        """A PDF of one page, its text selectable; the theme `auto` is drawn light. Needs the extra `pdf`."""
        self._require_few("PDF")
        return pdf(self._svg_to_convert, self.drawn.size, self.drawn.words)

    def _require_few(self, form: str) -> None:
        """Refuse to convert what takes minutes and gigabytes, and what nobody could read."""
        cards, lines = len(self.scene.cards), len(self.scene.links)
        if max(cards, lines) > MOST_CONVERTED:
            raise RenderError(
                f"a {form} shows up to {MOST_CONVERTED:,} nodes and as many lines; this picture has "
                f"{cards:,} and {lines:,}",
                "Write an SVG instead: -o FILE.svg, or show less with --collapse or --focus ID.",
            )

    @property
    def _svg_to_convert(self) -> str:
        """The SVG in one tone, and without its workflow."""
        return self.drawn.standalone("light" if self.theme == "auto" else self.theme, carry=False)

    def save(self, path: str | Path) -> Path:
        """Write the picture, whole or not at all, in the form that the path's ending says; return the path.

        Raises:
            InputError: the ending stands for no form.
            RenderError: the file cannot be written.
        """
        target = Path(path)
        form = ENDINGS.get(target.suffix.lower())
        if form is None:
            raise InputError(f"{path}: unknown file extension", f"Use one of {', '.join(ENDINGS)}.")
        content = getattr(self, form)
        try:
            write(target, content)
        except OSError as error:
            raise RenderError(f"{path}: cannot be written: {error.strerror or error}") from error
        return target

    def __repr__(self) -> str:
        return f"<Picture {one_line(self.scene.title, 80)!r}: {one_line(self.scene.subtitle, 120)}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return it for a notebook: SVG on the screen, PNG where it is printed by way of LaTeX.

        JupyterLab would show Mermaid before either, drawn by another hand.
        """
        png = b64encode(self.png).decode()
        return {"image/svg+xml": self.svg, "image/png": png, "text/plain": self.text}
