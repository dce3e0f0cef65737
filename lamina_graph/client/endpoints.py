"""The calls of the Lamina API, each as a method that returns values of `model`."""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from math import inf
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeVar

from lamina_graph.app_structure import known_workflow
from lamina_graph.client.app_rows import AppRows, read_app_rows
from lamina_graph.client.exchange import Request, about_app, about_run
from lamina_graph.client.retry_policy import OnPause, RateLimiter, RetryPolicy
from lamina_graph.client.transport import Transport
from lamina_graph.errors import ApiError, CredentialsError, UnknownOutcomeError
from lamina_graph.files import parse
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
from lamina_graph.settings import Settings

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
Part = Literal["workflow", "detail", "estimate"]


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
        self._transport = Transport(settings, http, retry_policy, rate_limiter, on_pause)

    def __repr__(self) -> str:
        return f"Client({self._transport.settings.address!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that this client opened."""
        self._transport.close()

    def apps(self, search: str | None = None, limit: int | None = None) -> list[AppSummary]:
        """Return the apps that the key can see, in the API's order; rows that are no apps are left out.

        Args:
            search: only those that match this text.
            limit: at most so many; the API's own number where not given.
        """
        return self.app_rows(search, limit).apps

    def app_rows(self, search: str | None = None, limit: int | None = None) -> AppRows[AppSummary]:
        """Return the apps that the key can see, as `apps` does, and the rows that are no apps.

        Raises:
            InvalidResponseError: the answer is no list, or no row of it is an app.
        """
        return self.map_app_rows(lambda app: app, search, limit)

    def map_app_rows(
        self, keep: Callable[[AppSummary], T], search: str | None = None, limit: int | None = None
    ) -> AppRows[T]:
        """Return rows as `app_rows` does, with what a function keeps of each app: of many apps, little."""
        request = Request("GET", "/v1/apps", params={"search": search, "limit": limit})
        return read_app_rows(self._transport.send_with_retries(request), keep)

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
        request = Request("POST", "/v1/apps/discover", content=json.dumps(body).encode())
        return self._transport.read(request, Discovery)

    def models(self, medium: Literal["image", "video"]) -> list[ModelSummary]:
        """Return the models that make a medium and that nodes of this workspace may use."""
        return self._transport.read(Request("GET", f"/v1/models/{medium}"), list[ModelSummary])

    def app(self, app_id: str) -> App:
        """Return what callers of an app supply and get."""
        return self._transport.read(about_app(app_id), App)

    def workflow(self, app_id: str) -> Workflow:
        """Return the graph of an app."""
        return self._transport.read(about_app(app_id, "/workflow"), Workflow)

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
        return self._transport.read(about_app(app_id, "/estimate", "POST"), Estimate)

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
            about_app(app_id, "/runs", "POST"),
            params={"webhook": webhook or None},
            content=json.dumps(body).encode(),
        )
        since = datetime.now(UTC) - _SKEW
        try:
            return self._transport.send(request).value(Run)
        except ApiError as error:
            if _did_not_start(error):
                raise
            raise _unknown_outcome(error, request, since) from error

    def run(self, run_id: str) -> Run:
        """Return a run as it stands."""
        return self._transport.read(about_run(run_id), Run)

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
        for event in self._transport.stream(
            replace(about_run(run_id, "/stream"), last_event_id=last_id), until
        ):
            yield RunEvent(event.name, event.id, _run_in(event.data, run_id))

    def cancel(self, run_id: str) -> Run:
        """Ask for the end of a run and return it as it then stands; to ask again changes nothing."""
        return self._transport.read(about_run(run_id, "/cancel", "POST"), Run)

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
        params = {"appId": app_id, "status": status, "since": moment, "limit": limit, "offset": offset}
        return self._transport.read(Request("GET", "/v1/runs", params=params), list[Run])

    def signing_keys(self) -> tuple[dict[str, Any], ...]:
        """Return the public keys (JWK) one of which signs the API's webhooks."""
        response = self._transport.send_with_retries(Request("GET", "/v1/webhooks/signing-key"))
        envelope = response.envelope()
        return response.checked(envelope.get("data", envelope), SigningKeys).keys

    def raw(self, app_id: str, part: Part) -> Any:
        """Return a part of an app as the API gave it, once it is seen to be what the API documents."""
        what, method, kind = _PARTS[part]
        response = self._transport.send_with_retries(about_app(app_id, what, method))
        response.value(kind)
        return response.carried()

    @property
    def base_url(self) -> str:
        """The address that is asked."""
        return self._transport.settings.base_url


_SKEW = timedelta(minutes=2)
"""How much further back to look for a run than this machine's clock says."""

_PARTS: dict[Part, tuple[str, str, type[Workflow | App | Estimate]]] = {
    "workflow": ("/workflow", "GET", Workflow),
    "detail": ("", "GET", App),
    "estimate": ("/estimate", "POST", Estimate),
}


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


def _did_not_start(error: ApiError) -> bool:
    """Tell whether a failed start has certainly not happened: it was refused, or never sent."""
    if error.status is None:
        return not error.sent or isinstance(error, CredentialsError)
    return 400 <= error.status < 500 and error.status != HTTPStatus.REQUEST_TIMEOUT


def _unknown_outcome(error: ApiError, request: Request, since: datetime) -> UnknownOutcomeError:
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
