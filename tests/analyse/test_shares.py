"""Shares of variance against their closed form, where the outcome is a sum of independent normals."""

from __future__ import annotations

import numpy as np
import pytest

import playout
from playout.analyse.outcome import outcome
from playout.analyse.screening import correlation_ratios, ends
from playout.analyse.shares import Spreading, parts, variance_shares
from playout.errors import UsageError
from playout.simulate.run import play

#: reading = a + 2 b + lift + walk. Its variance: 1 of a, 4 of b, 1 of lift (0 or 2, evenly), 3 of the walk's weeks.
SUM = """
playout: 1
title: A sum of normals
start: 2025-01-01
horizon: 12 weeks
step: 1 week
baseline: no_gift
beliefs:
  a: {is: "normal(0, 1)", unit: "1", assumed: nobody knows}
  b: {is: "normal(0, 2)", unit: "1", because: [seen]}
  lift: {is: 0, unit: "1", because: [seen]}
  jolt: {is: "normal(0, 1)", unit: "1", each: step, assumed: chance}
  gift: {is: 3, unit: "1", assumed: an example}
stocks:
  walk: {unit: "1", starts: 0, plus: {jolted: jolt * 0.5 / (1 week)}}
variables:
  reading: {is: a + b + lift + walk + gift, unit: "1"}
  still: {is: gift, unit: "1"}
measures: {reading: {title: Reading}, still: {}}
questions: {high: {ask: Is it high?, by: 2025-03-01, that: reading > 3}}
policies: {no_gift: [gift = 0]}
views:
  low: {credence: 0.5, is: [lift = 0], because: [seen]}
  high_view: {credence: 0.5, is: [lift = 2], because: [seen]}
groups:
  both: {title: A and the view, beliefs: [a], views: true}
sources: {desk: {title: The desk, date: 2024-12-01}}
evidence: {seen: {claim: It was seen., kind: fact, source: desk}}
"""
EXPECTED = {"assumed": 1 / 9, "both": 2 / 9, "beliefs": 5 / 9, "view": 1 / 9, "chance": 3 / 9}


@pytest.fixture(scope="module")
def spread(tmp_path_factory: pytest.TempPathFactory) -> tuple[Spreading, ...]:
    path = tmp_path_factory.mktemp("sum") / "sum.yaml"
    path.write_text(SUM, encoding="utf-8")
    checked = playout.load(path)
    runs = play(checked, futures=4000, seed=3)
    base = play(checked, futures=4000, seed=3, policy="no_gift")
    level = outcome(checked.scenario, "reading", compared=False)
    gap = outcome(checked.scenario, "reading", compared=True)
    return variance_shares(runs, base, [level, gap], futures=4000)


def test_total_effects_have_their_closed_form(spread: tuple[Spreading, ...]) -> None:
    level = spread[0]
    assert level.sd**2 == pytest.approx(9, rel=0.1)
    assert {own.part.name for own in level.shares} == set(EXPECTED)
    for name, expected in EXPECTED.items():
        found = level.share(name)
        assert found is not None
        assert 0 < found.se < 0.02
        assert found.share == pytest.approx(expected, abs=4 * found.se), name


def test_what_does_not_vary_has_no_shares(spread: tuple[Spreading, ...]) -> None:
    """Under the same draws the policy takes 3 from every future, so the difference is one number."""
    gap = spread[1]
    assert gap.mean == pytest.approx(3)
    assert gap.sd == pytest.approx(0, abs=1e-6)
    assert gap.shares == () or max(own.share for own in gap.shares) <= 2


def test_a_part_to_which_nothing_belongs_is_left_out() -> None:
    names = [part.name for part in parts(playout.load("coin-and-die"), view=False)]
    assert "view" not in names
    assert names[-1] == "chance"


def test_an_assumed_member_belongs_to_what_is_assumed_and_a_cited_one_does_not() -> None:
    found = parts(playout.load("us-mexico-cartels"), view=True)
    assumed = next(part.redrawn for part in found if part.name == "assumed")
    assert "likelihood_ratio[address]" in assumed
    assert "likelihood_ratio[listing]" not in assumed


def test_screening_finds_what_goes_with_an_outcome() -> None:
    rng = np.random.default_rng(1)
    drawn = rng.uniform(-1, 1, size=(3, 20_000))
    values = 3**0.5 * drawn[0] + 24**0.5 * np.abs(drawn[1]) + rng.normal(size=20_000)  # variances 1, 2 and 1
    ratios = correlation_ratios(values[np.newaxis], drawn)[0]
    assert ratios == pytest.approx([0.25, 0.5, 0], abs=0.03)
    low, high = ends(values, drawn[0])
    assert values[high].mean() - values[low].mean() == pytest.approx(2 * 0.8 * 3**0.5, abs=0.2)
    assert correlation_ratios(np.ones((1, 500)), drawn[:, :500]).tolist() == [[0, 0, 0]]


def test_an_outcome_goes_by_its_name() -> None:
    scenario = playout.load("ceasefire").scenario
    for name, kind in (("truce_by_2026", "question"), ("peace.holding", "stage"), ("monitors.sent", "option")):
        assert outcome(scenario, name, compared=True).kind == kind
    runs = play(playout.load("ceasefire"), futures=200, seed=1)
    reached = outcome(scenario, "peace.holding", compared=True).values(runs)
    assert reached.mean() == pytest.approx(runs.outcomes["peace.holding"].is_not_null().mean())
    sent = outcome(scenario, "monitors.sent", compared=True).values(runs)
    assert sent.mean() == pytest.approx((runs.outcomes["monitors"].cast(str) == "sent").sum() / 200)
    killed = outcome(scenario, "killed", compared=False).values(runs)
    columns = runs.measures["killed"].columns()
    assert killed == pytest.approx(runs.outcomes.select(columns).sum_horizontal().to_numpy(), rel=1e-6)
    with pytest.raises(UsageError, match="there is no outcome `killled`; did you mean `killed`"):
        outcome(scenario, "killled", compared=True)
