"""Runs from the start to the files on disk, against the loopback server, which plays them in time."""

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st
from lifecycle import PNG, Script
from loopback import KEY, Answer, Fault, Loopback, data, error, redirect, serving, text

import lamina_graph as lg
from lamina_graph.cli import cli
from lamina_graph.cli.schemas import schema_of
from lamina_graph.client import Client, RetryPolicy
from lamina_graph.errors import (
    ApiError,
    CredentialsError,
    InputError,
    InvalidResponseError,
    NotFoundError,
    RateLimitError,
    RequestError,
    TransportError,
    UnknownOutcomeError,
)
from lamina_graph.files import load_run
from lamina_graph.model import App, Run
from lamina_graph.runs import PollInterval, build_request, download, follow, parse_inputs, serve_webhooks
from lamina_graph.server_sent_events import parse_events
from lamina_graph.settings import Settings
from lamina_graph.store import FetchResult as Kept
from lamina_graph.store import FetchScope, Store

ADAPTS = "22dc563f-3b15-4a1f-b89e-ae15f3c6dab1"
INPUTS = {"master_artwork": "https://example.com/art.png"}
FAST = PollInterval(0.02, 0.05)
SHORT = RetryPolicy(read=5, first_wait=0.01, longest_wait=2, jitter=0.01)
LABELS = [
    f"{language} {ratio}"
    for language in ("Hindi", "Tamil", "Arabic", "Spanish", "French")
    for ratio in ("1:1", "4:5", "9:16")
]


@pytest.fixture
def api(loopback: Loopback) -> Loopback:
    loopback.runs.script = Script(queued=0.05, each=0.01)
    return loopback


@pytest.fixture
def client(api: Loopback) -> Iterator[Client]:
    with Client(Settings(key=KEY, base_url=api.url), retry_policy=SHORT) as client:
        yield client


@pytest.fixture
def lamina(api: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command in a folder of its own, with a store there."""
    monkeypatch.chdir(tmp_path)
    environment = {"LAMINA_BASE_URL": api.url, "LAMINA_API_KEY": KEY}

    def lamina(*words: object) -> Result:
        given = ["--store", "store.db", *(str(word) for word in words)]
        return CliRunner().invoke(cli, given, prog_name="lamina-graph", env=environment)

    return lamina


def starts(api: Loopback) -> list[Any]:
    return [
        json.loads(seen.body) for seen in api.seen if seen.path.endswith("/runs") and seen.method == "POST"
    ]


START = ("run", ADAPTS, "-i", "master_artwork=https://example.com/art.png", "--yes")
WAIT = ("--wait", "--every", "0.05")


# The lifecycle


def test_a_run_goes_from_queued_to_completed(client: Client, api: Loopback):
    seen: list[Run] = []
    api.runs.script = Script(queued=3, each=1)
    api.runs.clock = count().__next__  # a second passes from each look to the next
    started = client.start(ADAPTS, INPUTS)
    assert (started.status, started.finished) == ("queued", False)
    assert {(each.type, each.value, each.state) for each in started.outputs} == {("pending", None, "pending")}
    found = follow(client, started.run_id, interval=FAST, progress=seen.append)
    assert list(dict.fromkeys(each.status for each in seen)) == ["queued", "running", "completed"]
    assert [each.title for each in found.outputs] == LABELS
    assert (found.succeeded, found.workflow_id, found.seconds) == (True, ADAPTS, 15)


def test_some_outputs_can_be_chosen_by_label(client: Client, api: Loopback):
    client.start(ADAPTS, INPUTS, ["Hindi 1:1", "French 4:5"], webhook="https://example.com/hook?a=b&c")
    assert starts(api) == [{"inputs": INPUTS, "outputs": ["Hindi 1:1", "French 4:5"]}]
    assert api.seen[-1].query["webhook"] == "https://example.com/hook?a=b&c"
    assert api.seen[-1].headers["content-type"] == "application/json"


def test_a_run_is_followed_until_the_time_is_up(client: Client, api: Loopback):
    api.runs.script = Script(queued=60)
    started = client.start(ADAPTS, INPUTS)
    assert follow(client, started.run_id, interval=FAST, timeout=0.1).status == "queued"


def test_pauses_grow_up_to_the_longest(client: Client, api: Loopback, monkeypatch: pytest.MonkeyPatch):
    api.runs.script = Script(queued=0, each=0.002)
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    api.fault(data({"runId": "r", "status": "running"}), times=6, path="/v1/runs/*")
    api.fault(data({"runId": "r", "status": "completed"}), path="/v1/runs/*")
    follow(client, "r", interval=PollInterval())
    assert slept == pytest.approx([3, 3.6, 4.32, 5, 5, 5])


@pytest.mark.parametrize("begun", [False, True])
def test_a_run_can_be_cancelled_and_cancelled_again(client: Client, api: Loopback, begun: bool):
    api.runs.script = Script(queued=0 if begun else 60, each=60)
    id_ = client.start(ADAPTS, INPUTS).run_id
    assert [client.cancel(id_).status, client.cancel(id_).status] == ["cancelled", "cancelled"]
    assert (client.run(id_).finished, client.run(id_).succeeded) == (True, False)


def test_a_run_that_can_no_longer_be_cancelled_is_named(client: Client, api: Loopback):
    api.runs.script = Script(queued=0, each=60, stoppable=False)
    id_ = client.start(ADAPTS, INPUTS).run_id
    with pytest.raises(RequestError, match="409") as caught:
        client.cancel(id_)
    assert "runs get" in caught.value.hint


def test_runs_are_listed_and_chosen(client: Client, api: Loopback):
    first, second = client.start(ADAPTS, INPUTS).run_id, client.start(ADAPTS, INPUTS, LABELS[:1]).run_id
    follow(client, first, interval=FAST)
    assert [each.run_id for each in client.runs()] == [second, first]
    assert [each.run_id for each in client.runs(app_id=ADAPTS, limit=1, offset=1)] == [first]
    assert client.runs(app_id="other") == []
    assert client.runs(status="failed") == []
    assert client.runs(since=datetime.now(UTC) + timedelta(hours=1)) == []
    assert len(client.runs(since=datetime.now(UTC) - timedelta(hours=1))) == 2


@pytest.mark.parametrize("id_", ["", ".", ".."])
def test_an_impossible_run_id_is_not_requested(client: Client, api: Loopback, id_: str):
    for act in (client.run, client.cancel):
        with pytest.raises(InputError):
            act(id_)
    assert api.seen == []


def test_a_missing_run_is_named(client: Client):
    with pytest.raises(NotFoundError) as caught:
        client.run("a/../b")
    assert "runs list" in caught.value.hint


@pytest.mark.parametrize("fault", ["429-json", "500", "503", "reset", "cut-off"])
def test_reads_of_runs_are_retried(client: Client, api: Loopback, fault: str):
    id_ = client.start(ADAPTS, INPUTS).run_id
    api.fault(fault if fault != "429-json" else error(429, retryAfter=0), times=1)
    assert client.run(id_).run_id == id_
    api.fault(fault if fault != "429-json" else error(429, retryAfter=0), times=1)
    assert client.runs()[0].run_id == id_


# A start is made once

REFUSED: list[tuple[Fault | str, type[ApiError]]] = [
    ("400", RequestError),
    ("401", CredentialsError),
    ("403", CredentialsError),
    ("404", NotFoundError),
    ("429-json", RateLimitError),
]
UNCLEAR: list[Fault | str] = [
    "500",
    "503",
    "html-502",
    "html-200",
    "no-data",
    "truncated",
    "redirect-abroad",
    "slow",
    "trickle",
    "reset",
    "cut-off",
    "nonsense",
    error(408),
    redirect("/v1/elsewhere", 307),
    Answer(202, b'{"data": {}}'),
    text(504, "gateway"),
]


@pytest.mark.parametrize(("fault", "kind"), REFUSED, ids=lambda value: str(value)[:20])
def test_a_refused_start_is_an_error_and_not_retried(
    client: Client, api: Loopback, fault: str, kind: type[ApiError]
):
    api.fault(fault)
    with pytest.raises(kind):
        client.start(ADAPTS, INPUTS)
    assert len(api.seen) == 1


@pytest.mark.parametrize("fault", UNCLEAR, ids=lambda value: str(value)[:20])
def test_a_start_without_an_answer_is_not_retried_and_says_how_to_check(api: Loopback, fault: Fault | str):
    api.fault(fault)
    with (
        Client(
            Settings(key=KEY, base_url=api.url), retry_policy=replace(SHORT, read=0.5, answer=0.5)
        ) as client,
        pytest.raises(UnknownOutcomeError, match="it is not known whether the run has started") as caught,
    ):
        client.start(ADAPTS, INPUTS)
    assert len(api.seen) == 1
    assert f"lamina-graph runs list --app {ADAPTS} --since 20" in caught.value.hint
    assert caught.value.app_id == ADAPTS
    assert KEY not in str(caught.value) + caught.value.hint + repr(vars(caught.value))


def test_a_start_that_was_never_sent_is_known_not_to_run(api: Loopback):
    for settings, kind in (
        (Settings(key=KEY, base_url="http://127.0.0.1:9"), TransportError),
        (Settings(base_url=api.url), CredentialsError),
    ):
        with Client(settings, retry_policy=SHORT) as client, pytest.raises(kind):
            client.start(ADAPTS, INPUTS)
    assert api.seen == []


# Events


@pytest.mark.parametrize("cuts", [[], [2], [1, 3, 5]], ids=["whole", "cut once", "cut in the middle, often"])
def test_a_run_is_followed_by_its_events_across_broken_streams(
    client: Client, api: Loopback, cuts: list[int]
):
    api.runs.script = Script(queued=0.05, each=0.08)
    api.runs.cuts = list(cuts)
    seen: list[Run] = []
    run = follow(client, client.start(ADAPTS, INPUTS).run_id, progress=seen.append)
    assert (run.succeeded, [each.title for each in run.outputs]) == (True, LABELS)
    asked = [each for each in api.seen if each.path.endswith("/stream")]
    assert len(asked) == len(cuts) + 1
    assert [each.headers["last-event-id"] for each in asked[1:]] == [str(cut) for cut in cuts]
    assert [each.path.rpartition("/")[2] for each in api.seen].count(
        run.run_id
    ) == 1  # looked at once, at the end
    done = [sum(output.state == "done" for output in each.outputs) for each in seen]
    assert done == sorted(done)
    assert len(set(done)) > 5


@pytest.mark.parametrize("answer", ["404", "503", "reset", "html-200"])
def test_without_events_a_run_is_asked_for(
    client: Client, api: Loopback, answer: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    api.limit = 10**6
    api.fault(answer, path="*/stream")
    run = follow(client, client.start(ADAPTS, INPUTS).run_id)
    assert run.succeeded


def test_a_stream_that_the_api_ends_after_its_time_is_opened_again(client: Client, api: Loopback):
    api.runs.script = Script(queued=0.05, each=0.01)
    ended = text(200, "event: timeout\ndata: {}\n\n", "text/event-stream")
    api.fault(ended, path="*/stream", times=1)
    run = follow(client, client.start(ADAPTS, INPUTS).run_id)
    assert run.succeeded
    assert [each.path.rpartition("/")[2] for each in api.seen].count("stream") == 2


def test_following_events_stops_when_the_time_is_up(client: Client, api: Loopback):
    api.runs.script = Script(queued=60)
    started = client.start(ADAPTS, INPUTS)
    assert follow(client, started.run_id, timeout=0.2).status == "queued"


def test_a_cancelled_run_is_an_end(lamina, client: Client, api: Loopback):
    api.runs.script = Script(queued=0, each=60)
    id_ = client.start(ADAPTS, INPUTS).run_id
    client.cancel(id_)
    result = lamina("runs", "wait", id_)
    assert result.exit_code == 3
    assert "cancelled" in result.stdout


@given(st.lists(st.tuples(st.sampled_from(["progress", "ping"]), st.text(alphabet="ab {}:é\t")), max_size=5))
@example([("progress", "")])
def test_events_are_read_wherever_the_bytes_are_cut(events: list[tuple[str, str]]):
    for end in ("\n", "\r\n", "\r"):
        lines = [f"event: {name}{end}data: {value}{end}{end}" for name, value in events]
        whole = "".join(lines).encode()
        for size in (1, 3, len(whole) or 1):
            parts = [whole[start : start + size] for start in range(0, len(whole), size)]
            assert [(each.name, each.data) for each in parse_events(parts)] == events


def test_an_endless_line_is_not_kept():
    with pytest.raises(ValueError, match="longer than"):
        list(parse_events((b"x" * 1000 for _ in range(1000)), longest=10_000))


# What the API says of inputs


def test_codes_by_the_name_of_the_input_are_words_and_other_details_stay(client: Client, api: Loopback):
    for details, says in (
        ({"photo": "invalid_media"}, "input photo has a file of a kind"),
        ({"photo": "too dark"}, '{"photo": "too dark"}'),
        (["photo is too dark"], "photo is too dark"),
    ):
        api.fault(error(400, "Validation failed", details=details), path="*/runs", times=1)
        with pytest.raises(RequestError) as caught:
            client.start(ADAPTS, INPUTS)
        assert says in str(caught.value)


@pytest.mark.parametrize(
    ("detail", "says"),
    [
        ({"input": "zzz", "code": "unknown_parameter"}, "the app has no input zzz"),
        ({"parameter": "photo", "code": "missing_no_default"}, "input photo is missing, and has no default"),
        (
            {"name": "style", "code": "invalid_option", "options": ["Ink", "Oil"]},
            "input style has a value that is none of its options (expected Ink, Oil)",
        ),
        ({"key": "depth", "error": "invalid_type", "expected": "number"}, "wrong type (expected number)"),
        (
            {"path": "photo", "reason": "invalid_media"},
            "input photo has a file of a kind that it does not take",
        ),
    ],
)
def test_the_codes_of_the_api_for_inputs_are_words(
    client: Client, api: Loopback, detail: dict[str, Any], says: str
):
    api.fault(error(400, "Validation failed", details=[detail]), path="*/runs")
    with pytest.raises(RequestError, match="Validation failed") as caught:
        client.start(ADAPTS, INPUTS)
    assert says in str(caught.value)


# Inputs

APP = App.model_validate(
    {
        "appId": "a",
        "name": "Ad",
        "parameters": [
            {
                "id": "photoNode-1",
                "key": "photo",
                "name": "Your photo",
                "type": "url",
                "accept": ["image"],
            },
            {
                "key": "shots",
                "name": "More shots",
                "type": "url",
                "accept": ["image", "video"],
                "multiple": True,
                "default": [],
            },
            {"name": "Headline", "type": "text", "default": "Now"},
            {"key": "style", "name": "Style", "type": "options", "options": ["Ink", "Oil"], "default": "Ink"},
            {"key": "depth", "name": "Depth", "type": "number", "default": 1},
        ],
        "outputs": [{"index": 0, "label": "Banner 1:1", "type": "image"}],
    }
)  # fmt: skip
PHOTO = {"photo": "https://example.com/me.jpg"}

WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "photo is missing: expected the public URL of an image"),
    ({**PHOTO, "headlin": "x"}, "there is no input 'headlin' (did you mean Headline?)"),
    ({**PHOTO, "zzz": "x"}, "there is no input 'zzz'"),
    ({**PHOTO, "Your photo": "https://example.com/you.jpg"}, "photo is given twice"),
    ({"photo": "me.jpg"}, "photo: expected the public URL of an image, found 'me.jpg'"),
    ({"photo": "./me.jpg"}, "upload the file somewhere first"),
    ({"photo": "file:///me.jpg"}, "upload the file"),
    ({"photo": "data:image/png;base64,AAAA"}, "upload the file"),
    ({"photo": "https://"}, "expected the public URL"),
    ({"photo": "https://[::1"}, "expected the public URL"),
    ({"photo": "https://a b/"}, "expected the public URL"),
    ({"photo": 7}, "expected the public URL"),
    ({"photo": ""}, "expected the public URL"),
    ({"photo": "http://localhost/me.jpg"}, "your own network"),
    ({"photo": "http://127.0.0.1/me.jpg"}, "your own network"),
    ({"photo": "http://[::1]/me.jpg"}, "your own network"),
    ({"photo": "http://192.168.1.7/me.jpg"}, "your own network"),
    ({"photo": "http://nas.local/me.jpg"}, "your own network"),
    (
        {"photo": ["https://example.com/1", "https://example.com/2"]},
        "photo takes one value, and 2 were given",
    ),
    ({"photo": []}, "photo takes one value, and 0 were given"),
    (
        {**PHOTO, "shots": ["https://example.com/1", "x.png"]},
        "shots: expected the public URL of an image or video",
    ),
    ({**PHOTO, "style": "Inc"}, "'Inc' is none of its options (did you mean Ink?) (they are Ink, Oil)"),
    ({**PHOTO, "Headline": 7}, "Headline: expected text, found 7"),
]


@pytest.mark.parametrize(("given", "says"), WRONG, ids=lambda value: str(value)[:50])
def test_an_invalid_input_is_named_with_what_was_expected(given: dict[str, Any], says: str):
    with pytest.raises(InputError) as caught:
        build_request(APP, given)
    assert says in str(caught.value)
    assert "lamina-graph app a" in caught.value.hint


def test_all_invalid_inputs_are_named_at_once():
    with pytest.raises(InputError) as caught:
        build_request(APP, {"fotto": "x", "style": "Wax"}, ["Banner"], webhook="localhost:1")
    assert all(
        word in str(caught.value) for word in ("fotto", "photo is missing", "Wax", "Banner 1:1", "webhook")
    )


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (PHOTO, PHOTO),
        ({"Your photo": PHOTO["photo"]}, PHOTO),
        ({"photoNode-1": PHOTO["photo"]}, PHOTO),
        ({**PHOTO, "shots": "https://example.com/1"}, {**PHOTO, "shots": ["https://example.com/1"]}),
        ({**PHOTO, "style": "Oil", "Headline": ""}, {**PHOTO, "style": "Oil", "Headline": ""}),
        ({**PHOTO, "depth": {"a": 2}}, {**PHOTO, "depth": {"a": 2}}),
    ],
)
def test_inputs_are_sent_under_the_names_of_the_api(given: dict[str, Any], sent: dict[str, Any]):
    assert build_request(APP, given).inputs == sent


def test_options_may_be_objects_with_a_label():
    app = App.model_validate(
        {
            "appId": "a",
            "name": "b",
            "parameters": [
                {"name": "size", "type": "options", "options": [{"label": "Large", "value": 3}, 7]}
            ],
        }
    )
    assert build_request(app, {"size": "Large"}).inputs == {"size": "Large"}
    assert build_request(app, {"size": "7"}).inputs == {"size": "7"}
    with pytest.raises(InputError, match="they are Large, 7"):
        build_request(app, {"size": "3"})


@pytest.mark.parametrize("word", ["photo", "=x", ""])
def test_an_input_is_a_name_and_a_value(word: str):
    with pytest.raises(InputError, match="is not an input"):
        parse_inputs([word])
    assert parse_inputs(["a=b=c", "d="]) == {"a": "b=c", "d": ""}


# Outputs on disk


def finished(*outputs: dict[str, Any]) -> Run:
    whole = [{"id": "n", "label": "Out", "type": "image", "status": "completed"} | each for each in outputs]
    return Run.model_validate({"runId": "r", "status": "completed", "outputs": whole})


def test_outputs_are_fetched_without_the_key(client: Client, api: Loopback, tmp_path: Path):
    found = follow(client, client.start(ADAPTS, INPUTS).run_id, interval=FAST)
    saved = download(found, tmp_path / "new" / "folder", allow_private=True)
    assert [Path(each.path).name for each in saved][:2] == ["01-Hindi-1-1.png", "02-Hindi-4-5.png"]
    assert {Path(each.path).read_bytes() for each in saved} == {PNG}
    files = [seen for seen in api.seen if seen.path.startswith("/files/")]
    assert len(files) == 15
    assert not any(KEY in f"{seen.headers}" or seen.headers["x-api-key"] for seen in files)


TITLES = [
    "../../etc/passwd",
    "/abs",
    "C:\\x",
    "a\x00b\x1b[31m",
    "‮txt.exe",
    "x" * 500,
    "..",
    "",
    "CON",
    "ü/ß 漢",
]


def test_file_names_are_safe_for_any_label(tmp_path: Path):
    saved = download(
        finished(*({"label": title, "type": "text", "value": "x"} for title in TITLES)), tmp_path
    )
    names = [Path(each.path) for each in saved]
    assert all(each.parent == tmp_path and each.is_file() for each in names)
    assert len(set(names)) == len(TITLES)
    assert all(each.name.isprintable() and len(each.name) < 80 for each in names)
    assert names[-1].name == "10-ü-ß-漢.txt"


def test_texts_data_and_lists_are_written_as_they_are(tmp_path: Path):
    values = [
        {"type": "text", "value": "https://example.com is a text here"},
        {"type": "data", "value": {"a": [1]}},
        {"type": "text", "value": ["one", "two"]},
    ]
    download(finished(*values), tmp_path)
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert written == {
        "01-Out.txt": "https://example.com is a text here",
        "02-Out.json": '{\n  "a": [\n    1\n  ]\n}\n',
        "03-Out-1.txt": "one",
        "03-Out-2.txt": "two",
    }


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (text(404, "gone"), "its address answered 404"),
        (text(200, "x" * 2000, "image/png"), "larger than 1,000 bytes"),
        ("reset", "reset by peer"),
        ("cut-off", "peer closed"),
        (redirect("file:///etc/passwd"), "unsupported protocol"),
        (redirect("/files/again"), "redirect"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_failed_download_is_named_and_leaves_no_file(
    client: Client, api: Loopback, tmp_path: Path, answer: Fault | str, says: str
):
    id_ = client.start(ADAPTS, INPUTS).run_id
    api.fault(answer, path="/files/*")
    run = finished(
        {"label": "Bad", "value": f"{api.url}/files/{id_}/0.png"}, {"type": "text", "value": "good"}
    )
    bad, good = download(run, tmp_path, max_bytes=1000, retry_policy=SHORT, allow_private=True)
    assert (bad.output, bad.path) == ("Bad", None)
    assert says in bad.problem.lower()
    assert [path.name for path in tmp_path.iterdir()] == [Path(good.path).name]


@pytest.mark.parametrize(
    "value", ["ftp://x.example/a", "file:///etc/passwd", "not a url", "http://[", "https://"]
)
def test_only_http_and_https_are_fetched(tmp_path: Path, value: str):
    [saved] = download(finished({"value": value}), tmp_path)
    assert saved.problem
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "kind", "ending"),
    [
        ("a.png", "image/png", ".png"),
        ("a.JPEG", "text/html", ".jpeg"),
        ("a", "video/mp4; codecs=x", ".mp4"),
        ("a.html", "text/html", ".bin"),
        ("a.exe", "application/octet-stream", ".bin"),
        ("a.php", "image/webp", ".webp"),
    ],
)
def test_only_media_get_an_ending_of_their_own(
    api: Loopback, tmp_path: Path, path: str, kind: str, ending: str
):
    api.fault(text(200, "x", kind), path="/files/*")
    [saved] = download(finished({"value": f"{api.url}/files/r/{path}?x=.sh"}), tmp_path, allow_private=True)
    assert Path(saved.path).name == f"01-Out{ending}"


def test_a_download_that_breaks_off_goes_on_where_it_stopped(client: Client, api: Loopback, tmp_path: Path):
    id_ = client.start(ADAPTS, INPUTS).run_id
    run = finished({"value": f"{api.url}/files/{id_}/0.png"})
    api.runs.breaks = [10, 20]
    [saved] = download(run, tmp_path, retry_policy=SHORT, allow_private=True)
    assert Path(saved.path).read_bytes() == PNG
    assert api.runs.ranges == ["bytes=10-", "bytes=30-"]


def test_a_download_whose_server_cannot_go_on_begins_again(client: Client, api: Loopback, tmp_path: Path):
    api.fault(replace(text(200, "x" * 100, "image/png")), path="/files/*")
    api.runs.breaks = [10]
    [saved] = download(
        finished({"value": f"{api.url}/files/a.png"}), tmp_path, retry_policy=SHORT, allow_private=True
    )
    assert Path(saved.path).read_bytes() == b"x" * 100


def test_a_download_is_tried_again_after_a_failure_that_passes(client: Client, api: Loopback, tmp_path: Path):
    id_ = client.start(ADAPTS, INPUTS).run_id
    api.fault("503", path="/files/*", times=1)
    api.fault("reset", path="/files/*", times=1)
    [saved] = download(
        finished({"value": f"{api.url}/files/{id_}/0.png"}), tmp_path, retry_policy=SHORT, allow_private=True
    )
    assert Path(saved.path).read_bytes() == PNG
    assert [path.name for path in tmp_path.iterdir()] == ["01-Out.png"]


def test_another_part_of_a_file_than_the_rest_is_refused(api: Loopback, tmp_path: Path):
    api.fault(Answer(206, b"middle", {"Content-Range": "bytes 5-10/20"}), path="/files/*")
    [saved] = download(
        finished({"value": f"{api.url}/files/a.png"}), tmp_path, retry_policy=SHORT, allow_private=True
    )
    assert saved.problem == "its address answered with another part of the file"
    assert list(tmp_path.iterdir()) == []


def test_outputs_of_an_unfinished_run_are_not_downloaded(tmp_path: Path):
    run = finished({"status": "error", "value": "http://127.0.0.1:9/x"}, {"status": "pending"})
    assert download(run, tmp_path) == ()


# Webhooks


def posted(url: str, body: bytes, headers: dict[str, str]) -> int:
    place = urlsplit(url)
    with closing(HTTPConnection(place.netloc, timeout=120)) as connection:
        connection.request("POST", place.path, body, headers)
        return connection.getresponse().status


def test_a_finished_run_is_delivered_checked_and_kept(client: Client, api: Loopback, tmp_path: Path):
    with serve_webhooks(tmp_path, client.signing_keys()) as receiver:
        started = client.start(ADAPTS, INPUTS, webhook=receiver.url)
        delivery = receiver.next(10)
    assert delivery.path == str(tmp_path / f"{started.run_id}.json")
    assert load_run(delivery.path) == delivery.run == client.run(started.run_id)


def test_the_server_tries_again_and_a_delivery_that_came_before_is_kept_once(
    client: Client, api: Loopback, tmp_path: Path
):
    api.runs.delays = (0.05, 0.05, 0.05)
    with serving(Loopback()) as silent, serve_webhooks(tmp_path, client.signing_keys()) as receiver:
        silent.fault(text(503, "busy"))
        id_ = client.start(ADAPTS, INPUTS, webhook=f"{silent.url}/hook").run_id
        follow(client, id_, interval=FAST)
        while len(api.runs.deliveries) < 4:
            time.sleep(0.02)
        assert api.runs.deliveries == [(id_, 503)] * 4
        body = silent.seen[0].body
        for _ in range(2):
            assert posted(receiver.url, body, api.runs.signed(body, id_)) == 200
        assert [receiver.next(5).again, receiver.next(5).again] == [False, True]
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [body]


def test_a_different_delivery_of_a_run_is_kept_beside_the_first(
    client: Client, api: Loopback, tmp_path: Path
):
    with serve_webhooks(tmp_path, client.signing_keys()) as receiver:
        for status in ("running", "completed"):
            body = json.dumps({"data": {"runId": "../r", "status": status}}).encode()
            assert posted(receiver.url, body, api.runs.signed(body, "../r")) == 200
    assert sorted(path.name for path in tmp_path.iterdir()) == ["_r-2.json", "_r.json"]


BODY = json.dumps({"data": {"runId": "r", "status": "completed"}}).encode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda headers: headers | {"X-Lamina-Webhook-Signature": "0" * 128}, "signature"),
        (lambda headers: headers | {"X-Lamina-Webhook-Request-Id": "other"}, "run"),
        (lambda headers: {}, "headers"),
        ("old", "age"),
    ],
)
def test_deliveries_of_others_are_rejected_and_not_kept(
    client: Client, api: Loopback, tmp_path: Path, change: Any, says: str
):
    at = time.time() - 301 if change == "old" else time.time()
    headers = api.runs.signed(BODY, "r", at)
    with serve_webhooks(tmp_path, client.signing_keys()) as receiver:
        assert posted(receiver.url, BODY, headers if change == "old" else change(headers)) == 400
        assert receiver.next(5).problem.startswith(says)
    assert list(tmp_path.iterdir()) == []


def test_a_receiver_takes_only_bodies_of_known_length(client: Client, tmp_path: Path):
    with serve_webhooks(tmp_path, client.signing_keys()) as receiver:
        assert posted(receiver.url, BODY, {"Content-Length": "99999999999"}) == 413


def test_signing_keys_in_an_unknown_form_are_an_error(client: Client, api: Loopback):
    assert [key["kid"] for key in client.signing_keys()] == ["old", "now"]
    api.fault(data({"keys": [{"kid": "x"}]}), times=1)
    assert client.signing_keys() == ({"kid": "x"},)
    api.fault(data([]), times=1)
    with pytest.raises(InvalidResponseError, match=r"data"):
        client.signing_keys()


# On the command line


def test_a_run_is_started_followed_and_brought_to_disk(lamina, api: Loopback, tmp_path: Path):
    result = lamina(*START, *WAIT, "--download", tmp_path / "out", "--allow-private")
    assert result.exit_code == 0, result.stderr
    assert "a run costs 125 credits (125 to 250); the balance is 1000" in result.stderr
    assert "completed in 0.15 s, 15 of 15 outputs" in result.stdout
    assert len(list((tmp_path / "out").iterdir())) == 15
    assert starts(api) == [{"inputs": INPUTS}]


SCRIPTS = [
    (Script(queued=0.01, each=0.01), 0, "completed", "15 of 15 outputs", ""),
    (
        Script(queued=0.01, each=0.01, fails={"*": "no picture"}),
        3,
        "failed",
        "0 of 15 outputs, 15 failed",
        "every output failed",
    ),
    (
        Script(queued=0.01, each=0.01, fails={"Hindi 4:5": "too dark"}),
        3,
        "completed",
        "14 of 15 outputs, 1 failed",
        "",
    ),
    (
        Script(queued=0.01, each=0.01, breaks="out of credits"),
        3,
        "failed",
        "7 of 15 outputs",
        "out of credits",
    ),
]


@pytest.mark.parametrize(("script", "status", "ends", "tally", "says"), SCRIPTS, ids=lambda v: str(v)[:40])
def test_the_result_of_a_run_is_shown_and_sets_the_exit_status(
    lamina, api: Loopback, script: Script, status: int, ends: str, tally: str, says: str
):
    api.runs.script = script
    result = lamina(*START, *WAIT)
    assert result.exit_code == status, result.output
    assert ends in result.stdout
    assert tally in result.stdout
    assert says in result.stderr
    assert all(error in result.stdout for error in script.fails.values())
    id_ = next(iter(api.runs.started))
    for command in (("get", id_), ("wait", id_)):
        again = lamina("runs", *command)
        assert (again.exit_code, again.stdout) == (status, result.stdout)


def test_a_run_that_takes_too_long_continues_with_exit_status_2(lamina, api: Loopback):
    api.runs.script = Script(queued=60)
    result = lamina(*START, *WAIT, "--timeout", "0.1")
    assert result.exit_code == 2
    assert "the run goes on: `lamina-graph runs wait " in result.stderr
    assert lamina("runs", "get", next(iter(api.runs.started))).exit_code == 0


def test_a_cancelled_run_counts_as_failed(lamina, api: Loopback):
    api.runs.script = Script(queued=60)
    id_ = lamina(*START).stdout.strip()
    assert lamina("runs", "cancel", id_).stdout == f"{id_}  cancelled\n"
    assert lamina("runs", "wait", id_).exit_code == 3


@pytest.mark.parametrize("answer", ["400", "429-json", "404"])
def test_a_start_that_is_refused_ends_with_2(lamina, api: Loopback, answer: str):
    api.fault(answer, path="*/runs")
    result = lamina(*START, *WAIT)
    assert result.exit_code == 2
    assert "not known" not in result.stderr
    assert len(starts(api)) == 1


@pytest.mark.parametrize("fault", ["reset", "cut-off", "500"])
def test_a_connection_lost_after_sending_exits_with_2_and_says_how_to_check(
    lamina, api: Loopback, fault: str
):
    api.fault(fault, path="*/runs", times=1)
    result = lamina(*START, *WAIT)
    assert result.exit_code == 2
    assert "it is not known whether the run has started" in result.stderr
    assert len(starts(api)) == 1
    look = result.stderr.rsplit("`", 2)[1].split()
    listed = json.loads(lamina(*look[1:], "--json").stdout)
    assert [each["runId"] for each in listed] == list(api.runs.started)


BAD = [
    (("-i", "art=x"), "master_artwork is missing"),
    (("-i", "master_artwork=art.png"), "upload the file somewhere first"),
    (
        ("-i", "master_artwork=https://a.example/1", "-i", "master_artwork=https://a.example/2"),
        "takes one value",
    ),
    (("-i", "master_artwork"), "is not an input"),
    (("-i", "master_artwork=https://a.example/1", "--output", "Hindi 1:2"), "did you mean Hindi 1:1?"),
    (("-i", "master_artwork=https://a.example/1", "--webhook", "here"), "not an http:// or https:// address"),
]


@pytest.mark.parametrize(("words", "says"), BAD, ids=lambda value: str(value)[:40])
def test_invalid_inputs_are_not_sent(lamina, api: Loopback, words: tuple[str, ...], says: str):
    result = lamina("run", ADAPTS, *words, "--yes")
    assert result.exit_code == 2
    assert says in result.stderr
    assert not any(seen.method == "POST" for seen in api.seen)


def test_inputs_come_from_a_file_and_from_words(lamina, api: Loopback, tmp_path: Path):
    file = tmp_path / "inputs.json"
    file.write_text('{"master_artwork": "https://example.com/old.png", "headline": "Hello"}')
    lamina("run", ADAPTS, "--inputs", file, "-i", "master_artwork=https://example.com/art.png", "--yes")
    assert starts(api) == [{"inputs": {**INPUTS, "headline": "Hello"}}]
    for content in ("[]", "{", "\udcff".encode("utf-8", "surrogatepass")):
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        result = lamina("run", ADAPTS, "--inputs", file, "--yes")
        assert result.exit_code == 2
        assert "inputs.json" in result.stderr


def test_a_dry_run_shows_cost_and_request_and_starts_nothing(lamina, api: Loopback):
    result = lamina(*START[:-1], "--output", "Hindi 1:1", "--webhook", "https://example.com/a?b", "--dry-run")
    assert result.exit_code == 0
    line, body = result.stdout.split("\n", 1)
    assert line == f"POST /v1/apps/{ADAPTS}/runs?webhook=https%3A%2F%2Fexample.com%2Fa%3Fb"
    assert json.loads(body) == {"inputs": INPUTS, "outputs": ["Hindi 1:1"]}
    assert "125 credits" in result.stderr
    assert starts(api) == []


def test_without_a_terminal_and_without_yes_nothing_is_started(lamina, api: Loopback):
    result = lamina(*START[:-1])
    assert result.exit_code == 2
    assert "125 credits" in result.stderr
    assert "--yes" in result.stderr
    assert starts(api) == []


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("n", 2), ("", 2)])
def test_a_terminal_is_asked(api: Loopback, answer: str, status: int):
    ours, theirs = pty.openpty()
    environment = {**os.environ, "LAMINA_BASE_URL": api.url, "LAMINA_API_KEY": KEY}
    words = [sys.executable, "-m", "lamina_graph", *START[:-1]]
    with subprocess.Popen(
        words, env=environment, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs
    ) as asked:
        os.close(theirs)
        output = b""
        while b"Start it?" not in output:
            output += os.read(ours, 1000)
        os.write(ours, f"{answer}\n".encode())
        out, _ = asked.communicate(timeout=120)
    os.close(ours)
    assert b"125 credits" in output
    assert asked.returncode == status
    assert len(starts(api)) == (status == 0)
    assert (out.decode().strip() in api.runs.started) == (status == 0)


def test_a_terminal_shows_the_state_of_each_node_while_a_run_goes_on(api: Loopback):
    api.runs.script = Script(queued=0.3, each=0.05)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "LAMINA_BASE_URL": api.url, "LAMINA_API_KEY": KEY, "TERM": "xterm"}
    environment |= {"COLUMNS": "100", "LINES": "60"}
    words = [sys.executable, "-m", "lamina_graph", *START, "--wait"]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=theirs) as waiting:
        os.close(theirs)
        drawn = b""
        with suppress(OSError):  # the terminal is gone
            while part := os.read(ours, 10_000):
                drawn += part
        out = waiting.communicate()[0].decode()
    os.close(ours)
    shown = drawn.decode()
    assert waiting.returncode == 0
    assert "running · 3 of 15 outputs · 20%" in shown
    assert "… [15] French 9:16" in shown
    assert "✓ [1] Hindi 1:1" in shown
    assert "of 15 outputs ·" not in out  # what was drawn is gone


def test_quality_size_and_length_are_shown(lamina, api: Loopback):
    quality = {"score": 0.62, "threshold": 0.7, "passed": False, "attempts": 3}
    api.runs.script = Script(queued=0, each=0.001, quality=quality)
    result = lamina(
        "run", "Quick Reel Maker", "-i", "product_photo=https://example.com/a.png", "--yes", *WAIT
    )
    assert "quality 0.62 of 0.7 wanted: not passed, after 3 attempts" in result.stdout
    assert "1080×1920 · 5.04 s" in result.stdout


def test_a_failed_download_is_named_with_exit_status_2(lamina, api: Loopback, tmp_path: Path):
    api.fault(text(404, "gone"), path="/files/*/1.png")
    result = lamina(*START, *WAIT, "--download", tmp_path / "out", "--allow-private")
    assert result.exit_code == 2
    assert "Hindi 4:5 could not be downloaded: its address answered 404" in result.stderr
    assert len(list((tmp_path / "out").iterdir())) == 14


def test_machine_output_satisfies_its_schemas(lamina, api: Loopback, tmp_path: Path):
    api.runs.script = Script(queued=0.01, each=0.01, fails={"Hindi 4:5": "too dark"})
    result = lamina(*START, *WAIT, "--json", "--download", tmp_path / "out", "--allow-private")
    data = json.loads(result.stdout)
    assert result.exit_code == 3
    assert data["schema"] == "run/1"
    assert (data["runId"], len(data["files"])) == (next(iter(api.runs.started)), 14)
    jsonschema.validate(data, schema_of("run"))
    [listed] = json.loads(lamina("runs", "list", "--json", "--app", ADAPTS, "--since", "1h").stdout)
    assert (listed["schema"], listed["runId"]) == ("runs/1", data["runId"])
    jsonschema.validate(listed, schema_of("runs"))
    for words in (("runs", "get", data["runId"], "--json"), ("runs", "cancel", data["runId"], "--json")):
        jsonschema.validate(json.loads(lamina(*words).stdout or "{}") or data, schema_of("run"))


def test_the_line_that_app_gives_runs_the_app(lamina, api: Loopback):
    line = lamina("app", ADAPTS).stdout.rstrip().rsplit("\n", 1)[1]
    assert line == f"lamina-graph run {ADAPTS} -i 'master_artwork=<url>'"
    words = [
        "bash",
        "-c",
        line.replace("<url>", "https://example.com/a b.png".replace(" ", "%20")) + " --yes",
    ]
    environment = {**os.environ, "LAMINA_BASE_URL": api.url, "LAMINA_API_KEY": KEY,
                   "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}  # fmt: skip
    subprocess.run(words, env=environment, check=True, capture_output=True)
    assert starts(api) == [{"inputs": {"master_artwork": "https://example.com/a%20b.png"}}]


def test_the_receiver_keeps_deliveries_that_can_be_drawn_on_the_graph(api: Loopback, lamina, tmp_path: Path):
    environment = {**os.environ, "LAMINA_BASE_URL": api.url, "LAMINA_API_KEY": KEY}
    words = [
        sys.executable,
        "-m",
        "lamina_graph",
        "runs",
        "receive",
        "--port",
        "0",
        "--count",
        "1",
        "-o",
        "d",
    ]
    with subprocess.Popen(
        words, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as receiver:
        url = receiver.stderr.readline().split()[2].rstrip(";")
        forged = api.runs.signed(BODY, "r") | {"X-Lamina-Webhook-Signature": "0" * 128}
        assert posted(url, BODY, forged) == 400
        id_ = lamina(*START, "--webhook", url).stdout.strip()
        out, errors = receiver.communicate(timeout=120)
    assert out == f"{id_}  completed  d/{id_}.json\n"
    assert "rejected: signature: " in errors
    shown = lamina("show", ADAPTS, "--run", tmp_path / "d" / f"{id_}.json")
    assert "run completed in 0.15 s · 22 done" in shown.stdout


def test_a_port_that_is_taken_is_named(lamina, api: Loopback):
    port = api.url.rpartition(":")[2]
    result = lamina("runs", "receive", "--port", port)
    assert (result.exit_code, result.stderr.splitlines()) == (
        2,
        [
            f"Error: port {port} cannot be used: Address already in use",
            "  Name another with --port; 0 takes one that is free.",
        ],
    )


# Laid over the graph


@pytest.fixture
def kept(api: Loopback, tmp_path: Path) -> Path:
    """A run in a file: the Arabic outputs have failed."""
    api.runs.script = Script(each=0.001, fails=dict.fromkeys(LABELS[6:9], "translation is empty"))
    with Client(Settings(key=KEY, base_url=api.url), retry_policy=SHORT) as client:
        found = follow(client, client.start(ADAPTS, INPUTS).run_id, interval=FAST)
    file = tmp_path / "run.json"
    file.write_text(json.dumps(found.model_dump()))
    return file


def test_a_run_is_drawn_by_its_id_and_from_a_file(lamina, kept: Path, tmp_path: Path):
    by_id, by_file = tmp_path / "id.svg", tmp_path / "file.svg"
    for target, named in ((by_id, load_run(kept).run_id), (by_file, kept)):
        result = lamina("render", ADAPTS, "--color-by", "run", "--run", named, "-o", target)
        assert result.exit_code == 0, result.stderr
    assert by_id.read_text() == by_file.read_text()
    assert "look first at: Into Arabic" in by_id.read_text()


def test_show_gives_each_node_its_state_in_a_run(lamina, kept: Path):
    shown = lamina("show", ADAPTS, "--run", kept).stdout
    assert "? ├─ Into Arabic" in shown
    assert "✗ [7] Arabic 1:1" in shown
    data = json.loads(lamina("show", ADAPTS, "--run", kept, "--json").stdout)
    jsonschema.validate(data, schema_of("show"))
    assert {node["state"] for node in data["run"]["nodes"]} == {"done", "suspect", "failed"}


def test_a_focus_shows_a_part_and_the_cause_that_lies_outside_it(lamina, kept: Path):
    focus = load_run(kept).outputs[0].id
    result = lamina(
        "render", ADAPTS, "--run", kept, "--focus", focus, "--up", "1", "--down", "0", "-f", "text"
    )
    assert result.exit_code == 0, result.output
    assert "✓" in result.stdout
    assert "look first at: translateTextNode" in result.stdout


def test_a_run_of_another_app_is_refused(lamina, kept: Path):
    result = lamina("render", "Virtual Try-on", "--run", kept)
    assert result.exit_code == 2
    assert ADAPTS in result.stderr


def test_offline_a_run_is_a_file(lamina, kept: Path, samples: Path):
    sample = samples / "fifteen-outputs.json"
    assert lamina("show", sample, "--offline", "--run", kept).exit_code == 0
    refused = lamina("show", sample, "--offline", "--run", "some-id")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--offline" in refused.stderr
    missing = lamina("show", sample, "--run", "nothing.json")
    assert (missing.exit_code, "nothing.json" in missing.stderr) == (2, True)


def renamed(api: Loopback) -> None:
    """Give every node of the app a new id, as importing it does."""
    text = json.dumps(api.apps[ADAPTS])
    for node in api.apps[ADAPTS]["nodes"]:
        text = text.replace(node["id"], f"{node['type']}-new-{node['id'][-5:]}")
    api.apps[ADAPTS] = json.loads(text)


def test_a_workflow_that_changed_since_the_run_is_noted(lamina, api: Loopback, kept: Path):
    renamed(api)
    result = lamina("show", ADAPTS, "--run", kept)
    assert result.exit_code == 0
    assert "the workflow has changed since the run: none of its nodes produced Hindi 1:1" in result.stderr
    assert "not" not in result.stderr.split("Hindi")[1]


def test_a_snapshot_from_the_time_of_the_run_matches_its_nodes(
    lamina, api: Loopback, kept: Path, tmp_path: Path
):
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        then = datetime.now(UTC) - timedelta(hours=1)
        opened = store.begin(api.url, FetchScope(apps=(ADAPTS,)), then)
        store.record(opened.id, [Kept(app_id=ADAPTS, at=then, workflow=api.apps[ADAPTS])])
        store.finish(opened.id, then)
    renamed(api)
    result = lamina("show", ADAPTS, "--run", kept)
    assert result.exit_code == 0, result.stderr
    assert "15 outputs were matched through a snapshot of that time" in result.stderr
    assert "look first at: Into Arabic" in result.stdout


def test_a_run_drawn_in_python_is_the_one_of_the_command_line(
    lamina, kept: Path, tmp_path: Path, samples: Path
):
    sample, target = samples / "fifteen-outputs.json", tmp_path / "a.svg"
    lamina("render", sample, "--run", kept, "-o", target)
    assert lg.draw(lg.load(sample), color=load_run(kept)).svg == target.read_text()
