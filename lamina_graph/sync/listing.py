"""All apps that a key can see, and an honest word on whether these are all.

The API has no cursor and says no total: `limit` is the only page control. So more is asked for than came,
until less comes than was asked for; and since a server may also cap a page in silence, a search looks for
apps that the list lacks.
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from string import ascii_lowercase, digits

from lamina_graph.client import AppRows, Client, FlawedRow
from lamina_graph.errors import RequestError
from lamina_graph.model import AppSummary, Value

_LIMITS = (1_000, 10_000, 100_000, 1_000_000)
_SMALLER = (500, 250, 100, 50, 20, 10)
_PROBES = 3


class Listing(Value):
    """The apps that were found, each once, in the API's order.

    Attributes:
        flawed: the rows that are no apps.
        doubt: why these may not be all.
    """

    apps: tuple[AppSummary, ...]
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


def listing(client: Client) -> Listing:
    """Return every app that the API lists, and what may be missing.

    Raises:
        ApiError: the API cannot be asked.
    """
    rows, limit = _request_longest(client)
    came, flawed = rows.apps, tuple(rows.flawed)
    full = limit is not None and _count_rows(rows) >= limit
    apps = _remove_duplicates([*came, *_search_apps(client, _rank_letters(came)[:_PROBES], limit)])
    if not full and not rows.rest and len(apps) == len(_remove_duplicates(came)):
        return Listing(apps=apps, flawed=flawed)
    apps = _remove_duplicates([*apps, *_search_apps(client, ascii_lowercase + digits, limit)])
    more = f", and searching found {len(apps) - len(came)} more" if len(apps) > len(came) else ""
    few = f"the API lists no more than {len(came)} apps at once"
    doubt = f"{rows.rest or few}{more}; there may be others"
    return Listing(apps=apps, flawed=flawed, doubt=doubt)


def _request_longest(client: Client) -> tuple[AppRows, int | None]:
    """Return the longest list that the API gives, and the limit that it was asked with."""
    longest: tuple[AppRows, int] | None = None
    with suppress(RequestError):
        for limit in _LIMITS:
            longest = client.app_rows(limit=limit), limit
            if _count_rows(longest[0]) < limit:
                break
    for limit in () if longest else _SMALLER:
        with suppress(RequestError):
            return client.app_rows(limit=limit), limit
    return longest or (client.app_rows(), None)


def _count_rows(rows: AppRows) -> int:
    return len(rows.apps) + len(rows.flawed)


def _search_apps(client: Client, terms: Iterable[str], limit: int | None) -> Iterable[AppSummary]:
    for term in terms:
        yield from client.apps(search=term, limit=limit)


def _rank_letters(apps: Iterable[AppSummary]) -> str:
    """Return the letters of the names, that of most names first: likeliest to find what the list lacks."""
    letters = Counter(letter for app in apps for letter in set(app.name.lower()) if letter in ascii_lowercase)
    return "".join(sorted(letters, key=lambda letter: (-letters[letter], letter)))


def _remove_duplicates(apps: Iterable[AppSummary]) -> tuple[AppSummary, ...]:
    unique: dict[str, AppSummary] = {}
    for app in apps:
        unique.setdefault(app.app_id, app)
    return tuple(unique.values())
