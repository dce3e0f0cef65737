"""A picture that carries its workflow is read like the workflow's own file."""

import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from carriers import HEADER, TEXT_CHUNKS, chunk, international, plain, png, webp
from comfyui import editor, image_loader, node, saver
from commandline import lamina

import lamina_graph as lg
from lamina_graph.errors import NoWorkflowError, WorkflowError
from lamina_graph.files import load
from lamina_graph.refs import resolve

EDITOR = editor([image_loader(1, title="Größe 写真"), saver(2)], [(1, 0, 2, 0)])
PROMPT = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}, "is_changed": ["x"]},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
}
WORKFLOW, AS_PROMPT = json.dumps(EDITOR), json.dumps(PROMPT)
MAKE, MODEL, COMMENT = 0x010F, 0x0110, 0x9286


@pytest.mark.parametrize("write", TEXT_CHUNKS.values(), ids=TEXT_CHUNKS)
def test_a_png_carries_its_workflow_in_any_kind_of_text(write: Callable[[str, str], bytes]):
    assert load(png(write("Software", "x"), write("workflow", WORKFLOW))) == load(EDITOR)


def test_what_the_editor_saved_goes_before_what_was_sent_to_be_run():
    assert load(png(plain("prompt", AS_PROMPT), plain("workflow", WORKFLOW))) == load(EDITOR)
    assert load(png(plain("prompt", AS_PROMPT), plain("workflow", "{}"))) == load(PROMPT)
    assert load(png(plain("prompt", AS_PROMPT))) == load(PROMPT)


def test_the_prompt_of_a_picture_tells_the_links_that_its_workflow_leaves_open():
    """Those of "Anything Everywhere" are made when the workflow runs; the prompt is what ran."""
    broadcast = [image_loader(1), node(2, "Anything Everywhere", [("IMAGE", "IMAGE")]), saver(3)]
    canvas = editor(broadcast, [(1, 0, 2, 0)])
    ran = {
        "1": PROMPT["1"],
        "2": {"class_type": "Anything Everywhere", "inputs": {"anything": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
    }
    alone, both = (
        load(png(plain("workflow", json.dumps(canvas)), *more))
        for more in ((), (plain("prompt", json.dumps(ran)),))
    )
    assert "unknown" in (alone.model_extra or {})["origin"]
    assert "unknown" not in (both.model_extra or {})["origin"]
    assert ("1", "3") in {(edge.source, edge.target) for edge in both.edges}
    other = {"9": PROMPT["1"]}
    assert load(png(plain("workflow", json.dumps(canvas)), plain("prompt", json.dumps(other)))) == alone


def test_where_the_workflow_of_a_picture_cannot_be_read_its_prompt_is():
    canvas = editor([node(1, "workflow>Gone")], [])
    assert load(png(plain("workflow", json.dumps(canvas)), plain("prompt", AS_PROMPT))) == load(PROMPT)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_a_webp_carries_its_workflow_in_exif_data(order: str, prefix: bytes):
    texts = {MAKE: f"workflow:{WORKFLOW}", MODEL: f"prompt:{AS_PROMPT}"}
    assert load(webp(texts, order, prefix)) == load(EDITOR)
    assert load(webp({MODEL: f"Prompt: {AS_PROMPT}"}, order, prefix)) == load(PROMPT)


def test_umlauts_in_utf_8_where_latin_1_belongs_are_read():
    """Some programs write UTF-8 into the kind of text that is Latin-1 by its definition."""
    text = json.dumps(EDITOR, ensure_ascii=False).encode()
    assert load(png(chunk(b"tEXt", b"workflow\0" + text))) == load(EDITOR)


def test_nan_in_a_prompt_is_read_as_null():
    """ComfyUI writes NaN, which is no JSON, where it does not remember a node's state."""
    nan = AS_PROMPT.replace('"x"', "NaN")
    assert load(png(plain("prompt", nan))) == load(PROMPT) == load(nan.encode())
    with pytest.raises(WorkflowError, match="NaN is not a finite number"):
        load(b'{"nodes": [{"id": "a", "type": "t", "x": NaN}], "edges": []}')


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (png(), "this is a PNG picture that carries no workflow"),
        (png(plain("parameters", "a cat")), "the settings of Stable Diffusion web UI, and no workflow"),
        (webp({}), "this is a WebP picture that carries no workflow"),
        (HEADER, "this is a PNG picture that carries no workflow"),
    ],
)
def test_a_picture_without_a_workflow_says_so(content: bytes, says: str):
    with pytest.raises(NoWorkflowError) as caught:
        load(content, "x.png")
    assert says in str(caught.value)
    assert caught.value.hint


BOMB = zlib.compress(bytes(80_000_000))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (png(chunk(b"zTXt", b"workflow\0\0" + BOMB)), "unpack to more than 64 MiB"),
        (png(chunk(b"iTXt", b"workflow\0\1\0\0\0" + BOMB)), "unpack to more than 64 MiB"),
        (
            png(*[chunk(b"zTXt", b"a%d\0\0" % n + zlib.compress(bytes(30_000_000))) for n in range(3)]),
            "64 MiB",
        ),
        (png(plain("workflow", WORKFLOW))[:200], "damaged, or cut off"),
        (png(chunk(b"zTXt", b"workflow\0\0not packed")), "is damaged"),
        (png(plain("workflow", WORKFLOW).replace(b"LoadImage", b"LoadImagf")), "damaged, or cut off"),
        (HEADER + struct.pack(">I", 2**32 - 1) + b"tEXtworkflow\0{}", "damaged, or cut off"),
        (png(plain("workflow", "{")), "not JSON"),
    ],
)
def test_a_hostile_or_damaged_picture_is_an_error(content: bytes, says: str):
    """It unpacks no more than is read, whatever it claims."""
    with pytest.raises(WorkflowError, match=says) as caught:
        load(content, "x.png")
    assert not isinstance(caught.value, NoWorkflowError)


def test_a_webp_that_leads_nowhere_carries_no_workflow():
    """Entries that point beyond the end of the data, or back to their own directory, are no loop."""
    exif = b"II*\0" + struct.pack("<IH", 8, 2)
    exif += struct.pack("<HHII", 0x8769, 4, 1, 8) + struct.pack("<HHII", MAKE, 2, 2**32 - 1, 2**31)
    body = b"WEBPEXIF" + struct.pack("<I", len(exif)) + exif
    with pytest.raises(NoWorkflowError):
        load(b"RIFF" + struct.pack("<I", len(body)) + body)


def test_a_user_comment_carries_a_workflow(tmp_path: Path):
    """Other programs keep it there, with the name of its encoding before it."""
    texts = {COMMENT: "ASCII\0\0\0" + json.dumps(PROMPT)}
    assert load(webp(texts)) == load(PROMPT)


def test_a_folder_of_pictures_is_a_catalogue(tmp_path: Path):
    """Those that carry no workflow are skipped and named; a damaged one is an error of its own."""
    (tmp_path / "a.png").write_bytes(png(international("workflow", WORKFLOW)))
    (tmp_path / "B.WEBP").write_bytes(webp({MAKE: f"workflow:{WORKFLOW}"}))
    (tmp_path / "c.json").write_text(AS_PROMPT)
    (tmp_path / "photo.png").write_bytes(png())
    (tmp_path / "z.png").write_bytes(png(plain("workflow", WORKFLOW))[:200])
    entries, skipped = resolve([str(tmp_path)])
    assert [(Path(entry.ref).name, entry.error is None) for entry in entries] == [
        ("B.WEBP", True),
        ("a.png", True),
        ("c.json", True),
        ("z.png", False),
    ]
    assert [(Path(name).name, reason) for name, reason in skipped] == [
        ("photo.png", "this is a PNG picture that carries no workflow")
    ]
    assert len(resolve([str(tmp_path)], strict=True).entries) == 5


def test_one_workflow_in_three_files_is_one_graph(tmp_path: Path):
    """Editor JSON, API JSON and PNG: the same graph, the same category, no difference in structure."""
    contents = {
        "a.json": WORKFLOW.encode(),
        "b.json": AS_PROMPT.encode(),
        "c.png": png(plain("workflow", WORKFLOW)),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    workflows = [lg.load(tmp_path / name) for name in contents]
    assert len({frozenset(lg.graph(w).edges) for w in workflows}) == 1
    assert {lg.classify(w).category for w in workflows} == {"image"}
    for other in ("b.json", "c.png"):
        done = lamina("diff", tmp_path / "a.json", tmp_path / other, "-f", "json")
        assert json.loads(done.stdout)["cost"] == 0
