"""A webhook is taken for Lamina's only where signature, age and run say so."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from lifecycle import Runs

import lamina_graph as lg
from lamina_graph.errors import InputError, WebhookError
from lamina_graph.webhook import MAX_AGE, public_keys

NOW = 1_780_000_000
RUN = "5b0e3b0c-0000-4000-8000-000000000001"
OUTPUT = {"id": "n", "label": "Clip", "type": "video", "value": "https://x.example/1", "status": "completed"}
BODY = json.dumps({"data": {"runId": RUN, "status": "completed", "outputs": [OUTPUT]}}).encode()
LAMINA = Runs()


def headers(body: bytes = BODY, run_id: str = RUN, at: float = NOW, **changed: str) -> dict[str, str]:
    return LAMINA.signed(body, run_id, at) | {f"X-Lamina-Webhook-{k}": v for k, v in changed.items()}


def reason(body: bytes = BODY, given: dict[str, str] | None = None, now: float = NOW) -> str:
    with pytest.raises(WebhookError) as caught:
        lg.verify_webhook(body, headers() if given is None else given, LAMINA.keys, now=now)
    assert str(caught.value).startswith(f"{caught.value.reason}: ")
    return caught.value.reason


def test_a_delivery_of_lamina_gives_its_run():
    run = lg.verify_webhook(BODY, headers(), LAMINA.keys, now=NOW)
    assert (run.run_id, run.status, run.outputs[0].label, run.succeeded) == (RUN, "completed", "Clip", True)


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_names_of_headers_may_be_in_any_case(change: Callable[[str], str]):
    given = {change(name): value for name, value in headers().items()}
    assert lg.verify_webhook(BODY, given, LAMINA.keys, now=NOW).run_id == RUN


def test_keys_are_taken_as_the_api_and_the_client_give_them():
    for keys in (LAMINA.keys, LAMINA.keys["keys"], tuple(LAMINA.keys["keys"]), LAMINA.keys["keys"][1:]):
        assert lg.verify_webhook(BODY, headers(), keys, now=NOW).run_id == RUN


@pytest.mark.parametrize("age", [0, MAX_AGE, -MAX_AGE])
def test_a_delivery_is_accepted_for_five_minutes(age: float):
    assert lg.verify_webhook(BODY, headers(at=NOW - age), LAMINA.keys, now=NOW).run_id == RUN


def other_key(body: bytes) -> str:
    return Ed25519PrivateKey.generate().sign(f"{NOW}.".encode() + body).hex()


OTHER_RUN = json.dumps({"data": {"runId": "other", "status": "completed"}}).encode()

REFUSED: dict[str, tuple[str, bytes, dict[str, str], float]] = {
    "no headers": ("headers", BODY, {}, NOW),
    "an empty signature": ("headers", BODY, headers(Signature=" "), NOW),
    "a time stamp in words": ("headers", BODY, headers(Timestamp="yesterday"), NOW),
    "a time stamp with a sign": ("headers", BODY, headers(Timestamp=f"+{NOW}"), NOW),
    "an old time stamp": ("age", BODY, headers(at=NOW - MAX_AGE - 1), NOW),
    "a time stamp of the future": ("age", BODY, headers(at=NOW + MAX_AGE + 1), NOW),
    "a replay, later": ("age", BODY, headers(), NOW + 3600),
    "a replay with a new time stamp": ("signature", BODY, headers(Timestamp=str(NOW + 3600)), NOW + 3600),
    "another key": ("signature", BODY, headers(Signature=other_key(BODY)), NOW),
    "a signature in other letters": ("signature", BODY, headers(Signature="z" * 128), NOW),
    "half a signature": (
        "signature",
        BODY,
        headers(Signature=headers()["X-Lamina-Webhook-Signature"][:64]),
        NOW,
    ),
    "a changed body": ("signature", BODY.replace(b"completed", b"failed"), headers(), NOW),
    "a body that was parsed and written again": (
        "signature",
        json.dumps(json.loads(BODY), indent=1).encode(),
        headers(),
        NOW,
    ),
    "another run's id": ("run", BODY, headers(run_id="other"), NOW),
    "another run's body": ("run", OTHER_RUN, headers(OTHER_RUN), NOW),
    "a body that is not JSON": ("body", b"<html>", headers(b"<html>"), NOW),
    "a body that is a list": ("body", b"[]", headers(b"[]"), NOW),
    "a body without a run": ("body", b'{"data": {}}', headers(b'{"data": {}}'), NOW),
}


@pytest.mark.parametrize("case", REFUSED)
def test_deliveries_of_others_are_refused_with_a_reason(case: str):
    expected, body, given, now = REFUSED[case]
    assert reason(body, given, now) == expected


@given(st.integers(0, 8 * len(BODY) - 1))
def test_no_bit_of_the_body_can_be_changed(bit: int):
    changed = bytearray(BODY)
    changed[bit // 8] ^= 1 << bit % 8
    assert reason(bytes(changed)) == "signature"


@given(st.binary(max_size=200), st.dictionaries(st.text(max_size=30), st.text(max_size=140), max_size=4))
def test_any_other_delivery_is_refused_without_a_crash(body: bytes, more: dict[str, str]):
    assert reason(body, headers() | {f"X-Lamina-Webhook-{name}": value for name, value in more.items()})


@pytest.mark.parametrize(
    "keys",
    [
        [],
        {},
        {"keys": []},
        [{"kty": "RSA", "n": "x"}],
        [{"kty": "OKP", "crv": "X25519", "x": "AAAA"}],
        [{"kty": "OKP", "crv": "Ed25519", "x": "!"}],
        [{"kty": "OKP", "crv": "Ed25519"}],
    ],
)
def test_without_a_usable_key_nothing_is_checked(keys: Any):
    with pytest.raises(InputError, match="no Ed25519 key"):
        lg.verify_webhook(BODY, headers(), keys, now=NOW)


def test_a_key_of_another_kind_is_passed_over():
    keys = [{"kty": "RSA", "n": "x"}, {"kty": "OKP", "crv": "Ed25519", "x": "AA"}, *LAMINA.keys["keys"]]
    assert lg.verify_webhook(BODY, headers(), keys, now=NOW).run_id == RUN


def test_the_default_time_is_the_system_clock():
    assert reason(given=headers(at=1_000_000_000), now=None) == "age"  # type: ignore[arg-type]


def test_without_cryptography_the_extra_is_named():
    script = """
import sys
sys.modules["cryptography"] = None
import lamina_graph as lg
try:
    key = {"kty": "OKP", "crv": "Ed25519", "x": ""}
    lg.verify_webhook(b"{}", {f"x-lamina-webhook-{n}": "0" * 128 for n in ("signature", "request-id")}
        | {"x-lamina-webhook-timestamp": "0"}, [key], now=0)
except lg.LaminaGraphError as error:
    print(error.hint)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "pip install 'cryptography" in done.stdout


@pytest.mark.parametrize(
    "keys",
    [
        (Path(__file__).parent / "cases" / "broken-input" / "fuzz-webhook-9066dc3c.bin").read_text(),
        {"keys": None},
        {"keys": "abc"},
        {"keys": [None, 1, "x", [], {}]},
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x} for x in (None, 5, "é", "AA", "\ud800")]},
        [],
        None,
        7,
    ],
)
def test_broken_keys_are_no_usable_key(keys: Any):
    with pytest.raises(InputError, match="no Ed25519 key"):
        public_keys(keys)
