"""Whether a webhook's delivery is what Lamina sent: signature, age, and which run it is of.

Signed are the bytes `TIMESTAMP.BODY` with Ed25519 (RFC 8032); the public keys come as JWK (RFC 8037). The
check needs the package `cryptography`, which the extra `webhooks` brings.
"""

import base64
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from lamina_graph.errors import InputError, WebhookError
from lamina_graph.files import parse
from lamina_graph.installation import install_hint
from lamina_graph.model import Run
from lamina_graph.validation_errors import error_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAX_AGE = 300.0
"""How old a delivery may be, in seconds, and how far ahead of this machine's clock."""

Keys = Mapping[str, Any] | Sequence[Mapping[str, Any]]


def verify_webhook(body: bytes, headers: Mapping[str, str], keys: Keys, now: float | None = None) -> Run:
    """Return the run that a webhook delivers, once it is seen to come from Lamina and to be fresh.

    A delivery may come more than once: Lamina tries again where it gets no answer, and within five minutes a
    stranger could send a copy. What must happen once has to look at `run_id`.

    Args:
        body: the bytes as they came in, before any parsing.
        headers: of the request, in any letter case.
        keys: what `GET /v1/webhooks/signing-key` answers, or `Client.signing_keys()`; any may match.
        now: the time in seconds since 1970; by default this machine's.

    Raises:
        WebhookError: it is not; its `reason` is `headers`, `age`, `signature`, `body` or `run`.
        InputError: `cryptography` is not installed, or no key can be used.

    >>> try:
    ...     verify_webhook(b"{}", {}, [])
    ... except WebhookError as error:
    ...     print(error)
    headers: there is no x-lamina-webhook-timestamp
    """
    stamp, signature, request_id = check_headers(headers, now)
    _check_signature(stamp, signature, body, keys)
    run = _run(body)
    if run.run_id != request_id:
        raise WebhookError("run", "the header names another run than the body")
    return run


def check_headers(headers: Mapping[str, str], now: float | None = None) -> tuple[str, str, str]:
    """Return the time, the signature and the run's id in headers; whoever has none need not send a body.

    Args:
        headers: of the request, in any letter case.
        now: the time in seconds since 1970; by default this machine's.

    Raises:
        WebhookError: one is missing or of another form, or the time is long ago.

    >>> try:
    ...     check_headers({})
    ... except WebhookError as error:
    ...     print(error)
    headers: there is no x-lamina-webhook-timestamp
    """
    given = {name.lower(): value for name, value in headers.items()}
    stamp, signature, request_id = (_header(given, name) for name in ("timestamp", "signature", "request-id"))
    _check_age(stamp, time.time() if now is None else now)
    if not re.fullmatch(r"[0-9A-Fa-f]{128}", signature):
        raise WebhookError("signature", "the signature is not an Ed25519 signature in hexadecimal")
    return stamp, signature, request_id


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(f"x-lamina-webhook-{name}", "").strip()
    if not value:
        raise WebhookError("headers", f"there is no x-lamina-webhook-{name}")
    return value


def _check_age(stamp: str, now: float) -> None:
    if not re.fullmatch(r"[0-9]{1,12}", stamp):
        raise WebhookError("headers", "the timestamp is not a number of seconds")
    age = now - int(stamp)
    if abs(age) > MAX_AGE:
        when = f"{age:.0f} s old" if age > 0 else f"{-age:.0f} s ahead of this machine's clock"
        raise WebhookError("age", f"the delivery is {when}; the limit is {MAX_AGE:.0f} s")


def _check_signature(stamp: str, signature: str, body: bytes, keys: Keys) -> None:
    usable = public_keys(keys)
    from cryptography.exceptions import InvalidSignature

    for key in usable:
        with suppress(InvalidSignature):
            key.verify(bytes.fromhex(signature), stamp.encode() + b"." + body)
            return
    raise WebhookError("signature", "the signature matches none of the keys, or the body was changed")


def public_keys(keys: Keys) -> "Sequence[Ed25519PublicKey]":
    """Return the keys that can be used.

    Raises:
        InputError: none can, or `cryptography` is not installed.
    """
    given: Any = keys
    for field in ("data", "keys"):  # the API's envelope, and what it holds
        given = given[field] if isinstance(given, Mapping) and field in given else given
    rows = given if isinstance(given, Sequence) else ()
    usable = [usable for key in rows if isinstance(key, Mapping) and (usable := _public_key(key))]
    if not usable:
        raise InputError(
            "there is no Ed25519 key to check the webhook with",
            "Take the keys from GET /v1/webhooks/signing-key, or `Client.signing_keys()`.",
        )
    return usable


def _public_key(key: Mapping[str, Any]) -> "Ed25519PublicKey | None":
    kind: type[Ed25519PublicKey] = _ed25519().Ed25519PublicKey
    if key.get("kty") != "OKP" or key.get("crv") != "Ed25519":
        return None
    try:
        text = str(key.get("x", ""))
        return kind.from_public_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return None


def _ed25519() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise InputError(
            "checking a webhook needs the package cryptography",
            install_hint("webhooks"),
        ) from error
    return ed25519


def _run(body: bytes) -> Run:
    try:
        answer = parse(body)
    except ValueError as error:
        raise WebhookError("body", "the body is not JSON") from error
    data = answer.get("data", answer) if isinstance(answer, dict) else answer
    try:
        return Run.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise WebhookError("body", error_text(error, "data")) from error
