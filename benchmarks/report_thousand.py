"""How large the page of a report over 1,000 workflows of 30 nodes is, and how soon it is usable in Chromium.

python -m benchmarks.report_thousand [APPS]
"""

import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.data import Data
from benchmarks.harness import Scene, command

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

        start = time.perf_counter()
        page.goto(path.as_uri(), wait_until="commit")
        page.wait_for_selector(USABLE, state="attached")
        page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        usable = time.perf_counter() - start
        found = {each["name"]: each["value"] for each in console.send("Performance.getMetrics")["metrics"]}
        return usable, found | page.evaluate(PARTS), page.evaluate(SEARCHED) / 1000


def main(number: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        scene, path = Scene(Data(Path(folder)), quick=False), Path(folder) / "report.html"
        made = command(scene, "report", scene.data.files(number), "-o", path)
        usable, parts, searched = opened(path)
        print(f"size                {path.stat().st_size / 1e6:6.2f} MB")
    print(f"report              {made.elapsed:6.2f} s, {made.cpu:.2f} s of processor time")
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
