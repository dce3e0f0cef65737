"""A report over 1,000 graphs of 30 nodes: its size, its time beside the work in it, how soon it is usable.

python benchmarks/report_thousand.py [APPS]
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

from lamina_graph.classify import classify
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.model import Entry, Workflow
from lamina_graph.render import draw
from lamina_graph.report.catalogue import report, save

TYPES = (
    *(
        "imageInputNode",
        "textInputNode",
        "promptWriterNode",
        "fluxImageNode",
        "aiDesignerNode",
        "klingVideoNode",
    ),
    *(
        "backgroundRemoverNode",
        "imageUpscalerNode",
        "voiceoverNode",
        "videoMergeNode",
        "mysteryNode",
        "imageOutputNode",
    ),
)
NODES = 30
USABLE = "html.js"
PARTS = """() => {
  const [visit] = performance.getEntriesByType("navigation"), [paint] = performance.getEntriesByType("paint");
  return {
    parsed: visit.domInteractive / 1000,
    ready: visit.domContentLoadedEventEnd / 1000,
    painted: (paint?.startTime ?? NaN) / 1000,
    elements: document.getElementsByTagName("*").length,
    pictures: document.getElementsByTagName("svg").length,
  };
}"""
SEARCHED = """() => new Promise(done => {
  const start = performance.now(), field = document.querySelector("[name=q]");
  field.value = "kling";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
})"""


def app(number: int) -> Workflow:
    """One made-up app: each node is fed by one or two shortly before it; ids look like real ones."""
    chance = random.Random(number)
    types = [chance.choice(TYPES) for _ in range(NODES)]
    ids = [
        f"{kind}-{1_740_000_000_000 + chance.randrange(4 * 10**10)}-{chance.randbytes(5).hex()[:9]}"
        for kind in types
    ]
    nodes = [
        {"id": id_, "type": kind, "label": f"{kind} {place}"}
        for place, (id_, kind) in enumerate(zip(ids, types, strict=True))
    ]
    feeds = {
        (chance.randrange(max(0, to - 6), to), to)
        for to in range(1, NODES)
        for _ in range(chance.choice((1, 1, 2)))
    }
    edges = [{"source": ids[source], "target": ids[target]} for source, target in sorted(feeds)]
    return load(
        {"appId": f"app-{number:04}", "name": f"Made-up app {number}", "nodes": nodes, "edges": edges}
    )


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def opened(path: Path) -> tuple[float, dict[str, float], float]:
    """Return the seconds until the page can be used, what they went to, and the seconds of a search in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto("about:blank")
        console = page.context.new_cdp_session(page)
        console.send("Performance.enable")

        def visit() -> None:
            page.goto(path.as_uri(), wait_until="commit")
            page.wait_for_selector(USABLE, state="attached")
            page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")

        usable = timed(visit)
        found = {each["name"]: each["value"] for each in console.send("Performance.getMetrics")["metrics"]}
        return usable, found | page.evaluate(PARTS), page.evaluate(SEARCHED) / 1000


def main(number: int) -> None:
    """Print the figures."""
    apps = [app(each) for each in range(number)]
    entries = [Entry(ref=f"{each.app_id}.json", workflow=each) for each in apps]
    draw(apps[0]).inline  # noqa: B018 - the engine starts here, outside of what is timed
    work = timed(lambda: [(classify(each, facts=features(each)), draw(each).inline) for each in apps])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        made = timed(lambda: save(report(entries), path))
        usable, parts, searched = opened(path)
        print(f"size                {path.stat().st_size / 1e6:6.2f} MB")
    print(f"classify and draw   {work:6.2f} s")
    print(f"report              {made:6.2f} s, {made / work:.2f} times that")
    print(f"usable after        {usable:6.2f} s")
    for name, kind in (
        ("parsed", "parsed"),
        ("scripts done", "ready"),
        ("first paint", "painted"),
        ("of it script", "ScriptDuration"),
        ("of it style", "RecalcStyleDuration"),
        ("of it layout", "LayoutDuration"),
    ):
        print(f"  {name:18}{parts[kind]:6.2f} s")
    print(f"  elements          {parts['elements']:6.0f}, pictures {parts['pictures']:.0f}")
    print(f"a search takes      {searched:6.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
