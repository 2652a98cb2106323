"""Small scenarios whose answers are known exactly, played by the engines: within four standard errors, or to 1e-5."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from conformance import ENGINES, MakeEngine, beliefs, scenario
from playout.compile.engine import BLOCK
from playout.compile.lower import lower
from playout.compile.rewrite import rewrite
from playout.model.checked import CheckedScenario

FUTURES = 4 * BLOCK
Array = NDArray[np.float64]


class Outcome:
    """What became of many futures: records joined along futures, tallies added up."""

    def __init__(self, checked: CheckedScenario, make: MakeEngine, futures: int = FUTURES, seed: int = 17) -> None:
        program = rewrite(lower(checked))
        engine = make(program)
        self.futures = futures
        self.blocks = []
        for first in range(0, futures, BLOCK):
            count = min(BLOCK, futures - first)
            rows = beliefs(checked, None, program.columns, range(first, first + count), seed)
            self.blocks.append(engine.play(first, count, rows, seed, keep=count))
            assert not self.blocks[-1].status.any()

    def record(self, name: str) -> Array:
        return np.concatenate([b.records[name] for b in self.blocks], axis=-1)

    def path(self, name: str) -> Array:
        return np.concatenate([b.paths[name] for b in self.blocks], axis=0).astype(np.float64)

    def tally(self, name: str) -> NDArray[np.int64]:
        return np.sum([b.tallies[name] for b in self.blocks], axis=0)


def assert_chance(happened: float, futures: int, chance: float) -> None:
    """A share of futures lies within four standard errors of its probability."""
    error = math.sqrt(chance * (1.0 - chance) / futures)
    assert abs(happened - chance) <= 4.0 * error, f"{happened:.4f}, expected {chance:.4f} ± {error:.4f}"


def assert_mean(values: Array, mean: float, variance: float) -> None:
    error = math.sqrt(variance / values.size)
    assert abs(values.mean() - mean) <= 4.0 * error, f"{values.mean():.4f}, expected {mean:.4f} ± {error:.4f}"


def assert_variance(values: Array, variance: float, fourth: float) -> None:
    """``fourth``: the law's fourth central moment, which says how much a sample's variance varies."""
    error = math.sqrt((fourth - variance**2) / values.size)
    assert abs(values.var() - variance) <= 4.0 * error, f"{values.var():.4f}, expected {variance:.4f} ± {error:.4f}"


def assert_law(values: Array, cdf: Callable[[float], float], at: list[float]) -> None:
    for x in at:
        assert_chance(float((values <= x).mean()), values.size, cdf(x))


# --- rates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("step", [1, 30])
def test_survival_at_step_ends(make: MakeEngine, step: int) -> None:
    checked = scenario(
        f"""
        step: {step} days
        horizon: 120 days
        tracks:
          t: {{stages: {{alive: {{}}, gone: {{}}}}, moves: [{{from: alive, to: gone, rate: 0.02 1/day}}]}}
        measures:
          alive: {{of: 1 if t.alive else 0}}
        """
    )
    alive = Outcome(checked, make).tally("t")[:, 0]
    for k in range(0, 120 // step + 1, max(1, 30 // step)):
        assert_chance(alive[k] / FUTURES, FUTURES, math.exp(-0.02 * k * step))


@pytest.mark.parametrize("make", ENGINES)
def test_competing_risks(make: MakeEngine) -> None:
    checked = scenario(
        """
        step: 10 days
        horizon: 100 days
        tracks:
          t:
            stages: {at_risk: {}, one: {}, two: {}, three: {}}
            moves:
              - {from: at_risk, to: one, rate: 0.01 1/day}
              - {from: at_risk, to: two, rate: 0.02 1/day}
              - {from: at_risk, to: three, rate: 0.005 1/day}
        measures:
          gone: {of: 0 if t.at_risk else 1}
        """
    )
    tally = Outcome(checked, make).tally("t") / FUTURES
    for k in (1, 5, 10):
        out = -math.expm1(-0.035 * 10 * k)
        for stage, rate in enumerate([0.01, 0.02, 0.005], start=1):
            assert_chance(tally[k, stage], FUTURES, rate / 0.035 * out)


@pytest.mark.parametrize("make", ENGINES)
def test_a_rate_runs_against_a_clock_for_just_as_long_as_the_clock_runs(make: MakeEngine) -> None:
    checked = scenario(
        """
        step: 7 days
        horizon: 70 days
        tracks:
          t:
            stages: {at_risk: {lasts: 17 days, then: safe}, safe: {}, lost: {}}
            moves: [{from: at_risk, to: lost, rate: 0.05 1/day}]
        measures:
          lost: {of: 1 if t.lost else 0}
        """
    )
    played = Outcome(checked, make)
    assert_chance(played.tally("t")[-1, 2] / FUTURES, FUTURES, -math.expm1(-0.05 * 17))
    safe = played.record("t.first.safe")
    assert set(safe[np.isfinite(safe)]) == {17.0}


@pytest.mark.parametrize("make", ENGINES)
def test_poisson_counts(make: MakeEngine) -> None:
    checked = scenario(
        """
        step: 10 days
        horizon: 50 days
        stocks:
          n: {unit: "1", starts: 0}
        events:
          rare: {rate: 0.03 1/day, does: [n += 1]}
          often: {rate: 4 1/day}
        measures:
          n: {}
        """
    )
    played = Outcome(checked, make)
    for name, mean in (("rare", 1.5), ("often", 200.0)):
        counts = played.record(f"events {name}")
        assert_mean(counts, mean, mean)
        assert_variance(counts, mean, mean + 3 * mean**2)
    assert_law(played.record("events rare"), lambda x: float(stats.poisson(1.5).cdf(x)), [0, 1, 2, 4])
    np.testing.assert_array_equal(played.path("n")[:, -1], played.record("events rare"))


# --- durations --------------------------------------------------------------------------------------------------------

LAWS = {
    "gamma(2.5, 12 days)": stats.gamma(2.5, scale=12),
    "lognormal(20 days, 0.7)": stats.lognorm(0.7, scale=20),
    "exponential(25 days)": stats.expon(scale=25),
    "10 to 60 days": stats.lognorm(math.log(6) / 2 / stats.norm.ppf(0.95), scale=math.sqrt(600)),
}


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("law", list(LAWS))
def test_durations(make: MakeEngine, law: str) -> None:
    """The date at which a stay ends has the law of its length to the moment, however long the steps are."""
    checked = scenario(
        f"""
        step: 30 days
        horizon: 4500 days
        tracks:
          t: {{stages: {{a: {{lasts: "{law}", then: b}}, b: {{}}}}}}
        measures:
          b: {{of: 1 if t.b else 0}}
        """
    )
    exact = LAWS[law]
    ends = Outcome(checked, make).record("t.first.b")
    assert_mean(ends, exact.mean(), exact.var())
    assert_law(ends, lambda x: float(exact.cdf(x)), [5.0, 15.0, 30.0, 31.0, 50.0, 80.0])


@pytest.mark.parametrize("make", ENGINES)
def test_a_chain_of_fixed_stays_ends_on_its_date(make: MakeEngine) -> None:
    checked = scenario(
        """
        step: 7 days
        horizon: 12 weeks
        tracks:
          t:
            stages:
              a: {lasts: 10 days, then: b}
              b: {lasts: 10 days, then: c}
              c: {lasts: 10 days, then: d}
              d: {lasts: 10 days, then: e}
              e: {lasts: 10 days, then: f}
              f: {}
        measures:
          f: {of: 1 if t.f else 0}
        """
    )
    played = Outcome(checked, make, futures=4)
    assert set(played.record("t.first.f")) == {50.0}
    assert played.tally("t")[:, 5].tolist() == [0] * 8 + [4] * 5


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("step", [1, 7, 30])
def test_a_chain_of_gammas_is_a_gamma(make: MakeEngine, step: int) -> None:
    """Four stays of gamma(2, 6 days): gamma(8, 6 days) whatever the step, so nothing rounds up at a link."""
    checked = scenario(
        f"""
        step: {step} days
        horizon: 240 days
        tracks:
          t:
            stages:
              a: {{lasts: "gamma(2, 6 days)", then: b}}
              b: {{lasts: "gamma(2, 6 days)", then: c}}
              c: {{lasts: "gamma(2, 6 days)", then: d}}
              d: {{lasts: "gamma(2, 6 days)", then: e}}
              e: {{}}
        measures:
          e: {{of: 1 if t.e else 0}}
        """
    )
    exact = stats.gamma(8, scale=6)
    ends = Outcome(checked, make, futures=2 * BLOCK).record("t.first.e")
    fourth = 3 * 8 * (8 + 2) * 6**4
    assert_mean(ends, 48.0, 288.0)
    assert_variance(ends, 288.0, fourth)
    assert_law(ends, lambda x: float(exact.cdf(x)), [25.0, 40.0, 48.0, 70.0])


@pytest.mark.parametrize("make", ENGINES)
def test_shares_of_then(make: MakeEngine) -> None:
    checked = scenario(
        """
        horizon: 4 weeks
        tracks:
          t:
            stages:
              a: {lasts: 5 days, then: {b: {share: 0.2}, c: {share: 0.5, when: time > 1 year}, d: {share: 0.3}}}
              b: {}
              c: {}
              d: {}
        measures:
          b: {of: 1 if t.b else 0}
        """
    )
    tally = Outcome(checked, make).tally("t")[-1] / FUTURES
    assert_chance(tally[1], FUTURES, 0.4)
    assert tally[2] == 0.0


# --- random walks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("p", [0.5, 0.45])
def test_gamblers_ruin(make: MakeEngine, p: float) -> None:
    start, goal = 2, 6
    checked = scenario(
        f"""
        step: 1 day
        horizon: 250 days
        beliefs:
          wins: {{is: bernoulli({p}), unit: "1", each: step, assumed: a test}}
        stocks:
          purse: {{unit: "1", starts: {start}, within: [0, {goal}]}}
        variables:
          playing: purse > 0 and purse < {goal}
        events:
          round: {{when: playing, does: [purse += 2 * wins - 1]}}
        measures:
          purse: {{}}
          rounds: {{of: total(round)}}
        """
    )
    last = Outcome(checked, make).path("purse")[:, -1]
    assert set(last) <= {0.0, float(goal)}
    odds = (1 - p) / p
    ruin = 1 - start / goal if p == 0.5 else (odds**start - odds**goal) / (1 - odds**goal)
    assert_chance(float((last == 0).mean()), FUTURES, ruin)


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("children", [0.9, 1.3])
def test_a_branching_process_dies_out(make: MakeEngine, children: float) -> None:
    """Galton and Watson: extinct by generation k with q_k = exp(m (q_{k-1} - 1)), to the founders' power."""
    founders, generations = 2, 12
    checked = scenario(
        f"""
        step: 1 week
        horizon: {generations} weeks
        stocks:
          alive: {{unit: "1", starts: {founders}, within: [0, inf]}}
        events:
          death: {{when: alive > 0, does: [alive = 0]}}
          birth: {{rate: "{children} 1/week * alive", does: [alive += 1]}}
        measures:
          alive: {{}}
        """
    )
    alive = Outcome(checked, make).path("alive")
    extinct = 0.0
    for k in range(1, generations + 1):
        extinct = math.exp(children * (extinct - 1))
        assert_chance(float((alive[:, k] == 0).mean()), FUTURES, extinct**founders)


@pytest.mark.parametrize("make", ENGINES)
def test_birth_and_death(make: MakeEngine) -> None:
    """Linear birth and death in continuous time, by steps so short that two deaths of one in a step are rare."""
    birth, death, founders, days = 0.010, 0.012, 3, 150
    checked = scenario(
        f"""
        step: 1 day
        horizon: {days} days
        stocks:
          alive: {{unit: "1", starts: {founders}}}
        variables:
          now: max(alive, 0)
        events:
          born: {{rate: {birth} 1/day * now, does: [alive += 1]}}
          dies: {{rate: {death} 1/day * now, does: [alive -= 1]}}
        measures:
          alive: {{}}
        """
    )
    alive = Outcome(checked, make, futures=2 * BLOCK).path("alive")
    growth = math.exp((birth - death) * days)
    extinct = (death * (growth - 1) / (birth * growth - death)) ** founders
    assert_chance(float((alive[:, -1] <= 0).mean()), 2 * BLOCK, extinct)
    variance = founders * (birth + death) / (birth - death) * growth * (growth - 1)
    assert_mean(alive[:, -1], founders * growth, variance)


# --- dynamics ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ENGINES)
def test_logistic_growth(make: MakeEngine) -> None:
    checked = scenario(
        """
        integrate: rk4
        step: 2 days
        horizon: 300 days
        beliefs:
          r: {is: "uniform(0.01, 0.04)", unit: 1/day, assumed: a test}
        stocks:
          x: {unit: person, starts: 10 persons, plus: {grown: r * x * (1 - x / 1000 persons)}}
        measures:
          x: {}
          gained: {of: total(grown)}
          r: {}
        """
    )
    played = Outcome(checked, make, futures=32)
    x, r = played.path("x"), played.path("r")[:, :1]
    t = 2.0 * np.arange(x.shape[1])
    exact = 1000.0 / (1.0 + 99.0 * np.exp(-r * t))
    np.testing.assert_allclose(x, exact, rtol=1e-5)
    np.testing.assert_allclose(played.path("gained"), x - 10.0, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("make", ENGINES)
def test_epidemic(make: MakeEngine) -> None:
    """SIR under rk4 against SciPy's solution; a contact rate that changes in time is taken at each stage's time."""
    checked = scenario(
        """
        integrate: rk4
        step: 2 days
        horizon: 800 days
        stocks:
          s: {unit: person, starts: 990 persons, minus: {infected: contact * s * i / (s + i + r)}}
          i: {unit: person, starts: 10 persons, plus: {caught: infected}, minus: {recovered: 0.02 1/day * i}}
          r: {unit: person, starts: 0, plus: {healed: recovered}}
        variables:
          contact: {is: "0.06 1/day * (1 - 0.5 * exp(-(time / 200 days)))", unit: 1/day}
        measures:
          s: {}
          i: {}
          r: {}
        """
    )

    def slopes(t: float, y: Array) -> list[float]:
        infected = 0.06 * (1 - 0.5 * math.exp(-t / 200)) * y[0] * y[1] / 1000
        return [-infected, infected - 0.02 * y[1], 0.02 * y[1]]

    times = np.arange(0.0, 801.0, 2.0)
    exact = integrate.solve_ivp(slopes, (0, 800), [990, 10, 0], t_eval=times, rtol=1e-10, atol=1e-10).y
    played = Outcome(checked, make, futures=1)
    for name, row in zip("sir", exact, strict=True):
        np.testing.assert_allclose(played.path(name)[0], row, rtol=1e-5)


# --- beliefs and choices ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("rho", [0.6, -0.8])
def test_rank_correlation_of_beliefs(make: MakeEngine, rho: float) -> None:
    checked = scenario(
        f"""
        horizon: 1 week
        beliefs:
          a: {{is: 1 to 10, unit: "1", assumed: a test}}
          b: {{is: "gamma(2, 3)", unit: "1", assumed: a test}}
          c: {{is: "uniform(0, 1)", unit: "1", assumed: a test}}
        together: [[a, b, {rho}]]
        measures:
          a: {{}}
          b: {{}}
          c: {{}}
        """
    )
    played = Outcome(checked, make)
    a, b, c = (played.path(name)[:, 0] for name in "abc")
    error = (1 - rho**2) * math.sqrt(1 + rho**2 / 2) / math.sqrt(FUTURES)
    assert abs(stats.spearmanr(a, b).statistic - rho) <= 4 * error
    assert abs(stats.spearmanr(a, c).statistic) <= 4 / math.sqrt(FUTURES)
    interval = stats.lognorm(math.log(10) / 2 / stats.norm.ppf(0.95), scale=math.sqrt(10))
    assert_law(a, lambda x: float(interval.cdf(x)), [1, 3, 10])
    assert_law(b, lambda x: float(stats.gamma(2, scale=3).cdf(x)), [1, 3, 10])


@pytest.mark.parametrize("make", ENGINES)
def test_logit_choices(make: MakeEngine) -> None:
    checked = scenario(
        """
        horizon: 3 weeks
        actors: {chief: {title: The chief}}
        sets:
          o: {x: {}, y: {}, z: {}}
        tables:
          worth[o]: {values: {x: 0, y: 1, z: -1}}
        decisions:
          way: {by: chief, rationality: 1.5, options: {a: {value: 0}, b: {value: 0.4}, c: {value: -0.6}}}
          coin: {by: chief, rationality: 0, options: {a: {value: 0}, b: {value: 100}}}
          best: {by: chief, rationality: 1e6, options: {a: {value: 0}, b: {value: 1}}}
          some: {by: chief, options: {a: {value: 0}, b: {value: 5, when: time > 1 year}, c: {value: 1}}}
          target: {by: chief, choose: o, value: "worth[o]", rationality: 0.7}
          tie: {by: chief, rationality: 1e300, options: {a: {value: 0.5}, b: {value: 1}, c: {value: 1}}}
          tied: {by: chief, rationality: 1e300, choose: o, value: "worth[o] ** 2"}
        measures:
          a: {of: 1 if way == a else 0}
        """
    )
    played = Outcome(checked, make)
    expected = {
        "way": np.exp([0, 0.6, -0.9]),
        "coin": np.array([1.0, 1.0]),
        "some": np.array([1.0, 0.0, math.e]),
        "target": np.exp([0, 0.7, -0.7]),
    }
    for name, weights in expected.items():
        chosen = played.record(f"choice {name}")
        for option, weight in enumerate(weights):
            assert_chance(float((chosen == option).mean()), FUTURES, float(weight / weights.sum()))
    assert set(played.record("choice best")) == {1.0}
    # Beside such values the noise is lost in rounding: a tie goes to the first listed.
    assert set(played.record("choice tie")) == set(played.record("choice tied")) == {1.0}
