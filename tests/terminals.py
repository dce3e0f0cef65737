"""Commands in a real pseudo-terminal of a given width."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path

SCRIPT = """
import json, sys
from lamina_graph.cli import cli
for words in json.loads(sys.argv[1]):
    print("\\f", end="", flush=True)
    try:
        cli(words, prog_name="lamina-graph")
    except SystemExit:
        pass
"""
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def screens(commands: Sequence[Sequence[object]], columns: int, folder: Path, **variables: str) -> list[str]:
    """Return what each command shows on a terminal so wide, without colours; they run in one process."""
    words = json.dumps([[str(word) for word in command] for command in commands])
    shown = on_terminal([sys.executable, "-c", SCRIPT, words], columns, folder, **variables)
    return [_final(screen) for screen in shown.split("\f")[1:]]


def on_terminal(command: Sequence[str], columns: int, folder: Path, **variables: str) -> str:
    """Return what a program writes to a terminal so wide, without colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env={**environment, **variables}
    ):
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return CONTROL.sub("", shown.decode().replace("\r\n", "\n"))


def _final(screen: str) -> str:
    """Return what is left on a screen once each progress bar has been drawn over."""
    return "\n".join(line.rpartition("\r")[2] for line in screen.split("\n"))


def _read(ours: int) -> bytes:
    try:
        return os.read(ours, 65_536)
    except OSError:  # Linux says so where the other side is closed
        return b""
