"""Other people's words do no harm in any reader: names and labels of public apps come out as text.

A table of readers, a table of hostile words, one test for each pair. `docs/untrusted-text.md` says the rules.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

import lamina_graph as lg
from lamina_graph.cli import cli
from lamina_graph.diff import Accepted, Diff, diff
from lamina_graph.files import canonical, load
from lamina_graph.history import AppChange, Changes, Unknown
from lamina_graph.model import Entry
from lamina_graph.render import draw_strip
from lamina_graph.report import changes as of_changes
from lamina_graph.report import diff as of_diff
from lamina_graph.report import workflow as of_workflow
from lamina_graph.report.catalogue import WRITERS, AnalysisOptions, report
from lamina_graph.report.escape import csv_cell, github_markdown
from lamina_graph.store import FetchResult, FetchScope, Store
from lamina_graph.text import one_line

CASES = Path(__file__).parent / "cases"
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)

WORDS = {
    "mention": "thanks @someone and @some-org/team",
    "issue": "see #12, GH-12 and owner/repo#34",
    "commit": "as in 0360cde or deadbeefdeadbeefdeadbeefdeadbeefdeadbeef, octocat@0360cde",
    "address": "https://evil.example http://evil.example www.evil.example ftp://evil.example",
    "e-mail": "me@evil.example mailto:me@evil.example",
    "emoji": ":tada: and :+1:",
    "element": "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "closing": "</title></style></script><!-- --><svg onload=alert(1)>",
    "entity": "&lt;b&gt; &amp; &#64;someone &commat;someone",
    "heading": "# heading",
    "rule": "---",
    "task": "[ ] task",
    "list": "1. one",
    "item": "- one",
    "table": "a | b \\| c",
    "code": "`code` ``` ~~~ $x$",
    "emphasis": "*a* _b_ ~c~ **d** __e__ ~~f~~",
    "link": "[text](https://evil.example) ![](x) [^1] <https://evil.example>",
    "lines": "one\n\n# two\n- [ ] three\r::error::four",
    "command": "::error::owned",
    "old command": "##[error]owned",
    "percent": "100%0A::error::owned%25, a:b,c=d",
    "slack": "<!channel> <@U012AB3CD> <https://evil.example|here> *bold* &amp;",
    "escape": "\x1b[31mred\x1b]0;title\x07\x9b1m",
    "hidden": "gpj\u202eexe\u2066\u200b\ufeff",
    "formula": '=HYPERLINK("https://evil.example";"x")',
    "formula in a cell": "a;=1+1;\t+1;@SUM(1)",
    "formula after any sign": 'a,=1+1|+1\t-1\n@SUM(1) "=2" ""+3; \u3000＝1+1',
    "formula after blanks": " \u00a0\u3000\t＝1+1",
    "mermaid": 'x"]:::danger; click A "https://evil.example" %%{init: {}}%%',
    "template": "{{ 7 * 7 }}{% raw %}${7*7}",
}


def a_diff(word: str) -> Diff:
    """A diff with a word at every place that other people fill."""
    edges = [{"source": word, "target": "b"}]
    nodes = [
        {"id": word, "type": word, "label": word},
        {"id": "b", "type": "klingVideoNode", "label": "Clip"},
    ]
    old = {"appId": word, "name": word, "nodes": nodes, "edges": edges}
    new = {"nodes": [{"id": "b", "type": word, "label": word, "data": {word: word}}]}
    return diff(load(old), load({**old, "name": f"{word} ", "edges": [], **new}))


def some_changes(word: str) -> Changes:
    """Changes with a word at every place that other people fill."""
    fields = {"rule": "node-retyped", "text": word, "fingerprint": "0123456789ab", "uses": (word,)}
    where = {"at": NOON, "app_id": word, "name": word, "base_url": f"https://api.example/{word}"}
    changes = (
        AppChange(severity="breaking", **fields, **where),
        AppChange(severity="risky", **fields, **{**where, "base_url": word}, accepted=Accepted(reason=word)),
    )
    unknown = (Unknown(at=NOON, app_id=word, name=word, why=word),)
    return Changes(since=NOON, until=NOON, severity="breaking", apps=2, changes=changes, unknown=unknown)


def page_of(workflow: lg.Workflow) -> str:
    facts = lg.features(workflow)
    return of_workflow.html(workflow, (facts, lg.classify(workflow)))


def an_app(word: str) -> lg.Workflow:
    nodes = [
        {"id": word, "type": word, "label": word},
        {"id": "b", "type": f"{word}VideoNode", "label": word},
    ]
    edges = [{"source": word, "target": "b"}]
    return load({"appId": word, "name": word, "nodes": nodes, "edges": edges})


def a_report(word: str, form: str) -> str:
    entries = [Entry(ref=word, workflow=an_app(word))]
    made = report(entries, title=word, skipped=[(word, word)], options=AnalysisOptions(draw=form == "html"))
    return WRITERS[form](made)


def printed(*arguments: str) -> Callable[[str], str]:
    """Return a function to what a command prints of workflows that say a word everywhere."""

    def run(word: str) -> str:
        with TemporaryDirectory() as folder, chdir(folder):
            files = {"old.json": a_diff(word).old_workflow, "new.json": a_diff(word).new_workflow}
            for name, workflow in {**files, "app.json": an_app(word)}.items():
                Path(name).write_text(canonical(workflow.model_dump(mode="json", by_alias=True)))
            if "app.json" not in arguments and "old.json" not in arguments:
                with Store("store.db") as store:
                    record(store, [each.model_dump(mode="json", by_alias=True) for each in files.values()])
            result = CliRunner().invoke(cli, ["--store", "store.db", *arguments])
            assert result.exit_code == 0, result.output
            return result.output

    return run


def record(store: Store, versions: list[dict[str, object]]) -> None:
    """Record the versions of one app, one an hour."""
    for hour, workflow in enumerate(versions):
        at = NOON + timedelta(hours=hour)
        run = store.begin("https://api.example", FetchScope(), at)
        name = str(workflow["name"])
        store.record(run.id, [FetchResult(app_id="app", at=at, name=name, workflow=workflow)])
        store.finish(run.id, at, complete=True)


# What a reader would do, if it could


def harm_to_markdown(shown: str) -> Iterator[str]:
    """Yield what GitHub would do with it: links, mentions, markup that is not ours."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    ours = {"text", "text_special", "code_inline", "strong_open", "strong_close", "html_inline"}
    yield from re.findall(r"^ *[-*+] +\[[ x]\].*", shown, re.MULTILINE)
    for token in parser.parse(shown):
        if token.type == "fence":
            continue
        if token.type in ("hr", "code_block", "blockquote_open", "ordered_list_open"):
            yield token.type
        if token.type == "html_block" and not re.fullmatch(
            r"<!-- lamina-graph changes -->\n?", token.content
        ):
            yield token.content
        for child in token.children or ():
            if child.type not in ours or (child.type == "html_inline" and child.content != "<br>"):
                yield f"{child.type} {child.content}"
        yield from references("".join(visible(token)))


def visible(token: Token) -> Iterator[str]:
    """Yield the text in which GitHub looks for references: that of code is left alone."""
    for child in token.children or ():
        yield child.content if child.type in ("text", "text_special") else "\0"


def references(text: str) -> list[str]:
    """Return what GitHub makes a link or an emoji of."""
    return re.findall(
        r"@\w|#\d|gh-\d|https?://|ftp://|www\.|(?<![\w-])[0-9a-f]{7,40}(?![\w-])|:[\w+-]+:",
        text,
        re.IGNORECASE | re.ASCII,
    )


def harm_to_a_runner(shown: str) -> Iterator[str]:
    """Yield what the runner of GitHub Actions would obey."""
    for line in shown.splitlines():
        if not re.fullmatch(r"::(error|warning|notice) title=[^:,\n]*::(?!.*%0A)[^\n]*", line):
            yield line


def harm_to_a_log(shown: str) -> Iterator[str]:
    """Yield what a terminal, or the runner that shows what a step prints, would obey."""
    yield from re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]", shown)
    yield from re.findall(r"^\s*::.*|##\[", shown, re.MULTILINE)


def harm_to_slack(shown: str) -> Iterator[str]:
    """Yield what Slack would parse."""
    payload = json.loads(shown)
    yield from re.findall(r"mrkdwn|\"emoji\": true|verbatim", shown)
    yield from re.findall(r"[<&*]", payload["text"])
    for element in elements(payload["blocks"]):
        if "text" in element and element.get("type") not in ("header", "plain_text", "text"):
            yield str(element)


def elements(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from elements(each)


def harm_to_a_spreadsheet(shown: str) -> Iterator[str]:
    """Yield the cells that would be formulas, whatever cells are split at, and whether quotes hold or not."""
    for separator, quoting in product(",;\t|", (csv.QUOTE_MINIMAL, csv.QUOTE_NONE)):
        for cells in csv.reader(io.StringIO(shown, newline=""), delimiter=separator, quoting=quoting):
            yield from (cell for cell in cells if cell.lstrip(' "')[:1] in tuple("=+-@＝＋－＠"))


class Page(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def harm_to_a_browser(shown: str) -> Iterator[str]:
    """Yield what would run, load or lead elsewhere."""
    page = Page(shown)
    yield from (tag for tag in page.tags if tag in ("img", "iframe", "object", "base", "link", "embed"))
    for name, value in page.attributes:
        if name.startswith("on") or name in ("src", "action", "data"):
            yield f"{name}={value}"
        if name in ("href", "xlink:href") and not value.startswith("#"):
            yield f"{name}={value}"
    if page.tags.count("script") > 2:
        yield "script"


READERS: dict[str, tuple[Callable[[str], str], Callable[[str], Iterator[str]]]] = {
    "GitHub comment on a diff": (lambda word: of_diff.markdown(a_diff(word)), harm_to_markdown),
    "GitHub comment on changes": (lambda word: of_changes.markdown(some_changes(word)), harm_to_markdown),
    "GitHub job summary": (lambda word: of_changes.github(some_changes(word)).summary, harm_to_markdown),
    "GitHub annotations": (lambda word: of_changes.github(some_changes(word)).annotations, harm_to_a_runner),
    "Markdown report": (lambda word: a_report(word, "markdown"), harm_to_markdown),
    "Slack": (lambda word: json.dumps(of_changes.slack(some_changes(word))), harm_to_slack),
    "spreadsheet": (lambda word: a_report(word, "csv"), harm_to_a_spreadsheet),
    "spreadsheet of answers": (printed("classify", "app.json", "-f", "csv"), harm_to_a_spreadsheet),
    "diff in a terminal": (printed("diff", "old.json", "new.json"), harm_to_a_log),
    "JSON of a diff": (printed("diff", "old.json", "new.json", "-f", "json"), harm_to_a_log),
    "changes in a terminal": (printed("changes", "--since", "2026-03-09T12:30"), harm_to_a_log),
    "history in a terminal": (printed("history", "app"), harm_to_a_log),
    "JSON of changes": (printed("changes", "--since", "2026-03-09T12:30", "-f", "json"), harm_to_a_log),
    "table in a terminal": (printed("classify", "app.json"), harm_to_a_log),
    "reasons in a terminal": (printed("classify", "app.json", "--explain"), harm_to_a_log),
    "findings in a terminal": (printed("lint", "app.json"), harm_to_a_log),
    "workflow in a terminal": (printed("show", "app.json"), harm_to_a_log),
    "page of a diff": (lambda word: of_diff.html(a_diff(word)), harm_to_a_browser),
    "page of a workflow": (lambda word: page_of(an_app(word)), harm_to_a_browser),
    "page of changes": (lambda word: of_changes.html(some_changes(word)), harm_to_a_browser),
    "page of a report": (lambda word: a_report(word, "html"), harm_to_a_browser),
    "pipeline in one line": (
        lambda word: draw_strip(lg.features(an_app(word))).svg,
        harm_to_a_browser,
    ),
    "notebook": (
        lambda word: lg.draw(an_app(word))._repr_mimebundle_()["image/svg+xml"],
        harm_to_a_browser,
    ),
}


@pytest.mark.parametrize(("reader", "word"), list(product(READERS, WORDS)))
def test_untrusted_text_has_no_effect_in_any_reader(reader: str, word: str):
    """Whoever reads it sees text: nothing is mentioned, linked, run, loaded or set."""
    write, harm = READERS[reader]
    shown = write(WORDS[word])
    assert shown
    assert list(harm(shown)) == []


@given(st.text() | st.text(alphabet="_*a0 .:/w\\|`<>[]()!~#&;@-+=\n"))
def test_escaped_markdown_shows_the_text_unchanged(text: str):
    """Nothing is lost or added but the space of no width that parts a reference."""
    table = f"| x |\n| --- |\n| {github_markdown(text)} |\n"
    cells = [
        token for token in MarkdownIt("commonmark").enable("table").parse(table) if token.type == "inline"
    ]
    assert len(cells) == 2
    assert "".join(child.content for child in cells[1].children).replace("\u200b", "") == one_line(text)
    assert references("".join(visible(cells[1]))) == []


@given(st.text())
def test_no_text_becomes_a_spreadsheet_formula(text: str):
    """Apostrophes before what might be one are all that is added to a cell."""
    assert csv_cell(text)[:1] not in tuple("=+-@\t\r\n＝＋－＠")
    assert csv_cell(text).replace("'", "") == one_line(text).replace("'", "")


def test_a_comment_on_github_mentions_nobody():
    """The comment on a pull request mentions nobody and links no issue."""
    folder = CASES / "github-mention"
    shown = (
        CliRunner()
        .invoke(cli, ["diff", str(folder / "old.json"), str(folder / "new.json"), "-f", "markdown"])
        .stdout
    )
    assert "@&#x200B;someone" in shown
    assert r"\#&#x200B;12" in shown
