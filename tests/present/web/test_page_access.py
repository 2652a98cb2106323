"""The live page for whoever has no mouse, sees little, or holds a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from browsing import CHROMIUM, NONE, Seen, browsing, serving

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NONE)

PICTURES = ("steps", "people", "measures", "questions", "compare", "future")
INPUTS = ("levers", "policy", "views", "decide")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving("--max-futures", "4096") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(server: str, browser: Browser, scheme: str) -> None:
    seen = Seen.at(browser, f"{server}#scenario=us-mexico-cartels&belief.base_rate=0.8", scheme=scheme)
    page = seen.page
    page.wait_for_selector("#moved:not(:empty)")
    found = []
    for picture, given in zip(PICTURES, [*INPUTS, *INPUTS], strict=False):
        page.click(f"#tab-{picture}")
        page.click(f"#tab-{given}")
        if picture == "compare":
            page.click("#compare-go")
            page.wait_for_selector("#panel-compare table")
        if picture == "future":
            page.wait_for_selector("#panel-future .ribbons svg")
        if given == "levers":
            page.locator(".all-levers").first.evaluate("(each) => { each.open = true; }")
            page.locator(".others details").first.evaluate("(each) => { each.open = true; }")
        page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {})))")
        checked = Axe().run(page).response
        assert len(checked["passes"]) > 20, "the rules were really tried"
        for violation in checked["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found += [f"{picture}: {violation['id']}: {node['html'][:160]}" for node in violation["nodes"][:3]]
    seen.close()
    assert found == []


def test_the_keyboard_alone_reaches_what_a_reader_needs(server: str, browser: Browser) -> None:
    seen = Seen.at(browser, server)
    page = seen.page
    press = page.keyboard.press

    def focused() -> str:
        found: str = page.evaluate("document.activeElement.id || document.activeElement.tagName")
        return found

    def tab_to(wanted: str, most: int = 60) -> None:
        for _ in range(most):
            press("Tab")
            if focused() == wanted:
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", f"{wanted} shows no focus"
                return
        raise AssertionError(f"{wanted} is not reached")

    press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    press("Enter")
    tab_to("tab-steps")
    press("ArrowRight")
    assert focused() == "tab-people"
    assert page.locator("#panel-people").is_visible()
    press("ArrowLeft")
    tab_to("week")
    pinned = page.locator(".pin output").first.inner_text()
    press("ArrowRight")
    assert page.locator(".pin output").first.inner_text() != pinned
    tab_to("tab-levers")
    tab_to("first-base_rate")
    before = seen.told("#sentences")
    for _ in range(20):
        press("ArrowRight")
    seen.played()
    assert seen.told("#sentences") != before
    assert "Played." in page.locator("#announce").text_content(), "the new answer is announced"
    press("Tab")  # to the button that undoes it
    press("Enter")
    seen.played()
    assert "As the scenario is written" in seen.told("#differs")
    seen.close()


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_sticks_out_at_any_width(server: str, browser: Browser, width: int) -> None:
    seen = Seen.at(browser, f"{server}#scenario=us-mexico-cartels&policy=talks_first&belief.base_rate=0.8", width=width)
    for picture in PICTURES:
        seen.page.click(f"#tab-{picture}")
        wide = seen.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{picture} is {wide} pixels wide"
    assert "Probabilities are conditional" in seen.told("#face")
    assert seen.complaints == []
    seen.close()


@pytest.mark.parametrize("scenario", ["coin-and-die", "ceasefire"])
def test_a_small_scenario_reads_well_on_a_phone(server: str, browser: Browser, scenario: str) -> None:
    seen = Seen.at(browser, f"{server}#scenario={scenario}", width=360)
    for tab in (*PICTURES, *INPUTS):
        seen.page.click(f"#tab-{tab}")
        wide = seen.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"{tab} is {wide} pixels wide"
        assert seen.told(f"#panel-{tab}").strip() not in ("", "The levers"), f"{tab} says nothing"
    assert seen.complaints == []
    seen.close()


def test_every_picture_says_in_words_what_it_shows_and_has_its_data(server: str, browser: Browser) -> None:
    seen = Seen.at(browser, server)
    page = seen.page
    for picture in ("steps", "people"):
        page.click(f"#tab-{picture}")
        drawn = page.locator(f"#panel-{picture} svg[role=img]")
        assert drawn.count() >= 2
        assert all(len(label or "") > 40 for label in drawn.evaluate_all("(all) => all.map((svg) => svg.ariaLabel)"))
        data = page.locator(f"#panel-{picture} details.data")
        data.first.locator("summary").click()
        assert data.first.locator("tbody tr").count() >= 5
    seen.close()


def test_a_page_on_paper_holds_every_picture(server: str, browser: Browser) -> None:
    seen = Seen.at(browser, server, width=700)
    page = seen.page
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for place in ("steps", "people", "measures", "questions"):
        assert page.locator(f"#panel-{place}").is_visible()
        assert page.locator(f"#panel-{place} svg").count() > 0
    assert page.locator("#inputs").is_hidden()
    assert "Not for targeting" in seen.told("#face")
    seen.close()
