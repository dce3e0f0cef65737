"""How changes of many apps leave the command line, and the exit status that they give."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lamina_graph.cli import output

if TYPE_CHECKING:
    from lamina_graph.history import Changes

FORMS = ("text", "json", "markdown", "html", "github", "slack")


def write_changes(result: "Changes", form: str, target: Path | None, folder: str = "") -> None:
    """Write changes in a form; where there is nothing to tell, nothing but JSON, and an empty file.

    Args:
        result: what changed.
        form: one of `FORMS`.
        target: the file to write; stdout where not given.
        folder: where the files of a catalogue are, from the top of the repository.
    """
    from lamina_graph.report.changes import atom, github, html, markdown, slack, text

    if form == "json":
        output.write_output(changes_json(result), target, form)
    elif form == "atom":
        output.write_output(atom(result), target, form)
    elif form == "github" and not result.empty:
        job = github(result, folder)
        output.write_output(job.annotations, None, form)
        if target:
            output.write_output(job.summary, target, "markdown")
    elif not (result.empty if form in ("github", "slack") else result.silent):
        writers: dict[str, Callable[[Changes], str]] = {
            "text": output.coloured_writer(text, target),
            "markdown": markdown,
            "html": html,
            "slack": lambda result: output.to_json(slack(result)),
        }
        output.write_output(writers[form](result), target, form)
    elif target:
        output.write_output("", target, form)


def changes_json(result: "Changes") -> str:
    """Return changes as JSON, under the schema of what was compared."""
    from lamina_graph.cli.json_rows import row
    from lamina_graph.history import CatalogueDiff

    return output.to_json(row("catalogue-diff" if isinstance(result, CatalogueDiff) else "changes", result))


def post_changes(result: "Changes", url: str, secret: str) -> None:
    """Post changes as JSON, signed; where nothing changed and nothing is unknown, nothing is posted.

    Raises:
        InputError: the address or the secret cannot be used.
        DeliveryError: they were not taken.
    """
    import json

    from lamina_graph.cli.json_rows import row
    from lamina_graph.delivery import check_address, post_signed

    host = check_address(url)
    if not result.empty:
        body = json.dumps(row("changes", result), sort_keys=True).encode()
        post_signed(url, body, secret)
        output.print_note(f"posted to {host}")


def exit_at_gate(result: "Changes", fail_on: Sequence[str], hit: Sequence[str] = ()) -> None:
    """Exit with the status of changes: 1 where a gate is hit, else 2 where something is unknown.

    Args:
        result: what changed.
        fail_on: the severities from which on a gate is hit.
        hit: sentences of gates of other kinds that are hit.
    """
    for sentence in (*_check_severities(result, fail_on), *hit):
        output.print_note(f"gate failed: --fail-on {sentence}")
        hit = (*hit, sentence)
    if hit or result.unknown:
        click.get_current_context().exit(1 if hit else 2)


def _check_severities(result: "Changes", fail_on: Sequence[str]) -> list[str]:
    from lamina_graph.diff import SEVERITIES

    sentences = []
    for gate in fail_on:
        severe = SEVERITIES[: [str(each) for each in SEVERITIES].index(gate) + 1]
        over = [change for change in result.changes if change.severity in severe and not change.accepted]
        if over:
            more = f", and {len(over) - 1} more" if len(over) > 1 else ""
            sentences.append(f"{gate}: {over[0].name or over[0].app_id}: {over[0].text}{more}")
    return sentences
