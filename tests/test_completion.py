"""Completion, as a person meets it: in real interactive shells, with files and the store's app names."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from commandline import api, lamina
from loopback import Loopback, serving

from lamina_graph.cli.completion import split_words

ROOT = Path(__file__).parent.parent
NAMES = ["A/B Ad Maker", "16:9 Reels", "Café Catalog", "Quick Reel Maker", "Reel 9:16", "it's ours"]
TO_BEGINNING, TO_END = "\x01", "\x05"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with files, a store that knows some apps, and completion installed for all shells."""
    folder = tmp_path_factory.mktemp("home")
    for file in ("plain.json", "quality.json", "two words.json"):
        shutil.copy(ROOT / "samples" / "chain.json", folder / file)
    (folder / "pictures").mkdir()
    variables = {"HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"), "SHELL": "/bin/bash"}
    with serving(Loopback(limit=10_000)) as loopback:
        for number, name in enumerate(NAMES):
            id_ = f"00000000-0000-4000-8000-{number:012}"
            loopback.apps[id_] = {"appId": id_, "name": name, "nodes": [], "edges": []}
        store = ("--store", folder / "lamina.db")
        assert lamina(*store, "snapshot", "--all", env={**api(loopback), **variables}).exit_code == 0
    for shell in ("bash", "zsh", "fish"):
        assert lamina("completion", "install", shell, env={**variables, "XDG_CONFIG_HOME": ""}).exit_code == 0
    return folder


def environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "LAMINA_GRAPH_STORE": str(home / "lamina.db"),
        "LC_ALL": "C.UTF-8",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "TERM": "dumb",
        "INPUTRC": "/dev/null",
    }


@pytest.fixture(scope="module")
def bash(home: Path):
    """An interactive bash that has read its start file."""
    shell = pexpect.spawn(
        "bash", ["--noprofile", "-i"], cwd=str(home), env=environment(home), encoding="utf-8"
    )
    shell.setwinsize(50, 400)
    shell.timeout, shell.delaybeforesend = 20, None
    shell.sendline("PS1='READY''> '; bind 'set enable-bracketed-paste off'; bind 'set bell-style none'")
    shell.expect_exact("READY> ")
    yield shell
    shell.close(force=True)


def completed(shell: pexpect.spawn, typed: str) -> list[str]:
    """Return the words of a command line, as the shell reads them, once tab was pressed at its end."""
    shell.send(f"{typed}\t")
    shell.send(f"{TO_BEGINNING}printf '<%s>' {TO_END}; echo '<e''nd>'\r")
    shell.expect("<lamina-graph>(.*)<end>")
    words = shell.match[1].strip("<>").split("><")
    shell.expect_exact("READY> ")
    return words


CASES = [
    ("an app's name", "lamina-graph show Qui", ["show", "Quick Reel Maker"]),
    ("in any case", "lamina-graph show quick", ["show", "Quick Reel Maker"]),
    ("in quotes", 'lamina-graph show "Quick R', ["show", "Quick Reel Maker"]),
    ("after app:", "lamina-graph show app:Qui", ["show", "app:Quick Reel Maker"]),
    ("with a slash", "lamina-graph classify A/B", ["classify", "A/B Ad Maker"]),
    ("with a colon", "lamina-graph classify 16:", ["classify", "16:9 Reels"]),
    ("with a colon, in quotes", "lamina-graph classify '16:", ["classify", "16:9 Reels"]),
    ("with an apostrophe", "lamina-graph history it", ["history", "it's ours"]),
    ("a file with a space", "lamina-graph diff plain.json two", ["diff", "plain.json", "two words.json"]),
    ("a folder", "lamina-graph classify pic", ["classify", "pictures/"]),
    ("a file of an option", "lamina-graph diff --uses pl", ["diff", "--uses", "plain.json"]),
    ("a command of a group", "lamina-graph auth st", ["auth", "status"]),
    (
        "an option's value after =",
        "lamina-graph render x.json --theme=da",
        ["render", "x.json", "--theme=dark"],
    ),
]


@pytest.mark.parametrize(("what", "typed", "words"), CASES, ids=[case[0] for case in CASES])
def test_bash_completes(bash, what: str, typed: str, words: list[str]):
    assert completed(bash, typed) == words


def test_bash_shows_files_beside_names(bash):
    """Both begin with what was typed, and neither hides the other."""
    bash.send("lamina-graph show qu\t\t")
    bash.expect("Quick Reel Maker.*quality.json|quality.json.*Quick Reel Maker")
    bash.send("\x15\r")
    bash.expect_exact("READY> ")


def test_fish_completes_names_and_files(home: Path):
    if shutil.which("fish") is None:
        pytest.skip("there is no fish here")
    script = "complete -C 'lamina-graph show Qui'; complete -C 'lamina-graph show pl'"
    done = subprocess.run(
        ["fish", "-c", script], cwd=home, env=environment(home), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["Quick Reel Maker", "plain.json"]


def test_zsh_is_given_names_and_files(home: Path):
    """Where there is a zsh, it reads the script too."""
    query = {
        "_LAMINA_GRAPH_COMPLETE": "zsh_complete",
        "COMP_WORDS": "lamina-graph show Qui",
        "COMP_CWORD": "2",
    }
    done = subprocess.run(
        ["lamina-graph"], env={**environment(home), **query}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:6] == ["file", "Qui", "_", "plain", "Quick Reel Maker", "_"]
    if shutil.which("zsh"):
        script = home / "data" / "lamina-graph" / "completion.zsh"
        subprocess.run(["zsh", "-n", script], check=True)


def test_completion_is_installed_once(tmp_path: Path):
    variables = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data"), "SHELL": "/bin/bash"}
    (tmp_path / ".bashrc").write_text("alias ll='ls -l'")
    for _ in range(2):
        assert lamina("completion", "install", env=variables).exit_code == 0
    lines = (tmp_path / ".bashrc").read_text().splitlines()
    assert lines == ["alias ll='ls -l'", f"source {tmp_path}/data/lamina-graph/completion.bash"]
    script = (tmp_path / "data" / "lamina-graph" / "completion.bash").read_text()
    assert script == lamina("completion", "show", "bash").stdout.rstrip("\n") + "\n"


def test_an_unknown_shell_is_an_error_with_the_known_ones(tmp_path: Path):
    result = lamina("completion", "install", env={"HOME": str(tmp_path), "SHELL": "/bin/tcsh"})
    assert (result.exit_code, "bash, zsh, fish" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("line", "words", "last"),
    [
        ("lamina-graph ", ["lamina-graph"], ""),
        ("lamina-graph show 'a b' c", ["lamina-graph", "show", "a b"], "c"),
        ("lamina-graph show \"it's", ["lamina-graph", "show"], "it's"),
        ("lamina-graph show '' ", ["lamina-graph", "show", ""], ""),
        ("lamina-graph show a\\'b", ["lamina-graph", "show"], "a'b"),
    ],
)
def test_a_command_line_is_split_as_the_shell_does_it(line: str, words: list[str], last: str):
    before, word = split_words(line)
    assert (before, word.text) == (words, last)
