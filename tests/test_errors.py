"""Every error says what happened in one line and what to do in another, and can be sent between processes."""

import copy
import inspect
import pickle
import re

import pytest

from lamina_graph import errors
from lamina_graph.errors import (
    ApiError,
    ConfigError,
    CredentialsError,
    InputError,
    InvalidResponseError,
    LaminaGraphError,
    RateLimitError,
    RefError,
    RenderError,
    ServerError,
    TransportError,
    UnknownOutcomeError,
    WebhookError,
    WorkflowError,
)

MADE: list[tuple[LaminaGraphError, str]] = [
    (InputError("no such thing", "Look again."), "no such thing"),
    (RefError("names nothing", "Name something."), "names nothing"),
    (WorkflowError("app.json", "nodes[3].id", "missing"), "app.json: nodes[3].id: missing"),
    (WorkflowError("app.json", "", "not JSON"), "app.json: not JSON"),
    (WorkflowError("app.json", "", "a folder", "Name a file in it."), "app.json: a folder"),
    (
        ConfigError(".lamina-graph.toml", "diff.severty", "unknown"),
        ".lamina-graph.toml: diff.severty: unknown",
    ),
    (ConfigError(".lamina-graph.toml", "", "not TOML"), ".lamina-graph.toml: not TOML"),
    (CredentialsError("no credentials"), "no credentials"),
    (CredentialsError("expired", hint="Run `lamina login`."), "expired"),
    (
        ServerError(
            "gone wrong", "GET /v1/apps", status=500, code="INTERNAL_ERROR", request_id="r1", retryable=True
        ),
        "GET /v1/apps: 500 INTERNAL_ERROR: gone wrong (request r1)",
    ),
    (
        RateLimitError("slow down", "GET /v1/apps", status=429, retry_after=30.0),
        "GET /v1/apps: 429: slow down",
    ),
    (TransportError("no answer", "GET /v1/apps/a", app_id="a"), "GET /v1/apps/a: no answer"),
    (InvalidResponseError("data: missing", "GET /v1/apps", status=200), "GET /v1/apps: 200: data: missing"),
    (
        UnknownOutcomeError("no answer in time", "POST /v1/apps/a/runs"),
        "POST /v1/apps/a/runs: no answer in time",
    ),
    (WebhookError("age", "310 s old"), "age: 310 s old"),
    (RenderError("no layout", "Give fewer nodes."), "no layout"),
]


def classes() -> dict[str, type[BaseException]]:
    return {
        name: kind
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if kind.__module__ == errors.__name__ and issubclass(kind, BaseException)
    }


def test_every_error_has_one_base() -> None:
    assert all(issubclass(kind, LaminaGraphError) for kind in classes().values())


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = {}
    parents = {0: None}
    for line in errors.__doc__.splitlines():
        if found := re.match(r"    ([│├└─ ]*)(\w+Error)\b", line):
            depth = len(found[1]) // 4
            drawn[found[2]] = parents[depth]
            parents[depth + 1] = found[2]
    assert drawn == {
        name: None if kind is LaminaGraphError else kind.__base__.__name__ for name, kind in classes().items()
    }


@pytest.mark.parametrize(("error", "says"), MADE, ids=lambda value: type(value).__name__)
def test_an_error_says_what_happened_and_what_to_do(error: LaminaGraphError, says: str) -> None:
    assert str(error) == says
    assert error.hint
    assert "\n" not in str(error) + error.hint


@pytest.mark.parametrize(("error", "says"), MADE, ids=lambda value: type(value).__name__)
def test_an_error_survives_a_trip_between_processes(error: LaminaGraphError, says: str) -> None:
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(other) is type(error)
        assert (str(other), other.hint, other.args, vars(other)) == (
            says,
            error.hint,
            error.args,
            vars(error),
        )


def test_an_error_names_its_attempts_even_after_pickling() -> None:
    error = ServerError("down", "GET /v1/apps", status=503, request_id="r1")
    error.attempts = 4
    assert str(pickle.loads(pickle.dumps(error))) == "GET /v1/apps: 503: down (after 4 attempts, request r1)"


def test_a_rate_limit_says_how_long_to_wait() -> None:
    assert RateLimitError("x", retry_after=30.0).hint == "Try again in 30 seconds, and ask for less at once."
    assert RateLimitError("x", retry_after=1.0).hint == "Try again in 1 second, and ask for less at once."
    assert RateLimitError("x").hint == RateLimitError.hint


def test_no_error_of_the_api_is_without_advice() -> None:
    kinds = [kind for kind in classes().values() if issubclass(kind, ApiError) and kind is not ApiError]
    assert len(kinds) == 8
    assert all(kind("x").hint for kind in kinds)
