"""What an answer that is no success says, in words, and when the request may be made again."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from lamina_graph.client.exchange import Response
from lamina_graph.errors import ApiError, CredentialsError, NotFoundError, RateLimitError

_REASONS = {status.value: status.phrase for status in HTTPStatus}
PASSING = {429, 500, 502, 503, 504}
"""Statuses that may be gone at the next attempt: those the API documents, and those of a proxy before it."""

REFUSALS: dict[int, type[ApiError]] = {
    401: CredentialsError,
    403: CredentialsError,
    404: NotFoundError,
    429: RateLimitError,
}

NO_ANSWER = {
    "ConnectTimeout": ("no connection to {address} in time", True),
    "ReadTimeout": ("no answer in time", True),
    "WriteTimeout": ("the request could not be sent in time", True),
    "PoolTimeout": ("no free connection in time", True),
    "ReadError": ("the connection broke", True),
    "WriteError": ("the connection broke", True),
    "RemoteProtocolError": ("the answer broke off, or is not HTTP", True),
    "ConnectError": ("no connection to {address}", False),
    "DecodingError": ("the answer cannot be unpacked", False),
}
"""For each way in which httpx fails: what to call it, and whether a read may be tried again."""

UNSENT = {"ConnectTimeout", "ConnectError", "PoolTimeout", "InvalidURL", "LocalProtocolError"}
"""Ways in which it fails before anything is sent."""

SUCCESSES = {200, 201, 202}


def describe_problem(envelope: Mapping[str, Any], response: Response) -> str:
    """Return what a refusal says: the envelope's text and details, else its own."""
    error = envelope.get("error") or envelope.get("message")
    if isinstance(error, Mapping):
        error = error.get("message") or error
    if error:
        parts = (part for part in (error, _describe_details(envelope.get("details"))) if part)
        return ": ".join(part if isinstance(part, str) else json.dumps(part) for part in parts)
    if response.form() == "an HTML page":
        return "an HTML page in place of an answer"
    return response.body[:4000].decode("utf-8", "replace").strip() or _REASONS.get(response.status, "no text")


def _describe_details(details: Any) -> Any:
    """Return what an error says of single inputs in words, where it names them by the codes of the API."""
    rows = details if isinstance(details, list) else [details]
    if isinstance(details, Mapping) and details and all(code in _CODES for code in details.values()):
        rows = [{"input": name, "code": code} for name, code in details.items()]
    sentences = [_describe_input(row) for row in rows]
    return "; ".join(filter(None, sentences)) if all(sentences) else details


def _describe_input(row: Any) -> str:
    """Return what is wrong with one input; empty where the row is of another form."""
    if not isinstance(row, Mapping):
        return ""
    code = next((row[key] for key in ("code", "error", "reason", "type") if row.get(key) in _CODES), None)
    name = next((row[key] for key in _INPUT_NAMES if isinstance(row.get(key), str)), None)
    if code is None or name is None:
        return ""
    allowed = next((row[key] for key in ("options", "allowed", "expected", "accept") if row.get(key)), None)
    values = allowed if isinstance(allowed, list) else [allowed] if allowed else []
    more = f" (expected {', '.join(map(str, values))})" if values else ""
    return _INPUT_PROBLEMS[code].format(name) + more


_INPUT_PROBLEMS = {
    "unknown_parameter": "the app has no input {}",
    "missing_no_default": "input {} is missing, and has no default",
    "invalid_option": "input {} has a value that is none of its options",
    "invalid_type": "input {} has a value of the wrong type",
    "invalid_media": "input {} has a file of a kind that it does not take",
}
"""What each code of the API says of an input."""

_CODES = tuple(_INPUT_PROBLEMS)
_INPUT_NAMES = ("input", "parameter", "name", "key", "field", "path", "id")


def retry_after(headers: Mapping[str, str], envelope: Mapping[str, Any] | None = None) -> float | None:
    """Return how many seconds a server wants to be left alone; None where it does not say so.

    Args:
        headers: of the answer, their names in lower case. `Retry-After` has seconds or a date (RFC 9110,
            10.2.3); a date is counted from the server's own.
        envelope: of the error, whose `retryAfter` counts where there is no header.

    >>> retry_after({"retry-after": "Mon, 09 Mar 2026 12:00:30 GMT", "date": "Mon, 09 Mar 2026 12:00:00 GMT"})
    30.0
    """
    given = headers.get("retry-after", "") or str((envelope or {}).get("retryAfter") or "")
    if re.fullmatch(r"\d{1,9}(\.\d+)?", given.strip()):
        return float(given)
    now = _moment(headers.get("date", "")) or datetime.now(UTC)
    then = _moment(given)
    return max(0.0, (then - now).total_seconds()) if then else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
