"""The live page over the real server, in a real browser: what a reader does there, and what comes of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import Browser, expect

from browsing import CHROMIUM, MAIN, NONE, Seen, browsing, serving
from patience import PATIENCE

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NONE)

LEVER = "#first-base_rate"
"""The lever of the belief that decides the question of the first screen."""

SOON = 1000
"""Milliseconds from letting go of a lever to the first picture of what it does."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving("--max-futures", "4096") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as found:
        yield found


@pytest.fixture
def seen(server: str, browser: Browser) -> Iterator[Seen]:
    found = Seen.at(browser, server)
    yield found
    assert found.complaints == []
    assert [url for url in found.asked if not url.startswith((server, "blob:"))] == []
    found.close()


def hold(seen: Seen, lever: str, times: int = 20) -> None:
    """Move a lever to the right with the keyboard, let go, and wait for what comes of it."""
    seen.page.focus(lever)
    for _ in range(times):
        seen.page.keyboard.press("ArrowRight")
    seen.played()


def test_the_first_screen_holds_the_answer_the_ladder_and_three_levers_without_scrolling(seen: Seen) -> None:
    page = seen.page
    high, wide = page.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]")
    assert high <= 800
    assert wide <= 1280
    foot = page.locator("#face").bounding_box()
    assert foot is not None
    for place in ("#sentences", "#panel-steps .stream svg", "#week"):
        box = page.locator(place).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= foot["y"] + 1, f"{place} is hidden by the foot"
    assert page.locator("#panel-levers > .levers input[type=range]").count() == 3
    assert "Not for targeting" in seen.told("#face")


def test_the_page_is_small(server: str, browser: Browser) -> None:
    context = browser.new_context()
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    page.goto(server)
    page.wait_for_selector("html[data-futures]")
    sizes = page.evaluate(
        "performance.getEntries().map((entry) => entry.transferSize).filter((size) => size !== undefined)"
    )
    assert sum(sizes) < 3e6
    context.close()


@pytest.mark.bench
def test_the_page_is_soon_there(server: str, browser: Browser) -> None:
    Seen.at(browser, server).close()  # whatever the server makes once
    context = browser.new_context()
    page = context.new_page()
    begun = time.perf_counter()
    page.goto(server)
    page.wait_for_selector(f"{LEVER}:enabled")
    assert time.perf_counter() - begun < 1.5
    context.close()


def test_a_lever_moves_the_future_and_the_old_picture_stays_until_then(seen: Seen) -> None:
    page = seen.page
    before, drawn = seen.told("#sentences"), page.locator("#panel-steps .stream svg").inner_html()
    page.evaluate(
        """() => {
          const place = document.getElementById("panel-steps");
          new MutationObserver(() => {
            if (place.classList.contains("stale")) document.body.dataset.dimmed = place.querySelectorAll("path").length;
          }).observe(place, { attributes: true });
        }"""
    )
    hold(seen, LEVER)
    assert seen.told("#sentences") != before
    assert page.locator("#panel-steps .stream svg").inner_html() != drawn
    assert int(page.evaluate("document.body.dataset.dimmed") or 0) > 0, "the old picture was there, dimmed"
    assert "Base rate" in seen.told("#differs")
    assert "All steps" in seen.told("#moved")
    assert "Held at" in seen.told(f"{LEVER}-now")


@pytest.mark.bench
def test_a_picture_comes_soon_after_a_lever_is_let_go(seen: Seen) -> None:
    page = seen.page
    page.evaluate(
        """() => {
          const place = document.getElementById("panel-steps"), took = [];
          let begun = null;
          document.addEventListener("change", () => { begun = performance.now(); }, true);
          new MutationObserver(() => {
            if (begun === null || place.classList.contains("stale")) return;
            took.push(performance.now() - begun);
            begun = null;
            document.body.dataset.took = JSON.stringify(took);
          }).observe(place, { attributes: true, attributeFilter: ["class"] });
        }"""
    )
    box = page.locator(LEVER).bounding_box()
    assert box is not None
    for share in (0.3, 0.7, 0.4, 0.8, 0.35):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2, steps=4)
        page.mouse.up()
        seen.played()
    took = sorted(json.loads(page.evaluate("document.body.dataset.took")))
    assert len(took) == 5
    assert took[2] < SOON, f"release to first new picture: {took} ms"


def test_what_differs_is_undone_one_by_one_and_all_at_once(seen: Seen) -> None:
    page = seen.page
    written = seen.told("#sentences")
    hold(seen, LEVER, 5)
    page.click("#tab-policy")
    page.check("[data-policy=talks_first]")
    seen.played()
    assert page.locator("#differs .chips li").count() == 2
    page.click("#differs .chips button >> nth=0")
    seen.played()
    assert page.locator("#differs .chips li").count() == 1
    page.click("#reset")
    seen.played()
    assert "As the scenario is written" in seen.told("#differs")
    assert page.locator("[data-policy='']").is_checked()
    assert seen.told("#sentences") == written


def test_credences_add_up_and_a_view_can_stand_alone(seen: Seen) -> None:
    page = seen.page
    page.click("#tab-views")
    hold(seen, "#credence-authors", 10)
    shares = [int(text.rstrip("%")) for text in page.locator("#panel-views output").all_inner_texts()]
    assert shares[0] == 30
    assert abs(sum(shares) - 100) <= 2  # each is rounded
    assert "Credences" in seen.told("#differs")
    page.click("#equal-weights")
    seen.played()
    assert "equal weights" in seen.told("#differs")
    page.check("[data-view=recruitment]")
    seen.played()
    assert "Only this view" in seen.told("#differs")
    assert "Credences" not in seen.told("#differs")


def test_a_future_is_played_by_hand_and_the_odds_change_against_the_models(seen: Seen) -> None:
    page = seen.page
    page.click("#tab-decide")
    for _ in range(3):
        page.click("#next-decision")
    assert "Authority" in seen.told("#panel-decide legend")
    assert "the model takes it in" in seen.told("#panel-decide")
    page.check("[data-decision=authority][data-option=finding]")
    seen.played()
    rows = page.locator("#trail tbody tr")
    expect(rows).to_have_count(2)
    model, mine = (rows.nth(n).locator("td").nth(1).inner_text() for n in (0, 1))
    assert model != mine, "a finding makes force likelier"
    page.click("#next-decision")
    page.click("#next-decision")
    page.locator("#panel-decide input[data-option]:not([data-option=''])").first.check()
    seen.played()
    expect(rows).to_have_count(3)


def test_two_settings_are_compared_people_first(seen: Seen) -> None:
    page = seen.page
    hold(seen, LEVER)
    page.click("#tab-compare")
    page.select_option("#compare-b", label="policy: Talks first")
    page.click("#compare-go")
    page.wait_for_selector("#panel-compare table")
    captions = page.locator("#panel-compare caption").all_inner_texts()
    assert captions[0] == "People"
    assert "Homicides in Mexico" in seen.told("#panel-compare table >> nth=0")
    assert "against the scenario as written" in seen.told("#panel-compare h3")


def test_a_setting_travels_in_its_address(seen: Seen, server: str, browser: Browser) -> None:
    page = seen.page
    hold(seen, LEVER)
    page.click("#tab-decide")
    page.locator("#panel-decide input[data-option=army]").check()
    seen.played()
    page.click("#tab-questions")
    there = Seen.at(browser, page.url)
    assert there.told("#differs") == seen.told("#differs")
    assert there.page.locator(LEVER).input_value() == page.locator(LEVER).input_value()
    assert there.page.locator("#panel-questions").is_visible()
    assert there.told("#sentences") == seen.told("#sentences"), "the same setting gives the same futures"
    there.page.click("#reset")
    there.played()
    there.page.go_back()
    there.played()
    assert there.told("#differs") == seen.told("#differs"), "going back undoes a reset"
    assert there.complaints == []
    there.close()


def test_a_link_that_names_what_is_not_there_says_so(server: str, browser: Browser) -> None:
    seen = Seen.at(
        browser, f"{server}#scenario=us-mexico-cartels&policy=nonsense&belief.nothing=0.4&belief.base_rate=7"
    )
    told = seen.told("#trouble")
    assert "nonsense" in told
    assert "nothing" in told
    assert "As the scenario is written" in seen.told("#differs")
    seen.close()


def test_one_future_is_stepped_through_week_by_week(seen: Seen) -> None:
    page = seen.page
    page.click("#tab-future")
    page.wait_for_selector("#panel-future .ribbons svg")
    before = seen.told("#panel-future output")
    page.focus("#future-week")
    page.keyboard.press("ArrowRight")
    assert seen.told("#panel-future output") != before
    page.keyboard.press("End")
    assert "2030" in seen.told("#panel-future output")
    assert page.locator("#panel-future .events li").count() > 1


def test_what_is_on_the_screen_can_be_taken_away(seen: Seen, tmp_path: Path) -> None:
    page = seen.page
    hold(seen, LEVER)
    page.click("#download > summary")
    taken = {}
    for name in ("take-yaml", "take-csv", "take-parquet", "take-html"):
        with page.expect_download() as waiting:
            page.click(f"#{name}")
        taken[name] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(taken[name])
    with page.expect_download() as waiting:
        page.click("#download [data-chart=svg]")
    assert waiting.value.suggested_filename == "us-mexico-cartels-ladder.svg"
    assert taken["take-csv"].read_text().count("\n") > 4000
    assert taken["take-parquet"].read_bytes()[:4] == b"PAR1"
    checked = subprocess.run(
        [sys.executable, "-c", MAIN, "check", str(taken["take-yaml"])], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_the_page_taken_away_opens_from_disk_with_the_network_off(seen: Seen, browser: Browser, tmp_path: Path) -> None:
    page = seen.page
    hold(seen, LEVER)
    page.click("#download > summary")
    with page.expect_download() as waiting:
        page.click("#take-html")
    file = tmp_path / "taken.html"
    waiting.value.save_as(file)
    assert file.stat().st_size < 3e6
    offline = Seen.at(browser, file.as_uri())
    offline.context.set_offline(True)
    assert offline.told("#sentences") == seen.told("#sentences")
    assert "Base rate" in offline.told("#differs")
    offline.page.click("#tab-people")
    assert offline.page.locator("#panel-people svg").count() >= 10
    offline.page.check("input[name=exported] >> nth=1")
    assert "As the scenario is written" in offline.told("#differs")
    assert offline.page.locator(LEVER).is_disabled()
    assert offline.complaints == []
    assert offline.asked == [file.as_uri()]
    offline.close()


def test_a_title_from_a_stranger_is_only_text(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "stranger.yaml"
    made = subprocess.run([sys.executable, "-c", MAIN, "new", str(file)], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    text = file.read_text()
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    file.write_text(text.replace(title, "title: '<script>document.title=1</script><img src=x onerror=alert(1)>'"))
    with serving("--max-futures", "4096", str(file)) as address:
        seen = Seen.at(browser, address)
        assert "<script>" in seen.told("h1")
        assert seen.page.locator("h1 *").count() == 0
        assert seen.complaints == []
        seen.close()


def test_a_reader_brings_a_scenario_and_is_told_what_is_wrong_with_it(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    sound = (
        "playout: 1\ntitle: My own crowd\nstart: 2025-01-01\nhorizon: 1 year\nstep: 1 week\n"
        "beliefs: {pace: {is: 1 to 3, unit: person/week, assumed: a test}}\n"
        "stocks: {crowd: {unit: person, starts: 1, plus: {more: pace}}}\nmeasures: {crowd: {of: crowd, people: true}}\n"
    )
    with serving("--max-futures", "4096", "--allow-upload", "coin-and-die") as address:
        seen = Seen.at(browser, address)
        page = seen.page
        page.click("#upload summary")
        file.write_text(sound.replace("is: 1 to 3", "is: 3 to 1"), encoding="utf-8")
        page.set_input_files("#upload-file", file)
        expect(page.locator("#upload-told li").first).to_contain_text("Line 6:")
        seen.complaints.clear()  # a browser notes the refusal
        file.write_text(sound, encoding="utf-8")
        page.set_input_files("#upload-file", file)
        expect(page.locator("h1")).to_have_text("My own crowd")
        seen.played()
        assert page.input_value("#scenario").startswith("uploaded-")
        assert seen.complaints == []
        seen.close()


def test_no_place_for_a_scenario_where_none_is_taken(seen: Seen) -> None:
    assert not seen.page.locator("#upload").is_visible()


def test_what_an_analysis_finds_is_shown_and_what_was_not_run_is_said(seen: Seen) -> None:
    page = seen.page
    for name in ("why", "stories"):
        page.click(f"#tab-{name}")
        page.click(f"#{name}-go")
        page.wait_for_selector(f"#{name}-go:enabled")
        shown = page.locator(f"#panel-{name} .result > *").count()
        assert shown or seen.told(f"#panel-{name} [role=status]").startswith("Not run:")


def test_a_lever_is_found_by_what_it_rests_on(seen: Seen) -> None:
    page = seen.page
    page.click(".all-levers summary >> nth=0")
    page.fill("#lever-search", "replaces a drug")
    found = page.locator(".others .lever:visible")
    assert 0 < found.count() < 20
    assert "replaces a drug" in found.first.inner_text().lower()
    page.fill("#lever-search", "no such belief")
    assert found.count() == 0
    assert "0 found" in seen.told("#panel-levers [role=status]")


def test_a_word_explains_itself(seen: Seen) -> None:
    page = seen.page
    page.click("#panel-steps button.term >> nth=0")
    assert page.locator(".meaning:popover-open").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".meaning:popover-open").count() == 0
