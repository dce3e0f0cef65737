"""The Lamina API, answer by answer as values of `model`; the only room that knows httpx.

The key is taken from the settings when a request is sent, goes to the configured host and nowhere else, and
stands in no text that leaves this room.
"""

import json
import logging
import random
import re
import shlex
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from math import inf
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, Self, TypeVar
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit

from pydantic import TypeAdapter, ValidationError

from lamina_graph.app_structure import known_workflow
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
    UnknownOutcomeError,
)
from lamina_graph.files import parse
from lamina_graph.login import Renewal, Tokens, renew
from lamina_graph.model import (
    App,
    AppSummary,
    Discovery,
    Estimate,
    ModelSummary,
    Run,
    SigningKeys,
    Workflow,
)
from lamina_graph.server_sent_events import parse_events
from lamina_graph.settings import Settings
from lamina_graph.text import escape_controls
from lamina_graph.validation_errors import error_text

if TYPE_CHECKING:
    import httpx
    from pydantic import SecretStr
    from tenacity import RetryCallState

_LOG = logging.getLogger(__name__)
T = TypeVar("T")

LONGEST_ID = 200
"""Characters of an app id: the API's have 36, and a database cannot index any text."""

Part = Literal["workflow", "detail", "estimate"]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long a client waits, how often it tries, and how much it takes; times in seconds, sizes in bytes.

    Attributes:
        connect: for a connection.
        read: for the next part of an answer.
        answer: for a whole answer.
        attempts: how often a read is made before its failure counts.
        first_wait: before the second attempt; doubled each time after.
        longest_wait: between two attempts. Where the API asks for more, the read fails at once.
        jitter: the longest random wait on top, so that many clients do not come back together.
        largest_answer: what is longer is not read.
    """

    connect: float = 10
    read: float = 30
    answer: float = 120
    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 75
    jitter: float = 0.5
    largest_answer: int = 256 * 1024 * 1024


LONG_PAUSE = 2.0
"""Seconds from which on a wait is worth a word."""

OnPause = Callable[[float, str], object]
"""Takes how long a wait is, in seconds, and why there is one."""


class RateLimiter(Protocol):
    """Says when a request may be sent, and is told what came of it."""

    def start(self) -> None:
        """Return when the next request may be sent."""

    def finish(self, status: int | None, headers: Mapping[str, str]) -> None:
        """Take note of an answer; the status is None where none came."""


class FlawedRow(NamedTuple):
    """A row of the list of apps that is no app: its id where it has one, and what is wrong with it."""

    app_id: str | None
    problem: str


class AppRows(NamedTuple):
    """The rows of the list of apps, in the API's order: those that are apps, and those that are not.

    Attributes:
        rest: why the answer itself says that there are more; empty where it does not.
    """

    apps: list[AppSummary]
    flawed: list[FlawedRow]
    rest: str = ""


class AppStructure(NamedTuple):
    """What the API tells of the graph of an app, as JSON: the workflow, or its nodes alone.

    Attributes:
        workflow: the JSON of a workflow; where the API withholds it, `edges` is `"unknown"`.
        withheld: why the workflow itself is not given; empty where it is.
        detail, estimate: what the nodes were taken from, where they were.
    """

    workflow: Any
    withheld: str = ""
    detail: Any = None
    estimate: Any = None

    def read(self) -> Workflow:
        """Return the workflow as a value."""
        return Workflow.model_validate(self.workflow)


class RunEvent(NamedTuple):
    """Something that happened to a run: `progress`, `complete`, `error`, `timeout` or `ping`.

    Attributes:
        run: how the run stands, where the event tells.
    """

    name: str
    id: str
    run: Run | None = None


class Client:
    """Reads apps, workflows, estimates and runs from the Lamina API, and starts runs.

    Nothing is read or opened before the first request. Reads are tried again after time-outs, broken
    connections and answers that allow it (429, 500, 503); a start never is. Requests to an https address go
    by the proxy and with the certificates that the environment names, as is usual for httpx.

    Args:
        settings: credentials and address; those of the environment where not given.
        http: an httpx client to send requests with, where the usual one does not do; the caller closes it.
        retry_policy: time-outs, attempts and sizes.
        rate_limiter: when requests are sent; at once where not given.
        on_pause: called before a longer wait for another attempt, with its seconds and the reason.

    Raises (each method):
        CredentialsError, NotFoundError, RequestError, RateLimitError, ServerError: what the API answered.
        InvalidResponseError: it answered something that it does not document.
        TransportError: it did not answer.

    >>> Client(Settings(base_url="http://127.0.0.1:8000"))
    Client('http://127.0.0.1:8000')
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        http: "httpx.Client | None" = None,
        retry_policy: RetryPolicy | None = None,
        rate_limiter: RateLimiter | None = None,
        on_pause: OnPause | None = None,
    ) -> None:
        self._given_settings = settings
        self._opened, self._closes, self._opening = http, http is None, threading.Lock()
        self._retry_policy, self._rate_limiter = retry_policy or RetryPolicy(), rate_limiter
        self._on_pause = on_pause
        self._renewing, self._renewal_pauses_until = threading.Lock(), -inf

    def __repr__(self) -> str:
        return f"Client({self._settings.address!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that this client opened."""
        if self._closes and self._opened is not None:
            self._opened.close()

    def apps(self, search: str | None = None, limit: int | None = None) -> list[AppSummary]:
        """Return the apps that the key can see, in the API's order; rows that are no apps are left out.

        Args:
            search: only those that match this text.
            limit: at most so many; the API's own number where not given.
        """
        return self.app_rows(search, limit).apps

    def app_rows(self, search: str | None = None, limit: int | None = None) -> "AppRows":
        """Return the apps that the key can see, as `apps` does, and the rows that are no apps.

        Raises:
            InvalidResponseError: the answer is no list, or no row of it is an app.
        """
        request = _Request("GET", "/v1/apps", params={"search": search, "limit": limit})
        response = self._send_with_retries(request)
        rows = response.value(list[Any])
        page = AppRows([], [])
        for number, row in enumerate(rows, 1):
            try:
                app = AppSummary.model_validate(row, by_alias=True, by_name=False)
                problem = "" if _is_app_id(app.app_id) else f"{app.app_id[:40]!r} is not an app id"
            except ValidationError as error:
                problem = escape_controls(error_text(error))
            if problem:
                id_ = row.get("appId") if isinstance(row, Mapping) else None
                usable = id_ if isinstance(id_, str) and _is_app_id(id_) else None
                page.flawed.append(FlawedRow(usable, f"row {number} of the list of apps: {problem}"))
            else:
                page.apps.append(app)
        if page.flawed and not page.apps:
            raise request.fails(InvalidResponseError, page.flawed[0].problem, status=response.status)
        return page._replace(rest=_describe_rest(response.envelope(), len(rows)))

    def discover(
        self, intent: str, *, limit: int | None = None, max_credits: float | None = None
    ) -> Discovery:
        """Return the apps that may do what somebody wants, the best first; nothing is run.

        Args:
            intent: what is wanted, in plain words.
            limit: at most so many; the API's own number where not given.
            max_credits: only apps of which a run costs no more.
        """
        body: dict[str, Any] = {"intent": intent, **({"limit": limit} if limit else {})}
        if max_credits is not None:
            body["constraints"] = {"maxCredits": max_credits}
        request = _Request("POST", "/v1/apps/discover", content=json.dumps(body).encode())
        return self._read(request, Discovery)

    def models(self, medium: Literal["image", "video"]) -> list[ModelSummary]:
        """Return the models that make a medium and that nodes of this workspace may use."""
        return self._read(_Request("GET", f"/v1/models/{medium}"), list[ModelSummary])

    def app(self, app_id: str) -> App:
        """Return what callers of an app supply and get."""
        return self._read(_about(app_id), App)

    def workflow(self, app_id: str) -> Workflow:
        """Return the graph of an app."""
        return self._read(_about(app_id, "/workflow"), Workflow)

    def structure(
        self, app_id: str, *, capabilities: Mapping[str, Any] | None = None, alone: bool = True
    ) -> AppStructure:
        """Return the workflow of an app, or, where the API withholds it from an app that is there, its nodes.

        The nodes are those that the estimate prices and the outputs name.

        Args:
            app_id: the app.
            capabilities: what the listing says of the app, where it is at hand.
            alone: whether one app is asked for, so that its row of the listing may be looked for, and a run
                that says which nodes make its outputs.

        Raises:
            ApiError: neither the workflow nor any node of it can be had.
        """
        try:
            return AppStructure(self.raw(app_id, "workflow"))
        except ApiError as error:
            beside = self._structure_beside(app_id, capabilities, alone) if _withholds(error) else None
            if beside is None:
                raise
            status = " ".join(str(part) for part in (error.status, error.code) if part)
            why = f"the API does not give it ({status}): edges unknown, nodes taken from the estimate"
            return beside._replace(withheld=why)

    def _structure_beside(
        self, app_id: str, capabilities: Mapping[str, Any] | None, alone: bool
    ) -> AppStructure | None:
        """Return what is known of an app without its workflow; None where it is not there, or has no node."""
        parts: dict[Part, Any] = {"detail": None, "estimate": None}
        try:
            for part in parts:
                parts[part] = self.raw(app_id, part)
        except ApiError as error:
            if parts["detail"] is None or not _withholds(error):
                return None
        detail = App.model_validate(parts["detail"])
        estimate = Estimate.model_validate(parts["estimate"]) if parts["estimate"] is not None else None
        run = None
        with suppress(ApiError):
            rows = self.apps(search=detail.name) if alone and not capabilities else []
            capabilities = next((row.capabilities for row in rows if row.app_id == app_id), capabilities)
            run = next(iter(self.runs(app_id=app_id, limit=1)), None) if alone else None
        workflow = known_workflow(detail, estimate, capabilities, run)
        known = workflow and workflow.model_dump(mode="json", exclude_unset=True)
        return AppStructure(known, "", **parts) if known else None

    def estimate(self, app_id: str) -> Estimate:
        """Return what a run of an app is expected to cost; nothing is run."""
        return self._read(_about(app_id, "/estimate", "POST"), Estimate)

    def start(
        self,
        app_id: str,
        inputs: Mapping[str, Any],
        outputs: Sequence[str] = (),
        *,
        webhook: str | None = None,
    ) -> Run:
        """Start a run, which costs credits, and return it as it is queued; the request is made once.

        Args:
            app_id: the app to run.
            inputs: by the key of a parameter, else its name.
            outputs: the labels of the outputs that are wanted; all where none is given.
            webhook: where the API delivers the finished run.

        Raises:
            UnknownOutcomeError: no answer came that tells whether the run has started.
        """
        body = {"inputs": dict(inputs), **({"outputs": list(outputs)} if outputs else {})}
        request = replace(
            _about(app_id, "/runs", "POST"),
            params={"webhook": webhook or None},
            content=json.dumps(body).encode(),
        )
        since = datetime.now(UTC) - _SKEW
        try:
            return self._checked_response(request).value(Run)
        except ApiError as error:
            if _did_not_start(error):
                raise
            raise _unknown_outcome(error, request, since) from error

    def run(self, run_id: str) -> Run:
        """Return a run as it stands."""
        return self._read(_about_run(run_id), Run)

    def events(self, run_id: str, *, last_id: str = "", until: float = inf) -> Iterator["RunEvent"]:
        """Yield what happens to a run as the API sends it, until it ends the stream or the time is up.

        Args:
            run_id: the run.
            last_id: the id of the last event that came before the stream broke.
            until: when the time is up, by `time.monotonic`.

        Raises:
            InvalidResponseError: the API sends something else than events.
            TransportError: the stream broke.
        """
        request = replace(_about_run(run_id, "/stream"), last_event_id=last_id, accepts=_EVENT_STREAM)
        url = self._settings.base_url.rstrip("/") + request.target
        silence = min(_LONGEST_SILENCE, max(0.01, until - time.monotonic()))
        import httpx

        if self._rate_limiter:
            self._rate_limiter.start()
            self._rate_limiter.finish(None, {})
        try:
            with self._opened_response(request, url, silence) as (http_response, key):
                status, headers = http_response.status_code, http_response.headers
                if status not in _SUCCESSES:
                    body = self._body(http_response, request)
                    raise self._error_from(_Response(request, status, headers, body, key))
                kind = headers.get("content-type", "").partition(";")[0].strip().lower()
                if kind != _EVENT_STREAM:
                    problem = f"expected events, found {self._sanitized(kind) or 'no kind of text'}"
                    raise request.fails(InvalidResponseError, problem, status=status)
                for event in parse_events(http_response.iter_bytes()):
                    yield RunEvent(event.name, event.id, _run_in(event.data, run_id))
                    if time.monotonic() >= until:
                        break
                return
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            failure = self._transport_error(error, request)
        raise failure

    def cancel(self, run_id: str) -> Run:
        """Ask for the end of a run and return it as it then stands; to ask again changes nothing."""
        return self._read(_about_run(run_id, "/cancel", "POST"), Run)

    def runs(
        self,
        *,
        app_id: str | None = None,
        status: str | None = None,
        since: datetime | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> list[Run]:
        """Return the runs that the key can see, in the API's order.

        Args:
            app_id: only those of this app.
            status: only those that stand so: queued, running, completed or failed.
            since: only those from this moment on.
            limit: at most so many.
            offset: without so many at the start of the list.
        """
        moment = since and f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        given = {"appId": app_id, "status": status, "since": moment, "limit": limit, "offset": offset}
        return self._read(_Request("GET", "/v1/runs", params=given), list[Run])

    def signing_keys(self) -> tuple[dict[str, Any], ...]:
        """Return the public keys (JWK) one of which signs the API's webhooks."""
        response = self._send_with_retries(_Request("GET", "/v1/webhooks/signing-key"))
        envelope = response.envelope()
        return response.checked(envelope.get("data", envelope), SigningKeys).keys

    def raw(self, app_id: str, part: Part) -> Any:
        """Return a part of an app as the API gave it, once it is seen to be what the API documents."""
        what, method, kind = _PARTS[part]
        response = self._send_with_retries(_about(app_id, what, method))
        response.value(kind)
        return response.carried()

    @property
    def base_url(self) -> str:
        """The address that is asked."""
        return self._settings.base_url

    @property
    def _settings(self) -> Settings:
        if self._given_settings is None:
            self._given_settings = Settings.read()
        return self._given_settings

    @property
    def _http(self) -> "httpx.Client":
        import httpx

        with self._opening:
            if self._opened is None:
                # A proxy would see the key in plain HTTP, which only ever goes to this machine anyway.
                encrypted = self._settings.base_url.lower().startswith("https:")
                self._opened = httpx.Client(trust_env=encrypted)
            return self._opened

    def _read(self, request: "_Request", kind: type[T]) -> T:
        return self._send_with_retries(request).value(kind)

    def _send_with_retries(self, request: "_Request") -> "_Response":
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
            return tries(self._checked_response, request)
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

    def _checked_response(self, request: "_Request") -> "_Response":
        response = self._follow_redirects(request)
        if response.status == HTTPStatus.UNAUTHORIZED and self._renew(rejected=response.key):
            response = self._follow_redirects(request)
        if response.status not in _SUCCESSES:
            raise self._error_from(response)
        return response

    def _follow_redirects(self, request: "_Request") -> "_Response":
        url = self._settings.base_url.rstrip("/") + request.target
        for _ in range(_HOPS):
            response = self._send_paced(request, url)
            if response.status not in _REDIRECTS:
                return response
            url = self._redirect_target(request, url, response.headers.get("location", ""))
        raise request.fails(InvalidResponseError, f"redirected {_HOPS} times")

    def _redirect_target(self, request: "_Request", url: str, location: str) -> str:
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

    def _send_paced(self, request: "_Request", url: str) -> "_Response":
        if self._rate_limiter is None:
            return self._send(request, url)
        self._rate_limiter.start()
        response = None
        try:
            response = self._send(request, url)
            return response
        finally:
            self._rate_limiter.finish(response and response.status, response.headers if response else {})

    def _send(self, request: "_Request", url: str) -> "_Response":
        import httpx

        begun, outcome = time.monotonic(), "no answer"
        try:
            with self._opened_response(request, url, self._retry_policy.read) as (http_response, key):
                outcome = str(http_response.status_code)
                body = self._body(http_response, request)
                return _Response(request, http_response.status_code, http_response.headers, body, key)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            failure = self._transport_error(error, request)
        finally:  # the path alone: a query may hold the address of a webhook
            seconds = time.monotonic() - begun
            _LOG.info("%s %s: %s in %.2f s", request.method, urlsplit(url).path, outcome, seconds)
        # Out here it does not carry the frames of httpx, whose variables hold the headers, and so the key.
        raise failure

    @contextmanager
    def _opened_response(
        self, request: "_Request", url: str, read_timeout: float
    ) -> "Iterator[tuple[httpx.Response, SecretStr | None]]":
        """Give an answer whose body is still to be read, and the key that was sent."""
        import httpx

        key = self._usable_key() if request.takes_key else None
        http_request = self._http.build_request(
            request.method,
            url,
            headers=self._headers(key, request),
            content=request.content,
            timeout=httpx.Timeout(read_timeout, connect=self._retry_policy.connect),
        )
        with closing(self._http.send(http_request, stream=True, follow_redirects=False)) as http_response:
            yield http_response, key

    def _usable_key(self) -> "SecretStr":
        if self._settings.needs_renewal():
            self._renew()
        return self._settings.usable_key()

    def _renew(self, rejected: "SecretStr | None" = None) -> bool:
        """Renew the login where it is about to end, or where its key was rejected; return whether it was.

        A renewal that fails while the login has not ended yet is tried again a little later.
        """
        with self._renewing:
            settings = self._settings
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
            return self._settings.key != settings.key

    def _request_tokens(self, renewal: Renewal) -> Tokens:
        """Return a new pair of tokens; asked for once, since a second request could find the old one used."""
        request = _Request("POST", _TOKEN_PATH, content=json.dumps(renewal).encode(), takes_key=False)
        response = self._send(request, self._settings.token_url)
        if response.status in _SUCCESSES:
            return response.checked(response.parsed(), Tokens)
        error = self._error_from(response)
        if response.status not in _TOKEN_REFUSALS:
            raise error
        place, problem = self._settings.login_path, f"{response.status} {error.problem}".strip()
        raise request.fails(
            CredentialsError,
            f"the login saved in {place} has ended and could not be renewed: {problem}",
            hint="Run `lamina login` again, or set LAMINA_API_KEY, which does not expire.",
        )

    def _headers(self, key: "SecretStr | None", request: "_Request") -> dict[str, str]:
        workspace = self._settings.workspace_id if key else None
        return {
            **({"x-api-key": key.get_secret_value()} if key else {}),
            "accept": request.accepts,
            **({"last-event-id": request.last_event_id} if request.last_event_id else {}),
            "user-agent": "lamina-graph",
            **({"x-workspace-id": workspace} if workspace else {}),
            **({"content-type": "application/json"} if request.content else {}),
        }

    def _body(self, http_response: "httpx.Response", request: "_Request") -> bytes:
        most, seconds = self._retry_policy.largest_answer, self._retry_policy.answer
        until = time.monotonic() + seconds
        body = bytearray()
        for part in http_response.iter_bytes():
            body += part
            if len(body) > most:
                raise request.fails(InvalidResponseError, f"longer than {most:,} bytes")
            if time.monotonic() > until:
                raise request.fails(TransportError, f"not complete after {seconds:g} s", retryable=True)
        return bytes(body)

    def _transport_error(self, error: Exception, request: "_Request") -> ApiError:
        kind = type(error).__name__
        problem, retryable = _NO_ANSWER.get(kind, (kind, False))
        problem = problem.replace("{address}", self._settings.address)
        reason = self._sanitized(re.sub(r"\[Errno -?\d+\] ", "", str(error)))
        failure = request.fails(
            TransportError, f"{problem}: {reason}" if reason else problem, retryable=retryable
        )
        failure.sent = kind not in _UNSENT
        return failure

    def _error_from(self, response: "_Response") -> ApiError:
        request, envelope = response.request, response.envelope()
        known = _REFUSALS.get(response.status)
        kind = known or (ServerError if response.status >= 500 else RequestError)
        flag = envelope.get("retryable")
        return request.fails(
            kind,
            self._sanitized(_problem(envelope, response)),
            status=response.status,
            code=self._sanitized(str(envelope.get("code") or "")),
            request_id=self._sanitized(str(envelope.get("requestId") or "")),
            retryable=flag if isinstance(flag, bool) else response.status in _PASSING,
            retry_after=retry_after(response.headers, envelope),
            hint=request.hints.get(response.status, ""),
        )

    def _sanitized(self, text: str) -> str:
        """Return what another program said as one plain, short line in which no key or token stands."""
        for secret in (self._settings.key, self._settings.refresh_token):
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
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_PASSING = {429, 500, 502, 503, 504}
"""Statuses that may be gone at the next attempt: those the API documents, and those of a proxy before it."""

_REFUSALS: dict[int, type[ApiError]] = {
    401: CredentialsError,
    403: CredentialsError,
    404: NotFoundError,
    429: RateLimitError,
}

_HINTS = {403: "The key may not do this: check LAMINA_WORKSPACE_ID, and the workspace of the app."}

_RUN_HINTS = {
    404: "`lamina-graph runs list` lists the runs that this key can see.",
    409: "`lamina-graph runs get RUNID` shows its status.",
}

_NO_ANSWER = {
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

_UNSENT = {"ConnectTimeout", "ConnectError", "PoolTimeout", "InvalidURL", "LocalProtocolError"}
"""Ways in which it fails before anything is sent."""

_SUCCESSES = {200, 201, 202}
_SKEW = timedelta(minutes=2)
"""How much further back to look for a run than this machine's clock says."""


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    params: dict[str, Any] = field(default_factory=dict)
    app_id: str | None = None
    content: bytes | None = None
    takes_key: bool = True
    accepts: str = "application/json"
    last_event_id: str = ""

    @property
    def hints(self) -> Mapping[int, str]:
        """What to do after a refusal of this request, by its status, where that is not the usual."""
        return _HINTS | _RUN_HINTS if self.path.startswith("/v1/runs") else _HINTS

    @property
    def endpoint(self) -> str:
        return f"{self.method} {self.path}"

    def fails(self, kind: type[ApiError], problem: str, **more: Any) -> ApiError:
        """Return an error about this request."""
        return kind(problem, self.endpoint, app_id=self.app_id, **more)

    @property
    def target(self) -> str:
        given = {name: value for name, value in self.params.items() if value is not None}
        return f"{self.path}?{urlencode(given, errors='replace')}" if given else self.path


class _Response(NamedTuple):
    request: _Request
    status: int
    headers: Mapping[str, str]
    body: bytes
    key: "SecretStr | None" = None

    def envelope(self) -> dict[str, Any]:
        """Return the envelope, of a success or an error; empty where there is none."""
        envelope = self.parsed()
        return envelope if isinstance(envelope, dict) else {}

    def parsed(self) -> Any:
        """Return the answer as JSON; None where it is none."""
        try:
            return parse(self.body)
        except ValueError:
            return None

    def form(self) -> str:
        """Return what kind of text the answer is."""
        if self.body.lstrip()[:1] == b"<":
            return "an HTML page"
        return "text that is not JSON" if self.parsed() is None else "other JSON"

    def carried(self) -> Any:
        """Return what the envelope of a success carries, as JSON."""
        envelope = self.envelope()
        if "data" not in envelope:
            problem = f'expected JSON with "data", found {self.form()}'
            raise self.request.fails(InvalidResponseError, problem, status=self.status)
        return envelope["data"]

    def value(self, kind: type[T]) -> T:
        """Return what the envelope of a success carries, as a value."""
        return self.checked(self.carried(), kind)

    def checked(self, data: Any, kind: type[T]) -> T:
        """Return JSON of the answer as a value."""
        try:
            value = TypeAdapter(kind).validate_python(data, by_alias=True, by_name=False)
        except ValidationError as error:
            problem = escape_controls(error_text(error, "data"))
            raise self.request.fails(InvalidResponseError, problem, status=self.status) from error
        asked, answered = self.request.app_id, getattr(value, "app_id", None)
        if asked and isinstance(answered, str) and answered.lower() != asked.lower():
            problem = f"expected the app {asked}, found {escape_controls(answered[:LONGEST_ID])}"
            raise self.request.fails(InvalidResponseError, problem, status=self.status)
        return value


_PARTS: dict[Part, tuple[str, str, type[Workflow | App | Estimate]]] = {
    "workflow": ("/workflow", "GET", Workflow),
    "detail": ("", "GET", App),
    "estimate": ("/estimate", "POST", Estimate),
}


def _is_app_id(text: str) -> bool:
    return bool(text.strip(". ")) and len(text) <= LONGEST_ID


def _about(app_id: str, what: str = "", method: str = "GET") -> _Request:
    if not _is_app_id(app_id):
        raise InputError(f"not an app id: {app_id!r}", "`lamina-graph apps` lists the apps with their ids.")
    return _Request(method, f"/v1/apps/{quote(app_id, safe='', errors='replace')}{what}", app_id=app_id)


def _about_run(run_id: str, what: str = "", method: str = "GET") -> _Request:
    if not run_id.strip("."):
        raise InputError(
            f"not a run id: {run_id!r}", "`lamina-graph runs list` lists the runs with their ids."
        )
    return _Request(method, f"/v1/runs/{quote(run_id, safe='', errors='replace')}{what}")


def _run_in(data: str, run_id: str) -> Run | None:
    """Return the run that an event tells of, in the API's envelope or bare; None where it tells of none."""
    try:
        value = parse(data.encode())
        inner = value.get("data", value) if isinstance(value, Mapping) else None
        return Run.model_validate({"runId": run_id, **inner}) if isinstance(inner, Mapping) else None
    except ValueError:
        return None


def _withholds(error: ApiError) -> bool:
    """Whether an answer may mean that a part of an app is not given, though the app is there."""
    return error.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


def _describe_rest(envelope: Mapping[str, Any], count: int) -> str:
    """Return why the envelope of a list says that there is more of it; empty where it does not."""
    places = [envelope, *(envelope.get(name) for name in ("pagination", "meta", "page", "links"))]
    for place in (place for place in places if isinstance(place, Mapping)):
        total = place.get("total", place.get("totalCount"))
        if isinstance(total, int) and not isinstance(total, bool) and total > count:
            return f"the API says that there are {total} apps, and lists {count}"
        if any(place.get(name) for name in _MORE):
            return f"the API says that there are more than the {count} apps that it lists"
    return ""


_MORE = ("hasMore", "has_more", "hasNext", "hasNextPage", "truncated", "nextCursor", "next_cursor", "next")
"""By what names APIs say that a list goes on; Lamina documents none of them."""


def _did_not_start(error: ApiError) -> bool:
    """Tell whether a failed start has certainly not happened: it was refused, or never sent."""
    if error.status is None:
        return not error.sent or isinstance(error, CredentialsError)
    return 400 <= error.status < 500 and error.status != HTTPStatus.REQUEST_TIMEOUT


def _unknown_outcome(error: ApiError, request: _Request, since: datetime) -> UnknownOutcomeError:
    look = (
        f"lamina-graph runs list --app {shlex.quote(request.app_id or '')} --since {since:%Y-%m-%dT%H:%M:%SZ}"
    )
    status = " ".join(str(part) for part in (error.status, error.code) if part)
    problem = ": ".join(part for part in (status, error.problem) if part)
    return UnknownOutcomeError(
        f"{problem}: it is not known whether the run has started",
        request.endpoint,
        app_id=request.app_id,
        request_id=error.request_id,
        hint=f"Before starting it again, look whether it runs: `{look}`",
    )


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _problem(envelope: Mapping[str, Any], response: _Response) -> str:
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
