"""Workflows are read and written without loss, whatever fields the API adds."""

import copy
import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import LAMINA_SAMPLES
from hypothesis import given
from hypothesis import strategies as st
from strategies import JSON, WORKFLOWS
from users import as_nobody

from lamina_graph.errors import InputError, RefError, WorkflowError
from lamina_graph.files import canonical, load, load_estimate, load_run, pack, parse
from lamina_graph.model import App, Edge, Entry, Estimate, Node, Parameter, Workflow

EMPTY = {"nodes": [], "edges": []}


# Nothing is lost


@given(WORKFLOWS)
def test_reading_and_writing_loses_nothing(raw: dict[str, Any]) -> None:
    text = canonical(load(json.dumps(raw).encode()))
    # A field whose name is that of a Python attribute makes the field it stands beside appear as null.
    expected = raw if "app_id" not in raw else {"appId": None, **raw}
    labelled = [{"label": None, **node} if "own_label" in node else node for node in raw["nodes"]]
    expected = {**expected, "nodes": labelled}
    assert json.loads(text) == expected


@given(WORKFLOWS)
def test_canonical_text_is_a_fixed_point(raw: dict[str, Any]) -> None:
    workflow = load(raw)
    text = canonical(workflow)
    assert load(text.encode()) == workflow
    assert canonical(load(text.encode())) == text
    assert text.encode().decode() == text


@given(WORKFLOWS)
def test_a_picture_carries_its_workflow(raw: dict[str, Any]) -> None:
    workflow = load(raw)
    svg = f'<?xml version="1.0"?>\n<svg><title>x</title>{pack(workflow)}<g/></svg>'
    assert load(svg.encode()) == workflow
    assert pack(workflow).isascii()


@given(WORKFLOWS)
def test_bare_and_enveloped_are_the_same(raw: dict[str, Any]) -> None:
    assert load({"data": raw, "requestId": "x"}) == load(raw)


@given(WORKFLOWS)
def test_workflows_cross_processes(raw: dict[str, Any]) -> None:
    workflow = load(raw)
    assert pickle.loads(pickle.dumps(workflow)) == copy.deepcopy(workflow) == workflow


def test_every_sample_is_written_as_it_stands() -> None:
    assert len(LAMINA_SAMPLES) > 30
    for file in LAMINA_SAMPLES:
        raw = json.loads(file.read_text("utf-8"))
        assert json.loads(canonical(load(file))) == raw.get("data", raw), file


@pytest.mark.parametrize(
    "name",
    [
        "model_config",
        "model_fields",
        "model_dump",
        "__class__",
        "__dict__",
        "__pydantic_extra__",
        "copy",
        "title",
        "é",
        "",
    ],
)
def test_fields_may_have_any_name(name: str) -> None:
    raw = {**EMPTY, name: 1, "nodes": [{"id": "a", "type": "t", name: [None]}]}
    assert json.loads(canonical(load(raw))) == raw


def test_numbers_keep_their_kind() -> None:
    raw = {
        "appId": "a",
        "name": "n",
        "estimatedCredits": {"expected": 3, "min": 2.5, "max": 10**30},
        "breakdown": [{"nodeId": "n1", "nodeType": "t", "credits": 7}],
    }
    assert canonical(Estimate.model_validate(raw)) == canonical(raw)


def test_a_workflow_is_equal_to_one_built_in_python() -> None:
    built = Workflow(
        app_id="x",
        nodes=(Node(id="a", type="t", label="L"), Node(id="b", type="t")),
        edges=(Edge(source="a", target="b"),),
    )
    assert load(canonical(built).encode()) == built


# Where workflows are read from


def test_one_workflow_comes_from_any_source(tmp_path: Path) -> None:
    text = '{"nodes": [{"id": "ü", "type": "t"}], "edges": []}'
    path = tmp_path / "app.json"
    path.write_text(text, "utf-8")
    with path.open(encoding="utf-8") as as_text, path.open("rb") as as_bytes:
        sources = [path, str(path), text.encode(), json.loads(text), as_text, as_bytes, io.StringIO(text)]
        assert {load(source).nodes[0].id for source in sources} == {"ü"}
    assert load(b"\xef\xbb\xbf" + text.encode()).nodes[0].id == "ü"


BROKEN: list[tuple[bytes, str]] = [
    (b"", "empty; expected JSON"),
    (b"   \n", "empty; expected JSON"),
    (b'{"nodes": [],\n "edges": [', "line 2 column 12: not JSON: Expecting value"),
    (b"null", "expected a JSON object, found null"),
    (b"[]", "expected a JSON object, found a list"),
    (b'"x"', "expected a JSON object, found a string"),
    (b"3", "expected a JSON object, found a number"),
    (b"true", "expected a JSON object, found a boolean"),
    (b"{}", "nodes: missing"),
    (b'{"data": {}}', "data.nodes: missing"),
    (b'{"data": []}', "nodes: missing"),
    (b'{"nodes": []}', "edges: missing"),
    (b'{"nodes": {}, "edges": []}', "nodes: expected a list, found an object"),
    (b'{"nodes": "ab", "edges": []}', "nodes: expected a list, found a string"),
    (b'{"nodes": [1], "edges": []}', "nodes[0]: expected an object"),
    (b'{"nodes": [{"id": "a", "type": "t"}, {"id": "b"}], "edges": []}', "nodes[1].type: missing"),
    (
        b'{"nodes": [{"id": 7, "type": "t"}], "edges": []}',
        "nodes[0].id: expected a string, found a number",
    ),
    (
        b'{"nodes": [{"id": null, "type": "t"}], "edges": []}',
        "nodes[0].id: expected a string, found null",
    ),
    (
        b'{"nodes": [{"id": "a", "type": "t", "label": []}], "edges": []}',
        "nodes[0].label: expected a string, f",
    ),
    (b'{"data": {"nodes": [], "edges": [{"source": "a"}]}}', "data.edges[0].target: missing"),
    (b'{"nodes": [], "edges": [], "name": 5}', "name: expected a string, found a number"),
    (b'<metadata id="lamina-graph-workflow">{</metadata>', "line 1 column 2: not JSON"),
    (b'{"nodes": [], "edges": [], "x": NaN}', "not JSON that can be kept: NaN is not a finite number"),
    (
        b'{"nodes": [], "edges": [], "x": -Infinity}',
        "not JSON that can be kept: -Infinity is not a finite number",
    ),
    (b'{"nodes": [], "edges": [], "x": 1e999}', "not JSON that can be kept: 1e999 is not a finite number"),
    (
        b'{"nodes": [], "edges": [], "x": ' + b"9" * 5000 + b"}",
        "not JSON that can be kept: a number has too many digits",
    ),
    (
        b'{"nodes": [], "edges": [], "x": ' + b"[" * 300 + b"]" * 300 + b"}",
        "not JSON that can be kept: nested too",
    ),
    (b"[" * 200_000, "not JSON that can be kept: nested too deeply"),
]


@pytest.mark.parametrize(("content", "says"), BROKEN)
def test_an_invalid_workflow_is_named_by_file_and_field(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(WorkflowError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: {says}")
    assert (caught.value.source, caught.value.hint.startswith("A workflow is a JSON object")) == (
        str(path),
        True,
    )
    with pytest.raises(WorkflowError, match=r"^the given bytes: "):
        load(content)


@pytest.mark.parametrize(
    ("path", "says"), [("none.json", "No such file"), (".", "Is a directory"), ("a\0b", "null byte")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, path: str, says: str) -> None:
    with pytest.raises(WorkflowError, match=rf"cannot be read: .*{says}") as caught:
        load(tmp_path / path)
    assert caught.value.source == str(tmp_path / path)


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_input_is_read_or_refused_with_a_reason(content: bytes) -> None:
    try:
        outcome: object = load(content, "given")
    except WorkflowError as error:
        outcome = error
    assert isinstance(outcome, Workflow) or str(outcome).startswith("given: ")


def test_deeply_nested_json_can_be_written_again() -> None:
    nested: Any = 0
    for _ in range(190):
        nested = {"a": [nested]} if isinstance(nested, int) else [nested]
    workflow = load(json.dumps({**EMPTY, "x": nested}).encode())
    assert load(canonical(workflow).encode()) == load(pack(workflow).encode()) == workflow


def test_a_graph_of_100_000_nodes_is_read(tmp_path: Path) -> None:
    nodes = [{"id": str(n), "type": "t"} for n in range(100_000)]
    edges = [{"source": str(n), "target": str(n + 1)} for n in range(99_999)]
    path = tmp_path / "huge.json"
    path.write_text(json.dumps({"nodes": nodes, "edges": edges}))
    workflow = load(path)
    assert (len(workflow.nodes), len(workflow.edges)) == (100_000, 99_999)


@pytest.mark.parametrize("svg", ["<svg/>", '<metadata id="other">{}</metadata>'])
def test_an_svg_of_another_program_carries_no_workflow(svg: str) -> None:
    with pytest.raises(WorkflowError, match=r"^pic: this is markup that carries no workflow"):
        load(svg.encode(), "pic")


# Canonical text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": {"d": 1, "c": 2}}, '{\n  "a": {\n    "c": 2,\n    "d": 1\n  },\n  "b": 1\n}\n'),
        ({}, "{}\n"),
        (["ü", "\ud83d", "😀"], '[\n  "ü",\n  "\\ud83d",\n  "😀"\n]\n'),
        (Node(id="a", type="t", label=None), '{\n  "id": "a",\n  "label": null,\n  "type": "t"\n}\n'),
        (Node(id="a", type="t"), '{\n  "id": "a",\n  "type": "t"\n}\n'),
    ],
)
def test_canonical_text_is_sorted_and_indented(value: Any, text: str) -> None:
    assert canonical(value) == text


@given(JSON)
def test_json_is_kept_by_reading_and_writing(value: Any) -> None:
    assert parse(canonical(value)) == value


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "1e400", "[" * 300 + "]" * 300, "nope", "[" * 100_000])
def test_json_that_would_be_altered_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


# The small values


@pytest.mark.parametrize(
    ("raw", "must", "name"),
    [
        ({"name": "Photo", "type": "url", "required": True}, True, "Photo"),
        ({"name": "Photo", "type": "url", "required": False}, True, "Photo"),
        ({"name": "Photo", "type": "url", "default": None}, True, "Photo"),
        (
            {"name": "Style", "key": "style", "type": "options", "required": True, "default": "warm"},
            False,
            "style",
        ),
        ({"name": "Text", "key": "", "type": "text", "default": ""}, False, "Text"),
        ({"name": "Count", "type": "options", "default": 0}, False, "Count"),
        ({"name": "Flag", "type": "options", "default": False}, False, "Flag"),
    ],
)
def test_only_a_missing_default_makes_an_input_needed(raw: dict[str, Any], must: bool, name: str) -> None:
    parameter = Parameter.model_validate(raw)
    assert (parameter.must_be_supplied, parameter.input_name) == (must, name)


@pytest.mark.parametrize(("label", "title"), [("L", "L"), ("", "t"), (None, "t")])
def test_a_node_is_titled_by_its_label_or_type(label: str | None, title: str) -> None:
    assert Node(id="a", type="t", label=label).title == title


def test_unknown_fields_of_an_app_are_kept() -> None:
    raw = {
        "appId": "a",
        "name": "n",
        "parameters": [{"name": "p", "type": "x-new", "max": 3}],
        "outputs": [{"unit": "px"}],
    }
    assert json.loads(canonical(App.model_validate(raw))) == raw


def test_values_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(EMPTY).name = "other"


def test_an_entry_says_its_error_in_json() -> None:
    entry = Entry(ref="x", error=RefError("no such file: x", "Check."))
    said = {name: value for name, value in entry.model_dump(mode="json").items() if value is not None}
    assert said == {"ref": "x", "error": "no such file: x"}
    assert pickle.loads(pickle.dumps(entry)).error.hint == "Check."


# Estimates from files


def test_an_estimate_is_read_bare_enveloped_or_as_the_command_line_prints_it(tmp_path: Path) -> None:
    raw = {"appId": "a", "estimatedCredits": {"expected": 3}}
    app = {"schema": "app/1", "appId": "a", "name": "A", "parameters": [], "estimate": raw}
    for content in (raw, {"data": raw}, app):
        (tmp_path / "e.json").write_text(json.dumps(content))
        assert load_estimate(tmp_path / "e.json").estimated_credits.expected == 3


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "null", "{}", '{"data": {"appId": 1}}', '{"appId": "a", "breakdown": [{}]}'),
        *('{"appId": "a", "nodes": [], "edges": []}', '{"appId": "a", "estimate": null}'),
    ],
)
def test_an_invalid_estimate_is_named_by_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "e.json"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        load_estimate(path)
    assert str(caught.value).startswith(f"{path}: ")


# Files that cannot be read


@pytest.mark.parametrize("read", [load, load_estimate, load_run])
def test_an_unreadable_file_is_an_error_with_a_remedy(tmp_path: Path, read: Callable[[Path], object]) -> None:
    closed = tmp_path / "closed.json"
    closed.write_text("{}")
    closed.chmod(0)
    with as_nobody(), pytest.raises(InputError) as caught:
        read(closed)
    assert str(caught.value) == f"{closed}: cannot be read: Permission denied"
    assert caught.value.hint == "Change the permissions of the file, or name another one."
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    assert str(caught.value) == f"{tmp_path}: cannot be read: Is a directory"
    assert caught.value.hint == "Name a file in it."
