"""The command that shows one workflow in the terminal."""

from collections import Counter
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, cast

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.picture_notes import note_folds
from lamina_graph.cli.resolve import resolve_entry
from lamina_graph.cli.state import State
from lamina_graph.text import one_line, pluralize

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lamina_graph.ages import Ages
    from lamina_graph.classify import Classification
    from lamina_graph.features import Features
    from lamina_graph.lint import Finding
    from lamina_graph.model import Entry, Workflow

_SESSIONS = 10
"""Editing sessions that are listed: the last, where there are more."""


@click.command("show")
@options.ref
@options.run
@options.as_json("show")
@options.indent
@click.option("--ages", "with_ages", is_flag=True, help="With --json: also when it was built.")
@options.offline
@click.pass_obj
@options.example(
    "lamina-graph show samples/reel-five-shots.json", "lamina-graph show samples/diamond.json --json"
)
def show_command(
    state: State, ref: str, run: str | None, as_json: bool, indent: bool, with_ages: bool, offline: bool
) -> None:
    """Show one workflow in the terminal.

    What it is and why, its stages, what it takes and gives, when it was made, findings, and a drawing. JSON
    is one line unless it goes to a terminal.
    """
    from lamina_graph.ages import ages
    from lamina_graph.cli.overlay import resolve_outcome
    from lamina_graph.lint import lint

    entry = resolve_entry(state, ref, offline=offline)
    workflow = cast("Workflow", entry.workflow)
    facts, classification = analysis = state.analyze(workflow)
    outcome = resolve_outcome(state, workflow, run, facts=facts, offline=offline) if run else None
    findings, dates = lint(workflow, facts=facts), ages(facts, datetime.now(UTC))
    if as_json:
        beside = {"ages": dates if with_ages else None, "run": outcome}
        output.print_json(_summary_row(state, ref, entry, analysis, findings, beside), indent=indent)
        return
    _print_summary(state, entry, (facts, classification), dates, findings)
    if workflow.nodes:
        from lamina_graph.render import draw

        known: dict[str, Any] = {"analysis": analysis, "vocabulary": state.vocabulary, "title": entry.title}
        picture = draw(workflow, color=outcome or "role", **known)
        output.print_text("\n" + picture.text)
        note_folds(picture, "`lamina-graph render REF -f text --no-fold` draws every node")


def _summary_row(
    state: State,
    ref: str,
    entry: "Entry",
    analysis: "tuple[Features, Classification]",
    findings: "Sequence[Finding]",
    beside: "Mapping[str, object]",
) -> dict[str, Any]:
    """Return the row of machine output for a workflow, with what else was asked for and is known."""
    from lamina_graph.brief import summarize
    from lamina_graph.cli.json_rows import row

    workflow = cast("Workflow", entry.workflow)
    summary = summarize(workflow, *analysis, findings, vocabulary=state.vocabulary)
    return row("show", summary, ref, **{name: value for name, value in beside.items() if value})


def _titles(state: State, facts: "Features") -> dict[str, str]:
    """Return the title of each node by id, on one line each."""
    from lamina_graph.features import readable_title

    return {fact.id: one_line(readable_title(fact, state.vocabulary)) for fact in facts.facts}


def _print_summary(
    state: State,
    entry: "Entry",
    analysis: "tuple[Features, Classification]",
    ages: "Ages",
    findings: "Iterable[Finding]",
) -> None:
    """Print what there is to say of one workflow, its nodes by their titles."""
    from lamina_graph.render import draw_strip

    facts, classification = analysis
    titles = _titles(state, facts)
    why = classification.evidence[0].claim if classification.evidence else "unknown"
    counts = [
        pluralize(facts.nodes, "node"),
        *([pluralize(facts.edges, "edge")] if facts.edges_known else []),
    ]
    deliverables = (
        f"{titles[each.end]} ({' or '.join(each.modalities) or 'unknown'})" for each in facts.deliverables
    )
    stages: dict[int, list[str]] = {}
    for fact in facts.facts:
        if fact.role == "generate" and fact.stage:
            stages.setdefault(fact.stage, []).append(titles[fact.id])
    lines = [
        ("category", f"{classification.category}, {classification.confidence:.0%} sure: {why}"),
        ("graph", ", ".join([*counts, classification.shape if facts.edges_known else "edges unknown"])),
        ("inputs", _join_names(titles[id_] for id_ in facts.inputs)),
        *((f"stage {number}", _join_names(stages[stage])) for number, stage in enumerate(sorted(stages), 1)),
        ("gives", _join_names(deliverables)),
        ("made", _dates(ages)),
        *(zip(chain(["built"], repeat("")), _sessions(ages), strict=False) if len(ages.sessions) > 1 else ()),
        *((finding.severity, finding.text) for finding in findings),
    ]
    name, app_id = (one_line(each or "") for each in (entry.title, classification.app_id))
    output.print_text(f"{name or 'unnamed'}  {app_id}".rstrip())
    output.print_text(draw_strip(facts, workflow=entry.workflow, vocabulary=state.vocabulary).text)
    output.print_fields(line for line in lines if line[1])


def _dates(ages: "Ages") -> str:
    if not ages.oldest or not ages.newest:
        return ""
    missing = f", {len(ages.unknown)} without a date" if ages.unknown else ""
    span = " to ".join(dict.fromkeys(f"{date:%Y-%m-%d}" for date in (ages.oldest, ages.newest)))
    sessions = pluralize(len(ages.sessions), "editing session")
    return f"{span} in {sessions}{missing} (removed nodes cannot be seen)"


def _sessions(ages: "Ages") -> list[str]:
    """Return the editing sessions with what was made in each; of very many the last."""
    from lamina_graph.ages import session_line

    lines = [session_line(ages, session) for session in ages.sessions[-_SESSIONS:]]
    earlier = len(ages.sessions) - len(lines)
    return [f"… {earlier} more before; --json --ages has them all", *lines] if earlier else lines


def _join_names(names: "Iterable[str]") -> str:
    """Return names as one line, each once, with how often it occurs where that is more."""
    return ", ".join(f"{name} × {count}" if count > 1 else name for name, count in Counter(names).items())
