"""Dates as a person writes them: `2026-03-09` and `2026-03-09T10:25` name all that lies within, in UTC."""

import re
from datetime import UTC, datetime, timedelta

from lamina_graph.errors import InputError

MOMENT = timedelta(microseconds=1)
"""The shortest time that a store tells apart."""

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""No span begins or ends before this: there is nothing that it could tell."""

LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""Where the clock of a store stands at the most, so that something can always come after it."""

_LENGTHS = {10: timedelta(days=1), 13: timedelta(hours=1), 16: timedelta(minutes=1), 19: timedelta(seconds=1)}
"""How much time a date of so many characters names."""

_FIRST, _LAST = (each.replace(tzinfo=UTC) for each in (datetime.min, datetime.max))

_SPAN = re.compile(r"(\d{1,6})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7}
_ZONE = re.compile(r"(?<=T)(.+?)(?:Z|[+-]\d\d:?\d\d)$")


def parse_moment(text: str, *, now: datetime | None = None, end: bool = True) -> datetime:
    """Return the moment that a person wrote as a date: its last one, so that a day includes all of it.

    Args:
        text: `2026-03-09`, `2026-03-09T10:25`, or longer, in UTC unless it ends in a zone; what UTC puts
            before the year 1 or after 9999 is the first or last moment there is.
        now: where it is given, a span may be written as well (`12h`, `7d`, `4w`): so long before it. What
            is before `BEGINNING` is then `BEGINNING`.
        end: whether a date means its last moment, else its first.

    Raises:
        InputError: it is no date.

    >>> parse_moment("2026-03-09").isoformat()
    '2026-03-09T23:59:59.999999+00:00'
    >>> parse_moment("7d", now=datetime(2026, 3, 9, tzinfo=UTC)).date().isoformat()
    '2026-03-02'
    """
    if now and (span := _SPAN.fullmatch(text.strip())):
        return now - min(timedelta(hours=int(span[1]) * _HOURS[span[2]]), now - BEGINNING)
    try:
        start = in_utc(datetime.fromisoformat(text.strip()))
    except ValueError:
        spans = "a span (12h, 7d, 4w) or " if now else ""
        raise InputError(
            f"invalid date {text!r}", f"Write {spans}a date: 2026-03-09 or 2026-03-09T10:25, in UTC."
        ) from None
    length = _LENGTHS.get(len(_ZONE.sub(r"\1", text.strip())), MOMENT)
    moment = start + min(length - MOMENT, _LAST - start) if end else start
    return max(BEGINNING, moment) if now else moment


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
