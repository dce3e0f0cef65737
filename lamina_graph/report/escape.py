"""Other people's words for each reader: names and labels of public apps must not act where they are shown.

One function for each reader that obeys some characters; docs/untrusted-text.md has the table. A terminal gets
`one_line` of `text`, a page the escaping of its template, Slack elements that hold plain text.
"""

import csv
import html
import io
import re
from collections.abc import Iterable, Sequence
from itertools import chain

from lamina_graph.text import one_line

_BREAK = "\u200b"
"""A space of no width. GitHub looks for references in the finished page, where no backslash is left."""

_REFERENCE = re.compile(
    r"@(?!\s)|#(?=\d)|\bgh-(?=\d)|:(?=//|[\w+-]+(?::|$))|\bwww(?=\.)", re.IGNORECASE | re.ASCII
)
"""What makes a mention, an issue, an address or an emoji of what follows."""

_COMMIT = re.compile(
    r"(?<![\w-])((?=[\w-]*?(?<![^\W_])[0-9a-f]{7,40}(?![^\W_]))[\w-]+)", re.IGNORECASE | re.ASCII
)
"""A word, or an id, with a part that may be the hash of a commit."""

_SYNTAX = re.compile(r"[\\`*{}\[\]<>()#|~!$&]|(?<![^\W_])_|_(?![^\W_])")
_START = re.compile(r"^(?:\d{1,9}(?=\.(?:\s|$))|(?=[-+](?:\s|$)|[-=]+$))")
"""What begins a list, or makes a heading of the line before."""

_OBEYED = re.compile(r"""((?:^|[;,|"])[\s']*)(?=[=+\-@＝＋－＠])|(^)(?=::)|(##)(?=\[)""")
"""What makes a formula of what follows, wherever cells are split; or what a log obeys, as a command."""


def github_markdown(text: str) -> str:
    r"""Return text that GitHub's Markdown shows as it is, in a table too: no mention, link, emoji or markup.

    What may be the hash of a commit becomes code, so that an id can still be copied.

    >>> print(github_markdown("a|b `c` <i> for @someone, see #12"))
    a\|b \`c\` \<i\> for @&#x200B;someone, see \#&#x200B;12
    >>> print(github_markdown("as in 0360cde"))
    as in `0360cde`
    """
    parts = _COMMIT.split(one_line(text))
    return "".join(f"`{part}`" if place % 2 else _escaped(part) for place, part in enumerate(parts))


def _escaped(text: str) -> str:
    broken = _REFERENCE.sub(rf"\g<0>{_BREAK}", text)
    return _START.sub(r"\g<0>\\", _SYNTAX.sub(r"\\\g<0>", broken)).replace(_BREAK, "&#x200B;")


def csv_text(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""Return rows below headings as CSV (RFC 4180), in which no cell is a formula.

    >>> csv_text(["name", "stages"], [("=1+1", 2)])
    "name,stages\r\n'=1+1,2\r\n"
    """
    return "".join(map(csv_line, chain([headings], rows)))


def csv_line(row: Iterable[object]) -> str:
    r"""Return a row as a line of CSV (RFC 4180), in which no cell is a formula.

    >>> csv_line(["a, b", 2])
    '"a, b",2\r\n'
    """
    target = io.StringIO()
    csv.writer(target, lineterminator="\r\n").writerow([csv_cell(str(cell)) for cell in row])
    return target.getvalue()


def github_html(text: str) -> str:
    """Return text for an HTML tag in GitHub's Markdown, where a backslash escapes nothing.

    >>> print(github_html("<b> for @someone, as in 0360cde"))
    &lt;b&gt; for @&#x200B;someone, as in <code>0360cde</code>
    """
    parts = _COMMIT.split(one_line(text))
    return "".join(
        f"<code>{part}</code>"
        if place % 2
        else html.escape(_REFERENCE.sub(rf"\g<0>{_BREAK}", part)).replace(_BREAK, "&#x200B;")
        for place, part in enumerate(parts)
    ).replace("##[", "##&#91;")


def csv_cell(text: str) -> str:
    """Return text that a spreadsheet does not take for a formula, wherever it splits cells.

    What might be a formula stands after an apostrophe, as OWASP advises
    (https://owasp.org/www-community/attacks/CSV_Injection), and so does what the log of a job obeys.

    >>> csv_cell("=1+1"), csv_cell("a=1"), csv_cell("a;=1+1"), csv_cell("::error::a")
    ("'=1+1", 'a=1', "a;'=1+1", "'::error::a")
    """
    return _OBEYED.sub(r"\g<0>'", one_line(text))


def workflow_command(kind: str, title: str, message: str, file: str = "", line: int | None = None) -> str:
    """Return the line by which a step makes GitHub Actions show an annotation, perhaps beside a line.

    >>> workflow_command("error", "Reels: risky", "50% more")
    '::error title=Reels%3A risky::50%25 more'
    >>> workflow_command("notice", "Reels", "renamed", "flows/a.json", 7)
    '::notice file=flows/a.json,line=7,title=Reels::renamed'
    """
    place = {"file": file, "line": line} if file else {}
    properties = place | {"title": title}
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value)
    return f"::{kind} {written}::{_command_data(message)}"


def _property(text: str) -> str:
    return _command_data(text).replace(":", "%3A").replace(",", "%2C")


def _command_data(text: str) -> str:
    return one_line(text).replace("%", "%25").replace("##[", r"#\x23[")
