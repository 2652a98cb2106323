"""Tracks: durations, shares, guards, competing rates, members: engine against interpreter."""

from __future__ import annotations

import math

import pytest

from conformance import ENGINES, MakeEngine, agree, scenario


@pytest.mark.parametrize("make", ENGINES)
def test_a_chain_of_fixed_stays_keeps_its_dates(make: MakeEngine) -> None:
    checked = scenario(
        """
        tracks:
          t:
            stages:
              a: {lasts: 10 days, then: b}
              b: {lasts: 10 days, then: c}
              c: {lasts: 2 days, then: d}
              d: {lasts: 2 days, then: e}
              e: {lasts: 0.5 days, then: f}
              f: {lasts: 21.5 days, then: g}
              g: {}
        variables:
          in_f: {is: since(t.f), unit: week}
          in_g: {is: since(t.g), unit: week}
        measures:
          in_f: {}
          in_g: {}
          fresh: {of: 1 if enters(t.c) or enters(t.d) else 0}
          been: {of: 1 if reached(t.e) else 0}
        """
    )
    (played, *_) = agree(checked, make, futures=2)
    dates = [played.first["t", s][()] for s in "abcdefg"]
    assert dates == [0, 10, 20, 22, 24, 24.5, 46]


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize(
    "law",
    [
        "2 to 8 weeks",
        "2 to 8 weeks, likely 3",
        "gamma(2.5, 10 days)",
        "lognormal(3 weeks, 0.8)",
        "exponential(20 days)",
        "uniform(1, 40) days",
        "triangular(0, 10, 60) days",
        "poisson(3 weeks)",
        "categorical(0.3: 5, 0.7: 20) days",
        "mixture(0.4: exponential(5), 0.6: lognormal(30, 0.3)) days",
        "5 days",
        "exponential(mean_stay)",
        "gamma(2, 0.5 * mean_stay)",
        "lognormal(mean_stay, 0.4)",
    ],
)
def test_laws_of_duration(make: MakeEngine, law: str) -> None:
    checked = scenario(
        f"""
        beliefs:
          u: {{is: "uniform(0.5, 2)", unit: "1", assumed: a test}}
        stocks:
          x: {{unit: "1", starts: u, plus: {{up: 0.1 1/week * u}}}}
        variables:
          mean_stay: {{is: x * 1 week, unit: day}}
        tracks:
          t:
            stages:
              a: {{lasts: "{law}", then: b}}
              b: {{lasts: "{law}", then: a}}
        measures:
          there: {{of: 1 if t.b else 0}}
          since_b: {{of: since(t.b), unit: day}}
        """
    )
    agree(checked, make, futures=24)


SHARED = """
beliefs:
  p: {is: "uniform(0, 1)", unit: probability, assumed: a test}
stocks:
  x: {unit: "1", starts: 0, plus: {up: 0.05 1/week}}
tracks:
  gate:
    stages: {shut: {lasts: 2 to 12 weeks, then: open}, open: {lasts: 3 to 6 weeks, then: shut}}
  t:
    stages:
      start: {lasts: 1 to 5 weeks, then: {left: 0.3, right: 0.5, back: 0.2}}
      left:
        lasts: 3 to 20 days
        then:
          right: {share: 0.5 * p, when: gate.open}
          back: {share: 0.2 * x, when: not gate.open}
          otherwise: start
      right:
        lasts: 1 to 20 days
        then:
          left: {share: 0.6, when: gate.open}
          back: {share: 0.4, when: gate.open and x > 0.2}
      back: {lasts: 4 days, then: start}
    moves:
      - {from: [left, right], to: start, rate: 0.2 1/week}
      - {from: right, to: back, rate: 0.3 1/week * p, when: gate.open}
measures:
  where: {of: "(1 if t.left else 0) + (2 if t.right else 0) + (3 if t.back else 0)"}
  since_right: {of: since(t.right), unit: day}
"""


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("step", ["1 week", "1 day", "3 weeks"])
def test_shares_guards_waiting_and_rates(make: MakeEngine, step: str) -> None:
    games = agree(scenario(f"step: {step}\nhorizon: 40 weeks\n" + SHARED), make, futures=20)
    assert all(g.stopped is None for g in games)


@pytest.mark.parametrize("make", ENGINES)
def test_competing_moves(make: MakeEngine) -> None:
    checked = scenario(
        """
        step: 2 weeks
        horizon: 1 year
        beliefs:
          r: {is: 0.5 to 5, unit: 1/year, assumed: a test}
        tracks:
          t:
            stages: {a: {}, b: {}, c: {}, d: {lasts: 1 month, then: a}}
            moves:
              - {from: a, to: b, rate: r}
              - {from: [a, b], to: c, rate: 2 * r, when: date > 2025-04-01}
              - {from: [a, b, c], to: d, rate: 3 * r}
              - {from: c, to: a, rate: 1000 1/year, when: date > 2025-09-01}
        measures:
          in_a: {of: 1 if t.a else 0}
        """
    )
    agree(checked, make, futures=40)


@pytest.mark.parametrize("make", ENGINES)
def test_waiting_for_a_guard(make: MakeEngine) -> None:
    """A stay that is over waits; when its guard holds it ends as the step begins, and the clock runs on from there."""
    checked = scenario(
        """
        tracks:
          t:
            stages:
              a: {lasts: 10 days, then: {b: {share: 1, when: date >= 2025-02-10}}}
              b: {lasts: 10 days, then: c}
              c: {}
            moves:
              - {from: a, to: c, rate: 0.02 1/week}
        measures:
          in_a: {of: 1 if t.a else 0}
        """
    )
    games = agree(checked, make, futures=12)
    assert {g.first["t", "b"][()] for g in games if math.isfinite(g.first["t", "b"][()])} == {35.0}
    assert {g.first["t", "c"][()] for g in games if math.isfinite(g.first["t", "b"][()])} == {45.0}


@pytest.mark.parametrize("make", ENGINES)
def test_tracks_of_members(make: MakeEngine) -> None:
    checked = scenario(
        """
        sets:
          o: {a: {}, b: {}, c: {}}
        beliefs:
          heat[o]: {is: 0.2 to 3, unit: "1", assumed: a test}
        tracks:
          mood[i in o]:
            stages:
              calm: {}
              tense:
                lasts: "exponential(3 weeks * heat[i])"
                then:
                  calm: {share: "0.5 / (0.5 + heat[i])"}
                  angry: {share: 0.1, when: "heat[i] > 0.5"}
                  otherwise: calm_again
              angry: {lasts: 1 to 3 weeks, then: calm}
              calm_again: {lasts: 4 days, then: calm}
            moves:
              - {from: calm, to: tense, rate: "0.2 1/week * heat[i] * (1 + count(mood[j].angry for j in o))"}
              - {from: tense, to: angry, rate: "0.3 1/week", when: "any(mood[j].angry for j in o if j != i)"}
          all_in_all:
            stages: {quiet: {}, trouble: {}}
            moves:
              - {from: quiet, to: trouble, rate: 1 1/week, when: "any(mood[i].angry for i in o)"}
              - {from: trouble, to: quiet, rate: 1 1/week, when: "all(mood[i].calm for i in o)"}
        measures:
          angry: {of: "count(mood[i].angry for i in o)"}
          how_long[i in o]: {of: "since(mood[i].tense)", unit: day}
          been[i in o]: {of: "1 if reached(mood[i].angry) else 0"}
          of_a: {of: "1 if mood[a].calm_again else 0"}
          trouble: {of: 1 if all_in_all.trouble else 0}
        """
    )
    agree(checked, make, futures=20)


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("rate", ["0.1 1/week - 0.023 1/week * x", "(0.1 1/week) / (4.5 - x)"])
def test_a_rate_that_is_no_rate_stops_the_future(make: MakeEngine, rate: str) -> None:
    checked = scenario(
        f"""
        stocks:
          x: {{unit: "1", starts: 0, plus: {{up: 1 1/week}}}}
        tracks:
          t:
            stages: {{a: {{}}, b: {{}}}}
            moves: [{{from: a, to: b, rate: "{rate}"}}]
        measures:
          x: {{}}
        """
    )
    games = agree(checked, make, futures=20)
    assert {g.stopped is None for g in games} == {True, False}


@pytest.mark.parametrize("make", ENGINES)
def test_a_share_counts_only_in_its_stage(make: MakeEngine) -> None:
    checked = scenario(
        """
        stocks:
          x: {unit: "1", starts: 3, minus: {down: 0.2 1/week}}
        tracks:
          t:
            stages:
              a: {lasts: 11 weeks, then: b}
              b: {lasts: 2 weeks, then: {a: {share: x}, otherwise: c}}
              c: {lasts: 1 week, then: b}
        measures:
          x: {}
        """
    )
    games = agree(checked, make, futures=8)
    assert all(g.stopped is None or g.stopped[0] > 11 for g in games)
    assert any(g.stopped is not None for g in games)
