"""Chromium for the tests of pages, and a page that must be quiet: no complaint, no request, no dialog.

A page follows what is done to it in its own time, so nothing is read of it at once after an act: a test
waits until the page shows what is expected, by Playwright's `expect` or, of what that does not know, by
`expect_equal` and `expect_true`.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

PATIENCE = 120
"""Seconds that a page may take for anything: only one that hangs needs them."""

expect.set_options(timeout=PATIENCE * 1000)


def program() -> str | None:
    """Where the machine's Chromium is, if it has one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, headless."""
    if (found := program()) is None:
        reason = "THE TESTS OF THE PAGES DID NOT RUN: there is no Chromium here (apt-get install chromium)"
        (pytest.fail if os.environ.get("LAMINA_GRAPH_REQUIRE_BROWSER") else pytest.skip)(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET), timeout=PATIENCE * 1000)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page; the test fails if it writes to its console, fails, opens a dialog or asks the network."""
    with watched(chromium) as opened:
        yield opened


class watched:  # noqa: N801
    """A page of its own context, held to be quiet until it is closed; nothing on it glides unasked."""

    def __init__(self, browser: Browser, **options: object) -> None:
        usual = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
        self.context = browser.new_context(**{**usual, **options})
        self.problems: list[str] = []

    def __enter__(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("console", lambda message: self.problems.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("dialog", self._dismiss)
        page.on("request", lambda request: self._asked(request.url))
        return page

    def __exit__(self, kind: object, *_: object) -> None:
        self.context.close()
        if kind is None:
            assert self.problems == []

    def _dismiss(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, address: str) -> None:
        if not address.startswith("file:"):
            self.problems.append(f"request: {address}")


def expect_equal(read: Callable[[], object], wanted: object) -> None:
    """Wait until what is read of a page is what is wanted."""
    end = time.monotonic() + PATIENCE
    while (found := read()) != wanted and time.monotonic() < end:
        time.sleep(0.02)
    assert found == wanted


def expect_true(holds: Callable[[], bool]) -> None:
    """Wait until something holds of a page."""
    expect_equal(holds, True)


def expect_within(page: Page, width: int) -> None:
    """Make the window so wide, and wait until all of the page is within it."""
    page.set_viewport_size({"width": width, "height": 800})
    expect_equal(lambda: page.evaluate("innerWidth"), width)
    expect_true(lambda: page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def address_of(page: Page) -> str:
    """Return the address that a page has by now; `page.url` may still say an earlier one."""
    return page.evaluate("location.href")
