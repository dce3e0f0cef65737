"""A server cannot take more than its share: time, memory, or a look into a private network."""

import gzip
import json
import socket
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from commandline import api as environment
from commandline import lamina
from loopback import KEY, Loopback, bomb_twice, redirect, serving, zipped

from lamina_graph.bounded_http import open_client, unpack, within
from lamina_graph.client import Client, RetryPolicy
from lamina_graph.errors import InvalidResponseError
from lamina_graph.model import Run
from lamina_graph.runs import WebhookServer, download, serve_webhooks, webhook_server
from lamina_graph.settings import Settings

ONCE = RetryPolicy(attempts=1, largest_answer=1_000_000)
MOST_MEMORY = 32_000_000


@pytest.fixture
def api(samples: Path) -> Iterator[Loopback]:
    with serving(Loopback(samples, limit=10**6)) as api:
        yield api


@pytest.fixture
def measured() -> Iterator[None]:
    """Let a test fail where Python holds more memory than a bounded reader needs."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def run_with(url: str) -> Run:
    output = {"id": "n", "label": "Out", "type": "image", "value": url, "status": "completed"}
    return Run.model_validate({"runId": "r", "status": "completed", "outputs": [output]})


def read(url: str) -> bytes:
    with open_client() as client, within(10), client.stream("GET", url) as answer:
        return b"".join(unpack(answer))


# Memory


@pytest.mark.usefixtures("measured")
def test_what_is_packed_twice_is_unpacked_against_a_limit(api: Loopback):
    api.fault(bomb_twice())
    with (
        Client(Settings(key=KEY, base_url=api.url), retry_policy=ONCE) as client,
        pytest.raises(InvalidResponseError, match="longer than 1,000,000 bytes"),
    ):
        client.apps()


@pytest.mark.usefixtures("measured")
def test_a_download_is_unpacked_against_its_limit(api: Loopback, tmp_path: Path):
    api.fault(bomb_twice())
    [saved] = download(
        run_with(f"{api.url}/files/a"), tmp_path, max_bytes=1000, retry_policy=ONCE, allow_private=True
    )
    assert "larger than 1,000 bytes" in saved.problem
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"plain", "identity"),
        (gzip.compress(b"plain"), "gzip"),
        (gzip.compress(b"plain"), "X-GZip"),
        (zlib.compress(b"plain"), "deflate"),
        (zlib.compress(b"plain")[2:-4], "deflate"),
        (gzip.compress(zlib.compress(b"plain")), "deflate, gzip"),
    ],
    ids=["identity", "gzip", "x-gzip", "deflate", "deflate without its header", "twice"],
)
def test_each_way_of_packing_that_is_allowed_is_read(api: Loopback, content: bytes, encoding: str):
    api.fault(zipped(content, encoding))
    assert read(f"{api.url}/x") == b"plain"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"x", "br"),
        (gzip.compress(b"plain")[:-3], "gzip"),
        (b"plain", "gzip"),
        (b"x", "gzip,gzip,gzip,gzip,gzip"),
    ],
    ids=["not asked for", "cut off", "not packed", "five times"],
)
def test_what_is_packed_otherwise_or_badly_is_refused(api: Loopback, content: bytes, encoding: str):
    api.fault(zipped(content, encoding))
    with pytest.raises(httpx.DecodingError):
        read(f"{api.url}/x")


# Time


@pytest.mark.parametrize("fault", ["drip", "interim", "trickle"])
def test_one_deadline_holds_for_all_of_an_answer(api: Loopback, fault: str):
    api.fault(fault)
    with open_client() as client, pytest.raises(httpx.TimeoutException), within(0.3):
        list(unpack(client.send(client.build_request("GET", f"{api.url}/x"), stream=True)))


# Addresses


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254"])
def test_private_addresses_are_not_downloaded_from(tmp_path: Path, host: str):
    [saved] = download(run_with(f"http://{host}:9/a.png"), tmp_path, retry_policy=ONCE)
    name = host.strip("[]")
    assert saved.problem == f"{name} is not a public address; --allow-private permits it"


def test_a_redirect_leads_into_no_private_network(api: Loopback):
    """The first address counts as public here; only the second is looked at."""
    api.fault(redirect("http://127.0.0.2:9/secret"), times=1)
    with open_client() as reached:
        answer = reached.send(reached.build_request("GET", f"{api.url}/a"))
    with open_client(public=True) as client, pytest.raises(ValueError, match=r"127\.0\.0\.2 is not a public"):
        client.send(answer.next_request)


def test_the_command_line_allows_private_addresses_where_asked(api: Loopback, tmp_path: Path):
    words = ["run", "Multi Language Adapts", "-i", "master_artwork=https://example.com/a.png", "--yes"]
    words += ["--wait", "--every", "0.01", "--download", str(tmp_path / "out")]
    refused = lamina(*words, env=environment(api))
    assert refused.exit_code == 2
    assert "127.0.0.1 is not a public address; --allow-private permits it" in refused.stderr
    assert lamina(*words, "--allow-private", env=environment(api)).exit_code == 0


# Proxies


@pytest.mark.parametrize(
    ("proxy", "kind"), [("socks5://127.0.0.1:9", "socks5"), ("what://127.0.0.1:9", "what")]
)
def test_a_proxy_of_a_kind_that_cannot_be_used_is_named(proxy: str, kind: str):
    result = lamina(
        "apps",
        env={"ALL_PROXY": proxy, "LAMINA_API_KEY": KEY, "LAMINA_BASE_URL": "https://lamina.example"},
    )
    assert result.exit_code == 2
    assert f"a proxy of the kind {kind} cannot be used" in result.stderr
    assert "fault of lamina-graph" not in result.stderr


# Webhooks


@pytest.fixture
def receiver(api: Loopback, tmp_path: Path) -> Iterator[WebhookServer]:
    with serve_webhooks(tmp_path, api.runs.keys) as receiver:
        yield receiver


BODY = json.dumps({"data": {"runId": "r", "status": "completed"}}).encode()


def open_delivery(receiver: WebhookServer, headers: dict[str, str], size: int) -> socket.socket:
    """Begin to deliver a body and send nothing of it."""
    place = urlsplit(receiver.url)
    connection = socket.create_connection((place.hostname, place.port), timeout=120)
    lines = [f"{name}: {value}" for name, value in {**headers, "Content-Length": str(size)}.items()]
    connection.sendall("\r\n".join(["POST / HTTP/1.1", "Host: x", *lines, "", ""]).encode())
    return connection


def status_of(connection: socket.socket) -> bytes:
    with connection:
        return connection.recv(4096).partition(b"\r\n")[0]


def test_who_shows_no_signature_need_not_send_a_body(receiver: WebhookServer):
    assert b"400" in status_of(open_delivery(receiver, {}, 20_000_000))


def answer_in_the_end(wanted: Callable[[bytes], bool], begin: Callable[[], socket.socket]) -> bool:
    """Begin deliveries until one is answered as wanted; those that are let in are given up."""
    for tenths in range(1, 50):
        with begin() as connection, suppress(TimeoutError):
            connection.settimeout(tenths / 10)  # nothing is ever said to one that is let in
            try:
                answer = connection.recv(4096)
            except ConnectionError:
                answer = b""
            return wanted(answer)
    return False


def test_bodies_that_are_not_checked_yet_have_a_bounded_room_together(api: Loopback, receiver: WebhookServer):
    headers = api.runs.signed(BODY, "r")
    with ExitStack() as waiting:
        for _ in range(3):
            waiting.enter_context(open_delivery(receiver, headers, 20_000_000))
        assert answer_in_the_end(
            lambda answer: b" 503 " in answer, lambda: open_delivery(receiver, headers, 20_000_000)
        )
        fits = open_delivery(receiver, headers, len(BODY))
        fits.sendall(BODY)
        assert b"200" in status_of(fits)


def test_connections_beyond_a_number_are_closed(api: Loopback, receiver: WebhookServer):
    headers = api.runs.signed(BODY, "r")
    with ExitStack() as waiting:
        for _ in range(16):
            waiting.enter_context(open_delivery(receiver, headers, 10))
        assert answer_in_the_end(lambda answer: not answer, lambda: open_delivery(receiver, headers, 10))


def test_a_sender_that_drips_is_cut_at_a_deadline(receiver: WebhookServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(webhook_server, "_SECONDS", 0.3)
    place = urlsplit(receiver.url)
    with socket.create_connection((place.hostname, place.port), timeout=120) as connection:
        connection.settimeout(0.02)
        sent = 0
        with suppress(ConnectionError):
            while sent < 6000:  # two minutes
                with suppress(TimeoutError):
                    if not connection.recv(10):
                        break
                connection.sendall(b"X")
                sent += 1
        assert sent < 500
