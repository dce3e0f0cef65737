"""The step of the GitHub Action: what a pull request changes, as annotations, summary, outputs, comment."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lamina_graph.cli import output
from lamina_graph.cli.change_forms import changes_json, exit_at_gate
from lamina_graph.cli.compare_catalogues import PATHS, Comparison, diff_catalogues, find_folder, split_gates
from lamina_graph.cli.state import State
from lamina_graph.errors import DeliveryError, InputError, LaminaGraphError, RefError

if TYPE_CHECKING:
    from lamina_graph.history import CatalogueDiff

_NOTHING_LEFT = "No app differs from the base branch any more."
_NO_COMMIT = "0" * 40


@click.command("github-action", hidden=True)
@click.option("--path", envvar="INPUT_PATH", default="workflows", help="The folder of workflows.")
@click.option("--base", envvar="INPUT_BASE", help="The revision to compare with.")
@click.option("--fail-on", envvar="INPUT_FAIL_ON", default="breaking", help="Gates; `never` for none.")
@click.option("--uses", envvar="INPUT_USES", type=click.Path(path_type=Path), help="What your code uses.")
@click.option("--comment/--no-comment", envvar="INPUT_COMMENT", default=True, help="Comment on it.")
@click.pass_obj
def github_action_command(
    state: State, path: str, base: str | None, fail_on: str, uses: Path | None, comment: bool
) -> None:
    """Compare the workflows of a pull request with those of its base. Called by action.yml."""
    job = Job.read(os.environ)
    gates = tuple(word for word in fail_on.replace(",", " ").split() if word != "never")
    severities, on_credits = split_gates(gates)
    if on_credits:
        raise click.UsageError(f"fail-on {on_credits[0]}: files hold no estimates; name a severity")
    click.get_current_context().meta[PATHS] = True  # a folder may be new, or gone
    try:
        rev = find_base(job, base)
        result = diff_catalogues(
            state,
            Comparison(f"{rev}:./{path}", path, "github", uses=uses, offline=True, skip_unchanged=True),
        )
    except LaminaGraphError as error:
        _report_failure(job, path, error, comment=comment)
        raise
    result = result.model_copy(update={"between": (job.base_name or rev[:12], job.head_name)})
    _write_report(job, result, find_folder(path))
    if comment:
        _comment(job, path, result)
    exit_at_gate(result, severities)


@dataclass(frozen=True)
class Job:
    """What GitHub says of the job that a step is part of; printing it does not show the token."""

    event: Mapping[str, Any]
    variables: Mapping[str, str]

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Job":
        """Return the job of an environment; an event that cannot be read is none."""
        try:
            event = json.loads(Path(variables.get("GITHUB_EVENT_PATH", "")).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            event = {}
        return cls(event if isinstance(event, dict) else {}, variables)

    def __repr__(self) -> str:
        return f"Job({self.variables.get('GITHUB_REPOSITORY', '')})"

    @property
    def pull_request(self) -> Mapping[str, Any]:
        """The pull request of the event; empty where it is of none."""
        pull_request = self.event.get("pull_request")
        return pull_request if isinstance(pull_request, dict) else {}

    @property
    def base_name(self) -> str:
        """What the base is called: its branch."""
        return str((self.pull_request.get("base") or {}).get("ref") or "")

    @property
    def head_name(self) -> str:
        """What is compared with it."""
        return "this pull request" if self.pull_request else "this commit"

    @property
    def run_url(self) -> str:
        """The page of the run, where its files are."""
        known = [self.variables.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
        return "{}/{}/actions/runs/{}".format(*known) if all(known) else ""

    @property
    def folder(self) -> Path:
        """Where the files of the report are written."""
        return Path(self.variables.get("RUNNER_TEMP") or ".") / "lamina-graph-report"

    def append(self, name: str, text: str) -> None:
        """Append to the file that a variable of GitHub names; nothing where there is none."""
        if target := self.variables.get(name):
            with open(target, "a", encoding="utf-8") as file:
                file.write(text)


def find_base(job: Job, given: str | None = None) -> str:
    """Return the revision that a job's commit is to be compared with; fetch it where a clone is shallow.

    A pull request is checked out as its merge into the base, so that the first parent is what it changes.
    Where its own last commit is checked out instead, that is where it left the base.

    Raises:
        RefError: there is none, or it cannot be fetched.
    """
    from lamina_graph import git

    if given:
        return given
    parents = git.parents("HEAD")
    base = (job.pull_request.get("base") or {}).get("sha")
    if job.pull_request and len(parents) == 2:
        rev = parents[0]
    elif base:
        rev = git.merge_base(str(base), "HEAD") or str(base)
    else:
        before = str(job.event.get("before") or "")
        rev = before if before not in ("", _NO_COMMIT) else next(iter(parents), "")
    if not rev:
        raise RefError("there is no commit before this one", "Set the input `base`.")
    if not git.is_folder(rev, ""):
        git.fetch_commit(rev)
    return rev


def _write_report(job: Job, result: "CatalogueDiff", folder: str) -> None:
    """Write annotations, the summary of the job, outputs, and the files that are kept with the run."""
    from lamina_graph.report.changes import SUMMARY, github, html, markdown

    if annotations := github(result, folder).annotations:
        output.write_output(annotations, None, "github")
    job.append("GITHUB_STEP_SUMMARY", markdown(result, SUMMARY, _elsewhere(job)))
    job.folder.mkdir(parents=True, exist_ok=True)
    (job.folder / "changes.html").write_text(html(result), encoding="utf-8")
    (job.folder / "changes.json").write_text(changes_json(result), encoding="utf-8")
    job.append("GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in _list_outputs(job, result)))


def _list_outputs(job: Job, result: "CatalogueDiff") -> Iterator[tuple[str, object]]:
    yield "severity", result.severity or "none"
    yield from ((name, result.counts.get(name, 0)) for name in ("breaking", "risky", "cosmetic", "accepted"))
    yield from dict(result.totals).items()
    yield "unknown", len(result.unknown)
    yield "report", job.folder


def _elsewhere(job: Job) -> str:
    return "the files of this run have them all" if job.run_url else "the JSON has them all"


def _comment(job: Job, path: str, result: "CatalogueDiff") -> None:
    """Keep the comment on the pull request: cleared where nothing is left, not begun where nothing is."""
    from lamina_graph.report.changes import markdown

    body = _NOTHING_LEFT if result.empty else markdown(result, elsewhere=_elsewhere(job))
    _keep_comment(job, path, body, create=not result.empty)


def _keep_comment(job: Job, path: str, body: str, *, create: bool) -> None:
    """Keep the comment on the pull request, if there is one and the token may write; say what was done."""
    from lamina_graph.github_comments import PullRequest, keep_comment

    token, number = job.variables.get("INPUT_TOKEN", ""), job.pull_request.get("number")
    if not number or not token:
        return
    footer = f"\n<sub>[The page with every picture]({job.run_url}#artifacts)</sub>\n" if job.run_url else ""
    place = PullRequest(
        job.variables.get("GITHUB_API_URL", "https://api.github.com"),
        job.variables.get("GITHUB_REPOSITORY", ""),
        int(number),
        token,
    )
    marker = f"pull-request {sha256(path.encode()).hexdigest()[:12]}"
    digest = sha256(body.encode()).hexdigest()[:12]
    try:
        done = keep_comment(place, marker, digest, body + footer * create, create=create)
    except (DeliveryError, InputError) as error:
        from lamina_graph.report import workflow_command

        allowed = not (isinstance(error, DeliveryError) and error.status in (401, 403, 404))
        why = f"{error}; the summary of this job has the report"
        kind = "warning" if allowed else "notice"
        click.echo(workflow_command(kind, "lamina-graph could not comment", why))
    else:
        output.print_note(f"comment: {done}")


def _report_failure(job: Job, path: str, error: LaminaGraphError, *, comment: bool) -> None:
    """Say everywhere that nothing could be compared, so that no earlier report is taken for this one."""
    from lamina_graph.report import github_markdown, workflow_command

    click.echo(workflow_command("error", "lamina-graph could not compare", f"{error}. {error.hint}"))
    body = f"### Workflows could not be compared\n\n{github_markdown(str(error))}\n"
    job.append("GITHUB_STEP_SUMMARY", body)
    job.append("GITHUB_OUTPUT", "severity=unknown\nunknown=1\n")
    if comment:
        _keep_comment(job, path, body, create=True)
