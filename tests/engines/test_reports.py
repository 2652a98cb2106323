"""Questions, measures over periods, series: engine against interpreter."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from conformance import ENGINES, MakeEngine, agree, beliefs, scenario
from playout.compile.lower import lower
from playout.compile.rewrite import rewrite

TEXT = """
start: 2024-11-20
horizon: 15 months
step: 1 week
beliefs:
  r: {is: 0.5 to 3, unit: 1/month, assumed: a test}
stocks:
  x: {unit: person, starts: 10 persons, plus: {up: r * x / 10}}
tracks:
  t: {stages: {a: {lasts: 1 to 9 months, then: b}, b: {}}}
events:
  e: {rate: 2 * r}
measures:
  x: {}
  up: {per: year}
  up_monthly: {of: up, per: month}
  e: {per: month}
  e_yearly: {of: e, per: year}
questions:
  on_a_step: {ask: b?, by: 2024-12-04, that: reached(t.b)}
  before_a_step: {ask: b?, by: 2025-03-04, that: reached(t.b)}
  at_the_end: {ask: much?, by: 2026-02-20, that: x > 30 persons, given: reached(t.b)}
  at_the_start: {ask: in a?, by: 2024-11-20, that: t.a}
"""


@pytest.mark.parametrize("make", ENGINES)
def test_questions_and_measures(make: MakeEngine) -> None:
    games = agree(scenario(TEXT), make, futures=24)
    assert {g.questions["at_the_end"] for g in games} == {True, False}


@pytest.mark.parametrize("make", ENGINES)
def test_amounts_are_shared_over_periods_by_days(make: MakeEngine) -> None:
    """Against the interpreter's amounts, day by day; periods that the run covers in part are marked."""
    checked = scenario(TEXT)
    games = agree(checked, make, futures=5, seed=3)
    program = rewrite(lower(checked))
    block = make(program).play(0, 5, beliefs(checked, None, program.columns, range(5), 3), 3)
    start = checked.scenario.start
    for name, per in (("up", "year"), ("up_monthly", "month"), ("e", "month"), ("e_yearly", "year")):
        for i, played in enumerate(games):
            by_period: dict[str, float] = {}
            for k, amount in enumerate(played.measures[name][: checked.steps]):
                for day in range(7):
                    date = start + dt.timedelta(days=7 * k + day)
                    label = f"{date:%Y}" if per == "year" else f"{date:%Y-%m}"
                    by_period[label] = by_period.get(label, 0.0) + amount[()] / 7
            labels = [p.label for p in program.periods[per]]
            assert labels == list(by_period)
            np.testing.assert_allclose(block.totals[name][:, i], list(by_period.values()), rtol=1e-9)
    years = program.periods["year"]
    assert [p.complete for p in years] == [False, True, False]


@pytest.mark.parametrize("make", ENGINES)
def test_tallies_count_futures_by_stage(make: MakeEngine) -> None:
    checked = scenario(TEXT)
    games = agree(checked, make, futures=30, seed=3)
    program = rewrite(lower(checked))
    block = make(program).play(0, 30, beliefs(checked, None, program.columns, range(30), 3), 3)
    for k in range(checked.steps + 1):
        in_b = sum(g.stages["t"][k][()] == 1 for g in games)
        assert block.tallies["t"][k].tolist() == [30 - in_b, in_b]
