"""The list of apps, read a row at a time: as objects an answer takes many times the room of its text."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from lamina_graph.client.exchange import Response, is_app_id
from lamina_graph.errors import InvalidResponseError
from lamina_graph.files import parse
from lamina_graph.json_values import MOST_VALUES
from lamina_graph.model import AppSummary
from lamina_graph.text import escape_controls
from lamina_graph.validation_errors import error_text

T = TypeVar("T")

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_BEGIN = re.compile(
    rb'\s*\{(?:\s*%b\s*:\s*(?:%b|[-+.\w]+)\s*,)*\s*"data"\s*:\s*\[' % (_STRING, _STRING), re.S
)
_TOKENS = re.compile(_STRING + rb"|[\[{]|[\]}]", re.DOTALL)


class FlawedRow(NamedTuple):
    """A row of the list of apps that is no app: its id where it has one, and what is wrong with it."""

    app_id: str | None
    problem: str


class AppRows(NamedTuple, Generic[T]):
    """The rows of the list of apps, in the API's order: those that are apps, and those that are not.

    Attributes:
        apps: what is kept of each app.
        rest: why the answer itself says that there are more; empty where it does not.
    """

    apps: list[T]
    flawed: list[FlawedRow]
    rest: str = ""

    @property
    def amount(self) -> int:
        """How many rows there are."""
        return len(self.apps) + len(self.flawed)


def read_app_rows(response: Response, keep: Callable[[AppSummary], T]) -> AppRows[T]:
    """Return the rows of an answer.

    Args:
        response: the answer.
        keep: what is kept of an app.

    Raises:
        InvalidResponseError: the answer is no list, or no row of it is an app.
    """
    page: AppRows[T] = AppRows([], [])

    def add(row: Any) -> None:
        try:
            app = AppSummary.model_validate(row, by_alias=True, by_name=False)
            problem = "" if is_app_id(app.app_id) else f"{app.app_id[:40]!r} is not an app id"
        except ValidationError as error:
            problem = escape_controls(error_text(error))
        if problem:
            id_ = row.get("appId") if isinstance(row, Mapping) else None
            usable = id_ if isinstance(id_, str) and is_app_id(id_) else None
            page.flawed.append(FlawedRow(usable, f"row {page.amount + 1} of the list of apps: {problem}"))
        else:
            page.apps.append(keep(app))

    try:
        envelope = _hand_over(response.body, add)
    except ValueError:  # whatever it is, read as a whole it is told in the words for it
        page.apps.clear()
        page.flawed.clear()
        for row in response.value(list[Any]):
            add(row)
        envelope = response.envelope()
    if page.flawed and not page.apps:
        raise response.request.fails(InvalidResponseError, page.flawed[0].problem, status=response.status)
    return page._replace(rest=_describe_rest(envelope, page.amount))


def _hand_over(body: bytes, take: Callable[[Any], None]) -> Mapping[str, Any]:
    """Hand over one by one the values of the list that an envelope carries; return the envelope without them.

    Raises:
        ValueError: it is not plainly such a list; some of its values may have been handed over by then.
    """
    begin = _BEGIN.match(body)
    if begin is None or body.count(b",") > MOST_VALUES:
        raise ValueError("not plainly a list")
    depth, start, last, between = 0, 0, begin.end(), b""
    for token in _TOKENS.finditer(body, last):
        sign = body[token.start()]
        if depth == 0 and (
            sign in b'"' or body[last : token.start()].strip() != (between if sign in b"[{" else b"")
        ):
            raise ValueError("not plainly a list of objects")
        if sign in b"[{":
            start = start if depth else token.start()
            depth += 1
        elif sign in b"]}":
            if depth == 0:
                return dict(parse(body[: begin.end()] + body[token.start() :]))
            depth -= 1
            if depth == 0:
                last, between = token.end(), b","
                take(parse(body[start:last]))
    raise ValueError("the list does not end")


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
