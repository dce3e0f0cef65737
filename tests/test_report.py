"""The catalogue report: its rows and counts, and the same as HTML, Markdown, CSV and JSON."""

import csv
import gc
import io
import json
import re
import tracemalloc
from base64 import b64decode, b64encode
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from zlib import decompress

import pytest
from catalogue_entries import HOSTILE, broken, entry, estimate, hostile_entry
from commandline import lamina
from conftest import SAMPLES
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lamina_graph.classify import RULES, user_rules
from lamina_graph.errors import InputError
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.history import ages
from lamina_graph.model import Entry, Estimate
from lamina_graph.report.catalogue import PIECES, WRITERS, AnalysisOptions, AppAnalysis, Report, report, save
from lamina_graph.report.catalogue.charts import charts
from lamina_graph.report.catalogue.credits import run_credits
from lamina_graph.report.catalogue.packed import RowContext, Rows, pack_apps
from lamina_graph.report.catalogue.pictures import Pictures
from lamina_graph.report.catalogue.sparkline import sparkline
from lamina_graph.text import one_line
from lamina_graph.vocabulary import Vocabulary

UNDRAWN = AnalysisOptions(draw=False)


def sample_entries():
    return [Entry(ref=path.name, workflow=load(path)) for path in sorted(SAMPLES.glob("*.json"))]


VIDEO = entry("Clip", ["textInputNode", "klingVideoNode"], [(0, 1)])
IMAGE = entry("Still", ["imageInputNode", "fluxImageNode"], [(0, 1)])


def test_every_entry_has_a_row_in_order_and_errors_are_counted():
    made = report([VIDEO, broken(), IMAGE], options=UNDRAWN)
    assert [row.ref for row in made.rows] == ["Clip.json", "broken.json", "Still.json"]
    assert made.rows[1].error == "broken.json: nodes[0].id: missing"
    assert made.rows[1].classification is None
    assert (made.summary.apps, made.summary.unreadable) == (3, 1)


def test_an_empty_catalogue_can_be_reported():
    made = report([])
    assert made.summary.apps == 0
    assert "<bdi>0 apps</bdi>" in WRITERS["html"](made)
    assert "0 apps" in WRITERS["markdown"](made)
    assert WRITERS["csv"](made).startswith("ref,")


def test_a_row_has_the_inputs_outputs_and_stages_of_an_app():
    ids = ["textInputNode-1767225600000-aaaaaaaaa", "klingVideoNode-1769904000000-bbbbbbbbb"]
    (row,) = report(
        [entry("Clip", ["textInputNode", "klingVideoNode"], [(0, 1)], ids=ids)], options=UNDRAWN
    ).rows
    assert [(port.title, port.modalities) for port in row.inputs] == [("Text Input", ("text",))]
    assert [(port.title, port.modalities) for port in row.deliverables] == [("Kling Video", ("video",))]
    assert [(each.name, each.nodes) for each in row.types] == [("Kling Video", 1), ("Text Input", 1)]
    assert (f"{row.ages.oldest:%Y-%m-%d}", f"{row.newest:%Y-%m-%d}") == ("2026-01-01", "2026-02-01")


def test_the_summary_counts_apps():
    summary = report([VIDEO, IMAGE, entry("Other", ["klingVideoNode"])], options=UNDRAWN).summary
    assert {name: apps for name, apps in summary.categories.items() if apps} == {"image": 1, "video": 2}
    assert {name: apps for name, apps in summary.shapes.items() if apps} == {"single": 1, "chain": 2}
    assert [(each.takes, each.gives, each.apps) for each in summary.flows] == [
        ("text", "video", 1),
        ("image", "image", 1),
        (None, "video", 1),
    ]


def test_twins_name_each_other():
    again = entry("Clip again", ["textInputNode", "klingVideoNode"], [(0, 1)])
    made = report([VIDEO, broken(), again, IMAGE], options=UNDRAWN)
    assert [row.twins for row in made.rows] == [("Clip again.json",), (), ("Clip.json",), ()]
    assert [each.apps for each in made.summary.twins] == [("Clip.json", "Clip again.json")]


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ([("a", "1"), ("b", "2")], ["1", "2"]),
        ([("a", None), ("b", "2")], ["a", "2"]),
        ([("a", "1"), ("b", "1")], ["a", "b"]),
        ([("a", None), ("a", None)], ["a", "a~2"]),
        ([("a", "1"), ("a", "1"), ("b", "a~2")], ["a", "a~2", "a~2~2"]),
    ],
)
def test_every_key_is_there_once(given, keys):
    entries = [entry("x", ["fluxImageNode"], ref=ref, app_id=app_id) for ref, app_id in given]
    assert [row.key for row in report(entries, options=UNDRAWN).rows] == keys


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "a~2"]), st.sampled_from([None, "1", "a", "a~2"])), max_size=8
    )
)
def test_keys_of_apps_never_collide(given):
    entries = [entry("x", [], ref=ref, app_id=app_id) for ref, app_id in given]
    keys = [row.key for row in report(entries, options=UNDRAWN).rows]
    assert len(set(keys)) == len(keys)


QUIET = [f"{year} Q{quarter}" for year in (2024, 2025, 2026) for quarter in (1, 2, 3, 4)][2:10]


@pytest.mark.parametrize(
    ("stamps", "columns"),
    [
        ([], []),
        ([(2026, 1)], [("2026-01", 1)]),
        ([(2025, 12), (2026, 2), (2026, 2)], [("2025-12", 1), ("2026-01", 0), ("2026-02", 2)]),
        ([(2024, 6), (2026, 7)], [("2024 Q2", 1), *((quarter, 0) for quarter in QUIET), ("2026 Q3", 1)]),
        ([(2020, 2), (2026, 5)], [("2020", 1), *((str(year), 0) for year in range(2021, 2026)), ("2026", 1)]),
    ],
)
def test_the_time_line_has_a_column_for_every_period(stamps, columns):
    moments = [int(datetime(*stamp, 15, tzinfo=UTC).timestamp()) for stamp in stamps]
    ids = [f"fluxImageNode-{moment}000-{number:09}" for number, moment in enumerate(moments)]
    entries = [entry(id_, ["fluxImageNode"], ids=[id_]) for id_ in ids]
    made = report(entries, options=UNDRAWN)
    drawn = charts(made.summary, {row.key: row.title for row in made.rows}).newest
    assert [(each.period, each.apps) for each in drawn] == columns


def test_json_reads_back_as_the_report():
    made = report([*sample_entries(), broken()], options=UNDRAWN)
    assert Report.model_validate_json(WRITERS["json"](made)) == made


def test_json_names_its_schemas():
    data = json.loads(WRITERS["json"](report([VIDEO, broken()], options=UNDRAWN)))
    assert data["schema"] == "report/1"
    assert [row["schema"] for row in data["rows"]] == ["report-row/1", "report-row/1"]
    assert data["rows"][0]["classification"]["category"] == "video"


def test_csv_has_one_record_a_row_of_equal_length():
    text = WRITERS["csv"](report([VIDEO, broken()], options=UNDRAWN))
    head, *records = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert [record[0] for record in records] == ["Clip.json", "broken.json"]
    assert {len(record) for record in records} == {len(head)}
    assert text.count("\r\n") == text.count("\n") == 3


def test_markdown_has_the_summary_and_a_line_for_each_app():
    text = WRITERS["markdown"](report([VIDEO, broken()], title="Mine", options=UNDRAWN))
    assert text.startswith("# Mine\n\nNo date is known.\n\n- 2 apps: 1 video.\n- 1 could not be read.\n")
    assert "| video | 1 |" in text
    assert text.rstrip().splitlines()[-2].startswith("| Clip | video |")


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_is_a_formula(name):
    text = WRITERS["csv"](report([hostile_entry(HOSTILE[name])], title=HOSTILE[name], options=UNDRAWN))
    records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len(records) == 2
    assert not [each for record in records for each in record if each[:1] in tuple("=+-@\t\r\n")]


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_shows_names_as_they_are(name):
    text = WRITERS["markdown"](report([hostile_entry(HOSTILE[name])], title=HOSTILE[name], options=UNDRAWN))
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {"text", "text_special", "code_inline"}
    title = "".join(child.content for child in tokens[1].children).replace("\u200b", "")
    assert title == one_line(HOSTILE[name])
    kinds = [token.type for token in tokens]
    last = len(kinds) - kinds[::-1].index("table_open")
    assert kinds[last:].count("tr_open") == 2


class Markup(HTMLParser):
    """What of a page could run or load something."""

    def __init__(self, text):
        super().__init__()
        self.scripts, self.styles, self.addresses, self.events, self.policy = [], [], [], [], ""
        self._within = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.events += [name for name in given if name.startswith("on") or name == "style"]
        self.addresses += [
            given[name] for name in ("src", "href", "xlink:href", "action", "data") if name in given
        ]
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag in ("script", "style"):
            self._within = self.styles if tag == "style" else self.scripts if "type" not in given else []

    def handle_endtag(self, tag):
        self._within = None

    def handle_data(self, data):
        if self._within is not None:
            self._within.append(data)


@pytest.fixture(scope="module")
def hostile_page():
    return WRITERS["html"](
        report([hostile_entry(text) for text in HOSTILE.values()], title=HOSTILE["script"])
    )


def test_a_page_runs_one_script_has_one_style_and_allows_no_other(hostile_page):
    page = Markup(hostile_page)
    (script,), (style,) = page.scripts, page.styles
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (style, script)]
    assert page.policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_a_page_loads_nothing_and_links_only_within_itself(hostile_page):
    page = Markup(hostile_page)
    assert page.events == []
    assert [address for address in page.addresses if not address.startswith("#")] == []


def test_a_page_can_be_written_as_utf_8(hostile_page):
    assert hostile_page.encode()


def packed(page):
    """The details and the diagrams that a page carries, by app."""
    texts = re.findall(r'<script type="text/plain" class="packed">(\S+) (\S+)</script>', page)
    parts = [[json.loads(decompress(b64decode(text), wbits=-15)) for text in part] for part in texts]
    return [(*app,) for details, diagrams in parts for app in zip(details, diagrams, strict=True)]


def test_details_and_diagrams_are_packed_whole():
    page = WRITERS["html"](report([VIDEO, broken(), IMAGE]))
    (details, diagram), without, _ = packed(page)
    assert "<h3>Why video</h3>" in details
    assert diagram.startswith("<svg ")
    assert "Kling Video" in diagram
    assert without == ("", "")


def test_without_scripts_the_details_of_up_to_500_apps_can_be_read_and_those_of_more_are_said_to_be_packed():
    entries = [entry(f"Clip {n}", ["klingVideoNode"]) for n in range(501)]
    for amount in (500, 501):
        page = WRITERS["html"](report(entries[:amount], options=UNDRAWN))
        few = amount == 500
        assert len(packed(page)) == amount
        assert (packed(page)[499][0] in page) is few
        assert ("showing them needs JavaScript" in page) is not few


def test_a_row_of_many_alike_names_a_hundred_others_and_the_summary_has_all():
    made = report([entry(f"Clip {n}", ["klingVideoNode"]) for n in range(150)], options=UNDRAWN)
    assert len(made.summary.twins[0].apps) == 150
    row = made.rows[120]
    assert len(row.twins) == 100
    assert row.key not in row.twins
    assert row.twins[0] == made.rows[0].key
    assert "and 129 more" in packed(WRITERS["html"](made))[120][0]


def test_rows_are_a_sequence_and_the_same_whenever_they_are_asked_for():
    made = report([entry(f"App {n}", ["klingVideoNode"] * (n + 1)) for n in range(40)], options=UNDRAWN)
    rows = list(made.rows)
    assert [row.name for row in rows] == [f"App {n}" for n in range(40)]
    assert made.rows == rows
    assert made.rows != rows[1:]
    assert [made.rows[n] for n in range(-40, 40)] == rows + rows
    assert list(made.rows[10:30:3]) == rows[10:30:3]
    with pytest.raises(IndexError):
        made.rows[40]


def test_the_same_catalogue_gives_the_same_bytes_in_one_process_or_in_two():
    entries = sample_entries()
    one = report(entries)
    with ProcessPoolExecutor(1) as executor:
        two = report(iter(entries), executor=executor)
    for write in WRITERS.values():
        assert write(one) == write(two)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("r.html", "html"),
        ("r.HTM", "html"),
        ("r.md", "markdown"),
        ("r.markdown", "markdown"),
        ("r.csv", "csv"),
        ("r.json", "json"),
    ],
)
def test_a_file_is_written_in_the_format_of_its_ending(tmp_path, name, form):
    made = report([VIDEO])
    save(made, tmp_path / name)
    assert (tmp_path / name).read_bytes() == WRITERS[form](made).encode()


def test_an_ending_that_names_no_format_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be written as"):
        save(report([VIDEO], options=UNDRAWN), tmp_path / "r.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_an_app_that_cannot_be_drawn_keeps_its_row_and_says_why():
    made = report([VIDEO], options=UNDRAWN)
    without = Pictures(titles={}, places={}, problem="the <engine> is missing")
    rows = Rows(
        [pack_apps([AppAnalysis(made.rows[0], pictures=without)], drawn=True)],
        RowContext(made.rows.summaries, {}),
    )
    page = WRITERS["html"](made.model_copy(update={"rows": rows}))
    assert "There is no picture: the &lt;engine&gt; is missing" in packed(page)[0][0]
    assert "Clip" in page


def test_a_category_of_ones_own_is_counted_and_can_be_filtered():
    rules = (*user_rules([{"label": "stills & <co>", "when": {"outputs": ["image"]}}]), *RULES)
    made = report([VIDEO, IMAGE], options=AnalysisOptions(rules=rules))
    assert made.summary.categories["stills & <co>"] == 1
    assert '<option value="stills &amp; &lt;co&gt;">' in WRITERS["html"](made)


def test_rules_and_vocabulary_of_ones_own_reach_other_processes():
    rules = (*user_rules([{"label": "stills", "when": {"outputs": ["image"]}}]), *RULES)
    options = AnalysisOptions(Vocabulary.default(), rules, draw=False)
    with ProcessPoolExecutor(1) as executor:
        made = report([IMAGE], executor=executor, options=options)
    assert made.rows[0].classification.category == "stills"


# Credits

DIAMOND = entry(
    "Reel",
    ["textInputNode", "fluxImageNode", "klingVideoNode", "videoMergeNode"],
    [(0, 1), (0, 2), (1, 3), (2, 3)],
    app_id="reel",
)


def priced(amounts):
    """Apps of one node, each with the credits that a run is expected to cost."""
    return [
        entry(f"app {number}", ["fluxImageNode"], app_id=f"{number}").model_copy(
            update={"estimate": amount if amount is None else estimate(f"{number}", amount)}
        )
        for number, amount in enumerate(amounts)
    ]


def test_credits_have_the_dearest_path_and_name_what_has_no_price():
    prices = {"Reel-1": 8, "Reel-2": 40, "gone": 5}
    (row,) = report([DIAMOND], estimates=[estimate("reel", 53, prices, 50, 60)], options=UNDRAWN).rows
    assert (row.credits.expected, row.credits.low, row.credits.high) == (53, 50, 60)
    assert row.credits.path == ("Reel-0", "Reel-2", "Reel-3")
    assert row.credits.path_credits == 40
    assert row.credits.unpriced == ("Reel-3",)
    assert row.credits.elsewhere == 1


@pytest.mark.parametrize(
    "given",
    [
        Estimate(app_id="reel"),
        estimate("reel", None, {"Reel-1": None}),
        estimate("reel", -3, {"Reel-1": -1}, low=float("inf"), high=10**400),
        estimate("reel", 40, {"of another version": 40}),
    ],
)
def test_missing_prices_are_unknown_not_free(given):
    made = report([DIAMOND], estimates=[given], options=UNDRAWN)
    found = made.rows[0].credits
    assert (found.expected, found.low, found.high) == (None, None, None)
    assert (found.path, found.path_credits, len(found.unpriced)) == ((), None, 3)
    assert made.summary.credits is None
    assert ",0," not in WRITERS["csv"](made).splitlines()[1].partition("2 × ")[2]


def test_an_app_that_costs_nothing_is_priced():
    made = report(priced([0]), options=UNDRAWN)
    assert made.summary.credits.priced == 1
    assert [(each.low, each.high, each.apps) for each in made.summary.credits.bands] == [(0, 1, 1)]


def test_a_given_estimate_is_preferred_to_that_of_a_snapshot():
    kept = DIAMOND.model_copy(update={"estimate": estimate("reel", 1)})
    assert report([kept], options=UNDRAWN).rows[0].expected == 1
    assert report([kept], estimates=[estimate("reel", 2)], options=UNDRAWN).rows[0].expected == 2


def test_the_summary_has_costs_and_counts_apps_without_a_price():
    amounts = [3, 30, 300, None, 45, 30, 1, 7]
    found = report([*priced(amounts), broken()], options=UNDRAWN).summary.credits
    assert (found.priced, found.unpriced, found.total, found.median) == (7, 1, 416, 30)
    assert found.dearest == ("2", "4", "1", "5", "7")
    assert [(each.low, each.high, each.apps) for each in found.bands] == [
        (1, 2, 1),
        (2, 5, 1),
        (5, 10, 1),
        (10, 20, 0),
        (20, 50, 3),
        (50, 100, 0),
        (100, 200, 0),
        (200, 500, 1),
    ]


@given(st.lists(st.floats(0, 1e15), min_size=1, max_size=6))
def test_every_price_is_in_one_band_of_few(amounts):
    found = report(priced(amounts), options=UNDRAWN).summary.credits
    assert sum(each.apps for each in found.bands) == len(amounts)
    assert 1 <= len(found.bands) <= 8
    assert all(each.low <= amount < each.high for amount in amounts for each in [found.band(amount)])
    assert [each.low for each in found.bands[1:]] == [each.high for each in found.bands[:-1]]


def test_credits_are_in_every_form_and_nowhere_where_none_are_known():
    made = report([DIAMOND, VIDEO], estimates=[estimate("reel", 1234.5, {"Reel-2": 40})])
    assert "| 1,234.5 |" in WRITERS["markdown"](made)
    assert "| not priced |" in WRITERS["markdown"](made)
    assert json.loads(WRITERS["json"](made))["rows"][0]["credits"]["expected"] == 1234.5
    assert json.loads(WRITERS["json"](made))["rows"][1]["credits"] is None
    records = list(csv.DictReader(io.StringIO(WRITERS["csv"](made), newline="")))
    assert [record["credits"] for record in records] == ["1234.5", ""]
    assert records[0]["dearest_path"] == "Reel-0 → Reel-2 → Reel-3"
    assert [record["unpriced_steps"] for record in records] == ["2", ""]
    without = report([DIAMOND, VIDEO])
    assert "redit" not in WRITERS["markdown"](without)
    assert '<td class="credits' not in WRITERS["html"](without)


def test_credits_are_those_of_the_graph_given():
    w = DIAMOND.workflow
    assert run_credits(w, features(w), estimate("reel", 3)).unpriced == ("Reel-1", "Reel-2", "Reel-3")


# Ages

JANUARY, FEBRUARY, LATE = 1_767_225_600_000, 1_769_904_000_000, 4_000_000_000_000


def aged(*stamps):
    ids = [f"fluxImageNode-{stamp}-{number:09}" for number, stamp in enumerate(stamps)]
    return entry("Aged", ["fluxImageNode"] * len(ids), ids=ids), ids


def test_a_row_has_its_editing_sessions_and_build_order():
    given, ids = aged(FEBRUARY, JANUARY, JANUARY + 60_000)
    made = report([given], options=UNDRAWN)
    found = made.rows[0].ages
    assert [each.id for each in found.order] == [ids[1], ids[2], ids[0]]
    assert [(each.nodes, each.survivors) for each in found.sessions] == [(2, 2), (1, 3)]
    (record,) = csv.DictReader(io.StringIO(WRITERS["csv"](made), newline=""))
    assert [record[name] for name in ("oldest", "newest", "sessions")] == ["2026-01-01", "2026-02-01", "2"]
    assert found.remark == "Nodes that were removed since cannot be seen."


def test_a_stamp_after_the_catalogue_was_seen_is_unknown():
    given, ids = aged(JANUARY, LATE)
    now = datetime(2026, 5, 1, tzinfo=UTC)
    assert report([given], options=AnalysisOptions(now=now, draw=False)).rows[0].ages.unknown == (ids[1],)
    assert report([given], options=UNDRAWN).rows[0].ages.unknown == ()


def test_the_strip_of_sessions_rises_with_the_nodes_and_names_the_last_sessions_first():
    day = 86_400_000
    given, ids = aged(*(JANUARY + number * day for number in range(8)))
    found = sparkline(ages(features(given.workflow)))
    assert found.area == "M0 44H4V39H46V34H87V29H129V24H171V19H213V14H254V9H296V4H300V44z"
    assert found.marks.startswith("M4 39h0M46 34h0")
    assert [each.nodes for each in found.last] == [(id_,) for id_ in ids[:1:-1]]
    assert (found.earlier, found.undated) == (2, 0)


# What was left out


def test_skipped_files_are_in_every_form_but_the_table():
    made = report([VIDEO, broken()], skipped=[("a/tsconfig.json", "nodes: missing <b>")], options=UNDRAWN)
    assert [(each.path, each.reason) for each in made.skipped] == [("a/tsconfig.json", "nodes: missing <b>")]
    assert "1 input could not be read, 1 file skipped" in WRITERS["html"](made)
    assert "<dd>skipped: nodes: missing &lt;b&gt;</dd>" in WRITERS["html"](made)
    assert "| a/tsconfig.json | nodes: missing \\<b\\> |" in WRITERS["markdown"](made)
    assert "| broken.json | broken.json: nodes\\[0\\].id: missing |" in WRITERS["markdown"](made)
    assert Report.model_validate_json(WRITERS["json"](made)) == made


def test_a_complete_page_mentions_no_skipped_files():
    assert '<details class="left-out">' not in WRITERS["html"](report([VIDEO]))


def test_features_of_a_report_are_reused_in_other_processes():
    again = entry("Clip again", ["textInputNode", "klingVideoNode"], [(0, 1)])
    with ProcessPoolExecutor(1) as executor:
        made = report([VIDEO, broken(), again], executor=executor, options=UNDRAWN)
    assert [row.twins for row in made.rows] == [("Clip again.json",), (), ("Clip.json",)]


def test_json_on_the_command_line_hides_nothing(tmp_path):
    """Bidirectional marks and control characters of C1 are escaped, and the JSON says the same."""
    (tmp_path / "app.json").write_text(
        json.dumps(
            {"name": "gpj\u202eexe\x9b", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []}
        )
    )
    printed = lamina("report", tmp_path / "app.json", "-f", "json").stdout
    assert "gpj\\u202eexe\\u009b" in printed
    assert json.loads(printed)["rows"][0]["name"] == "gpj\u202eexe\x9b"


def test_a_report_holds_little_of_each_app_and_is_written_without_being_held():
    """The rows of these apps alone would take 50 kB each as objects, their diagrams 20 kB as text."""
    types = ["textInputNode", "fluxImageNode", "klingVideoNode", "videoMergeNode"] * 6
    edges = [(node, node + 1) for node in range(len(types) - 1)]
    entries = [entry(f"App {n}", types, edges, ids=[f"{n}-{at}" for at in range(24)]) for n in range(48)]
    report(entries[:2])
    gc.collect()
    tracemalloc.start()
    try:
        made = report(entries)
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        assert held / len(entries) < 20_000
        tracemalloc.reset_peak()
        for form in ("html", "json"):
            written = sum(map(len, PIECES[form](made)))
            assert written > 250_000
        _, peak = tracemalloc.get_traced_memory()
        assert peak - held < 6_000_000
    finally:
        tracemalloc.stop()
