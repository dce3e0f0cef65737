"""Commands about what changed: diff, and git's diff driver."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.compare_catalogues import (
    Comparison,
    DiffCommand,
    compare_catalogues,
    is_of_catalogues,
)
from lamina_graph.cli.resolve import resolve_entry
from lamina_graph.cli.state import State

if TYPE_CHECKING:
    from lamina_graph.diff import ComparisonPolicy, Diff, Version
    from lamina_graph.match import Proof
    from lamina_graph.render import Picture

ENDINGS = {
    ".txt": "text",
    ".json": "json",
    ".md": "markdown",
    ".html": "html",
    ".svg": "svg",
    ".mmd": "mermaid",
}


@click.command("diff", cls=DiffCommand, options_metavar="[OPTIONS]")
@click.argument("old", metavar="OLD", shell_complete=options.complete_refs)
@click.argument("new", metavar="NEW", required=False, shell_complete=options.complete_refs)
@options.out_file
@options.open_page
@options.form([*ENDINGS.values(), "github", "slack"], "from the file name, else text", "diff")
@click.option("--exit-code", is_flag=True, help="Exit with status 1 on any change.")
@click.option(
    "--fail-on",
    multiple=True,
    metavar="GATE",
    help="Exit with status 1 at this severity or above: breaking, risky, cosmetic; or on 'credits>+10%'.",
)
@click.option(
    "--brief", is_flag=True, help="With -f json: short, for agents (lamina-graph schema diff-brief)."
)
@options.estimate("--old-estimate", "The old version's estimate, as JSON from the API.")
@options.estimate("--new-estimate", "The new version's estimate, as JSON from the API.")
@options.uses
@options.proof
@options.offline
@click.pass_obj
@options.example(
    "lamina-graph diff old.json new.json",
    "lamina-graph diff HEAD~1:app.json app.json -f markdown --fail-on breaking",
    "lamina-graph diff HEAD~1 -- workflows",
)
def diff_command(
    state: State,
    old: str,
    new: str,
    target: Path | None,
    form: str | None,
    exit_code: bool,
    fail_on: tuple[str, ...],
    brief: bool,
    old_estimate: Path | None,
    new_estimate: Path | None,
    uses: Path | None,
    proof: "Proof",
    offline: bool,
) -> None:
    """Show what changed between two versions and what breaks callers.

    Reports the least edit script found, how near it is proved to the minimum (--proof), and for each change
    whether it can break callers of the app. Between two snapshots (APP@~1 APP@latest) the input contract and
    the credits are compared too, where both have them.

    OLD and NEW may also be two folders, two folders at git revisions, or two stores: their apps are paired by
    id, name and path. `diff REV -- PATH` compares a file or a folder of a commit with what it is now.
    """
    from lamina_graph.diff import check_gate, diff

    if old == new == "-":
        raise click.UsageError("standard input can be read once: name a file for OLD or NEW")
    form = output.choose_form(form, target, ENDINGS, "text")
    if is_of_catalogues(form, old, new):
        return compare_catalogues(state, Comparison.of(click.get_current_context().params, form))
    if brief and form != "json":
        raise click.UsageError("--brief shortens JSON: add -f json")
    policy = replace(state.policy(uses), proof=proof)
    before = _version(state, old, offline, old_estimate)
    after = _version(state, new, offline, new_estimate)
    result = diff(before, after, policy=policy)
    foreign = (*_foreign_estimate(before, old_estimate), *_foreign_estimate(after, new_estimate))
    result = result.model_copy(update={"unknown": (*result.unknown, *foreign)})
    failed = {name: reasons for name in fail_on if (reasons := check_gate(result, name))}
    output.write_output(_writer(form, (old, new), target, brief=brief)(result), target, form)
    for name, reasons in failed.items():
        more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
        output.print_note(f"gate failed: --fail-on {name}: {reasons[0]}{more}")
    _note_usage(policy, before, after, () if _is_seen(form, target) else result.unknown)
    if failed or (exit_code and not result.identical):
        click.get_current_context().exit(1)
    if result.unknown:
        click.get_current_context().exit(2)


@click.command("git-config")
@click.option("--enable/--disable", required=True, help="Install or remove the diff driver.")
@click.option(
    "--global", "for_user", is_flag=True, help="In all repositories of this user, not in this one alone."
)
@click.option("--pattern", multiple=True, help="Which files are workflows, as in .gitattributes; repeatable.")
@options.example("lamina-graph git-config --enable --pattern 'workflows/*.json'")
def git_config_command(enable: bool, for_user: bool, pattern: tuple[str, ...]) -> None:
    """Make git diff, log -p and show compare workflows.

    Without it they compare lines of JSON.
    """
    from lamina_graph.git import disable_driver, enable_driver, repair_driver

    folder = Path.cwd()
    if enable:
        output.print_note(enable_driver(folder, for_user=for_user, patterns=pattern))
    else:
        output.print_note(disable_driver(folder, for_user=for_user))
    for scope in repair_driver(folder):
        output.print_note(f"git config {scope}: the command that an earlier version installed was replaced")


@click.command("git-driver", hidden=True, context_settings={"ignore_unknown_options": True})
@click.option("--installed", help="The version that installed the driver.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def git_driver_command(state: State, installed: str | None, words: tuple[str, ...]) -> None:
    """Write the diff of one file for git. Called by git, never fails: git stops at anything else."""
    from lamina_graph import __version__
    from lamina_graph.report import run_driver

    if installed != __version__:
        _repair_driver(installed)
    try:
        output.print_text(run_driver(words, partial(_compare, state)))
    except BrokenPipeError:
        output.close_pipe()


def _repair_driver(installed: str | None) -> None:
    """Put the command of this version in the place of an earlier one's."""
    from lamina_graph.git import repair_driver

    if repair_driver(Path.cwd()) and not installed:
        output.print_note(
            "lamina-graph: replaced the git driver of an earlier version, which ran files of the repository"
        )


def _version(state: State, ref: str, offline: bool, estimate: Path | None) -> "Version":
    """Return what a reference names, with the estimate in a file before that of its snapshot."""
    from lamina_graph.diff import Version, origin_of
    from lamina_graph.files import load_estimate
    from lamina_graph.refs import find_path

    entry = resolve_entry(state, ref, offline=offline)
    assert entry.workflow is not None
    return Version(
        entry.workflow,
        entry.detail,
        load_estimate(estimate) if estimate else entry.estimate,
        path=find_path(ref) if origin_of(entry.workflow) else None,
    )


def _foreign_estimate(version: "Version", file: Path | None) -> Iterator[str]:
    """Say of an estimate in a file that it is of another app than the version it is given for."""
    ours, theirs = version.workflow.app_id, version.estimate and version.estimate.app_id
    if file and ours and theirs and ours.casefold() != theirs.casefold():
        yield f"credits: {file} is the estimate of {theirs}, not of {ours}"


def _compare(state: State, old: "Version", new: "Version") -> "Diff":
    """Return what changed, on the terms of the configuration, which is read only where it is needed."""
    from lamina_graph.diff import diff

    return _titled(diff(old, new, policy=state.policy()), (str(old.path), str(new.path)))


def _is_seen(form: str, target: Path | None) -> bool:
    """Tell whether a diff is read on the terminal, where it says itself what is unknown."""
    return form == "text" and target is None and output.terminal_width() is not None


def _note_usage(policy: "ComparisonPolicy", old: "Version", new: "Version", unknown: Iterable[str]) -> None:
    """Name on stderr an app that one's own code does not use, and what of that code's usage is unknown."""
    from lamina_graph.diff import KnownApp

    app = KnownApp.of(old, new)
    if policy.usage and not policy.usage.names(app):
        output.print_note(f"--uses has no entry for {app.title}: none of its changes counts as breaking")
    for sentence in unknown:
        output.print_note(f"unknown: {sentence}")


def _titled(diff: "Diff", refs: tuple[str, str]) -> "Diff":
    """Return a diff as it is shown: workflows without a name are called by their files."""
    from lamina_graph.model import title_of

    if diff.old.name or diff.new.name:
        return diff
    names = (title_of(None, ref) or None for ref in refs)
    sides = (
        side.model_copy(update={"name": name}) for side, name in zip((diff.old, diff.new), names, strict=True)
    )
    return diff.model_copy(update=dict(zip(("old", "new"), sides, strict=True)))


def _writer(form: str, refs: tuple[str, str], target: Path | None, *, brief: bool) -> "Callable[[Diff], str]":
    from lamina_graph.report.diff import html, markdown, text

    writers: dict[str, Callable[[Diff], str]] = {
        "text": output.coloured_writer(text, target),
        "json": partial(_brief_json if brief else _json, refs=refs),
        "markdown": markdown,
        "html": partial(html, refs=refs),
        "svg": lambda diff: _picture(diff).svg,
        "mermaid": _mermaid,
    }
    write = writers[form]
    return write if form == "json" else lambda diff: write(_titled(diff, refs))


def _mermaid(diff: "Diff") -> str:
    from lamina_graph.cli.picture_notes import note_beyond_github

    picture = _picture(diff)
    note_beyond_github(picture, "-f markdown draws the changed part alone")
    return picture.mermaid


def _picture(diff: "Diff") -> "Picture":
    """Return the picture of a diff; print on stderr which nodes it folds."""
    from lamina_graph.render import draw

    picture = draw(diff)
    if picture.folds:
        output.print_note(f"{picture.folds}; -f html shows every node")
    return picture


def _json(diff: "Diff", refs: tuple[str, str]) -> str:
    from lamina_graph.brief import ComparedSide
    from lamina_graph.cli.json_rows import row

    old, new = (
        ComparedSide(ref=ref, **dict(side)) for ref, side in zip(refs, (diff.old, diff.new), strict=True)
    )
    return output.to_json(row("diff", diff, old=old, new=new))


def _brief_json(diff: "Diff", refs: tuple[str, str]) -> str:
    from lamina_graph.brief import summarize_diff
    from lamina_graph.cli.json_rows import row

    return output.to_json(row("diff-brief", summarize_diff(diff, refs)), indent=output.is_terminal())
