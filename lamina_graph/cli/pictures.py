"""Commands that make something to look at: show, render, export."""

from collections import Counter
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lamina_graph.classify import Classification
    from lamina_graph.cli.schemas import Summary
    from lamina_graph.features import Features
    from lamina_graph.history import Ages
    from lamina_graph.lint import Finding
    from lamina_graph.model import Workflow
    from lamina_graph.render import Picture
    from lamina_graph.render.layout.graphviz import Engine
    from lamina_graph.render.palette import AnyDirection, ColourBy, Theme

PICTURES = ("svg", "png", "pdf", "dot", "mermaid", "text")
FILES = {".graphml": "graphml", ".gexf": "gexf", ".json": "node-link", ".cyjs": "cytoscape"}

_SESSIONS = 10
"""Editing sessions that `show` lists: the last, where there are more."""


@click.command()
@options.ref
@options.run
@options.as_json("show")
@options.offline
@click.pass_obj
@options.example("lamina-graph show samples/reel-five-shots.json")
def show(state: State, ref: str, run: str | None, as_json: bool, offline: bool) -> None:
    """Show one workflow in the terminal.

    What it is and why, its stages, what it takes and gives, when it was made, findings, and a drawing.
    """
    from lamina_graph.classify import classify
    from lamina_graph.cli.overlay import laid_over
    from lamina_graph.cli.schemas import row
    from lamina_graph.features import features
    from lamina_graph.lint import lint
    from lamina_graph.render import draw
    from lamina_graph.report.catalogue import readable_title

    workflow = state.workflow(ref, offline=offline)
    facts = features(workflow, vocabulary=state.vocabulary)
    answer = classify(workflow, facts=facts, vocabulary=state.vocabulary, rules=state.rules)
    findings = lint(workflow, facts=facts)
    found = laid_over(state, workflow, run, facts=facts, offline=offline) if run else None
    told = _summary(answer, facts, findings).model_copy(update={"run": found})
    if as_json:
        output.emit(row("show", told, ref))
        return
    _print_summary(told, {each.id: readable_title(each, state.vocabulary) for each in facts.facts})
    if workflow.nodes:
        color_by: ColourBy = "run" if found else "role"
        drawn = draw(
            workflow,
            facts=facts,
            classification=answer,
            color_by=color_by,
            run=found,
            vocabulary=state.vocabulary,
        )
        output.say("\n" + drawn.text)
        _note_folded(drawn, "`lamina-graph render REF -f text --all` draws every node")


@click.command()
@options.ref
@options.out_file
@click.option(
    "-f", "--format", "form", type=click.Choice(PICTURES), help="By default what the file's ending says."
)
@click.option(
    "--direction",
    type=click.Choice(["auto", "LR", "TB"]),
    default="auto",
    show_default=True,
    help="From left to right, or from top to bottom: auto for what is long and narrow.",
)
@click.option(
    "--theme",
    type=click.Choice(["auto", "light", "dark"]),
    default="auto",
    show_default=True,
    help="Of the colours; auto follows the reader's.",
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
    "--fold/--all",
    "fold",
    default=None,
    help="Fold chains and branches of one shape, or draw every node; by default from 40 nodes on they fold.",
)
@click.option(
    "--collapse", is_flag=True, help="Draw stages: a generation with all that serves it alone is one card."
)
@click.option("--focus", metavar="ID", help="Draw only the surroundings of this node.")
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
    "--engine", type=click.Choice(["wasm", "dot"]), default="wasm", show_default=True, help="Who lays out."
)
@options.offline
@click.pass_obj
@options.example(
    "lamina-graph render samples/diamond.json -o diamond.svg",
    "lamina-graph render samples/diamond.json -f mermaid",
    "lamina-graph render samples/launch-video.json --fold -o launch.png",
)
def render(
    state: State,
    ref: str,
    target: Path | None,
    form: str | None,
    direction: "AnyDirection",
    theme: "Theme",
    color_by: "ColourBy | None",
    estimate: Path | None,
    run: str | None,
    fold: bool | None,
    collapse: bool,
    focus: str | None,
    up: int,
    down: int,
    engine: "Engine",
    offline: bool,
) -> None:
    """Draw a workflow as SVG, PNG, PDF, DOT, Mermaid or text.

    An SVG carries its workflow and can be used as a REF again.
    """
    from lamina_graph.classify import classify
    from lamina_graph.cli.overlay import laid_over
    from lamina_graph.features import features
    from lamina_graph.files import load_estimate
    from lamina_graph.render import draw
    from lamina_graph.render import focus as surroundings
    from lamina_graph.render.picture import ENDINGS

    form = form or by_ending(target, ENDINGS, "svg")
    color_by = _coloured(color_by, estimate, run)
    if collapse and fold is False:
        raise click.UsageError("--collapse draws stages, --all every node: leave one out")
    entry = state.entry(ref, offline=offline)
    workflow = cast("Workflow", entry.workflow)
    found = laid_over(state, workflow, run, offline=offline) if run else None
    if focus:
        workflow = surroundings(workflow, focus, up=up, down=down)
    facts = features(workflow, vocabulary=state.vocabulary)
    answer = classify(workflow, facts=facts, vocabulary=state.vocabulary, rules=state.rules)
    picture = draw(
        workflow,
        facts=facts,
        classification=answer,
        direction=direction,
        theme=theme,
        color_by=color_by,
        fold=fold,
        collapse=collapse,
        estimate=load_estimate(estimate) if estimate else entry.estimate,
        run=found,
        vocabulary=state.vocabulary,
        engine=engine,
    )
    output.deliver(getattr(picture, form), target)
    if form in ("png", "pdf"):
        _note_missing(picture)
    if form == "mermaid":
        note_beyond_github(
            picture, "--focus ID makes it smaller" if collapse else "--collapse or --focus ID make it smaller"
        )
    _note_folded(picture, "--all draws every node, --collapse the stages alone" if not collapse else "")


@click.command()
@options.ref
@options.out_file
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(FILES.values()),
    help="By default what the file's ending says.",
)
@options.offline
@click.pass_obj
@options.example("lamina-graph export samples/diamond.json -o diamond.graphml")
def export(state: State, ref: str, target: Path | None, form: str | None, offline: bool) -> None:
    """Write a workflow for Gephi, yEd, Cytoscape or d3.

    GraphML is for yEd and Gephi, GEXF for Gephi. Node-link JSON has `nodes` and `links`, as d3 and
    force-graph read them; networkx reads it by node_link_graph(data, edges="links").
    """
    from lamina_graph.export import export as exported

    form = form or by_ending(target, FILES, "node-link")
    workflow = state.workflow(ref, offline=offline)
    output.deliver(exported(workflow, form, vocabulary=state.vocabulary), target)


def _coloured(color_by: "ColourBy | None", estimate: Path | None, run: str | None) -> "ColourBy":
    """Return what colours stand for; refuse what was named beside something else.

    Raises:
        click.UsageError: colours were asked for two things.
    """
    asked: dict[ColourBy, str] = {}
    if run:
        asked["run"] = "--run"
    if estimate:
        asked["credits"] = "--estimate"
    if color_by:
        asked.setdefault(color_by, f"--color-by {color_by}")
    if len(asked) > 1:
        first, second, *_ = asked.values()
        raise click.UsageError(f"{first} and {second}: colours stand for one thing at a time")
    return next(iter(asked), "role")


def note_beyond_github(picture: "Picture", hint: str) -> None:
    """Say on stderr that GitHub will not draw a Mermaid flowchart, and what makes it smaller."""
    if picture.beyond_github:
        output.note(
            "GitHub draws Mermaid up to 500 edges and 50,000 characters; "
            f"this has {picture.beyond_github}: {hint}"
        )


def _note_missing(picture: "Picture") -> None:
    if picture.missing:
        output.note(
            f"No font on this machine has {', '.join(picture.missing)}: boxes stand for its characters. "
            "Install a font that has, for instance `apt install fonts-noto` or from https://notofonts.github.io."
        )


def _note_folded(picture: "Picture", hint: str) -> None:
    """Tell on stderr what is folded, and how to see all of it."""
    if picture.folded:
        output.note(f"{picture.folded}{'; ' if hint else ''}{hint}")


def by_ending(target: Path | None, endings: "Mapping[str, str]", default: str) -> str:
    """Return the format that a file's ending stands for.

    Raises:
        click.UsageError: the ending stands for none.
    """
    if target is None:
        return default
    if target.suffix.lower() not in endings:
        raise click.UsageError(
            f"{target}: the ending says no format; use {', '.join(endings)}, or name one with -f"
        )
    return endings[target.suffix.lower()]


def _summary(answer: "Classification", facts: "Features", findings: "tuple[Finding, ...]") -> "Summary":
    from lamina_graph.cli.schemas import NodeName, Summary
    from lamina_graph.history import ages

    names = {each.id: NodeName(id=each.id, title=each.title) for each in facts.facts}
    stages: dict[int, list[NodeName]] = {}
    for each in facts.facts:
        if each.role == "generate" and each.stage:
            stages.setdefault(each.stage, []).append(names[each.id])
    return Summary(
        **dict(answer),
        inputs=tuple(names[id_] for id_ in facts.inputs),
        deliverables=facts.deliverables,
        generating=tuple(tuple(stages[number]) for number in sorted(stages)),
        ages=ages(facts, datetime.now(UTC)),
        findings=findings,
    )


def _made(ages: "Ages") -> str:
    if not ages.oldest or not ages.newest:
        return ""
    sessions = f"{len(ages.sessions)} editing session{'' if len(ages.sessions) == 1 else 's'}"
    missing = f", {len(ages.unknown)} without a date" if ages.unknown else ""
    span = " to ".join(dict.fromkeys(f"{each:%Y-%m-%d}" for each in (ages.oldest, ages.newest)))
    return f"{span} in {sessions}{missing} (removed nodes cannot be seen)"


def _sessions(ages: "Ages") -> list[str]:
    """Return the editing sessions with what was made in each; of very many the last."""
    from lamina_graph.report.history import sitting

    shown = [sitting(ages, session) for session in ages.sessions[-_SESSIONS:]]
    earlier = len(ages.sessions) - len(shown)
    return [f"… {earlier} more before; --json has them all", *shown] if earlier else shown


def _counted(told: "Summary", what: str) -> str:
    number = told.features[f"{what}s"]
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _listed(names: "Iterable[str]") -> str:
    """Return names as one line, each once, with how often it is there where that is more."""
    return ", ".join(f"{name} × {times}" if times > 1 else name for name, times in Counter(names).items())


def _print_summary(told: "Summary", called: "Mapping[str, str]") -> None:
    """Print what there is to say of one workflow; `called` has the name of each node."""
    why = told.evidence[0].claim if told.evidence else "nothing tells"
    gives = (
        f"{called[each.end]} ({' or '.join(each.modalities) or 'unknown'})" for each in told.deliverables
    )
    lines = [
        ("category", f"{told.category}, {told.confidence:.0%} sure: {why}"),
        ("graph", f"{_counted(told, 'node')}, {_counted(told, 'edge')}, {told.shape}"),
        ("inputs", _listed(called[each.id] for each in told.inputs)),
        *(
            (f"stage {n}", _listed(called[each.id] for each in stage))
            for n, stage in enumerate(told.generating, 1)
        ),
        ("gives", _listed(gives)),
        ("made", _made(told.ages)),
        *zip(chain(["built"], repeat("")), _sessions(told.ages), strict=False),
        *((finding.severity, finding.text) for finding in told.findings),
    ]
    output.say(f"{told.name or 'unnamed'}  {told.app_id or ''}".rstrip())
    output.table(["", ""], [line for line in lines if line[1]])
