"""Check the packages of a release: what is in them, and that each works where nothing else is.

    python tests/packages.py dist

Each wheel and source distribution is installed into an environment of its own, of each supported version of
Python that is here, and the program is used there.
"""

import subprocess
import sys
import tarfile
import zipfile
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "samples" / "reel-five-shots.json"
USES = (
    ["--version"],
    ["show", str(SAMPLE)],
    ["render", str(SAMPLE), "-o", "reel.svg"],
    ["render", str(SAMPLE), "-o", "reel.png"],
    ["report", str(SAMPLE), "-o", "report.html"],
    ["schema", "catalogue-diff"],
    ["init", "--nightly", "--install", "x"],
)
"""What needs each kind of file that a package carries: templates, fonts, words, the layout engine."""


def list_files(package: Path) -> set[str]:
    """Return the files of a wheel or a source distribution, from the top of the project."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as archive:
            return set(archive.namelist())
    with tarfile.open(package) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def list_missing(package: Path) -> list[str]:
    """Return the files of the program that a package lacks."""
    files = (path for path in (ROOT / "lamina_graph").rglob("*") if path.is_file())
    wanted = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    return sorted(wanted - list_files(package))


def try_out(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    """Use the program in a folder, in each way that needs some file of its own."""
    for words in USES:
        subprocess.run([*command, *words], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)


def list_pythons() -> list[str]:
    """Return the Pythons of the supported versions that are here, this one first."""
    names = [sys.executable, *(f"python3.{minor}" for minor in (11, 12, 13))]
    versions: dict[str, str] = {}
    for name in names:
        words = [name, "-c", "import sys, venv; print(sys.version_info[:2])"]
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=False)
        except OSError:
            continue
        if done.returncode == 0:
            versions.setdefault(done.stdout, name)
    return list(versions.values())


def check(package: Path, python: str) -> None:
    """Install a package where nothing else is, and use it."""
    if missing := list_missing(package):
        raise SystemExit(f"{package.name} lacks {', '.join(missing)}")
    with TemporaryDirectory() as top:
        place = Path(top)
        subprocess.run([python, "-m", "venv", place / "empty"], check=True)
        pip = [str(place / "empty" / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", str(package.resolve())], check=True)
        try_out([str(place / "empty" / "bin" / "lamina-graph")], place)
    print(f"{package.name}: works with {Path(python).name}", flush=True)


def main() -> None:
    """Check every package of a folder; there must be a wheel and a source distribution."""
    packages = sorted(Path(sys.argv[1]).iterdir())
    if sorted(path.suffix for path in packages) != [".gz", ".whl"]:
        raise SystemExit(f"{sys.argv[1]}: expected a wheel and a source distribution")
    for python, package in product(list_pythons(), packages):
        check(package, python)


if __name__ == "__main__":
    main()
