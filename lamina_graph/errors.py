"""Every exception of the package, below one base.

    LaminaGraphError
    ├── InputError             a file, reference or option that cannot be used
    │   ├── WorkflowError      data that is not a workflow
    │   │   └── NoWorkflowError    a picture that carries none
    │   ├── RefError           a reference that names nothing, or more than one thing
    │   └── ConfigError        a configuration file that cannot be used
    ├── ApiError               the API answered with an error, or with something that cannot be understood
    │   ├── CredentialsError   no credentials, or rejected ones
    │   ├── NotFoundError      no such app for this key
    │   ├── RequestError       the request was refused as wrong
    │   ├── RateLimitError     too many requests
    │   ├── ServerError        the server failed, for now or for good
    │   ├── InvalidResponseError        a success that is not what the API documents
    │   ├── UnknownOutcomeError       a start that got no answer
    │   └── TransportError     no answer: name look-up, connection, time-out
    ├── DeliveryError          a message to another program that was not taken
    ├── WebhookError           a delivery that is not what Lamina sent
    ├── StoreError             a store that cannot be opened, read or written
    ├── WorkerError            a process that shared the work and ended before it was done
    └── RenderError            a picture that could not be drawn

Each error says in one line what happened (`str(error)`) and in another what to do (`error.hint`). An error
carries what it is built from in `args` or attributes, so that it survives a trip between processes.
"""

from typing import Any, TypedDict, Unpack


class LaminaGraphError(Exception):
    """Base of all errors: a sentence that says what happened; `hint` says what to do."""

    hint: str = ""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem, hint)
        if hint:
            self.hint = hint

    def __str__(self) -> str:
        return str(self.args[0])


class InputError(LaminaGraphError):
    """A file, reference or option that cannot be used."""


class WorkflowError(InputError):
    """Data that is not a workflow.

    Args:
        source: the file (or other origin) that was read.
        field: where in it, for instance `nodes[3].id`; empty for the whole.
        problem: what is wrong and what was expected.
        hint: what to do, where it is not to write a workflow as it should be.
    """

    hint = "A workflow is a JSON object with the lists `nodes` and `edges`, bare or in `data`."

    def __init__(self, source: str, field: str, problem: str, hint: str = "") -> None:
        super().__init__(problem, hint)
        self.args = (source, field, problem, hint)
        self.source, self.field, self.problem = source, field, problem

    def __str__(self) -> str:
        return f"{self.source}: {self.field + ': ' if self.field else ''}{self.problem}"


class NoWorkflowError(WorkflowError):
    """A picture that is sound and carries no workflow."""


class RefError(InputError):
    """A reference that names no workflow, or more than one."""


class ConfigError(InputError):
    """A configuration that cannot be used: the file, the field, what is wrong."""

    hint = "`lamina-graph init` in an empty folder writes a file with an example of each section."

    def __init__(self, path: str, field: str, problem: str) -> None:
        rules = field.startswith(("diff.severity", "accept"))
        super().__init__(problem, "`lamina-graph rules` lists the names of the rules." if rules else "")
        self.args = (path, field, problem)
        self.path, self.field, self.problem = path, field, problem

    def __str__(self) -> str:
        from lamina_graph.validation_errors import toml_location

        return f"{self.path}: {toml_location(self.field) + ': ' if self.field else ''}{self.problem}"


class ApiDetails(TypedDict, total=False):
    """What an answer of the API says of an error, as keyword arguments of `ApiError`.

    Attributes:
        status: the HTTP status, where there was an answer.
        code: the API's own name of the error, for instance `NOT_FOUND`.
        request_id: the API's name of this request, for its support.
        retryable: whether the same request may succeed later.
        retry_after: how many seconds the API wants to be left alone.
        app_id: the app that was asked about.
    """

    status: int | None
    code: str
    request_id: str
    retryable: bool
    retry_after: float | None
    app_id: str | None


class ApiError(LaminaGraphError):
    """The API answered with an error, or not in a way that can be used.

    Args:
        problem: what is wrong, as the API or the network said it.
        endpoint: what was asked, for instance `GET /v1/apps`; empty where nothing was.
        hint: what to do, where it differs from what is usual for this kind of error.
        details: the other attributes, as in `ApiDetails`.

    The attribute `attempts` says how often the request was made, and `sent` whether it may have arrived.
    """

    status: int | None = None
    code = ""
    request_id = ""
    retryable = False
    retry_after: float | None = None
    app_id: str | None = None
    attempts = 1
    sent = True

    def __init__(
        self, problem: str, endpoint: str = "", *, hint: str = "", **details: Unpack[ApiDetails]
    ) -> None:
        super().__init__(problem, hint)
        self.args = (problem, endpoint)
        self.problem, self.endpoint = problem, endpoint
        vars(self).update(details)

    def __str__(self) -> str:
        answer = " ".join(str(part) for part in (self.status, self.code) if part)
        remarks = [f"after {self.attempts} attempts"] * (self.attempts > 1)
        remarks += [f"request {self.request_id}"] * bool(self.request_id)
        text = ": ".join(part for part in (self.endpoint, answer, self.problem) if part)
        return f"{text} ({', '.join(remarks)})" if remarks else text


class CredentialsError(ApiError):
    """No credentials, or rejected ones."""

    hint = "Set LAMINA_API_KEY, or run `lamina login`; `lamina-graph auth status` shows what is used."


class NotFoundError(ApiError):
    """No such app for this key."""

    hint = (
        "`lamina-graph apps` lists the apps that this key can see; private ones need their workspace's key."
    )


class RequestError(ApiError):
    """The request was refused as wrong."""

    hint = "Check the options of the command; what the API expects is in the message."


class RateLimitError(ApiError):
    """Too many requests: the API allows 100 in a minute from one address."""

    hint = "Wait a minute, and ask for less at once."

    def __init__(self, *args: str, **more: Any) -> None:
        super().__init__(*args, **more)
        if self.retry_after:
            seconds = "1 second" if self.retry_after == 1 else f"{self.retry_after:g} seconds"
            self.hint = f"Try again in {seconds}, and ask for less at once."


class ServerError(ApiError):
    """The server failed, for now or for good."""

    hint = "Try again later; if it goes on, tell Lamina's support the request and when it was made."


class InvalidResponseError(ApiError):
    """A success that is not what the API documents."""

    hint = "Check LAMINA_BASE_URL; if it is right, the API has changed: look for a newer lamina-graph."


class TransportError(ApiError):
    """No answer: name look-up, connection, time-out."""

    hint = "Check the network and LAMINA_BASE_URL; files that were fetched before can be used without either."


class UnknownOutcomeError(ApiError):
    """A request to start a run that got no answer: nobody knows whether the run has started."""

    hint = "Do not start it again before `lamina-graph runs list` has shown that it did not start."


class DeliveryError(LaminaGraphError):
    """A message to another program that was not taken: what it answered, or that it gave no answer.

    Args:
        place: the host that was asked.
        problem: what it answered.
        status: of the answer, where there was one.
    """

    hint = "Check the address and the rights that it asks for, and try again."

    def __init__(self, place: str, problem: str, status: int | None = None, hint: str = "") -> None:
        super().__init__(problem, hint)
        self.args = (place, problem, status, hint)
        self.place, self.problem, self.status = place, problem, status

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


class WebhookError(LaminaGraphError):
    """A delivery that is not what Lamina sent, or not now, or of another run.

    Args:
        reason: `headers`, `age`, `signature`, `body` or `run`.
        problem: what is wrong, as a sentence.
    """

    hint = "Do not trust the delivery; `lamina-graph runs get RUNID` shows the status of the run."

    def __init__(self, reason: str, problem: str) -> None:
        super().__init__(problem)
        self.args = (reason, problem)
        self.reason, self.problem = reason, problem

    def __str__(self) -> str:
        return f"{self.reason}: {self.problem}"


class StoreError(LaminaGraphError):
    """A store that cannot be opened, read or written.

    Attributes:
        app_id: the app of which a snapshot cannot be read, where it is about one.
    """

    app_id: str | None = None


class WorkerError(LaminaGraphError):
    """A process that shared the work ended before it was done."""

    hint = "Memory may have run out: use fewer processes, such as --jobs 1."


class RenderError(LaminaGraphError):
    """A picture that could not be drawn."""
