"""The forecaster of homicides: it finds what made simulated counts, and covers what they do next."""

from __future__ import annotations

import numpy as np
import pytest
from calibration.homicides import Fit, Jumps, fit, forecast, log_negative_binomial, means, random_walk
from calibration.scores import Floats, coverage, crps
from scipy import stats


def simulated(months: int, states: int, carry: float, weight: float, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    truth = Fit(
        carry, weight, random.uniform(3, 5, states), np.zeros(states), np.full(states, 25.0), np.zeros(states), 0.0
    )
    return forecast(truth, months, 1, random)[0]


def test_the_probability_of_counts_is_the_negative_binomials() -> None:
    counts = np.array([0.0, 3.0, 40.0])
    found = log_negative_binomial(counts, np.array(10.0), np.array(4.0))
    assert found == pytest.approx(stats.nbinom.logpmf(counts, 4, 4 / 14))
    assert log_negative_binomial(np.array([np.nan]), np.array(10.0), np.array(4.0)) == [0.0]


def test_the_mean_follows_a_lasting_change_where_nothing_returns() -> None:
    counts = np.full((60, 1), 50.0)
    counts[30:] = 100.0
    found, residual = means(counts, np.log([50.0]), np.zeros(1), np.array(1.0), np.array(0.4))
    assert found[29, 0] == pytest.approx(50)
    assert found[59, 0] == pytest.approx(100, rel=0.01)
    assert residual[0] == pytest.approx(np.log(2), abs=0.01)


def test_fitting_recovers_what_made_the_counts() -> None:
    found = fit(simulated(120, 32, 0.97, 0.35, 3))
    assert found.carry == pytest.approx(0.97, abs=0.03)
    assert found.weight == pytest.approx(0.35, abs=0.101)
    assert np.median(found.size) == pytest.approx(25, rel=0.3)
    assert abs(np.median(found.slope)) < 0.003


def test_a_month_not_reported_moves_nothing() -> None:
    counts = simulated(60, 3, 0.97, 0.35, 4)
    counts[10:13, 1] = np.nan
    found = fit(counts)
    assert np.isfinite(found.level).all()
    assert np.isfinite(found.log_likelihood)


def test_forecasts_cover_what_the_same_law_does_next_and_beat_the_random_walk() -> None:
    random = np.random.default_rng(5)
    inside, ours, naive = [], [], []
    for seed in range(6):
        counts = simulated(72, 32, 0.99, 0.35, 10 + seed)
        drawn = forecast(fit(counts[:60]), 12, 400, random)
        inside.append(coverage(drawn, counts[60:], 0.9, random))
        ours.append(crps(drawn, counts[60:]).mean())
        naive.append(crps(random_walk(counts[:60], 12, 400, random), counts[60:]).mean())
    assert np.mean(inside) == pytest.approx(0.9, abs=0.05)
    assert np.mean(ours) < np.mean(naive)


def test_jumps_widen_a_forecast_upward() -> None:
    counts = simulated(60, 32, 0.99, 0.35, 6)
    fitted = fit(counts)
    plain = forecast(fitted, 12, 400, np.random.default_rng(1))
    jumped = forecast(fitted, 12, 400, np.random.default_rng(1), Jumps(0.01, 0.0, 1.0, 0.1))
    assert np.quantile(jumped, 0.99) > np.quantile(plain, 0.99)
    assert jumped.mean() > plain.mean()
