"""Messages to other programs over HTTP: signed, tried again, and only over a line that nobody else reads."""

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import urlsplit

from lamina_graph.bounded_http import ENCODINGS, TRANSIENT_STATUSES, open_client, unpack, within
from lamina_graph.errors import DeliveryError, InputError
from lamina_graph.settings import is_loopback

TIMEOUT = 20.0
_LONGEST_ANSWER = 120.0
_MOST_BYTES = 2**26
_MOST_WAIT = 60.0


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    attempts: int = 4,
    first_wait: float = 1.0,
) -> bytes:
    """Send a message and return the body of its answer, which is a success; no redirection is followed.

    What may pass (no answer, 429, 5xx) is tried again, after as long as the answer asks for.

    Args:
        method: of HTTP.
        url: where to.
        headers: of the message.
        body: of the message.
        attempts: how often it is sent before it counts as not taken.
        first_wait: seconds before the second attempt; doubled each time after.

    Raises:
        InputError: the address is neither https nor on this machine.
        DeliveryError: there was no answer, or one that refuses.
    """
    from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

    host = check_address(url)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, _TransientError) else None
        usual = first_wait * 2 ** (state.attempt_number - 1)
        return min(_MOST_WAIT, usual if asked is None else asked)

    retrying = Retrying(
        retry=retry_if_exception_type(_TransientError),
        stop=stop_after_attempt(attempts),
        wait=wait,
        reraise=True,
    )
    return retrying(_exchange, host, method, url, headers, body)


def _exchange(
    host: str, method: str, url: str, headers: Mapping[str, str] | None, body: bytes | None
) -> bytes:
    """Return the body of an answer that is a success; raise what refuses, or what may pass."""
    import httpx

    sent = {"accept-encoding": ENCODINGS, **(headers or {})}
    try:
        with (
            open_client(timeout=TIMEOUT) as client,
            within(_LONGEST_ANSWER),
            client.stream(method, url, headers=sent, content=body, follow_redirects=False) as answer,
        ):
            content = bytearray()
            for part in unpack(answer):
                content += part
                if len(content) > _MOST_BYTES:
                    raise httpx.ReadError(f"longer than {_MOST_BYTES:,} bytes")
    except httpx.HTTPError as error:
        raise _TransientError(host, f"no answer: {type(error).__name__}") from error
    if answer.is_success:
        return bytes(content)
    problem = f"answered {answer.status_code} {answer.reason_phrase}".rstrip()
    if answer.status_code not in TRANSIENT_STATUSES:
        raise DeliveryError(host, problem, answer.status_code)
    transient = _TransientError(host, problem, answer.status_code)
    asked = answer.headers.get("retry-after", "")
    transient.wait = float(asked) if asked.isdecimal() else None
    raise transient


class _TransientError(DeliveryError):
    """What may be gone a little later; `wait` is how many seconds the answer asks for."""

    wait: float | None = None


def check_address(url: str) -> str:
    """Return the host of an address that messages may go to.

    Raises:
        InputError: it is neither https nor on this machine, or carries a password.

    >>> check_address("https://example.org/hook?a=b")
    'example.org'
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or parts.scheme not in ("http", "https"):
        raise InputError(
            f"{url.partition('?')[0]!r} is not an address", "Give one such as https://example.org/hook."
        )
    if parts.username or parts.password:
        raise InputError(
            f"the address of {host} contains a password, which logs would show",
            "Leave it out; the receiver checks the signature.",
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise InputError(f"messages to {host} would not be encrypted", "Use an https address.")
    return host


def post_signed(
    url: str, body: bytes, secret: str, now: datetime | None = None, *, first_wait: float = 1.0
) -> None:
    """Post JSON to an address, signed so that the receiver knows who sent it and that nothing was changed.

    The headers are those of Standard Webhooks (https://www.standardwebhooks.com): `webhook-id`, which is the
    same for the same message however often it is sent, `webhook-timestamp` and `webhook-signature`.

    Raises:
        InputError: the address or the secret cannot be used.
        DeliveryError: the message was not taken.
    """
    if not secret.strip():
        raise InputError(
            "there is no secret to sign with", "Set LAMINA_GRAPH_POST_SECRET to one that the receiver knows."
        )
    id_ = f"msg_{sha256(body).hexdigest()[:32]}"
    moment = str(int((now or datetime.now(UTC)).timestamp()))
    headers = {
        "content-type": "application/json",
        "user-agent": "lamina-graph",
        "webhook-id": id_,
        "webhook-timestamp": moment,
        "webhook-signature": sign(secret, id_, moment, body),
    }
    send("POST", url, headers=headers, body=body, first_wait=first_wait)


def sign(secret: str, id_: str, moment: str, body: bytes) -> str:
    """Return the signature of a message, as Standard Webhooks has it: HMAC-SHA256 in Base64.

    Args:
        secret: as it is, or its bytes in Base64 after `whsec_`.
        id_: of the message.
        moment: in seconds since 1970.
        body: of the message.

    Raises:
        InputError: what stands after `whsec_` is no Base64.

    >>> sign("secret", "msg_1", "1700000000", b"{}")
    'v1,A5oIrJxXPB/PkULSoVu0e4khvPiqpF9vljmhkSKg0FI='
    """
    key = secret.strip().encode()
    if key.startswith(b"whsec_"):
        try:
            key = base64.b64decode(key.removeprefix(b"whsec_"), validate=True)
        except ValueError as error:
            raise InputError("the secret is not Base64 after `whsec_`", "Copy it again.") from error
    signed = f"{id_}.{moment}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()}"
