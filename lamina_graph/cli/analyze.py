"""Commands that analyze workflows: classify, lint, similar."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.each_workflow import Answers, Inputs, answers, answers_of
from lamina_graph.cli.json_rows import row
from lamina_graph.cli.resolve import error_row, exit_on_failure, resolve, resolve_workflow
from lamina_graph.cli.state import State
from lamina_graph.cli.table import Column
from lamina_graph.errors import LaminaGraphError
from lamina_graph.text import pluralize

if TYPE_CHECKING:
    from lamina_graph.classify import Classification, Rule
    from lamina_graph.model import Entry, Workflow
    from lamina_graph.similar import Groups, Similar
    from lamina_graph.vocabulary import Vocabulary


class _Terms(TypedDict):
    """What `classify` and `why_not` go by."""

    vocabulary: "Vocabulary"
    rules: "Sequence[Rule]"
    graph_only: bool


ANSWER_COLUMNS = (
    Column("Ref", "path", 0),
    Column("Name", "name", 0),
    Column("Category", "word", 0),
    Column("Confidence", "number", 1),
    Column("Shape", "word", 4),
    Column("Stages", "number", 3),
    Column("Gives", "word", 2),
    Column("Why", "reason"),
)
ANSWERS = {".txt": "text", ".json": "json", ".csv": "csv"}
FINDING_COLUMNS = (
    Column("Ref", "path", 0),
    Column("Severity", "word", 0),
    Column("Rule", "word", 1),
    Column("Finding", "reason"),
)
SEVERITIES = ("error", "warning", "note")
GATES = {"error": {"error"}, "warning": {"error", "warning"}}


@click.command("classify")
@options.refs
@click.option(
    "--explain", is_flag=True, help="Show the reasons for each answer, with paths through the graph."
)
@click.option("--why-not", metavar="CATEGORY", help="Show what is missing for this category.")
@click.option("--graph-only", is_flag=True, help="Ignore names and labels: only types and edges count.")
@options.out_file
@options.form(ANSWERS.values(), "from the file name, else text", "classify")
@options.workers
@options.strict
@options.offline
@click.pass_obj
@options.example("lamina-graph classify samples", "lamina-graph classify app.json --explain --why-not video")
def classify_command(
    state: State,
    target: Path | None,
    form: str | None,
    explain: bool,
    why_not: str | None,
    graph_only: bool,
    **inputs: Unpack[Inputs],
) -> None:
    """Say what kind of pipeline each app is, and why.

    The kinds are image, try-on, video, multi-step and other; `lamina-graph rules` says what they mean.
    """
    form = output.choose_form(form, target, ANSWERS, "text")
    if form != "text" and (explain or why_not):
        raise click.UsageError(f"--explain and --why-not need -f text; -f {form} has the evidence anyway")
    _check_category(why_not, {rule.category for rule in state.rules})
    terms: _Terms = {"vocabulary": state.vocabulary, "rules": state.rules, "graph_only": graph_only}
    shown = partial(_reasons, all_reasons=explain, category=why_not) if explain or why_not else _WORK[form]
    with answers(state, partial(shown, terms=terms), "classifying", **inputs) as made:
        if shown is _answer_cells:
            _write_table([cells for cells in made if cells], target)
        elif form == "text":
            for reasons in filter(None, made):
                output.print_text(reasons)
        else:
            output.write_output(_AROUND[form](made), target, form)
    made.exit_on_failure()


def _check_category(name: str | None, known: set[str]) -> None:
    if name is not None and name not in known:
        raise click.UsageError(f"there is no category {name!r}; there are {', '.join(sorted(known))}")


def _json_row(entry: "Entry", terms: _Terms) -> str:
    from lamina_graph.classify import classify

    if entry.workflow is None:
        return output.to_json(error_row("classify/1", entry))
    return output.to_json(row("classify", classify(entry.workflow, **terms), entry.ref))


def _csv_row(entry: "Entry", terms: _Terms) -> str:
    """Return the line of an input, with its error where it has one."""
    from lamina_graph.classify import classify
    from lamina_graph.report import csv_line

    if entry.workflow is None:
        return csv_line((entry.ref, *[""] * (len(_HEADINGS) - 2), entry.error))
    answer = classify(entry.workflow, **terms)
    ref, _, category, _, shape, stages, gives, why = _cells(entry, answer)
    known = (answer.app_id or "", answer.name or "", category, f"{answer.confidence:.2f}")
    return csv_line((ref, *known, shape, stages, gives, why, ""))


def _csv(lines: Iterable[str]) -> Iterator[str]:
    from lamina_graph.report import csv_line

    yield csv_line(_HEADINGS)
    yield from lines


def _answer_cells(entry: "Entry", terms: _Terms) -> "tuple[bool, tuple[object, ...]] | None":
    """Return whether a workflow has a name of its own, and the cells of its row."""
    from lamina_graph.classify import classify

    if entry.workflow is None:
        return None
    answer = classify(entry.workflow, **terms)
    return bool(answer.name), _cells(entry, answer)


def _cells(entry: "Entry", answer: "Classification") -> tuple[object, ...]:
    gives = ", ".join(answer.modalities.outputs)
    why = answer.evidence[0].claim if answer.evidence else ""
    name = entry.title or entry.ref
    confidence = f"{answer.confidence:.0%}"
    return entry.ref, name, answer.category, confidence, answer.shape, answer.stages, gives, why


def _reasons(entry: "Entry", terms: _Terms, all_reasons: bool, category: str | None) -> str:
    """Return the reasons of an answer, or why it is not of a category, or both; nothing of no workflow."""
    from lamina_graph.classify import classify, explain, why_not

    if entry.workflow is None:
        return ""
    answer = classify(entry.workflow, **terms)
    lines = [f"{entry.ref}\n{explain(answer)}\n" if all_reasons else f"{entry.ref}: {answer.category}"]
    if category:
        lines += [f"  Why not {category}:"]
        lines += [f"    {missing}" for missing in why_not(entry.workflow, category, **terms)]
    return "\n".join(lines)


_HEADINGS = ("ref", "app_id", "name", "category", "confidence", "shape", "stages", "gives", "why", "error")
_WORK: "dict[str, Callable[..., Any]]" = {"text": _answer_cells, "json": _json_row, "csv": _csv_row}
"""What is made of each input, for each format."""
_AROUND = {"json": output.json_array, "csv": _csv}


def _write_table(rows: "Sequence[tuple[bool, tuple[object, ...]]]", target: Path | None) -> None:
    """Write the table of answers to the terminal, or whole to a file."""
    named = any(has_name for has_name, _ in rows)
    unique = len({name for _, (_, name, *_) in rows}) == len(rows)
    hidden = () if named and not unique else ("Ref",) if named else ("Name",)  # refs tell rows apart
    shown = [place for place, column in enumerate(ANSWER_COLUMNS) if column.heading not in hidden]
    columns = [ANSWER_COLUMNS[place] for place in shown]
    cells = [[row[place] for place in shown] for _, row in rows]
    if target is None:
        output.print_table(columns, cells)
    else:
        output.write_output(output.table_text(columns, cells), target, "text")


@click.command("lint")
@options.refs
@click.option(
    "--fail-on", type=click.Choice(list(GATES)), help="Exit with status 1 at this severity or above."
)
@options.as_json("lint")
@options.workers
@options.strict
@options.offline
@click.pass_obj
@options.example("lamina-graph lint workflows --fail-on error")
def lint_command(state: State, fail_on: str | None, as_json: bool, **inputs: Unpack[Inputs]) -> None:
    """Report what looks wrong in workflows."""
    counts: Counter[str] = Counter()

    def rows() -> Iterator[Any]:
        for shown, severities in made:
            counts.update(severities)
            yield shown

    work = partial(_lint, vocabulary=state.vocabulary, as_json=as_json)
    with answers(state, work, "checking", **inputs) as made:
        if as_json:
            output.write_output(output.json_array(rows()), None, "json")
        else:
            output.print_table(FINDING_COLUMNS, [cells for of_one in rows() for cells in of_one])
            severities = ", ".join(f"{severity}s: {counts[severity]}" for severity in SEVERITIES)
            output.print_note(f"{pluralize(made.read, 'workflow')} read; {severities}")
    made.exit_on_failure()
    if fail_on and any(counts[severity] for severity in GATES[fail_on]):
        click.get_current_context().exit(1)


def _lint(
    entry: "Entry", vocabulary: "Vocabulary", as_json: bool
) -> tuple[str | list[tuple[str, ...]], Sequence[str]]:
    """Return the findings in a workflow, as JSON or as the cells of a row for each, and their severities."""
    from lamina_graph.lint import lint

    workflow = entry.workflow
    findings = lint(workflow, vocabulary=vocabulary) if workflow else ()
    severities = [finding.severity for finding in findings]
    if not as_json:
        return [(entry.ref, f.severity, f.rule, f.text) for f in findings], severities
    if workflow is None:
        return output.to_json(error_row("lint/1", entry)), severities
    known = row("lint", ref=entry.ref, appId=workflow.app_id, name=workflow.name, findings=findings)
    return output.to_json(known), severities


@click.command("similar")
@options.refs_argument("[REF] [IN...]")
@click.option(
    "--all", "everything", is_flag=True, help="In all apps of the store; if there is none, of the API."
)
@click.option("--groups", is_flag=True, help="Group the inputs: twins, families, copies.")
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
@options.example(
    "lamina-graph similar app.json samples -n 5",
    "lamina-graph similar --groups samples",
    'lamina-graph similar "Quick Reel Maker" --all',
)
def similar_command(
    state: State,
    refs: tuple[str, ...],
    everything: bool,
    groups: bool,
    amount: int,
    as_json: bool,
    offline: bool,
) -> None:
    """Find apps that are built alike.

    Lists those among IN that are nearest to REF by structure, structural twins first. With --groups, groups a
    catalogue: twins (the same graph up to ids), families (nearly the same), and copies (apps that share node
    ids, which only copying brings about).
    """
    from lamina_graph.similar import groups as group
    from lamina_graph.similar import similar

    names: list[str] = []

    def others() -> "Iterator[Workflow]":
        for entry in entries.require_one():
            if entry.workflow and not _is_itself(entry, subject, refs, everything):
                names.append(entry.ref)
                yield entry.workflow

    with _subject_and_others(state, refs, everything, groups, offline) as (subject, entries):
        if subject is None:
            _print_groups(group(others(), vocabulary=state.vocabulary), names, as_json)
        else:
            nearest = similar(subject, others(), amount, vocabulary=state.vocabulary, equal=True)
            if not nearest:
                output.print_note(f"there is nothing to compare {refs[0]} with but itself")
            _print_similar([(names[other.index], other) for other in nearest], as_json)
    entries.exit_on_failure()


@contextmanager
def _subject_and_others(
    state: State, refs: tuple[str, ...], everything: bool, groups: bool, offline: bool
) -> "Iterator[tuple[Workflow | None, Answers[Entry]]]":
    """Give what others are compared with, nothing where all are grouped, and those others."""
    subject: Workflow | None = None
    places = refs
    if everything and refs and not groups:
        named = resolve(state, refs, offline=offline).entries
        if len(named) > 1:
            output.print_note("similar --all IN... is now similar --groups IN...; --all means every app")
            yield None, answers_of(named)
            return
        exit_on_failure(named)
        subject, places = named[0].workflow, ()
    elif not groups and not everything:
        if len(refs) < 2:
            raise click.UsageError("name a REF and where to look: REF IN..., REF --all, or --groups IN...")
        places = refs[1:]
    inputs: Inputs = {
        "refs": places,
        "everything": everything,
        "strict": False,
        "offline": offline,
        "jobs": 1,
        "dask": None,
    }
    with answers(state, _keep, "comparing", **inputs) as others:
        if places != refs and subject is None:
            try:
                subject = resolve_workflow(state, refs[0], offline=offline)
            except LaminaGraphError:
                deque(others.require_one(), maxlen=0)  # says what else could not be read
                raise
        yield subject, others


def _keep(entry: "Entry") -> "Entry":
    return entry


def _is_itself(entry: "Entry", subject: "Workflow | None", refs: Sequence[str], everything: bool) -> bool:
    """Return whether an input is what others are compared with, and not a second file that holds the same."""
    if subject is None or entry.workflow is None:
        return False
    if everything and subject.app_id and entry.workflow.app_id == subject.app_id:
        return True  # whatever its version
    if entry.workflow != subject:
        return False
    own, other = Path(refs[0]), Path(entry.ref)
    return bool(subject.app_id) or not (own.exists() and other.exists()) or own.samefile(other)


def _print_similar(nearest: "Sequence[tuple[str, Similar]]", as_json: bool) -> None:
    if as_json:
        output.print_json([row("similar", similar, ref) for ref, similar in nearest])
        return
    output.print_table(
        [
            Column("Ref", "path", 0),
            Column("Name", "name", 1),
            Column("Score", "number", 0),
            Column("Twin", "word", 2),
            Column("Shared ids", "number", 3),
            Column("Why", "reason"),
        ],
        [
            (ref, other.name, f"{other.score:.2f}", "twin" if other.twin else "", other.shared_ids, other.why)
            for ref, other in nearest
        ],
    )


def _print_groups(alike: "Groups", refs: Sequence[str], as_json: bool) -> None:
    if as_json:
        output.print_json(row("groups", alike, refs=refs))
        return
    for kind, members in (("twins", alike.twins), ("families", alike.families), ("copies", alike.copies)):
        output.print_text(f"{kind}: {len(members)}")
        for group in members:
            output.print_indented(", ".join(refs[index] for index in group.members))
