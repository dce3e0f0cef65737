"""Commands that write a workflow in another form: render, export."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, cast

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.folder import OutputFolder, is_folder, name_file
from lamina_graph.cli.picture_notes import GITHUB_LIMITS, note_limits
from lamina_graph.cli.resolve import exit_on_failure, resolve_entry, resolve_many, resolve_workflow
from lamina_graph.cli.state import State
from lamina_graph.cli.workflow_page import PAGES, PageRequest, workflow_page
from lamina_graph.text import pluralize

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lamina_graph.model import Entry, Workflow
    from lamina_graph.render import Color, Direction, Engine, Lines, Picture, Theme, View, Width

PICTURES = ("svg", "png", "pdf", "dot", "mermaid", "text", "html")
FILES = {".graphml": "graphml", ".gexf": "gexf", ".json": "node-link", ".cyjs": "cytoscape"}

_OF_NODES = ("color_by", "estimate", "run", "collapse", "focus", "width", "highlight", "bands")
"""Options of pictures of nodes, which a stage strip does not show."""


class Drawing(TypedDict):
    """How a picture is drawn: the options of `render`, by name."""

    direction: 'Direction | Literal["auto"]'
    theme: "Theme"
    color_by: "_ColorBy | None"
    estimate: Path | None
    run: str | None
    fold: bool | None
    collapse: bool
    strip: bool
    focus: str | None
    up: int
    down: int
    lines: "Lines"
    bands: bool
    width: "Width | None"
    scale: float | None
    background: str
    title: bool
    legend: bool
    highlight: tuple[str, ...]
    engine: "Engine"


class _WidthType(click.ParamType):  # type: ignore[type-arg]
    """A number of pixels, or `slide`."""

    name = "width"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> "Width":
        """Return what was typed as a width."""
        if value == "slide":
            return "slide"
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value[:9])
        return self.fail(f"{value!r} is neither a number of pixels nor slide", param, ctx)


@click.command("render")
@options.refs
@options.out_place
@options.open_page
@options.form(PICTURES)
@click.option(
    "--direction",
    type=click.Choice(["auto", "LR", "TB"]),
    default="auto",
    show_default=True,
    help="Left to right or top to bottom; auto picks the better fit.",
)
@click.option(
    "--theme",
    type=click.Choice(["auto", "light", "dark"]),
    default="auto",
    show_default=True,
    help="Colour theme; auto follows the reader's settings.",
)
@click.option(
    "--color-by",
    type=click.Choice(["role", "age", "credits", "run"]),
    help="By default role, credits with --estimate, run with --run.",
)
@options.estimate(
    "--estimate", "What a run costs, as app REF --json prints it; by default as the snapshot says."
)
@options.run
@click.option(
    "--fold/--no-fold",
    "fold",
    default=None,
    help="Fold chains and repeated branches, or draw every node; by default, fold from 40 nodes on.",
)
@click.option(
    "--collapse",
    is_flag=True,
    help="Draw stages: one card for a generation and the nodes that only serve it.",
)
@click.option("--strip", is_flag=True, help="Draw only the pipeline in one line, for instance as a badge.")
@click.option("--focus", metavar="ID|LABEL", help="Draw only this node and what is around it.")
@click.option(
    "--up",
    type=click.IntRange(0),
    metavar="N",
    default=2,
    show_default=True,
    help="With --focus: steps upstream.",
)
@click.option(
    "--down",
    type=click.IntRange(0),
    metavar="N",
    default=2,
    show_default=True,
    help="With --focus: steps downstream.",
)
@click.option(
    "--lines",
    type=click.Choice(["plain", "modality"]),
    default="plain",
    show_default=True,
    help="Colour lines by what they carry, or leave them plain.",
)
@click.option("--bands", is_flag=True, help="Show each stage as a band behind its columns.")
@click.option(
    "--width",
    type=_WidthType(),
    metavar="PX|slide",
    help="Fit a column of this width, or a slide; labels keep 9 px or more where they can.",
)
@click.option(
    "--scale", type=float, metavar="N", help="Enlarge the picture N times; by default 1, for PNG 2."
)
@click.option("--background", metavar="COLOUR|none", default="", help="Background of this colour, or none.")
@click.option(
    "--title/--no-title", "title", default=True, help="Show the name and facts above the picture, or not."
)
@click.option(
    "--legend/--no-legend", "legend", default=True, help="Show the legend below the picture, or not."
)
@click.option("--highlight", metavar="ID|LABEL", multiple=True, help="Mark this node; repeatable.")
@click.option(
    "--engine", type=click.Choice(["wasm", "dot"]), default="wasm", show_default=True, help="Layout engine."
)
@options.offline
@click.pass_obj
@options.example(
    "lamina-graph render samples/diamond.json -o diamond.svg",
    "lamina-graph render samples/launch-video.json --open",
    "lamina-graph render samples/diamond.json -f mermaid",
    "lamina-graph render samples -o pictures/",
    "lamina-graph render samples/launch-video.json --fold -o launch.png",
    "lamina-graph render samples/launch-video.json --strip -f text",
    "lamina-graph render samples/launch-video.json --width 830 -o launch.svg",
)
def render_command(
    state: State,
    refs: tuple[str, ...],
    everything: bool,
    target: str | None,
    form: str | None,
    offline: bool,
    **drawing: "Unpack[Drawing]",
) -> None:
    """Draw workflows as SVG, PNG, PDF, DOT, Mermaid, text, HTML.

    HTML is a page to explore one workflow, which works offline; with --focus it begins at that node. An SVG
    or a page carries its workflow and can be used as a REF again. Several workflows go to a folder:
    -o FOLDER/.
    """
    from lamina_graph import render

    if everything and refs:
        output.print_note("`render REF --all` is now `render REF --no-fold`; --all means every app")
        everything, drawing["fold"] = False, False
    path = None if target in (None, "-") else Path(str(target))
    folder = path if is_folder(target) else None
    endings = render.ENDINGS | PAGES
    form = output.choose_form(form, None if folder else path, endings, "svg")
    if form != "html":
        drawing["color_by"] = _color_by(drawing["color_by"], drawing["estimate"], drawing["run"])
    draw = partial(_draw, state, form=form, offline=offline, drawing=drawing)
    if folder:
        entries = resolve_many(state, refs, everything, offline=offline).entries
        _draw_all(entries, draw, OutputFolder(folder, _endings(endings)[form]))
    elif everything or len(refs) != 1:
        raise click.UsageError("name a REF; several of them, or --all, need a folder: -o FOLDER/")
    else:
        output.write_output(draw(resolve_entry(state, refs[0], offline=offline)), path, form)


@click.command("export")
@options.ref
@options.out_file
@options.form(FILES.values())
@options.offline
@click.pass_obj
@options.example("lamina-graph export samples/diamond.json -o diamond.graphml")
def export_command(state: State, ref: str, target: Path | None, form: str | None, offline: bool) -> None:
    """Write a workflow for Gephi, yEd, Cytoscape or d3.

    GraphML is for yEd and Gephi, GEXF for Gephi. Node-link JSON has `nodes` and `links`, as d3 and
    force-graph read them; networkx reads it by node_link_graph(data, edges="links").
    """
    from lamina_graph.export import export

    form = output.choose_form(form, target, FILES, "node-link")
    workflow = resolve_workflow(state, ref, offline=offline)
    content = export(workflow, form, vocabulary=state.vocabulary)
    output.write_output(content, target, form)


def _refuse_on_a_page(drawing: "Drawing") -> None:
    """Refuse what a page does not have: lines coloured by what they carry, and bands."""
    for name, given in (("--lines modality", drawing["lines"] == "modality"), ("--bands", drawing["bands"])):
        if given:
            raise click.UsageError(f"{name} is for pictures, not for pages: leave it out, or name a file.svg")


def _endings(endings: "Mapping[str, str]") -> dict[str, str]:
    """Return the first ending of each format."""
    return {form: ending for ending, form in reversed(list(endings.items()))}


def _draw_all(entries: "Sequence[Entry]", draw: "Callable[..., str | bytes]", folder: OutputFolder) -> None:
    """Draw workflows into a folder; one that cannot be drawn does not stop the others."""
    from lamina_graph.errors import LaminaGraphError

    if output.opens_page():
        raise click.UsageError("--open shows one file: leave it out, or name one file with -o")
    failed: list[Entry] = []
    with output.progress_bar(entries, "drawing") as values:
        for entry in values:
            try:
                if entry.workflow:
                    folder.write(name_file(entry), entry.ref, draw(entry, prefix=f"{entry.ref}: "))
                else:
                    failed.append(entry)
            except LaminaGraphError as error:
                output.print_error(f"{entry.ref}: {error}", error.hint)
                failed.append(entry.model_copy(update={"error": error, "workflow": None}))
    output.print_note(f"{pluralize(len(folder), 'picture')} of {len(entries)} written to {folder.path}")
    exit_on_failure(failed)


def _draw(
    state: State, entry: "Entry", *, form: str, offline: bool, drawing: "Drawing", prefix: str = ""
) -> str | bytes:
    """Return the picture of a workflow in a form; say on stderr, after a prefix, what it does not show."""
    from lamina_graph import render

    workflow = cast("Workflow", entry.workflow)
    view = _view(drawing["fold"], drawing["collapse"])
    if drawing["strip"]:
        return _strip_in(state, workflow, form, drawing)
    if form == "html":
        _refuse_on_a_page(drawing)
        given: dict[str, Any] = {name: drawing.get(name) for name in PageRequest._fields if name in drawing}
        return workflow_page(state, entry, PageRequest(view=view, offline=offline, **given))
    color = _color(state, entry, drawing, offline)
    focus = render.Focus(drawing["focus"], drawing["up"], drawing["down"], view) if drawing["focus"] else None
    draw = partial(
        render.draw,
        workflow,
        theme=drawing["theme"],
        direction=drawing["direction"],
        color=color,
        title=entry.title or None,
        analysis=state.analyze(workflow),
        vocabulary=state.vocabulary,
    )
    picture = draw(view=focus or view)
    if form == "mermaid" and view == "auto" and not focus:
        picture = _small_enough(picture, partial(draw, view="stages"), prefix)
    picture = replace(picture, engine=drawing["engine"])
    picture = picture.detail(lines=drawing["lines"], bands=drawing["bands"])
    picture = _on_page(picture, drawing, state)
    content = cast("str | bytes", getattr(picture, form))
    note_limits(picture, form, drawing["collapse"], prefix)
    return content


def _small_enough(picture: "Picture", draw_stages: "Callable[[], Picture]", prefix: str) -> "Picture":
    """Return a picture that GitHub draws, if need be of the stages alone; the given one if there is none."""
    if picture.beyond_github and not (stages := draw_stages()).beyond_github:
        output.print_note(
            f"{prefix}{GITHUB_LIMITS}; this would have {picture.beyond_github}: drawn are the stages alone, "
            "--no-fold draws every node"
        )
        return stages
    return picture


def _on_page(picture: "Picture", drawing: "Drawing", state: State) -> "Picture":
    """Return a picture for the page that it goes to, with what is to be highlighted."""
    from lamina_graph.render import Page

    names = "width", "scale", "background", "title", "legend"
    page = Page(**{name: drawing[name] for name in names})  # type: ignore[literal-required]
    picture = picture.fit(page, drawing["direction"], fold=drawing["fold"] is not False)
    return picture.highlight(*drawing["highlight"], vocabulary=state.vocabulary)


def _strip_in(state: State, workflow: "Workflow", form: str, drawing: "Drawing") -> str | bytes:
    """Return the stage strip of a workflow in a form.

    Raises:
        InputError: a strip has no such form.
        click.UsageError: it is asked to show what only a picture of the nodes shows.
    """
    from lamina_graph.errors import InputError
    from lamina_graph.render import draw_strip

    if form not in ("svg", "png", "text"):
        raise InputError(f"--strip cannot be written as {form}", "Give `-f svg`, `-f png` or `-f text`.")
    asked = [name for name in _OF_NODES if drawing[name] not in (None, (), False, "role")]  # type: ignore[literal-required]
    if asked:
        option = f"--{asked[0].replace('_', '-')}"
        raise click.UsageError(f"--strip draws the whole pipeline in one line: leave out {option}")
    facts, _ = state.analyze(workflow)
    strip = draw_strip(facts, workflow=workflow, theme=drawing["theme"], vocabulary=state.vocabulary)
    return f"{strip.text}\n" if form == "text" else cast("str | bytes", getattr(strip, form))


_ColorBy = Literal["role", "age", "credits", "run"]


def _color_by(color_by: "_ColorBy | None", estimate: Path | None, run: str | None) -> "_ColorBy":
    """Return what colours stand for.

    Raises:
        click.UsageError: they are asked to stand for two things.
    """
    asked: dict[_ColorBy, str] = {}
    if run:
        asked["run"] = "--run"
    if estimate:
        asked["credits"] = "--estimate"
    if color_by:
        asked.setdefault(color_by, f"--color-by {color_by}")
    if len(asked) > 1:
        first, second, *_ = asked.values()
        raise click.UsageError(f"{first} and {second}: colours can show only one thing at a time")
    return next(iter(asked), "role")


def _color(state: State, entry: "Entry", drawing: "Drawing", offline: bool) -> "Color":
    """Return the value that colours stand for.

    Raises:
        InputError: that value is missing.
    """
    from lamina_graph.cli.overlay import missing_data, resolve_outcome
    from lamina_graph.files import load_estimate

    color_by, estimate, run = drawing["color_by"], drawing["estimate"], drawing["run"]
    if color_by == "run":
        if not run:
            raise missing_data(color_by)
        return resolve_outcome(state, cast("Workflow", entry.workflow), run, offline=offline)
    if color_by == "credits":
        known = load_estimate(estimate) if estimate else entry.estimate
        if known is None:
            raise missing_data(color_by)
        return known
    return color_by or "role"


def _view(fold: bool | None, collapse: bool) -> "View":
    if collapse and fold is False:
        raise click.UsageError("--collapse draws stages, --no-fold every node: leave one out")
    if collapse or fold is None:
        return "stages" if collapse else "auto"
    return "folded" if fold else "all"
