"""What kind of pipeline an app is, and why."""

import pickle
from itertools import pairwise
from pathlib import Path

import pytest
from builders import numbered, spelled_out, workflow, workflows
from hypothesis import given
from hypothesis import strategies as st

from lamina_graph.classify import CAVEATS, RULES, classify, explain, user_rules, why_not
from lamina_graph.errors import ConfigError
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.model import App, AppSummary


def grounded(w, evidence) -> bool:
    """Whether a path follows edges and ends where nothing follows, or where a cycle closes."""
    edges = {(edge.source, edge.target) for edge in w.edges}
    path = evidence.path
    if not path:
        return True
    real = all(pair in edges for pair in pairwise(path)) and set(path) <= {n.id for n in w.nodes}
    ended = path[-1] not in {source for source, _ in edges} or path[-1] in path[:-1]
    return real and ended and (len(path) > 1 or not any(path[0] in edge for edge in edges))


PAINTED = spelled_out("imageUploadNode.a > VAEEncodeForInpaint > KSampler.1", "VAEDecode.1 > SaveImage")

CASES = [
    ("image", "image", ["imageUploadNode > fluxEditNode > SaveImage"]),
    ("image", "image", ["textToVectorNode"]),
    ("image", "image", spelled_out("VAEDecode.1 > SaveImage")),
    ("video", "video", ["imageUploadNode > klingVideoNode"]),
    ("video", "video", spelled_out("EmptyWanLatentVideo > KSampler.1", "VAEDecode.1 > SaveVideo")),
    ("other-medium", "other", ["scriptUploadNode > voiceoverNode"]),
    ("other-medium", "other", ["imageToMeshNode"]),
    ("other-medium", "other", ["claudeNode > textOutputNode"]),
    ("unknown", "other", []),
    ("unknown", "other", ["qzx"]),
    (
        "try-on-words",
        "try-on",
        ["imageUploadNode.a > virtualTryOnNode", "imageUploadNode.b > virtualTryOnNode"],
    ),
    ("try-on-words", "try-on", ["imageUploadNode > catVTONNode > klingVideoNode"]),
    ("garment", "try-on", ["garmentUploadNode > fluxImageNode > SaveImage"]),
    ("stages", "multi-step", ["fluxImageNode > klingVideoNode"]),
    ("stages", "multi-step", ["fluxImageNode > recraftEditNode"]),
    ("stages", "multi-step", ["scriptWriterNode > voiceoverNode"]),
    ("stages", "multi-step", spelled_out("VAEDecode.1 > klingVideoNode")),
    ("set", "multi-step", [f"imageUploadNode > fluxEditNode.{n} > SaveImage.{n}" for n in range(4)]),
    (
        "set",
        "multi-step",
        [
            *(f"imageUploadNode > fluxEditNode.{n} > SaveImage.{n}" for n in range(3)),
            "gptTextNode > textOutputNode",
        ],
    ),
    (
        "set",
        "multi-step",
        [
            "textInputNode > fluxImageNode.1 > imageCompareNode",
            "textInputNode > fluxImageNode.2 > imageCompareNode",
        ],
    ),
    ("set", "multi-step", [f"imageUploadNode > klingVideoNode.{n} > videoMergeNode" for n in range(3)]),
    ("set-words", "multi-step", ["imageUploadNode > storyboardMakerImageNode"]),
    (
        "passes",
        "multi-step",
        spelled_out(
            "VAEDecode.1 > VAEEncode.1 > KSampler.2 > VAEDecode.2 > VAEEncode.2 > KSampler.3 > VAEDecode.3",
            "CheckpointLoader > KSampler.2",
            "CheckpointLoader > KSampler.3",
        ),
    ),
    ("stages", "multi-step", ["klingTextToVideoNode > klingVideoExtenderNode > videoPreviewNode"]),
    ("stages", "multi-step", ["fluxNode.1 > fluxNode.2 > SaveImage"]),
    (
        "numbered",
        "multi-step",
        ["EmptyLatentImage > KSamplerStage1 > KSamplerStage2 > VAEDecode > SaveImage"],
    ),
    ("refined", "multi-step", ["klingVideoNode > rifeInterpolator > videoUpscaleNode > SaveVideo"]),
]

NEAR_MISSES = [
    ("image", ["clothesSegmentNode > fluxFillNode > SaveImage"]),
    ("image", ["imageUploadNode > fluxEditNode > upscaleNode > SaveImage"]),
    ("image", ["promptEnhancerNode > fluxNode"]),
    ("image", ["imageUploadNode > fluxEditNode.1", "imageUploadNode > fluxEditNode.2"]),
    ("image", ["imageUploadNode > fluxEditNode > imageCompareNode", "imageUploadNode > imageCompareNode"]),
    ("video", ["promptWriterNode > klingVideoNode > rifeInterpolator > SaveVideo"]),
    ("video", ["klingVideoNode > videoMergeNode", "imageUploadNode > videoMergeNode"]),
    ("image", ["faceSwapNode > SaveImage", "imageUploadNode > faceSwapNode"]),
    ("image", spelled_out("KSampler.1 > KSampler.2 > VAEDecode.2 > SaveImage")),
    ("other", ["tryAgainNode"]),
    ("image", ["imageUploadNode > fluxImageNode > SaveImage", "gptTextNode > textOutputNode"]),
    ("image", ["imageUploadNode > fluxImageNode > googleDriveNode"]),
    ("video", ["imageUploadNode > klingVideoNode > burnSubtitlesNode > SaveVideo"]),
    ("image", ["dressPhotoUploadNode > backgroundReplaceNode > SaveImage"]),
    ("image", ["womanInDressUploadNode > fluxImageNode > SaveImage"]),
    ("image", ["photoUploadNode > dressImageGeneratorNode > SaveImage"]),
    ("image", PAINTED),
    ("image", ["EmptyLatentImage > KSamplerStage1 > VAEDecode > SaveImage"]),
    ("image", [*PAINTED, "imageUploadNode.b > imageToMaskNode > VAEEncodeForInpaint"]),
    (
        "image",
        [
            *PAINTED,
            "imageUploadNode.b > IPAdapterApply > KSampler.1",
            "VAEDecode.1 > faceSwapNode > SaveImage.2",
        ],
    ),
    ("image", ["imageUploadNode > tryOffNode > SaveImage"]),
]


@pytest.mark.parametrize(("rule", "category", "chains"), CASES)
def test_each_rule_decides_where_it_holds(rule, category, chains):
    w = workflow(*chains)
    answer = classify(w)
    assert (answer.evidence[0].rule, answer.category) == (rule, category)
    assert all(grounded(w, evidence) for evidence in answer.evidence)


@pytest.mark.parametrize(("category", "chains"), NEAR_MISSES)
def test_a_rule_does_not_decide_where_it_only_nearly_holds(category, chains):
    assert classify(workflow(*chains)).category == category


KINDS = [
    row.split(": ", 1)
    for row in (Path(__file__).parent / "kinds.txt").read_text().splitlines()
    if row and not row.startswith("#")
]


@pytest.mark.parametrize(("category", "chains"), KINDS)
def test_graphs_of_each_kind_are_read_as_a_person_would(category, chains):
    assert classify(workflow(*chains.split("; "))).category == category


def test_every_rule_of_the_table_has_a_case():
    labelled = {"try-on-inputs", "try-on-name"}
    assert {rule for rule, _, _ in CASES} | labelled == {rule.id for rule in RULES}


def test_the_documented_app():
    w = load("samples/documented-example.json")
    answer = classify(w)
    assert (answer.category, answer.evidence[0].rule) == ("multi-step", "stages")
    assert answer.model_dump(mode="json")["modalities"] == {"inputs": [], "outputs": ["image", "video"]}
    assert {key: answer.features[key] for key in ("nodes", "edges", "components")} == {
        "nodes": 3,
        "edges": 1,
        "components": 2,
    }
    assert answer.evidence[0].path == tuple(node.id for node in w.nodes[:2])


def test_a_path_ends_at_the_deliverable_with_most_ancestors():
    clips = [f"imageUploadNode > klingVideoNode.{n} > videoMergeNode > videoOutputNode.reel" for n in "abc"]
    answer = classify(workflow(*(f"klingVideoNode.{n} > videoOutputNode.{n}" for n in "abc"), *clips))
    assert answer.evidence[0].path[-2:] == ("videoMergeNode", "videoOutputNode.reel")


def dressing(person="Person photo", garment="The dress"):
    return workflow(
        f'imageUploadNode.a="{person}" > fluxEditNode > SaveImage',
        f'imageUploadNode.b="{garment}" > fluxEditNode',
    )


PLAIN_WORDS = [
    (
        "video",
        ["imageUploadNode.a > klingVideoNode", "imageUploadNode.b > klingVideoNode"],
        "Loop start frame",
    ),
    ("image", ["imageUploadNode.a > fluxImageNode"], "One picture for each season"),
    ("image", ["imageUploadNode.a > fluxImageNode"], "First pass and second pass"),
    ("video", ["imageUploadNode.a > klingVideoNode"], "Your try-on photo"),
    ("image", ["switchNode.a > fluxImageNode"], "Try on enabled?"),
]


@pytest.mark.parametrize(("category", "chains", "label"), PLAIN_WORDS)
def test_labels_that_only_resemble_a_rule_do_not_decide(category, chains, label):
    first = chains[0].split(" > ")[0]
    assert classify(workflow(*chains, f'{first}="{label}"')).category == category


def turned(w):
    return w.model_copy(update={"nodes": w.nodes[::-1], "edges": w.edges[::-1]})


ANY_ORDER = [
    ["imageUploadNode > klingVideoNode > SaveAudio", "klingVideoNode > SaveVideo"],
    ["imageUploadNode > klingVideoNode.1 > CompareNode", "imageUploadNode > klingVideoNode.2 > CompareNode"]
    + [f"imageUploadNode > fluxImageNode.{n} > SaveImage.{n}" for n in range(2)]
    + [f"klingVideoNode.1 > CompareNode.{n}" for n in range(9)],
    ["LoadImage > SDCheckpoint.1 > SDCheckpoint.2 > SaveImage", "KSampler > VAEDecode"],
    ["personPhotoUploadNode > fluxEditNode > SaveImage", "womanInADressUploadNode > fluxEditNode"],
]


@pytest.mark.parametrize("chains", ANY_ORDER)
def test_the_category_does_not_depend_on_the_order_of_nodes_and_edges(chains):
    w = workflow(*chains)
    one, other = classify(w), classify(turned(w))
    assert (one.category, one.confidence, one.generations) == (
        other.category,
        other.confidence,
        other.generations,
    )


def test_unconnected_stages_are_not_a_sequence():
    apart = workflow("fluxStage1Node > SaveImage.1", "fluxStage2Node > SaveImage.2")
    assert classify(apart).evidence[0].rule != "numbered"
    assert classify(workflow("fluxStage2Node > fluxStage1Node > SaveImage")).evidence[0].rule != "numbered"


@pytest.mark.parametrize(("type_", "source"), [("virtualTryOnNode", "type"), ("fluxEditNode", "label")])
def test_evidence_names_type_or_label_as_its_source(type_, source):
    first = classify(workflow(f'imageUploadNode > {type_}="Virtual try-on"')).evidence[0]
    assert (first.rule, first.source) == ("try-on-words", source)


def test_a_claim_names_the_output_where_it_differs_from_the_nodes():
    answer = classify(workflow("imageUploadNode > klingVideoNode > SaveAudio"))
    assert (answer.category, answer.modalities.outputs) == ("other", ("audio",))
    assert answer.evidence[0].claim == "“SaveAudio” takes sound from “klingVideoNode”"


def test_without_labels_the_category_depends_on_the_graph_alone():
    chains = ["KSamplerStage2 > VAEDecode", "falGenericApi > SaveImage", "videoExtendNode > SaveVideo"]
    plain = workflow(*chains)
    labelled = workflow(
        *chains, *(f'{id_}="Garment, stage 1"' for id_ in ("falGenericApi", "videoExtendNode"))
    )
    assert classify(plain, graph_only=True) == classify(labelled, graph_only=True)
    assert classify(plain, graph_only=True) == classify(labelled, graph_only=True, facts=features(labelled))


def test_a_person_and_a_garment_in_labels_are_try_on():
    answer = classify(dressing())
    assert (answer.category, answer.evidence[0].rule, answer.evidence[0].source) == (
        "try-on",
        "try-on-inputs",
        "label",
    )
    assert answer.evidence[0].path == ("imageUploadNode.b", "fluxEditNode", "SaveImage")


def test_a_garment_alone_is_possible_try_on_with_low_confidence():
    answer = classify(dressing(person="First"))
    assert (answer.category, answer.evidence[0].rule) == ("try-on", "garment")
    assert answer.confidence <= 0.5 < classify(dressing()).confidence


def test_a_picture_labelled_model_is_of_a_person():
    assert classify(dressing(person="Load model")).evidence[0].rule == "try-on-inputs"


def test_graph_only_leaves_labels_and_names_aside():
    w = dressing().model_copy(update={"name": "Virtual Try-on"})
    assert classify(w).category == "try-on"
    assert classify(w, graph_only=True).category == "image"


def test_the_name_of_the_app_is_evidence_from_metadata():
    w = workflow("imageUploadNode > fluxEditNode").model_copy(update={"name": "Saree Try On"})
    first = classify(w).evidence[0]
    assert (first.rule, first.source) == ("try-on-name", "metadata")


def test_the_detail_of_the_app_is_evidence_too():
    w = workflow("imageUploadNode > fluxEditNode")
    detail = App.model_validate(
        {"appId": "a", "name": "Double Garment Try-on", "outputs": [{"type": "image"}]}
    )
    answer = classify(w, detail=detail)
    assert answer.category == "try-on"
    assert "agree" in next(e.claim for e in answer.evidence if e.rule == "listed-outputs")


@pytest.mark.parametrize(
    ("capabilities", "rule", "says"),
    [
        ({"nodeTypes": ["fluxNode", "klingVideoNode"]}, "listed-types", "the node types that the graph has"),
        (
            {"nodeTypes": ["fluxNode", "veoNode"]},
            "listed-types",
            "only the API lists veoNode; only the graph has klingVideoNode",
        ),
        ({"generationStepCount": 2}, "listed-steps", "they agree"),
        ({"generationStepCount": 3}, "listed-steps", "they differ"),
        ({"produces": ["video"]}, "listed-media", "they agree"),
        ({"produces": "image"}, "listed-media", "they differ"),
    ],
)
def test_capabilities_of_the_api_are_compared_with_the_graph(capabilities, rule, says):
    summary = AppSummary.model_validate({"appId": "a", "name": "n", "capabilities": capabilities})
    answer = classify(workflow("fluxNode > klingVideoNode"), summary=summary)
    assert says in next(e.claim for e in answer.evidence if e.rule == rule)


def test_invalid_capabilities_are_ignored():
    summary = AppSummary.model_validate(
        {"appId": "a", "name": "n", "capabilities": {"nodeTypes": 3, "generationStepCount": "x"}}
    )
    assert len(classify(workflow("fluxNode"), summary=summary).evidence) == len(
        classify(workflow("fluxNode")).evidence
    )


@pytest.mark.parametrize(
    ("sure", "unsure", "caveat"),
    [
        (["klingVideoNode"], ["bytedanceNode"], "default-medium"),
        (["tripoMeshNode"], ["tripoMeshNode > tripoTextureMeshNode"], "one-model-in-a-row"),
        (["fluxNode > SaveImage"], ["claudeNode > fluxNode > SaveImage"], "text-for-it"),
        (
            ["imageUploadNode > fluxNode > SaveImage"],
            ["imageUploadNode > qzx > SaveImage"],
            "settled-by-graph",
        ),
        (["imageUploadNode > fluxImageNode"], ["imageUploadNode > cropImageNode"], "nothing-generated"),
        (
            ["imageUploadNode.1 > fluxNode"],
            ["imageUploadNode.1 > fluxNode", "imageUploadNode.2 > fluxNode"],
            "several-pictures",
        ),
        (["fluxNode > SaveImage"], ["fluxNode > upscaleNode > SaveImage"], "refined-once"),
    ],
)
def test_caveats_lower_the_confidence_and_are_evidence(sure, unsure, caveat):
    a, b = classify(workflow(*sure)), classify(workflow(*unsure))
    assert caveat in {evidence.rule for evidence in b.evidence}
    assert b.confidence < a.confidence


def test_every_caveat_has_a_factor_below_one_and_a_name_of_its_own():
    assert all(0 < caveat.factor < 1 for caveat in CAVEATS)
    assert len({caveat.id for caveat in CAVEATS} | {rule.id for rule in RULES}) == len(CAVEATS) + len(RULES)


def test_why_not_names_what_is_missing():
    w = workflow("imageUploadNode > klingVideoNode")
    assert why_not(w, "video") == []
    assert why_not(w, "image") == ["image: the main path does not end in a picture"]
    assert len(why_not(w, "try-on")) == sum(rule.category == "try-on" for rule in RULES)
    assert why_not(w, "poem") == ["no rule gives the category poem"]


def test_why_not_names_the_rule_that_came_before():
    assert why_not(workflow("fluxNode > klingVideoNode"), "video") == [
        "video: holds, but stages comes before it"
    ]


def test_an_explanation_names_category_path_and_caveats():
    chain = "imageUploadNode > tripoImageToModelNode.1 > tripoImageToModelNode.2 > SaveGLB"
    text = explain(classify(workflow(chain, name="Poster")))
    assert text.startswith(
        "Poster is of another kind than image, try-on, video and multi-step (confidence 0.71).\n"
    )
    assert "imageUploadNode → tripoImageToModelNode.1 → tripoImageToModelNode.2 → SaveGLB" in text
    assert (
        "Less sure: 2 generations follow each other, of one model [one-model-in-a-row, from topology]."
        in text
    )


def test_an_explanation_is_plain_text_for_any_label():
    w = numbered(["fluxNode", "SaveImage"], [(0, 1)], labels=["\x1b[31mred\u202e\n<b>", None])
    text = explain(classify(w))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_long_path_is_shortened_in_its_middle():
    w = workflow(" > ".join(f"fluxNode.{n}" for n in range(50)))
    assert "… 42 more …" in explain(classify(w))


REEL = {
    "label": "reel",
    "when": {"outputs": ["video"], "stages": ">=2", "shape": ["chain"], "types": ["kling*"]},
}


def test_a_users_rule_comes_before_those_of_the_package():
    rules = (*user_rules([REEL]), *RULES)
    assert classify(workflow("fluxNode > klingVideoNode"), rules=rules).category == "reel"
    assert classify(workflow("fluxNode > veoVideoNode"), rules=rules).category == "multi-step"


def test_a_users_rule_of_negative_priority_comes_after_them():
    rules = (*user_rules([REEL | {"priority": -1}]), *RULES)
    assert classify(workflow("fluxNode > klingVideoNode"), rules=rules).category == "multi-step"


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({"nodes": 2}, True),
        ({"nodes": "2..3"}, True),
        ({"nodes": "<2"}, False),
        ({"nodes": "<=2", "edges": ">0"}, True),
        ({"inputs": ["image"]}, True),
        ({"inputs": 0}, False),
        ({"inputs": ["audio"]}, False),
        ({"tasks": "try-on"}, True),
        ({"shape": "single"}, False),
    ],
)
def test_conditions_of_rules_are_checked(when, holds):
    rules = (*user_rules([{"label": "mine", "when": when}]), *RULES)
    assert (classify(workflow("imageUploadNode > virtualTryOnNode"), rules=rules).category == "mine") == holds


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"when": {"nodes": 1}}, "category[0].label"),
        ({"label": "x"}, "category[0].when"),
        ({"label": "x", "when": {}}, "category[0].when"),
        ({"label": "x", "when": {"nodes": "many"}}, "category[0].when.nodes"),
        ({"label": "x", "when": {"colour": 1}}, "category[0].when.colour"),
        ({"label": "x", "when": {"shape": "star"}}, "category[0].when.shape"),
        ({"label": "x", "when": {"outputs": [1]}}, "category[0].when.outputs"),
        ({"label": "x", "when": {"nodes": 1}, "priority": "high"}, "category[0].priority"),
        ({"label": "x", "when": {"nodes": 1}, "weight": 1}, "category[0].weight"),
        ("x", "category[0]"),
    ],
)
def test_a_wrong_rule_names_its_field(row, field):
    with pytest.raises(ConfigError) as caught:
        user_rules([row])
    assert caught.value.field == field


def test_rules_survive_a_trip_between_processes():
    rules = (*user_rules([REEL]), *RULES)
    assert pickle.loads(pickle.dumps(rules)) == rules


@given(workflows())
def test_every_path_is_real_and_ends(w):
    answer = classify(w)
    assert all(grounded(w, evidence) for evidence in answer.evidence)
    assert bool(answer.evidence[0].path) == bool(w.nodes)
    assert 0 < answer.confidence < 1


@given(workflows(), st.randoms())
def test_the_category_does_not_depend_on_order_or_ids(w, rng):
    nodes, edges = list(w.nodes), list(w.edges)
    rng.shuffle(nodes)
    rng.shuffle(edges)
    names = {node.id: f"m{at}" for at, node in enumerate(rng.sample(nodes, len(nodes)))}
    other = w.model_copy(
        update={
            "nodes": tuple(node.model_copy(update={"id": names[node.id]}) for node in nodes),
            "edges": tuple(
                e.model_copy(update={"source": names[e.source], "target": names[e.target]}) for e in edges
            ),
        }
    )
    a, b = classify(w), classify(other)
    assert (a.category, a.confidence, a.evidence[0].rule) == (b.category, b.confidence, b.evidence[0].rule)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_any_text_is_classified_and_explained(texts):
    nodes = [{"id": f"{n}{text}", "type": text, "label": text[::-1]} for n, text in enumerate(texts)]
    ids = [node["id"] for node in nodes]
    edges = [{"source": a, "target": b} for a, b in pairwise(ids)]
    assert explain(classify(load({"name": texts[0], "nodes": nodes, "edges": edges})))


@pytest.mark.parametrize("closed", [False, True])
def test_a_hundred_thousand_nodes_are_classified(closed):
    size = 100_000
    edges = [{"source": str(n), "target": str((n + 1) % size)} for n in range(size if closed else size - 1)]
    w = load(
        {
            "nodes": [{"id": str(n), "type": "fluxNode" if n % 2 else "upscaleNode"} for n in range(size)],
            "edges": edges,
        }
    )
    answer = classify(w)
    assert answer.shape == ("cyclic" if closed else "chain")
    assert grounded(w, answer.evidence[0])


def test_a_long_unused_chain_of_garments_is_walked_once():
    nodes = [{"id": f"n{n}", "type": "cropGarmentImage"} for n in range(20_000)]
    edges = [{"source": f"n{n}", "target": f"n{n + 1}"} for n in range(19_999)]
    assert classify(load({"nodes": nodes, "edges": edges})).category != "try-on"
