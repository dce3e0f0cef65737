"""The screenshots of the README, taken in Chromium of pages made from the samples; run it to renew them."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from browser import PATIENCE, QUIET, program
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
REEL = "samples/history/quick-reel-maker"
SIZE = {"width": 1440, "height": 900}


class Shot(NamedTuple):
    """A page as a command makes it, and the keys that bring it to what is shown."""

    command: tuple[str, ...]
    keys: tuple[str, ...] = ()


SHOTS = {
    "page": Shot(("render", "samples/reel-five-shots.json"), ("ArrowRight",) * 3),
    "report": Shot(("report", "samples")),
    "diff": Shot(("diff", f"{REEL}/v1.json", f"{REEL}/v4.json"), ("ArrowRight", "ArrowRight")),
}


def take(browser: Browser, folder: Path) -> list[Path]:
    """Write each screenshot to a folder, and return where they are."""
    context = browser.new_context(viewport=SIZE, color_scheme="light", reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE * 1000)
    with tempfile.TemporaryDirectory() as pages:
        for name, shot in SHOTS.items():
            written = Path(pages, f"{name}.html")
            command = (sys.executable, "-m", "lamina_graph", *shot.command, "-o", str(written))
            subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
            opened.goto(written.as_uri())
            for key in shot.keys:
                opened.keyboard.press(key)
            opened.evaluate("document.fonts.ready")
            opened.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
            opened.screenshot(path=folder / f"{name}.png")
    context.close()
    return [folder / f"{name}.png" for name in SHOTS]


if __name__ == "__main__":
    with sync_playwright() as playwright:
        for path in take(
            playwright.chromium.launch(executable_path=program(), args=list(QUIET)), ROOT / "docs"
        ):
            print(path)
