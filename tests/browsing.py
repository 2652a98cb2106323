"""A real server and a real browser, for tests of the live page."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from patience import PATIENCE

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
NONE = "no Chromium on this machine (Debian: apt-get install chromium)"
MAIN = "from playout.present.cli import main; main()"

PLAYED = "main:not([aria-busy])"
"""What is there once the last picture of a setting has come."""


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """``playout serve`` with these arguments, and where it is."""
    command = [sys.executable, "-c", MAIN, "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            told = re.search(r"http://\S+", server.stdout.readline())
            assert told is not None, "the server did not say where it is"
            yield told[0].partition("?")[0].rstrip("…")
        finally:
            server.terminate()
            server.wait()


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    """The system's Chromium."""
    expect.set_options(timeout=1000 * PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Seen:
    """A page, with what it asked for and what it complained of."""

    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, browser: Browser, address: str, *, width: int = 1280, height: int = 800, scheme: str = "light") -> Seen:
        """The page at an address, its first setting played."""
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True
        )
        context.set_default_timeout(1000 * PATIENCE)
        seen = cls(context.new_page(), context)
        seen.page.on(
            "console", lambda message: seen.complaints.append(message.text) if message.type == "error" else None
        )
        seen.page.on("pageerror", lambda problem: seen.complaints.append(str(problem)))
        seen.page.on("request", lambda request: seen.asked.append(request.url))
        seen.page.goto(address)
        seen.played()
        return seen

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def played(self) -> None:
        """Wait until the last picture of the setting has come."""
        self.page.wait_for_selector("html[data-futures]")
        self.page.wait_for_selector(PLAYED)

    def told(self, place: str) -> str:
        """The text at a place on the page."""
        return self.page.inner_text(place)

    def close(self) -> None:
        self.context.close()
