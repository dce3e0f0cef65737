"""What is said of a wrong configuration, file of uses or estimate: the file, the table, the field."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from lamina_graph.cli import cli

SAMPLES = Path(__file__).parent.parent / "samples"
MEDIA = "text, image, video, audio, 3d, vector, data"
RULE = 'label = "reel"\nwhen = { stages = 2 }\n'
CONFIGURATIONS = [
    ("[vocabulary.famlies]", "vocabulary.famlies: unknown; did you mean `families`?"),
    ('vocabulary.media.image = "x"', "vocabulary.media.image: expected a list, found a string"),
    ("vocabulary.media.image = [1]", "vocabulary.media.image: expected a string, found a number"),
    ('vocabulary.types.q = "generate"', "vocabulary.types.q: expected a table, found a string"),
    ("vocabulary.types.q.taskk = 1", "vocabulary.types.q.taskk: unknown; did you mean `task`?"),
    (
        'vocabulary.types.q.gives = ["film"]',
        f"vocabulary.types.q.gives: expected one of {MEDIA}; found 'film'",
    ),
    (
        '[vocabulary.families.acme]\ngive = "image"',
        "vocabulary.families.acme.give: unknown; did you mean `gives`?",
    ),
    ('[vocabulary.families.acme]\ngives = "image"', "vocabulary.families.acme.name: missing"),
    (f"[[category]]\n{RULE}[[category]]\nlable = 1", "category 2: lable: unknown; did you mean `label`?"),
    ("[[category]]\nwhen = { stages = 2 }", "category 1: label: missing"),
    (
        '[[category]]\nlabel = "x"\nwhen.stagse = 2',
        "category 1: when.stagse: unknown; did you mean `stages`?",
    ),
    (
        '[[category]]\nlabel = "x"\nwhen.outputs = ["film"]',
        f"category 1: when.outputs: expected one of {MEDIA}; found 'film'",
    ),
    (
        '[diff.severity]\nnode-addd = "risky"',
        "diff.severity.node-addd: there is no such rule; did you mean `node-added`?",
    ),
    (
        '[diff.severity]\nnode-added = "bad"',
        "diff.severity.node-added: expected one of breaking, risky, cosmetic, ignore, found 'bad'",
    ),
    ("[diff]\nseverity = 3", "diff.severity: expected a table: a rule and its severity on each line"),
    ("[[accept]]\nreason = 'x'", "accept 1: name a `fingerprint`, or an `app` and a `rule`"),
    ("[[accept]]\nfingerprint = '0123456789ab'", "accept 1: reason: missing"),
    (
        "[[accept]]\nfingerprint = 'zz'\nreason = 'x'",
        "accept 1: fingerprint: expected 12 hex digits, as `diff` prints them, found 'zz'",
    ),
    (
        "[[accept]]\nfingerprint = '0123456789ab'\nreason = 'x'\nuntl = 1",
        "accept 1: untl: unknown; did you mean `until`?",
    ),
    (
        "[[accept]]\nfingerprint = '0123456789ab'\nreason = 'x'\nuntil = 'soon'",
        "accept 1: until: expected a date such as 2026-03-09, found a string",
    ),
    (
        "[[accept]]\napp = 'x'\nrule = 'node-addd'\nreason = 'x'",
        "accept 1: rule: there is no rule 'node-addd'; did you mean `node-added`?",
    ),
    ("[report]\ntitel = 1", "report.titel: unknown; did you mean `title`?"),
    ("[report]\ntitle = 1", "report.title: expected a string, found a number"),
]


def lamina(*words: object) -> list[str]:
    """The two lines of an error."""
    result = CliRunner().invoke(cli, [str(word) for word in words])
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.splitlines()


@pytest.mark.parametrize(("content", "says"), CONFIGURATIONS, ids=[says[:40] for _, says in CONFIGURATIONS])
def test_a_wrong_configuration_is_named_with_the_table_and_the_field(tmp_path: Path, content: str, says: str):
    file = tmp_path / ".lamina-graph.toml"
    file.write_text(content)
    one = SAMPLES / "single.json"
    words = ("report", one) if says.startswith("report") else ("diff", one, one)
    problem, hint = lamina("--config", file, *words)
    assert problem == f"Error: {file}: {says}"
    assert hint.startswith("  `lamina-graph ")


USES = [
    ("[[ap]]", "ap: unknown; did you mean `app`?"),
    ("[app]", "app: expected a list, found a table"),
    ("[[app]]\nid = 3", "app 1: id: expected a string, found a number"),
    ('[[app]]\nid = "a"\n[[app]]\nid = "b"\ninptus = []', "app 2: inptus: unknown; did you mean `inputs`?"),
    ('[[app]]\nid = "a"\ninputs = "photo"', "app 1: inputs: expected a list, found a string"),
    ('[[app]]\nid = "a"\n[[app]]', "app 2: neither `id` nor `name`"),
    ("[[app]", "not TOML: Expected ']]' at the end of an array declaration (at line 1, column 6)"),
]


@pytest.mark.parametrize(("content", "says"), USES, ids=[says[:40] for _, says in USES])
def test_a_wrong_file_of_uses_is_named_with_the_table_and_the_field(tmp_path: Path, content: str, says: str):
    file, one = tmp_path / "uses.toml", SAMPLES / "single.json"
    file.write_text(content)
    assert lamina("diff", one, one, "--uses", file)[0] == f"Error: {file}: {says}"


ESTIMATES = [
    ('{"appId": 3}', "appId: expected a string, found a number"),
    (
        '{"appId": "a", "estimatedCredits": {"expected": "ten"}}',
        "estimatedCredits.expected: expected a number, found a string",
    ),
    ('{"appId": "a", "breakdown": {}}', "breakdown: expected a list, found an object"),
    ('{"appId": "a", "affordable": "perhaps"}', "affordable: expected true or false, found a string"),
]


@pytest.mark.parametrize(("content", "says"), ESTIMATES, ids=[says[:40] for _, says in ESTIMATES])
def test_a_wrong_estimate_is_named_with_the_field(tmp_path: Path, content: str, says: str):
    file, one = tmp_path / "estimate.json", SAMPLES / "single.json"
    file.write_text(content)
    assert lamina("diff", one, one, "--new-estimate", file)[0] == f"Error: {file}: {says}"


BROKEN = Path(__file__).parent / "cases" / "broken-input"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--config", "config-bound-5000-digits.toml", "classify", "one.json"), "category 1: when.nodes: "),
        (
            ("--config", "config-hex-severity.toml", "diff", "one.json", "one.json"),
            "diff.severity.node-retyped: a number",
        ),
        (("--config", "fuzz-config-1428b659.bin", "classify", "one.json"), "category 1: priority: a number"),
        (
            ("render", "one.json", "--color-by", "credits", "--estimate", "fuzz-estimate-56945de8.bin"),
            "a number has too many digits",
        ),
    ],
)
def test_invalid_input_is_named_with_file_and_field(words: tuple[str, ...], says: str):
    paths = {"one.json": str(SAMPLES / "single.json")}
    problem, _ = lamina(*(paths.get(word, str(BROKEN / word) if "." in word else word) for word in words))
    named = next(word for word in words if "." in word and word != "one.json")
    assert problem.startswith(f"Error: {BROKEN / named}: ")
    assert says in problem
