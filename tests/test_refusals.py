"""What is no workflow is called by its name, with what would be needed."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lamina_graph.errors import InputError, WorkflowError
from lamina_graph.files import load, load_estimate, load_run, parse

CASES = Path(__file__).parent / "cases"
NODES: dict[str, Any] = {"nodes": [], "edges": []}
RUN = {"runId": "r", "workflowId": "w", "status": "completed", "outputs": []}
DETAIL = {"appId": "a", "name": "n", "parameters": [], "outputs": []}
COST = {"appId": "a", "name": "n", "estimatedCredits": {"expected": 3}}
KLING = {"id": "a", "type": "klingVideoNode"}


@pytest.mark.parametrize(
    ("name", "says", "advises"),
    [
        ("picture.webp", "this is a WebP picture that carries no workflow", "ComfyUI"),
        ("photo.jpg", "this is a JPEG picture", "an SVG, a PNG or a WebP may carry"),
        ("lfs.json", "this is a Git LFS pointer", "git lfs pull"),
        ("dify.yml", "this looks like YAML", "save it as JSON"),
        ("n8n.json", "this is an n8n workflow", "lamina-graph fetch APP"),
        ("nodered.json", "these are Node-RED flows", "lamina-graph fetch APP"),
    ],
)
def test_a_file_that_is_not_a_workflow_names_the_cause_and_a_remedy(name: str, says: str, advises: str):
    """The true cause stands in the error, and what to do in the hint."""
    with pytest.raises(WorkflowError) as caught:
        load(CASES / "not-a-workflow" / name)
    assert f"{name}: {says}" in str(caught.value)
    assert advises in caught.value.hint


BYTES: list[tuple[bytes, str]] = [
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"GIF89a", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"\0\0\0\x1cftypavif", "an AVIF or HEIC picture"),
    (b"\0\0\0\x1cftypisom", "a video"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"RIFF....WAVEfmt ", "a sound file"),
    (b"%PDF-1.7", "a PDF"),
    (gzip.compress(b"{}"), "a file packed with gzip"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x28\xb5\x2f\xfd", "a packed file"),
    (b"x" * 257 + b"ustar", "a packed file"),
    (b"SQLite format 3\0", "a database"),
    ("{}".encode("utf-16"), "UTF-16 text"),
    ("{}".encode("utf-16-le"), "UTF-16 text"),
    ("{}".encode("utf-16-be"), "UTF-16 text"),
    ("{}".encode("utf-32"), "UTF-32 text"),
    (b"", "empty"),
    (b" \n", "empty"),
    (b"\xef\xbb\xbf", "empty"),
    (b"<!DOCTYPE html><p>502", "an HTML page that carries no workflow"),
    (b"<html>", "an HTML page that carries no workflow"),
    (b"<svg/>", "markup that carries no workflow"),
    (b"---\napp: 1\n", "this looks like YAML"),
    (b"../real/a.json", "a link that git wrote as text"),
    (b"// flows\n{}", "JSON with comments"),
    (b"[diff.severity]\nx = 1\n", "this looks like TOML"),
    (b'# a\n[[nodes]]\nid = "a"\n', "this looks like TOML"),
    (b'name = "x"\n', "this looks like TOML"),
    (b"id,type\na,b\n", "this looks like CSV"),
    (b"BM" + bytes(52), "a BMP picture"),
    (b"digraph {\n a -> b\n}", "a DOT diagram"),
    (b"flowchart LR\n  n0 --> n1", "a Mermaid diagram"),
    (b"# a word\n\n- id: a\n", "this looks like YAML"),
    (b"\n" * 5_000 + b"x", "line 5001 column 1: not JSON"),
    (b"../../.git/annex/objects/x", "a pointer of git-annex"),
    (b'{"nodes": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> x\n]}', "a merge left its conflict here"),
    (b'{"nodes": []}\n{"nodes": []}\n', "JSON Lines"),
    (b"{", "line 1 column 2: not JSON"),
]


@pytest.mark.parametrize(("content", "says"), BYTES, ids=[says for _, says in BYTES])
def test_other_file_formats_are_named(content: bytes, says: str):
    with pytest.raises(WorkflowError) as caught:
        load(content, "x.json")
    assert str(caught.value).startswith("x.json: ")
    assert says in str(caught.value)
    assert caught.value.hint


VALUES: list[tuple[Any, str]] = [
    ([{"nodes": [], "connections": {}}], "n8n workflows"),
    ({"flows": [{"id": "1", "type": "inject", "wires": []}]}, "a file of Node-RED flows"),
    ({"data": {"nodes": [{"id": 1, "data": {"node": {"template": {}}}}], "edges": []}}, "a Langflow flow"),
    ({"nodes": [KLING | {"data": {"node": {"template": {}}}}], "edges": []}, "a Langflow flow"),
    ({"nodes": [{"id": 1, "data": {"inputParams": []}}], "edges": []}, "a Flowise flow"),
    ({"nodes": [KLING | {"data": {"inputParams": [], "inputAnchors": []}}], "edges": []}, "a Flowise flow"),
    ({"app": {"mode": "workflow"}, "workflow": {"graph": {}}}, "a Dify app"),
    ({"directed": True, "nodes": [], "links": [{"source": "a", "target": "b"}]}, "a graph that was exported"),
    ({"directed": True, "nodes": [{"id": "a"}], "links": []}, "a graph that was exported"),
    ({"nodes": [{"id": "a"}], "links": [{"source": "a", "target": "a"}]}, "a graph that was exported"),
    ({"elements": {"nodes": []}}, "a graph that was exported"),
    (RUN, "this is a run;"),
    ({"data": RUN}, "this is a run;"),
    ({"data": COST}, "this is an estimate"),
    (DETAIL, "the detail of an app"),
    ({"data": [{"appId": "a", "name": "n"}]}, "a list of apps"),
    ([NODES, NODES], "a list of workflows"),
    ([{"schema": "classify/1"}], "what lamina-graph printed"),
    ({"schema": "diff/1"}, "what lamina-graph printed"),
    (
        {"error": "No such app", "code": "NOT_FOUND"},
        "an error that the API answered (NOT_FOUND: No such app)",
    ),
    ({"error": {"message": "no"}}, "an error that the API answered (no)"),
    ({"data": {"error": "no"}}, "nodes: missing"),
    ({"nodes": [{"id": "a"}], "edges": []}, "nodes[0].type: missing"),
    ({"data": {"nodes": [{"id": "a"}], "edges": []}}, "data.nodes[0].type: missing"),
    ({"nodes": [{"id": "a"}], "edges": [], "links": []}, "nodes[0].type: missing"),
    ({"unheard": "of"}, "nodes: missing"),
    ("text", "expected a JSON object, found a string"),
]


@pytest.mark.parametrize(("value", "says"), VALUES, ids=[says for _, says in VALUES])
def test_json_of_other_programs_is_named(value: Any, says: str):
    with pytest.raises(WorkflowError) as caught:
        load(json.dumps(value).encode(), "x.json")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        {"nodes": [KLING], "edges": [], "links": []},
        {"nodes": [KLING], "edges": [], "connections": {}, "schema": "x", "error": "y"},
        {"nodes": [KLING | {"data": {"node": {}}}], "edges": []},
    ],
)
def test_a_workflow_with_fields_of_other_formats_is_read(value: Any):
    """What is well formed is read, whatever else it resembles."""
    assert load(value).nodes[0].id == "a"


@pytest.mark.parametrize(
    ("read", "value", "says"),
    [
        (load_run, COST, "this is an estimate; expected a run"),
        (load_run, NODES, "this is a Lamina workflow; expected a run"),
        (load_run, {"runId": "r"}, "status: missing"),
        (load_estimate, RUN, "this is a run; expected an estimate"),
        (load_estimate, DETAIL, "this is the detail of an app; expected an estimate"),
        (load_estimate, {"appId": "a", "name": "n"}, "this is the summary of an app"),
        (load_estimate, {"appId": "a"}, "says nothing of what a run costs"),
    ],
)
def test_another_api_response_is_named(tmp_path: Path, read: Callable[[Path], object], value: Any, says: str):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(value))
    with pytest.raises(InputError) as caught:
        read(path)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"nodes": [{"id": "a", "type": "b"}], "edges": [], "nodes": []}', "nodes"),
        ('{"nodes": [{"id": "a", "type": "b", "id": "c"}], "edges": []}', "id"),
        ('{"data": {"nodes": [], "edges": []}, "data": {"nodes": [], "edges": []}}', "data"),
    ],
)
def test_a_repeated_key_is_an_error(text: str, key: str):
    """The second would silently take the place of the first."""
    with pytest.raises(WorkflowError, match=f"^x.json: {key}: occurs twice in one JSON object"):
        load(text.encode(), "x.json")


@pytest.mark.parametrize("number", ["9" * 301, "-" + "9" * 400, "9" * 5_000, "1e999", "NaN"])
def test_a_number_out_of_range_is_refused(number: str):
    with pytest.raises(ValueError, match="number"):
        parse(f'{{"credits": {number}}}')
