"""Colours of text on a terminal."""

_STYLES = {
    "breaking": "1;31",
    "risky": "33",
    "cosmetic": "36",
    "accepted": "32",
    "unknown": "35",
    "soft": "2",
    "head": "1",
}


class Ansi:
    r"""Colours text for a terminal, or leaves it as it is.

    >>> Ansi(False)("risky", "two"), Ansi(True)("risky", "two")
    ('two', '\x1b[33mtwo\x1b[0m')
    """

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, style: str, words: str) -> str:
        """Return words in a style."""
        return f"\x1b[{_STYLES[style]}m{words}\x1b[0m" if self._colour and words else words
