"""The report in a real browser, as its readers have it: seen with axe-core's rules, at three widths, light and dark, by
keyboard, with the network off, and on paper."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from patience import PATIENCE
from playout.present.report import write_page
from present.made_up import made_up_page

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core's rules are not installed")

BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
)

OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (360, 820, 1280)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(made_up_page(), tmp_path_factory.mktemp("report") / "report.html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", OFFLINE])
        yield started
        started.close()


def opened(browser: Any, report: Path, width: int, scheme: str, **more: Any) -> Any:
    """The page with all its charts drawn. Whatever it says on the console, and whatever it asks for, is collected."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, **more)
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    page.said, page.asked = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda fault: page.said.append(str(fault)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(report.as_uri())
    playwright.expect(page.locator("[data-chart]:not(:has(svg.marks))")).to_have_count(0, timeout=1000 * PATIENCE)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_no_violation(browser: Any, report: Path, width: int, scheme: str) -> None:
    page = opened(browser, report, width, scheme, bypass_csp=True)  # the rules are put into the page as a script
    found = axe.Axe().run(page, options={"runOnly": RULES}).response["violations"]
    page.context.close()
    assert [(each["id"], each["impact"], each["nodes"][0]["html"][:120]) for each in found] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_or_asked_for_at_any_width(browser: Any, report: Path, width: int) -> None:
    page = opened(browser, report, width, "light")
    wide = page.evaluate("document.documentElement.scrollWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('.chart svg')].filter(s => s.getBoundingClientRect().width > innerWidth).length"
    )
    page.context.close()
    assert wide <= width, "the page itself never scrolls sideways"
    assert small == 0
    assert page.said == []
    assert page.asked == [report.as_uri()], "nothing is fetched"


def test_a_week_is_pinned_and_ties_are_read_out_by_keyboard(browser: Any, report: Path) -> None:
    page = opened(browser, report, 1280, "light")
    week = page.locator("#week")
    before, share = page.locator("#week-label").inner_text(), page.locator("[data-rung='0']").inner_text()
    week.focus()
    for _ in range(40):
        page.keyboard.press("ArrowLeft")
    assert page.locator("#week-label").inner_text() != before
    assert page.locator("[data-rung='0']").inner_text() != share
    page.locator(".node").nth(1).focus()
    said = page.locator("#tied").inner_text()
    assert "Trust: The service and Northern group, 0.7" in said
    assert "Northern group and Southern group, 6" in said
    assert page.locator(".tie.lit").count() == 2
    page.context.close()


def test_on_paper_every_chart_is_drawn_and_none_is_cut(browser: Any, report: Path, tmp_path: Path) -> None:
    page = opened(browser, report, 1280, "light")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 690, "height": 1000})  # A4 less its margins, in pixels of 1/96 inch
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    over = page.evaluate(
        "[...document.querySelectorAll('figure svg, table')].filter(s => s.getBoundingClientRect().right > 700)"
        ".map(s => s.closest('figure, section').id || s.outerHTML.slice(0, 80))"
    )
    tall = page.evaluate(
        "[...document.querySelectorAll('figure')].filter(f => f.querySelector('svg') && f.offsetHeight > 960).length"
    )
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    page.context.close()
    assert over == []
    assert tall == 0, "a figure fits a page, so that none is broken"
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_it_is_read_from_disk_with_the_network_off(report: Path, tmp_path: Path) -> None:
    """As the command line of a browser has it, which prints too."""
    printed = tmp_path / "report.pdf"
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", OFFLINE, "--virtual-time-budget=30000"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={printed}", report.as_uri()]
    subprocess.run(command, capture_output=True, check=True)
    assert printed.stat().st_size > 100_000
