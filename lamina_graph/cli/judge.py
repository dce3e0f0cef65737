"""Commands that judge workflows: classify, lint, similar."""

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.state import State, end_on_failure, end_where_none, error_row
from lamina_graph.text import pluralize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lamina_graph.classify import Classification
    from lamina_graph.lint import Finding
    from lamina_graph.model import Entry, Workflow
    from lamina_graph.similar import Groups

GATES = {"error": {"error"}, "warning": {"error", "warning"}}


@click.command()
@options.refs
@click.option(
    "--explain", is_flag=True, help="Tell each answer's reasons, with their paths through the graph."
)
@click.option("--why-not", metavar="CATEGORY", help="Tell what is missing for this category.")
@click.option(
    "--graph-only", is_flag=True, help="Leave names and labels aside: types and edges alone decide."
)
@options.as_json("classify")
@options.jobs
@options.dask
@options.strict
@options.offline
@click.pass_obj
@options.example("lamina-graph classify samples", "lamina-graph classify app.json --explain --why-not video")
def classify(
    state: State,
    refs: tuple[str, ...],
    explain: bool,
    why_not: str | None,
    graph_only: bool,
    as_json: bool,
    jobs: int | None,
    dask: str | None,
    strict: bool,
    offline: bool,
) -> None:
    """Say what kind of pipeline each app is, and why.

    The kinds are image, try-on, video, multi-step and other; `lamina-graph rules` tells what they mean.
    """
    from lamina_graph.batch import batch
    from lamina_graph.classify import explain as explained
    from lamina_graph.classify import why_not as missing

    if as_json and (explain or why_not):
        raise click.UsageError("--json gives the evidence already; --explain and --why-not are for people")
    _check_category(why_not, {rule.category for rule in state.rules})
    entries = state.entries(refs, strict=strict, offline=offline)
    given: dict[str, Any] = {"vocabulary": state.vocabulary, "rules": state.rules, "graph_only": graph_only}
    with (
        state.executor(jobs, len(entries), dask) as executor,
        output.progress(entries, "classifying") as values,
    ):
        answers = list(batch(partial(_classified, **given), values, executor))
    if as_json:
        output.emit([_answer_row(entry, answer) for entry, answer in zip(entries, answers, strict=True)])
    elif explain or why_not:
        for entry, answer in zip(entries, answers, strict=True):
            if entry.workflow and answer:
                output.say(
                    f"{entry.ref}\n{explained(answer)}\n" if explain else f"{entry.ref}: {answer.category}"
                )
                if why_not:
                    output.say(f"  Why not {why_not}:")
                for each in missing(entry.workflow, why_not, **given) if why_not else ():
                    output.say(f"    {each}")
    else:
        rows = [_answer_cells(e, a) for e, a in zip(entries, answers, strict=True) if a]
        repeats = len({name for _, name, *_ in rows}) < len(rows)  # then only refs tell the rows apart
        columns = ["Ref", "Name", "Category", "Sure#", "Shape", "Stages#", "Gives", "Why"]
        first = 0 if repeats else 1
        output.table(columns[first:], [row[first:] for row in rows])
    end_on_failure(entries)


@click.command()
@options.refs
@click.option("--fail-on", type=click.Choice(list(GATES)), help="Exit with status 1 from this severity on.")
@options.as_json("lint")
@options.strict
@options.offline
@click.pass_obj
@options.example("lamina-graph lint workflows --fail-on error")
def lint(
    state: State, refs: tuple[str, ...], fail_on: str | None, as_json: bool, strict: bool, offline: bool
) -> None:
    """Report what looks wrong in workflows."""
    from lamina_graph.lint import lint as findings_of

    entries = state.entries(refs, strict=strict, offline=offline)
    known = state.vocabulary
    rows = [(e, findings_of(e.workflow, vocabulary=known) if e.workflow else ()) for e in entries]
    findings = [finding for _, found in rows for finding in found]
    if as_json:
        output.emit([_finding_row(entry, found) for entry, found in rows])
    else:
        output.table(
            ["Ref", "Severity", "Rule", "Finding"],
            [(entry.ref, f.severity, f.rule, f.text) for entry, found in rows for f in found],
        )
        counts = Counter(finding.severity for finding in findings)
        told = ", ".join(f"{severity}s: {counts[severity]}" for severity in ("error", "warning", "note"))
        read = pluralize(sum(entry.error is None for entry in entries), "workflow")
        output.note(f"{read} read; {told}")
    end_on_failure(entries)
    if fail_on and any(f.severity in GATES[fail_on] for f in findings):
        click.get_current_context().exit(1)


@click.command()
@click.argument("refs", metavar="REF IN...", nargs=-1, required=True)
@click.option("--all", "everything", is_flag=True, help="Group all inputs: twins, families, copies.")
@click.option(
    "-n",
    "amount",
    type=click.IntRange(1),
    metavar="N",
    default=10,
    show_default=True,
    help="How many to show.",
)
@options.as_json("similar")
@options.offline
@click.pass_obj
@options.example("lamina-graph similar app.json samples -n 5", "lamina-graph similar --all samples")
def similar(
    state: State, refs: tuple[str, ...], everything: bool, amount: int, as_json: bool, offline: bool
) -> None:
    """Find apps that are built alike.

    Lists those among IN that are nearest to REF by structure, structural twins first. With --all, groups a
    catalogue: twins (the same graph up to ids), families (nearly the same), and copies (apps that share node
    ids, which only copying brings about).
    """
    from lamina_graph.cli.schemas import row
    from lamina_graph.similar import groups
    from lamina_graph.similar import similar as nearest

    if not everything and len(refs) < 2:
        raise click.UsageError("name a REF and where to look: REF IN..., or --all IN...")
    entries = state.entries(refs if everything else refs[1:], offline=offline)
    end_where_none(entries)
    readable = [(entry.ref, entry.workflow) for entry in entries if entry.workflow]
    if everything:
        _show_groups(groups((w for _, w in readable), vocabulary=state.vocabulary), readable, as_json)
    else:
        subject = state.workflow(refs[0], offline=offline)
        near = nearest(subject, (w for _, w in readable), amount, vocabulary=state.vocabulary)
        found = [(readable[s.index][0], s) for s in near]
        if not found:
            output.note(f"there is nothing to compare {refs[0]} with but itself")
        if as_json:
            output.emit([row("similar", s, ref) for ref, s in found])
        else:
            output.table(
                ["Ref", "Name", "Score#", "Twin", "Shared ids#", "Why"],
                [
                    (ref, s.name, f"{s.score:.2f}", "twin" if s.twin else "", s.shared_ids, s.why)
                    for ref, s in found
                ],
            )
    end_on_failure(entries)


def _check_category(name: str | None, known: set[str]) -> None:
    if name is not None and name not in known:
        raise click.UsageError(f"there is no category {name!r}; there are {', '.join(sorted(known))}")


def _classified(entry: "Entry", vocabulary: Any, rules: Any, graph_only: bool) -> "Classification | None":
    from lamina_graph.classify import classify as category_of

    if entry.workflow is None:
        return None
    return category_of(entry.workflow, vocabulary=vocabulary, rules=rules, graph_only=graph_only)


def _answer_row(entry: "Entry", answer: "Classification | None") -> dict[str, Any]:
    from lamina_graph.cli.schemas import row

    if answer is None:
        return error_row("classify/1", entry)
    return row("classify", answer, entry.ref)


def _answer_cells(entry: "Entry", answer: "Classification") -> tuple[object, ...]:
    gives = ", ".join(answer.modalities.outputs)
    why = answer.evidence[0].claim if answer.evidence else ""
    name = answer.name or entry.ref
    sure = f"{answer.confidence:.0%}"
    return entry.ref, name, answer.category, sure, answer.shape, answer.stages, gives, why


def _finding_row(entry: "Entry", findings: "Sequence[Finding]") -> dict[str, Any]:
    from lamina_graph.cli.schemas import Findings, row

    if entry.workflow is None:
        return error_row("lint/1", entry)
    workflow = entry.workflow
    return row(
        "lint", Findings(app_id=workflow.app_id, name=workflow.name, findings=tuple(findings)), entry.ref
    )


def _show_groups(found: "Groups", readable: "Sequence[tuple[str, Workflow]]", as_json: bool) -> None:
    from lamina_graph.cli.schemas import Grouping, row

    refs = tuple(ref for ref, _ in readable)
    if as_json:
        output.emit(row("groups", Grouping(refs=refs, **dict(found))))
        return
    for kind, members in (("twins", found.twins), ("families", found.families), ("copies", found.copies)):
        output.say(f"{kind}: {len(members)}")
        for group in members:
            output.say("  " + ", ".join(refs[index] for index in group.members))
