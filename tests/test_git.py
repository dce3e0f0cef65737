"""Reading files at a revision, and this program as git's diff driver, with a real repository."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import carriers
import comfyui
import pytest
from commandline import lamina

from lamina_graph.errors import InputError, RefError
from lamina_graph.git import disable_driver, enable_driver, read, repair_driver

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"

OLD = {
    "name": "Reels",
    "nodes": [{"id": "text", "type": "textInputNode"}, {"id": "clip", "type": "klingVideoNode"}],
    "edges": [{"source": "text", "target": "clip"}],
}
NEW = OLD | {"nodes": [OLD["nodes"][0], {"id": "clip", "type": "veoVideoNode"}]}


def test_a_commit_alone_is_no_workflow_and_the_error_says_how_to_name_one(
    repository: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(repository)
    monkeypatch.delenv("LAMINA_API_KEY", raising=False)
    said = {rev: lamina("diff", rev, "HEAD").stderr for rev in ("HEAD~1", "HEAD~9")}
    assert "It is a commit: name a file or a folder in it, as HEAD~1:PATH." in said["HEAD~1"]
    assert "It is a commit" not in said["HEAD~9"]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a workflow in two commits, in a home of its own."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CONFIG_GLOBAL", "GIT_EXTERNAL_DIFF"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_PAGER", "cat")
    here = tmp_path / "repository"
    (here / "workflows").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    git(here, "init", "-q", "-b", "main")
    git(here, "config", "user.email", "a@example.org")
    git(here, "config", "user.name", "A")
    commit(here, "first", {"workflows/app.json": OLD})
    commit(here, "second", {"workflows/app.json": NEW})
    return here


def git(here: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=here, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(here: Path, message: str, files: dict[str, object]) -> None:
    for name, content in files.items():
        (here / name).write_text(content if isinstance(content, str) else json.dumps(content))
    git(here, "add", "-A")
    git(here, "commit", "-q", "-m", message)


def test_reads_a_file_at_a_revision(repository: Path):
    assert json.loads(read("HEAD", "workflows/app.json", repository)) == NEW
    assert json.loads(read("HEAD~1", "workflows/app.json", repository)) == OLD
    assert json.loads(read("HEAD", "./app.json", repository / "workflows")) == NEW


@pytest.mark.parametrize(
    ("rev", "path", "says", "advises"),
    [
        ("HEAD", "none.json", "HEAD:none.json: path 'none.json' does not exist in 'HEAD'", "git log"),
        ("nowhere", "workflows/app.json", "there is no such revision", "a branch, a tag or a commit"),
        ("HEAD~9", "workflows/app.json", "there is no such revision", "a branch, a tag or a commit"),
        ("0" * 40, "workflows/app.json", "there is no such revision", "a branch, a tag or a commit"),
        ("maim", "workflows/app.json", "there is no such revision", "Did you mean main?"),
        ("HEAD", "workflows", "a folder; expected a file", "such as HEAD:workflows/app.json."),
        ("HEAD", "app.json", "path 'app.json' does not exist", "Did you mean HEAD:workflows/app.json?"),
        ("HEAD", "workflows/ap.json", "does not exist in 'HEAD'", "Did you mean HEAD:workflows/app.json?"),
        ("", "app.json", "neither on disk nor in the index", "Did you mean :workflows/app.json?"),
        ("--help", "x", "--help is not a git revision", "a branch, a tag or a commit"),
        ("-x", "x", "-x is not a git revision", "a branch, a tag or a commit"),
        ("HEAD\0", "x", "not a name that git accepts", "null characters"),
    ],
)
def test_a_missing_file_or_revision_is_named(repository: Path, rev: str, path: str, says: str, advises: str):
    with pytest.raises(RefError) as caught:
        read(rev, path, repository)
    assert says in str(caught.value)
    assert advises in caught.value.hint


def test_a_revision_is_never_read_as_an_option(repository: Path):
    with pytest.raises(RefError, match="not a git revision"):
        read("--output=stolen", "workflows/app.json", repository)
    assert not list(repository.glob("stolen*"))


def test_outside_a_repository_a_revision_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(RefError):
        read("HEAD", "app.json", tmp_path)
    with pytest.raises(InputError, match="not a git repository"):
        enable_driver(tmp_path)


def test_a_missing_git_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="git is not installed"):
        read("HEAD", "app.json", tmp_path)


def test_git_hints_in_a_shallow_clone(repository: Path, tmp_path: Path):
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", "shallow")
    with pytest.raises(RefError, match="this clone is shallow, and does not have HEAD~1") as caught:
        read("HEAD~1", "workflows/app.json", tmp_path / "shallow")
    assert "git fetch --unshallow" in caught.value.hint
    assert "fetch-depth: 0" in caught.value.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give files away")
def test_git_hints_in_a_repository_of_another_user(repository: Path):
    for path in [repository, *repository.rglob("*")]:
        os.chown(path, 65534, 65534)
    with pytest.raises(RefError, match="belongs to another user") as caught:
        read("HEAD", "workflows/app.json", repository)
    assert f"git config --global --add safe.directory {repository}" in caught.value.hint


def test_git_hints_before_the_first_commit(repository: Path, tmp_path: Path):
    git(tmp_path, "init", "-q", "empty")
    with pytest.raises(RefError, match="has no commit yet"):
        read("HEAD", "app.json", tmp_path / "empty")


def test_git_hints_do_not_depend_on_the_language(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    with pytest.raises(RefError, match="there is no such revision"):
        read("nowhere", "app.json", repository)


def test_a_folder_that_is_gone_is_not_a_missing_git(tmp_path: Path):
    with pytest.raises(InputError, match="there is no such folder"):
        read("HEAD", "app.json", tmp_path / "gone")


def state(*files: Path) -> list[str | None]:
    return [file.read_text() if file.exists() else None for file in files]


def test_disabling_restores_the_configuration_exactly(repository: Path):
    config, attributes = repository / ".git" / "config", repository / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text("*.png binary")
    before = state(config)
    enable_driver(repository)
    assert attributes.read_text().startswith("*.png binary\n# lamina-graph: begin\n")
    disable_driver(repository)
    assert state(config) == before
    assert attributes.read_text() == "*.png binary\n"


@pytest.mark.parametrize(
    ("own", "kept"),
    [
        ("# lamina-graph: begin\n*.flow diff=lamina-graph\n", ""),
        ("# lamina-graph: begin\n*.flow diff=lamina-graph\n# lamina-graph: end", ""),
        (
            "# lamina-graph: begin\n*.flow diff=lamina-graph\n*.gif binary\n# lamina-graph: end\n",
            "*.gif binary\n",
        ),
        ("# lamina-graph: begin\n*.flow diff=lamina-graph\n\n*.pdf diff=pdf\n", "\n*.pdf diff=pdf\n"),
    ],
)
def test_disabling_removes_only_lines_of_its_own(repository: Path, own: str, kept: str):
    attributes = repository / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text(f"*.png binary\n{own}")
    enable_driver(repository)
    disable_driver(repository)
    assert attributes.read_text() == f"*.png binary\n{kept}"


def test_enabling_twice_is_enabling_once(repository: Path):
    files = repository / ".git" / "config", repository / ".git" / "info" / "attributes"
    enable_driver(repository)
    once = state(*files)
    enable_driver(repository)
    assert state(*files) == once


def test_disabling_without_enabling_changes_nothing(repository: Path):
    files = repository / ".git" / "config", repository / ".git" / "info" / "attributes"
    before = state(*files)
    disable_driver(repository)
    assert state(*files) == before


def test_patterns_say_which_files_are_workflows(repository: Path):
    enable_driver(repository, patterns=["my apps/*.json", "*.flow"])
    found = git(repository, "check-attr", "diff", "my apps/a.json", "b.flow", "workflows/app.json")
    assert [line.rsplit(": ", 1)[1] for line in found.splitlines()] == [
        "lamina-graph",
        "lamina-graph",
        "unspecified",
    ]
    with pytest.raises(InputError):
        enable_driver(repository, patterns=["a\nb"])


@pytest.mark.parametrize(
    "path",
    ["workflows/app.json", "workflows/a/b.png", "x/workflows/a.json", "a.workflow.json", "a.workflow.png"],
)
def test_by_default_folders_named_workflows_hold_workflows(repository: Path, path: str):
    enable_driver(repository)
    assert git(repository, "check-attr", "diff", path).endswith(": lamina-graph\n")


def test_a_global_driver_works_in_every_repository(repository: Path):
    enable_driver(repository, for_user=True)
    assert "lamina-graph" in (Path(os.environ["HOME"]) / ".gitconfig").read_text()
    assert not (repository / ".git" / "info" / "attributes").exists()
    assert git(repository, "check-attr", "diff", "workflows/app.json").endswith(": lamina-graph\n")
    disable_driver(repository, for_user=True)
    assert git(repository, "check-attr", "diff", "workflows/app.json").endswith(": unspecified\n")


def test_git_diff_shows_the_changes(repository: Path):
    enable_driver(repository)
    shown = git(repository, "diff", "HEAD~1")
    assert "Model swapped: Kling Video → Veo Video" in shown


def test_git_diff_keeps_to_the_configuration(repository: Path):
    enable_driver(repository)
    (repository / ".lamina-graph.toml").write_text('[diff.severity]\nnode-retyped = "ignore"\n')
    assert "Reels: 1 ignored" in git(repository, "diff", "HEAD~1")
    (repository / ".lamina-graph.toml").write_text('[diff.severity]\nnode-retyped = "awful"\n')
    assert "not compared: " in git(repository, "diff", "HEAD~1")


def test_git_diff_leaves_out_the_fields_that_the_configuration_ignores(repository: Path):
    enable_driver(repository)
    commit(repository, "third", {"workflows/app.json": NEW | {"savedAt": "today"}})
    assert "savedAt" in git(repository, "diff", "HEAD~1")
    (repository / ".lamina-graph.toml").write_text('[diff]\nignore = ["savedAt"]\n')
    assert "Reels: no changes" in git(repository, "diff", "HEAD~1")


def drawn(order: int, y: int, prompt: str) -> dict[str, object]:
    """A workflow of ComfyUI's editor whose nodes are saved in one order or the other, at a height."""
    nodes = [
        comfyui.node(
            1, "CLIPTextEncode", outputs=["CONDITIONING"], title="Positive", widgets_values=[prompt]
        ),
        comfyui.node(
            2, "KSampler", [("positive", "CONDITIONING")], ["LATENT"], widgets_values=[1, "fixed", 20]
        ),
        comfyui.node(3, "SaveLatent", [("samples", "LATENT")], widgets_values=["ComfyUI"]),
    ]
    for node in nodes:
        node["pos"] = [9, y]
    links = [(1, 0, 2, 0), (2, 0, 3, 0)]
    return comfyui.editor(nodes[::order], links[::order])


def picture(workflow: dict[str, object]) -> bytes:
    """A PNG that carries a workflow, as ComfyUI writes it."""
    return carriers.png(carriers.plain("workflow", json.dumps(workflow)))


@pytest.mark.parametrize("words", [["diff", "HEAD~1"], ["show"]])
def test_git_compares_the_workflows_that_two_pictures_carry(repository: Path, words: list[str]):
    enable_driver(repository)
    for prompt in ("a red hat", "a blue hat"):
        (repository / "workflows" / "hat.png").write_bytes(picture(drawn(1, 0, prompt)))
        commit(repository, prompt, {})
    shown = git(repository, *words)
    assert "red" in shown
    assert "blue" in shown
    assert "binary" not in shown.casefold()


def test_git_diff_shows_one_prompt_where_all_nodes_moved_and_were_saved_in_another_order(repository: Path):
    enable_driver(repository)
    commit(repository, "third", {"workflows/app.json": drawn(1, 0, "a red hat")})
    commit(repository, "fourth", {"workflows/app.json": drawn(-1, 7, "a blue hat")})
    shown = git(repository, "diff", "HEAD~1")
    assert re.findall(r"\[([\w-]+) \w{12}\]", shown) == ["prompt-changed"]
    assert "Prompt of Positive changed: “red” → “blue”" in shown
    assert "app: 1 risky\n" in shown
    assert "Beside that, 3 nodes moved or restyled on the canvas." in shown
    commit(repository, "fifth", {"workflows/app.json": drawn(1, 8, "a blue hat")})
    assert re.findall(r"\[([\w-]+) \w{12}\]", git(repository, "diff", "HEAD~1")) == ["layout-changed"]


def test_git_shows_of_another_binary_file_how_large_it_is(repository: Path):
    enable_driver(repository, patterns=["*.png"])
    for content in (b"\x89PNG\0one", b"\x89PNG\0other"):
        (repository / "a.png").write_bytes(content)
        commit(repository, "picture", {})
    for words in (["diff", "HEAD~1"], ["show"]):
        shown = git(repository, *words)
        assert "-binary file of 8 bytes" in shown
        assert "+binary file of 10 bytes" in shown


@pytest.mark.parametrize("words", [["log", "-p", "-1"], ["show"]])
def test_git_log_and_git_show_compare_nodes_and_edges(repository: Path, words: list[str]):
    enable_driver(repository)
    shown = git(repository, *words)
    assert "\n-node Kling Video" in shown
    assert "\n+node Veo Video" in shown
    assert '"nodes"' not in shown


def test_git_log_and_git_show_do_not_depend_on_the_configuration(repository: Path):
    """Git keeps the lines of a file for ever: those of two configurations would mix in one diff."""
    enable_driver(repository)
    brand = '[vocabulary.families.veo]\nname = "VEO"\ngives = "video"\nwords = ["veo"]\n'
    kind = '[[category]]\nlabel = "clip"\nwhen = { types = ["veo*"] }\n'
    before = git(repository, "show")
    (repository / ".lamina-graph.toml").write_text(brand + kind)
    git(repository, "update-ref", "-d", "refs/notes/textconv/lamina-graph")
    assert git(repository, "show") == before


def test_added_removed_and_other_files_do_not_stop_a_diff(repository: Path):
    files = {
        "workflows/new.json": NEW,
        "workflows/notes.json": "[1, 2]",
        "workflows/bad.json": "{",
        "z.txt": "z",
    }
    commit(repository, "third", files)
    (repository / "workflows" / "app.json").unlink()
    commit(repository, "fourth", {"workflows/notes.json": "[1, 3]", "z.txt": "y"})
    enable_driver(repository)
    shown = git(repository, "diff", "HEAD~2")
    for part in (
        "workflows/app.json",
        "workflows/new.json",
        "workflows/notes.json",
        "workflows/bad.json",
        "+y",
    ):
        assert part in shown
    assert "not a workflow" in shown
    git(repository, "log", "-p")


def markers(repository: Path) -> dict[str, str]:
    """Files of a stranger's repository that would leave a mark if Python ran them."""
    mark = f"open({str(repository / 'ran')!r}, 'w').close()\n"
    (repository / "lamina_graph").mkdir()
    return {
        "click.py": mark,
        "json.py": mark,
        "lamina_graph/__init__.py": mark,
        "lamina_graph/__main__.py": mark,
    }


SHOWS = [["diff", "HEAD~1"], ["log", "-p", "-1"]]


@pytest.mark.parametrize("words", SHOWS)
@pytest.mark.parametrize("script", [True, False])
def test_no_file_of_a_repository_is_run(
    repository: Path, words: list[str], script: bool, monkeypatch: pytest.MonkeyPatch
):
    """Python would import them, if the driver were `python -m lamina_graph`: the script, or -P, is safe."""
    if not script:
        monkeypatch.setattr("lamina_graph.git.driver_installation.Path.is_file", lambda path: False)
    enable_driver(repository)
    commit(repository, "third", markers(repository) | {"workflows/app.json": OLD})
    assert "Veo Video" in git(repository, *words)
    assert not (repository / "ran").exists()


UNSAFE = f"{sys.executable} -m lamina_graph git-driver"


@pytest.mark.parametrize("words", SHOWS)
def test_an_unsafe_driver_is_replaced_when_git_calls_it(repository: Path, words: list[str]):
    enable_driver(repository)
    for word, key in (("diff", "command"), ("textconv", "textconv")):
        git(repository, "config", f"diff.lamina-graph.{key}", f"{UNSAFE} {word}")
    mark = f"open({str(repository / 'ran')!r}, 'w').close()\n"
    (repository / "click.py").write_text(mark)
    git(repository, *words)
    assert "-m lamina_graph" not in (repository / ".git" / "config").read_text()
    assert not (repository / "ran").exists()


def test_an_unsafe_driver_of_the_user_is_replaced_by_any_use_of_git_config(repository: Path):
    git(repository, "config", "--global", "diff.lamina-graph.command", f"{UNSAFE} diff")
    git(repository, "config", "diff.lamina-graph.textconv", "my-own lamina-graph git-driver textconv")
    assert repair_driver(repository) == ("--global",)
    assert repair_driver(repository) == ()
    assert "-m lamina_graph" not in git(repository, "config", "--global", "--list")
    assert git(repository, "config", "--local", "diff.lamina-graph.textconv").startswith("my-own")


@pytest.mark.parametrize("words", [*SHOWS, ["show"], ["log", "-p", "-2", "--ext-diff"]])
def test_driver_outlives_program_and_git_shows_its_own_diff(
    repository: Path, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    program = tmp_path / "gone with a blank" / "lamina-graph"
    program.parent.mkdir()
    program.touch()
    monkeypatch.setattr(sys, "executable", str(program.with_name("python")))
    enable_driver(repository)
    program.unlink()
    shown = git(repository, *words)
    assert re.search('^[-].*"klingVideoNode"', shown, re.MULTILINE)
    assert re.search('^[+].*"veoVideoNode"', shown, re.MULTILINE)


def test_a_program_in_a_folder_with_blanks_is_called(repository: Path, tmp_path: Path, monkeypatch):
    folder = tmp_path / "my programs"
    folder.mkdir()
    (folder / "lamina-graph").symlink_to(Path(sys.executable).parent / "lamina-graph")
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    enable_driver(repository)
    assert "my programs" in git(repository, "config", "diff.lamina-graph.command")
    assert "Model swapped: Kling Video → Veo Video" in git(repository, "diff", "HEAD~1")


def test_git_log_slow_only_until_its_lines_are_cached(repository: Path, monkeypatch: pytest.MonkeyPatch):
    """Git keeps lines under the command's text: another version of the program has another text."""
    enable_driver(repository)
    git(repository, "show")
    kept = git(repository, "rev-parse", "refs/notes/textconv/lamina-graph")
    git(repository, "show")
    assert git(repository, "rev-parse", "refs/notes/textconv/lamina-graph") == kept
    before = git(repository, "config", "diff.lamina-graph.textconv")
    monkeypatch.setattr("lamina_graph.git.driver_installation.version", lambda name: "99")
    assert repair_driver(repository) == ("--local",)
    assert git(repository, "config", "diff.lamina-graph.textconv") != before
    assert not git(repository, "for-each-ref", "refs/notes")


@pytest.mark.parametrize("for_user", [False, True])
def test_git_caches_no_lines_where_no_committer_is_configured(
    repository: Path, for_user: bool, monkeypatch: pytest.MonkeyPatch
):
    """Git keeps them as commits: without a name for these it would stop at `git log -p` and `git show`."""
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "only@today.example")
    for name in ("user.name", "user.email"):
        git(repository, "config", "--unset", name)
    git(repository, "config", "--global", "user.useConfigOnly", "true")
    enable_driver(repository, for_user=for_user)
    assert "cachetextconv" not in git(repository, "config", "--list")
    monkeypatch.delenv("GIT_COMMITTER_EMAIL")
    assert "Veo Video" in git(repository, "show")
