"""Types with the plain names that people give to the ends of a pipeline."""

import json
from pathlib import Path

import pytest
from builders import workflow
from click.testing import CliRunner

import lamina_graph as lg
from lamina_graph.cli import cli
from lamina_graph.features import features

CASES = Path(__file__).parent / "cases" / "generic-input-removed"

INPUTS = [
    "input", "inputs", "Input", "inputNode", "userInput", "user_input", "user-input-node", "fileInput",
    "fileUpload", "upload", "uploader", "uploadFile", "mediaInput", "media_upload", "loadMedia",
    "mediaLoader", "assetInput", "assetNode", "brandAsset", "loadAsset", "formInput", "form", "dropzone",
    "filePicker", "imageUpload", "uploadImage", "textInput", "textField", "textarea", "promptInput",
    "imageInput", "audio_input", "clipInput", "selectInput", "optionsInput", "numberInput",
    "aspectRatioInput", "seedInput", "csvUpload", "urlInput", "sourceFile", "referenceNode", "startNode",
    "prompt", "textPrompt", "default", "script_input",
    "chatInput", "importFile", "mediaLibrary", "parameterNode", "params", "variableNode", "requestNode",
    "inputGroupNode", "inputList", "optionsNode", "triggerNode",
]  # fmt: skip
OUTPUTS = [
    "output", "outputs", "Output", "outputNode", "output_node", "resultNode", "result", "finalResult",
    "endNode", "mediaOutput", "deliverable", "exportNode", "downloadNode", "publishNode", "previewNode",
    "returnNode", "exit",
]  # fmt: skip


@pytest.mark.parametrize("old", sorted(CASES.glob("*-old.json")), ids=lambda path: path.stem)
def test_removing_an_input_with_a_plain_name_fails_the_gate(old: Path) -> None:
    new = old.with_name(old.name.replace("-old", "-new"))
    done = CliRunner().invoke(cli, ["diff", str(old), str(new), "--fail-on", "breaking", "-f", "json"])
    assert done.exit_code == 1
    assert "input-removed" in [change["rule"] for change in json.loads(done.stdout)["changes"]]
    assert len(features(lg.load(old)).inputs) == 2


@pytest.mark.parametrize("name", [*INPUTS, "USER INPUT"])
def test_a_first_node_called_an_input_is_one(name: str) -> None:
    found = features(workflow(f"{name} > klingVideoNode"))
    assert (found.inputs, [end.id for end in found.deliverables]) == ((name,), ["klingVideoNode"])


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_last_node_called_an_output_is_one(name: str) -> None:
    found = features(workflow(f"imageUploadNode > klingVideoNode > {name}"))
    assert [node.id for node in found.facts if node.role == "output"] == [name]
    assert [(end.id, end.end) for end in found.deliverables] == [("klingVideoNode", name)]


@pytest.mark.parametrize("name", ["input", "textInputNode", "fileInput", "uploadNode", "selectInput"])
def test_a_node_with_incoming_edges_is_not_an_input(name: str) -> None:
    assert features(workflow(f"scriptWriterNode > {name} > klingVideoNode")).inputs == ()


@pytest.mark.parametrize("name", ["endFrameNode", "finalImage", "resultNode"])
def test_a_first_node_called_an_output_is_an_input(name: str) -> None:
    assert features(workflow(f"{name} > klingVideoNode > output")).inputs == (name,)


@pytest.mark.parametrize("name", ["input", "seedInput", "optionsInput"])
def test_a_node_that_configures_a_model_is_not_an_input(name: str) -> None:
    assert features(workflow(f"{name} > KSampler > VAEDecode > SaveImage")).inputs == ()


@pytest.mark.parametrize(
    "name", ["inputSwitch", "inputSettings", "constantNode", "fetchNode", "httpRequestNode"]
)
def test_switches_and_constants_are_not_inputs(name: str) -> None:
    assert features(workflow(f"{name} > klingVideoNode")).inputs == ()


def test_an_input_takes_its_medium_from_its_label_and_else_from_what_it_feeds() -> None:
    assert features(workflow('input="Product photo" > klingVideoNode')).input_modalities == ("image",)
    assert features(workflow("input > acmeImageToVideoNode")).input_modalities == ("image",)
    assert features(workflow("input > klingVideoNode")).input_modalities == ()


def test_a_clip_is_a_video_and_beside_conditioning_a_text_encoder() -> None:
    found = features(workflow("clipNode > trimClipNode > output"))
    assert (found.inputs, found.input_modalities, found.output_modalities) == (
        ("clipNode",),
        ("video",),
        ("video",),
    )
    found = features(workflow("clipNode > CLIPTextEncode > KSampler > VAEDecode > SaveImage"))
    assert (found.inputs, found.output_modalities) == ((), ("image",))
