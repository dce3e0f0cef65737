"""Dates as a person writes them: `2026-03-09` and `2026-03-09T10:25` name all that lies within, in UTC."""

import re
from datetime import UTC, datetime, timedelta

from lamina_graph.errors import InputError

_INSTANT = timedelta(microseconds=1)
_LENGTHS = {10: timedelta(days=1), 13: timedelta(hours=1), 16: timedelta(minutes=1), 19: timedelta(seconds=1)}
"""How much time a date of so many characters names."""

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
    named = _ZONE.sub(r"\1", text.strip())
    length = _LENGTHS.get(len(named), _INSTANT)
    start = begun if begun.tzinfo else begun.replace(tzinfo=UTC)
    try:
        return start.astimezone(UTC) + (length - _INSTANT)
    except OverflowError:
        return (datetime.min if start.year == 1 else datetime.max).replace(tzinfo=UTC)
