"""All apps that a key can see, and an honest word on whether these are all.

The API has no cursor and says no total: `limit` is the only page control. So more is asked for than came,
until less comes than was asked for; and since a server may also cap a page in silence, a search looks for
apps that the list lacks.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from string import ascii_lowercase, digits
from typing import NamedTuple, Self, TypeAlias

from lamina_graph.client import AppRows, Client, FlawedRow
from lamina_graph.errors import RequestError
from lamina_graph.model import AppSummary

_LIMITS = (1_000, 10_000, 100_000, 1_000_000)
_SMALLER = (500, 250, 100, 50, 20, 10)
_PROBES = 3


class ListedApp(NamedTuple):
    """What is kept of a row of the listing; the capabilities as JSON, which takes a tenth of their room."""

    app_id: str
    name: str
    capabilities: str | None

    @classmethod
    def of(cls, app: AppSummary) -> Self:
        """Return what is kept of an app."""
        return cls(app.app_id, app.name, json.dumps(app.capabilities) if app.capabilities else None)

    @classmethod
    def of_name(cls, app: AppSummary) -> Self:
        """Return what is kept of an app whose capabilities nobody needs."""
        return cls(app.app_id, app.name, None)


Keep: TypeAlias = Callable[[AppSummary], ListedApp]


class Listing(NamedTuple):
    """The apps that were found, each once, in the API's order.

    Attributes:
        flawed: the rows that are no apps.
        doubt: why these may not be all.
    """

    apps: tuple[ListedApp, ...]
    flawed: tuple[FlawedRow, ...] = ()
    doubt: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the apps, those of flawed rows among them where they have one."""
        flawed = (row.app_id for row in self.flawed if row.app_id)
        return tuple(dict.fromkeys([*(app.app_id for app in self.apps), *flawed]))

    @property
    def complete(self) -> bool:
        """Whether nothing hints at more apps."""
        return not self.doubt


def listing(client: Client, *, capabilities: bool = False) -> Listing:
    """Return every app that the API lists, and what may be missing.

    Args:
        client: asks the API.
        capabilities: whether what the API says of each app's capabilities is kept.

    Raises:
        ApiError: the API cannot be asked.
    """
    keep = ListedApp.of if capabilities else ListedApp.of_name
    rows, limit = _request_longest(client, keep)
    flawed, full = tuple(rows.flawed), limit is not None and rows.amount >= limit
    apps: dict[str, ListedApp] = {}
    for app in rows.apps:
        apps.setdefault(app.app_id, app)
    came = len(apps)
    _add_missing(apps, client, keep, _rank_letters(rows.apps)[:_PROBES], limit)
    if not full and not rows.rest and len(apps) == came:
        return Listing(tuple(apps.values()), flawed)
    _add_missing(apps, client, keep, ascii_lowercase + digits, limit)
    more = f", and searching found {len(apps) - len(rows.apps)} more" if len(apps) > len(rows.apps) else ""
    few = f"the API lists no more than {len(rows.apps)} apps at once"
    return Listing(tuple(apps.values()), flawed, f"{rows.rest or few}{more}; there may be others")


def _request_longest(client: Client, keep: Keep) -> tuple[AppRows[ListedApp], int | None]:
    """Return the longest list that the API gives, and the limit that it was asked with."""
    longest: tuple[AppRows[ListedApp], int] | None = None
    with suppress(RequestError):
        for limit in _LIMITS:
            longest = client.map_app_rows(keep, limit=limit), limit
            if longest[0].amount < limit:
                break
    for limit in () if longest else _SMALLER:
        with suppress(RequestError):
            return client.map_app_rows(keep, limit=limit), limit
    return longest or (client.map_app_rows(keep), None)


def _add_missing(
    apps: dict[str, ListedApp], client: Client, keep: Keep, terms: Iterable[str], limit: int | None
) -> None:
    """Add the apps that a search for terms finds besides those at hand."""

    def keep_new(app: AppSummary) -> ListedApp | None:
        return None if app.app_id in apps else keep(app)

    for term in terms:
        for app in filter(None, client.map_app_rows(keep_new, search=term, limit=limit).apps):
            apps.setdefault(app.app_id, app)


def _rank_letters(apps: Iterable[ListedApp]) -> str:
    """Return the letters of the names, that of most names first: likeliest to find what the list lacks."""
    letters = Counter(letter for app in apps for letter in set(app.name.lower()) if letter in ascii_lowercase)
    return "".join(sorted(letters, key=lambda letter: (-letters[letter], letter)))
