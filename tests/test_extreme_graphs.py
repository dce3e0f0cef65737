"""Graphs of extreme shape: every command answers in bounded time and memory, or says what it leaves out."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from lamina_graph.errors import RenderError
from lamina_graph.files import load
from lamina_graph.render import draw, picture

_CHILD = r"""
import json, re, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_CPU, (100, 100))
resource.setrlimit(resource.RLIMIT_AS, (1 << 34, 1 << 34))
from click.testing import CliRunner
from lamina_graph.cli import cli
answers = []
for words in json.load(sys.stdin):
    answer = CliRunner().invoke(cli, words)
    error = answer.exception
    fault = None if error is None or isinstance(error, SystemExit) else repr(error)
    answers.append([answer.exit_code, len(answer.stdout), answer.stderr, fault])
status = Path("/proc/self/status").read_text()  # `ru_maxrss` begins with what the parent had
print(json.dumps([answers, int(re.search(r"VmHWM:\s+(\d+)", status)[1])]))
"""
"""Runs commands in a process that the kernel ends where it takes too much time or memory."""

_COMMANDS = (
    ("show", "OLD"),
    ("classify", "OLD", "--json"),
    ("lint", "OLD", "--json"),
    ("similar", "OLD", "NEW"),
    ("export", "OLD", "-f", "cytoscape"),
    ("render", "OLD", "-f", "svg"),
    ("report", "OLD", "-f", "json"),
    ("diff", "OLD", "OLD", "--exit-code"),
    ("diff", "OLD", "KEPT", "--json"),
    ("diff", "OLD", "KEPT", "-f", "svg"),
    ("diff", "OLD", "NEW"),
)
_TYPES = ("imageUploadNode", "fluxNode", "klingVideoNode", "textNode", "upscaleNode")
_MOST_KILOBYTES = 500_000


def write(path: Path, size: int, edges: Iterable[tuple[int, int]], prefix: str = "n") -> str:
    """Write a workflow of so many nodes and those of the edges that are between them."""
    nodes = [
        {"id": f"{prefix}{n}", "type": _TYPES[n % 5], "data": {"label": f"Step {n}"}} for n in range(size)
    ]
    wires = [{"source": f"{prefix}{a}", "target": f"{prefix}{b}"} for a, b in edges if max(a, b) < size]
    path.write_text(json.dumps({"nodes": nodes, "edges": wires}))
    return str(path)


@pytest.mark.parametrize(
    ("size", "edges"),
    [
        (120, [(a, b) for a in range(120) for b in range(120) if a != b]),
        (3_000, []),
        (3_000, [(n, n + 1) for n in range(2_999)]),
    ],
    ids=["complete", "isolated", "path"],
)
def test_every_command_answers(tmp_path: Path, size: int, edges: list[tuple[int, int]]) -> None:
    """Each ends with an answer, within the time and memory of one child process for all of them."""
    files = {
        "OLD": write(tmp_path / "old.json", size, edges),
        "KEPT": write(tmp_path / "kept.json", size - 1, edges[3:]),
        "NEW": write(tmp_path / "new.json", size - 1, edges[3:], prefix="m"),
    }
    commands = [[files.get(word, word) for word in words] for words in _COMMANDS]
    ended = subprocess.run(
        [sys.executable, "-c", _CHILD], input=json.dumps(commands), capture_output=True, text=True
    )
    assert not ended.returncode, ended.stderr
    answers, kilobytes = json.loads(ended.stdout)
    for words, (status, length, remarks, fault) in zip(_COMMANDS, answers, strict=True):
        assert (status, fault) == (0, None), (words, remarks)
        assert length, words
    assert kilobytes < _MOST_KILOBYTES


def test_a_picture_too_large_to_convert_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """PNG and PDF are refused past a number of cards or lines, which an SVG of them is not."""
    monkeypatch.setattr(picture, "MOST_CONVERTED", 3)
    nodes = [{"id": f"n{n}", "type": "fluxNode"} for n in range(4)]
    drawn = draw(load({"nodes": nodes, "edges": []}), view="all")
    for form in ("png", "pdf"):
        with pytest.raises(RenderError, match=r"up to 3 nodes and as many lines; this picture has 4 and 0"):
            getattr(drawn, form)
    assert drawn.svg
