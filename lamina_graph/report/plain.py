"""Untrusted text as one line of plain text, for the program that will read it."""

import re

from lamina_graph.text import one_line

_MARKDOWN = re.compile(r"[\\`*{}\[\]<>()#|~!$&@]|(?<![^\W_])_|_(?![^\W_])|:(?=\S)|(?<=www)\.", re.IGNORECASE)
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def markdown(text: str) -> str:
    r"""Return a text that Markdown shows as it is, in a cell of a table too.

    >>> print(markdown("a|b `c` <i> https://d"))
    a\|b \`c\` \<i\> https\://d
    """
    return _MARKDOWN.sub(r"\\\g<0>", one_line(text))


def cell(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula.

    What might be one stands after an apostrophe, as OWASP advises (https://owasp.org/www-community/attacks/CSV_Injection).

    >>> cell("=1+1"), cell("a=1")
    ("'=1+1", 'a=1')
    """
    return (
        f"'{one_line(text)}"
        if text.startswith(_FORMULA) or one_line(text).startswith(_FORMULA)
        else one_line(text)
    )


def cut(text: str, length: int) -> str:
    """Return a text no longer than `length`, its middle left out where it is.

    >>> cut("abcdefghij", 5)
    'ab…ij'
    """
    if len(text) <= length:
        return text
    head, tail = length // 2, (length - 1) // 2
    return f"{text[:head]}…{text[len(text) - tail :]}"
