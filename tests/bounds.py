"""Install the lowest, then the highest versions that pyproject.toml allows, and run tests with each.

    python tests/bounds.py                        both, with this Python
    python tests/bounds.py lowest --python python3.13

Each goes into an empty environment, by uv, which is installed for it where it is not there. The exit status
is 1 where one cannot be installed or a test fails.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]

TOOLS = re.compile(
    r"(fonttools|hypothesis|jsonschema|markdown-it-py|pexpect|playwright|pytest|pyyaml)\b(?!-)"
)
"""What of the extra `dev` these tests need: no checkers, no notebooks."""

TESTS = (
    *("cluster", "completion", "export", "layout", "match", "mcp", "proof", "report_command", "samples"),
    *("settings", "similar", "store", "terminal_tables", "webhook"),
)
"""Those of the rooms that stand on other people's packages."""


def find_uv(folder: Path) -> str:
    """Return the uv that is installed, or one that is installed into a folder now."""
    if found := shutil.which("uv"):
        return found
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", "uv"], check=True)
    return str(folder / "bin" / "uv")


def check(end: str, python: str) -> bool:
    """Run the tests with the versions of one end; return whether they passed."""
    extras = ",".join(name for name in EXTRAS if name != "dev")
    wanted = [f"{ROOT}[{extras}]", *filter(TOOLS.match, EXTRAS["dev"])]
    resolution = {"lowest": "lowest-direct", "highest": "highest"}[end]
    with TemporaryDirectory() as folder:
        uv, inside = find_uv(Path(folder) / "uv"), Path(folder) / "environment" / "bin" / "python"
        subprocess.run([uv, "venv", "--quiet", "--python", python, inside.parents[1]], check=True)
        install = [uv, "pip", "install", "--quiet", "--resolution", resolution, "--python", inside]
        subprocess.run([*install, *wanted], check=True)
        files = [f"tests/test_{name}.py" for name in TESTS]
        words = [inside, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
        passed = subprocess.run(words, cwd=ROOT, check=False).returncode == 0
    print(f"{end} versions, {python}: {'work' if passed else 'do not work'}", flush=True)
    return passed


def main() -> None:
    """Check the ends that were named, and end with a status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("ends", nargs="*", help="lowest, highest; by default both")
    parser.add_argument("--python", default=sys.executable, help="the Python to use (default: this one)")
    asked = parser.parse_args()
    if unknown := {*asked.ends} - {"lowest", "highest"}:
        parser.error(f"there is no end {unknown.pop()!r}")
    passed = [check(end, asked.python) for end in asked.ends or ("lowest", "highest")]
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
