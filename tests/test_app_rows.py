"""The list of apps is read a row at a time, and says what it says when it is read whole."""

import json
import threading
from typing import Any

import pytest

from lamina_graph.client.app_rows import AppRows, read_app_rows
from lamina_graph.client.exchange import Request, Response
from lamina_graph.errors import InvalidResponseError
from lamina_graph.sync.pool import map_unordered

ROWS = [
    {"appId": "a", "name": 'A "quoted", [odd] {name}', "capabilities": {"nodeTypes": ["x"]}},
    {"appId": "b", "name": "Bé \\"},
    {"name": "no id"},
    {"appId": "c", "name": "C", "more": [[], {}, [1, {"y": "]"}]]},
]
LISTS = {
    "as documented": json.dumps({"data": ROWS}),
    "no blanks": json.dumps({"data": ROWS}, separators=(",", ":")),
    "indented": json.dumps({"data": ROWS}, indent=4),
    "after other fields": json.dumps({"requestId": "data", "ok": True, "n": -1.5, "data": ROWS, "total": 9}),
    "after an object": json.dumps({"meta": {"total": 12}, "data": ROWS}),
    "before a word on the rest": json.dumps({"data": ROWS, "pagination": {"hasMore": True}}),
    "in another encoding": json.dumps({"data": ROWS}, ensure_ascii=False).encode("utf-16"),
    "with rows that are no objects": json.dumps({"data": [*ROWS, 5, "x", None, ["y"]]}),
    "empty": '{"data": []}',
}
NO_LISTS = {
    "cut": json.dumps({"data": ROWS})[:-30],
    "cut after the list": json.dumps({"data": ROWS})[:-1],
    "two commas": '{"data": [{"appId": "a", "name": "A"},, {"appId": "b", "name": "B"}]}',
    "no comma": '{"data": [{"appId": "a", "name": "A"} {"appId": "b", "name": "B"}]}',
    "a comma too many": '{"data": [{"appId": "a", "name": "A"},]}',
    "the key twice": '{"data": [{"appId": "a", "name": "A"}], "data": []}',
    "a key of a row twice": '{"data": [{"appId": "a", "appId": "b", "name": "A"}]}',
    "no list": '{"data": {"appId": "a", "name": "A"}}',
    "no data": '{"apps": []}',
    "no app": '{"data": [{"id": "a"}]}',
    "a page": "<html><body>data</body></html>",
}


def answer(body: str | bytes) -> Response:
    return Response(Request("GET", "/v1/apps"), 200, {}, body if isinstance(body, bytes) else body.encode())


def read_whole(body: str | bytes) -> tuple[list[Any], int]:
    rows = json.loads(body)["data"]
    apps = [row for row in rows if isinstance(row, dict) and "appId" in row and "name" in row]
    return [(row["appId"], row["name"]) for row in apps], len(rows)


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_read_by_rows_is_the_list(kind: str) -> None:
    """Apps in their order, flawed rows by their numbers, and whether the answer says that there are more."""
    page: AppRows[tuple[str, str]] = read_app_rows(answer(LISTS[kind]), lambda app: (app.app_id, app.name))
    assert (page.apps, page.amount) == read_whole(LISTS[kind])
    assert [row.problem.partition(" of")[0] for row in page.flawed][:1] == (["row 3"] if page.apps else [])
    assert bool(page.rest) == ("total" in str(LISTS[kind]) or "hasMore" in str(LISTS[kind]))


@pytest.mark.parametrize("kind", NO_LISTS)
def test_what_is_no_list_of_apps_is_refused_whole(kind: str) -> None:
    with pytest.raises(InvalidResponseError):
        read_app_rows(answer(NO_LISTS[kind]), lambda app: app)


def test_threads_wait_where_results_are_taken_slowly() -> None:
    """A store that is slower than the API makes no answers pile up: at most fifty wait to be taken."""
    done: list[int] = []
    many, taken = threading.Event(), 0

    def work(value: int) -> int:
        done.append(value)
        if len(done) >= 50:
            many.set()
        return value

    for results in map_unordered(work, range(500), 4):
        assert many.wait(30)
        taken += len(results)
        assert len(done) <= taken + 50
    assert (taken, sorted(done)) == (500, list(range(500)))
