"""The API over HTTP, against a real server on loopback: what is read, retried, refused and logged."""

import copy
import logging
import pickle
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from loopback import FAULTS, WORKSPACE, Answer, Fault, Loopback, data, error, redirect, serving, text

from lamina_graph.client import Client, RetryPolicy
from lamina_graph.errors import (
    ApiError,
    CredentialsError,
    InputError,
    InvalidResponseError,
    NotFoundError,
    RateLimitError,
    RequestError,
    ServerError,
    TransportError,
)
from lamina_graph.files import canonical, load
from lamina_graph.settings import Settings

SECRET = "lma_only-the-API-may-see-this"
DOCUMENTED = "80d4d454-8844-489f-b903-2ad65a414482"
SHORT = RetryPolicy(first_wait=0.01, longest_wait=2, jitter=0.01, largest_answer=20_000_000)
ONCE = replace(SHORT, attempts=1)
HASTE = {"slow": {"read": 0.5}, **{fault: {"answer": 0.5} for fault in ("trickle", "drip", "interim")}}
"""What makes a fault of being late; all else has the time that a busy machine takes."""

Connect = Callable[..., Client]

READS: dict[str, Callable[[Client], object]] = {
    "apps": lambda client: client.apps(),
    "app": lambda client: client.app(DOCUMENTED),
    "workflow": lambda client: client.workflow(DOCUMENTED),
    "estimate": lambda client: client.estimate(DOCUMENTED),
}


@pytest.fixture
def api(samples: Path) -> Iterator[Loopback]:
    with serving(Loopback(samples, key=SECRET)) as api:
        yield api


@pytest.fixture
def connect(api: Loopback) -> Iterator[Callable[..., Client]]:
    """Make clients of the API, with settings that differ where given; they are closed at the end."""
    with ExitStack() as clients:

        def connect(
            retry_policy: RetryPolicy = SHORT, http: httpx.Client | None = None, **settings: Any
        ) -> Client:
            settings = {"key": SECRET, "base_url": api.url, **settings}
            return clients.enter_context(Client(Settings(**settings), http=http, retry_policy=retry_policy))

        yield connect


@pytest.fixture
def client(connect: Connect) -> Client:
    return connect()


def failure(act: Callable[[], object], kind: type[Exception] = ApiError) -> ApiError:
    with pytest.raises(kind) as caught:
        act()
    return caught.value


# What is asked for is returned as values


def test_a_workflow_is_the_one_that_the_api_has(client: Client, samples: Path) -> None:
    assert client.workflow(DOCUMENTED) == load(samples / "documented-example.json")


def test_unknown_fields_of_an_answer_are_kept(client: Client, samples: Path) -> None:
    extra = load(samples / "extra-fields.json")
    assert client.workflow(extra.app_id) == extra
    assert client.apps()[0].model_dump()["outputFormats"]


def test_apps_are_listed_searched_and_limited(client: Client, api: Loopback) -> None:
    everything = client.apps()
    assert [app.app_id for app in everything] == list(api.apps)
    assert client.apps(limit=3) == everything[:3]
    assert {app.name for app in client.apps(search="try")} == {
        a.name for a in everything if "try" in a.name.lower()
    }
    assert client.apps(search="& ?=#/ü") == []
    assert api.seen[-1].query == {"search": "& ?=#/ü"}


def test_detail_and_estimate_belong_to_the_app(client: Client) -> None:
    assert [output.label for output in client.app(DOCUMENTED).outputs] == ["aiDesignerNode", "klingVideoNode"]
    estimate = client.estimate(DOCUMENTED)
    assert estimate.estimated_credits.expected == sum(row.credits for row in estimate.breakdown) == 56


def test_ten_megabytes_are_read(client: Client, api: Loopback) -> None:
    api.fault("big", path="*/workflow")
    assert len(client.workflow(DOCUMENTED).padding) == 10_000_000


def test_a_client_can_be_given_its_http_client(api: Loopback, connect: Connect) -> None:
    with httpx.Client(follow_redirects=True, headers={"x-mine": "1"}) as http:
        with connect(http=http) as client:
            client.apps()
        assert not http.is_closed
    assert api.seen[0].headers["x-mine"] == "1"


def test_connections_are_closed_with_the_client(api: Loopback, connect: Connect) -> None:
    with connect() as client:
        client.apps()
    with pytest.raises(RuntimeError, match="has been closed"):
        client.apps()


def test_threads_may_share_a_client(connect: Connect, samples: Path) -> None:
    client, expected = connect(), load(samples / "documented-example.json")
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(client.workflow, [DOCUMENTED] * 40)) == [expected] * 40


@pytest.mark.parametrize("part", ["workflow", "detail", "estimate"])
def test_each_part_is_returned_as_the_api_sent_it(connect: Connect, api: Loopback, part: str) -> None:
    client = connect(ONCE)
    raw = client.raw(DOCUMENTED, part)
    assert canonical(raw) == canonical(
        {"detail": client.app}.get(part, getattr(client, part, None))(DOCUMENTED)
    )
    api.fault(data({"appId": 7}))
    failure(lambda: client.raw(DOCUMENTED, part), InvalidResponseError)


@pytest.mark.parametrize("prefix", ["", "/", "/proxy/lamina", "/proxy/lamina/"])
def test_paths_are_put_behind_the_base_url(api: Loopback, prefix: str, connect: Connect) -> None:
    api.fault(data([]))
    connect(base_url=api.url + prefix).apps()
    assert api.seen[0].path == prefix.rstrip("/") + "/v1/apps"


@pytest.mark.parametrize(
    ("app_id", "path"),
    [
        ("a b", "a%20b"),
        ("../../admin", "..%2F..%2Fadmin"),
        ("a?b=c#d", "a%3Fb%3Dc%23d"),
        ("ü", "%C3%BC"),
        ("%2F", "%252F"),
        ("\udcff", "%3F"),
        ("x\r\nhost: evil", "x%0D%0Ahost%3A%20evil"),
    ],
)
def test_an_app_id_stays_one_part_of_the_path(client: Client, api: Loopback, app_id: str, path: str) -> None:
    found = failure(lambda: client.workflow(app_id), NotFoundError)
    assert api.seen[0].target == f"/v1/apps/{path}/workflow"
    assert found.app_id == app_id


@pytest.mark.parametrize("app_id", ["", ".", ".."])
def test_an_impossible_app_id_is_not_requested(client: Client, api: Loopback, app_id: str) -> None:
    failure(lambda: client.workflow(app_id), InputError)
    assert api.seen == []


# Credentials


def test_key_and_workspace_are_sent(api: Loopback, connect: Connect) -> None:
    with connect(workspace_id=WORKSPACE) as client:
        client.apps()
    assert api.seen[0].headers["x-api-key"] == SECRET
    assert api.seen[0].headers["x-workspace-id"] == WORKSPACE


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"key": "lma_wrong"}, "401 AUTH_INVALID_KEY: Invalid API key"),
        (
            {"key": SECRET, "workspace_id": "other"},
            "403 FORBIDDEN: The key does not belong to this workspace",
        ),
    ],
)
def test_rejected_credentials_are_an_error_with_a_remedy(
    api: Loopback, settings: dict[str, str], says: str, connect: Connect
) -> None:
    found = failure(connect(**{"key": None} | settings).apps, CredentialsError)
    assert str(found).startswith(f"GET /v1/apps: {says} (request ")
    assert ("auth status" if found.status == 401 else "LAMINA_WORKSPACE_ID") in found.hint
    assert len(api.seen) == 1


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({}, CredentialsError),
        ({"key": f"{SECRET}\n"}, CredentialsError),
        ({"key": f"{SECRET}é"}, CredentialsError),
        ({"key": SECRET, "workspace_id": "a\r\nb: c"}, InputError),
        ({"key": SECRET, "workspace_id": "ü"}, InputError),
        ({"key": SECRET, "expires_at": datetime(2026, 1, 1, tzinfo=UTC), "kind": "oauth"}, CredentialsError),
    ],
)
def test_without_usable_credentials_no_request_is_sent(
    api: Loopback, settings: dict, kind: type[Exception], connect: Connect
) -> None:
    failure(connect(**{"key": None} | settings).apps, kind)
    assert api.seen == []


# What goes wrong

WRONG: list[tuple[str, type[ApiError], str]] = [
    ("400", RequestError, "400 VALIDATION_ERROR: Validation failed: [{"),
    ("401", CredentialsError, "401 AUTH_INVALID_KEY: Invalid API key"),
    ("403", CredentialsError, "403 FORBIDDEN: This workspace is not yours"),
    ("404", NotFoundError, "404 NOT_FOUND: App not found"),
    ("429", RateLimitError, "429: Too many requests, please try again later."),
    ("429-json", RateLimitError, "429 RATE_LIMITED: Too many requests"),
    ("500", ServerError, "500 INTERNAL_ERROR: Internal error"),
    ("503", ServerError, "503 RESOURCE_UNAVAILABLE: Try again later"),
    ("old-error", RequestError, "400: No such thing"),
    ("html-502", ServerError, "502: an HTML page in place of an answer"),
    ("html-200", InvalidResponseError, '200: expected JSON with "data", found an HTML page'),
    ("no-data", InvalidResponseError, '200: expected JSON with "data", found other JSON'),
    ("truncated", InvalidResponseError, '200: expected JSON with "data", found text that is not JSON'),
    ("wrong-fields", InvalidResponseError, "200: data.nodes[0].id: expected a string, found a number"),
    ("not-gzip", TransportError, "the answer cannot be unpacked"),
    ("bomb", InvalidResponseError, "longer than 20,000,000 bytes"),
    (
        "redirect-abroad",
        InvalidResponseError,
        "redirected to http://127.0.0.2:9/v1/apps, to which the key is not sent",
    ),
    ("redirect-loop", InvalidResponseError, "redirected 5 times"),
    ("slow", TransportError, "no answer in time"),
    ("trickle", TransportError, "not complete after 0.5 s"),
    ("drip", TransportError, "not complete after 0.5 s"),
    ("interim", TransportError, "not complete after 0.5 s"),
    ("reset", TransportError, "the connection broke"),
    ("cut-off", TransportError, "the answer broke off, or is not HTTP"),
    ("nonsense", TransportError, "the answer broke off, or is not HTTP"),
]


def test_every_fault_of_the_loopback_server_is_tried() -> None:
    assert {fault for fault, _, _ in WRONG} == FAULTS.keys() - {"big"}


@pytest.mark.parametrize(("fault", "kind", "says"), WRONG)
def test_each_failure_has_its_error(
    api: Loopback, fault: str, kind: type[ApiError], says: str, connect: Connect
) -> None:
    api.fault(fault)
    found = failure(lambda: connect(replace(ONCE, **HASTE.get(fault, {}))).workflow(DOCUMENTED))
    assert type(found) is kind
    assert str(found).startswith(f"GET /v1/apps/{DOCUMENTED}/workflow: {says}")
    assert "\n" not in str(found)
    assert found.hint
    assert found.app_id == DOCUMENTED


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_every_read_has_the_same_errors(
    api: Loopback, read: Callable[[Client], object], connect: Connect
) -> None:
    api.fault("404", times=1)
    api.fault("html-200", times=1)
    api.fault("500")
    for kind in (NotFoundError, InvalidResponseError, ServerError):
        assert type(failure(lambda: read(connect(ONCE)))) is kind


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (text(418, ""), "418: I'm a Teapot"),
        (text(599, ""), "599: no text"),
        (text(500, "line one\nline\x1b[31m two"), "500: line one line\\x1b[31m two"),
        (text(500, "x" * 5000), f"500: {'x' * 300}…"),
        (text(400, '{"error": {"message": "inner"}}'), "400: inner"),
        (text(400, '{"error": {"reason": 1}}'), '400: {"reason": 1}'),
        (text(400, '{"error": ["a", 1]}'), '400: ["a", 1]'),
        (text(400, '{"message": "other frame"}'), "400: other frame"),
        (text(400, "[" * 100_000), "400: [[["),
        (text(304, ""), "304: Not Modified"),
        (text(204, ""), "204: No Content"),
        (redirect(""), "redirected to nowhere"),
        (redirect("http://["), "redirected to http://["),
    ],
)
def test_an_unusual_refusal_is_one_line(api: Loopback, answer: Fault, says: str, connect: Connect) -> None:
    api.fault(answer)
    assert f"GET /v1/apps: {says}" in str(failure(connect(ONCE).apps))


@pytest.mark.parametrize(
    ("read", "answer", "says"),
    [
        ("apps", {}, "data: expected a list, found an object"),
        ("apps", [{"appId": "2"}, {"name": "ok"}], "row 1 of the list of apps: name: missing"),
        ("app", {"appId": 1, "name": "x"}, "data.appId: expected a string, found a number"),
        ("workflow", {"nodes": []}, "data.edges: missing"),
        ("workflow", {"nodes": [{"id": "a"}], "edges": []}, "data.nodes[0].type: missing"),
        ("workflow", None, "data: expected an object"),
        ("estimate", {"appId": "x", "breakdown": [{"credits": "many"}]}, "data.breakdown[0].nodeId: missing"),
    ],
)
def test_a_success_of_another_form_names_the_field(
    api: Loopback, read: str, answer: object, says: str, connect: Connect
) -> None:
    api.fault(data(answer))
    found = failure(lambda: READS[read](connect()), InvalidResponseError)
    assert f": 200: {says}" in str(found)
    assert len(api.seen) == 1


def test_an_unreachable_server_is_an_error(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        url = f"http://127.0.0.1:{other.getsockname()[1]}"
    found = failure(connect(base_url=url).apps, TransportError)
    assert str(found) == f"GET /v1/apps: no connection to {url}: Connection refused"
    assert found.attempts == 1


@pytest.fixture(scope="module")
def any_answer() -> Iterator[tuple[Loopback, Client]]:
    with (
        serving(Loopback()) as api,
        Client(Settings(key=SECRET, base_url=api.url), retry_policy=ONCE) as client,
    ):
        yield api, client


EMPTY_LIST = b'{"data": []}'


@given(
    st.integers(200, 599),
    st.binary(max_size=80) | st.sampled_from([b"{}", EMPTY_LIST, b'{"error": null}']),
)
@example(200, EMPTY_LIST)
@example(302, b"")
def test_any_response_is_a_value_or_an_error(
    any_answer: tuple[Loopback, Client], status: int, body: bytes
) -> None:
    api, client = any_answer
    api.fault(Answer(status, body, {"Location": "/v1/apps"}), times=1)
    api.fault(data([]), times=1)
    try:
        outcome: object = client.apps()
    except ApiError as found:
        outcome = found
    api.forget()
    redirected = status in {301, 302, 303, 307, 308}
    if redirected or (status in {200, 201, 202} and body == EMPTY_LIST):
        assert outcome == []
    else:
        assert str(outcome).startswith("GET /v1/apps: ")


def test_the_server_can_be_started_by_hand(connect: Connect, samples: Path) -> None:
    words = [
        sys.executable,
        Path(__file__).with_name("loopback.py"),
        "--samples",
        samples,
        "--fault",
        "/v1/apps=503*1",
    ]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            environment = dict(
                server.stdout.readline().removeprefix("export ").strip().split("=", 1) for _ in range(2)
            )
            settings = Settings.read(environment, samples)
            client = connect(key=settings.key, base_url=settings.base_url)
            assert client.workflow(DOCUMENTED)
            assert (
                failure(connect(ONCE, key=settings.key, base_url=settings.base_url).apps, ServerError).status
                == 503
            )
            assert client.apps()
        finally:
            server.terminate()


# Trying again


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
@pytest.mark.parametrize("fault", ["429", "500", "503", "slow", "reset", "cut-off", "html-502"])
def test_reads_are_retried(
    api: Loopback, connect: Connect, fault: str, read: Callable[[Client], object]
) -> None:
    api.fault(FAULTS[fault] if fault != "429" else error(429, retryAfter=0), times=1)
    assert read(connect(replace(SHORT, **HASTE.get(fault, {}))))
    assert len(api.seen) == 2


@pytest.mark.parametrize(
    "fault", ["400", "401", "403", "404", "old-error", "html-200", "truncated", "redirect-abroad"]
)
def test_permanent_errors_are_not_retried(api: Loopback, fault: str, connect: Connect) -> None:
    api.fault(fault)
    failure(connect().apps)
    assert len(api.seen) == 1


@pytest.mark.parametrize(
    ("answer", "times"), [(error(500, retryable=False), 1), (error(500), 4), (error(409, retryable=True), 4)]
)
def test_the_api_says_whether_to_retry(api: Loopback, answer: Fault, times: int, connect: Connect) -> None:
    api.fault(answer)
    found = failure(connect().apps)
    assert found.attempts == len(api.seen) == times
    assert (f"(after {times} attempts, request " in str(found)) == (times > 1)


def test_the_number_of_attempts_is_limited(api: Loopback, connect: Connect) -> None:
    api.fault("503")
    assert failure(connect(replace(SHORT, attempts=2)).apps).attempts == 2
    assert len(api.seen) == 2


def test_the_rate_limit_is_waited_for(samples: Path, connect: Connect) -> None:
    with serving(Loopback(samples, key=SECRET, limit=2, window=0.5)) as api:
        client = connect(base_url=api.url)
        for _ in range(3):
            assert client.workflow(DOCUMENTED)
    assert len(api.seen) == 4


def test_a_wait_over_the_limit_fails_at_once(api: Loopback, connect: Connect) -> None:
    api.fault(text(429, "Too many requests", Retry_After="3600"))
    found = failure(connect().apps, RateLimitError)
    assert (found.retry_after, found.attempts, len(api.seen)) == (3600, 1, 1)
    assert found.hint == "Try again in 3600 seconds, and ask for less at once."


NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "7"}, {}, 7),
        ({"Retry-After": " 0 "}, {}, 0),
        ({"Retry-After": "1.5"}, {}, 1.5),
        ({}, {"retryAfter": 9}, 9),
        ({"Retry-After": "7"}, {"retryAfter": 9}, 7),
        ({"Retry-After": format_datetime(NOON + timedelta(seconds=30), usegmt=True)}, {}, 30),
        ({"Retry-After": format_datetime(NOON - timedelta(seconds=30), usegmt=True)}, {}, 0),
        ({"Retry-After": "soon"}, {}, None),
        ({"Retry-After": "-5"}, {}, None),
        ({"Retry-After": "nan"}, {}, None),
        ({"Retry-After": "9" * 400}, {}, None),
        ({}, {"retryAfter": [1]}, None),
        ({}, {}, None),
    ],
)
def test_retry_after_is_read_in_every_form(
    api: Loopback, headers: dict, body: dict, seconds: float | None, connect: Connect
) -> None:
    # A date is counted from the server's own, which may differ from the date here.
    answer = error(429)
    api.fault(
        type(answer)(429, error(429, **body).body, {"Date": format_datetime(NOON, usegmt=True), **headers}),
    )
    assert failure(connect(ONCE).apps, RateLimitError).retry_after == seconds


# Where the key goes


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["/v1/apps?moved=1", "?moved=1", "{own}/v1/apps?moved=1"])
def test_redirects_on_the_same_host_are_followed(
    api: Loopback, status: int, place: str, connect: Connect
) -> None:
    api.fault(redirect(place.format(own=api.url), status), times=1)
    assert connect().apps()
    assert [seen.target for seen in api.seen] == ["/v1/apps", "/v1/apps?moved=1"]
    assert api.seen[1].headers["x-api-key"] == SECRET


@pytest.mark.parametrize("follows", [False, True])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_key_follows_no_redirect_to_another_host(
    api: Loopback, status: int, follows: bool, connect: Connect
) -> None:
    with serving(Loopback(key=SECRET)) as stranger, httpx.Client(follow_redirects=follows) as http:
        api.fault(redirect(f"{stranger.url}/v1/apps", status))
        client = connect(http=http)
        found = failure(client.apps, InvalidResponseError)
    assert f"redirected to {stranger.url}/v1/apps" in str(found)
    assert stranger.seen == []


@pytest.mark.parametrize(
    "place", ["//127.0.0.2/x", "https:/v1/apps", "http://u:p@127.0.0.1:1/", "file:///etc/passwd"]
)
def test_the_key_stays_with_scheme_host_and_port(api: Loopback, place: str, connect: Connect) -> None:
    api.fault(redirect(place))
    assert "to which the key is not sent" in str(failure(connect().apps, InvalidResponseError))


def test_a_redirected_post_is_not_sent_again(api: Loopback, connect: Connect) -> None:
    api.fault(redirect("/v1/elsewhere", 307))
    failure(lambda: connect().estimate(DOCUMENTED), InvalidResponseError)
    assert len(api.seen) == 1


def test_a_proxy_of_the_environment_does_not_see_a_key_in_plain_text(
    api: Loopback, monkeypatch: pytest.MonkeyPatch, connect: Connect
) -> None:
    with serving(Loopback()) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        assert connect().apps()
    assert proxy.seen == []


def everything_shown(found: BaseException) -> str:
    """All that a log, a debugger's view of variables or another process could show of an error."""
    shown, left = [], [found]
    while left:
        each = left.pop()
        shown += [str(each), repr(each), repr(each.args), repr(vars(each)), getattr(each, "hint", "")]
        shown += traceback.TracebackException.from_exception(each, capture_locals=True).format()
        left += [other for other in (each.__cause__, each.__context__) if other]
    return "".join(shown)


@pytest.mark.parametrize("fault", [fault for fault, _, _ in WRONG])
def test_errors_never_contain_the_key(
    api: Loopback,
    connect: Connect,
    fault: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    api.fault(fault)
    client = connect(
        replace(SHORT, attempts=2, longest_wait=0, largest_answer=10_000, **HASTE.get(fault, {}))
    )
    found = failure(client.apps)
    shown = (
        everything_shown(found)
        + repr(client)
        + repr(vars(client))
        + caplog.text
        + "".join(capfd.readouterr())
    )
    assert "GET /v1/apps" in shown
    assert SECRET not in shown
    assert SECRET.encode() not in pickle.dumps(found)


@pytest.mark.parametrize("fault", FAULTS)
def test_errors_of_a_stream_never_contain_the_key(api: Loopback, connect: Connect, fault: str) -> None:
    api.delay = 1
    api.fault(fault)
    found = failure(lambda: list(connect().events("r", until=time.monotonic() + 0.3)))
    assert "GET /v1/runs/r/stream" in str(found)
    assert SECRET not in everything_shown(found)


@pytest.mark.parametrize(
    "answer",
    [
        error(401, f"Invalid key {SECRET}", requestId=SECRET, code=SECRET),
        text(500, f"no {SECRET}"),
        redirect(f"http://127.0.0.2/?key={SECRET}"),
    ],
)
def test_a_key_that_the_server_repeats_is_redacted(api: Loopback, connect: Connect, answer: Fault) -> None:
    api.fault(answer)
    found = failure(connect(ONCE).apps)
    assert "***" in str(found)
    assert SECRET not in str(found) + repr(vars(found)) + repr(found.args)


def test_the_key_is_not_shown_where_nothing_answers(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        url = f"http://127.0.0.1:{other.getsockname()[1]}"
    for base in (url, "https://" + url.removeprefix("http://"), "https://name.invalid"):
        found = failure(connect(ONCE, base_url=base).apps, TransportError)
        assert SECRET not in everything_shown(found)


class Failing(httpx.HTTPTransport):
    """A transport of the caller's own, which looks at the headers and fails."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = dict(request.headers)
        raise httpx.ConnectError(f"failed with {len(headers)} headers")


def test_the_key_is_not_shown_where_the_transport_holds_it(connect: Connect) -> None:
    with httpx.Client(transport=Failing()) as http:
        found = failure(connect(http=http).apps, TransportError)
    assert "failed with" in str(found)
    assert SECRET not in everything_shown(found)


@pytest.mark.parametrize("bad", [f"{SECRET}\r\nx: y", f"{SECRET} ", f"{SECRET}\x00", f"{SECRET}ü"])
def test_an_invalid_key_is_not_shown(bad: str, connect: Connect) -> None:
    found = failure(connect(key=bad).apps, CredentialsError)
    assert SECRET not in str(found) + repr(found) + found.hint


def test_errors_survive_a_trip_between_processes(api: Loopback, connect: Connect) -> None:
    api.fault(error(429, retryAfter=1))
    found = failure(lambda: connect(ONCE).workflow(DOCUMENTED))
    for other in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert type(other) is RateLimitError
        assert (str(other), other.hint, vars(other)) == (str(found), found.hint, vars(found))
