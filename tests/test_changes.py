"""What changed over a catalogue: a scripted year told exactly, in every form, to every reader once."""

import json
import random
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from databases import engine_of
from years import BASE, CONTRACTS, FIRST, WEEKS, Line, Year, night

from lamina_graph.cli import cli
from lamina_graph.cli.schemas import schema_of
from lamina_graph.diff import RULES, SEVERITIES
from lamina_graph.diff.values import Accepted
from lamina_graph.errors import InputError
from lamina_graph.history import AppChange, Changes, Unknown
from lamina_graph.report import changes as messages
from lamina_graph.store import (
    BEGINNING,
    FetchResult,
    FetchScope,
    RetentionPolicy,
    Store,
    connections,
    parse_moment,
    schema,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("year") / "store.db"


@pytest.fixture(scope="module")
def year(place: Path):
    with Store(str(place)) as store:
        made = Year(store)
        made.record()
        yield made


def changes(place: Path, *words: object) -> Result:
    return CliRunner().invoke(
        cli, ["--store", str(place), "changes", *map(str, words)], prog_name="lamina-graph"
    )


def lines(found: dict[str, Any]) -> list[Line]:
    moments = [datetime.fromisoformat(each["at"]) for each in found["changes"]]
    return sorted(
        Line((at - FIRST).days // 7, each["appId"], f"{each['severity']} {each['rule']}")
        for at, each in zip(moments, found["changes"], strict=True)
    )


def span(first: int, last: int) -> tuple[str, ...]:
    """The words for some weeks, both included."""
    return (
        *("--since", night(first).isoformat()),
        *("--until", (night(last) + timedelta(minutes=5)).isoformat()),
    )


# The scripted year


def test_the_year_has_every_rule(year: Year):
    assert {line.change.split()[1] for line in year.lines} == set(RULES)


SPANS = [(0, WEEKS), (0, 2), (10, 10), (20, 24), (31, 32)] + [
    tuple(sorted(random.Random(seed).choices(range(1, WEEKS), k=2))) for seed in range(7)
]


@pytest.mark.parametrize(("first", "last"), SPANS)
def test_a_span_contains_exactly_its_changes(year: Year, place: Path, first: int, last: int):
    result = changes(place, *span(first, last), "-f", "json")
    found = json.loads(result.stdout)
    jsonschema.validate(found, schema_of("changes"))
    assert lines(found) == year.between(first, last)
    assert len({(each["appId"], each["at"], each["fingerprint"]) for each in found["changes"]}) == len(
        found["changes"]
    )
    assert result.exit_code == (2 if found["unknown"] else 0)


def test_a_returning_reader_sees_each_change_once(tmp_path: Path):
    place = tmp_path / "store.db"
    seen: list[Line] = []
    with Store(str(place)) as store:
        year = Year(store)
        for first in range(0, WEEKS, 4):
            year.record(range(first, min(first + 4, WEEKS)))
            seen += lines(json.loads(changes(place, "--since", "last", "-f", "json").stdout))
            again = json.loads(changes(place, "--since", "last", "-f", "json").stdout)
            assert again["changes"] == []
        assert sorted(seen) == year.lines
        late = json.loads(changes(place, "--since", "last", "--reader", "late", "-f", "json").stdout)
        assert lines(late) == year.lines


def test_changes_of_a_running_snapshot_are_shown_once_it_is_finished(tmp_path: Path):
    place = tmp_path / "store.db"
    workflows = [
        {"nodes": [{"id": "a", "type": f"{name}VideoNode"}], "edges": []} for name in ("kling", "veo")
    ]
    with Store(str(place)) as store:
        for week, workflow in enumerate(workflows):
            run = store.begin(BASE, FetchScope(), night(week))
            at = night(week) + timedelta(seconds=1)
            store.record(run.id, [FetchResult(app_id="a", at=at, workflow=workflow)])
            if week:
                going = changes(place, "--since", "last")
                assert "Model swapped" not in going.output
                assert f"the snapshot of {night(week):%Y-%m-%d %H:%M} has not finished" in going.output
                assert going.exit_code == 2
            store.finish(run.id, night(week) + timedelta(minutes=1))
        assert "Model swapped" in changes(place, "--since", "last").output
        assert "Model swapped" not in changes(place, "--since", "last").output


# What is not known


def test_an_app_is_unknown_until_it_can_be_fetched(year: Year, place: Path):
    then = json.loads(changes(place, *span(year.FAILED, year.FAILED), "-f", "json").stdout)
    assert [(each["appId"], each["why"]) for each in then["unknown"]] == [
        (year.failing, "503 RESOURCE_UNAVAILABLE")
    ]
    later = json.loads(changes(place, *span(year.FAILED, year.FAILED + 1), "-f", "json").stdout)
    assert later["unknown"] == []


def test_a_time_without_snapshots_is_unknown_not_unchanged(year: Year, place: Path):
    result = changes(place, "--since", "2026-06-01", "--until", "2026-06-07")
    assert result.exit_code == 2
    assert "no snapshot was taken" in result.stdout


def test_an_app_that_was_not_fetched_is_unknown(tmp_path: Path):
    place = tmp_path / "store.db"
    with Store(str(place)) as store:
        for week, names in enumerate(["ab", "a"]):
            run = store.begin(BASE, FetchScope(apps=tuple(names)), night(week))
            workflow = {"nodes": [], "edges": []}
            store.record(
                run.id, [FetchResult(app_id=name, at=night(week), workflow=workflow) for name in names]
            )
            store.finish(run.id, night(week) + timedelta(minutes=1))
    found = json.loads(changes(place, *span(1, 1), "-f", "json").stdout)
    assert [(each["appId"], each["why"]) for each in found["unknown"]] == [("b", "not fetched in this time")]


def test_apps_unknown_for_one_reason_share_a_line_of_text():
    why, names = "not fetched in this time", ("Reel", "Still", "Film")
    unknown = [Unknown(at=FIRST, app_id=each, name=each, base_url=BASE, why=why) for each in names]
    unknown += [Unknown(at=FIRST, app_id="x", name="Other", base_url=f"{BASE}/x", why=why)]
    message = messages.text(
        Changes(since=FIRST, until=night(1), severity=None, apps=0, changes=(), unknown=unknown)
    )
    assert f"\n  ? 3 apps at {BASE}: {why}: Reel, Still, Film\n" in message
    assert message.endswith(f"\n  ? Other at {BASE}/x: {why}")


def test_an_app_with_a_missing_part_is_unknown_until_it_is_complete(tmp_path: Path):
    place = tmp_path / "store.db"
    with Store(str(place)) as store:
        for week, why in enumerate(["", "detail: 500", ""]):
            run = store.begin(BASE, FetchScope(detail=True), night(week))
            answer = FetchResult(app_id="a", at=night(week), workflow={"nodes": [], "edges": []}, why=why)
            store.record(run.id, [answer])
            store.finish(run.id, night(week) + timedelta(minutes=1))
    assert "? a: detail: 500" in changes(place, *span(0, 1)).stdout
    assert changes(place, *span(1, 2)).output == ""


def test_different_spellings_of_an_address_mean_one_address(year: Year, place: Path):
    words = ("--since", "last", "--reader", "spelling", "--base-url")
    assert "app-gone" in changes(place, *words, f"{BASE}/").output
    assert "app-gone" not in changes(place, *words, BASE).output


@pytest.mark.parametrize("form", ["text", "markdown", "html", "github", "slack"])
def test_without_changes_every_format_prints_nothing(year: Year, place: Path, form: str):
    result = changes(place, *span(1, 2), "-f", form)
    assert (result.output, result.exit_code) == ("", 0)


# The gate and one's own uses


@pytest.mark.parametrize("gate", SEVERITIES)
def test_the_gate_fails_at_its_severity_and_above(year: Year, place: Path, gate: str):
    for week in (2, 3, 4, 10, 20):
        worst = [SEVERITIES.index(line.change.split()[0]) for line in year.between(week, week)]
        hit = any(each <= SEVERITIES.index(gate) for each in worst)
        assert changes(place, *span(week, week), "--fail-on", gate).exit_code == int(hit)


def test_only_changes_that_affect_usage_are_breaking(year: Year, place: Path, tmp_path: Path):
    uses = tmp_path / "uses.toml"
    uses.write_text('[[app]]\nid = "fewer-options"\ninputs = ["style"]\noptions.style = ["calm"]\n')
    found = json.loads(changes(place, *span(0, WEEKS), "-f", "json", "--uses", uses).stdout)
    touched = [(c["appId"], c["rule"], c["uses"]) for c in found["changes"] if c["severity"] == "breaking"]
    assert touched == [("fewer-options", "option-removed", ["option calm of input style"])]
    assert len(found["changes"]) == len(year.lines)


def test_severities_can_be_changed_and_changes_accepted(year: Year, place: Path, tmp_path: Path):
    config = tmp_path / "own.toml"
    config.write_text(
        '[diff.severity]\napp-gone = "cosmetic"\nparameter-changed = "ignore"\n'
        f'[[accept]]\napp = "{year.lost}"\nrule = "app-back"\nreason = "planned"\n'
    )
    words = ["--config", config, "--store", place, "changes", *span(0, WEEKS), "-f", "json"]
    found = json.loads(CliRunner().invoke(cli, list(map(str, words))).stdout)
    by_rule = {each["rule"]: each for each in found["changes"]}
    assert by_rule["app-gone"]["severity"] == "cosmetic"
    assert by_rule["app-back"]["accepted"]["reason"] == "planned"
    assert found["ignored"] == sum(line.change.endswith("parameter-changed") for line in year.lines)
    assert len(found["changes"]) == len(year.lines) - found["ignored"]


# Two places


def test_two_addresses_differ_in_what_was_edited(tmp_path: Path):
    place, staging = tmp_path / "store.db", "https://staging.example"
    nodes = [{"id": f"fluxImageNode-17730519297{n}2-abc", "type": "fluxImageNode"} for n in range(3)]
    copied = [node | {"id": node["id"].replace("abc", "xyz")} for node in nodes]
    edited = [*nodes[:2], nodes[2] | {"type": "veoVideoNode"}]
    with Store(str(place)) as store:
        for address, apps in {
            staging: {"same": nodes, "edited": nodes, "copied": nodes, "old": nodes},
            BASE: {"same": nodes, "edited": edited, "copied-2": copied, "fresh": nodes},
        }.items():
            run = store.begin(address, FetchScope(), FIRST)
            answers = [
                FetchResult(app_id=id_, at=FIRST, workflow={"name": id_[:6], "nodes": nodes_, "edges": []})
                for id_, nodes_ in apps.items()
            ]
            store.record(run.id, answers)
            store.finish(run.id, FIRST + timedelta(minutes=1))
    found = json.loads(changes(place, "--between", staging, BASE, "-f", "json").stdout)
    assert found["between"] == [staging, BASE]
    counts = Counter((each["appId"], each["rule"]) for each in found["changes"])
    assert {app for app, _ in counts} == {"edited", "old", "fresh"}
    assert (counts["old", "app-gone"], counts["fresh", "app-added"]) == (1, 1)
    assert counts["edited", "deliverable-modality-changed"] == 1
    assert changes(place, "--between", BASE, BASE).output == ""
    assert changes(place, "--between", place, place).output == ""
    assert changes(place, "--between", BASE, "https://nowhere.example").exit_code == 2


# The forms


def made(
    count: int, name: str = "Reel", text: str = "Deliverable removed", rule: str = "deliverable-removed"
):
    """Changes of as many apps."""
    common = {"severity": "breaking", "fingerprint": "0123456789ab", "at": FIRST, "base_url": BASE}
    app_changes = [
        AppChange(rule=rule, text=text, app_id=f"app-{number:05}", name=name, uses=(text,), **common)
        for number in range(count)
    ]
    unknown = [Unknown(at=FIRST, app_id="x", name=name, base_url=BASE, why=text)]
    return Changes(
        since=FIRST,
        until=night(1),
        severity="breaking",
        apps=count,
        changes=app_changes,
        unknown=unknown if count else (),
    )


@pytest.mark.parametrize("count", [1, 40, 49, 50, 5_000])
def test_a_message_for_slack_keeps_to_the_limits_of_block_kit(count: int):
    payload = messages.slack(made(count, text="x" * 5_000))
    blocks = payload["blocks"]
    assert len(blocks) <= 50
    assert len(payload["text"]) <= 3_000
    for block in blocks:
        assert set(block) <= {"type", "text", "elements"}
        if block["type"] == "header":
            assert block["text"]["type"] == "plain_text"
            assert 1 <= len(block["text"]["text"]) <= 150
        else:
            assert block["type"] in ("context", "rich_text")
            assert 1 <= sum(map(len, texts(block))) <= 3_000
    lists = [
        part for block in blocks for part in block.get("elements", ()) if part["type"] == "rich_text_list"
    ]
    listed = sum(len(part["elements"]) for part in lists)
    left = re.findall(r"and (\d+) more", json.dumps(payload))
    assert listed + sum(map(int, left)) == count + 1


def texts(value: Any) -> list[str]:
    """All text of a block."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [each for held in value.values() for each in texts(held)]
    return [each for held in value for each in texts(held)] if isinstance(value, list) else []


@pytest.mark.parametrize("count", [1, 10, 11, 5_000])
def test_annotations_stay_within_what_github_shows(count: int):
    message = messages.github(made(count))
    kinds = Counter(
        re.fullmatch(r"::(error|warning|notice) title=[^:\n]+::[^\n]+", each)[1]
        for each in message.annotations.splitlines()
    )
    assert kinds == {"error": min(count, 10), "warning": 1}
    assert len(message.summary.encode()) <= 1024 * 1024
    assert (f"and {count - 9} more" in message.annotations) == (count > 10)


@pytest.mark.parametrize("count", [1, 5_000])
def test_markdown_fits_a_comment_and_counts_what_it_leaves_out(count: int):
    message = messages.markdown(made(count, text="é" * 200))
    assert len(message.encode()) <= 65_536
    rows = sum(line.startswith("| Reel") for line in message.splitlines()) + message.count("\n- ")
    left = re.search(r"and (\d+) more", message)
    assert rows + int(left[1] if left else 0) == count + 1


def crowd(apps: int, each: int, text: str) -> Changes:
    """Changes of every severity, accepted ones too, several an app, and as many apps unknown."""
    headings = [(severity, None) for severity in SEVERITIES] + [("risky", Accepted(reason=text))]
    app_changes = [
        AppChange(
            rule="node-retyped",
            severity=severity,
            text=text,
            accepted=accepted,
            fingerprint="0123456789ab",
            uses=(text[:200],) * 5,
            at=FIRST,
            app_id=f"app-{app:05}",
            name=text,
            base_url=f"{BASE}/{app % 2}",
        )
        for severity, accepted in headings
        for app in range(apps)
        for _ in range(each)
    ]
    unknown = [Unknown(at=FIRST, app_id=f"x-{app}", name=text, why=text) for app in range(apps)]
    return Changes(
        since=FIRST, until=night(1), severity="breaking", apps=apps, changes=app_changes, unknown=unknown
    )


CROWDS = [(1, 1), (2, 60), (600, 1)]


@pytest.mark.parametrize(("apps", "each"), CROWDS)
@pytest.mark.parametrize("text", ["x" * 1_000, "\U0001f3ac" * 1_000, "é\n" * 500])
def test_very_many_changes_keep_to_the_limits_of_slack_and_count_the_rest(apps: int, each: int, text: str):
    payload = messages.slack(crowd(apps, each, text))
    assert len(payload["blocks"]) <= 50
    assert units(payload["text"]) <= 3_000
    for block in payload["blocks"]:
        own = sum(map(units, texts(block)))
        assert 1 <= own <= (150 if block["type"] == "header" else 3_000)
        assert block["type"] != "context" or len(block["elements"]) <= 10
    lists = [part for block in payload["blocks"] for part in block.get("elements", ()) if "elements" in part]
    listed = sum(len(part["elements"]) for part in lists if part["type"] == "rich_text_list")
    left = re.findall(r"and ([\d,]+) more, not listed here", json.dumps(payload))
    assert listed + sum(int(number.replace(",", "")) for number in left) == 4 * apps * each + apps


def units(text: str) -> int:
    """The length of a text as JavaScript counts it."""
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(("apps", "each"), CROWDS)
@pytest.mark.parametrize("text", ["x" * 1_000, "\U0001f3ac" * 1_000, "é\n" * 500])
def test_very_many_changes_keep_to_the_limits_of_github_and_count_the_rest(apps: int, each: int, text: str):
    message = messages.github(crowd(apps, each, text))
    commands = [
        re.fullmatch(r"::(\w+) title=([^:\n]+)::([^\n]+)", line) for line in message.annotations.splitlines()
    ]
    kinds = Counter(command[1] for command in commands)
    assert kinds.keys() == {"error", "warning", "notice"}
    assert max(kinds.values()) <= 10
    assert sum(kinds.values()) <= 50
    assert all(units(command[2]) <= 255 and units(command[3]) <= 4_096 for command in commands)
    assert len(message.summary.encode()) <= 1024 * 1024
    rows = sum(line.count("`node-retyped`") for line in message.summary.splitlines())
    rows += sum(line.startswith("- ") for line in message.summary.splitlines())
    left = re.search(r"and ([\d,]+) more", message.summary)
    assert rows + (int(left[1].replace(",", "")) if left else 0) == 4 * apps * each + apps


@pytest.mark.parametrize("form", ["text", "html"])
def test_an_accepted_change_shows_its_reason_and_expiry(form: str):
    found = made(1)
    known = found.changes[0].model_copy(
        update={"accepted": Accepted(reason="planned", until=date(2030, 1, 2))}
    )
    message = getattr(messages, form)(found.model_copy(update={"changes": (known,)}))
    shown = re.sub(r"<[^>]+>", "", message)
    assert "breaking, accepted until 2030-01-02: planned" in shown


def test_the_same_changes_give_the_same_bytes(year: Year, place: Path):
    for form in ("text", "json", "markdown", "html", "github", "slack"):
        first, again = (changes(place, *span(20, 30), "-f", form).stdout for _ in range(2))
        assert first == again
        assert len(first) > 1_000


def test_github_prints_annotations_and_writes_the_summary(year: Year, place: Path, tmp_path: Path):
    summary = tmp_path / "summary.md"
    result = changes(place, *span(20, 20), "-f", "github", "-o", summary)
    assert result.stdout.startswith("::error title=")
    assert "app-gone" in summary.read_text()


# Two snapshots


def compare_snapshots(place: Path, old: str, new: str) -> dict[str, Any]:
    words = ["--store", str(place), "diff", "--offline", old, new, "-f", "json"]
    return json.loads(CliRunner().invoke(cli, words, prog_name="lamina-graph").stdout)


@pytest.mark.parametrize("app", [name for name, *_ in CONTRACTS])
def test_two_snapshots_are_compared_with_their_input_contracts(year: Year, place: Path, app: str):
    (scripted,) = (each for each in year.apps if each.id == app)
    for old, new, expected in (("~2", "~1", scripted.there), ("~1", "latest", scripted.back)):
        found = compare_snapshots(place, f"{app}@{old}", f"{app}@{new}")
        assert sorted(f"{each['severity']} {each['rule']}" for each in found["changes"]) == sorted(expected)
        assert found["unknown"] == []


def test_two_snapshots_are_compared_with_their_estimates(year: Year, place: Path):
    app = next(each for each in year.apps if "risky credits-up" in each.there)
    there = year.turns[app.id][0]
    before, after = (f"{app.id}@{night(week):%Y-%m-%dT%H:%M}" for week in (there - 1, there))
    assert "credits-up" in [each["rule"] for each in compare_snapshots(place, before, after)["changes"]]


@pytest.mark.parametrize(
    ("old", "new", "unknown"),
    [
        ("fork@latest", "fork@latest", []),
        ("fork@latest", "another-medium@latest", ["input contract: no app detail of the old version"]),
        ("another-medium@latest", "fork@latest", ["input contract: no app detail of the new version"]),
    ],
)
def test_a_contract_that_only_one_snapshot_has_is_unknown(
    year: Year, place: Path, old: str, new: str, unknown: list[str]
):
    assert compare_snapshots(place, old, new)["unknown"] == unknown


# Moments


NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "end", "found"),
    [
        ("7d", False, datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("12h", False, datetime(2026, 3, 9, tzinfo=UTC)),
        ("2w", True, datetime(2026, 2, 23, 12, tzinfo=UTC)),
        ("2026-03-08", False, datetime(2026, 3, 8, tzinfo=UTC)),
        ("2026-03-08", True, datetime(2026, 3, 8, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2026-03-08T10:25+02:00", False, datetime(2026, 3, 8, 8, 25, tzinfo=UTC)),
        ("9999d", False, datetime(1998, 10, 23, 12, tzinfo=UTC)),
        ("999999w", False, BEGINNING),
        ("0001-01-01", False, BEGINNING),
        ("0001-01-01", True, BEGINNING),
        ("0001-01-01T00:00+14:00", False, BEGINNING),
        ("0001-01-01T00:00+14:00", True, BEGINNING),
        ("1969-07-20", False, BEGINNING),
        ("9999-12-31", False, datetime(9999, 12, 31, tzinfo=UTC)),
        ("9999-12-31", True, END),
        ("9999-12-31T23:59:30", True, datetime(9999, 12, 31, 23, 59, 30, 999999, tzinfo=UTC)),
        ("9999-12-31T23:59-14:00", False, END),
        ("9999-12-31T23:59-14:00", True, END),
    ],
)
def test_a_time_is_a_duration_before_now_or_a_date(word: str, end: bool, found: datetime):
    assert parse_moment(word, now=NOW, end=end) == found


@pytest.mark.parametrize("word", ["", "soon", "7", "7y", "2026-13-01", "-7d"])
def test_an_invalid_time_is_refused(word: str):
    with pytest.raises(InputError, match="invalid date"):
        parse_moment(word, now=NOW)


@pytest.mark.parametrize("word", ["0001-01-01", "0001-01-01T00:00+14:00", "9999d", "999999w", "1970-01-01"])
def test_a_span_from_the_beginning_contains_every_change(year: Year, place: Path, word: str):
    found = changes(place, "--since", word, "--until", "2026-01-31", "-f", "json")
    assert lines(json.loads(found.stdout)) == year.lines


def test_a_span_that_ends_before_it_begins_is_refused(year: Year, place: Path):
    refused = changes(place, "--since", "9999-12-31T23:59-14:00")
    assert refused.exit_code == 2
    assert "ends before that" in refused.stderr


# Clocks that are wrong, stores that are lost


CLOCKS = {
    "one night is dated four years ahead": (FIRST, FIRST + timedelta(days=1400), FIRST + timedelta(days=1)),
    "the clock is ten minutes back": (FIRST, FIRST + timedelta(minutes=20), FIRST + timedelta(minutes=10)),
    "two machines differ": (FIRST, FIRST + timedelta(hours=2), FIRST + timedelta(hours=1)),
    "the clock is dead": (FIRST, datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)),
}


@pytest.mark.parametrize("moments", CLOCKS.values(), ids=CLOCKS)
@pytest.mark.parametrize("changed_in", [1, 2])
def test_future_clock_hides_no_later_change(tmp_path: Path, moments: tuple[datetime, ...], changed_in: int):
    """What is recorded is told and is the latest, whatever the clock says."""
    place = tmp_path / "store.db"
    versions = [
        {"nodes": [{"id": "a", "type": "klingVideoNode", "label": label}], "edges": []}
        for label in ("Reel", "Film")
    ]
    with Store(str(place)) as store:
        for number, at in enumerate(moments):
            run = store.begin(BASE, FetchScope(), at)
            workflow = versions[number >= changed_in]
            store.record(run.id, [FetchResult(app_id="a", name="A", at=at, workflow=workflow)])
            store.finish(run.id, at)
            result = changes(place, "--since", "last", "--fail-on", "breaking")
            assert ("Deliverable renamed" in result.output) == (number == changed_in)
            assert result.exit_code == (2 if number == 0 else int(number == changed_in))
    shown = CliRunner().invoke(cli, ["--store", str(place), "show", "--json", "A@latest"])
    assert "Film" in shown.output


def test_a_new_store_is_unknown_before_its_first_run(tmp_path: Path):
    """A store that has just begun says that it cannot answer for the time before it."""
    place = tmp_path / "fresh.db"
    at = datetime.now(UTC) - timedelta(minutes=5)
    with Store(str(place)) as store:
        run = store.begin(BASE, FetchScope(), at)
        store.record(run.id, [FetchResult(app_id="a", at=at, workflow={"nodes": [], "edges": []})])
        store.finish(run.id, at + timedelta(minutes=1))
    week = changes(place, "--since", "7d")
    assert week.exit_code == 2
    assert "no snapshot before" in week.stdout
    last = changes(place, "--since", "last", "--reader", "x", "-f", "json")
    found = json.loads(last.stdout)
    assert last.exit_code == 2
    assert found["since"] <= found["until"]
    assert [each["why"] for each in found["unknown"]] == ["nothing to compare with: the store begins here"]


def test_a_failed_run_is_reported_until_one_succeeds(tmp_path: Path):
    """A failed run is told to each reader; what it recorded before it failed is told too."""
    place = tmp_path / "store.db"
    with Store(str(place)) as store:
        for week, (name, error) in enumerate([("kling", ""), ("veo", "401"), ("veo", "401"), ("veo", "")]):
            run = store.begin(BASE, FetchScope(), night(week))
            nodes = [{"id": "a", "type": f"{name}VideoNode"}]
            answer = FetchResult(app_id="a", at=night(week), workflow={"nodes": nodes, "edges": []})
            store.record(run.id, [answer])
            end = night(week) + timedelta(minutes=1)
            _ = store.fail(run.id, end, error) if error else store.finish(run.id, end)
            result = changes(place, "--since", "last")
            assert (f"{night(week):%Y-%m-%d %H:%M} failed after 1 apps: 401" in result.output) == bool(error)
            assert ("Model swapped" in result.output) == (week == 1)
            assert result.exit_code == (0 if week == 3 else 2)


def test_a_pruned_app_is_not_new(tmp_path: Path):
    """The oldest snapshot that is left of a pruned app is not told as the app's first."""
    place = tmp_path / "store.db"
    with Store(str(place)) as store:
        for week, type_ in enumerate(["kling", "veo", "flux"]):
            run = store.begin(BASE, FetchScope(), night(week))
            apps = "ab" if week else "b"
            answers = [
                FetchResult(
                    app_id=app, at=night(week), workflow={"nodes": [{"id": "n", "type": type_}], "edges": []}
                )
                for app in apps
            ]
            store.record(run.id, answers)
            store.finish(run.id, night(week) + timedelta(minutes=1))
        store.prune(RetentionPolicy(last=1), night(3))
    found = json.loads(changes(place, *span(2, 2), "-f", "json").stdout)
    assert found["changes"] == []
    assert {(each["appId"], each["why"]) for each in found["unknown"]} == {
        (app, f"no snapshot from before {night(2):%Y-%m-%d} is kept") for app in "ab"
    }


CASES = Path(__file__).parent / "cases"


def test_fields_that_every_app_gains_are_one_change_of_the_api(tmp_path: Path):
    """Fields that come on every node of several apps are one change of the API, not one of each app."""
    place = tmp_path / "store.db"
    small = {"id": "fluxImageNode-1773051900002-ccccccccc", "type": "fluxImageNode"}
    alone = (
        {"name": "Alone", "nodes": [small], "edges": []},
        {"name": "Alone", "nodes": [small | {"version": 1}], "edges": []},
    )
    with Store(str(place)) as store:
        for week, name in enumerate(["before", "after"]):
            run = store.begin(BASE, FetchScope(), night(week))
            workflow = json.loads((CASES / "api-gains-fields" / f"{name}.json").read_text())
            workflows = {"one": workflow, "two": workflow, "alone": alone[week]}
            answers = [
                FetchResult(app_id=app, at=night(week), workflow=each) for app, each in workflows.items()
            ]
            store.record(run.id, answers)
            store.finish(run.id, night(week) + timedelta(minutes=1))
    result = changes(place, *span(1, 1), "--fail-on", "risky", "-f", "json")
    [change] = json.loads(result.stdout)["changes"]
    assert (change["rule"], change["severity"], change["appId"]) == ("fields-gained", "cosmetic", "")
    fields = "data, id, position, sourceHandle, targetHandle and version"
    assert change["text"] == f"The API now gives {fields} (3 apps)"
    assert result.exit_code == 0


def test_a_field_that_one_node_gains_is_a_change_of_its_app(tmp_path: Path):
    """Of several nodes one gained the field that the API now gives: that is a change of this app."""
    place = tmp_path / "store.db"
    small = [{"id": f"fluxImageNode-1773051900002-{end}", "type": "fluxImageNode"} for end in "cd"]
    edited = (
        {"name": "Edited", "nodes": small, "edges": []},
        {
            "name": "Edited",
            "nodes": [small[0] | {"version": 1}, small[1]],
            "edges": [],
        },
    )
    with Store(str(place)) as store:
        for week, name in enumerate(["before", "after"]):
            run = store.begin(BASE, FetchScope(), night(week))
            workflow = json.loads((CASES / "api-gains-fields" / f"{name}.json").read_text())
            workflows = {"one": workflow, "two": workflow, "edited": edited[week]}
            results = [FetchResult(app_id=app, at=night(week), workflow=w) for app, w in workflows.items()]
            store.record(run.id, results)
            store.finish(run.id, night(week) + timedelta(minutes=1))
    result = changes(place, *span(1, 1), "--fail-on", "risky", "-f", "json")
    rules = {(each["appId"], each["rule"]) for each in json.loads(result.stdout)["changes"]}
    assert rules == {("", "fields-gained"), ("edited", "node-settings-changed")}
    assert result.exit_code == 1


def test_fields_that_one_app_gains_are_its_own_change(tmp_path: Path):
    """Where no other app shows the same, it is the app that changed."""
    place = tmp_path / "store.db"
    with Store(str(place)) as store:
        for week, name in enumerate(["before", "after"]):
            run = store.begin(BASE, FetchScope(), night(week))
            workflow = json.loads((CASES / "api-gains-fields" / f"{name}.json").read_text())
            store.record(run.id, [FetchResult(app_id="one", at=night(week), workflow=workflow)])
            store.finish(run.id, night(week) + timedelta(minutes=1))
    [change] = json.loads(changes(place, *span(1, 1), "-f", "json").stdout)["changes"]
    assert (change["rule"], change["appId"]) == ("fields-gained", "one")


def test_an_app_first_seen_this_week_is_unknown_before(tmp_path: Path):
    """One app was fetched by name long ago, the whole catalogue only now: of the others nothing is known."""
    place = tmp_path / "store.db"
    with Store(str(place)) as store:
        for week, (apps, asked) in enumerate([("a", ("a",)), ("ab", None)]):
            run = store.begin(BASE, FetchScope(apps=asked), night(week))
            workflow = {"nodes": [], "edges": []}
            store.record(run.id, [FetchResult(app_id=app, at=night(week), workflow=workflow) for app in apps])
            store.finish(run.id, night(week) + timedelta(minutes=1))
    found = json.loads(changes(place, *span(1, 1), "-f", "json").stdout)
    why = f"no snapshot from before {night(1):%Y-%m-%d} is kept"
    assert [(each["appId"], each["why"]) for each in found["unknown"]] == [("b", why)]


def test_a_store_begins_with_its_first_successful_run(tmp_path: Path):
    """The store begins with the first run that fetched something."""
    place = tmp_path / "store.db"
    with Store(str(place)) as store:
        failed = store.begin(BASE, FetchScope(), night(0))
        store.fail(failed.id, night(0), "401")
        run = store.begin(BASE, FetchScope(), night(2))
        store.record(run.id, [FetchResult(app_id="a", at=night(2), workflow={"nodes": [], "edges": []})])
        store.finish(run.id, night(2) + timedelta(minutes=1))
    found = json.loads(changes(place, *span(1, 2), "-f", "json").stdout)
    why = f"no snapshot before {night(2):%Y-%m-%d %H:%M}: the store begins there"
    assert [each["why"] for each in found["unknown"]] == [why]


@pytest.mark.parametrize("harmed", [0, 1, 2])
def test_one_damaged_snapshot_hides_no_other(tmp_path: Path, harmed: int):
    """Whichever of an app's snapshots is damaged, those of the other app are compared, and it is named."""
    place, detail = tmp_path / "store.db", {"appId": "a", "name": "A"}
    with Store(str(place)) as store:
        for week, type_ in enumerate(["kling", "veo", "flux"]):
            run = store.begin(BASE, FetchScope(detail=True), night(week))
            results = [
                FetchResult(
                    app_id=app,
                    at=night(week),
                    workflow={"nodes": [{"id": f"n{app}", "type": f"{type_}VideoNode"}], "edges": []},
                    detail=None if week == 1 else {**detail, "appId": app, "week": week},
                )
                for app in "ab"
            ]
            store.record(run.id, results)
            store.finish(run.id, night(week) + timedelta(minutes=1))
        (app,) = store.find("a")
        snapshot = list(store.history(app))[harmed]
        with engine_of(store) as engine, connections.writing(engine) as connection:
            c = schema.snapshot.c
            row = connection.execute(schema.snapshot.select().where(c.id == snapshot.id)).one()
            body = schema.content.update().where(schema.content.c.hash == row.workflow)
            connection.execute(body.values(body=b"x"))
    found = json.loads(changes(place, *span(1, 2), "-f", "json").stdout)
    assert {each["rule"] for each in found["changes"] if each["appId"] == "b"} >= {"node-retyped"}
    assert any(f"snapshot {snapshot.id}" in each["why"] for each in found["unknown"])
