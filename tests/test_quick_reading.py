"""Reading quickly: the workflow or refusal of the careful way, and no object before it is asked for."""

import copy
import json
import pickle
import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutations import mutate
from strategies import WORKFLOWS

from lamina_graph.classify import classify
from lamina_graph.errors import WorkflowError
from lamina_graph.features import features
from lamina_graph.files import canonical, load
from lamina_graph.graph import adjacency, graph
from lamina_graph.json_values import count_keys, decode, parse
from lamina_graph.lint import lint
from lamina_graph.model import Entry, Workflow

SEED = {
    "appId": "app",
    "name": "Reel",
    "nodes": [{"id": "a", "type": "textInputNode", "label": "Script"}, {"id": "b", "type": "klingVideoNode"}],
    "edges": [{"source": "a", "target": "b"}],
}
PLAIN = json.dumps(SEED, separators=(",", ":")).encode()
BARE = PLAIN.replace(b'"klingVideoNode"', b'"klingVideoNode","label":null')


def outcome(source: bytes) -> object:
    """Return the workflow with all that can be told of it, or why there is none."""
    try:
        w = load(source, "given")
    except WorkflowError as error:
        return str(error), error.hint
    told = [canonical(w), w, w.model_dump(), sorted(w.model_fields_set), [n.label for n in w.nodes]]
    return [*told, adjacency(w).successors, list(graph(w).nodes(data=True)), list(graph(w).edges), lint(w)]


def carefully(source: bytes) -> object:
    """Return the outcome where a byte order mark before the JSON leads away from the quick way."""
    return outcome(b"\xef\xbb\xbf" + source)


def read_quickly(source: bytes) -> Any:
    """Return what is decoded where it is known to be what parsing gives, else None."""
    data = decode(source)
    return data if data is not None and count_keys(data) == source.count(b":") else None


def is_late(w: Workflow) -> bool:
    """Whether no node and no edge has been made."""
    return not (w.columns.nodes.is_made or w.columns.edges.is_made)


@given(WORKFLOWS, st.booleans())
def test_both_ways_read_the_same_workflow(raw: dict[str, Any], enveloped: bool) -> None:
    source = json.dumps({"data": raw} if enveloped else raw).encode()
    assert outcome(source) == carefully(source)


@given(st.sampled_from([PLAIN, BARE]), st.integers())
def test_both_ways_read_or_refuse_what_is_almost_a_workflow_alike(plain: bytes, seed: int) -> None:
    broken = mutate(plain, random.Random(seed))
    if broken.startswith(b"{"):
        assert outcome(broken) == carefully(broken)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"id":"a"', '"id":"z","id":"a"'),
        ('"label":"Script"', '"label":"Script","label":"Script"'),
        ('"label":null', '"label":[]'),
        ('"label":null', '"label":{"a":1}'),
        ('"label":null', '"lable":null'),
        ('"source":"a"', '"source":"a","source":"b"'),
        ('"source":"a"', '"source":["a"]'),
        ('"source":"a"', '"source":"a:"'),
        ('"appId":"app"', '"appId":"app","appId":"app"'),
        ('"appId":"app"', '"appId":7'),
        ('"appId":"app"', '"own":1e999'),
        ('"appId":"app"', f'"own":{"9" * 301}'),
        ('"appId":"app"', '"own":{"a":1,"a":2}'),
        ('"appId":"app"', '"app_id":"other"'),
        ('"appId":"app"', '"viewport":{"zoom":1}'),
        ('"edges":', '"edges":[],"edges":'),
        ('"nodes":[', '"nodes":[],"nodes":['),
        ('"nodes":[', '"data":{"nodes":1},"nodes":['),
        ('"nodes":[', '"nodes":[7,'),
    ],
)
def test_one_change_to_a_bare_workflow_is_seen_both_ways(old: str, new: str) -> None:
    """Of a workflow without any other field the keys are counted, and nothing else looked at."""
    assert BARE.count(old.encode()) >= 1
    changed = BARE.replace(old.encode(), new.encode(), 1)
    assert outcome(changed) == carefully(changed)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ('"appId":"app"', '"appId":"other"'),
        ('"appId":"app"', '"own":1'),
        ('"id":"b"', '"id":"c"'),
        ('"label":null', '"label":"Poster"'),
        ('"source":"a"', '"source":"b"'),
        ('"nodes":[', '"nodes":[{"id":"z","type":"t","label":null},'),
    ],
)
def test_two_bare_workflows_are_equal_where_their_objects_are(old: str, new: str) -> None:
    first, second = load(BARE), load(BARE.replace(old.encode(), new.encode(), 1))
    equal = Workflow.model_validate(first.model_dump()) == Workflow.model_validate(second.model_dump())
    assert (load(BARE) == second) == equal == (old == new)


def test_a_bare_workflow_is_known_to_be_one() -> None:
    assert load(BARE).columns.bare
    assert not load(PLAIN).columns.bare


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a" :1, "a" :2, "x": ":"}',
        '{"a": "\\u003a", "b": 1, "b": 2}',
        '{"a": [{"b": 1, "b": 1}]}',
        '{"a": 1e999}',
        '{"a": NaN}',
        '{"a": "\\ud800"}',
        '{"a": ' + "9" * 301 + "}",
        '{"a": -' + "9" * 300 + "}",
        '{"a": ' + "[" * 201 + "]" * 201 + "}",
    ],
)
def test_what_parsing_refuses_or_must_look_at_is_never_read_quickly(text: str) -> None:
    assert read_quickly(text.encode()) is None


@given(
    st.dictionaries(st.text(), st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text())
)
def test_what_is_read_quickly_is_what_parsing_gives(value: dict[str, Any]) -> None:
    text = json.dumps(value)
    quick = read_quickly(text.encode())
    assert quick is None or repr(quick) == repr(parse(text))


def test_analyses_of_a_plain_file_make_no_node_and_no_edge() -> None:
    w = load(PLAIN)
    classify(w), features(w), lint(w), graph(w)
    assert is_late(w)


@pytest.mark.parametrize(
    "ask",
    [
        lambda w: w.nodes,
        lambda w: w.edges,
        lambda w: w.model_dump(),
        lambda w: dict(w),
        lambda w: w == load({**SEED, "name": "other"}),
        copy.copy,
        copy.deepcopy,
        pickle.dumps,
        lambda w: w.model_copy(update={"name": "x"}),
        lambda w: w.model_dump_json(),
        lambda w: Entry(ref="x", workflow=w).model_dump_json(),
        hash,
        repr,
        vars,
    ],
)
def test_whatever_looks_at_nodes_finds_them(ask: Any) -> None:
    w = load(PLAIN)
    ask(w)
    assert not is_late(w)
    assert w == load(SEED)
    assert list(w.model_dump()) == list(load(SEED).model_dump())


def test_threads_that_ask_together_find_the_same_nodes() -> None:
    """Nodes are made once, or the first that were made stay."""
    w = load(PLAIN)
    together = Barrier(8)

    def ask(_: int) -> tuple[int, int]:
        together.wait()
        return id(w.nodes), id(w.edges)

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 1
    assert w == load(SEED)


def test_a_copy_of_what_was_read_quickly_is_whole() -> None:
    """However a workflow is copied, the copy has all that was given, and knows what was not."""
    copies = [copy.copy, copy.deepcopy, lambda w: pickle.loads(pickle.dumps(w)), lambda w: w.model_copy()]
    for make in copies:
        made = make(load(PLAIN))
        assert (made, hash(made)) == (load(SEED), hash(load(SEED)))
        assert made.model_fields_set == load(SEED).model_fields_set
        assert made.columns.ids == load(SEED).columns.ids


@pytest.mark.parametrize("name", ["nodes", "edges", "name"])
def test_a_workflow_read_quickly_does_not_change(name: str) -> None:
    w = load(PLAIN)
    with pytest.raises(ValueError, match="frozen"):
        setattr(w, name, ())
    assert w == load(SEED)


def test_copies_keep_nothing_that_was_derived_of_another() -> None:
    w = load(PLAIN)
    assert features(w) is features(w)
    fewer = w.model_copy(update={"nodes": w.nodes[:1], "edges": ()})
    assert (features(fewer).nodes, adjacency(fewer).ids) == (1, ("a",))
