"""What one's own code is said to use: nothing in it that is misspelt or absent lets a gate pass."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders import content
from click.testing import CliRunner, Result
from years import WEEKS, Year, night

from lamina_graph.cli import cli
from lamina_graph.diff import AppUsage, ComparisonPolicy, KnownApp, Usage, Version, diff
from lamina_graph.errors import InputError
from lamina_graph.files import load
from lamina_graph.model import App
from lamina_graph.settings import read_toml
from lamina_graph.store import Store

OURS = "6f1c2d3e-4b5a-4c7d-8e9f-0a1b2c3d4e5f"
WRONG_DIGIT, OTHER = OURS[:-1] + "e", "0b9a8c7d-6e5f-4a3b-9c2d-1e0f9a8b7c6d"
GRAPH = """
words:textInputNode="Prompt" > still:fluxImageNode="Still" > poster:imageOutputNode="Poster"
photo:imageInputNode="Photo" > clip:klingVideoNode="Clip"
words > clip
"""


def rest(without: str, **app: Any) -> dict[str, Any]:
    """Return an app of two inputs and two deliverables, less the nodes named."""
    graph, gone = content(GRAPH, **app), set(without.split())
    nodes = [node for node in graph["nodes"] if node["id"] not in gone]
    return graph | {"nodes": nodes, "edges": [e for e in graph["edges"] if gone.isdisjoint(e.values())]}


def run(tmp_path: Path, usage: str, without: str, gate: str = "breaking", **app: Any) -> Result:
    """Compare the app with what is left of it, as code of this usage is concerned."""
    (tmp_path / "usage.toml").write_text(usage)
    for name, less in (("old.json", ""), ("new.json", without)):
        (tmp_path / name).write_text(json.dumps(rest(less, **(app or {"appId": OURS, "name": "Quick Reel"}))))
    words = ["diff", "old.json", "new.json", "--uses", "usage.toml", "--fail-on", gate, "-f", "json"]
    files = [str(tmp_path / word) if "." in word else word for word in words]
    return CliRunner().invoke(cli, files)


LOST_POSTER = [
    (f'id = "{OURS}"', 1, ("output Still",), 0),
    (f'id = "{OURS.upper()}"', 1, ("output Still",), 0),
    (f'id = "{WRONG_DIGIT}"', 1, ("perhaps output Still",), 1),
    ('id = "Quick Reel"', 1, ("perhaps output Still",), 1),
    (f'name = "{OURS}"', 1, ("perhaps output Still",), 1),
    ('name = "Quick Reel"', 1, ("output Still",), 0),
    ('name = "quick reel"', 1, ("output Still",), 0),
    ('name = "Qick Reel"', 1, ("perhaps output Still",), 1),
    (f'id = "{OTHER}"\nname = "Quick Reel"', 1, ("perhaps output Still",), 1),
    (f'id = "{OURS}"\noutputs = ["Poster"]', 1, ("output Poster",), 0),
    (f'id = "{OURS}"\noutputs = ["poster"]', 1, ("output poster",), 0),
    (f'id = "{OURS}"\noutputs = ["Pster"]', 1, ("perhaps output Pster",), 1),
    (f'id = "{OURS}"\noutputs = ["Prompt"]', 1, ("perhaps output Prompt",), 1),
    (f'id = "{OURS}"\noutputs = ["Clip"]', 0, (), 0),
    (f'id = "{OURS}"\noutputs = []', 0, (), 0),
    (f'id = "{OTHER}"', 2, (), 1),
    (f'id = "{OTHER}"\nname = "Long Film"', 2, (), 1),
    ('name = "Long Film"', 2, (), 1),
    (f'id = "{OURS[:8]}"', 1, ("perhaps output Still",), 1),
    (f'id = "{OURS.replace("-", "")}"', 1, ("perhaps output Still",), 1),
    (f'id = "https://app.example/apps/{OURS}"', 1, ("perhaps output Still",), 1),
    ('name = "Quick Reel Maker"', 1, ("perhaps output Still",), 1),
    ('name = "Reel, quick"', 1, ("perhaps output Still",), 1),
    (f'id = "{OTHER}"\n[[app]]\nid = "{OURS}"\ninputs = []\noutputs = []', 0, (), 0),
]


@pytest.mark.parametrize(("table", "status", "uses", "unknown"), LOST_POSTER)
def test_a_lost_output_closes_the_gate_unless_the_code_surely_does_not_use_it(
    tmp_path: Path, table: str, status: int, uses: tuple[str, ...], unknown: int
):
    """The app, and the output, may be named in another way, or misspelt; another app's usage is no doubt."""
    result = run(tmp_path, f"[[app]]\n{table}\n", "poster still")
    assert result.exit_code == status, result.output
    found = json.loads(result.stdout)
    [change] = [each for each in found["changes"] if each["rule"] == "deliverable-removed"]
    assert (tuple(change["uses"]), len(found["unknown"])) == (uses, unknown)


@pytest.mark.parametrize(
    ("outputs", "severity"), [("saveVideo", "breaking"), ("SaveVideo", "breaking"), ("Kling Video", "risky")]
)
def test_an_output_node_without_a_label_is_lost_to_code_that_names_it(outputs: str, severity: str):
    """Callers know it by its type; the step before it still gives the video, so it is no deliverable less."""
    old = load(content("prompt:textInputNode > clip:klingVideoNode > out:saveVideo", name="Reel"))
    new = load(content("prompt:textInputNode > clip:klingVideoNode", name="Reel"))
    usage = Usage(apps=(AppUsage(name="Reel", outputs=(outputs,)),))
    changes = diff(old, new, policy=ComparisonPolicy(usage=usage)).changes
    assert [change.severity for change in changes if change.rule == "node-removed"] == [severity]


LOST_PHOTO = [
    ('inputs = ["Photo"]', 1),
    ('inputs = ["photo"]', 1),
    ('inputs = ["Foto"]', 1),
    ('inputs = []\nsometimes = ["Phto"]', 1),
    ('inputs = []\noptions.Phto = ["a"]', 1),
    ('inputs = ["Prompt"]', 0),
    ("inputs = []", 0),
]


@pytest.mark.parametrize(("fields", "status"), LOST_PHOTO)
def test_a_lost_input_closes_the_gate_unless_the_code_surely_does_not_use_it(
    tmp_path: Path, fields: str, status: int
):
    """A name that no input has may mean the one that went."""
    result = run(tmp_path, f'[[app]]\nid = "{OURS}"\n{fields}\n', "photo")
    assert result.exit_code == status, result.output


def test_without_an_app_id_any_usage_may_apply(tmp_path: Path):
    """Where the files do not say which app they are, any usage may be of it."""
    result = run(tmp_path, f'[[app]]\nid = "{OTHER}"\n', "poster still", description="x")
    assert result.exit_code == 1, result.output
    assert len(json.loads(result.stdout)["unknown"]) == 1


def test_two_tables_of_one_app_both_count(tmp_path: Path):
    """Two call sites may each have a table."""
    tables = "".join(f'[[app]]\nid = "{OURS}"\noutputs = ["{label}"]\n' for label in ("Clip", "Poster"))
    assert run(tmp_path, tables, "poster still").exit_code == 1


def test_a_second_table_with_a_wrong_digit_counts_too(tmp_path: Path):
    """One call site names the app rightly, another one by an id that comes near."""
    tables = (
        f'[[app]]\nid = "{OURS}"\noutputs = ["Clip"]\n[[app]]\nid = "{WRONG_DIGIT}"\noutputs = ["Poster"]\n'
    )
    assert run(tmp_path, tables, "poster still").exit_code == 1


def test_an_app_that_is_not_used_is_named(tmp_path: Path):
    """A loop over all apps with one file of usage goes on, and says where it had nothing to compare with."""
    result = run(tmp_path, f'[[app]]\nid = "{OTHER}"\n', "")
    assert result.exit_code == 0
    assert "--uses has no entry for Quick Reel" in result.stderr


def test_misspelt_usage_sets_the_status_even_without_changes(tmp_path: Path):
    """A misspelt app is named even on a quiet night, with status 2."""
    result = run(tmp_path, f'[[app]]\nid = "{WRONG_DIGIT}"\n', "")
    assert result.exit_code == 2
    assert "is it meant?" in result.stderr


@pytest.mark.parametrize(
    "content", ["", "# nothing\n", "app = []\n", "[[app]]\n", '[[app]]\nid = ""\nname = " "\n']
)
def test_a_file_that_names_no_app_is_refused(tmp_path: Path, content: str):
    """An empty file of usage would let every gate pass."""
    result = run(tmp_path, content, "poster still")
    assert (result.exit_code, result.stdout) == (2, "")


def detail(**fields: Any) -> App:
    return App.model_validate({"appId": OURS, "name": "Quick Reel", **fields})


def test_misspelt_parts_are_named_with_what_was_probably_meant():
    """Where the app's detail is known, what it has not is unknown, change or no change."""
    style = {"key": "style", "name": "Look", "type": "options", "options": ["calm", "bold"]}
    version = Version(
        load({"appId": OURS, "nodes": [], "edges": []}),
        detail(parameters=[style], outputs=[{"label": "Poster"}]),
    )
    table = AppUsage(id=OURS, inputs=("stile",), options={"Look": ("clam",)}, outputs=("Postr",))
    found = diff(version, version, policy=ComparisonPolicy(usage=Usage(apps=(table,))))
    assert found.identical
    assert found.unknown == (
        "usage: Quick Reel has no input “stile”; did you mean “style”?",
        "usage: Quick Reel has no output “Postr”; did you mean “Poster”?",
        "usage: input “Look” of Quick Reel has no option “clam”; did you mean “calm”?",
    )


@pytest.mark.parametrize(
    ("fields", "uses", "unknown"),
    [
        ('outputs = ["Poster"]', ("output Poster",), False),
        ('outputs = ["POSTER"]', ("output POSTER",), False),
        ('outputs = ["Pster"]', ("perhaps output Pster",), True),
        ('outputs = ["Clip"]', (), False),
    ],
)
@pytest.mark.parametrize("identity", ['id = "{id}"', 'name = "quick REEL"'])
def test_with_details_at_hand_a_misspelt_output_is_still_perhaps_the_lost_one(
    tmp_path: Path, fields: str, uses: tuple[str, ...], unknown: bool, identity: str
):
    """The contract tells all outputs, so a name that none has is known to be wrong, and may mean any."""
    versions = [
        Version(
            load(rest("")),
            detail=App.model_validate(
                {"appId": OURS, "name": "Quick Reel", "outputs": [{"label": each} for each in labels]}
            ),
        )
        for labels in (("Poster", "Clip"), ("Clip",))
    ]
    (tmp_path / "usage.toml").write_text(f"[[app]]\n{identity.format(id=OURS)}\n{fields}\n")
    usage = Usage.of(read_toml(tmp_path / "usage.toml"))
    compared = diff(*versions, policy=ComparisonPolicy(usage=usage))
    [change] = [each for each in compared.changes if each.rule == "output-removed"]
    assert change.uses == uses
    assert change.severity == ("breaking" if uses else "risky")
    assert any("has no output" in text for text in compared.unknown) == unknown


def test_usage_of_a_new_option_is_not_misspelt():
    """Code that is ahead of the app names what is about to come."""
    old, new = (
        Version(
            load({"appId": OURS, "nodes": [], "edges": []}), detail(parameters=[{**STYLE, "options": each}])
        )
        for each in (["calm", "bold"], ["calm", "warm"])
    )
    table = AppUsage(id=OURS, inputs=("style",), options={"style": ("warm",)})
    found = diff(old, new, policy=ComparisonPolicy(usage=Usage(apps=(table,))))
    assert (found.severity, found.unknown) == ("risky", ())


STYLE = {"key": "style", "name": "Look", "type": "options"}


# Over a store, which knows every app


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("year") / "store.db"
    with Store(str(place)) as store:
        Year(store).record(range(WEEKS))
    return place


OVER_A_STORE = [
    ('id = "fewer-options"\ninputs = ["style"]\noptions.style = ["calm"]', 1, []),
    ('id = "fewer-options"\ninputs = ["style"]\noptions.style = ["bold"]', 0, []),
    ('id = "fewer-optoins"', 1, ["there is no app “fewer-optoins”; did you mean “fewer-options”?"]),
    ('id = "no-such-app-at-all"', 2, ["there is no app “no-such-app-at-all”"]),
    ('id = "fewer-options"\ninputs = []\noptions.stile = ["calm"]', 1, ["has no input “stile”"]),
    ('id = "fewer-options"\ninputs = ["style"]\noptions.style = ["clam"]', 1, ["has no option “clam”"]),
    ('id = "fewer-options"\noptions.stile = ["calm"]', 1, ["has no input “stile”"]),
    ('id = "fewer-options"\noptions.style = ["bold"]\noptions.stile = ["calm"]', 1, ["has no input “stile”"]),
]


@pytest.mark.parametrize(("table", "status", "unknown"), OVER_A_STORE)
def test_usage_that_no_app_of_the_store_has_is_named(
    place: Path, tmp_path: Path, table: str, status: int, unknown: list[str]
):
    """What is misspelt is named with what was probably meant, and never lets the gate pass."""
    file = tmp_path / "usage.toml"
    file.write_text(f"[[app]]\n{table}\n")
    words = [
        "--store",
        place,
        "changes",
        "--since",
        night(1).date(),
        "--until",
        night(WEEKS).date(),
    ]
    words += ["--uses", file, "--fail-on", "breaking", "-f", "json"]
    result = CliRunner().invoke(cli, list(map(str, words)))
    assert result.exit_code == status, result.stderr
    sentences = [each["why"] for each in json.loads(result.stdout)["unknown"] if "usage:" in each["why"]]
    assert len(sentences) >= len(unknown)
    assert all(any(part in sentence for sentence in sentences) for part in unknown)


def test_a_table_with_the_id_of_one_app_and_the_name_of_another_may_mean_either():
    """Where id and name contradict each other, neither app is surely left out."""
    reel, still = (KnownApp(ids=(id_,), names=(name,)) for id_, name in ((OURS, "Reel"), (OTHER, "Still")))
    [table] = Usage(apps=(AppUsage(id=OTHER, name="Reel"),)).among([reel, still]).apps
    assert (table.relation_to(still), table.relation_to(reel)) == ("same", "alike")


def test_usage_is_read_from_tables_alone():
    """A field that is not known is refused, so that a misspelt `outputs` is no lack of outputs."""
    with pytest.raises(InputError, match="did you mean `outputs`"):
        Usage.of({"app": [{"id": OURS, "output": ["Poster"]}]})
