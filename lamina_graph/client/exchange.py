"""One request to the API and its answer, as JSON and as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

from pydantic import TypeAdapter, ValidationError

from lamina_graph.errors import ApiError, InputError, InvalidResponseError
from lamina_graph.files import parse
from lamina_graph.text import escape_controls
from lamina_graph.validation_errors import error_text

if TYPE_CHECKING:
    from pydantic import SecretStr

T = TypeVar("T")

LONGEST_ID = 200
"""Characters of an app id: the API's have 36, and a database cannot index any text."""

_HINTS = {403: "The key may not do this: check LAMINA_WORKSPACE_ID, and the workspace of the app."}

_RUN_HINTS = {
    404: "`lamina-graph runs list` lists the runs that this key can see.",
    409: "`lamina-graph runs get RUNID` shows its status.",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the API.

    Attributes:
        app_id: the app that it is about.
        takes_key: whether the key is sent with it.
        last_event_id: of a request for events, the last one that came; empty where none did.
    """

    method: str
    path: str
    params: dict[str, Any] = field(default_factory=dict)
    app_id: str | None = None
    content: bytes | None = None
    takes_key: bool = True
    last_event_id: str | None = None

    @property
    def hints(self) -> Mapping[int, str]:
        """What to do after a refusal of this request, by its status, where that is not the usual."""
        return _HINTS | _RUN_HINTS if self.path.startswith("/v1/runs") else _HINTS

    @property
    def endpoint(self) -> str:
        """What an error calls it."""
        return f"{self.method} {self.path}"

    def fails(self, kind: type[ApiError], problem: str, **more: Any) -> ApiError:
        """Return an error about this request."""
        return kind(problem, self.endpoint, app_id=self.app_id, **more)

    @property
    def target(self) -> str:
        """The path and the query."""
        given = {name: value for name, value in self.params.items() if value is not None}
        return f"{self.path}?{urlencode(given, errors='replace')}" if given else self.path


class Response(NamedTuple):
    """What the API answered, and the key that was sent."""

    request: Request
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


def is_app_id(text: str) -> bool:
    """Tell whether a text may be the id of an app."""
    return bool(text.strip(". ")) and len(text) <= LONGEST_ID


def about_app(app_id: str, what: str = "", method: str = "GET") -> Request:
    """Return a request about an app.

    Raises:
        InputError: the id is none.
    """
    if not is_app_id(app_id):
        raise InputError(f"not an app id: {app_id!r}", "`lamina-graph apps` lists the apps with their ids.")
    return Request(method, f"/v1/apps/{quote(app_id, safe='', errors='replace')}{what}", app_id=app_id)


def about_run(run_id: str, what: str = "", method: str = "GET") -> Request:
    """Return a request about a run.

    Raises:
        InputError: the id is none.
    """
    if not run_id.strip("."):
        raise InputError(
            f"not a run id: {run_id!r}", "`lamina-graph runs list` lists the runs with their ids."
        )
    return Request(method, f"/v1/runs/{quote(run_id, safe='', errors='replace')}{what}")
