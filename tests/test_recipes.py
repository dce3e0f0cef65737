"""What is set up for others: the nightly job, what it installs, and how to install what is missing."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from commandline import api, lamina
from loopback import Loopback
from packages import list_files, list_missing, try_out

from lamina_graph.installation import EXTRAS, find_source, install_hint

ROOT = Path(__file__).parent.parent
NIGHTLY = Path(".github/workflows/lamina-nightly.yml")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
GIT = {"vcs": "git", "commit_id": COMMIT, "requested_revision": "main"}
HASH = {"hashes": {"sha256": "ab12"}, "hash": "sha256=ab12"}

ORIGINS: dict[str, tuple[Any, str | None]] = {
    "a git repository": (
        {"url": "https://git.example/o/r.git", "vcs_info": GIT},
        f"lamina-graph @ git+https://git.example/o/r.git@{COMMIT}",
    ),
    "a git repository whose address holds a password": (
        {"url": "https://me:secret@git.example/o/r.git", "vcs_info": GIT},
        f"lamina-graph @ git+https://git.example/o/r.git@{COMMIT}",
    ),
    "a git repository over ssh": (
        {"url": "ssh://git@git.example/o/r.git", "vcs_info": GIT},
        f"lamina-graph @ git+ssh://git@git.example/o/r.git@{COMMIT}",
    ),
    "a folder of a git repository": (
        {"url": "https://git.example/o/r.git", "vcs_info": GIT, "subdirectory": "py"},
        f"lamina-graph @ git+https://git.example/o/r.git@{COMMIT}#subdirectory=py",
    ),
    "an archive": (
        {"url": "https://files.example/l.whl", "archive_info": HASH},
        "lamina-graph @ https://files.example/l.whl#sha256=ab12",
    ),
    "an archive without a hash": (
        {"url": "https://files.example/l.whl", "archive_info": {}},
        "lamina-graph @ https://files.example/l.whl",
    ),
    "a package index": (None, "lamina-graph==1.2.3"),
    "a folder of this machine": ({"url": "file:///src", "dir_info": {"editable": True}}, None),
    "a git repository of this machine": ({"url": "file:///src", "vcs_info": GIT}, None),
    "an archive of this machine": ({"url": "file:///l.whl", "archive_info": HASH}, None),
    "a line that anybody may write to": ({"url": "http://files.example/l.whl", "archive_info": HASH}, None),
    "a record that says nothing": ({}, None),
    "a damaged record": ("{", None),
    "a record of another kind": ([1], None),
}


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_job_installs_what_is_installed_here(origin: str, tmp_path: Path):
    """By the record of PEP 610: the same commit, archive or version; what is only here is nowhere else."""
    record, source = ORIGINS[origin]
    folder = tmp_path / "lamina_graph-1.2.3.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: lamina-graph\nVersion: 1.2.3\n")
    (folder / "INSTALLER").write_text("pip\n")
    if record is not None:
        (folder / "direct_url.json").write_text(record if isinstance(record, str) else json.dumps(record))
    assert find_source(PathDistribution(folder)) == source


def test_a_hint_names_the_packages_that_an_extra_needs():
    """The project's own name may be on no index, or somebody else's: what is missing is named itself."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {extra: [package] for extra, package in EXTRAS.items()} == {
        extra: packages for extra, packages in extras.items() if extra != "dev"
    }
    assert install_hint("pdf").endswith(f"pip install '{EXTRAS['pdf']}'")


def test_no_text_of_the_program_or_the_documentation_installs_a_name_that_nobody_owns():
    pages = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md", *(ROOT / "lamina_graph").rglob("*.[pyt]*")]
    sources = [page for page in pages if page.is_file() and page.parent.name != "__pycache__"]
    texts = {page: page.read_text(errors="replace") for page in sources}
    wrong = re.compile(
        r"(?:pip|pipx|uv|uvx)\b[^\n`]*?\b(?:install|run)\b[^\n`]*\s'?lamina-graph(?:\[|\s|$|'|`)"
    )
    assert [str(page) for page, text in texts.items() if wrong.search(text)] == []


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def steps(path: Path = NIGHTLY) -> dict[str, dict[str, Any]]:
    recipe = yaml.safe_load(path.read_text())
    [job] = recipe["jobs"].values()
    return {step.get("name") or step["uses"].partition("@")[0]: step for step in job["steps"]}


def test_init_fetches_nothing_that_was_not_asked_for(here: Path, loopback: Loopback):
    """It writes files, leaves those that are there, and takes a snapshot only on request."""
    result = lamina("--store", "lamina.db", "init", env=api(loopback))
    assert (result.exit_code, loopback.seen) == (0, []), result.stderr
    assert [path.name for path in here.rglob("*")] == [".lamina-graph.toml"]
    Path(".lamina-graph.toml").write_text("# mine\n")
    lamina("--store", "lamina.db", "init", "--snapshot", env=api(loopback))
    assert Path(".lamina-graph.toml").read_text() == "# mine\n"
    assert Path("lamina.db").exists()
    assert lamina("init", "--snapshot", "--nightly", env={"HOME": str(here)}).exit_code == 4


def test_a_nightly_job_without_a_known_source_asks_for_it_and_stops(here: Path):
    """A copy that was installed from a folder is nowhere else: the job stops, and says what it lacks."""
    result = lamina("init", "--nightly")
    assert result.exit_code == 2
    assert "--install SPEC" in result.stderr
    install = steps()["Install"]
    assert install["env"] == {"LAMINA_GRAPH": ""}
    done = subprocess.run(
        ["bash", "-e", "-c", install["run"]],
        env={**os.environ, "LAMINA_GRAPH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.startswith("::error::")) == (1, True)
    spec = f"lamina-graph @ git+https://git.example/o/r@{COMMIT}"
    assert lamina("init", "--nightly", "--install", spec).exit_code == 0
    assert steps()["Install"]["env"] == {"LAMINA_GRAPH": spec}
    NIGHTLY.write_text("mine")
    lamina("init", "--nightly", "--install", spec)
    assert NIGHTLY.read_text() == "mine"


@pytest.mark.parametrize("spec", ["", " ", "-r x", "--index-url=https://x", "a\nb", "a ${{ secrets.X }}"])
def test_what_pip_or_github_would_obey_is_no_source(spec: str, here: Path):
    result = lamina("init", "--nightly", "--install", spec)
    assert result.exit_code == 2
    assert not NIGHTLY.exists()


def test_cache_key_rerun_is_a_key_of_its_own(here: Path):
    """A cache is never written over: a job that is run again needs a key of its own to keep its store."""
    lamina("init", "--nightly", "--install", "x")
    keys = {step["with"]["key"] for name, step in steps().items() if name.startswith("actions/cache")}
    assert keys == {"lamina-${{ github.run_id }}-${{ github.run_attempt }}"}


def test_only_the_snapshot_of_the_nightly_job_sees_the_key(here: Path):
    lamina("init", "--nightly", "--install", "x")
    text = NIGHTLY.read_text()
    assert text.count("secrets.") == 1
    assert steps()["Snapshot"]["env"] == {"LAMINA_API_KEY": "${{ secrets.LAMINA_API_KEY }}"}
    assert not any("${{" in step.get("run", "") for step in steps().values())


GH = """\
#!/bin/bash
# Keeps what an issue would be told.
case "$*" in
  "issue list"*) cat issues ;;
  "issue create"*|"issue comment"*) echo "$1 $2" >> told; cat changes.md >> told; echo 7 > issues ;;
esac
"""


def test_the_nightly_job_says_each_change_once(here: Path, loopback: Loopback):
    """Its steps run with bash: the first night has nothing to compare with, a quiet one is quiet."""
    loopback.apps = dict(sorted(loopback.apps.items())[:2])
    lamina("init", "--nightly", "--install", "x")
    (here / "gh").write_text(GH)
    (here / "gh").chmod(0o755)
    (here / "issues").touch()
    path = f"{here}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {**os.environ, **api(loopback), "PATH": path, "GITHUB_STEP_SUMMARY": str(here / "summary")}

    def night() -> tuple[int, int, str]:
        (here / "told").unlink(missing_ok=True)
        [_, *words] = shlex.split(steps()["Snapshot"]["run"])
        taken = lamina(*words, env=api(loopback)).exit_code
        script = ["bash", "-e", "-c", steps()["Report"]["run"]]
        status = subprocess.run(script, env=env, capture_output=True, check=False).returncode
        return taken, status, (here / "told").read_text() if (here / "told").exists() else ""

    taken, status, told = night()
    assert (taken, status) == (0, 2)
    assert "the store begins" in told
    assert night() == (0, 0, "")
    id_, workflow = next((id_, app) for id_, app in loopback.apps.items() if app["nodes"])
    loopback.apps[id_] = {**workflow, "nodes": [], "edges": []}
    _, status, told = night()
    assert (status, "issue comment" in told, "removed" in told) == (1, True, True)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel and the source distribution, built as a release builds them."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    return {path.suffix: path for path in folder.iterdir()}


@pytest.mark.parametrize("kind", [".whl", ".gz"])
def test_a_package_has_every_file_of_the_program(kind: str, packages: dict[str, Path]):
    """A wheel brings the program alone; a source distribution brings what tests and the action need too."""
    assert list_missing(packages[kind]) == []
    files = list_files(packages[kind])
    if kind == ".whl":
        assert {name.partition("/")[0].partition("-")[0] for name in files} == {"lamina_graph"}
    else:
        assert files >= {"README.md", "LICENSE", "action.yml", "tests/packages.py", "samples/chain.json"}


def test_the_program_works_from_its_wheel_alone(packages: dict[str, Path], tmp_path: Path):
    """Nothing of the checkout is used: templates, fonts and words come from the wheel."""
    with zipfile.ZipFile(packages[".whl"]) as wheel:
        wheel.extractall(tmp_path / "wheel")
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "wheel")}
    code = "import lamina_graph; print(lamina_graph.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(str(tmp_path / "wheel"))
    (tmp_path / "use").mkdir()
    try_out([sys.executable, "-m", "lamina_graph"], tmp_path / "use", env)


def test_a_release_is_checked_before_it_is_published_and_stores_no_secret():
    """Trusted publishing and attestations: the job that publishes has the right to, and nothing else."""
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    jobs = yaml.safe_load(text)["jobs"]
    assert "secrets." not in text
    assert any(step.get("run") == "make dist" for step in jobs["build"]["steps"])
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert jobs["publish"]["needs"] == "build"
    assert jobs["publish"]["permissions"]["id-token"] == "write"


def test_the_container_file_copies_what_there_is():
    text = (ROOT / ".github" / "Containerfile").read_text()
    copied = [words.split()[:-1] for words in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)]
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
