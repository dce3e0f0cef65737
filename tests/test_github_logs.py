"""Nothing that a command prints is obeyed by the runner of GitHub Actions, whoever wrote it.

The runner reads what a step prints, line by line: `::command::` at the beginning, after blanks, and
`##[command]` anywhere. Every command and every form of its output is tried on workflows, files, a store and
answers of an API that hold both wherever other people choose the words.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from commandline import api as access
from commandline import command, commands, lamina
from hostile import misleading
from lifecycle import Script
from loopback import Loopback, error, serving

import lamina_graph.sync
from lamina_graph.client import RetryPolicy
from lamina_graph.store import FetchResult, FetchScope, Store

OWNED = "::error::owned\n\r ::set-env name=X::owned\u2028::group::owned ##[error]owned"
OWNED += " \x9b1m\x1b]0;x\x07\u202eexe"
"""Commands to the runner in both ways of giving them; escapes and overrides, which terminals obey."""

NAME = OWNED.replace("\r", "")
"""The same as a name of a file."""

APP = "5c9bae79-c533-4aee-88fa-2d3ce6268d3f"
RUN = "0f6e0c4e-aaaa-4bbb-8ccc-123456789abc"


def workflow(version: int) -> dict[str, Any]:
    """An app that holds commands at every place that other people fill; versions differ in all of them."""
    word = f"{OWNED}{version}"
    nodes = [
        {"id": "in", "type": "textInputNode", "label": OWNED, "data": {OWNED: word}},
        {"id": OWNED, "type": "klingVideoNode", "label": word, OWNED: word},
        {"id": word, "type": word, "label": word, "data": {"prompt": word, "model": OWNED}},
        {"id": "out", "type": "videoOutputNode", "label": word},
    ]
    edges = [
        {"source": "in", "target": OWNED, "targetHandle": word},
        {"source": OWNED, "target": word, "sourceHandle": OWNED},
        {"source": word, "target": "out"},
        {"source": "out", "target": f"{word} nowhere"},
    ]
    return {"appId": APP, "name": OWNED, "nodes": nodes, "edges": edges, OWNED: word}


def estimate(credits: int) -> dict[str, Any]:
    breakdown = [{"nodeId": OWNED, "credits": credits}]
    return {"appId": APP, "estimatedCredits": {"expected": credits}, "breakdown": breakdown}


def record(place: Path, url: str) -> None:
    """Record two versions of the app a day apart, then a run that could not read it."""
    now = datetime.now(UTC)
    prices = estimate(1)
    with Store(str(place)) as store:
        for days, version in ((2, 1), (1, 2)):
            at = now - timedelta(days=days)
            run = store.begin(url, FetchScope(detail=True, estimate=True), at)
            parameters = [{"id": "in", "key": OWNED, "name": f"{OWNED}{version}", "type": OWNED}]
            detail = {
                "appId": APP,
                "name": OWNED,
                "description": OWNED,
                "parameters": parameters,
                "outputs": [{"index": 0, "label": f"{OWNED}{version}", "type": OWNED}],
            }
            parts = {"workflow": workflow(version), "detail": detail, "estimate": prices}
            store.record(run.id, [FetchResult(app_id=APP, at=at, name=OWNED, **parts)])
            store.finish(run.id, at, complete=True)
        run = store.begin(url, FetchScope(), now)
        store.record(run.id, [FetchResult(app_id=APP, at=now, name=OWNED, outcome="unknown", why=OWNED)])
        store.fail(run.id, now, OWNED)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A repository, a store and an API, all of which hold commands to the runner."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lamina_graph.sync, "CATALOGUE_RETRIES", RetryPolicy(attempts=1))
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        monkeypatch.setenv(name, str(tmp_path / name))
    (folder := tmp_path / "workflows").mkdir()
    run = {"runId": OWNED, "status": "completed", "workflowId": APP, "inputs": {OWNED: OWNED}}
    run["outputs"] = [{"id": OWNED, "label": OWNED, "type": OWNED, "value": OWNED, "error": OWNED}]
    body = {"appId": APP, "inputs": {OWNED: OWNED}}
    for name, content in {"run": run, "price": estimate(3), "old": workflow(1), "body": body}.items():
        Path(f"{name}.json").write_text(json.dumps(content))
    Path("broken.json").write_text(json.dumps({OWNED: 1, "nodes": [{"id": {OWNED: 1}}], "edges": OWNED}))
    Path("uses.toml").write_text(f"[[app]]\nname = {json.dumps(OWNED)}\ninputs = [{json.dumps(OWNED)}]\n")
    file = folder / f"{NAME}.json"
    for version in (1, 2):
        file.write_text(json.dumps(workflow(version)))
        if version == 1:
            for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", OWNED]):
                subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", *words], check=True)
    (folder / f"{NAME} broken.json").write_text(json.dumps({OWNED: 1, "nodes": [{"id": OWNED}], "edges": 1}))
    served = Loopback(limit=10**6)
    served.apps = {APP: workflow(2)}
    served.runs.script = Script(queued=0, each=0, fails={"*": OWNED}, quality={"score": 0.5})
    with serving(served):
        record(tmp_path / "store.db", served.url)
        yield served


TRIED: dict[str, tuple[tuple[str, ...], ...]] = {
    "app": ((APP,), (OWNED,)),
    "apps": ((), ("--discover", OWNED)),
    "auth status": ((),),
    "changes": (("--since", "3d"), ("--since", "3d", "--uses", "uses.toml"), ("--since", OWNED)),
    "classify": (
        ("workflows",),
        ("workflows", "--explain"),
        ("old.json", "--why-not", "video"),
        ("old.json", "--why-not", OWNED),
        ("broken.json",),
    ),
    "completion install": (("bash",), (OWNED,)),
    "completion show": (("bash",),),
    "config show": ((), ("--config", NAME)),
    "diff": (
        ("old.json", f"workflows/{NAME}.json"),
        ("old.json", f"workflows/{NAME}.json", "--brief"),
        ("old.json", f"workflows/{NAME}.json", "--uses", "uses.toml", "--fail-on", "breaking"),
        ("old.json", f"workflows/{NAME}.json", "--fail-on", OWNED),
        ("HEAD:workflows", "workflows"),
        ("HEAD", "--", "workflows"),
        ("app:" + OWNED + "@~1", "app:" + OWNED + "@latest"),
    ),
    "export": (("old.json",), ("broken.json",)),
    "fetch": ((APP,), (OWNED,), ("--all", "-o", NAME)),
    "find": (("*", "workflows"), (OWNED, "workflows")),
    "git-config": (("--enable", "--pattern", NAME), ("--disable", "--pattern", NAME)),
    "history": ((APP,), (OWNED,), (OWNED * 2,)),
    "init": ((), ("--nightly", "--install", OWNED)),
    "lint": (("workflows",), ("old.json", "--fail-on", OWNED)),
    "mcp": (("--root", NAME),),
    "render": (
        ("old.json",),
        ("old.json", "--strip"),
        ("old.json", "--focus", OWNED),
        ("old.json", "--focus", OWNED * 2),
        ("old.json", "--run", "run.json"),
        ("old.json", "--estimate", "price.json"),
        ("old.json", "--highlight", OWNED, "--lines", "modality"),
        ("workflows", "-o", "pictures/"),
    ),
    "report": (("workflows",), ("workflows", "--estimate", "price.json"), ("--all",)),
    "rules": ((),),
    "run": (
        (APP, "-i", f"{OWNED}={OWNED}", "--dry-run"),
        (APP, "-i", f"{OWNED}={OWNED}", "--yes"),
        (APP, "--yes", "--wait"),
    ),
    "runs cancel": ((RUN,), (OWNED,)),
    "runs get": ((RUN,), (OWNED,)),
    "runs list": ((), ("--app", OWNED)),
    "runs receive": (("--port", OWNED), ("-o", "old.json")),
    "runs wait": ((RUN,), (OWNED,)),
    "schema": (("show",), (OWNED,)),
    "show": (("old.json",), ("old.json", "--ages"), ("old.json", "--run", "run.json"), (OWNED,), (NAME,)),
    "similar": (("old.json", "workflows"), ("--all", "workflows"), ("--groups", "workflows", "old.json")),
    "snapshot": (("--all",), (OWNED,), ("--all", "--detail", "--estimate")),
    "store export": (("exported",), (f"{NAME}/x",)),
    "store import": (("workflows",), (NAME,)),
    "store info": ((),),
    "store prune": (("--keep", "1"), ("--keep", OWNED)),
    "store remove": (("--damaged",), (OWNED,)),
    "uses": (("--from-runs", "body.json"), ("--from-runs", "run.json", "--app", OWNED)),
    "git-driver": (("textconv", "old.json"), ("diff", NAME, "old.json", "1", "2", "run.json", "3", "4")),
    "github-action": (("--path", "workflows", "--base", "HEAD"), ("--path", NAME)),
    OWNED: ((),),
}
"""What each command is given; each is also run in every form that it has."""


def forms(name: str) -> list[str | None]:
    """Return the formats of a command that are text, and None for what it prints unless asked."""
    if (found := command(tuple(name.split()))) is None:
        return [None]
    kinds = [each.type for each in found.params if "-f" in each.opts]
    return [None, *(form for kind in kinds for form in kind.choices if form not in ("png", "pdf"))]


def obeyed(printed: str) -> Iterator[str]:
    """Yield the lines that the runner would obey, as it and other programs break lines."""
    for line in {*printed.splitlines(), *re.split(r"\r\n|[\r\n]", printed)}:
        if line.lstrip().startswith("::") or "##[" in line:
            yield line


def is_meant(line: str) -> bool:
    """Whether a line is an annotation of this program, which holds no command besides."""
    return bool(re.fullmatch(r"::(error|warning|notice) [^:]*::.*", line)) and "##[" not in line


def run(api: Loopback, name: str, words: tuple[str, ...], form: str | None) -> Result:
    asked = (*name.split(" "), *words) if name != OWNED else (OWNED,)
    form_ = ("-f", form) if form else ()
    return lamina(
        "--store",
        "store.db",
        "--debug",
        *asked[:1],
        *form_,
        *asked[1:],
        env=access(api, GITHUB_ACTIONS="true", HOME=".", COLUMNS="80"),
    )


def test_every_command_is_tried():
    assert {" ".join(path) for path in commands()} <= {*TRIED}


@pytest.mark.parametrize("name", TRIED, ids=lambda name: re.sub(r"\W+", "-", name))
def test_nothing_that_is_printed_is_a_command_to_the_runner(place: Loopback, name: str):
    """Neither on stdout nor on stderr, in any form; annotations are the one exception.

    Nor does a terminal obey it, and nothing hides in JSON and CSV.
    """
    for fails in (False, True):
        if fails:
            place.fault(error(400, OWNED, OWNED, requestId=OWNED))
        for words in TRIED[name]:
            for form in [None] if fails else forms(name):
                done = run(place, name, words, form)
                found = [*obeyed(done.stdout), *obeyed(done.stderr)]
                if form == "github" or name == "github-action":
                    found = [line for line in found if not is_meant(line)]
                assert found == [], (words, form)
                assert misleading(done.stderr) == set(), (words, form)
                if form in ("json", "csv", "text") or forms(name) == [None]:
                    assert misleading(done.stdout) == set(), (words, form)
