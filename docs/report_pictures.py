"""Pictures of the report, at three widths, dark and by section: `python docs/report_pictures.py [--out FOLDER]`.

Plays the flagship, writes its whole report and looks at it in the system's Chromium with the network off. Whoever
changes how the report looks runs this and looks at every picture; the good ones stand in the README.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

OUT = Path(__file__).resolve().parent / "images"
WIDTHS = ((360, 780), (820, 1100), (1280, 800))

#: Parts of the report by a picture's name, as a selector.
PARTS = {
    "people": "#m-homicides",
    "policies": "#policies figure >> nth=0",
    "parting": "#parting figure >> nth=0",
    "decides": "#decides figure >> nth=0",
    "story": ".story >> nth=0",
    "ties": ".network svg.ties",
}


def written(folder: Path) -> Path:
    """The flagship's whole report."""
    run = folder / "run"
    for verb in (["run", "--quiet", "--out", str(run)], ["report", str(run), "--quiet"]):
        subprocess.run([sys.executable, "-m", "playout", *verb], check=True, stdout=subprocess.DEVNULL)
    return run / "report.html"


def opened(browser: Browser, report: Path, size: tuple[int, int], scheme: str) -> Page:
    """The report in a window of this size, its ladder drawn."""
    viewport = {"width": size[0], "height": size[1]}
    page = browser.new_context(viewport=viewport, color_scheme=scheme, offline=True).new_page()  # type: ignore[arg-type]
    page.goto(report.as_uri())
    page.wait_for_selector("[data-chart=ladder] svg")
    page.wait_for_timeout(500)
    return page


def pictures(browser: Browser, report: Path, out: Path) -> Iterator[Path]:
    """The head of the report at every width, dark, and its parts."""
    for size in WIDTHS:
        page = opened(browser, report, size, "light")
        yield _taken(page, out / f"report-{size[0]}.png")
    yield _taken(opened(browser, report, WIDTHS[-1], "dark"), out / "report-dark.png")
    page = opened(browser, report, WIDTHS[-1], "light")
    for name, selector in PARTS.items():
        part = page.locator(selector)
        if part.count():
            part.scroll_into_view_if_needed()
            page.wait_for_timeout(1500)
            file = out / f"report-{name}.png"
            part.screenshot(path=file, animations="disabled")
            yield file


def _taken(page: Page, file: Path) -> Path:
    page.screenshot(path=file, animations="disabled")
    return file


def main() -> None:
    """Take all pictures and name them with their sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT, help="the folder they are written to (docs/images)")
    parser.add_argument("--report", type=Path, help="a report that is there already")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    chromium = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        report = options.report or written(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for file in pictures(browser, report.absolute(), options.out):
            print(f"{file} ({file.stat().st_size / 1e3:.0f} kB)")
        browser.close()


if __name__ == "__main__":
    main()
