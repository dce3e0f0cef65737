"""Rules that no linter knows: plain names, one file of a name, few parameters, short commands."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = sorted((ROOT / "lamina_graph").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

COINAGES = frozenset(
    re.findall(
        r"\w+",
        """
        anew found here laid said saying spoken tell teller tellers telling tellings tells there thrice told
        untold whoever whom whose
        """,
    )
)
"""Words that say nothing to a stranger in a name: a noun, or a verb of the field, stands in their place."""

COMMON_NAMES = {"__init__", "html", "markdown", "text"}
"""Names of files that more than one package may have."""

MOST_PARAMETERS = 8
MOST_LINES_OF_A_COMMAND = 25

Function = ast.FunctionDef | ast.AsyncFunctionDef


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text()))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def names(path: Path) -> Iterator[str]:
    """Yield every name that a file gives: to functions, classes, arguments, variables and attributes."""
    for node in nodes(path):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.alias(asname=str(name)):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()) | ast.MatchAs(name=str(name)):
                yield name


def words(name: str) -> set[str]:
    """Return the words of a name; that something is not found is said everywhere.

    >>> sorted(words("_AppChange_of"))
    ['app', 'change', 'of']
    """
    known = name.replace("NotFound", "")
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", known)}


def is_command(function: Function) -> bool:
    return any(
        ".command(" in (text := ast.unparse(each)) or ".group(" in text for each in function.decorator_list
    )


def functions(path: Path) -> Iterator[Function]:
    yield from (node for node in nodes(path) if isinstance(node, Function))


def parameters(function: Function) -> int:
    """Return how many parameters a caller may give: `self` and `cls` are given by Python."""
    given = function.args
    all_ = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return sum(each.arg not in ("self", "cls") for each in all_)


def body_lines(function: Function) -> int:
    """Return how many lines a body has, its docstring aside."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0  # type: ignore[operator]


def test_no_name_is_a_coinage():
    """Functions, classes, arguments and variables are named in words that a stranger knows."""
    assert [
        f"{relative(path)}: {word}"
        for path in PACKAGE
        for name in names(path)
        for word in words(name) & COINAGES
    ] == []


def test_no_two_files_have_one_name():
    """A file is found by its name alone."""
    counts = Counter(path.stem for path in PACKAGE)
    assert [
        f"{relative(path)}: a second {path.stem}"
        for path in PACKAGE
        if counts[path.stem] > 1 and path.stem not in COMMON_NAMES
    ] == []


def test_no_function_has_more_than_eight_parameters():
    """What belongs together is one value; the options of a command are what a user may type."""
    assert [
        f"{relative(path)}: {each.name} has many parameters"
        for path in PACKAGE
        for each in functions(path)
        if parameters(each) > MOST_PARAMETERS and not is_command(each)
    ] == []


def test_no_command_is_long():
    """A command calls the library, prints, and exits."""
    assert [
        f"{relative(path)}: {each.name} is long"
        for path in PACKAGE
        for each in functions(path)
        if is_command(each) and body_lines(each) > MOST_LINES_OF_A_COMMAND
    ] == []


def test_no_command_hides_a_function_of_the_library():
    """`diff` is what compares; the command that calls it is `diff_command`."""
    assert [
        f"{relative(path)}: {each.name}"
        for path in PACKAGE
        for each in functions(path)
        if is_command(each) and not each.name.endswith(("_command", "_group")) and each.name != "cli"
    ] == []


def test_no_test_imports_a_test():
    """What several tests need is a module of its own, beside them."""
    modules = {path.stem for path in TESTS if path.stem.startswith("test_")}
    assert [
        f"{relative(path)}: imports {name}"
        for path in TESTS
        for node in nodes(path)
        for name in imported(node)
        if name.rpartition(".")[2] in modules
    ] == []


def test_no_package_reaches_past_the_face_of_another():
    """What a package offers to others stands in its `__init__`."""
    assert [
        f"{relative(path)}: reaches for {node.module}"
        for path in PACKAGE
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and reaches(path, node.module or "")
    ] == []


def reaches(path: Path, module: str) -> bool:
    """Tell whether a module is a part of another package: a folder is the face of what is in it."""
    package, _, name = module.partition(".")
    inner = package == "lamina_graph" and "." in name and not (ROOT / module.replace(".", "/")).is_dir()
    return inner and name.split(".")[0] != relative(path).split("/")[1]


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(alias.name for alias in node.names)]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
