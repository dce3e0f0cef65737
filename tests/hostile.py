"""Words of others that could do harm: markup, commands, escapes and controls of every reader of a picture."""

import re
import unicodedata

from lamina_graph.files import load

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</text></svg><svg onload=alert(1)>",
    "</style><style>*{display:none}",
    "</metadata><script/>",
    "]]><!--",
    "&lt;b&gt; &amp; &#60;",
    "<b>html label</b>",
    "<<table><tr><td>x</td></tr></table>>",
    'x"]; evil [label="x" URL="javascript:1"]; //',
    "\\N \\G \\E \\l\\r\\n\\",
    'x"]:::danger; click n0 "javascript:1"',
    "%%{init: {}}%%",
    "`md` **b** _i_ #35; #quot;",
    "1. list",
    "- list",
    "end",
    "subgraph x",
    "n0 --> n1",
    "style n0 fill:#f00;",
    "a\nb\tc\r\nclass n0 danger",
    "\x1b[31mred\x1b]8;;https://example.org\x07\x00\x08\x9b",
    "\u202egpj.exe\u2066\u2069\u200f\ufeff",
    "=1+1",
    "x" * 10_000,
    "w w " * 2_500,
    "\ud800 lone",
    "\ufffe\uffff",
    "\U0001f469\U0001f3fd\u200d\U0001f9b1 \U00020000\U000e0041\U0010fffd",
    "\u0915\u094d\u0937 \u0e17\u0e35\u0e48 \u062e\u0644\u0641 " + "\u0301" * 300,
    " ",
    "",
    "1) list",
    "> quote | cell",
    "www.example.org a@b.example fa:fa-car",
    "$$x^2$$ \\(x\\)",
    "C:\\new\\nodes",
    "ﬂ°35¶ß ﬂ°°quot¶ß",
    'n0@{ img: "https://example.org/x.png" }',
    "<html><img src='https://example.org/x.png'></html>",
    "@someone see #12",
)

HOSTILE_WORKFLOW = load(
    {
        "name": HOSTILE[0],
        "nodes": [
            {"id": f"{text}{number}", "type": f"x{text}", "label": text if number % 4 else "A label"}
            for number, text in enumerate(HOSTILE)
        ],
        "edges": [
            {"source": f"{HOSTILE[at]}{at}", "target": f"{HOSTILE[at + 1]}{at + 1}"}
            for at in range(len(HOSTILE) - 1)
        ],
    }
)


def misleading(text):
    """Controls but line breaks, overrides, lone surrogates."""
    found = {character for character in text if unicodedata.category(character) in ("Cc", "Cf", "Cs")}
    return found - {"\n", "\u200c", "\u200d"}


LABEL = r"\"(?:[^\"\#&\\\x00-\x1f]|\#\d+;)*\""
MERMAID = re.compile(
    rf"""
    (?P<head>flowchart\ (?:LR|TB))
    | \ \ (?P<node>n\d+) (?:\(\[{LABEL}\]\)|\({LABEL}\)|\[{LABEL}\]|\{{\{{{LABEL}\}}\}}|\[\[{LABEL}\]\])
    | \ \ (?P<edge>n\d+\ (?:-->|==>|-\.->)(?:\|[a-z0-9,\ ]+\|)?\ n\d+)
    | \ \ classDef\ \w+\ [\w:\#,\ -]+
    | \ \ class\ n\d+(?:,n\d+)*\ \w+
    | \ \ linkStyle\ \d+(?:,\d+)*\ [\w:\#,-]+
    """,
    re.VERBOSE,
)


def check_mermaid(text, nodes, edges):
    found = [MERMAID.fullmatch(line) for line in text.removesuffix("\n").split("\n")]
    assert all(found)
    assert found[0]["head"]
    assert [line["node"] for line in found if line["node"]] == [
        f"n{number}" for number in range(1, nodes + 1)
    ]
    assert sum(bool(line["edge"]) for line in found) == edges
    for line in text.splitlines():
        assert not re.search(r"<(?!br/>)|`|%%|:::", line)


def assert_shortened(shown: str, text: str) -> None:
    """Check that a text is shown whole, or with a mark in place of what is left out."""
    start, mark, end = shown.partition("…")
    assert text.startswith(start)
    assert text.endswith(end)
    assert mark or shown == text
