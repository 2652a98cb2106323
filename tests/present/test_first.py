"""The first screen: what it says, that its numbers are the run's, and that a stranger's text cannot harm it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import playout
from playout.present import words
from playout.present.report import render
from playout.present.terminal import summary_lines
from playout.present.views.page import Page
from playout.present.views.read import page_of

SCENARIO = """
playout: 1
title: A strike and its price
start: 2025-01-01
horizon: 2 years
step: 1 week
baseline: calm
headline:
  question: strike_soon
  given: talks.striking
  short: a strike
  measures: [lost, spoilt]
  group: price
  base_rates: {past: {title: "Past talks <b>here</b>", happened: 3, of: 12, because: [record], with_evidence: risk_now}}
  held_out: record.yaml
  claims: {threat: [strike_soon, answer.hold, talks.striking], record: lost}
beliefs:
  anger: {is: 0.2 to 1.5, unit: 1/year, assumed: nobody asked, title: "Anger <script>alert(1)</script>"}
  price_of_day: {is: 5 to 20, unit: usd/day, because: [record], title: Price of a day}
  decay: {is: "normal(0, 1)", unit: usd/day, assumed: it may go either way}
variables:
  striking: {is: 1 if talks.striking and answer == hold else 0, unit: "1"}
  loss: {is: price_of_day * striking, unit: usd/day}
  spoiling: {is: decay * striking, unit: usd/day}
  risk: {is: logistic(log(3 / 9) + anger * (1 year)), unit: probability}
tracks:
  talks:
    stages: {open: {title: Talks}, striking: {title: "Strike & lock-out"}}
    moves: [{from: open, to: striking, rate: anger}]
decisions:
  answer: {by: owner, before: hold, options: {hold: {value: 1, title: Hold out}, pay: {value: 0, title: Pay}}}
measures:
  lost: {of: loss, per: year, title: Money lost}
  spoilt: {of: spoiling, per: year, title: Goods spoilt}
  risk_now: {of: risk, title: Risk now}
questions:
  strike_soon: {ask: Is there a strike by 2026?, by: 2025-12-31, that: reached(talks.striking)}
policies: {calm: {title: "Pay & be calm", is: [answer = pay]}}
groups:
  price: {title: Prices, beliefs: [price_of_day, decay], views: true}
views:
  mild: {title: Mild, credence: 0.7, because: [record], is: [anger = 0.2 to 0.8]}
  wild: {title: "Wild <i>times</i>", credence: 0.3, is: [anger *= 2, spreads *= 1.5]}
sources: {desk: {publisher: The desk, title: Record, date: 2024-12-01}}
evidence:
  record: {claim: "It cost <img src=x> much.", kind: fact, source: desk, reliability: B, credibility: 2}
  threat: {claim: A strike is likely., kind: forecast, source: desk, hedge: likely, contradicts: [mild],
           supports: [wild]}
"""
RECORD = """
held_out: {what: strikes a month, fitted_to: 2024, score: continuous ranked probability score, crps: 2, crps_naive: 2.5,
  naive: the last month, coverage_90: 0.85}
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("strike")
    (folder / "strike.yaml").write_text(SCENARIO, encoding="utf-8")
    (folder / "record.yaml").write_text(RECORD, encoding="utf-8")
    return playout.run(folder / "strike.yaml", futures=4000, seed=2)


@pytest.fixture(scope="module")
def page(result: Any) -> Page:
    return page_of(result.runs, result.baseline, result.summary)


@pytest.fixture(scope="module")
def plain(result: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(result.summary.as_json()["headline"], allow_nan=False))
    return found


def test_each_view_stands_before_any_blend(page: Page) -> None:
    html = render(page)
    assert html.index("Each view by itself") < html.index("All views together") < html.index("What it does")
    assert page.first is not None
    assert [line.title for line in page.first.by_view] == ["Mild", "Wild <i>times</i>"]
    assert all(all(line.cells) for line in page.first.by_view)


def test_harm_given_the_stage_is_told_beside_harm_on_average(plain: dict[str, Any]) -> None:
    lost = plain["measures"]["lost"]
    share = plain["given"]["mean"]
    assert 0.1 < share < 0.9
    assert lost["difference"]
    assert lost["always"]["mean"] == pytest.approx(share * lost["given"]["mean"], rel=1e-5), "none without the stage"
    assert lost["given"]["futures"] == round(share * lost["always"]["futures"])


def test_equal_weights_stand_beside_credences(plain: dict[str, Any]) -> None:
    question = plain["question"]
    views = [own["mean"] for own in question["views"].values()]
    assert question["equal_weights"]["mean"] == pytest.approx(sum(views) / 2, rel=1e-6)
    assert question["low"] == min(views) < question["mean"] < question["high"] == max(views)
    assert question["mean"] < question["equal_weights"]["mean"], "the wild view has the lesser credence"


def test_base_rates_are_shown_with_their_arithmetic(page: Page, plain: dict[str, Any]) -> None:
    assert page.first is not None
    assert page.first.base[0].arithmetic == "3 of 12, which is 25%"
    assert plain["base_rates"]["past"]["p"] == 0.25
    assert plain["base_rates"]["past"]["with_evidence"]["mean"] > 0.25, "anger adds to the log-odds"


def test_linchpins_say_what_flips(page: Page, plain: dict[str, Any]) -> None:
    assert page.first is not None
    flipping = {pin["belief"]: pin for pin in plain["linchpins"] if pin["flips"]}
    assert flipping["decay"]["outcome"] == "spoilt"
    assert flipping["decay"]["low"]["mean"] < 0 < flipping["decay"]["high"]["mean"]
    assert "That turns less into more." in next(h.sentence for h in page.first.hinges if h.name == "decay")


def test_evidence_is_set_against_views(plain: dict[str, Any]) -> None:
    rows = plain["rivals"]["evidence"]
    assert rows["threat"] == {"views": {"mild": "against", "wild": "for"}, "beliefs": [], "diagnosticity": 2}
    assert rows["record"]["views"]["mild"] == "for"
    assert next(iter(rows)) == "threat", "what tells views apart stands first"


def test_the_held_out_score_stands_beside_a_naive_one(page: Page, plain: dict[str, Any]) -> None:
    assert plain["held_out"]["skill"] == pytest.approx(0.2)
    assert page.first is not None
    assert "2 against 2.5 of a naive forecaster (the last month), 20% better" in page.first.held_out


def test_the_share_on_the_face_is_that_of_the_group(page: Page, plain: dict[str, Any]) -> None:
    assert page.first is not None
    share = plain["variance"]["lost"]["shares"]["price"]["share"]
    assert plain["face_share"] == {"group": "price", "outcome": "lost", "share": share}
    assert page.first.judgement == f"Prices rest on judgement: {words.percent(share)} of the variance"


def test_a_strangers_text_is_escaped(page: Page) -> None:
    html = render(page)
    for bad in ("<script>alert(1)", "<b>here</b>", "<i>times</i>", "<img src=x>", "Strike & lock-out"):
        assert bad not in html
    assert "Strike &amp; lock-out" in html
    assert "&lt;img src=x&gt;" in html


def numbers(plain: object) -> Iterator[float]:
    """Every number in plain data."""
    if isinstance(plain, dict):
        for own in plain.values():
            yield from numbers(own)
    elif isinstance(plain, list):
        for own in plain:
            yield from numbers(own)
    elif isinstance(plain, (int, float)) and not isinstance(plain, bool):
        yield float(plain)


def pairs(plain: object) -> Iterator[tuple[float, float]]:
    """Every mean with its standard error."""
    if isinstance(plain, dict):
        if plain.get("mean") is not None and plain.get("se") is not None:
            yield plain["mean"], plain["se"]
        for own in plain.values():
            yield from pairs(own)
    elif isinstance(plain, list):
        for own in plain:
            yield from pairs(own)


def test_every_number_on_the_first_screen_is_one_of_the_runs_json(page: Page, plain: dict[str, Any]) -> None:
    first = page.first
    assert first is not None
    told: set[str] = set()
    for v in numbers(plain):
        told |= {words.percent(v), words.percent(v, 1.0), words.quantity(v, 2), words.quantity(v), f"{100 * v:.0f}"}
        told |= {words.signed(v, 2), f"{v:.0f}"}
    for mean, se in pairs(plain):
        told |= {words.mean_words(mean, se, least, difference=d) for d in (True, False) for least in (0.0, 0.01)}
    told = {re.sub(r"^[+−]", "", say) for say in told}
    told |= set(words.frequency(plain["question"]["mean"]).split())
    cells = [cell for line in first.by_view for cell in line.cells]
    for row in first.effects:
        cells += [say for own in (row.always, row.given) if own for say in (own.mean, own.over, own.equal)]
    cells += [cell for spread in first.spreads for cell in spread.cells]
    cells += [f"{line.arithmetic} {line.moved}" for line in first.base] + [first.reached, first.judgement]
    cells += [hinge.sentence for hinge in first.hinges] + [
        sentence for claim in first.claims for sentence in claim.model
    ]
    cells += [first.odds, first.odds_short, first.held_out]
    dates = ("by 2026", "31 December 2025", "90% intervals")
    for cell in cells:
        for date in dates:
            cell = cell.replace(date, "")
        for number in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?%?", cell):
            assert number in told, (number, cell)


def test_the_terminal_says_it_shorter(result: Any) -> None:
    lines = [line.text for line in summary_lines(result.summary, result.runs.checked.scenario, None, 80)]
    assert len(lines) <= 23
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert text.index("By view: a strike, then money") < text.index("A strike by 31 December 2025")
    assert "3 of 12 is 25%" in text
    assert "Prices rest on judgement" in text
    assert "information date 1 January 2025" in lines[0]


@pytest.mark.parametrize("policy", [None, "calm"])
@pytest.mark.parametrize("asked", ["{}", "{measures: [lost]}", "{question: strike_soon}", "{given: talks.striking}"])
def test_a_headline_may_ask_for_little(tmp_path: Path, asked: str, policy: str | None) -> None:
    text = re.sub(r"^headline:\n(?:  .*\n)+", f"headline: {asked}\n", SCENARIO, flags=re.MULTILINE)
    (tmp_path / "strike.yaml").write_text(text, encoding="utf-8")
    result = playout.run(tmp_path / "strike.yaml", futures=150, policy=policy)
    lines = summary_lines(result.summary, result.runs.checked.scenario, None, 80)
    assert max(len(line.text) for line in lines) <= 80
    html = render(page_of(result.runs, result.baseline, result.summary))
    assert ('id="effects"' in html) == ("measures" in asked)


def test_unweighed_runs_play_nothing_again_and_say_the_rest(tmp_path: Path) -> None:
    result = playout.run("us-mexico-cartels", futures=64, weigh=False)
    told = result.summary.headline
    assert told is not None
    assert not told.spreads
    assert not told.linchpins
    assert told.effects
    page = result.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'href="#hangs"' not in page
