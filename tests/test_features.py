"""Facts about a workflow's graph."""

from itertools import pairwise

import networkx as nx
import pytest
from builders import spelled_out, workflow, workflows
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina_graph.features import Features, features
from lamina_graph.features.acyclic import open_cycles
from lamina_graph.files import load
from lamina_graph.graph import adjacency, graph
from lamina_graph.vocabulary import Vocabulary


def facts_of(w) -> dict:
    return {node.id: node for node in features(w).facts}


def test_the_documented_app():
    w = load("samples/documented-example.json")
    found = features(w)
    assert (found.nodes, found.edges, found.components, found.shape) == (3, 1, 2, "disconnected")
    assert (found.steps, found.generations, found.stages) == (3, 3, 2)
    assert (found.input_modalities, found.output_modalities) == ((), ("image", "video"))
    assert found.made[0].isoformat() == "2026-03-09T10:25:29.782000+00:00"


@pytest.mark.parametrize(
    ("chains", "shape"),
    [
        ([], "empty"),
        (["fluxNode"], "single"),
        (["fluxNode > upscaleNode > SaveImage"], "chain"),
        (["fluxNode > upscaleNode > fluxNode"], "cyclic"),
        (["fluxNode > fluxNode"], "cyclic"),
        (["fluxNode > SaveImage", "klingVideoNode"], "disconnected"),
        (["fluxNode > SaveImage", "seedNode"], "chain"),
        (["qzx", "vbn"], "disconnected"),
        (["fluxNode > cropNode > blendNode", "fluxNode > blendNode"], "diamond"),
        (["imageUploadNode > fluxNode", "textInputNode > fluxNode"], "fan-in"),
        (["fluxNode > cropNode", "fluxNode > upscaleNode"], "fan-out"),
        (
            ["imageUploadNode > fluxNode", "textInputNode > fluxNode > cropNode", "fluxNode > upscaleNode"],
            "dag",
        ),
        (["a1 > c1", "a1 > d1", "b1 > c1", "b1 > d1"], "dag"),
    ],
)
def test_every_shape_is_recognized(chains, shape):
    assert features(workflow(*chains)).shape == shape


@pytest.mark.parametrize(
    ("chains", "generations", "stages"),
    [
        (["imageUploadNode > klingVideoNode"], 1, 1),
        (["fluxImageNode > klingVideoNode > upscaleNode"], 2, 2),
        (["fluxImageNode > klingVideoNode", "fluxImageNode > runwayVideoNode"], 3, 2),
        (["promptWriterNode > fluxImageNode"], 1, 1),
        (["claudeNode > textOutputNode"], 1, 1),
        (["scriptWriterNode > fluxImageNode > klingVideoNode"], 3, 3),
        (["imageUploadNode > upscaleNode > SaveImage"], 0, 0),
        (["fluxNode.1 > fluxNode.2"], 2, 2),
    ],
)
def test_generations_and_stages_of_services(chains, generations, stages):
    found = features(workflow(*chains))
    assert (found.generations, found.stages) == (generations, stages)


@pytest.mark.parametrize(
    ("chains", "generations", "stages", "gives"),
    [
        (spelled_out("VAEDecode.1 > SaveImage"), 1, 1, "image"),
        (spelled_out("KSampler.1 > KSampler.2 > VAEDecode.2 > SaveImage"), 1, 1, "image"),
        (
            spelled_out(
                "VAEDecode.1 > VAEEncode > KSampler.2 > VAEDecode.2 > SaveImage",
                "CheckpointLoader > KSampler.2",
            ),
            1,
            1,
            "image",
        ),
        (
            spelled_out(
                "VAEDecode.1 > VAEEncode > KSampler.2 > VAEDecode.2 > SaveImage", "UNETLoader > KSampler.2"
            ),
            1,
            1,
            "image",
        ),
        (
            spelled_out(
                "VAEDecode.1 > VAEEncode > KSampler.2 > VAEDecode.2 > SaveImage",
                "fluxLoader > KSampler.2",
                "SDXLLoader > KSampler.1",
            ),
            2,
            2,
            "image",
        ),
        (spelled_out("VAEDecode.1 > klingVideoNode > SaveVideo"), 2, 2, "video"),
        (
            spelled_out(
                "WanImageToVideo > KSampler.1", "VAELoader > WanImageToVideo", "VAEDecode.1 > SaveFrames"
            ),
            1,
            1,
            "video",
        ),
        (
            spelled_out("VAEDecode.1 > CreateVideo > SaveVideo", "KSampler.1 > VAEDecodeAudio > CreateVideo"),
            1,
            1,
            "video",
        ),
    ],
)
def test_a_spelled_out_model_is_one_generation(chains, generations, stages, gives):
    found = features(workflow(*chains))
    assert (found.generations, found.stages, found.output_modalities) == (generations, stages, (gives,))


@pytest.mark.parametrize(
    ("chain", "node", "role", "part"),
    [
        ("CLIPTextEncode > qzx > VAEDecode", "qzx", "generate", "sampler"),
        ("KSampler.0 > KSampler > qzx > SaveImage", "qzx", "transform", "decoder"),
        ("qzx > KSampler > VAEDecode", "qzx", "control", "aux"),
        ("fluxNode > qzx > SaveImage", "qzx", "transform", None),
        ("imageUploadNode > qzx > SaveVideo", "qzx", "generate", None),
        ("KSampler.0 > KSampler > VAEDecode > qzx", "qzx", "output", None),
        ("qzx > klingImageToVideoNode", "qzx", "input", None),
        ("qzx", "qzx", "unknown", None),
    ],
)
def test_the_graph_decides_where_words_are_ambiguous(chain, node, role, part):
    fact = facts_of(workflow(chain))[node]
    assert (fact.role, fact.part) == (role, part)
    assert fact.settled == (role != "unknown")


def test_a_node_that_feeds_a_video_file_outputs_video():
    found = features(workflow("imageUploadNode > qzx > SaveVideo"))
    assert found.output_modalities == ("video",)


def test_a_sentence_in_a_label_is_not_read_as_its_role():
    label = "The name of the model that makes the video, one of: kling v1, kling v2, veo 3"
    assert features(workflow(f'qzx="{label}"')).facts[0].role == "unknown"
    assert features(workflow('qzx="Kling video"')).facts[0].role == "generate"


def test_a_label_is_read_where_the_type_is_unknown_unless_labels_are_ignored():
    w = workflow('qzx="Kling video"')
    assert features(w).facts[0].role == "generate"
    assert features(w, labels=False).facts[0].role == "unknown"


def test_the_label_of_a_vendors_general_node_names_what_it_makes():
    w = load({"nodes": [{"id": "a", "type": "falGenericApi", "label": "Trellis: image to 3D"}], "edges": []})
    assert features(w).output_modalities == ("3d",)
    assert features(w, labels=False).output_modalities == ("image",)


def test_features_are_a_value_and_can_be_limited_to_some_nodes():
    w = workflow("imageUploadNode > fluxImageNode > SaveImage")
    found = features(w)
    assert hash(found) == hash(features(w))
    some = found.within({"fluxImageNode"})
    assert [n.id for n in some.facts] == [end.id for end in some.deliverables] == ["fluxImageNode"]
    assert (some.nodes, some.motifs) == (3, {"generation": 1})
    assert some != found


@pytest.mark.parametrize("helper", ["switchNode", "reroute"])
def test_a_helper_beside_a_sampler_is_not_a_sampler(helper):
    w = workflow(
        "CheckpointLoader > KSampler > VAEDecode > SaveImage", f"CLIPTextEncode > {helper} > VAEDecode"
    )
    assert facts_of(w)[helper].part != "sampler"


@pytest.mark.parametrize("turned", [False, True])
def test_a_model_with_an_image_input_is_found_in_any_node_order(turned):
    w = workflow(
        "LoadImage > Era3D MVDiffusion Model > CRM CCMs MVDiffusion Model > Save Mesh", "CheckpointLoader"
    )
    if turned:
        w = w.model_copy(update={"nodes": w.nodes[::-1]})
    assert [n.role for id_, n in sorted(facts_of(w).items()) if "MVDiffusion" in id_] == ["generate"] * 2


def test_a_node_between_conditioning_and_decoder_is_a_sampler():
    w = workflow("CheckpointLoader > FluxParams", "CLIPTextEncode > FluxParams > VAEDecode > SaveImage")
    assert facts_of(w)["FluxParams"].part == "sampler"


def test_previews_are_deliverables_only_without_other_outputs():
    both = features(workflow("fluxNode > PreviewImage", "fluxNode > SaveImage"))
    assert [end.end for end in both.deliverables] == ["SaveImage"]
    alone = features(workflow("fluxNode > PreviewImage"))
    assert [end.end for end in alone.deliverables] == ["PreviewImage"]


def test_a_node_that_feeds_another_deliverable_is_not_final():
    found = features(workflow("fluxNode > SaveImage", "fluxNode > klingVideoNode > SaveVideo"))
    assert {end.id: end.final for end in found.deliverables} == {"fluxNode": False, "klingVideoNode": True}
    assert found.output_modalities == ("video",)


def test_inputs_reach_deliverables():
    found = features(
        workflow(
            "imageUploadNode > fluxNode",
            "textInputNode > fluxNode > SaveImage",
            "audioUploadNode > lipSyncNode",
        )
    )
    takes = {end.id: end.takes for end in found.deliverables}
    assert takes == {"fluxNode": ("text", "image"), "lipSyncNode": ("audio",)}


def test_independent_pipelines_and_fans_are_counted():
    found = features(
        workflow("fluxNode > cropNode", "fluxNode > upscaleNode", "klingNode > SaveVideo", "seedNode")
    )
    assert (found.pipelines, found.fan_in, found.fan_out, found.components) == (2, 1, 2, 3)


def test_motifs_are_counted():
    found = features(
        workflow(
            "imageUploadNode > cropNode > fluxNode > PreviewImage",
            "fluxNode > SaveImage",
            "imageUploadNode > captionNode",
        )
    )
    assert found.motifs == {
        "analysis": 1, "generation": 1, "movement": 1, "preparation": 1, "retrieval": 1, "visualization": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("id_", "made"),
    [
        ("fluxNode-1773051929782-5yzqjkwpm", "2026-03-09T10:25:29.782000+00:00"),
        ("a-b-c-1773051929782-x", "2026-03-09T10:25:29.782000+00:00"),
        ("fluxNode-1000000000000-5yzqjkwpm", None),
        ("fluxNode-9999999999999-5yzqjkwpm", None),
        ("fluxNode", None),
        ("", None),
    ],
)
def test_a_node_is_dated_by_its_id(id_, made):
    stamp = features(load({"nodes": [{"id": id_, "type": "t"}], "edges": []})).facts[0].created_at
    assert (stamp and stamp.isoformat()) == made


def test_features_are_values_and_json():
    w = workflow("imageUploadNode > fluxNode > SaveImage")
    assert features(w) == features(w)
    dumped = features(w).model_dump(mode="json")
    assert dumped["facts"][1]["role"] == "generate"
    assert dumped["deliverables"][0]["id"] == "fluxNode"
    with pytest.raises(ValueError, match="frozen"):
        features(w).nodes = 2


def test_users_words_reach_features():
    more = Vocabulary.default().extended({"types": {"qzx": {"role": "generate", "gives": ["audio"]}}})
    assert features(workflow("qzx"), vocabulary=more).output_modalities == ("audio",)


@given(workflows())
def test_counts_agree_with_networkx(w):
    g, found = graph(w), features(w)
    assert (found.nodes, found.edges) == (g.number_of_nodes(), g.number_of_edges())
    assert found.components == nx.number_weakly_connected_components(g)
    assert set(found.sources) == {node for node, degree in g.in_degree if not degree}
    assert set(found.sinks) == {node for node, degree in g.out_degree if not degree}
    assert (found.shape == "cyclic") == (len(g) > 0 and not nx.is_directed_acyclic_graph(g))


@given(workflows(cycles=False))
def test_depth_and_width_agree_with_networkx(w):
    g, found = graph(w), features(w)
    assert found.depth == (nx.dag_longest_path_length(g) if len(g) else 0)
    assert found.width == max(map(len, nx.topological_generations(g)), default=0)


@given(workflows(cycles=False))
def test_a_diamond_has_two_paths_between_nodes_in_networkx(w):
    g, found = graph(w), features(w)
    twice = any(len(list(nx.all_simple_paths(g, a, b))) > 1 for a in g for b in g if a != b)
    assert (found.shape == "diamond") == (twice and found.shape != "disconnected")


@given(workflows())
def test_the_order_has_every_node_once_after_its_predecessors(w):
    plain = adjacency(w)
    found = open_cycles(plain)
    assert sorted(found.nodes) == list(range(len(plain)))
    place = {node: at for at, node in enumerate(found.nodes)}
    assert all(place[p] < place[node] for node in place for p in found.before[node])


@given(workflows(), st.randoms())
def test_features_do_not_depend_on_order_or_ids(w, rng):
    nodes, edges = list(w.nodes), list(w.edges)
    rng.shuffle(nodes)
    rng.shuffle(edges)
    names = {node.id: f"m{at}" for at, node in enumerate(rng.sample(nodes, len(nodes)))}
    other = load(
        {
            "nodes": [{"id": names[n.id], "type": n.type, "label": n.label} for n in nodes],
            "edges": [{"source": names[e.source], "target": names[e.target]} for e in edges],
        }
    )
    a, b = features(w), features(other)
    same = (
        "depth",
        "width",
        "steps",
        "generations",
        "stages",
        "shape",
        "output_modalities",
        "input_modalities",
        "motifs",
    )
    assert {name: getattr(a, name) for name in same} == {name: getattr(b, name) for name in same}
    assert {names[n.id]: (n.role, n.part, n.modalities, n.stage) for n in a.facts} == {
        n.id: (n.role, n.part, n.modalities, n.stage) for n in b.facts
    }


@settings(max_examples=40)
@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_text_has_features(texts):
    nodes = [{"id": f"{n}-{text}", "type": text, "label": text[::-1]} for n, text in enumerate(texts)]
    ids = [node["id"] for node in nodes]
    w = load({"nodes": nodes, "edges": [{"source": a, "target": b} for a, b in pairwise(ids)]})
    assert isinstance(features(w), Features)


@pytest.mark.parametrize("type_name", ["fluxNode", "upscaleNode", "KSampler", "qzx", "CheckpointLoader"])
@pytest.mark.parametrize("closed", [False, True])
def test_chains_and_cycles_of_a_hundred_thousand_nodes_complete(type_name, closed):
    size = 100_000 if type_name in ("fluxNode", "qzx") else 20_000
    edges = [{"source": str(n), "target": str(n + 1)} for n in range(size - 1)]
    edges += [{"source": str(size - 1), "target": "0"}] if closed else []
    w = load({"nodes": [{"id": str(n), "type": type_name} for n in range(size)], "edges": edges})
    assert features(w).shape == ("cyclic" if closed else "chain")


def test_a_preview_of_generated_media_goes_before_a_loose_end():
    known = features(
        workflow("imageUploadNode > fluxEditNode > PreviewImage", "imageUploadNode > imageCropNode")
    )
    assert [end.id for end in known.deliverables] == ["fluxEditNode"]
