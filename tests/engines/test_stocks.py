"""Stocks, flows and bounds under Euler and under Runge and Kutta: engine against interpreter."""

from __future__ import annotations

import pytest

from conformance import ENGINES, MakeEngine, agree, scenario

TWO = """
sets:
  region: {north: {}, south: {}, west: {}}
  kind: {old: {}, new: {}}
tables:
  size[region]: {values: {north: 100, south: 50, west: 10}, unit: person}
beliefs:
  rate: {is: 0.2 to 2, unit: 1/year, assumed: a test}
  tilt[kind]:
    old: {is: "uniform(0, 1)", unit: "1", assumed: a test}
    new: {is: 2, unit: "1", assumed: a test}
variables:
  share: "rate * 1 year / (1 + rate * 1 year)"
  fullness[r in region]: {is: "sum(crowd_[r, k] for k in kind) / (sum(crowd_) + 1 person)", unit: "1"}
stocks:
  crowd_[r in region, k in kind]:
    unit: person
    starts: size[r] * tilt[k] * share
    plus:
      born: rate * crowd_[r, k] * (1 - fullness[r])
      moved_in: 0.1 1/year * sum(crowd_[q, k] for q in region if q != r)
    minus:
      died: 0.5 * rate * crowd_[r, k]
      moved_out: 0.2 1/year * crowd_[r, k]
  money: {unit: usd, starts: 1000 usd, plus: {earned: "25 usd/person * sum(born)"}, minus: {spent: 0.1 1/month * money}}
  constant: {unit: "1", starts: 3 * share}
measures:
  crowd_[r in region, k in kind]: {}
  born_a_year[r in region]: {of: "sum(born[r, k] for k in kind)", per: year}
  net: {of: "sum(born) - sum(died)", per: month}
  money: {}
  spent: {per: month}
  constant: {}
  now_dying: {of: sum(died)}
"""


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_two_indices(make: MakeEngine, method: str) -> None:
    agree(scenario(f"integrate: {method}\n" + TWO), make)


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_a_flow_that_other_things_read(make: MakeEngine, method: str) -> None:
    """Equations, rates and effects read the flow as it is at S_k, measures its average over the step."""
    checked = scenario(
        f"integrate: {method}\n"
        + """
beliefs:
  g: {is: 0.5 to 2, unit: 1/month, assumed: a test}
stocks:
  x: {unit: "1", starts: 1, plus: {gain: g * x * (1 - x / 5)}}
  y: {unit: "1", starts: 0, plus: {copy: 0.5 * gain + 0.1 * x * 1 1/week}}
  z: {unit: "1", starts: 1}
variables:
  pace: {is: gain / x, unit: 1/week}
  so_far: {is: total(gain), unit: "1"}
tracks:
  t:
    stages: {calm: {}, busy: {}}
    moves:
      - {from: calm, to: busy, rate: gain}
      - {from: busy, to: calm, rate: 3 * pace}
events:
  bump:
    rate: 0.5 * copy
    does: [z += gain * 1 week, y *= 1 + 0.01 * gain * 1 week]
measures:
  gained: {of: gain, per: year}
  gain_now: {of: gain}
  pace: {}
  so_far: {}
  total_in_measure: {of: total(gain)}
  x: {}
  y: {}
  z: {}
"""
    )
    agree(checked, make)


@pytest.mark.parametrize("make", ENGINES)
def test_rk4_moves_time_along_and_holds_the_rest_still(make: MakeEngine) -> None:
    checked = scenario(
        """
        integrate: rk4
        step: 30 days
        horizon: 2 years
        beliefs:
          noise: {is: "normal(0, 0.2)", unit: "1", each: step, assumed: a test}
          g: {is: 0.5 to 2, unit: 1/year, assumed: a test}
        tables:
          base: {values: 2}
        stocks:
          x: {unit: "1", starts: 1, plus: {gain: "g * season * x * (1.5 if mood.high else 1) * (1 + noise)"}}
          y: {unit: "1", starts: 0, plus: {lagged: "g * delay(x, 60 days) + g * change(x, 30 days)"}}
          w: {unit: "1", starts: 0, plus: {fed: "g * (smooth(x, 3 months) + total(x) / 1 year)"}}
          v: {unit: "1", starts: 1, plus: {late: "v * 1 1/year if date > 2025-06-15 else 0"}}
        variables:
          season: base + exp(-(time / 1 year)) + lookup(time / 1 year, [[0, 0], [0.7, 1]])
        tracks:
          mood:
            stages: {low: {lasts: 2 to 8 months, then: high}, high: {lasts: 1 to 3 months, then: low}}
        decisions:
          tax: {by: state, every: 90 days, options: {low: {value: 0}, high: {value: x - 3}}}
        actors: {state: {title: The state}}
        events:
          shock: {rate: 2 1/year, does: ["x *= 0.8"]}
        measures:
          x: {}
          y: {}
          w: {}
          v: {}
          gain: {per: year}
        policies:
          later: [g *= 2 from 2025-07-01 until 2026-02-01, base += 1 from 2025-09-01]
        """
    )
    agree(checked, make)
    agree(checked, make, policy="later")


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("bounds", ["[0, 3]", "[-1, 0.9]", "[0.5, inf]"])
def test_a_future_stops_at_its_bounds(make: MakeEngine, bounds: str) -> None:
    checked = scenario(
        f"""
        sets:
          o: {{a: {{}}, b: {{}}}}
        beliefs:
          drift[o]: {{is: "normal(0, 0.2)", unit: 1/week, assumed: a test}}
        stocks:
          x[i in o]: {{unit: "1", starts: 0.7, within: {bounds}, plus: {{up: "drift[i]"}}}}
        measures:
          x[i in o]: {{}}
        """
    )
    games = agree(checked, make, futures=40)
    assert {g.stopped is None for g in games} == {True, False}


@pytest.mark.parametrize("make", ENGINES)
def test_reaching_a_bound_is_not_breaking_it(make: MakeEngine) -> None:
    checked = scenario(
        """
        stocks:
          x: {unit: "1", starts: 1, within: [0, 1], minus: {gone: 0.1 1/week if x > 0.05 else 0 1/week}}
        measures:
          x: {}
        """
    )
    assert all(g.stopped is None for g in agree(checked, make, futures=2))


@pytest.mark.parametrize("make", ENGINES)
def test_overflow_stops_the_future(make: MakeEngine) -> None:
    checked = scenario(
        """
        stocks:
          x: {unit: "1", starts: 10, plus: {up: x ** 3 * 1 1/week}}
        measures:
          flag: {of: 1 if x > 5 else 0}
        """
    )
    (played, *_) = agree(checked, make, futures=2)
    assert played.stopped is not None
    assert played.stopped[1] == {("x", ())}
