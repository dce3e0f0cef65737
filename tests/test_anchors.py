"""Ids that mean nothing elsewhere: they settle which node is which only between versions of one workflow."""

from itertools import pairwise
from pathlib import PurePath
from typing import Any

import pytest

from lamina_graph.diff import Diff, Version, diff
from lamina_graph.files import load
from lamina_graph.model import Workflow
from lamina_graph.report.diff import markdown, text

ONE, OTHER = "3f2b1c44-1d6c-4f0a-9f57-0c1a6b1f6f01", "8a6d2f10-5b7e-4c7d-8f13-6f9a3a2d9b02"


def chain(*ids: str, settings: Any = None, app: str | None = None, **origin: Any) -> Workflow:
    """Two encoders and a saver in a row, by their ids, as ComfyUI's files give them."""
    kinds = ("CLIPTextEncode", "CLIPTextEncode", "SaveImage")
    nodes = [{"id": id_, "type": kind} for id_, kind in zip(ids, kinds, strict=True)]
    for node, each in zip(nodes, settings or (), strict=False):
        node["settings"] = each
    edges = [{"source": a, "target": b} for a, b in pairwise(ids)]
    return load(
        {"appId": app, "nodes": nodes, "edges": edges, "origin": {"format": "comfyui-editor", **origin}}
    )


def pairs_of(found: Diff) -> set[tuple[str, str, str]]:
    return {(pair.old, pair.new, pair.by) for pair in found.matches}


KEPT = {("1", "1", "id"), ("2", "2", "id"), ("3", "3", "id")}
MOVED = {("1", "2", "structure"), ("2", "1", "structure"), ("3", "3", "structure")}


@pytest.mark.parametrize(
    ("old", "new", "pairs", "why"),
    [
        ({"workflowId": ONE}, {"workflowId": ONE}, KEPT, "both have one workflow id"),
        ({"workflowId": ONE}, {"workflowId": ONE.upper()}, KEPT, "both have one workflow id"),
        ({"path": "a.json"}, {"path": "a.json"}, KEPT, "both are of one file"),
        (
            {"workflowId": ONE, "path": "a.json"},
            {"workflowId": OTHER, "path": "a.json"},
            KEPT,
            "both are of one file",
        ),
        ({"app": "reels"}, {"app": "reels"}, KEPT, "both are of one app"),
        ({"workflowId": ONE}, {"workflowId": OTHER}, MOVED, "they have different workflow ids"),
        ({"workflowId": ONE}, {}, MOVED, "nothing says that both are versions of one workflow"),
        (
            {"path": "a.json"},
            {"path": "b.json"},
            MOVED,
            "nothing says that both are versions of one workflow",
        ),
        ({"app": "reels"}, {"app": "shots"}, MOVED, "nothing says that both are versions of one workflow"),
        (
            dict.fromkeys(["workflowId"], "00000000-0000-0000-0000-000000000000"),
            dict.fromkeys(["workflowId"], "00000000-0000-0000-0000-000000000000"),
            MOVED,
            "nothing says that both are versions of one workflow",
        ),
    ],
)
def test_ids_settle_which_node_is_which_only_between_versions_of_one_workflow(
    old: dict[str, str], new: dict[str, str], pairs: set[tuple[str, str, str]], why: str
):
    paths = [PurePath(side.pop("path")) if "path" in side else None for side in (old, new)]
    versions = (
        Version(chain("1", "2", "3", **old), path=paths[0]),
        Version(chain("2", "1", "3", **new), path=paths[1]),
    )
    found = diff(*versions)
    assert (pairs_of(found), found.anchors.why) == (pairs, why)
    assert found.anchors.ids == (pairs == KEPT)
    assert found.minimal
    assert (found.cost == 0) == (pairs == MOVED)


def test_the_output_says_over_which_matchings_the_proof_is():
    old, new = chain("1", "2", "3", workflowId=ONE), chain("2", "1", "3", workflowId=ONE)
    for write in (text, markdown):
        assert "proved minimal where ids stay (both have one workflow id)" in write(diff(old, new))
    other = chain("7", "8", "9", workflowId=OTHER)
    assert "the same graph whatever the ids (they have different workflow ids)" in text(diff(old, other))


def test_other_ids_of_another_workflow_are_no_change():
    assert diff(chain("1", "2", "3"), chain("7", "8", "9")).identical
    known = diff(chain("1", "2", "3", workflowId=ONE), chain("7", "8", "9", workflowId=ONE))
    assert {change.rule for change in known.changes} == {"deliverable-reidentified", "node-reidentified"}


def test_where_ids_mean_nothing_equal_settings_tell_like_nodes_apart():
    words = [{"text": "a cat"}, {"text": "a dog"}]
    fan = {"edges": [{"source": "1", "target": "3"}, {"source": "2", "target": "3"}]}
    old = load(chain("1", "2", "3", settings=words).model_dump() | fan)
    new = load(chain("1", "2", "3", settings=words[::-1]).model_dump() | fan)
    assert diff(old, new).identical


def test_ids_that_are_given_once_for_all_settle_it_everywhere():
    stamped = "CLIPTextEncode-1773051929782-aaaaaaaaa", "CLIPTextEncode-1773051929783-bbbbbbbbb", "3"
    found = diff(chain(*stamped), chain(stamped[1], stamped[0], "3"))
    assert ("CLIPTextEncode-1773051929782-aaaaaaaaa",) * 2 + ("id",) in pairs_of(found)


def test_from_which_file_a_workflow_was_read_is_no_change_of_it():
    old, new = (
        chain("1", "2", "3", workflowId=ONE),
        chain("1", "2", "3", workflowId=ONE, format="comfyui-api"),
    )
    assert diff(old, new).identical


def test_a_title_of_comfyui_is_cosmetic_everywhere():
    """Who runs such a workflow names nodes by their ids."""
    old = chain("1", "2", "3", workflowId=ONE)
    nodes = [node.model_dump(by_alias=True) | {"label": f"Title {node.id}"} for node in old.nodes]
    new = load(old.model_dump(by_alias=True) | {"nodes": nodes})
    assert {(change.rule, change.severity) for change in diff(old, new).changes} == {
        ("node-relabelled", "cosmetic")
    }


def test_what_a_file_does_not_tell_is_unknown():
    hidden = "links that Anything Everywhere adds at run time"
    old, new = chain("1", "2", "3", unknown=[hidden]), chain("1", "2", "3", unknown=[hidden, "a subgraph"])
    assert diff(old, new).unknown == (f"both versions: {hidden}", "the new version: a subgraph")
