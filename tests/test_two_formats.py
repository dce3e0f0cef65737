"""A workflow saved by ComfyUI's editor and sent to its API is one workflow: what both tell is compared."""

from copy import deepcopy
from typing import Any

from comfyui import Json, editor, image_loader, node, saver

import lamina_graph as lg

CONTROL = [
    ("positive", "CONDITIONING"),
    ("negative", "CONDITIONING"),
    ("image", "IMAGE"),
    ("strength", "FLOAT"),
]


def as_saved() -> Json:
    encoder = node(2, "CLIPTextEncode", [], ["CONDITIONING"], widgets_values=["a cat"], title="Scene")
    control = node(3, "ControlNetApplyAdvanced", CONTROL, ["CONDITIONING"] * 2, widgets_values=[1, 0, 1])
    control["inputs"][3]["widget"] = {"name": "strength"}
    sampler = node(
        4, "KSampler", CONTROL[:2], ["LATENT"], widgets_values=[7, "fixed", 20, 1, "euler", "simple", 1]
    )
    packs = {"cnr_id": "comfy-core", "ver": "0.3"}
    mine = node(5, "MyResize (me)", [("image", "IMAGE")], ["IMAGE"], properties=packs, widgets_values=[3, 4])
    nodes = [image_loader(1, widgets_values=["a.png", "image"]), encoder, control, sampler, mine, saver(6)]
    links = [(2, 0, 3, 0), (2, 0, 3, 1), (5, 0, 3, 2), (3, 0, 4, 0), (3, 1, 4, 1), (1, 0, 5, 0), (5, 0, 6, 0)]
    return editor(nodes, links)


def sent(type_: str, title: str = "", /, **inputs: Any) -> Json:
    return {"class_type": type_, "inputs": inputs, "_meta": {"title": title or type_}}


AS_SENT = {
    "1": sent("LoadImage", "Load Image", image="a.png"),
    "2": sent("CLIPTextEncode", "Scene", text="a cat"),
    "3": sent(
        "ControlNetApplyAdvanced",
        "Apply ControlNet",
        positive=["2", 0],
        negative=["2", 0],
        image=["5", 0],
        strength=1,
        start_percent=0,
        end_percent=1,
    ),
    "4": sent("KSampler", positive=["3", 0], negative=["3", 1], seed=7, steps=20, cfg=1, denoise=1),
    "5": sent("MyResize (me)", "🔧 My Resize", image=["1", 0], width=3, height=4),
    "6": sent("SaveImage", "Save Image", images=["5", 0]),
}


def rules(old: Json, new: Json) -> list[str]:
    return [change.rule for change in lg.diff(lg.load(old), lg.load(new)).changes]


def test_nothing_changed_where_both_tell_the_same():
    """Names of outputs, packs, and how the API calls a type are told by one alone."""
    d = lg.diff(lg.load(as_saved()), lg.load(AS_SENT))
    assert (d.identical, d.cost, d.changes) == (True, 0, ())
    assert lg.diff(lg.load(AS_SENT), lg.load(as_saved())).identical


def test_another_output_of_a_node_is_another_wire():
    """The picture of a loader is its first output, the mask its second."""
    masked = deepcopy(AS_SENT)
    masked["5"]["inputs"]["image"] = ["1", 1]
    assert rules(as_saved(), masked) == ["node-settings-changed"]


def test_a_prompt_without_titles_says_nothing_of_them():
    """Old ones have none; neither a title of the editor's nor its absence is a change."""
    untitled = {
        id_: {name: value for name, value in each.items() if name != "_meta"} for id_, each in AS_SENT.items()
    }
    assert lg.diff(lg.load(as_saved()), lg.load(untitled)).identical


def test_what_both_tell_is_compared():
    other = deepcopy(AS_SENT)
    other["2"]["inputs"]["text"] = "a dog"
    assert rules(as_saved(), other) == ["prompt-changed"]
    other = deepcopy(AS_SENT)
    other["2"]["_meta"]["title"] = "Place"
    assert rules(as_saved(), other) == ["node-relabelled"]
    other = deepcopy(AS_SENT)
    del other["6"]
    assert lg.diff(lg.load(as_saved()), lg.load(other)).cost == 2


def test_outputs_of_one_type_are_told_apart_by_their_numbers():
    """A sampler whose positive and negative side change places makes another picture."""
    other = deepcopy(AS_SENT)
    other["4"]["inputs"] |= {"positive": ["3", 1], "negative": ["3", 0]}
    assert rules(as_saved(), other) == ["node-settings-changed"]
