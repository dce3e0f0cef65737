"""A run on its graph: the state of every node, the cause, what no node made; and its picture."""

import html
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from builders import numbered, workflow
from conftest import LAMINA_SAMPLES
from hypothesis import given
from hypothesis import strategies as st

import lamina_graph as lg
from lamina_graph.errors import InputError
from lamina_graph.match import match
from lamina_graph.model import Run, Workflow
from lamina_graph.render.palette import PAPERS, STATES, contrast
from lamina_graph.run_outcome import Outcome, outcome

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


def graph(*chains: str) -> Workflow:
    return workflow(*chains, type="fluxImageNode")


STATUS = {"+": "completed", "-": "error", ".": "pending"}


def run(outputs: str, status: str = "completed", **more: Any) -> Run:
    """A run from outputs such as `c+ d-`: done, failed, or not there yet."""
    items = [
        {"id": each[:-1], "label": each[:-1].upper(), "status": STATUS[each[-1]], "type": "pending"}
        for each in outputs.split()
    ]
    return Run.model_validate({"runId": "r", "status": status, "outputs": items, **more})


def states(found: Outcome) -> str:
    return " ".join(f"{node.id}:{node.state}" for node in found.nodes)


# the graph, outputs, the run's status; the states, the cause
TABLE = [
    ("a > b > c", "c+", "completed", "a:done b:done c:done", ""),
    ("a > b > c", "c-", "failed", "a:suspect b:suspect c:failed", "abc"),
    ("a > b > c", "c.", "queued", "a:pending b:pending c:pending", ""),
    ("a > b > c", "c.", "running", "a:pending b:pending c:pending", ""),
    ("a > b > c", "c.", "cancelled", "a:skipped b:skipped c:skipped", ""),
    ("a > b > c", "c.", "failed", "a:suspect b:suspect c:skipped", "abc"),
    ("a > b > c; b > d", "c+ d-", "completed", "a:done b:done c:done d:failed", "d"),
    ("a > b > c; a > d", "c- d+", "completed", "a:done b:suspect c:failed d:done", "bc"),
    ("a > b > c; b > d; a > e", "c- d- e+", "completed", "a:done b:suspect c:failed d:failed e:done", "b"),
    ("a > b; a > c; b > d; c > e", "d- e-", "failed", "a:suspect b:suspect c:suspect d:failed e:failed", "a"),
    ("a > b; c > d", "b- d-", "failed", "a:suspect b:failed c:suspect d:failed", "abcd"),
    ("a > b > c", "b- c-", "failed", "a:suspect b:failed c:failed", "ab"),
    ("a > b; a > c", "b- c.", "running", "a:suspect b:failed c:pending", "ab"),
    ("a > b; a > c", "b- c.", "failed", "a:suspect b:failed c:skipped", "ab"),
    ("a > b; a > c", "b+", "completed", "a:done b:done c:None", ""),
    ("a > b > C:videoOutputNode", "b+", "completed", "a:done b:done C:done", ""),
    ("a > b > C:videoOutputNode", "b-", "failed", "a:suspect b:failed C:skipped", "ab"),
    ("a > b > C:videoOutputNode", "b.", "running", "a:pending b:pending C:pending", ""),
    ("a > b > c > a", "c-", "failed", "a:suspect b:suspect c:failed", "abc"),
    ("a > b > a; b > c", "c+", "completed", "a:done b:done c:done", ""),
]


@pytest.mark.parametrize(("chains", "outputs", "status", "expected", "cause"), TABLE)
def test_a_run_gives_each_node_its_state(chains: str, outputs: str, status: str, expected: str, cause: str):
    found = outcome(graph(*chains.split("; ")), run(outputs, status))
    assert states(found) == expected
    assert "".join(found.cause) == cause


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("completed", "done"),
        ("success", "done"),
        ("ERROR", "failed"),
        ("failed", "failed"),
        ("odd", "pending"),
    ],
)
def test_the_state_of_a_node_is_that_of_its_output(status: str, state: str):
    output = {"id": "a", "type": "pending", "value": "https://x.example", "status": status}
    found = Run.model_validate({"runId": "r", "status": "running", "outputs": [output]})
    assert found.outputs[0].state == state


@pytest.mark.parametrize(
    ("output", "state"),
    [({"value": "x"}, "done"), ({"value": None}, "pending"), ({"error": "no"}, "failed")],
)
def test_without_a_status_value_and_error_decide(output: dict, state: str):
    assert Run.model_validate({"runId": "r", "status": "x", "outputs": [output]}).outputs[0].state == state


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("no", "no"),
        ({"message": "no"}, "no"),
        ({"a": 1}, '{"a": 1}'),
        (None, "failed without a reason given"),
    ],
)
def test_errors_of_any_form_are_shown(error: object, says: str):
    output = {"id": "a", "status": "error", "error": error}
    assert Run.model_validate({"runId": "r", "status": "x", "outputs": [output]}).outputs[0].problem == says


def test_several_outputs_of_one_node_are_taken_together():
    found = outcome(graph("a > b"), run("b+ b-"))
    assert states(found) == "a:done b:failed"
    assert found.nodes[1].outputs == ("B", "B")


def test_outputs_without_a_node_are_named_or_matched_by_another_version():
    old, new = graph("a > b > c"), graph("x > y > z")
    assert outcome(new, run("c-", "failed")).unmatched == ("C",)
    matches = {pair.old: pair.new for pair in match(old, new).matches}
    found = outcome(new, run("c-", "failed"), matches=matches)
    assert (found.unmatched, found.moved) == ((), 1)
    assert states(found) == "x:suspect y:suspect z:failed"


def test_durations_are_given_where_known():
    output = {
        "id": "a",
        "status": "completed",
        "startedAt": "2026-03-09T10:00:00Z",
        "completedAt": "2026-03-09T10:00:02.5Z",
    }
    found = Run.model_validate(
        {
            "runId": "r",
            "status": "completed",
            "outputs": [output],
            "startedAt": "2026-03-09T10:00:00Z",
            "completedAt": "bad",
        }
    )
    known = outcome(graph("a > b"), found)
    assert (known.nodes[0].seconds, known.nodes[1].seconds, known.seconds) == (2.5, None, None)


@given(st.data())
def test_states_of_nodes_follow_the_graph(data: st.DataObject):
    names = "abcdefgh"
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names)).map(" > ".join)
    w = graph(*data.draw(st.lists(pairs, min_size=1, max_size=14)))
    marks = data.draw(st.lists(st.sampled_from("+-."), min_size=len(w.nodes), max_size=len(w.nodes)))
    chosen = [
        f"{node.id}{mark}" for node, mark in zip(w.nodes, marks, strict=True) if data.draw(st.booleans())
    ]
    status = data.draw(st.sampled_from(["running", "completed", "failed", "cancelled"]))
    found = outcome(w, run(" ".join(chosen), status))
    states = {node.id: node.state for node in found.nodes}
    own = {each[:-1]: each[-1] for each in chosen}
    feeding_done = {e.source for e in w.edges if states[e.target] == "done"} - own.keys()
    assert {states[id_] for id_ in feeding_done} <= {"done"}
    assert set(found.cause) <= set(found.ids("failed", "suspect", "skipped"))
    assert bool(found.ids("failed")) == ("-" in own.values())
    assert bool(found.cause) >= bool(found.ids("failed"))


def test_a_hundred_thousand_nodes_in_a_chain_and_a_cycle_are_walked():
    many = 100_000
    circle = numbered(
        ["fluxImageNode"] * many, ((n, (n + 1) % many) for n in range(many)), list(map(str, range(many)))
    )
    found = outcome(circle, run(f"{many - 1}-", "failed"))
    assert len(found.ids("suspect")) == many - 1


# The picture

FIFTEEN = lg.load(SAMPLES / "fifteen-outputs.json")
ENDS = [node.id for node in FIFTEEN.nodes if node.type == "adaptImageNode"]
ARABIC = {node.id for node in FIFTEEN.nodes if (node.label or "").startswith("Arabic")}


def fifteen(error: str = "translation is empty", **more: Any) -> Run:
    outputs = [
        {
            "id": id_,
            "label": f"no. {place}",
            "type": "image",
            "status": "error" if id_ in ARABIC else "completed",
        }
        | ({"error": error} if id_ in ARABIC else {})
        for place, id_ in enumerate(ENDS)
    ]
    return Run.model_validate({"runId": "r", "status": "failed", "outputs": outputs, **more})


def test_a_failed_run_of_fifteen_outputs_leads_to_the_one_translation_they_share():
    found = outcome(FIFTEEN, fifteen())
    titles = {node.id: node.title for node in FIFTEEN.nodes}
    assert [titles[id_] for id_ in found.cause] == ["Into Arabic"]
    assert (len(found.ids("failed")), len(found.ids("suspect")), len(found.ids("done"))) == (3, 1, 18)


@pytest.mark.parametrize("form", ["svg", "dot", "mermaid", "text"])
def test_every_format_names_the_error_and_its_cause(form: str):
    shown = getattr(lg.draw(FIFTEEN, color=fifteen(errorMessage="3 outputs failed")), form)
    assert "translation is empty" in shown
    assert "Into Arabic" in shown


@pytest.mark.parametrize("form", ["svg", "text"])
def test_formats_with_a_legend_say_where_to_look_first(form: str):
    shown = getattr(lg.draw(FIFTEEN, color=fifteen(errorMessage="3 outputs failed")), form)
    assert "look first at: Into Arabic" in shown
    assert "the run says: 3 outputs failed" in shown


def test_only_the_path_to_the_failure_is_emphasised():
    scene = lg.draw(FIFTEEN, color=fifteen()).scene
    led = {
        (scene.cards[link.source].title, scene.cards[link.target].title) for link in scene.links if link.mark
    }
    assert led == {("Into Arabic", f"Arabic {ratio}") for ratio in ("1:1", "4:5", "9:16")}
    assert not any(link.main for link in scene.links)


def test_the_full_error_is_in_the_tooltip_and_hostile_text_stays_text():
    error = '<script>alert(1)</script>\x1b[31m"--> & ' + "x" * 300
    picture = lg.draw(FIFTEEN, color=fifteen(error, errorMessage=error))
    assert "<script" not in picture.svg
    assert "x" * 300 in picture.svg
    assert html.escape("<script>alert(1)</script>") in picture.svg
    assert "\x1b" not in picture.svg + picture.text + picture.dot + picture.mermaid
    assert picture.png.startswith(b"\x89PNG")


def test_an_outcome_can_be_drawn_in_place_of_its_run_and_is_the_same_picture_again():
    drawn = [lg.draw(FIFTEEN, color=each).svg for each in (fifteen(), outcome(FIFTEEN, fifteen()))]
    assert drawn[0] == drawn[1]
    assert lg.load(drawn[0].encode()) == FIFTEEN


def test_colours_by_run_need_a_run():
    with pytest.raises(InputError, match="need a run"):
        lg.draw(FIFTEEN, color="run")


def test_every_sample_can_be_drawn_with_an_unrelated_run():
    workflows = [lg.load(path) for path in LAMINA_SAMPLES]
    drawn = [lg.draw(workflow, color=run("gone-")).svg for workflow in workflows if workflow.nodes]
    assert len(drawn) > 30
    assert all("not in the run" in svg for svg in drawn)


@pytest.mark.parametrize("tone", ["light", "dark"])
def test_states_stand_out_and_differ_by_sign(tone: str):
    assert min(contrast(PAPERS[tone].card, look.color(tone)) for look in STATES.values()) >= 3
    assert all(a.glyph != b.glyph for a, b in combinations(STATES.values(), 2))
