"""Summaries against what can be counted by hand: outcomes made up column by column, then real runs."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
import math

import numpy as np
import polars as pl
import pytest

import playout
from playout.analyse.estimate import QUANTILES, first_at, share, spread, spreads
from playout.analyse.summary import Summary, arrows, summarise
from playout.model.checked import CheckedScenario
from playout.simulate.outcomes import Outcomes
from playout.simulate.result import Runs, Stop
from playout.simulate.run import play

SCENARIO = """
playout: 1
title: A market
start: 2025-01-06
horizon: 26 weeks
step: 1 week
sets: {side: {north: {title: North}, south: {title: South}}}
actors: {city: {title: The city}}
beliefs:
  demand: {is: 2 to 8, unit: 1/year, assumed: a test}
  growth: {is: "normal(0, 0.2)", unit: 1/year}
tracks:
  market:
    title: The market
    stages:
      quiet: {title: Quiet}
      pressed: {title: Pressed, lasts: 2 to 8 weeks, then: {quiet: 0.5, otherwise: paying}}
      paying: {title: Paying}
    moves: [{from: quiet, to: pressed, rate: demand}]
  post[s in side]:
    stages: {open: {title: Open}, shut: {title: Shut}}
    moves: [{from: open, to: shut, rate: 0.5 1/year}]
stocks:
  traders: {unit: person, starts: 100, within: [0, inf], plus: {came: growth * traders * 2}}
decisions:
  patrols:
    title: Patrols
    by: city
    when: enters(market.pressed)
    before: stay
    options: {stay: {value: 0}, go: {value: 0.5}}
events:
  attack: {rate: 20 1/year, when: market.pressed and not patrols.go}
measures:
  attack: {per: month, title: Attacks}
  traders: {title: Traders, people: true}
  shut[s in side]: {of: "1 if post[s].shut else 0", title: Shut, unit: "1"}
questions:
  paid: {ask: Paid?, by: 2025-05-01, that: reached(market.paying)}
  paid_if_pressed: {ask: Paid?, by: 2025-05-01, that: reached(market.paying), given: reached(market.pressed)}
  paid_if_lost: {ask: Paid?, by: 2025-05-01, that: reached(market.paying), given: traders < 0}
baseline: idle
policies:
  idle: [patrols = stay]
  always: [patrols = go]
views:
  dull: {title: Dull, credence: 0.5, is: [growth *= 0]}
  wild: {title: Wild, credence: 0.5, is: [demand *= 2]}
"""
FUTURES = 1500
START = dt.date(2025, 1, 6)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckedScenario:
    path = tmp_path_factory.mktemp("summary") / "market.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return playout.load(path)


@pytest.fixture(scope="module")
def runs(checked: CheckedScenario) -> Runs:
    return play(checked, futures=FUTURES, seed=4, policy="always")


@pytest.fixture(scope="module")
def baseline(checked: CheckedScenario) -> Runs:
    return play(checked, futures=FUTURES, seed=4, policy="idle")


@pytest.fixture(scope="module")
def summary(runs: Runs, baseline: Runs, checked: CheckedScenario) -> Summary:
    from playout.model.check import coverage

    return summarise(runs, baseline, coverage(checked))


def test_a_share_has_the_standard_error_of_a_count() -> None:
    found = share(np.array([True] * 30 + [False] * 70))
    assert found is not None
    assert (found.p, found.n) == (0.3, 100)
    assert found.se == pytest.approx(math.sqrt(0.3 * 0.7 / 100))


def test_there_is_no_share_of_nobody() -> None:
    assert share(np.array([True, False]), np.array([False, False])) is None


def test_a_spread_is_that_of_the_sample() -> None:
    values = np.arange(12.0).reshape(2, 6)
    found = spread(values)
    assert found.mean == (2.5, 8.5)
    assert found.se[0] == pytest.approx(np.std(np.arange(6.0), ddof=1) / math.sqrt(6))
    assert found.quantiles is not None
    assert found.quantiles[2] == (2.5, 8.5)
    assert math.isnan(spread(values[:, :1]).se[0])


def test_spreads_of_groups_are_those_of_their_own_values() -> None:
    """Against NumPy in double, on values whose spread is small beside their size."""
    generator = np.random.default_rng(1)
    values = (1e6 + generator.lognormal(2.0, 1.0, (3, 5000))).astype(np.float32)
    exact = values.astype(np.float64)
    bounds = [0, 1, 1700, 5000]
    whole, *groups = spreads(values, bounds)
    assert whole.quantiles is not None
    np.testing.assert_allclose(whole.quantiles, np.quantile(exact, QUANTILES, axis=1), rtol=1e-15)
    for found, (a, b) in zip((whole, *groups), ((0, 5000), *itertools.pairwise(bounds)), strict=True):
        np.testing.assert_allclose(found.mean, exact[:, a:b].mean(axis=1), rtol=1e-14)
        if b - a > 1:
            np.testing.assert_allclose(found.se, exact[:, a:b].std(axis=1, ddof=1) / math.sqrt(b - a), rtol=1e-9)
        assert found.n == b - a
    assert math.isnan(groups[0].se[0])


@pytest.mark.parametrize("n", [1, 2, 19, 20, 21, 100, 1001])
def test_dates_are_those_of_a_future_that_got_there(n: int) -> None:
    values = np.sort(np.random.default_rng(n).random(n))
    assert first_at(values).tolist() == np.quantile(values, QUANTILES, method="inverted_cdf").tolist()


def test_stages_are_counted_and_dated(summary: Summary, runs: Runs, checked: CheckedScenario) -> None:
    track = summary.findings.tracks[0]
    assert (track.label, track.title) == ("market", "The market")
    quiet, pressed, paying = track.stages
    assert (quiet.reached.p, quiet.median_date) == (1.0, checked.scenario.start)
    first = runs.outcomes["market.pressed"].drop_nulls()
    assert pressed.reached.p == len(first) / FUTURES
    middle = sorted(first)[math.ceil(len(first) / 2) - 1]
    assert pressed.median_date == checked.scenario.start + dt.timedelta(days=int(middle))
    assert pressed.dates is not None
    assert list(pressed.dates) == sorted(pressed.dates)
    assert paying.reached.p < pressed.reached.p


def test_members_have_tracks_of_their_own(summary: Summary) -> None:
    assert [track.label for track in summary.findings.tracks] == ["market", "post[north]", "post[south]"]


def test_odds_follow_the_arrows(summary: Summary, runs: Runs, checked: CheckedScenario) -> None:
    market = checked.scenario.tracks["market"]
    assert arrows(market) == (("pressed", "quiet"), ("pressed", "paying"), ("quiet", "pressed"))
    odds = {(o.origin, o.stage): o.given for o in summary.findings.tracks[0].odds}
    assert set(odds) == {("pressed", "paying"), ("quiet", "pressed")}
    pressed = runs.outcomes["market.pressed"].is_not_null()
    paying = runs.outcomes["market.paying"].is_not_null()
    assert odds["pressed", "paying"].p == (pressed & paying).sum() / pressed.sum()
    assert odds["pressed", "paying"].n == pressed.sum()


def test_the_odds_of_the_path_multiply_to_the_whole(summary: Summary) -> None:
    path = summary.findings.tracks[0].path
    assert path.stages == ("quiet", "pressed", "paying")
    product = math.prod(given.p for given in path.given if given is not None)
    assert path.whole.p == pytest.approx(product)


def test_occupancy_is_a_share_at_each_step(summary: Summary) -> None:
    market = summary.occupancy["market"]
    assert market.shape == (27, 3)
    np.testing.assert_allclose(market.sum(axis=1), 1.0)
    assert market[0].tolist() == [1.0, 0.0, 0.0]
    assert summary.occupancy["post"].shape == (27, 2, 2)
    assert len(summary.dates) == 27


def test_decisions_say_what_was_chosen_and_where_nothing_was(summary: Summary, runs: Runs) -> None:
    patrols = summary.findings.decisions[0]
    assert patrols.title == "Patrols"
    assert patrols.shares["stay"].p == 0.0
    assert patrols.shares["go"].p == patrols.due.p
    assert patrols.due.p == runs.outcomes["patrols"].count() / FUTURES
    assert {name: share.p for name, share in patrols.where_due.items()} == {"stay": 0.0, "go": 1.0}
    assert patrols.where_due["go"].n == round(patrols.due.p * FUTURES)


def test_measures_have_means_and_quantiles_by_period(summary: Summary, runs: Runs) -> None:
    by_label = {measure.label: measure for measure in summary.findings.measures}
    assert list(by_label) == ["attack", "traders", "shut[north]", "shut[south]"]
    traders = by_label["traders"]
    assert (traders.unit, traders.per, traders.people, traders.dates) == ("person", None, True, ("2025",))
    values = runs.outcomes["traders[2025]"].to_numpy()
    assert traders.level.mean[0] == pytest.approx(values.mean())
    assert traders.level.se[0] == pytest.approx(values.std(ddof=1) / math.sqrt(FUTURES))
    assert traders.level.quantiles is not None
    assert [row[0] for row in traders.level.quantiles] == pytest.approx(
        np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
    )
    attack = by_label["attack"]
    assert attack.per == "month"
    assert attack.dates[0] == "2025-01"
    assert attack.complete[:3] == (False, True, True)
    assert attack.dates[attack.reading] == "2025-06"


def test_differences_are_taken_future_by_future(summary: Summary, runs: Runs, baseline: Runs) -> None:
    attack = summary.findings.measures[0]
    columns = runs.measures["attack"].columns()
    gaps = runs.numbers(columns) - baseline.numbers(columns)
    assert attack.difference is not None
    assert attack.difference.mean == pytest.approx(gaps.mean(axis=1))
    assert attack.difference.se == pytest.approx(gaps.std(axis=1, ddof=1) / math.sqrt(FUTURES))
    traders = summary.findings.measures[1]
    assert traders.difference is not None
    assert traders.difference.mean == (0.0,)
    assert traders.difference.se == (0.0,)
    assert summary.baseline == "idle"
    assert traders.signs is not None
    assert (traders.signs.more, traders.signs.less) == ((0.0,), (0.0,))
    assert attack.signs is not None
    assert attack.signs.less == pytest.approx((gaps < -0.01).mean(axis=1))
    assert attack.signs.more == pytest.approx((gaps > 0.01).mean(axis=1))


def test_pay_offs_are_means_among_the_futures_that_chose_alike(summary: Summary, runs: Runs, baseline: Runs) -> None:
    went = (runs.column("patrols").cast(str) == "go").fill_null(False).to_numpy()
    gaps = (runs.numbers(["traders[2025]"]) - baseline.numbers(["traders[2025]"]))[0]
    pay = summary.payoffs["patrols"]["go"]["traders"]
    assert set(summary.payoffs["patrols"]) == {"go"}, "nobody stays under a policy that goes"
    assert (pay.value, pay.n) == (pytest.approx(gaps[went].mean()), int(went.sum()))
    assert summary.as_json()["payoffs"]["patrols"]["go"]["traders"]["futures"] == pay.n  # type: ignore[index]


def test_without_a_baseline_there_is_no_difference(runs: Runs) -> None:
    alone = summarise(runs)
    assert alone.baseline is None
    assert all(measure.difference is None for measure in alone.findings.measures)


def test_questions_count_only_the_futures_in_which_they_arise(summary: Summary, runs: Runs) -> None:
    paid, if_pressed, if_lost = summary.findings.questions
    yes = runs.outcomes["question.paid"]
    assert paid.answer is not None
    assert paid.answer.p == yes.sum() / FUTURES
    assert paid.given is None
    assert if_pressed.answer is not None
    assert if_pressed.given is not None
    assert if_pressed.answer.n == runs.outcomes["given.paid_if_pressed"].sum()
    assert if_pressed.answer.p > paid.answer.p
    assert if_lost.answer is None
    assert if_lost.given is not None
    assert if_lost.given.p == 0.0


def test_views_split_the_futures_and_average_to_the_whole(summary: Summary) -> None:
    assert [view.name for view in summary.views] == ["dull", "wild"]
    assert sum(view.findings.futures for view in summary.views) == FUTURES
    for place, whole in enumerate(summary.findings.tracks[0].stages):
        parts = [(v.findings.futures, v.findings.tracks[0].stages[place].reached.p) for v in summary.views]
        assert sum(n * p for n, p in parts) / FUTURES == pytest.approx(whole.reached.p)
    wild = summary.views[1].findings
    assert wild.tracks[0].stages[1].reached.p > summary.findings.tracks[0].stages[1].reached.p
    assert wild.measures[0].level.quantiles is None


def test_a_held_view_is_not_split(checked: CheckedScenario) -> None:
    found = summarise(play(checked, futures=50, seed=4, view="wild"))
    assert found.views == ()
    assert found.view == "wild"


def test_stopped_futures_are_left_out_of_everything(runs: Runs, baseline: Runs) -> None:
    half = pl.Series(np.arange(FUTURES) % 2 == 1)
    status = runs.outcomes["status"].cast(pl.String).zip_with(~half, pl.Series(["stopped: traders"] * FUTURES))
    kinds = pl.Enum(["done", "stopped: traders"])
    columns = [c for c in runs.outcomes.columns if c not in ("future", "view", "status")]
    emptied = runs.outcomes.with_columns(
        status.cast(kinds).alias("status"), *(pl.when(~half).then(pl.col(c)).otherwise(None).alias(c) for c in columns)
    )
    stopped = dataclasses.replace(
        runs, source=Outcomes(emptied.lazy()), stops=(Stop("stopped: traders", "", "", FUTURES // 2, 0, START, 1),)
    )
    found = summarise(stopped, baseline)
    assert found.findings.futures == FUTURES // 2
    kept = runs.outcomes.filter(~half)
    assert found.findings.tracks[0].stages[1].reached.p == kept["market.pressed"].is_not_null().mean()
    assert found.findings.measures[1].level.mean[0] == pytest.approx(kept["traders[2025]"].mean())
    gap = found.findings.measures[0].difference
    assert gap is not None
    assert gap.n == FUTURES // 2
    answer = found.findings.questions[0].answer
    assert answer is not None
    assert answer.p == pytest.approx(kept["question.paid"].mean())


def test_the_json_has_the_shape_that_programs_read(summary: Summary) -> None:
    plain = json.loads(json.dumps(summary.as_json(), allow_nan=False))
    assert plain["scenario"] == "market"
    assert plain["policy"] == "always"
    assert (plain["futures"], plain["seed"], plain["engine"], plain["stopped_futures"]) == (FUTURES, 4, "numpy", 0)
    assert set(plain["seconds"]) == {"compile", "run"}
    pressed = plain["stages"]["market"]["pressed"]
    assert {"reached", "se", "median_date"} <= set(pressed)
    assert dt.date.fromisoformat(pressed["median_date"])
    assert set(plain["stages"]) == {"market", "post[north]", "post[south]"}
    assert set(plain["decisions"]["patrols"]) == {"stay", "go"}
    assert set(plain["decisions"]["patrols"]["go"]) == {"share", "se", "share_where_due", "se_where_due"}
    assert plain["due"]["patrols"]["share"] == plain["decisions"]["patrols"]["go"]["share"]
    attack = plain["measures"]["attack"]
    assert {"unit", "per", "dates", "mean", "se", "p05", "p25", "p50", "p75", "p95"} <= set(attack)
    assert len(attack["dates"]) == len(attack["mean"]) == len(attack["p95"]) == len(attack["difference"]["se"])
    assert plain["questions"]["paid"]["by"] == "2025-05-01"
    assert plain["questions"]["paid_if_lost"] == {
        "p": None, "se": None, "by": "2025-05-01", "given": {"p": 0.0, "se": 0.0},
    }  # fmt: skip
    assert plain["views"]["wild"]["credence"] == 0.5
    assert plain["coverage"]["beliefs"] == 2
    assert plain["coverage"]["unsupported"] == 1
    assert len(plain["occupancy"]["market"]["stages"]["quiet"]) == len(plain["occupancy"]["market"]["dates"]) == 27


def test_one_future_has_no_standard_error_and_no_fault(checked: CheckedScenario) -> None:
    plain = json.loads(json.dumps(summarise(play(checked, futures=1, seed=4)).as_json(), allow_nan=False))
    assert plain["measures"]["traders"]["se"] == [None]
