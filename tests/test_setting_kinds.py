"""Settings by name: what kind of setting changed, and in which words that is said."""

from typing import Any

import pytest

from lamina_graph.diff import EDITOR_RULES, SETTING_RULES, ComparisonPolicy, Diff, UnratedChange, diff
from lamina_graph.diff.known_part import keep_certain
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.model import Workflow
from lamina_graph.render import diff_scene


def version(**fields: Any) -> Workflow:
    """A text encoder, of these fields, before a sampler and a saver."""
    nodes = [
        {"id": "6", "type": "CLIPTextEncode", "label": "Positive", **fields},
        {"id": "3", "type": "KSampler"},
        {"id": "9", "type": "SaveImage"},
    ]
    edges = [{"source": "6", "target": "3"}, {"source": "3", "target": "9"}]
    return load({"nodes": nodes, "edges": edges})


def compare(before: dict[str, Any], after: dict[str, Any], **policy: Any) -> Diff:
    return diff(version(settings=before), version(settings=after), policy=ComparisonPolicy(**policy))


@pytest.mark.parametrize(
    ("name", "before", "after", "rule", "text"),
    [
        ("text", "a red hat", "a blue hat", "prompt-changed", "Prompt of Positive changed: “red” → “blue”"),
        ("text", "hat", "hat, 8k", "prompt-changed", "Prompt of Positive changed: “8k” added"),
        ("text", "a hat.", "a hat. sharp", "prompt-changed", "Prompt of Positive changed: “sharp” added"),
        ("text", "a hat, ugly", "a hat", "prompt-changed", "Prompt of Positive changed: “ugly” removed"),
        ("text", "a  hat", "a hat", "prompt-changed", "Prompt of Positive changed: blanks and line breaks"),
        ("text_g", "a cat", "one dog", "prompt-changed", "Prompt of Positive changed: “a cat” → “one dog”"),
        (
            "widget 0",
            "one two three four five six",
            "one two three four five seven",
            "prompt-changed",
            "Prompt of Positive changed: “six” → “seven”",
        ),
        (
            "ckpt_name",
            "SDXL/a.safetensors",
            "SDXL/b.safetensors",
            "model-swapped",
            "Model of Positive swapped: SDXL/a.safetensors → SDXL/b.safetensors",
        ),
        ("widget 0", "a.gguf", "b.gguf", "model-swapped", "Model of Positive swapped: a.gguf → b.gguf"),
        (
            "modelId",
            "kling-v2",
            "kling-v3",
            "model-swapped",
            "Model of Positive swapped: kling-v2 → kling-v3",
        ),
        ("steps", 20, 30, "number-changed", "Positive: steps 20 → 30"),
        ("cfg", 7, 8.5, "number-changed", "Positive: cfg 7 → 8.5"),
        ("seed", 1, 2, "seed-changed", "Seed of Positive changed: 1 → 2"),
        ("noise_seed", 1, 2, "seed-changed", "Seed of Positive changed: 1 → 2"),
        (
            "control_after_generate",
            "fixed",
            "randomize",
            "seed-changed",
            "Seed of Positive changed: fixed → randomize",
        ),
        (
            "sampler_name",
            "euler",
            "lcm",
            "node-settings-changed",
            "Settings of Positive changed: settings.sampler_name",
        ),
        ("tiling", True, False, "node-settings-changed", "Settings of Positive changed: settings.tiling"),
        (
            "preview_model",
            "flux-dev",
            "flux-pro",
            "model-swapped",
            "Model of Positive swapped: flux-dev → flux-pro",
        ),
        (
            "preview_method",
            "auto",
            "none",
            "preview-changed",
            "Preview of Positive changed: preview_method auto → none",
        ),
        (
            "seed",
            "a red fox",
            "a cat",
            "node-settings-changed",
            "Settings of Positive changed: settings.seed",
        ),
        ("seedance", "on", "off", "node-settings-changed", "Settings of Positive changed: settings.seedance"),
    ],
)
def test_a_setting_is_told_by_its_kind(name: str, before: Any, after: Any, rule: str, text: str):
    (change,) = compare({name: before}, {name: after}).changes
    assert (change.rule, change.text) == (rule, text)
    assert (change.before, change.after) == ({f"settings.{name}": before}, {f"settings.{name}": after})


def test_settings_of_one_kind_stand_in_one_change():
    before, after = {"steps": 20, "cfg": 7, "text": "a"}, {"steps": 30, "cfg": 8, "text": "b"}
    texts = [change.text for change in compare(before, after).changes]
    assert texts == ["Prompt of Positive changed: “a” → “b”", "Positive: cfg 7 → 8 and steps 20 → 30"]


def test_a_long_prompt_is_told_by_the_words_that_changed():
    words = [f"word{n}" for n in range(2_000)]
    found = compare({"text": " ".join(words)}, {"text": " ".join([*words[:999], "other", *words[1000:]])})
    assert found.changes[0].text == "Prompt of Positive changed: “word999” → “other”"


@pytest.mark.parametrize("level", ["breaking", "cosmetic", "ignore"])
def test_each_kind_of_setting_can_be_levelled_by_itself(level: str):
    before, after = {"seed": 1, "steps": 20}, {"seed": 2, "steps": 30}
    found = compare(before, after, severities={"seed-changed": level, "number-changed": "cosmetic"})
    assert found.severity == ("breaking" if level == "breaking" else "cosmetic")
    assert found.ignored == (level == "ignore")


def test_a_model_file_that_a_node_needs_is_swapped_by_its_name():
    row = {"name": "a.safetensors", "directory": "loras", "url": "https://example.org/a"}
    swapped = diff(version(models=[row]), version(models=[row | {"name": "b.safetensors"}]))
    assert [change.text for change in swapped.changes] == [
        "Model of Positive swapped: a.safetensors → b.safetensors"
    ]
    moved = diff(version(models=[row]), version(models=[row | {"url": "https://example.org/b"}]))
    assert [change.rule for change in moved.changes] == ["node-settings-changed"]


def test_the_same_model_in_settings_and_in_what_a_node_needs_is_swapped_once():
    old, new = (
        version(settings={"lora_name": name}, models=[{"name": name}])
        for name in ("a.safetensors", "b.safetensors")
    )
    (change,) = diff(old, new).changes
    assert change.text == "Model of Positive swapped: a.safetensors → b.safetensors"


def test_packs_that_were_updated_are_told_once():
    def saved(at: str) -> Workflow:
        pack = {"name": "comfy-core", "version": at}
        nodes = [{"id": str(n), "type": "KSampler", "pack": pack} for n in range(30)]
        return load({"nodes": nodes, "edges": []})

    (change,) = diff(saved("0.3.1"), saved("0.3.9")).changes
    assert change.text == "Node pack of 30 nodes changed: comfy-core 0.3.1 → 0.3.9"
    assert change.severity == "cosmetic"


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        ("kijai/ComfyUI-KJNodes", "comfyui-kjnodes", "cosmetic"),
        ("comfy-core", "look-alike-core", "risky"),
    ],
)
def test_a_node_of_another_pack_may_be_another_node(before: str, after: str, severity: str):
    """A pack has a name in the registry, and one of its author and repository, which ends alike."""
    assert diff(version(pack={"name": before}), version(pack={"name": after})).severity == severity


def test_words_of_a_note_are_no_prompt():
    def noted(text: str) -> Workflow:
        return load({"nodes": [{"id": "1", "type": "Note", "data": {"text": text}}], "edges": []})

    assert [change.rule for change in diff(noted("a"), noted("b")).changes] == ["node-settings-changed"]


@pytest.mark.parametrize("rule", sorted(SETTING_RULES | EDITOR_RULES))
def test_settings_are_certain_also_where_edges_are_unknown(rule: str):
    assert [change.rule for change in keep_certain([UnratedChange(rule, "")])] == [rule]


@pytest.mark.parametrize(
    ("before", "after", "mark"),
    [
        ({"text": "a"}, {"text": "b"}, "changed"),
        ({"steps": 1}, {"steps": 2}, "changed"),
        ({"ckpt_name": "a.pt"}, {"ckpt_name": "b.pt"}, "changed"),
        ({"seed": 1}, {"seed": 2}, "changed"),
        ({"videopreview": 1}, {"videopreview": 2}, None),
    ],
)
def test_a_picture_marks_nodes_that_are_set_otherwise(before: Any, after: Any, mark: str | None):
    found = compare(before, after)
    facts = (features(each) for each in (found.old_workflow, found.new_workflow))
    marks = {card.title: card.mark for card in diff_scene(found, *facts).cards}
    assert marks["Positive"] == mark
