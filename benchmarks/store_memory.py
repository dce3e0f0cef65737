"""How much memory commands take over a store of 5,000 apps, beside what they take over one of 1,000.

    python benchmarks/store_memory.py [--few N] [--many N] [--only WORD]

Each command runs in a process of its own over stores of several nights (those of `history_speed.py`); what
counts is the ratio of the two peaks. Ends with 1 where one is over its limit.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

NIGHTS = 4
_KIB = 1 if sys.platform == "darwin" else 1024
LIMITS = {
    "changes": 1.25,
    "changes from the beginning": 1.25,
    "store export": 1.3,
    "lint --all": 1.3,
    "classify --all": 1.3,
    "report --all": 1.5,
}


def commands(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the words of each command."""
    return {
        "changes": ("changes", "--since", "2d", "--until", "2026-03-04T06:00"),
        "changes from the beginning": ("changes", "--since", "30d", "--until", "2026-03-04T06:00"),
        "store export": ("store", "export", str(folder / "export")),
        "lint --all": ("lint", "--all", "--offline", "--json"),
        "classify --all": ("classify", "--all", "--offline", "--json", "--jobs", "1"),
        "report --all": ("report", "--all", "--offline", "-f", "csv", "--jobs", "1"),
    }


def peak(store: Path, words: tuple[str, ...]) -> int:
    """Return the most memory, in bytes, that a command took over a store."""
    command = [sys.executable, "-m", "lamina_graph", "--store", str(store), *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr
        told = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 2):  # 2: the store begins within the span
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}: {told.decode()}")
    return usage.ru_maxrss * _KIB


def fill(store: Path, apps: int) -> None:
    """Record the nights of a store, in a process of its own: a child's peak counts its parent's as well."""
    code = "import sys; from pathlib import Path; from history_speed import fill;"
    code += "fill(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))"
    here = Path(__file__).parent
    subprocess.run([sys.executable, "-c", code, str(store), str(apps), str(NIGHTS)], check=True, cwd=here)


def measure(few: int = 1_000, many: int = 5_000, only: str = "") -> dict[str, tuple[int, int]]:
    """Return the peaks of each command over a store of few apps and over one of many."""
    peaks: dict[str, tuple[int, int]] = {}
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, str(apps)) for apps in (few, many)]
        for folder, apps in zip(folders, (few, many), strict=True):
            folder.mkdir()
            fill((folder / "store.db").resolve(), apps)
        for command in LIMITS:
            if only in command:
                first, second = (peak(each / "store.db", commands(each)[command]) for each in folders)
                peaks[command] = (first, second)
    return peaks


def main() -> int:
    """Print the peaks, and return whether one grows more than it may."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=5_000)
    parser.add_argument("--only", default="", metavar="WORD", help="only commands with this in their name")
    options = parser.parse_args()
    status = 0
    for command, (first, second) in measure(options.few, options.many, options.only).items():
        ratio, most = second / first, LIMITS[command]
        peaks = f"{first >> 20} MiB over {options.few:,} apps, {second >> 20} over {options.many:,}"
        print(f"{ratio:.2f}x (at most {most:g}x)  {command}: {peaks}")
        status |= ratio > most
    return status


if __name__ == "__main__":
    sys.exit(main())
