"""Dates as a person writes them: `2026-03-09` and `2026-03-09T10:25` name all that lies within, in UTC."""

import re
from datetime import UTC, datetime, timedelta

from lamina_graph.errors import InputError

MOMENT = timedelta(microseconds=1)
"""The shortest time that a store tells apart."""

_LENGTHS = {10: timedelta(days=1), 13: timedelta(hours=1), 16: timedelta(minutes=1), 19: timedelta(seconds=1)}
"""How much time a date of so many characters names."""

_FIRST, _LAST = (each.replace(tzinfo=UTC) for each in (datetime.min, datetime.max))

_ZONE = re.compile(r"(?<=T)(.+?)(?:Z|[+-]\d\d:?\d\d)$")


def moment(text: str) -> datetime:
    """Return the last moment that a date names: with it, a day includes all that was recorded on it.

    Args:
        text: `2026-03-09`, `2026-03-09T10:25`, or longer, in UTC unless it ends in a zone; what UTC puts
            before the year 1 or after 9999 is the first or last moment there is.

    Raises:
        InputError: it is no date.

    >>> moment("2026-03-09").isoformat()
    '2026-03-09T23:59:59.999999+00:00'
    """
    try:
        begun = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{text!r} is no date", "Write 2026-03-09 or 2026-03-09T10:25, in UTC.") from None
    length = _LENGTHS.get(len(_ZONE.sub(r"\1", text.strip())), MOMENT)
    start = in_utc(begun)
    return start + min(length - MOMENT, _LAST - start)


def in_utc(at: datetime) -> datetime:
    """Return a moment in UTC, which one without a zone is in already.

    What UTC puts before the year 1 or after 9999 is the first or last moment there is.

    >>> in_utc(datetime.fromisoformat("0001-01-01T00:00+14:00")).isoformat()
    '0001-01-01T00:00:00+00:00'
    """
    known = at if at.tzinfo else at.replace(tzinfo=UTC)
    try:
        return known.astimezone(UTC)
    except OverflowError:
        return _FIRST if known.year == 1 else _LAST
