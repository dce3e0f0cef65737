"""Commands about what changed: diff, and git's diff driver."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.draw import by_ending
from lamina_graph.cli.resolve import resolve_entry
from lamina_graph.cli.state import State

if TYPE_CHECKING:
    from lamina_graph.diff import ComparisonPolicy, Diff, Version
    from lamina_graph.model import Workflow
    from lamina_graph.render import Picture

ENDINGS = {
    ".txt": "text",
    ".json": "json",
    ".md": "markdown",
    ".html": "html",
    ".svg": "svg",
    ".mmd": "mermaid",
}


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@options.out_file
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(list(ENDINGS.values())),
    help="Output format; by default from the file name, else text.",
)
@click.option("--exit-code", is_flag=True, help="Exit with status 1 on any change.")
@click.option(
    "--fail-on",
    multiple=True,
    metavar="GATE",
    help="Exit with status 1 from this severity on: breaking, risky, cosmetic; or on 'credits>+10%'.",
)
@options.estimate("--old-estimate", "The old version's estimate, as JSON from the API.")
@options.estimate("--new-estimate", "The new version's estimate, as JSON from the API.")
@options.uses
@options.offline
@click.pass_obj
@options.example(
    "lamina-graph diff old.json new.json",
    "lamina-graph diff HEAD~1:app.json app.json -f markdown --fail-on breaking",
)
def diff_command(
    state: State,
    old: str,
    new: str,
    target: Path | None,
    form: str | None,
    exit_code: bool,
    fail_on: tuple[str, ...],
    old_estimate: Path | None,
    new_estimate: Path | None,
    uses: Path | None,
    offline: bool,
) -> None:
    """Show what changed between two versions and what breaks callers.

    Reports a provably minimal edit script, and for each change whether it can break callers of the app.
    Between two snapshots (APP@~1 APP@latest) the input contract and the credits are compared too, where both
    have them.
    """
    from lamina_graph.diff import diff as compare
    from lamina_graph.diff import gate

    form = form or by_ending(target, ENDINGS, "text")
    policy = state.policy(uses)
    before = _version(state, old, offline, old_estimate)
    after = _version(state, new, offline, new_estimate)
    found = compare(before, after, policy=policy)
    hit = {each: reasons for each in fail_on if (reasons := gate(found, each))}
    if form == "json":
        output.write_output(_json(found, old, new), target)
    else:
        output.write_output(_writer(form, (old, new), coloured=target is None)(found), target)
    for each, reasons in hit.items():
        more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
        output.print_note(f"gate failed: --fail-on {each}: {reasons[0]}{more}")
    _note_usage(policy, before, after, found)
    if hit or (exit_code and not found.identical):
        click.get_current_context().exit(1)
    if found.unknown:
        click.get_current_context().exit(2)


@click.command("git-config")
@click.option("--enable/--disable", required=True, help="Install or remove the diff driver.")
@click.option("--global", "for_user", is_flag=True, help="For all repositories of this user.")
@click.option(
    "--pattern", multiple=True, help="Which files are workflows, as in .gitattributes; may be repeated."
)
@options.example("lamina-graph git-config --enable --pattern 'workflows/*.json'")
def git_config_command(enable: bool, for_user: bool, pattern: tuple[str, ...]) -> None:
    """Make git diff, git log -p and git show compare workflows, not lines of JSON."""
    from lamina_graph.git import disable_driver, enable_driver, repair_driver

    change = enable_driver if enable else disable_driver
    output.print_note(change(Path.cwd(), for_user=for_user, patterns=pattern))
    for scope in repair_driver(Path.cwd()):
        output.print_note(f"git config {scope}: the command that an earlier version installed was replaced")


@click.command("git-driver", hidden=True, context_settings={"ignore_unknown_options": True})
@click.option("--installed", help="The version that installed the driver.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def git_driver_command(state: State, installed: str | None, words: tuple[str, ...]) -> None:
    """Write the diff of one file for git. Called by git, never fails: git stops at anything else."""
    from lamina_graph import __version__
    from lamina_graph.git import repair_driver
    from lamina_graph.report.diff import driver

    if installed != __version__ and repair_driver(Path.cwd()) and not installed:
        output.print_note(
            "lamina-graph: replaced git's driver of an earlier version, which ran files of the repository"
        )
    try:
        output.print_text(driver(words, partial(_compared, state)))
    except BrokenPipeError:
        output.close_pipe()


def _version(state: State, ref: str, offline: bool, estimate: Path | None) -> "Version":
    """Return what a reference names, with the estimate in a file before that of its snapshot."""
    from lamina_graph.diff import Version
    from lamina_graph.files import load_estimate

    entry = resolve_entry(state, ref, offline=offline)
    assert entry.workflow is not None
    return Version(entry.workflow, entry.detail, load_estimate(estimate) if estimate else entry.estimate)


def _compared(state: State, old: "Workflow", new: "Workflow") -> "Diff":
    """Return what changed, as the configuration says what counts."""
    from lamina_graph.diff import diff as compare

    return compare(old, new, policy=state.policy())


def _note_usage(policy: "ComparisonPolicy", old: "Version", new: "Version", found: "Diff") -> None:
    """Name on stderr an app that one's own code does not use, and what of that code's usage is unknown."""
    from lamina_graph.diff import known_app

    app = known_app(old, new)
    if policy.usage and not policy.usage.names(app):
        output.print_note(f"--uses names no use of {app.title}: no change of it counts as breaking")
    for sentence in found.unknown:
        output.print_note(f"unknown: {sentence}")


def _writer(form: str, refs: tuple[str, str], coloured: bool) -> "Callable[[Diff], str]":
    from lamina_graph.report import diff as change

    writers: dict[str, Callable[[Diff], str]] = {
        "text": lambda found: output.escape_workflow_commands(
            change.text(found, colour=coloured and output.is_terminal())
        ),
        "markdown": change.markdown,
        "html": lambda found: change.html(found, refs=refs),
        "svg": lambda found: _drawn(found).svg,
        "mermaid": _mermaid,
    }
    return writers[form]


def _mermaid(found: "Diff") -> str:
    from lamina_graph.cli.draw import note_beyond_github

    picture = _drawn(found)
    note_beyond_github(picture, "-f markdown draws the changed part alone")
    return picture.mermaid


def _drawn(found: "Diff") -> "Picture":
    """Return the picture of a diff; tell on stderr what of it is folded."""
    from lamina_graph.render import draw

    picture = draw(found)
    if picture.folds:
        output.print_note(f"{picture.folds}; -f html shows every node")
    return picture


def _json(found: "Diff", old: str, new: str) -> str:
    from lamina_graph.cli.schemas import Comparison, Version, row

    sides = {"old": Version(ref=old, **dict(found.old)), "new": Version(ref=new, **dict(found.new))}
    return output.to_json(row("diff", Comparison(**{**dict(found), **sides})))
