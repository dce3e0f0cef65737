"""The input contract: what changed in parameters and outputs, and whether it touches one's own calls."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from builders import rules_of
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from years import CONTRACTS, PHOTO, PROMPT, STYLE, parameter

from lamina_graph.cli import cli
from lamina_graph.diff import (
    RULES,
    Acceptance,
    AppUsage,
    Change,
    ComparisonPolicy,
    Diff,
    Usage,
    Version,
    diff,
)
from lamina_graph.errors import InputError
from lamina_graph.files import load
from lamina_graph.history import bodies, from_bodies, toml
from lamina_graph.model import App, Workflow

EMPTY = load({"nodes": [], "edges": []})
CALM = {"inputs": ("photo",), "options": {"style": ("calm",)}}


def app(**fields: Any) -> App:
    return App.model_validate({"appId": "a", "name": "Reel", **fields})


def compare(old: App | None, new: App | None, policy: ComparisonPolicy | None = None) -> Diff:
    return diff(Version(EMPTY, detail=old), Version(EMPTY, detail=new), policy=policy)


@pytest.mark.parametrize(("name", "old", "new", "there", "back"), CONTRACTS, ids=lambda v: str(v)[:30])
def test_a_changed_contract_is_described_as_a_person_would(name, old, new, there, back):
    assert rules_of(compare(app(**old), app(**new))) == sorted(there)
    assert rules_of(compare(app(**new), app(**old))) == sorted(back)


def test_every_rule_of_the_contract_is_tested_and_names_its_mirror():
    rules = {rule.id: rule for rule in RULES.values() if rule.of == "contract"}
    assert {line.split()[1] for _, _, _, there, back in CONTRACTS for line in (*there, *back)} == set(rules)
    assert all(rules[rules[id_].mirror].mirror == id_ for id_ in rules)


def test_a_change_names_its_parameter():
    [change] = compare(app(parameters=[STYLE]), app(parameters=[STYLE | {"options": ["bold"]}])).changes
    assert (change.subject, change.before, change.after) == ("style", ["calm", "warm"], None)
    assert change.text == "Parameter style no longer takes calm and warm"


def test_a_changed_parameter_type_is_one_change_with_its_parts():
    old, new = app(parameters=[STYLE]), app(parameters=[{**STYLE, "type": "text", "options": None}])
    [change] = compare(old, new).changes
    assert change.rule == "parameter-type-changed"
    assert any("options" in part for part in change.parts)


def test_a_choice_with_an_empty_list_of_options_accepts_no_value():
    """An empty list of options refuses what callers choose; without a list anything may be given."""
    old = app(parameters=[STYLE])
    assert rules_of(compare(old, app(parameters=[STYLE | {"options": []}]))) == ["breaking option-removed"]
    assert rules_of(compare(old, app(parameters=[STYLE | {"options": None}]))) == ["risky option-added"]


def test_a_parameter_is_renamed_only_where_it_can_be_proved():
    old, new = app(parameters=[parameter("Title")]), app(parameters=[parameter("Slogan")])
    assert rules_of(compare(old, new)) == [
        "breaking required-parameter-added",
        "breaking required-parameter-removed",
    ]


def test_two_equally_good_candidates_are_no_renaming():
    same = {"description": "What to show"}
    old = app(parameters=[parameter("A", **same)])
    new = app(parameters=[parameter("B", **same), parameter("C", **same)])
    assert Counter(line.split()[1] for line in rules_of(compare(old, new))) == {
        "required-parameter-removed": 1,
        "required-parameter-added": 2,
    }


def test_a_contract_of_one_side_only_is_unknown_and_not_unchanged():
    found = compare(None, app(parameters=[PHOTO]))
    assert found.identical
    assert found.unknown == ("input contract: no app detail of the old version",)


def test_a_renamed_app_is_one_change():
    old, new = (load({"name": name, "nodes": [], "edges": []}) for name in ("Reel", "Reels"))
    found = diff(Version(old, detail=app()), Version(new, detail=app(name="Reels")))
    assert [change.rule for change in found.changes] == ["app-renamed"]


# Laws

LAW = settings(deadline=None, max_examples=200)
VALUES = st.sampled_from([None, "bold", "calm", 3, {"value": "x", "label": "X"}, ["a"], False])
PARAMETERS = st.fixed_dictionaries(
    {"name": st.sampled_from("ABC"), "type": st.sampled_from(["text", "options", "url"])},
    optional={
        "id": st.sampled_from("pq"),
        "key": st.sampled_from("abc"),
        "default": VALUES,
        "options": st.lists(VALUES, max_size=3),
        "accept": st.lists(st.sampled_from(["image", "video"]), max_size=2),
        "multiple": st.booleans(),
        "description": st.sampled_from(["one", "two"]),
        "more": VALUES,
    },
)
OUTPUTS = st.fixed_dictionaries(
    {},
    optional={
        "index": st.integers(0, 2),
        "label": st.sampled_from(["Reel", "Still"]),
        "type": st.sampled_from(["image", "video"]),
        "more": VALUES,
    },
)
APPS = st.builds(
    lambda parameters, outputs, more: app(parameters=parameters, outputs=outputs, **more),
    st.lists(PARAMETERS, max_size=4),
    st.lists(OUTPUTS, max_size=3),
    st.sampled_from([{}, {"description": "x"}, {"icon": "y"}]),
)


@LAW
@given(APPS)
def test_a_contract_does_not_differ_from_itself(detail: App):
    assert compare(detail, detail).identical


@LAW
@given(APPS, APPS)
def test_the_reverse_comparison_has_the_mirrored_changes(old: App, new: App):
    there = Counter(RULES[change.rule].mirror for change in compare(old, new).changes)
    assert there == Counter(change.rule for change in compare(new, old).changes)


@LAW
@given(APPS, APPS)
def test_contracts_are_identical_only_where_their_content_is(old: App, new: App):
    def content(detail: App) -> Any:
        data = detail.model_dump(mode="json", exclude_none=True)
        return [sorted(json.dumps(each, sort_keys=True) for each in data.pop(name)) for name in LISTS], data

    assert compare(old, new).identical == (content(old) == content(new))


LISTS = ("parameters", "outputs")


@LAW
@given(APPS, APPS)
def test_each_change_has_a_fingerprint_of_its_own(old: App, new: App):
    """However much two changes have in common, an acceptance names one of them."""
    prints = [change.fingerprint for change in compare(old, new).changes]
    assert len(prints) == len(set(prints))


POSTER = {"label": "Poster", "type": "image"}


def test_an_acceptance_covers_one_of_two_equal_lost_outputs():
    """Two removed outputs that are alike in all they say are still two breaking changes."""
    one = compare(app(outputs=[POSTER]), app()).changes
    known = [Acceptance(fingerprint=one[0].fingerprint, reason="planned")]
    both = compare(app(outputs=[POSTER, POSTER]), app(), ComparisonPolicy(acceptances=known))
    assert [bool(change.accepted) for change in both.changes] == [True, False]
    assert both.severity == "breaking"


# Usage


def using(*apps: AppUsage) -> ComparisonPolicy:
    return ComparisonPolicy(usage=Usage(apps=apps))


def used(change: tuple[App, App], **use: Any) -> list[tuple[str, tuple[str, ...]]]:
    found = compare(*change, using(AppUsage(name="Reel", **use)))
    return [(each.severity, each.uses) for each in found.changes]


NARROWED = app(parameters=[PHOTO, STYLE]), app(parameters=[PHOTO, STYLE | {"options": ["bold", "warm"]}])
LIMITED = app(parameters=[PROMPT]), app(parameters=[PROMPT | {"options": ["a beach"]}])
REQUIRED = app(parameters=[]), app(parameters=[parameter("Voice")])
GONE = app(parameters=[PHOTO, parameter("Voice", id="v1")]), app(parameters=[parameter("Voice", id="v1")])
REEL, STILL_IMAGE = {"label": "Reel", "type": "video"}, {"label": "Still", "type": "image"}
UNLABELLED = app(outputs=[REEL, STILL_IMAGE]), app(outputs=[STILL_IMAGE])

TOUCHED = [
    (NARROWED, {"inputs": ("photo",)}, ("risky", ())),
    (NARROWED, {"inputs": ("style",)}, ("breaking", ("input style",))),
    (NARROWED, {"sometimes": ("style",), "inputs": ()}, ("breaking", ("input style",))),
    (NARROWED, {"options": {"style": ("calm",)}}, ("breaking", ("option calm of input style",))),
    (NARROWED, {"options": {"style": ("bold", "warm")}}, ("risky", ())),
    (LIMITED, {"options": {"prompt": ("a beach",)}}, ("risky", ())),
    (LIMITED, {"options": {"prompt": ("a street",)}}, ("breaking", ("option a street of input prompt",))),
    (REQUIRED, {"inputs": ("Voice",)}, ("risky", ())),
    (REQUIRED, {"inputs": (), "sometimes": ("Voice",)}, ("breaking", ("calls without input Voice",))),
    (REQUIRED, {}, ("breaking", ("calls without input Voice",))),
    (GONE, {}, ("breaking", ("input photo",))),
    (GONE, {"inputs": ("voice",)}, ("risky", ())),
    (GONE, {"inputs": ("v1",)}, ("risky", ())),
    (GONE, {"inputs": ("Photo",)}, ("breaking", ("input Photo",))),
    (GONE, {"inputs": ("phoot",)}, ("breaking", ("perhaps input phoot",))),
    (GONE, {"inputs": (), "options": {"phoot": ("a",)}}, ("breaking", ("perhaps input phoot",))),
    (NARROWED, {"options": {"style": ("Calm",)}}, ("breaking", ("option Calm of input style",))),
    (NARROWED, {"options": {"Style": ("calm",)}}, ("breaking", ("option calm of input style",))),
    (NARROWED, {"options": {"style": ("clam",)}}, ("breaking", ("perhaps option clam of input style",))),
    (NARROWED, {"inputs": (), "options": {"styel": ("calm",)}}, ("breaking", ("perhaps input styel",))),
    (UNLABELLED, {"outputs": ("Still",)}, ("risky", ())),
    (UNLABELLED, {"outputs": ()}, ("risky", ())),
    (UNLABELLED, {"outputs": ("reel",)}, ("breaking", ("output reel",))),
    (UNLABELLED, {"outputs": ("Real",)}, ("breaking", ("perhaps output Real",))),
    (UNLABELLED, {"outputs": ("Real", "Reel")}, ("breaking", ("perhaps output Real", "output Reel"))),
    (UNLABELLED, {"outputs": ("Reel",)}, ("breaking", ("output Reel",))),
    (UNLABELLED, {}, ("breaking", ("output Reel",))),
]


@pytest.mark.parametrize(("change", "use", "found"), TOUCHED)
def test_a_change_is_breaking_where_it_affects_usage(change, use, found):
    assert used(change, **use) == [found]


def clip(label: str, *more: dict[str, str]) -> Workflow:
    nodes = [{"id": "clip", "type": "klingVideoNode", "label": label}, *more]
    return load({"name": "Reel", "nodes": nodes, "edges": []})


STILL = {"id": "still", "type": "fluxImageNode", "label": "Still life"}


@pytest.mark.parametrize(
    ("outputs", "severity", "uses"),
    [
        (None, "breaking", ("output Hero",)),
        (("hero",), "breaking", ("output hero",)),
        (("Still_life",), "risky", ()),
        (("Something else",), "breaking", ("perhaps output Something else",)),
        ((), "risky", ()),
    ],
)
def test_a_removed_node_affects_the_output_of_its_name(outputs, severity, uses):
    old, new = clip("Hero", STILL), load({"name": "Reel", "nodes": [STILL], "edges": []})
    found = diff(old, new, policy=using(AppUsage(name="Reel", outputs=outputs)))
    [change] = [each for each in found.changes if each.rule == "deliverable-removed"]
    assert (change.severity, change.uses) == (severity, uses)


def test_changes_of_an_unused_app_are_not_breaking():
    found = diff(clip("Hero"), EMPTY, policy=using())
    assert found.severity == "risky"
    assert {change.uses for change in found.changes} == {()}


@pytest.mark.parametrize(
    "tables",
    [
        {"app": [{}]},
        {"app": [{"name": "a", "input": []}]},
        {"applications": []},
        {"app": [{"name": "a", "inputs": "x"}]},
    ],
)
def test_unreadable_usage_is_refused(tables):
    with pytest.raises(InputError, match=r"own\.toml"):
        Usage.of(tables, "own.toml")


# From the bodies of runs

SENT = {"appId": "a", "inputs": {"photo": "https://x.example/1.png", "style": "calm"}, "outputs": ["Reel"]}
ANSWERED = {"workflowId": "a", "workflowName": "Reel", "outputs": [{"id": "n", "label": "Reel"}]}
BARE = {"inputs": {"photo": "https://x.example/2.png"}}


def test_usage_is_derived_from_request_bodies():
    detail = app(parameters=[PHOTO, STYLE])
    found = from_bodies([SENT, ANSWERED], detail={"a": detail}.get)
    assert found.apps == (
        AppUsage(
            id="a",
            name="Reel",
            inputs=("photo", "style"),
            options={"style": ("calm",)},
            outputs=("Reel",),
        ),
    )


def test_null_is_not_counted_as_an_option():
    import tomllib

    detail = app(parameters=[STYLE])
    body = {"inputs": {"style": ["bold", None, {"size": None, "name": "a"}]}}
    uses = from_bodies([body], app="a", detail={"a": detail}.get)
    [use] = Usage.of(tomllib.loads(toml(uses))).apps
    assert use.options == {"style": ("bold", {"name": "a"})}


def test_inputs_that_only_some_calls_supply_are_listed_apart():
    [use] = from_bodies([SENT, BARE], app="a").apps
    assert (use.inputs, use.sometimes, use.outputs, use.options) == (("photo",), ("style",), None, {})


def test_a_request_body_without_an_app_id_is_refused():
    with pytest.raises(InputError, match="names no app"):
        from_bodies([BARE])


NO_BODIES = [b"", b"[1]", b"[]", b'"x"', b"\xff", b'{"data": 3}', b'{"appId": "a", "nodes": []}']


@pytest.mark.parametrize("content", NO_BODIES)
def test_anything_but_a_request_body_is_refused(content: bytes):
    with pytest.raises(InputError, match=r"run\.json"):
        bodies(content, "run.json")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@LAW
@given(
    st.builds(
        AppUsage,
        id=TEXTS.filter(str.strip),
        name=st.none() | TEXTS,
        inputs=st.none() | st.lists(TEXTS, max_size=2).map(tuple),
        sometimes=st.lists(TEXTS, max_size=2).map(tuple),
        options=st.dictionaries(
            TEXTS, st.lists(TEXTS | st.booleans() | st.integers(-9, 9), max_size=2).map(tuple)
        ),
        outputs=st.none() | st.lists(TEXTS, max_size=2).map(tuple),
    )
)
def test_written_usage_can_be_read_again(use: AppUsage):
    import tomllib

    uses = Usage(apps=(use,))
    assert Usage.of(tomllib.loads(toml(uses))) == uses


def test_the_command_writes_what_changes_reads(tmp_path: Path):
    run, target = tmp_path / "run.json", tmp_path / "uses.toml"
    run.write_text(json.dumps([SENT, ANSWERED]))
    words = ["--store", tmp_path / "none.db", "uses", "--from-runs", run, "-o", target]
    result = CliRunner().invoke(cli, list(map(str, words)))
    assert result.exit_code == 0, result.output
    assert 'outputs = ["Reel"]' in target.read_text()


def test_without_usage_a_change_has_no_affected_usage():
    found: tuple[Change, ...] = compare(*NARROWED).changes
    assert [change.uses for change in found] == [()]
