"""What lint finds, and that it finds nothing else."""

import json

import pytest
from builders import workflow
from hypothesis import given
from strategies import WORKFLOWS

from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.lint import RULES, lint
from lamina_graph.model import Workflow

PHOTO, CUT, CLIP, OUT = (
    f"{type_}-177486500000{number}-a1b2c3d4{number}"
    for number, type_ in enumerate(
        ("imageInputNode", "backgroundRemoverNode", "klingVideoNode", "videoOutputNode")
    )
)
HEALTHY = f"{PHOTO} > {CUT} > {CLIP} > {OUT}"


def healthy(*more: str) -> Workflow:
    """Return a workflow that nothing is wrong with, and more chains."""
    return workflow(HEALTHY, *more)


def labelled(id_: str, label: str) -> str:
    """Return a node with any label in the notation of graphs."""
    return id_ + json.dumps({"label": label})


def found(subject: Workflow) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.rule, finding.nodes) for finding in lint(subject)]


def test_a_healthy_workflow_gives_no_finding():
    assert lint(healthy()) == ()


LEFT, AGAIN, JUDGE, PLAIN, MOVED = (
    "fluxImageNode-1774865000010-a1b2c3d4a",
    "videoOutputNode-1774865000011-a1b2c3d4b",
    "conditionNode-1774865000013-a1b2c3d4d",
    "fluxImageNode",
    "klingVideoNode-1774865000014-a1b2c3d4e",
)

CASES = {
    "repeated-id": (healthy(f"+{CUT}"), [(CUT,)]),
    "dangling-edge": (
        healthy(f"{CLIP} > !gone > {OUT}", "!gone > !lost"),
        [(CLIP,), (OUT,), ()],
    ),
    "unfed-output": (healthy(f'{AGAIN}="Second"'), [(AGAIN,)]),
    "cycle": (healthy(f"{CLIP} > {CUT}"), [(CUT, CLIP)]),
    "self-loop": (healthy(f"{CUT} > {CUT}"), [(CUT,)]),
    "repeated-edge": (healthy(f"{CUT} > {CLIP}", f"{CUT} > {CLIP}"), [(CUT, CLIP)]),
    "empty-workflow": (workflow(), [()]),
    "incomplete-graph": (
        healthy().model_copy(update={"origin": {"format": "comfyui-api", "unknown": ["A link."]}}),
        [()],
    ),
    "no-deliverable": (workflow("delayNode-1774865000016-a1b2c3d4g"), [()]),
    "isolated-node": (healthy(LEFT), [(LEFT,)]),
    "unused-input": (
        healthy("textInputNode-1774865000015-a1b2c3d4f"),
        [("textInputNode-1774865000015-a1b2c3d4f",)],
    ),
    "same-label": (
        healthy(f'{CUT} > {MOVED} > {AGAIN}="Reel"', f'{OUT}="Reel"'),
        [(OUT, AGAIN)],
    ),
    "hidden-characters": (healthy(f'{CUT}="safe\u202egpj.exe"'), [(CUT,)]),
    "unfed-deliverable": (
        healthy(f"{LEFT} > {MOVED}"),
        [(MOVED,)],
    ),
    "blank-label": (healthy(f'{CUT}=" \t"'), [(CUT,)]),
    "id-without-stamp": (
        healthy(f"{PHOTO} > {PLAIN} > {CLIP}"),
        [(PLAIN,)],
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_finds_its_case_and_nothing_else(rule):
    subject, nodes = CASES[rule]
    assert found(subject) == [(rule, ids) for ids in nodes]


def test_the_type_in_an_id_is_compared_with_the_type_of_its_node():
    nodes = [{"id": PHOTO, "type": "imageInputNode"}, {"id": CLIP, "type": "veoVideoNode"}]
    moved = load({"nodes": nodes, "edges": [{"source": PHOTO, "target": CLIP}]})
    assert found(moved) == [("other-type-in-id", (CLIP,))]


def test_an_unknown_type_is_reported_once():
    odd = tuple(f"zqxNode-177486500002{number}-a1b2c3d4{number}" for number in range(2))
    subject = healthy(*(f"{CUT} > {id_}" for id_ in odd))
    facts = features(subject)
    roles = [node._replace(role="unknown") if node.id in odd else node for node in facts.facts]
    findings = lint(subject, facts=facts.model_copy(update={"facts": tuple(roles), "deliverables": ()}))
    assert [(finding.rule, finding.nodes) for finding in findings] == [
        ("dead-end", odd[:1]),
        ("dead-end", odd[1:]),
        ("unknown-type", odd),
    ]


def test_an_unused_output_is_found():
    subject = healthy(f"{CLIP} > {JUDGE}")
    assert found(subject) == [("dead-end", (JUDGE,))]


NOTES = (
    "stickyNoteNode",
    "groupNode",
    "commentNode",
    "annotation",
    "MarkdownNote",
    "sectionNode",
    "frameNode",
)


@pytest.mark.parametrize("type_", NOTES)
def test_notes_and_frames_are_no_forgotten_steps(type_: str):
    """What only explains or frames others on the canvas has no edge, and needs none."""
    assert found(healthy(f"{type_}-1774865000012-a1b2c3d4c")) == []


def test_a_node_that_others_stand_in_is_a_frame():
    """React Flow's groups are named by their children, whatever their own type."""
    nodes = [
        {"id": PHOTO, "type": "imageInputNode", "parentId": LEFT},
        {"id": CLIP, "type": "klingVideoNode"},
    ]
    frame = {"id": LEFT, "type": "zoneNode"}
    edges = [{"source": PHOTO, "target": CLIP}]
    assert found(load({"nodes": [*nodes, frame], "edges": edges})) == [("other-type-in-id", (LEFT,))]


def test_two_outputs_of_one_node_with_one_label_are_found():
    """Each output node that a deliverable leaves through is one that a run may ask for."""
    subject = healthy(f'{CLIP} > {AGAIN}="Reel"', f'{OUT}="Reel"')
    assert found(subject) == [("same-label", (OUT, AGAIN))]


def test_findings_distinguish_nodes_of_one_name():
    """Two nodes with one label have the ends of their ids beside it."""
    twins = ("fluxImageNode-1774865000020-a1b2cthis", "fluxImageNode-1774865000021-a1b2cthat")
    findings = lint(healthy(*twins))
    texts = [finding.text for finding in findings if finding.rule == "isolated-node"]
    assert texts == [f"No edge leads to or from “fluxImageNode” #{id_[-5:]}." for id_ in twins]


def test_wires_to_other_ports_are_not_repeated():
    """Several wires between two nodes are repeated only where they lead from one port to one port."""
    first, last, again = (
        {"source": CUT, "target": CLIP, "targetHandle": port} for port in ("first", "last", "last")
    )
    for wires, repeated in (([first, last], False), ([first, last, again], True)):
        edges = [{"source": PHOTO, "target": CUT}, *wires]
        rules = [rule for rule, _ in found(load(healthy().model_dump() | {"edges": edges}))]
        assert ("repeated-edge" in rules) == repeated


def test_every_rule_is_shown_to_find_something():
    shown = {*CASES, "dead-end", "unknown-type", "other-type-in-id"}
    assert shown == {rule.id for rule in RULES}


def test_every_rule_has_a_name_and_a_sentence():
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.sentence.endswith(".") for rule in RULES)
    assert [rule.severity for rule in RULES] == sorted(
        (rule.severity for rule in RULES), key=["error", "warning", "note"].index
    )


def test_findings_come_in_the_order_of_the_rules():
    order = [rule.id for rule in RULES]
    subject = healthy(f"+{CUT} > {CUT}", LEFT, f"!gone > {OUT}")
    rules = [rule for rule, _ in found(subject)]
    assert rules == sorted(rules, key=order.index)
    assert len(rules) > 3


def test_hidden_characters_are_shown_and_long_labels_cut():
    (finding,) = lint(healthy(labelled(CUT, "\x1b[31m\u202e" + "long " * 100)))
    assert "\\x1b[31m\\u202elong" in finding.text
    assert len(finding.text) < 200
    assert finding.text.isprintable()


@pytest.mark.parametrize(
    "label",
    [
        *(
            "a\u200bb",
            "a\u200eb",
            "a\u200fb",
            "a\u061cb",
            "\ufeffab",
            "a\u00adb",
            "ab\U000e0041",
            "ab\U000e007f",
        ),
        *("a\u202eb", "a\u2066b", "a\x07b", "a\x9bb", "a\ud83db", "a\u200db", "\u200c", "👧\u200d\u200d"),
    ],
    ids=ascii,
)
def test_hidden_and_bidirectional_characters_are_found(label: str):
    assert [rule for rule, _ in found(healthy(labelled(CUT, label)))] == ["hidden-characters"]


@pytest.mark.parametrize(
    "label",
    [
        "👩\u200d👧",
        "❤\ufe0f\u200d🔥",
        "👩🏽\u200d🚀",
        "می\u200cخواهم",
        "ക്\u200d",
        "1\ufe0f⃣",
        "two\r\nlines",
        "Café\tn",
        "日本\u3000語",
    ],
    ids=ascii,
)
def test_joiners_of_emoji_and_letters_are_no_finding(label: str):
    assert found(healthy(labelled(CUT, label))) == []


@given(WORKFLOWS)
def test_any_workflow_can_be_linted(raw):
    subject = load(raw)
    known = {node.id for node in subject.nodes}
    findings = lint(subject)
    assert {id_ for finding in findings for id_ in finding.nodes} <= known
    assert [finding.text for finding in findings if not finding.text.endswith(".")] == []


def test_a_large_cycle_with_repeated_edges_is_linted():
    size = 20_000
    nodes = [{"id": f"n{number}", "type": "fluxImageNode", "label": "x"} for number in range(size)]
    ring = [{"source": f"n{number}", "target": f"n{(number + 1) % size}"} for number in range(size)]
    findings = lint(load({"nodes": nodes, "edges": ring * 2}))
    assert sum(finding.rule == "repeated-edge" for finding in findings) == size
    assert [len(finding.nodes) for finding in findings if finding.rule == "cycle"] == [size]


def test_long_labels_that_differ_only_at_the_end_are_two():
    wide, tall = ("Reel " * 20 + end for end in ("wide", "tall"))
    assert lint(healthy(f'{CUT} > {MOVED} > {AGAIN}="{wide}"', f'{OUT}="{tall}"')) == ()
