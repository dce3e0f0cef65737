"""Requests sent and answered: with the key, at the pace allowed, again where that may help.

The only module that knows httpx. The key is taken from the settings when a request is sent, goes to the
configured host and nowhere else, and stands in no text that leaves this module.
"""

import json
import logging
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from io import BytesIO
from math import inf
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

from lamina_graph.bounded_http import ENCODINGS, open_client, unpack, within
from lamina_graph.client.error_words import (
    NO_ANSWER,
    PASSING,
    REFUSALS,
    SUCCESSES,
    UNSENT,
    describe_problem,
    retry_after,
)
from lamina_graph.client.exchange import Request, Response
from lamina_graph.client.retry_policy import LONG_PAUSE, OnPause, RateLimiter, RetryPolicy
from lamina_graph.errors import (
    ApiError,
    CredentialsError,
    InputError,
    InvalidResponseError,
    RequestError,
    ServerError,
    TransportError,
)
from lamina_graph.login import Renewal, Tokens, renew
from lamina_graph.server_sent_events import ServerSentEvent, parse_events
from lamina_graph.settings import Settings
from lamina_graph.text import escape_controls

if TYPE_CHECKING:
    import httpx
    from pydantic import SecretStr
    from tenacity import RetryCallState

_LOG = logging.getLogger("lamina_graph.client")
T = TypeVar("T")


class Transport:
    """Sends requests, and renews the login that they are sent with; the arguments are those of `Client`."""

    def __init__(
        self,
        settings: Settings | None,
        http: "httpx.Client | None",
        retry_policy: RetryPolicy | None,
        rate_limiter: RateLimiter | None,
        on_pause: OnPause | None,
    ) -> None:
        self._given_settings = settings
        self._opened, self._closes, self._opening = http, http is None, threading.Lock()
        self._retry_policy, self._rate_limiter = retry_policy or RetryPolicy(), rate_limiter
        self._on_pause = on_pause
        self._renewing, self._renewal_pauses_until = threading.Lock(), -inf

    def close(self) -> None:
        """Close the connections that were opened here."""
        if self._closes and self._opened is not None:
            self._opened.close()

    @property
    def settings(self) -> Settings:
        """Credentials and address: those given, else those of the environment."""
        if self._given_settings is None:
            self._given_settings = Settings.read()
        return self._given_settings

    @property
    def _http(self) -> "httpx.Client":
        with self._opening:
            if self._opened is None:
                # A proxy would see the key in plain HTTP, which only ever goes to this machine anyway.
                encrypted = self.settings.base_url.lower().startswith("https:")
                self._opened = open_client(trust_env=encrypted)
            return self._opened

    def read(self, request: Request, kind: type[T]) -> T:
        """Return what the API answers to a read, as a value."""
        return self.send_with_retries(request).value(kind)

    def send_with_retries(self, request: Request) -> Response:
        """Return the answer to a request that may be made again."""
        from tenacity import Retrying, retry_if_exception, stop_after_attempt

        longest = self._retry_policy.longest_wait
        tries = Retrying(
            retry=retry_if_exception(
                lambda error: (
                    isinstance(error, ApiError) and error.retryable and (error.retry_after or 0) <= longest
                )
            ),
            stop=stop_after_attempt(self._retry_policy.attempts),
            wait=self._pause,
            before_sleep=self._report_pause,
            reraise=True,
        )
        try:
            return tries(self.send, request)
        except ApiError as error:
            error.attempts = tries.statistics["attempt_number"]
            raise

    def _report_pause(self, state: "RetryCallState") -> None:
        error = state.outcome.exception() if state.outcome else None
        seconds = state.next_action.sleep if state.next_action else 0
        if self._on_pause and seconds >= LONG_PAUSE and isinstance(error, ApiError):
            answer = " ".join(str(part) for part in (error.status, error.code) if part) or error.problem
            attempts = f"attempt {state.attempt_number} of {self._retry_policy.attempts}"
            self._on_pause(seconds, f"{error.endpoint}: {answer} ({attempts})")

    def _pause(self, state: "RetryCallState") -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, ApiError) else None
        usual = min(
            self._retry_policy.first_wait * 2 ** (state.attempt_number - 1), self._retry_policy.longest_wait
        )
        return (usual if asked is None else asked) + random.uniform(0, self._retry_policy.jitter)

    def send(self, request: Request) -> Response:
        """Return the answer to a request that is made once; one with a login that is over, once more."""
        response = self._follow_redirects(request)
        if response.status == HTTPStatus.UNAUTHORIZED and self._renew(rejected=response.key):
            response = self._follow_redirects(request)
        if response.status not in SUCCESSES:
            raise self._error_from(response)
        return response

    def _follow_redirects(self, request: Request) -> Response:
        url = self.settings.base_url.rstrip("/") + request.target
        for _ in range(_HOPS):
            response = self._send_paced(request, url)
            if response.status not in _REDIRECTS:
                return response
            url = self._redirect_target(request, url, response.headers.get("location", ""))
        raise request.fails(InvalidResponseError, f"redirected {_HOPS} times")

    def _redirect_target(self, request: Request, url: str, location: str) -> str:
        """Return where a redirect leads: a path on the host that was asked, for the key goes to no other."""
        try:
            target = urlsplit(urljoin(url, location))
            stays = location and request.method == "GET" and _origin(target) == _origin(urlsplit(url))
        except ValueError:
            stays = False
        if not stays:
            place = self._sanitized(location) or "nowhere"
            raise request.fails(InvalidResponseError, f"redirected to {place}, to which the key is not sent")
        return urlsplit(url)._replace(path=target.path, query=target.query).geturl()

    def _send_paced(self, request: Request, url: str) -> Response:
        if self._rate_limiter is None:
            return self._send(request, url)
        self._rate_limiter.start()
        response = None
        try:
            response = self._send(request, url)
            return response
        finally:
            self._rate_limiter.finish(response and response.status, response.headers if response else {})

    def _send(self, request: Request, url: str) -> Response:
        import httpx

        begun, outcome, longest = time.monotonic(), "no answer", self._retry_policy.answer
        try:
            with (
                within(longest),
                self._opened_response(request, url, self._retry_policy.read, longest) as (http_response, key),
            ):
                outcome = str(http_response.status_code)
                body = self._body(http_response, request)
                return Response(request, http_response.status_code, http_response.headers, body, key)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            failure = self._transport_error(error, request)
            if time.monotonic() - begun >= longest:
                failure = _too_late(request, longest)
        finally:  # the path alone: a query may hold the address of a webhook
            seconds = time.monotonic() - begun
            _LOG.info("%s %s: %s in %.2f s", request.method, urlsplit(url).path, outcome, seconds)
        # Out here it does not carry the frames of httpx, whose variables hold the headers, and so the key.
        raise failure

    def stream(self, request: Request, until: float = inf) -> Iterator[ServerSentEvent]:
        """Yield the events that the API sends, until it ends the stream or the time is up.

        Args:
            request: asks for the events.
            until: when the time is up, by `time.monotonic`.

        Raises:
            InvalidResponseError: the API sends something else than events.
            TransportError: the stream broke.
        """
        import httpx

        if self._rate_limiter:
            self._rate_limiter.start()
            self._rate_limiter.finish(None, {})
        url = self.settings.base_url.rstrip("/") + request.target
        left = max(0.01, until - time.monotonic())
        silence, begins = min(_LONGEST_SILENCE, left), min(self._retry_policy.answer, left)
        try:
            with self._opened_response(request, url, silence, begins) as (http_response, key):
                self._check_stream(request, http_response, key)
                for event in parse_events(unpack(http_response)):
                    yield event
                    if time.monotonic() >= until:
                        break
                return
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            failure = self._transport_error(error, request)
        raise failure

    def _check_stream(
        self, request: Request, http_response: "httpx.Response", key: "SecretStr | None"
    ) -> None:
        """Raise the error that an answer is, if it is no stream of events."""
        status, headers = http_response.status_code, http_response.headers
        if status not in SUCCESSES:
            raise self._error_from(
                Response(request, status, headers, self._body(http_response, request), key)
            )
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != _EVENT_STREAM:
            problem = f"expected events, found {self._sanitized(kind) or 'no kind of text'}"
            raise request.fails(InvalidResponseError, problem, status=status)

    @contextmanager
    def _opened_response(
        self, request: Request, url: str, silence: float, begins: float
    ) -> "Iterator[tuple[httpx.Response, SecretStr | None]]":
        """Give an answer whose body is still to be read, and the key that was sent.

        Args:
            request: what is asked.
            url: where.
            silence: for how many seconds nothing may come.
            begins: within how many seconds the body must begin.
        """
        import httpx

        key = self._usable_key() if request.takes_key else None
        http_request = self._http.build_request(
            request.method,
            url,
            headers=self._headers(key, request),
            content=request.content,
            timeout=httpx.Timeout(silence, connect=self._retry_policy.connect),
        )
        with within(begins):
            http_response = self._http.send(http_request, stream=True, follow_redirects=False)
        with closing(http_response):
            yield http_response, key

    def _usable_key(self) -> "SecretStr":
        if self.settings.needs_renewal():
            self._renew()
        return self.settings.usable_key()

    def _renew(self, rejected: "SecretStr | None" = None) -> bool:
        """Renew the login where it is about to end, or where its key was rejected; return whether it was.

        A renewal that fails while the login has not ended yet is tried again a little later.
        """
        with self._renewing:
            settings = self.settings
            if rejected and rejected != settings.key:
                return True  # another thread has renewed it meanwhile
            if not settings.is_renewable or not (rejected or settings.needs_renewal()):
                return False
            over = rejected or settings.is_expired()
            if not over and time.monotonic() < self._renewal_pauses_until:
                return False
            try:
                self._given_settings = renew(settings, self._request_tokens)
            except (ApiError, InputError):
                if over:
                    raise
                self._renewal_pauses_until = time.monotonic() + _RENEWAL_PAUSE
                return False
            return self.settings.key != settings.key

    def _request_tokens(self, renewal: Renewal) -> Tokens:
        """Return a new pair of tokens; asked for once, since a second request could find the old one used."""
        request = Request("POST", _TOKEN_PATH, content=json.dumps(renewal).encode(), takes_key=False)
        response = self._send(request, self.settings.token_url)
        if response.status in SUCCESSES:
            return response.checked(response.parsed(), Tokens)
        error = self._error_from(response)
        if response.status not in _TOKEN_REFUSALS:
            raise error
        place, problem = self.settings.login_path, f"{response.status} {error.problem}".strip()
        raise request.fails(
            CredentialsError,
            f"the login saved in {place} has ended and could not be renewed: {problem}",
            hint="Run `lamina login` again, or set LAMINA_API_KEY, which does not expire.",
        )

    def _headers(self, key: "SecretStr | None", request: Request) -> dict[str, str]:
        workspace = self.settings.workspace_id if key else None
        return {
            **({"x-api-key": key.get_secret_value()} if key else {}),
            "accept": "application/json" if request.last_event_id is None else _EVENT_STREAM,
            **({"last-event-id": request.last_event_id} if request.last_event_id else {}),
            "accept-encoding": ENCODINGS,
            "user-agent": "lamina-graph",
            **({"x-workspace-id": workspace} if workspace else {}),
            **({"content-type": "application/json"} if request.content else {}),
        }

    def _body(self, http_response: "httpx.Response", request: Request) -> bytes:
        most, seconds = self._retry_policy.largest_answer, self._retry_policy.answer
        body = BytesIO()  # which gives what it holds without a copy
        with within(seconds):
            for part in unpack(http_response):
                body.write(part)
                if body.tell() > most:
                    raise request.fails(InvalidResponseError, f"longer than {most:,} bytes")
        return body.getvalue()

    def _transport_error(self, error: Exception, request: Request) -> ApiError:
        kind = type(error).__name__
        problem, retryable = NO_ANSWER.get(kind, (kind, False))
        problem = problem.replace("{address}", self.settings.address)
        reason = self._sanitized(re.sub(r"\[Errno -?\d+\] ", "", str(error)))
        failure = request.fails(
            TransportError, f"{problem}: {reason}" if reason else problem, retryable=retryable
        )
        failure.sent = kind not in UNSENT
        return failure

    def _error_from(self, response: Response) -> ApiError:
        request, envelope = response.request, response.envelope()
        known = REFUSALS.get(response.status)
        kind = known or (ServerError if response.status >= 500 else RequestError)
        flag = envelope.get("retryable")
        return request.fails(
            kind,
            self._sanitized(describe_problem(envelope, response)),
            status=response.status,
            code=self._sanitized(str(envelope.get("code") or "")),
            request_id=self._sanitized(str(envelope.get("requestId") or "")),
            retryable=flag if isinstance(flag, bool) else response.status in PASSING,
            retry_after=retry_after(response.headers, envelope),
            hint=request.hints.get(response.status, ""),
        )

    def _sanitized(self, text: str) -> str:
        """Return what another program said as one plain, short line in which no key or token stands."""
        for secret in (self.settings.key, self.settings.refresh_token):
            if secret and secret.get_secret_value():
                text = text.replace(secret.get_secret_value(), "***")
        line = escape_controls(" ".join(text.split()))
        return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


_TOKEN_PATH = "/cli/oauth/token"
_TOKEN_REFUSALS = {400, 401, 403}
"""Statuses by which a server says that a login cannot be renewed, now or later."""

_RENEWAL_PAUSE = 10.0
"""Seconds until a renewal that failed is tried again, while the login has not ended."""

_EVENT_STREAM = "text/event-stream"
_LONGEST_SILENCE = 45.0
"""Seconds after which a stream of events counts as broken: the API sends a ping about every 15."""

_HOPS = 5
_LONGEST_LINE = 300
_REDIRECTS = {301, 302, 303, 307, 308}


def _too_late(request: Request, seconds: float) -> ApiError:
    return request.fails(TransportError, f"not complete after {seconds:g} s", retryable=True)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
