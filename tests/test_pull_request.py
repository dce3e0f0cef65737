"""A year of pull requests: the steps of the GitHub Action run with bash, as GitHub runs them."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from github_double import TOKEN, GitHub, github_serving
from markdown_it import MarkdownIt

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
REEL = json.loads((SAMPLES / "history" / "quick-reel-maker" / "v1.json").read_text())
REEL_LATER = json.loads((SAMPLES / "history" / "quick-reel-maker" / "v4.json").read_text())
PERSON = {"login": "someone", "type": "User"}
WHO = ["-c", "user.name=n", "-c", "user.email=e@example.org"]


def app(id_: str, name: str, type_: str = "fluxNode", label: str = "Picture") -> dict[str, Any]:
    nodes = [{"id": "n1", "type": type_, "label": label}, {"id": "n2", "type": "imageOutputNode"}]
    return {"appId": id_, "name": name, "nodes": nodes, "edges": [{"source": "n1", "target": "n2"}]}


@dataclass
class Outcome:
    """What a run of the action left."""

    status: int
    log: str
    outputs: dict[str, str]
    summary: str
    report: Path


@dataclass
class Repository:
    """A repository at GitHub, and the working copy of its people."""

    place: Path
    github: GitHub
    number: int = 0
    files: dict[str, Any] = field(default_factory=dict)

    def git(self, *words: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *WHO, *words], cwd=cwd or self.place / "work", check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def begin(self, files: dict[str, Any]) -> None:
        subprocess.run(["git", "init", "-q", "--bare", self.place / "origin"], check=True)
        # as GitHub does: any commit may be fetched by its hash
        self.git("config", "uploadpack.allowAnySHA1InWant", "true", cwd=self.place / "origin")
        subprocess.run(["git", "init", "-q", "-b", "main", self.place / "work"], check=True)
        self.git("remote", "add", "origin", str(self.place / "origin"))
        self.commit("begin", files)
        self.git("push", "-q", "origin", "main")

    def commit(self, message: str, files: dict[str, Any]) -> None:
        """Let the folder of workflows hold these files."""
        shutil.rmtree(self.place / "work" / "workflows", ignore_errors=True)
        for name, content in files.items():
            path = self.place / "work" / "workflows" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
        self.git("add", "-A")
        self.git("commit", "-qm", message, "--allow-empty")
        self.files = files

    def open_pull_request(self, files: dict[str, Any]) -> None:
        """Begin a pull request from main that makes the folder hold these files."""
        self.number += 1
        self.git("checkout", "-q", "-b", f"branch-{self.number}", "main")
        self.push(files)

    def push(self, files: dict[str, Any]) -> None:
        """Push another commit to the pull request; GitHub merges it into main on trial."""
        self.commit("change", files)
        self.git("checkout", "-q", "--detach", "main")
        self.git("merge", "-q", "--no-ff", "-m", "trial", f"branch-{self.number}")
        self.git("push", "-q", "-f", "origin", f"HEAD:refs/pull/{self.number}/merge")
        self.git("checkout", "-q", f"branch-{self.number}")

    def run_action(self, *, depth: int | None = 1, **inputs: str) -> Outcome:
        """Check out as actions/checkout does, and run the steps of the action that are shell scripts."""
        checkout = self.place / "checkout"
        shutil.rmtree(checkout, ignore_errors=True)
        subprocess.run(["git", "init", "-q", checkout], check=True)
        self.git("remote", "add", "origin", (self.place / "origin").as_uri(), cwd=checkout)
        words = [f"--depth={depth}"] if depth else []
        refs = [f"+refs/pull/{self.number}/merge:refs/remotes/pull/merge", "main"]
        self.git("fetch", "-q", *words, "origin", *(refs[:1] if depth else refs), cwd=checkout)
        self.git("checkout", "-q", "--detach", "refs/remotes/pull/merge", cwd=checkout)
        base = {"ref": "main", "sha": self.git("rev-parse", "main")}
        event = {"number": self.number, "pull_request": {"number": self.number, "base": base}}
        return run_steps(self.place, checkout, event, self.github.url, inputs)


def run_steps(
    place: Path, checkout: Path, event: dict[str, Any], api: str, inputs: dict[str, str]
) -> Outcome:
    runner = place / "runner"
    shutil.rmtree(runner, ignore_errors=True)
    (runner / "lamina-graph" / "bin").mkdir(parents=True)
    (runner / "lamina-graph" / "bin" / "lamina-graph").symlink_to(
        Path(sys.executable).parent / "lamina-graph"
    )
    (runner / "event.json").write_text(json.dumps(event))
    for name in ("output", "summary"):
        (runner / name).touch()
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "INPUT_"))},
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": api,
        "GITHUB_EVENT_PATH": str(runner / "event.json"),
        "GITHUB_OUTPUT": str(runner / "output"),
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_RUN_ID": "7",
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_STEP_SUMMARY": str(runner / "summary"),
        "RUNNER_TEMP": str(runner),
    }
    given = {name: str(each.get("default", "")) for name, each in ACTION["inputs"].items()} | inputs
    [step] = [each for each in ACTION["runs"]["steps"] if each.get("name") == "Compare"]
    script = runner / "step.sh"
    script.write_text(step["run"])
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
        cwd=checkout,
        env=variables | {name: fill_in(value, given) for name, value in step["env"].items()},
        capture_output=True,
        text=True,
        check=False,
    )
    outputs = dict(line.split("=", 1) for line in (runner / "output").read_text().splitlines())
    summary = (runner / "summary").read_text()
    assert TOKEN not in done.stdout + done.stderr + summary
    assert "Traceback" not in done.stderr
    return Outcome(
        done.returncode, done.stdout + done.stderr, outputs, summary, runner / "lamina-graph-report"
    )


def fill_in(value: str, inputs: dict[str, str]) -> str:
    """Put inputs in the place of GitHub's expressions."""
    text = re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: inputs[match[1]], value)
    return text.replace("${{ github.token }}", TOKEN)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    with github_serving() as github:
        repository = Repository(tmp_path_factory.mktemp("year"), github)
        repository.begin({"reel.json": REEL, "poster.json": app("poster", "Poster")})
        yield repository


@pytest.fixture
def main(repository: Repository) -> Iterator[dict[str, Any]]:
    """The files of main, to which a test adds a pull request of its own."""
    repository.github.written.clear()
    repository.github.status = None
    yield {"reel.json": REEL, "poster.json": app("poster", "Poster")}
    repository.git("checkout", "-q", "main")


POSTER = app("poster", "Poster")
YEAR: dict[str, tuple[dict[str, Any], int, dict[str, int], str]] = {
    "January: an app is added": (
        {"reel.json": REEL, "poster.json": POSTER, "new.json": app("n", "New")},
        0,
        {"added": 1, "cosmetic": 1},
        "New app: New",
    ),
    "February: a file is moved": ({"reel.json": REEL, "shop/poster.json": POSTER}, 0, {"moved": 1}, ""),
    "March: a file is moved and edited": (
        {"reel.json": REEL, "shop/p.json": app("poster", "Poster", "seedreamNode")},
        0,
        {"moved": 1, "changed": 1, "risky": 1},
        "Model swapped",
    ),
    "April: an app is renamed": (
        {"reel.json": REEL, "poster.json": app("poster", "Placard")},
        0,
        {"changed": 1, "cosmetic": 1},
        "App renamed: Poster → Placard",
    ),
    "May: a deliverable is renamed": (
        {"reel.json": REEL_LATER, "poster.json": POSTER},
        1,
        {"changed": 1, "breaking": 1},
        "Deliverable renamed: Reel → Reel 9:&#x200B;16",
    ),
    "June: a file breaks": (
        {"reel.json": REEL, "poster.json": '{"nodes": ['},
        2,
        {"unreadable": 1, "unknown": 1},
        "could not be compared",
    ),
    "July: an app is deleted": ({"reel.json": REEL}, 1, {"removed": 1, "breaking": 1}, "App removed: Poster"),
    "August: a copy takes the place of a file": (
        {"reel.json": REEL, "poster.json": app("other", "Poster")},
        1,
        {"changed": 1, "breaking": 1},
        "The app has another id: poster → other",
    ),
    "September: the folder is emptied": ({}, 1, {"removed": 2, "breaking": 2}, "App removed"),
    "October: nothing of a workflow changes": (
        {"reel.json": REEL, "poster.json": POSTER, "a.txt": "x"},
        0,
        {},
        "",
    ),
}


@pytest.mark.parametrize("month", YEAR)
def test_a_year_of_pull_requests(month: str, repository: Repository, main: dict[str, Any]):
    """Each gets the status of its gate, the counts, and one comment or none; a clone of depth 1 is enough."""
    files, status, counts, says = YEAR[month]
    repository.open_pull_request(files)
    outcome = repository.run_action()
    assert outcome.status == status, outcome.log
    known = ("added", "removed", "changed", "moved", "unreadable", "breaking", "unknown")
    assert {name: int(outcome.outputs[name]) for name in known} == {
        name: counts.get(name, 0) for name in known
    }
    assert outcome.outputs.items() >= {name: str(count) for name, count in counts.items()}.items()
    assert (outcome.report / "changes.html").read_text().startswith("<!doctype html>")
    comments = repository.github.comments.get(repository.number, [])
    assert len(comments) == bool(says)
    if says:
        assert says in comments[0]["body"]
        assert says in outcome.summary
        assert "main → this pull request" in comments[0]["body"]
        assert "https://github.example/o/r/actions/runs/7" in comments[0]["body"]
    if month.startswith("May"):
        assert_annotated_at_the_node(outcome, repository.place / "work" / "workflows" / "reel.json")


def assert_annotated_at_the_node(outcome: Outcome, file: Path) -> None:
    [line] = re.findall(
        r"::error file=workflows/reel\.json,line=(\d+),title=.*Deliverable renamed", outcome.log
    )
    node = file.read_text().splitlines()[int(line) - 1 :]
    assert node[0].strip() == "{"
    assert "Reel 9:16" in "".join(node[:6])


def test_a_comment_follows_a_pull_request_until_nothing_is_left(repository: Repository, main: dict[str, Any]):
    """Written once, left alone while it says the same, edited in place, cleared; others' stay as they are."""
    repository.open_pull_request(main | {"poster.json": app("poster", "Poster", "seedreamNode")})
    number, github = repository.number, repository.github
    for n in range(120):
        github.add(number, f"comment {n}", PERSON)
    others = github.add(number, "of another program")
    repository.run_action()
    own = github.comments[number][-1]
    quoted = github.add(number, own["body"], PERSON)
    repository.run_action()
    repository.push(main | {"poster.json": app("poster", "Poster", "veoNode"), "readme.txt": "x"})
    repository.run_action(depth=None)
    assert "Veo" in own["body"]
    repository.push(main)
    outcome = repository.run_action()
    assert (outcome.status, outcome.outputs["severity"]) == (0, "none")
    assert github.written == [("created", own["id"]), ("updated", own["id"]), ("updated", own["id"])]
    assert "No app differs from the base branch any more." in own["body"]
    assert (others["body"], len(github.comments[number])) == ("of another program", 123)
    assert "Seedream" in quoted["body"]


def test_the_base_moves_on_and_the_comment_says_only_what_the_pull_request_changes(
    repository: Repository, main: dict[str, Any]
):
    """What was merged to main meanwhile is none of its changes."""
    repository.open_pull_request(main | {"new.json": app("n", "New")})
    repository.git("checkout", "-q", "-b", "moved-on", "main")
    repository.commit("elsewhere", main | {"later.json": app("l", "Later")})
    repository.git("checkout", "-q", "--detach", "HEAD")
    repository.git("merge", "-q", "--no-ff", "-m", "trial", f"branch-{repository.number}")
    repository.git("push", "-q", "-f", "origin", f"HEAD:refs/pull/{repository.number}/merge")
    outcome = repository.run_action()
    assert (outcome.status, outcome.outputs["added"], outcome.outputs["removed"]) == (0, "1", "0")


def test_a_file_that_was_broken_before_stops_no_other_pull_request(
    repository: Repository, main: dict[str, Any]
):
    """A file that nobody can read, and nobody touched, is named in the log and is no change."""
    repository.git("checkout", "-q", "-B", "main", "main")
    start = repository.git("rev-parse", "main")
    repository.commit("broken", main | {"old.json": '{"nodes": ['})
    repository.open_pull_request(repository.files | {"new.json": app("n", "New")})
    outcome = repository.run_action()
    assert (outcome.status, outcome.outputs["unknown"], outcome.outputs["added"]) == (0, "0", "1")
    assert "old.json cannot be read, and did not change" in outcome.log
    repository.push(repository.files | {"old.json": '{"nodes": [['})
    outcome = repository.run_action()
    assert (outcome.status, outcome.outputs["unreadable"]) == (2, "1")
    assert "::warning file=workflows/old.json,title=old.json" in outcome.log
    repository.git("checkout", "-q", "-B", "main", start)


@pytest.mark.parametrize("status", [403, 500])
def test_without_the_right_to_comment_the_summary_has_it_all(
    status: int, repository: Repository, main: dict[str, Any]
):
    """A fork's token may only read: the job says so, and its gate and its summary are as ever."""
    repository.github.status = status
    repository.open_pull_request({"reel.json": REEL})
    outcome = repository.run_action()
    assert outcome.status == 1
    assert repository.github.comments.get(repository.number, []) == []
    assert "App removed: Poster" in outcome.summary
    assert (
        f"::{'notice' if status == 403 else 'warning'} title=lamina-graph could not comment::" in outcome.log
    )


def test_other_peoples_names_ping_nobody(repository: Repository, main: dict[str, Any]):
    """In the comment and the summary no name mentions, links or closes anything."""
    hostile = "@someone fixes #12 GH-3 https://evil.example <img src=x> [a](b) o/r#4 0123456789abcdef"
    files = {"@team #9.json": app("x", hostile, label=hostile), "y.json": app("y", hostile[::-1])}
    repository.open_pull_request(main | files)
    outcome = repository.run_action()
    [comment] = repository.github.comments[repository.number]
    for text in (comment["body"], outcome.summary):
        assert "someone" in text
        shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
        plain = re.sub(r"<(code|pre)\b.*?</\1>|<!--.*?-->", "", shown, flags=re.DOTALL)
        assert not re.search(r"@\w|#\d|GH-\d|https?://(?!github\.example)|<img|0123456", plain, re.IGNORECASE)


def test_a_report_past_the_limits_of_github_says_what_it_leaves_out(
    repository: Repository, main: dict[str, Any]
):
    """A comment has 65,536 characters and a summary 1 MiB; the page among the run's files has everything."""

    def crowd(label: str) -> dict[str, Any]:
        nodes = [{"id": f"n{n}", "type": "fluxNode", "label": f"{label} {n} {'x' * 60}"} for n in range(150)]
        return {
            f"{n}.json": {"appId": f"a{n}", "name": f"App {n}", "nodes": nodes, "edges": []} for n in range(6)
        }

    repository.git("checkout", "-q", "main")
    repository.commit("many", main | crowd("then"))
    repository.git("push", "-q", "origin", "main")
    repository.open_pull_request(main | crowd("now"))
    outcome = repository.run_action()
    [comment] = repository.github.comments[repository.number]
    assert len(comment["body"]) <= 65_536
    assert len(outcome.summary.encode()) <= 2**20
    assert "more, not listed here; the files of this run have them all" in comment["body"]
    assert outcome.summary.count("Label changed") + outcome.summary.count("renamed") >= 6 * 150
    page = (outcome.report / "changes.html").read_text()
    assert page.count("<h3>") >= 6


@pytest.mark.parametrize(
    ("inputs", "status", "says"),
    [
        ({"path": "flows"}, 2, "no workflow in flows"),
        ({"base": "nowhere", "fail-on": "risky"}, 2, "nowhere"),
        ({"uses": "nowhere.toml", "token": ""}, 2, "nowhere.toml"),
        ({"fail-on": "never", "comment": "false"}, 0, ""),
    ],
)
def test_inputs_that_are_misspelt_fail_the_job(
    inputs: dict[str, str], status: int, says: str, repository: Repository, main: dict[str, Any]
):
    """Nothing compared is never a quiet success; without a comment or a gate the rest is as ever."""
    repository.open_pull_request({"reel.json": REEL})
    outcome = repository.run_action(**inputs)
    assert outcome.status == status, outcome.log
    assert says in outcome.log
    assert len(repository.github.comments.get(repository.number, [])) == (
        1 if inputs.keys() & {"path", "base"} else 0
    )


def test_a_push_is_compared_with_the_commit_before_it(repository: Repository, main: dict[str, Any]):
    repository.git("checkout", "-q", "--detach", "main")
    before = repository.git("rev-parse", "HEAD")
    repository.commit("push", {"reel.json": REEL})
    outcome = run_steps(
        repository.place, repository.place / "work", {"before": before}, repository.github.url, {}
    )
    assert outcome.status == 1
    assert "App removed: Poster" in outcome.summary
    assert repository.github.written == []


def test_the_action_installs_its_own_version_and_keeps_inputs_out_of_scripts():
    """No name on an index stands in it, and no input is put into a script, where it could be a command."""
    steps = ACTION["runs"]["steps"]
    scripts = [step["run"] for step in steps if "run" in step]
    assert not any("${{" in script for script in scripts)
    assert '"${INSTALL:-$GITHUB_ACTION_PATH}"' in scripts[0]
    assert ACTION["inputs"]["install"]["default"] == ""
    ids = {step.get("id") for step in steps}
    for output in ACTION["outputs"].values():
        assert re.fullmatch(r"\$\{\{ steps\.(\w+)\.outputs\.\w+ \}\}", output["value"])[1] in ids
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in steps if "uses" in step)


def test_the_page_on_ci_names_every_input_output_and_hook():
    """What the page shows is YAML, and uses what there is."""
    page = (ROOT / "docs" / "ci.md").read_text()
    for name in (*ACTION["inputs"], *ACTION["outputs"], *HOOKS):
        assert f"`{name}`" in page, name
    recipe, hooks = (
        yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    )
    [job] = recipe["jobs"].values()
    assert set(job["steps"][1]["with"]) <= set(ACTION["inputs"])
    assert [hook["id"] for hook in hooks["repos"][0]["hooks"]] == list(HOOKS)


HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


@pytest.mark.parametrize(
    ("hook", "change", "status"),
    [
        ("lamina-graph-lint", {}, 0),
        ("lamina-graph-lint", {"poster.json": '{"nodes": ['}, 2),
        ("lamina-graph-gate", {}, 0),
        ("lamina-graph-gate", {"poster.json": app("poster", "Poster", "seedreamNode")}, 0),
        (
            "lamina-graph-gate",
            {"poster.json": app("poster", "Poster", label="Other") | {"nodes": [], "edges": []}},
            1,
        ),
    ],
)
def test_the_hooks_of_pre_commit_check_what_is_committed(
    hook: str, change: dict[str, Any], status: int, repository: Repository, main: dict[str, Any]
):
    """pre-commit calls the entry with its arguments, and with the files where the hook takes them."""
    repository.git("checkout", "-q", "--detach", "main")
    wanted = HOOKS[hook]
    folder = repository.place / "work" / "workflows"
    for name, content in change.items():
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    names = [f"workflows/{path.name}" for path in sorted(folder.glob("*.json"))]
    assert all(re.search(wanted["files"], name) for name in names)
    words = [
        *shlex.split(wanted["entry"]),
        *wanted["args"],
        *(names if wanted.get("pass_filenames", True) else []),
    ]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        words,
        cwd=repository.place / "work",
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    repository.git("checkout", "-q", "-f", "main")
    assert done.returncode == status, done.stdout + done.stderr
