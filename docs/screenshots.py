"""Pictures of the live page and of the report, at three widths: `python docs/screenshots.py [--out FOLDER]`.

Plays the flagship, serves it on a free port, and looks at both in the system's Chromium. Whoever changes how they look
runs this and looks at every picture; the good ones stand in the README.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

MAIN = "from playout.present.cli import main; main()"
OUT = Path(__file__).resolve().parent / "images"
WIDTHS = ((360, 780), (768, 1024), (1280, 800))
CHANGED = "#scenario=us-mexico-cartels&policy=joint_covert_with_navy&belief.base_rate=0.8"

#: By a picture's name: what is opened on the page before it is taken, and what is waited for.
SCENES = {
    "changed": (("#tab-steps",), "#panel-steps svg"),
    "people": (("#tab-people", "#tab-views"), "#panel-people svg"),
    "decide": (("#tab-questions", "#tab-decide"), "#panel-questions svg"),
    "compare": (("#tab-compare", "#compare-go", "#tab-policy"), "#panel-compare table"),
    "future": (("#tab-future", "#another"), "#panel-future .ribbons svg"),
}

#: Parts of the report by a picture's name.
PARTS = {
    "people": "#m-homicides",
    "policies": "#policies figure >> nth=0",
    "parting": "#parting figure >> nth=0",
    "decides": "#decides figure >> nth=0",
    "story": ".story >> nth=0",
    "ties": ".network svg.ties",
}


@contextmanager
def serving() -> Iterator[str]:
    """The live page, and where it is."""
    command = [sys.executable, "-c", MAIN, "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            told = re.search(r"http://\S+", server.stdout.readline())
            if told is None:
                raise SystemExit("the server does not say where it is")
            yield told[0]
        finally:
            server.terminate()


def opened(
    browser: Browser, address: str, width: int, height: int, scheme: str = "light", *, offline: bool = False
) -> Page:
    """A page at an address, in a window of this size."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, offline=offline)
    page = context.new_page()
    page.goto(address)
    return page


def played(page: Page) -> None:
    """Wait until the last picture has come."""
    page.wait_for_selector("html[data-futures]", timeout=60_000)
    page.wait_for_selector("main:not([aria-busy])", timeout=120_000)


def page_pictures(browser: Browser, out: Path) -> Iterator[Path]:
    """The live page: as written at every width, dark, and with each panel open."""
    with serving() as address:
        for width, height in WIDTHS:
            page = opened(browser, address, width, height)
            played(page)
            yield taken(page, out / f"page-{width}.png", whole=width < 1000)
        page = opened(browser, address + CHANGED, 1280, 800, "dark")
        played(page)
        page.wait_for_selector("#moved:not(:empty)")
        yield taken(page, out / "page-dark.png")
        page = opened(browser, address + CHANGED, 1280, 800)
        played(page)
        page.wait_for_selector("#moved:not(:empty)")
        for name, (clicks, shown) in SCENES.items():
            for place in clicks:
                page.click(place)
            page.wait_for_selector(shown, timeout=60_000)
            page.wait_for_timeout(1000)
            yield taken(page, out / f"page-{name}.png")


def report_pictures(browser: Browser, out: Path) -> Iterator[Path]:
    """The whole report with the network off: its head at every width, dark, and parts of it."""
    with tempfile.TemporaryDirectory() as folder:
        run = str(Path(folder) / "run")
        for verb in (["run", "--out", run], ["report", run]):
            subprocess.run([sys.executable, "-c", MAIN, *verb, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        address = (Path(run) / "report.html").as_uri()

        def report(width: int, height: int, scheme: str = "light") -> Page:
            """The report in a window of this size, its ladder drawn."""
            page = opened(browser, address, width, height, scheme, offline=True)
            page.wait_for_selector("[data-chart=ladder] svg")
            return page

        for width, height in WIDTHS:
            yield taken(report(width, height), out / f"report-{width}.png")
        yield taken(report(*WIDTHS[-1], "dark"), out / "report-dark.png")
        page = report(*WIDTHS[-1])
        for name, selector in PARTS.items():
            page.locator(selector).scroll_into_view_if_needed()
            page.wait_for_timeout(1500)
            page.locator(selector).screenshot(path=out / f"report-{name}.png", animations="disabled")
            yield out / f"report-{name}.png"


def taken(page: Page, file: Path, *, whole: bool = False) -> Path:
    """The picture of a page. whole: to its end, and not only what the window shows."""
    page.screenshot(path=file, full_page=whole, animations="disabled")
    return file


def main() -> None:
    """Take all pictures and name them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT, help="the folder they are written to (docs/images)")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    chromium = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for pictures in (page_pictures, report_pictures):
            for file in pictures(browser, out):
                print(f"{file} ({file.stat().st_size / 1e3:.0f} kB)")
        browser.close()


if __name__ == "__main__":
    main()
