"""A workflow of ComfyUI's editor is read as the graph that would run."""

import json
from copy import deepcopy
from typing import Any

import pytest
from comfyui import Json, editor, image_loader, node, saver, scaler, subgraph
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

import lamina_graph as lg
from lamina_graph.errors import WorkflowError
from lamina_graph.files import canonical, load, parse


def edges(data: Json) -> list[tuple[str, str]]:
    """Return the edges of a file, as pairs of ids."""
    return [(edge.source, edge.target) for edge in load(data).edges]


def ids(data: Json) -> list[str]:
    return [each.id for each in load(data).nodes]


def unknown(data: Json) -> list[str]:
    origin: Json = (load(data).model_extra or {})["origin"]
    result: list[str] = origin.get("unknown", [])
    return result


def test_a_node_keeps_what_the_file_says_of_it():
    """Type, title, settings, model files, pack, place, colour; a title that repeats the type is none."""
    sampler = node(
        3,
        "KSampler",
        [("model", "MODEL"), ("seed", "INT"), ("steps", "INT")],
        ["LATENT"],
        title="First pass",
        color="#232",
        widgets_values=[7, "randomize", 20],
        properties={
            "cnr_id": "comfy-core",
            "ver": "0.3.59",
            "models": [{"name": "a.safetensors", "directory": "checkpoints", "hash": "0"}],
        },
    )
    for socket in sampler["inputs"][1:]:
        socket["widget"] = {"name": socket["name"]}
    first, second = load(editor([sampler, node(4, "VAEDecode", title="VAE Decode")], [])).nodes
    assert (first.id, first.type, first.label) == ("3", "KSampler", "First pass")
    assert first.model_extra == {
        "settings": {"seed": 7, "control_after_generate": "randomize", "steps": 20},
        "models": [{"name": "a.safetensors", "directory": "checkpoints"}],
        "pack": {"name": "comfy-core", "version": "0.3.59"},
        "position": {"x": 120, "y": 20},
        "color": "#232",
    }
    assert second.label == "VAEDecode"


def test_an_edge_names_its_sockets_and_what_it_carries():
    data = editor([image_loader(1), saver(2)], [(1, 0, 2, 0)])
    (edge,) = load(data).edges
    assert edge.model_dump() == {
        "source": "1",
        "target": "2",
        "sourceHandle": "IMAGE",
        "sourceSlot": 0,
        "targetHandle": "images",
        "carries": "IMAGE",
    }


@pytest.mark.parametrize("as_object", [False, True])
def test_links_are_lists_or_objects(as_object: bool):
    data = editor([image_loader(1), saver(2)], [(1, 0, 2, 0)])
    if as_object:
        fields = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
        data["links"] = [dict(zip(fields, row, strict=True)) for row in data["links"]]
    assert edges(data) == [("1", "2")]


SCALED = [image_loader(1), scaler(2), saver(3)]
CHAIN = [(1, 0, 2, 0), (2, 0, 3, 0)]


def with_middle(type_: str = "ImageScale", **fields: Any) -> Json:
    """Return loader, something and saver in a row."""
    middle = node(2, type_, [("image", "IMAGE")], ["IMAGE"], **fields)
    return editor([image_loader(1), middle, saver(3)], CHAIN)


@pytest.mark.parametrize(
    ("data", "nodes", "wires"),
    [
        (with_middle(), ["1", "2", "3"], [("1", "2"), ("2", "3")]),
        (with_middle("Reroute"), ["1", "3"], [("1", "3")]),
        (with_middle("Reroute (rgthree)", mode=2), ["1", "3"], [("1", "3")]),
        (with_middle(mode=4), ["1", "3"], [("1", "3")]),
        (with_middle(mode=2), ["1", "3"], []),
        (with_middle("Note"), ["1", "3"], []),
    ],
    ids=["runs", "reroute", "muted reroute", "bypassed", "muted", "note"],
)
def test_what_does_not_run_is_left_out(data: Json, nodes: list[str], wires: list[tuple[str, str]]):
    """A reroute and a bypassed node hand on what they are given; a muted node and a note do not."""
    assert (ids(data), edges(data)) == (nodes, wires)


def test_a_bypassed_node_hands_on_the_input_of_the_type_that_is_wanted():
    """The one at the output's own place goes first; a socket of another type is never wired through."""
    bypassed = node(
        3, "Mix", [("mask", "MASK"), ("a", "IMAGE"), ("b", "IMAGE")], ["IMAGE", "IMAGE", "LATENT"], mode=4
    )
    sinks = [saver(4), saver(5), node(6, "VAEDecode", [("samples", "LATENT")])]
    links = [(1, 1, 3, 0), (1, 0, 3, 1), (2, 0, 3, 2), (3, 0, 4, 0), (3, 1, 5, 0), (3, 2, 6, 0)]
    assert edges(editor([image_loader(1), image_loader(2), bypassed, *sinks], links)) == [
        ("1", "4"),
        ("1", "5"),
    ]


def test_set_and_get_are_paired_by_name():
    nodes = [
        image_loader(1),
        node(2, "SetNode", [("IMAGE", "IMAGE")], ["*"], widgets_values=["photo"]),
        node(3, "GetNode", outputs=["IMAGE"], widgets_values=["photo"]),
        saver(4),
    ]
    assert edges(editor(nodes, [(1, 0, 2, 0), (3, 0, 4, 0)])) == [("1", "4")]


def test_a_get_node_that_is_bypassed_still_gives_what_its_set_node_was_given():
    """A group with a Get node is bypassed as a whole; what it hands on comes from before it."""
    nodes = [
        image_loader(1),
        node(2, "SetNode", [("IMAGE", "IMAGE")], ["*"], widgets_values=["photo"]),
        node(3, "GetNode", outputs=["IMAGE"], widgets_values=["photo"], mode=4),
        scaler(4, mode=4),
        saver(5),
    ]
    assert edges(editor(nodes, [(1, 0, 2, 0), (3, 0, 4, 0), (4, 0, 5, 0)])) == [("1", "5")]


def test_a_get_node_without_a_name_takes_nothing():
    nodes = [
        image_loader(1),
        node(2, "SetNode", [("IMAGE", "IMAGE")], ["*"], widgets_values=[""]),
        node(3, "GetNode", outputs=["IMAGE"], widgets_values=[""]),
        saver(4),
    ]
    data = editor(nodes, [(1, 0, 2, 0), (3, 0, 4, 0)])
    assert (edges(data), unknown(data)) == ([], ["No Set node gives what a Get node takes as “”."])


def test_a_get_node_without_a_set_node_is_named_as_not_known():
    nodes = [node(3, "GetNode", outputs=["IMAGE"], widgets_values=["photo"]), saver(4)]
    data = editor(nodes, [(3, 0, 4, 0)])
    assert edges(data) == []
    assert unknown(data) == ["No Set node gives what a Get node takes as “photo”."]


def nested(instances: int = 1) -> Json:
    """Return a workflow that scales pictures in a subgraph within a subgraph."""
    inner = subgraph(
        "in", [scaler(1)], [(-10, 0, 1, 0), (1, 0, -20, 0)], [("image", "IMAGE")], [("image", "IMAGE")]
    )
    outer = subgraph(
        "out",
        [node(7, "in", [("image", "IMAGE")], ["IMAGE"])],
        [(-10, 0, 7, 0), (7, 0, -20, 0)],
        [("image", "IMAGE")],
        [("image", "IMAGE")],
    )
    nodes, links = [image_loader(1)], []
    for number in range(2, 2 + instances):
        nodes.append(node(number, "out", [("image", "IMAGE")], ["IMAGE"]))
        links.append((number - 1, 0, number, 0))
    nodes.append(saver(number + 1))
    links.append((number, 0, number + 1, 0))
    return editor(nodes, links, definitions={"subgraphs": [outer, inner]})


def test_subgraphs_are_opened_with_the_ids_under_which_their_nodes_run():
    """An instance is gone; its nodes are called by the way to them, as ComfyUI calls them when it runs."""
    data = nested(2)
    assert ids(data) == ["1", "2:7:1", "3:7:1", "4"]
    assert edges(data) == [("1", "2:7:1"), ("2:7:1", "3:7:1"), ("3:7:1", "4")]


def test_a_subgraph_may_define_the_subgraphs_that_stand_in_it():
    data = nested()
    outer, inner = data["definitions"]["subgraphs"]
    data["definitions"]["subgraphs"] = [outer | {"definitions": {"subgraphs": [inner]}}]
    assert ids(data) == ids(nested())


@pytest.mark.parametrize(("mode", "wires"), [(4, [("1", "3")]), (2, [])], ids=["bypassed", "muted"])
def test_a_subgraph_that_does_not_run_takes_its_nodes_with_it(mode: int, wires: list[tuple[str, str]]):
    data = nested()
    data["nodes"][1]["mode"] = mode
    assert (ids(data), edges(data)) == (["1", "3"], wires)


def test_the_inputs_of_an_instance_are_known_by_their_names():
    """The editor leaves out the inputs that nothing feeds, so that their places say nothing."""
    inner = subgraph(
        "in",
        [node(1, "Mix", [("size", "INT"), ("image", "IMAGE")], ["IMAGE"])],
        [(-10, 0, 1, 0), (-10, 1, 1, 1), (1, 0, -20, 0)],
        [("size", "INT"), ("image", "IMAGE")],
        [("image", "IMAGE")],
    )
    nodes = [image_loader(1), node(2, "in", [("image", "IMAGE")], ["IMAGE"]), saver(3)]
    (edge, _) = load(editor(nodes, [(1, 0, 2, 0), (2, 0, 3, 0)], definitions={"subgraphs": [inner]})).edges
    assert (edge.source, edge.target, edge.model_dump()["targetHandle"]) == ("1", "2:1", "image")


def prompted(**instance: Any) -> Json:
    """Return a workflow whose subgraph shows the widgets of two nodes in it, and the second's settings."""
    encoder = node(1, "CLIPTextEncode", [("clip", "CLIP"), ("text", "STRING")], ["CONDITIONING"])
    encoder["inputs"][1]["widget"] = {"name": "text"}
    encoder["widgets_values"] = ["a cat"]
    sampler = node(2, "KSampler", [("positive", "CONDITIONING"), ("steps", "INT")], ["LATENT"])
    sampler["inputs"][1]["widget"] = {"name": "steps"}
    sampler["widgets_values"] = [7, "fixed", 20, 1, "euler", "normal", 1]
    sockets = [("text", "STRING"), ("steps", "INT")]
    links = [(-10, 0, 1, 1), (1, 0, 2, 0), (-10, 1, 2, 1)]
    shown = subgraph("in", [encoder, sampler], links, sockets)
    number = node(5, "PrimitiveInt", outputs=["INT"], widgets_values=[30])
    return editor([node(3, "in", sockets, **instance), number], [], definitions={"subgraphs": [shown]})


def settings(data: Json) -> dict[str, Json]:
    return {each.id: (each.model_extra or {}).get("settings", {}) for each in load(data).nodes}


def test_the_widgets_that_a_subgraph_shows_have_the_values_of_its_instance():
    """Where the numbers do not agree, nothing says which is which, and the nodes keep their own."""
    own, shown = settings(prompted()), settings(prompted(widgets_values=["a dog", 25]))
    assert (own["3:1"]["text"], own["3:2"]["steps"]) == ("a cat", 20)
    assert (shown["3:1"]["text"], shown["3:2"]["steps"]) == ("a dog", 25)
    assert settings(prompted(widgets_values=["a dog"])) == own
    named = settings(prompted(widgets_values_named={"text": "a dog"}))
    assert (named["3:1"]["text"], named["3:2"]["steps"]) == ("a dog", 20)


def test_a_widget_that_another_node_feeds_is_no_setting():
    """What it shows is not what runs."""
    data = prompted(widgets_values=["a dog", 25])
    data["links"] = [[1, 5, 0, 3, 1, "INT"]]
    data["nodes"][0]["inputs"][1]["link"] = 1
    assert ("5", "3:2") in edges(data)
    assert "steps" not in settings(data)["3:2"]


@pytest.mark.parametrize(
    ("type_", "widgets", "values", "expected"),
    [
        ("VAELoader", [], ["ae.sft"], {"vae_name": "ae.sft"}),
        (
            "Mine",
            ["seed", "size"],
            [7, "fixed", 9],
            {"seed": 7, "control_after_generate": "fixed", "size": 9},
        ),
        ("Mine", ["size"], [7, 9], {"widget 0": 7, "widget 1": 9}),
        ("VAELoader", [], ["ae.sft", 1], {"widget 0": "ae.sft", "widget 1": 1}),
        ("Mine", [], {"frame_rate": 8}, {"frame_rate": 8}),
        ("KSampler", [], [7, 20, 8.5], {"seed": 7, "steps": 20, "cfg": 8.5}),
        ("Mine", [], [2, 7, "randomize"], {"widget 0": 2, "seed": 7, "control_after_generate": "randomize"}),
        ("PrimitiveNode", [], [512, "fixed"], {"widget 0": 512, "widget 1": "fixed"}),
    ],
    ids=[
        "known",
        "listed",
        "some listed",
        "another number",
        "an object",
        "no control",
        "a seed by what follows",
        "any number",
    ],
)
def test_settings_have_names_where_the_file_or_the_type_tells_them(
    type_: str, widgets: list[str], values: Any, expected: Json
):
    each = node(1, type_, [(name, "INT") for name in widgets], widgets_values=values)
    for socket in each["inputs"]:
        socket["widget"] = {"name": socket["name"]}
    assert settings(editor([each], []))["1"] == expected


def grouped(type_: str = "workflow>Encode", **fields: Any) -> Json:
    """Return a workflow with a group node of three; what its text encoder gives is taken outside, too."""
    loader = node(None, "CheckpointLoaderSimple", outputs=["MODEL", "CLIP", "VAE"], widgets_values=["a.sft"])
    encoder = node(None, "CLIPTextEncode", [("clip", "CLIP")], ["CONDITIONING"], widgets_values=["a cat"])
    sampler = node(
        None,
        "KSampler",
        [("model", "MODEL"), ("positive", "CONDITIONING"), ("latent_image", "LATENT")],
        ["LATENT"],
    )
    group = {
        "nodes": [loader, encoder, sampler],
        "links": [[0, 1, 1, 0, 1, "CLIP"], [0, 0, 2, 0, 1, "MODEL"], [1, 0, 2, 1, 2, "CONDITIONING"]],
        "external": [[1, 0, "CONDITIONING"]],
    }
    instance = node(4, type_, [("latent_image", "LATENT")], ["VAE", "CONDITIONING", "LATENT"], **fields)
    nodes = [
        node(1, "EmptyLatentImage", outputs=["LATENT"]),
        instance,
        node(5, "VAEDecode", [("samples", "LATENT"), ("vae", "VAE")], ["IMAGE"]),
        node(6, "ConditioningZeroOut", [("conditioning", "CONDITIONING")]),
    ]
    links = [(1, 0, 4, 0), (4, 2, 5, 0), (4, 0, 5, 1), (4, 1, 6, 0)]
    return editor(nodes, links, extra={"groupNodes": {"Encode": group}})


@pytest.mark.parametrize("prefix", ["workflow>", "workflow/"])
def test_old_group_nodes_are_opened(prefix: str):
    """Their inputs and outputs are those that nothing within takes, in the order of their nodes."""
    assert edges(grouped(f"{prefix}Encode")) == [
        ("4:0", "4:1"),
        ("4:0", "4:2"),
        ("4:1", "4:2"),
        ("1", "4:2"),
        ("4:2", "5"),
        ("4:0", "5"),
        ("4:1", "6"),
    ]


def test_the_nodes_of_a_group_have_the_values_of_its_instance():
    shown = settings(grouped(widgets_values=["b.sft", "a dog"]))
    assert (shown["4:0"], shown["4:1"]) == ({"ckpt_name": "b.sft"}, {"text": "a dog"})
    assert settings(grouped(widgets_values=["b.sft"]))["4:0"] == {}
    assert unknown(grouped(widgets_values=["b.sft"])) == [
        "The group node “Encode” does not tell which of its values belongs to which node."
    ]


def test_a_group_node_that_the_file_does_not_define_is_refused_by_name():
    with pytest.raises(WorkflowError, match="the group node “Upscale” is not defined in this file") as caught:
        load(grouped("workflow>Upscale"))
    assert "Convert it" in caught.value.hint


def test_an_input_says_which_link_feeds_it_wherever_the_link_says_it_ends():
    data = editor([image_loader(1), saver(2)], [(1, 0, 2, 0)])
    data["links"][0][4] = 7
    assert edges(data) == [("1", "2")]


def test_a_definition_needs_no_links_at_its_outputs():
    """Files leave the list of an inner output empty; the links themselves say where it leads."""
    data = nested()
    for definition in data["definitions"]["subgraphs"]:
        for each in definition["nodes"]:
            each["outputs"][0]["links"] = None
    assert edges(data) == [("1", "2:7:1"), ("2:7:1", "3")]


def test_a_type_that_a_bypassed_node_takes_is_what_is_looked_for_behind_it():
    """The switch takes anything; behind the first bypassed node it is a picture that is wanted."""
    first = node(3, "A", [("image", "IMAGE")], ["*"], mode=4)
    second = node(2, "B", [("mask", "MASK"), ("image", "IMAGE")], ["MASK", "IMAGE"], mode=4)
    nodes = [image_loader(1), second, first, node(4, "Any Switch (rgthree)", [("any_01", "*")])]
    links = [(1, 1, 2, 0), (1, 0, 2, 1), (2, 1, 3, 0), (3, 0, 4, 0)]
    (edge,) = load(editor(nodes, links)).edges
    assert edge.model_dump()["sourceHandle"] == "IMAGE"


def test_a_long_row_of_reroutes_is_followed_once():
    """Thousands of nodes behind thousands of reroutes are not millions of steps."""
    size = 2_000
    row = [node(i, "Reroute", [("", "*")], ["*"]) for i in range(2, size)]
    savers = [saver(i) for i in range(size, 2 * size)]
    links = [(i - 1, 0, i, 0) for i in range(2, size)] + [(size - 1, 0, i, 0) for i in range(size, 2 * size)]
    assert {source for source, _ in edges(editor([image_loader(1), *row, *savers], links))} == {"1"}


def test_links_that_the_editor_adds_when_it_runs_are_there_where_the_file_notes_them():
    nodes = [image_loader(1), node(2, "Anything Everywhere", [("IMAGE", "IMAGE")]), saver(3)]
    data = editor(nodes, [(1, 0, 2, 0)])
    assert edges(data) == [("1", "2")]
    assert unknown(data) == [
        "“Anything Everywhere” adds links when the editor runs the workflow; the file does not tell which."
    ]
    noted = {"downstream": 3, "downstream_slot": 0, "upstream": "1", "upstream_slot": 0, "type": "IMAGE"}
    data["extra"] = {"ue_links": [noted]}
    assert edges(data) == [("1", "2"), ("1", "3")]
    assert unknown(data) == []


def test_a_link_to_nowhere_is_named_as_not_known():
    data = editor([image_loader(1), saver(2)], [(9, 0, 2, 0)])
    assert edges(data) == []
    assert unknown(data) == ["1 link from nodes that the file does not have."]


def two_wires() -> Json:
    size = node(1, "GetImageSize", outputs=["INT", "INT"])
    canvas = node(2, "EmptyImage", [("width", "INT"), ("height", "INT")], ["IMAGE"])
    return editor([size, canvas], [(1, 0, 2, 0), (1, 1, 2, 1)])


def test_two_wires_between_two_nodes_are_one_edge_with_both():
    """In memory each is an edge; in JSON one edge lists its wires, and is read again as it was."""
    workflow = load(two_wires())
    assert [edge.model_dump()["targetHandle"] for edge in workflow.edges] == ["width", "height"]
    (edge,) = json.loads(canonical(workflow))["edges"]
    assert edge == {
        "source": "1",
        "target": "2",
        "wires": [
            {"targetHandle": "width", "sourceHandle": "INT", "sourceSlot": 0, "carries": "INT"},
            {"targetHandle": "height", "sourceHandle": "INT", "sourceSlot": 1, "carries": "INT"},
        ],
    }
    assert load(parse(canonical(workflow))) == workflow


def test_what_is_read_survives_as_json_of_this_project():
    for data in (
        nested(3),
        two_wires(),
        with_middle("Reroute"),
        editor([image_loader(1), saver(2)], [(9, 0, 2, 0)]),
    ):
        workflow = load(data)
        assert load(parse(canonical(workflow))) == workflow


def test_the_origin_names_the_format_and_the_workflow():
    """By the id of the workflow two files are known as versions of one."""
    assert (load(with_middle() | {"id": "w"}).model_extra or {})["origin"] == {
        "format": "comfyui-editor",
        "workflowId": "w",
    }


def test_a_subgraph_that_the_file_does_not_define_is_named_as_not_known():
    id_ = "0c5a1d1e-6a0b-4d53-8a51-7b1a3f0e2c11"
    assert unknown(with_middle(id_)) == [
        f"What is in a subgraph, since the file does not define it: “{id_}”."
    ]


def test_a_workflow_without_links_need_not_list_any():
    assert ids({"last_node_id": 2, "nodes": [image_loader(1), saver(2)]}) == ["1", "2"]


def test_a_subgraph_within_itself_is_refused():
    inner = subgraph("in", [node(1, "in")], [])
    with pytest.raises(WorkflowError, match=r"x: definitions.subgraphs: the subgraph “in” contains itself"):
        load(editor([node(1, "in")], [], definitions={"subgraphs": [inner]}), "x")


def test_subgraphs_that_multiply_without_end_are_refused():
    """Ten instances in each of ten levels would be ten thousand million nodes."""
    levels = [subgraph(f"s{n}", [node(i, f"s{n + 1}") for i in range(10)], []) for n in range(10)]
    with pytest.raises(WorkflowError, match="more than 50,000 nodes"):
        load(editor([node(1, "s0")], [], definitions={"subgraphs": levels}))


def test_subgraphs_too_deep_within_one_another_are_refused():
    levels = [subgraph(f"s{n}", [node(1, f"s{n + 1}")], []) for n in range(2_000)]
    with pytest.raises(WorkflowError, match="nested in more than 40 levels"):
        load(editor([node(1, "s0")], [], definitions={"subgraphs": levels}))


def test_a_million_links_are_refused():
    with pytest.raises(WorkflowError, match="more than 250,000 links"):
        load({"nodes": [image_loader(1)], "links": [[1, 1, 0, 1, 0, "X"]] * 1_000_000})


def test_reroutes_in_a_circle_feed_nothing():
    nodes = [node(1, "Reroute", [("", "*")], ["*"]), node(2, "Reroute", [("", "*")], ["*"]), saver(3)]
    data = editor(nodes, [(1, 0, 2, 0), (2, 0, 1, 0), (2, 0, 3, 0)])
    assert (ids(data), edges(data)) == (["3"], [])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"nodes": [{"id": 1}, {"id": 2, "type": "T"}], "links": []}, "nodes[0].type: missing"),
        ({"nodes": [{"type": "T"}], "links": []}, "nodes[0].id: missing"),
        ({"nodes": [1], "links": [[1, 1, 0, 2, 0, "X"]]}, "nodes[0]: expected an object"),
        ({"nodes": [], "links": [7]}, "links[0]: expected a link"),
        (
            editor([], [], last_node_id=1, definitions={"subgraphs": {}}),
            "definitions.subgraphs: expected a list",
        ),
    ],
)
def test_a_damaged_file_names_the_place(data: Json, says: str):
    with pytest.raises(WorkflowError) as caught:
        load(data, "x.json")
    assert str(caught.value).startswith(f"x.json: {says}")
    assert caught.value.hint


def test_savers_without_titles_are_not_called_alike():
    """In ComfyUI the title of a node is its type until somebody gives it one."""
    savers = [saver(2), saver(3)]
    data = editor([image_loader(1), *savers], [(1, 0, 2, 0), (1, 0, 3, 0)])
    assert "same-label" not in {finding.rule for finding in lg.lint(load(data))}
    for each in savers:
        each["title"] = "Poster"
    assert "same-label" in {finding.rule for finding in lg.lint(load(data))}


def test_it_is_classified_like_any_workflow():
    assert lg.classify(load(with_middle())).category == "image"


JUNK = st.sampled_from(
    [None, 0, -1, 1.5, True, "", "x", "in", "*", [], {}, [[]], ["1", 0], {"id": 1}, 10**30]
)


def containers(value: Any) -> list[Any]:
    """Return the objects and lists in JSON that hold something."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return ([value] if inner else []) + [each for part in inner for each in containers(part)]


@settings_of_hypothesis(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_never_breaks_the_reader(data: st.DataObject):
    """Whatever stands in a place, there is a workflow that survives as JSON, or an error with a remedy."""
    file = deepcopy(data.draw(st.sampled_from([nested(2), prompted(), grouped(), two_wires()])))
    for _ in range(data.draw(st.integers(1, 3))):
        container = data.draw(st.sampled_from(containers(file)))
        keys = list(container) if isinstance(container, dict) else range(len(container))
        container[data.draw(st.sampled_from(keys))] = deepcopy(data.draw(JUNK))
        if not file:
            return
    try:
        workflow = load(file)
    except WorkflowError as error:
        remedy = error.hint
    else:
        remedy = "none needed"
        assert load(parse(canonical(workflow))) == workflow
        assert lg.features(workflow).nodes == len(workflow.nodes)
    assert remedy
